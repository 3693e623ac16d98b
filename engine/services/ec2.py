"""EC2: rented computers that boot in tens of seconds and are gone at once: their life cycle."""

import math
from collections.abc import Generator, Iterable
from typing import Annotated, Any, Literal

import simpy

from engine.board import BoardFurtherVolume, BoardVolume
from engine.catalog import InstanceType
from engine.ledger import micros
from engine.outcomes import Detail, FailureReason, RefusalReason, Refused
from engine.scenario import ROLES, BoardInstance, Role, Zone
from engine.services import addresses, ami, ebs, homes
from engine.services import volume as volumes
from engine.services.change import Change
from engine.services.check import check_name, check_zone
from engine.services.command import Command, InstanceId, choose
from engine.services.credits import CREDIT
from engine.services.instance import (
    MONTH_H,
    PENDING,
    RUNNING,
    STOPPED,
    STOPPING,
    Instance,
    create,
    find,
    fit,
    hour_micro_usd,
    judge_credits,
    set_meters,
)
from engine.services.offer import find_type
from engine.services.service import Service, Watched
from engine.services.snapshot import delete_volume
from engine.services.volume import Volume
from engine.world import World


class LaunchInstance(Command, frozen=True, tag="launch_instance"):
    """Rent a new instance; roles that nobody plays yet get their address here once it runs.

    `unlimited` lets a t3 go on at full speed without credits, for a surplus on
    the bill. Roles that an `image` has need not be installed.
    """

    type: Annotated[str, choose("instance_type")]
    roles: Annotated[tuple[Role, ...], choose("roles")] = ROLES
    zone: Zone = "a"
    os: Literal["linux", "windows"] = "linux"
    volume_gb: int = 20
    unlimited: bool = False
    image: Annotated[str | None, choose("image")] = None
    name: str | None = None


class StartInstance(Command, frozen=True, tag="start_instance"):
    """Start a stopped instance; it boots again."""

    instance: Annotated[str, choose("instance:stopped")]


class StopInstance(Command, frozen=True, tag="stop_instance"):
    """Stop an instance: what it was working on fails, its volumes stay and are billed."""

    instance: Annotated[str, choose("instance:running")]


class ResizeInstance(Command, frozen=True, tag="resize_instance"):
    """Give a stopped instance another type."""

    instance: Annotated[str, choose("instance:stopped")]
    type: Annotated[str, choose("instance_type")]


class TerminateInstance(Command, frozen=True, tag="terminate_instance"):
    """Give an instance back at once; its root volume goes with it."""

    instance: InstanceId


Planned = Refused | Change
Details = dict[str, Detail]


def stands_at_start(
    world: World, given: BoardInstance, further: Iterable[BoardFurtherVolume]
) -> None:
    """Put an instance of the opening board on its feet: it runs, and has run before."""
    world.count(given.roles[0])
    start = ami.made_of(world, given.image)
    instance = create(
        world,
        given.id,
        given.type,
        given.os,
        given.zone,
        given.roles,
        room=given.room,
        unlimited=given.unlimited,
        ready=start.roles,
        software_micro_usd=start.software_micro_usd,
        image=start.image,
    )
    for volume in (given.volume, *further):
        _give_volume(world, instance, volume)
    instance.credits = round((given.credits or 0.0) * CREDIT)
    instance.installed = True
    instance.state = RUNNING
    fit(world, instance)
    _begin_running(world, instance)


def plan_launch(world: World, command: LaunchInstance) -> Planned:
    """Check a launch and say what it costs."""
    offer = _check_type(world, command.type)
    if isinstance(offer, Refused):
        return offer
    roles = tuple(role for role in ROLES if role in command.roles)
    if not roles:
        return Refused(RefusalReason.UNKNOWN_ROLE, {"role": "", "expected": ", ".join(ROLES)})
    instances, limit = world.all(Instance), world.catalog.ec2.max_instances
    if len(instances) >= limit:
        return Refused(RefusalReason.LIMIT_REACHED, {"what": "instances", "limit": limit})
    refused = (
        check_name(world, command.name)
        or check_zone(world, command.zone)
        or _check_volume(world, command, roles)
    )
    if refused:
        return refused
    start = ami.start_from(world, command.image, command.os)
    if isinstance(start, Refused):
        return start

    def launch_it() -> str:
        instance = launch(world, command, roles, start)
        world.tell("instance_launched", "player", id=instance.id, type=command.type)
        world.rewire()
        return instance.id

    return Change(launch_it, month_micro_usd(world, command, start))


