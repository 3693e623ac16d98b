"""S3: what lies there and what is asked is billed to the cent; too fast is told to slow down."""

from typing import Any

import msgspec
import pytest

from engine.catalog import CATALOG
from engine.frame import Frame
from engine.outcomes import Accepted, RefusalReason
from engine.scenario import Scenario
from engine.services.ec2 import LaunchInstance
from engine.services.s3 import Bucket, CreateBucket, DeleteBucket
from engine.simulation import Simulation
from engine.views import ResourceView
from tests.boards import steady
from tests.laws import play_on as play
from tests.laws import refusal_of

GET = {"data": "file_read", "app_ms": 0.0, "web_ms": 0.1, "response_kb": 450.0}
PUT = {"data": "file_write", "app_ms": 0.0, "web_ms": 0.1, "response_kb": 2_000.0}
CLASS = {"deadline_ms": 5_000.0, "patience_ms": 60_000.0, "retry": {"times": 0}}
WITH_BUCKET = {
    "instances": [{"id": "web-1", "type": "m5.4xlarge", "roles": ["web", "app", "db"]}],
    "buckets": [{"id": "photos"}],
}


def board(**changes: Any) -> Scenario:
    """A web server and a bucket; three of four requests read a file, the others leave one."""
    requests = [
        CLASS | GET | {"name": "get", "share": 0.75},
        CLASS | PUT | {"name": "put", "share": 0.25},
    ]
    values = {"duration_s": 300, "requests": requests, "files": {"gb": 50}, "board": WITH_BUCKET}
    return steady(rps=40.0, **values | changes)  # type: ignore[arg-type]


def bucket_of(frame: Frame, id: str = "photos") -> ResourceView:
    (found,) = [r for r in frame.resources if r.id == id]
    return found


def slower(simulation: Simulation, reads_s: int, writes_s: int) -> None:
    """Buckets made from now on allow fewer requests, so that a test need not send thousands."""
    figures = msgspec.structs.replace(CATALOG.s3, reads_s=reads_s, writes_s=writes_s)
    simulation._world.catalog = msgspec.structs.replace(CATALOG, s3=figures)


def test_a_bucket_of_the_opening_board_answers_for_files() -> None:
    simulation = Simulation(board())
    assert simulation.frame().addresses["files"] == "photos"
    frames = play(simulation, 60)
    ways = {(hop.source, hop.target) for frame in frames for hop in frame.hops}
    assert ways == {("", "web-1"), ("web-1", "photos")}
    assert bucket_of(frames[0]).facts["used_gb"] == 50.0


def test_a_month_costs_what_the_price_list_says() -> None:
    """300 s are billed as 730 h: each request stands for 8,760 of them."""
    simulation = Simulation(board())
    frames = play(simulation, 300)
    facts = [bucket_of(frame).facts for frame in frames]
    gets = sum(int(f["reads_s"]) for f in facts)
    puts = sum(int(f["writes_s"]) for f in facts)
    assert gets > 8_000
    assert puts > 2_500
    lines = {line.meter: line for line in frames[-1].money.lines if line.resource == "photos"}
    month = 730 * 3_600 / 300
    assert lines["GET requests"].amount_micro_usd / 1e6 == pytest.approx(
        gets * month / 1_000 * 0.0004, abs=0.005
    )
    assert lines["PUT requests"].amount_micro_usd / 1e6 == pytest.approx(
        puts * month / 1_000 * 0.005, abs=0.005
    )
    # What users have left lies there from the end of the second in which they did.
    used = [float(f["used_gb"]) for f in facts]
    assert used[-1] == pytest.approx(50 + frames[-1].totals["put"].good * 0.002, abs=1e-6)
    gb_months = sum(used[:-1]) / 300
    assert lines["storage"].amount_micro_usd / 1e6 == pytest.approx(gb_months * 0.023, abs=0.005)
    assert set(lines) == {"storage", "GET requests", "PUT requests"}
    asked = {name: total.demanded - total.in_flight for name, total in frames[-1].totals.items()}
    assert asked["get"] <= gets <= frames[-1].totals["get"].demanded
    assert asked["put"] <= puts <= frames[-1].totals["put"].demanded


def test_an_answer_takes_its_first_byte_and_its_bytes() -> None:
    """100 to 200 ms and 450 kB at 90 MB/s; nothing depends on the load."""
    simulation = Simulation(board())
    simulation.advance(120)
    latency = simulation.frame().latency["get"]
    assert 150 + 5 < latency.p50_ms < 165
    assert 195 + 5 < latency.p95_ms < 210
    slow = simulation.frame().samples["get"].slow
    assert slow is not None
    assert slow.steps[-1].station == "photos"
    assert slow.steps[-1].wait_ms == 0.0
    assert 105 <= slow.steps[-1].work_ms <= 205


