"""The same model once more, the slow way: one SimPy process for every attempt of every request.

Written from the design alone and sharing no code with the engine, so that the
two can be held against each other request by request. Control changes come
first at an instant, then departures, then arrivals, then the choices of
balancers, then users who give up.
"""

import math
from collections import Counter
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from itertools import takewhile
from typing import Any, TypeVar

import simpy
from simpy.events import NORMAL, URGENT, EventPriority

from tests import event_table
from tests.event_balancer import Balancer, BalancerKind, Homes
from tests.event_replica import Log, RouteKind, Write
from tests.event_table import TableKind

T = TypeVar("T")
Way = Generator[simpy.Event, Any, T]

CONTROL = URGENT
DEPARTURE = NORMAL
ARRIVAL = EventPriority(2)
CHOICE = EventPriority(3)
GIVE_UP = EventPriority(4)

STOPPED = "the machine went away"


class Instant(simpy.Event):
    """A timeout with a place in the order of what happens at one instant."""

    def __init__(self, env: simpy.Environment, delay_s: float, order: EventPriority) -> None:
        super().__init__(env)
        self._ok = True
        self._value = None
        env.schedule(self, order, delay_s)


@dataclass(frozen=True)
class Step:
    """What a request needs of one role: CPU seconds of an m5 vCPU, and I/O operations.

    Those only where the share of the table that is in memory is below its `heat`.
    A bucket asks for its `size_bytes` and for its `luck`, in [0, 1), instead; a
    replica for how old what it reads may be, a table of DynamoDB for its `key` and
    `luck`, and whether a read must see everything, `strong`.
    """

    role: str
    cpu_s: float
    io: int = 0
    heat: float = 2.0
    writes: bool = False
    size_bytes: float = 0.0
    luck: float = 0.0
    key: int = 0
    most_lag_s: float = math.inf
    strong: bool = False


@dataclass(frozen=True)
class Request:
    """One request as its user asks for it; all times in seconds."""

    at_s: float
    steps: tuple[Step, ...]
    deadline_s: float = 1e9
    patience_s: float = 1e9
    retries: int = 0
    pause_s: float = 1.0
    visitor: int = 0
    session: bool = False
    luck: float = 0.0


@dataclass
class Visit:
    """One stay at a station; `left_s` is None when the request died there."""

    station: str
    arrived_s: float
    started_s: float | None = None
    left_s: float | None = None


@dataclass
class Attempt:
    """What came of one attempt, as its user saw it, and where its work went."""

    request: int
    number: int
    started_s: float
    ended_s: float = float("nan")
    outcome: str = "in_flight"
    visits: list[Visit] = field(default_factory=list)


@dataclass
class Job:
    """What a station is to do for one request: seconds of work, and more when it is given more."""

    work: float


@dataclass
class Stay(Job):
    """A visit to a CPU: the steps done there, and those that the request goes on to afterwards."""

    here: list[Step]
    onward: list[Step]
    off_cpu: Callable[[], None] | None = None

    def leave(self) -> None:
        """It is not at the CPU any more, for whatever reason."""
        if self.off_cpu is not None:
            self.off_cpu()
        self.off_cpu = None

    def keep(self, plays: Callable[[Step], bool]) -> None:
        """Steps that are played here now are done here too."""
        for step in list(takewhile(plays, self.onward)):
            self.here.append(step)
            self.onward.remove(step)
            self.work += step.cpu_s


