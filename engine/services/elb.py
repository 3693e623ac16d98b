"""ELB: a balancer spreads requests over instances, and leaves out those that fail."""

from collections.abc import Generator, Iterable
from typing import Any

import simpy

from engine.flow.balancer import Algorithm, Nodes
from engine.flow.balancer import Balancer as BalancerStage
from engine.ledger import HourMeter, UsageMeter, micros
from engine.outcomes import Detail, RefusalReason, Refused
from engine.scenario import BoardBalancer, is_offered
from engine.services import addresses, capacity, registration, targets
from engine.services.change import Change
from engine.services.check import check_name, check_number
from engine.services.command import Command
from engine.services.instance import Instance
from engine.services.service import Service, Watched
from engine.services.targets import HEALTHY, Balancer, BalancerId, Checks, Tls, find_balancer
from engine.views import ResourceView
from engine.world import World

APPLICATION = "application"
"""The one kind of balancer so far."""

ROLES = ("web", "app")


class CreateBalancer(Command, frozen=True, tag="create_balancer"):
    """A new balancer; point the address of web or app to it once it has targets.

    `tls` is where HTTPS ends; `ipv6` gives it addresses of both kinds.
    """

    algorithm: Algorithm = "round_robin"
    tls: Tls = "balancer"
    ipv6: bool = False
    sticky: bool = False
    name: str | None = None


class ChangeBalancer(Command, frozen=True, tag="change_balancer"):
    """Another way to spread requests, other checks, or a slow start for new targets."""

    balancer: BalancerId
    algorithm: Algorithm | None = None
    interval_s: int | None = None
    drain_s: int | None = None
    slow_start_s: int | None = None
    tls: Tls | None = None


class SetSticky(Command, frozen=True, tag="set_sticky"):
    """Let a session stay with one target, or not."""

    balancer: BalancerId
    sticky: bool = True


class DeleteBalancer(Command, frozen=True, tag="delete_balancer"):
    """Give a balancer back."""

    balancer: BalancerId


Planned = Refused | Change
Details = dict[str, Detail]


def stands_at_start(world: World, given: BoardBalancer) -> None:
    """A balancer of the opening board; its targets are healthy, and have been for long.

    Its nodes have long followed the traffic that the run begins with.
    """
    command = CreateBalancer(given.algorithm, given.tls, given.ipv6, given.sticky)
    balancer = _make(world, given.id, command)
    balancer.until_s = None
    balancer.hours.start(micros(world.now))
    nodes, begins_rps = balancer.stage.nodes, world.traffic.demand.expected(0)
    nodes.per_s = max(nodes.per_s, world.catalog.elb.nodes_spare * begins_rps)
    balancer.slow_start_s = given.slow_start_s
    if given.interval_s is not None:
        balancer.checks.interval_s = given.interval_s
    if given.drain_s is not None:
        balancer.drain_s = given.drain_s
    for id in given.targets:
        weight = given.weights.get(id, 1)
        targets.stands_at_start(world, balancer, world.all(Instance)[id], weight)
    registration.refit(world, balancer)
    addresses.take_free(world, balancer.stage)
    addresses.refit(world)


def plan_create(world: World, command: CreateBalancer) -> Planned:
    """Check a new balancer and say what it costs."""
    if not is_offered(world.scenario, f"elb:{APPLICATION}"):
        return Refused(RefusalReason.NOT_ON_OFFER, {"what": "ELB"})
    figures = world.catalog.elb
    if len(world.all(Balancer)) >= figures.max_balancers:
        limit: Details = {"what": "balancers", "limit": figures.max_balancers}
        return Refused(RefusalReason.LIMIT_REACHED, limit)
    refused = check_name(world, command.name)
    if refused:
        return refused

    def create() -> str:
        balancer = _make(world, command.name or world.free_name("lb"), command)
        low, high = figures.make_s
        delay_s = world.streams.get(f"elb/{balancer.ordinal}/make").uniform(low, high)
        balancer.until_s, balancer.stage.up = world.now + delay_s, False
        balancer.hours.booked = True
        world.env.process(_stand(world, balancer, delay_s))
        world.tell("balancer_creating", "player", id=balancer.id)
        world.rewire()
        return balancer.id

    return Change(create, _hour_micro_usd(world) * world.catalog.month_hours)


def _hour_micro_usd(world: World) -> int:
    return round(world.catalog.elb.usd_hour * 1_000_000)


def _make(world: World, name: str, command: CreateBalancer) -> Balancer:
    figures = world.catalog.elb
    place = world.traffic.place_of(name)
    nodes = Nodes(f"{name}/nodes", float(figures.nodes_per_s))
    stage = BalancerStage(name, place, ROLES, world.scenario.network.hop_ms / 1_000, nodes)
    stage.algorithm, stage.sticky, stage.ipv6 = command.algorithm, command.sticky, command.ipv6
    _end_tls(stage, command.tls)
    stage.up = True
    hours = HourMeter(_hour_micro_usd(world), figures.minimum_billed_s)
    units = UsageMeter("LCU-h", round(figures.lcu_usd_hour * 1_000_000))
    world.ledger.add(name, "application balancer", hours)
    world.ledger.add(name, "capacity units", units)
    checks = Checks(
        figures.interval_s, figures.timeout_s, figures.healthy_checks, figures.unhealthy_checks
    )
    balancer = Balancer(
        name, world.count("elb"), stage, checks, figures.drain_s, hours, units, tls=command.tls
    )
    world.all(Balancer)[name] = balancer
    world.stages[name] = stage
    return balancer


