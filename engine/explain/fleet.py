"""Why requests failed where many answer: at a balancer, at its targets, in a group, in a zone."""

from collections.abc import Sequence

from engine.catalog import CATALOG
from engine.explain.causes import Cause, Figure
from engine.explain.managed import Found, number
from engine.explain.outages import why_dark, why_out
from engine.explain.stations import BUSY, mean
from engine.explain.told import newest
from engine.frame import Frame
from engine.views import ResourceView

GONE_NEWS = (
    "instance_crashed",
    "instance_stopping",
    "instance_terminated",
    "host_failed",
    "member_replaced",
    "target_unhealthy",
    "target_draining",
)
"""News after which a target's sessions are gone, or go elsewhere."""

STORE_NEWS = ("session_store_deleted", "session_store_unreachable")
"""News after which all sessions that were outside of the servers are gone."""

STORE_BACK_NEWS = ("session_store_available",)
"""News from which on a store answers: until then no server can ask for a session."""

MOVED_NEWS = ("sticky", "address_pointed")
"""News after which users come to other servers than before, once."""


def why_nobody(frames: Sequence[Frame], during: Sequence[Frame], at: str) -> Found | None:
    """Why a balancer had no target, or None where it is none."""
    found = why_dark(frames, during)
    if found is not None:
        return found
    balancer = _balancer(during, at)
    if balancer is None:
        return None
    if balancer.state == "creating":
        ready = {} if balancer.until_s is None else {"until": int(balancer.until_s)}
        return Cause.BALANCER_CREATING, {"id": at, **ready}
    booting = sum(i.state == "pending" for i in during[0].instances)
    figures: dict[str, Figure] = {"id": at, "targets": len(balancer.targets), "booting": booting}
    draining = bool(balancer.targets) and set(balancer.targets.values()) == {"draining"}
    return (Cause.TARGETS_DRAINING if draining else Cause.NO_TARGETS), figures


def why_refused(
    frames: Sequence[Frame], during: Sequence[Frame], felt: Sequence[Frame], reason: str, at: str
) -> Found | None:
    """Why requests still went to a machine that was down; None where no balancer sent them."""
    dark = why_dark(frames, during)
    if dark is not None:
        return dark
    seen = [f for f in felt if _sender(f, at) is not None]
    if reason != "connection_refused" or not seen:
        return why_out(frames, during, at)
    open_ = [f for f in seen if (front := _sender(f, at)) and front.facts.get("fails_open")]
    front = _sender(seen[0], at)
    if front is None:
        return None
    if len(open_) * 2 > len(seen):
        return Cause.FAILS_OPEN, {"id": front.id, "targets": len(front.targets)}
    machine = seen[0].instance(at)
    if machine is not None and machine.state == "pending":
        return Cause.BOOTING, {}
    since, found = _dead_since(frames, seen[0].second, at), _found_out(frames, seen[0].second, at)
    figures: dict[str, Figure] = {"id": at, "balancer": front.id, "since": since}
    figures |= {} if found is None else {"found": found, "blind": found - since}
    return Cause.BLIND_WINDOW, figures | _checks(front)


def why_session_lost(frames: Sequence[Frame], felt: Sequence[Frame], at: str) -> Found:
    """Sessions were spread over servers that do not know them, or went with their server."""
    fronts = [front for f in felt if (front := _sender(f, at)) is not None]
    gone = newest(frames, felt[-1].second, GONE_NEWS)
    moved = newest(frames, felt[-1].second, MOVED_NEWS)
    store = newest(frames, felt[-1].second, STORE_NEWS)
    back = newest(frames, felt[-1].second, STORE_BACK_NEWS)
    out = store is not None and store[1].kind == "session_store_unreachable"
    away = out and store is not None and (back is None or back[0] < store[0])
    if store is not None and (
        away or all(news is None or news[0] <= store[0] for news in (gone, moved))
    ):
        lost: dict[str, Figure] = {"id": str(store[1].args.get("id", "")), "since": store[0]}
        return Cause.SESSION_STORE_GONE, lost
    spread = [front for front in fronts if not front.facts.get("sticky")]
    if len(spread) * 2 > len(fronts):
        front = spread[-1]
        return Cause.SESSION_SPREAD, {"id": front.id, "targets": len(front.targets)}
    if moved is not None and (gone is None or gone[0] < moved[0]):
        return Cause.SESSION_MOVED, {"since": moved[0]}
    if gone is None:
        return Cause.SESSION_GONE, {}
    second, news = gone
    return Cause.SESSION_GONE, {"id": str(news.args.get("id", "")), "since": second}


