"""A group of alike instances: it measures, decides, replaces what is sick, and keeps its size."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from engine.board import BoardGroup
from engine.ledger import MonthMeter, micros
from engine.outcomes import Refused
from engine.scenario import Role, Zone
from engine.services import ami, ec2, registration, targets
from engine.services.ec2 import LaunchInstance
from engine.services.instance import PENDING, RUNNING, Instance
from engine.services.policies import (
    Points,
    Scheduled,
    Step,
    Tracking,
    wanted_in,
    wanted_out,
)
from engine.services.targets import DRAINING, HEALTHY, UNHEALTHY, Balancer
from engine.views import PolicyView, ResourceView, SizeView
from engine.world import World

Health = Literal["ec2", "elb"]


@dataclass(frozen=True, slots=True)
class Spec:
    """What a group's instances are to be, where, and whose word on their health counts."""

    type: str
    roles: tuple[Role, ...]
    image: str | None
    balancer: str | None
    zones: tuple[Zone, ...]
    health: Health
    detailed: bool


@dataclass(slots=True)
class Member:
    """An instance of a group: since when it has been in service, None while it is not yet."""

    id: str
    launched_s: float
    in_service_s: float | None = None
    leaving: bool = False


@dataclass(slots=True, eq=False)
class Group:
    """A group: what its instances are, how many, and what it has measured.

    Steps rest for `cooldown_s` after `scaled_s`, when a policy changed its size;
    target tracking, replacements and what the player does never wait for that.
    """

    id: str
    spec: Spec
    least: int
    desired: int
    most: int
    warmup_s: int
    grace_s: int
    cooldown_s: int
    monitoring: MonthMeter
    members: dict[str, Member] = field(default_factory=dict)
    policies: list[Tracking | Step] = field(default_factory=list)
    schedule: list[Scheduled] = field(default_factory=list)
    points: dict[str, Points] = field(
        default_factory=lambda: {"cpu": Points(), "requests_per_target": Points()}
    )

    scaled_s: float = -math.inf

    def staying(self) -> list[Member]:
        """Those that count: all that are not on their way out."""
        return [m for m in self.members.values() if not m.leaving]


LONG_AGO_S = -1_000_000.0
"""Since when the members of an opening board have been there, the first of them the longest."""


def stands_at_start(world: World, given: BoardGroup) -> None:
    """A group of the opening board: its members are in service, and warmed up long ago."""
    spec = Spec(
        given.type,
        given.roles,
        given.image,
        given.balancer,
        given.zones,
        given.health,
        given.detailed,
    )
    group = make(world, given.id, spec, (given.least, given.desired, given.most))
    group.warmup_s = group.warmup_s if given.warmup_s is None else given.warmup_s
    group.grace_s = group.grace_s if given.grace_s is None else given.grace_s
    group.cooldown_s = group.cooldown_s if given.cooldown_s is None else given.cooldown_s
    group.policies += [Tracking(track.metric, track.target) for track in given.tracking]
    group.policies += [Step(step.metric, step.above, step.add) for step in given.steps]
    group.schedule += [Scheduled(s.from_s, s.least, s.desired, s.most) for s in given.schedule]
    group.schedule.sort(key=lambda s: s.at_s)
    balancer = world.all(Balancer).get(given.balancer or "")
    for number, id in enumerate(given.members):
        instance, since_s = world.all(Instance)[id], LONG_AGO_S + number
        instance.group, instance.detailed = group.id, instance.detailed or spec.detailed
        group.members[id] = Member(id, since_s, in_service_s=since_s)
        if balancer is not None and id not in balancer.targets:
            targets.stands_at_start(world, balancer, instance)
    if balancer is not None:
        registration.refit(world, balancer)
    _measure_all(world, group)


def make(world: World, name: str, spec: Spec, sizes: tuple[int, int, int]) -> Group:
    """A group without members; sizes are the least, the desired and the most."""
    world.traffic.place_of(name)  # so that nothing else is called that
    price = round(world.catalog.cloudwatch.detailed_usd_month * 1_000_000)
    monitoring = MonthMeter("instance-month", price, 0)
    if spec.detailed:
        world.ledger.add(name, "detailed monitoring", monitoring)
        monitoring.start(micros(world.now))
    rules = world.catalog.autoscaling
    waits = (rules.warmup_s, rules.grace_s, rules.cooldown_s)
    group = world.all(Group)[name] = Group(name, spec, *sizes, *waits, monitoring)
    return group


