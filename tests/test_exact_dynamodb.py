"""One database whose hot table moves to DynamoDB under load, request by request.

The event-per-request model is told when the control side did what; everything
that requests cause between themselves it finds out by itself.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import msgspec
import numpy as np
import numpy.typing as npt

from engine.catalog import CATALOG
from engine.flow.demand import Demand
from engine.flow.requests import merge
from engine.frame import Frame
from engine.outcomes import Accepted
from engine.scenario import Scenario
from engine.services.command import Command
from engine.services.dynamodb import ChangeTable, CreateTable
from engine.services.move import MoveToDynamo
from engine.services.table import Table
from engine.simulation import Simulation
from engine.streams import Streams
from tests.boards import steady
from tests.event_model import Attempt, EventModel, MachineKind, Request, database
from tests.event_table import TableKind
from tests.exact import model_requests
from tests.laws import check_run

TOLERANCE_S = 1e-9
DURATION_S = 330
PARTITION_S = 12
"""Units a second of a partition, few enough that a hot key is throttled."""

CLASS = {"web_ms": 1.0, "deadline_ms": 250.0, "patience_ms": 2_000.0, "data_ms": 28.0}
CARTS, CATALOGUE = {"table": "carts", "data_io": 3}, {"table": "catalog", "data_io": 2}
REQUESTS = [
    CLASS | CARTS | {"name": "cart", "data": "read", "share": 0.72},
    CLASS | CARTS | {"name": "add", "data": "write", "share": 0.2},
    CLASS | CATALOGUE | {"name": "look", "data": "read", "share": 0.08, "max_lag_s": 0.0},
]
READS = {"cart": 0.72, "look": 0.08}
BOARD = {
    "instances": [{"id": "web-1", "type": "m5.2xlarge", "roles": ["web", "app"]}],
    "databases": [{"id": "rds-1", "type": "db.m5.large", "backup_days": 0}],
}
PLAN: list[tuple[int, Command]] = [
    (0, CreateTable("carts", "provisioned", rcu=20, wcu=9, name="carts")),
    (40, MoveToDynamo("carts")),
    (180, ChangeTable("carts", rcu=60, wcu=30)),
    (260, ChangeTable("carts", rcu=8, wcu=5)),
]


def scenario() -> Scenario:
    """A database with two tables, of which one is asked for most; memory holds both."""
    tables = [{"name": "carts", "gb": 2, "keys": 300, "zipf": 1.3}, {"name": "catalog", "gb": 2}]
    return steady(
        rps=62.0, duration_s=DURATION_S, requests=REQUESTS, tables=tables, board=BOARD, seed=3
    )


@dataclass
class Played:
    """A run by the plan: its frames, the end of every attempt, partitions after each change."""

    ends: dict[int, tuple[str, float]] = field(default_factory=dict)
    frames: list[Frame] = field(default_factory=list)
    partitions: dict[int, int] = field(default_factory=dict)

    def observe(
        self, kind: str, times: npt.NDArray[np.float64], ids: npt.NDArray[np.int64], place: str
    ) -> None:
        for id, time in zip(ids.tolist(), times.tolist(), strict=True):
            assert id not in self.ends
            self.ends[id] = (str(kind), time)

    def told(self, kind: str) -> int:
        """The one second at which there was that news."""
        (second,) = [f.second for f in self.frames for news in f.news if news.kind == kind]
        return second


def play() -> Played:
    played, simulation = Played(), Simulation(scenario())
    world, figures = simulation._world, CATALOG.dynamodb
    reads, writes = (
        msgspec.structs.replace(kind, partition_s=PARTITION_S)
        for kind in (figures.reads, figures.writes)
    )
    smaller = msgspec.structs.replace(figures, reads=reads, writes=writes)
    world.catalog = msgspec.structs.replace(CATALOG, dynamodb=smaller)
    world.traffic.attempts.observer = played.observe
    played.frames.append(simulation.frame())
    for second in range(DURATION_S):
        for command in [command for at_s, command in PLAN if at_s == second]:
            assert isinstance(simulation.apply(command), Accepted), command
        if "carts" in world.all(Table):
            table = world.all(Table)["carts"]
            played.partitions[second] = len(table.reads.capacity.partitions)
        played.frames.append(simulation.advance())
    return played


def changes(played: Played) -> list[tuple[float, Callable[[EventModel], None]]]:
    """The plan as the model sees it."""
    there_s = played.told("move_done")
    return [
        (40.0, lambda m: m.machines["rds-1"].slow_volume(0.75)),
        (there_s, lambda m: m.machines["rds-1"].slow_volume(1.0)),
        (there_s, lambda m: m.point("db/carts", "carts")),
        (180.0, lambda m: m.tables["carts"].table.provision(60.0, 30.0, 180.0)),
        (180.0, lambda m: m.tables["carts"].table.split(5, 180.0)),
        (260.0, lambda m: m.tables["carts"].table.provision(8.0, 5.0, 260.0)),
    ]


def requests_of(played: Played) -> list[Request]:
    """The same demand drawn once more; each asks at the address of its table."""
    demand, classes = Demand(scenario(), Streams(scenario().seed)), scenario().requests
    arrivals = merge([demand.second(second) for second in range(DURATION_S)])
    requests = model_requests(classes, arrivals, cached=1.0)
    tables = [classes[index].table for index in arrivals.request_class]
    return [
        replace(r, steps=(*r.steps[:-1], replace(r.steps[-1], role=f"db/{table}")))
        for r, table in zip(requests, tables, strict=True)
    ]


def run_model(played: Played) -> list[Attempt]:
    connections = CATALOG.rds_types["db.m5.large"].connections(
        CATALOG.rds_engines["mysql"], CATALOG.rds
    )
    kinds = {
        "web-1": MachineKind(8, 32 * 32),
        "rds-1": database(2, connections, cached=1.0),
    }
    addresses = {"web": "web-1", "app": "web-1", "db/carts": "rds-1", "db/catalog": "rds-1"}
    carts = TableKind(1.0, 20.0, 9.0, partitions=2, partition_s=(PARTITION_S, PARTITION_S))
    model = EventModel(kinds, addresses, 0.0005, tables={"carts": carts})
    return model.run(requests_of(played), changes(played), DURATION_S)


def test_a_table_that_moves_under_load_is_the_same() -> None:
    played = play()
    check_run(played.frames[120:179])
    attempts = run_model(played)
    assert [played.partitions[second] for second in (0, 179, 180, 300)] == [2, 2, 5, 5]
    ended = [a for a in attempts if a.outcome != "in_flight"]
    found = sorted(played.ends.values())
    expected = sorted(("answered" if a.outcome in ("good", "late") else a.outcome, a.ended_s)
                      for a in ended)  # fmt: skip
    assert [kind for kind, _ in found] == [kind for kind, _ in expected]
    assert {"throttled", "answered"} <= {kind for kind, _ in found}
    largest = max(abs(a - b) for (_, a), (_, b) in zip(found, expected, strict=True))
    assert largest < TOLERANCE_S
    for station in ("rds-1/cpu", "rds-1/io", "carts/rate"):
        assert sum(v.station == station for a in attempts for v in a.visits) > 500


def test_the_database_is_relieved_of_nine_in_ten_reads() -> None:
    frames = play().frames
    asked = {
        name: [sum(h.count for h in f.hops if h.target == name) for f in frames]
        for name in ("rds-1", "carts")
    }
    assert sum(asked["carts"][:80]) == 0 < sum(asked["rds-1"][:80])
    after = slice(190, 250)
    share = sum(asked["carts"][after]) / sum(asked["carts"][after] + asked["rds-1"][after])
    assert abs(share - 0.92) < 0.02, "reads and writes; of the reads 72 of 80"
    busy = [station.utilization for f in frames if (station := f.station("rds-1/cpu"))]
    assert min(sum(busy[10:80]) / 70, 0.8) > 4 * sum(busy[after]) / 60
    p95 = {name: frames[s].latency[name].p95_ms for s, name in ((75, "cart"), (250, "look"))}
    assert p95["look"] < p95["cart"]
    assert frames[250].latency["cart"].p95_ms < 15
