"""The command line: what it prints, what it writes, and its exit statuses."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.catalog import CATALOG
from engine.recording import read_recording
from levels.campaign import campaign
from levels.sandbox import FOLDER
from tui.board_files import save_board
from tui.cli import BAD_INPUT, LOST, WON, run
from tui.export.series import FIXED
from tui.render.figures import clock
from tui.shelf import Best, keep_best

ROOT = Path(__file__).parent.parent

SHORT = """
slug = "short"
chapter = "test"
duration_s = 60
seed = 3
[budget]
month_usd = 500.0
[[traffic]]
kind = "constant"
rps = 20.0
start_s = 5
[[requests]]
name = "page"
share = 1.0
app_ms = 5.0
deadline_ms = 400
[[board.instances]]
id = "web-1"
type = "m5.large"
[objectives]
error_budget = 0.5
two_stars_month_usd = 400.0
"""


@pytest.fixture
def level(tmp_path: Path) -> str:
    """A level of a minute, which wins by itself unless its machine is stopped."""
    path = tmp_path / "short" / "level.toml"
    path.parent.mkdir()
    path.write_text(SHORT)
    plans = path.parent / "plans"
    plans.mkdir()
    stop = '[[steps]]\nat_s = 2\ndo = "stop_instance"\ninstance = "web-1"\n'
    (plans / "stop.toml").write_text(stop)
    return str(path)


Captured = pytest.CaptureFixture[str]


def test_a_won_run_is_told_and_exits_0(level: str, capsys: Captured) -> None:
    assert run(["run", level]) == WON
    out, err = capsys.readouterr()
    assert "short: won, ★★★ at 1:00" in out
    assert "0 late, 0 failed" in out
    assert err == ""


@pytest.mark.parametrize("plan", ["stop", "FILE"])
def test_a_lost_run_exits_1_and_says_why(level: str, capsys: Captured, plan: str) -> None:
    if plan == "FILE":
        plan = str(Path(level).parent / "plans" / "stop.toml")
    assert run(["run", level, "--plan", plan]) == LOST
    assert "lost, error budget empty: mostly connection refused at web-1" in capsys.readouterr().out


def test_json_holds_the_figures(level: str, capsys: Captured) -> None:
    assert run(["run", level, "--json"]) == WON
    result = json.loads(capsys.readouterr().out)
    assert result["verdict"]["won"] is True
    assert (result["stars"], result["seed"], result["duration_s"]) == (3, 3, 60)
    requests = result["requests"]
    ended = requests["good"] + requests["late"] + sum(requests["failed"].values())
    assert requests["demanded"] == ended + requests["in_flight"] > 900
    assert {"mean", "p50", "p95", "p99", "classes"} <= set(result["latency_ms"])
    assert set(result["utilization"]) >= {"web-1/cpu"}
    assert result["frames"] == 61
    assert result["wall_s"] >= 0
    spent = sum(x["amount_micro_usd"] for x in result["cost"]["lines"] if x.get("counted", True))
    assert spent == round(result["cost"]["spent_usd"] * 1e6)


def test_fresh_processes_agree_whatever_their_hash_seed(level: str) -> None:
    digests = set()
    for hash_seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", "from tui.cli import main; main()", "run", level, "--json"],
            cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        digests.add(json.loads(done.stdout)["digest"])
    assert len(digests) == 1


@pytest.mark.skipif(
    "HEADROOM_PYTHONS" not in os.environ,
    reason="HEADROOM_PYTHONS names no interpreters (python3.12:python3.13, with our packages)",
)
def test_other_pythons_agree() -> None:
    arguments = ["run", "keep-the-data", "--plan", "snapshot", "--json"]
    digests = {}
    for python in [sys.executable, *os.environ["HEADROOM_PYTHONS"].split(":")]:
        done = subprocess.run(
            [python, "-c", "from tui.cli import main; main()", *arguments],
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        digests[python] = json.loads(done.stdout)["digest"]
    assert len(set(digests.values())) == 1, digests


def test_another_seed_is_another_run(level: str, capsys: Captured) -> None:
    digests = set()
    for seed in ("3", "4"):
        run(["run", level, "--json", "--seed", seed])
        digests.add(json.loads(capsys.readouterr().out)["digest"])
    assert len(digests) == 2


def test_csv_has_a_row_for_every_second(level: str, tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "out.csv"
    run(["run", level, "--csv", str(path), "--json"])
    result = json.loads(capsys.readouterr().out)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0])[: len(FIXED)] == FIXED
    assert [int(row["second"]) for row in rows] == list(range(61))
    assert sum(int(row["demanded"]) for row in rows) == result["requests"]["demanded"]
    assert sorted(os.listdir(tmp_path)) == ["out.csv", "short"]


def test_a_recorded_run_verifies(level: str, tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "a.headroom"
    assert run(["run", level, "--plan", "stop", "--record", str(path)]) == LOST
    recording = read_recording(path)
    assert recording.result is not None
    assert [line.second for line in recording.commands] == [2]
    capsys.readouterr()
    assert run(["verify", str(path)]) == WON
    assert capsys.readouterr().out.startswith(f"verified: all {len(recording.frames)} frames")


def test_a_file_of_traffic_replaces_the_levels_own(
    level: str, tmp_path: Path, capsys: Captured
) -> None:
    path = tmp_path / "day.csv"
    path.write_text("second,rps\n0,100\n600,100\n1200,100\n")
    options = ["--traffic", str(path), "--faster", "12", "--scale", "0.5", "--from-s", "240"]
    record = tmp_path / "a.headroom"
    run(["run", level, "--json", *options, "--record", str(record)])
    result = json.loads(capsys.readouterr().out)
    assert result["duration_s"] == 5 + 80
    assert result["requests"]["demanded"] == pytest.approx(80 * 50, abs=4 * (80 * 50) ** 0.5)
    path.unlink()
    assert run(["verify", str(record)]) == WON


LOG = """h - - [17/May/2015:10:00:00 +0000] "GET /a HTTP/1.1" 200 5
not a line of a log
h - - [17/May/2015:10:01:30 +0000] "GET /b HTTP/1.1" 200 5

