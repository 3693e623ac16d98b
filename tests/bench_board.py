"""The reference board: a balancer, machines behind it, RDS and a bucket, as in play.

Four request classes, 1,000 requests a second; every second is simulated, a frame
is taken and it is recorded. And the same two-server balanced board in the engine
and as an event-per-request SimPy model.
"""

import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import simpy

from engine.recording import FORMAT, Header, RecordingWriter
from engine.scenario import Scenario, read_scenario
from engine.simulation import Simulation

RPS = 1_000.0
BOXES = {8: "m5.xlarge", 100: "m5.large"}
SECONDS = {8: 1_800, 100: 300}
"""Simulated: half an hour; a shorter time with many boxes, which is slower."""
AIM = 400

TWO_RPS = 1_000.0
HOP_S, WEB_S, APP_S = 0.0005, 0.001, 0.004
"""The board of two: its traffic, the way to a target, the mean CPU times of a request."""

Done = tuple[int, float]
"""Requests done, and how long they took on average, in milliseconds."""


def reference(boxes: int, seconds: int) -> Scenario:
    """So many machines behind a balancer, at the same traffic."""
    page = {"web_ms": 1.0, "app_ms": 4.0, "deadline_ms": 1_000.0}
    table = {"table": "catalog"}
    requests = [
        page | {"name": "page", "share": 0.5, "response_kb": 30.0},
        page | {"name": "read", "share": 0.3, "data": "read", "data_ms": 1.0, "data_io": 1} | table,
        page
        | {"name": "write", "share": 0.05, "data": "write", "data_ms": 2.0, "data_io": 2}
        | table,
        page | {"name": "image", "share": 0.15, "app_ms": 0.0, "data": "file_read", "data_io": 1},
    ]
    names = [f"web-{n}" for n in range(1, boxes + 1)]
    instances = [
        {"id": name, "type": BOXES[boxes], "roles": ["web", "app"], "zone": "abc"[n % 3]}
        for n, name in enumerate(names)
    ]
    board = {
        "instances": instances,
        "balancers": [{"id": "front", "targets": names}],
        "databases": [{"id": "rds-1", "type": "db.m5.xlarge", "gb": 100}],
        "buckets": [{"id": "bucket-1"}],
        "addresses": {"web": "front", "app": "front", "db": "rds-1", "files": "bucket-1"},
    }
    traffic = [{"kind": "constant", "rps": RPS}]
    return _scenario(board, requests, traffic, seconds)


def _scenario(
    board: dict[str, Any], requests: list[Any], traffic: list[Any], seconds: int
) -> Scenario:
    values = {
        "slug": "reference", "duration_s": seconds, "seed": 1, "budget": {"month_usd": 100_000.0},
        "traffic": traffic, "requests": requests, "board": board, "network": {"hop_ms": 0.5},
        "tables": [{"name": "catalog", "gb": 20, "keys": 100_000}], "files": {"gb": 50},
        "objectives": {"error_budget": 1.0},
    }  # fmt: skip
    return read_scenario(values, "reference")


def simulated_per_s(boxes: int, seconds: int) -> float:
    """Simulated seconds of the reference board in a second of wall time, recording and all."""
    simulation = Simulation(reference(boxes, seconds))
    with tempfile.TemporaryDirectory() as folder:
        header = Header(FORMAT, "", "", "", "bench", {}, 1, "2026-01-01")
        writer = RecordingWriter(Path(folder) / "bench", header)
        began = perf_counter()
        while not simulation.over:
            writer.frame(simulation.advance())
        wall_s = perf_counter() - began
        writer.close()
    return seconds / wall_s


def run_engine(requests: int) -> Done:
    """Two m5.xlarge behind a balancer in the engine, frames and all."""
    page = {"name": "page", "share": 1.0, "deadline_ms": 1_000.0}
    work = {"web_ms": 1_000 * WEB_S, "app_ms": 1_000 * APP_S}
    names = ["web-1", "web-2"]
    board = {
        "instances": [{"id": n, "type": "m5.xlarge", "roles": ["web", "app"]} for n in names],
        "balancers": [{"id": "front", "targets": names}],
        "addresses": {"web": "front", "app": "front"},
    }
    traffic = [{"kind": "constant", "rps": TWO_RPS}]
    simulation = Simulation(_scenario(board, [page | work], traffic, round(requests / TWO_RPS)))
    while not simulation.over:
        simulation.advance(60)
    result = simulation.result()
    return result.requests.demanded, result.latency_ms.mean


def run_simpy(requests: int) -> Done:
    """The same by SimPy, one process a request."""
    env, draws = simpy.Environment(), random.Random(1)
    targets = [simpy.Resource(env, 4), simpy.Resource(env, 4)]
    took_s = 0.0

    def request(number: int) -> Any:
        nonlocal took_s
        arrived = env.now
        yield env.timeout(HOP_S)
        with targets[number % 2].request() as turn:
            yield turn
            yield env.timeout(draws.expovariate(1 / WEB_S) + draws.expovariate(1 / APP_S))
        took_s += env.now - arrived

    def users() -> Any:
        for number in range(requests):
            yield env.timeout(draws.expovariate(TWO_RPS))
            env.process(request(number))

    env.process(users())
    env.run()
    return requests, 1_000 * took_s / requests


def _rate(name: str, run: Callable[[int], Done], requests: int) -> float:
    began = perf_counter()
    done, mean_ms = run(requests)
    rate = done / (perf_counter() - began)
    print(f"{name:<20}{done:>9,} requests{rate:>12,.0f} requests/s   mean {mean_ms:.2f} ms")
    return rate


def report(requests: int = 200_000) -> None:
    """Print simulated seconds a second, and the ratio to SimPy."""
    print(f"Reference board, {RPS:,.0f} requests a second, frames and recording; aim {AIM}")
    for boxes, seconds in SECONDS.items():
        rate = simulated_per_s(boxes, seconds)
        print(f"{boxes:>4} x {BOXES[boxes]:<12}{seconds:>6} s simulated{rate:>8.0f} a second")
    print(f"Two m5.xlarge behind a balancer, {TWO_RPS:,.0f} requests a second")
    engine, rival = _rate("engine", run_engine, requests), _rate("simpy", run_simpy, requests)
    print(f"{'':<20}= {engine / rival:.1f} x simpy")
