"""EC2: rented computers that boot in tens of seconds and are gone at once."""

import re
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import simpy

from engine.catalog import CATALOG, InstanceType
from engine.flow.machine import Machine
from engine.flow.station import Station
from engine.frame import InstanceView
from engine.ledger import HourMeter, micros
from engine.outcomes import Detail, FailureReason, RefusalReason, Refused
from engine.scenario import ROLES, BoardInstance, Role, Zone, is_offered
from engine.services import ebs
from engine.services.change import Change
from engine.services.command import Command, InstanceId, choose
from engine.world import World

PENDING, RUNNING, STOPPING, STOPPED = "pending", "running", "stopping", "stopped"

MONTH_H = CATALOG.month_hours

CREDIT = 60_000_000
"""A CPU credit, one vCPU-minute, in the vCPU-microseconds that balances are kept in."""


@dataclass(slots=True, eq=False)
class Instance:
    """An instance. `era` grows with every change of state: what was planned before is void.

    `credits` is in vCPU-microseconds, and is below zero while what was used
    beyond the balance in one second is paid back.
    """

    id: str
    ordinal: int
    type: str
    os: str
    zone: str
    roles: tuple[str, ...]
    machine: Machine
    volumes: list[str] = field(default_factory=list)
    room: int | None = None
    state: str = PENDING
    until_s: float | None = None
    era: int = 0
    installed: bool = False
    credits: int = 0
    throttled: bool = False
    slowness: float = 1.0
    meters: list[HourMeter] = field(default_factory=list)


class LaunchInstance(Command, frozen=True, tag="launch_instance"):
    """Rent a new instance; roles that nobody plays yet get their address here once it runs."""

    type: Annotated[str, choose("instance_type")]
    roles: Annotated[tuple[Role, ...], choose("roles")] = ROLES
    zone: Zone = "a"
    os: Literal["linux"] = "linux"
    volume_gb: int = 20
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


class PointAddress(Command, frozen=True, tag="point_address"):
    """Let an instance that plays a role answer for it from now on."""

    role: Annotated[Role, choose("role")]
    instance: Annotated[str, choose("instance:running")]


Planned = Refused | Change
Details = dict[str, Detail]


def stands_at_start(world: World, given: BoardInstance) -> None:
    """Put an instance of the opening board on its feet: it runs, and has run before."""
    world.count(_prefix(given.roles))
    instance = _create(world, given.id, given.type, given.os, given.zone, given.roles, given.room)
    volume = given.volume
    _give_volume(world, instance, volume.type, volume.gb, volume.iops)
    instance.credits = round((given.credits or 0.0) * CREDIT)
    instance.installed = True
    instance.state = RUNNING
    instance.throttled = _kind(world, instance).credits_per_hour > 0 and instance.credits <= 0
    instance.machine.cpu.change(speed=_speed(world, instance))
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
    refused = _check_name(world, command.name) or _check_volume(world, command, roles)
    if refused:
        return refused
    disk = world.catalog.volume_types["gp3"]

    def launch() -> str:
        name = command.name or _free_name(world, roles)
        instance = _create(world, name, command.type, command.os, command.zone, roles, None)
        _give_volume(world, instance, "gp3", command.volume_gb, None)
        world.tell("instance_launched", "player", id=name, type=command.type)
        _boot(world, instance)
        world.rewire()
        return name

    storage = ebs.month_micro_usd(disk, command.volume_gb, disk.base_iops)
    return Change(launch, _hour_micro_usd(world, command.type, command.os) * MONTH_H + storage)


def plan_start(world: World, command: StartInstance) -> Planned:
    """Check a start and say what it costs."""
    instance = _find(world, command.instance, STOPPED)
    if isinstance(instance, Refused):
        return instance

    def start() -> str:
        world.tell("instance_started", "player", id=instance.id)
        _boot(world, instance)
        return instance.id

    return Change(start, _hour_micro_usd(world, instance.type, instance.os) * MONTH_H)


def plan_stop(world: World, command: StopInstance) -> Planned:
    """Check a stop and say what it saves."""
    instance = _find(world, command.instance, RUNNING)
    if isinstance(instance, Refused):
        return instance

    def stop() -> str:
        world.tell("instance_stopping", "player", id=instance.id)
        _go_down(world, instance)
        low, high = world.catalog.ec2.stop_s
        delay = world.streams.get(f"ec2/{instance.ordinal}/stop").uniform(low, high)
        _enter(world, instance, STOPPING, delay)
        return instance.id

    return Change(stop, -world.ledger.rate_month_micro_usd(instance.id))


