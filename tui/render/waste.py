"""What costs money and does nothing: found in a frame, with what it costs a month."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from engine.catalog import CATALOG
from engine.frame import Frame
from engine.views import ResourceView
from tui.render.board.tables import copy_of, is_unasked
from tui.render.gauges import number_fact
from tui.render.history import History

Why = Literal[
    "unattached", "holds_data", "of_stopped", "idle", "iops", "backup", "empty", "unread", "unasked"
]
"""Keys of the words table for why something is waste."""

UNUSED_BELOW = 0.5
"""Provisioned IOPS are waste where never more than this share of them was used."""

WATCHED_S = 120
"""Seconds that a volume must have been used before its IOPS can be called unused."""


@dataclass(frozen=True)
class Waste:
    """A resource that costs `rate_month_micro_usd` for nothing; `figures` fill the sentence."""

    resource: str
    why: Why
    rate_month_micro_usd: int
    figures: Mapping[str, object]


def wastes(frame: Frame, history: History) -> list[Waste]:
    """Everything that is paid for in vain as of a frame, the dearest first."""
    found = [*_volumes(frame), *_instances(frame), *_managed(frame, history)]
    idle = {waste.resource for waste in found}
    found += [waste for waste in _iops(frame, history) if _holder(frame, waste) not in idle]
    costly = [waste for waste in found if waste.rate_month_micro_usd > 0]
    return sorted(costly, key=lambda waste: (-waste.rate_month_micro_usd, waste.resource))


def _holder(frame: Frame, waste: Waste) -> str | None:
    """The instance of a wasted volume: if that is idle, its volumes are counted with it."""
    volume = frame.volume(waste.resource)
    return None if volume is None else volume.attached_to


def asked(frame: Frame) -> set[str]:
    """All that an address, another resource, a move or a request of this second leads to."""
    ids = {holder for holder in frame.addresses.values() if holder is not None}
    ids.update(hop.target for hop in frame.hops if hop.count)
    ids.update(end for move in frame.moves for end in (move.source, move.target))
    for resource in frame.resources:
        ids.update(resource.behind)
    return ids


def _volumes(frame: Frame) -> Iterator[Waste]:
    moving = {end for move in frame.moves for end in (move.source, move.target)}
    stopped = {i.id for i in frame.instances if i.state == "stopped"}
    for volume in frame.volumes:
        rate = volume.rate_month_micro_usd
        if volume.attached_to is None and volume.id not in moving:
            why: Why = "holds_data" if volume.roles else "unattached"
            yield Waste(volume.id, why, rate, {"roles": " ".join(volume.roles)})
        elif volume.attached_to in stopped:
            yield Waste(volume.id, "of_stopped", rate, {"instance": volume.attached_to})


def _instances(frame: Frame) -> Iterator[Waste]:
    """Running ones that nothing leads to, with their volumes."""
    wanted = asked(frame)
    for instance in frame.instances:
        busy = any(s.resource == instance.id and (s.served or s.running) for s in frame.stations)
        if instance.state == "running" and instance.id not in wanted and not busy:
            disks = [v for v in frame.volumes if v.attached_to == instance.id]
            rate = instance.rate_month_micro_usd + sum(v.rate_month_micro_usd for v in disks)
            yield Waste(instance.id, "idle", rate, {})


def _managed(frame: Frame, history: History) -> Iterator[Waste]:
    wanted = asked(frame)
    for resource in frame.resources:
        rate = resource.rate_month_micro_usd
        if resource.type == "backup":
            figures = {"gb": number_fact(resource, "gb") or 0.0}
            yield Waste(resource.id, "backup", rate, figures)
        elif resource.roles and resource.id not in wanted and _stands(resource):
            yield _nobody_asks(frame, history, resource)
        elif is_unasked(frame, history, resource) and _stands(resource):
            yield Waste(resource.id, "unasked", rate, {})


def _nobody_asks(frame: Frame, history: History, resource: ResourceView) -> Waste:
    """A replica that nobody reads, a database without a table, or what else has nothing to do."""
    rate, copy = resource.rate_month_micro_usd, copy_of(frame, history, resource)
    if copy is not None:
        return Waste(resource.id, "unread", 0 if copy.alone else rate, {"source": copy.source})
    return Waste(resource.id, "empty" if resource.service == "rds" else "idle", rate, {})


def _stands(resource: ResourceView) -> bool:
    return resource.state not in ("creating", "failed")


def _iops(frame: Frame, history: History) -> Iterator[Waste]:
    """IOPS that are paid for by themselves, beyond the most that was ever used of them."""
    for volume in frame.volumes:
        kind = CATALOG.volume_types.get(volume.type)
        if kind is None or not kind.usd_iops_month or volume.attached_to is None:
            continue
        used = history.values(f"iops/{volume.id}", 0, frame.second)
        peak = max(used, default=0.0)
        if len(used) < WATCHED_S or peak > UNUSED_BELOW * volume.iops:
            continue
        unused = volume.iops - max(kind.included_iops, round(peak))
        rate = round(max(0, unused) * kind.usd_iops_month * 1_000_000)
        yield Waste(volume.id, "iops", rate, {"iops": volume.iops, "peak": round(peak)})