class Station:
    """First come, first served: `servers` at once, at most `room` waiting, others refused."""

    def __init__(
        self,
        env: simpy.Environment,
        name: str,
        servers: int,
        room: int,
        speed: float,
        refusal: str,
    ) -> None:
        self.env = env
        self.name = name
        self.room = room
        self.refusal = refusal
        self.speed = speed
        self.servers = simpy.Resource(env, capacity=servers)
        self.serving: dict[simpy.Process, None] = {}
        self.present: dict[simpy.Process, Job] = {}
        self.busy_s = 0.0
        self._busy_until = env.now

    def visit(self, job: Job, attempt: Attempt) -> Way[str | None]:
        """Wait, be served, leave; gives the reason when the visit failed."""
        full = self.servers.count == self.servers.capacity
        if full and len(self.servers.queue) >= self.room:
            return self.refusal
        visit = Visit(self.name, self.env.now)
        attempt.visits.append(visit)
        process = self.env.active_process
        assert process is not None
        self.present[process] = job
        with self.servers.request() as turn:
            try:
                yield turn
                visit.started_s = self.env.now
                yield from self._serve(job, process)
                visit.left_s = self.env.now
            except simpy.Interrupt:
                return "bad_gateway"
            finally:
                del self.present[process]
        return None

    def _serve(self, job: Job, process: simpy.Process) -> Way[None]:
        self.mark_busy()
        self.serving[process] = None
        try:
            while True:
                speed, since, work = self.speed, self.env.now, job.work
                try:
                    yield Instant(self.env, work / speed, DEPARTURE)
                    return
                except simpy.Interrupt as interrupt:
                    if interrupt.cause is STOPPED:
                        raise
                    job.work -= min(work, (self.env.now - since) * speed)
        finally:
            self.mark_busy()
            del self.serving[process]

    def mark_busy(self) -> None:
        """Add the busy server-seconds since the last change to `busy_s`."""
        self.busy_s += len(self.serving) * (self.env.now - self._busy_until)
        self._busy_until = self.env.now

    def set_speed(self, speed: float) -> None:
        """From now on work is done at `speed`, also what is being worked on."""
        self.speed = speed
        self._begin_anew()

    def _begin_anew(self) -> None:
        for process in list(self.serving):
            process.interrupt("speed or work changed")

    def give_more(self, grown: Callable[[Job], None]) -> None:
        """Let `grown` add work to jobs that wait or are served."""
        for job in self.present.values():
            grown(job)
        self._begin_anew()

    def fail_all(self) -> None:
        """Everything that waits or is served here dies."""
        for process in list(self.present):
            process.interrupt(STOPPED)


@dataclass(frozen=True)
class Credits:
    """CPU credits of a burstable type: balance at the start, income, share when it is used up."""

    balance: float
    per_hour: float
    most: float
    baseline: float


@dataclass(frozen=True)
class MachineKind:
    """What a machine is made of; `speed` 1 is an m5 vCPU.

    `connections` is how many requests at most are here, at its CPU and its volume
    together; a write at the volume takes `write_factor` times as long as a read. `cached`
    is the share of the tables in its memory.
    """

    vcpus: int
    room: int
    speed: float = 1.0
    iops: float = 3000.0
    volume_latency_s: float = 0.001
    credits: Credits | None = None
    connections: int | None = None
    write_factor: float = 1.0
    cached: float = 0.0
    refusal: str = "waiting_room_full"


def database(vcpus: int, connections: int, **more: Any) -> MachineKind:
    """A managed database: whoever gets no connection is told so at once."""
    return MachineKind(
        vcpus, connections, connections=connections, refusal="too_many_connections", **more
    )


