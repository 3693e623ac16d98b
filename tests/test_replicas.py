"""Read replicas: who follows whom, what is stale, who takes over, and what it costs."""

from itertools import pairwise
from typing import Any

import pytest

from engine.frame import Frame
from engine.outcomes import Accepted, RefusalReason
from engine.scenario import Scenario
from engine.services.command import Command
from engine.services.database import Database
from engine.services.rds import ChangeDatabase, CreateDatabase, DeleteDatabase, RestoreDatabase
from engine.services.replicas import CreateReplica, PromoteReplica, SplitReads
from engine.simulation import Simulation
from engine.views import ResourceView
from tests.boards import steady
from tests.laws import play_on as play
from tests.laws import refusal_of
from tests.test_rds import do, seconds_of, shown

CLASS = {"deadline_ms": 5_000.0, "patience_ms": 60_000.0, "web_ms": 0.2, "retry": {"times": 0},
         "table": "rows"}  # fmt: skip
BOX = {"id": "web-1", "type": "m5.2xlarge", "roles": ["web", "app"]}
MASTER = {"id": "db-1", "type": "db.m5.large"}
COPY = {"id": "copy-1", "type": "db.m5.large", "source": "db-1"}


def board(*databases: dict[str, Any], write: float = 0.2, **changes: Any) -> Scenario:
    """Reads that bear any lag, reads that bear none, and writes."""
    requests = [
        CLASS | {"name": "look", "share": 0.6, "data": "read", "data_ms": 4.0, "data_io": 1},
        CLASS | {"name": "own", "share": 0.2, "data": "read", "data_ms": 4.0, "data_io": 1,
                 "max_lag_s": 0.5},
        CLASS | {"name": "save", "share": write, "data": "write", "data_ms": 4.0, "data_io": 1},
    ]  # fmt: skip
    values = {
        "duration_s": 1_800,
        "requests": requests,
        "tables": [{"name": "rows", "gb": 4}],
        "board": {"instances": [BOX], "databases": list(databases or (MASTER,))},
    }
    return steady(rps=100.0, **values | changes)  # type: ignore[arg-type]


def ways(frame: Frame) -> dict[tuple[str, str], int]:
    """How many requests went from where to where in a second."""
    return {(hop.source, hop.target): hop.count for hop in frame.hops}


def busy(frames: list[Frame], name: str) -> float:
    """How busy a database's CPU was."""
    found = [frame.station(f"{name}/cpu") for frame in frames]
    return sum(station.utilization for station in found if station) / len(frames)


def failed(frame: Frame, request: str, reason: str) -> int:
    return frame.totals[request].failed.get(reason, 0)


def stood(frame: Frame, name: str) -> ResourceView | None:
    return frame.resource(name)


def test_a_replica_is_made_follows_and_is_read_from_only_when_told() -> None:
    simulation = Simulation(board())
    play(simulation, 10)
    do(simulation, CreateReplica("db-1", name="copy-1"))
    frames = play(simulation, 220)
    (up,) = seconds_of(frames, "database_available")
    assert 90 <= up - 10 <= 150 + 4 * 4.0 + 1
    assert shown(frames[-1], "copy-1").facts["source"] == "db-1"
    assert shown(frames[-1], "copy-1").facts["used_gb"] == 4
    assert ("web-1", "copy-1") not in ways(frames[-1])
    applied = busy(frames[-30:], "copy-1")
    assert applied == pytest.approx(0.2 * 100 * 0.004 / 2, rel=0.25), "it applies the writes"
    do(simulation, SplitReads("db-1"))
    frames = play(simulation, 30)
    hops = ways(frames[-1])
    assert hops["web-1", "copy-1"] > 3 * hops["web-1", "db-1"]
    assert busy(frames[-20:], "db-1") < busy(frames[-20:], "copy-1")
    do(simulation, SplitReads("db-1", "master"))
    assert ("web-1", "copy-1") not in ways(play(simulation, 3)[-1])


