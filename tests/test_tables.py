"""Sharding by function: tables that go their own way, and what becomes of each."""

from typing import Any

import pytest

from engine.frame import Frame
from engine.outcomes import Accepted, RefusalReason
from engine.scenario import Scenario
from engine.services.addresses import PointAddress
from engine.services.move import MoveTables
from engine.services.rds import DeleteDatabase, RestoreDatabase
from engine.simulation import Simulation
from tests.boards import steady
from tests.laws import play_on as play
from tests.laws import refusal_of
from tests.test_rds import do, seconds_of, shown

CLASS = {"deadline_ms": 5_000.0, "patience_ms": 60_000.0, "web_ms": 0.2, "retry": {"times": 0}}
BOX = {"id": "web-1", "type": "m5.2xlarge", "roles": ["web", "app"]}
DATABASES = [{"id": f"db-{n}", "type": "db.m5.large"} for n in (1, 2)]
CATALOG_GB, ORDERS_GB = 6.0, 2.0


def board(**changes: Any) -> Scenario:
    """Two tables in the first of two databases."""
    requests = [
        CLASS | {"name": "look", "share": 0.5, "data": "read", "data_ms": 2.0, "data_io": 1,
                 "table": "catalog"},
        CLASS | {"name": "buy", "share": 0.5, "data": "write", "data_ms": 2.0, "data_io": 2,
                 "table": "orders"},
    ]  # fmt: skip
    values = {
        "duration_s": 2_400,
        "requests": requests,
        "tables": [{"name": "catalog", "gb": CATALOG_GB}, {"name": "orders", "gb": ORDERS_GB}],
        "board": {"instances": [BOX], "databases": DATABASES},
    }
    return steady(rps=40.0, **values | changes)  # type: ignore[arg-type]


def ways(frame: Frame) -> set[tuple[str, str]]:
    """Between which resources requests went in a second."""
    return {(hop.source, hop.target) for hop in frame.hops}


def split(**changes: Any) -> tuple[Simulation, list[Frame]]:
    """The orders have moved to the second database."""
    simulation = Simulation(board(**changes))
    do(simulation, MoveTables("db-2", "orders"))
    return simulation, play(simulation, 60)


def test_one_table_moves_and_the_others_stay() -> None:
    _, frames = split()
    (done,) = seconds_of(frames, "move_done")
    assert done == ORDERS_GB / 0.05
    before, after = frames[done - 2], frames[done + 2]
    assert before.addresses["db"] == "db-1"
    assert "db/orders" not in before.addresses
    assert after.addresses | {"db": "db-1", "db/orders": "db-2"} == after.addresses
    assert ways(before) == {("", "web-1"), ("web-1", "db-1")}
    assert ways(after) == {("", "web-1"), ("web-1", "db-1"), ("web-1", "db-2")}
    used = {id: shown(after, id).facts["used_gb"] for id in ("db-1", "db-2")}
    assert used == {"db-1": CATALOG_GB, "db-2": ORDERS_GB}
    assert sum(t.failed_total for t in frames[-1].totals.values()) == 0


def test_a_smaller_rest_fits_into_memory() -> None:
    """Both tables do not; the catalog alone does, and its reads need no I/O any more."""
    tables = [{"name": "catalog", "gb": 5.0}, {"name": "orders", "gb": 15.0}]
    large = {"instances": [BOX], "databases": [d | {"gb": 50} for d in DATABASES]}
    simulation = Simulation(board(tables=tables, board=large))
    do(simulation, MoveTables("db-2", "orders"))
    frames = play(simulation, 320)
    (done,) = seconds_of(frames, "move_done")
    stations = [frame.station("db-1/io") for frame in frames]
    reads = [station.served for station in stations if station is not None]
    assert sum(reads[: done - 2]) > 20 * done, "writes, and reads of what is not in memory"
    assert sum(reads[done + 2 :]) == 0


def test_both_go_back_to_one_way() -> None:
    simulation, _ = split()
    do(simulation, MoveTables("db-1", "orders"))
    frames = play(simulation, 60)
    assert "db/orders" not in frames[-1].addresses
    assert ways(frames[-1]) == {("", "web-1"), ("web-1", "db-1")}
    assert shown(frames[-1], "db-1").facts["used_gb"] == CATALOG_GB + ORDERS_GB


def test_the_rest_can_follow() -> None:
    simulation, _ = split()
    do(simulation, MoveTables("db-2"))
    frames = play(simulation, 140)
    assert {frames[-1].addresses[role] for role in ("db", "db/orders")} == {"db-2"}
    assert shown(frames[-1], "db-1").facts["used_gb"] == 0
    do(simulation, DeleteDatabase("db-1", keep_backup=False))
    assert sum(t.failed_total for t in play(simulation, 30)[-1].totals.values()) == 0


def test_when_one_dies_only_its_tables_do_not_answer() -> None:
    incident = {"kind": "master_failure", "at_s": 400, "target": "db-2"}
    simulation, _ = split(incidents=[incident])
    frames = play(simulation, 400)
    failed = {name: total.failed_total for name, total in frames[-1].totals.items()}
    assert failed["look"] == 0
    assert failed["buy"] > 500
    assert not seconds_of(frames, "data_lost"), "a backup has them"
    do(simulation, RestoreDatabase("db-2", "db.m5.large", name="db-3"))
    do(simulation, DeleteDatabase("db-2"))
    frames = play(simulation, 300)
    assert frames[-1].addresses["db/orders"] == "db-3"
    assert frames[-1].addresses["db"] == "db-1"
    assert shown(frames[-1], "db-3").facts["used_gb"] == ORDERS_GB
    assert frames[-1].verdict is None


def test_without_a_backup_the_table_is_lost() -> None:
    incident = {"kind": "master_failure", "at_s": 400, "target": "db-2"}
    databases = [d | {"backup_days": 0} for d in DATABASES]
    given = {"instances": [BOX], "databases": databases}
    goals = {"error_budget": 1.0, "keep_data": True}
    simulation, _ = split(incidents=[incident], board=given, objectives=goals)
    verdict = simulation.advance(400).verdict
    assert verdict is not None
    assert (verdict.cause, verdict.because and verdict.because.at) == ("data_lost", "db-2")


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (MoveTables("db-2", "unknown"), RefusalReason.UNKNOWN_RESOURCE),
        (MoveTables("db-1", "catalog"), RefusalReason.NO_CHANGE),
        (MoveTables("db-2", "orders"), RefusalReason.NO_CHANGE),
        (PointAddress("db", "db-2"), RefusalReason.DATA_ELSEWHERE),
    ],
)
def test_what_is_refused(command: MoveTables | PointAddress, reason: RefusalReason) -> None:
    simulation, _ = split()
    assert refusal_of(simulation, command) == reason


def test_two_moves_of_tables_do_not_overlap() -> None:
    simulation = Simulation(board())
    assert simulation.apply(MoveTables("db-2", "orders")) == Accepted("db-2")
    for table in (None, "catalog", "orders"):
        assert refusal_of(simulation, MoveTables("db-2", table)) == RefusalReason.WRONG_STATE
