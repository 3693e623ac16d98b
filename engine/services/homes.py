"""What lies where: the tables at a role's home, how much that is, what was written to them."""

from collections.abc import Iterable

from engine.parts import base_of, role_of_table
from engine.scenario import RequestClass, Table
from engine.world import World


def role_of(world: World, request: RequestClass) -> str:
    """The role at whose home a request's data lie: its table's own, once that has one."""
    if request.data.startswith("file"):
        return "files"
    own = role_of_table(request.table)
    return own if own in world.homes else "db"


def tables(world: World, roles: Iterable[str]) -> list[Table]:
    """The tables that lie at the homes of these roles."""
    wanted = set(roles)
    return [t for t in world.scenario.tables if _role(world, t.name) in wanted]


def _role(world: World, table: str) -> str:
    own = role_of_table(table)
    return own if own in world.homes else "db"


def data_gb(world: World, roles: Iterable[str]) -> float:
    """How much data these roles have, with all that users have left."""
    roles = tuple(roles)
    gb = sum(table.gb for table in tables(world, roles))
    if "files" in roles:
        gb += world.scenario.files.gb + world.written_bytes / 1e9
    return gb


def writes(world: World, roles: Iterable[str]) -> int:
    """How many writes to the tables of these roles were answered so far."""
    wanted = set(roles)
    return sum(n for role, n in world.writes.items() if _home_role(world, role) in wanted)


def _home_role(world: World, role: str) -> str:
    return role if role in world.homes else base_of(role)
