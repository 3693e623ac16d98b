"""What became of the requests: counts, histograms, samples and blame, per class.

In flight is not kept here: it is counted anew from the requests themselves, so
that a service that loses one is found out.
"""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from engine.flow.latency import BUCKETS, buckets_of, percentile_ms, sparse
from engine.frame import WINDOW_S, Blame, Counts, Latency, Sample, Samples
from engine.outcomes import FailureReason

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(slots=True)
class _Kept:
    """Counts of one stretch of time, one entry for each class."""

    demanded: Ints
    good: Ints
    late: Ints
    attempts: Ints
    failed: list[Counter[str]]


def _empty(classes: int) -> _Kept:
    demanded, good, late, attempts = np.zeros((4, classes), np.int64)
    return _Kept(demanded, good, late, attempts, [Counter() for _ in range(classes)])


@dataclass(slots=True)
class _Chosen:
    """The slowest answered and the first failed request of a class so far in this second."""

    slow: dict[int, Sample] = field(default_factory=dict)
    failed: dict[int, Sample] = field(default_factory=dict)


class Tally:
    """Counts by class, for the second that runs and for the whole run."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self.total = _empty(len(names))
        self.histogram = np.zeros((len(names), BUCKETS), np.int64)
        self.latency_sum_ms = np.zeros(len(names))
        self._window = np.zeros((WINDOW_S, len(names), BUCKETS), np.int64)
        self._window_sum = np.zeros((len(names), BUCKETS), np.int64)
        self._at = 0
        self._start_second()

    def _start_second(self) -> None:
        self.second = _empty(len(self.names))
        self.samples = _Chosen()
        self._blame: Counter[tuple[int, str, str]] = Counter()

    def demand(self, classes: npt.NDArray[np.int16]) -> None:
        """New requests."""
        counts = np.bincount(classes, minlength=len(self.names))
        for kept in (self.second, self.total):
            kept.demanded += counts

    def attempt(self, classes: npt.NDArray[np.int16]) -> None:
        """Attempts sent, first ones and others."""
        counts = np.bincount(classes, minlength=len(self.names))
        for kept in (self.second, self.total):
            kept.attempts += counts

    def answer(
        self, classes: npt.NDArray[np.int16], latency_ms: Floats, good: npt.NDArray[np.bool_]
    ) -> None:
        """Requests answered while their user still waited."""
        n = len(self.names)
        flat = classes.astype(np.int64) * BUCKETS + buckets_of(latency_ms)
        counts = np.bincount(flat, minlength=n * BUCKETS).reshape(n, BUCKETS)
        self._window[self._at] += counts
        self.latency_sum_ms += np.bincount(classes, weights=latency_ms, minlength=n)
        answered = counts.sum(axis=1)
        in_time = answered if good.all() else np.bincount(classes[good], minlength=n)
        for kept in (self.second, self.total):
            kept.good += in_time
            kept.late += answered - in_time

    def fail(self, request_class: int, reason: FailureReason, at: str, count: int) -> None:
        """Requests that failed for good."""
        self.second.failed[request_class][reason] += count
        self.total.failed[request_class][reason] += count
        self.blame(request_class, reason, at, count)

    def blame(self, request_class: int, reason: str, at: str, count: int) -> None:
        """Say where requests failed, or what made them late."""
        self._blame[(request_class, reason, at)] += count

    def bad_total(self) -> int:
        """Requests failed or late in the whole run."""
        failed = sum(sum(c.values()) for c in self.total.failed)
        return int(self.total.late.sum()) + failed

    def close_second(self) -> "TallySecond":
        """The second's figures for a frame; the next second starts from nothing."""
        now = self._window[self._at]
        self.histogram += now
        self._window_sum += now
        closed = TallySecond(
            counts=self.counts(self.second),
            latency={name: self._latency(i, now[i]) for i, name in enumerate(self.names)},
            samples={
                name: Samples(self.samples.slow.get(i), self.samples.failed.get(i))
                for i, name in enumerate(self.names)
                if i in self.samples.slow or i in self.samples.failed
            },
            blame=tuple(
                Blame(self.names[i], reason, at, count)
                for (i, reason, at), count in sorted(self._blame.items())
            ),
        )
        self._at = (self._at + 1) % WINDOW_S
        self._window_sum -= self._window[self._at]
        self._window[self._at] = 0
        self._start_second()
        return closed

    def counts(self, kept: _Kept) -> dict[str, Counts]:
        """Counts by the names of the classes; nothing is in flight yet."""
        return {
            name: Counts(
                demanded=int(kept.demanded[i]),
                good=int(kept.good[i]),
                late=int(kept.late[i]),
                failed={reason: n for reason, n in sorted(kept.failed[i].items()) if n},
                attempts=int(kept.attempts[i]),
            )
            for i, name in enumerate(self.names)
        }

    def _latency(self, index: int, now: Ints) -> Latency:
        window = self._window_sum[index]
        answered = int(window.sum())
        if not answered:
            return Latency()
        p50, p95, p99 = (round(percentile_ms(window, share), 3) for share in (0.50, 0.95, 0.99))
        return Latency(p50, p95, p99, answered, sparse(now))


@dataclass(frozen=True, slots=True)
class TallySecond:
    """One second's figures, as a frame shows them."""

    counts: dict[str, Counts]
    latency: dict[str, Latency]
    samples: dict[str, Samples]
    blame: tuple[Blame, ...]
