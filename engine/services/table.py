"""A table of DynamoDB: what it is, how it is made, what it costs, and how a frame shows it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from engine import scenario
from engine.catalog import DynamoUnits
from engine.flow.delay import Delay
from engine.flow.table import TableSecond, TableStore
from engine.ledger import Meter, MonthMeter, micros
from engine.outcomes import RefusalReason, Refused
from engine.parts import role_of_table
from engine.scenario import CapacityMode, RequestClass
from engine.services import addresses, homes
from engine.services import throughput as throughputs
from engine.services.service import Watched
from engine.services.throughput import MINUTE_S, ON_DEMAND, PROVISIONED, Throughput
from engine.views import Fact, ResourceView
from engine.world import World

AVAILABLE, CREATING = "available", "creating"

QUIET_S = 60
"""After so long without throttling, the next is news again."""


@dataclass(slots=True, eq=False)
class Table:
    """A table of DynamoDB for one `of` the scenario; with `auto` its capacity follows its use.

    `second` is what was asked of it in the last one; `throttled_s` when it last
    turned anything away.
    """

    id: str
    ordinal: int
    of: scenario.Table
    mode: CapacityMode
    auto: bool
    store: TableStore
    reads: Throughput
    writes: Throughput
    storage: MonthMeter
    state: str = CREATING
    until_s: float | None = None
    throttled_s: int = -QUIET_S
    second: TableSecond = field(default_factory=TableSecond)

    @property
    def kinds(self) -> tuple[Throughput, Throughput]:
        """Its two capacities, reads first."""
        return self.reads, self.writes

    @property
    def asked(self) -> tuple[int, int]:
        """Units a second that the player wanted provisioned, reads first."""
        return self.reads.asked, self.writes.asked

    @property
    def provisioned(self) -> tuple[int, int] | None:
        """Units a second that are paid for, reads first; None on demand."""
        if self.mode == ON_DEMAND:
            return None
        return self.reads.provisioned.size, self.writes.provisioned.size


def find(world: World, name: str) -> scenario.Table | None:
    """The scenario's table of that name."""
    return next((t for t in world.scenario.tables if t.name == name), None)


def find_available(world: World, table_id: str) -> Table | Refused:
    """The table of that id if it answers, or why not."""
    found = world.all(Table).get(table_id)
    if found is None:
        return Refused(RefusalReason.UNKNOWN_RESOURCE, {"id": table_id})
    if found.state != AVAILABLE:
        details = {"id": found.id, "state": found.state, "needs": AVAILABLE}
        return Refused(RefusalReason.WRONG_STATE, {**details})
    return found


def create(
    world: World,
    name: str,
    given: scenario.Table,
    mode: CapacityMode,
    asked: tuple[int, int],
    *,
    auto: bool,
) -> Table:
    """A new table that does not answer yet; `asked` are units a second, reads first."""
    figures, now = world.catalog.dynamodb, world.now

    def throughput(kind: DynamoUnits, units: int, label: str) -> Throughput:
        def bill(what: str, meter: Meter) -> Meter:
            return world.ledger.add(name, f"{label} {what}", meter)

        return throughputs.make(figures, kind, mode, units, now, bill)

    reads = throughput(figures.reads, asked[0], "read")
    writes = throughput(figures.writes, asked[1], "write")
    storage = MonthMeter("MB-month", round(figures.storage_usd_gb_month * 1_000), 0)
    world.ledger.add(name, "storage", storage)
    low, high = figures.latency_ms
    store = TableStore(
        name,
        (role_of_table(given.name),),
        Delay(f"{name}/rate", world.traffic.place_of(name)),
        (reads.capacity, writes.capacity),
        np.array([units_of(world, request, given) for request in world.scenario.requests]),
        (low / 1_000, high / 1_000),
    )
    ordinal = world.count("dynamodb")
    made = Table(name, ordinal, given, mode, auto, store, reads, writes, storage)
    world.all(Table)[name] = made
    world.stages[name] = store
    fit(world, made, asked)
    return made


def units_of(world: World, request: RequestClass, table: scenario.Table) -> float:
    """Units that a request takes of its kind; a read that may be a little behind half as many."""
    figures = world.catalog.dynamodb
    if request.data == "write":
        return _units(figures.writes, table.item_kb)
    lag_s = request.max_lag_s
    strong = lag_s is not None and lag_s < figures.eventual_s
    return _units(figures.reads, table.item_kb) * (1.0 if strong else 0.5)


def _units(kind: DynamoUnits, item_kb: float) -> float:
    return float(math.ceil(item_kb / kind.item_kb))


def fit(world: World, table: Table, provisioned: tuple[int, int]) -> None:
    """Let it be asked, and billed, what its mode and that capacity say; it splits if it has to.

    What is split is never joined again.
    """
    needed = math.ceil(table.of.gb / world.catalog.dynamodb.partition_gb)
    for kind, units in zip(table.kinds, provisioned, strict=True):
        kind.fit(table.mode, units, world.now)
        needed = max(needed, math.ceil(kind.capacity.per_s / kind.kind.partition_s))
    if needed > len(table.reads.capacity.partitions):
        table.store.split(needed, world.now)


