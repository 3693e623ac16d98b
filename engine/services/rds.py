"""RDS: what a player does with databases that somebody else keeps running."""

import math
from collections.abc import Iterable
from typing import Annotated

import msgspec

from engine.catalog import RdsType
from engine.outcomes import Detail, RefusalReason, Refused
from engine.scenario import ZONES, BoardDatabase, RdsEngineName, Zone
from engine.services import addresses, availability, backup, homes, replication, routing
from engine.services import database as databases
from engine.services.backup import Backup
from engine.services.change import Change
from engine.services.check import check_name, check_number, check_zone
from engine.services.command import Command, choose
from engine.services.copies import lose
from engine.services.credits import CREDIT
from engine.services.database import (
    AVAILABLE,
    CREATING,
    MODIFYING,
    Database,
    find,
    month_micro_usd,
)
from engine.services.offer import find_type
from engine.services.service import Service
from engine.views import ResourceView
from engine.world import World

DatabaseId = Annotated[str, choose("database")]
AvailableId = Annotated[str, choose("database:available")]
TypeName = Annotated[str, choose("database_type")]

MOST_BACKUP_DAYS = 35


class CreateDatabase(Command, frozen=True, tag="create_database"):
    """A new, empty database; `multi_az` with a standby in a second zone."""

    type: TypeName
    engine: RdsEngineName = "mysql"
    gb: int = 20
    zone: Zone = "a"
    multi_az: bool = False
    backup_days: int = 7
    name: str | None = None


class ChangeDatabase(Command, frozen=True, tag="change_database"):
    """Another class (down meanwhile), more storage (it never shrinks), other backups."""

    database: AvailableId
    type: Annotated[str | None, choose("database_type")] = None
    gb: int | None = None
    backup_days: int | None = None


class SetStandby(Command, frozen=True, tag="set_standby"):
    """Keep a standby in a second zone, at twice the price, or give it up."""

    database: AvailableId
    multi_az: bool = True


class FailOver(Command, frozen=True, tag="fail_over"):
    """Let the standby take over; the database does not answer meanwhile."""

    database: AvailableId


class RestoreDatabase(Command, frozen=True, tag="restore_database"):
    """A new database from a backup, in the first zone that has power.

    Point the address to it once it is available.
    """

    source: Annotated[str, choose("restorable")]
    type: TypeName
    multi_az: bool = False
    backup_days: int = 7
    name: str | None = None


class DeleteDatabase(Command, frozen=True, tag="delete_database"):
    """Give a database up; without a backup that is kept, its data go too."""

    database: DatabaseId
    keep_backup: bool = True


Planned = Refused | Change
Details = dict[str, Detail]


def stands_at_start(world: World, given: BoardDatabase) -> None:
    """A database of the opening board: it is available, and has been for long."""
    made = databases.create(
        world,
        given.id,
        given.engine,
        given.type,
        given.zone,
        given.gb,
        0 if given.source else given.backup_days,
        given.source,
    )
    made.reads = given.reads
    if given.multi_az:
        made.standby_zone = databases.other_zone(made.zone)
    made.credits = round((given.credits or 0.0) * CREDIT)
    databases.set_meters(world, made)
    databases.start_meters(world, made)
    availability.answer(world, made)
    backup.stands(world, made)


def plan_create(world: World, command: CreateDatabase) -> Planned:
    """Check a new database and say what it costs."""
    refused = check_zone(world, command.zone) or _check_new(
        world, command.type, command.name, command.gb, command.backup_days
    )
    if refused:
        return refused

    def create() -> str:
        made = _make(world, command, command.engine, command.zone, command.gb)
        low, high = world.catalog.rds.create_s
        delay_s = world.streams.get(f"rds/{made.ordinal}/create").uniform(low, high)
        told = {"id": made.id, "type": made.type, "engine": made.engine}
        world.tell("database_creating", "player", **told)
        availability.enter(world, made, CREATING, delay_s)
        return made.id

    multi_az = command.multi_az
    return Change(
        create,
        month_micro_usd(world, command.engine, command.type, command.gb, multi_az=multi_az),
    )