class Machine:
    """A CPU and a volume that stop and start together."""

    def __init__(self, env: simpy.Environment, name: str, kind: MachineKind) -> None:
        self.env = env
        self.name = name
        self.connected = 0
        self.log: Log | None = None
        self.start(kind)
        if kind.credits is not None:
            env.process(self._burn_credits(kind.credits.balance))

    def start(self, kind: MachineKind) -> None:
        """Run as `kind` from now on, with nothing waiting."""
        self.kind = kind
        self.running = True
        self.slow = 1.0
        self.throttle = 1.0
        self.write_factor = kind.write_factor
        self.io_servers = max(1, round(kind.iops * kind.volume_latency_s))
        env, name, refusal = self.env, self.name, kind.refusal
        self.cpu = Station(env, f"{name}/cpu", kind.vcpus, kind.room, kind.speed, refusal)
        self.volume = Station(env, f"{name}/io", self.io_servers, kind.room, 1.0, refusal)

    def stop(self) -> None:
        """A stop or a crash: what waits or is served here fails, later arrivals are refused."""
        self.running = False
        self.cpu.fail_all()
        self.volume.fail_all()

    def slow_cpu(self, share: float) -> None:
        """The CPU works at `share` of its full speed."""
        self.slow = share
        self.cpu.set_speed(self.kind.speed * self.slow * self.throttle)

    def slow_volume(self, share: float) -> None:
        """The volume works at `share` of its full speed."""
        self.volume.set_speed(share)

    def walk(self, stay: Stay, attempt: Attempt) -> Way[str | None]:
        """One visit to the CPU for all its steps, then one to the volume for their I/O."""
        if self.connected == self.kind.connections:
            return self.kind.refusal
        self.connected += 1
        try:
            return (yield from self._stay(stay, attempt))
        finally:
            self.connected -= 1

    def _stay(self, stay: Stay, attempt: Attempt) -> Way[str | None]:
        failure = yield from self.cpu.visit(stay, attempt)
        stay.leave()
        lag_s = 0.0
        if failure is None and self.log is not None:
            started_s = attempt.visits[-1].started_s
            assert started_s is not None
            lag_s = self.log.lag_s(started_s)
        needed = [step for step in stay.here if step.heat > self.kind.cached]
        io = sum(s.io * (self.write_factor if s.writes else 1.0) for s in needed)
        if failure is None and io:
            yield Instant(self.env, 0.0, ARRIVAL)
            service_s = io * self.io_servers / self.kind.iops
            failure = yield from self.volume.visit(Job(service_s), attempt)
        if failure is None and any(lag_s > step.most_lag_s for step in stay.here):
            return "stale_read"
        return failure

    def _burn_credits(self, balance: float) -> Way[None]:
        while True:
            yield Instant(self.env, 1.0, CONTROL)
            credit = self.kind.credits
            if credit is None or not self.running:
                continue
            self.cpu.mark_busy()
            used = self.cpu.busy_s * self.throttle / 60
            self.cpu.busy_s = 0.0
            balance = min(credit.most, balance + credit.per_hour / 3600 - used)
            share = 1.0 if balance > 0 else credit.baseline
            if share != self.throttle:
                self.throttle = share
                self.slow_cpu(self.slow)


@dataclass(frozen=True)
class BucketKind:
    """A bucket: requests a second of each kind, time to the first byte, bytes a second after it."""

    reads_s: float
    writes_s: float
    first_byte_s: tuple[float, float] = (0.1, 0.2)
    bytes_s: float = 90e6


class Tokens:
    """A second's worth of tokens at first; as many a second come back, never more are kept."""

    def __init__(self, per_s: float) -> None:
        self.per_s = self.most = self.level = Fraction(per_s)
        self.at_s = Fraction(0)

    def take(self, now_s: float) -> bool:
        """Whether there is a whole one for a request that comes now."""
        now = Fraction(now_s)
        self.level = min(self.most, self.level + self.per_s * (now - self.at_s))
        self.at_s = now
        if self.level < 1:
            return False
        self.level -= 1
        return True

    def be(self, per_s: float) -> None:
        """Another rate from now on."""
        self.per_s = self.most = Fraction(per_s)


class Bucket:
    """An object store: no line to wait in; whoever finds no token is told to slow down."""

    def __init__(self, env: simpy.Environment, name: str, kind: BucketKind) -> None:
        self.env = env
        self.name = name
        self.kind = kind
        self.running = True
        self.tokens = {False: Tokens(kind.reads_s), True: Tokens(kind.writes_s)}

    def speed_up(self, factor: float) -> None:
        """So many times the rates that it was made with, from now on."""
        self.tokens[False].be(self.kind.reads_s * factor)
        self.tokens[True].be(self.kind.writes_s * factor)

    def walk(self, stay: Stay, attempt: Attempt) -> Way[str | None]:
        """Answered after the first byte's time and that of all bytes."""
        (step,) = stay.here
        if not self.tokens[step.writes].take(self.env.now):
            return "slow_down"
        visit = Visit(f"{self.name}/rate", self.env.now, self.env.now)
        attempt.visits.append(visit)
        low, high = self.kind.first_byte_s
        takes_s = low + (high - low) * step.luck + step.size_bytes / self.kind.bytes_s
        yield Instant(self.env, takes_s, DEPARTURE)
        visit.left_s = self.env.now
        return None


