"""The table of proofs on many processors: the same rows, in the same order, and nothing left."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs

from engine.complaint import Complaint
from levels.campaign import find_level
from levels.proof import Case, Row, cases, prove
from levels.table import prove_all
from tests.test_cli import SHORT
from tui.cli import BAD_INPUT, LOST, WON, run
from tui.report import proof_lines

ROOT = Path(__file__).parent.parent

PROOFS = """
[[proofs]]
plan = "empty"
expect = "win"
[[proofs]]
plan = "generic"
expect = "lose"
because = { reason = ["late", "out_of_money"] }
[[proofs]]
plan = "stop"
expect = "lose"
because = { reason = "connection_refused", at = "web-1" }
"""

STOP = '[[steps]]\nat_s = 2\ndo = "stop_instance"\ninstance = "web-1"\n'

Captured = pytest.CaptureFixture[str]
Monkey = pytest.MonkeyPatch


@pytest.fixture
def level(tmp_path: Path) -> Path:
    """A level of a minute with proofs of every kind, one of them wrong: generic wins."""
    folder = tmp_path / "short"
    (folder / "plans").mkdir(parents=True)
    (folder / "plans" / "stop.toml").write_text(STOP)
    allowed = 'allowed = ["ec2:m5.large", "ec2:m5.xlarge", "ebs"]\n'
    (folder / "level.toml").write_text(f"{allowed}{SHORT}{PROOFS}")
    return folder / "level.toml"


def all_cases(level: Path) -> list[Case]:
    return list(cases(find_level(str(level)), range(3, 6)))


def test_many_processes_give_the_rows_of_one_in_its_order(level: Path) -> None:
    alone = list(prove(find_level(str(level)), range(3, 6)))
    heard: list[Row] = []
    assert prove_all(all_cases(level), 2, heard.append) == alone
    assert sorted(map(repr, heard)) == sorted(map(repr, alone))
    assert prove_all(all_cases(level), 1) == alone
    assert [(row.seed, row.plan) for row in alone[:4]] == [
        (3, "empty"), (3, "generic"), (3, "generic"), (3, "stop"),
    ]  # fmt: skip


def test_a_complaint_crosses_from_another_process(tmp_path: Path, level: Path) -> None:
    constant, trace = 'kind = "constant"\nrps = 20.0', 'kind = "trace"\nfile = "day.csv"'
    level.write_text(level.read_text().replace(constant, trace))
    (level.parent / "day.csv").write_text("second,rps\n0,many\n")
    with pytest.raises(Complaint, match=r"day\.csv:2"):
        prove_all(all_cases(level), 2)


def test_the_table_ends_with_a_line_for_each_level(level: Path, capsys: Captured) -> None:
    assert run(["prove", str(level), "--seeds", "2", "--jobs", "1"]) == LOST
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "1 level, 8 runs, 4 WRONG"
    assert lines[-3].split()[:2] == ["short", "8"]
    assert lines[-3].endswith("4 WRONG")
    assert sum("WRONG: must lose" in line for line in lines) == 4


def test_json_holds_every_row(level: Path, capsys: Captured) -> None:
    wrong = """[[proofs]]
plan = "generic"
expect = "lose"
because = { reason = ["late", "out_of_money"] }
"""
    level.write_text(level.read_text().replace(wrong, ""))
    assert run(["prove", str(level), "--seeds", "1", "--json", "--jobs", "1"]) == WON
    rows = json.loads(capsys.readouterr().out)
    assert [(row["plan"], row["problem"]) for row in rows] == [("empty", ""), ("stop", "")]
    assert set(rows[0]) == set(Row.__struct_fields__)


def test_steps_that_did_nothing_are_told_with_their_reasons(level: Path, capsys: Captured) -> None:
    (level.parent / "plans" / "stop.toml").write_text(
        f'{STOP}[[steps]]\nafter_s = 1\ndo = "stop_instance"\ninstance = "web-2"\n'
        '[[steps]]\nat_s = 9999\ndo = "create_bucket"\n'
    )
    assert run(["prove", str(level), "--seeds", "2", "--jobs", "1"]) == LOST
    said = capsys.readouterr().out.partition("steps that did nothing\n")[2].splitlines()
    assert said[0].startswith("  short stop: steps[1] stop_instance, 2 runs: refused at 0:03: ")
    assert "web-2" in said[0]
    # The run was lost as it must be before its last step was due: that proves all it should.
    assert said[1] == ""
    level.write_text(level.read_text().replace('expect = "lose"\nbecause = { reason = "conn', "# "))
    level.write_text(level.read_text() + 'expect = "win"\n')
    assert run(["prove", str(level), "--seeds", "1", "--jobs", "1"]) == LOST
    assert ": never came\n" in capsys.readouterr().out


def test_a_level_without_proofs_is_not_all_as_it_must_be(level: Path, capsys: Captured) -> None:
    level.write_text(level.read_text().partition("[[proofs]]")[0])
    assert run(["prove", str(level)]) == BAD_INPUT
    assert "has no proofs" in capsys.readouterr().err


def test_what_is_left_is_never_rounded_up_to_the_bar(level: Path) -> None:
    row = structs.replace(next(prove(find_level(str(level)), [3])), money_left=0.0499)
    assert " 4.9% " in list(proof_lines([row]))[1]


def test_a_level_is_found_by_its_folder_alone(level: Path, monkeypatch: Monkey) -> None:
    monkeypatch.chdir(level.parent.parent)
    assert find_level("short") == find_level("short/level.toml")


PROGRAM = """
import signal
import sys
from pathlib import Path
from levels.campaign import find_level
from levels.proof import cases
from levels.table import prove_all
from tui.cli import INTERRUPTED

def told(row):
    print("done", flush=True)

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # tests may run in the background
    level = find_level(sys.argv[1])
    try:
        prove_all(list(cases(level, range(10_000))), 2, told)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
"""


def of_session(session: int) -> Iterator[int]:
    """The processes of a session that are not dead already."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, of = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(of) == session and state != "Z":
            yield int(folder.name)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc to look into")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_however_it_ends_no_process_is_left(tmp_path: Path, level: Path, sent: int) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    with subprocess.Popen(
        [sys.executable, str(tmp_path / "program.py"), str(level)],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "done\n"
        assert len(list(of_session(process.pid))) >= 3
        process.send_signal(sent)
        # Both pipes end only when every process that holds them has ended.
        process.communicate(timeout=300)
    assert process.returncode == (130 if sent == signal.SIGINT else -sent)
    for left in of_session(process.pid):
        assert select.select([os.pidfd_open(left)], [], [], 60)[0], "a process is left"
