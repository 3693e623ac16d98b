"""An EC2 instance: what it is, how fast it works, what it costs, and how a frame shows it."""

import math
from dataclasses import dataclass, field

from engine.catalog import CATALOG, InstanceType
from engine.flow.machine import Machine
from engine.flow.station import Station
from engine.ledger import HourMeter, UsageMeter
from engine.outcomes import RefusalReason, Refused
from engine.services import homes
from engine.services.credits import CREDIT, earn_and_burn
from engine.views import InstanceView
from engine.world import World

PENDING, RUNNING, STOPPING, STOPPED = "pending", "running", "stopping", "stopped"

MONTH_H = CATALOG.month_hours


@dataclass(slots=True, eq=False)
class Instance:
    """An instance. `era` grows with every change of state: what was planned before is void.

    `credits` is in vCPU-microseconds, and is below zero while what was used
    beyond the balance in one second is paid back. `ready` are the roles that its
    `image` brought, `software_micro_usd` what that costs an hour; `group` what it
    belongs to; `detailed` whether it is measured every minute. `unlimited` is whether a t3
    goes on at full speed without credits, for `surplus` on the bill.
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
    ready: tuple[str, ...] = ()
    software_micro_usd: int = 0
    image: str | None = None
    group: str = ""
    detailed: bool = False
    credits: int = 0
    unlimited: bool = False
    throttled: bool = False
    told_low: bool = False
    told_no_credits: bool = False
    slowed_by: list[float] = field(default_factory=list)
    meters: list[HourMeter] = field(default_factory=list)
    surplus: UsageMeter | None = None


def create(
    world: World,
    name: str,
    type_: str,
    os: str,
    zone: str,
    roles: tuple[str, ...],
    *,
    room: int | None = None,
    unlimited: bool = False,
    ready: tuple[str, ...] = (),
    software_micro_usd: int = 0,
    image: str | None = None,
) -> Instance:
    """A new instance without a volume; it is not up yet."""
    kind = world.catalog.instance_types[type_]
    cpu = Station(f"{name}/cpu", world.traffic.place_of(name), kind.vcpus, 1)
    cpu.now = world.now
    machine = Machine(name, cpu, roles)
    machine.zone = zone
    ordinal = world.count("ec2")
    instance = Instance(name, ordinal, type_, os, zone, roles, machine, room=room)
    instance.unlimited, instance.ready = unlimited, ready
    instance.software_micro_usd, instance.image = software_micro_usd, image
    fit(world, instance)
    set_meters(world, instance)
    world.all(Instance)[name] = instance
    world.stages[name] = machine
    return instance


def kind_of(world: World, instance: Instance) -> InstanceType:
    """Its row of the catalog."""
    return world.catalog.instance_types[instance.type]


def hour_micro_usd(world: World, type_: str, os: str) -> int:
    """Price of an hour with its public IPv4 address, in micro-dollars."""
    ipv4 = round(world.catalog.ec2.ipv4_usd_hour * 1_000_000)
    return world.catalog.instance_types[type_].hour_micro_usd(os) + ipv4


def fit(world: World, instance: Instance) -> None:
    """Make its machine what its type says: vCPUs, room, speed, memory that caches tables."""
    kind = kind_of(world, instance)
    out = kind.credits_per_hour > 0 and instance.credits <= 0
    instance.throttled = out and not instance.unlimited
    per_gib = world.catalog.ec2.room_per_gib
    room = instance.room or max(1, int(per_gib * kind.gib))
    cpu = instance.machine.cpu
    cpu.change(servers=kind.vcpus, room=room, speed=_speed(world, instance))
    tables_gb = homes.data_gb(world, ["db"])
    cache_gib = world.catalog.ec2.cache_share * kind.gib
    instance.machine.cached = min(1.0, cache_gib / tables_gb) if tables_gb else 1.0


def pace(world: World, instance: Instance) -> None:
    """Let its CPU work at the speed that it has now."""
    instance.machine.cpu.change(speed=_speed(world, instance))


def judge_credits(world: World) -> None:
    """At whole seconds: earn and burn; whoever has nothing left slows down, or pays."""
    prices = world.catalog.ec2
    for instance in world.all(Instance).values():
        kind = kind_of(world, instance)
        if kind.credits_per_hour and instance.state == RUNNING:
            windows = instance.os == "windows"
            usd = prices.surplus_windows_usd_hour if windows else prices.surplus_linux_usd_hour
            if earn_and_burn(world, instance, kind, usd):
                pace(world, instance)


def _speed(world: World, instance: Instance) -> float:
    share = kind_of(world, instance).baseline if instance.throttled else 1.0
    return world.catalog.speed(instance.type) * share * math.prod(instance.slowed_by)


def set_meters(world: World, instance: Instance) -> None:
    """The lines of the bill that this type runs on; closed ones stay on the bill."""
    minimum = world.catalog.ec2.minimum_billed_s
    price = kind_of(world, instance).hour_micro_usd(instance.os)
    ipv4 = round(world.catalog.ec2.ipv4_usd_hour * 1_000_000)
    label = f"{instance.type} {instance.os.capitalize()}"
    instance.meters = [HourMeter(price, minimum), HourMeter(ipv4, 0)]
    names = [label, "public IPv4"]
    if instance.software_micro_usd:
        instance.meters.append(HourMeter(instance.software_micro_usd, minimum))
        names.append("Marketplace software")
    for name, meter in zip(names, instance.meters, strict=True):
        world.ledger.add(instance.id, name, meter)


def find(world: World, instance_id: str, needs: str | None = None) -> Instance | Refused:
    """The instance of that id, in the state that is needed, or why not."""
    instance = world.all(Instance).get(instance_id)
    if instance is None:
        return Refused(RefusalReason.UNKNOWN_RESOURCE, {"id": instance_id})
    if needs is not None and instance.state != needs:
        details = {"id": instance.id, "state": instance.state, "needs": needs}
        return Refused(RefusalReason.WRONG_STATE, {**details})
    return instance


def view(world: World, instance: Instance) -> InstanceView:
    """The instance as a frame shows it."""
    kind = kind_of(world, instance)
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
        rate_month_micro_usd=hour_micro_usd(world, instance.type, instance.os) * MONTH_H,
        until_s=None if instance.until_s is None else round(instance.until_s, 3),
        credits=round(max(0, instance.credits) / CREDIT, 3) if has_credits else None,
        credits_max=kind.credits_max if has_credits else None,
        unlimited=instance.unlimited,
        throttled=instance.throttled,
        group=instance.group,
        detailed=instance.detailed,
        image=instance.image,
        room=instance.room,
    )
