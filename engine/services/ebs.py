"""EBS: disks attached to instances, metered by size; each is a station for I/O."""

from dataclasses import dataclass

import numpy as np

from engine.catalog import VolumeType
from engine.flow.machine import DISK_ROLES, Disk
from engine.flow.station import Station
from engine.frame import VolumeView
from engine.ledger import MonthMeter, micros
from engine.scenario import Scenario
from engine.world import World


@dataclass(slots=True, eq=False)
class Volume:
    """A volume. A root volume goes when its instance is terminated."""

    id: str
    type: str
    gb: int
    iops: int
    zone: str
    attached_to: str | None
    root: bool
    io: Station
    meters: list[MonthMeter]
    slowness: float = 1.0

    @property
    def full_speed(self) -> float:
        """Speed of its station when nothing slows it: work is already in seconds."""
        return 1.0


def storage_meters(kind: VolumeType, gb: int, iops: int) -> list[tuple[str, MonthMeter]]:
    """What a volume is billed for: its gigabytes, and IOPS above those included."""
    lines = [("storage", MonthMeter("GB-month", round(kind.usd_gb_month * 1e6), gb))]
    if iops > kind.base_iops:
        extra = MonthMeter("IOPS-month", round(kind.usd_iops_month * 1e6), iops - kind.base_iops)
        lines.append(("IOPS", extra))
    return lines


def month_micro_usd(kind: VolumeType, gb: int, iops: int) -> int:
    """What a volume costs for a month."""
    return sum(meter.unit_micro_usd * meter.size for _, meter in storage_meters(kind, gb, iops))


def create(
    world: World, type_: str, gb: int, iops: int | None, zone: str, attached_to: str, room: int
) -> Volume:
    """A new root volume, billed from now on."""
    kind = world.catalog.volume_types[type_]
    volume_id = _free_id(world)
    iops = iops or kind.base_iops
    place = world.traffic.place_of(volume_id)
    station = Station(f"{volume_id}/io", place, kind.servers(iops), room)
    station.now = world.now
    lines = storage_meters(kind, gb, iops)
    for name, meter in lines:
        world.ledger.add(volume_id, f"{type_} {name}", meter)
        meter.start(micros(world.now))
    meters = [meter for _, meter in lines]
    volume = Volume(volume_id, type_, gb, iops, zone, attached_to, True, station, meters)
    world.all(Volume)[volume_id] = volume
    return volume


def _free_id(world: World) -> str:
    """The next id that no instance goes by."""
    while True:
        volume_id = f"vol-{world.count('ebs')}"
        if volume_id not in world.traffic.places:
            return volume_id


def delete(world: World, volume: Volume) -> None:
    """The volume is gone, and so is what was on it."""
    for meter in volume.meters:
        meter.stop(micros(world.now), world.ledger.duration_s)
    del world.all(Volume)[volume.id]
    world.tell("volume_deleted", "board", id=volume.id)
    lost = [role for role, home in world.homes.items() if home == volume.id]
    for role in lost:
        world.homes[role] = None
    if lost and data_gb(world.scenario, lost) > 0:
        world.data_lost = True
        world.tell("data_lost", "board", id=volume.id)


def data_gb(scenario: Scenario, roles: list[str]) -> float:
    """How much data these roles have."""
    db = sum(t.gb for t in scenario.tables) if "db" in roles else 0.0
    return db + (scenario.files.gb if "files" in roles else 0.0)


def disk_of(world: World, volume: Volume) -> Disk:
    """The volume as requests meet it: each I/O takes c / IOPS, so that it does `iops` a second."""
    seconds = [r.data_io * volume.io.servers / volume.iops for r in world.scenario.requests]
    return Disk(volume.io, np.array(seconds))


def disks(world: World, volumes: list[str], roles: frozenset[str]) -> dict[str, Disk | None]:
    """For each data role that an instance plays, the attached volume that holds its data."""
    found: dict[str, Disk | None] = {}
    for role in DISK_ROLES:
        if role not in roles:
            continue
        home = world.homes[role]
        here = home is not None and home in volumes
        found[role] = disk_of(world, world.all(Volume)[home]) if here and home else None
    return found


def slow(world: World, volume: Volume, factor: float) -> None:
    """Multiply the volume's speed by `factor`."""
    volume.slowness *= factor
    volume.io.change(speed=volume.full_speed * volume.slowness)


def view(world: World, volume: Volume) -> VolumeView:
    """The volume as a frame shows it."""
    here = [role for role, home in world.homes.items() if home == volume.id]
    kind = world.catalog.volume_types[volume.type]
    return VolumeView(
        id=volume.id,
        type=volume.type,
        gb=volume.gb,
        iops=volume.iops,
        zone=volume.zone,
        used_gb=data_gb(world.scenario, here),
        rate_month_micro_usd=month_micro_usd(kind, volume.gb, volume.iops),
        attached_to=volume.attached_to,
        root=volume.root,
    )
