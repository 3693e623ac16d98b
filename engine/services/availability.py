"""When a database answers: its passing states, its standby, and what happens when its host dies."""

import math
from collections.abc import Generator
from typing import Any

import simpy

from engine.outcomes import Detail, FailureReason
from engine.services import addresses, backup, replication, routing
from engine.services import database as databases
from engine.services.backup import Backup
from engine.services.copies import lose, settle
from engine.services.database import (
    AVAILABLE,
    CREATING,
    FAILED,
    FAILING_OVER,
    MODIFYING,
    Database,
)
from engine.world import World

Details = dict[str, Detail]


def fail(world: World, database: Database) -> None:
    """Its host dies: the standby takes over, or it is gone with what no backup holds."""
    if database.state == FAILED:
        return
    if database.state == AVAILABLE and database.multi_az and database.standby_s is None:
        fail_over(world, database, "incident")
        return
    replication.cut_off(world, replication.replicas_of(world, database.id))
    stop_answering(world, database)
    databases.stop_meters(world, database)
    database.state, database.until_s = FAILED, None
    database.standby_zone = database.standby_s = None
    database.era += 1
    world.tell("database_failed", "incident", id=database.id)
    kept = backup.backup_of(world, database.id)
    if kept:
        backup.keep(world, kept)
    if database.source is not None:
        world.copies.pop(database.id, None)
    lose(world, database.id)
    routing.settle(world)
    addresses.refit(world)


def fail_over(world: World, database: Database, by: str) -> None:
    """What it held fails; the standby answers after a minute or two, from the other zone."""
    stop_answering(world, database)
    low, high = world.catalog.rds.failover_s
    delay_s = world.streams.get(f"rds/{database.ordinal}/failover").uniform(low, high)
    assert database.standby_zone is not None
    database.zone, database.standby_zone = database.standby_zone, database.zone
    database.machine.zone = database.zone
    database.failing_since_s = world.now
    world.tell("failover_started", by, id=database.id, zone=database.zone)
    enter(world, database, FAILING_OVER, delay_s)


def resume(world: World, database: Database) -> None:
    """The power is back: it answers again, or is made from the beginning."""
    if database.hours.booked:
        low, high = world.catalog.rds.create_s
        delay_s = world.streams.get(f"rds/{database.ordinal}/create").uniform(low, high)
        enter(world, database, CREATING, delay_s)
        return
    world.tell("database_available", "board", id=database.id)
    answer(world, database)


def stop_answering(world: World, database: Database) -> None:
    """It is down from now on, and what it held fails."""
    database.machine.up = False
    database.machine.fail_all(world.traffic, world.now, FailureReason.BAD_GATEWAY)
    routing.settle(world)


def enter(world: World, database: Database, state: str, delay_s: float) -> None:
    """Be in a passing state until `delay_s` from now, unless something else happens first."""
    database.state = state
    database.era += 1
    database.until_s = world.now + delay_s
    world.env.process(_pass_on(world, database, database.era, world.env.timeout(delay_s)))


def _pass_on(
    world: World, database: Database, era: int, passed: simpy.Event
) -> Generator[simpy.Event, Any, None]:
    yield passed
    if database.era != era:
        return
    before, database.state = database.state, AVAILABLE
    if before == CREATING:
        databases.start_meters(world, database)
        world.tell("database_available", "board", id=database.id)
    elif before == MODIFYING:
        world.tell("database_modified", "board", id=database.id, type=database.type)
    else:
        seconds = round(world.now - database.failing_since_s)
        told: Details = {"id": database.id, "zone": database.zone, "seconds": seconds}
        world.tell("failover_done", "board", **told)
        make_standby(world, database)
    if database.restores is not None:
        _bring_back(world, database)
    answer(world, database)


def _bring_back(world: World, database: Database) -> None:
    """What the backup held lies in the new database, if it is nowhere else."""
    kept = world.all(Backup).get(database.restores or "")
    database.restores = None
    if kept is None:
        return
    told: Details = {"id": database.id, "source": kept.source}
    world.tell("database_restored", "board", **told, lost_writes=backup.lost_writes(world, kept))
    settle(world, kept.id, database.id)


def answer(world: World, database: Database) -> None:
    """It is up from now on, and takes the address that nobody holds."""
    database.state, database.until_s = AVAILABLE, None
    database.era += 1
    database.machine.up = True
    routing.settle(world)
    databases.fit(world, database)
    addresses.take_free(world, database.machine)
    addresses.refit(world)


def make_standby(world: World, database: Database) -> None:
    """A standby is being made in the other zone, as soon as there is power."""
    if database.standby_zone in world.zones_down:
        database.standby_s = math.inf
        return
    low, high = world.catalog.rds.standby_s
    delay_s = world.streams.get(f"rds/{database.ordinal}/standby").uniform(low, high)
    database.standby_s = world.now + delay_s
    world.env.process(_have_standby(world, database, database.standby_s))


def _have_standby(
    world: World, database: Database, due_s: float
) -> Generator[simpy.Event, Any, None]:
    yield world.env.timeout(due_s - world.now)
    if database.standby_s != due_s or database.id not in world.all(Database):
        return
    database.standby_s = None
    world.tell("standby_ready", "board", id=database.id, zone=database.standby_zone or "")
    databases.fit_storage(world, database)
    world.rewire()