def month_micro_usd(world: World, command: LaunchInstance, start: ami.Start) -> int:
    """What a launched instance costs for a month, with its root volume."""
    disk = world.catalog.volume_types["gp3"]
    storage = volumes.month_micro_usd(
        disk, command.volume_gb, disk.default_iops, disk.included_mib_s
    )
    hour = hour_micro_usd(world, command.type, command.os) + start.software_micro_usd
    return hour * MONTH_H + storage


def launch(
    world: World, command: LaunchInstance, roles: tuple[str, ...], start: ami.Start
) -> Instance:
    """A new instance that boots; route anew after it."""
    instance = create(
        world,
        command.name or world.free_name(roles[0]),
        command.type,
        command.os,
        command.zone,
        roles,
        unlimited=command.unlimited,
        ready=start.roles,
        software_micro_usd=start.software_micro_usd,
        image=start.image,
    )
    _give_volume(world, instance, BoardVolume(gb=command.volume_gb))
    _boot(world, instance)
    return instance


def plan_start(world: World, command: StartInstance) -> Planned:
    """Check a start and say what it costs."""
    instance = find(world, command.instance, STOPPED)
    if isinstance(instance, Refused):
        return instance
    refused = check_zone(world, instance.zone)
    if refused:
        return refused

    def start() -> str:
        world.tell("instance_started", "player", id=instance.id)
        _boot(world, instance)
        return instance.id

    hour = hour_micro_usd(world, instance.type, instance.os) + instance.software_micro_usd
    return Change(start, hour * MONTH_H)


def plan_stop(world: World, command: StopInstance) -> Planned:
    """Check a stop and say what it saves."""
    instance = find(world, command.instance, RUNNING)
    if isinstance(instance, Refused):
        return instance

    def stop() -> str:
        world.tell("instance_stopping", "player", id=instance.id)
        _go_down(world, instance)
        low, high = world.catalog.ec2.stop_s
        delay = world.streams.get(f"ec2/{instance.ordinal}/stop").uniform(low, high)
        _enter(world, instance, STOPPING, delay)
        return instance.id

    return Change(stop, -sum(meter.month_micro_usd() for meter in instance.meters))


def plan_resize(world: World, command: ResizeInstance) -> Planned:
    """Check a change of type; a stopped instance costs nothing, so neither does this."""
    offer = _check_type(world, command.type)
    if isinstance(offer, Refused):
        return offer
    instance = find(world, command.instance, STOPPED)
    if isinstance(instance, Refused):
        return instance
    if instance.type == command.type:
        return Refused(RefusalReason.NO_CHANGE, {"id": instance.id})

    def resize() -> str:
        before, instance.type = instance.type, command.type
        instance.credits = min(instance.credits, round(offer.credits_max * CREDIT))
        fit(world, instance)
        set_meters(world, instance)
        world.tell(
            "instance_resized", "player", id=instance.id, type_before=before, type=command.type
        )
        return instance.id

    return Change(resize)


def plan_terminate(world: World, command: TerminateInstance) -> Planned:
    """Check a termination and say what it saves."""
    instance = find(world, command.instance)
    if isinstance(instance, Refused):
        return instance
    going = [v for v in instance.volumes if not world.all(Volume)[v].keep]
    saved = sum(world.ledger.rate_month_micro_usd(r) for r in (instance.id, *going))

    def terminate() -> str:
        terminate_now(world, instance, "player")
        return instance.id

    return Change(terminate, -saved)


def terminate_now(world: World, instance: Instance, by: str) -> None:
    """Give it back; what it was working on fails."""
    world.tell("instance_terminated", by, id=instance.id)
    _remove(world, instance)


def _remove(world: World, instance: Instance) -> None:
    """It is gone at once; so are its volumes that are not to be kept."""
    _go_down(world, instance)
    instance.era += 1
    addresses.drop(world, instance.id)
    for volume in [world.all(Volume)[v] for v in instance.volumes]:
        ebs.take_out(world, volume, instance)
        if not volume.keep:
            delete_volume(world, volume)
    del world.all(Instance)[instance.id]
    world.retire(instance.id)
    addresses.refit(world)