def month_micro_usd(world: World, mode: CapacityMode, units: tuple[int, int]) -> int:
    """What provisioned capacity costs for a month; on demand nothing."""
    figures = world.catalog.dynamodb
    if mode == ON_DEMAND:
        return 0
    prices = (figures.reads.month_micro_usd, figures.writes.month_micro_usd)
    return sum(price * n for price, n in zip(prices, units, strict=True))


def standing_micro_usd(world: World, table: Table) -> int:
    """What its capacity costs for a month as it stands."""
    return month_micro_usd(world, table.mode, table.provisioned or (0, 0))


def start(world: World, table: Table) -> None:
    """It answers, and is billed, from now on; it takes its table if that lies nowhere yet."""
    table.state, table.until_s = AVAILABLE, None
    table.store.up = True
    for meter in (table.reads.provisioned, table.writes.provisioned, table.storage):
        meter.start(micros(world.now))
    (role,) = table.store.roles
    if world.homes["db"] is None:
        world.homes.setdefault(role, None)
        world.addresses.setdefault(role, None)
    addresses.take_free(world, table.store)
    addresses.refit(world)


def stop(world: World, table: Table) -> None:
    """It is billed no longer."""
    for meter in (table.reads.provisioned, table.writes.provisioned, table.storage):
        meter.stop(micros(world.now), world.ledger.duration_s)


def judge_second(world: World, table: Table) -> None:
    """Bill what was asked, weigh what lies there, let it grow; say when it begins to throttle."""
    table.second = table.store.take_second()
    table.reads.judge_second(table.mode, table.second.reads)
    table.writes.judge_second(table.mode, table.second.writes)
    weigh(world, table)
    _tell_of_throttling(world, table)
    if table.state == AVAILABLE:
        _grow(world, table, round(world.now))


def weigh(world: World, table: Table) -> None:
    """Bill what lies in it now."""
    size_mb = round(used_gb(world, table) * 1_000)
    if size_mb != table.storage.size:
        table.storage.resize(micros(world.now), size_mb)


def _tell_of_throttling(world: World, table: Table) -> None:
    now_s, second = round(world.now), table.second
    if second.throttled:
        if now_s - table.throttled_s >= QUIET_S:
            only_hot = second.hot == second.throttled
            world.tell("partition_hot" if only_hot else "table_throttled", "board", id=table.id)
        table.throttled_s = now_s


def _grow(world: World, table: Table, now_s: int) -> None:
    """At whole minutes auto scaling decides; on demand a peak counts once it is old enough."""
    means: list[float] = []
    if now_s % MINUTE_S == 0:
        means = [kind.close_minute(now_s) for kind in table.kinds]
    grown = [kind.grow(now_s) for kind in table.kinds]
    if table.mode == ON_DEMAND and any(grown):
        fit(world, table, table.asked)
        _tell_of_limits(world, table, "table_grown")
    elif table.mode == PROVISIONED and table.auto and means:
        reads, writes = (k.scaled(mean) for k, mean in zip(table.kinds, means, strict=True))
        if (reads, writes) != table.provisioned:
            fit(world, table, (reads, writes))
            _tell_of_limits(world, table, "table_scaled")


def _tell_of_limits(world: World, table: Table, kind: str) -> None:
    reads, writes = (round(k.capacity.per_s) for k in table.kinds)
    world.tell(kind, "board", id=table.id, rcu=reads, wcu=writes)


def used_gb(world: World, table: Table) -> float:
    """How much lies in it."""
    return homes.data_gb(world, world.held(table.id))


def places(world: World) -> Iterable[Watched]:
    """Where requests are worked on."""
    return [Watched(t.store.delay, t.id, "rate") for t in world.all(Table).values()]


def view(world: World, table: Table) -> ResourceView:
    """The table as a frame shows it."""
    standing = standing_micro_usd(world, table)
    return ResourceView(
        id=table.id,
        service="dynamodb",
        type="DynamoDB",
        rate_month_micro_usd=standing + table.storage.month_micro_usd(),
        state=table.state,
        until_s=None if table.until_s is None else round(table.until_s, 3),
        roles=table.store.roles,
        facts=_facts(world, table),
    )


def _facts(world: World, table: Table) -> dict[str, Fact]:
    reads, writes = table.reads.capacity, table.writes.capacity
    second = table.second
    hottest = max(
        second.reads.busiest / reads.partition_per_s,
        second.writes.busiest / writes.partition_per_s,
    )
    facts: dict[str, Fact] = {
        "table": table.of.name,
        "mode": table.mode,
        "used_gb": round(used_gb(world, table), 3),
        "rcu": round(reads.per_s),
        "wcu": round(writes.per_s),
        "used_rcu": second.reads.used,
        "used_wcu": second.writes.used,
        "partitions": len(reads.partitions),
        "hottest": round(hottest * 100),
        "throttled_s": second.throttled,
        "hot_s": second.hot,
    }
    if table.mode == PROVISIONED:
        facts["auto"] = table.auto
        facts["burst_rcu"] = round(reads.table.at(world.now), 3)
        facts["burst_wcu"] = round(writes.table.at(world.now), 3)
    return facts
