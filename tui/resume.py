"""A recorded run taken up again: simulated to a second with its own moves, then played on.

The recording is only read. What is played goes into a new one, which holds the
whole run from its first second.
"""

from pathlib import Path
from typing import Any

from engine.frame import Frame
from engine.recording import Recording
from engine.scenario import read_scenario
from engine.services.command import Command
from engine.services.registry import read_command
from levels.campaign import campaign
from levels.level import Level
from tui.run import Run


def recorded_level(recording: Recording, folder: Path) -> Level:
    """The level of a recording, its traffic files laid out in `folder`; else a Complaint."""
    header = recording.header
    scenario = read_scenario(header.scenario, f"scenario of {header.slug}")
    for name in {getattr(part, "file", "") for part in scenario.traffic} & set(header.traces):
        (folder / name).write_bytes(header.traces[name].encode("latin-1", "replace"))
    known = next((level for level in campaign() if level.slug == header.slug), None)
    return Level(
        slug=header.slug,
        chapter=known.chapter if known else "",
        teaches=known.teaches if known else (),
        proofs=(),
        scenario=scenario,
        text=header.text,
        folder=folder,
    )


Moves = list[tuple[int, Command]]


def recorded_moves(recording: Recording) -> Moves:
    """All commands of a recording with their seconds; else a Complaint."""
    return [
        (line.second, read_command(line.command, f"command at second {line.second}"))
        for line in recording.commands
    ]


class Rerun:
    """Plays recorded moves in a new run, a second at a time, up to the second of `recorded`."""

    def __init__(self, run: Run, moves: Moves, recorded: Frame) -> None:
        self.run = run
        self.until = recorded.second
        self._recorded = recorded
        self._waiting = [move for move in reversed(moves) if move[0] <= self.until]
        self._give()

    @property
    def over(self) -> bool:
        """Whether the run stands at the second that was asked for, or ended before."""
        return self.run.session.over or self.run.session.frame.second >= self.until

    @property
    def share_done(self) -> float:
        """How far it is, in 0..1."""
        return self.run.session.frame.second / max(1, self.until)

    @property
    def differs(self) -> bool:
        """Whether it came out otherwise than it was recorded: another version made it."""
        frame = self.run.session.frame
        return _whole_figures(frame) != _whole_figures(self._recorded)

    def advance(self) -> None:
        """A second on, and the moves that were made there."""
        for frame in self.run.session.step():
            self.run.history.add(frame)
        self._give()
        if self.over and not self.run.session.over:
            self.run.session.pause("resumed")

    def _give(self) -> None:
        session = self.run.session
        while self._waiting and self._waiting[-1][0] <= session.frame.second:
            session.send(self._waiting.pop()[1])
        self.run.history.add(session.frame)


def _whole_figures(frame: Frame) -> tuple[Any, ...]:
    """What is counted and not measured: the same on every processor."""
    return frame.second, frame.totals, frame.money.spent_micro_usd, frame.addresses
