"""A table of DynamoDB as requests meet it: no line to wait in, but capacity to stay below.

A request takes request units for its item from the table and from the partition
that its key lies in, or is throttled. Reads and writes have units of their own.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from engine.flow.delay import Delay
from engine.flow.queueing import Tokens, grant_both
from engine.flow.requests import Floats, Ints
from engine.flow.routes import spread
from engine.flow.stage import Flow, Inbox
from engine.flow.wiring import UnderWay
from engine.outcomes import FailureReason

Bools = npt.NDArray[np.bool_]


@dataclass(slots=True)
class UnitsSecond:
    """Units of one kind in a second: granted, and by the busiest partition."""

    used: float = 0.0
    busiest: float = 0.0


class Capacity:
    """What a table may be asked a second of one kind, and each of its partitions.

    The table keeps what it has not used for as long as `kept_s`, a partition
    for one second. Both begin with one second's worth.
    """

    def __init__(self, per_s: float, kept_s: float, partition_per_s: float, now: float) -> None:
        self.table = Tokens(per_s, per_s * kept_s, per_s, now)
        self.partition_per_s = partition_per_s
        self.partitions: list[Tokens] = []
        self.used: Floats = np.zeros(0)
        self.split(1, now)

    @property
    def per_s(self) -> float:
        """Units a second that the table may be asked."""
        return self.table.per_s

    def change(self, per_s: float, kept_s: float, now: float) -> None:
        """Another rate from now on; what was kept stays, as far as there is room for it."""
        self.table.fill(now)
        self.table.per_s, self.table.most = per_s, per_s * kept_s

    def drain(self) -> None:
        """Keep no more than one second's worth of what was kept."""
        self.table.level = min(self.table.level, self.table.per_s)

    def split(self, partitions: int, now: float) -> None:
        """So many partitions from now on, each with a second's worth of what it may do."""
        per_s = self.partition_per_s
        self.partitions = [Tokens(per_s, per_s, per_s, now) for _ in range(partitions)]
        self.used = np.zeros(partitions)

    def grant(self, times: Floats, units: Floats, parts: Ints) -> tuple[list[int], list[int]]:
        """Indices of arrivals that the table was short for, and of those that only a partition was.

        Takes units of both for all others.
        """
        asked = (times.tolist(), units.tolist(), parts.tolist())
        short, hot = grant_both(*asked, self.table, self.partitions)
        granted = np.ones(len(times), np.bool_)
        granted[short], granted[hot] = False, False
        size = len(self.partitions)
        self.used += np.bincount(parts[granted], weights=units[granted], minlength=size)
        return short, hot

    def take_second(self) -> UnitsSecond:
        """What was granted in the second that ends now."""
        done = UnitsSecond(float(self.used.sum()), float(self.used.max()))
        self.used = np.zeros(len(self.partitions))
        return done


@dataclass(slots=True)
class TableSecond:
    """A second of a table: units of both kinds; throttled, and of those by a partition alone."""

    reads: UnitsSecond = field(default_factory=UnitsSecond)
    writes: UnitsSecond = field(default_factory=UnitsSecond)
    throttled: int = 0
    hot: int = 0


class TableStore:
    """A table: a stage with a capacity for reads and one for writes.

    `units` is what a request of each class takes of its kind. What gets its
    units is answered within `takes_s`, by its luck.
    """

    behind: tuple[str, ...] = ()
    ipv6 = ends_tls = False

    def __init__(
        self,
        id: str,
        roles: tuple[str, ...],
        delay: Delay,
        capacity: tuple[Capacity, Capacity],
        units: Floats,
        takes_s: tuple[float, float],
    ) -> None:
        self.id = id
        self.roles = roles
        self.place = delay.place
        self.zone = ""
        self.up = False
        self.delay = delay
        self.reads, self.writes = capacity
        self._throttled = self._hot = 0
        self._units = units
        self._takes_s = takes_s
        self._inbox = Inbox()

    @property
    def holds(self) -> bool:
        """Whether any request is here or on its way here."""
        return bool(self._inbox) or bool(len(self.delay))

    def expect(self, ids: Ints, times: Floats) -> None:
        """Requests that arrive here at `times` (not before the batch that runs now)."""
        self._inbox.expect(ids, times)

    def wired(self, flow: Flow, plays: frozenset[str]) -> None:
        """Nothing about a table hangs on who else plays what."""

    def under_way(self, flow: Flow) -> set[UnderWay]:
        """None: the data step is the last."""
        return set()

    def split(self, partitions: int, now: float) -> None:
        """Its keys lie in so many partitions from now on."""
        for capacity in (self.reads, self.writes):
            capacity.split(partitions, now)
        self.delay.servers = partitions

    def carry(self, flow: Flow, until: float) -> None:
        """Carry every request here on to `until`."""
        ids, times = self._inbox.due(until)
        flow.requests.place[ids - flow.requests.base] = self.delay.place
        granted = self._grant(flow, ids, times)
        ids, times = ids[granted], times[granted]
        rows, requests = ids - flow.requests.base, flow.requests
        classes = requests.request_class[rows]
        requests.step[rows] = flow.paths.following[requests.step[rows], classes]
        low, high = self._takes_s
        takes = low + (high - low) * requests.luck[rows]
        departures = self.delay.pass_through(ids, times, takes, until)
        if len(departures.ids):
            flow.log(departures, self.delay.place)
            flow.forward(self.id, departures.ids, departures.end)

    def _grant(self, flow: Flow, ids: Ints, times: Floats) -> Bools:
        """Which arrivals get their units; the others are throttled.

        A table that is gone, or not there yet, refuses them all.
        """
        granted = np.full(len(ids), self.up)
        if not self.up:
            flow.fail(ids, times, FailureReason.CONNECTION_REFUSED, self.delay.place)
            return granted
        rows = ids - flow.requests.base
        classes = flow.requests.request_class[rows]
        units, writing = self._units[classes], flow.writes[classes]
        parts = spread(flow.requests.key[rows], len(self.reads.partitions))
        for capacity, of_kind in ((self.reads, ~writing), (self.writes, writing)):
            which = np.flatnonzero(of_kind)
            short, hot = capacity.grant(times[which], units[which], parts[which])
            granted[which[short]], granted[which[hot]] = False, False
            self._throttled += len(short) + len(hot)
            self._hot += len(hot)
        flow.fail(ids[~granted], times[~granted], FailureReason.THROTTLED, self.delay.place)
        return granted

    def take_second(self) -> TableSecond:
        """The second that ends now; the place is as busy as its tightest capacity."""
        reads, writes = self.reads.take_second(), self.writes.take_second()
        done = TableSecond(reads, writes, self._throttled, self._hot)
        self._throttled = self._hot = 0
        shares = [
            used / limit
            for second, capacity in ((reads, self.reads), (writes, self.writes))
            for used, limit in (
                (second.used, capacity.per_s),
                (second.busiest, capacity.partition_per_s),
            )
        ]
        self.delay.second.busy_s, self.delay.second.capacity_s = min(1.0, max(shares)), 1.0
        return done
