"""What watches a metric: alarms, and the policies of groups, with the points they look at.

What an alarm says and a group does is the engine's word; here are only the
points that they have looked at, and how many are missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from engine.catalog import CATALOG
from engine.frame import Frame
from engine.views import ResourceView
from tui.render.gauges import number_fact
from tui.render.history import History
from tui.render.metrics import Metric, metrics_of, next_end, slots

Kind = Literal["alarm", "out", "in", "more", "fewer"]
"""An alarm; target tracking out and in; a step that adds and one that takes away."""

JUDGED = ("cpu", "requests_per_target")


@dataclass(frozen=True)
class Condition:
    """So many points of a metric in a row above (or below) a bound.

    `points` are the newest ones, the newest last, None where nothing was
    measured; `next_s` is when the next one comes. `state` is the alarm's own,
    of a policy ``""``; `wanted` and `at_end` are how many
    instances its group wants, and whether it may not go further that way.
    """

    id: str
    kind: Kind
    metric: Metric | None
    bound: float
    needed: int
    points: tuple[float | None, ...]
    next_s: int
    state: str
    resource: str
    wanted: int = 0
    at_end: bool = False

    @property
    def below(self) -> bool:
        """Whether points below the bound count, not those above."""
        return self.kind in ("in", "fewer")

    def counts(self, point: float | None) -> bool:
        """Whether a point is beyond the bound."""
        if point is None:
            return False
        return point < self.bound if self.below else point > self.bound

    @property
    def over(self) -> int:
        """How many points are beyond the bound: an alarm's of all, a policy's in a row."""
        if self.kind == "alarm":
            return sum(self.counts(point) for point in self.points)
        row = 0
        for point in reversed(self.points):
            if not self.counts(point):
                break
            row += 1
        return row


def conditions_of(frame: Frame, history: History) -> tuple[Condition, ...]:
    """Everything that watches: policies by group, then alarms."""
    metrics = metrics_of(frame)
    judged = {(m.resource, m.judged): m for m in metrics if m.judged}
    alarmed = {m.resource: m for m in metrics if m.alarmed}
    found: list[Condition] = []
    for view in frame.resources:
        if view.service == "autoscaling":
            for name in JUDGED:
                metric = judged[view.id, name]
                found += _policies(view, name, metric, history, frame.second)
    for view in frame.resources:
        if view.service == "cloudwatch":
            found.append(_alarm(view, alarmed, history, frame.second))
    return tuple(found)


def _policies(
    view: ResourceView, name: str, metric: Metric, history: History, until: int
) -> list[Condition]:
    rules = CATALOG.autoscaling
    bounds: list[tuple[Kind, float | None, int]] = [
        ("out", number_fact(view, f"track_{name}"), rules.out_points),
        ("in", _low(number_fact(view, f"track_{name}")), rules.in_points),
        ("more", number_fact(view, f"step_{name}"), rules.out_points),
        ("fewer", number_fact(view, f"fewer_{name}"), rules.in_points),
    ]
    found = []
    for kind, bound, needed in bounds:
        if bound is not None:
            points = tuple(slots(metric, history, until, needed))
            next_s = next_end(metric, history, until)
            end = "least" if kind in ("in", "fewer") else "most"
            made = Condition(
                view.id, kind, metric, bound, needed, points, next_s, "", view.id,
                int(number_fact(view, "desired") or 0),
                view.facts.get("desired") == view.facts.get(end),
            )  # fmt: skip
            found.append(made)
    return found


def _low(target: float | None) -> float | None:
    """Where target tracking begins to take away."""
    return None if target is None else target * CATALOG.autoscaling.low_share


def _alarm(
    view: ResourceView, alarmed: Mapping[str, Metric], history: History, until: int
) -> Condition:
    resource = str(view.facts.get("resource", ""))
    metric = alarmed.get(resource)
    needed = int(number_fact(view, "points") or 1)
    bound = number_fact(view, "above") or 0.0
    points: tuple[float | None, ...] = (None,) * needed
    next_s = (until // CATALOG.cloudwatch.detailed_s + 1) * CATALOG.cloudwatch.detailed_s
    if metric is not None:
        points = tuple(slots(metric, history, until, needed))
        next_s = next_end(metric, history, until)
    return Condition(view.id, "alarm", metric, bound, needed, points, next_s, view.state, resource)
