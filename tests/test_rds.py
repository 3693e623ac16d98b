"""RDS: prices and connections by the list; making, standby, failover and change by the clock."""

from typing import Any

import pytest

from engine.catalog import CATALOG
from engine.frame import Frame
from engine.outcomes import Accepted, RefusalReason
from engine.scenario import Scenario
from engine.services.command import Command
from engine.services.rds import (
    ChangeDatabase,
    CreateDatabase,
    FailOver,
    SetStandby,
)
from engine.simulation import Simulation
from engine.views import ResourceView
from tests.boards import steady
from tests.laws import play_on as play
from tests.laws import refusal_of

CLASS = {"share": 0.5, "deadline_ms": 5_000.0, "patience_ms": 60_000.0, "retry": {"times": 0},
         "web_ms": 0.2, "table": "orders", "data_ms": 2.0, "data_io": 2}  # fmt: skip
WEB = {"id": "web-1", "type": "m5.4xlarge", "roles": ["web", "app", "files"]}


def board(database: dict[str, Any] | None = None, **changes: Any) -> Scenario:
    """A web server and a database with 6 GB of tables; half of all requests write."""
    given = {"id": "db-1", "type": "db.m5.large", "backup_days": 0} | (database or {})
    values = {
        "duration_s": 3_600,
        "requests": [
            CLASS | {"name": "read", "data": "read"},
            CLASS | {"name": "write", "data": "write"},
        ],
        "tables": [{"name": "orders", "gb": 6}],
        "board": {"instances": [WEB], "databases": [given]},
    }
    return steady(rps=20.0, **values | changes)  # type: ignore[arg-type]


def do(simulation: Simulation, command: Command) -> str:
    """Give a command that is accepted, at the price that was told."""
    quote = simulation.quote(command)
    outcome = simulation.apply(command)
    assert isinstance(outcome, Accepted), (command, outcome)
    assert simulation.frame().money.rate_month_micro_usd == quote.rate_after_micro_usd
    return outcome.resource


def shown(frame: Frame, id: str = "db-1") -> ResourceView:
    (found,) = [r for r in frame.resources if r.id == id]
    return found


def seconds_of(frames: list[Frame], kind: str) -> list[int]:
    return [f.second for f in frames for n in f.news if n.kind == kind]


HOURLY = [
    # Class, engine, standby, what an hour costs by the facts.
    ("db.t3.micro", "mysql", False, 0.017),
    ("db.m5.large", "mysql", False, 0.171),
    ("db.m5.large", "mariadb", False, 0.171),
    ("db.t3.large", "postgres", False, 0.136 * 1.07),
    ("db.t3.large", "oracle-se2", False, 0.136 * 2.21),
    ("db.t3.large", "sqlserver-ex", False, 0.136 * 1.19),
    ("db.t3.large", "sqlserver-web", False, 0.136 * 1.71),
    ("db.m5.xlarge", "sqlserver-se", False, 1.224),
    ("db.m5.xlarge", "sqlserver-ee", False, 2.336),
    ("db.t3.large", "mysql", True, 0.272),
    ("db.m5.xlarge", "sqlserver-se", True, 2.448),
    ("db.r5.2xlarge", "postgres", True, 2 * 0.96 * 1.07),
]


@pytest.mark.parametrize(("type", "engine", "multi_az", "hour_usd"), HOURLY)
def test_a_month_costs_what_the_price_list_says(
    type: str, engine: str, multi_az: bool, hour_usd: float
) -> None:
    """The database and 100 GB at 0.115, both twice with a standby."""
    given = {"type": type, "engine": engine, "multi_az": multi_az, "gb": 100}
    simulation = Simulation(board(given, duration_s=60))
    storage_usd = 100 * 0.115 * (2 if multi_az else 1)
    rate_usd = shown(simulation.frame()).rate_month_micro_usd / 1e6
    assert rate_usd == pytest.approx(730 * hour_usd + storage_usd, rel=5e-4)
    frame = simulation.advance(60)
    lines = [line.amount_micro_usd for line in frame.money.lines if line.resource == "db-1"]
    assert len(lines) == 2
    assert lines[1] == round(storage_usd * 1e6)
    assert sum(lines) == shown(frame).rate_month_micro_usd


def test_the_reference_bills() -> None:
    """aws-facts, section 7.1: db.t3.large Multi-AZ is 198.56 a month."""
    simulation = Simulation(board({"type": "db.t3.large", "multi_az": True}, duration_s=60))
    lines = simulation.advance(60).money.lines
    (hours,) = [x for x in lines if x.resource == "db-1" and x.unit == "h"]
    assert round(hours.amount_micro_usd / 1e6, 2) == 198.56
    assert hours.meter == "db.t3.large MySQL Multi-AZ"


