"""What becomes of attempts: answered in time or late, failed, given up, tried once more.

An outcome is booked once, for the attempt whose user still waits; the work for
those who have gone goes on without them.
"""

from collections.abc import Callable

import numpy as np

from engine.flow.requests import ABANDONED, AWAITED, OVER, SLOTS, Arrivals, Floats, Ints, Requests
from engine.flow.sampling import Sampler
from engine.flow.station import Departures
from engine.flow.tally import Tally
from engine.outcomes import FailureReason
from engine.scenario import RequestClass

Observer = Callable[[str, Floats, Ints, str], None]
"""Told of every outcome: its name (``answered`` or a reason), instants, request numbers, place."""


class Attempts:
    """All attempts of a run; `retries` are those that will be made, `places` names by number."""

    def __init__(self, classes: tuple[RequestClass, ...], places: list[str]) -> None:
        self.classes = classes
        self.requests = Requests()
        self.tally = Tally([c.name for c in classes])
        self.places = places
        self.retries: list[Arrivals] = []
        self.observer: Observer | None = None
        self._patience_s = np.array([c.patience_ms / 1_000 for c in classes])
        self._deadline_s = np.array([c.deadline_ms / 1_000 for c in classes])
        self._sampler = Sampler(self.requests, self.tally, places)
        self._settled = 0

    def begin(self, arrivals: Arrivals) -> Ints:
        """Attempts that come to the board; returns their numbers."""
        self.tally.attempt(arrivals.request_class)
        return self.requests.append(arrivals, self._patience_s)

    def log(self, departures: Departures, place: int) -> None:
        """Remember how long requests waited and were worked on at a station."""
        requests = self.requests
        rows = departures.ids - requests.base
        slots = np.minimum(requests.slot[rows], SLOTS - 1)
        requests.slot[rows] = slots + 1
        requests.wait_log[rows, slots] = departures.start - departures.arrived
        requests.work_log[rows, slots] = departures.end - departures.start
        requests.place_log[rows, slots] = place

    def answer(self, ids: Ints, times: Floats) -> None:
        """Answers that reach their users at `times`, if those still wait."""
        if not len(ids):
            return
        requests = self.requests
        rows = ids - requests.base
        awaited = requests.state[rows] == AWAITED
        in_patience = times <= requests.give_up[rows]
        if not (awaited & in_patience).all():
            left = awaited & ~in_patience
            self._fail_awaited(
                ids[left], requests.give_up[rows[left]], FailureReason.CLIENT_GAVE_UP
            )
            requests.state[rows[~in_patience | ~awaited]] = OVER
            kept = awaited & in_patience
            ids, times, rows = ids[kept], times[kept], rows[kept]
            if not len(ids):
                return
        requests.state[rows] = OVER
        classes = requests.request_class[rows]
        latency_s = times - requests.started[rows]
        good = latency_s <= self._deadline_s[classes]
        self.tally.answer(classes, latency_s * 1_000, good)
        if not good.all():
            self._blame_late(rows[~good])
        self._sampler.slowest(rows, latency_s, good)
        if self.observer:
            self.observer("answered", times, ids, "")

    def _blame_late(self, rows: Ints) -> None:
        """Late answers are blamed on the station where they spent the most time."""
        requests = self.requests
        spent = np.nan_to_num(requests.wait_log[rows] + requests.work_log[rows], nan=-1.0)
        places = requests.place_log[rows, spent.argmax(axis=1)].astype(np.int64)
        classes = requests.request_class[rows].astype(np.int64)
        for key, count in _count(classes * len(self.places) + places):
            request_class, place = divmod(key, len(self.places))
            self.tally.blame(request_class, "late", self.places[place], count)

    def fail(self, ids: Ints, times: Floats, reason: FailureReason, place: int) -> None:
        """Attempts that fail at `times` (and leave the board) at a place."""
        if not len(ids):
            return
        requests = self.requests
        rows = ids - requests.base
        requests.place[rows] = place
        awaited = requests.state[rows] == AWAITED
        requests.state[rows] = OVER
        gave_up = awaited & (times > requests.give_up[rows])
        self._fail_awaited(
            ids[gave_up], requests.give_up[rows[gave_up]], FailureReason.CLIENT_GAVE_UP
        )
        met = awaited & ~gave_up
        self._fail_awaited(ids[met], times[met], reason)

    def give_up(self, until: float) -> None:
        """Users whose patience ended before `until` go; the work for them goes on."""
        requests = self.requests
        first = max(0, self._settled - requests.base)
        started = requests.started[first : requests.count]
        span = int(np.searchsorted(started, until - self._patience_s.min(), side="left"))
        if not span:
            return
        window = slice(first, first + span)
        awaited = requests.state[window] == AWAITED
        leaving = first + np.flatnonzero(awaited & (requests.give_up[window] < until))
        if len(leaving):
            requests.state[leaving] = ABANDONED
            reason = FailureReason.CLIENT_GAVE_UP
            self._fail_awaited(leaving + requests.base, requests.give_up[leaving], reason)
        still = np.flatnonzero(requests.state[window] == AWAITED)
        self._settled = requests.base + first + (int(still[0]) if len(still) else span)

    def _fail_awaited(self, ids: Ints, times: Floats, reason: FailureReason) -> None:
        """Attempts whose users learn at `times` that they failed: tried again, or lost for good."""
        if not len(ids):
            return
        requests = self.requests
        rows = ids - requests.base
        again = requests.tries_left[rows] > 0
        if again.any():
            retried = rows[again]
            self.retries.append(requests.again(retried, times[again] + requests.pause[retried]))
        lost = rows[~again]
        classes = requests.request_class[lost].astype(np.int64)
        places = requests.place[lost].astype(np.int64)
        for key, count in _count(classes * len(self.places) + places):
            request_class, place = divmod(key, len(self.places))
            self.tally.fail(request_class, reason, self.places[place], count)
        self._sampler.failed(rows, times, reason)
        if self.observer:
            for place in np.unique(requests.place[rows]).tolist():
                here = requests.place[rows] == place
                self.observer(reason, times[here], ids[here], self.places[place])

    def in_flight(self) -> Ints:
        """Users that wait now, pauses before a retry included, per class; counted anew."""
        n = len(self.classes)
        requests = self.requests
        awaited = requests.state[: requests.count] == AWAITED
        counts = np.bincount(requests.request_class[: requests.count][awaited], minlength=n)
        for part in self.retries:
            counts += np.bincount(part.request_class, minlength=n)
        return counts

    def by_class(self, ids: Ints) -> dict[str, int]:
        """How many of these requests are of each class; classes without one are left out."""
        if not len(ids):
            return {}
        classes = self.requests.request_class[ids - self.requests.base]
        counts = np.bincount(classes, minlength=len(self.classes)).tolist()
        return {c.name: n for c, n in zip(self.classes, counts, strict=True) if n}


def _count(keys: Ints) -> list[tuple[int, int]]:
    """Each key that occurs, in order, with how often."""
    found, counts = np.unique(keys, return_counts=True)
    return list(zip(found.tolist(), counts.tolist(), strict=True))
