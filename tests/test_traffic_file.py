"""Traffic that a sandbox takes from a file while it runs, and a budget that changes there."""

import gzip
from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine.complaint import Complaint
from engine.flow import trace
from engine.flow.demand import rate_curves
from engine.flow.trace import read_access_log
from engine.frame import Frame
from engine.outcomes import Accepted
from engine.recording import CommandLine, RecordingWriter, new_header, read_recording
from engine.replay import Verified, verify
from engine.scenario import Scenario
from engine.services.command import Command
from engine.services.registry import read_command
from engine.services.sandbox import SetBudget, SetRate, TakeTraffic
from engine.simulation import VERSION, Simulation
from levels.sandbox import sandbox, with_trace
from levels.traffic_file import Taken, read_traffic_file, take
from tests.boards import steady
from tests.hostile import log_line
from tests.laws import check_frame
from tui.given import given_words
from tui.words import Words


def csv_file(folder: Path, rows: list[tuple[float, float]]) -> Path:
    path = folder / "day.csv"
    path.write_text("second,rps\n" + "".join(f"{second},{rps}\n" for second, rps in rows))
    return path


def log_file(folder: Path, seconds: list[int], broken: int = 0) -> Path:
    path = folder / "access.log"
    path.write_text("".join(map(log_line, seconds)) + "nothing of the kind\n" * broken)
    return path


def calm() -> Scenario:
    return steady(rps=5, duration_s=300, sandbox={})


def expected(scenario: Scenario, command: Command, at: int) -> list[float]:
    """What is expected of each second when a command is given at one of them."""
    simulation = Simulation(scenario)
    simulation.advance(at)
    assert isinstance(simulation.apply(command), Accepted)
    demand = simulation._world.traffic.demand
    return [demand.expected(second) for second in range(scenario.duration_s)]


def command_of(taken: Taken) -> Command:
    return read_command(taken.values, "test")


def test_a_csv_is_followed_from_the_second_at_which_it_is_taken(tmp_path: Path) -> None:
    path = csv_file(tmp_path, [(0, 10), (60, 70), (120, 10)])
    taken = take(read_traffic_file(path), 300)
    assert taken.values["rps"] == [10, 70, 10]
    assert (taken.values["every_s"], taken.values["steps"]) == (60, False)
    assert (taken.lasts_s, taken.most_rps) == (120, 70.0)
    assert taken.mean_rps == pytest.approx(40)
    rates = expected(calm(), command_of(taken), 100)
    assert rates[:100] == [5.0] * 100
    assert rates[100] == pytest.approx(10.5)
    assert rates[159] == pytest.approx(69.5)
    assert rates[220:] == [0.0] * 80


def test_a_log_is_followed_second_by_second(tmp_path: Path) -> None:
    path = log_file(tmp_path, [0, 0, 0, 2, 5, 5], broken=2)
    file = read_traffic_file(path)
    assert (file.broken, file.lasts_s, file.is_log) == (2, 6, True)
    taken = take(file, 300)
    assert taken.values["rps"] == [3, 0, 1, 0, 0, 2]
    assert expected(calm(), command_of(taken), 10)[9:17] == [5, 3, 0, 1, 0, 0, 2, 0]


@pytest.mark.parametrize("scale", [1.0, 10.0, 0.3])
@pytest.mark.parametrize("faster", [1.0, 7.0, 2.5])
def test_what_is_taken_is_what_a_sandbox_opens_with(
    tmp_path: Path, scale: float, faster: float
) -> None:
    """The same file as the sandbox's traffic from its first second on."""
    rows = [(0, 3.0), (17, 90.5), (18, 4.0), (131, 60.0), (200.5, 1.0)]
    files = [csv_file(tmp_path, rows), log_file(tmp_path, [0, 3, 3, 3, 50, 51, 120, 120])]
    for path in files:
        level = with_trace(sandbox("one-box", duration_s=300), path, scale, 0, faster)
        left, right = rate_curves(level.scenario, level.folder)
        opened = (left.sum(axis=0) + right.sum(axis=0)) / 2
        taken = take(read_traffic_file(path), 300, scale, faster)
        rates = expected(sandbox("one-box", duration_s=300).scenario, command_of(taken), 0)
        assert np.allclose(rates, opened, atol=0.001), path