class Dynamo:
    """A table of DynamoDB: no line to wait in; whoever does not get its units is throttled."""

    def __init__(self, env: simpy.Environment, name: str, kind: TableKind) -> None:
        self.env = env
        self.name = name
        self.running = True
        self.table = event_table.Table(kind)

    def walk(self, stay: Stay, attempt: Attempt) -> Way[str | None]:
        """Answered after a few milliseconds, by luck."""
        (step,) = stay.here
        asked = self.table.ask(self.env.now, step.key, writes=step.writes, strong=step.strong)
        if not asked:
            return "throttled"
        visit = Visit(f"{self.name}/rate", self.env.now, self.env.now)
        attempt.visits.append(visit)
        low, high = self.table.kind.takes_s
        yield Instant(self.env, low + (high - low) * step.luck, DEPARTURE)
        visit.left_s = self.env.now
        return None


class EventModel:
    """Users, addresses and all that they lead to; `run` gives every attempt of every request.

    A request is outstanding at a machine from when it is sent there until it is
    off the CPU, or is turned away.
    """

    def __init__(
        self,
        kinds: dict[str, MachineKind],
        addresses: dict[str, str],
        hop_s: float = 0.0,
        buckets: dict[str, BucketKind] | None = None,
        balancers: dict[str, BalancerKind] | None = None,
        lookup_s: float | None = None,
        followers: dict[str, tuple[str, ...]] | None = None,
        routes: dict[str, RouteKind] | None = None,
        tables: dict[str, TableKind] | None = None,
    ) -> None:
        self.env = simpy.Environment()
        self.machines = {name: Machine(self.env, name, kind) for name, kind in kinds.items()}
        self.buckets = {n: Bucket(self.env, n, kind) for n, kind in (buckets or {}).items()}
        self.tables = {n: Dynamo(self.env, n, kind) for n, kind in (tables or {}).items()}
        self.outstanding: Counter[str] = Counter()
        kinds_of = (balancers or {}).items()
        self.balancers = {n: Balancer(kind, self.outstanding) for n, kind in kinds_of}
        self.homes = Homes()
        self.addresses: dict[str, str | None] = {**addresses}
        self.hop_s = hop_s
        self.lookup_s = lookup_s
        self.followers = followers or {}
        self.routes = routes or {}
        for replica in (r for replicas in self.followers.values() for r in replicas):
            self.machines[replica].log = Log()
        self.attempts: list[Attempt] = []

    def run(
        self,
        requests: Iterable[Request],
        changes: Iterable[tuple[float, Callable[["EventModel"], None]]] = (),
        until_s: float | None = None,
    ) -> list[Attempt]:
        """Play all `requests`, with control `changes` at their instants."""
        for at_s, change in changes:
            self.env.process(self._change(at_s, change))
        for number, request in enumerate(requests):
            self.env.process(self._user(number, request))
        self.env.run(until_s)
        return self.attempts

    def point(self, role: str, holder: str) -> None:
        """Re-point an address; requests that are at the new holder now stay there for the role."""
        self.addresses[role] = holder
        for machine in self._players(holder):
            self.machines[machine].cpu.give_more(partial(self._keep, machine))

    def _keep(self, holder: str, job: Job) -> None:
        assert isinstance(job, Stay)
        job.keep(lambda step: holder in self._players(self.addresses.get(step.role) or ""))

    def _players(self, holder: str) -> tuple[str, ...]:
        """The machines that play what a resource holds the address of."""
        if holder in self.balancers:
            return self.balancers[holder].kind.targets
        return (holder,) if holder in self.machines else ()

    def _change(self, at_s: float, change: Callable[["EventModel"], None]) -> Way[None]:
        yield Instant(self.env, at_s, CONTROL)
        change(self)

    def _user(self, number: int, request: Request) -> Way[None]:
        yield Instant(self.env, request.at_s, ARRIVAL)
        for again in range(request.retries + 1):
            attempt = Attempt(number, again, self.env.now)
            self.attempts.append(attempt)
            answer = self.env.process(self._attempt(request, attempt))
            yield answer | Instant(self.env, request.patience_s, GIVE_UP)
            failure = answer.value if answer.triggered else "client_gave_up"
            attempt.ended_s = self.env.now
            if failure is None:
                in_time = attempt.ended_s - attempt.started_s <= request.deadline_s
                attempt.outcome = "good" if in_time else "late"
                return
            attempt.outcome = failure
            if again < request.retries:
                yield Instant(self.env, request.pause_s, ARRIVAL)

    def _attempt(self, request: Request, attempt: Attempt) -> Way[str | None]:
        left = list(request.steps)
        if self.lookup_s is not None and request.session:
            yield Instant(self.env, self.lookup_s + 2 * self.hop_s, ARRIVAL)
        while left:
            holder = self._asked(left[0], request, attempt)
            if holder is None:
                return "no_target"
            first = len(left) == len(request.steps)
            stay = Stay(left[0].cpu_s, here=left[:1], onward=left[1:])
            if holder not in self.balancers:
                self._send(holder, stay)
            if not first:
                yield Instant(self.env, self.hop_s, ARRIVAL)
            if holder in self.balancers:
                balancer = self.balancers[holder]
                failure = yield from self._balance(balancer, stay, request, attempt, first=first)
            else:
                failure = yield from self._visit(holder, stay, attempt)
            stay.leave()
            if failure is not None:
                return failure
            left = stay.onward
        return None

    def _send(self, holder: str, stay: Stay) -> None:
        self.outstanding[holder] += 1
        stay.off_cpu = lambda: self.outstanding.subtract([holder])

    def _visit(self, holder: str, stay: Stay, attempt: Attempt) -> Way[str | None]:
        places = self.machines | self.buckets | self.tables
        place: Machine | Bucket | Dynamo = places[holder]
        if not place.running:
            return "connection_refused"
        self._keep(holder, stay)
        failure = yield from place.walk(stay, attempt)
        for step in stay.here if failure is None else ():
            for follower in self.followers.get(holder, ()) if step.writes else ():
                self.env.process(self._hear(follower, Write(self.env.now, step.cpu_s)))
        return failure

    def _asked(self, step: Step, request: Request, attempt: Attempt) -> str | None:
        """Who holds the role's address, or who is asked instead by the routes."""
        holder = self.addresses.get(step.role)
        while holder in self.routes:
            before = holder
            holder = self.routes[holder].choose(
                step.key, request.luck, attempt.number, writes=step.writes
            )
            if holder == before:
                break
        return holder

    def _hear(self, follower: str, write: Write) -> Way[None]:
        """A replica hears of a write a hop later."""
        log = self.machines[follower].log
        assert log is not None
        log.writes.append(write)
        yield Instant(self.env, self.hop_s, ARRIVAL)
        yield from self._apply(follower, log, write)

    def _apply(self, follower: str, log: Log, write: Write) -> Way[None]:
        machine, nobody = self.machines[follower], Attempt(-1, -1, self.env.now)
        failure = "down"
        if machine.running:
            failure = (yield from machine.cpu.visit(Job(write.cpu_s), nobody)) or ""
        if failure:
            log.waiting.append(write)
        else:
            write.applied_s = self.env.now

    def catch_up(self, follower: str) -> None:
        """A replica is up again: it applies what it has missed, in order."""
        log = self.machines[follower].log
        assert log is not None
        missed, log.waiting = sorted(log.waiting, key=lambda w: w.committed_s), []
        for write in missed:
            self.env.process(self._late(follower, log, write))

    def _late(self, follower: str, log: Log, write: Write) -> Way[None]:
        yield Instant(self.env, 0.0, ARRIVAL)
        yield from self._apply(follower, log, write)

    def _balance(
        self, balancer: Balancer, stay: Stay, request: Request, attempt: Attempt, *, first: bool
    ) -> Way[str | None]:
        """Choose a target, and go there; whose session is not there learns so on arrival."""
        yield Instant(self.env, 0.0, CHOICE)
        if not balancer.running or not balancer.taking:
            return "no_target"
        name = balancer.choose(request.visitor, request.luck, attempt.number)
        target = self.machines[name]
        asks = request.session and first and target.running and self.lookup_s is None
        if asks and not self.homes.find(request.visitor, name):
            yield Instant(self.env, self.hop_s, ARRIVAL)
            return "session_lost"
        self._send(name, stay)
        yield Instant(self.env, self.hop_s, ARRIVAL)
        return (yield from self._visit(name, stay, attempt))
