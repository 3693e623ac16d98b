"""A run being played: its level, its session, what was seen of it, and where it is recorded."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from engine.complaint import Complaint
from engine.recording import RecordingWriter, new_header
from engine.simulation import VERSION, Simulation
from levels.level import Level
from tui.desk import Desk
from tui.render.facts import Facts, facts_of
from tui.render.history import History
from tui.second_seed import SecondSeed
from tui.session import DEFAULT_SPEED, LiveSession
from tui.shelf import Best, keep_best, new_run_path, note_ending

SLICE_S = 0.05
"""Wall time that the third star takes at once; keys stay quick between."""

BREATH_S = 0.04


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
    second_seed: SecondSeed | None = None

    @property
    def seed(self) -> int:
        """The seed of the traffic and of the delays."""
        return self.session.simulation.seed

    @property
    def stars(self) -> int:
        """The verdict's stars, and the third one where it was earned."""
        verdict = self.session.frame.verdict
        third = self.second_seed is not None and self.second_seed.won
        return (verdict.stars if verdict else 0) + int(third)

    def keep_result(self) -> None:
        """Note how a run that is over ended, and whether it is the player's best."""
        frame = self.session.frame
        assert frame.verdict is not None
        if self.path is not None:
            note_ending(self.path, frame, self.stars)
        if frame.verdict.won:
            keep_best(self.level.slug, Best(self.stars, frame.money.spent_micro_usd, self.seed))

    def close(self) -> None:
        """Leave the run; a recording of nothing at all is not kept."""
        self.session.close()
        untouched = self.session.frame.second == 0 and not self.session.commands
        if untouched and self.path is not None:
            with suppress(OSError):
                self.path.unlink(missing_ok=True)


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


async def judge_third_star(desk: Desk, run: Run) -> None:
    """Play a won run again on the second seed, a slice at a time, and keep what comes of it."""
    run.second_seed = second = SecondSeed(run.level, run.seed, run.session.commands)
    while not second.over:
        until = desk.clock() + SLICE_S
        while not second.over and desk.clock() < until:
            second.advance()
        await asyncio.sleep(BREATH_S)
    run.keep_result()
