"""The front door: a scenario and a seed in, commands in between, frames out.

A simulation rests at whole seconds. A command is applied at once where it
rests, and the frame of that second is taken again. At one instant the order is:
the flow up to it, commands, incidents, other processes, arrivals at it.
"""

import hashlib
from pathlib import Path

import simpy

from engine import incidents
from engine.catalog import CATALOG
from engine.complaint import Complaint
from engine.flow.demand import Demand
from engine.flow.latency import percentile_ms
from engine.flow.tally import TallySecond
from engine.flow.trace import AccessLog as AccessLog
from engine.flow.trace import Rows as Rows
from engine.flow.trace import is_csv as is_csv
from engine.flow.trace import rates_of as rates_of
from engine.flow.trace import read_access_log as read_access_log
from engine.flow.trace import read_traffic as read_traffic
from engine.flow.trace import trace_length_s as trace_length_s
from engine.flow.traffic import Traffic
from engine.frame import Frame, Goals, News, Verdict
from engine.ledger import Ledger, UsageMeter
from engine.objectives import Judge
from engine.observe import Observer
from engine.outcomes import Accepted, Detail, Outcome, Quote, RefusalReason, Refused
from engine.parts import role_of_table
from engine.result import Result as Result
from engine.result import result_of
from engine.scenario import Scenario
from engine.services import homes, opening
from engine.services import volume as volumes
from engine.services.change import Change
from engine.services.command import Command
from engine.services.registry import SERVICES, planners
from engine.services.service import Service
from engine.streams import Streams
from engine.world import FIRST, Look, World, instant

VERSION = "3"
"""Of the simulated model: a recording of another version may not replay to the same frames."""

"""The role whose data a kind of data step adds to."""

INTERNET = "internet"
"""The resource that the bill names for transfer to users."""

NETWORK = "network"
"""The resource that the bill names for transfer between zones."""

AFFORD_S = 60
"""A command must leave money for so many simulated seconds of the new board."""


