"""A service from outside: a read-through cache in front of the tables.

The first half is all that such a service is: its command, its stage, what a
frame shows of it, its price. It stands in no registry; a simulation is given it
along with the others. The second half holds it to the same laws.
"""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from engine.catalog import CATALOG
from engine.flow.delay import Delay
from engine.flow.demand import Demand
from engine.flow.requests import DONE, Floats, Ints, merge
from engine.flow.stage import Flow, Inbox, Stage
from engine.flow.wiring import UnderWay
from engine.frame import Frame
from engine.ledger import HourMeter, micros
from engine.outcomes import Accepted, RefusalReason, Refused
from engine.scenario import Scenario
from engine.services import addresses, homes
from engine.services.addresses import PointAddress
from engine.services.change import Change
from engine.services.check import check_name, check_number
from engine.services.command import Command
from engine.services.rds import CreateDatabase, DeleteDatabase, FailOver
from engine.services.registry import SERVICES
from engine.services.service import Service, Watched
from engine.simulation import Simulation
from engine.streams import Streams
from engine.views import ResourceView
from engine.world import World
from tests.boards import steady
from tests.event_model import EventModel, MachineKind, Request, Step, database
from tests.exact import model_requests
from tests.laws import play_on as play
from tests.laws import refusal_of

HIT_S = 0.0004
GIB_HOUR_MICRO_USD = 17_000


class CreateCache(Command, frozen=True, tag="create_cache"):
    """A cache that answers for the tables from now on, with who did so until now behind it."""

    gib: int = 1
    name: str | None = None


class CacheStage(Stage):
    """A cache as requests meet it: reads of hot keys are answered here, the others behind it."""

    roles: tuple[str, ...] = ("db",)
    up = True

    def __init__(self, id: str, place: int, behind: str, share: float) -> None:
        self.id = id
        self.behind: tuple[str, ...] = (behind,)
        self.share = share
        self.place = place
        self.answers = Delay(f"{id}/hits", place)
        self.seen: Counter[str] = Counter()
        self._inbox = Inbox()

    @property
    def holds(self) -> bool:
        """Whether any request is here or on its way here."""
        return bool(self._inbox) or bool(len(self.answers))

    def expect(self, ids: Ints, times: Floats) -> None:
        """Requests that arrive here at `times`."""
        self._inbox.expect(ids, times)

    def carry(self, flow: Flow, until: float) -> None:
        """Answer what is hot, hand on what is not."""
        ids, times = self._inbox.due(until)
        rows = ids - flow.requests.base
        flow.requests.place[rows] = self.answers.place
        hot = flow.requests.heat[rows] < self.share
        self.seen.update(hits=int(hot.sum()), misses=int((~hot).sum()))
        flow.hand_on(self.id, self.behind[0], ids[~hot], times[~hot])
        flow.requests.step[rows[hot]] = DONE  # the data step is the last
        takes = np.full(int(hot.sum()), HIT_S)
        done = self.answers.pass_through(ids[hot], times[hot], takes, until)
        flow.log(done, self.answers.place)
        flow.forward(self.id, done.ids, done.end)

    def wired(self, flow: Flow, plays: frozenset[str]) -> None:
        """Nothing hangs on who else plays what."""

    def under_way(self, flow: Flow) -> set[UnderWay]:
        """None: the data step is the last, and what is behind is known."""
        return set()


@dataclass
class Cache:
    """A cache: `second` is what it saw in the last one."""

    stage: CacheStage
    gib: int
    meter: HourMeter
    second: Counter[str] = field(default_factory=Counter)


