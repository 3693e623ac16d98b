"""The same M/M/4 queue in the engine, in plain SimPy and in Ciw: requests a second, and ratios.

Run with ``python -m tests.bench [REQUESTS]``, ``board`` for a whole board
(`tests.bench_board`), or ``screen`` for what a frame of the play screen costs
(`tests.bench_screen`); without an argument all are measured. The engine keeps its
metrics, histograms and frames as in play; SimPy and Ciw do what their own
tutorials do. The engine goes through time second by second, so it is timed at
several rates of traffic; to the other two a rate is only a unit of time.
"""

import random
import sys
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from time import perf_counter
from typing import Any

import simpy

from engine.simulation import Simulation
from tests import bench_board, bench_screen
from tests.boards import steady

SERVERS = 4
UTILIZATION = 0.8
RATES = (200, 1_000, 5_000)
SEED = 1

AIMS = {"simpy": 20, "ciw": 30}


Done = tuple[int, float]
"""Requests done, and their mean wait in service times."""


def run_engine(requests: int, rps: int) -> Done:
    """The queue on an m5.xlarge, frames and all."""
    service_ms = 1_000 * SERVERS * UTILIZATION / rps
    scenario = steady(
        rps=float(rps),
        duration_s=max(60, round(requests / rps)),
        type="m5.xlarge",
        app_ms=service_ms,
        seed=SEED,
    )
    simulation = Simulation(scenario)
    while not simulation.over:
        simulation.advance(60)
    result = simulation.result()
    return result.requests.demanded, result.waiting_ms["web-1/cpu"] / service_ms


def run_simpy(requests: int) -> Done:
    """The same by SimPy, one process a request; its unit of time is one service."""
    env = simpy.Environment()
    servers = simpy.Resource(env, SERVERS)
    draws = random.Random(SEED)
    waits = 0.0

    def request() -> Any:
        nonlocal waits
        arrived = env.now
        with servers.request() as turn:
            yield turn
            waits += env.now - arrived
            yield env.timeout(draws.expovariate(1.0))

    def users() -> Any:
        for _ in range(requests):
            yield env.timeout(draws.expovariate(SERVERS * UTILIZATION))
            env.process(request())

    env.process(users())
    env.run()
    return requests, waits / requests


def run_ciw(requests: int) -> Done:
    """The same by Ciw."""
    import ciw

    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=SERVERS * UTILIZATION)],
        service_distributions=[ciw.dists.Exponential(rate=1.0)],
        number_of_servers=[SERVERS],
    )
    ciw.seed(SEED)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(requests, method="Finish")
    records = simulation.get_all_records()
    return len(records), sum(r.waiting_time for r in records) / len(records)


def measure(name: str, run: Callable[[], Done]) -> float:
    """Run, print one line, and give the requests done in a second of wall time."""
    began = perf_counter()
    done, wait = run()
    wall_s = perf_counter() - began
    rate = done / wall_s
    print(
        f"{name:<20}{done:>9,} requests{wall_s:>8.2f} s{rate:>12,.0f} requests/s"
        f"   mean wait {wait:.3f} services"
    )
    return rate


def main() -> None:
    """Print requests per second of each, and how many times faster the engine is."""
    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    if asked in ("", "screen"):
        bench_screen.report()
    if asked in ("", "board"):
        bench_board.report()
    if asked in ("screen", "board"):
        return
    requests = int(asked or 500_000)
    print(f"M/M/{SERVERS}, utilization {UTILIZATION}, one core; in theory the mean wait is 0.746")
    rivals = {"simpy": measure("simpy", partial(run_simpy, requests))}
    if find_spec("ciw") is None:
        print("ciw is not installed; `pip install 'ciw>=3'` adds it to the comparison")
    else:
        rivals["ciw"] = measure("ciw", partial(run_ciw, requests))
    for rps in RATES:
        engine = measure(f"engine at {rps:,}/s", partial(run_engine, requests, rps))
        ratios = (f"{engine / rate:.1f} x {name}" for name, rate in rivals.items())
        print(f"{'':<20}= {', '.join(ratios)}")
    print("aim: " + ", ".join(f"{aim} x {name}" for name, aim in AIMS.items()))


if __name__ == "__main__":
    main()
