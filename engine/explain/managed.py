"""Why requests failed at a managed resource: a database that is full or down, a bucket or a
table of DynamoDB asked faster than it may be."""

from collections.abc import Sequence

from engine.explain.causes import Cause, Figure
from engine.explain.stations import full_part
from engine.frame import Frame
from engine.views import Fact, ResourceView

Found = tuple[Cause, dict[str, Figure]]
"""A cause, and the figures it is read from."""

DOWN = {
    "creating": Cause.DATABASE_CREATING,
    "modifying": Cause.DATABASE_MODIFYING,
    "failing_over": Cause.DATABASE_FAILING_OVER,
    "failed": Cause.DATABASE_FAILED,
    "unreachable": Cause.DATABASE_UNREACHABLE,
}
"""States in which a database answers nobody."""

DOWN_NEWS = {
    "database_creating": Cause.DATABASE_CREATING,
    "database_modifying": Cause.DATABASE_MODIFYING,
    "failover_started": Cause.DATABASE_FAILING_OVER,
    "database_failed": Cause.DATABASE_FAILED,
    "database_unreachable": Cause.DATABASE_UNREACHABLE,
    "database_deleted": Cause.DATABASE_DELETED,
}


def why_managed(
    frames: Sequence[Frame],
    during: Sequence[Frame],
    felt: Sequence[Frame],
    reason: str,
    at: str,
) -> Found | None:
    """The cause of a burst at a managed resource, or None where it is none."""
    views = [view for frame in during if (view := frame.resource(at)) is not None]
    if reason == "too_many_connections":
        return _why_connections(frames, felt, views, at)
    if reason == "slow_down":
        return Cause.BUCKET_RATE, _rates(views)
    if reason == "throttled" and views:
        return _why_throttled(views)
    if not views or views[0].service != "rds" or reason == "stale_read":
        return None
    if reason == "volume_full":
        return Cause.DATABASE_SPACE, _some(views[-1], id=at, used="used_gb", gb="gb")
    if reason in ("connection_refused", "bad_gateway"):
        return why_database_down(frames, during, at)
    return _why_slow(felt, views, at)


def why_database_down(frames: Sequence[Frame], during: Sequence[Frame], at: str) -> Found | None:
    """What kept a database from answering, and from when to when; None if it was no database."""
    states = [view.state for frame in during if (view := frame.resource(at)) is not None]
    cause = next((DOWN[state] for state in states if state in DOWN), None)
    cause = cause or _down_by_news(frames, during[-1].second, at)
    if cause is None:
        return None
    down = _down_around(frames, during[-1].second, at)
    until = next((v.until_s for f in during if (v := f.resource(at)) and v.until_s), None)
    figures: dict[str, Figure] = {"id": at, "since": down[0]}
    figures["until"] = int(until) if until is not None else down[1]
    return cause, figures


def _down_by_news(frames: Sequence[Frame], last_s: int, at: str) -> Cause | None:
    """The newest thing told that takes a database down."""
    told = [
        DOWN_NEWS[news.kind]
        for frame in frames
        if frame.second <= last_s
        for news in frame.news
        if news.kind in DOWN_NEWS and news.args.get("id") == at
    ]
    return told[-1] if told else None


def _down_around(frames: Sequence[Frame], second: int, at: str) -> tuple[int, int]:
    """First and last second of the stretch around `second` in which a database was down."""

    def is_down(frame: Frame) -> bool:
        view = frame.resource(at)
        return view is None or view.state in DOWN

    index = second - frames[0].second
    first = last = index
    while first > 0 and is_down(frames[first - 1]):
        first -= 1
    while last + 1 < len(frames) and is_down(frames[last + 1]):
        last += 1
    return frames[first].second, frames[last].second


def _why_connections(
    frames: Sequence[Frame], during: Sequence[Frame], views: Sequence[ResourceView], at: str
) -> Found:
    """All connections taken: because the database is slow, or because too many ask at once."""
    most = max((number(view, "connections_max") for view in views), default=0)
    used = max((number(view, "connections") for view in views), default=0)
    since = during[0].second
    for frame in reversed([f for f in frames if f.second <= since]):
        view = frame.resource(at)
        if view is None or number(view, "connections") < number(view, "connections_max"):
            break
        since = frame.second
    callers = {hop.source for frame in during for hop in frame.hops if hop.target == at}
    figures: dict[str, Figure] = {
        "id": at,
        "connections": used,
        "most": most,
        "since": since,
        "callers": max(1, len(callers)),
    }
    match full_part(during, at):
        case "cpu":
            return Cause.CONNECTIONS_CPU, figures
        case "io":
            return Cause.CONNECTIONS_IO, figures
    return Cause.CONNECTIONS_FULL, figures


def _rates(views: Sequence[ResourceView]) -> dict[str, Figure]:
    """The second in which a bucket was asked most."""
    if not views:
        return {}
    peak = max(views, key=lambda v: (number(v, "slowed_s"), number(v, "reads_s")))
    names = ("prefixes", "reads_s", "reads_max_s", "writes_s", "writes_max_s", "slowed_s")
    return {"id": peak.id, **{name: number(peak, name) for name in names}}


def _why_throttled(views: Sequence[ResourceView]) -> Found:
    """What throttled most: one partition of a table with room, or the whole table."""
    peak = max(views, key=lambda view: number(view, "throttled_s"))
    throttled, hot = (
        sum(number(view, fact) for view in views) for fact in ("throttled_s", "hot_s")
    )
    names = ("rcu", "wcu", "used_rcu", "used_wcu", "partitions", "throttled_s")
    figures: dict[str, Figure] = {"id": peak.id, **{name: number(peak, name) for name in names}}
    if 2 * hot > throttled:
        return Cause.TABLE_HOT, {**figures, "percent": number(peak, "hottest")}
    on_demand = peak.facts.get("mode") == "on_demand"
    return Cause.TABLE_GROWTH if on_demand else Cause.TABLE_CAPACITY, figures


def why_copying(felt: Sequence[Frame], at: str) -> Found | None:
    """A move of data that reads from a resource most of the time in which requests failed."""
    moves = [m for f in felt for m in f.moves if m.source == at]
    if len(moves) * 2 < len(felt) or not moves:
        return None
    move = moves[-1]
    return Cause.COPYING, {
        "role": move.role,
        "source": move.source,
        "target": move.target,
        "gb": move.gb,
        "copied": move.copied_gb,
        "until": move.until_s,
    }


def _why_slow(felt: Sequence[Frame], views: Sequence[ResourceView], at: str) -> Found | None:
    """What a database that answers late is full of."""
    last = views[-1]
    part = full_part(felt, at)
    if part == "io":
        copied = why_copying(felt, at)
        return copied or (Cause.DATABASE_IO, _some(last, id=at, iops="iops", gb="gb"))
    if part is None:
        return None
    if any("credits" in v.facts and number(v, "credits") <= 0 for v in views):
        return Cause.DATABASE_CREDITS, {"id": at, "type": last.type}
    return Cause.DATABASE_CPU, {"id": at, "type": last.type, "vcpus": number(last, "vcpus")}


def _some(view: ResourceView, id: str, **names: str) -> dict[str, Figure]:
    """Some facts under names of our own."""
    return {"id": id, **{ours: number(view, fact) for ours, fact in names.items()}}


def number(view: ResourceView, name: str) -> int | float:
    """A fact that is a number, 0 where it is none."""
    value: Fact = view.facts.get(name, 0)
    return value if isinstance(value, int | float) else 0
