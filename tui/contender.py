"""A recorded run as one side of a comparison: its frames, its course, its landmarks, its stars."""

from bisect import bisect_right
from functools import cached_property

from engine.frame import Frame
from engine.recording import Header, Recording
from tui.landmarks import Landmarks
from tui.render.history import History


class Contender:
    """Everything of a run that is watched, alone or beside another one of its level.

    `stars` are those of the list of runs, where the third may have been judged
    after the recording was closed; else those that the recording knows.
    """

    def __init__(self, recording: Recording, stars: int | None = None) -> None:
        self.recording = recording
        self.history = History()
        for frame in recording.frames:
            self.history.add(frame)
        self.landmarks = Landmarks(recording, self.history)
        self._stars = stars

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
        if self._stars is not None:
            return self._stars
        verdict = self.last.verdict
        known = (self.recording.result or {}).get("stars", verdict.stars if verdict else 0)
        return min(3, max(0, known)) if isinstance(known, int) else 0

    def at(self, second: int) -> Frame:
        """The frame of a second, or the nearest before it."""
        frames = self.recording.frames
        index = bisect_right(frames, second, key=lambda frame: frame.second) - 1
        return frames[max(0, index)]
