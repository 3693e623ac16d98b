"""Auto Scaling: groups that replace what fails, and grow and shrink with what is measured."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Literal

from engine.frame import ResourceView
from engine.ledger import MonthMeter, micros
from engine.outcomes import Detail, RefusalReason, Refused
from engine.scenario import ZONES, Role, Zone, is_offered
from engine.services import ami, ec2, elb, targets
from engine.services.change import Change
from engine.services.check import check_name, check_number
from engine.services.command import Command, choose
from engine.services.ec2 import LaunchInstance, TerminateInstance
from engine.services.elb import ROLES as BALANCED
from engine.services.instance import PENDING, RUNNING, Instance
from engine.services.policies import (
    Metric,
    Points,
    Scheduled,
    Step,
    Tracking,
    wanted_in,
    wanted_out,
)
from engine.services.service import Service
from engine.services.targets import DRAINING, HEALTHY, UNHEALTHY, Balancer
from engine.world import World

Health = Literal["ec2", "elb"]

GroupId = Annotated[str, choose("group")]


class CreateGroup(Command, frozen=True, tag="create_group"):
    """A group of alike instances that keeps its desired size, spread over zones.

    `health` says whose word counts: EC2's alone, or the balancer's as well.
    `detailed` pays for metrics every minute instead of every five.
    """

    type: Annotated[str, choose("instance_type")]
    roles: Annotated[tuple[Role, ...], choose("roles")] = ("web", "app")
    image: Annotated[str | None, choose("image")] = None
    balancer: Annotated[str | None, choose("balancer")] = None
    least: int = 1
    desired: int = 2
    most: int = 4
    zones: Annotated[tuple[Zone, ...], choose("zones")] = ("a", "b")
    health: Health = "elb"
    detailed: bool = True
    name: str | None = None


class ChangeGroup(Command, frozen=True, tag="change_group"):
    """Another size, or what its next instances are to be."""

    group: GroupId
    least: int | None = None
    desired: int | None = None
    most: int | None = None
    type: Annotated[str | None, choose("instance_type")] = None
    image: Annotated[str | None, choose("image")] = None
    warmup_s: int | None = None
    grace_s: int | None = None


class TrackTarget(Command, frozen=True, tag="track_target"):
    """Keep a metric near a target: CPU in percent, or requests a minute for each target."""

    group: GroupId
    metric: Metric = "cpu"
    target: int = 50


class AddStep(Command, frozen=True, tag="add_step"):
    """Add so many instances once a metric is above a bound; fewer than none takes some away."""

    group: GroupId
    metric: Metric = "cpu"
    above: int = 70
    add: int = 1


class ScheduleGroup(Command, frozen=True, tag="schedule_group"):
    """Another size from a second on."""

    group: GroupId
    at_s: int
    least: int
    desired: int
    most: int


class ClearPolicies(Command, frozen=True, tag="clear_policies"):
    """Let a group keep its size whatever is measured; what is scheduled goes too."""

    group: GroupId


class DeleteGroup(Command, frozen=True, tag="delete_group"):
    """Give a group up, and all its instances at once."""

    group: GroupId


Planned = Refused | Change
Details = dict[str, Detail]


@dataclass(slots=True)
class Member:
    """An instance of a group: since when it has been in service, None while it is not yet."""

    id: str
    launched_s: float
    in_service_s: float | None = None
    leaving: bool = False


@dataclass(slots=True, eq=False)
class Group:
    """A group: what its instances are, how many, and what it has measured."""

    id: str
    spec: CreateGroup
    least: int
    desired: int
    most: int
    warmup_s: int
    grace_s: int
    monitoring: MonthMeter
    members: dict[str, Member] = field(default_factory=dict)
    policies: list[Tracking | Step] = field(default_factory=list)
    schedule: list[Scheduled] = field(default_factory=list)
    points: dict[str, Points] = field(
        default_factory=lambda: {"cpu": Points(), "requests_per_target": Points()}
    )

    def staying(self) -> list[Member]:
        """Those that count: all that are not on their way out."""
        return [m for m in self.members.values() if not m.leaving]


def _launch_of(group: Group, zone: Zone) -> LaunchInstance:
    spec = group.spec
    return LaunchInstance(spec.type, spec.roles, zone, image=spec.image)


def plan_create(world: World, command: CreateGroup) -> Planned:
    """Check a new group and say what it costs at its desired size."""
    rules = world.catalog.autoscaling
    if not is_offered(world.scenario, "autoscaling:group"):
        return Refused(RefusalReason.NOT_ON_OFFER, {"what": "Auto Scaling"})
    if len(world.all(Group)) >= rules.max_groups:
        return Refused(RefusalReason.LIMIT_REACHED, {"what": "groups", "limit": rules.max_groups})
    if command.balancer is not None and command.balancer not in world.all(Balancer):
        return Refused(RefusalReason.UNKNOWN_RESOURCE, {"id": command.balancer})
    if not command.zones:
        return Refused(RefusalReason.UNKNOWN_ZONE, {"zone": "", "expected": ", ".join(ZONES)})
    refused = check_name(world, command.name) or _check_sizes(
        world, command.least, command.desired, command.most
    )
    if refused:
        return refused
    one = ec2.plan_launch(world, LaunchInstance(command.type, command.roles, image=command.image))
    if isinstance(one, Refused):
        return one
    for role, holder in world.addresses.items():
        if holder == command.balancer and role in BALANCED and role not in command.roles:
            id = command.name or "group"
            return Refused(RefusalReason.ROLE_NOT_PLAYED, {"id": id, "role": role})

    def create() -> str:
        name = command.name or world.free_name("group")
        world.traffic.place_of(name)  # so that nothing else is called that
        price = round(world.catalog.cloudwatch.detailed_usd_month * 1_000_000)
        monitoring = MonthMeter("instance-month", price, 0)
        if command.detailed:
            world.ledger.add(name, "detailed monitoring", monitoring)
            monitoring.start(micros(world.now))
        sizes = (command.least, command.desired, command.most)
        group = Group(name, command, *sizes, rules.warmup_s, rules.grace_s, monitoring)
        world.all(Group)[name] = group
        world.tell("group_created", "player", id=name, desired=command.desired)
        _reconcile(world, group)
        return name

    each = one.rate_delta_micro_usd + _monitoring_micro_usd(world, command)
    return Change(create, each * command.desired)


def _monitoring_micro_usd(world: World, spec: CreateGroup) -> int:
    """What measuring one instance every minute costs for a month, if that is wanted."""
    price = round(world.catalog.cloudwatch.detailed_usd_month * 1_000_000)
    return price if spec.detailed else 0


def _check_sizes(world: World, least: int, desired: int, most: int) -> Refused | None:
    limit = world.catalog.autoscaling.max_size
    return (
        check_number("most", most, 0, limit)
        or check_number("least", least, 0, most)
        or check_number("desired", desired, least, most)
    )


def plan_change(world: World, command: ChangeGroup) -> Planned:
    """Check another size or another kind of instance."""
    group = _find(world, command.group)
    if isinstance(group, Refused):
        return group
    least = group.least if command.least is None else command.least
    most = group.most if command.most is None else command.most
    desired = group.desired if command.desired is None else command.desired
    if command.desired is None:
        desired = min(max(desired, least), most)
    warmup_s = group.warmup_s if command.warmup_s is None else command.warmup_s
    grace_s = group.grace_s if command.grace_s is None else command.grace_s
    refused = (
        _check_sizes(world, least, desired, most)
        or check_number("warmup_s", warmup_s, 0, 3_600)
        or check_number("grace_s", grace_s, 0, 7_200)
    )
    if refused:
        return refused
    spec = CreateGroup(
        command.type or group.spec.type,
        group.spec.roles,
        command.image or group.spec.image,
        group.spec.balancer,
        zones=group.spec.zones,
        health=group.spec.health,
        detailed=group.spec.detailed,
    )
    one = ec2.plan_launch(world, LaunchInstance(spec.type, spec.roles, image=spec.image))
    if isinstance(one, Refused):
        return one

    def change() -> str:
        group.spec, group.least, group.most, group.desired = spec, least, most, desired
        group.warmup_s, group.grace_s = warmup_s, grace_s
        world.tell("group_changed", "player", id=group.id, desired=desired)
        _reconcile(world, group)
        return group.id

    each = one.rate_delta_micro_usd + _monitoring_micro_usd(world, spec)
    return Change(change, each * (desired - len(group.staying())))


def plan_track(world: World, command: TrackTarget) -> Planned:
    """Check a target; a group tracks a metric once."""
    group = _find(world, command.group)
    if isinstance(group, Refused):
        return group
    refused = check_number("target", command.target, 1, 100 if command.metric == "cpu" else 10**6)
    if refused:
        return refused

    def track() -> str:
        others = [p for p in group.policies if not _tracks(p, command.metric)]
        group.policies = [*others, Tracking(command.metric, float(command.target))]
        told: Details = {"id": group.id, "metric": command.metric, "target": command.target}
        world.tell("target_tracked", "player", **told)
        return group.id

    return Change(track)


def _tracks(policy: Tracking | Step, metric: str) -> bool:
    return isinstance(policy, Tracking) and policy.metric == metric


def plan_step(world: World, command: AddStep) -> Planned:
    """Check a step."""
    group = _find(world, command.group)
    if isinstance(group, Refused):
        return group
    most = world.catalog.autoscaling.max_size
    refused = check_number("add", command.add, -most, most) or check_number(
        "above", command.above, 0, 10**6
    )
    if refused:
        return refused
    if command.add == 0:
        return Refused(RefusalReason.NO_CHANGE, {"id": group.id})

    def add() -> str:
        group.policies.append(Step(command.metric, float(command.above), command.add))
        told: Details = {"id": group.id, "metric": command.metric, "above": command.above}
        world.tell("step_added", "player", **told, add=command.add)
        return group.id

    return Change(add)


def plan_schedule(world: World, command: ScheduleGroup) -> Planned:
    """Check a size for later."""
    group = _find(world, command.group)
    if isinstance(group, Refused):
        return group
    refused = check_number(
        "at_s", command.at_s, int(world.now) + 1, world.scenario.duration_s
    ) or _check_sizes(world, command.least, command.desired, command.most)
    if refused:
        return refused

    def schedule() -> str:
        sizes = (command.least, command.desired, command.most)
        group.schedule.append(Scheduled(command.at_s, *sizes))
        group.schedule.sort(key=lambda s: s.at_s)
        told: Details = {"id": group.id, "at_s": command.at_s, "desired": command.desired}
        world.tell("group_scheduled", "player", **told)
        return group.id

    return Change(schedule)


def plan_clear(world: World, command: ClearPolicies) -> Planned:
    """Check that there is something to clear."""
    group = _find(world, command.group)
    if isinstance(group, Refused):
        return group
    if not group.policies and not group.schedule:
        return Refused(RefusalReason.NO_CHANGE, {"id": group.id})

    def clear() -> str:
        group.policies.clear()
        group.schedule.clear()
        world.tell("policies_cleared", "player", id=group.id)
        return group.id

    return Change(clear)


def plan_delete(world: World, command: DeleteGroup) -> Planned:
    """Check that a group may go and say what that saves."""
    group = _find(world, command.group)
    if isinstance(group, Refused):
        return group
    saved = -world.ledger.rate_month_micro_usd(group.id)
    for member in group.members:
        given_back = ec2.plan_terminate(world, TerminateInstance(member))
        saved += given_back.rate_delta_micro_usd if isinstance(given_back, Change) else 0

    def delete() -> str:
        for member in list(group.members):
            ec2.terminate_now(world, world.all(Instance)[member], "board")
        group.monitoring.stop(micros(world.now), world.ledger.duration_s)
        del world.all(Group)[group.id]
        world.tell("group_deleted", "player", id=group.id)
        return group.id

    return Change(delete, saved)


def _find(world: World, group_id: str) -> Group | Refused:
    group = world.all(Group).get(group_id)
    return group or Refused(RefusalReason.UNKNOWN_RESOURCE, {"id": group_id})


def _judge_second(world: World) -> None:
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
        _reconcile(world, group)


def _put_in_service(world: World, group: Group) -> None:
    """What runs joins the balancer; what needs no balancer's word is in service at once."""
    balancer = world.all(Balancer).get(group.spec.balancer or "")
    for member in group.staying():
        instance = world.all(Instance)[member.id]
        if instance.state != RUNNING:
            continue
        if balancer and member.id not in balancer.targets:
            targets.register(world, balancer, instance, 1)
            elb.refit(world, balancer)
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
    if not group.policies:
        return
    measured = max(1, sum(_is_warm(world, group, m) for m in group.staying()))
    more = max(wanted_out(p, group.points[p.metric], measured, rules) for p in group.policies)
    both_ways = [p for p in group.policies if isinstance(p, Tracking) or p.add < 0]
    agreed = [wanted_in(p, group.points[p.metric], now, rules) for p in both_ways]
    wanted = max(more, now) if more > measured else max(agreed, default=now)
    wanted = min(max(wanted, group.least), group.most)
    if wanted == now:
        return
    group.desired = wanted
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