def plan_resize(world: World, command: ResizeInstance) -> Planned:
    """Check a change of type; a stopped instance costs nothing, so neither does this."""
    offer = _check_type(world, command.type)
    if isinstance(offer, Refused):
        return offer
    instance = _find(world, command.instance, STOPPED)
    if isinstance(instance, Refused):
        return instance
    if instance.type == command.type:
        return Refused(RefusalReason.NO_CHANGE, {"id": instance.id})

    def resize() -> str:
        before, instance.type = instance.type, command.type
        instance.credits = min(instance.credits, round(offer.credits_max * CREDIT))
        instance.throttled = offer.credits_per_hour > 0 and instance.credits <= 0
        cpu = instance.machine.cpu
        cpu.change(servers=offer.vcpus, room=_room(world, instance), speed=_speed(world, instance))
        _set_cache(world, instance)
        _set_meters(world, instance)
        world.tell(
            "instance_resized", "player", id=instance.id, type_before=before, type=command.type
        )
        return instance.id

    return Change(resize)


def plan_terminate(world: World, command: TerminateInstance) -> Planned:
    """Check a termination and say what it saves."""
    instance = _find(world, command.instance)
    if isinstance(instance, Refused):
        return instance
    roots = [world.all(ebs.Volume)[v] for v in instance.volumes]
    saved = sum(world.ledger.rate_month_micro_usd(r) for r in (instance.id, *instance.volumes))

    def terminate() -> str:
        world.tell("instance_terminated", "player", id=instance.id)
        _go_down(world, instance)
        instance.era += 1
        for volume in roots:
            ebs.delete(world, volume)
        for role, holder in world.addresses.items():
            if holder == instance.id:
                world.addresses[role] = None
        del world.all(Instance)[instance.id]
        world.retire(instance.id)
        world.rewire()
        return instance.id

    return Change(terminate, -saved)


def plan_point(world: World, command: PointAddress) -> Planned:
    """Check whether an instance can answer for a role."""
    instance = _find(world, command.instance, RUNNING)
    if isinstance(instance, Refused):
        return instance
    role, before = command.role, world.addresses[command.role]
    if role not in instance.roles:
        return Refused(RefusalReason.ROLE_NOT_PLAYED, {"id": instance.id, "role": role})
    if before == instance.id:
        return Refused(RefusalReason.NO_CHANGE, {"id": instance.id})
    home = world.homes.get(role)
    if home is not None and home not in instance.volumes:
        details: Details = {"role": role, "id": instance.id, "home": home}
        return Refused(RefusalReason.DATA_ELSEWHERE, details)
    if world.traffic.would_loop({**world.addresses, role: instance.id}):
        remedy = _loop_remedy(world, command)
        loop: Details = {"machine": before or instance.id, "role": role, "remedy": remedy}
        return Refused(RefusalReason.WOULD_LOOP, loop)

    def point() -> str:
        world.addresses[role] = instance.id
        _settle_data(world, instance)
        world.tell("address_pointed", "player", role=role, id=instance.id, before=before or "")
        refit(world)
        return instance.id

    return Change(point)


def crash(world: World, instance: Instance) -> None:
    """The instance dies at once and is found stopped; its volumes stay."""
    if instance.state != RUNNING:
        return
    _go_down(world, instance)
    instance.state, instance.until_s = STOPPED, None
    instance.era += 1
    world.tell("instance_crashed", "incident", id=instance.id)


def slow(world: World, instance: Instance, factor: float) -> None:
    """Multiply the CPU's speed by `factor`: a noisy neighbour, or the end of one."""
    instance.slowness *= factor
    instance.machine.cpu.change(speed=_speed(world, instance))


