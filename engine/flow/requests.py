"""All attempts that are under way, as columns of one sliding window.

An attempt has a number, and its row stands at that number minus `base`. Rows
are appended in order of time and dropped from the front once they are over, so
the window is as long as the slowest request, however many have passed.
"""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

OVER, AWAITED, ABANDONED = 0, 1, 2
"""State of an attempt: done with; its user waits; its user has gone but it is still worked on."""

STEPS = 3
"""Steps of a request: web, app, data."""

SLOTS = 8
"""Stations on a request's way that are remembered; what comes after them overwrites the last."""

NO_DISK = -1
"""The disk of a request that needs none."""

DONE = STEPS
"""The step after the last."""


@dataclass(slots=True, eq=False)
class Arrivals:
    """Attempts that arrive, in order of `time`; n of them.

    `work` (STEPS, n) is CPU seconds of an m5 vCPU; `key` is the key of its table
    that it asks for, 0 the most popular one; `heat` says which share of the
    table is asked for more often (over 1: always needs I/O); `pause` is how long
    its user waits before another try, in seconds; `luck` in [0, 1) decides what
    chance decides on its way; `session` is its user's number in the pool.
    """

    time: Floats
    request_class: npt.NDArray[np.int16]
    work: Floats
    key: npt.NDArray[np.int32]
    heat: Floats
    https: npt.NDArray[np.bool_]
    ipv6: npt.NDArray[np.bool_]
    pause: Floats
    luck: Floats
    session: npt.NDArray[np.int32]
    tries_left: npt.NDArray[np.int8]
    attempt: npt.NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.time)

    def pick(self, which: Ints | slice | npt.NDArray[np.bool_]) -> "Arrivals":
        """Some of them."""
        return Arrivals(*(getattr(self, f.name)[..., which] for f in fields(self)))


def merge(parts: list[Arrivals]) -> Arrivals:
    """All of them in order of time; at one instant, in the order of `parts`."""
    if len(parts) == 1:
        return parts[0]
    joined = Arrivals(
        *(np.concatenate([getattr(p, f.name) for p in parts], axis=-1) for f in fields(Arrivals))
    )
    return joined.pick(np.argsort(joined.time, kind="stable"))


class Requests:
    """The window of attempts. Index its columns with ``ids - base``."""

    def __init__(self) -> None:
        self.base = 0
        self.count = 0
        self._allot(4096)

    def _allot(self, capacity: int) -> None:
        self.request_class = np.zeros(capacity, np.int16)
        self.started = np.zeros(capacity)
        self.give_up = np.zeros(capacity)
        self.work = np.zeros((STEPS, capacity))
        self.key = np.zeros(capacity, np.int32)
        self.heat = np.zeros(capacity)
        self.https = np.zeros(capacity, np.bool_)
        self.ipv6 = np.zeros(capacity, np.bool_)
        self.pause = np.zeros(capacity)
        self.luck = np.zeros(capacity)
        self.session = np.zeros(capacity, np.int32)
        self.tries_left = np.zeros(capacity, np.int8)
        self.attempt = np.zeros(capacity, np.int8)
        self.state = np.zeros(capacity, np.int8)
        self.step = np.zeros(capacity, np.int8)
        self.slot = np.zeros(capacity, np.int8)
        self.place = np.zeros(capacity, np.int16)
        self.disk = np.zeros(capacity, np.int8)
        self.wait_log = np.zeros((capacity, SLOTS))
        self.work_log = np.zeros((capacity, SLOTS))
        self.place_log = np.zeros((capacity, SLOTS), np.int16)

    def columns(self) -> dict[str, npt.NDArray[np.generic]]:
        """Every column by name."""
        return {k: v for k, v in self.__dict__.items() if isinstance(v, np.ndarray)}

    def append(self, arrivals: Arrivals, patience_s: Floats) -> Ints:
        """Add attempts, which start to be waited for; `patience_s` is per request class.

        Returns their numbers.
        """
        n = len(arrivals)
        if self.count + n > len(self.state):
            self._make_room(n)
        rows = slice(self.count, self.count + n)
        self.request_class[rows] = arrivals.request_class
        self.started[rows] = arrivals.time
        self.give_up[rows] = arrivals.time + patience_s[arrivals.request_class]
        self.work[:, rows] = arrivals.work
        self.key[rows] = arrivals.key
        self.heat[rows] = arrivals.heat
        self.https[rows] = arrivals.https
        self.ipv6[rows] = arrivals.ipv6
        self.pause[rows] = arrivals.pause
        self.luck[rows] = arrivals.luck
        self.session[rows] = arrivals.session
        self.tries_left[rows] = arrivals.tries_left
        self.attempt[rows] = arrivals.attempt
        self.state[rows] = AWAITED
        self.step[rows] = 0
        self.slot[rows] = 0
        self.place[rows] = 0
        self.work_log[rows] = np.nan
        first = self.base + self.count
        self.count += n
        return np.arange(first, first + n)

    def append_jobs(
        self, request_class: npt.NDArray[np.int16], key: npt.NDArray[np.int32], work: Floats
    ) -> Ints:
        """Add work of the data step that no user waits for (their `attempt` is 0).

        `work` is in CPU seconds. Returns their numbers.
        """
        n = len(work)
        if self.count + n > len(self.state):
            self._make_room(n)
        rows = slice(self.count, self.count + n)
        self.request_class[rows], self.key[rows] = request_class, key
        self.work[:, rows] = 0.0
        self.work[DONE - 1, rows] = work
        # In order of time, as all rows are, though it is not this by which they are done.
        self.started[rows] = self.give_up[rows] = self.started[self.count - 1] if self.count else 0
        self.tries_left[rows] = self.attempt[rows] = 0
        self.state[rows], self.step[rows], self.disk[rows] = ABANDONED, DONE, NO_DISK
        self.slot[rows] = self.place[rows] = 0
        self.work_log[rows] = np.nan
        first = self.base + self.count
        self.count += n
        return np.arange(first, first + n)

    def again(self, rows: Ints, due: Floats) -> Arrivals:
        """The same attempts as they will arrive once more at `due`, in order of time."""
        order = np.argsort(due, kind="stable")
        rows = rows[order]
        return Arrivals(
            time=due[order],
            request_class=self.request_class[rows],
            work=self.work[:, rows],
            key=self.key[rows],
            heat=self.heat[rows],
            https=self.https[rows],
            ipv6=self.ipv6[rows],
            pause=self.pause[rows],
            luck=self.luck[rows],
            session=self.session[rows],
            tries_left=self.tries_left[rows] - np.int8(1),
            attempt=self.attempt[rows] + np.int8(1),
        )

    def _make_room(self, n: int) -> None:
        """Drop the rows at the front that are over; grow when that does not free half."""
        alive = np.flatnonzero(self.state[: self.count] != OVER)
        dropped = int(alive[0]) if len(alive) else self.count
        kept = self.count - dropped
        old = self.columns()
        if 2 * (kept + n) > len(self.state):
            self._allot(max(2 * len(self.state), 4 * (kept + n)))
        for name, new in self.columns().items():
            axis_last = name == "work"
            source = (
                old[name][..., dropped : self.count]
                if axis_last
                else (old[name][dropped : self.count])
            )
            if axis_last:
                new[..., :kept] = source.copy()
            else:
                new[:kept] = source.copy()
        self.base += dropped
        self.count = kept
