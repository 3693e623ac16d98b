"""The pacer: turns wall time into simulated seconds, for a live run or a recording.

Knows no terminal. A screen polls a session a few times a second and gets the
frames that have become due; commands go the other way. A session works within
a budget of wall time for each poll; where that is not enough the game slows
down and says so, it never skips a second.
"""

import errno
import math
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from engine.complaint import Complaint
from engine.frame import Frame
from engine.outcomes import Accepted, Outcome, Quote
from engine.recording import Recording, RecordingWriter
from engine.services.command import Command
from tui.frame_log import FrameLog

if TYPE_CHECKING:  # watching a recording must not load the engine
    from engine.simulation import Simulation

Clock = Callable[[], float]

MAX_SPEED = math.inf
SPEEDS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, MAX_SPEED)
"""Simulated seconds for each second of wall time; the last is as fast as possible."""

DEFAULT_SPEED = 10.0

POLL_BUDGET_S = 0.04
"""Wall time that a poll may work, well below the pause between two polls."""

MAX_BUDGET_S = 0.07
"""The same when going as fast as possible."""

LONGEST_PAUSE_S = 0.25
"""Wall time since the last poll beyond this is not made up: the player was elsewhere."""

AUTO_PAUSES = ("first_late", "first_failure")


def trouble_of(error: OSError | Complaint) -> str:
    """Why a recording cannot be written, as a key of the words table."""
    cause = error if isinstance(error, OSError) else error.__context__
    if isinstance(cause, FileExistsError):
        return "taken"
    number = cause.errno if isinstance(cause, OSError) else None
    if number in (errno.ENOSPC, errno.EDQUOT):
        return "full"
    if number in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR):
        return "forbidden"
    return "other"


LATE_PRESS_S = 0.5
"""How long after time has stopped by itself a press may still have been meant to stop it."""


class Given(NamedTuple):
    """A command that was given, when, and what came of it."""

    second: int
    command: Command
    outcome: Outcome


class Session(ABC):
    """Time for one run: speed, pause, and the frames that are due.

    `frame` is the newest frame. `paused_by` is None while time runs, else why
    it rests: ``start``, ``player``, a kind of news that pauses by itself, or
    ``over``.
    """

    speeds: tuple[float, ...] = SPEEDS

    def __init__(self, frame: Frame, clock: Clock, speed: float = DEFAULT_SPEED) -> None:
        self.frame = frame
        self.speed = speed
        self.paused_by: str | None = "start"
        self._clock = clock
        self._polled_at = clock()
        self._due_s = 0.0
        self._stopped_at: float | None = None
        self._pace: deque[tuple[float, float]] = deque(maxlen=20)

    @property
    def paused(self) -> bool:
        """Whether time rests."""
        return self.paused_by is not None

    @property
    @abstractmethod
    def over(self) -> bool:
        """Whether no further second will come."""

    @abstractmethod
    def seen(self) -> Sequence[Frame]:
        """Every second up to the one that is shown."""

    @abstractmethod
    def _next(self) -> Frame:
        """The frame of the next second."""

    def poll(self) -> list[Frame]:
        """The frames that became due since the last poll, oldest first."""
        now = self._clock()
        elapsed_s = min(now - self._polled_at, LONGEST_PAUSE_S)
        self._polled_at = now
        if self.paused or self.over:
            return []
        fastest = self.speed == MAX_SPEED
        self._due_s = math.inf if fastest else self._due_s + elapsed_s * self.speed
        until = now + (MAX_BUDGET_S if fastest else POLL_BUDGET_S)
        frames = self._take(until)
        late = self._due_s >= 1.0
        # What is due of the next second counts, or slow speeds would look slower at times.
        self._pace.append((now, self.frame.second + (0.0 if late else self._due_s)))
        if late:
            self._due_s = 0.0 if fastest else self._due_s % 1.0
        return frames

    def _take(self, until: float) -> list[Frame]:
        frames: list[Frame] = []
        while self._due_s >= 1.0 and not self.paused and not self.over:
            frames.append(self._forward())
            self._due_s -= 1.0
            if self._clock() >= until:
                break
        return frames

    def _forward(self) -> Frame:
        self.frame = self._next()
        return self.frame

    def step(self) -> list[Frame]:
        """One second, and rest after it."""
        self.pause()
        return [] if self.over else [self._forward()]

    def pause(self, reason: str = "player") -> None:
        """Let time rest."""
        self.paused_by = reason
        self._stopped_at = self._clock() if reason in AUTO_PAUSES else None
        self._due_s = 0.0
        self._pace.clear()

    def resume(self) -> None:
        """Let time run on."""
        if not self.over:
            self.paused_by = None
            self._polled_at = self._clock()

    def stand_aside(self) -> None:
        """The player is elsewhere: time does not run meanwhile, and that is no slowness."""
        self._polled_at = self._clock()
        self._pace.clear()

    def toggle_pause(self) -> None:
        """Pause, or run on.

        A press that comes just after time came to rest by itself was to stop it, too.
        """
        stopped_at, self._stopped_at = self._stopped_at, None
        if not self.paused:
            self.pause()
        elif stopped_at is None or self._clock() - stopped_at >= LATE_PRESS_S:
            self.resume()

    def change_speed(self, by: int) -> None:
        """To the next faster (1) or slower (-1) speed."""
        index = bisect_right(self.speeds, self.speed) - 1 + by
        self.speed = self.speeds[max(0, min(index, len(self.speeds) - 1))]
        self._due_s = 0.0
        self._pace.clear()

    @property
    def measured_speed(self) -> float | None:
        """Simulated seconds per second of wall time lately; None until it can be told."""
        if len(self._pace) < 5:
            return None
        (first_at, first), (last_at, last) = self._pace[0], self._pace[-1]
        return (last - first) / (last_at - first_at) if last_at > first_at else None

    @property
    def behind(self) -> bool:
        """Whether this machine cannot keep up with the chosen speed."""
        measured = self.measured_speed
        if measured is None or self.paused or len(self._pace) < 20:
            return False
        return self.speed != MAX_SPEED and measured < 0.8 * self.speed