def why_door(during: Sequence[Frame], reason: str, at: str) -> Found | None:
    """Why a balancer let requests not in; None where the reason is another."""
    if reason == "no_ipv6_route":
        front = _balancer(during, str(during[0].addresses.get("web")))
        return None if front is None else (Cause.NO_IPV6_BALANCER, {"id": front.id})
    front = _balancer(during, at)
    if front is None or reason not in ("tls_required", "waiting_room_full", "late"):
        return None
    if reason == "tls_required":
        return Cause.TLS_REQUIRED, {"id": at}
    views = [v for f in during if (v := f.resource(at)) is not None]
    worst = max(views, key=lambda v: (number(v, "rejected_s"), number(v, "requests_s")))
    figures: dict[str, Figure] = {"id": at, "most": number(worst, "requests_max_s")}
    figures["asked"] = number(worst, "requests_s") + number(worst, "rejected_s")
    figures["rejected"] = number(worst, "rejected_s")
    return Cause.NODES_OUTRUN, figures


def why_group(frames: Sequence[Frame], felt: Sequence[Frame], at: str) -> Found | None:
    """Why a group all of whose members were full was too small; None where that is not so."""
    views = _group(felt, at)
    busy = bool(views) and _mean_cpu(felt, views[-1].id) >= BUSY
    return why_too_few(frames, felt, at) if busy else None


def why_too_few(frames: Sequence[Frame], felt: Sequence[Frame], at: str) -> Found | None:
    """Why a group had no more machines than it had; None for a machine without a group."""
    views = _group(felt, at)
    if not views:
        return None
    last = views[-1]
    whole = [number(view, "in_service") >= number(view, "most") for view in views]
    if whole[0] or sum(whole) * 2 > len(whole):
        return Cause.GROUP_AT_MOST, {"id": last.id, "most": number(last, "most")}
    if not any(name.startswith(("track_", "step_", "fewer_", "scheduled")) for name in last.facts):
        figures: dict[str, Figure] = {"id": last.id, "desired": number(last, "desired")}
        return Cause.GROUP_FIXED, figures | {"most": number(last, "most")}
    return _late_group(frames, felt, last)


def _group(felt: Sequence[Frame], at: str) -> list[ResourceView]:
    """The group of a machine, as each second shows it."""
    member = next((i for f in reversed(felt) if (i := f.instance(at)) is not None), None)
    return [v for f in felt if member and (v := f.resource(member.group)) is not None]


def _mean_cpu(felt: Sequence[Frame], group: str) -> float:
    """How busy the members of a group were, all together."""
    loads = []
    for frame in felt:
        members = {i.id for i in frame.instances if i.group == group}
        loads += [s.utilization for s in frame.stations if s.resource in members]
    return mean(loads)


def _late_group(frames: Sequence[Frame], felt: Sequence[Frame], group: ResourceView) -> Found:
    """Since when the group was short; when it decided meanwhile, and had more, if it did."""
    since = felt[0].second
    after = [f for f in frames if f.second >= since]
    came: dict[str, Figure] = {}
    lasting = (f for f in after if f.second <= felt[-1].second)
    decided = next((f for f in lasting if _decides(f, group.id)), None)
    if decided is not None:
        came["decided"], had = decided.second, _in_service(decided, group.id)
        waiting = (f for f in after if f.second >= decided.second)
        more = next((f for f in waiting if _in_service(f, group.id) > had), None)
        came |= {} if more is None else {"served": more.second}
    rules, watch = CATALOG.autoscaling, CATALOG.cloudwatch
    return Cause.SCALES_LATE, came | {
        "id": group.id,
        "since": since,
        "points": rules.out_points,
        "period": watch.detailed_s if group.facts.get("detailed") else watch.basic_s,
        "desired": number(group, "desired"),
        "in_service": number(group, "in_service"),
    }


def _decides(frame: Frame, group: str) -> bool:
    return any(n.kind == "scaling_out" and n.args.get("id") == group for n in frame.news)


def _in_service(frame: Frame, group: str) -> int | float:
    view = frame.resource(group)
    return 0 if view is None else number(view, "in_service")


def _balancer(during: Sequence[Frame], at: str) -> ResourceView | None:
    view = next((v for f in during if (v := f.resource(at)) is not None), None)
    return view if view is not None and view.service == "elb" else None


def _sender(frame: Frame, at: str) -> ResourceView | None:
    """The balancer that has a machine among its targets."""
    return next((r for r in frame.resources if r.service == "elb" and at in r.targets), None)


def _checks(front: ResourceView) -> dict[str, Figure]:
    """How often it asks; what frames do not tell is as the catalog has it."""
    told, rules = front.facts.get("interval_s"), CATALOG.elb
    interval = told if isinstance(told, int | float) else rules.interval_s
    return {"interval": interval, "failures": rules.unhealthy_checks}


def _dead_since(frames: Sequence[Frame], second: int, at: str) -> int:
    """Since when a machine has been down without a pause, as of a second."""
    since = second
    for frame in reversed([f for f in frames if f.second <= second]):
        machine = frame.instance(at)
        if machine is not None and machine.state == "running":
            break
        since = frame.second
    return since


def _found_out(frames: Sequence[Frame], second: int, at: str) -> int | None:
    """When the balancer left a dead target out, or it was its target no more."""
    for frame in (f for f in frames if f.second >= second):
        front = _sender(frame, at)
        if front is None or front.targets[at] in ("unhealthy", "draining"):
            return frame.second
    return None
