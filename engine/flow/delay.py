"""A place where every request is worked on at once: as many servers as it takes.

It keeps what it holds with the instants at which that will be done, and is seen
from outside like a station.
"""

import numpy as np

from engine.flow.requests import Floats, Ints
from engine.flow.station import NO_DEPARTURES, Departures, StationSecond

_NO_IDS: Ints = np.empty(0, dtype=np.int64)
_NO_TIMES: Floats = np.empty(0)


class Delay:
    """Requests that take their time without a waiting line; times are in seconds.

    `place` is the number by which requests remember where they are.
    """

    def __init__(self, id: str, place: int) -> None:
        self.id = id
        self.place = place
        self.servers = 1
        self.room = 0
        self.speed = 1.0
        self.second = StationSecond()
        self.ids = _NO_IDS
        self._arrived = self._end = _NO_TIMES

    def __len__(self) -> int:
        return len(self.ids)

    def running_ids(self) -> Ints:
        """Requests in progress, oldest first."""
        return self.ids

    def waiting_ids(self) -> Ints:
        """None: nobody waits here."""
        return _NO_IDS

    def pass_through(self, ids: Ints, times: Floats, takes: Floats, until: float) -> Departures:
        """Take in these arrivals, each for its time; returns all that is done before `until`."""
        if len(ids):
            self.ids = np.concatenate((self.ids, ids))
            self._arrived = np.concatenate((self._arrived, times))
            self._end = np.concatenate((self._end, times + takes))
        gone = self._end < until
        if not gone.any():
            return NO_DEPARTURES
        order = np.argsort(self._end[gone], kind="stable")
        left, arrived = self.ids[gone][order], self._arrived[gone][order]
        end = self._end[gone][order]
        stay = ~gone
        self.ids, self._arrived, self._end = self.ids[stay], self._arrived[stay], self._end[stay]
        self.second.served += len(left)
        return Departures(left, arrived, arrived, end)

    def fail_all(self) -> Ints:
        """Empty it at once; returns what it held."""
        lost, self.ids = self.ids, _NO_IDS
        self._arrived = self._end = _NO_TIMES
        return lost

    def busy(self) -> float:
        """The share of what may pass that has, in the second that runs."""
        return min(1.0, self.second.busy_s)

    def take_second(self) -> StationSecond:
        """What it did in the second that ends now."""
        done, self.second = self.second, StationSecond()
        done.capacity_s = max(done.capacity_s, 1.0)
        return done