def _stand(world: World, balancer: Balancer, delay_s: float) -> Generator[simpy.Event, Any, None]:
    yield world.env.timeout(delay_s)
    if world.all(Balancer).get(balancer.id) is not balancer:
        return
    balancer.stage.up, balancer.until_s = True, None
    balancer.hours.start(micros(world.now))
    world.tell("balancer_ready", "board", id=balancer.id)
    addresses.refit(world)


def _end_tls(stage: BalancerStage, tls: Tls) -> None:
    """HTTPS ends at the balancer, on the instances, or there is none."""
    stage.https, stage.ends_tls = tls != "none", tls == "balancer"


def plan_change(world: World, command: ChangeBalancer) -> Planned:
    """Check other settings."""
    balancer = find_balancer(world, command.balancer)
    if isinstance(balancer, Refused):
        return balancer
    stage, checks = balancer.stage, balancer.checks
    algorithm = command.algorithm or stage.algorithm
    tls = command.tls or balancer.tls
    interval_s = checks.interval_s if command.interval_s is None else command.interval_s
    drain_s = balancer.drain_s if command.drain_s is None else command.drain_s
    slow_s = balancer.slow_start_s if command.slow_start_s is None else command.slow_start_s
    refused = (
        check_number("interval_s", interval_s, checks.timeout_s + 1, 300)
        or check_number("drain_s", drain_s, 0, 3_600)
        or (check_number("slow_start_s", slow_s, 30, 900) if slow_s else None)
    )
    if refused:
        return refused
    before = (stage.algorithm, balancer.tls, checks.interval_s, balancer.drain_s)
    if (algorithm, tls, interval_s, drain_s, slow_s) == (*before, balancer.slow_start_s):
        return Refused(RefusalReason.NO_CHANGE, {"id": balancer.id})

    def change() -> str:
        stage.algorithm = algorithm
        _end_tls(stage, tls)
        checks.interval_s, balancer.tls = interval_s, tls
        balancer.drain_s, balancer.slow_start_s = drain_s, slow_s
        world.tell("balancer_changed", "player", id=balancer.id)
        registration.refit(world, balancer)
        return balancer.id

    return Change(change)


def plan_sticky(world: World, command: SetSticky) -> Planned:
    """Check whether sessions are to stay with their targets."""
    balancer = find_balancer(world, command.balancer)
    if isinstance(balancer, Refused):
        return balancer
    if balancer.stage.sticky == command.sticky:
        return Refused(RefusalReason.NO_CHANGE, {"id": balancer.id})

    def stick() -> str:
        balancer.stage.sticky = command.sticky
        balancer.stage.stuck.clear()
        kind = "sticky" if command.sticky else "not_sticky"
        world.tell(kind, "player", id=balancer.id)
        return balancer.id

    return Change(stick)


def plan_delete(world: World, command: DeleteBalancer) -> Planned:
    """Check that a balancer may go and say what that saves."""
    balancer = find_balancer(world, command.balancer)
    if isinstance(balancer, Refused):
        return balancer

    def delete() -> str:
        balancer.hours.stop(micros(world.now), world.ledger.duration_s)
        del world.all(Balancer)[balancer.id]
        balancer.targets.clear()  # which ends their checks
        world.tell("balancer_deleted", "player", id=balancer.id)
        addresses.drop(world, balancer.id)
        world.retire(balancer.id)
        addresses.refit(world)
        return balancer.id

    return Change(delete, -world.ledger.rate_month_micro_usd(balancer.id))


def _judge_second(world: World) -> None:
    for balancer in world.all(Balancer).values():
        capacity.judge(world, balancer)


def _places(world: World) -> Iterable[Watched]:
    return [Watched(b.stage.nodes, b.id, "rate") for b in world.all(Balancer).values()]


def _views(world: World) -> Iterable[ResourceView]:
    return [_view(world, balancer) for balancer in world.all(Balancer).values()]


def _view(world: World, balancer: Balancer) -> ResourceView:
    stage, states = balancer.stage, {t.id: t.state for t in balancer.targets.values()}
    return ResourceView(
        id=balancer.id,
        service="elb",
        type=APPLICATION,
        rate_month_micro_usd=balancer.hours.month_micro_usd(),
        state="available" if stage.up else "creating",
        until_s=None if balancer.until_s is None else round(balancer.until_s, 3),
        roles=ROLES,
        behind=stage.behind,
        targets=states,
        facts={
            "algorithm": stage.algorithm,
            "healthy": sum(state == HEALTHY for state in states.values()),
            "registered": len(states),
            "requests_s": balancer.passed_s,
            "rejected_s": balancer.turned_away_s,
            "requests_max_s": round(stage.nodes.per_s),
            "capacity_units": round(balancer.lcu, 3),
            "tls": balancer.tls,
            "ipv6": stage.ipv6,
            "sticky": stage.sticky,
            "fails_open": balancer.fails_open,
            "interval_s": balancer.checks.interval_s,
            "drain_s": balancer.drain_s,
            "slow_start_s": balancer.slow_start_s,
        },
        weights={t.id: t.weight for t in balancer.targets.values() if t.weight != 1},
    )


SERVICE = Service(
    "elb",
    {
        CreateBalancer: plan_create,
        ChangeBalancer: plan_change,
        SetSticky: plan_sticky,
        DeleteBalancer: plan_delete,
    },
    places=_places,
    views=_views,
    judge_second=_judge_second,
)
