"""DynamoDB: units and what they cost, capacity that is kept and that grows, hot keys."""

from itertools import pairwise
from typing import Any

import msgspec
import pytest

from engine.catalog import CATALOG
from engine.complaint import Complaint
from engine.frame import Frame
from engine.outcomes import Accepted, RefusalReason
from engine.scenario import Scenario
from engine.services.addresses import PointAddress
from engine.services.dynamodb import ChangeTable, CreateTable, DeleteTable
from engine.services.move import MoveTables, MoveToDynamo
from engine.services.table import Table
from engine.simulation import Simulation
from engine.views import ResourceView
from tests.boards import steady
from tests.laws import play_on as play
from tests.laws import refusal_of

CLASS = {"table": "cart", "web_ms": 0.1, "app_ms": 0.0, "deadline_ms": 500.0,
         "retry": {"times": 0}}  # fmt: skip
READ = CLASS | {"name": "read", "data": "read", "share": 0.75}
WRITE = CLASS | {"name": "write", "data": "write", "share": 0.25}
WEB = {"id": "web-1", "type": "m5.4xlarge", "roles": ["web", "app"]}
CART = {"name": "cart", "gb": 4, "keys": 1_000, "zipf": 0.0}
MONTH = 730 * 3_600


def board(rps: float = 40.0, **changes: Any) -> Scenario:
    """A web server and a table; of four requests three read and one writes."""
    table = {"id": "cart", "table": "cart"} | changes.pop("table", {})
    cart = CART | changes.pop("cart", {})
    values: dict[str, Any] = {
        "duration_s": 300,
        "requests": [READ, WRITE],
        "tables": [cart],
        "board": {"instances": [WEB], "tables": [table]},
    }
    return steady(rps=rps, **values | changes)


def table_of(frame: Frame, id: str = "cart") -> ResourceView:
    (found,) = [r for r in frame.resources if r.id == id]
    return found


def used(frames: list[Frame]) -> tuple[float, float]:
    """Units that were granted in these seconds, of reads and of writes."""
    facts = [table_of(frame).facts for frame in frames]
    return sum(float(f["used_rcu"]) for f in facts), sum(float(f["used_wcu"]) for f in facts)


def told(frames: list[Frame], kind: str) -> list[int]:
    return [frame.second for frame in frames for news in frame.news if news.kind == kind]


def smaller(simulation: Simulation, **changes: Any) -> None:
    """Tables made from now on allow less, so that a test need not send thousands."""
    kinds = {
        name: msgspec.structs.replace(getattr(CATALOG.dynamodb, name), **changes.pop(name, {}))
        for name in ("reads", "writes")
    }
    figures = msgspec.structs.replace(CATALOG.dynamodb, **kinds, **changes)
    simulation._world.catalog = msgspec.structs.replace(CATALOG, dynamodb=figures)


def alone(rps: float, **changes: Any) -> Simulation:
    """A web server without a table yet."""
    return Simulation(board(rps, board={"instances": [WEB]}, **changes))


def test_a_month_on_demand_costs_what_the_price_list_says() -> None:
    """300 s are billed as 730 h; items of 6 KB are one unit to read (two halves), six to write."""
    simulation = Simulation(board(cart={"item_kb": 6.0}))
    frames = play(simulation, 300)
    rcu, wcu = used(frames)
    answered = {name: total.good + total.late for name, total in frames[-1].totals.items()}
    assert answered["read"] > 8_000
    assert rcu == pytest.approx(answered["read"], abs=5)
    assert wcu == pytest.approx(answered["write"] * 6, abs=30)
    lines = {line.meter: line for line in frames[-1].money.lines if line.resource == "cart"}
    reads, writes = (lines[f"{kind} requests"].amount_micro_usd for kind in ("read", "write"))
    assert reads / 1e6 == pytest.approx(rcu * (MONTH / 300) / 1e6 * 0.125, abs=0.005)
    assert writes / 1e6 == pytest.approx(wcu * (MONTH / 300) / 1e6 * 0.625, abs=0.005)
    assert lines["storage"].amount_micro_usd == 4_000 * 250, "4 GB at 0.25"
    assert set(lines) == {"storage", "read requests", "write requests"}
    assert frames[-1].totals["read"].failed_total == 0


