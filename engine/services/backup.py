"""Automated backups of a database: a first one, then its logs every few minutes."""

import math
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import simpy

from engine.ledger import MonthMeter, micros
from engine.services import database as databases
from engine.services import homes
from engine.services.copies import lose
from engine.services.database import Database
from engine.views import ResourceView
from engine.world import World


@dataclass(slots=True, eq=False)
class Backup:
    """What a database can be restored from: all that it had at `logged_s`.

    `writes_logged` is how many writes to its tables there had been by then; `kept` is
    whether it outlives its database, and is billed as a whole.
    """

    id: str
    source: str
    engine: str
    gb: float
    logged_s: int
    writes_logged: int
    meter: MonthMeter
    kept: bool = False


def backup_of(world: World, source: str) -> Backup | None:
    """The backup of that id, or the one of the database of that id."""
    backups = world.all(Backup)
    return backups.get(source) or next((b for b in backups.values() if b.source == source), None)


def judge_second(world: World, database: Database) -> None:
    """Begin the first backup as soon as there is something to back up."""
    wanted = database.backup_days > 0 and backup_of(world, database.id) is None
    possible = database.machine.up and _has_tables(world, database)
    if wanted and possible and database.backup_until_s is None:
        _begin(world, database)


def _has_tables(world: World, database: Database) -> bool:
    return bool(databases.held(world, database))


def _begin(world: World, database: Database) -> None:
    figures = world.catalog.rds
    takes_s = figures.backup_s + figures.backup_s_gb * databases.used_gb(world, database)
    database.backup_until_s = world.now + takes_s
    if not database.multi_az:
        database.paused_until_s = world.now + figures.backup_pause_s
        databases.fit_storage(world, database)
        world.rewire()
    world.env.process(_go_on(world, database, takes_s))


def _go_on(world: World, database: Database, takes_s: float) -> Generator[simpy.Event, Any, None]:
    """The pause, the first backup, then the logs for as long as there are backups."""
    pause_s = world.catalog.rds.backup_pause_s
    yield world.env.timeout(pause_s)
    if database.paused_until_s:
        database.paused_until_s = 0.0
        databases.fit_storage(world, database)
        world.rewire()
    yield world.env.timeout(takes_s - pause_s)
    database.backup_until_s = None
    if not _goes_on(world, database) or not _has_tables(world, database):
        return
    yield from _log(world, database, _complete(world, database))


def stands(world: World, database: Database) -> None:
    """A database of the opening board was backed up long ago, and its logs go on."""
    if database.backup_days > 0 and _has_tables(world, database):
        world.env.process(_log(world, database, _complete(world, database)))


def _log(world: World, database: Database, backup: Backup) -> Generator[simpy.Event, Any, None]:
    while True:
        yield world.env.timeout(float(world.catalog.rds.log_s))
        if not _goes_on(world, database) or world.all(Backup).get(backup.id) is not backup:
            return
        if database.machine.up and _has_tables(world, database):
            _take_in(world, database, backup)


def _take_in(world: World, database: Database, backup: Backup) -> None:
    """It holds all that its database has now."""
    roles = databases.held(world, database)
    world.copies[backup.id] = roles
    backup.logged_s, backup.writes_logged = int(world.now), homes.writes(world, roles)


def _goes_on(world: World, database: Database) -> bool:
    return database.id in world.all(Database) and database.backup_days > 0


def _complete(world: World, database: Database) -> Backup:
    gb = databases.used_gb(world, database)
    price = round(world.catalog.rds.backup_usd_gb_month * 1_000)
    # Backups up to the size of the database are free (P13).
    meter = MonthMeter("MB-month", price, max(0, round((gb - database.gb) * 1_000)))
    backup = Backup(
        database.backup_id,
        database.id,
        database.engine,
        gb,
        int(world.now),
        0,
        meter,
    )
    world.ledger.add(backup.id, "backup", meter)
    meter.start(micros(world.now))
    world.all(Backup)[backup.id] = backup
    _take_in(world, database, backup)
    world.tell("backup_done", "board", id=database.id)
    return backup


def keep(world: World, backup: Backup) -> None:
    """Its database goes; it stays, and nothing of it is free any more."""
    backup.kept = True
    backup.meter.resize(micros(world.now), _size_mb(backup))
    if world.held(backup.source):
        world.copies[backup.id] = world.copies.pop(backup.id)  # as the newest of all copies


def kept_month_micro_usd(backup: Backup) -> int:
    """What it costs for a month once its database is gone."""
    return backup.meter.unit_micro_usd * _size_mb(backup)


def _size_mb(backup: Backup) -> int:
    return round(backup.gb * 1_000)


def discard(world: World, backup: Backup) -> None:
    """It goes, and what only it kept."""
    backup.meter.stop(micros(world.now), world.ledger.duration_s)
    del world.all(Backup)[backup.id], world.copies[backup.id]
    lose(world, backup.id)


def lost_writes(world: World, backup: Backup) -> int:
    """Writes that it does not hold, if it is all that is left."""
    left = world.held(backup.id)
    return homes.writes(world, left) - backup.writes_logged if left else 0


def space_gb(world: World, backup: Backup) -> int:
    """Storage that a database restored from it needs."""
    return max(world.catalog.rds.min_gb, math.ceil(homes.data_gb(world, world.copies[backup.id])))


def view(backup: Backup) -> ResourceView:
    """A kept backup as a frame shows it."""
    return ResourceView(
        id=backup.id,
        service="rds",
        type="backup",
        rate_month_micro_usd=backup.meter.month_micro_usd(),
        facts={
            "source": backup.source,
            "gb": round(backup.gb, 3),
            "restorable_s": backup.logged_s,
        },
    )
