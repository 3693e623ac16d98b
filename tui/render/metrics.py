"""The metrics that CloudWatch has of a board, and their points, period by period.

A point is made of the seconds of its period and known when that has ended, not
before. Periods begin at whole minutes: one, or five for an instance that nobody
pays for. The points of a group are those that its policies have judged.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from math import fsum
from typing import Literal, NamedTuple

from engine.catalog import CATALOG
from engine.frame import Frame
from tui.render.history import History

Unit = Literal["percent", "count", "a_second", "ms", "gb"]

Statistic = Literal["average", "sum"]

Every = Literal["minute", "five_minutes", "paid"]

MINUTE_S, BASIC_S = CATALOG.cloudwatch.detailed_s, CATALOG.cloudwatch.basic_s


class Point(NamedTuple):
    """A value over the seconds after `start_s`, up to and with `end_s`, when it became known."""

    start_s: int
    end_s: int
    value: float


@dataclass(frozen=True)
class Metric:
    """A metric of a resource by the name that CloudWatch gives it.

    `series` are its seconds in the history, `per` those that its sum is divided
    by. What is measured as is `paid` for has a point every five minutes, or
    every minute for a fee; `judged` is the group's own name of a metric whose
    points it gives; `alarmed` is what alarms watch.
    """

    resource: str
    name: str
    series: str
    unit: Unit = "count"
    statistic: Statistic = "average"
    per: str = ""
    scale: float = 1.0
    every: Every = "minute"
    judged: str = ""
    alarmed: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from all others."""
        return self.resource, self.name


def metrics_of(frame: Frame) -> tuple[Metric, ...]:
    """All metrics of what stands, by resource: fleets first, then what they stand on."""
    found: list[Metric] = []
    of_service = {"autoscaling": _group, "elb": _balancer, "rds": _database, "s3": _bucket}
    views = {
        name: [r for r in frame.resources if r.service == name and r.type != "backup"]
        for name in of_service
    }
    for view in views["autoscaling"]:
        found += _group(view.id)
    for view in views["elb"]:
        found += _balancer(view.id, frame.addresses.get("web") == view.id)
    for instance in frame.instances:
        found += _instance(instance.id, instance.credits is not None)
    for view in views["rds"]:
        found += _database(view.id)
    for volume in frame.volumes:
        found += _volume(volume.id)
    for view in views["s3"]:
        found += _bucket(view.id)
    return tuple(found)


def _busy(id: str, name: str, every: Every = "minute") -> Metric:
    """How busy its busiest place is: what an alarm on it watches."""
    return Metric(id, name, f"busy/{id}", "percent", scale=100.0, every=every, alarmed=True)


def _group(id: str) -> list[Metric]:
    cpu, each = f"fact/{id}/point_cpu", f"fact/{id}/point_requests_per_target"
    return [
        Metric(id, "CPUUtilization", cpu, "percent", every="paid", judged="cpu"),
        Metric(
            id, "RequestCountPerTarget", each, statistic="sum", every="paid",
            judged="requests_per_target",
        ),
        Metric(id, "GroupDesiredCapacity", f"fact/{id}/desired"),
        Metric(id, "GroupInServiceInstances", f"fact/{id}/in_service"),
    ]  # fmt: skip


def _balancer(id: str, takes_users: bool) -> list[Metric]:
    fact = f"fact/{id}"
    found = [
        Metric(id, "RequestCount", f"{fact}/requests_s", statistic="sum"),
        Metric(id, "RequestCountPerTarget", f"each/{id}", statistic="sum"),
        Metric(id, "HealthyHostCount", f"{fact}/healthy"),
        Metric(id, "HTTPCode_ELB_5XX_Count", f"5xx/{id}", statistic="sum"),
        Metric(id, "HTTPCode_Target_5XX_Count", f"5xx/{id}/target", statistic="sum"),
        Metric(id, "RejectedConnectionCount", f"{fact}/rejected_s", statistic="sum"),
        _busy(id, "RequestCount/limit"),
    ]
    if takes_users:
        time = Metric(id, "TargetResponseTime", f"answered/{id}/ms", "ms", per=f"answered/{id}")
        found.insert(3, time)
    return found


def _instance(id: str, has_credits: bool) -> list[Metric]:
    found = [_busy(id, "CPUUtilization", "paid")]
    if has_credits:
        found.append(Metric(id, "CPUCreditBalance", f"credits/{id}", every="five_minutes"))
    return found


def _database(id: str) -> list[Metric]:
    return [
        Metric(id, "CPUUtilization", f"load/{id}/cpu", "percent", scale=100.0),
        Metric(id, "DatabaseConnections", f"fact/{id}/connections"),
        Metric(id, "DiskQueueDepth", f"tasks/{id}/io"),
        Metric(id, "FreeStorageSpace", f"free/{id}", "gb"),
        _busy(id, "MAX(CPU, I/O)"),
    ]


