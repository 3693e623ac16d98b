"""Hints that were taken in a run: the level's, one at a time, and those against its troubles."""

from collections import Counter
from dataclasses import dataclass, field

from engine.explain import Cause
from tui.explanations import HINT_STEPS


@dataclass
class Hints:
    """How many of a level's hints were taken, and how plain an answer against each cause."""

    taken: int = 0
    plainness: Counter[Cause] = field(default_factory=Counter)

    def take(self, level_hints: int, cause: Cause | None) -> bool:
        """One more, of the level and against what is wrong; whether there was one left."""
        before = (self.taken, self.plainness.total())
        self.taken = max(self.taken, min(self.taken + 1, level_hints))
        if cause is not None:
            self.plainness[cause] = min(self.plainness[cause] + 1, HINT_STEPS)
        return (self.taken, self.plainness.total()) != before
