"""An object store as requests meet it: no capacity to run out of, but a rate to stay below."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.flow.delay import Delay
from engine.flow.queueing import grant
from engine.flow.requests import Floats, Ints
from engine.flow.stage import Flow, Inbox
from engine.flow.wiring import UnderWay
from engine.outcomes import FailureReason


@dataclass(slots=True)
class Rate:
    """A token bucket: `per_s` requests a second, of which it lends one second's ahead."""

    per_s: float
    level: float
    last_s: float = 0.0

    def turn_away(self, times: Floats) -> list[int]:
        """Indices of the arrivals for which no token was left; takes one for each other."""
        refused, self.level, self.last_s = grant(
            times.tolist(), self.level, self.last_s, self.per_s, self.per_s
        )
        return refused

    def change(self, per_s: float) -> None:
        """Another rate from now on; what has been saved stays."""
        self.per_s = per_s


@dataclass(slots=True)
class StoreSecond:
    """Requests of the second that runs: granted reads and writes, and those turned away."""

    reads: int = 0
    writes: int = 0
    slowed: int = 0


class Store:
    """A bucket of an object store: a stage.

    A request takes `low_s` to `high_s` until its first byte (by its luck), and
    then as long as its bytes take at `bytes_s`.
    """

    behind: tuple[str, ...] = ()
    ipv6 = ends_tls = False
    roles: tuple[str, ...] = ("files",)

    def __init__(
        self,
        id: str,
        delay: Delay,
        reads: Rate,
        writes: Rate,
        first_byte_s: tuple[float, float],
        bytes_s: float,
    ) -> None:
        self.id = id
        self.place = delay.place
        self.zone = ""
        self.up = True
        self.delay = delay
        self.reads = reads
        self.writes = writes
        self.second = StoreSecond()
        self._first_byte_s = first_byte_s
        self._bytes_s = bytes_s
        self._inbox = Inbox()
        self._transfer_s: Floats = np.zeros(0)

    @property
    def holds(self) -> bool:
        """Whether any request is here or on its way here."""
        return bool(self._inbox) or bool(len(self.delay))

    def expect(self, ids: Ints, times: Floats) -> None:
        """Requests that arrive here at `times` (not before the batch that runs now)."""
        self._inbox.expect(ids, times)

    def wired(self, flow: Flow, plays: frozenset[str]) -> None:
        """Nothing about a bucket hangs on who else plays what."""
        self._transfer_s = np.array([c.response_kb * 1_000 / self._bytes_s for c in flow.classes])

    def under_way(self, flow: Flow) -> set[UnderWay]:
        """None: the data step is the last."""
        return set()

    def carry(self, flow: Flow, until: float) -> None:
        """Carry every request here on to `until`."""
        ids, times = self._inbox.due(until)
        flow.requests.place[ids - flow.requests.base] = self.delay.place
        granted = self._grant(flow, ids, times)
        ids, times = ids[granted], times[granted]
        rows, requests = ids - flow.requests.base, flow.requests
        classes = requests.request_class[rows]
        requests.step[rows] = flow.paths.following[requests.step[rows], classes]
        low, high = self._first_byte_s
        takes = low + (high - low) * requests.luck[rows] + self._transfer_s[classes]
        departures = self.delay.pass_through(ids, times, takes, until)
        if len(departures.ids):
            flow.log(departures, self.delay.place)
            flow.forward(self.id, departures.ids, departures.end)

    def _grant(self, flow: Flow, ids: Ints, times: Floats) -> npt.NDArray[np.bool_]:
        """Which arrivals are within the rate; the others are told to slow down.

        A bucket that is gone refuses them all.
        """
        if not self.up:
            flow.fail(ids, times, FailureReason.CONNECTION_REFUSED, self.delay.place)
            return np.zeros(len(ids), np.bool_)
        granted = np.ones(len(ids), np.bool_)
        writing = flow.writes[flow.requests.request_class[ids - flow.requests.base]]
        for rate, of_kind in ((self.reads, ~writing), (self.writes, writing)):
            which = np.flatnonzero(of_kind)
            granted[which[rate.turn_away(times[which])]] = False
        self.second.reads += int((granted & ~writing).sum())
        self.second.writes += int((granted & writing).sum())
        self.second.slowed += int((~granted).sum())
        slowed = ~granted
        flow.fail(ids[slowed], times[slowed], FailureReason.SLOW_DOWN, self.delay.place)
        return granted

    def take_second(self) -> StoreSecond:
        """The requests of the second that ends now."""
        done, self.second = self.second, StoreSecond()
        share = max(done.reads / self.reads.per_s, done.writes / self.writes.per_s)
        self.delay.second.busy_s, self.delay.second.capacity_s = min(1.0, share), 1.0
        return done
