"""A whole run with a database and a bucket, request by request: moves, failovers, another class.

The event-per-request model is told when the control side did what; everything
that requests cause between themselves it finds out by itself.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import msgspec
import numpy as np
import numpy.typing as npt

from engine.catalog import CATALOG
from engine.flow.demand import Demand
from engine.flow.requests import merge
from engine.outcomes import Accepted
from engine.scenario import ROLES, Scenario
from engine.services.command import Command
from engine.services.database import Database
from engine.services.move import MoveFiles, MoveTables
from engine.services.rds import ChangeDatabase, FailOver
from engine.services.s3 import CreateBucket
from engine.simulation import Simulation
from engine.streams import Streams
from tests.boards import steady
from tests.event_model import Attempt, BucketKind, EventModel, MachineKind, database
from tests.exact import model_requests

TOLERANCE_S = 1e-9
DURATION_S = 460
READS_S, WRITES_S = 8, 5
CLASS = {"share": 0.25, "web_ms": 1.0, "deadline_ms": 250.0, "patience_ms": 2_000.0}
TABLE = {"table": "rows", "data_ms": 30.0, "data_io": 3}
REQUESTS = [
    CLASS | TABLE | {"name": "read", "data": "read"},
    CLASS | TABLE | {"name": "write", "data": "write", "data_io": 5},
    CLASS | {"name": "get", "data": "file_read", "data_io": 6, "response_kb": 90.0},
    CLASS | {"name": "put", "data": "file_write", "data_io": 4, "response_kb": 20.0},
]
WEB = {"id": "web-1", "type": "m5.2xlarge", "volume": {"gb": 100}}
RDS = {"id": "rds-1", "type": "db.t3.micro", "multi_az": True, "backup_days": 0, "credits": 280}

PLAN: list[tuple[int, Command]] = [
    (0, CreateBucket("photos")),
    (10, MoveTables("rds-1")),
    (20, MoveFiles("photos")),
    (95, FailOver("rds-1")),
    (325, ChangeDatabase("rds-1", type="db.t3.large")),
]


def scenario() -> Scenario:
    """One machine that has everything, and an empty database beside it."""
    board = {"instances": [WEB], "databases": [RDS], "addresses": {"db": "web-1"}}
    return steady(
        rps=55.0, duration_s=DURATION_S, requests=REQUESTS, files={"gb": 5}, board=board,
        tables=[{"name": "rows", "gb": 4, "keys": 1_000}], seed=3,
    )  # fmt: skip


@dataclass
class Played:
    """A run by the plan: the end of every attempt, and what happened when at the control side."""

    ends: dict[int, tuple[str, float]] = field(default_factory=dict)
    news: list[tuple[str, int]] = field(default_factory=list)
    again_s: dict[int, float] = field(default_factory=dict)
    standby_s: float = 0.0

    def observe(
        self, kind: str, times: npt.NDArray[np.float64], ids: npt.NDArray[np.int64], place: str
    ) -> None:
        for id, time in zip(ids.tolist(), times.tolist(), strict=True):
            assert id not in self.ends
            self.ends[id] = (str(kind), time)

    def told(self, kind: str) -> list[int]:
        """The seconds at which there was that news."""
        return [second for said, second in self.news if said == kind]


def play() -> Played:
    """The run; a bucket made in it allows few enough requests to be told to slow down."""
    played, simulation = Played(), Simulation(scenario())
    world = simulation._world
    rates = msgspec.structs.replace(CATALOG.s3, reads_s=READS_S, writes_s=WRITES_S)
    world.catalog = msgspec.structs.replace(CATALOG, s3=rates)
    world.traffic.attempts.observer = played.observe
    rds = world.all(Database)["rds-1"]
    for second in range(DURATION_S):
        for command in [command for at_s, command in PLAN if at_s == second]:
            assert isinstance(simulation.apply(command), Accepted), command
            played.again_s[second] = rds.until_s or 0.0
        frame = simulation.advance()
        played.news += [(news.kind, frame.second) for news in frame.news]
        played.standby_s = rds.standby_s or played.standby_s
    return played


def micro(write_factor: float) -> MachineKind:
    """A db.t3.micro: most of the table does not fit into its memory."""
    return database(2, connections("db.t3.micro"), write_factor=write_factor, cached=0.75 / 4)


def connections(type: str) -> int:
    return CATALOG.rds_types[type].connections(CATALOG.rds_engines["mysql"], CATALOG.rds)


def faster(model: EventModel, times: float) -> None:
    model.buckets["photos"].speed_up(times)


def changes(played: Played) -> list[tuple[float, Callable[[EventModel], None]]]:
    """The plan as the model sees it."""
    files_s, tables_s = played.told("move_done")
    splits = enumerate(played.told("bucket_repartitioned"), start=1)
    larger = database(2, connections("db.t3.large"), write_factor=1.25, cached=1.0)
    return [
        (10.0, lambda m: m.machines["web-1"].slow_volume(0.75)),
        (20.0, lambda m: m.machines["web-1"].slow_volume(0.75 * 0.75)),
        (files_s, lambda m: m.machines["web-1"].slow_volume(0.75)),
        (files_s, lambda m: m.point("files", "photos")),
        (tables_s, lambda m: m.machines["web-1"].slow_volume(1.0)),
        (tables_s, lambda m: m.point("db", "rds-1")),
        (95.0, lambda m: m.machines["rds-1"].stop()),
        *((at_s, partial(faster, times=2.0**split)) for split, at_s in splits),
        (played.again_s[95], lambda m: m.machines["rds-1"].start(micro(1.0))),
        (played.standby_s, lambda m: setattr(m.machines["rds-1"], "write_factor", 1.25)),
        (325.0, lambda m: m.machines["rds-1"].stop()),
        (played.again_s[325], lambda m: m.machines["rds-1"].start(larger)),
    ]


def run_model(played: Played) -> list[Attempt]:
    """The same run by the model, from the same demand drawn once more."""
    demand = Demand(scenario(), Streams(scenario().seed))
    arrivals = merge([demand.second(second) for second in range(DURATION_S)])
    kinds = {"web-1": MachineKind(8, 32 * 32, cached=1.0), "rds-1": micro(1.25)}
    addresses: dict[str, str] = dict.fromkeys(ROLES, "web-1")
    buckets = {"photos": BucketKind(READS_S, WRITES_S)}
    model = EventModel(kinds, addresses, 0.0005, buckets)
    requests = model_requests(scenario().requests, arrivals)
    return model.run(requests, changes(played), DURATION_S)


def test_a_whole_run_is_the_same() -> None:
    played = play()
    attempts = run_model(played)
    ended = [a for a in attempts if a.outcome != "in_flight"]
    found = sorted(played.ends.values())
    expected = sorted(("answered" if a.outcome in ("good", "late") else a.outcome, a.ended_s)
                      for a in ended)  # fmt: skip
    assert [kind for kind, _ in found] == [kind for kind, _ in expected]
    assert {"bad_gateway", "connection_refused", "slow_down", "answered"} <= {k for k, _ in found}
    largest = max(abs(a - b) for (_, a), (_, b) in zip(found, expected, strict=True))
    assert largest < TOLERANCE_S
    for station in ("rds-1/cpu", "rds-1/io", "photos/rate"):
        assert sum(v.station == station for a in attempts for v in a.visits) > 1_000
    assert played.told("standby_ready") < [325], "or another class would take longer"
