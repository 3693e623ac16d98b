"""Who answers for a role: addresses, and where the data of a role lies."""

from typing import Annotated

from engine.flow.stage import Stage
from engine.flow.wiring import players
from engine.outcomes import RefusalReason, Refused
from engine.parts import base_of
from engine.scenario import ROLES, Role
from engine.services import volume as volumes
from engine.services.change import Change
from engine.services.command import Command, choose
from engine.services.instance import RUNNING, Instance, find
from engine.services.service import Service
from engine.world import World


class PointAddress(Command, frozen=True, tag="point_address"):
    """Let a resource that plays a role answer for it from now on."""

    role: Annotated[Role, choose("role")]
    to: Annotated[str, choose("player")]


def plan_point(world: World, command: PointAddress) -> Refused | Change:
    """Check whether a resource can answer for a role."""
    stage = _find_player(world, command.to)
    if isinstance(stage, Refused):
        return stage
    role, before = command.role, world.addresses[command.role]
    for id in (stage.id, *(b for b in stage.behind if b in world.stages)):
        if role not in world.stages[id].roles:
            return Refused(RefusalReason.ROLE_NOT_PLAYED, {"id": id, "role": role})
    if before == stage.id:
        return Refused(RefusalReason.NO_CHANGE, {"id": stage.id})
    if not has_data(world, stage.id, role):
        details = {"role": role, "id": stage.id, "home": world.homes[role] or ""}
        return Refused(RefusalReason.DATA_ELSEWHERE, {**details})
    if world.traffic.would_loop({**world.addresses, role: stage.id}):
        remedy = _loop_remedy(world, command)
        loop = {"machine": before or stage.id, "role": role, "remedy": remedy}
        return Refused(RefusalReason.WOULD_LOOP, {**loop})

    def point() -> str:
        world.addresses[role] = stage.id
        world.tell("address_pointed", "player", role=role, id=stage.id, before=before or "")
        refit(world)
        return stage.id

    return Change(point)


def _find_player(world: World, resource: str) -> Stage | Refused:
    """The stage of that id if it answers, or why not."""
    instance = world.all(Instance).get(resource)
    if instance is not None:
        found = find(world, resource, RUNNING)
        return found if isinstance(found, Refused) else instance.machine
    stage = world.stages.get(resource)
    if stage is None:
        return Refused(RefusalReason.UNKNOWN_RESOURCE, {"id": resource})
    if not stage.up:
        details = {"id": resource, "state": "unavailable", "needs": "available"}
        return Refused(RefusalReason.WRONG_STATE, {**details})
    return stage


def has_data(world: World, holder: str, role: str) -> bool:
    """Whether a stage, or one behind it, has the data of a role (web and app have none)."""
    home = world.homes.get(role)
    if home is None or home == holder:
        return True
    instance = world.all(Instance).get(holder)
    if instance is not None:
        return home in instance.volumes
    stage = world.stages.get(holder)
    return stage is not None and any(has_data(world, behind, role) for behind in stage.behind)


def take_free(world: World, stage: Stage) -> None:
    """Let a stage that answers do so for every role of its that nobody answers for."""
    for role, holder in list(world.addresses.items()):
        plays = role in stage.roles or base_of(role) in stage.roles
        if holder is None and plays and has_data(world, stage.id, role):
            taken = {**world.addresses, role: stage.id}
            if not world.traffic.would_loop(taken):
                world.addresses[role] = stage.id


def drop(world: World, stage_id: str) -> None:
    """Nobody answers any more for what it answered for."""
    for role, holder in world.addresses.items():
        if holder == stage_id:
            world.addresses[role] = None


def refit(world: World) -> None:
    """Give every machine the volumes of the roles it plays now, and route anew.

    Data that lies nowhere yet begins on the first volume of whoever plays its role.
    """
    instances = world.all(Instance)
    for role, holder in world.addresses.items():
        if role in world.homes and world.homes[role] is None and holder is not None:
            world.homes[role] = _first_home(world, holder)
    behind = {s.id: s.behind for s in world.stages.values() if s.behind}
    plays = players(world.addresses, behind)
    for instance in instances.values():
        roles = frozenset(base_of(role) for role, who in plays.items() if instance.id in who)
        instance.machine.disks = volumes.disks(
            world, instance.volumes, roles | _lingering(instance)
        )
    world.rewire()


def _first_home(world: World, holder: str) -> str | None:
    """Where new data lie when a stage answers for them: there, or at what is behind it.

    Nowhere at one that does not answer: what a dead database held is gone.
    """
    instance, stage = world.all(Instance).get(holder), world.stages.get(holder)
    if instance is not None:
        return next(iter(instance.volumes), None)
    if stage is None or not stage.up:
        return None
    return _first_home(world, stage.behind[0]) if stage.behind else holder


def _lingering(instance: Instance) -> frozenset[str]:
    """Data roles whose requests still are on its volumes."""
    return frozenset(r for r, d in instance.machine.disks.items() if d and len(d.station))


def _loop_remedy(world: World, command: PointAddress) -> str:
    """The role to move along, after which the way is straight: what to do instead."""
    for role in ROLES:
        moved = {**world.addresses, command.role: command.to, role: command.to}
        if not world.traffic.would_loop(moved):
            return role
    return ""


SERVICE = Service("addresses", {PointAddress: plan_point})
