"""The exact queue kernels: free functions over plain numbers, no ``self``.

First come, first served with c servers: a request starts at the later of its
arrival and the earliest instant at which a server is free. That recursion
(Kiefer and Wolfowitz, 1955) is exact, and a heap of the c free instants makes it
one cheap step for each request.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from heapq import heapify, heappop, heappush, heapreplace


def serve(
    arrivals: Iterable[float],
    services: Iterable[float],
    free: list[float],
    starts: list[float],
    room: int,
) -> list[int]:
    """Admit requests in order of arrival to c servers behind a room of `room` >= 1 places.

    `free` is the heap of the instants at which each server is free. `starts`
    holds the starts of the requests that came before, oldest first, and at
    least `room` of them (padded with -inf); the start of every admitted request
    is appended to it. Both are changed in place. All times are in seconds.

    Starts grow with the order of arrival, so the room is full exactly when the
    request admitted `room` places earlier still waits. A server or a place that
    falls free at an instant is free for an arrival at that instant.

    Returns the indices of the refused requests.
    """
    refused: list[int] = []
    append = starts.append
    oldest = len(starts) - room
    first = oldest
    for arrival, service in zip(arrivals, services, strict=True):
        if starts[oldest] > arrival:
            refused.append(oldest - first + len(refused))
            continue
        start = free[0]
        if start < arrival:
            start = arrival
        heapreplace(free, start + service)
        append(start)
        oldest += 1
    return refused


def serve_waiting(services: Iterable[float], free: list[float], now: float) -> list[float]:
    """Starts of requests that already wait at `now`, oldest first; `free` is changed in place."""
    starts: list[float] = []
    for service in services:
        start = max(free[0], now)
        heapreplace(free, start + service)
        starts.append(start)
    return starts


def grant(
    arrivals: Iterable[float], level: float, last: float, rate: float, capacity: float
) -> tuple[list[int], float, float]:
    """Pass requests through a token bucket in order of arrival.

    The bucket held `level` tokens at `last`; it gains `rate` tokens a second up
    to `capacity`, and a request that finds a whole one takes it. Times are in
    seconds. Returns the indices of those that found none, and the bucket's
    level and instant after the last arrival.
    """
    refused: list[int] = []
    for index, arrival in enumerate(arrivals):
        level = min(capacity, level + rate * (arrival - last))
        last = arrival
        if level >= 1.0:
            level -= 1.0
        else:
            refused.append(index)
    return refused, level, last


@dataclass(slots=True)
class Tokens:
    """A token bucket that held `level` at `last_s`; it gains `per_s` a second up to `most`."""

    per_s: float
    most: float
    level: float
    last_s: float = 0.0

    def at(self, now: float) -> float:
        """What is in it at an instant, if nothing is taken until then."""
        return min(self.most, self.level + self.per_s * (now - self.last_s))

    def fill(self, now: float) -> float:
        """The same, and it has come to that instant."""
        self.level, self.last_s = self.at(now), now
        return self.level


def grant_both(
    arrivals: Iterable[float],
    units: Iterable[float],
    parts: Iterable[int],
    whole: Tokens,
    own: list[Tokens],
) -> tuple[list[int], list[int]]:
    """Let requests take tokens of a whole and of one of its parts at once, in order of arrival.

    Each wants `units` of both, of its part in `parts`, and takes none where
    either has less. The buckets are changed in place. Returns the indices of
    those that the whole was short for, and of those that only their part was.
    """
    short: list[int] = []
    hot: list[int] = []
    for index, (arrival, wanted, part) in enumerate(zip(arrivals, units, parts, strict=True)):
        mine = own[part]
        if whole.fill(arrival) < wanted:
            short.append(index)
        elif mine.fill(arrival) < wanted:
            hot.append(index)
        else:
            whole.level -= wanted
            mine.level -= wanted
    return short, hot


class Outlook:
    """How a station stands, so that one can foresee when each further request will be done there.

    `free` is the heap of instants at which its servers are free; `starts` the
    starts of what came before, oldest first, at least `room` of them; `ends`
    the ends of what it has not finished. It is down when `up` is False, and
    turns everything away. Times are in seconds.
    """

    def __init__(
        self, free: list[float], starts: list[float], ends: list[float], room: int, *, up: bool
    ) -> None:
        self._free = free
        self._starts = starts
        self._oldest = len(starts) - room
        self._ends = ends
        self._up = up
        heapify(ends)

    def take(self, arrival: float, service: float) -> None:
        """One more request that arrives then, not before any other; as `serve` admits it."""
        end = arrival
        if self._up and self._starts[self._oldest] <= arrival:
            start = self._free[0]
            if start < arrival:
                start = arrival
            end = start + service
            heapreplace(self._free, end)
            self._starts.append(start)
            self._oldest += 1
        heappush(self._ends, end)

    def outstanding(self, now: float) -> int:
        """Requests taken that are not done at `now`; what is done at that instant is done."""
        ends = self._ends
        while ends and ends[0] <= now:
            heappop(ends)
        return len(ends)


def spread(
    arrivals: list[float],
    hop_s: float,
    services: list[list[float]],
    targets: list[Outlook],
    turn: int,
    settle: Callable[[int, int], tuple[int, bool]] | None = None,
) -> list[int]:
    """Send each arrival to the target with the fewest outstanding requests, `hop_s` away.

    `services` holds, for each target, what every arrival would take there. Of
    several targets with as few, it is the first from `turn` on, which moves on
    by one for each arrival. `settle` is told of each arrival and its target, and
    says which it has instead, and whether it goes there at all. Returns the
    index of each arrival's target.
    """
    chosen: list[int] = []
    n = len(targets)
    for index, arrival in enumerate(arrivals):
        counts = [target.outstanding(arrival) for target in targets]
        best = min(range(n), key=lambda k: (counts[k], (k - turn - index) % n))
        goes = True
        if settle is not None:
            best, goes = settle(index, best)
        if goes:
            targets[best].take(arrival + hop_s, services[best][index])
        chosen.append(best)
    return chosen


NO_STORAGE, NO_CONNECTION = -1.0, -2.0
"""For `connect`: what goes away from the CPU at once; what, besides, takes no connection."""


def connect(
    arrivals: Iterable[float],
    services: Iterable[float],
    io_services: Iterable[float],
    cpu: tuple[list[float], list[tuple[float, float]]],
    io: tuple[list[float], list[float]],
    limit: int,
) -> list[int]:
    """Which requests find all of `limit` connections taken, in order of arrival.

    A request holds its connection from its arrival until it has left the CPU
    and, after that, the storage: its `io_services` is what it takes there,
    `NO_STORAGE` for nothing; one with `NO_CONNECTION` only works on the CPU,
    and is never refused. `cpu` and `io` say how both stand: the instants at which their
    servers are free, and the ends of what they hold (on the CPU with what each
    takes at the storage afterwards, oldest first). All times are in seconds.
    Nothing is changed in place. Returns the indices of the refused requests.
    """
    cpu_free, io_free = list(cpu[0]), list(io[0])
    heapify(cpu_free)
    heapify(io_free)
    held = [(end, number, after) for number, (end, after) in enumerate(cpu[1])]
    storing = list(io[1])
    heapify(held)
    heapify(storing)
    taken = sum(left != NO_CONNECTION for _, _, left in held) + len(storing)
    refused = []
    number = len(held)
    for index, (arrival, service, after) in enumerate(
        zip(arrivals, services, io_services, strict=True)
    ):
        while held and held[0][0] <= arrival:
            end, _, left = heappop(held)
            if left < 0:
                taken -= left != NO_CONNECTION
                continue
            done = max(end, io_free[0]) + left
            heapreplace(io_free, done)
            heappush(storing, done)
        while storing and storing[0] <= arrival:
            heappop(storing)
            taken -= 1
        if taken >= limit and after != NO_CONNECTION:
            refused.append(index)
            continue
        end = max(arrival, cpu_free[0]) + service
        heapreplace(cpu_free, end)
        heappush(held, (end, number, after))
        number += 1
        taken += after != NO_CONNECTION
    return refused
