"""Why requests failed where many answer: at a balancer, at its targets, in a group, in a zone."""

from collections.abc import Sequence

from engine.catalog import CATALOG
from engine.explain.causes import Cause, Figure
from engine.explain.managed import Found, number
from engine.explain.stations import BUSY, mean
from engine.frame import Frame, News
from engine.views import InstanceView, ResourceView

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

NOT_YET = "–"
"""Stands for a second that has not come, or that frames do not show."""

BOOTS_S = 120
"""So long after the power is back, what stood in the zone may still be booting."""


def why_nobody(frames: Sequence[Frame], during: Sequence[Frame], at: str) -> Found | None:
    """Why a balancer had no target, or None where it is none."""
    found = _zone_dark(frames, during, at)
    if found is not None:
        return found
    balancer = _balancer(during, at)
    if balancer is None:
        return None
    if balancer.state == "creating":
        until = NOT_YET if balancer.until_s is None else int(balancer.until_s)
        return Cause.BALANCER_CREATING, {"id": at, "until": until}
    booting = sum(i.state == "pending" for i in during[0].instances)
    figures: dict[str, Figure] = {"id": at, "targets": len(balancer.targets), "booting": booting}
    draining = bool(balancer.targets) and set(balancer.targets.values()) == {"draining"}
    return (Cause.TARGETS_DRAINING if draining else Cause.NO_TARGETS), figures


def why_refused(
    frames: Sequence[Frame], during: Sequence[Frame], felt: Sequence[Frame], reason: str, at: str
) -> Found | None:
    """Why requests still went to a machine that was down; None where no balancer sent them."""
    dark = _zone_dark(frames, during, at)
    if dark is not None:
        return dark
    seen = [f for f in felt if _sender(f, at) is not None]
    if reason != "connection_refused" or not seen:
        return _zone_out(frames, during, at)
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
    figures: dict[str, Figure] = {"id": at, "balancer": front.id, "since": since, "found": found}
    figures["blind"] = (during[-1].second if isinstance(found, str) else found) - since
    return Cause.BLIND_WINDOW, figures | _checks(front)


def why_session_lost(frames: Sequence[Frame], felt: Sequence[Frame], at: str) -> Found:
    """Sessions were spread over servers that do not know them, or went with their server."""
    fronts = [front for f in felt if (front := _sender(f, at)) is not None]
    gone = _newest(frames, felt[-1].second, GONE_NEWS)
    moved = _newest(frames, felt[-1].second, MOVED_NEWS)
    store = _newest(frames, felt[-1].second, STORE_NEWS)
    back = _newest(frames, felt[-1].second, STORE_BACK_NEWS)
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
    """Why a group's member was full: too few of them, or not yet more; None without a group."""
    squeezed = _squeeze(frames, felt, at)
    if squeezed is not None:
        return squeezed
    member = next((i for f in reversed(felt) if (i := f.instance(at)) is not None), None)
    views = [v for f in felt if member and (v := f.resource(member.group)) is not None]
    if not views or _mean_cpu(felt, views[-1].id) < BUSY:
        return None
    last = views[-1]
    whole = [number(view, "in_service") >= number(view, "most") for view in views]
    if whole[0] or sum(whole) * 2 > len(whole):
        return Cause.GROUP_AT_MOST, {"id": last.id, "most": number(last, "most")}
    if not any(name.startswith(("track_", "step_", "fewer_", "scheduled")) for name in last.facts):
        figures: dict[str, Figure] = {"id": last.id, "desired": number(last, "desired")}
        return Cause.GROUP_FIXED, figures | {"most": number(last, "most")}
    return _late_group(frames, felt, last)


def _mean_cpu(felt: Sequence[Frame], group: str) -> float:
    """How busy the members of a group were, all together."""
    loads = []
    for frame in felt:
        members = {i.id for i in frame.instances if i.group == group}
        loads += [s.utilization for s in frame.stations if s.resource in members]
    return mean(loads)