def test_slow_down_and_then_twice_the_rate() -> None:
    """Turned away above the rate; 60 s after that began there is a second prefix."""
    simulation = Simulation(board(board={"instances": WITH_BUCKET["instances"]}))
    slower(simulation, reads_s=20, writes_s=100)
    assert simulation.apply(CreateBucket("photos")) == Accepted("photos")
    frames = play(simulation, 150)
    told = [
        (f.second, n.kind, n.args) for f in frames for n in f.news if "photos" in n.args.values()
    ]
    began = next(second for second, kind, _ in told if kind == "slow_down")
    assert began <= 5
    split = (began + 60, "bucket_repartitioned", {"id": "photos", "prefixes": 2})
    assert split in told
    slowed = [int(bucket_of(f).facts["slowed_s"]) for f in frames]
    reads = [int(bucket_of(f).facts["reads_s"]) for f in frames]
    writes = [int(bucket_of(f).facts["writes_s"]) for f in frames]
    # A second's tokens are lent ahead once; after that 20 a second and no more.
    assert sum(reads[: began + 60]) <= 20 * (began + 60) + 20
    assert sum(reads[10:60]) == pytest.approx(20 * 50, abs=2)
    assert sum(slowed[10:60]) == pytest.approx(40 * 50 - 20 * 50 - sum(writes[10:60]), abs=150)
    assert max(writes) < 100
    after = slice(began + 70, None)
    assert sum(slowed[after]) < 0.02 * sum(reads[after]), "40 a second are enough for 30"
    failed = frames[-1].totals
    assert set(failed["get"].failed) == {"slow_down"}
    assert not failed["put"].failed
    facts = bucket_of(frames[-1]).facts
    assert (facts["prefixes"], facts["reads_max_s"], facts["writes_max_s"]) == (2, 40, 200)
    blame = {b.at for f in frames for b in f.blame if b.reason == "slow_down"}
    assert blame == {"photos"}
    assert sum(slowed) == failed["get"].failed["slow_down"], "each was tried once"


def test_what_was_turned_away_is_not_billed() -> None:
    simulation = Simulation(board(board={"instances": WITH_BUCKET["instances"]}))
    slower(simulation, reads_s=5, writes_s=5)
    simulation.apply(CreateBucket("photos"))
    frames = play(simulation, 50)
    reads = sum(int(bucket_of(f).facts["reads_s"]) for f in frames)
    (line,) = [x for x in frames[-1].money.lines if x.meter == "GET requests"]
    assert line.quantity == pytest.approx(reads * 8_760 / 1_000)


def test_a_place_of_a_bucket_has_no_line_to_wait_in() -> None:
    simulation = Simulation(board())
    for frame in play(simulation, 30):
        rate = frame.station("photos/rate")
        assert rate is not None
        assert (rate.kind, rate.servers, rate.room, rate.waiting_total) == ("rate", 1, 0, 0)
        facts = bucket_of(frame).facts
        share = max(int(facts["reads_s"]) / 5_500, int(facts["writes_s"]) / 3_500)
        assert rate.utilization == pytest.approx(share, abs=1e-6)


def test_deleting_a_bucket_loses_its_files() -> None:
    simulation = Simulation(board())
    simulation.advance(30)
    quote = simulation.quote(DeleteBucket("photos"))
    assert simulation.apply(DeleteBucket("photos")) == Accepted("photos")
    frame = simulation.frame()
    assert [n.kind for n in frame.news if n.by == "player"] == ["bucket_deleted"]
    assert ("data_lost", {"id": "photos"}) in [(n.kind, n.args) for n in frame.news]
    assert frame.addresses["files"] is None
    assert frame.money.rate_month_micro_usd == quote.rate_after_micro_usd
    spent = [line for line in frame.money.lines if line.resource == "photos"]
    after = simulation.advance(10)
    assert [line for line in after.money.lines if line.resource == "photos"] == spent
    assert set(after.totals["get"].failed) == {"no_target"}
    assert simulation._world.data_lost_at == "photos"


def test_requests_on_their_way_to_a_deleted_bucket_are_refused() -> None:
    """What it had begun to answer is still answered."""
    simulation = Simulation(board(network={"hop_ms": 700.0}))
    simulation.advance(20)
    store = simulation._world.all(Bucket)["photos"].store
    under_way = len(store.delay)
    good = sum(t.good for t in simulation.frame().totals.values())
    simulation.apply(DeleteBucket("photos"))
    frame = simulation.advance(1)
    assert under_way > 0
    assert sum(t.good for t in frame.totals.values()) == good + under_way
    failed = {reason for total in frame.totals.values() for reason in total.failed}
    assert failed == {"connection_refused", "no_target"}


def test_an_empty_bucket_costs_nothing_and_takes_what_nobody_answers_for() -> None:
    simulation = Simulation(board(board={}))
    quote = simulation.quote(CreateBucket())
    assert quote.rate_after_micro_usd == quote.rate_before_micro_usd == 0
    assert simulation.apply(CreateBucket()) == Accepted("bucket-1")
    assert simulation.frame().addresses["files"] == "bucket-1"
    assert bucket_of(simulation.frame(), "bucket-1").facts["used_gb"] == 50.0
    assert simulation.frame().money.rate_month_micro_usd == 0
    second = simulation.advance()
    # The storage of what lies there is weighed at the next second: 50 GB at 0.023.
    assert second.money.rate_month_micro_usd == 1_150_000
    assert simulation.apply(LaunchInstance("m5.large", roles=("web", "app"))) == Accepted("web-1")
    frames = play(simulation, 60)
    assert {(hop.source, hop.target) for f in frames for hop in f.hops} == {
        ("", "web-1"), ("web-1", "bucket-1"),
    }  # fmt: skip


def test_what_is_refused() -> None:
    simulation = Simulation(board(allowed=["ec2:m5.*", "ebs"]))
    assert refusal_of(simulation, CreateBucket()) == RefusalReason.NOT_ON_OFFER
    assert refusal_of(simulation, DeleteBucket("nobody")) == RefusalReason.UNKNOWN_RESOURCE
    simulation = Simulation(board())
    assert refusal_of(simulation, CreateBucket("photos")) == RefusalReason.NAME_TAKEN
    assert refusal_of(simulation, CreateBucket("Photos!")) == RefusalReason.BAD_NAME
    assert refusal_of(simulation, CreateBucket("internet")) == RefusalReason.NAME_TAKEN
    while len(simulation._world.all(Bucket)) < CATALOG.s3.max_buckets:
        simulation.apply(CreateBucket())
    assert refusal_of(simulation, CreateBucket()) == RefusalReason.LIMIT_REACHED
