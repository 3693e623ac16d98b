"""Who is behind a balancer: putting instances there, and taking them away in peace."""

from typing import Annotated

from engine.outcomes import Detail, RefusalReason, Refused
from engine.services import addresses, targets
from engine.services.change import Change
from engine.services.check import check_number
from engine.services.command import Command, choose
from engine.services.instance import Instance, find
from engine.services.service import Service
from engine.services.targets import DRAINING, Balancer, BalancerId, Target, find_balancer
from engine.world import World


class RegisterTarget(Command, frozen=True, tag="register_target"):
    """Put an instance behind a balancer; it gets requests after one passed health check."""

    balancer: BalancerId
    instance: Annotated[str, choose("instance")]
    weight: int = 1


class DeregisterTarget(Command, frozen=True, tag="deregister_target"):
    """Take an instance from behind a balancer: it finishes what it has, and gets nothing new."""

    balancer: BalancerId
    instance: Annotated[str, choose("instance")]


Planned = Refused | Change
Details = dict[str, Detail]


def plan_register(world: World, command: RegisterTarget) -> Planned:
    """Check that an instance can be put behind a balancer."""
    balancer = find_balancer(world, command.balancer)
    instance = find(world, command.instance)
    if isinstance(balancer, Refused):
        return balancer
    if isinstance(instance, Refused):
        return instance
    if command.instance in balancer.targets:
        return Refused(RefusalReason.NO_CHANGE, {"id": instance.id})
    if len(balancer.targets) >= world.catalog.elb.max_targets:
        limit: Details = {"what": "targets", "limit": world.catalog.elb.max_targets}
        return Refused(RefusalReason.LIMIT_REACHED, limit)
    refused = check_number("weight", command.weight, 1, 999)
    if refused:
        return refused
    for role, holder in world.addresses.items():
        if holder == balancer.id and role not in instance.roles:
            return Refused(RefusalReason.ROLE_NOT_PLAYED, {"id": instance.id, "role": role})
    behind = {balancer.id: (*balancer.stage.behind, instance.id)}
    if world.traffic.would_loop(world.addresses, behind):
        loop: Details = {"machine": instance.id, "role": "", "remedy": ""}
        return Refused(RefusalReason.WOULD_LOOP, loop)

    def register() -> str:
        targets.register(world, balancer, instance, command.weight)
        refit(world, balancer)
        told = {"id": instance.id, "balancer": balancer.id}
        world.tell("target_registered", "player", **told)
        return balancer.id

    return Change(register)


def plan_deregister(world: World, command: DeregisterTarget) -> Planned:
    """Check that an instance is behind a balancer."""
    balancer = find_balancer(world, command.balancer)
    if isinstance(balancer, Refused):
        return balancer
    target = balancer.targets.get(command.instance)
    if target is None and command.instance not in world.all(Instance):
        return Refused(RefusalReason.UNKNOWN_RESOURCE, {"id": command.instance})
    if target is None or target.state == DRAINING:
        return Refused(RefusalReason.NO_CHANGE, {"id": command.instance})

    def deregister() -> str:
        drain(world, balancer, target, "player")
        return balancer.id

    return Change(deregister)


def drain(world: World, balancer: Balancer, target: Target, by: str) -> None:
    """It gets nothing new; what it has may be finished until its delay is over."""
    target.state, target.drained_s = DRAINING, world.now + balancer.drain_s
    world.tell("target_draining", by, id=target.id, balancer=balancer.id)
    refit(world, balancer)


def refit(world: World, balancer: Balancer) -> None:
    """Its targets are others, or other ones take requests: route anew."""
    balancer.stage.behind = tuple(balancer.targets)
    targets.refit(world, balancer)
    addresses.refit(world)


def _judge_second(world: World) -> None:
    """Let go of what is drained, warm up slow starters."""
    for balancer in world.all(Balancer).values():
        drained = [t.id for t in balancer.targets.values() if _is_drained(world, t)]
        for id in drained:
            del balancer.targets[id]
            world.tell("target_gone", "board", id=id, balancer=balancer.id)
        if drained:
            refit(world, balancer)
        elif balancer.slow_start_s:
            targets.refit(world, balancer)


def _is_drained(world: World, target: Target) -> bool:
    if target.drained_s is None:
        return False
    return world.now >= target.drained_s or not world.all(Instance)[target.id].machine.holds


def _let_go(world: World, stage_id: str) -> None:
    """A target that is gone is one no more."""
    for balancer in world.all(Balancer).values():
        if balancer.targets.pop(stage_id, None):
            balancer.stage.behind = tuple(balancer.targets)
            targets.refit(world, balancer)


SERVICE = Service(
    "elb",
    {RegisterTarget: plan_register, DeregisterTarget: plan_deregister},
    judge_second=_judge_second,
    let_go=_let_go,
)
