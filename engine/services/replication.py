"""Who follows which master, and where a master's reads go."""

from collections.abc import Iterable

import numpy as np

from engine.flow.replica import Replica
from engine.flow.routes import Readers
from engine.services.database import CREATING, FAILED, Database
from engine.world import World


def replicas_of(world: World, master: str) -> list[Database]:
    """The read replicas of a master, oldest first."""
    return [d for d in world.all(Database).values() if d.source == master]


def settle(world: World) -> None:
    """Masters tell their replicas of what is written, and those that answer are read from.

    To be called whenever a database begins or ceases to answer, comes or goes.
    """
    keep_copies(world)
    before = dict(world.routes)
    for database in world.all(Database).values():
        _follow(world, database)
    for gone in [id for id, route in world.routes.items() if _is_void(world, id, route)]:
        del world.routes[gone]
    if before != world.routes:
        world.rewire()


def _is_void(world: World, id: str, route: object) -> bool:
    return isinstance(route, Readers) and id not in world.all(Database)


def _follow(world: World, master: Database) -> None:
    replicas = replicas_of(world, master.id)
    joined = [d for d in replicas if d.state not in (CREATING, FAILED)]
    machines = [d.machine for d in joined]
    master.machine.behind = tuple(machine.id for machine in machines)
    master.machine.followers = tuple(m for m in machines if isinstance(m, Replica))
    up = tuple(machine.id for machine in machines if machine.up)
    if master.reads == "master" or not up:
        if isinstance(world.routes.get(master.id), Readers):
            del world.routes[master.id]
        return
    route = world.routes.get(master.id)
    targets, reads = (master.id, *up), _may_go(world, master.reads)
    same = isinstance(route, Readers) and route.targets == targets and (route.reads == reads).all()
    if not same:
        world.routes[master.id] = Readers(targets, reads)


def _may_go(world: World, reads: str) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """The request classes that are read from replicas."""
    classes = world.scenario.requests
    bears_lag = (reads == "replicas" or c.max_lag_s is None for c in classes)
    return np.array([c.data == "read" and b for c, b in zip(classes, bears_lag, strict=True)])


def keep_copies(world: World) -> None:
    """A replica has a copy of all that its master has."""
    for database in world.all(Database).values():
        master = world.all(Database).get(database.source or "")
        if master is not None and database.state not in (CREATING, FAILED):
            roles = world.held(master.id)
            if roles and world.copies.get(database.id) != roles:
                world.copies[database.id] = roles


def cut_off(world: World, replicas: Iterable[Database]) -> int:
    """Their master is gone: how many of its last writes did not reach the first of them."""
    lost = [d.machine.cut_off(world.now) for d in replicas if isinstance(d.machine, Replica)]
    return max(lost, default=0)
