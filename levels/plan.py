"""A plan: commands with their times or conditions, a player written down."""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.complaint import Complaint
from engine.frame import Frame
from engine.outcomes import Outcome
from engine.scenario import Part, Seconds, one_of
from engine.services.command import Command
from engine.services.registry import read_command
from engine.simulation import Simulation
from engine.toml import convert, load_toml

MAX_STEPS = 500
"""More than a busy player does in a level."""

METRICS: dict[str, Callable[[Frame], float]] = {
    "rps": lambda frame: float(sum(c.demanded for c in frame.counts.values())),
    "late": lambda frame: float(sum(c.late for c in frame.counts.values())),
    "failed": lambda frame: float(sum(c.failed_total for c in frame.counts.values())),
    "waiting": lambda frame: float(sum(s.waiting_total for s in frame.stations)),
    "error_budget_left": lambda frame: frame.goals.error_budget_left,
    "tightest_utilization": lambda frame: max((s.utilization for s in frame.stations), default=0.0),
    "credits": lambda frame: min(
        (i.credits for i in frame.instances if i.credits is not None), default=float("inf")
    ),
}
"""What a condition may ask of a frame: counts are of its one second, shares are in 0..1."""

_COMPARE = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}

_CONDITION = re.compile(r"([a-z_]{1,40})\s*(>=|<=|>|<)\s*(\d{1,12}(?:\.\d{1,6})?)")


@dataclass(frozen=True)
class Condition:
    """`metric` compared with a number."""

    metric: str
    compare: str
    number: float

    def holds(self, frame: Frame) -> bool:
        """Whether it is true of this frame."""
        return bool(_COMPARE[self.compare](METRICS[self.metric](frame), self.number))


@dataclass(frozen=True)
class Step:
    """One command and when it is given, which is one of three.

    At second `at_s`; `after_s` seconds after the step above it; or once `when`
    has held for `for_s` seconds on end.
    """

    command: Command
    at_s: int | None = None
    after_s: int | None = None
    when: Condition | None = None
    for_s: int = 0


@dataclass(frozen=True)
class Plan:
    """The steps of one player."""

    steps: tuple[Step, ...] = ()


class _Timing(Part, frozen=True):
    at_s: Seconds | None = None
    after_s: Seconds | None = None
    when: str | None = None
    for_s: Seconds | None = None


class _File(Part, frozen=True):
    steps: tuple[dict[str, Any], ...]


def read_plan(path: Path) -> Plan:
    """Read a plan's file; Complaint on anything wrong."""
    steps = load_toml(path, _File, "plan").steps
    if len(steps) > MAX_STEPS:
        raise Complaint(f"{path}: steps", f"are {len(steps)}", f"at most {MAX_STEPS}")
    plan = Plan(tuple(_step(dict(s), f"{path}: steps[{i}]") for i, s in enumerate(steps)))
    if plan.steps and plan.steps[0].after_s is not None:
        raise Complaint(f"{path}: steps[0].after_s", "has no step above it", "at_s or when")
    return plan


def _step(values: dict[str, Any], where: str) -> Step:
    timing_values = {k: values.pop(k) for k in _Timing.__struct_fields__ if k in values}
    timing = convert(timing_values, _Timing, where)
    if [timing.at_s, timing.after_s, timing.when].count(None) != 2:
        raise Complaint(where, "has no time, or several", "one of at_s, after_s or when")
    if timing.for_s is not None and timing.when is None:
        raise Complaint(f"{where}.for_s", "stands without when", "when = a condition")
    return Step(
        command=read_command(values, where),
        at_s=timing.at_s,
        after_s=timing.after_s,
        when=None if timing.when is None else _condition(timing.when, f"{where}.when"),
        for_s=timing.for_s or 0,
    )


def _condition(text: str, where: str) -> Condition:
    match = _CONDITION.fullmatch(text.strip())
    if match is None:
        raise Complaint(where, f"'{text}'", "a metric, >, <, >= or <=, and a number")
    metric, compare, number = match.groups()
    if metric not in METRICS:
        raise Complaint(where, f"no metric '{metric}'", one_of(METRICS))
    return Condition(metric, compare, float(number))


class Player:
    """Plays a plan: gives each command in the second in which it is due, once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._given_at: dict[int, int] = {}
        self._held_since: dict[int, int] = {}

    @property
    def done(self) -> bool:
        """Whether every step was given."""
        return len(self._given_at) == len(self.plan.steps)

    def play(self, simulation: Simulation) -> list[tuple[Command, Outcome]]:
        """Give what is due at the second where the simulation rests; what came of each."""
        played: list[tuple[Command, Outcome]] = []
        for index, step in enumerate(self.plan.steps):
            if index in self._given_at or not self._is_due(index, step, simulation.frame()):
                continue
            self._given_at[index] = simulation.frame().second
            played.append((step.command, simulation.apply(step.command)))
        return played

    def _is_due(self, index: int, step: Step, frame: Frame) -> bool:
        if step.at_s is not None:
            return frame.second >= step.at_s
        if step.after_s is not None:
            above = self._given_at.get(index - 1)
            return above is not None and frame.second >= above + step.after_s
        if step.when is None or not step.when.holds(frame):
            self._held_since.pop(index, None)
            return False
        return frame.second - self._held_since.setdefault(index, frame.second) >= step.for_s