@pytest.mark.parametrize(
    ("gib_class", "about"),
    [("micro", 66), ("small", 150), ("medium", 312), ("large", 648), ("xlarge", 1_300)],
)
def test_connections_are_those_of_the_facts(gib_class: str, about: int) -> None:
    simulation = Simulation(board({"type": f"db.t3.{gib_class}"}))
    facts = shown(simulation.frame()).facts
    assert facts["connections_max"] == pytest.approx(about, rel=0.04)
    cpu, io = simulation.frame().station("db-1/cpu"), simulation.frame().station("db-1/io")
    assert cpu is not None
    assert io is not None
    assert cpu.room == io.room == facts["connections_max"]
    assert (cpu.resource, cpu.kind, io.resource, io.kind) == ("db-1", "cpu", "db-1", "volume")


def test_connections_by_engine() -> None:
    """By memory, up to what an engine allows at most; SQL Server's do not hang on memory."""
    types, engines = CATALOG.rds_types, CATALOG.rds_engines

    def most(engine: str, type: str) -> int:
        return types[type].connections(engines[engine], CATALOG.rds)

    for type in types:
        assert most("sqlserver-se", type) == 32_767
        assert most("postgres", type) <= 5_000
        assert abs(most("mariadb", type) - min(12_000, most("mysql", type) // 2)) <= 1
    assert most("postgres", "db.m5.24xlarge") == 5_000
    assert most("postgres", "db.m5.large") > most("mysql", "db.m5.large")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_new_database_answers_after_its_making_and_is_billed_from_then_on(seed: int) -> None:
    simulation = Simulation(board(board={"instances": [WEB]}), seed)
    assert do(simulation, CreateDatabase("db.m5.large", backup_days=0)) == "db-1"
    frames = play(simulation, 160)
    (available,) = seconds_of(frames, "database_available")
    assert 90 <= available <= 151
    assert frames[available - 1].addresses["db"] is None
    assert frames[available].addresses["db"] == "db-1"
    assert not [x for x in frames[available - 1].money.lines if x.resource == "db-1"]
    (hours, storage) = [x for x in frames[-1].money.lines if x.resource == "db-1"]
    until_s = shown(frames[1]).until_s
    assert until_s is not None
    assert available - 1 < until_s <= available
    lasted_h = (160 - until_s) * 730 / 3_600
    assert hours.quantity == pytest.approx(lasted_h, abs=1e-3)
    assert storage.quantity == pytest.approx(20 * (160 - until_s) / 3_600, abs=1e-3)
    assert frames[-1].counts["read"].good > 0


def test_a_database_of_the_opening_board_is_billed_from_the_start() -> None:
    simulation = Simulation(board())
    frame = simulation.advance(36)
    spent = sum(x.amount_micro_usd for x in frame.money.lines if x.resource == "db-1")
    assert spent == pytest.approx(shown(frame).rate_month_micro_usd / 100, rel=1e-4)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_failover_takes_a_minute_or_two(seed: int) -> None:
    """What was in flight died, later calls are refused, the other zone answers, a standby grows."""
    simulation = Simulation(board({"multi_az": True}), seed)
    play(simulation, 30)
    do(simulation, FailOver("db-1"))
    told = simulation.frame().news[-1]
    assert (told.kind, told.args) == ("failover_started", {"id": "db-1", "zone": "b"})
    assert shown(simulation.frame()).state == "failing_over"
    frames = play(simulation, 250)
    (done,) = seconds_of(frames, "failover_done")
    assert 60 <= done - 30 <= 121
    (news,) = [n for n in frames[done - 30].news if n.kind == "failover_done"]
    assert news.args["zone"] == "b"
    assert done - 31 <= float(news.args["seconds"]) <= done - 30
    before, after = shown(frames[done - 31]), shown(frames[done - 30])
    assert (before.state, after.state, after.zone) == ("failing_over", "available", "b")
    assert after.facts["standby_zone"] == "a"
    assert (after.facts["standby_ready"], after.rate_month_micro_usd) == (
        False, before.rate_month_micro_usd
    )  # fmt: skip
    for frame in frames[2 : done - 30]:
        assert not frame.counts["write"].good
        assert set(frame.counts["write"].failed) <= {"connection_refused"}
    (ready,) = seconds_of(frames, "standby_ready")
    assert 60 <= ready - done <= 121
    assert shown(frames[-1]).facts["standby_ready"]


def test_without_a_ready_standby_nothing_takes_over() -> None:
    simulation = Simulation(board())
    assert refusal_of(simulation, FailOver("db-1")) == RefusalReason.NO_STANDBY
    do(simulation, SetStandby("db-1"))
    assert refusal_of(simulation, FailOver("db-1")) == RefusalReason.NO_STANDBY
    frames = play(simulation, 121)
    (ready,) = seconds_of(frames, "standby_ready")
    assert 60 <= ready <= 121
    do(simulation, FailOver("db-1"))
    assert refusal_of(simulation, SetStandby("db-1", False)) == RefusalReason.WRONG_STATE


def test_a_standby_doubles_both_prices_and_goes_from_where_it_is() -> None:
    simulation = Simulation(board({"multi_az": True}))
    twice = shown(simulation.frame()).rate_month_micro_usd
    do(simulation, FailOver("db-1"))
    play(simulation, 121)
    do(simulation, SetStandby("db-1", False))
    assert (simulation.frame().news[-1].kind, simulation.frame().news[-1].args["zone"]) == (
        "standby_gone", "a",
    )  # fmt: skip
    assert 2 * shown(simulation.frame()).rate_month_micro_usd == twice
    do(simulation, SetStandby("db-1", True))
    assert shown(simulation.frame()).rate_month_micro_usd == twice


@pytest.mark.parametrize("multi_az", [False, True])
def test_writes_take_longer_with_a_standby(multi_az: bool) -> None:
    """1.25 times as long at the storage; reads do not. 20 I/Os of 1 ms each."""
    fixed = CLASS | {"work": "fixed", "data_io": 20, "response_kb": 1.0}
    requests = [
        fixed | {"name": "read", "data": "read"},
        fixed | {"name": "write", "data": "write"},
    ]
    given = {"multi_az": multi_az, "type": "db.t3.micro"}
    frames = play(Simulation(board(given, requests=requests)), 60)
    took: dict[str, set[float]] = {"read": set(), "write": set()}
    for frame in frames:
        for name, samples in frame.samples.items():
            if samples.slow and len(samples.slow.steps) == 3:
                took[name].add(samples.slow.steps[-1].work_ms)
    assert took == {"read": {20.0}, "write": {25.0 if multi_az else 20.0}}


@pytest.mark.parametrize(("multi_az", "low", "high"), [(False, 90, 181), (True, 60, 121)])
def test_another_class_takes_it_down(multi_az: bool, low: int, high: int) -> None:
    """For minutes; a standby makes that one failover."""
    simulation = Simulation(board({"multi_az": multi_az}))
    play(simulation, 20)
    do(simulation, ChangeDatabase("db-1", type="db.m5.xlarge"))
    assert shown(simulation.frame()).state == "modifying"
    assert refusal_of(simulation, ChangeDatabase("db-1", gb=50)) == RefusalReason.WRONG_STATE
    frames = play(simulation, high)
    (done,) = seconds_of(frames, "database_modified")
    assert low <= done - 20 <= high
    assert shown(frames[-1]).facts["vcpus"] == 4
    assert not any(f.counts["read"].good for f in frames[2 : done - 20])
    assert frames[-1].counts["read"].good


def test_more_storage_needs_no_break_and_never_shrinks() -> None:
    simulation = Simulation(board())
    simulation.advance(10)
    do(simulation, ChangeDatabase("db-1", gb=400))
    seen = shown(simulation.frame())
    assert (seen.state, seen.facts["iops"], seen.facts["gb"]) == ("available", 12_000, 400)
    assert not play(simulation, 20)[-1].totals["write"].failed
    for gb in (399, 0, -5, 16_385):
        assert refusal_of(simulation, ChangeDatabase("db-1", gb=gb)) == RefusalReason.BAD_NUMBER
    assert refusal_of(simulation, ChangeDatabase("db-1")) == RefusalReason.NO_CHANGE


def test_a_class_that_is_not_on_offer_can_still_be_given_storage() -> None:
    simulation = Simulation(board(allowed=["rds:db.t3.*"]))
    do(simulation, ChangeDatabase("db-1", gb=30))
    asked = ChangeDatabase("db-1", type="db.m5.xlarge")
    assert refusal_of(simulation, asked) == RefusalReason.NOT_ON_OFFER


def test_no_standby_grows_for_a_dead_database() -> None:
    dies = [{"kind": "master_failure", "at_s": 30, "target": "db-1"}]
    simulation = Simulation(board(incidents=dies))
    simulation.advance(20)
    do(simulation, SetStandby("db-1"))
    frames = play(simulation, 150)
    assert seconds_of(frames, "database_failed") == [31]
    assert not seconds_of(frames, "standby_ready")
    assert shown(frames[-1]).rate_month_micro_usd == 0
    paid = [x for x in frames[20].money.lines if x.resource == "db-1"]
    assert [x for x in frames[-1].money.lines if x.resource == "db-1"] == paid


def test_a_standby_takes_over_when_the_master_dies_and_nobody_else_does() -> None:
    """Twice: the second time the new standby is not ready, and all is lost."""
    dies = [{"kind": "master_failure", "at_s": at_s, "target": "db-1"} for at_s in (30, 152)]
    simulation = Simulation(board({"multi_az": True}, incidents=dies))
    frames = play(simulation, 160)
    assert seconds_of(frames, "failover_started") == [31]
    assert seconds_of(frames, "database_failed") == [153]
    assert simulation._world.data_lost_at == "db-1"
    assert simulation._world.homes["db"] is None
