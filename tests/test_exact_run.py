"""A whole run of the engine, with boots, credits, incidents and commands, request by request.

The event-per-request model is told when machines were up, and how slow; it
finds out by itself when the CPU credits were gone.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from engine.catalog import CATALOG
from engine.flow.demand import Demand
from engine.flow.requests import merge
from engine.outcomes import Accepted
from engine.services.addresses import PointAddress
from engine.services.command import Command
from engine.services.ec2 import LaunchInstance, ResizeInstance, StartInstance, StopInstance
from engine.services.instance import Instance
from engine.simulation import Simulation
from engine.streams import Streams
from tests.boards import troubled
from tests.event_model import Attempt, Credits, EventModel, MachineKind
from tests.exact import model_requests

TOLERANCE_S = 1e-9
DURATION_S = 260

T3 = MachineKind(2, 128, credits=Credits(0.1, per_hour=24.0, most=576.0, baseline=0.2))
LARGE = MachineKind(vcpus=2, room=256)
XLARGE = MachineKind(vcpus=4, room=512)
CACHED = 0.6 * 8 / 10
"""Share of the 10 GB table in the memory of an m5.large."""

INCIDENTS = [
    {"kind": "noisy_neighbour", "at_s": 40, "target": "db-1", "factor": 0.25, "duration_s": 20},
    {"kind": "slow_disk", "at_s": 90, "target": "vol-2", "factor": 0.125, "duration_s": 30},
    {"kind": "noisy_neighbour", "at_s": 95, "target": "web-1", "factor": 0.5, "duration_s": 30},
    {"kind": "instance_crash", "at_s": 180, "target": "db-1"},
]

PLAN: list[tuple[int, Command]] = [
    (70, LaunchInstance(type="m5.xlarge", roles=("web", "app"), name="app-1")),
    (135, StopInstance(instance="web-1")),
    (150, ResizeInstance(instance="web-1", type="m5.large")),
    (150, StartInstance(instance="web-1")),
    (165, PointAddress(role="app", to="app-1")),
    (184, StartInstance(instance="db-1")),
]

ModelChange = tuple[float, Callable[[EventModel], None]]


class Watched:
    """The simulation, played by the plan, with every attempt's end written down."""

    def __init__(self) -> None:
        scenario = troubled(duration_s=DURATION_S, incidents=INCIDENTS)
        self.simulation = Simulation(scenario)
        self.world = self.simulation._world
        self.world.traffic.attempts.observer = self._observe
        self.ends: dict[int, tuple[str, float]] = {}

    def _observe(
        self, kind: str, times: npt.NDArray[np.float64], ids: npt.NDArray[np.int64], place: str
    ) -> None:
        for id, time in zip(ids.tolist(), times.tolist(), strict=True):
            assert id not in self.ends
            self.ends[id] = (str(kind), time)

    def play(self) -> dict[str, float]:
        """Give the instants at which machines that were started came up."""
        up: dict[str, float] = {}
        for second, command in PLAN:
            self.simulation.advance(second - self.simulation.frame().second)
            outcome = self.simulation.apply(command)
            assert isinstance(outcome, Accepted), (command, outcome)
            instance = self.world.all(Instance)[outcome.resource]
            if instance.state == "pending" and instance.until_s is not None:
                up[instance.id] = instance.until_s
        self.simulation.advance(DURATION_S)
        return up


def changes(up: dict[str, float]) -> list[ModelChange]:
    """The plan and the incidents as the model sees them."""
    return [
        (40.0, lambda m: m.machines["db-1"].slow_cpu(0.25)),
        (60.0, lambda m: m.machines["db-1"].slow_cpu(1.0)),
        (90.0, lambda m: m.machines["db-1"].slow_volume(0.125)),
        (95.0, lambda m: m.machines["web-1"].slow_cpu(0.5)),
        (120.0, lambda m: m.machines["db-1"].slow_volume(1.0)),
        (125.0, lambda m: m.machines["web-1"].slow_cpu(1.0)),
        (135.0, lambda m: m.machines["web-1"].stop()),
        (165.0, lambda m: m.point("app", "app-1")),
        (180.0, lambda m: m.machines["db-1"].stop()),
        (up["web-1"], lambda m: m.machines["web-1"].start(LARGE)),
        (up["db-1"], lambda m: m.machines["db-1"].start(LARGE)),
    ]


def run_model(up: dict[str, float]) -> list[Attempt]:
    """The same run by the model, from the same demand drawn once more."""
    scenario = troubled(duration_s=DURATION_S, incidents=INCIDENTS)
    demand = Demand(scenario, Streams(scenario.seed))
    arrivals = merge([demand.second(second) for second in range(DURATION_S)])
    arrivals = arrivals.pick(~arrivals.ipv6)
    kinds = {"web-1": T3, "db-1": LARGE, "app-1": XLARGE}
    addresses = {"web": "web-1", "app": "web-1", "db": "db-1", "files": "db-1"}
    model = EventModel(kinds, addresses, hop_s=0.0005)
    tls_s = CATALOG.transfer.tls_handshake_ms / 1_000
    requests = model_requests(scenario.requests, arrivals, tls_s=tls_s, cached=CACHED)
    attempts = model.run(requests, changes(up), DURATION_S)
    return sorted(attempts, key=lambda a: a.started_s)


def test_a_whole_run_is_the_same() -> None:
    watched = Watched()
    up = watched.play()
    attempts = run_model(up)
    found = [end for _, end in sorted(watched.ends.items()) if end[0] != "no_ipv6_route"]
    ended = [a for a in attempts if a.outcome != "in_flight"]
    assert len(found) == len(ended)
    # Attempts are compared in order of their end: the one order both sides have.
    expected = sorted(("answered" if a.outcome in ("good", "late") else a.outcome, a.ended_s)
                      for a in ended)  # fmt: skip
    for (kind, at_s), (expected_kind, expected_s) in zip(sorted(found), expected, strict=True):
        assert kind == expected_kind
        assert abs(at_s - expected_s) < TOLERANCE_S
