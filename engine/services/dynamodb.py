"""DynamoDB: tables without a machine; one pays by the request, or for what they may be asked."""

from collections.abc import Generator, Iterable
from typing import Annotated, Any

import simpy

from engine.outcomes import Detail, RefusalReason, Refused
from engine.scenario import BoardTable, CapacityMode, is_offered
from engine.services import addresses
from engine.services import table as tables
from engine.services.change import Change
from engine.services.check import check_name, check_number
from engine.services.command import Command, choose
from engine.services.copies import lose
from engine.services.service import Service
from engine.services.table import Table
from engine.services.throughput import ON_DEMAND, PROVISIONED
from engine.views import ResourceView
from engine.world import World

TableId = Annotated[str, choose("dynamodb")]

OFFER = "table"
"""What there is to choose: one kind of table so far."""


class CreateTable(Command, frozen=True, tag="create_table"):
    """A new, empty table of DynamoDB for one of the tables.

    On demand it is paid by the request. Provisioned it may be asked `rcu` and
    `wcu` a second, paid whether used or not; with `auto` that follows its use,
    and is never less.
    """

    table: Annotated[str, choose("table")]
    mode: CapacityMode = ON_DEMAND
    rcu: int = 5
    wcu: int = 5
    auto: bool = False
    name: str | None = None


class ChangeTable(Command, frozen=True, tag="change_table"):
    """Another mode or other capacity, at once and while it answers."""

    dynamodb: TableId
    mode: CapacityMode | None = None
    rcu: int | None = None
    wcu: int | None = None
    auto: bool | None = None


class DeleteTable(Command, frozen=True, tag="delete_table"):
    """Give a table up, and all that lies only in it."""

    dynamodb: TableId


Planned = Refused | Change


def stands_at_start(world: World, given: BoardTable) -> None:
    """A table of the opening board: it has what it is for, and has not been asked yet.

    It stands before all else, or that would have it among the other tables.
    """
    of = tables.find(world, given.table)
    assert of is not None  # checked with the board
    asked = (given.rcu, given.wcu)
    made = tables.create(world, given.id, of, given.mode, asked, auto=given.auto)
    tables.start(world, made)
    tables.weigh(world, made)


def plan_create(world: World, command: CreateTable) -> Planned:
    """Check a new table and say what it costs."""
    figures, asked = world.catalog.dynamodb, (command.rcu, command.wcu)
    given = tables.find(world, command.table)
    if not is_offered(world.scenario, f"dynamodb:{OFFER}"):
        return Refused(RefusalReason.NOT_ON_OFFER, {"what": "DynamoDB"})
    if given is None:
        return Refused(RefusalReason.UNKNOWN_RESOURCE, {"id": command.table})
    if len(world.all(Table)) >= figures.max_tables:
        limit: dict[str, Detail] = {"what": "tables", "limit": figures.max_tables}
        return Refused(RefusalReason.LIMIT_REACHED, limit)
    refused = check_name(world, command.name) or _check_units(world, *asked)
    if refused:
        return refused

    def create() -> str:
        name = command.name or world.free_name("table")
        made = tables.create(world, name, given, command.mode, asked, auto=command.auto)
        low, high = figures.create_s
        delay_s = world.streams.get(f"dynamodb/{made.ordinal}/create").uniform(low, high)
        made.until_s = world.now + delay_s
        world.env.process(_finish(world, made, delay_s))
        world.tell("table_creating", "player", id=name, table=given.name)
        world.rewire()
        return name

    return Change(create, tables.month_micro_usd(world, command.mode, asked))


def _finish(world: World, table: Table, delay_s: float) -> Generator[simpy.Event, Any, None]:
    """It answers after a while."""
    yield world.env.timeout(delay_s)
    if world.all(Table).get(table.id) is table:
        tables.start(world, table)
        world.tell("table_available", "board", id=table.id, table=table.of.name)


def plan_change(world: World, command: ChangeTable) -> Planned:
    """Check another mode or capacity and say what it costs.

    What is not said stays; where it becomes provisioned, as it was asked for last.
    """
    found = tables.find_available(world, command.dynamodb)
    if isinstance(found, Refused):
        return found
    mode = command.mode or found.mode
    auto = found.auto if command.auto is None else command.auto
    given = (command.rcu, command.wcu)
    asked, units = _or(given, found.asked), _or(given, found.provisioned or found.asked)
    refused = _check_units(world, *asked)
    if refused:
        return refused
    after = (mode, auto, asked, units) if mode == PROVISIONED else (mode,)
    now = (found.mode, found.auto, found.asked, found.provisioned)
    if after == now[: len(after)]:
        return Refused(RefusalReason.NO_CHANGE, {"id": found.id})

    def change() -> str:
        found.mode, found.auto = mode, auto
        found.reads.asked, found.writes.asked = asked
        tables.fit(world, found, units)
        told = {"rcu": units[0], "wcu": units[1]} if mode == PROVISIONED else {}
        world.tell(f"table_{mode}", "player", id=found.id, **told)
        return found.id

    costs = tables.month_micro_usd(world, mode, units)
    return Change(change, costs - tables.standing_micro_usd(world, found))


def _or(given: tuple[int | None, int | None], else_: tuple[int, int]) -> tuple[int, int]:
    reads, writes = (b if a is None else a for a, b in zip(given, else_, strict=True))
    return reads, writes


def plan_delete(world: World, command: DeleteTable) -> Planned:
    """Check that a table may go and say what that saves."""
    found = world.all(Table).get(command.dynamodb)
    if found is None:
        return Refused(RefusalReason.UNKNOWN_RESOURCE, {"id": command.dynamodb})

    def delete() -> str:
        tables.stop(world, found)
        del world.all(Table)[found.id]
        world.tell("table_deleted", "player", id=found.id)
        addresses.drop(world, found.id)
        world.retire(found.id)
        lose(world, found.id)
        addresses.refit(world)
        return found.id

    return Change(delete, -world.ledger.rate_month_micro_usd(found.id))


def _check_units(world: World, rcu: int, wcu: int) -> Refused | None:
    most = world.catalog.dynamodb.max_units
    return check_number("rcu", rcu, 1, most) or check_number("wcu", wcu, 1, most)


def _judge_second(world: World) -> None:
    for table in world.all(Table).values():
        tables.judge_second(world, table)


def _views(world: World) -> Iterable[ResourceView]:
    return [tables.view(world, table) for table in world.all(Table).values()]


SERVICE = Service(
    "dynamodb",
    {CreateTable: plan_create, ChangeTable: plan_change, DeleteTable: plan_delete},
    places=tables.places,
    views=_views,
    judge_second=_judge_second,
)
