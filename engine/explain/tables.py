"""Why a database among others was full or behind: what it does all day, who follows it, shards."""

from collections import Counter
from collections.abc import Sequence

from engine.catalog import CATALOG
from engine.explain.causes import Cause, Figure, Known
from engine.explain.managed import Found, number
from engine.explain.stations import full_part, is_full, mean, mean_utilization, was_full
from engine.frame import Frame
from engine.views import ResourceView

MOSTLY = 0.6
"""From this share of a CPU's work on, one kind of requests is what it does."""

HOT = 1.5
"""A shard to which so many times as much comes as to the mean of all is hot."""

SHORTLY_S = 2
"""Requests that waited for a resting storage are answered within so long."""

CAME_BACK_S = 180
"""So long after it answers again, a replica may still apply what it missed."""

GONE = ("failed", "unreachable")
"""States in which a master does not come back soon."""


def why_stale(frames: Sequence[Frame], during: Sequence[Frame], at: str, known: Known) -> Found:
    """Why a replica was so far behind: its CPU, its absence, or that it follows at all."""
    views = [view for frame in during if (view := frame.resource(at)) is not None]
    figures: dict[str, Figure] = {"id": at}
    if views:
        worst = max(views, key=lambda view: number(view, "lag_s"))
        figures["lag"] = round(max(number(view, "lag_s") for view in views), 1)
        figures["unapplied"] = number(worst, "unapplied")
        figures["source"] = str(worst.facts.get("source", ""))
    away = _away(frames, during[0].second, at)
    if away is not None:
        return Cause.REPLICA_WAS_AWAY, {**figures, "since": away}
    if not was_full(during, f"{at}/cpu"):
        return Cause.REPLICA_FOLLOWS, figures  # a line of some requests alone is no lack of CPU
    return _full_replica(during, at, known, figures)


def why_database_slow(
    frames: Sequence[Frame], felt: Sequence[Frame], at: str, known: Known
) -> Found | None:
    """Why a database among others was slow: of its CPU and its I/O, by the one that was full."""
    part = full_part(felt, at)
    if part == "io":
        return _why_resting(frames, felt, at) or _why_hot_shard(felt, at)
    spent = any(v.facts.get("credits") == 0 for f in felt if (v := f.resource(at)))
    return None if part is None or spent else _why_cpu_full(felt, at, known)


