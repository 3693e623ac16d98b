"""A recorded run as one side of a comparison: its frames, its course, its landmarks, its stars."""

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import islice

from engine.frame import Frame
from engine.recording import Header, Recording
from tui.landmarks import Landmarks
from tui.pages import STARS
from tui.render.history import History

STEP = 20
"""Frames that are read at once."""


class Contender:
    """Everything of a run that is watched, alone or beside another one of its level.

    Its course is read frame by frame with `advance`, or all at once with
    `finish`. `stars` are those of the list of runs, where the third may have
    been judged after the recording was closed; else those that it knows itself.
    """

    def __init__(self, recording: Recording, stars: int | None = None) -> None:
        self.recording = recording
        self.history = History()
        self._frames = iter(recording.frames)
        self._read = 0
        self._stars = stars

    @property
    def over(self) -> bool:
        """Whether all frames are read."""
        return self._read >= len(self.recording.frames)

    @property
    def share_done(self) -> float:
        """How far that is, in 0..1."""
        return self._read / len(self.recording.frames)

    def advance(self) -> None:
        """Read a few frames more."""
        for frame in islice(self._frames, STEP):
            self.history.add(frame)
            self._read += 1

    def finish(self) -> "Contender":
        """Read what is left."""
        while not self.over:
            self.advance()
        return self

    @cached_property
    def landmarks(self) -> Landmarks:
        """What happened in it; once all of it is read."""
        return Landmarks(self.recording, self.history)

    @property
    def header(self) -> Header:
        """What was played."""
        return self.recording.header

    @cached_property
    def last(self) -> Frame:
        """The newest frame there is."""
        return self.recording.frames[-1]

    @property
    def stars(self) -> int:
        """How many it got."""
        verdict = self.last.verdict
        known = (self.recording.result or {}).get("stars", verdict.stars if verdict else 0)
        stars = known if self._stars is None else self._stars
        return min(STARS, max(0, stars)) if isinstance(stars, int) else 0

    def at(self, second: int) -> Frame:
        """The frame of a second, or the nearest before it."""
        frames = self.recording.frames
        index = bisect_right(frames, second, key=lambda frame: frame.second) - 1
        return frames[max(0, index)]


class Reading:
    """Several contenders, read one after the other."""

    def __init__(self, contenders: Sequence[Contender]) -> None:
        self._contenders = contenders

    @property
    def over(self) -> bool:
        """Whether all are read."""
        return all(one.over for one in self._contenders)

    @property
    def share_done(self) -> float:
        """How far that is, in 0..1."""
        return sum(one.share_done for one in self._contenders) / len(self._contenders)

    def advance(self) -> None:
        """A few frames more of the first that is not read yet."""
        next(one for one in self._contenders if not one.over).advance()
