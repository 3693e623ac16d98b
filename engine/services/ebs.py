"""EBS: what a player does with volumes: make, attach, detach, change, keep, delete."""

from typing import Annotated

from engine.board import Board
from engine.catalog import VolumeType
from engine.flow.machine import DISK_ROLES
from engine.outcomes import Detail, FailureReason, RefusalReason, Refused
from engine.scenario import Zone
from engine.services import addresses
from engine.services import instance as instances
from engine.services import volume as volumes
from engine.services.change import Change
from engine.services.check import check_number
from engine.services.command import Command, choose
from engine.services.copies import settle
from engine.services.instance import RUNNING, STOPPED, Instance
from engine.services.offer import find_type
from engine.services.service import Service
from engine.services.snapshot import COMPLETED, Snapshot, delete_volume
from engine.services.volume import Volume
from engine.world import World

VolumeId = Annotated[str, choose("volume")]


class CreateVolume(Command, frozen=True, tag="create_volume"):
    """A new volume, empty or from a snapshot (slow until its blocks have arrived)."""

    type: Annotated[str, choose("volume_type")] = "gp3"
    gb: int = 20
    zone: Zone = "a"
    iops: int | None = None
    mib_s: int | None = None
    snapshot: Annotated[str | None, choose("snapshot")] = None


class AttachVolume(Command, frozen=True, tag="attach_volume"):
    """Put a volume into an instance of the same zone; its data comes along."""

    volume: Annotated[str, choose("volume:available")]
    instance: Annotated[str, choose("instance")]


class DetachVolume(Command, frozen=True, tag="detach_volume"):
    """Take a volume out of its instance; what waits for it fails."""

    volume: Annotated[str, choose("volume:attached")]


class ChangeVolume(Command, frozen=True, tag="change_volume"):
    """Give a volume another type, size, IOPS or throughput while it works; it never shrinks."""

    volume: VolumeId
    type: Annotated[str | None, choose("volume_type")] = None
    gb: int | None = None
    iops: int | None = None
    mib_s: int | None = None


class KeepVolume(Command, frozen=True, tag="keep_volume"):
    """Say whether a volume is to stay when its instance is terminated."""

    volume: VolumeId
    keep: bool = True


class DeleteVolume(Command, frozen=True, tag="delete_volume"):
    """Give a volume back, and all that is on it."""

    volume: Annotated[str, choose("volume:available")]


Planned = Refused | Change
Details = dict[str, Detail]


def name_at_start(world: World, board: Board) -> None:
    """Names that the opening board gives to volumes are not free, and data may lie there."""
    for id in (*(i.volume.id for i in board.instances), *(v.id for v in board.volumes)):
        if id is not None:
            world.traffic.place_of(id)
    world.homes |= {role: volume.id for volume in board.volumes for role in volume.holds}


def stand_at_start(world: World, board: Board) -> None:
    """Volumes of the opening board that are in no instance."""
    for given in board.volumes:
        if given.instance is None:
            volumes.stands_at_start(world, given, given.zone)


def plan_create(world: World, command: CreateVolume) -> Planned:
    """Check a new volume and say what it costs."""
    snapshot = world.all(Snapshot).get(command.snapshot) if command.snapshot else None
    if command.snapshot and snapshot is None:
        return Refused(RefusalReason.UNKNOWN_RESOURCE, {"id": command.snapshot})
    if snapshot and snapshot.state != COMPLETED:
        details: Details = {"id": snapshot.id, "state": snapshot.state, "needs": COMPLETED}
        return Refused(RefusalReason.WRONG_STATE, details)
    kind = check_type(world, command.type)
    if isinstance(kind, Refused):
        return kind
    limit = world.catalog.ebs.max_volumes
    if len(world.all(Volume)) >= limit:
        return Refused(RefusalReason.LIMIT_REACHED, {"what": "volumes", "limit": limit})
    least_gb = snapshot.gb if snapshot else kind.min_gb
    iops = command.iops or volumes.default_iops(kind, command.gb)
    mib_s = command.mib_s or volumes.default_mib_s(kind, iops)
    refused = (
        check_size(kind, command.gb, least_gb)
        or check_iops(kind, command.gb, command.iops)
        or check_mib_s(kind, iops, command.mib_s)
    )
    if refused:
        return refused

    def create() -> str:
        volume = volumes.create(
            world, command.type, command.gb, command.iops, command.zone, command.mib_s
        )
        world.tell("volume_created", "player", id=volume.id, type=command.type, gb=command.gb)
        if snapshot:
            _restore(world, volume, snapshot)
        return volume.id

    return Change(create, volumes.month_micro_usd(kind, command.gb, iops, mib_s))


