"""Log histograms of latencies and their percentiles.

A bucket is the leading bits of the latency's own floating-point number: the
exponent and the first `SUB_BITS` bits of the mantissa. That needs no logarithm,
so every processor puts a latency into the same bucket; a bucket is 1/32 of an
octave wide, which bounds a percentile's error at 1.6 %.
"""

import numpy as np
import numpy.typing as npt

SUB_BITS = 5
MIN_MS = 2.0**-6
MAX_MS = 2.0**20

_SHIFT = 52 - SUB_BITS
_LOWEST = int(np.array(MIN_MS).view(np.int64)) >> _SHIFT
BUCKETS = (int(np.array(MAX_MS).view(np.int64)) >> _SHIFT) - _LOWEST + 1

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def buckets_of(latency_ms: Floats) -> Ints:
    """Bucket of each latency; what is outside `MIN_MS`..`MAX_MS` goes to the first or last."""
    bounded = np.minimum(np.maximum(latency_ms, MIN_MS), MAX_MS)
    return (bounded.view(np.int64) >> _SHIFT) - _LOWEST


def _edges() -> Floats:
    return ((np.arange(BUCKETS + 1, dtype=np.int64) + _LOWEST) << _SHIFT).view(np.float64)


EDGES_MS = _edges()
"""Lower edge of every bucket, and one more, in milliseconds."""


def percentile_ms(counts: Ints, share: float) -> float:
    """The latency below which `share` (0..1) of the histogram lies; 0.0 when it is empty.

    The middle of the bucket that holds the nearest-rank observation.
    """
    cumulative = np.cumsum(counts)
    total = int(cumulative[-1])
    if total == 0:
        return 0.0
    rank = max(1, -(-round(share * 1e6) * total // 1_000_000))
    bucket = int(np.searchsorted(cumulative, rank))
    return float((EDGES_MS[bucket] + EDGES_MS[bucket + 1]) / 2)


def sparse(counts: Ints) -> tuple[int, ...]:
    """The histogram as flattened pairs (bucket, count), without its empty buckets."""
    filled = np.flatnonzero(counts)
    return tuple(np.stack((filled, counts[filled]), axis=1).ravel().tolist())
