"""Who keeps a station busy: how much of its time goes to handing out large files."""

from collections import Counter
from collections.abc import Sequence

from engine.explain.causes import Figure, Known
from engine.explain.stations import mean
from engine.frame import Frame

LARGE = 4.0
"""A request that works so many times as long as another moves something large."""


def large_files(
    during: Sequence[Frame], at: str, known: Known, least_share: float
) -> dict[str, Figure]:
    """The class of files that takes most of a resource's time; empty where none takes so much.

    How long a request of a class works there is seen from the sampled ones.
    """
    seen: dict[str, list[float]] = {}
    asked: Counter[str] = Counter()
    for frame in during:
        for name, samples in frame.samples.items():
            for step in samples.slow.steps if samples.slow else ():
                if step.station == at and step.finished:
                    seen.setdefault(name, []).append(step.work_ms)
        for name, counts in frame.counts.items():
            asked[name] += counts.demanded
    work_ms = {name: mean(found) for name, found in seen.items()}
    busy = {name: asked[name] * ms for name, ms in work_ms.items()}
    files = [name for name in busy if name in known.file_classes]
    others = [name for name in busy if name not in files]
    if not files or not others:
        return {}
    worst = max(files, key=lambda name: busy[name])
    other = max(others, key=lambda name: asked[name])
    share = sum(busy[name] for name in files) / max(1e-9, sum(busy.values()))
    if share < least_share or work_ms[worst] < LARGE * work_ms[other]:
        return {}
    return {
        "id": at,
        "percent": round(share * 100),
        "files": worst,
        "file_ms": round(work_ms[worst], 1),
        "other": other,
        "other_ms": round(work_ms[other], 1),
    }