\x1b[2J broken too
"""


def test_broken_lines_of_a_log_are_reported(level: str, tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "access.log"
    path.write_text(LOG)
    run(["run", level, "--json", "--traffic", str(path)])
    out, err = capsys.readouterr()
    assert json.loads(out)["duration_s"] == 5 + 91
    assert err == f"headroom: {path}: 2 of 4 lines are in no log format; passed over\n"


def test_a_recorded_run_is_explained_in_both_languages(
    level: str, tmp_path: Path, capsys: Captured
) -> None:
    path = tmp_path / "a.headroom"
    run(["run", level, "--plan", "stop", "--record", str(path)])
    capsys.readouterr()
    told = {}
    for language in ("en", "ko"):
        assert run(["explain", str(path), "--lang", language]) == WON
        told[language] = capsys.readouterr().out
        assert "web-1" in told[language]
    assert told["en"].startswith("short 0:")
    assert told["en"] != told["ko"]
    assert "you: stopping web-1" in told["en"]
    assert "users: " in told["en"]


def test_a_recorded_run_is_compared_with_the_reference_plan(
    level: str, tmp_path: Path, capsys: Captured
) -> None:
    lost, other = tmp_path / "lost.headroom", tmp_path / "other.headroom"
    run(["run", "first-server", "--record", str(lost)])
    run(["run", level, "--plan", "stop", "--record", str(other)])
    capsys.readouterr()
    assert run(["explain", str(lost), "--compare", "--lang", "en"]) == WON
    out = capsys.readouterr().out
    assert "at 0:30 the reference plan did what you did not: launched web-1: m5.large" in out
    assert "reference plan" in out
    assert run(["explain", str(other), "--compare", "--lang", "en"]) == WON
    assert "--level" in capsys.readouterr().out


def test_a_run_of_a_level_of_ones_own_is_compared_where_that_lies(
    level: str, tmp_path: Path, capsys: Captured
) -> None:
    plans = Path(level).parent / "plans"
    run(["run", level, "--plan", "stop", "--seed", "7", "--record", str(tmp_path / "a.headroom")])
    told = ["explain", str(tmp_path / "a.headroom"), "--lang", "en", "--level"]
    capsys.readouterr()
    assert run([*told, level]) == WON
    assert "without a reference plan" in capsys.readouterr().out
    (plans / "reference.toml").write_text("steps = []")
    assert run([*told, level]) == WON
    assert "reference plan" in capsys.readouterr().out
    assert run([*told, "first-server"]) == BAD_INPUT
    assert "is not the level of this recording" in capsys.readouterr().err


def test_a_finished_recording_that_lost_its_end_is_verified_as_far_as_it_goes(
    tmp_path: Path, capsys: Captured
) -> None:
    path, cut = tmp_path / "a.headroom", tmp_path / "cut.headroom"
    run(["run", "first-server", "--record", str(path)])
    capsys.readouterr()
    assert run(["verify", str(path)]) == WON
    assert "cut off" not in capsys.readouterr().out
    whole = path.read_bytes()
    cut.write_bytes(whole[: len(whole) // 2])
    assert run(["verify", str(cut)]) == WON
    seen = read_recording(cut).frames
    out = capsys.readouterr().out
    assert out.startswith(f"verified: all {len(seen):,} frames came out the same")
    assert out.rstrip().endswith(f"cut off at {clock(seen[-1].second)}")


def test_what_was_played_otherwise_than_its_plan_is_told_for_good(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("day.csv").write_text("second,rps\n0,10\n300,40\n")
    run(["run", "first-server", "--traffic", "day.csv", "--record", "level.headroom"])
    run(["sandbox", "one-box", "--run", "--duration", "60", "--record", "free.headroom"])
    run(["run", "endless", "--record", "endless.headroom"])
    capsys.readouterr()
    for name, why in (
        ("level", "played with other traffic (day.csv)"),
        ("free", "Free play has no reference plan"),
        ("endless", "An endless run has no reference plan"),
    ):
        assert run(["explain", f"{name}.headroom", "--compare", "--lang", "en"]) == WON
        said = capsys.readouterr().out.splitlines()[-1]
        assert why in said
        assert "--level" not in said
    assert run(["explain", "level.headroom", "--level", "first-server"]) == BAD_INPUT
    assert "was played with other traffic, day.csv" in capsys.readouterr().err


def test_saved_runs_are_listed(
    level: str, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADROOM_HOME", str(tmp_path))
    assert run(["runs"]) == WON
    assert "no saved runs" in capsys.readouterr().out
    run(["run", level, "--record", str(tmp_path / "runs" / "20260101-000000-short.headroom")])
    keep_best("other", Best(2, 12_340_000, 3))
    capsys.readouterr()
    assert run(["runs"]) == WON
    out = capsys.readouterr().out
    assert "won ★★★ at 1:00" in out
    assert "MB" in out
    assert "$12.34 spent" in out


@pytest.mark.parametrize(
    "asked",
    [
        None,
        "ec2",
        "ebs",
        "rds",
        "m5",
        "c5.large",
        "st1",
        "db.r5",
        "oracle-se2",
        "elasticache",
        "cache.t3.micro",
    ],
)
def test_the_catalog_is_shown(asked: str | None, capsys: Captured) -> None:
    assert run(["catalog", *([asked] if asked else [])]) == WON
    out = capsys.readouterr().out
    assert CATALOG.as_of in out
    shown = {line.split()[0] for line in out.splitlines() if line}
    databases = {*CATALOG.rds_types, *CATALOG.rds_engines}
    caches = set(CATALOG.cache_types)
    types = {*CATALOG.instance_types, *CATALOG.volume_types, *databases, *caches}
    wanted = {
        None: types, "ec2": set(CATALOG.instance_types), "ebs": set(CATALOG.volume_types),
        "rds": databases, "elasticache": caches,
        "m5": {name for name in types if name.startswith("m5")},
        "db.r5": {name for name in types if name.startswith("db.r5")},
    }.get(asked, {str(asked)})  # fmt: skip
    assert shown & types == wanted


def test_the_doctor_looks_at_everything(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADROOM_HOME", str(tmp_path / "home"))
    assert run(["doctor"]) == WON
    out = capsys.readouterr().out
    for what in ("python", "numpy", "simpy", "textual", "terminal", "size", "encoding", "colour"):
        assert f"\n{what} " in f"\n{out}"
    assert not (tmp_path / "home").exists()
    (tmp_path / "home").write_text("a file")
    assert run(["doctor"]) == LOST
    assert "cannot be written" in capsys.readouterr().out


def test_levels_are_listed(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADROOM_HOME", os.devnull)
    assert run(["levels"]) == WON
    lines = capsys.readouterr().out.splitlines()
    slugs = [level.slug for level in campaign()]
    assert [line.split()[0] for line in lines] == [*slugs, "endless", "daily"]


def test_a_level_is_checked(level: str, capsys: Captured) -> None:
    assert run(["levels", "--check", level]) == WON
    assert "a good level, short, with 0 proofs" in capsys.readouterr().out


def test_a_proof_that_fails_exits_1(level: str, capsys: Captured) -> None:
    with Path(level).open("a") as file:
        file.write('[[proofs]]\nplan = "empty"\nexpect = "lose"\nbecause = { reason = "late" }\n')
    assert run(["prove", level, "--seeds", "2"]) == LOST
    out = capsys.readouterr().out
    assert out.count("WRONG: must lose") == 2


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["-h"]])
def test_help_is_shown(arguments: list[str], capsys: Captured) -> None:
    assert run(arguments) == WON
    assert "Usage: headroom" in capsys.readouterr().out


def test_a_language_before_the_command_holds_for_it(capsys: Captured) -> None:
    assert run(["--lang", "ko", "levels"]) == WON
    asked_before = capsys.readouterr().out
    assert run(["levels", "--lang", "ko"]) == WON
    assert capsys.readouterr().out == asked_before
    assert run(["--lang", "xx", "levels"]) == BAD_INPUT
    assert "no language 'xx'" in capsys.readouterr().err


def test_help_is_light() -> None:
    program = """
import sys
from tui.cli import run
run(["--help"])
heavy = {"numpy", "simpy", "textual", "rich", "engine.scenario"} & set(sys.modules)
sys.exit(1 if heavy else 0)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0


def test_no_terminal_is_said(level: str, capsys: Captured) -> None:
    for arguments in ([], ["play", level]):
        assert run(arguments) == BAD_INPUT
        assert "no terminal" in capsys.readouterr().err


def test_a_sandbox_runs_without_a_screen_twice_with_one_digest(capsys: Captured) -> None:
    digests = []
    for _ in range(2):
        assert run(["sandbox", "starter", "--run", "--duration", "90", "--json"]) == WON
        result = json.loads(capsys.readouterr().out)
        digests.append(result["digest"])
        assert (result["verdict"]["cause"], result["duration_s"]) == ("ended", 90)
    assert digests[0] == digests[1]


def test_a_sandbox_has_any_budget_or_no_bill(capsys: Captured) -> None:
    command = ["sandbox", "one-box", "--run", "--duration", "60"]
    assert run([*command, "--budget", "0.5"]) == WON
    assert "of $0.50; an hour is billed as a month" in capsys.readouterr().out
    assert run([*command, "--no-bill"]) == WON
    assert "the bill is off; $0.00 spent" in capsys.readouterr().out
    assert run([*command, "--budget", "0"]) == BAD_INPUT


def test_a_sandbox_takes_a_traffic_file_and_a_plan(tmp_path: Path, capsys: Captured) -> None:
    day, plan, record = tmp_path / "day.csv", tmp_path / "plan.toml", tmp_path / "x.headroom"
    day.write_text("second,rps\n0,10\n600,40\n")
    crash = 'do = "start_incident"\nkind = "instance_crash"\ntarget = "web-1"'
    plan.write_text(
        f'[[steps]]\nat_s = 20\ndo = "set_rate"\nrps = 80.0\n[[steps]]\nat_s = 40\n{crash}\n'
    )
    command = ["sandbox", "one-box", "--run", "--traffic", str(day), "--faster", "5", "--json"]
    assert run([*command, "--plan", str(plan), "--record", str(record)]) == WON
    result = json.loads(capsys.readouterr().out)
    assert result["duration_s"] == 120
    assert result["requests"]["demanded"] == pytest.approx(20 * 12.5 + 100 * 80, rel=0.05)
    assert result["requests"]["failed"]["connection_refused"] > 1_000
    assert run(["verify", str(record)]) == WON


def test_a_sandbox_says_what_it_cannot_do(tmp_path: Path, capsys: Captured) -> None:
    for arguments, said in (
        (["nowhere"], "there is no such board"),
        ([str(tmp_path / "x.toml")], "there is no such file"),
        (["starter", "--json"], "--run as well"),
        (["starter", "--run", "--duration", "5"], "--duration"),
        (["starter"], "no terminal"),
    ):
        assert run(["sandbox", *arguments]) == BAD_INPUT
        assert said in capsys.readouterr().err


def test_a_traffic_file_that_is_none_is_one_line_on_the_screen_as_well(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.cli.sandbox.open_app", lambda *_, **__: pytest.fail("was opened"))
    log = tmp_path / "access.log"
    log.write_text("no log\n" * 3)
    assert run(["sandbox", "one-box", "--traffic", str(log)]) == BAD_INPUT
    assert "none of its 3 lines is of an access log" in capsys.readouterr().err


def test_a_csv_never_goes_over_a_file_unless_forced(tmp_path: Path, capsys: Captured) -> None:
    day = tmp_path / "day.csv"
    day.write_text("second,rps\n0,10\n60,40\n")
    command = ["sandbox", "one-box", "--run", "--traffic", str(day), "--csv"]
    assert run([*command, str(day)]) == BAD_INPUT
    assert "is there already; expected a new file's name, or --force" in capsys.readouterr().err
    assert day.read_text().startswith("second,rps\n")
    out = tmp_path / "out.csv"
    for more in ([], ["--force"]):
        assert run([*command, str(out), *more]) == WON
    assert run([*command, str(out)]) == BAD_INPUT


def test_refused_steps_of_a_plan_are_told(tmp_path: Path, capsys: Captured) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(
        '[[steps]]\nat_s = 20\ndo = "start_incident"\nkind = "zone_outage"\ntarget = "q"\n'
    )
    command = ["sandbox", "one-box", "--run", "--duration", "60", "--json"]
    assert run([*command, "--plan", str(plan)]) == WON
    out, err = capsys.readouterr()
    assert json.loads(out)["verdict"]["cause"] == "ended"
    assert err.startswith("headroom: plan at 0:20: Trouble")
    assert "Refused: there is nothing by the name 'q'" in err


def test_steps_that_never_came_are_told(tmp_path: Path, capsys: Captured) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(
        '[[steps]]\nat_s = 20\ndo = "set_rate"\nrps = 5.0\n'
        '[[steps]]\nat_s = 1000\ndo = "set_rate"\nrps = 9.0\n'
    )
    command = ["sandbox", "one-box", "--run", "--duration", "60", "--plan", str(plan)]
    assert run(command) == WON
    err = capsys.readouterr().err
    assert err == "headroom: plan: steps[1]: never came; the run ended at 1:00\n"


@pytest.mark.parametrize("option", ["--faster", "--scale", "--from-s"])
@pytest.mark.parametrize("command", [["run", "first-server"], ["sandbox", "one-box", "--run"]])
def test_an_option_about_a_traffic_file_wants_one(
    command: list[str], option: str, capsys: Captured
) -> None:
    assert run([*command, option, "12"]) == BAD_INPUT
    said = f"headroom: {option}: is about a traffic file; expected --traffic FILE as well\n"
    assert capsys.readouterr().err == said


def test_a_saved_board_is_opened_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("HEADROOM_HOME", str(tmp_path))
    path = save_board((FOLDER / "one-box.toml").read_text(encoding="utf-8"))
    assert path is not None
    assert run(["sandbox", path.stem, "--run", "--duration", "60"]) == WON
    assert f"sandbox-{path.stem}: ended at 1:00" in capsys.readouterr().out
    assert run(["sandbox", "board-77", "--run"]) == BAD_INPUT
    assert f"serverless-data, {path.stem}, or a board.toml" in capsys.readouterr().err


def test_transfer_that_the_budget_leaves_out_is_told(capsys: Captured) -> None:
    assert run(["sandbox", "one-box", "--run", "--duration", "60"]) == WON
    said = " of transfer so far, $516.22 a month at this rate, on the invoice but not in that"
    assert said in capsys.readouterr().out