def _measure_all(world: World, group: Group) -> None:
    """Pay for minute metrics of as many as there are, where that is wanted."""
    if group.monitoring.since_us is not None and group.monitoring.size != len(group.members):
        group.monitoring.resize(micros(world.now), len(group.members))


def _launch_of(group: Group, zone: Zone) -> LaunchInstance:
    spec = group.spec
    return LaunchInstance(spec.type, spec.roles, zone, image=spec.image)


def judge_second(world: World) -> None:
    """Measure, decide at every point, replace what is sick, and be as many as desired."""
    for group in world.all(Group).values():
        _put_in_service(world, group)
        _measure(world, group)
        _follow_schedule(world, group)
        figures = world.catalog.cloudwatch
        period_s = figures.detailed_s if group.spec.detailed else figures.basic_s
        if round(world.now) % period_s == 0:
            for points in group.points.values():
                points.close(world.catalog.autoscaling.in_points)
            _decide(world, group)
        _replace_sick(world, group)
        reconcile(world, group)


def _put_in_service(world: World, group: Group) -> None:
    """What runs joins the balancer; what needs no balancer's word is in service at once."""
    balancer = world.all(Balancer).get(group.spec.balancer or "")
    for member in group.staying():
        instance = world.all(Instance)[member.id]
        if instance.state != RUNNING:
            continue
        if balancer and member.id not in balancer.targets:
            targets.register(world, balancer, instance, 1)
            registration.refit(world, balancer)
        healthy = balancer is None or balancer.targets[member.id].state == HEALTHY
        if member.in_service_s is None and healthy:
            member.in_service_s = world.now


def _measure(world: World, group: Group) -> None:
    """The CPU of those that have warmed up, and what the balancer gave each of its targets."""
    for member in group.staying():
        if _is_warm(world, group, member):
            cpu = world.all(Instance)[member.id].machine.cpu
            group.points["cpu"].add(100.0 * cpu.second.busy_s / cpu.servers)
    balancer = world.all(Balancer).get(group.spec.balancer or "")
    if balancer:
        taking = sum(t.state == HEALTHY for t in balancer.targets.values())
        if taking:
            group.points["requests_per_target"].add(60.0 * balancer.passed_s / taking)


def _is_warm(world: World, group: Group, member: Member) -> bool:
    """Whether it counts in the metric: it has been in service for its warm-up."""
    since_s = member.in_service_s
    return since_s is not None and world.now - since_s >= group.warmup_s


def _follow_schedule(world: World, group: Group) -> None:
    while group.schedule and group.schedule[0].at_s <= world.now:
        due = group.schedule.pop(0)
        group.least, group.desired, group.most = due.least, due.desired, due.most
        world.tell("schedule_due", "board", id=group.id, desired=due.desired)


def _decide(world: World, group: Group) -> None:
    """More if any policy says so; fewer only if all agree that could ask for fewer."""
    rules, now = world.catalog.autoscaling, group.desired
    rests = world.now < group.scaled_s + group.cooldown_s
    policies = [p for p in group.policies if isinstance(p, Tracking) or not rests]
    if not policies:
        return
    measured = max(1, sum(_is_warm(world, group, m) for m in group.staying()))
    more = max(wanted_out(p, group.points[p.metric], measured, rules) for p in policies)
    both_ways = [p for p in policies if isinstance(p, Tracking) or p.add < 0]
    agreed = [wanted_in(p, group.points[p.metric], now, rules) for p in both_ways]
    wanted = max(more, now) if more > measured else max(agreed, default=now)
    wanted = min(max(wanted, group.least), group.most)
    if wanted == now:
        return
    group.desired, group.scaled_s = wanted, world.now
    kind = "scaling_out" if wanted > now else "scaling_in"
    world.tell(kind, "board", id=group.id, before=now, desired=wanted)


def _replace_sick(world: World, group: Group) -> None:
    """What is not running any more goes at once; what fails its checks, after its grace."""
    balancer = world.all(Balancer).get(group.spec.balancer or "")
    for member in group.staying():
        instance = world.all(Instance)[member.id]
        sick = instance.state not in (RUNNING, PENDING)
        if group.spec.health == "elb" and balancer and member.id in balancer.targets:
            over = world.now - member.launched_s >= group.grace_s
            running = instance.state == RUNNING
            sick |= over and running and balancer.targets[member.id].state == UNHEALTHY
        if sick:
            world.tell("member_replaced", "board", id=member.id, group=group.id)
            ec2.terminate_now(world, instance, "board")


