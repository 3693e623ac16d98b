"""How data get to a new home while the old one still answers.

The copy takes a part of what the source can do. Once everything has arrived the
address cuts over at a whole second, and requests already at the source are
finished there.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from engine.outcomes import Detail, RefusalReason, Refused
from engine.parts import base_of, role_of_table
from engine.services import addresses, homes, routing
from engine.services import database as databases
from engine.services import instance as instances
from engine.services import volume as volumes
from engine.services.database import Database
from engine.services.homes import ShardSet
from engine.services.instance import RUNNING, Instance
from engine.services.table import Table
from engine.services.volume import Volume
from engine.views import MoveView
from engine.world import World

Details = dict[str, Detail]


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast data are copied, in GB a second, and what share of the source that takes."""

    gb_s: float
    share: float


@dataclass(slots=True, eq=False)
class Move:
    """Data under way: `copied_gb` have arrived; `part` of the data change their place.

    `slowed` is where the copy takes its share.
    """

    id: str
    role: str
    source: str
    target: str
    pace: Pace
    part: float = 1.0
    slowed: tuple[str, ...] = ()
    copied_gb: float = 0.0


def home_of(world: World, role: str) -> str | None:
    """Where the data of a role lie; a table without a home of its own lies with the others."""
    return world.homes[role] if role in world.homes else world.homes[base_of(role)]


def gb_of(world: World, role: str) -> float:
    """How much data a role has."""
    if role in world.homes:
        return homes.data_gb(world, [role])
    return sum(t.gb for t in world.scenario.tables if role_of_table(t.name) == role)


def source_of(world: World, role: str, target: str) -> str | Refused:
    """The home that data of a role would be moved away from, or why they cannot be."""
    home = home_of(world, role)
    if home == target:
        return Refused(RefusalReason.NO_CHANGE, {"id": target})
    moves = world.all(Move).values()
    going_on = next((m for m in moves if base_of(m.role) == base_of(role)), None)
    if going_on:
        details: Details = {"id": going_on.source, "state": "migrating", "needs": "available"}
        return Refused(RefusalReason.WRONG_STATE, details)
    if not any(home in world.all(kind) for kind in (Volume, Database, ShardSet, Table)):
        where: Details = {"role": role, "id": target, "home": home or ""}
        return Refused(RefusalReason.DATA_ELSEWHERE, where)
    return str(home)


def begin(
    world: World, role: str, source: str, target: str, pace: Pace, part: float = 1.0
) -> Callable[[], str]:
    """What a command does that moves the data of a role: it begins to copy."""

    def start() -> str:
        slowed = _parts(world, source)
        move = Move(f"move-{world.count('move')}", role, source, target, pace, part, slowed)
        world.all(Move)[move.id] = move
        _load(world, move, begins=True)
        gb = round(gb_of(world, role) * part, 3)
        told: Details = {"id": move.id, "role": role, "source": source, "target": target, "gb": gb}
        world.tell("move_started", "player", **told)
        return target

    return start


def _parts(world: World, home: str) -> tuple[str, ...]:
    """A home, or each home of its shards."""
    shards = world.all(ShardSet).get(home)
    return tuple(dict.fromkeys(shards.homes(world))) if shards else (home,)


def _load(world: World, move: Move, *, begins: bool) -> None:
    """The source works with what the copy leaves it, or with all it has again."""
    left = 1.0 - move.pace.share
    for home in move.slowed:
        resource = world.all(Volume).get(home) or world.all(Database).get(home)
        if resource is None:
            continue
        (resource.slowed_by.append if begins else resource.slowed_by.remove)(left)
        if isinstance(resource, Volume):
            volumes.pace(world, resource)
        else:
            databases.fit_storage(world, resource)
            world.rewire()


def judge_second(world: World) -> None:
    """Copy a second's worth; cut over what has arrived, give up what cannot."""
    for move in list(world.all(Move).values()):
        if home_of(world, move.role) != move.source or not _stands(world, move.target):
            _end(world, move)
            world.all(ShardSet).pop(move.target, None)
            world.tell("move_failed", "board", **_named(move))
        elif _can_read(world, move.source):
            move.copied_gb = round(move.copied_gb + move.pace.gb_s, 9)
            if move.copied_gb >= gb_of(world, move.role) * move.part:
                _cut_over(world, move)


def _stands(world: World, target: str) -> bool:
    """Whether all that data are copied to answers."""
    shards = world.all(ShardSet).get(target)
    stages = [world.stages.get(id) for id in (shards.databases if shards else (target,))]
    return all(stage is not None and stage.up for stage in stages)


def _can_read(world: World, source: str) -> bool:
    """Whether something runs that can read the source."""
    volume = world.all(Volume).get(source)
    if volume:
        instance = world.all(Instance).get(volume.attached_to or "")
        return instance is not None and instance.state == RUNNING
    return all(home in world.stages and world.stages[home].up for home in _parts(world, source))


def _cut_over(world: World, move: Move) -> None:
    _end(world, move)
    role, base = move.role, base_of(move.role)
    _gather(world, move.source)
    shards = world.all(ShardSet).get(move.target)
    if shards:
        world.homes |= dict(zip(shards.roles, shards.databases, strict=True))
    if role != base and world.homes[base] == world.addresses[base] == move.target:
        # Back among the others, it goes their way again.
        del world.homes[role], world.addresses[role]
    else:
        world.homes[role] = world.addresses[role] = move.target
    world.tell("move_done", "board", **_named(move))
    routing.settle(world)
    for database in world.all(Database).values():
        databases.fit(world, database)
    for instance in world.all(Instance).values():
        instances.fit(world, instance)
    addresses.refit(world)


def _gather(world: World, source: str) -> None:
    """Shards that data have been moved away from are none any more."""
    shards = world.all(ShardSet).pop(source, None)
    for role in shards.roles if shards else ():
        del world.homes[role]


def _end(world: World, move: Move) -> None:
    del world.all(Move)[move.id]
    _load(world, move, begins=False)


def _named(move: Move) -> Details:
    return {"role": move.role, "source": move.source, "target": move.target}


def views(world: World) -> Iterable[MoveView]:
    """Every move as a frame shows it."""
    for move in world.all(Move).values():
        gb = gb_of(world, move.role) * move.part
        left_s = max(0.0, gb - move.copied_gb) / move.pace.gb_s
        yield MoveView(
            id=move.id,
            role=move.role,
            source=move.source,
            target=move.target,
            gb=round(gb, 3),
            copied_gb=round(min(gb, move.copied_gb), 3),
            until_s=round(world.now + left_s, 3),
        )
