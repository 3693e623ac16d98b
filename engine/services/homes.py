"""What lies where: the tables at a role's home, how much that is, what was written to them.

A table that has gone its own way has a role of its own (``db/orders``); one that
is sharded has one more for each shard (``db/orders#0``), and the set of its
shards is the home of the whole.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from engine.board import Board
from engine.parts import base_of, role_of_table, shard_role
from engine.scenario import RequestClass, Table
from engine.world import World


@dataclass(slots=True, eq=False)
class ShardSet:
    """A table over several `databases`, each key on one of them by its hash.

    They are where its shards lay at first; what is restored lies elsewhere.
    """

    id: str
    table: str
    databases: tuple[str, ...]

    @property
    def role(self) -> str:
        """The role of the whole table."""
        return role_of_table(self.table)

    def homes(self, world: World) -> tuple[str, ...]:
        """Where each shard lies; "" where it is lost."""
        return tuple(world.homes.get(role) or "" for role in self.roles)

    @property
    def roles(self) -> tuple[str, ...]:
        """The role of each shard."""
        return tuple(shard_role(self.role, n) for n in range(len(self.databases)))


def stand_at_start(world: World, board: Board) -> None:
    """Tables of the opening board that lie apart from the rest, or are sharded, and long have.

    They lie where they do before the databases stand, which are backed up with all they hold.
    """
    places = {role_of_table(table): home for table, home in board.homes.items()}
    for given in board.shards:
        shards = ShardSet(world.free_name(f"{given.table}-shards"), given.table, given.databases)
        places[shards.role] = add(world, shards)
        world.homes |= dict(zip(shards.roles, shards.databases, strict=True))
    world.homes |= places
    world.addresses |= places


def add(world: World, shards: ShardSet) -> str:
    """A set of shards is there; gives its name."""
    world.traffic.place_of(shards.id)
    world.all(ShardSet)[shards.id] = shards
    return shards.id


def role_of(world: World, request: RequestClass) -> str:
    """The role at whose home a request's data lie: its table's own, once that has one."""
    return "files" if request.data.startswith("file") else _of_table(world, request.table)


def _of_table(world: World, table: str | None) -> str:
    own = role_of_table(table)
    return own if own in world.homes else "db"


def _share(world: World, table: Table, roles: set[str]) -> float:
    """The share of a table that lies at the homes of these roles."""
    role = _of_table(world, table.name)
    if role in roles:
        return 1.0
    shards = [r for r in world.homes if r.startswith(f"{role}#")]
    return len(roles.intersection(shards)) / len(shards) if shards else 0.0


def data_gb(world: World, roles: Iterable[str]) -> float:
    """How much data these roles have, with all that users have left."""
    wanted = set(roles)
    gb = sum(table.gb * _share(world, table, wanted) for table in world.scenario.tables)
    if "files" in wanted:
        gb += world.scenario.files.gb + world.written_bytes / 1e9
    return gb


def writes(world: World, roles: Iterable[str]) -> int:
    """How many writes to the tables of these roles were answered so far; of a shard, its part."""
    wanted = set(roles)
    known = {role_of_table(t.name): _share(world, t, wanted) for t in world.scenario.tables}
    others = float("db" in wanted)
    return int(sum(n * known.get(role, others) for role, n in world.writes.items()))


def homeless(world: World) -> list[str]:
    """The roles of tables that lie nowhere."""
    return [r for r, home in world.homes.items() if home is None and base_of(r) == "db"]
