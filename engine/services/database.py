"""An RDS database: what it is, how fast it works, what it costs, and how a frame shows it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from engine.board import ReadsName
from engine.catalog import CATALOG, RdsEngine, RdsType
from engine.flow.machine import Disk, Machine
from engine.flow.replica import Replica
from engine.flow.station import Station
from engine.ledger import HourMeter, MonthMeter, UsageMeter, micros
from engine.outcomes import FailureReason, RefusalReason, Refused
from engine.scenario import ZONES
from engine.services import homes
from engine.services import volume as volumes
from engine.services.credits import CREDIT, earn_and_burn
from engine.services.service import Watched
from engine.views import Fact, ResourceView
from engine.world import World

AVAILABLE, CREATING, MODIFYING = "available", "creating", "modifying"
FAILING_OVER, FAILED, UNREACHABLE = "failing_over", "failed", "unreachable"

ROLES = ("db",)

RESTING = 0.001
"""Share of its speed at which storage works while it rests."""


@dataclass(slots=True, eq=False)
class Database:
    """A database. `era` grows with every change of state: what was planned before is void.

    `standby_zone` is where its standby is, `standby_s` when that will be ready
    if it is not yet; `backup_id` is what its backup is called, `restores` the
    backup that it is being made from; `source` the master that it is a read
    replica of, and `reads` where its own reads go; `backup_until_s` when its first backup
    will be done, and until `paused_until_s` its I/O rests for that. `credits`
    is in vCPU-microseconds.
    """

    id: str
    backup_id: str
    ordinal: int
    engine: str
    type: str
    zone: str
    gb: int
    backup_days: int
    machine: Machine
    io: Station
    state: str = CREATING
    until_s: float | None = None
    era: int = 0
    standby_zone: str | None = None
    standby_s: float | None = None
    backup_until_s: float | None = None
    restores: str | None = None
    source: str | None = None
    reads: ReadsName = "master"
    failing_since_s: float = 0.0
    paused_until_s: float = 0.0
    slowed_by: list[float] = field(default_factory=list)
    full: bool = False
    credits: int = 0
    unlimited: bool = True
    throttled: bool = False
    told_low: bool = False
    told_no_credits: bool = False
    surplus: UsageMeter | None = None
    hours: HourMeter = field(default_factory=lambda: HourMeter(0, 0))
    storage: MonthMeter = field(default_factory=lambda: MonthMeter("GB-month", 0, 0))

    @property
    def multi_az(self) -> bool:
        """Whether it has a standby, or is about to."""
        return self.standby_zone is not None


def create(
    world: World,
    name: str,
    engine: str,
    type_: str,
    zone: str,
    gb: int,
    backup_days: int,
    source: str | None = None,
) -> Database:
    """A new database in one zone that does not answer yet; a replica plays no role by itself."""
    place = world.traffic.place_of(name)
    cpu, io = Station(f"{name}/cpu", place, 1, 1), Station(f"{name}/io", place, 1, 1)
    cpu.now = io.now = world.now
    refusal = FailureReason.TOO_MANY_CONNECTIONS
    machine = Machine(name, cpu, ROLES, refusal)
    if source is not None:
        machine = Replica(name, cpu, (), refusal, world.scenario.network.hop_ms / 1_000)
    ordinal = world.count("rds")
    backup_id = _name_backup(world, name)
    database = Database(name, backup_id, ordinal, engine, type_, zone, gb, backup_days, machine, io)
    machine.zone = zone
    database.source = source
    world.all(Database)[name] = database
    world.stages[name] = machine
    fit(world, database)
    set_meters(world, database)
    return database


def _name_backup(world: World, name: str) -> str:
    """What its backup will be called; taken now, so that nothing else is called that."""
    wanted = f"{name}-backup"
    found = wanted if wanted not in world.traffic.places else world.free_name(wanted)
    world.traffic.place_of(found)
    return found


def kind_of(world: World, database: Database) -> RdsType:
    """The row of its class in the catalog."""
    return world.catalog.rds_types[database.type]


def engine_of(world: World, database: Database) -> RdsEngine:
    """The row of its engine in the catalog."""
    return world.catalog.rds_engines[database.engine]


def connections_max(world: World, database: Database) -> int:
    """How many connections it allows."""
    return kind_of(world, database).connections(engine_of(world, database), world.catalog.rds)


def fit(world: World, database: Database) -> None:
    """Make its machine what its class and storage say.

    Its connections decide who comes in; its waiting rooms are never full before that.
    """
    kind, figures = kind_of(world, database), world.catalog.rds
    connections = connections_max(world, database)
    database.machine.cpu.change(
        servers=kind.vcpus,
        room=0 if isinstance(database.machine, Replica) else connections,
        speed=world.catalog.speed(database.type),
    )
    database.machine.connections = connections
    tables_gb = holds_gb(world, database)
    cache_gib = figures.cache_share * kind.gib
    database.machine.cached = min(1.0, cache_gib / tables_gb) if tables_gb else 1.0
    fit_storage(world, database)


def fit_storage(world: World, database: Database) -> None:
    """Let its storage work as its size says, and as fast as it does now."""
    figures = world.catalog.rds
    iops, mib_s = figures.iops(database.gb), figures.mib_s(database.gb)
    latency_s = figures.latency_ms / 1_000
    servers = max(1, round(iops * latency_s))
    speed = iops * latency_s / servers
    # I/O that rests as a backup begins is as good as stopped, and still moves on.
    rest = RESTING if database.paused_until_s > world.now else 1.0
    database.io.change(
        servers=servers,
        room=connections_max(world, database),
        speed=speed * rest * math.prod(database.slowed_by),
    )
    works = [volumes.io_works(r, iops, mib_s) for r in world.scenario.requests]
    if database.standby_zone is not None and database.standby_s is None:
        factors = np.where(world.traffic.writes, figures.standby_write_factor, 1.0)
    else:
        factors = np.ones(len(works))
    disk = Disk(database.io, np.array(works) * latency_s * factors, database.full)
    database.machine.disks = {"db": disk}


def hour_micro_usd(world: World, engine: str, type_: str, *, multi_az: bool) -> int:
    """Price of an hour in micro-dollars."""
    row = world.catalog.rds_engines[engine]
    return world.catalog.rds_types[type_].hour_micro_usd(row, 2 if multi_az else 1)


def month_micro_usd(world: World, engine: str, type_: str, gb: int, *, multi_az: bool) -> int:
    """What a database costs for a month, with its storage."""
    hours = hour_micro_usd(world, engine, type_, multi_az=multi_az) * CATALOG.month_hours
    return hours + _gb_micro_usd(world, multi_az) * gb


def _gb_micro_usd(world: World, multi_az: bool) -> int:
    return round(world.catalog.rds.storage_usd_gb_month * 1_000_000) * (2 if multi_az else 1)


def set_meters(world: World, database: Database) -> None:
    """Bill it as it is now; what it was before stays on the bill."""
    stop_meters(world, database)
    title = engine_of(world, database).title
    zones = " Multi-AZ" if database.multi_az else ""
    price = hour_micro_usd(world, database.engine, database.type, multi_az=database.multi_az)
    database.hours = HourMeter(price, 0)
    gb_price = _gb_micro_usd(world, database.multi_az)
    database.storage = MonthMeter("GB-month", gb_price, database.gb)
    world.ledger.add(database.id, f"{database.type} {title}{zones}", database.hours)
    world.ledger.add(database.id, f"gp3 storage{zones}", database.storage)
    if database.state == CREATING:
        database.hours.booked = database.storage.booked = True
    else:
        start_meters(world, database)


def start_meters(world: World, database: Database) -> None:
    """It is billed from now on."""
    now = micros(world.now)
    database.hours.start(now)
    database.storage.start(now)


def stop_meters(world: World, database: Database) -> None:
    """It is billed no longer."""
    now, duration_s = micros(world.now), world.ledger.duration_s
    database.hours.stop(now, duration_s)
    database.storage.stop(now, duration_s)


def other_zone(zone: str) -> str:
    """Where the standby of a database in this zone goes."""
    return ZONES[(ZONES.index(zone) + 1) % len(ZONES)]


def held(world: World, database: Database) -> tuple[str, ...]:
    """The roles whose tables lie in it; a replica has its master's."""
    if database.source is not None:
        return world.copies.get(database.id, ())
    return world.held(database.id)


