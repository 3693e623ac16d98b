"""Where users' sessions are kept: in the memory of the machine that saw them, or outside."""

import numpy as np
import numpy.typing as npt

from engine.flow.requests import Ints

NEW, GONE = -1, -2
"""A session that nobody has seen yet; one whose machine has lost its memory."""


class Sessions:
    """The place that holds each session of the pool.

    `lookup_s` is how long it takes to ask a store outside of all machines, which
    then has every session; 0 as long as there is none. `lookups` counts how
    often it was asked, in the second that runs.
    """

    def __init__(self, pool: int) -> None:
        self.lookup_s = 0.0
        self.lookups = 0
        self._home = np.full(pool, NEW, np.int32)

    @property
    def outside(self) -> bool:
        """Whether a store of its own has them all."""
        return self.lookup_s > 0

    def keep_outside(self, lookup_s: float) -> None:
        """A store has them from now on; machines hand over what they remember."""
        self.lookup_s = lookup_s

    def lose_store(self) -> None:
        """The store is gone with all that it held: machines keep what they see from now on."""
        self.lookup_s = 0.0
        self._home[self._home != NEW] = GONE

    def seen(self) -> int:
        """How many sessions somebody remembers."""
        return int((self._home >= 0).sum())

    def land(self, sessions: npt.NDArray[np.int32], places: Ints) -> npt.NDArray[np.bool_]:
        """Requests that come to these places, in order of time: which do not find their session.

        Each is at home there from then on.
        """
        order = np.argsort(sessions, kind="stable")
        ordered, here = sessions[order], places[order]
        before = np.empty(len(order), np.int64)
        first = np.ones(len(order), np.bool_)
        first[1:] = ordered[1:] != ordered[:-1]
        before[1:] = here[:-1]
        before[first] = self._home[ordered[first]]
        lost = np.zeros(len(order), np.bool_)
        lost[order] = (before != NEW) & (before != here)
        last = np.roll(first, -1)
        self._home[ordered[last]] = here[last]
        return lost & (not self.outside)

    def forget(self, place: int) -> None:
        """A machine has lost its memory."""
        if not self.outside:
            self._home[self._home == place] = GONE
