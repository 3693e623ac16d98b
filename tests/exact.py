"""Holds the engine's flow against the event-per-request model: the same case into both.

A case is machines, buckets and balancers, addresses, request classes and changes of the
control side. Both get the same arrivals, work and pauses.
"""

import math
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from engine.flow.balancer import Balancer, Nodes
from engine.flow.delay import Delay
from engine.flow.demand import Demand
from engine.flow.machine import Disk, Machine
from engine.flow.replica import Replica
from engine.flow.requests import STEPS, Arrivals
from engine.flow.routes import Readers, Route, Shards
from engine.flow.stage import Stage
from engine.flow.station import Departures, Station
from engine.flow.store import Rate, Store
from engine.flow.table import Capacity, TableStore
from engine.flow.traffic import Traffic
from engine.outcomes import FailureReason
from engine.scenario import ROLES, RequestClass
from tests import event_model
from tests.event_balancer import BalancerKind
from tests.event_model import BucketKind, EventModel, MachineKind, Step
from tests.event_replica import RouteKind
from tests.event_table import TableKind

REQUESTS = int(os.environ.get("HEADROOM_REQUESTS", "6000"))
"""Requests of each case; more when asked for."""

Floats = npt.NDArray[np.float64]
Addresses = dict[str, str]


@dataclass(frozen=True)
class Change:
    """Something that the control side does to a machine or a managed resource at an instant."""

    at_s: float
    do: str
    machine: str
    kind: MachineKind | None = None
    share: float = 1.0
    role: str = ""
    targets: tuple[str, ...] = ()
    units_s: tuple[float, float] = (1.0, 1.0)
    partitions: int = 1


@dataclass(frozen=True)
class Case:
    """Resources, addresses, request classes, their load, and what changes in the middle.

    With a `grid_s` all instants are on a coarse binary grid; luck is in 32nds.
    Requests are of a `pool` of visitors, and about one of `keys` where there are some.
    """

    kinds: dict[str, MachineKind]
    classes: tuple[RequestClass, ...]
    rps: float
    addresses: Addresses
    changes: tuple[Change, ...] = ()
    hop_s: float = 0.0
    grid_s: float | None = None
    seed: int = 1
    buckets: dict[str, BucketKind] = field(default_factory=dict)
    balancers: dict[str, BalancerKind] = field(default_factory=dict)
    pool: int = 1
    lookup_s: float | None = None
    followers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    routes: dict[str, RouteKind] = field(default_factory=dict)
    tables: dict[str, TableKind] = field(default_factory=dict)
    keys: int = 0


class Given(Demand):
    """Arrivals that were drawn beforehand."""

    def __init__(self, arrivals: Arrivals) -> None:
        self.arrivals = arrivals

    def second(self, second: int) -> Arrivals:
        first, last = np.searchsorted(self.arrivals.time, [second, second + 1])
        return self.arrivals.pick(slice(int(first), int(last)))


class Watched(Traffic):
    """Traffic that writes down every departure from every station."""

    def __init__(self, case: Case, arrivals: Arrivals) -> None:
        super().__init__(case.classes, Given(arrivals), case.hop_s, 0.0, case.pool)
        self.stays: dict[tuple[int, str], tuple[float, float, float]] = {}
        self.outcomes: dict[int, tuple[str, float]] = {}
        self.attempts.observer = self._observe
        self._append = self.requests.append
        self._number: dict[int, int] = {}
        self.requests.append = self._numbered  # type: ignore[method-assign]

    def _numbered(self, arrivals: Arrivals, patience_s: Floats) -> npt.NDArray[np.int64]:
        """Attempts are counted by themselves: what replicas apply has numbers too."""
        ids = self._append(arrivals, patience_s)
        self._number |= {id: len(self._number) + k for k, id in enumerate(ids.tolist())}
        return ids

    def log(self, departures: Departures, place: int) -> None:
        super().log(departures, place)
        columns = (departures.ids, departures.arrived, departures.start, departures.end)
        for id, *times in zip(*(c.tolist() for c in columns), strict=True):
            key = (self._number[id], self.places[place])
            assert key not in self.stays
            self.stays[key] = tuple(times)

    def _observe(self, kind: str, times: Floats, ids: npt.NDArray[np.int64], place: str) -> None:
        for id, time in zip(ids.tolist(), times.tolist(), strict=True):
            number = self._number[id]
            assert number not in self.outcomes
            started = float(self.requests.started[id - self.requests.base])
            if kind == "answered":
                index = self.requests.request_class[id - self.requests.base]
                in_time = time - started <= self.classes[index].deadline_ms / 1_000
                kind_now = "good" if in_time else "late"
            else:
                kind_now = str(kind)
            self.outcomes[number] = (kind_now, time)


