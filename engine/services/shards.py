"""Sharding by key: one table over several databases, which no single one could carry."""

import math
from collections.abc import Iterable
from typing import Annotated

import numpy as np

from engine.flow.routes import spread
from engine.outcomes import Detail, RefusalReason, Refused
from engine.scenario import Table, is_offered
from engine.services import database as databases
from engine.services.change import Change
from engine.services.check import check_number
from engine.services.command import Command, choose
from engine.services.database import AVAILABLE
from engine.services.homes import ShardSet, add
from engine.services.moving import Pace, begin, home_of, source_of
from engine.services.service import Service
from engine.views import ResourceView
from engine.world import World

FEWEST, MOST = 2, 16

OFFER = "rds:shards"


class ShardTable(Command, frozen=True, tag="shard_table"):
    """Spread a table over databases by the hash of its keys; the same again is a new spread."""

    table: Annotated[str, choose("table")]
    databases: Annotated[tuple[str, ...], choose("masters")] = ()


Details = dict[str, Detail]


def plan_shard(world: World, command: ShardTable) -> Refused | Change:
    """Check that a table can be spread over these databases."""
    if not is_offered(world.scenario, OFFER):
        return Refused(RefusalReason.NOT_ON_OFFER, {"what": "sharding by key"})
    table = next((t for t in world.scenario.tables if t.name == command.table), None)
    if table is None:
        return Refused(RefusalReason.UNKNOWN_RESOURCE, {"id": command.table})
    wanted = tuple(dict.fromkeys(command.databases))
    refused = check_number("databases", len(wanted), FEWEST, MOST)
    if refused:
        return refused
    shards = ShardSet("", table.name, wanted)
    if _lies_so(world, shards):
        return Refused(RefusalReason.NO_CHANGE, {"id": table.name})
    refused = next(filter(None, (_check(world, table, id, len(wanted)) for id in wanted)), None)
    if refused:
        return refused
    source = source_of(world, shards.role, "")
    if isinstance(source, Refused):
        return source
    figures, part = world.catalog.rds, _moving_part(world, table, wanted)

    def shard() -> str:
        shards.id = world.free_name(f"{table.name}-shards")
        add(world, shards)
        pace = Pace(figures.copy_gb_s, figures.copy_share)
        return begin(world, shards.role, source, shards.id, pace, part)()

    return Change(shard)


def _lies_so(world: World, wanted: ShardSet) -> bool:
    home = world.all(ShardSet).get(home_of(world, wanted.role) or "")
    return home is not None and home.homes(world) == wanted.databases


def _check(world: World, table: Table, id: str, parts: int) -> Refused | None:
    """Whether a database can take its part of a table."""
    database = databases.find(world, id, AVAILABLE)
    if isinstance(database, Refused):
        return database
    if database.source is not None:
        return Refused(RefusalReason.ROLE_NOT_PLAYED, {"id": id, "role": "db"})
    needs_gb = databases.used_gb(world, database) + table.gb / parts
    if needs_gb <= database.gb:
        return None
    return check_number("gb", database.gb, math.ceil(needs_gb), world.catalog.rds.max_gb)


def _moving_part(world: World, table: Table, wanted: tuple[str, ...]) -> float:
    """The share of a table's keys that are to lie elsewhere than they do."""
    keys = np.arange(table.keys, dtype=np.int32)
    home = home_of(world, ShardSet("", table.name, wanted).role) or ""
    shards = world.all(ShardSet).get(home)
    before = np.array(shards.homes(world) if shards else (home,))
    now = before[spread(keys, len(before))]
    return float((now != np.array(wanted)[spread(keys, len(wanted))]).mean())


def _views(world: World) -> Iterable[ResourceView]:
    return [_view(world, shards) for shards in world.all(ShardSet).values()]


def _view(world: World, shards: ShardSet) -> ResourceView:
    serves = world.homes.get(shards.role) == shards.id
    return ResourceView(
        id=shards.id,
        service="shards",
        type="hash",
        rate_month_micro_usd=0,
        state="available" if serves else "migrating",
        roles=databases.ROLES,
        behind=tuple(filter(None, shards.homes(world))) if serves else (),
        facts={"table": shards.table, "shards": len(shards.databases)},
    )


SERVICE = Service("shards", {ShardTable: plan_shard}, views=_views)
