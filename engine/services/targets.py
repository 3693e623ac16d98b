"""The targets of a balancer and their health checks: who takes requests, and how it finds out."""

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import simpy

from engine.flow.balancer import Balancer as BalancerStage
from engine.ledger import HourMeter, UsageMeter
from engine.outcomes import RefusalReason, Refused
from engine.services.command import choose
from engine.services.instance import Instance
from engine.world import Look, World

BalancerId = Annotated[str, choose("balancer")]

INITIAL, HEALTHY, UNHEALTHY, DRAINING = "initial", "healthy", "unhealthy", "draining"

Tls = Literal["balancer", "instances", "none"]
"""Where HTTPS ends."""


@dataclass(slots=True, eq=False)
class Target:
    """An instance behind a balancer. `passed` and `failed` count checks in a row.

    `healthy_s` is since when it has been healthy, `drained_s` when it will be
    let go at the latest.
    """

    id: str
    weight: int = 1
    state: str = INITIAL
    passed: int = 0
    failed: int = 0
    healthy_s: float = 0.0
    drained_s: float | None = None


@dataclass(slots=True)
class Checks:
    """How a balancer checks its targets; times in seconds."""

    interval_s: int
    timeout_s: int
    healthy: int
    unhealthy: int


@dataclass(slots=True, eq=False)
class Balancer:
    """A balancer: its stage, its targets by id, and what it is told to do with them."""

    id: str
    ordinal: int
    stage: BalancerStage
    checks: Checks
    drain_s: int
    hours: HourMeter
    capacity_units: UsageMeter
    slow_start_s: int = 0
    tls: Tls = "balancer"
    until_s: float | None = None
    fails_open: bool = False
    targets: dict[str, Target] = field(default_factory=dict)
    peak_per_s: float = 0.0
    scaled_s: float = 0.0
    passed_s: int = 0
    turned_away_s: int = 0
    lcu: float = 0.0


def find_balancer(world: World, balancer_id: str) -> Balancer | Refused:
    """The balancer with this id."""
    balancer = world.all(Balancer).get(balancer_id)
    return balancer or Refused(RefusalReason.UNKNOWN_RESOURCE, {"id": balancer_id})


def register(world: World, balancer: Balancer, instance: Instance, weight: int) -> None:
    """A new target, checked from now on; it needs only one passed check."""
    target = Target(instance.id, weight)
    balancer.targets[target.id] = target
    interval_s = balancer.checks.interval_s
    stream = world.streams.get(f"elb/{balancer.ordinal}/{target.id}")
    first_s = stream.uniform(0.0, interval_s)
    world.env.process(_check(world, balancer, target, first_s))


def stands_at_start(world: World, balancer: Balancer, instance: Instance, weight: int = 1) -> None:
    """A target that is healthy, and has been for long."""
    register(world, balancer, instance, weight)
    target = balancer.targets[instance.id]
    target.state, target.healthy_s = HEALTHY, float("-inf")


def _check(
    world: World, balancer: Balancer, target: Target, first_s: float
) -> Generator[simpy.Event, Any, None]:
    """One check after another, as long as it is a target."""
    yield Look(world.env, first_s)
    while balancer.targets.get(target.id) is target:
        checks = balancer.checks
        answer_s = _answer_s(world, target.id)
        passed = answer_s <= checks.timeout_s
        # What changes nothing is noted at once: waiting for it would only cut the flow.
        changes = _outcome(balancer, target, passed=passed) is not None
        took_s = min(answer_s, checks.timeout_s) if changes else 0.0
        if changes:
            yield world.env.timeout(took_s)
        if balancer.targets.get(target.id) is target:
            _note(world, balancer, target, passed=passed)
        yield Look(world.env, checks.interval_s - took_s)


def _answer_s(world: World, target_id: str) -> float:
    """How long a check sent now takes to be answered; for ever where nobody does or can."""
    machine = world.all(Instance)[target_id].machine
    hop_s = world.scenario.network.hop_ms / 1_000
    if machine.up:
        world.traffic.look(target_id, world.now)
    backlog_s = machine.cpu.backlog_s(world.now + hop_s) if machine.up else None
    return float("inf") if backlog_s is None else backlog_s + hop_s


def _outcome(balancer: Balancer, target: Target, *, passed: bool) -> str | None:
    """The state that one more check brings a target into; None if it stays as it is."""
    needed = 1 if target.state == INITIAL else balancer.checks.healthy
    if passed and target.state in (INITIAL, UNHEALTHY) and target.passed + 1 >= needed:
        return HEALTHY
    enough = target.failed + 1 >= balancer.checks.unhealthy
    return UNHEALTHY if not passed and enough and target.state in (INITIAL, HEALTHY) else None


def _note(world: World, balancer: Balancer, target: Target, *, passed: bool) -> None:
    """Take in a check's result; some in a row change the state."""
    state = _outcome(balancer, target, passed=passed)
    target.passed = target.passed + 1 if passed else 0
    target.failed = 0 if passed else target.failed + 1
    if state is None:
        return
    target.state = state
    target.healthy_s = world.now if state == HEALTHY else target.healthy_s
    world.tell(f"target_{state}", "board", id=target.id, balancer=balancer.id)
    refit(world, balancer)


def refit(world: World, balancer: Balancer) -> None:
    """Let the stage take the targets that are to get requests now; without a healthy one, all."""
    taking = [t for t in balancer.targets.values() if t.state == HEALTHY]
    others = [t for t in balancer.targets.values() if t.state != DRAINING]
    fails_open = not taking and bool(others)
    known = not fails_open or all(t.state != INITIAL for t in others)
    if fails_open != balancer.fails_open and known:
        balancer.fails_open = fails_open
        kind = "fails_open" if fails_open else "fails_open_over"
        world.tell(kind, "board", id=balancer.id)
    stage = balancer.stage
    stage.shares = {t.id: _share(world, balancer, t) for t in taking or others}
    stage.machines = {t.id: world.all(Instance)[t.id].machine for t in taking or others}


def _share(world: World, balancer: Balancer, target: Target) -> float:
    """A target's weight, where weights count; one that starts slowly has a part of it at first."""
    weight = float(target.weight) if balancer.stage.algorithm == "weighted" else 1.0
    if not balancer.slow_start_s or target.state != HEALTHY:
        return weight
    warm = (world.now - target.healthy_s) / balancer.slow_start_s
    return weight * min(1.0, max(warm, 1.0 / balancer.slow_start_s))