def test_a_month_provisioned_costs_what_the_price_list_says() -> None:
    """100 RCU at 0.0949 and 40 WCU at 0.4745, whether they are used or not."""
    scenario = board(rps=1.0, table={"mode": "provisioned", "rcu": 100, "wcu": 40})
    simulation = Simulation(scenario)
    assert simulation.frame().money.rate_month_micro_usd >= 9_490_000 + 18_980_000
    lines = {x.meter: x for x in simulation.advance(300).money.lines if x.resource == "cart"}
    assert lines["read capacity"].amount_micro_usd == 9_490_000
    assert lines["write capacity"].amount_micro_usd == 18_980_000
    assert set(lines) == {"storage", "read capacity", "write capacity"}


def test_the_modes_cost_the_same_at_29_percent() -> None:
    figures = CATALOG.dynamodb.writes
    hour = figures.hour_usd / (3_600 * figures.million_usd / 1e6)
    assert hour == pytest.approx(0.289, abs=0.001)


@pytest.mark.parametrize(
    ("item_kb", "lag_s", "read", "write"),
    [
        (1.0, None, 0.5, 1), (4.0, 5.0, 0.5, 4), (4.1, None, 1.0, 5), (0.3, 0.0, 1.0, 1),
        (9.0, 0.5, 3.0, 9), (400.0, 1.0, 50.0, 400),
    ],
)  # fmt: skip
def test_units_of_a_request(item_kb: float, lag_s: float | None, read: float, write: int) -> None:
    """Who may see data a second old reads for half; who must not reads for the whole."""
    requests = [READ | ({} if lag_s is None else {"max_lag_s": lag_s}), WRITE]
    simulation = Simulation(board(requests=requests, cart={"item_kb": item_kb}))
    frames = play(simulation, 20)
    rcu, wcu = used(frames)
    served = {name: total.good + total.late for name, total in frames[-1].totals.items()}
    assert rcu == pytest.approx(served["read"] * read, abs=3 * read)
    assert wcu == pytest.approx(served["write"] * write, abs=3 * write)


def test_an_answer_takes_single_digit_milliseconds_whatever_the_load() -> None:
    simulation = Simulation(board(rps=400.0))
    simulation.advance(60)
    latency = simulation.frame().latency["read"]
    assert 5 < latency.p50_ms < 7.5
    assert 8 < latency.p99_ms < 11
    slow = simulation.frame().samples["read"].slow
    assert slow is not None
    assert (slow.steps[-1].station, slow.steps[-1].wait_ms) == ("cart", 0.0)


def test_what_was_not_used_lasts_for_five_minutes_and_then_it_is_throttled() -> None:
    """Ten writes a second come, 5 WCU stand: what a calm start has saved runs out."""
    requests = [CLASS | {"name": "write", "data": "write", "share": 1.0}]
    traffic = [{"kind": "ramp", "from_rps": 0.0, "to_rps": 20.0, "start_s": 400, "end_s": 401}]
    table = {"mode": "provisioned", "rcu": 5, "wcu": 5}
    simulation = Simulation(board(duration_s=900, requests=requests, traffic=traffic, table=table))
    frames = play(simulation, 600)
    assert table_of(frames[400]).facts["burst_wcu"] == 5 * 300, "and no more"
    first = told(frames, "table_throttled")
    # 1,500 are saved, 20 a second are taken and 5 come back: they last for 100 s.
    assert first[0] == pytest.approx(501, abs=8)
    assert sum(float(table_of(f).facts["used_wcu"]) for f in frames[520:]) == pytest.approx(
        5 * 81, abs=6
    )
    assert set(frames[-1].totals["write"].failed) == {"throttled"}
    throttled = sum(int(table_of(f).facts["throttled_s"]) for f in frames)
    assert throttled == frames[-1].totals["write"].failed["throttled"], "each was tried once"
    assert {b.at for f in frames for b in f.blame if b.reason == "throttled"} == {"cart"}


def test_what_is_throttled_is_not_billed() -> None:
    simulation = alone(40.0)
    smaller(simulation, reads={"new_s": 5}, writes={"new_s": 5})
    assert simulation.apply(CreateTable("cart", name="cart")) == Accepted("cart")
    frames = play(simulation, 100)
    wcu = used(frames)[1]
    (line,) = [x for x in frames[-1].money.lines if x.meter == "write requests"]
    assert line.quantity == pytest.approx(wcu * MONTH / 300 / 1e6)
    assert 5 * 79 <= wcu <= 5 * 91
    assert frames[-1].totals["write"].failed["throttled"] > 300