def draw(case: Case, n: int = REQUESTS) -> Arrivals:
    """n Poisson arrivals of all classes; on a coarse binary grid when the case wants ties."""
    stream = np.random.Generator(np.random.PCG64(case.seed))
    index = stream.integers(0, len(case.classes), n).astype(np.int16)
    times = np.cumsum(stream.standard_exponential(n)) / case.rps
    means_s = np.array([(c.web_ms, c.app_ms, c.data_ms) for c in case.classes]).T / 1_000
    work = means_s[:, index] * stream.standard_exponential((STEPS, n))
    bounds = np.array([c.retry.pause_s for c in case.classes])[index]
    pause = bounds[:, 0] + (bounds[:, 1] - bounds[:, 0]) * stream.random(n)
    luck = stream.random(n)
    if case.grid_s is not None:
        luck = np.floor(luck * 32) / 32
        times, work, pause = (np.ceil(x / case.grid_s) * case.grid_s for x in (times, work, pause))
        work[means_s[:, index] == 0.0] = 0.0
    session = stream.integers(0, case.pool, n).astype(np.int32)
    # The first keys are asked for more often than the others.
    key = np.floor(case.keys * stream.random(n) ** 3).astype(np.int32)
    return Arrivals(
        time=times,
        request_class=index,
        work=work,
        key=key,
        heat=np.full(n, 2.0),
        https=np.zeros(n, np.bool_),
        ipv6=np.zeros(n, np.bool_),
        pause=pause,
        luck=luck,
        session=session,
        tries_left=np.array([c.retry.times for c in case.classes], np.int8)[index],
        attempt=np.ones(n, np.int8),
    )


def io_servers(kind: MachineKind) -> int:
    """I/O operations that a volume works on at once."""
    return max(1, round(kind.iops * kind.volume_latency_s))


