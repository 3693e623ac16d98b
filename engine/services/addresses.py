"""Who answers for a role: addresses, and where the data of a role lies."""

from collections.abc import Callable
from typing import Annotated

from engine.outcomes import RefusalReason, Refused
from engine.scenario import ROLES, Role
from engine.services import volume as volumes
from engine.services.change import Change
from engine.services.command import Command, choose
from engine.services.instance import RUNNING, Instance, find
from engine.world import World


class PointAddress(Command, frozen=True, tag="point_address"):
    """Let an instance that plays a role answer for it from now on."""

    role: Annotated[Role, choose("role")]
    instance: Annotated[str, choose("instance:running")]


def plan_point(world: World, command: PointAddress) -> Refused | Change:
    """Check whether an instance can answer for a role."""
    instance = find(world, command.instance, RUNNING)
    if isinstance(instance, Refused):
        return instance
    role, before = command.role, world.addresses[command.role]
    if role not in instance.roles:
        return Refused(RefusalReason.ROLE_NOT_PLAYED, {"id": instance.id, "role": role})
    if before == instance.id:
        return Refused(RefusalReason.NO_CHANGE, {"id": instance.id})
    home = world.homes.get(role)
    if home is not None and home not in instance.volumes:
        details = {"role": role, "id": instance.id, "home": home}
        return Refused(RefusalReason.DATA_ELSEWHERE, {**details})
    if world.traffic.would_loop({**world.addresses, role: instance.id}):
        remedy = _loop_remedy(world, command)
        loop = {"machine": before or instance.id, "role": role, "remedy": remedy}
        return Refused(RefusalReason.WOULD_LOOP, {**loop})

    def point() -> str:
        world.addresses[role] = instance.id
        world.tell("address_pointed", "player", role=role, id=instance.id, before=before or "")
        refit(world)
        return instance.id

    return Change(point)


def take_free(world: World, instance: Instance) -> None:
    """Let a running instance answer for every role of its that nobody answers for."""
    for role in instance.roles:
        home = world.homes.get(role)
        if world.addresses[role] is None and (home is None or home in instance.volumes):
            taken = {**world.addresses, role: instance.id}
            if not world.traffic.would_loop(taken):
                world.addresses[role] = instance.id


def drop(world: World, instance: Instance) -> None:
    """Nobody answers any more for what it answered for."""
    for role, holder in world.addresses.items():
        if holder == instance.id:
            world.addresses[role] = None


def refit(world: World) -> None:
    """Give every machine the volumes of the roles it plays now, and route anew.

    Data that lies nowhere yet begins on the first volume of whoever plays its role.
    """
    instances = world.all(Instance)
    for role, holder in world.addresses.items():
        if role in world.homes and world.homes[role] is None and holder is not None:
            world.homes[role] = next(iter(instances[holder].volumes), None)
    for instance in instances.values():
        plays = frozenset(r for r, holder in world.addresses.items() if holder == instance.id)
        instance.machine.disks = volumes.disks(
            world, instance.volumes, plays | _lingering(instance)
        )
    world.rewire()


def _lingering(instance: Instance) -> frozenset[str]:
    """Data roles whose requests still are on its volumes."""
    return frozenset(r for r, d in instance.machine.disks.items() if d and len(d.station))


def _loop_remedy(world: World, command: PointAddress) -> str:
    """The role to move along, after which the way is straight: what to do instead."""
    for role in ROLES:
        moved = {**world.addresses, command.role: command.instance, role: command.instance}
        if not world.traffic.would_loop(moved):
            return role
    return ""


COMMANDS: dict[type[Command], Callable[..., Refused | Change]] = {PointAddress: plan_point}
"""Every command of addresses, and what works it out."""