def test_the_file_is_gone_on_with_after_the_rate_was_held(tmp_path: Path) -> None:
    simulation = Simulation(calm())
    taken = command_of(take(read_traffic_file(csv_file(tmp_path, [(0, 10), (100, 110)])), 300))
    plan: dict[int, Command] = {10: taken, 20: SetRate(7.0), 30: SetRate()}
    shown: dict[int, tuple[str, float]] = {}
    while simulation.frame().second < 40:
        second = simulation.frame().second
        if second in plan:
            assert isinstance(simulation.apply(plan[second]), Accepted)
        seen = simulation.frame().sandbox
        assert seen is not None
        shown[second] = (seen.file, seen.rps)
        simulation.advance()
    assert shown[9] == ("", 5.0)
    assert shown[10] == ("day.csv", 10.5)
    assert shown[25] == ("", 7.0)
    assert shown[30] == ("day.csv", 30.5)


def test_what_was_taken_does_not_depend_on_how_it_was_given(tmp_path: Path) -> None:
    """As data of a plan it is the same command."""
    taken = take(read_traffic_file(log_file(tmp_path, [0, 1, 1])), 300)
    command = command_of(taken)
    assert read_command(msgspec.json.decode(msgspec.json.encode(command)), "again") == command


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("day.csv", "second,rps\n0,5\n1,x\n", "two numbers"),
        ("day.csv", "time,rate\n", "columns second,rps"),
        ("access.log", "hello\nworld\n", "none of its 2 lines"),
        ("access.log", "", "none of its 0 lines"),
    ],
)
def test_a_bad_file_is_one_clear_line(tmp_path: Path, name: str, text: str, says: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(Complaint, match=says) as complaint:
        read_traffic_file(path)
    assert "\n" not in str(complaint.value)


def test_a_long_name_and_a_strange_one_can_be_recorded(tmp_path: Path) -> None:
    path = tmp_path / ("로그\x1b" + "x" * 90 + ".csv")
    path.write_text("second,rps\n0,5\n9,5\n")
    taken = take(read_traffic_file(path), 60)
    assert isinstance(Simulation(calm()).apply(command_of(taken)), Accepted)


def recorded(tmp_path: Path, plan: dict[int, list[Command]], until: int) -> tuple[Path, str]:
    """A run with a plan's commands in a file, and its digest."""
    simulation = Simulation(sandbox("one-box", duration_s=until).scenario)
    header = new_header(simulation.scenario, simulation.seed, VERSION, "2026-11-23", {})
    path = tmp_path / "x.headroom"
    writer = RecordingWriter(path, header)
    while not simulation.over:
        second = simulation.frame().second
        writer.frame(simulation.frame())
        for command in plan.get(second, []):
            outcome = simulation.apply(command)
            assert isinstance(outcome, Accepted)
            writer.command(second, command, outcome)
        writer.frame(simulation.frame())
        simulation.advance()
    writer.frame(simulation.frame())
    writer.finish(simulation.result())
    return path, simulation.digest()


def test_a_recording_needs_no_file_to_be_verified(tmp_path: Path) -> None:
    path = log_file(tmp_path, [n // 3 for n in range(150)])
    taken = command_of(take(read_traffic_file(path), 110))
    path.unlink()
    recording, digest = recorded(tmp_path, {10: [taken, SetBudget(77.5)]}, 120)
    read = read_recording(recording)
    verified = verify(read)
    assert isinstance(verified, Verified)
    assert verified.digest == digest
    assert read.header.traces == {}


def test_whole_days_can_be_taken_until_the_recording_could_not_be_read() -> None:
    """All commands of a recording have a bound, so that reading one never takes all memory."""
    simulation = Simulation(sandbox("empty").scenario)
    day = TakeTraffic(tuple(n % 10 for n in range(86_400)), steps=True, file="access.log")
    taken = 0
    while isinstance(simulation.apply(day), Accepted):
        taken += 1
    assert taken == 8


def test_what_was_taken_is_said_in_a_line() -> None:
    day = TakeTraffic(tuple(n % 10 for n in range(86_400)), steps=True, file="access.log")
    line = CommandLine(9, msgspec.to_builtins(day), Accepted())
    said = given_words(line, Words("en"))
    assert said == "Traffic from a file: requests/s 86,400 figures, in steps yes, file access.log"


def money_of(frame: Frame) -> tuple[float, float, float]:
    money = frame.money
    assert money.cash_micro_usd == money.budget_micro_usd - money.spent_micro_usd
    return money.budget_micro_usd / 1e6, money.cash_micro_usd / 1e6, money.spent_usd


def test_another_budget_is_there_at_once_and_every_month() -> None:
    simulation = Simulation(sandbox("one-box", month_usd=500.0, duration_s=11_000).scenario)
    simulation.apply(SetRate(0.0))  # which makes it quick
    spent = money_of(simulation.advance(100))[2]
    assert isinstance(simulation.apply(SetBudget(80.0)), Accepted)
    budget, cash, still = money_of(simulation.frame())
    assert (budget, still) == (80.0, spent)
    assert cash == pytest.approx(80.0 - spent)
    assert simulation.frame().news[-1].args == {"usd": 80.0}
    assert money_of(simulation.advance(3_600))[0] == 160.0
    assert isinstance(simulation.apply(SetBudget(100.5)), Accepted)
    assert money_of(simulation.frame())[0] == 180.5
    frame = simulation.advance(3_600)
    assert money_of(frame)[0] == 281.0
    assert frame.sandbox is not None
    assert frame.sandbox.month_usd == 100.5
    check_frame(frame)


def test_a_recording_keeps_when_and_how_many_but_not_who(tmp_path: Path) -> None:
    log_file(tmp_path, [3, 0, 3, 7, 3], broken=2)
    level = with_trace(sandbox("one-box", duration_s=60), tmp_path / "access.log", 9.0, 0, 1.0)
    header = new_header(level.scenario, 1, VERSION, "", level.text, folder=level.folder)
    assert header.traces == {"access.log": "second,requests\n0,1\n3,3\n7,1\n"}
    (tmp_path / "kept").mkdir()
    kept = tmp_path / "kept" / "access.log"
    kept.write_text(header.traces["access.log"])
    whole, counted = read_access_log(tmp_path / "access.log"), read_access_log(kept)
    assert whole.seconds.tolist() == counted.seconds.tolist()
    runs = [Simulation(level.scenario, folder=folder) for folder in (tmp_path, tmp_path / "kept")]
    for run in runs:
        run.advance(60)
    assert runs[0].result().digest == runs[1].result().digest


@pytest.mark.parametrize("row", ["", "x,1", "0,0", "-1,2", "0,1\n0,1", "999999999,1", "0,1,2"])
def test_bad_counts_are_refused(row: str, tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_text(f"second,requests\n{row}\n")
    with pytest.raises(Complaint, match=r"access\.log:[23]: row"):
        read_access_log(path)


def test_a_compressed_log_is_read_and_a_torn_one_refused(tmp_path: Path) -> None:
    plain = log_file(tmp_path, [0, 5, 5])
    packed = tmp_path / "access.log.1.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert read_access_log(packed).seconds.tolist() == [0, 5, 5]
    packed.write_bytes(packed.read_bytes()[:-9])
    with pytest.raises(Complaint, match="cannot be read"):
        read_access_log(packed)


def test_a_log_is_as_large_as_a_day_may_make_it_and_no_larger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = log_file(tmp_path, list(range(50)))
    assert len(read_access_log(path).seconds) == 50
    monkeypatch.setattr(trace, "MAX_LOG_BYTES", 1_000)
    with pytest.raises(Complaint, match="is too large; expected at most 1,000 bytes"):
        read_access_log(log_file(tmp_path, list(range(51))))


@pytest.mark.parametrize(
    ("name", "scale", "from_s", "faster", "says"),
    [
        ("access.log", 1e9, 0, 1.0, "--scale: 1e\\+09 is too much"),
        ("access.log", 1.0, 0, 1e9, "--faster: 1e\\+09 is too much"),
        ("access.log", 1.0, 60, 1.0, "--from-s: 60 is after the end"),
        ("no.log", 1.0, 0, 1.0, "no.log: there is no such file"),
        ("7월.log", 1.0, 0, 1.0, "is a name that no recording keeps"),
        (".", 1.0, 0, 1.0, "is a folder"),
    ],
)
def test_a_traffic_option_is_refused_by_its_name(
    name: str, scale: float, from_s: int, faster: float, says: str, tmp_path: Path
) -> None:
    log_file(tmp_path, [0, 9]).with_name("7월.log").write_text(log_line(0))
    with pytest.raises(Complaint, match=says):
        with_trace(sandbox("one-box"), tmp_path / name, scale, from_s, faster)