def test_a_hot_key_throttles_though_the_table_has_room() -> None:
    """Nearly all write one item: 50 of 5,000 WCU are used, and its partition does no more."""
    requests = [CLASS | {"name": "write", "data": "write", "share": 1.0}]
    simulation = alone(100.0, requests=requests, cart={"zipf": 3.0})
    smaller(simulation, writes={"partition_s": 50})
    made = CreateTable("cart", "provisioned", rcu=100, wcu=500, name="cart")
    assert simulation.apply(made) == Accepted("cart")
    frames = play(simulation, 60)
    facts = table_of(frames[-1]).facts
    assert facts["partitions"] == 10
    assert 90 < float(facts["hottest"]) <= 105
    assert float(facts["burst_wcu"]) > 10_000, "the table itself has room"
    assert facts["throttled_s"] == facts["hot_s"]
    assert told(frames, "partition_hot") != [] == told(frames, "table_throttled")
    # zipf 3: 83 % write the first key, 10 % the second, 3 % the third.
    assert sum(int(table_of(f).facts["hot_s"]) for f in frames[30:]) == pytest.approx(
        31 * (83 - 50), rel=0.2
    )
    station = frames[-1].station("cart/rate")
    assert station is not None
    assert station.utilization > 0.9, "the place is as busy as its busiest partition"
    assert simulation.apply(ChangeTable("cart", wcu=5_000)) == Accepted("cart")
    more = play(simulation, 30)
    assert int(table_of(more[-1]).facts["hot_s"]) > 15, "more capacity does not help"


def test_a_hot_key_of_an_incident_is_throttled_and_all_else_is_not() -> None:
    """Half of the writes for half a minute: 50 a second where a partition does 30."""
    requests = [CLASS | {"name": "write", "data": "write", "share": 1.0}]
    incident = {"kind": "hot_key", "at_s": 60, "target": "cart", "factor": 0.5, "duration_s": 30}
    simulation = alone(100.0, requests=requests, incidents=[incident])
    smaller(simulation, writes={"partition_s": 30})
    made = CreateTable("cart", "provisioned", rcu=5, wcu=300, name="cart")
    assert simulation.apply(made) == Accepted("cart")
    frames = play(simulation, 120)
    assert [f.second for f in frames for n in f.news if n.by == "incident"] == [61]
    hot = [int(table_of(frame).facts["hot_s"]) for frame in frames]
    assert sum(hot[:61]) == sum(hot[91:]) == 0
    # In the hot partition come 50 a second, and 5 of the other 50; a second's worth is kept.
    assert sum(hot[61:91]) == pytest.approx((55 - 30) * 30 - 30, rel=0.15)
    assert frames[-1].totals["write"].failed["throttled"] == sum(hot)


def test_on_demand_serves_twice_its_peak_of_half_an_hour_ago() -> None:
    """A new one serves 12 and 4; what it has done for a minute counts twice after 30 minutes."""
    requests = [CLASS | {"name": "write", "data": "write", "share": 1.0}]
    traffic = [{"kind": "constant", "rps": 20.0}]
    simulation = Simulation(
        board(duration_s=5_000, requests=requests, traffic=traffic, board={"instances": [WEB]})
    )
    smaller(simulation, writes={"new_s": 4})
    assert simulation.apply(CreateTable("cart", name="cart")) == Accepted("cart")
    limits = {}
    frames = [simulation.advance() for _ in range(4_000)]
    for before, after in pairwise(frames):
        was, now = table_of(before).facts["wcu"], table_of(after).facts["wcu"]
        if was != now:
            limits[after.second] = now
    # It was made in the first minute; in the second it did the 4 that it may.
    assert list(limits) == [1_860, 1_920, 3_720, 3_780]
    assert list(limits.values()) == [6, 8, 12, 16]
    assert told(frames, "table_grown") == list(limits)


def test_growth_that_is_slow_enough_is_never_throttled() -> None:
    """Up to the double within half an hour, three times over: a day in which nothing fails."""
    requests = [CLASS | {"name": "write", "data": "write", "share": 1.0}]
    traffic = [
        {"kind": "ramp", "from_rps": 2.0, "to_rps": 4.0, "end_s": 2_400},
        {"kind": "ramp", "from_rps": 0.0, "to_rps": 3.0, "start_s": 2_400, "end_s": 6_000},
    ]
    simulation = Simulation(
        board(duration_s=6_000, requests=requests, traffic=traffic, board={"instances": [WEB]})
    )
    # Twice the mean of a second, as arrivals are by chance.
    smaller(simulation, writes={"new_s": 10})
    assert simulation.apply(CreateTable("cart", name="cart")) == Accepted("cart")
    simulation.advance(30)
    begun = simulation.frame().totals["write"].failed_total
    frame = simulation.advance(5_970)
    failed = frame.totals["write"].failed_total - begun
    assert failed <= 0.002 * frame.totals["write"].demanded


