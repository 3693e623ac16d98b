"""Random play with tables that go their own way: replicas, shards, DynamoDB, masters that die."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from engine.services.command import Command
from engine.services.dynamodb import CreateTable
from engine.services.move import MoveTables, MoveToDynamo
from engine.services.replicas import CreateReplica, PromoteReplica, SplitReads
from engine.services.shards import ShardTable
from engine.simulation import Simulation
from tests.boards import troubled
from tests.laws import check_frame
from tests.test_stateful import ANY_NAME, THOROUGH, RandomPlay

DATA: set[type[Command]] = {CreateReplica, SplitReads, PromoteReplica, ShardTable}
"""Commands that this file tries."""

MASTERS = ("rds-1", "rds-2", "rds-3")
DATABASES: list[dict[str, Any]] = [
    {"id": "rds-1", "type": "db.m5.large", "reads": "tolerant"},
    {"id": "rds-2", "type": "db.t3.small", "multi_az": True},
    {"id": "rds-3", "type": "db.t3.small", "zone": "b"},
    {"id": "copy-1", "type": "db.t3.small", "source": "rds-1", "zone": "b"},
]
CLASS = {"web_ms": 1.0, "data_ms": 4.0, "data_io": 2, "deadline_ms": 400.0, "patience_ms": 3_000.0}
REQUESTS = [
    CLASS | {"name": "look", "share": 0.4, "data": "read", "table": "catalog"},
    CLASS | {"name": "own", "share": 0.3, "data": "read", "table": "orders", "max_lag_s": 0.2},
    CLASS | {"name": "buy", "share": 0.3, "data": "write", "table": "orders"},
]
TROUBLE = [
    {"kind": "master_failure", "at_s": 90, "target": "role:db"},
    {"kind": "zone_outage", "at_s": 130, "target": "b", "duration_s": 50},
    {"kind": "master_failure", "at_s": 220, "target": "rds-2"},
]
TABLE = st.sampled_from(["catalog", "orders", "nothing"])
ZONE = st.sampled_from(["a", "b"])
READS = st.sampled_from(["master", "tolerant", "replicas"])


class RandomData(RandomPlay):
    """A player who tries anything with several databases."""

    @initialize(seed=st.integers(0, 2**63 - 1), trouble=st.booleans())
    def begin_with_tables(self, seed: int, trouble: bool) -> None:
        tables = [{"name": "catalog", "gb": 2, "keys": 500}, {"name": "orders", "gb": 1}]
        box = {"id": "web-1", "type": "m5.large", "roles": ["web", "app", "files"]}
        self.scenario = troubled(
            duration_s=330,
            requests=REQUESTS,
            traffic=[{"kind": "constant", "rps": 60.0}],
            tables=tables,
            board={"instances": [box], "databases": DATABASES},
            incidents=TROUBLE if trouble else [],
        )
        self.simulation = Simulation(self.scenario, seed)
        self.log = []
        self.ended = self.simulation.frame()
        check_frame(self.ended)

    def master(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from([*MASTERS, self.managed(data, "rds")]))

    @rule(data=st.data(), zone=ZONE, name=ANY_NAME)
    def create_replica(self, data: st.DataObject, zone: str, name: str | None) -> None:
        self.try_it(CreateReplica(self.master(data), None, zone, name))  # type: ignore[arg-type]

    @rule(data=st.data(), reads=READS)
    def split_reads(self, data: st.DataObject, reads: str) -> None:
        self.try_it(SplitReads(self.master(data), reads))  # type: ignore[arg-type]

    @rule(data=st.data())
    def promote(self, data: st.DataObject) -> None:
        copies = [r.id for r in self.simulation.frame().resources if "source" in r.facts]
        self.try_it(PromoteReplica(data.draw(st.sampled_from([*copies, "rds-1"]))))

    @rule(data=st.data(), table=TABLE, wait=st.sampled_from([0, 25]))
    def move_one(self, data: st.DataObject, table: str, wait: int) -> None:
        self.try_it(MoveTables(self.master(data), table))
        self.advance(wait)

    @rule(table=TABLE, names=st.lists(st.sampled_from([*MASTERS, "copy-1", "no"]), max_size=3),
          wait=st.sampled_from([0, 25]))  # fmt: skip
    def shard(self, table: str, names: list[str], wait: int) -> None:
        self.try_it(ShardTable(table, tuple(names)))
        self.advance(wait)

    @rule(data=st.data(), table=TABLE)
    def to_dynamo(self, data: st.DataObject, table: str) -> None:
        self.try_it(CreateTable(table))
        self.advance(25)
        self.try_it(MoveToDynamo(self.managed(data, "dynamodb")))
        self.advance(30)


TestRandomData = RandomData.TestCase
TestRandomData.settings = settings(
    max_examples=THOROUGH or 15,
    stateful_step_count=20,
    derandomize=not THOROUGH,
    database=None,
    deadline=None,
)