def reconcile(world: World, group: Group) -> None:
    """Launch what is missing, where there is power; let go of what is too many."""
    launched = False
    up = [zone for zone in group.spec.zones if zone not in world.zones_down]
    most = world.catalog.ec2.max_instances
    while up and len(group.staying()) < group.desired and len(world.all(Instance)) < most:
        _launch(world, group, up)
        launched = True
    if launched:
        world.rewire()
    while len(group.staying()) > group.desired:
        _dismiss(world, group)
    _finish_leaving(world, group)
    _measure_all(world, group)


def _launch(world: World, group: Group, up: list[Zone]) -> None:
    zones = [world.all(Instance)[m.id].zone for m in group.staying()]
    zone = min(up, key=lambda z: (zones.count(z), group.spec.zones.index(z)))
    start = ami.start_from(world, group.spec.image, "linux")
    # An image that has gone since leaves what is bare: install what it would have brought.
    start = ami.BARE if isinstance(start, Refused) else start
    instance = ec2.launch(world, _launch_of(group, zone), group.spec.roles, start)
    instance.group, instance.detailed = group.id, group.spec.detailed
    group.members[instance.id] = Member(instance.id, world.now)
    world.tell("instance_launched", "board", id=instance.id, type=instance.type)


def _dismiss(world: World, group: Group) -> None:
    """One leaves: of the zone with most of them, the oldest."""
    staying = group.staying()
    zones = {m.id: world.all(Instance)[m.id].zone for m in staying}
    counts = {zone: list(zones.values()).count(zone) for zone in zones.values()}
    gone = max(staying, key=lambda m: (counts[zones[m.id]], -m.launched_s, zones[m.id]))
    gone.leaving = True
    balancer = world.all(Balancer).get(group.spec.balancer or "")
    target = balancer.targets.get(gone.id) if balancer else None
    if balancer and target and target.state != DRAINING:
        registration.drain(world, balancer, target, "board")


def _finish_leaving(world: World, group: Group) -> None:
    """What leaves and is drained is terminated."""
    balancer = world.all(Balancer).get(group.spec.balancer or "")
    for member in [m for m in group.members.values() if m.leaving]:
        if balancer is None or member.id not in balancer.targets:
            ec2.terminate_now(world, world.all(Instance)[member.id], "board")


def let_go(world: World, stage_id: str) -> None:
    """An instance that is gone is a member no more."""
    for group in world.all(Group).values():
        group.members.pop(stage_id, None)


def views(world: World) -> Iterable[ResourceView]:
    """Every group as a frame shows it."""
    return [_view(group) for group in world.all(Group).values()]


def _view(group: Group) -> ResourceView:
    newest = {name: points.points[-1:] for name, points in group.points.items()}
    facts: dict[str, bool | int | float | str] = {
        "least": group.least,
        "desired": group.desired,
        "most": group.most,
        "in_service": sum(m.in_service_s is not None for m in group.staying()),
        "instances": len(group.members),
        "detailed": group.spec.detailed,
        "zones": " ".join(group.spec.zones),
        "installed": " ".join(group.spec.roles),
        "image": group.spec.image or "",
        "balancer": group.spec.balancer or "",
        "health": group.spec.health,
        "warmup_s": group.warmup_s,
        "grace_s": group.grace_s,
        "cooldown_s": group.cooldown_s,
    }
    for policy in group.policies:
        if isinstance(policy, Tracking):
            facts[f"track_{policy.metric}"] = policy.target
        else:
            facts[f"{'step' if policy.add > 0 else 'fewer'}_{policy.metric}"] = policy.above
    for name, points in newest.items():
        if points and points[0] is not None:
            facts[f"point_{name}"] = round(points[0], 3)
    if group.schedule:
        facts["scheduled_s"] = group.schedule[0].at_s
    return ResourceView(
        id=group.id,
        service="autoscaling",
        type=group.spec.type,
        rate_month_micro_usd=group.monitoring.month_micro_usd(),
        facts={name: fact for name, fact in facts.items() if fact != ""},
        policies=tuple(map(_policy_view, group.policies)),
        schedule=tuple(SizeView(s.at_s, s.least, s.desired, s.most) for s in group.schedule),
    )


def _policy_view(policy: Tracking | Step) -> PolicyView:
    if isinstance(policy, Tracking):
        return PolicyView(policy.metric, policy.target)
    return PolicyView(policy.metric, policy.above, policy.add)
