"""A plan: commands with their times or conditions, a player written down."""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.complaint import Complaint
from engine.findings import Findings
from engine.frame import Frame
from engine.outcomes import Outcome
from engine.scenario import Part, Seconds, one_of
from engine.services.command import Command
from engine.services.registry import AnyCommand
from engine.simulation import Simulation
from engine.toml import decode_toml, read_text

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


class Timing(Part, frozen=True):
    """When a step is due, as files say it."""

    at_s: Seconds | None = None
    after_s: Seconds | None = None
    when: str | None = None
    for_s: Seconds | None = None


class File(Part, frozen=True):
    """A plan's file."""

    steps: tuple[dict[str, Any], ...]


def read_plan(path: Path) -> Plan:
    """Read a plan's file; Complaint on anything wrong."""
    plan, complaints = examine_plan(path)
    for complaint in complaints:
        raise complaint
    return plan


def examine_plan(path: Path) -> tuple[Plan, list[Complaint]]:
    """A plan, and everything that is wrong with its file."""
    findings = Findings(str(path))
    try:
        values = decode_toml(read_text(path, "plan"), str(path))
    except Complaint as complaint:
        return Plan(), [complaint]
    read: File = findings.read(values, File)
    if len(read.steps) > MAX_STEPS:
        findings.complain("steps", f"are {len(read.steps)}", f"at most {MAX_STEPS}")
        return Plan(), findings.complaints
    steps = tuple(_step(dict(s), f"steps[{i}]", findings) for i, s in enumerate(read.steps))
    if steps and steps[0].after_s is not None:
        findings.complain("steps[0].after_s", "has no step above it", "at_s or when")
    return Plan(steps), findings.complaints


def _step(values: dict[str, Any], path: str, findings: Findings) -> Step:
    timing_values = {k: values.pop(k) for k in Timing.__struct_fields__ if k in values}
    timing: Timing = findings.read(timing_values, Timing, path)
    given = sum(key in timing_values for key in ("at_s", "after_s", "when"))
    if given != 1:
        findings.complain(path, "has no time, or several", "one of at_s, after_s or when")
    if "for_s" in timing_values and "when" not in timing_values:
        findings.complain(f"{path}.for_s", "stands without when", "when = a condition")
    when = None if timing.when is None else _condition(timing.when, f"{path}.when", findings)
    findings.also[path] = Timing.__struct_fields__
    return Step(
        command=findings.read(values, AnyCommand, path),
        at_s=timing.at_s,
        after_s=timing.after_s,
        when=when,
        for_s=timing.for_s or 0,
    )


def _condition(text: str, path: str, findings: Findings) -> Condition | None:
    match = _CONDITION.fullmatch(text.strip())
    if match is None:
        findings.complain(path, f"'{text}'", "a metric, >, <, >= or <=, and a number")
        return None
    metric, compare, number = match.groups()
    if metric not in METRICS:
        findings.complain(path, f"no metric '{metric}'", one_of(METRICS))
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
        return not self.waiting

    @property
    def waiting(self) -> list[int]:
        """The steps, by their place in the plan, that were not given."""
        return [i for i in range(len(self.plan.steps)) if i not in self._given_at]

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