def _restore(world: World, volume: Volume, snapshot: Snapshot) -> None:
    """Data whose only home is the snapshot lie on the volume from now on."""
    volume.last_snapshot = snapshot.id
    settle(world, snapshot.id, volume.id)
    volume.unloaded_gb = snapshot.used_gb
    volumes.pace(world, volume)


def plan_attach(world: World, command: AttachVolume) -> Planned:
    """Check that a volume fits an instance."""
    volume = volumes.find(world, command.volume)
    instance = instances.find(world, command.instance)
    if isinstance(volume, Refused):
        return volume
    if isinstance(instance, Refused):
        return instance
    if volume.attached_to:
        details: Details = {"id": volume.id, "state": "attached", "needs": "unattached"}
        return Refused(RefusalReason.WRONG_STATE, details)
    if volume.zone != instance.zone:
        zones: Details = {"id": volume.id, "zone": volume.zone, "needs": instance.zone}
        return Refused(RefusalReason.OTHER_ZONE, zones)

    def attach() -> str:
        room = instance.machine.cpu.room
        volumes.attach(world, volume, instance.id, instance.volumes, room)
        world.tell("volume_attached", "player", id=volume.id, instance=instance.id)
        if instance.state == RUNNING:
            addresses.take_free(world, instance.machine)
        addresses.refit(world)
        return volume.id

    return Change(attach)


def plan_detach(world: World, command: DetachVolume) -> Planned:
    """Check that a volume may be taken out."""
    volume = volumes.find(world, command.volume)
    if isinstance(volume, Refused):
        return volume
    instance = world.all(Instance).get(volume.attached_to or "")
    if instance is None:
        details: Details = {"id": volume.id, "state": "unattached", "needs": "attached"}
        return Refused(RefusalReason.WRONG_STATE, details)
    if volume.root and instance.state != STOPPED:
        running: Details = {"id": instance.id, "state": instance.state, "needs": STOPPED}
        return Refused(RefusalReason.WRONG_STATE, running)

    def detach() -> str:
        take_out(world, volume, instance)
        world.tell("volume_detached", "player", id=volume.id, instance=instance.id)
        addresses.refit(world)
        return volume.id

    return Change(detach)


def take_out(world: World, volume: Volume, instance: Instance) -> None:
    """Part a volume from its instance; what waits for it fails, its data answer no more."""
    instance.machine.fail_disk(world.traffic, volume.io, world.now, FailureReason.STORAGE_MISSING)
    instance.volumes.remove(volume.id)
    volume.attached_to, volume.root = None, False
    for role in DISK_ROLES:
        if world.homes[role] == volume.id and world.addresses[role] == instance.id:
            world.addresses[role] = None


