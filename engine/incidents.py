"""Scheduled trouble, through the services' own doors.

A spike, a bot attack or a hot key of the scenario is in the demand from the start; here it
only makes news.
"""

from collections.abc import Generator
from typing import Any

import simpy

from engine.scenario import ZONES, Incident, Zone
from engine.services import availability, ebs, ec2, zones
from engine.services import instance as instances
from engine.services import volume as volumes
from engine.services.database import Database
from engine.services.instance import RUNNING, Instance
from engine.services.targets import Balancer
from engine.services.volume import Volume
from engine.world import BEFORE_OTHERS, World, instant


def schedule(world: World) -> None:
    """Let every incident of the scenario happen at its second, before anything else does."""
    for incident in world.scenario.incidents:
        world.env.process(_happen(world, incident))


def _happen(world: World, incident: Incident) -> Generator[simpy.Event, Any, None]:
    yield instant(world.env, incident.at_s, BEFORE_OTHERS)
    yield from _course(world, incident)


def begin(world: World, incident: Incident) -> None:
    """Let an incident happen at this instant, at once."""
    world.traffic.demand.befall(incident)
    course = _course(world, incident)
    waits_for = next(course, None)
    if waits_for is not None:
        world.env.process(_go_on(course, waits_for))


def _go_on(
    course: Generator[simpy.Event, Any, None], waits_for: simpy.Event
) -> Generator[simpy.Event, Any, None]:
    yield waits_for
    yield from course


def befalls(world: World, incident: Incident) -> bool:
    """Whether an incident finds what it can befall, if it comes now."""
    machine, disk = _meant(world, incident.target or "")
    match incident.kind:
        case "instance_crash" | "host_failure" | "noisy_neighbour" | "bad_deploy":
            instance = world.all(Instance).get(machine)
            return instance is not None and instance.state == RUNNING
        case "volume_failure" | "slow_disk":
            return disk in world.all(Volume)
        case "master_failure":
            return machine in world.all(Database)
        case "zone_outage":
            return _zone_of(world, incident) not in (None, *world.zones_down)
        case "bot_attack":
            return incident.target in [r.name for r in world.scenario.requests]
        case "hot_key":
            return incident.target in [t.name for t in world.scenario.tables]
    return True


def _zone_of(world: World, incident: Incident) -> Zone | None:
    """The zone that an outage takes."""
    machine, _ = _meant(world, incident.target or "")
    hit = world.all(Instance).get(machine) or world.all(Database).get(machine)
    named = hit.zone if hit else incident.target
    return next((zone for zone in ZONES if zone == named), None)


def _course(world: World, incident: Incident) -> Generator[simpy.Event, Any, None]:
    """What an incident does from its instant on."""
    machine, disk = _meant(world, incident.target or "")
    instance = world.all(Instance).get(machine)
    volume = world.all(Volume).get(disk)
    database = world.all(Database).get(machine)
    match incident.kind:
        case "instance_crash" if instance:
            ec2.crash(world, instance)
        case "host_failure" if instance:
            ec2.fail_host(world, instance)
        case "volume_failure" if volume:
            ebs.fail(world, volume)
        case "master_failure" if database:
            availability.fail(world, database)
        case "zone_outage":
            zone = _zone_of(world, incident)
            if zone is not None:
                yield from zones.outage(world, zone, incident.duration_s)
        case "noisy_neighbour" | "bad_deploy" if instance:
            yield from _slow(world, incident, instance)
        case "slow_disk" if volume:
            yield from _slow(world, incident, volume)
        case "traffic_spike" | "bot_attack" | "hot_key":
            world.tell(incident.kind, "incident", times=incident.factor, id=incident.target or "",
                       seconds=incident.duration_s)  # fmt: skip


def _meant(world: World, target: str) -> tuple[str, str]:
    """The instance or database that a target means, and the volume: at a role, those of now.

    Where a balancer has the address, it is the first of the targets that take requests.
    """
    role = target.partition(":")[2]
    if not role:
        return target, target
    holder = world.addresses.get(role) or ""
    balancer = world.all(Balancer).get(holder)
    machine = holder if balancer is None else next(iter(balancer.stage.shares), "")
    return machine, world.homes.get(role) or ""


def _slow(
    world: World, incident: Incident, resource: Instance | Volume
) -> Generator[simpy.Event, Any, None]:
    """Work at a part of the speed for a while."""
    resource.slowed_by.append(incident.factor)
    _pace(world, resource)
    world.tell(incident.kind, "incident", id=resource.id, percent=round(incident.factor * 100),
               seconds=incident.duration_s)  # fmt: skip
    yield instant(world.env, incident.at_s + incident.duration_s, BEFORE_OTHERS)
    resource.slowed_by.remove(incident.factor)
    _pace(world, resource)
    world.tell("slowed_over", "incident", id=resource.id)


def _pace(world: World, resource: Instance | Volume) -> None:
    if isinstance(resource, Instance):
        instances.pace(world, resource)
    else:
        volumes.pace(world, resource)
