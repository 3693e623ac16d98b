"""Long runs against closed forms: every mean lies inside the run's own 99 % confidence interval.

A run is cut into batches of time, each long against the queue's memory; the
first is left out as warm-up and the others give mean and interval. Seeds are
fixed, so the verdict is too; with other seeds, one comparison in a hundred may
fail by chance.
"""

import math
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pytest

from engine.flow.demand import Demand
from engine.flow.machine import Machine
from engine.flow.station import Departures, Station
from engine.flow.traffic import Traffic
from engine.scenario import ROLES
from engine.simulation import Simulation
from engine.streams import Streams
from tests.boards import steady

BATCHES = 20
T_99 = 2.861
"""99 % of Student's t with `BATCHES` - 1 degrees of freedom lie between ± this."""

RPS = 1_000.0
SEED = 5
"""One at which all intervals hold; over six seeds, 354 of 360 did, as 99 % should."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A 99 % confidence interval of a mean."""

    mean: float
    half_width: float

    def holds(self, value: float) -> bool:
        return abs(value - self.mean) <= self.half_width


def interval(batch_means: Floats) -> Interval:
    """From the means of batches, of which the first is warm-up."""
    values = batch_means[1:]
    assert len(values) == BATCHES
    half_width = T_99 * values.std(ddof=1) / math.sqrt(len(values))
    return Interval(float(values.mean()), float(half_width))


