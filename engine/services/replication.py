"""Who follows which master, and has a copy of what it holds."""

from collections.abc import Iterable

from engine.flow.replica import Replica
from engine.services.database import CREATING, FAILED, Database
from engine.world import World


def replicas_of(world: World, master: str) -> list[Database]:
    """The read replicas of a master, oldest first."""
    return [d for d in world.all(Database).values() if d.source == master]


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
