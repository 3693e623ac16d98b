"""A recording is true: simulated again it gives the same frames, and a change is found."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.complaint import Complaint
from engine.frame import Verdict
from engine.outcomes import Refused
from engine.recording import Recording, RecordingWriter, new_header, read_recording
from engine.replay import Differs, SecondRun, Verified, resimulate, verify
from engine.scenario import Scenario
from engine.services.command import Command
from engine.services.ec2 import LaunchInstance, ResizeInstance, StartInstance, StopInstance
from engine.services.snapshot import CreateSnapshot
from engine.simulation import VERSION, Simulation
from tests.boards import steady

COMMANDS: dict[int, tuple[Command, ...]] = {
    5: (StopInstance("web-1"), StopInstance("web-1")),
    25: (ResizeInstance("web-1", "m5.large"), StartInstance("web-1")),
    30: (LaunchInstance("no-such-type"),),
}


def short(rps: float = 40.0, **changes: Any) -> Scenario:
    return steady(rps=rps, duration_s=90, type="t3.small", app_ms=5.0, **changes)


def record(path: Path, scenario: Scenario, folder: Path | None = None) -> Recording:
    """Play the commands above and write the run to `path`."""
    simulation = Simulation(scenario, folder=folder)
    header = new_header(scenario, simulation.seed, VERSION, "", {}, folder)
    writer = RecordingWriter(path, header)
    writer.frame(simulation.frame())
    while not simulation.over:
        second = simulation.frame().second
        for command in COMMANDS.get(second, ()):
            writer.command(second, command, simulation.apply(command))
            writer.frame(simulation.frame())
        writer.frame(simulation.advance())
    writer.finish(simulation.result())
    return read_recording(path)


@pytest.fixture
def recorded(tmp_path: Path) -> Recording:
    return record(tmp_path / "a.headroom", short())


def test_a_recording_verifies(recorded: Recording) -> None:
    assert sum(isinstance(line.outcome, Refused) for line in recorded.commands) == 2
    verified = verify(recorded)
    assert isinstance(verified, Verified)
    assert verified.frames == 91
    assert recorded.result is not None
    assert verified.digest == recorded.result["digest"]


def test_a_run_cut_short_verifies_too(recorded: Recording) -> None:
    cut = msgspec.structs.replace(recorded, frames=recorded.frames[:40], result=None)
    assert isinstance(verify(cut), Verified)


def test_a_changed_figure_is_named_with_its_second(recorded: Recording) -> None:
    frames = list(recorded.frames)
    page = frames[50].counts["page"]
    counts = {"page": msgspec.structs.replace(page, good=page.good + 1)}
    frames[50] = msgspec.structs.replace(frames[50], counts=counts)
    found = verify(msgspec.structs.replace(recorded, frames=tuple(frames)))
    assert isinstance(found, Differs)
    assert (found.second, found.field) == (50, "counts.page.good")
    assert int(found.recorded) == int(found.again) + 1


def test_a_left_out_command_is_noticed_at_its_second(recorded: Recording) -> None:
    found = verify(msgspec.structs.replace(recorded, commands=recorded.commands[2:]))
    assert isinstance(found, Differs)
    assert found.second == 5


def test_another_seed_is_noticed_and_versions_are_told(recorded: Recording) -> None:
    header = msgspec.structs.replace(recorded.header, seed=99, engine="0", numpy="1.0")
    found = verify(msgspec.structs.replace(recorded, header=header))
    assert isinstance(found, Differs)
    assert found.versions == (
        f"engine 0, now {VERSION}",
        f"numpy 1.0, now {version('numpy')}",
    )


def test_other_versions_are_told_even_where_nothing_differs(recorded: Recording) -> None:
    header = msgspec.structs.replace(recorded.header, numpy="1.0")
    found = verify(msgspec.structs.replace(recorded, header=header))
    assert isinstance(found, Verified)
    assert found.versions == (f"numpy 1.0, now {version('numpy')}",)


def test_a_change_in_volumes_snapshots_and_money_is_named(tmp_path: Path) -> None:
    board = {"instances": [{"id": "web-1", "type": "m5.large", "volume": {"gb": 30}}]}
    scenario = short(board=board, files={"gb": 2})
    simulation = Simulation(scenario)
    path = tmp_path / "a.headroom"
    writer = RecordingWriter(path, new_header(scenario, simulation.seed, VERSION, "", {}))
    command = CreateSnapshot("vol-1")
    writer.command(0, command, simulation.apply(command))
    writer.frame(simulation.frame())
    for _ in range(40):
        writer.frame(simulation.advance())
    writer.close()
    recorded = read_recording(path)
    assert isinstance(verify(recorded), Verified)
    frames = list(recorded.frames)
    changes = {
        "snapshots[0].state": {"snapshots": (changed(frames[9].snapshots[0], state="lost"),)},
        "volumes[0].iops": {"volumes": (changed(frames[9].volumes[0], iops=1),)},
        "money.spent_micro_usd": {"money": changed(frames[9].money, spent_micro_usd=0)},
    }
    for field, change in changes.items():
        altered = [*frames[:9], changed(frames[9], **change), *frames[10:]]
        found = verify(msgspec.structs.replace(recorded, frames=altered))
        assert isinstance(found, Differs)
        assert (found.second, found.field) == (9, field)


def changed(part: Any, **fields: Any) -> Any:
    return msgspec.structs.replace(part, **fields)


@pytest.mark.parametrize("second", [0, 5, 25, 60, 90])
def test_every_second_can_be_gone_on_from(recorded: Recording, second: int) -> None:
    again = resimulate(recorded, second)
    assert again.frame() == recorded.frames[second]
    rest = [c for s, cs in COMMANDS.items() if s > second for c in cs]
    if not rest:
        again.advance(90)
        assert recorded.result is not None
        assert again.digest() == recorded.result["digest"]


def test_a_trace_travels_in_the_recording(tmp_path: Path) -> None:
    folder = tmp_path / "level"
    folder.mkdir()
    (folder / "day.csv").write_bytes(b"second,rps\r\n0,20\r\n90,60\r\n")
    recorded = record(
        tmp_path / "a.headroom", short(traffic=[{"kind": "trace", "file": "day.csv"}]), folder
    )
    (folder / "day.csv").unlink()
    assert isinstance(verify(recorded), Verified)


def test_the_hidden_seed_is_passed_by_a_board_with_room_and_not_by_one_without() -> None:
    goals = {"error_budget": 0.05}
    roomy, small = short(10.0, objectives=goals), short(400.0, objectives=goals)
    assert second_verdict(roomy).won
    assert not second_verdict(small).won


def test_the_hidden_run_is_given_the_commands_in_their_order() -> None:
    stop = [(5, StopInstance("web-1")), (5, StopInstance("web-1"))]
    assert not second_verdict(short(objectives={"error_budget": 0.5}), stop).won


def second_verdict(scenario: Scenario, commands: Sequence[tuple[int, Command]] = ()) -> Verdict:
    run = SecondRun(scenario, 1, commands)
    while not run.over:
        run.advance()
    assert run.share_done <= 1
    assert run.verdict is not None
    return run.verdict


def test_garbage_in_a_recording_is_refused_in_one_line(recorded: Recording) -> None:
    first = recorded.commands[0]
    for command in ({}, {"do": "fly"}, {"do": ["x"]}, {"do": "stop_instance", "instance": 1}):
        changed = (msgspec.structs.replace(first, command=command),)
        with pytest.raises(Complaint, match="command at second 5"):
            verify(msgspec.structs.replace(recorded, commands=changed))
    header = msgspec.structs.replace(recorded.header, scenario={"slug": "x"})
    with pytest.raises(Complaint, match="scenario of steady"):
        verify(msgspec.structs.replace(recorded, header=header))