def test_reads_that_bear_no_lag_can_stay_with_the_master() -> None:
    simulation = Simulation(board(MASTER | {"reads": "tolerant"}, COPY))
    counts = ways(play(simulation, 20)[-1])
    assert counts["web-1", "copy-1"] == pytest.approx(60, abs=25)
    assert counts["web-1", "db-1"] == pytest.approx(40, abs=20)


def test_a_replica_that_is_too_small_falls_behind_and_its_reads_are_stale() -> None:
    simulation = Simulation(board(MASTER | {"reads": "replicas"}, COPY))
    frames = play(simulation, 60)
    assert failed(frames[-1], "own", "stale_read") == 0
    copy = simulation._world.all(Database)["copy-1"]
    copy.machine.cpu.change(speed=0.01)
    frames = play(simulation, 60)
    lag_s = [float(shown(frame, "copy-1").facts["lag_s"]) for frame in frames]
    assert lag_s[-1] > 30
    assert all(after <= before + 1.001 for before, after in pairwise(lag_s))
    copy.machine.cpu.change(speed=50.0)
    frames = play(simulation, 30)
    assert float(shown(frames[-1], "copy-1").facts["lag_s"]) == 0
    assert failed(frames[-1], "own", "stale_read") > 30
    assert failed(frames[-1], "look", "stale_read") == 0


def test_a_replica_that_was_down_catches_up() -> None:
    simulation = Simulation(board(MASTER, COPY))
    play(simulation, 20)
    do(simulation, ChangeDatabase("copy-1", type="db.m5.xlarge"))
    frames = play(simulation, 30)
    assert int(shown(frames[-1], "copy-1").facts["unapplied"]) > 300
    frames = play(simulation, 200)
    assert shown(frames[-1], "copy-1").state == "available"
    assert int(shown(frames[-1], "copy-1").facts["unapplied"]) <= 2


def dead_master(*databases: dict[str, Any]) -> Simulation:
    """The master dies at 60 s."""
    incident = {"kind": "master_failure", "at_s": 60, "target": "db-1"}
    goals = {"error_budget": 1.0, "keep_data": True}
    return Simulation(board(*databases, incidents=[incident], objectives=goals))


def test_a_replica_takes_over_when_its_master_is_gone() -> None:
    simulation = dead_master(MASTER | {"reads": "tolerant", "backup_days": 0}, COPY)
    frames = play(simulation, 80)
    assert failed(frames[-1], "save", "connection_refused") > 100
    assert failed(frames[-1], "look", "connection_refused") == 0, "it still answers reads"
    do(simulation, PromoteReplica("copy-1"))
    frames = play(simulation, 90)
    (up,) = seconds_of(frames, "database_modified")
    assert 30 <= up - 80 <= 61
    last = play(simulation, 5)[-1]
    assert last.addresses["db"] == "copy-1"
    assert shown(last, "copy-1").facts["used_gb"] == 4
    assert "source" not in shown(last, "copy-1").facts
    assert last.counts["save"].failed_total == 0
    assert last.verdict is None, "nothing was lost for ever"


def test_without_a_replica_or_a_backup_it_is() -> None:
    frame = dead_master(MASTER | {"backup_days": 0}).advance(100)
    assert frame.verdict is not None
    assert frame.verdict.cause == "data_lost"


def test_other_replicas_follow_the_new_master() -> None:
    simulation = dead_master(MASTER | {"reads": "replicas"}, COPY, COPY | {"id": "copy-2"})
    play(simulation, 70)
    do(simulation, PromoteReplica("copy-2"))
    frames = play(simulation, 100)
    assert shown(frames[-1], "copy-1").facts["source"] == "copy-2"
    assert frames[-1].counts["save"].failed_total == 0
    before = busy(frames[-10:], "copy-1")
    assert before > 0.02, "it applies what the new master writes"


def test_a_deleted_master_leaves_its_replica() -> None:
    simulation = Simulation(board(MASTER, COPY))
    play(simulation, 20)
    do(simulation, DeleteDatabase("db-1", keep_backup=False))
    frames = play(simulation, 5)
    assert frames[-1].addresses["db"] is None
    do(simulation, PromoteReplica("copy-1"))
    frames = play(simulation, 90)
    assert frames[-1].addresses["db"] == "copy-1"
    assert frames[-1].counts["save"].failed_total == 0


