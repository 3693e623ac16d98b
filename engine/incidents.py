"""Scheduled trouble, through the services' own doors."""

from collections.abc import Generator
from typing import Any

import simpy

from engine.scenario import Incident
from engine.services import ebs, ec2
from engine.world import BEFORE_OTHERS, World, instant


def schedule(world: World) -> None:
    """Let every incident of the scenario happen at its second, before anything else does."""
    for incident in world.scenario.incidents:
        world.env.process(_happen(world, incident))


def _happen(world: World, incident: Incident) -> Generator[simpy.Event, Any, None]:
    yield instant(world.env, incident.at_s, BEFORE_OTHERS)
    target = incident.target or ""
    if incident.kind == "instance_crash":
        instance = world.all(ec2.Instance).get(target)
        if instance is not None:
            ec2.crash(world, instance)
        return
    if not _slow(world, target, incident.factor):
        return
    world.tell(
        "slowed",
        "incident",
        id=target,
        percent=round(incident.factor * 100),
        seconds=incident.duration_s,
    )
    yield instant(world.env, incident.at_s + incident.duration_s, BEFORE_OTHERS)
    if _slow(world, target, 1 / incident.factor):
        world.tell("slowed_over", "incident", id=target)


def _slow(world: World, target: str, factor: float) -> bool:
    """Slow an instance or a volume; False when it does not stand (any more)."""
    if (instance := world.all(ec2.Instance).get(target)) is not None:
        ec2.slow(world, instance, factor)
    elif (volume := world.all(ebs.Volume).get(target)) is not None:
        ebs.slow(world, volume, factor)
    else:
        return False
    return True
