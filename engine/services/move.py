"""Moving data to a new home while the old one still answers: files to S3, tables to databases.

The copy takes a part of what the source can do. Once everything has arrived the
address cuts over at a whole second, and requests already at the source are
finished there.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated

from engine.frame import MoveView
from engine.outcomes import Detail, RefusalReason, Refused
from engine.parts import base_of, role_of_table
from engine.services import addresses, homes
from engine.services import database as databases
from engine.services import instance as instances
from engine.services import volume as volumes
from engine.services.change import Change
from engine.services.check import check_number
from engine.services.command import Command, choose
from engine.services.database import AVAILABLE, Database
from engine.services.instance import RUNNING, Instance
from engine.services.s3 import Bucket
from engine.services.service import Service
from engine.services.table import Table, find_available
from engine.services.volume import Volume
from engine.world import World


@dataclass(slots=True, eq=False)
class Move:
    """Data under way: `copied_gb` have arrived, `gb_s` arrive every second.

    `share` is the part of the source that the copy takes.
    """

    id: str
    role: str
    source: str
    target: str
    gb_s: float
    share: float
    copied_gb: float = 0.0


class MoveFiles(Command, frozen=True, tag="move_files"):
    """Copy all files to a bucket; when they are there, it answers for them."""

    bucket: Annotated[str, choose("bucket")]


class MoveTables(Command, frozen=True, tag="move_tables"):
    """Copy tables to a database, one or all; when they are there, it answers for them.

    All are those that have not gone their own way before.
    """

    database: Annotated[str, choose("database:available")]
    table: Annotated[str | None, choose("table")] = None


class MoveToDynamo(Command, frozen=True, tag="move_to_dynamodb"):
    """Copy its table to a table of DynamoDB; when all is there, that answers for it.

    The copy is an import beside the requests: it takes no units.
    """

    dynamodb: Annotated[str, choose("dynamodb:available")]


Details = dict[str, Detail]


def plan_files(world: World, command: MoveFiles) -> Refused | Change:
    """Check that files can be moved to a bucket, and say what they cost there."""
    if command.bucket not in world.all(Bucket):
        return Refused(RefusalReason.UNKNOWN_RESOURCE, {"id": command.bucket})
    figures = world.catalog.s3
    source = _source(world, "files", command.bucket)
    if isinstance(source, Refused):
        return source
    price = round(figures.storage_usd_gb_month * 1_000)
    cost = price * round(homes.data_gb(world, ["files"]) * 1_000)
    begin = _begin(world, "files", source, command.bucket, figures.copy_gb_s, figures.copy_share)
    return Change(begin, cost)


def plan_tables(world: World, command: MoveTables) -> Refused | Change:
    """Check that tables can be moved to a database."""
    database = databases.find(world, command.database, AVAILABLE)
    if isinstance(database, Refused):
        return database
    role = role_of_table(command.table)
    if command.table is not None and command.table not in [t.name for t in world.scenario.tables]:
        return Refused(RefusalReason.UNKNOWN_RESOURCE, {"id": command.table})
    source = _source(world, role, database.id)
    if isinstance(source, Refused):
        return source
    figures, used_gb = world.catalog.rds, databases.used_gb(world, database)
    needs_gb = used_gb + _gb(world, role)
    if needs_gb > database.gb:
        needs = check_number("gb", database.gb, math.ceil(needs_gb), figures.max_gb)
        assert needs is not None
        return needs
    return Change(_begin(world, role, source, database.id, figures.copy_gb_s, figures.copy_share))


def plan_to_dynamo(world: World, command: MoveToDynamo) -> Refused | Change:
    """Check that a table can be moved to DynamoDB, and say what it costs there."""
    table = find_available(world, command.dynamodb)
    if isinstance(table, Refused):
        return table
    figures, role = world.catalog.dynamodb, role_of_table(table.of.name)
    source = _source(world, role, table.id)
    if isinstance(source, Refused):
        return source
    cost = table.storage.price * round(_gb(world, role) * 1_000)
    begin = _begin(world, role, source, table.id, figures.copy_gb_s, figures.copy_share)
    return Change(begin, cost)


def _home(world: World, role: str) -> str | None:
    """Where the data of a role lie; a table without a home of its own lies with the others."""
    return world.homes[role] if role in world.homes else world.homes[base_of(role)]


def _gb(world: World, role: str) -> float:
    """How much there is to move for a role."""
    if role in world.homes:
        return homes.data_gb(world, [role])
    return sum(t.gb for t in world.scenario.tables if role_of_table(t.name) == role)


def _source(world: World, role: str, target: str) -> str | Refused:
    """The home that data of a role would be moved away from, or why they cannot be."""
    home = _home(world, role)
    if home == target:
        return Refused(RefusalReason.NO_CHANGE, {"id": target})
    moves = world.all(Move).values()
    going_on = next((m for m in moves if base_of(m.role) == base_of(role)), None)
    if going_on:
        details: Details = {"id": going_on.source, "state": "migrating", "needs": "available"}
        return Refused(RefusalReason.WRONG_STATE, details)
    if all(home not in world.all(kind) for kind in (Volume, Database, Table)):
        where: Details = {"role": role, "id": target, "home": home or ""}
        return Refused(RefusalReason.DATA_ELSEWHERE, where)
    return str(home)


def _begin(
    world: World, role: str, source: str, target: str, gb_s: float, share: float
) -> Callable[[], str]:
    def begin() -> str:
        move = Move(f"move-{world.count('move')}", role, source, target, gb_s, share)
        world.all(Move)[move.id] = move
        _load(world, source, 1.0 - share, begins=True)
        gb = round(_gb(world, role), 3)
        told: Details = {"id": move.id, "role": role, "source": source, "target": target, "gb": gb}
        world.tell("move_started", "player", **told)
        return target

    return begin


def _load(world: World, source: str, left: float, *, begins: bool) -> None:
    """The source works with what the copy leaves it, or with all it has again.

    An export of DynamoDB leaves it all.
    """
    volume, database = world.all(Volume).get(source), world.all(Database).get(source)
    if volume:
        (volume.slowed_by.append if begins else volume.slowed_by.remove)(left)
        volumes.pace(world, volume)
    elif database:
        (database.slowed_by.append if begins else database.slowed_by.remove)(left)
        databases.fit_storage(world, database)
        world.rewire()


def _judge_second(world: World) -> None:
    """Copy a second's worth; cut over what has arrived, give up what cannot."""
    for move in list(world.all(Move).values()):
        if _home(world, move.role) != move.source or not _target_stands(world, move):
            _end(world, move)
            world.tell("move_failed", "board", **_named(move))
        elif _can_read(world, move.source):
            move.copied_gb = round(move.copied_gb + move.gb_s, 9)
            if move.copied_gb >= _gb(world, move.role):
                _cut_over(world, move)


