"""A recorded run simulated again: to prove that it is true, or to go on from any second of it."""

from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from engine.complaint import Complaint
from engine.frame import Frame
from engine.recording import Header, Recording
from engine.scenario import Scenario, Trace, read_scenario
from engine.services.command import Command
from engine.services.registry import AnyCommand
from engine.simulation import VERSION, Simulation
from engine.toml import convert

TOLERANCE = 1e-9
"""Last bits of floats differ between processors; counts and money must be equal."""


class Verified(msgspec.Struct, frozen=True):
    """Every recorded frame came again."""

    frames: int
    digest: str


class Differs(msgspec.Struct, frozen=True):
    """The first second and field that came out otherwise; `versions` says what else differs."""

    second: int
    field: str
    recorded: str
    again: str
    versions: tuple[str, ...] = ()


def resimulate(recording: Recording, until: int | None = None) -> Simulation:
    """The run simulated again to a second (its last when absent), with its recorded commands."""
    simulation = _begin(recording.header)
    stop = recording.frames[-1].second if until is None else until
    for line in recording.commands:
        if line.second > stop:
            break
        _advance_to(simulation, line.second)
        simulation.apply(_command(line.command))
    _advance_to(simulation, stop)
    return simulation


def verify(recording: Recording) -> Verified | Differs:
    """Simulate the run again and compare every frame; name the first difference."""
    simulation = _begin(recording.header)
    commands = list(reversed(recording.commands))
    for frame in recording.frames:
        _advance_to(simulation, frame.second)
        while commands and commands[-1].second == frame.second:
            line = commands.pop()
            outcome = simulation.apply(_command(line.command))
            if outcome != line.outcome:
                return _differs(recording, frame.second, "outcome", line.outcome, outcome)
        difference = _difference("", _plain(frame), _plain(simulation.frame()))
        if difference is not None:
            return _differs(recording, frame.second, *difference)
    return _compare_digests(recording, simulation)


def _compare_digests(recording: Recording, simulation: Simulation) -> Verified | Differs:
    digest = simulation.digest()
    recorded = digest if recording.result is None else recording.result.get("digest")
    if recorded != digest:
        return _differs(recording, recording.frames[-1].second, "digest", recorded, digest)
    return Verified(len(recording.frames), digest)


def _begin(header: Header) -> Simulation:
    """The run at its first second, with its traffic files where the scenario looks for them."""
    scenario = read_scenario(header.scenario, f"scenario of {header.slug}")
    with TemporaryDirectory() as folder:
        _lay_out_traces(scenario, header.traces, Path(folder))
        return Simulation(scenario, header.seed, folder=Path(folder))


def _lay_out_traces(scenario: Scenario, traces: dict[str, str], folder: Path) -> None:
    for part in scenario.traffic:
        if isinstance(part, Trace):
            (folder / part.file).write_bytes(traces.get(part.file, "").encode("latin-1", "replace"))


def _advance_to(simulation: Simulation, second: int) -> None:
    simulation.advance(second - simulation.frame().second)


def _command(values: dict[str, Any]) -> Command:
    try:
        return convert(values, AnyCommand, "recorded command")
    except RecursionError:
        raise Complaint("recorded command", "is nested too deeply") from None


def _plain(frame: Frame) -> Any:
    """A frame as a file holds it."""
    return msgspec.json.decode(msgspec.json.encode(frame))


def _difference(path: str, recorded: Any, again: Any) -> tuple[str, Any, Any] | None:
    """The first place where two plain values differ, or None."""
    if isinstance(recorded, dict) and isinstance(again, dict):
        for key in sorted({*recorded, *again}):
            inner = f"{path}.{key}" if path else key
            found = _difference(inner, recorded.get(key), again.get(key))
            if found is not None:
                return found
        return None
    if isinstance(recorded, list) and isinstance(again, list) and len(recorded) == len(again):
        for index, (one, other) in enumerate(zip(recorded, again, strict=True)):
            found = _difference(f"{path}[{index}]", one, other)
            if found is not None:
                return found
        return None
    return None if _same(recorded, again) else (path, recorded, again)


def _same(recorded: Any, again: Any) -> bool:
    if isinstance(recorded, float) and isinstance(again, float):
        return abs(recorded - again) <= TOLERANCE * max(1.0, abs(recorded), abs(again))
    return type(recorded) is type(again) and bool(recorded == again)


def _differs(recording: Recording, second: int, field: str, recorded: Any, again: Any) -> Differs:
    made_with = recording.header
    here = (("engine", made_with.engine, VERSION), ("numpy", made_with.numpy, version("numpy")))
    notes = tuple(f"{name} {then}, now {now}" for name, then, now in here if then != now)
    return Differs(second, field, _shown(recorded), _shown(again), notes)


def _shown(value: Any) -> str:
    """A value in a line of text."""
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 80 else text[:79] + "…"
