"""Any run becomes a plan: played again it gives the same run, to the digest."""

import json
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given, settings

from engine.complaint import Complaint
from engine.outcomes import Accepted, Outcome, RefusalReason, Refused
from engine.recording import CommandLine, Header, Recording, read_recording
from engine.services.command import Command
from engine.services.registry import read_command
from engine.services.sandbox import TakeTraffic
from engine.simulation import Simulation
from levels.growth import endless
from levels.plan import MAX_STEPS, Plan, read_plan
from levels.plan import Timing as PlanTiming
from tests.test_random_fleet import RandomFleet
from tests.test_stateful import THOROUGH
from tui.cli import run
from tui.export import plan as plans
from tui.export.plan import plan_lines
from tui.headless import play_out

HEADER = Header(1, "", "", "", "made-up", {}, 7, "2026-01-02")

ACCEPTED = Accepted()


def recorded(*lines: CommandLine) -> Recording:
    return Recording(HEADER, lines, (), None)


def read_back(recording: Recording) -> Plan:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "plan.toml"
        path.write_text("\n".join(plan_lines(recording)), encoding="utf-8")
        return read_plan(path)


@pytest.mark.parametrize(
    ("slug", "plan", "seed"),
    [
        ("first-server", "reference", 1),
        ("scale-up", "watchful", 2),
        ("keep-the-data", "snapshot", 3),
        ("split-database", "reference", 4),
    ],
)
def test_the_plan_of_a_run_plays_it_again(
    slug: str, plan: str, seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, again = tmp_path / "a.headroom", tmp_path / "plan.toml"
    asked = ["run", slug, "--seed", str(seed), "--json", "--plan"]
    status = run([*asked, plan, "--record", str(first)])
    result = json.loads(capsys.readouterr().out)
    assert run(["export", str(first), "--to", "plan", "-o", str(again)]) == 0
    assert run([*asked, str(again)]) == status
    assert json.loads(capsys.readouterr().out)["digest"] == result["digest"]
    said = again.read_text(encoding="utf-8").splitlines()
    assert f"headroom run {slug} --seed {seed}" in said[2]
    given = read_recording(first).commands
    done = [line for line in given if isinstance(line.outcome, Accepted)]
    steps = read_plan(again).steps
    assert [(step.at_s, step.command) for step in steps] == [
        (line.second, read_command(line.command, "")) for line in done
    ]


def test_the_plan_of_a_sandbox_says_how_it_is_run_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("day.csv").write_text("second,rps\n0,10\n600,40\n")
    Path("moves.toml").write_text('[[steps]]\nat_s = 20\ndo = "set_rate"\nrps = 80.0\n')
    asked = [
        "sandbox",
        "one-box",
        "--run",
        "--json",
        "--seed",
        "5",
        "--budget",
        "99.5",
        "--no-bill",
    ]
    asked += ["--traffic", "day.csv", "--faster", "5", "--from-s", "60", "--scale", "2"]
    assert run([*asked, "--plan", "moves.toml", "--record", "a.headroom"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert run(["export", "a.headroom", "--to", "plan", "-o", "again.toml"]) == 0
    said = Path("again.toml").read_text(encoding="utf-8").splitlines()[2]
    words = said.removeprefix("#   headroom ").replace("THIS-FILE", "again.toml").split()
    assert run([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["digest"] == result["digest"]
    assert run(["export", "a.headroom", "--to", "card", "--lang", "en"]) == 0
    card = capsys.readouterr().out.splitlines()
    assert "Score" not in card[1]
    assert card[-2].startswith("headroom sandbox one-box --seed 5 --traffic day.csv")


def test_a_day_of_traffic_is_a_plan_that_can_be_read() -> None:
    day = TakeTraffic(tuple(n % 10 for n in range(86_400)), steps=True, file="access.log")
    curve = TakeTraffic((1.5, 20, 3), every_s=60, file="day.csv")
    lines = [CommandLine(n, msgspec.to_builtins(c), ACCEPTED) for n, c in ((3, day), (9, curve))]
    assert [step.command for step in read_back(recorded(*lines)).steps] == [day, curve]
    with pytest.raises(Complaint, match="too much for a plan"):
        plan_lines(recorded(lines[0], lines[0]))


class RandomPlan(RandomFleet):
    """A player who tries anything, and whose moves are then read from a plan."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[CommandLine] = []

    def try_it(self, command: Command) -> Outcome:
        second = self.simulation.frame().second
        outcome = super().try_it(command)
        self.given.append(CommandLine(second, msgspec.to_builtins(command), outcome))
        return outcome

    def teardown(self) -> None:
        if not hasattr(self, "simulation"):
            return
        self.simulation.advance(self.scenario.duration_s)
        again = Simulation(self.scenario, self.simulation.seed)
        play_out(again, read_back(recorded(*self.given)), [])
        assert again.digest() == self.simulation.digest()


TestRandomPlan = RandomPlan.TestCase
TestRandomPlan.settings = settings(
    max_examples=THOROUGH or 10,
    stateful_step_count=20,
    derandomize=not THOROUGH,
    database=None,
    deadline=None,
)


PLAIN = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(values=st.dictionaries(st.text().filter(lambda k: k not in plans.TIMING), PLAIN, max_size=5))
@settings(derandomize=True, database=None, deadline=None)
def test_whatever_a_command_holds_is_toml(values: dict[str, object]) -> None:
    refused = Refused(RefusalReason.NO_CHANGE)
    lines = list(
        plan_lines(recorded(CommandLine(5, values, ACCEPTED), CommandLine(6, values, refused)))
    )
    assert all(line.isprintable() for line in lines)
    (step,) = tomllib.loads("\n".join(lines))["steps"]
    assert step == {"at_s": 5, **values}


def test_a_run_without_commands_is_an_empty_plan() -> None:
    assert read_back(recorded()) == Plan()


def test_refused_commands_are_remarks() -> None:
    refused = Refused(RefusalReason.NO_CHANGE)
    (line,) = list(plan_lines(recorded(CommandLine(9, {"do": "stop_instance"}, refused))))[-1:]
    assert line == '# 9: {do = "stop_instance"} was refused, no_change'


def test_what_no_plan_can_hold_is_said() -> None:
    many = [CommandLine(1, {"do": "x"}, ACCEPTED)] * (MAX_STEPS + 1)
    with pytest.raises(Complaint, match="501 commands were given"):
        list(plan_lines(recorded(*many)))
    with pytest.raises(Complaint, match="none that a plan can hold"):
        list(plan_lines(recorded(CommandLine(1, {"do": "x", "at_s": 3}, ACCEPTED))))


def test_plans_are_written_by_the_rules_that_they_are_read_by() -> None:
    assert plans.MAX_STEPS == MAX_STEPS
    assert set(PlanTiming.__struct_fields__) == plans.TIMING


def test_the_names_of_traffic_files_are_told() -> None:
    header = msgspec.structs.replace(HEADER, traces={"day.csv": "", "a\nb": ""})
    lines = list(plan_lines(Recording(header, (), (), None)))
    assert lines[3] == r"# Its traffic came from a\x0ab, day.csv."


def test_the_plan_of_a_level_on_other_traffic_names_its_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("day.csv").write_text("second,rps\n0,10\n3600,40\n")
    asked = ["run", "first-server", "--traffic", "day.csv", "--faster", "12", "--json"]
    assert run([*asked, "--plan", "reference", "--record", "a.headroom"]) in (0, 1)
    result = json.loads(capsys.readouterr().out)
    assert run(["export", "a.headroom", "--to", "plan", "-o", "again.toml"]) == 0
    _, promise, command, came_from = Path("again.toml").read_text("utf-8").splitlines()[:4]
    assert promise == "# The same run again, to the same digest:"
    assert came_from == "# Its traffic came from day.csv."
    words = command.removeprefix("#   headroom ").replace("THIS-FILE", "again.toml").split()
    assert run([*words, "--json"]) in (0, 1)
    assert json.loads(capsys.readouterr().out)["digest"] == result["digest"]
    assert run(["export", "a.headroom", "--to", "card", "--lang", "en"]) == 0
    card = capsys.readouterr().out.splitlines()
    assert card[-3] == "From the same start:"
    assert " ".join(line.removesuffix("\\").strip() for line in card[-2:]) == (
        "headroom play first-server --seed 11 --traffic day.csv --faster 12"
    )


def promise(recording: Recording) -> str:
    return list(plan_lines(recording))[1]


def test_of_a_run_that_was_cut_off_only_its_beginning_is_promised(tmp_path: Path) -> None:
    path = tmp_path / "a.headroom"
    assert run(["run", "first-server", "--record", str(path)]) in (0, 1)
    whole = read_recording(path)
    cut = msgspec.structs.replace(whole, frames=whole.frames[:46], result=None)
    assert promise(whole) == "# The same run again, to the same digest:"
    assert promise(cut) == (
        "# This run was cut off at 0:45. The same again, and on; its first 45 s come out the same:"
    )


def test_of_what_the_game_has_not_no_digest_is_promised_without_a_condition(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.headroom"
    assert run(["run", "first-server", "--record", str(path)]) in (0, 1)
    whole = read_recording(path)
    scenario = whole.header.scenario | {"duration_s": 1_234}
    changed = msgspec.structs.replace(whole.header, scenario=scenario)
    assert promise(msgspec.structs.replace(whole, header=changed)) == (
        "# The same run again, to the same digest, if the level were still as it was then:"
    )
    assert promise(recorded()) == (
        "# The same run again, to the same digest, if that file, and the traffic it was played"
        " with, are as they were then:"
    )


def test_a_run_of_a_day_is_an_endless_one_with_its_seed() -> None:
    day = endless(20_260_102, "daily-2026-01-02")
    scenario = msgspec.to_builtins(day.scenario)
    header = msgspec.structs.replace(
        HEADER, slug=day.slug, seed=20_260_102, scenario=json.loads(json.dumps(scenario))
    )
    lines = list(plan_lines(Recording(header, (), (), None)))
    assert lines[1:3] == [
        "# The same run again, to the same digest:",
        "#   headroom run endless --seed 20260102 --plan THIS-FILE",
    ]
