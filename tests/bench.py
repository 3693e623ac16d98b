"""The same M/M/4 queue in the engine, in plain SimPy and in Ciw: requests a second, and ratios.

Run with ``python -m tests.bench [REQUESTS]``. The engine keeps its metrics,
histograms and frames as in play; SimPy and Ciw do what their own tutorials do.
"""

import random
import sys
from collections.abc import Callable
from importlib.util import find_spec
from time import perf_counter
from typing import Any

import simpy

from engine.simulation import Simulation
from tests.boards import steady

SERVERS = 4
ARRIVALS_PER_S = 1_000.0
UTILIZATION = 0.8
SERVICE_MS = 1_000 * SERVERS * UTILIZATION / ARRIVALS_PER_S
SEED = 1

AIMS = {"simpy": 20, "ciw": 30}


def run_engine(requests: int) -> tuple[int, float]:
    """Requests done and their mean wait in milliseconds, by the engine, frames and all."""
    scenario = steady(
        rps=ARRIVALS_PER_S,
        duration_s=round(requests / ARRIVALS_PER_S),
        type="m5.xlarge",
        app_ms=SERVICE_MS,
        seed=SEED,
    )
    simulation = Simulation(scenario)
    while not simulation.over:
        simulation.advance(60)
    result = simulation.result()
    return result.requests.demanded, result.waiting_ms["web-1/cpu"]


def run_simpy(requests: int) -> tuple[int, float]:
    """The same by SimPy, one process a request."""
    env = simpy.Environment()
    servers = simpy.Resource(env, SERVERS)
    draws = random.Random(SEED)
    waits_s = 0.0

    def request() -> Any:
        nonlocal waits_s
        arrived = env.now
        with servers.request() as turn:
            yield turn
            waits_s += env.now - arrived
            yield env.timeout(draws.expovariate(1_000 / SERVICE_MS))

    def users() -> Any:
        for _ in range(requests):
            yield env.timeout(draws.expovariate(ARRIVALS_PER_S))
            env.process(request())

    env.process(users())
    env.run()
    return requests, 1_000 * waits_s / requests


def run_ciw(requests: int) -> tuple[int, float]:
    """The same by Ciw."""
    import ciw

    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=ARRIVALS_PER_S)],
        service_distributions=[ciw.dists.Exponential(rate=1_000 / SERVICE_MS)],
        number_of_servers=[SERVERS],
    )
    ciw.seed(SEED)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(requests, method="Finish")
    records = simulation.get_all_records()
    return len(records), 1_000 * sum(r.waiting_time for r in records) / len(records)


def measure(name: str, run: Callable[[int], tuple[int, float]], requests: int) -> float:
    """Run, print one line, and give the requests done in a second of wall time."""
    began = perf_counter()
    done, wait_ms = run(requests)
    wall_s = perf_counter() - began
    rate = done / wall_s
    print(
        f"{name:<8}{done:>10,} requests{wall_s:>9.2f} s{rate:>12,.0f} requests/s"
        f"   mean wait {wait_ms:.3f} ms"
    )
    return rate


def main() -> None:
    """Print requests per second of each, and how many times faster the engine is."""
    requests = int(sys.argv[1]) if len(sys.argv) > 1 else 500_000
    print(f"M/M/{SERVERS}, utilization {UTILIZATION}, one core, in this run:")
    rivals = {"simpy": measure("simpy", run_simpy, requests)}
    if find_spec("ciw") is None:
        print("ciw     is not installed; `pip install 'ciw>=3'` adds it to the comparison")
    else:
        rivals["ciw"] = measure("ciw", run_ciw, requests)
    engine = measure("engine", run_engine, requests)
    for name, rate in rivals.items():
        print(f"engine / {name} = {engine / rate:.1f}  (aim {AIMS[name]})")


if __name__ == "__main__":
    main()