def _late_group(frames: Sequence[Frame], felt: Sequence[Frame], group: ResourceView) -> Found:
    """The seconds at which the group was short, decided, and had more in service."""
    since = felt[0].second
    after = [f for f in frames if f.second >= since]
    decided: Figure = next(
        (
            f.second
            for f in after
            for n in f.news
            if n.kind == "scaling_out" and n.args.get("id") == group.id
        ),
        NOT_YET,
    )
    waiting = [f for f in after if isinstance(decided, str) or f.second >= int(decided)]
    had = _in_service(waiting[0], group.id)
    served: Figure = next((f.second for f in waiting if _in_service(f, group.id) > had), NOT_YET)
    rules, watch = CATALOG.autoscaling, CATALOG.cloudwatch
    return Cause.SCALES_LATE, {
        "id": group.id,
        "since": since,
        "points": rules.out_points,
        "period": watch.detailed_s if group.facts.get("detailed") else watch.basic_s,
        "decided": decided,
        "served": served,
        "desired": number(group, "desired"),
        "in_service": number(group, "in_service"),
    }


def _in_service(frame: Frame, group: str) -> int | float:
    view = frame.resource(group)
    return 0 if view is None else number(view, "in_service")


Outage = tuple[str, int, int, frozenset[str], int]
"""A zone, from when to when it was out, what answered there, and how many machines in all."""


def _outage(frames: Sequence[Frame], during: Sequence[Frame]) -> Outage | None:
    """The newest outage of a zone that a stretch of time has to do with."""
    first, last = during[0].second, during[-1].second
    found = _newest(frames, last, ("zone_outage",))
    if found is None:
        return None
    second, news = found
    zone, lasts_s = str(news.args.get("zone", "")), news.args.get("seconds", 0)
    until = second + (int(lasts_s) if isinstance(lasts_s, int | float) else 0)
    if until + BOOTS_S < first:
        return None
    before = [f for f in frames if f.second < second][-1:] or list(during[:1])
    stood = [i for i in before[0].instances if i.state in ("running", "pending") and _serves(i)]
    inside = frozenset(i.id for i in stood if i.zone == zone)
    return zone, second, until, inside, len(stood)


def _serves(machine: InstanceView) -> bool:
    return bool({"web", "app"} & set(machine.roles))


def _zone_dark(frames: Sequence[Frame], during: Sequence[Frame], at: str) -> Found | None:
    """An outage that took everything which could answer."""
    outage = _outage(frames, during)
    if outage is None or not outage[3] or len(outage[3]) < outage[4]:
        return None
    return Cause.ZONE_OUTAGE, _zone_figures(outage)


def _zone_out(frames: Sequence[Frame], during: Sequence[Frame], at: str) -> Found | None:
    """An outage that took this machine."""
    outage = _outage(frames, during)
    if outage is None or at not in outage[3]:
        return None
    return Cause.ZONE_OUTAGE, _zone_figures(outage)


def _squeeze(frames: Sequence[Frame], felt: Sequence[Frame], at: str) -> Found | None:
    """An outage that left this machine and too few others."""
    outage = _outage(frames, felt)
    if outage is None or not outage[3] or at in outage[3] or len(outage[3]) == outage[4]:
        return None
    return Cause.ZONE_SQUEEZE, _zone_figures(outage)


def _zone_figures(outage: Outage) -> dict[str, Figure]:
    zone, since, until, inside, all_there_were = outage
    machines = {"inside": len(inside), "machines": all_there_were}
    return {"zone": zone, "since": since, "until": until, **machines}


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


def _found_out(frames: Sequence[Frame], second: int, at: str) -> Figure:
    """When the balancer left a dead target out, or it was its target no more."""
    for frame in (f for f in frames if f.second >= second):
        front = _sender(frame, at)
        if front is None or front.targets[at] in ("unhealthy", "draining"):
            return frame.second
    return NOT_YET


def _newest(frames: Sequence[Frame], last: int, kinds: tuple[str, ...]) -> tuple[int, News] | None:
    """The newest of some kinds of news, with its second."""
    for frame in reversed(frames):
        for news in reversed(frame.news) if frame.second <= last else ():
            if news.kind in kinds:
                return frame.second, news
    return None
