"""How many instances a group should have: what target tracking, steps and schedules ask for.

Nothing here starts or stops anything; a group asks, and does.
"""

import math
from dataclasses import dataclass, field
from typing import Literal

from engine.catalog import AutoScaling

Metric = Literal["cpu", "requests_per_target"]


@dataclass(slots=True)
class Tracking:
    """A thermostat: keep a metric near `target` (CPU in percent, requests a minute)."""

    metric: Metric
    target: float


@dataclass(slots=True)
class Step:
    """Once a metric is above `above` (or below it, where `add` is negative), add so many."""

    metric: Metric
    above: float
    add: int


@dataclass(slots=True)
class Scheduled:
    """Bounds and size from a second on."""

    at_s: int
    least: int
    desired: int
    most: int


@dataclass(slots=True)
class Points:
    """A metric's points, newest last, None where nothing was measured; and the sum for the next."""

    points: list[float | None] = field(default_factory=list)
    total: float = 0.0
    count: int = 0

    def add(self, value: float, count: int = 1) -> None:
        """Measure some more in this period."""
        self.total += value
        self.count += count

    def close(self, most: int) -> None:
        """The period is over: a new point; at most so many are kept."""
        self.points.append(self.total / self.count if self.count else None)
        del self.points[:-most]
        self.total, self.count = 0.0, 0

    def newest(self, n: int) -> list[float]:
        """The newest n, or nothing if there are not so many in a row."""
        last = self.points[-n:]
        return [p for p in last if p is not None] if len(last) == n and None not in last else []


def wanted_out(policy: Tracking | Step, points: Points, now: int, rules: AutoScaling) -> int:
    """How many instances a policy asks for when it asks for more than `now`; else `now`."""
    newest = points.newest(rules.out_points)
    match policy:
        case Tracking(_, target) if newest and min(newest) > target:
            return max(now, math.ceil(now * newest[-1] / target))
        case Step(_, above, add) if add > 0 and newest and min(newest) > above:
            return now + add
    return now


def wanted_in(policy: Tracking | Step, points: Points, now: int, rules: AutoScaling) -> int:
    """How many instances a policy can do with when that is fewer than `now`; else `now`.

    It is careful: what was needed at the highest of the points is enough now.
    """
    newest = points.newest(rules.in_points)
    match policy:
        case Tracking(_, target) if newest and max(newest) < target * rules.low_share:
            return min(now, max(1, math.ceil(now * max(newest) / target)))
        case Step(_, below, add) if add < 0 and newest and max(newest) < below:
            return max(1, now + add)
    return now