def test_auto_scaling_reacts_after_minutes_to_seventy_percent() -> None:
    """40 writes a second on 20 WCU: after two full minutes over the target there are more."""
    requests = [CLASS | {"name": "write", "data": "write", "share": 1.0}]
    traffic = [{"kind": "constant", "rps": 40.0, "start_s": 60, "end_s": 900}]
    table = {"mode": "provisioned", "rcu": 5, "wcu": 20, "auto": True}
    simulation = Simulation(
        board(duration_s=2_400, requests=requests, traffic=traffic, table=table)
    )
    frames = [simulation.advance() for _ in range(2_400)]
    scaled = told(frames, "table_scaled")
    facts = {f.second: table_of(f).facts for f in frames}
    # Minutes 60 to 120 and 120 to 180, and so on; it sees what is granted, not what is asked.
    assert scaled[:3] == [180, 300, 420]
    assert [facts[second]["wcu"] for second in (179, 180, 300)] == [20, 30, pytest.approx(43, 1)]
    assert facts[420]["wcu"] == pytest.approx(40 / 0.7, abs=5), "all of it, and the target"
    assert facts[899]["throttled_s"] == 0
    # 900 s is the end of the demand; 15 minutes far below follow.
    assert facts[1_799]["wcu"] == facts[899]["wcu"]
    assert facts[1_800]["wcu"] == 20, "what was asked for, and not less"
    (line,) = [x for x in frames[-1].money.lines if x.meter == "write capacity"]
    paid = sum(int(facts[second]["wcu"]) for second in range(1, 2_400)) + 20
    assert line.quantity == pytest.approx(paid / 2_400, abs=1e-6)


def test_a_mode_is_changed_while_it_answers() -> None:
    simulation = Simulation(board(rps=40.0))
    simulation.advance(20)
    change = ChangeTable("cart", "provisioned", rcu=100, wcu=50)
    quote = simulation.quote(change)
    assert simulation.apply(change) == Accepted("cart")
    assert simulation.frame().money.rate_month_micro_usd == quote.rate_after_micro_usd
    assert quote.rate_after_micro_usd - quote.rate_before_micro_usd == 9_490_000 + 23_725_000
    before = {x.meter: x.amount_micro_usd for x in simulation.frame().money.lines}
    after = {x.meter: x.amount_micro_usd for x in simulation.advance(20).money.lines}
    assert after["write requests"] == before["write requests"], "no longer by the request"
    assert after["write capacity"] == 50 * 474_500 * 20 // 300
    assert simulation.apply(ChangeTable("cart", "on_demand")) == Accepted("cart")
    facts = table_of(simulation.frame()).facts
    assert (facts["rcu"], facts["wcu"]) == (12_000, 4_000)
    assert simulation.frame().totals["read"].failed_total == 0


def test_nothing_is_kept_from_on_demand() -> None:
    """Or to switch there and back would fill the store of unused capacity."""
    simulation = Simulation(board(table={"mode": "provisioned", "rcu": 30, "wcu": 20}))
    simulation.advance(5)
    simulation.apply(ChangeTable("cart", "on_demand"))
    simulation.advance(5)
    simulation.apply(ChangeTable("cart", "provisioned"))
    facts = table_of(simulation.frame()).facts
    assert (facts["rcu"], facts["burst_rcu"], facts["burst_wcu"]) == (30, 30.0, 20.0)


def test_on_demand_serves_at_least_what_was_provisioned() -> None:
    table = {"mode": "provisioned", "rcu": 30_000, "wcu": 9_000}
    simulation = Simulation(board(table=table))
    assert table_of(simulation.frame()).facts["partitions"] == 10
    assert simulation.apply(ChangeTable("cart", "on_demand")) == Accepted("cart")
    facts = table_of(simulation.frame()).facts
    assert (facts["rcu"], facts["wcu"], facts["partitions"]) == (30_000, 9_000, 10)


def test_partitions_by_size_and_by_what_it_may_be_asked() -> None:
    for gb, wcu, partitions in ((4, 5, 1), (35, 5, 4), (35, 5_500, 6)):
        table = {"mode": "provisioned", "rcu": 5, "wcu": wcu}
        simulation = Simulation(board(table=table, cart={"gb": gb}))
        assert table_of(simulation.frame()).facts["partitions"] == partitions


