"""What the player of a sandbox directs besides the board: traffic, trouble and the bill."""

from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from engine import incidents
from engine.flow.trace import MAX_RPS, Curve
from engine.frame import SandboxView
from engine.outcomes import Detail, RefusalReason, Refused
from engine.scenario import Happening, Incident
from engine.services.change import Change
from engine.services.command import Command
from engine.services.service import Service
from engine.world import World

LONGEST_S = 86_400
LARGEST_FACTOR = 100.0
LEAST_MONTH_USD, MOST_MONTH_USD = 0.01, 10_000_000.0

MOST_TAKEN_BYTES = 1_500_000
"""All traffic that is taken in a run, as its recording holds it: eight days of a log."""

SLOWING = ("noisy_neighbour", "slow_disk", "bad_deploy")
"""Trouble after which something works at a part of its speed."""


class SetRate(Command, frozen=True, tag="set_rate"):
    """So many requests a second are demanded from now on; none given is the board's own curve."""

    rps: float | None = None


class TakeTraffic(Command, frozen=True, tag="take_traffic"):
    """So many requests a second from now on, a figure every so many seconds, then none.

    The rate goes straight from one figure to the next; with `steps` it holds
    until then. `file` is where they were read: the figures are all there is of it.
    """

    rps: Annotated[tuple[int | float, ...], Meta(min_length=1, max_length=LONGEST_S + 1)]
    every_s: int = 1
    steps: bool = False
    file: Annotated[str, Meta(max_length=64)] = ""


class SetShare(Command, frozen=True, tag="set_share"):
    """A request class has that share of the demand from now on; the others divide the rest."""

    request_class: str
    share: float


class StartIncident(Command, frozen=True, tag="start_incident"):
    """Trouble, now: what it is, whom it befalls, how much, and for how long."""

    kind: Happening
    target: str | None = None
    factor: float = 0.5
    duration_s: int = 60


class SetBudget(Command, frozen=True, tag="set_budget"):
    """Each month brings so much money, the one in course as well."""

    month_usd: float


class SetBill(Command, frozen=True, tag="set_bill"):
    """Charge for what stands and is used from now on, or no longer."""

    on: bool


Planned = Refused | Change
Details = dict[str, Detail]


def view(world: World, second: int) -> SandboxView | None:
    """How free play is directed in the second that begins; None in a level."""
    if world.scenario.sandbox is None:
        return None
    demand = world.traffic.demand
    begins = min(second, world.scenario.duration_s - 1)
    shares = {name: round(share, 6) for name, share in demand.shares(begins).items()}
    return SandboxView(
        rps=round(demand.expected(begins), 3),
        shares=shares,
        bill=world.ledger.bill,
        month_usd=world.ledger.month_budget_micro_usd / 1e6,
        file=demand.file,
    )


def plan_rate(world: World, command: SetRate) -> Planned:
    """Check a new rate: no more than can come."""
    refused = _only_here(world)
    if refused:
        return refused
    demand, now, most = world.traffic.demand, _second(world), _most_rps(world)
    if command.rps is not None and not 0.0 <= command.rps <= most:
        return _bad_number("rps", command.rps, 0.0, most)

    def direct() -> str:
        demand.set_rate(now, command.rps)
        if command.rps is None and demand.file:
            world.tell("traffic_taken", "player", file=demand.file)
        elif command.rps is None:
            world.tell("curve_back", "player")
        else:
            world.tell("rate_set", "player", rps=command.rps)
        return ""

    return Change(direct)


def _most_rps(world: World) -> float:
    """So much may be asked for, with all surges that are to come."""
    return MAX_RPS / world.traffic.demand.largest_surge(_second(world), world.scenario.duration_s)


def plan_take(world: World, command: TakeTraffic) -> Planned:
    """Check rates that were read from a file."""
    refused = _only_here(world)
    if refused:
        return refused
    demand, now, most = world.traffic.demand, _second(world), _most_rps(world)
    for rps in command.rps or (-1,):
        if not 0.0 <= rps <= most:
            return _bad_number("rps", rps, 0.0, most)
    if not 1 <= command.every_s <= LONGEST_S:
        return _bad_number("every_s", command.every_s, 1, LONGEST_S)
    if not command.file.isprintable():
        return Refused(RefusalReason.BAD_NAME, {"name": ""})
    size = len(msgspec.json.encode(command.rps))
    taken_bytes = demand.taken_bytes + size
    if taken_bytes > MOST_TAKEN_BYTES:
        return _bad_number("taken_bytes", taken_bytes, 0, MOST_TAKEN_BYTES)
    curve = _curve(command, world.scenario.duration_s - now)

    def direct() -> str:
        demand.taken_bytes = taken_bytes
        demand.take_curve(now, curve, command.file)
        world.tell("traffic_taken", "player", file=command.file)
        return ""

    return Change(direct)