def judge_second(world: World) -> None:
    """At whole seconds: earn and burn CPU credits, and slow down whoever has none left."""
    for instance in world.all(Instance).values():
        kind = _kind(world, instance)
        if not kind.credits_per_hour or instance.state != RUNNING:
            continue
        share = kind.baseline if instance.throttled else 1.0
        earned = round(kind.credits_per_hour * CREDIT / 3_600)
        used = round(instance.machine.cpu.second.busy_s * share * 1_000_000)
        before = instance.credits
        after = min(before + earned - used, round(kind.credits_max * CREDIT))
        instance.credits = after
        low = kind.vcpus * 2 * CREDIT
        if after <= low < before:
            world.tell("credits_low", "board", id=instance.id, credits=after // CREDIT)
        if (after <= 0) != instance.throttled:
            instance.throttled = after <= 0
            instance.machine.cpu.change(speed=_speed(world, instance))
            if instance.throttled or before > 0:
                world.tell(
                    "credits_gone" if instance.throttled else "credits_back",
                    "board",
                    id=instance.id,
                )


def refit(world: World) -> None:
    """Give every machine the volumes of the roles it plays now, and route anew."""
    for instance in world.all(Instance).values():
        plays = frozenset(r for r, holder in world.addresses.items() if holder == instance.id)
        instance.machine.disks = ebs.disks(world, instance.volumes, plays | _lingering(instance))
    world.rewire()


def view(world: World, instance: Instance) -> InstanceView:
    """The instance as a frame shows it."""
    kind = _kind(world, instance)
    has_credits = kind.credits_per_hour > 0
    return InstanceView(
        id=instance.id,
        type=instance.type,
        os=instance.os,
        zone=instance.zone,
        state=instance.state,
        roles=instance.roles,
        vcpus=kind.vcpus,
        memory_gib=kind.gib,
        volumes=tuple(instance.volumes),
        rate_month_micro_usd=_hour_micro_usd(world, instance.type, instance.os) * MONTH_H,
        until_s=None if instance.until_s is None else round(instance.until_s, 3),
        credits=round(max(0, instance.credits) / CREDIT, 3) if has_credits else None,
        credits_max=kind.credits_max if has_credits else None,
        throttled=instance.throttled,
    )


def _kind(world: World, instance: Instance) -> InstanceType:
    return world.catalog.instance_types[instance.type]


def _hour_micro_usd(world: World, type_: str, os: str) -> int:
    """Price of an hour with its public IPv4 address."""
    ipv4 = round(world.catalog.ec2.ipv4_usd_hour * 1_000_000)
    return world.catalog.instance_types[type_].hour_micro_usd(os) + ipv4


def _speed(world: World, instance: Instance) -> float:
    share = _kind(world, instance).baseline if instance.throttled else 1.0
    return world.catalog.speed(instance.type) * share * instance.slowness


def _room(world: World, instance: Instance) -> int:
    per_gib = world.catalog.ec2.room_per_gib
    return instance.room or max(1, int(per_gib * _kind(world, instance).gib))


def _set_cache(world: World, instance: Instance) -> None:
    """Share of all tables that fits into the memory that caches them."""
    tables_gb = ebs.data_gb(world.scenario, ["db"])
    cache_gib = world.catalog.ec2.cache_share * _kind(world, instance).gib
    instance.machine.cached = min(1.0, cache_gib / tables_gb) if tables_gb else 1.0


def _set_meters(world: World, instance: Instance) -> None:
    """The lines of the bill that this type runs on; closed ones stay on the bill."""
    minimum = world.catalog.ec2.minimum_billed_s
    price = _kind(world, instance).hour_micro_usd(instance.os)
    ipv4 = round(world.catalog.ec2.ipv4_usd_hour * 1_000_000)
    label = f"{instance.type} {instance.os.capitalize()}"
    instance.meters = [HourMeter(price, minimum), HourMeter(ipv4, 0)]
    for name, meter in zip((label, "public IPv4"), instance.meters, strict=True):
        world.ledger.add(instance.id, name, meter)


def _create(
    world: World,
    name: str,
    type_: str,
    os: str,
    zone: str,
    roles: tuple[str, ...],
    room: int | None,
) -> Instance:
    kind = world.catalog.instance_types[type_]
    cpu = Station(f"{name}/cpu", world.traffic.place_of(name), kind.vcpus, 1)
    cpu.now = world.now
    machine = Machine(name, cpu)
    instance = Instance(name, world.count("ec2"), type_, os, zone, roles, machine, room=room)
    instance.throttled = kind.credits_per_hour > 0
    cpu.change(room=_room(world, instance), speed=_speed(world, instance))
    _set_cache(world, instance)
    _set_meters(world, instance)
    world.all(Instance)[name] = instance
    world.machines[name] = machine
    return instance


def _give_volume(world: World, instance: Instance, type_: str, gb: int, iops: int | None) -> None:
    room = instance.machine.cpu.room
    volume = ebs.create(world, type_, gb, iops, instance.zone, instance.id, room)
    instance.volumes.append(volume.id)


def _enter(world: World, instance: Instance, state: str, delay_s: float) -> None:
    """Be in a passing state until `delay_s` from now, unless something else happens first."""
    instance.state = state
    instance.era += 1
    instance.until_s = world.now + delay_s
    world.env.process(_pass_on(world, instance, instance.era))


def _pass_on(world: World, instance: Instance, era: int) -> Generator[simpy.Event, Any, None]:
    assert instance.until_s is not None
    yield world.env.timeout(instance.until_s - world.now)
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
    install_s = 0.0 if instance.installed else delays.install_role_s * len(instance.roles)
    for meter in instance.meters:
        meter.booked = True
    _enter(world, instance, PENDING, boot_s + install_s)


def _begin_running(world: World, instance: Instance) -> None:
    """It answers and is billed from now on, and takes the addresses that nobody holds."""
    instance.machine.up = True
    for meter in instance.meters:
        meter.start(micros(world.now))
    for role in instance.roles:
        home = world.homes.get(role)
        if world.addresses[role] is None and (home is None or home in instance.volumes):
            taken = {**world.addresses, role: instance.id}
            if not world.traffic.would_loop(taken):
                world.addresses[role] = instance.id
    _settle_data(world, instance)
    refit(world)


def _settle_data(world: World, instance: Instance) -> None:
    """Data that lies nowhere yet begins on the root volume of whoever plays its role first."""
    for role in world.homes:
        if world.homes[role] is None and world.addresses[role] == instance.id:
            world.homes[role] = instance.volumes[0]


def _go_down(world: World, instance: Instance) -> None:
    """It stops answering and being billed; what it held fails."""
    machine = instance.machine
    machine.up = False
    machine.fail_all(world.traffic, world.now, FailureReason.BAD_GATEWAY)
    for meter in instance.meters:
        meter.stop(micros(world.now), world.ledger.duration_s)


def _lingering(instance: Instance) -> frozenset[str]:
    """Data roles whose requests still are on its volumes."""
    return frozenset(r for r, d in instance.machine.disks.items() if d and len(d.station))


def _prefix(roles: tuple[str, ...]) -> str:
    return roles[0]


def _free_name(world: World, roles: tuple[str, ...]) -> str:
    while True:
        name = f"{_prefix(roles)}-{world.count(_prefix(roles))}"
        if name not in world.traffic.places:
            return name


def _find(world: World, instance_id: str, needs: str | None = None) -> Instance | Refused:
    instance = world.all(Instance).get(instance_id)
    if instance is None:
        return Refused(RefusalReason.UNKNOWN_RESOURCE, {"id": instance_id})
    if needs is not None and instance.state != needs:
        details: Details = {"id": instance.id, "state": instance.state, "needs": needs}
        return Refused(RefusalReason.WRONG_STATE, details)
    return instance


def _check_type(world: World, type_: str) -> InstanceType | Refused:
    kind = world.catalog.instance_types.get(type_)
    if kind is None:
        return Refused(RefusalReason.UNKNOWN_TYPE, {"type": type_})
    if not is_offered(world.scenario, f"ec2:{type_}"):
        return Refused(RefusalReason.NOT_ON_OFFER, {"what": type_})
    return kind


def _check_name(world: World, name: str | None) -> Refused | None:
    if name is None:
        return None
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,23}", name):
        return Refused(RefusalReason.BAD_NAME, {"name": name})
    # A name is never given twice, so that the bill and the news stay clear.
    if name in world.traffic.places:
        return Refused(RefusalReason.NAME_TAKEN, {"name": name})
    return None


