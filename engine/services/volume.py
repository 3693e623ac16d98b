"""An EBS volume: a disk that outlives machines, metered by size; a station for I/O."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from engine.board import BoardVolume
from engine.catalog import VolumeType
from engine.flow.machine import DISK_ROLES, Disk
from engine.flow.station import Station
from engine.flow.traffic import step_bytes
from engine.flow.wiring import DATA
from engine.ledger import MonthMeter, micros
from engine.outcomes import RefusalReason, Refused
from engine.scenario import RequestClass
from engine.services import homes
from engine.services.service import Watched
from engine.views import NEARLY_FULL, VolumeView
from engine.world import World

MILLION = 1_000_000


@dataclass(slots=True, eq=False)
class Volume:
    """A volume. One that is not to be kept goes when its instance is terminated.

    `bucket` is what an HDD may still burst, in millionths of an I/O; `unloaded_gb`
    what a volume made from a snapshot has not fetched yet; `changed_bytes` what
    was written since its last snapshot.
    """

    id: str
    type: str
    gb: int
    iops: int
    zone: str
    io: Station
    mib_s: int = 0
    attached_to: str | None = None
    root: bool = False
    keep: bool = True
    meters: tuple[MonthMeter, ...] = ()
    slowed_by: list[float] = field(default_factory=list)
    bucket: int = 0
    unloaded_gb: float = 0.0
    changed_bytes: int = 0
    last_snapshot: str | None = None
    full: bool = False
    told_nearly_full: bool = False


def default_iops(kind: VolumeType, gb: int) -> int:
    """The IOPS of a volume for which none were asked; an HDD's come with its size."""
    if kind.burst_iops_per_tib:
        return max(1, min(kind.max_iops, round(kind.burst_iops_per_tib * gb / 1_024)))
    return kind.default_iops


def default_mib_s(kind: VolumeType, iops: int) -> int:
    """The throughput of a volume for which none was asked; an HDD's I/Os are of 1 MiB."""
    return iops if kind.burst_iops_per_tib else kind.included_mib_s


def month_micro_usd(kind: VolumeType, gb: int, iops: int, mib_s: int) -> int:
    """What a volume costs for a month."""
    lines = _storage_meters(kind, gb, iops, mib_s)
    return sum(meter.unit_micro_usd * meter.size for _, meter in lines)


def _storage_meters(
    kind: VolumeType, gb: int, iops: int, mib_s: int
) -> list[tuple[str, MonthMeter]]:
    """What a volume is billed for: its size, and IOPS and throughput above those included."""
    lines = [("storage", MonthMeter("GB-month", round(kind.usd_gb_month * MILLION), gb))]
    if kind.usd_iops_month and iops > kind.included_iops:
        price = round(kind.usd_iops_month * MILLION)
        lines.append(("IOPS", MonthMeter("IOPS-month", price, iops - kind.included_iops)))
    if kind.usd_mib_s_month and mib_s > kind.included_mib_s:
        price = round(kind.usd_mib_s_month * MILLION)
        extra = MonthMeter("MiB/s-month", price, mib_s - kind.included_mib_s)
        lines.append(("throughput", extra))
    return lines


def stands_at_start(world: World, given: BoardVolume, zone: str) -> Volume:
    """A volume as a board has it; a root volume goes with its instance unless it says otherwise."""
    volume = create(world, given.type, given.gb, given.iops, zone, given.mib_s, given.id)
    volume.root = given.root
    volume.keep = not given.root if given.keep is None else given.keep
    return volume


def create(
    world: World,
    type_: str,
    gb: int,
    iops: int | None,
    zone: str,
    mib_s: int | None = None,
    name: str | None = None,
) -> Volume:
    """A new volume that stands alone, billed from now on."""
    kind = world.catalog.volume_types[type_]
    volume_id = name or world.free_name("vol")
    iops = iops or default_iops(kind, gb)
    place = world.traffic.place_of(volume_id)
    volume = Volume(volume_id, type_, gb, iops, zone, Station(f"{volume_id}/io", place, 1, 1))
    volume.io.now = world.now
    volume.mib_s = mib_s or default_mib_s(kind, iops)
    volume.bucket = gb * 1_024 * MILLION
    world.all(Volume)[volume_id] = volume
    meter(world, volume)
    pace(world, volume)
    return volume


def meter(world: World, volume: Volume) -> None:
    """Bill it as it is now; what it was before stays on the bill."""
    now = micros(world.now)
    for old in volume.meters:
        old.stop(now, world.ledger.duration_s)
    kind = world.catalog.volume_types[volume.type]
    lines = _storage_meters(kind, volume.gb, volume.iops, volume.mib_s)
    for name, new in lines:
        world.ledger.add(volume.id, f"{volume.type} {name}", new)
        new.start(now)
    volume.meters = tuple(new for _, new in lines)


def pace(world: World, volume: Volume) -> None:
    """Let it work at the speed that it has now.

    Work at a volume is counted in latencies: c = round(IOPS × latency) servers,
    each at such a speed that all together do just the IOPS.
    """
    kind = world.catalog.volume_types[volume.type]
    iops = float(volume.iops)
    if kind.burst_iops_per_tib and volume.bucket <= 0:
        iops *= kind.base_iops_per_tib / kind.burst_iops_per_tib
    servers = kind.servers(volume.iops)
    speed = iops * kind.latency_ms / 1_000 / servers
    lazy = 1.0
    if volume.unloaded_gb > 0:
        share = min(1.0, volume.unloaded_gb / max(1.0, used_gb(world, volume)))
        lazy += (world.catalog.ebs.lazy_factor - 1) * share
    volume.io.change(servers=servers, speed=speed * math.prod(volume.slowed_by) / lazy)