def holds_gb(world: World, database: Database) -> float:
    """How much of the tables it has, or will have: all, as long as it has none."""
    return homes.data_gb(world, held(world, database) or ROLES)


def used_gb(world: World, database: Database) -> float:
    """How much of its storage is used."""
    return homes.data_gb(world, held(world, database))


def find(world: World, database_id: str, needs: str | None = None) -> Database | Refused:
    """The database of that id, in the state that is needed, or why not."""
    database = world.all(Database).get(database_id)
    if database is None:
        return Refused(RefusalReason.UNKNOWN_RESOURCE, {"id": database_id})
    if needs is not None and database.state != needs:
        details = {"id": database.id, "state": database.state, "needs": needs}
        return Refused(RefusalReason.WRONG_STATE, {**details})
    return database


def judge_credits(world: World, database: Database) -> None:
    """A db.t3 earns and burns; it never slows down, but pays."""
    kind = kind_of(world, database)
    if kind.credits_per_hour and database.machine.up:
        earn_and_burn(world, database, kind, world.catalog.rds.surplus_usd_hour)


def places(world: World) -> Iterable[Watched]:
    """Where requests wait for databases."""
    for database in world.all(Database).values():
        yield Watched(database.machine.cpu, database.id, "cpu")
        yield Watched(database.io, database.id, "volume")


def view(world: World, database: Database) -> ResourceView:
    """The database as a frame shows it."""
    rate = month_micro_usd(
        world, database.engine, database.type, database.gb, multi_az=database.multi_az
    )
    return ResourceView(
        id=database.id,
        service="rds",
        type=database.type,
        rate_month_micro_usd=0 if database.state == FAILED else rate,
        zone=database.zone,
        state=database.state,
        until_s=None if database.until_s is None else round(database.until_s, 3),
        roles=ROLES,
        facts=_facts(world, database),
    )


def _facts(world: World, database: Database) -> dict[str, Fact]:
    kind, figures = kind_of(world, database), world.catalog.rds
    facts: dict[str, Fact] = {
        "engine": database.engine,
        "vcpus": kind.vcpus,
        "memory_gib": kind.gib,
        "gb": database.gb,
        "used_gb": round(used_gb(world, database), 3),
        "iops": figures.iops(database.gb),
        "connections": database.machine.connected,
        "connections_max": connections_max(world, database),
        "multi_az": database.multi_az,
        "backup_days": database.backup_days,
    }
    if database.standby_zone is not None:
        facts["standby_zone"] = database.standby_zone
        facts["standby_ready"] = database.standby_s is None
    if database.backup_until_s is not None:
        facts["backup_until_s"] = round(database.backup_until_s, 3)
    if isinstance(database.machine, Replica) and database.source is not None:
        facts["source"] = database.source
        facts["lag_s"] = round(database.machine.lag_s(world.now), 3)
        facts["unapplied"] = database.machine.unapplied
    elif database.machine.followers:
        facts["reads"] = database.reads
    if kind.credits_per_hour:
        facts["credits"] = round(max(0, database.credits) / CREDIT, 3)
        facts["credits_max"] = kind.credits_max
    return facts