def plan_change(world: World, command: ChangeVolume) -> Planned:
    """Check another type, size or IOPS and say what they cost."""
    volume = volumes.find(world, command.volume)
    if isinstance(volume, Refused):
        return volume
    type_ = command.type or volume.type
    kind = check_type(world, type_)
    if isinstance(kind, Refused):
        return kind
    gb = volume.gb if command.gb is None else command.gb
    same = type_ == volume.type and not kind.burst_iops_per_tib
    iops = command.iops or (volume.iops if same else volumes.default_iops(kind, gb))
    mib_s = command.mib_s or (volume.mib_s if same else volumes.default_mib_s(kind, iops))
    refused = (
        check_size(kind, gb, volume.gb)
        or check_iops(kind, gb, command.iops)
        or check_mib_s(kind, iops, command.mib_s)
    )
    if refused:
        return refused
    if (type_, gb, iops, mib_s) == (volume.type, volume.gb, volume.iops, volume.mib_s):
        return Refused(RefusalReason.NO_CHANGE, {"id": volume.id})
    if volume.root and not kind.bootable:
        return Refused(RefusalReason.NOT_BOOTABLE, {"id": volume.id, "type": type_})
    kind_before = world.catalog.volume_types[volume.type]
    before = volumes.month_micro_usd(kind_before, volume.gb, volume.iops, volume.mib_s)

    def change() -> str:
        volume.type, volume.gb, volume.iops, volume.mib_s = type_, gb, iops, mib_s
        volumes.meter(world, volume)
        volumes.pace(world, volume)
        world.tell("volume_changed", "player", id=volume.id, type=type_, gb=gb, iops=iops)
        addresses.refit(world)
        return volume.id

    return Change(change, volumes.month_micro_usd(kind, gb, iops, mib_s) - before)


def plan_keep(world: World, command: KeepVolume) -> Planned:
    """Check what is to become of a volume."""
    volume = volumes.find(world, command.volume)
    if isinstance(volume, Refused):
        return volume
    if volume.keep == command.keep:
        return Refused(RefusalReason.NO_CHANGE, {"id": volume.id})

    def keep() -> str:
        volume.keep = command.keep
        kind = "volume_kept" if command.keep else "volume_not_kept"
        world.tell(kind, "player", id=volume.id)
        return volume.id

    return Change(keep)


def plan_delete(world: World, command: DeleteVolume) -> Planned:
    """Check that a volume may go and say what that saves."""
    volume = volumes.find(world, command.volume)
    if isinstance(volume, Refused):
        return volume
    if volume.attached_to:
        details: Details = {"id": volume.id, "state": "attached", "needs": "unattached"}
        return Refused(RefusalReason.WRONG_STATE, details)

    def delete() -> str:
        delete_volume(world, volume)
        return volume.id

    return Change(delete, -world.ledger.rate_month_micro_usd(volume.id))


def fail(world: World, volume: Volume) -> None:
    """The volume breaks: it is gone, with all that was only on it."""
    instance = world.all(Instance).get(volume.attached_to or "")
    if instance is not None:
        take_out(world, volume, instance)
    world.tell("volume_failed", "incident", id=volume.id)
    delete_volume(world, volume)
    addresses.refit(world)


def check_type(world: World, type_: str) -> VolumeType | Refused:
    """The volume type of that name if the level has it on offer."""
    return find_type(world, "ebs", world.catalog.volume_types, type_)


def check_size(kind: VolumeType, gb: int, least_gb: int, field: str = "gb") -> Refused | None:
    """Whether a size is possible; a volume never shrinks."""
    least = max(kind.min_gb, least_gb)
    return check_number(field, gb, least, kind.max_gb)


def check_iops(kind: VolumeType, gb: int, iops: int | None) -> Refused | None:
    """Whether so many IOPS can be had for that size."""
    if iops is None:
        return None
    if kind.burst_iops_per_tib:
        own = volumes.default_iops(kind, gb)
        return check_number("iops", iops, own, own)
    most = min(kind.max_iops, kind.iops_per_gib * gb)
    least = min(most, max(100, kind.included_iops))
    return check_number("iops", iops, least, most)


def check_mib_s(kind: VolumeType, iops: int, mib_s: int | None) -> Refused | None:
    """Whether so much throughput can be had."""
    if mib_s is None:
        return None
    if kind.burst_iops_per_tib:
        return check_number("mib_s", mib_s, iops, iops)
    return check_number("mib_s", mib_s, kind.included_mib_s, kind.max_mib_s)


def _judge_second(world: World) -> None:
    if volumes.judge_second(world):
        addresses.refit(world)


SERVICE = Service(
    "ebs",
    {
        CreateVolume: plan_create,
        AttachVolume: plan_attach,
        DetachVolume: plan_detach,
        ChangeVolume: plan_change,
        KeepVolume: plan_keep,
        DeleteVolume: plan_delete,
    },
    places=volumes.places,
    judge_second=_judge_second,
)