def _why_cpu_full(felt: Sequence[Frame], at: str, known: Known) -> Found | None:
    """What keeps a database's CPU busy that another one could do; None where that is not known."""
    frame = felt[len(felt) // 2]
    view = frame.resource(at)
    if view is None or "rds" not in known.services:
        return None
    if "lag_s" in view.facts:
        return _full_replica(felt, at, known, {"id": at, "source": str(view.facts["source"])})
    hot = _why_hot_shard(felt, at)
    if hot is not None:
        return hot
    idle = [r.id for r in _replicas(frame, at) if r.state == "available"]
    writes = _writes(felt, at, known)
    if writes is None:
        return None
    reads = 1 - writes
    figures: dict[str, Figure] = {"id": at, "replicas": ", ".join(idle)}
    figures |= {"reads": round(reads * 100), "writes": round(writes * 100)}
    if idle and view.facts.get("reads") == "master" and reads > 1 - MOSTLY:
        return Cause.REPLICAS_UNREAD, figures
    if reads >= MOSTLY and _may_have_replicas(view) and "rds:replica" in known.services:
        return Cause.MASTER_READS, figures
    return (Cause.MASTER_WRITES, figures) if writes >= MOSTLY else None


def _why_hot_shard(felt: Sequence[Frame], at: str) -> Found | None:
    """A shard that is full because much more comes to it than to the others."""
    frame = felt[len(felt) // 2]
    sets = [r for r in frame.resources if r.service == "shards" and at in r.behind]
    if not sets or not (is_full(felt, f"{at}/cpu") or is_full(felt, f"{at}/io")):
        return None
    shards = tuple(dict.fromkeys(sets[0].behind))
    came: Counter[str] = Counter()
    for frame in felt:
        came.update({hop.target: hop.count for hop in frame.hops if hop.target in shards})
    if len(shards) < 2 or came[at] * len(shards) < HOT * came.total():
        return None
    others = mean(mean_utilization(felt, f"{id}/cpu") for id in shards if id != at)
    figures: dict[str, Figure] = {
        "id": at,
        "table": str(sets[0].facts.get("table", "")),
        "shards": len(shards),
        "percent": round(100 * came[at] / came.total()),
        "others": round(100 * others),
    }
    return Cause.HOT_SHARD, figures


def why_master_gone(during: Sequence[Frame], at: str) -> Found | None:
    """A master that does not come back, while a replica stands that could take over."""
    for frame in during:
        master = frame.resource(at)
        if master is not None and master.state not in GONE:
            continue
        standing = [r.id for r in _replicas(frame, at) if r.state == "available"]
        if standing:
            figures: dict[str, Figure] = {"id": at, "since": frame.second}
            return Cause.MASTER_GONE, figures | {"replicas": ", ".join(standing)}
    return None


def _full_replica(
    felt: Sequence[Frame], at: str, known: Known, figures: dict[str, Figure]
) -> Found:
    """A replica that is full: of reads, or of the writes that every replica has to apply."""
    share = _writes(felt, at, known)
    if share is None:
        return Cause.REPLICA_BUSY, {}
    said: dict[str, Figure] = {"reads": round(100 - share * 100), "writes": round(share * 100)}
    cause = Cause.REPLICA_SMALL if share >= MOSTLY else Cause.REPLICA_BUSY
    return cause, {"id": at, "source": figures.get("source", "")} | said


def _writes(felt: Sequence[Frame], at: str, known: Known) -> float | None:
    """The share of writes in what a database's CPU was at work on; None where that is not told."""
    if not known.writers:
        return None
    work: Counter[str] = Counter()
    for frame in felt:
        station = frame.station(f"{at}/cpu")
        work.update(station.running if station is not None else {})
    total = work.total()
    return sum(work[name] for name in known.writers) / total if total else None


def _replicas(frame: Frame, master: str) -> list[ResourceView]:
    return [r for r in frame.resources if "lag_s" in r.facts and r.facts.get("source") == master]


def _may_have_replicas(view: ResourceView) -> bool:
    engine = CATALOG.rds_engines.get(str(view.facts.get("engine", "")))
    return engine is not None and engine.max_replicas > 0


def _away(frames: Sequence[Frame], second: int, at: str) -> int | None:
    """When a replica was last away shortly before a second; None if it was not."""
    for frame in reversed(frames):
        if second - CAME_BACK_S <= frame.second <= second:
            view = frame.resource(at)
            if view is not None and view.state in ("modifying", "unreachable"):
                return frame.second
    return None


def _why_resting(frames: Sequence[Frame], felt: Sequence[Frame], at: str) -> Found | None:
    """A Single-AZ master whose storage rested as the snapshot for a replica began."""
    pause_s = CATALOG.rds.backup_pause_s
    began = [
        frame.second
        for frame in frames
        for news in frame.news
        if news.kind == "replica_creating" and news.args.get("source") == at
    ]
    for second in began:
        if any(second <= frame.second <= second + pause_s + SHORTLY_S for frame in felt):
            return Cause.SNAPSHOT_PAUSE, {"id": at, "since": second, "seconds": pause_s}
    return None


def why_lost(frames: Sequence[Frame], at: str) -> Found | None:
    """A shard that is gone for ever, or a database that nothing else had a copy of."""
    views = [view for frame in frames if (view := frame.resource(at)) is not None]
    if not views or views[-1].service not in ("rds", "shards"):
        return None
    sets = {
        r.id: r
        for frame in frames
        for r in frame.resources
        if r.service == "shards" and at in (r.id, *r.behind)
    }
    if sets:
        whole = list(sets.values())[-1]
        table = str(whole.facts.get("table", ""))
        return Cause.SHARD_LOST, {"id": at, "table": table, "shards": number(whole, "shards")}
    return Cause.TABLES_LOST, {"id": at, "days": number(views[-1], "backup_days")}
