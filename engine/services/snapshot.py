"""Snapshots: what was on a volume at one instant, kept apart from every machine and zone."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Annotated, Any

import simpy

from engine.board import BoardSnapshot
from engine.ledger import MonthMeter, micros
from engine.outcomes import RefusalReason, Refused
from engine.services import volume as volumes
from engine.services.change import Change
from engine.services.command import Command, choose
from engine.services.copies import lose
from engine.services.service import Service
from engine.services.volume import Volume
from engine.views import SnapshotView
from engine.world import World

PENDING, COMPLETED = "pending", "completed"


@dataclass(slots=True, eq=False)
class Snapshot:
    """A snapshot of a volume's data: `roles` say whose."""

    id: str
    volume: str
    gb: int
    used_gb: float
    roles: tuple[str, ...]
    until_s: float
    meter: MonthMeter
    state: str = PENDING


class CreateSnapshot(Command, frozen=True, tag="create_snapshot"):
    """Keep what is on a volume now; the volume works on meanwhile."""

    volume: Annotated[str, choose("volume")]


class DeleteSnapshot(Command, frozen=True, tag="delete_snapshot"):
    """Give a snapshot up; what only it kept is gone."""

    snapshot: Annotated[str, choose("snapshot")]


def stands_at_start(world: World, given: BoardSnapshot) -> None:
    """A snapshot of the opening board: it is complete; its volume may have gone since."""
    mb = round(1_000 * (given.gb if given.stored_gb is None else given.stored_gb))
    taken = Snapshot(
        given.id, given.volume, given.volume_gb, given.gb, given.roles, 0.0, _meter(world, mb)
    )
    _keep(world, taken)
    taken.state = COMPLETED
    taken.meter.start(micros(world.now))


def _meter(world: World, mb: int) -> MonthMeter:
    price = round(world.catalog.ebs.snapshot_usd_gb_month * 1_000)
    return MonthMeter("MB-month", price, mb, booked=True)


def _keep(world: World, taken: Snapshot) -> None:
    """It stands, is on the bill, and is what its volume's next one goes on from."""
    world.traffic.place_of(taken.id)  # so that nothing else is called that
    world.ledger.add(taken.id, "snapshot", taken.meter)
    world.all(Snapshot)[taken.id] = taken
    world.copies[taken.id] = taken.roles
    volume = world.all(Volume).get(taken.volume)
    if volume is not None:
        volume.last_snapshot, volume.changed_bytes = taken.id, 0


def plan_create(world: World, command: CreateSnapshot) -> Refused | Change:
    """Check a snapshot and say what it will cost."""
    volume = volumes.find(world, command.volume)
    if isinstance(volume, Refused):
        return volume
    prices = world.catalog.ebs
    pending = [s for s in world.all(Snapshot).values() if s.state == PENDING]
    if len(pending) >= prices.max_pending_snapshots:
        limit = prices.max_pending_snapshots
        return Refused(RefusalReason.LIMIT_REACHED, {"what": "pending snapshots", "limit": limit})
    used = volumes.used_gb(world, volume)
    first = volume.last_snapshot not in world.all(Snapshot)
    # The first keeps all that is used; a later one only what has changed since.
    mb = round(used * 1_000) if first else min(round(used * 1_000), volume.changed_bytes // 10**6)
    meter = _meter(world, mb)

    def create() -> str:
        name = world.free_name("snap")
        delay_s = prices.snapshot_s + prices.snapshot_s_gb * mb / 1_000
        roles = tuple(volumes.roles_on(world, volume))
        until_s = world.now + delay_s
        taken = Snapshot(name, volume.id, volume.gb, used, roles, until_s, meter)
        _keep(world, taken)
        world.env.process(_complete(world, name, world.env.timeout(delay_s)))
        world.tell("snapshot_started", "player", id=name, volume=volume.id)
        return name

    return Change(create, meter.unit_micro_usd * mb)


def _complete(world: World, name: str, copied: simpy.Event) -> Generator[simpy.Event, Any, None]:
    yield copied
    snapshot = world.all(Snapshot).get(name)
    if snapshot is None:
        return
    snapshot.state = COMPLETED
    snapshot.meter.start(micros(world.now))
    world.tell("snapshot_completed", "board", id=name)


def plan_delete(world: World, command: DeleteSnapshot) -> Refused | Change:
    """Check that a snapshot may go."""
    snapshot = world.all(Snapshot).get(command.snapshot)
    if snapshot is None:
        return Refused(RefusalReason.UNKNOWN_RESOURCE, {"id": command.snapshot})

    def delete() -> str:
        snapshot.meter.stop(micros(world.now), world.ledger.duration_s)
        del world.all(Snapshot)[snapshot.id], world.copies[snapshot.id]
        world.tell("snapshot_deleted", "player", id=snapshot.id)
        lose(world, snapshot.id)
        return snapshot.id

    return Change(delete, -world.ledger.rate_month_micro_usd(snapshot.id))


def delete_volume(world: World, volume: Volume) -> None:
    """The volume is gone, and so is what was only on it."""
    for meter in volume.meters:
        meter.stop(micros(world.now), world.ledger.duration_s)
    del world.all(Volume)[volume.id]
    world.tell("volume_deleted", "board", id=volume.id)
    lose(world, volume.id)


def view(snapshot: Snapshot) -> SnapshotView:
    """The snapshot as a frame shows it."""
    return SnapshotView(
        id=snapshot.id,
        volume=snapshot.volume,
        gb=round(snapshot.used_gb, 3),
        state=snapshot.state,
        until_s=round(snapshot.until_s, 3) if snapshot.state == PENDING else None,
        roles=snapshot.roles,
        volume_gb=snapshot.gb,
        stored_gb=snapshot.meter.size / 1_000,
    )


SERVICE = Service("snapshot", {CreateSnapshot: plan_create, DeleteSnapshot: plan_delete})
