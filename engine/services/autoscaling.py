"""Auto Scaling: what a player does with groups that keep their size, or find their own."""

from dataclasses import replace
from typing import Annotated

from engine.ledger import micros
from engine.outcomes import Detail, RefusalReason, Refused
from engine.scenario import ZONES, Role, Zone, is_offered
from engine.services import ec2
from engine.services.change import Change
from engine.services.check import check_name, check_number
from engine.services.command import Command, choose
from engine.services.ec2 import LaunchInstance, TerminateInstance
from engine.services.elb import ROLES as BALANCED
from engine.services.group import (
    Group,
    Health,
    Spec,
    judge_second,
    let_go,
    make,
    reconcile,
    views,
)
from engine.services.instance import Instance
from engine.services.policies import Metric, Scheduled, Step, Tracking
from engine.services.service import Service
from engine.services.targets import Balancer
from engine.world import World

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
    cooldown_s: int | None = None


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
    from_s: Annotated[int, choose("clock")]
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
    spec = Spec(
        command.type,
        command.roles,
        command.image,
        command.balancer,
        command.zones,
        command.health,
        command.detailed,
    )
    one = _plan_one(world, spec)
    if isinstance(one, Refused):
        return one
    for role, holder in world.addresses.items():
        if holder == command.balancer and role in BALANCED and role not in command.roles:
            id = command.name or "group"
            return Refused(RefusalReason.ROLE_NOT_PLAYED, {"id": id, "role": role})

    def create() -> str:
        name = command.name or world.free_name("group")
        group = make(world, name, spec, (command.least, command.desired, command.most))
        world.tell("group_created", "player", id=name, desired=command.desired)
        reconcile(world, group)
        return name

    each = one.rate_delta_micro_usd + _monitoring_micro_usd(world, spec)
    return Change(create, each * command.desired)


def _plan_one(world: World, spec: Spec) -> Planned:
    """Check one instance of a group, in the first of its zones that has power."""
    zones = [zone for zone in spec.zones if zone not in world.zones_down] or spec.zones
    return ec2.plan_launch(world, LaunchInstance(spec.type, spec.roles, zones[0], image=spec.image))


def _monitoring_micro_usd(world: World, spec: Spec) -> int:
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
    cooldown_s = group.cooldown_s if command.cooldown_s is None else command.cooldown_s
    grace_s = group.grace_s if command.grace_s is None else command.grace_s
    refused = (
        _check_sizes(world, least, desired, most)
        or check_number("warmup_s", warmup_s, 0, 3_600)
        or check_number("cooldown_s", cooldown_s, 0, 3_600)
        or check_number("grace_s", grace_s, 0, 7_200)
    )
    if refused:
        return refused
    spec = replace(
        group.spec,
        type=command.type or group.spec.type,
        image=command.image or group.spec.image,
    )
    one = _plan_one(world, spec)
    if isinstance(one, Refused):
        return one

    def change() -> str:
        group.spec, group.least, group.most, group.desired = spec, least, most, desired
        group.warmup_s, group.grace_s, group.cooldown_s = warmup_s, grace_s, cooldown_s
        world.tell("group_changed", "player", id=group.id, desired=desired)
        reconcile(world, group)
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
        "from_s", command.from_s, int(world.now) + 1, world.scenario.duration_s
    ) or _check_sizes(world, command.least, command.desired, command.most)
    if refused:
        return refused

    def schedule() -> str:
        sizes = (command.least, command.desired, command.most)
        group.schedule.append(Scheduled(command.from_s, *sizes))
        group.schedule.sort(key=lambda s: s.at_s)
        told: Details = {"id": group.id, "at_s": command.from_s, "desired": command.desired}
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
    views=views,
    judge_second=judge_second,
    let_go=let_go,
)
