"""RDS read replicas: what a player does with copies that may be read, a little late."""

from collections.abc import Generator
from typing import Annotated, Any

import simpy

from engine.board import ReadsName
from engine.outcomes import Detail, RefusalReason, Refused
from engine.scenario import Zone, is_offered
from engine.services import addresses, availability, replication, routing
from engine.services import database as databases
from engine.services.change import Change
from engine.services.check import check_name, check_zone
from engine.services.command import Command, choose
from engine.services.database import (
    AVAILABLE,
    CREATING,
    FAILED,
    MODIFYING,
    UNREACHABLE,
    Database,
    find,
)
from engine.services.offer import find_type
from engine.services.service import Service
from engine.world import World

OFFER = "rds:replica"

PROMOTED_BACKUP_DAYS = 7
"""Backups of a replica that has become a master, as of any new database."""


class CreateReplica(Command, frozen=True, tag="create_replica"):
    """A copy of a database that follows it a little late; of its class unless said otherwise."""

    source: Annotated[str, choose("database:available")]
    type: Annotated[str | None, choose("database_type")] = None
    zone: Zone = "a"
    name: str | None = None


class SplitReads(Command, frozen=True, tag="split_reads"):
    """Where a master's reads go: to its replicas, only those that bear any lag, or to itself."""

    database: Annotated[str, choose("database")]
    reads: ReadsName = "replicas"


class PromoteReplica(Command, frozen=True, tag="promote_replica"):
    """Make a replica the master when its own is gone."""

    database: Annotated[str, choose("database:available")]


Planned = Refused | Change
Details = dict[str, Detail]


def plan_create(world: World, command: CreateReplica) -> Planned:
    """Check a new replica and say what it costs."""
    master = find(world, command.source, AVAILABLE)
    if isinstance(master, Refused):
        return master
    if master.source is not None:
        state: Details = {"id": master.id, "state": "replica", "needs": "master"}
        return Refused(RefusalReason.WRONG_STATE, state)
    if not is_offered(world.scenario, OFFER):
        return Refused(RefusalReason.NOT_ON_OFFER, {"what": "read replicas"})
    if not master.backup_days:
        return Refused(RefusalReason.NO_BACKUP, {"id": master.id})
    most, all_ = databases.engine_of(world, master).max_replicas, world.catalog.rds.max_databases
    if len(replication.replicas_of(world, master.id)) >= most or len(world.all(Database)) >= all_:
        return Refused(RefusalReason.LIMIT_REACHED, {"what": "replicas", "limit": most})
    type_ = command.type or master.type
    found = find_type(world, "rds", world.catalog.rds_types, type_)
    if isinstance(found, Refused):
        return found
    refused = check_name(world, command.name) or check_zone(world, command.zone)
    if refused:
        return refused

    def create() -> str:
        name = command.name or world.free_name("replica")
        engine, gb = master.engine, master.gb
        made = databases.create(world, name, engine, type_, command.zone, gb, 0, master.id)
        world.rewire()
        figures = world.catalog.rds
        delay_s = world.streams.get(f"rds/{made.ordinal}/create").uniform(*figures.create_s)
        delay_s += figures.restore_s_gb * databases.used_gb(world, master)
        world.tell("replica_creating", "player", id=name, source=master.id, type=type_)
        if not master.multi_az:
            world.env.process(_rest(world, master))
        availability.enter(world, made, CREATING, delay_s)
        return name

    cost = databases.month_micro_usd(world, master.engine, type_, master.gb, multi_az=False)
    return Change(create, cost)


def _rest(world: World, master: Database) -> Generator[simpy.Event, Any, None]:
    """The I/O of a Single-AZ master rests while the snapshot for a replica begins (D52)."""
    pause_s = world.catalog.rds.backup_pause_s
    master.paused_until_s = max(master.paused_until_s, world.now + pause_s)
    databases.fit_storage(world, master)
    world.rewire()
    yield world.env.timeout(pause_s)
    databases.fit_storage(world, master)
    world.rewire()


def plan_split(world: World, command: SplitReads) -> Planned:
    """Check where reads are to go."""
    master = find(world, command.database)
    if isinstance(master, Refused):
        return master
    if command.reads == master.reads:
        return Refused(RefusalReason.NO_CHANGE, {"id": master.id})
    if command.reads != "master" and not replication.replicas_of(world, master.id):
        return Refused(RefusalReason.NO_REPLICA, {"id": master.id})

    def split() -> str:
        master.reads = command.reads
        world.tell("reads_split", "player", id=master.id, reads=command.reads)
        routing.settle(world)
        return master.id

    return Change(split)


def plan_promote(world: World, command: PromoteReplica) -> Planned:
    """Check that a replica may become the master."""
    replica = find(world, command.database, AVAILABLE)
    if isinstance(replica, Refused):
        return replica
    if replica.source is None:
        return Refused(RefusalReason.NO_CHANGE, {"id": replica.id})
    master = world.all(Database).get(replica.source)
    if master is not None and master.state not in (FAILED, UNREACHABLE):
        stands: Details = {"id": replica.id, "master": master.id}
        return Refused(RefusalReason.MASTER_STANDS, stands)

    def promote() -> str:
        _take_over(world, replica)
        low, high = world.catalog.rds.promote_s
        delay_s = world.streams.get(f"rds/{replica.ordinal}/promote").uniform(low, high)
        availability.stop_answering(world, replica)
        availability.enter(world, replica, MODIFYING, delay_s)
        routing.settle(world)
        addresses.refit(world)
        return replica.id

    return Change(promote)


def _take_over(world: World, replica: Database) -> None:
    """What its master had is its own now, and so is the address; others follow it from now on."""
    before, roles = replica.source or "", world.copies.pop(replica.id, ())
    lost = replication.cut_off(world, [replica])
    for role in roles:
        home = world.homes.get(role)
        if home is None or home in (before, replica.id) or home in world.copies:
            world.homes[role] = replica.id
        if world.addresses.get(role, "") in (None, before):
            world.addresses[role] = replica.id
    for other in replication.replicas_of(world, before):
        other.source = replica.id
    replica.source, replica.backup_days = None, PROMOTED_BACKUP_DAYS
    replica.machine.roles = databases.ROLES
    world.tell("replica_promoted", "player", id=replica.id, master=before, lost_writes=lost)


def _judge_second(world: World) -> None:
    replication.keep_copies(world)


SERVICE = Service(
    "replicas",
    {CreateReplica: plan_create, SplitReads: plan_split, PromoteReplica: plan_promote},
    judge_second=_judge_second,
)