def _check_volume(world: World, command: LaunchInstance, roles: tuple[str, ...]) -> Refused | None:
    if not is_offered(world.scenario, "ebs:gp3"):
        return Refused(RefusalReason.NOT_ON_OFFER, {"what": "gp3"})
    homeless = [r for r in roles if r in world.homes and world.homes[r] is None]
    kind = world.catalog.volume_types["gp3"]
    least = max(kind.min_gb, int(-(-ebs.data_gb(world.scenario, homeless) // 1)))
    if not least <= command.volume_gb <= kind.max_gb:
        details: Details = {
            "field": "volume_gb",
            "value": command.volume_gb,
            "expected": f"{least} to {kind.max_gb}",
        }
        return Refused(RefusalReason.BAD_NUMBER, details)
    return None


def _loop_remedy(world: World, command: PointAddress) -> str:
    """The role to move along, after which the way is straight: what to do instead."""
    for role in ROLES:
        moved = {**world.addresses, command.role: command.instance, role: command.instance}
        if not world.traffic.would_loop(moved):
            return role
    return ""


COMMANDS: dict[type[Command], Callable[..., Planned]] = {
    LaunchInstance: plan_launch,
    StartInstance: plan_start,
    StopInstance: plan_stop,
    ResizeInstance: plan_resize,
    TerminateInstance: plan_terminate,
    PointAddress: plan_point,
}
"""Every command of this service, and what works it out."""