def _volume(id: str) -> list[Metric]:
    return [
        Metric(id, "VolumeReadOps+WriteOps", f"iops/{id}", "a_second"),
        Metric(id, "VolumeQueueLength", f"tasks/{id}/io"),
        _busy(id, "VolumeThroughputPercentage"),
    ]


def _bucket(id: str) -> list[Metric]:
    return [
        Metric(id, "AllRequests", f"asked/{id}", statistic="sum"),
        Metric(id, "5xxErrors", f"fact/{id}/slowed_s", statistic="sum"),
        _busy(id, "AllRequests/limit"),
    ]


def period_s(metric: Metric, history: History, second: int) -> int:
    """The period of the point that ends at a second, or of the one that a second lies in.

    What is bought while time rests at a second holds from the next one on.
    """
    if metric.every != "paid":
        return MINUTE_S if metric.every == "minute" else BASIC_S
    series = f"detailed/{metric.resource}"
    detailed = history.value(series, second - 1)
    detailed = history.value(series, second) if detailed is None else detailed
    return MINUTE_S if detailed else BASIC_S


def next_end(metric: Metric, history: History, until: int) -> int:
    """When the next point will be known, as things stand."""
    period = period_s(metric, history, until + 1)
    return (until // period + 1) * period


def is_coming(metric: Metric, history: History, until: int) -> bool:
    """Whether the first point is on its way: it is measured, and no period of it is over yet."""
    if history.values(metric.series, 1, until - until % MINUTE_S):
        return False
    now = history.values(metric.series, max(0, until - MINUTE_S), until)
    return bool(now or metric.judged or not until)


def value_at(metric: Metric, history: History, end_s: int) -> float | None:
    """The point that ends at a second, or None where no period ends or nothing was measured."""
    period = period_s(metric, history, end_s)
    if end_s <= 0 or end_s % period:
        return None
    if metric.judged:
        return history.value(metric.series, end_s)
    first = end_s - period + 1
    values = history.values(metric.series, first, end_s)
    if not values:
        return None
    if metric.per:
        divisor = fsum(history.values(metric.per, first, end_s))
        return metric.scale * fsum(values) / divisor if divisor else None
    return metric.scale * (_sum if metric.statistic == "sum" else _mean)(values)


def newest(metric: Metric, history: History, until: int) -> Point | None:
    """The newest point that is known, if the newest period had one."""
    for end_s in _ends(metric, history, until):
        value = value_at(metric, history, end_s)
        start_s = end_s - period_s(metric, history, end_s)
        return None if value is None else Point(start_s, end_s, value)
    return None


def _ends(metric: Metric, history: History, until: int) -> Iterator[int]:
    """When periods have ended, the newest first."""
    for end_s in range(until - until % MINUTE_S, 0, -MINUTE_S):
        if end_s % period_s(metric, history, end_s) == 0:
            yield end_s


def slots(metric: Metric, history: History, until: int, n: int) -> list[float | None]:
    """The newest `n` points, the newest last; None where nothing was measured."""
    ends = islice(_ends(metric, history, until), n)
    found = [value_at(metric, history, end_s) for end_s in ends]
    return [None] * (n - len(found)) + found[::-1]


def points(metric: Metric, history: History, until: int) -> list[Point]:
    """Every point that is known at a second, oldest first; past ones are not worked out again."""
    if metric.judged:
        ends = range(MINUTE_S, until + 1, MINUTE_S)
        values = {end: value_at(metric, history, end) for end in ends}
        lengths = {end: period_s(metric, history, end) for end in ends}
    else:
        values, lengths = {}, {}
        for period in (MINUTE_S, BASIC_S):
            for number, value in enumerate(_curve(metric, history, until, period), 1):
                if period_s(metric, history, number * period) == period:
                    values[number * period] = value
                    lengths[number * period] = period
    return [
        Point(end - lengths[end], end, value)
        for end, value in sorted(values.items())
        if value is not None
    ]


def _curve(metric: Metric, history: History, until: int, period: int) -> list[float | None]:
    """The value of every period that is over, through the columns that the history keeps."""
    pick = _sum if metric.per or metric.statistic == "sum" else _mean
    columns = until // period

    def whole(series: str) -> list[float | None]:
        return history.curve(series, 1.0, period, columns, until, pick)

    values = whole(metric.series)
    if metric.per:
        pairs = zip(values, whole(metric.per), strict=True)
        values = [a / b if a is not None and b else None for a, b in pairs]
    return [None if value is None else metric.scale * value for value in values]


def steps(known: list[Point], start_s: float, step_s: float, columns: int) -> list[float | None]:
    """Points for a chart: for each column the value of the period in which its middle lies."""
    ends = [point.end_s for point in known]
    found: list[float | None] = []
    for column in range(columns):
        middle = start_s + (column + 0.5) * step_s
        at = bisect_right(ends, middle)
        inside = at < len(known) and known[at].start_s <= middle
        found.append(known[at].value if inside else None)
    return found


def _mean(values: list[float]) -> float:
    return fsum(values) / len(values)


def _sum(values: list[float]) -> float:
    return fsum(values)
