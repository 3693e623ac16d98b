"""A run being played: its level, its session, what was seen of it, and where it is recorded."""

from dataclasses import dataclass
from pathlib import Path

from engine.complaint import Complaint
from engine.recording import RecordingWriter, new_header
from engine.simulation import VERSION, Simulation
from levels.level import Level
from tui.desk import Desk
from tui.render.facts import Facts, facts_of
from tui.render.history import History
from tui.session import DEFAULT_SPEED, LiveSession
from tui.shelf import new_run_path

SECOND_SEED_STEP = 7_919
"""From a run's seed to that of the hidden traffic for the third star."""


@dataclass
class Run:
    """One go at a level.

    `path` is None where nothing could be recorded; `second_seed` is there once
    the third star is being judged.
    """

    level: Level
    session: LiveSession
    history: History
    facts: Facts
    path: Path | None
    second_seed: "SecondSeed | None" = None

    @property
    def seed(self) -> int:
        """The seed of the traffic and of the delays."""
        return self.session.simulation.seed


def begin_run(desk: Desk, level: Level, seed: int | None, speed: float | None) -> Run:
    """A run of a level, resting before its first second; recorded if the folder allows."""
    simulation = Simulation(level.scenario, seed, folder=level.folder)
    writer, trouble = _open_recording(desk, level, simulation.seed)
    session = LiveSession(
        simulation,
        writer,
        desk.clock,
        speed=DEFAULT_SPEED if speed is None else speed,
        auto_pause=desk.settings.auto_pause,
        trouble=trouble,
    )
    history = History()
    history.add(session.frame)
    facts = facts_of(level.scenario)
    return Run(level, session, history, facts, writer.path if writer else None)


def _open_recording(
    desk: Desk, level: Level, seed: int
) -> tuple[RecordingWriter | None, str | None]:
    now = desk.now()
    started_at = now.astimezone().isoformat(timespec="seconds")
    try:
        header = new_header(level.scenario, seed, VERSION, started_at, level.text, level.folder)
        return RecordingWriter(new_run_path(level.slug, now), header), None
    except Complaint as complaint:
        return None, complaint.what


class SecondSeed:
    """The third star: the same commands at the same seconds under other, hidden traffic."""

    def __init__(self, run: Run) -> None:
        seed = run.seed
        self._simulation = Simulation(
            run.level.scenario,
            seed,
            demand_seed=seed + SECOND_SEED_STEP,
            folder=run.level.folder,
        )
        self._commands = list(reversed(run.session.commands))
        self._duration_s = run.level.scenario.duration_s

    @property
    def over(self) -> bool:
        """Whether its verdict has fallen."""
        return self._simulation.over

    @property
    def share_done(self) -> float:
        """How far it is, in 0..1."""
        return self._simulation.frame().second / self._duration_s

    @property
    def won(self) -> bool:
        """Whether the commands passed here too."""
        verdict = self._simulation.frame().verdict
        return verdict is not None and verdict.won

    @property
    def cause(self) -> str:
        """By what it ended."""
        verdict = self._simulation.frame().verdict
        return verdict.cause if verdict else ""

    def advance(self) -> None:
        """One second on, giving the commands that are due."""
        second = self._simulation.frame().second
        while self._commands and self._commands[-1][0] <= second:
            self._simulation.apply(self._commands.pop()[1])
        self._simulation.advance(1)