class Measured(Traffic):
    """Traffic that keeps every departure: arrival, start and end, by station."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.departures: dict[str, list[Departures]] = {}

    def log(self, departures: Departures, place: int) -> None:
        super().log(departures, place)
        self.departures.setdefault(self.places[place], []).append(departures)


@dataclass(frozen=True)
class Run:
    """Arrivals, starts and ends at each station, in order of departure."""

    seconds: int
    columns: dict[str, tuple[Floats, Floats, Floats]]

    def batch_means(self, station: str, values: Floats) -> Floats:
        """Mean of a value per request over the requests that arrive in each batch of time."""
        arrived = self.columns[station][0]
        batch = (arrived * (BATCHES + 1) / self.seconds).astype(np.int64)
        return np.asarray(np.bincount(batch, values) / np.bincount(batch))

    def waits(self, station: str) -> Floats:
        arrived, start, _ = self.columns[station]
        return start - arrived

    def stays(self, station: str) -> Floats:
        arrived, _, end = self.columns[station]
        return end - arrived

    def numbers(self, station: str) -> Floats:
        """Requests present, averaged over each batch of time."""
        arrived, _, end = self.columns[station]
        edges = np.linspace(0.0, self.seconds, BATCHES + 2)
        spent = [np.clip(end, a, b) - np.clip(arrived, a, b) for a, b in _pairs(edges)]
        return np.array([s.sum() for s in spent]) * (BATCHES + 1) / self.seconds

    def rates(self, station: str) -> Floats:
        """Arrivals in a second, in each batch of time."""
        edges = np.linspace(0.0, self.seconds, BATCHES + 2)
        counts = np.histogram(self.columns[station][0], edges)[0]
        return counts * (BATCHES + 1) / self.seconds


def _pairs(edges: Floats) -> list[tuple[float, float]]:
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))


def run(
    machines: dict[str, int],
    addresses: dict[str, str],
    request: dict[str, Any],
    seconds: int,
    name: str,
) -> Run:
    """Steady Poisson traffic through machines of so many vCPUs, from a seed named by the case."""
    seed = crc32(f"{SEED} {name}".encode())
    scenario = steady(rps=RPS, duration_s=seconds, request=request)
    traffic = Measured(scenario.requests, Demand(scenario, Streams(seed)), 0.0, 0.0)
    stand = []
    for id, servers in machines.items():
        machine = Machine(id, Station(f"{id}/cpu", traffic.place_of(id), servers, 1_000_000))
        machine.up = True
        stand.append(machine)
    traffic.wire(stand, {role: addresses.get(role) for role in ROLES})
    traffic.advance(float(seconds))
    columns = {place: _columns(parts) for place, parts in traffic.departures.items()}
    return Run(seconds, columns)


def _columns(parts: list[Departures]) -> tuple[Floats, Floats, Floats]:
    return (
        np.concatenate([p.arrived for p in parts]),
        np.concatenate([p.start for p in parts]),
        np.concatenate([p.end for p in parts]),
    )


def erlang_c(c: int, load: float) -> float:
    """Probability that an arrival at M/M/c has to wait; `load` in erlangs."""
    terms = [load**k / math.factorial(k) for k in range(c)]
    last = load**c / math.factorial(c) * c / (c - load)
    return last / (sum(terms) + last)


def mmc_wait_s(c: int, utilization: float) -> float:
    """Mean wait in M/M/c at `RPS` arrivals a second."""
    service_s = c * utilization / RPS
    return erlang_c(c, c * utilization) * service_s / (c * (1 - utilization))


def lasting_s(c: int, utilization: float) -> int:
    """A run long enough for its batches: each of some 20 relaxation times, and of 40 s."""
    service_s = c * utilization / RPS
    relaxation_s = service_s / c / (1 - math.sqrt(utilization)) ** 2
    return (BATCHES + 1) * max(40, math.ceil(20 * relaxation_s))


def one(c: int, utilization: float, name: str, **request: Any) -> Run:
    """One machine of c vCPUs at a utilization."""
    service_ms = 1_000 * c * utilization / RPS
    request = {"web_ms": service_ms, "app_ms": 0.0} | request
    return run({"m": c}, {"web": "m"}, request, lasting_s(c, utilization), name)


def check(found: Interval, theory: float, what: str) -> None:
    print(f"{what}: theory {theory:.6g}, run {found.mean:.6g} ± {found.half_width:.2g}")
    assert found.holds(theory), what


@pytest.mark.parametrize("utilization", [0.5, 0.8, 0.95])
@pytest.mark.parametrize("c", [1, 2, 4, 16])
def test_mmc(c: int, utilization: float) -> None:
    """Exponential work: mean wait, share that waits, utilization, and Little's law."""
    name = f"M/M/{c} at {utilization}"
    done = one(c, utilization, name)
    waits, stays = done.waits("m"), done.stays("m")
    wait = interval(done.batch_means("m", waits))
    check(wait, mmc_wait_s(c, utilization), f"{name} wait")
    assert wait.half_width < 0.35 * wait.mean, "the run is too short to say anything"
    waited = interval(done.batch_means("m", (waits > 0).astype(np.float64)))
    check(waited, erlang_c(c, c * utilization), f"{name} P(wait)")
    busy = interval(done.batch_means("m", stays - waits) * done.rates("m") / c)
    check(busy, utilization, f"{name} utilization")
    number = done.numbers("m")
    little = interval(number - done.rates("m") * done.batch_means("m", stays))
    check(little, 0.0, f"{name} L - λW")
    assert little.half_width < 0.05 * number[1:].mean()


def test_mm1_sojourns_are_exponential() -> None:
    """M/M/1: time in the system is exponential, so its quantiles are known."""
    name = "M/M/1 quantiles"
    done = one(1, 0.8, name)
    mean_s = 0.8 / RPS / (1 - 0.8)
    for share in (0.5, 0.95, 0.99):
        below = done.stays("m") <= -math.log(1 - share) * mean_s
        check(interval(done.batch_means("m", below.astype(np.float64))), share, f"{name} {share}")


@pytest.mark.parametrize("utilization", [0.5, 0.8, 0.95])
def test_md1(utilization: float) -> None:
    """Fixed work: half the wait of M/M/1."""
    name = f"M/D/1 at {utilization}"
    done = one(1, utilization, name, work="fixed")
    wait = interval(done.batch_means("m", done.waits("m")))
    check(wait, mmc_wait_s(1, utilization) / 2, f"{name} wait")


@pytest.mark.parametrize("cv", [0.5, 2.0])
@pytest.mark.parametrize("utilization", [0.5, 0.8])
def test_mg1(utilization: float, cv: float) -> None:
    """Lognormal work: Pollaczek and Khinchine's formula."""
    name = f"M/G/1 at {utilization}, cv {cv}"
    done = one(1, utilization, name, work="lognormal", cv=cv)
    theory = mmc_wait_s(1, utilization) * (1 + cv**2) / 2
    check(interval(done.batch_means("m", done.waits("m"))), theory, f"{name} wait")


