"""Where data are kept besides their home, and what becomes of them when the home is gone."""

from engine.services import homes
from engine.world import World


def lose(world: World, holder: str) -> None:
    """Data whose home is gone: in a copy if there is one, else lost for ever."""
    lost = False
    for role in [r for r, home in world.homes.items() if home == holder]:
        kept = [copy for copy, roles in world.copies.items() if role in roles]
        world.homes[role] = kept[-1] if kept else None
        if kept:
            world.tell("data_in_snapshot", "board", id=kept[-1], role=role)
        elif homes.data_gb(world, [role]) > 0:
            lost = True
    if lost:
        world.data_lost_at = holder
        world.tell("data_lost", "board", id=holder)


def settle(world: World, copy: str, home: str) -> None:
    """What has been brought back from a copy lies at a new home, if it is nowhere else."""
    for role in world.copies[copy]:
        at = world.homes.get(role, "")
        if at is None or at in world.copies:
            world.homes[role] = home