def _cut_over(world: World, move: Move) -> None:
    _end(world, move)
    role, base = move.role, base_of(move.role)
    if role != base and world.homes[base] == world.addresses[base] == move.target:
        # Back among the others, it goes their way again.
        del world.homes[role], world.addresses[role]
    else:
        world.homes[role] = world.addresses[role] = move.target
    world.tell("move_done", "board", **_named(move))
    for database in (world.all(Database).get(id) for id in (move.source, move.target)):
        if database:
            databases.fit(world, database)
    for instance in world.all(Instance).values():
        instances.fit(world, instance)
    addresses.refit(world)


def _end(world: World, move: Move) -> None:
    del world.all(Move)[move.id]
    _load(world, move.source, 1.0 - move.share, begins=False)


def _named(move: Move) -> dict[str, Detail]:
    return {"role": move.role, "source": move.source, "target": move.target}


def _target_stands(world: World, move: Move) -> bool:
    database = world.all(Database).get(move.target)
    if database:
        return database.machine.up
    return move.target in world.all(Bucket) or move.target in world.all(Table)


def _can_read(world: World, source: str) -> bool:
    """Whether something runs that can read the source."""
    database = world.all(Database).get(source)
    if database:
        return database.machine.up
    if source in world.all(Table):
        return True
    instance = world.all(Instance).get(world.all(Volume)[source].attached_to or "")
    return instance is not None and instance.state == RUNNING


def views(world: World) -> Iterable[MoveView]:
    """Every move as a frame shows it."""
    for move in world.all(Move).values():
        gb = _gb(world, move.role)
        left_s = max(0.0, gb - move.copied_gb) / move.gb_s
        yield MoveView(
            id=move.id,
            role=move.role,
            source=move.source,
            target=move.target,
            gb=round(gb, 3),
            copied_gb=round(min(gb, move.copied_gb), 3),
            until_s=round(world.now + left_s, 3),
        )


SERVICE = Service(
    "move",
    {MoveFiles: plan_files, MoveTables: plan_tables, MoveToDynamo: plan_to_dynamo},
    judge_second=_judge_second,
)