def plan_restore(world: World, command: RestoreDatabase) -> Planned:
    """Check a restore and say what the new database costs."""
    kept = backup.backup_of(world, command.source)
    if kept is None:
        return Refused(RefusalReason.NO_BACKUP, {"id": command.source})
    gb = backup.space_gb(world, kept)
    refused = _check_new(world, command.type, command.name, gb, command.backup_days)
    if refused:
        return refused

    def restore() -> str:
        zone = next((zone for zone in ZONES if zone not in world.zones_down), ZONES[0])
        made = _make(world, command, kept.engine, zone, gb)
        figures = world.catalog.rds
        takes_s = figures.restore_s + figures.restore_s_gb * kept.gb
        told: Details = {"id": made.id, "source": kept.source}
        world.tell("database_restoring", "player", **told)
        made.restores = kept.id
        availability.enter(world, made, CREATING, takes_s)
        return made.id

    multi_az = command.multi_az
    return Change(restore, month_micro_usd(world, kept.engine, command.type, gb, multi_az=multi_az))


def _make(
    world: World, command: CreateDatabase | RestoreDatabase, engine: str, zone: str, gb: int
) -> Database:
    name = command.name or world.free_name("db")
    made = databases.create(world, name, engine, command.type, zone, gb, command.backup_days)
    if command.multi_az:
        made.standby_zone = databases.other_zone(zone)
        databases.set_meters(world, made)
    world.rewire()
    return made


def plan_change(world: World, command: ChangeDatabase) -> Planned:
    """Check another class, size or backups and say what they cost."""
    found = find(world, command.database, AVAILABLE)
    if isinstance(found, Refused):
        return found
    type_ = command.type or found.type
    gb = found.gb if command.gb is None else command.gb
    days = found.backup_days if command.backup_days is None else command.backup_days
    refused = (
        (_check_type(world, command.type) if command.type else None)
        or check_number("gb", gb, found.gb, world.catalog.rds.max_gb)
        or check_number("backup_days", days, 0, MOST_BACKUP_DAYS)
    )
    if refused:
        return refused
    if (type_, gb, days) == (found.type, found.gb, found.backup_days):
        return Refused(RefusalReason.NO_CHANGE, {"id": found.id})

    def change() -> str:
        resized = type_ != found.type
        found.gb, found.backup_days = gb, days
        kept = backup.backup_of(world, found.id)
        if kept and not days:
            backup.discard(world, kept)
        if resized:
            _modify(world, found, type_)
        else:
            databases.set_meters(world, found)
            databases.fit(world, found)
            world.tell("database_modified", "player", id=found.id, type=found.type)
        addresses.refit(world)
        return found.id

    after = month_micro_usd(world, found.engine, type_, gb, multi_az=found.multi_az)
    before = month_micro_usd(world, found.engine, found.type, found.gb, multi_az=found.multi_az)
    saved = 0 if days else world.ledger.rate_month_micro_usd(found.backup_id)
    return Change(change, after - before - saved)


def _modify(world: World, database: Database, type_: str) -> None:
    """Another class: down for minutes, or for one failover where a standby is ready."""
    figures, told = world.catalog.rds, {"id": database.id, "type": type_}
    world.tell("database_modifying", "player", **told)
    ready = database.multi_az and database.standby_s is None
    low, high = figures.failover_s if ready else figures.modify_s
    delay_s = world.streams.get(f"rds/{database.ordinal}/modify").uniform(low, high)
    availability.stop_answering(world, database)
    database.type = type_
    database.credits = 0
    databases.set_meters(world, database)
    databases.fit(world, database)
    availability.enter(world, database, MODIFYING, delay_s)


def plan_standby(world: World, command: SetStandby) -> Planned:
    """Check a standby and say what it costs."""
    found = find(world, command.database, AVAILABLE)
    if isinstance(found, Refused):
        return found
    if found.multi_az == command.multi_az:
        return Refused(RefusalReason.NO_CHANGE, {"id": found.id})
    one, two = (
        month_micro_usd(world, found.engine, found.type, found.gb, multi_az=multi_az)
        for multi_az in (False, True)
    )

    def set_standby() -> str:
        zone = found.standby_zone or databases.other_zone(found.zone)
        found.standby_zone = zone if command.multi_az else None
        found.standby_s = None
        databases.set_meters(world, found)
        if command.multi_az:
            availability.make_standby(world, found)
        databases.fit_storage(world, found)
        kind = "standby_creating" if command.multi_az else "standby_gone"
        world.tell(kind, "player", id=found.id, zone=zone)
        addresses.refit(world)
        return found.id

    return Change(set_standby, two - one if command.multi_az else one - two)


