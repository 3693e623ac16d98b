"""From frames to causes: what is tight, why requests fail, what would help.

Reads frames only, so it explains a run that goes on, a recording from another
version, or a fabricated story in a test alike. Every answer names its evidence:
the station, how full it was, and since when.
"""

from collections.abc import Sequence
from itertools import groupby

from engine.explain.causes import (
    DATA_LOST,
    REMEDIES,
    Burst,
    Cause,
    Evidence,
    Explanation,
    Figure,
    Known,
    Limit,
    Outlook,
    Tight,
)
from engine.explain.growth import outlook
from engine.explain.stations import (
    BUSY,
    FULL,
    evidence_at,
    full_since,
    latency_share,
    mean_utilization,
)
from engine.explain.tables import why_lost
from engine.explain.why import Scene, cause_of
from engine.frame import Frame

__all__ = [
    "BUSY",
    "DATA_LOST",
    "FULL",
    "REMEDIES",
    "Burst",
    "Cause",
    "Evidence",
    "Explanation",
    "Figure",
    "Known",
    "Limit",
    "Outlook",
    "Tight",
    "explain",
]

GAP_S = 30
"""Failures of one kind further apart than this are two bursts."""

SHORTLY_S = 3
"""Who fails in a second has waited in those before it."""

LOOK_BACK_S = 30
"""What is tight now is judged over so many seconds."""

FRAMES_ALONE = Known()


def explain(frames: Sequence[Frame], known: Known = FRAMES_ALONE) -> Explanation:
    """Explain a run from its frames, one for each second, oldest first."""
    if not frames:
        return Explanation(None, ())
    bursts = [_burst(frames, known, *run) for run in _runs(frames)] + _losses(frames)
    bursts.sort(key=lambda burst: (burst.from_s, burst.reason, burst.at))
    tight = _tight(frames, known)
    over = frames[-1].verdict is not None
    ahead = None if over else outlook(frames)
    return Explanation(tight, tuple(bursts), ahead, frames[-1].second, over)


def _losses(frames: Sequence[Frame]) -> list[Burst]:
    """Data that were lost for ever: no request failed by that, and yet it is the worst of all."""
    return [
        _loss(frames, f.second, str(n.args.get("id", "")))
        for f in frames
        for n in f.news
        if n.kind == DATA_LOST
    ]


def _loss(frames: Sequence[Frame], second: int, at: str) -> Burst:
    seen = [frame for frame in frames if frame.second <= second]
    cause, figures = why_lost(seen, at) or (Cause.DATA_GONE, {})
    return Burst(second, second, DATA_LOST, at, 1, cause, None, REMEDIES[cause], figures)


Run = tuple[int, int, str, str, int]
"""First and last second, reason, place, and count of what belongs together."""


def _runs(frames: Sequence[Frame]) -> list[Run]:
    """Failures and late answers of one reason at one place, cut where they pause."""
    marks = sorted(
        (blame.reason, blame.at, frame.second, blame.count)
        for frame in frames
        for blame in frame.blame
    )
    runs: list[Run] = []
    for (reason, at), group in groupby(marks, key=lambda mark: mark[:2]):
        for _, _, second, count in group:
            last = runs[-1] if runs else None
            if last and last[2:4] == (reason, at) and second - last[1] <= GAP_S:
                runs[-1] = (last[0], second, reason, at, last[4] + count)
            else:
                runs.append((second, second, reason, at, count))
    return runs


def _burst(
    frames: Sequence[Frame],
    known: Known,
    from_s: int,
    to_s: int,
    reason: str,
    at: str,
    count: int,
) -> Burst:
    first = frames[0].second
    during = frames[max(0, from_s - first) : to_s - first + 1]
    evidence = evidence_at(frames, during, at)
    felt = _felt(during, reason, at)
    cause, figures = cause_of(Scene(frames, during, felt, reason, at, evidence, known))
    return Burst(from_s, to_s, reason, at, count, cause, evidence, REMEDIES[cause], figures)


def _felt(during: Sequence[Frame], reason: str, at: str) -> list[Frame]:
    """The seconds in which requests failed, and those shortly before, in which they waited."""
    hurt = {f.second for f in during for b in f.blame if (b.reason, b.at) == (reason, at)}
    return [f for f in during if any(f.second + ahead in hurt for ahead in range(SHORTLY_S))]


def _tight(frames: Sequence[Frame], known: Known) -> Tight | None:
    """The station with the highest mean utilization of late."""
    lately = frames[-LOOK_BACK_S:]
    now = [s for s in frames[-1].stations if s.served or s.waiting_total or s.running_total]
    if not now:
        return None
    means = {s.id: mean_utilization(lately, s.id) for s in now}
    station = max(now, key=lambda s: (means[s.id], s.waiting_total))
    since_s = full_since(frames, station, frames[-1].second)
    evidence = Evidence(station.id, round(means[station.id], 6), station.waiting_total, since_s)
    share = round(latency_share(lately, station.resource), 6)
    if evidence.utilization < BUSY:
        return Tight(evidence, share)
    cause, figures = cause_of(
        Scene(frames, lately, lately, "late", station.resource, evidence, known)
    )
    return Tight(evidence, share, cause, figures)