def test_a_new_table_takes_a_while_and_what_nobody_answers_for() -> None:
    simulation = alone(40.0)
    quote = simulation.quote(CreateTable("cart"))
    assert quote.rate_after_micro_usd == quote.rate_before_micro_usd, "empty, it costs nothing"
    assert simulation.apply(CreateTable("cart")) == Accepted("table-1")
    assert table_of(simulation.frame(), "table-1").state == "creating"
    frames = play(simulation, 40)
    (ready,) = told(frames, "table_available")
    assert 10 <= ready <= 20
    assert frames[-1].addresses["db/cart"] == "table-1"
    assert table_of(frames[-1], "table-1").facts["used_gb"] == 4.0
    assert frames[-1].counts["read"].good > 10


def test_deleting_a_table_loses_what_lies_in_it() -> None:
    simulation = Simulation(board(table={"mode": "provisioned"}))
    simulation.advance(30)
    quote = simulation.quote(DeleteTable("cart"))
    assert simulation.apply(DeleteTable("cart")) == Accepted("cart")
    frame = simulation.frame()
    assert ("data_lost", {"id": "cart"}) in [(n.kind, n.args) for n in frame.news]
    assert frame.money.rate_month_micro_usd == quote.rate_after_micro_usd
    spent = [line for line in frame.money.lines if line.resource == "cart"]
    after = simulation.advance(10)
    assert [line for line in after.money.lines if line.resource == "cart"] == spent
    assert set(after.totals["read"].failed) <= {"no_target", "connection_refused", "throttled"}
    assert simulation._world.data_lost_at == "cart"


TWO = [{"name": "cart", "gb": 4}, {"name": "log", "gb": 6}]
LOG = {"table": "log", "name": "log", "data": "write", "share": 0.2, "data_ms": 1.0}
RDS = {"id": "rds-1", "type": "db.m5.large", "backup_days": 0}


def beside(**changes: Any) -> Simulation:
    """A database with two tables, and an empty table of DynamoDB for one of them."""
    requests = [READ | {"share": 0.6, "data_ms": 1.0}, WRITE | {"share": 0.2}, CLASS | LOG]
    given = {"instances": [WEB], "databases": [RDS]}
    values = {"requests": requests, "tables": TWO, "board": given, "duration_s": 900}
    simulation = Simulation(steady(rps=40.0, **values | changes))  # type: ignore[arg-type]
    assert simulation.apply(CreateTable("cart", name="cart")) == Accepted("cart")
    simulation.advance(20)
    return simulation


def test_a_table_moves_there_and_back() -> None:
    simulation = beside()
    quote = simulation.quote(MoveToDynamo("cart"))
    assert quote.rate_after_micro_usd - quote.rate_before_micro_usd == 4_000 * 250
    assert simulation.apply(MoveToDynamo("cart")) == Accepted("cart")
    (move,) = simulation.frame().moves
    assert (move.role, move.source, move.gb) == ("db/cart", "rds-1", 4.0)
    there = play(simulation, 90)
    assert told(there, "move_done") == [20 + 80]
    assert there[-1].addresses["db/cart"] == "cart"
    ways = {(hop.source, hop.target) for hop in there[-1].hops}
    assert ways == {("", "web-1"), ("web-1", "rds-1"), ("web-1", "cart")}
    assert [table_of(there[-1], id).facts["used_gb"] for id in ("rds-1", "cart")] == [6.0, 4.0]
    assert simulation.apply(MoveTables("rds-1", "cart")) == Accepted("rds-1")
    back = play(simulation, 90)
    assert "db/cart" not in back[-1].addresses
    assert [table_of(back[-1], id).facts["used_gb"] for id in ("rds-1", "cart")] == [10.0, 0.0]
    assert simulation.apply(DeleteTable("cart")) == Accepted("cart")
    last = play(simulation, 20)[-1]
    assert sum(total.failed_total for total in last.totals.values()) == 0
    assert not simulation._world.data_lost_at


def test_what_moves_is_lost_with_the_table_and_the_rest_is_not() -> None:
    simulation = beside()
    simulation.apply(MoveToDynamo("cart"))
    simulation.advance(90)
    assert simulation.apply(DeleteTable("cart")) == Accepted("cart")
    assert simulation._world.data_lost_at == "cart"
    before = simulation.frame().totals
    after = play(simulation, 20)[-1].totals
    assert after["read"].failed["no_target"] > 300
    assert after["log"].failed_total == before["log"].failed_total == 0