class Engine:
    """The engine's flow over a case's machines, without the services around it."""

    def __init__(self, case: Case, arrivals: Arrivals) -> None:
        self.case = case
        self.traffic = Watched(case, arrivals)
        self.addresses: dict[str, str | None] = {r: case.addresses.get(r) for r in ROLES}
        self.kinds = dict(case.kinds)
        self.machines = {name: self._machine(name) for name in case.kinds}
        for master, replicas in case.followers.items():
            self.machines[master].behind = replicas
            self.machines[master].followers = tuple(
                machine for name in replicas if isinstance(machine := self.machines[name], Replica)
            )
        self.stores = {name: self._store(name) for name in case.buckets}
        self.tables = {name: self._table(name) for name in case.tables}
        for name in case.kinds:
            self._start(name, case.kinds[name])
        self.balancers = {name: self._balancer(name) for name in case.balancers}
        if case.lookup_s is not None:
            self.traffic.sessions.keep_outside(case.lookup_s)
        self._wire()

    def _machine(self, name: str) -> Machine:
        place = self.traffic.place_of(f"{name}/cpu")
        refusal = FailureReason(self.case.kinds[name].refusal)
        cpu = Station(f"{name}/cpu", place, 1, 1)
        if any(name in replicas for replicas in self.case.followers.values()):
            return Replica(name, cpu, (), refusal, self.case.hop_s)
        return Machine(name, cpu, full=refusal)

    def _store(self, name: str) -> Store:
        kind, id = self.case.buckets[name], f"{name}/rate"
        reads, writes = (Rate(per_s, per_s) for per_s in (kind.reads_s, kind.writes_s))
        delay = Delay(id, self.traffic.place_of(id))
        return Store(name, delay, reads, writes, kind.first_byte_s, kind.bytes_s)

    def _table(self, name: str) -> TableStore:
        kind, id = self.case.tables[name], f"{name}/rate"
        delay = Delay(id, self.traffic.place_of(id))
        rates = zip((kind.reads_s, kind.writes_s), kind.partition_s, strict=True)
        reads, writes = (Capacity(rate, kind.kept_s, part, 0.0) for rate, part in rates)
        units = [self._units(c, kind.item_kb) for c in self.case.classes]
        table = TableStore(name, ("db",), delay, (reads, writes), np.array(units), kind.takes_s)
        table.split(kind.partitions, 0.0)
        table.up = True
        return table

    @staticmethod
    def _units(request: RequestClass, item_kb: float) -> float:
        if request.data == "write":
            return float(np.ceil(item_kb))
        return float(np.ceil(item_kb / 4)) / (1.0 if request.max_lag_s == 0 else 2.0)

    def _balancer(self, name: str) -> Balancer:
        kind, nodes = self.case.balancers[name], Nodes(f"{name}/nodes", 1e9)
        place = self.traffic.place_of(name)
        balancer = Balancer(name, place, ("web", "app"), self.case.hop_s, nodes)
        balancer.algorithm, balancer.sticky = kind.algorithm, kind.sticky  # type: ignore[assignment]
        balancer.behind = kind.targets
        self._take(balancer, kind.targets)
        return balancer

    def _take(self, balancer: Balancer, targets: tuple[str, ...]) -> None:
        kind = self.case.balancers[balancer.id]
        weigh = kind.weights if kind.algorithm == "weighted" else {}
        balancer.shares = {name: float(weigh.get(name, 1)) for name in targets}
        balancer.machines = {name: self.machines[name] for name in targets}

    def _start(self, name: str, kind: MachineKind) -> None:
        self.kinds[name] = kind
        machine = self.machines[name]
        machine.connections = kind.connections
        room = 0 if isinstance(machine, Replica) else kind.room
        machine.cpu.change(speed=kind.speed, servers=kind.vcpus, room=room)
        place = self.traffic.place_of(f"{name}/io")
        servers = io_servers(kind)
        station = Station(f"{name}/io", place, servers, kind.room)
        work_s = np.array([c.data_io * servers / kind.iops for c in self.case.classes])
        work_s *= np.where(self.traffic.writes, kind.write_factor, 1.0)
        machine.disks = {role: Disk(station, work_s) for role in ("db", "files")}
        machine.up = True

    def _wire(self) -> None:
        stages: list[Stage] = [*self.machines.values(), *self.stores.values()]
        stages += self.tables.values()
        stages += self.balancers.values()
        reads = tuple(c.data == "read" for c in self.case.classes)
        routes: dict[str, Route] = {
            name: Shards(kind.targets) if kind.by_key else Readers(kind.targets, reads)
            for name, kind in self.case.routes.items()
        }
        self.traffic.wire(stages, self.addresses, routes)

    def _apply(self, change: Change) -> None:
        if change.machine in self.stores:
            self._apply_to_store(change, self.stores[change.machine])
        elif change.machine in self.tables:
            self._apply_to_table(change, self.tables[change.machine])
        elif change.machine in self.balancers:
            self._apply_to_balancer(change, self.balancers[change.machine])
        else:
            self._apply_to_machine(change, self.machines[change.machine])

    def _apply_to_store(self, change: Change, store: Store) -> None:
        kind = self.case.buckets[store.id]
        match change.do:
            case "speed_up":
                store.reads.change(kind.reads_s * change.share)
                store.writes.change(kind.writes_s * change.share)
            case "stop":
                store.up = False
            case "point":
                self.addresses[change.role] = store.id
                self._wire()
            case other:
                raise AssertionError(other)

    def _apply_to_table(self, change: Change, table: TableStore) -> None:
        now = self.traffic.now
        match change.do:
            case "provision":
                kept_s = self.case.tables[table.id].kept_s
                for capacity, per_s in zip(
                    (table.reads, table.writes), change.units_s, strict=True
                ):
                    capacity.change(per_s, kept_s, now)
            case "split":
                table.split(change.partitions, now)
            case "stop":
                table.up = False
            case "point":
                self.addresses[change.role] = table.id
                self._wire()
            case other:
                raise AssertionError(other)

    def _apply_to_balancer(self, change: Change, balancer: Balancer) -> None:
        match change.do:
            case "take":
                self._take(balancer, change.targets)
            case "stop":
                balancer.up = False
            case "point":
                self.addresses[change.role] = balancer.id
                self._wire()
            case other:
                raise AssertionError(other)

    def _apply_to_machine(self, change: Change, machine: Machine) -> None:
        match change.do:
            case "stop":
                machine.up = False
                machine.fail_all(self.traffic, self.traffic.now, FailureReason.BAD_GATEWAY)
                self.traffic.sessions.forget(machine.place)
            case "start":
                assert change.kind is not None
                self._start(change.machine, change.kind)
            case "slow_cpu":
                machine.cpu.change(speed=self.kinds[change.machine].speed * change.share)
            case "slow_volume":
                disk = machine.disks["db"]
                assert disk is not None
                disk.station.change(speed=change.share)
            case "point":
                self.addresses[change.role] = change.machine
                self._wire()
            case other:
                raise AssertionError(other)

    def play(self, pieces_s: Iterable[float]) -> Watched:
        """Advance from piece to piece, and stop for every change on the way."""
        changes = {c.at_s for c in self.case.changes}
        for until in sorted(changes | set(pieces_s)):
            self.step(until)
        return self.traffic

    def step(self, until: float) -> None:
        """Advance to an instant, and make the changes that are due then."""
        self.traffic.advance(until)
        for change in self.case.changes:
            if change.at_s == until:
                self._apply(change)