def plan_create(world: World, command: CreateCache) -> Refused | Change:
    """Check a cache and say what it costs."""
    before = world.addresses["db"]
    refused = check_name(world, command.name) or check_number("gib", command.gib, 1, 64)
    if before is None or refused:
        return refused or Refused(RefusalReason.UNKNOWN_ROLE, {"role": "db", "expected": ""})
    price = GIB_HOUR_MICRO_USD * command.gib

    def create() -> str:
        name = command.name or world.free_name("cache")
        share = min(1.0, command.gib / homes.data_gb(world, ["db"]))
        stage = CacheStage(name, world.traffic.place_of(name), before, share)
        meter = HourMeter(price, minimum_s=0)
        meter.start(micros(world.now))
        world.ledger.add(name, "cache", meter)
        world.all(Cache)[name] = Cache(stage, command.gib, meter)
        world.stages[name] = stage
        world.addresses["db"] = name
        addresses.refit(world)
        return name

    return Change(create, price * CATALOG.month_hours)


def places(world: World) -> Iterable[Watched]:
    """Where hits spend their time."""
    return [Watched(c.stage.answers, name, "cache") for name, c in world.all(Cache).items()]


def views(world: World) -> Iterable[ResourceView]:
    """Caches as a frame shows them."""
    for name, cache in world.all(Cache).items():
        yield ResourceView(
            id=name,
            service="cache",
            type=f"{cache.gib} GiB",
            rate_month_micro_usd=cache.meter.month_micro_usd(),
            roles=cache.stage.roles,
            behind=cache.stage.behind,
            facts={"hits_s": cache.second["hits"], "misses_s": cache.second["misses"]},
        )


def judge_second(world: World) -> None:
    """Keep what the second saw."""
    for cache in world.all(Cache).values():
        cache.second, cache.stage.seen = cache.stage.seen, Counter()


CACHE = Service("cache", {CreateCache: plan_create}, places, views, judge_second)


SEED, KEYS, ZIPF, TABLE_GB, GIB = 20_260_915, 4_000, 0.9, 16, 2
READ = {
    "web_ms": 0.5, "app_ms": 0.0, "data": "read", "table": "t", "data_ms": 6.0, "data_io": 2,
    "deadline_ms": 60.0, "patience_ms": 1_000.0,
}  # fmt: skip
BOARD = {
    "instances": [{"id": "web-1", "type": "m5.24xlarge", "roles": ["web", "app", "files"]}],
    "databases": [{"id": "db-1", "type": "db.m5.large", "multi_az": True, "backup_days": 0}],
}


def board(duration_s: int = 120, **changes: object) -> Scenario:
    """A web server with room to spare, and a database that cannot read everything itself."""
    table = {"name": "t", "gb": TABLE_GB, "keys": KEYS, "zipf": ZIPF}
    values = {"board": BOARD, "tables": [table], "request": READ} | changes
    return steady(rps=500.0, duration_s=duration_s, seed=SEED, **values)  # type: ignore[arg-type]


def cached(scenario: Scenario) -> Simulation:
    """The simulation with a cache from the first second on."""
    simulation = Simulation(scenario, services=(*SERVICES, CACHE))
    assert simulation.apply(CreateCache(GIB)) == Accepted("cache-1")
    return simulation


def hops(frames: list[Frame]) -> Counter[tuple[str, str]]:
    """All hops of some seconds."""
    total: Counter[tuple[str, str]] = Counter()
    for frame in frames:
        total.update({(hop.source, hop.target): hop.count for hop in frame.hops})
    return total


def test_its_laws_are_those_of_all() -> None:
    """Also while the database behind it is away, and once it is gone for good."""
    simulation = cached(board(300))
    play(simulation, 40)
    assert simulation.apply(FailOver("db-1")) == Accepted("db-1")
    play(simulation, 140)
    assert simulation.apply(DeleteDatabase("db-1")) == Accepted("db-1")
    play(simulation, 30)
    failed = simulation.frame().totals["page"].failed
    assert {"bad_gateway", "connection_refused", "no_target"} <= set(failed)
    last = simulation.frame()
    assert last.addresses["db"] == "cache-1"
    assert last.counts["page"].good > 0, "hits are answered without the database"
    gone = [blame for blame in last.blame if blame.reason == "no_target"]
    assert [blame.at for blame in gone] == ["cache-1"]