def test_tandem() -> None:
    """Burke: what leaves M/M/2 is Poisson, so the M/M/4 behind it is one of its own."""
    name = "tandem"
    request = {"web_ms": 2 * 0.7, "app_ms": 4 * 0.8}
    seconds = lasting_s(4, 0.8)
    done = run({"w": 2, "a": 4}, {"web": "w", "app": "a"}, request, seconds, name)
    check(interval(done.batch_means("w", done.waits("w"))), mmc_wait_s(2, 0.7), f"{name} first")
    check(interval(done.batch_means("a", done.waits("a"))), mmc_wait_s(4, 0.8), f"{name} second")


@pytest.mark.parametrize(("type", "c"), [("m5.large", 2), ("m5.xlarge", 4), ("m5.4xlarge", 16)])
def test_frames_say_the_same(type: str, c: int) -> None:
    """The whole engine, read from its frames alone: waits, utilization and Little's law."""
    batch_s, utilization = 20, 0.8
    scenario = steady(
        rps=RPS,
        duration_s=(BATCHES + 1) * batch_s,
        type=type,
        app_ms=1_000 * c * utilization / RPS,
        room=1_000_000,
        seed=SEED,
    )
    simulation = Simulation(scenario)
    rows = []
    for _ in range(scenario.duration_s):
        frame = simulation.advance()
        cpu = frame.station("web-1/cpu")
        assert cpu is not None
        present = cpu.running_total + cpu.waiting_total
        rows.append((cpu.served, cpu.served * cpu.wait_ms, present, cpu.utilization))
    served, wait_ms, present, busy = np.array(rows).reshape(BATCHES + 1, batch_s, 4).sum(axis=1).T
    name = f"frames of M/M/{c}"
    check(interval(wait_ms / served), 1_000 * mmc_wait_s(c, utilization), f"{name} wait")
    check(interval(busy / batch_s), utilization, f"{name} utilization")
    stay_s = wait_ms / served / 1_000 + c * utilization / RPS
    check(interval((present - served * stay_s) / batch_s), 0.0, f"{name} L - λW")


def test_a_database_is_a_queue_of_its_own() -> None:
    """Behind a server with room to spare: M/M/2 and Little's law, read from its frames alone."""
    batch_s, utilization, rps = 40, 0.8, 400.0
    request = {"data": "read", "table": "t", "data_ms": 1_000 * 2 * utilization / rps}
    machine = {"id": "web-1", "type": "m5.24xlarge", "roles": ["web", "app", "files"]}
    base = {"id": "db-1", "type": "db.m5.large", "engine": "sqlserver-ex", "backup_days": 0}
    scenario = steady(
        rps=rps,
        duration_s=(BATCHES + 1) * batch_s,
        app_ms=0.0,
        seed=SEED,
        request=request,
        tables=[{"name": "t", "gb": 1}],
        board={"instances": [machine], "databases": [base]},
    )
    simulation = Simulation(scenario)
    rows = []
    for _ in range(scenario.duration_s):
        frame = simulation.advance()
        cpu = frame.station("db-1/cpu")
        assert cpu is not None
        (database,) = frame.resources
        assert database.facts["connections"] == cpu.running_total + cpu.waiting_total
        present = int(database.facts["connections"])
        rows.append((cpu.served, cpu.served * cpu.wait_ms, present, cpu.utilization))
    served, wait_ms, present, busy = np.array(rows).reshape(BATCHES + 1, batch_s, 4).sum(axis=1).T
    service_s = 2 * utilization / rps
    wait_s = erlang_c(2, 2 * utilization) * service_s / (2 * (1 - utilization))
    check(interval(wait_ms / served), 1_000 * wait_s, "a database's wait")
    check(interval(busy / batch_s), utilization, "a database's utilization")
    stay_s = wait_ms / served / 1_000 + service_s
    check(interval((present - served * stay_s) / batch_s), 0.0, "a database's L - λW")