def model_change(change: Change, model: EventModel) -> None:
    """The same change in the event-per-request model."""
    if change.do == "point":
        return model.point(change.role, change.machine)
    if change.machine in model.buckets:
        bucket = model.buckets[change.machine]
        if change.do == "stop":
            bucket.running = False
        else:
            bucket.speed_up(change.share)
        return None
    if change.machine in model.tables:
        dynamo = model.tables[change.machine]
        dynamo.running = change.do != "stop"
        if change.do == "provision":
            dynamo.table.provision(*change.units_s, change.at_s)
        elif change.do == "split":
            dynamo.table.split(change.partitions, change.at_s)
        return None
    if change.machine in model.balancers:
        balancer = model.balancers[change.machine]
        balancer.running = change.do != "stop"
        balancer.taking = change.targets
        return None
    machine = model.machines[change.machine]
    match change.do:
        case "stop":
            machine.stop()
            model.homes.forget(change.machine)
        case "start":
            assert change.kind is not None
            machine.start(change.kind)
            if machine.log is not None:
                model.catch_up(change.machine)
        case "slow_cpu":
            machine.slow_cpu(change.share)
        case "slow_volume":
            machine.slow_volume(change.share)
    return None


def model_requests(
    classes: tuple[RequestClass, ...],
    arrivals: Arrivals,
    *,
    tls_s: float = 0.0,
    cached: float = 0.0,
) -> list[event_model.Request]:
    """The arrivals as the event-per-request model wants them.

    `cached` is the share of its table that needs no I/O to be read.
    """
    return [_model_request(classes, arrivals, i, tls_s, cached) for i in range(len(arrivals))]


