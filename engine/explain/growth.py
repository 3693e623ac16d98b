"""What breaks first if all goes on as it has lately: straight lines through the last minutes.

No forecast, only what a careful operator reads off a chart; the sentences say so.
"""

import math
from collections.abc import Iterator, Sequence

from engine.catalog import CATALOG, MachineType
from engine.explain.causes import Limit, Outlook
from engine.frame import Frame
from engine.views import Fact

SPAN_S = 180
"""The lines are laid through so many seconds."""

LEAST_S = 30
"""Through fewer there is no line."""

STILL_S = 5
"""A station that did nothing for so long is not on its way to anything."""

LEAST_RISE = 0.03
"""A share that rose less than this over the span stands still."""

FAR_S = 86_400
"""Nothing further away is worth saying."""

Line = tuple[float, float]
"""The value at the end of the span, and by how much it grows in a second."""


def outlook(frames: Sequence[Frame]) -> Outlook | None:
    """Demand and the first limit it meets, or None where too little was seen."""
    lately = list(frames[-SPAN_S:])
    if len(lately) < LEAST_S:
        return None
    rps, rise = _line([float(sum(c.demanded for c in f.counts.values())) for f in lately])
    second = lately[-1].second
    first = min(_limits(lately), key=lambda limit: limit.second, default=None)
    if first is None or first.second - second > FAR_S:
        return Outlook(round(rps, 1), round(rise * 60, 1), None)
    then = max(0.0, rps + rise * (first.second - second))
    return Outlook(round(rps, 1), round(rise * 60, 1), first, round(then, 1))


def _limits(frames: Sequence[Frame]) -> Iterator[Limit]:
    yield from _stations(frames)
    yield from _space(frames)
    yield from _credits(frames)
    yield from _facts(frames)
    yield from _money(frames)


def _stations(frames: Sequence[Frame]) -> Iterator[Limit]:
    """When each station is full; only what carries requests and fills up."""
    series: dict[str, list[float]] = {}
    for frame in frames:
        for station in frame.stations:
            series.setdefault(station.id, []).append(station.utilization)
    for name in (station.id for station in frames[-1].stations):
        values = series[name]
        now, rise = _line(values)
        if (
            any(values[-STILL_S:])
            and len(values) >= LEAST_S
            and now < 1.0
            and rise * len(values) >= LEAST_RISE
        ):
            yield _limit("station", name, now, 1.0, rise, frames[-1].second)


def _space(frames: Sequence[Frame]) -> Iterator[Limit]:
    """When each disk that fills up is full."""
    first, last = frames[0], frames[-1]
    span = max(1, last.second - first.second)
    for disk in last.volumes:
        before = first.volume(disk.id)
        if before is not None and before.used_gb < disk.used_gb < disk.gb:
            rise = (disk.used_gb - before.used_gb) / span
            yield _limit("space", disk.id, disk.used_gb, disk.gb, rise, last.second)


def _credits(frames: Sequence[Frame]) -> Iterator[Limit]:
    """When the CPU credits of each burstable machine are gone, earned and spent as load grows."""
    for machine in frames[-1].instances:
        kind = CATALOG.instance_types.get(machine.type)
        if kind is None or not machine.credits:
            continue
        seen = [(f, view) for f in frames if (view := f.instance(machine.id)) is not None]
        shares = [kind.baseline if view.throttled else 1.0 for _, view in seen]
        work = _work([f for f, _ in seen], machine.id, shares)
        yield from _spent(machine.id, kind, machine.credits, work, frames[-1].second)


def _work(frames: Sequence[Frame], id: str, shares: Sequence[float]) -> list[float]:
    """What a CPU did of all that it could at full speed, in each second in which it stood."""
    stations = (frame.station(f"{id}/cpu") for frame in frames)
    return [s.utilization * share for s, share in zip(stations, shares, strict=True) if s]


