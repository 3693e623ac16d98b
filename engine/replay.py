"""A recorded run simulated again: to prove that it is true, or to go on from any second of it."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from msgspec import Struct

from engine.frame import Verdict
from engine.recording import CommandLine, Header, Recording
from engine.scenario import Scenario, Trace, read_scenario
from engine.services.command import Command
from engine.services.registry import read_command
from engine.simulation import VERSION, Simulation

TOLERANCE = 1e-9
"""Last bits of floats differ between processors; counts and money must be equal."""

SECOND_SEED_STEP = 7_919
"""From a run's seed to that of the hidden traffic for the third star."""


class Verified(Struct, frozen=True):
    """Every recorded frame came again; `versions` says what differs all the same."""

    frames: int
    digest: str
    versions: tuple[str, ...] = ()


class Differs(Struct, frozen=True):
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
        simulation.apply(_command(line))
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
            outcome = simulation.apply(_command(line))
            difference = _difference("outcome", line.outcome, outcome)
            if difference is not None:
                return _differs(recording, frame.second, *difference)
        difference = _difference("", frame, simulation.frame())
        if difference is not None:
            return _differs(recording, frame.second, *difference)
    return _compare_digests(recording, simulation)


class SecondRun:
    """The third star: the same commands, at the same seconds, under other, hidden traffic.

    It changes demand and work only; delays of the control side keep the seed.
    """

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        commands: Sequence[tuple[int, Command]],
        folder: Path | None = None,
    ) -> None:
        hidden = (seed + SECOND_SEED_STEP) % 2**63
        self._simulation = Simulation(scenario, seed, demand_seed=hidden, folder=folder)
        self._waiting = list(reversed(commands))

    @property
    def over(self) -> bool:
        """Whether its verdict has fallen."""
        return self._simulation.over

    @property
    def share_done(self) -> float:
        """How far it is, in 0..1."""
        return self._simulation.frame().second / self._simulation.scenario.duration_s

    @property
    def verdict(self) -> Verdict | None:
        """How it ended, or None while it has not."""
        return self._simulation.frame().verdict

    def advance(self) -> None:
        """Give the commands that are due, and go on by a second."""
        while self._waiting and self._waiting[-1][0] <= self._simulation.frame().second:
            self._simulation.apply(self._waiting.pop()[1])
        self._simulation.advance()


def _compare_digests(recording: Recording, simulation: Simulation) -> Verified | Differs:
    digest = simulation.digest()
    recorded = digest if recording.result is None else recording.result.get("digest")
    if recorded != digest:
        return _differs(recording, recording.frames[-1].second, "digest", recorded, digest)
    return Verified(len(recording.frames), digest, _versions(recording.header))


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


def _command(line: CommandLine) -> Command:
    return read_command(line.command, f"command at second {line.second}")


def _difference(path: str, recorded: Any, again: Any) -> tuple[str, Any, Any] | None:
    """The first place where two parts of a recording differ, or None."""
    if isinstance(recorded, Struct) and type(recorded) is type(again):
        recorded, again = msgspec.structs.asdict(recorded), msgspec.structs.asdict(again)
    if isinstance(recorded, dict) and isinstance(again, dict):
        for key in sorted({*recorded, *again}):
            inner = f"{path}.{key}" if path else key
            if found := _difference(inner, recorded.get(key), again.get(key)):
                return found
        return None
    if isinstance(recorded, tuple) and isinstance(again, tuple) and len(recorded) == len(again):
        for index, (one, other) in enumerate(zip(recorded, again, strict=True)):
            if found := _difference(f"{path}[{index}]", one, other):
                return found
        return None
    return None if _same(recorded, again) else (path, recorded, again)


def _same(recorded: Any, again: Any) -> bool:
    if isinstance(recorded, float) and isinstance(again, float):
        return abs(recorded - again) <= TOLERANCE * max(1.0, abs(recorded), abs(again))
    return bool(recorded == again)


def _differs(recording: Recording, second: int, field: str, recorded: Any, again: Any) -> Differs:
    notes = _versions(recording.header)
    return Differs(second, field, _shown(recorded), _shown(again), notes)


def _versions(made_with: Header) -> tuple[str, ...]:
    """In what this engine and its numpy differ from those of a recording."""
    here = (("engine", made_with.engine, VERSION), ("numpy", made_with.numpy, version("numpy")))
    return tuple(f"{name} {then}, now {now}" for name, then, now in here if then != now)


def _shown(value: Any) -> str:
    """A value in a line of text."""
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 80 else text[:79] + "…"