def attach(world: World, volume: Volume, instance_id: str, volumes: list[str], room: int) -> None:
    """Put it into an instance, whose waiting room is also that for I/O."""
    volume.attached_to = instance_id
    volume.io.change(room=room)
    volumes.append(volume.id)


def roles_on(world: World, volume: Volume) -> list[str]:
    """The roles whose data lie on it."""
    return list(world.held(volume.id))


def used_gb(world: World, volume: Volume) -> float:
    """How much of it is used."""
    return homes.data_gb(world, world.held(volume.id))


def disks(world: World, volumes: list[str], roles: frozenset[str]) -> Mapping[str, Disk | None]:
    """For each data role that an instance plays, the attached volume that holds its data."""
    found: dict[str, Disk | None] = {}
    for role in DISK_ROLES:
        if role not in roles:
            continue
        home = world.homes[role]
        volume = world.all(Volume).get(home or "")
        found[role] = _disk(world, volume) if volume and volume.id in volumes else None
    return found


def _disk(world: World, volume: Volume) -> Disk:
    """The volume as requests meet it.

    What is large takes as many latencies as I/Os would have been done while it
    passes at the volume's throughput.
    """
    latency_s = world.catalog.volume_types[volume.type].latency_ms / 1_000
    works = [io_works(r, volume.iops, volume.mib_s) for r in world.scenario.requests]
    return Disk(volume.io, np.array(works) * latency_s, volume.full)


def io_works(request: RequestClass, iops: int, mib_s: int) -> float:
    """A request's work at a disk, in latencies: its I/Os, or the passage of its bytes."""
    if not request.data_io:
        return 0.0
    return max(request.data_io, bytes_of(request) / (mib_s * 1_048_576 / iops))


def bytes_of(request: RequestClass) -> int:
    """Bytes that a request reads or writes: a file as it is, of a table its I/Os."""
    return step_bytes(request)[DATA]


def judge_second(world: World) -> bool:
    """At whole seconds: bursts, fetching from snapshots, filling up.

    Returns whether a volume has become full, or has room again.
    """
    turned = False
    for volume in world.all(Volume).values():
        volume.changed_bytes += sum(world.fresh_bytes[role] for role in world.held(volume.id))
        _burst(world, volume)
        _fetch(world, volume)
        used = used_gb(world, volume)
        full = used >= volume.gb
        nearly = used > NEARLY_FULL * volume.gb
        if nearly and not volume.told_nearly_full and not full:
            told_gb = round(used, 1)
            world.tell("volume_nearly_full", "board", id=volume.id, used=told_gb, gb=volume.gb)
        volume.told_nearly_full = nearly
        if full != volume.full:
            volume.full, turned = full, True
            world.tell("volume_full" if full else "volume_has_room", "board", id=volume.id)
    return turned


def _burst(world: World, volume: Volume) -> None:
    """An HDD's bucket fills at its base rate and is emptied by its I/Os."""
    kind = world.catalog.volume_types[volume.type]
    if not kind.burst_iops_per_tib:
        return
    share = kind.base_iops_per_tib / kind.burst_iops_per_tib
    rate = volume.iops * (share if volume.bucket <= 0 else 1.0)
    done = round(volume.io.second.busy_s / volume.io.servers * rate * MILLION)
    before = volume.bucket
    earned = round(volume.iops * share * MILLION)
    volume.bucket = min(before + earned - done, volume.gb * 1_024 * MILLION)
    if (before <= 0) != (volume.bucket <= 0):
        pace(world, volume)
        world.tell("burst_over" if before > 0 else "burst_back", "board", id=volume.id)


def _fetch(world: World, volume: Volume) -> None:
    """A volume from a snapshot becomes faster as its blocks arrive."""
    if volume.unloaded_gb > 0 and volume.attached_to:
        volume.unloaded_gb = max(0.0, volume.unloaded_gb - world.catalog.ebs.lazy_gb_s)
        pace(world, volume)


def find(world: World, volume_id: str) -> Volume | Refused:
    """The volume of that id, or why not."""
    volume = world.all(Volume).get(volume_id)
    return volume or Refused(RefusalReason.UNKNOWN_RESOURCE, {"id": volume_id})


def view(world: World, volume: Volume) -> VolumeView:
    """The volume as a frame shows it."""
    kind = world.catalog.volume_types[volume.type]
    return VolumeView(
        id=volume.id,
        type=volume.type,
        gb=volume.gb,
        iops=volume.iops,
        zone=volume.zone,
        used_gb=round(used_gb(world, volume), 6),
        rate_month_micro_usd=month_micro_usd(kind, volume.gb, volume.iops, volume.mib_s),
        mib_s=volume.mib_s,
        attached_to=volume.attached_to,
        root=volume.root,
        keep=volume.keep,
        roles=tuple(roles_on(world, volume)),
        burst_left=_burst_left(kind, volume),
        unloaded_gb=round(volume.unloaded_gb, 3),
    )


def _burst_left(kind: VolumeType, volume: Volume) -> float | None:
    if not kind.burst_iops_per_tib:
        return None
    return round(max(0, volume.bucket) / (volume.gb * 1_024 * MILLION), 6)


def places(world: World) -> Iterable[Watched]:
    """Where requests wait for volumes."""
    return [Watched(v.io, v.id, "volume") for v in world.all(Volume).values()]