def _curve(command: TakeTraffic, room_s: int) -> Curve:
    """Rates at both ends of each second, for as many as there are and can come."""
    rates, every_s = np.array(command.rps, dtype=np.float64), command.every_s
    if command.steps:
        held = np.repeat(rates[: room_s // every_s + 1], every_s)[:room_s]
        return held, held
    seconds = min(room_s, (len(rates) - 1) * every_s)
    edges = np.interp(np.arange(seconds + 1), np.arange(len(rates)) * every_s, rates)
    return edges[:-1], edges[1:]


def plan_share(world: World, command: SetShare) -> Planned:
    """Check a new share of a class that there is."""
    names = [r.name for r in world.scenario.requests]
    refused = _only_here(world)
    if refused:
        return refused
    if command.request_class not in names:
        return Refused(RefusalReason.UNKNOWN_RESOURCE, {"id": command.request_class})
    least = 0.0 if len(names) > 1 else 1.0
    if not least <= command.share <= 1.0:
        return _bad_number("share", command.share, least, 1.0)
    index = names.index(command.request_class)

    def direct() -> str:
        world.traffic.demand.set_share(_second(world), index, command.share)
        percent = round(command.share * 100, 1)
        world.tell("share_set", "player", **{"class": command.request_class}, percent=percent)
        return ""

    return Change(direct)


def plan_incident(world: World, command: StartIncident) -> Planned:
    """Check that trouble finds whom it is to befall, and is within bounds."""
    kind, now = command.kind, _second(world)
    refused = _only_here(world)
    if refused:
        return refused
    if not 1 <= command.duration_s <= LONGEST_S:
        return _bad_number("duration_s", command.duration_s, 1, LONGEST_S)
    most = 1.0 if kind in (*SLOWING, "hot_key") else LARGEST_FACTOR
    if not 0.0 < command.factor <= most:
        return _bad_number("factor", command.factor, 0.0, most)
    incident = Incident(kind, now, command.target, command.duration_s, command.factor)
    if not incidents.befalls(world, incident):
        told: Details = {"kind": kind, "id": command.target or ""}
        return Refused(RefusalReason.CANNOT_BEFALL, told)
    if kind in ("traffic_spike", "bot_attack"):
        most = MAX_RPS / max(1.0, world.traffic.demand.peak(now, now + command.duration_s))
        if command.factor > max(1.0, most):
            return _bad_number("factor", command.factor, 0.0, most)

    def strike() -> str:
        incidents.begin(world, incident)
        return ""

    return Change(strike)


def plan_budget(world: World, command: SetBudget) -> Planned:
    """Check another budget."""
    refused = _only_here(world)
    if refused:
        return refused
    if not LEAST_MONTH_USD <= command.month_usd <= MOST_MONTH_USD:
        return _bad_number("month_usd", command.month_usd, LEAST_MONTH_USD, MOST_MONTH_USD)
    micro_usd = round(command.month_usd * 1_000_000)
    if micro_usd == world.ledger.month_budget_micro_usd:
        return Refused(RefusalReason.NO_CHANGE, {"id": "budget"})

    def grant() -> str:
        world.ledger.set_month_budget(micro_usd)
        world.tell("budget_set", "player", usd=command.month_usd)
        return ""

    return Change(grant)


def plan_bill(world: World, command: SetBill) -> Planned:
    """Check that the bill is not so already."""
    refused = _only_here(world)
    if refused:
        return refused
    if world.ledger.bill == command.on:
        return Refused(RefusalReason.NO_CHANGE, {"id": "bill"})

    def switch() -> str:
        world.ledger.switch(world.now, bill=command.on)
        world.tell("bill_on" if command.on else "bill_off", "player")
        return ""

    return Change(switch)


def _only_here(world: World) -> Refused | None:
    return Refused(RefusalReason.ONLY_IN_SANDBOX) if world.scenario.sandbox is None else None


def _second(world: World) -> int:
    """The second that begins where the run rests: what is demanded in it is not drawn yet."""
    return round(world.now)


def _bad_number(field: str, value: float, least: float, most: float) -> Refused:
    expected = f"{least:g} to {most:,.6g}"
    return Refused(RefusalReason.BAD_NUMBER, {"field": field, "value": value, "expected": expected})


SERVICE = Service(
    "sandbox",
    {
        SetRate: plan_rate,
        TakeTraffic: plan_take,
        SetShare: plan_share,
        StartIncident: plan_incident,
        SetBill: plan_bill,
        SetBudget: plan_budget,
    },
)