def fail_host(world: World, instance: Instance) -> None:
    """The computer below dies: the instance is gone, as if it had been terminated."""
    world.tell("host_failed", "incident", id=instance.id)
    _remove(world, instance)


def crash(world: World, instance: Instance) -> None:
    """The instance dies at once and is found stopped; its volumes stay."""
    if instance.state == RUNNING:
        lose_power(world, instance)


def lose_power(world: World, instance: Instance) -> bool:
    """Its zone is out; returns whether it ran or was about to, and is to boot again."""
    if instance.state not in (RUNNING, PENDING):
        return False
    _go_down(world, instance)
    instance.state, instance.until_s = STOPPED, None
    instance.era += 1
    world.tell("instance_crashed", "incident", id=instance.id)
    return True


def boot_again(world: World, instance: Instance) -> None:
    """The power is back: it boots, unless somebody has started it meanwhile."""
    if instance.state == STOPPED:
        _boot(world, instance)


def _give_volume(world: World, instance: Instance, given: BoardVolume) -> None:
    """A volume of its own; a root volume goes with it unless that is changed."""
    volume = volumes.stands_at_start(world, given, instance.zone)
    volumes.attach(world, volume, instance.id, instance.volumes, instance.machine.cpu.room)


def _enter(world: World, instance: Instance, state: str, delay_s: float) -> None:
    """Be in a passing state until `delay_s` from now, unless something else happens first."""
    instance.state = state
    instance.era += 1
    instance.until_s = world.now + delay_s
    passed = world.env.timeout(delay_s)
    world.env.process(_pass_on(world, instance, instance.era, passed))


def _pass_on(
    world: World, instance: Instance, era: int, passed: simpy.Event
) -> Generator[simpy.Event, Any, None]:
    yield passed
    if instance.era != era:
        return
    instance.era += 1
    instance.until_s = None
    if instance.state == PENDING:
        instance.state, instance.installed = RUNNING, True
        _begin_running(world, instance)
        world.tell("instance_running", "board", id=instance.id)
    else:
        instance.state = STOPPED
        world.tell("instance_stopped", "board", id=instance.id)


def _boot(world: World, instance: Instance) -> None:
    delays = world.catalog.ec2
    low, high = delays.boot_windows_s if instance.os == "windows" else delays.boot_linux_s
    boot_s = world.streams.get(f"ec2/{instance.ordinal}/boot").uniform(low, high)
    missing = [role for role in instance.roles if role not in instance.ready]
    install_s = 0.0 if instance.installed else delays.install_role_s * len(missing)
    for meter in instance.meters:
        meter.booked = True
    _enter(world, instance, PENDING, boot_s + install_s)


def _begin_running(world: World, instance: Instance) -> None:
    """It answers and is billed from now on, and takes the addresses that nobody holds."""
    instance.machine.up = True
    for meter in instance.meters:
        meter.start(micros(world.now))
    addresses.take_free(world, instance.machine)
    addresses.refit(world)


def _go_down(world: World, instance: Instance) -> None:
    """It stops answering and being billed; what it held fails."""
    machine = instance.machine
    machine.up = False
    machine.fail_all(world.traffic, world.now, FailureReason.BAD_GATEWAY)
    world.traffic.sessions.forget(machine.place)
    for meter in instance.meters:
        meter.stop(micros(world.now), world.ledger.duration_s)


def _check_type(world: World, type_: str) -> InstanceType | Refused:
    return find_type(world, "ec2", world.catalog.instance_types, type_)


def _check_volume(world: World, command: LaunchInstance, roles: tuple[str, ...]) -> Refused | None:
    kind = ebs.check_type(world, "gp3")
    if isinstance(kind, Refused):
        return kind
    homeless = [r for r in roles if r in world.homes and world.homes[r] is None]
    least = math.ceil(homes.data_gb(world, homeless))
    return ebs.check_size(kind, command.volume_gb, least, "volume_gb")


def _places(world: World) -> Iterable[Watched]:
    return [Watched(i.machine.cpu, i.id, "cpu") for i in world.all(Instance).values()]


SERVICE = Service(
    "ec2",
    {
        LaunchInstance: plan_launch,
        StartInstance: plan_start,
        StopInstance: plan_stop,
        ResizeInstance: plan_resize,
        TerminateInstance: plan_terminate,
    },
    places=_places,
    judge_second=judge_credits,
)