def plan_fail_over(world: World, command: FailOver) -> Planned:
    """Check that a standby can take over."""
    found = find(world, command.database, AVAILABLE)
    if isinstance(found, Refused):
        return found
    if not found.multi_az or found.standby_s is not None:
        return Refused(RefusalReason.NO_STANDBY, {"id": found.id})

    def fail_over() -> str:
        availability.fail_over(world, found, "player")
        return found.id

    return Change(fail_over)


def plan_delete(world: World, command: DeleteDatabase) -> Planned:
    """Check that a database may go and say what that saves."""
    found = find(world, command.database)
    if isinstance(found, Refused):
        return found
    kept, rate = backup.backup_of(world, found.id), world.ledger.rate_month_micro_usd
    stays = backup.kept_month_micro_usd(kept) if kept and command.keep_backup else 0

    def delete() -> str:
        if kept and command.keep_backup:
            backup.keep(world, kept)
        elif kept:
            backup.discard(world, kept)
        replication.cut_off(world, replication.replicas_of(world, found.id))
        availability.stop_answering(world, found)
        databases.stop_meters(world, found)
        found.era += 1
        del world.all(Database)[found.id]
        if found.source is not None:
            world.copies.pop(found.id, None)
        world.tell("database_deleted", "player", id=found.id)
        addresses.drop(world, found.id)
        world.retire(found.id)
        lose(world, found.id)
        routing.settle(world)
        addresses.refit(world)
        return found.id

    return Change(delete, stays - rate(found.id) - rate(found.backup_id))


def _check_type(world: World, type_: str) -> Refused | None:
    found: RdsType | Refused = find_type(world, "rds", world.catalog.rds_types, type_)
    return found if isinstance(found, Refused) else None


def _check_new(
    world: World, type_: str, name: str | None, gb: int, backup_days: int
) -> Refused | None:
    figures = world.catalog.rds
    if len(world.all(Database)) >= figures.max_databases:
        details: Details = {"what": "databases", "limit": figures.max_databases}
        return Refused(RefusalReason.LIMIT_REACHED, details)
    least = max(figures.min_gb, math.ceil(homes.data_gb(world, homes.homeless(world))))
    return (
        _check_type(world, type_)
        or check_name(world, name)
        or check_number("gb", gb, least, figures.max_gb)
        or check_number("backup_days", backup_days, 0, MOST_BACKUP_DAYS)
    )


def _judge_second(world: World) -> None:
    """Credits, first backups, storage that has filled up."""
    for database in world.all(Database).values():
        databases.judge_credits(world, database)
        backup.judge_second(world, database)
        full = databases.used_gb(world, database) >= database.gb
        if full != database.full:
            database.full = full
            databases.fit_storage(world, database)
            world.tell("volume_full" if full else "volume_has_room", "board", id=database.id)
            world.rewire()


def _views(world: World) -> Iterable[ResourceView]:
    views = [_view(world, d) for d in world.all(Database).values()]
    return views + [backup.view(b) for b in world.all(Backup).values() if b.kept]


def _view(world: World, database: Database) -> ResourceView:
    """A database with the second up to which it can be restored."""
    seen, kept = databases.view(world, database), backup.backup_of(world, database.id)
    if kept is None:
        return seen
    facts = {**seen.facts, "restorable_s": kept.logged_s}
    return msgspec.structs.replace(seen, facts=facts)


SERVICE = Service(
    "rds",
    {
        CreateDatabase: plan_create,
        ChangeDatabase: plan_change,
        SetStandby: plan_standby,
        FailOver: plan_fail_over,
        RestoreDatabase: plan_restore,
        DeleteDatabase: plan_delete,
    },
    places=databases.places,
    views=_views,
    judge_second=_judge_second,
)