class Simulation:
    """One run of a scenario.

    `seed` is the scenario's own unless given. `demand_seed` changes demand and
    work only: the control side keeps the delays of `seed`. `folder` is where
    the scenario's trace files lie; `services` what there is in this world.
    Raises Complaint for a trace that cannot be used, and for a board that is a loop.
    """

    def __init__(
        self,
        scenario: Scenario,
        seed: int | None = None,
        *,
        demand_seed: int | None = None,
        folder: Path | None = None,
        services: tuple[Service, ...] = SERVICES,
    ) -> None:
        self.scenario = scenario
        self.seed = scenario.seed if seed is None else seed
        self._planners = planners(services)
        self._world = _build(scenario, self.seed, demand_seed, folder, services)
        world = self._world
        expected = world.traffic.demand.expected_between
        lenient = scenario.sandbox is not None
        self._judge = Judge(scenario.objectives, expected, lenient=lenient)
        self._observer = Observer(world)
        egress = UsageMeter("GB", round(CATALOG.transfer.out_usd_gb * 1_000_000))
        world.ledger.add(INTERNET, "transfer out", egress, counted=scenario.budget.transfer)
        world.traffic.place_of(INTERNET)  # so that nothing on the board is called that
        self._egress = egress
        self._crossing = UsageMeter("GB", round(CATALOG.transfer.zone_usd_gb * 1_000_000))
        counted = scenario.budget.transfer
        world.ledger.add(NETWORK, "transfer between zones", self._crossing, counted=counted)
        world.traffic.place_of(NETWORK)
        self._hash = hashlib.blake2b(digest_size=16)
        self._said: dict[tuple[str, str], bool] = {}
        self._second = 0
        self._news: list[News] = []
        self._tally = world.traffic.tally.close_second()
        self._verdict: Verdict | None = None
        self._take_frame()

    def frame(self) -> Frame:
        """The newest frame: the second at which the simulation rests."""
        return self._frame

    @property
    def over(self) -> bool:
        """Whether a verdict has fallen; nothing changes any more."""
        return self._verdict is not None

    @property
    def still_expected(self) -> float:
        """Requests that are expected from where it rests to the end, as traffic is directed now."""
        return self._world.traffic.demand.expected_between(self._second, self.scenario.duration_s)

    def quote(self, command: Command) -> Quote:
        """What a command would cost, or why it would be refused; changes nothing."""
        rate = self._frame.money.rate_month_micro_usd
        planned = self._plan(command)
        if isinstance(planned, Refused):
            return Quote(planned, rate, rate)
        after = rate + planned.rate_delta_micro_usd
        return Quote(self._unaffordable(planned), rate, after)

    def apply(self, command: Command) -> Outcome:
        """Do a command at the second where the simulation rests, or say why not."""
        planned = self._plan(command)
        if isinstance(planned, Refused):
            return planned
        refused = self._unaffordable(planned)
        if refused is not None:
            return refused
        resource = planned.do()
        self._world.ledger.settle(self._second)
        self._take_frame()
        return Accepted(resource)

    def _plan(self, command: Command) -> Refused | Change:
        if self.over:
            return Refused(RefusalReason.RUN_IS_OVER)
        return self._planners[type(command)](self._world, command)

    def _unaffordable(self, change: Change) -> Refused | None:
        """A change that costs more must leave money for a simulated minute of the new board.

        In a sandbox money is only shown.
        """
        if change.rate_delta_micro_usd <= 0 or self.scenario.sandbox is not None:
            return None
        money = self._frame.money
        rate = money.rate_month_micro_usd + change.rate_delta_micro_usd
        need = rate * AFFORD_S // self.scenario.month_s
        if money.cash_micro_usd >= need:
            return None
        details: dict[str, Detail] = {
            "left_usd": round(money.cash_micro_usd / 1e6, 2),
            "need_usd": round(need / 1e6, 2),
            "rate_month_usd": round(rate / 1e6, 2),
        }
        return Refused(RefusalReason.NOT_AFFORDABLE, details)

    def advance(self, seconds: int = 1) -> Frame:
        """Go on by whole seconds, or until a verdict falls; returns the newest frame."""
        for _ in range(seconds):
            if self.over:
                break
            self._advance_second()
        return self._frame

    def _advance_second(self) -> None:
        world = self._world
        self._hash.update(self._fingerprint())
        world.news.clear()
        self._second += 1
        rest = instant(world.env, self._second, FIRST)
        while not rest.processed:
            at_s, _, _, event = world.env._queue[0]
            if not isinstance(event, Look):
                world.traffic.advance(at_s)
            world.env.step()
        self._close_second()

    def _close_second(self) -> None:
        world = self._world
        self._tally = world.traffic.tally.close_second()
        self._judge.close_second(self._tally.blame, world.traffic.tally.bad_total())
        self._egress.add(self._sent_bytes(self._tally))
        self._crossing.add(world.traffic.crossed_bytes)
        world.traffic.crossed_bytes = 0
        self._write(self._tally)
        for service in world.services:
            service.judge_second(world)
        self._observer.close_second()
        world.ledger.demand_ahead = world.traffic.demand.ahead(self._second)
        world.ledger.settle(self._second)
        if world.ledger.ends_s <= self._second < self.scenario.duration_s:
            world.ledger.begin_month()
        self._verdict = self._judge_now()
        self._announce()
        self._take_frame()

    def _sent_bytes(self, tally: TallySecond) -> int:
        """Bytes answered to users in a second."""
        sizes = (round(r.response_kb * 1_000) for r in self.scenario.requests)
        counts = (tally.counts[r.name] for r in self.scenario.requests)
        return sum(size * (c.good + c.late) for size, c in zip(sizes, counts, strict=True))

    def _write(self, tally: TallySecond) -> None:
        """What users have written: it stays where the data of its role lie."""
        world = self._world
        world.fresh_bytes.clear()
        for request in self.scenario.requests:
            if request.data in ("write", "file_write"):
                done = tally.counts[request.name].good + tally.counts[request.name].late
                role = homes.role_of(world, request)
                world.fresh_bytes[role] += done * volumes.bytes_of(request)
                if role != "files":
                    world.writes[role_of_table(request.table)] += done
        world.written_bytes += world.fresh_bytes["files"]

    def _p95_ms(self) -> float:
        return percentile_ms(self._world.traffic.tally.histogram.sum(axis=0), 0.95)

    def _judge_now(self) -> Verdict | None:
        world = self._world
        return self._judge.verdict(
            bad_requests=world.traffic.tally.bad_total(),
            cash_micro_usd=world.ledger.cash_micro_usd,
            data_lost_at=world.data_lost_at,
            waste_at=self._waste_at,
            ended=self._second >= self.scenario.duration_s,
            p95_ms=self._p95_ms(),
            spent_usd=world.ledger.spent_micro_usd / 1e6,
        )

    def _waste_at(self) -> str:
        """Where the money went: the dearest resource that nothing points at, else the dearest."""
        world = self._world
        names = list(world.stages) or [""]
        idle = [name for name in names if name not in world.addresses.values()]
        return max(idle or names, key=world.ledger.spent_on)

    def _announce(self) -> None:
        """News of the whole run: what happens for the first time, and what runs low."""
        world, total = self._world, self._world.traffic.tally.total
        left = self._judge.error_budget_left(world.traffic.tally.bad_total())
        spent = world.ledger.spent_micro_usd / world.ledger.budget_micro_usd
        blame = self._tally.blame
        late = next((b for b in blame if b.reason == "late"), None)
        failed = {b.reason: b for b in reversed(blame) if b.reason != "late"}
        if late and total.late.any():
            self._once("first_late", **{"class": late.request_class, "at": late.at})
        for reason, first in failed.items():
            told: dict[str, Detail] = {"class": first.request_class, "at": first.at}
            self._once("first_failure", reason, **told, reason=reason)
        if left <= 0.5:
            self._once("budget_half", percent=round(left * 100))
        if left <= 0.25:
            self._once("budget_quarter", percent=round(left * 100))
        if spent >= 0.9:
            self._once("money_low", percent=round((1 - spent) * 100))
        if self._verdict is not None:
            self._once("verdict", cause=self._verdict.cause)

    def _once(self, kind: str, about: str = "", /, **args: Detail) -> None:
        """Tell of this kind of news, about this, the first time only."""
        if (kind, about) not in self._said:
            self._said[kind, about] = True
            self._world.tell(kind, "board", **args)

    def _take_frame(self) -> None:
        world = self._world
        self._frame = self._observer.frame(
            self._second, self._tally, self._goals(), list(world.news), self._verdict
        )

    def _goals(self) -> Goals:
        world = self._world
        forecast = world.ledger.forecast_micro_usd(self._second)
        bad = world.traffic.tally.bad_total()
        return self._judge.goals(bad, self._p95_ms(), forecast / 1e6)

    def _fingerprint(self) -> bytes:
        """The frame's integers and states, and the histogram's buckets."""
        frame = self._frame
        parts: list[object] = [frame.second, frame.money.cash_micro_usd]
        parts += [line.amount_micro_usd for line in frame.money.lines]
        for name, total in frame.totals.items():
            parts += [name, total.demanded, total.good, total.late, sorted(total.failed.items())]
            parts += [total.in_flight, total.attempts, frame.latency[name].buckets]
        parts += [(i.id, i.type, i.state, i.throttled) for i in frame.instances]
        parts += [(r.id, r.type, r.state) for r in frame.resources]
        parts += [(hop.source, hop.target, hop.count) for hop in frame.hops]
        parts += [(s.id, s.running_total, s.waiting_total) for s in frame.stations]
        parts += sorted((role, holder or "") for role, holder in frame.addresses.items())
        return repr(parts).encode()

    def digest(self) -> str:
        """A fingerprint of everything so far; integers only, the same on every machine."""
        current = self._hash.copy()
        current.update(self._fingerprint())
        return current.hexdigest()

    def result(self) -> Result:
        """The whole run so far in figures."""
        return result_of(
            frame=self._frame,
            seed=self.seed,
            tally=self._world.traffic.tally,
            served=self._observer.served,
            digest=self.digest(),
        )


def _budget_micro_usd(scenario: Scenario) -> int:
    return round(scenario.budget.month_usd * 1_000_000)


def _build(
    scenario: Scenario,
    seed: int,
    demand_seed: int | None,
    folder: Path | None,
    services: tuple[Service, ...],
) -> World:
    """A world with the opening board, at second 0."""
    demand_streams = Streams(seed if demand_seed is None else demand_seed)
    demand = Demand(scenario, demand_streams, folder)
    hop_s = scenario.network.hop_ms / 1_000
    tls_s = CATALOG.transfer.tls_handshake_ms / 1_000
    traffic = Traffic(scenario.requests, demand, hop_s, tls_s, scenario.users.pool)
    bill = scenario.sandbox is None or scenario.sandbox.bill
    ledger = Ledger(_budget_micro_usd(scenario), scenario.month_s, bill=bill)
    world = World(scenario, simpy.Environment(), Streams(seed), ledger, traffic, services)
    incidents.schedule(world)
    for role, holder in scenario.board.addresses.items():
        world.addresses[role] = holder
    if traffic.would_loop(world.addresses):
        raise Complaint("board.addresses", "requests would return to what they left", "no loop")
    opening.stand(world, scenario.board)
    world.news.clear()
    return world