def test_a_table_that_goes_while_it_is_filled_leaves_all_where_it_was() -> None:
    simulation = beside()
    simulation.apply(MoveToDynamo("cart"))
    simulation.advance(30)
    assert simulation.apply(DeleteTable("cart")) == Accepted("cart")
    frames = play(simulation, 20)
    assert len(told(frames, "move_failed")) == 1
    assert table_of(frames[-1], "rds-1").facts["used_gb"] == 10.0
    assert sum(total.failed_total for total in frames[-1].totals.values()) == 0


def test_moves_that_are_refused() -> None:
    simulation = beside()
    assert refusal_of(simulation, MoveToDynamo("rds-1")) == RefusalReason.UNKNOWN_RESOURCE
    assert refusal_of(simulation, PointAddress("db", "cart")) == RefusalReason.ROLE_NOT_PLAYED
    simulation.apply(CreateTable("cart", name="late"))
    assert refusal_of(simulation, MoveToDynamo("late")) == RefusalReason.WRONG_STATE
    simulation.apply(MoveToDynamo("cart"))
    assert refusal_of(simulation, MoveToDynamo("cart")) == RefusalReason.WRONG_STATE
    simulation.advance(90)
    assert refusal_of(simulation, MoveToDynamo("cart")) == RefusalReason.NO_CHANGE
    nothing = Simulation(board(board={"instances": [WEB], "databases": []}))
    nothing.apply(CreateTable("cart", name="one"))
    nothing.advance(20)
    assert refusal_of(nothing, MoveToDynamo("one")) == RefusalReason.NO_CHANGE


def test_an_opening_board_with_both() -> None:
    """The database has the other table alone, and memory for it."""
    given = {"instances": [WEB], "databases": [RDS], "tables": [{"id": "cart", "table": "cart"}]}
    simulation = Simulation(board(tables=TWO, board=given))
    frame = simulation.frame()
    assert [table_of(frame, id).facts["used_gb"] for id in ("rds-1", "cart")] == [6.0, 4.0]
    assert (frame.addresses["db"], frame.addresses["db/cart"]) == ("rds-1", "cart")
    assert simulation.advance(60).totals["read"].failed_total == 0


def test_what_is_refused() -> None:
    simulation = Simulation(board(allowed=["ec2:m5.*", "ebs"]))
    assert refusal_of(simulation, CreateTable("cart")) == RefusalReason.NOT_ON_OFFER
    simulation = Simulation(board(allowed=["dynamodb:table"]))
    for command, reason in (
        (CreateTable("nothing"), RefusalReason.UNKNOWN_RESOURCE),
        (CreateTable("cart", name="cart"), RefusalReason.NAME_TAKEN),
        (CreateTable("cart", name="Cart!"), RefusalReason.BAD_NAME),
        (CreateTable("cart", "provisioned", rcu=0), RefusalReason.BAD_NUMBER),
        (CreateTable("cart", "provisioned", wcu=40_001), RefusalReason.BAD_NUMBER),
        (ChangeTable("nobody"), RefusalReason.UNKNOWN_RESOURCE),
        (ChangeTable("cart"), RefusalReason.NO_CHANGE),
        (ChangeTable("cart", rcu=50), RefusalReason.NO_CHANGE),
        (DeleteTable("nobody"), RefusalReason.UNKNOWN_RESOURCE),
    ):
        assert refusal_of(simulation, command) == reason, command
    while len(simulation._world.all(Table)) < CATALOG.dynamodb.max_tables:
        simulation.apply(CreateTable("cart"))
    assert refusal_of(simulation, CreateTable("cart")) == RefusalReason.LIMIT_REACHED
    assert refusal_of(simulation, ChangeTable("table-1")) == RefusalReason.WRONG_STATE


def test_a_board_with_a_table_for_nothing_is_refused() -> None:
    with pytest.raises(Complaint, match="no table 'orders'"):
        board(table={"table": "orders"})


def test_advancing_in_pieces_makes_no_difference() -> None:
    scenario = board(rps=120.0, table={"mode": "provisioned", "rcu": 30, "wcu": 20, "auto": True})
    whole, pieces = Simulation(scenario), Simulation(scenario)
    whole.advance(200)
    for _ in range(200):
        pieces.advance()
    assert whole.digest() == pieces.digest()
    assert whole.frame() == pieces.frame()
