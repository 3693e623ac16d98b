"""CloudWatch: what is measured every one or five minutes, and alarms on it.

A point of a period that ends at a second is the mean of the seconds of that
period, all of them, whenever an alarm on it was made: an alarm looks back.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated

from engine.board import Board
from engine.ledger import MonthMeter, micros
from engine.outcomes import Detail, RefusalReason, Refused
from engine.scenario import is_offered
from engine.services.change import Change
from engine.services.check import check_name, check_number
from engine.services.command import Command, choose
from engine.services.group import Group
from engine.services.instance import PENDING, STOPPED, Instance, find
from engine.services.policies import Points
from engine.services.service import Service
from engine.views import ResourceView
from engine.world import World

OK, ALARM, INSUFFICIENT = "ok", "alarm", "insufficient_data"

MOST_POINTS = 15
"""Points that an alarm may ask for, and so many are kept."""


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


@dataclass(slots=True)
class Metric:
    """How busy a resource was: this minute so far, the sums of the newest minutes, the points."""

    minute: Points = field(default_factory=Points)
    minutes: list[tuple[float, int]] = field(default_factory=list)
    points: Points = field(default_factory=Points)

    def close_minute(self, most: int) -> None:
        """A minute is over; at most so many are kept."""
        self.minutes.append((self.minute.total, self.minute.count))
        del self.minutes[:-most]
        self.minute = Points()

    def close(self, minutes: int) -> None:
        """A period of so many minutes is over: a new point."""
        for total, count in self.minutes[-minutes:]:
            self.points.add(total, count)
        self.points.close(MOST_POINTS)


@dataclass(slots=True)
class Monitoring:
    """An instance that is measured every minute."""

    instance: str
    meter: MonthMeter


def stands_at_start(world: World, board: Board) -> None:
    """Alarms of the opening board, and instances that are measured every minute for a fee."""
    for given in board.instances:
        if given.detailed:
            _watch(world, world.all(Instance)[given.id])
    for alarm in board.alarms:
        _make(world, alarm.id, alarm.resource, alarm.above, alarm.points)


def _watch(world: World, instance: Instance) -> None:
    """Measure it every minute from now on."""
    meter = MonthMeter("instance-month", _detailed_micro_usd(world), 1)
    world.ledger.add(instance.id, "detailed monitoring", meter)
    meter.start(micros(world.now))
    world.all(Monitoring)[instance.id] = Monitoring(instance.id, meter)
    instance.detailed = True


def _detailed_micro_usd(world: World) -> int:
    return round(world.catalog.cloudwatch.detailed_usd_month * 1_000_000)


def _make(world: World, name: str, resource: str, above: int, points: int) -> None:
    """An alarm that judges from now on."""
    world.traffic.place_of(name)  # so that nothing else is called that
    meter = MonthMeter("alarm-month", _alarm_micro_usd(world), 1)
    world.ledger.add(name, "alarm", meter)
    meter.start(micros(world.now))
    world.all(Alarm)[name] = Alarm(name, resource, float(above), points, meter)


def _alarm_micro_usd(world: World) -> int:
    return round(world.catalog.cloudwatch.alarm_usd_month * 1_000_000)


def plan_monitoring(world: World, command: SetMonitoring) -> Refused | Change:
    """Check how an instance is to be measured and say what it costs."""
    instance = find(world, command.instance)
    if isinstance(instance, Refused):
        return instance
    watched = world.all(Monitoring).get(instance.id)
    if instance.detailed and watched is None:
        details: Details = {"id": instance.id, "group": instance.group}
        return Refused(RefusalReason.MEASURED_BY_GROUP, details)
    if command.detailed == instance.detailed:
        return Refused(RefusalReason.NO_CHANGE, {"id": instance.id})
    price = _detailed_micro_usd(world)

    def monitor() -> str:
        if watched is None:
            _watch(world, instance)
        else:
            _stop(world, instance.id)
            instance.detailed = False
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
        or check_number("points", command.points, 1, MOST_POINTS)
    )
    if refused:
        return refused

    def create() -> str:
        name = command.name or world.free_name("alarm")
        _make(world, name, command.resource, command.above, command.points)
        world.tell("alarm_created", "player", id=name, resource=command.resource)
        return name

    return Change(create, _alarm_micro_usd(world))


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
    """Measure everything, and judge the alarms at every point."""
    _measure(world)
    minute_s = world.catalog.cloudwatch.detailed_s
    if round(world.now) % minute_s:
        return
    minutes = world.catalog.cloudwatch.basic_s // minute_s
    for resource, metric in world.all(Metric).items():
        metric.close_minute(minutes)
        period_s = _period_s(world, resource)
        if round(world.now) % period_s == 0:
            metric.close(period_s // minute_s)
    for alarm in world.all(Alarm).values():
        if round(world.now) % _period_s(world, alarm.resource) == 0:
            _judge(world, alarm)


def _measure(world: World) -> None:
    """This second of everything that has lived it; what is gone is forgotten."""
    metrics, busy = world.all(Metric), _busy(world)
    for resource in [name for name in metrics if name not in busy]:
        del metrics[resource]
    silent = _silent(world)
    for resource, share in busy.items():
        if resource not in silent:
            metrics.setdefault(resource, Metric()).minute.add(share)


def _silent(world: World) -> list[str]:
    """Instances that do not run, and volumes of those that groups have launched at this instant."""
    off = [i.id for i in world.all(Instance).values() if i.state in (PENDING, STOPPED)]
    members = (m for group in world.all(Group).values() for m in group.members.values())
    born = [world.all(Instance)[m.id] for m in members if m.launched_s == world.now]
    return off + [volume for instance in born for volume in instance.volumes]


def _period_s(world: World, resource: str) -> int:
    """Instances are measured every five minutes unless somebody pays for more, or their group."""
    figures, instance = world.catalog.cloudwatch, world.all(Instance).get(resource)
    return figures.detailed_s if instance is None or instance.detailed else figures.basic_s


def _newest(world: World, alarm: Alarm) -> list[float | None]:
    """The points that an alarm looks at, as many as there are."""
    metric = world.all(Metric).get(alarm.resource)
    return metric.points.points[-alarm.needed :] if metric else []


def _judge(world: World, alarm: Alarm) -> None:
    newest = [point for point in _newest(world, alarm) if point is not None]
    before = alarm.state
    if len(newest) < alarm.needed:
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
    return [_view(world, alarm) for alarm in world.all(Alarm).values()]


def _view(world: World, alarm: Alarm) -> ResourceView:
    newest = _newest(world, alarm)
    measured = newest[-1] if newest and newest[-1] is not None else 0.0
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
            "over": sum(point is not None and point > alarm.above for point in newest),
        },
    )


SERVICE = Service(
    "cloudwatch",
    {SetMonitoring: plan_monitoring, CreateAlarm: plan_create, DeleteAlarm: plan_delete},
    views=_views,
    judge_second=_judge_second,
    let_go=_stop,
)