def _model_request(
    classes: tuple[RequestClass, ...],
    arrivals: Arrivals,
    i: int,
    tls_s: float,
    cached: float,
) -> event_model.Request:
    of_class = classes[arrivals.request_class[i]]
    web_s, app_s, data_s = arrivals.work[:, i].tolist()
    steps = [Step("web", web_s + (tls_s if arrivals.https[i] else 0.0))]
    if of_class.app_ms > 0:
        steps.append(Step("app", app_s))
    if of_class.data != "none":
        role = "files" if of_class.data.startswith("file") else "db"
        heat = float(arrivals.heat[i])
        writes = of_class.data.endswith("write")
        io = of_class.data_io if heat > cached else 0
        size, luck = of_class.response_kb * 1_000, float(arrivals.luck[i])
        most_lag_s = math.inf if of_class.max_lag_s is None else of_class.max_lag_s
        key, strong = int(arrivals.key[i]), of_class.max_lag_s == 0
        steps.append(Step(role, data_s, io, heat, writes, size, luck, key, most_lag_s, strong))
    return event_model.Request(
        at_s=float(arrivals.time[i]),
        steps=tuple(steps),
        deadline_s=of_class.deadline_ms / 1_000,
        patience_s=of_class.patience_ms / 1_000,
        retries=of_class.retry.times,
        pause_s=float(arrivals.pause[i]),
        visitor=int(arrivals.session[i]),
        session=of_class.session,
        luck=float(arrivals.luck[i]),
    )


def run_model(case: Case, arrivals: Arrivals) -> list[event_model.Attempt]:
    """All attempts of a case in order of their start."""
    model = EventModel(
        case.kinds, case.addresses, case.hop_s, case.buckets, case.balancers, case.lookup_s,
        case.followers, case.routes, case.tables,
    )  # fmt: skip
    changes = [(c.at_s, lambda m, c=c: model_change(c, m)) for c in case.changes]
    attempts = model.run(model_requests(case.classes, arrivals), changes)
    return sorted(attempts, key=lambda a: a.started_s)


def last_s(attempts: list[event_model.Attempt]) -> float:
    """When everything is over, also the work for users who have gone."""
    left = (v.left_s for a in attempts for v in a.visits if v.left_s is not None)
    return max(*left, *(a.ended_s for a in attempts))


def difference_s(attempts: list[event_model.Attempt], traffic: Watched) -> float:
    """The largest difference in any instant, once all outcomes are seen to be the same."""
    assert len(attempts) == len(traffic.outcomes)
    expected = [a.outcome for a in attempts]
    found = [traffic.outcomes[i][0] for i in range(len(attempts))]
    assert found == expected
    largest = max(abs(traffic.outcomes[i][1] - a.ended_s) for i, a in enumerate(attempts))
    stays = {
        (i, v.station): (v.arrived_s, v.started_s, v.left_s)
        for i, a in enumerate(attempts)
        for v in a.visits
        if v.left_s is not None
    }
    assert stays.keys() == traffic.stays.keys()
    for key, times in stays.items():
        for expected_s, found_s in zip(times, traffic.stays[key], strict=True):
            assert expected_s is not None
            largest = max(largest, abs(expected_s - found_s))
    return largest


def expected_counts(
    case: Case, arrivals: Arrivals, attempts: list[event_model.Attempt]
) -> dict[str, Counter[str]]:
    """How many requests of each class ended how: by the outcome of their last attempt."""
    last = {a.request: a.outcome for a in attempts}
    counts: dict[str, Counter[str]] = {c.name: Counter() for c in case.classes}
    for request, outcome in last.items():
        counts[case.classes[arrivals.request_class[request]].name][outcome] += 1
    return counts


def final_counts(case: Case, traffic: Traffic) -> dict[str, Counter[str]]:
    """The same by the engine's own tally."""
    totals = traffic.tally.counts(traffic.tally.total)
    return {
        name: +Counter({"good": t.good, "late": t.late, **t.failed}) for name, t in totals.items()
    }