def test_as_many_hit_as_ask_for_the_keys_that_fit() -> None:
    frames = play(cached(board()), 120)
    ways = hops(frames)
    asked, missed = ways["web-1", "cache-1"], ways["cache-1", "db-1"]
    weights = np.arange(1, KEYS + 1) ** -ZIPF
    share = weights[: KEYS * GIB // TABLE_GB].sum() / weights.sum()
    deviation = math.sqrt(share * (1 - share) / asked)
    assert asked > 50_000
    assert abs(1 - missed / asked - share) < 2.576 * deviation


def test_the_database_sees_what_misses_as_if_hits_did_not_exist() -> None:
    """To 1e-9 s as an event-per-request model has it that never hears of hits."""
    seconds = 40
    scenario = board(request=READ | {"retry": {"times": 0}})
    simulation = cached(scenario)
    ends: dict[int, tuple[str, float]] = {}

    def observe(kind: str, times: Floats, ids: Ints, place: str) -> None:
        for id, time in zip(ids.tolist(), times.tolist(), strict=True):
            ends[id] = (str(kind), time)

    simulation._world.traffic.attempts.observer = observe
    simulation.advance(seconds)
    demand = Demand(scenario, Streams(SEED))
    arrivals = merge([demand.second(second) for second in range(seconds)])
    misses = np.flatnonzero(arrivals.heat >= GIB / TABLE_GB)
    cache_share = CATALOG.rds.cache_share * 8 / TABLE_GB
    requests = model_requests(scenario.requests, arrivals.pick(misses), cached=cache_share)
    kinds = {
        "web": MachineKind(96, 10_000),
        "way": MachineKind(100_000, 1),
        "db": database(2, 651),
    }
    model = EventModel(kinds, {"web": "web", "way": "way", "db": "db"}, hop_s=0.0005)
    attempts = model.run([by_way_of("way", r) for r in requests], until_s=seconds)
    expected = {int(misses[a.request]): a for a in attempts if a.outcome != "in_flight"}
    found = {id: ends[id] for id in misses.tolist() if id in ends}
    assert found.keys() == expected.keys()
    assert len(found) > 5_000
    waited = [v for a in attempts for v in a.visits if v.station == "db/cpu"]
    assert any((v.started_s or 0.0) > v.arrived_s + 0.01 for v in waited), "nobody waited"
    for id, attempt in expected.items():
        outcome, at_s = found[id]
        assert outcome == ("answered" if attempt.outcome in ("good", "late") else attempt.outcome)
        assert abs(at_s - attempt.ended_s) < 1e-9


def by_way_of(role: str, request: Request) -> Request:
    """The same request with a stop on its way to the tables."""
    web, read = request.steps
    return replace(request, steps=(web, Step(role, 0.0), read))


def test_hits_take_no_longer_than_the_cache_does() -> None:
    simulation = cached(board(60))
    for frame in play(simulation, 59)[1:]:
        place = frame.station("cache-1/hits")
        assert place is not None
        assert (place.waiting_total, place.wait_ms) == (0, 0.0)
        assert place.served > 0
    fastest = frame.latency["page"].p50_ms
    assert fastest < 1_000 * (HIT_S + 0.004), "half of all are hits, and are answered as such"


def test_a_frame_shows_it() -> None:
    frame = cached(board(network={"hop_ms": 0.0})).advance(60)
    (shown,) = [r for r in frame.resources if r.service == "cache"]
    ways = hops([frame])
    assert (shown.id, shown.roles, shown.behind) == ("cache-1", ("db",), ("db-1",))
    assert frame.addresses["db"] == "cache-1"
    assert shown.facts == {
        "hits_s": ways["web-1", "cache-1"] - ways["cache-1", "db-1"],
        "misses_s": ways["cache-1", "db-1"],
    }
    slow = frame.samples["page"].slow
    assert slow is not None
    assert [step.station for step in slow.steps][-2:] == ["db-1", "db-1"], "its CPU and storage"


def test_the_bill_adds_up() -> None:
    """The run is a month, whatever its length, and the cache was there from the start."""
    scenario = board()
    plain, simulation = Simulation(scenario), Simulation(scenario, services=(*SERVICES, CACHE))
    quote = simulation.quote(CreateCache(GIB))
    month = 2 * GIB_HOUR_MICRO_USD * 730
    assert quote.rate_after_micro_usd - quote.rate_before_micro_usd == month
    simulation.apply(CreateCache(GIB))
    assert simulation.frame().money.rate_month_micro_usd == quote.rate_after_micro_usd
    without, money = plain.advance(120).money, simulation.advance(120).money
    (line,) = [line for line in money.lines if line.resource == "cache-1"]
    assert (line.amount_micro_usd, line.unit, line.quantity) == (month, "h", 730.0)
    assert money.spent_micro_usd == without.spent_micro_usd + month


def test_a_loop_through_it_is_refused() -> None:
    """web on the one machine, app on the other: from the cache it would go back to the first."""
    machines = [{"id": "one", "type": "m5.large"}, {"id": "two", "type": "m5.large"}]
    request = READ | {"app_ms": 1.0}
    simulation = cached(board(request=request, board={"instances": machines}))
    assert simulation.frame().addresses["app"] == "one"
    assert refusal_of(simulation, PointAddress(role="app", to="two")) == RefusalReason.WOULD_LOOP
    simulation.advance(10)
    assert simulation.apply(PointAddress(role="web", to="two")) == Accepted("two")
    assert simulation.apply(PointAddress(role="app", to="two")) == Accepted("two")
    frames = play(simulation, 10)
    assert set(hops(frames[1:])) == {("", "two"), ("two", "cache-1"), ("cache-1", "one")}


def test_whether_something_would_loop_can_be_asked_beforehand() -> None:
    """What is to stand behind a stage counts with what does already."""
    machines = [{"id": "one", "type": "m5.large"}, {"id": "two", "type": "m5.large"}]
    request = READ | {"app_ms": 1.0}
    simulation = cached(board(request=request, board={"instances": machines}))
    traffic = simulation._world.traffic
    ahead = {"web": "one", "app": "two", "db": "front", "files": "one"}
    assert not traffic.would_loop(ahead)
    assert traffic.would_loop(ahead, {"front": ("cache-1",)}), "which has the first behind it"
    assert not traffic.would_loop(ahead | {"app": "one"}, {"front": ("cache-1",)})


def test_without_what_was_behind_it_has_no_data() -> None:
    simulation = cached(board(300))
    simulation.advance(5)
    for command in (DeleteDatabase("db-1"), CreateDatabase("db.t3.large", name="new")):
        assert isinstance(simulation.apply(command), Accepted)
    simulation.advance(151)
    assert simulation.frame().addresses["db"] == "cache-1"
    assert simulation.apply(PointAddress(role="db", to="new")) == Accepted("new")
    back = PointAddress(role="db", to="cache-1")
    assert refusal_of(simulation, back) == RefusalReason.DATA_ELSEWHERE
    answered = simulation.advance(2).counts["page"]
    assert answered.good + answered.late


def test_a_cache_of_a_cache() -> None:
    """Both hand on; nothing is asked of the database that either of them knows."""
    one, two = cached(board(network={"hop_ms": 0.0})), cached(board(network={"hop_ms": 0.0}))
    assert two.apply(CreateCache(2 * GIB)) == Accepted("cache-2")
    first, second = (hops(play(simulation, 30)) for simulation in (one, two))
    assert second["web-1", "cache-2"] == first["web-1", "cache-1"]
    assert second["cache-2", "cache-1"] == second["cache-1", "db-1"], "the larger knows all"
    assert second["cache-1", "db-1"] < first["cache-1", "db-1"]


def test_advancing_in_pieces_makes_no_difference() -> None:
    whole, pieces = cached(board()), cached(board())
    whole.advance(100)
    for _ in range(100):
        pieces.advance()
    assert whole.digest() == pieces.digest()
    assert whole.frame() == pieces.frame()