def _reconcile(world: World, group: Group) -> None:
    """Launch what is missing; let go of what is too many."""
    launched = False
    while len(group.staying()) < group.desired:
        _launch(world, group)
        launched = True
    if launched:
        world.rewire()
    while len(group.staying()) > group.desired:
        _dismiss(world, group)
    _finish_leaving(world, group)
    if group.monitoring.since_us is not None and group.monitoring.size != len(group.members):
        group.monitoring.resize(micros(world.now), len(group.members))


def _launch(world: World, group: Group) -> None:
    zones = [world.all(Instance)[m.id].zone for m in group.staying()]
    up = [z for z in group.spec.zones if z not in world.zones_down] or list(group.spec.zones)
    zone = min(up, key=lambda z: (zones.count(z), group.spec.zones.index(z)))
    start = ami.start_from(world, group.spec.image, "linux")
    # An image that has gone since leaves what is bare: install what it would have brought.
    start = ami.BARE if isinstance(start, Refused) else start
    instance = ec2.launch(world, _launch_of(group, zone), group.spec.roles, start)
    instance.group = group.id
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
        elb.drain(world, balancer, target, "board")


def _finish_leaving(world: World, group: Group) -> None:
    """What leaves and is drained is terminated."""
    balancer = world.all(Balancer).get(group.spec.balancer or "")
    for member in [m for m in group.members.values() if m.leaving]:
        if balancer is None or member.id not in balancer.targets:
            ec2.terminate_now(world, world.all(Instance)[member.id], "board")


def _let_go(world: World, stage_id: str) -> None:
    for group in world.all(Group).values():
        group.members.pop(stage_id, None)


def _views(world: World) -> Iterable[ResourceView]:
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
    }
    for policy in group.policies:
        kind = "track" if isinstance(policy, Tracking) else "step"
        bound = policy.target if isinstance(policy, Tracking) else policy.above
        facts[f"{kind}_{policy.metric}"] = bound
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
        facts=facts,
    )


SERVICE = Service(
    "autoscaling",
    {
        CreateGroup: plan_create,
        ChangeGroup: plan_change,
        TrackTarget: plan_track,
        AddStep: plan_step,
        ScheduleGroup: plan_schedule,
        ClearPolicies: plan_clear,
        DeleteGroup: plan_delete,
    },
    views=_views,
    judge_second=_judge_second,
    let_go=_let_go,
)
