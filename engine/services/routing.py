"""Where who asks for tables goes: to masters and their replicas, and to the shards of a table."""

from engine.flow.replica import Replica
from engine.flow.routes import Readers, Route, Shards
from engine.services.database import CREATING, FAILED, Database
from engine.services.homes import ShardSet
from engine.services.replication import keep_copies, replicas_of
from engine.world import World


def settle(world: World) -> None:
    """Masters tell their replicas of what is written; those that answer are read from.

    To be called whenever a database begins or ceases to answer, comes or goes.
    """
    keep_copies(world)
    routes: dict[str, Route] = {}
    for database in world.all(Database).values():
        _follow(world, database)
        readers = _readers(world, database)
        if readers is not None:
            routes[database.id] = readers
    for shards in world.all(ShardSet).values():
        if world.homes.get(shards.role) == shards.id:
            routes[shards.id] = Shards(shards.homes(world))
    if world.routes != routes:
        world.routes = routes
        world.rewire()


def _follow(world: World, master: Database) -> None:
    joined = [d for d in replicas_of(world, master.id) if d.state not in (CREATING, FAILED)]
    machines = tuple(d.machine for d in joined if isinstance(d.machine, Replica))
    master.machine.behind = tuple(machine.id for machine in machines)
    master.machine.followers = machines


def _readers(world: World, master: Database) -> Readers | None:
    """The replicas that its reads go to, if there are any that answer."""
    up = tuple(d.id for d in replicas_of(world, master.id) if d.machine.up)
    if master.reads == "master" or not up:
        return None
    return Readers((master.id, *up), _may_go(world, master.reads))


def _may_go(world: World, reads: str) -> tuple[bool, ...]:
    """Of each request class, whether it is read from replicas."""
    classes = world.scenario.requests
    bears_lag = (reads == "replicas" or c.max_lag_s is None for c in classes)
    return tuple(c.data == "read" and b for c, b in zip(classes, bears_lag, strict=True))