class LiveSession(Session):
    """A run that is being simulated, and recorded as it goes.

    `frames` are those of all seconds so far, `given` every command with what came
    of it; `trouble` is why the run is not recorded, a key of the words table, or
    None while it is. `auto_pause` is whether it rests by itself at the first trouble.
    """

    def __init__(
        self,
        simulation: "Simulation",
        recorder: RecordingWriter | None,
        clock: Clock,
        *,
        speed: float = DEFAULT_SPEED,
        auto_pause: bool = True,
        trouble: str | None = None,
    ) -> None:
        super().__init__(simulation.frame(), clock, speed)
        self.simulation = simulation
        self.frames = FrameLog(self.frame)
        self.given: list[Given] = []
        self.trouble = trouble
        self._recorder = recorder
        self.auto_pause = auto_pause
        self._unseen = set(AUTO_PAUSES)
        self._record(lambda writer: writer.frame(self.frame))

    @property
    def over(self) -> bool:
        """Whether the verdict has fallen."""
        return self.frame.verdict is not None

    @property
    def commands(self) -> list[tuple[int, Command]]:
        """What was done, with its seconds."""
        return [(g.second, g.command) for g in self.given if isinstance(g.outcome, Accepted)]

    def send(self, command: Command) -> Outcome:
        """Give a command at the second where the run rests; it is done, or refused, at once."""
        second = self.frame.second
        outcome = self.simulation.apply(command)
        self._record(lambda writer: writer.command(second, command, outcome))
        self.given.append(Given(second, command, outcome))
        if isinstance(outcome, Accepted):
            self._look_again()
        return outcome

    def quote(self, command: Command) -> Quote:
        """What a command would cost, or why it would be refused; changes nothing."""
        return self.simulation.quote(command)

    def carry_on(self, other: "LiveSession") -> None:
        """Rest where `other` does, at its speed; what paused that by itself pauses no more."""
        self.speed = other.speed
        self.pause()
        self.paused_by = other.paused_by or "player"
        self.auto_pause, self._unseen = other.auto_pause, set(other._unseen)

    def record_as(self, path: Path) -> None:
        """Record under the name of another recording, in its place; OSError where it cannot be."""
        if self._recorder is not None:
            self._recorder.take_place_of(path)

    def close(self) -> None:
        """Leave the run: what is recorded so far stays."""
        if self._recorder is not None:
            self._record(lambda writer: writer.close())
            self._recorder = None

    def seen(self) -> Sequence[Frame]:
        """Every second up to the one that is shown."""
        return self.frames

    def _next(self) -> Frame:
        frame = self.simulation.advance(1)
        self.frames.append(frame)
        self._record(lambda writer: writer.frame(frame))
        if frame.verdict is not None:
            self._record(lambda writer: writer.finish(self.simulation.result()))
            self.pause("over")
        for news in frame.news:
            if news.kind in self._unseen and not self.over:
                self._unseen.discard(news.kind)
                if self.auto_pause:
                    self.pause(news.kind)
        return frame

    def _look_again(self) -> None:
        """Take the resting second's frame anew: it shows what was just done."""
        self.frame = self.simulation.frame()
        self.frames.replace_newest(self.frame)
        self._record(lambda writer: writer.frame(self.frame))

    def _record(self, write: Callable[[RecordingWriter], object]) -> None:
        """Write to the recording; where that fails the game goes on without it."""
        if self._recorder is None:
            return
        try:
            write(self._recorder)
        except (OSError, Complaint) as error:
            self._recorder = None
            self.trouble = trouble_of(error)


class ReplaySession(Session):
    """A recording that is being watched; needs no engine and can go to any second at once."""

    speeds = (*SPEEDS[:-1], 120.0, 300.0, 600.0)

    def __init__(self, recording: Recording, clock: Clock, speed: float = DEFAULT_SPEED) -> None:
        self.recording = recording
        self.frames = recording.frames
        super().__init__(self.frames[0], clock, speed)
        self._index = 0

    @property
    def over(self) -> bool:
        """Whether the last recorded second is shown."""
        return self._index >= len(self.frames) - 1

    def seen(self) -> Sequence[Frame]:
        """Every second up to the one that is shown."""
        return self.frames[: self._index + 1]

    def _take(self, until: float) -> list[Frame]:
        """The newest due second alone: those between lie there for any later question."""
        seconds = min(int(self._due_s), len(self.frames) - 1 - self._index)
        if seconds < 1:
            return []
        self._due_s -= seconds
        self._index += seconds
        self.frame = self.frames[self._index]
        return [self.frame]

    def _next(self) -> Frame:
        self._index += 1
        return self.frames[self._index]

    @property
    def last_second(self) -> int:
        """The last second on the recording."""
        return self.frames[-1].second

    def seek(self, second: int) -> None:
        """Show a second, the nearest before it, or the first."""
        index = bisect_right(self.frames, second, key=lambda frame: frame.second) - 1
        self._index = max(0, index)
        self.frame = self.frames[self._index]
        self._due_s = 0.0
        self._pace.clear()
