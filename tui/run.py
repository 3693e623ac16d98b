"""A run being played: its level, its session, what was seen of it, and where it is recorded."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.complaint import Complaint
from engine.recording import RecordingWriter, new_header, read_header
from engine.replay import SecondRun
from engine.simulation import VERSION, Simulation
from levels.level import Level
from tui.desk import Desk
from tui.hints import Hints
from tui.render.facts import Facts, facts_of, titles_of
from tui.render.history import History
from tui.rival import Rival
from tui.session import LiveSession, trouble_of
from tui.shelf import keep_result, new_run_path, note_ending

SLICE_S = 0.05
"""Wall time that the third star takes at once; keys stay quick between."""

BREATH_S = 0.04

MOST_AT_ONCE = 20
"""Runs of one level that may begin within one second, in this and other games."""


@dataclass
class Run:
    """One go at a level.

    `path` is None where nothing could be recorded; `second_seed` is there once
    the third star is being judged, `rival` once the reference plan is played.
    """

    level: Level
    session: LiveSession
    history: History
    facts: Facts
    path: Path | None
    second_seed: SecondRun | None = None
    hints: Hints = field(default_factory=Hints)
    rival: Rival | None = None

    @property
    def seed(self) -> int:
        """The seed of the traffic and of the delays."""
        return self.session.simulation.seed

    @property
    def stars(self) -> int:
        """The verdict's stars, and the third one where it was earned."""
        verdict = self.session.frame.verdict
        second = self.second_seed.verdict if self.second_seed else None
        return (verdict.stars if verdict else 0) + int(second is not None and second.won)

    def keep_result(self) -> None:
        """Note how a run that is over ended, and whether it is the player's best."""
        frame = self.session.frame
        assert frame.verdict is not None
        if self.path is not None:
            note_ending(self.path, frame, self.stars, scored=self.facts.scored)
        keep_result(self.level.slug, self.seed, frame, self.stars, self.facts.scored)

    def become(self, other: "Run") -> None:
        """Go on as another run of the level, whose recording takes the place of this one's.

        OSError where it cannot; then nothing has changed.
        """
        if self.path is not None:
            other.session.record_as(self.path)
        self.session.close()
        other.session.carry_on(self.session)
        self.session, self.history = other.session, other.history

    def close(self) -> None:
        """Leave the run; a recording of nothing at all is not kept."""
        self.session.close()
        if self.session.frame.second == 0 and not self.session.commands:
            self._remove()

    def discard(self) -> None:
        """Leave the run and keep nothing of it."""
        self.session.close()
        self._remove()

    def _remove(self) -> None:
        if self.path is not None:
            with suppress(OSError):
                self.path.unlink(missing_ok=True)


def begin_run(
    desk: Desk, level: Level, seed: int | None, speed: float | None, *, kept: bool = True
) -> Run:
    """A run of a level, resting before its first second; `kept` if the folder allows."""
    simulation = Simulation(level.scenario, seed, folder=level.folder)
    writer, trouble = _open_recording(desk, level, simulation.seed) if kept else (None, None)
    return _stand_up(desk, level, simulation, writer, trouble, speed)


def begin_anew(desk: Desk, run: Run) -> Run:
    """The level and the seed of a run from the start, in a hidden recording beside its own.

    It is not recorded where `run` is not; where it should be and cannot, its session says why.
    """
    level, trouble = run.level, run.session.trouble
    simulation = Simulation(level.scenario, run.seed, folder=level.folder)
    writer = None
    if run.path is not None and trouble is None:
        hidden = run.path.with_name(f".{run.path.name}.new")
        try:
            hidden.unlink(missing_ok=True)  # of a game that was killed
            writer = RecordingWriter(hidden, read_header(run.path))
        except (OSError, Complaint) as error:
            trouble = trouble_of(error)
    return _stand_up(desk, level, simulation, writer, trouble, run.session.speed)


def _stand_up(
    desk: Desk,
    level: Level,
    simulation: Simulation,
    writer: RecordingWriter | None,
    trouble: str | None,
    speed: float | None,
) -> Run:
    session = LiveSession(
        simulation,
        writer,
        desk.clock,
        speed=desk.speed if speed is None else speed,
        auto_pause=desk.settings.auto_pause,
        trouble=trouble,
    )
    history = History()
    history.add(session.frame)
    facts = replace(facts_of(level.scenario), titles=titles_of(level.text))
    return Run(level, session, history, facts, writer.path if writer else None)


def _open_recording(
    desk: Desk, level: Level, seed: int
) -> tuple[RecordingWriter | None, str | None]:
    now = desk.now()
    started_at = now.astimezone().isoformat(timespec="seconds")
    trouble = ""
    for number in range(1, MOST_AT_ONCE + 1):
        try:
            header = new_header(level.scenario, seed, VERSION, started_at, level.text, level.folder)
            return RecordingWriter(new_run_path(level.slug, now, number), header), None
        except Complaint as complaint:
            trouble = trouble_of(complaint)
        if trouble != "taken":
            break
    return None, trouble


async def judge_third_star(desk: Desk, run: Run) -> None:
    """Play a won run again on the second seed, a slice at a time, and keep what comes of it."""
    level = run.level
    second = SecondRun(level.scenario, run.seed, run.session.commands, level.folder)
    run.second_seed = second
    while not second.over:
        until = desk.clock() + SLICE_S
        while not second.over and desk.clock() < until:
            second.advance()
        await asyncio.sleep(BREATH_S)
    run.keep_result()
