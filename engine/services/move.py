"""Moving data to a new home: files to a bucket, tables to databases or to DynamoDB."""

import math
from typing import Annotated

from engine.outcomes import RefusalReason, Refused
from engine.parts import role_of_table
from engine.services import database as databases
from engine.services import homes
from engine.services.change import Change
from engine.services.check import check_number
from engine.services.command import Command, choose
from engine.services.database import AVAILABLE
from engine.services.moving import Pace, begin, gb_of, judge_second, source_of
from engine.services.s3 import Bucket
from engine.services.service import Service
from engine.services.table import find_available
from engine.world import World


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


def plan_files(world: World, command: MoveFiles) -> Refused | Change:
    """Check that files can be moved to a bucket, and say what they cost there."""
    if command.bucket not in world.all(Bucket):
        return Refused(RefusalReason.UNKNOWN_RESOURCE, {"id": command.bucket})
    figures = world.catalog.s3
    source = source_of(world, "files", command.bucket)
    if isinstance(source, Refused):
        return source
    price = round(figures.storage_usd_gb_month * 1_000)
    cost = price * round(homes.data_gb(world, ["files"]) * 1_000)
    pace = Pace(figures.copy_gb_s, figures.copy_share)
    return Change(begin(world, "files", source, command.bucket, pace), cost)


def plan_tables(world: World, command: MoveTables) -> Refused | Change:
    """Check that tables can be moved to a database."""
    database = databases.find(world, command.database, AVAILABLE)
    if isinstance(database, Refused):
        return database
    if command.table is not None and command.table not in [t.name for t in world.scenario.tables]:
        return Refused(RefusalReason.UNKNOWN_RESOURCE, {"id": command.table})
    if database.source is not None:
        return Refused(RefusalReason.ROLE_NOT_PLAYED, {"id": database.id, "role": "db"})
    role = role_of_table(command.table)
    source = source_of(world, role, database.id)
    if isinstance(source, Refused):
        return source
    figures, used_gb = world.catalog.rds, databases.used_gb(world, database)
    needs_gb = used_gb + gb_of(world, role)
    if needs_gb > database.gb:
        needs = check_number("gb", database.gb, math.ceil(needs_gb), figures.max_gb)
        assert needs is not None
        return needs
    pace = Pace(figures.copy_gb_s, figures.copy_share)
    return Change(begin(world, role, source, database.id, pace))


def plan_to_dynamo(world: World, command: MoveToDynamo) -> Refused | Change:
    """Check that a table can be moved to DynamoDB, and say what it costs there."""
    table = find_available(world, command.dynamodb)
    if isinstance(table, Refused):
        return table
    figures, role = world.catalog.dynamodb, role_of_table(table.of.name)
    source = source_of(world, role, table.id)
    if isinstance(source, Refused):
        return source
    cost = table.storage.price * round(gb_of(world, role) * 1_000)
    pace = Pace(figures.copy_gb_s, figures.copy_share)
    return Change(begin(world, role, source, table.id, pace), cost)


SERVICE = Service(
    "move",
    {MoveFiles: plan_files, MoveTables: plan_tables, MoveToDynamo: plan_to_dynamo},
    judge_second=judge_second,
)
