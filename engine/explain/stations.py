"""What stations tell: how full one was and since when, and which is the tightest of late."""

from collections.abc import Iterable, Sequence

from engine.explain.causes import Evidence
from engine.frame import Frame
from engine.views import StationView

FULL = 0.95
"""A station that is busy for so large a share of a second has no headroom."""

BUSY = 0.8
"""A station that is less busy than this, with nobody waiting, is not what requests wait for."""


def evidence_at(frames: Sequence[Frame], during: Sequence[Frame], at: str) -> Evidence | None:
    """The fullest moment of a resource in a stretch of time, and since when it was full."""
    moments = [(s, f.second) for f in during for s in f.stations if s.resource == at]
    if not moments:
        return None
    station, second = max(moments, key=lambda m: (m[0].utilization, m[0].waiting_total, -m[1]))
    waiting = max(s.waiting_total for s, _ in moments if s.id == station.id)
    since_s = full_since(frames, station, second)
    return Evidence(station.id, station.utilization, waiting, since_s)


def full_since(frames: Sequence[Frame], station: StationView, second: int) -> int:
    """The second from which on a station has been full without a pause, up to `second`."""
    since_s = second
    for frame in reversed(frames[: second - frames[0].second + 1]):
        seen = frame.station(station.id)
        if seen is None or seen.utilization < min(FULL, station.utilization):
            break
        since_s = frame.second
    return since_s


def is_full(during: Sequence[Frame], station_id: str) -> bool:
    """Whether requests waited for a station in a stretch of time."""
    views = [s for f in during for s in f.stations if s.id == station_id]
    busy = mean(s.utilization for s in views)
    return bool(views) and (busy >= BUSY or mean(s.waiting_total for s in views) >= 1)


def full_part(during: Sequence[Frame], at: str) -> str | None:
    """Which of a database's CPU and I/O was full in a stretch of time, or None.

    Of both it is the one that `evidence_at` names: with the fullest moment, then the longest line.
    """
    full = [part for part in ("cpu", "io") if is_full(during, f"{at}/{part}")]
    return max(full, key=lambda part: _fullest(during, f"{at}/{part}"), default=None)


def _fullest(during: Sequence[Frame], station_id: str) -> tuple[float, int]:
    views = (s for f in during for s in f.stations if s.id == station_id)
    return max((s.utilization, s.waiting_total) for s in views)


def was_full(during: Sequence[Frame], station_id: str) -> bool:
    """Whether a station had no headroom for at least half of a stretch of time."""
    views = [s for f in during for s in f.stations if s.id == station_id]
    return bool(views) and 2 * sum(s.utilization >= FULL for s in views) >= len(views)


def mean_utilization(frames: Sequence[Frame], station_id: str) -> float:
    """The mean utilization of a station over the seconds in which it stood."""
    return mean(s.utilization for f in frames for s in f.stations if s.id == station_id)


def latency_share(frames: Sequence[Frame], resource: str) -> float:
    """The part of the slowest requests' time that they spent at a resource."""
    steps = [
        step
        for frame in frames
        for samples in frame.samples.values()
        if samples.slow
        for step in samples.slow.steps
    ]
    total = sum(step.wait_ms + step.work_ms for step in steps)
    there = sum(step.wait_ms + step.work_ms for step in steps if step.station == resource)
    return there / total if total else 0.0


def mean(values: Iterable[float]) -> float:
    """The mean, 0 of nothing."""
    seen = list(values)
    return sum(seen) / len(seen) if seen else 0.0