def _spent(
    id: str, kind: MachineType, credits: float, work: Sequence[float], second: int
) -> Iterator[Limit]:
    """When credits are gone where a CPU's work goes on growing as it did."""
    if len(work) < LEAST_S:
        return
    now, rise = _line(work)
    if abs(rise) * len(work) < LEAST_RISE:
        now, rise = sum(work) / len(work), 0.0
    # A credit is a vCPU-minute; by the line, so much more of them goes each second than comes.
    burnt = now * kind.vcpus / 60 - kind.credits_per_hour / 3_600
    ahead = _until_gone(credits, kind.credits_max, burnt, rise * kind.vcpus / 60)
    if ahead is not None:
        at = second + round(min(FAR_S, ahead)) + 1
        yield Limit("credits", id, round(credits, 1), kind.credits_max, at)


def _until_gone(left: float, most: float, burnt: float, grows: float) -> float | None:
    """How long a balance lasts that sinks by `burnt` a second, and by `grows` more each second."""
    if burnt <= 0:
        if grows <= 0:
            return None
        turns = -burnt / grows  # it fills up so long, to no more than there can be
        return turns + math.sqrt(2 * min(most, left - burnt * turns / 2) / grows)
    root = burnt * burnt + 2 * grows * left
    return None if root < 0 else 2 * left / (burnt + math.sqrt(root))


FACTS = (("space", "used_gb", "gb"), ("connections", "connections", "connections_max"))
"""What fills up at a managed resource, and how much of it there is."""


def _facts(frames: Sequence[Frame]) -> Iterator[Limit]:
    """When the storage, the connections and the credits of each managed resource are used up."""
    second = frames[-1].second
    for resource in frames[-1].resources:
        seen = [view.facts for f in frames if (view := f.resource(resource.id)) is not None]
        if len(seen) < LEAST_S:
            continue
        for name, used, all_there_is in FACTS:
            most = _number(seen[-1], all_there_is)
            now, rise = _line([_number(facts, used) for facts in seen])
            if now < most and rise * len(seen) >= LEAST_RISE * most:
                yield _limit(name, resource.id, now, most, rise, second)
        kind, left = CATALOG.rds_types.get(resource.type), _number(seen[-1], "credits")
        if kind is not None and left > 0:
            work = _work(frames, resource.id, [1.0] * len(frames))
            yield from _spent(resource.id, kind, left, work, second)


def _number(facts: dict[str, Fact], name: str) -> float:
    value = facts.get(name, 0.0)
    return float(value) if isinstance(value, int | float) else 0.0


def _money(frames: Sequence[Frame]) -> Iterator[Limit]:
    """When the account is empty, where the forecast says that it will be before the end."""
    first, last = frames[0], frames[-1]
    money = last.money
    spent = money.spent_micro_usd - first.money.spent_micro_usd
    if money.forecast_micro_usd > money.budget_micro_usd and spent > 0:
        seconds = money.cash_micro_usd * (last.second - first.second) / spent
        at = last.second + round(min(FAR_S, max(0.0, seconds))) + 1
        yield Limit("money", "", money.spent_usd, money.budget_micro_usd / 1e6, at)


def _limit(kind: str, at: str, now: float, most: float, rise: float, second: int) -> Limit:
    """A value that rises on a straight line to its most."""
    ahead = min(float(FAR_S), (most - now) / rise)
    return Limit(kind, at, round(now, 4), most, second + round(ahead) + 1)


def _line(values: Sequence[float]) -> Line:
    """The straight line through values a second apart, by least squares."""
    n = len(values)
    if n < 2:
        return (values[-1] if values else 0.0), 0.0
    middle, mean = (n - 1) / 2, sum(values) / n
    spread = sum((x - middle) ** 2 for x in range(n))
    rise = sum((x - middle) * (v - mean) for x, v in enumerate(values)) / spread
    return mean + rise * (n - 1 - middle), rise
