"""Why requests failed while a zone was out, and until what it took was back or replaced."""

from collections.abc import Sequence
from typing import NamedTuple

from engine.explain.causes import Cause, Figure
from engine.explain.managed import Found
from engine.explain.told import newest
from engine.frame import Frame
from engine.views import InstanceView

BOOTS_S = 120
"""So long after the power is back, what stood in the zone may still be booting."""

CLEARS_S = 15
"""So long after enough answer again, whoever came before has been answered or given up."""


class Outage(NamedTuple):
    """A zone that went out at second `since`, for as long as was told.

    `inside` are the machines that answered there, of `machines` in all. `over` is the
    second from which on as many answered again, wherever they stand; at the latest
    when whatever stood in the zone must have booted.
    """

    zone: str
    since: int
    until: int
    inside: frozenset[str]
    machines: int
    over: int

    @property
    def figures(self) -> dict[str, Figure]:
        """What the sentence about it says."""
        shares: dict[str, Figure] = {"inside": len(self.inside), "machines": self.machines}
        return {"zone": self.zone, "since": self.since, "until": self.until, **shares}


def why_dark(frames: Sequence[Frame], during: Sequence[Frame]) -> Found | None:
    """An outage that took everything which could answer."""
    outage = _outage(frames, during[-1].second)
    if outage is None or not outage.inside or len(outage.inside) < outage.machines:
        return None
    return (Cause.ZONE_OUTAGE, outage.figures) if during[0].second <= outage.over else None


def why_out(frames: Sequence[Frame], during: Sequence[Frame], at: str) -> Found | None:
    """An outage that took this machine, which has not run since."""
    outage = _outage(frames, during[-1].second)
    if outage is None or at not in outage.inside:
        return None
    again = next((f for f in frames if f.second > outage.since and _runs(f.instance(at))), None)
    over = outage.over if again is None else min(outage.over, again.second)
    return (Cause.ZONE_OUTAGE, outage.figures) if during[0].second <= over else None


def why_squeezed(frames: Sequence[Frame], felt: Sequence[Frame], at: str) -> Found | None:
    """An outage that left this machine and too few others, for most of the time it was full."""
    outage = _outage(frames, felt[-1].second)
    if outage is None or not outage.inside or at in outage.inside:
        return None
    short = sum(outage.since <= frame.second < outage.over + CLEARS_S for frame in felt)
    if len(outage.inside) == outage.machines or short * 2 <= len(felt):
        return None
    return Cause.ZONE_SQUEEZE, outage.figures


def _outage(frames: Sequence[Frame], last: int) -> Outage | None:
    """The newest outage of a zone up to a second."""
    found = newest(frames, last, ("zone_outage",))
    if found is None:
        return None
    since, news = found
    zone, lasts_s = str(news.args.get("zone", "")), news.args.get("seconds", 0)
    until = since + (int(lasts_s) if isinstance(lasts_s, int | float) else 0)
    before = [f for f in frames if f.second < since][-1:] or list(frames[:1])
    stood = [i for i in before[0].instances if i.state in ("running", "pending") and _serves(i)]
    inside = frozenset(i.id for i in stood if i.zone == zone)
    after = (f for f in frames if since < f.second <= until + BOOTS_S)
    again = next((f for f in after if _answering(f) >= len(stood)), None)
    over = until + BOOTS_S if again is None else again.second
    return Outage(zone, since, until, inside, len(stood), over)


def _answering(frame: Frame) -> int:
    """How many machines for web and app run, and are trusted by a balancer that watches them."""
    wary = {
        id
        for front in frame.resources
        if front.service == "elb"
        for id, state in front.targets.items()
        if state != "healthy"
    }
    return sum(_runs(i) and _serves(i) and i.id not in wary for i in frame.instances)


def _runs(machine: InstanceView | None) -> bool:
    return machine is not None and machine.state == "running"


def _serves(machine: InstanceView) -> bool:
    return bool({"web", "app"} & set(machine.roles))