def test_when_the_replica_dies_reads_go_back() -> None:
    incident = {"kind": "master_failure", "at_s": 40, "target": "copy-1"}
    simulation = Simulation(board(MASTER | {"reads": "replicas"}, COPY, incidents=[incident]))
    frames = play(simulation, 80)
    assert sum(t.failed_total for t in frames[-1].totals.values()) <= 5, "what it held"
    assert ways(frames[-1])["web-1", "db-1"] > 60


def test_a_standby_takes_over_and_replicas_follow_on() -> None:
    master = MASTER | {"multi_az": True, "reads": "tolerant"}
    simulation = dead_master(master, COPY)
    frames = play(simulation, 220)
    assert seconds_of(frames, "failover_done")
    assert int(shown(frames[-1], "copy-1").facts["unapplied"]) <= 2
    assert busy(frames[-10:], "copy-1") > 0.02


def test_a_restored_database_is_none_of_its_replicas_business() -> None:
    simulation = dead_master(MASTER, COPY)
    play(simulation, 70)
    do(simulation, RestoreDatabase("db-1", "db.m5.large", name="db-2"))
    do(simulation, DeleteDatabase("db-1"))
    frames = play(simulation, 200)
    assert frames[-1].addresses["db"] == "db-2"
    assert refusal_of(simulation, PromoteReplica("db-2")) == RefusalReason.NO_CHANGE


REFUSED: list[tuple[Command, RefusalReason]] = [
    (CreateReplica("copy-1"), RefusalReason.WRONG_STATE),
    (CreateReplica("bare"), RefusalReason.NO_BACKUP),
    (CreateReplica("nobody"), RefusalReason.UNKNOWN_RESOURCE),
    (CreateReplica("db-1", "db.x"), RefusalReason.UNKNOWN_TYPE),
    (CreateReplica("db-1", "db.m5.4xlarge"), RefusalReason.NOT_ON_OFFER),
    (CreateReplica("db-1", name="copy-1"), RefusalReason.NAME_TAKEN),
    (CreateReplica("sql"), RefusalReason.LIMIT_REACHED),
    (SplitReads("db-1", "master"), RefusalReason.NO_CHANGE),
    (SplitReads("bare"), RefusalReason.NO_REPLICA),
    (PromoteReplica("copy-1"), RefusalReason.MASTER_STANDS),
    (PromoteReplica("db-1"), RefusalReason.NO_CHANGE),
]


@pytest.mark.parametrize(("command", "reason"), REFUSED)
def test_what_is_refused(command: Command, reason: RefusalReason) -> None:
    bare = MASTER | {"id": "bare", "backup_days": 0}
    sql = MASTER | {"id": "sql", "engine": "sqlserver-se"}
    allowed = ["ec2", "rds:db.m5.large", "rds:replica"]
    simulation = Simulation(board(MASTER, COPY, bare, sql, allowed=allowed))
    assert refusal_of(simulation, command) == reason


def test_there_is_a_limit() -> None:
    simulation = Simulation(board())
    for _ in range(15):
        assert isinstance(simulation.apply(CreateReplica("db-1", "db.t3.micro")), Accepted)
    assert refusal_of(simulation, CreateReplica("db-1")) == RefusalReason.LIMIT_REACHED


def test_a_replica_costs_what_a_database_in_one_zone_costs() -> None:
    simulation = Simulation(board(MASTER | {"multi_az": True}))
    quote = simulation.quote(CreateReplica("db-1"))
    alone = simulation.quote(CreateDatabase("db.m5.large"))
    extra = quote.rate_after_micro_usd - quote.rate_before_micro_usd
    assert extra == alone.rate_after_micro_usd - alone.rate_before_micro_usd
    assert extra == round((0.171 * 730 + 20 * 0.115) * 1e6)
