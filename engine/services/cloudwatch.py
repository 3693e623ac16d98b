"""CloudWatch: what is measured every one or five minutes, and alarms on it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated

from engine.frame import ResourceView
from engine.ledger import MonthMeter, micros
from engine.outcomes import Detail, RefusalReason, Refused
from engine.scenario import is_offered
from engine.services.change import Change
from engine.services.check import check_name, check_number
from engine.services.command import Command, choose
from engine.services.group import Group
from engine.services.instance import Instance, find
from engine.services.policies import Points
from engine.services.service import Service
from engine.world import World

OK, ALARM, INSUFFICIENT = "ok", "alarm", "insufficient_data"


class SetMonitoring(Command, frozen=True, tag="set_monitoring"):
    """Measure an instance every minute, for a fee, or every five for nothing."""

    instance: Annotated[str, choose("instance")]
    detailed: bool = True


class CreateAlarm(Command, frozen=True, tag="create_alarm"):
    """Be told when a resource has been busier than that for so many points in a row."""

    resource: Annotated[str, choose("measured")]
    above: int = 70
    points: int = 3
    name: str | None = None


class DeleteAlarm(Command, frozen=True, tag="delete_alarm"):
    """Be told no more."""

    alarm: Annotated[str, choose("alarm")]


Details = dict[str, Detail]


@dataclass(slots=True, eq=False)
class Alarm:
    """An alarm on how busy the busiest place of a resource is, in percent."""

    id: str
    resource: str
    above: float
    needed: int
    meter: MonthMeter
    state: str = INSUFFICIENT
    points: Points = field(default_factory=Points)


@dataclass(slots=True)
class Monitoring:
    """An instance that is measured every minute."""

    instance: str
    meter: MonthMeter


def plan_monitoring(world: World, command: SetMonitoring) -> Refused | Change:
    """Check how an instance is to be measured and say what it costs."""
    instance = find(world, command.instance)
    if isinstance(instance, Refused):
        return instance
    watched = world.all(Monitoring).get(instance.id)
    if command.detailed == (watched is not None):
        return Refused(RefusalReason.NO_CHANGE, {"id": instance.id})
    price = round(world.catalog.cloudwatch.detailed_usd_month * 1_000_000)

    def monitor() -> str:
        if watched is not None:
            _stop(world, instance.id)
        else:
            meter = MonthMeter("instance-month", price, 1)
            world.ledger.add(instance.id, "detailed monitoring", meter)
            meter.start(micros(world.now))
            world.all(Monitoring)[instance.id] = Monitoring(instance.id, meter)
        kind = "detailed_metrics" if command.detailed else "basic_metrics"
        world.tell(kind, "player", id=instance.id)
        return instance.id

    return Change(monitor, price if command.detailed else -price)


def plan_create(world: World, command: CreateAlarm) -> Refused | Change:
    """Check an alarm and say what it costs."""
    figures = world.catalog.cloudwatch
    if not is_offered(world.scenario, "cloudwatch:alarm"):
        return Refused(RefusalReason.NOT_ON_OFFER, {"what": "CloudWatch"})
    if command.resource not in _busy(world):
        return Refused(RefusalReason.UNKNOWN_RESOURCE, {"id": command.resource})
    if len(world.all(Alarm)) >= figures.max_alarms:
        return Refused(RefusalReason.LIMIT_REACHED, {"what": "alarms", "limit": figures.max_alarms})
    refused = (
        check_name(world, command.name)
        or check_number("above", command.above, 1, 100)
        or check_number("points", command.points, 1, 15)
    )
    if refused:
        return refused
    price = round(figures.alarm_usd_month * 1_000_000)

    def create() -> str:
        name = command.name or world.free_name("alarm")
        world.traffic.place_of(name)  # so that nothing else is called that
        meter = MonthMeter("alarm-month", price, 1)
        world.ledger.add(name, "alarm", meter)
        meter.start(micros(world.now))
        above = float(command.above)
        world.all(Alarm)[name] = Alarm(name, command.resource, above, command.points, meter)
        world.tell("alarm_created", "player", id=name, resource=command.resource)
        return name

    return Change(create, price)


def plan_delete(world: World, command: DeleteAlarm) -> Refused | Change:
    """Check that an alarm may go."""
    alarm = world.all(Alarm).get(command.alarm)
    if alarm is None:
        return Refused(RefusalReason.UNKNOWN_RESOURCE, {"id": command.alarm})

    def delete() -> str:
        alarm.meter.stop(micros(world.now), world.ledger.duration_s)
        del world.all(Alarm)[alarm.id]
        world.tell("alarm_deleted", "player", id=alarm.id)
        return alarm.id

    return Change(delete, -alarm.meter.unit_micro_usd)


def _busy(world: World) -> dict[str, float]:
    """How busy the busiest place of each resource was in this second, in percent."""
    busy: dict[str, float] = {}
    for service in world.services:
        for watched in service.places(world):
            share = 100.0 * watched.place.busy()
            busy[watched.resource] = max(busy.get(watched.resource, 0.0), share)
    return busy


def _judge_second(world: World) -> None:
    """Measure what there are alarms on, and judge them at every point."""
    if not world.all(Alarm):
        return
    busy = _busy(world)
    for alarm in world.all(Alarm).values():
        if alarm.resource in busy:
            alarm.points.add(busy[alarm.resource])
        if round(world.now) % _period_s(world, alarm.resource) == 0:
            alarm.points.close(alarm.needed)
            _judge(world, alarm)


def _period_s(world: World, resource: str) -> int:
    """Instances are measured every five minutes unless somebody pays for more, or their group."""
    figures, instance = world.catalog.cloudwatch, world.all(Instance).get(resource)
    if instance is None or resource in world.all(Monitoring):
        return figures.detailed_s
    group = world.all(Group).get(instance.group)
    return figures.detailed_s if group and group.spec.detailed else figures.basic_s


def _judge(world: World, alarm: Alarm) -> None:
    newest = alarm.points.newest(alarm.needed)
    before = alarm.state
    if not newest:
        alarm.state = INSUFFICIENT
    else:
        alarm.state = ALARM if min(newest) > alarm.above else OK
    told: Details = {"id": alarm.id, "resource": alarm.resource}
    if alarm.state == ALARM and before != ALARM:
        world.tell("alarm_on", "board", **told, percent=round(newest[-1]))
    elif before == ALARM and alarm.state != ALARM:
        world.tell("alarm_off", "board", **told)


def _stop(world: World, instance_id: str) -> None:
    watched = world.all(Monitoring).pop(instance_id, None)
    if watched:
        watched.meter.stop(micros(world.now), world.ledger.duration_s)


def _views(world: World) -> Iterable[ResourceView]:
    return [_view(alarm) for alarm in world.all(Alarm).values()]


def _view(alarm: Alarm) -> ResourceView:
    newest = alarm.points.points[-1:]
    measured = newest[0] if newest and newest[0] is not None else 0.0
    return ResourceView(
        id=alarm.id,
        service="cloudwatch",
        type="alarm",
        rate_month_micro_usd=alarm.meter.month_micro_usd(),
        state=alarm.state,
        facts={
            "resource": alarm.resource,
            "above": alarm.above,
            "points": alarm.needed,
            "measured": round(measured, 3),
        },
    )


SERVICE = Service(
    "cloudwatch",
    {SetMonitoring: plan_monitoring, CreateAlarm: plan_create, DeleteAlarm: plan_delete},
    views=_views,
    judge_second=_judge_second,
    let_go=_stop,
)
