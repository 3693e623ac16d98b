"""The sandbox: its player directs traffic, trouble and the bill, and every law still holds."""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from engine.complaint import Complaint
from engine.flow.demand import Demand
from engine.flow.trace import MAX_RPS
from engine.frame import Frame
from engine.outcomes import Accepted, RefusalReason, Refused
from engine.recording import RecordingWriter, new_header, read_recording
from engine.replay import Verified, verify
from engine.scenario import INCIDENTS_SO_FAR, Scenario, read_scenario
from engine.services.command import Command
from engine.services.ec2 import LaunchInstance, StopInstance
from engine.services.registry import read_command
from engine.services.sandbox import (
    SetBill,
    SetBudget,
    SetRate,
    SetShare,
    StartIncident,
    TakeTraffic,
)
from engine.simulation import VERSION, Simulation
from engine.streams import Streams
from levels.sandbox import BOARDS, sandbox
from tests.boards import steady, troubled
from tests.laws import check_frame, check_run, play_on, refusal_of
from tests.test_random_fleet import DIRECTING

Plan = dict[int, list[Command]]


def free(**changes: Any) -> Scenario:
    """The troubled board in a sandbox, without its incidents."""
    changes = {"duration_s": 240, "incidents": [], "sandbox": {}} | changes
    return troubled(**changes)


def frames_of(scenario: Scenario, plan: Plan, until: int, seed: int | None = None) -> list[Frame]:
    """The frames as time left them, with the plan's commands given."""
    simulation = Simulation(scenario, seed)
    frames = [simulation.frame()]
    while simulation.frame().second < until:
        for command in plan.get(simulation.frame().second, []):
            assert isinstance(simulation.apply(command), Accepted), command
            check_frame(simulation.frame())
        frames.append(simulation.advance())
    return frames


def demanded(frames: list[Frame], name: str) -> list[int]:
    return [frame.counts[name].demanded for frame in frames]


DIRECTED: Plan = {
    5: [SetRate(120.0)],
    20: [SetShare("page", 0.2), StartIncident("traffic_spike", None, 2.0, 15)],
    30: [StartIncident("instance_crash", "web-1"), StartIncident("slow_disk", "role:db", 0.5, 20)],
    45: [SetBill(False), SetRate(0.0)],
    60: [SetRate(), SetShare("page", 1.0), SetBudget(123.45)],
    65: [TakeTraffic((10, 80.5, 40), every_s=3, file="day.csv"), SetBudget(4_000.0)],
    68: [TakeTraffic((10, 80, 0, 40), steps=True, file="access.log")],
    70: [SetShare("page", 0.5), SetBill(True), StartIncident("zone_outage", "a", 1.0, 20)],
    100: [StartIncident("hot_key", "catalog", 0.8), StartIncident("bot_attack", "page", 3.0)],
}


def test_directing_obeys_the_laws() -> None:
    check_run(frames_of(free(), DIRECTED, 150))


def test_trouble_is_told_in_the_second_in_which_it_comes() -> None:
    simulation = Simulation(free())
    simulation.advance(10)
    for kind, told in (("traffic_spike", "traffic_spike"), ("host_failure", "host_failed")):
        simulation.apply(StartIncident(kind, "role:web"))  # type: ignore[arg-type]
        assert told in [news.kind for news in simulation.frame().news]
    after = simulation.advance()
    assert "traffic_spike" not in [news.kind for news in after.news]


def test_pieces_of_time_make_no_difference() -> None:
    whole = Simulation(free())
    for second, commands in DIRECTED.items():
        whole.advance(second - whole.frame().second)
        assert all(isinstance(whole.apply(command), Accepted) for command in commands)
    whole.advance(150 - whole.frame().second)
    assert whole.frame() == frames_of(free(), DIRECTED, 150)[-1]


def test_a_directed_run_is_verified_from_its_recording(tmp_path: Path) -> None:
    simulation = Simulation(free())
    header = new_header(simulation.scenario, simulation.seed, VERSION, "2026-11-23", {})
    writer = RecordingWriter(tmp_path / "x.headroom", header)
    while not simulation.over:
        second = simulation.frame().second
        writer.frame(simulation.frame())
        for command in DIRECTED.get(second, []):
            writer.command(second, command, simulation.apply(command))
        writer.frame(simulation.frame())
        simulation.advance()
    writer.frame(simulation.frame())
    writer.finish(simulation.result())
    verified = verify(read_recording(tmp_path / "x.headroom"))
    assert isinstance(verified, Verified)
    assert verified.digest == simulation.digest()


def test_a_rate_holds_from_the_second_in_which_it_is_set() -> None:
    frames = frames_of(steady(rps=20, duration_s=300, sandbox={}), {100: [SetRate(200.0)]}, 300)
    before, after = demanded(frames, "page")[1:101], demanded(frames, "page")[101:]
    # Poisson: 4.5 standard deviations.
    assert abs(sum(before) - 2_000) < 4.5 * 2_000**0.5
    assert abs(sum(after) - 40_000) < 4.5 * 40_000**0.5
    assert (frames[100].expected_rps, frames[101].expected_rps) == (20.0, 200.0)
    assert frames[101].sandbox is not None
    assert frames[101].sandbox.rps == 200.0


def test_the_same_rate_again_changes_nothing() -> None:
    scenario = steady(rps=50, duration_s=120, sandbox={})
    assert frames_of(scenario, {}, 60) == frames_of(scenario, {20: [SetRate(50.0)]}, 60)


def test_the_curve_of_the_board_comes_back() -> None:
    ramp = [{"kind": "ramp", "from_rps": 10, "to_rps": 110}]
    scenario = steady(rps=1, duration_s=100, traffic=ramp, sandbox={})
    frames = frames_of(scenario, {10: [SetRate(5.0)], 40: [SetRate()]}, 90)
    assert [frames[s].expected_rps for s in (9, 20, 41, 80)] == [19.5, 5.0, 51.5, 90.5]


def test_shares_add_up_and_the_others_keep_to_each_other() -> None:
    demand = Demand(sandbox("one-box").scenario, Streams(1))
    before = demand.shares(50)
    demand.set_share(50, 1, 0.6)
    after = demand.shares(50)
    assert after["order"] == 0.6
    assert sum(after.values()) == pytest.approx(1.0)
    assert after["page"] / after["photo"] == pytest.approx(before["page"] / before["photo"])
    assert demand.shares(49) == before
    assert demand.expected(60) == pytest.approx(30.0)


def test_a_mix_is_kept_while_nobody_comes() -> None:
    demand = Demand(sandbox("one-box").scenario, Streams(1))
    demand.set_rate(10, 0.0)
    demand.set_share(20, 0, 1.0)
    demand.set_share(30, 0, 0.4)
    demand.set_rate(40, 10.0)
    assert demand.shares(45) == pytest.approx(
        {"page": 0.4, "order": 0.2, "photo": 0.2, "upload": 0.2}
    )
    assert demand.expected(45) == pytest.approx(10.0)


def test_what_is_built_never_changes_what_is_demanded() -> None:
    built: Plan = {3: [LaunchInstance("m5.large")], 50: [StopInstance("web-1")]}
    both = {s: [*built.get(s, []), *DIRECTED.get(s, [])] for s in {*built, *DIRECTED}}
    del both[30]
    without = {s: commands for s, commands in DIRECTED.items() if s != 30}
    left, right = frames_of(free(), without, 120), frames_of(free(), both, 120)
    for name in left[0].counts:
        assert demanded(left, name) == demanded(right, name)
    assert left[-1].totals != right[-1].totals


def test_bots_of_one_class_leave_the_others_alone() -> None:
    names = ("page", "order", "photo", "upload")
    scenario = sandbox("one-box", duration_s=200).scenario
    calm = frames_of(scenario, {}, 120)
    attacked = frames_of(scenario, {30: [StartIncident("bot_attack", "order", 5.0, 40)]}, 120)
    for name in names:
        same = demanded(calm, name) == demanded(attacked, name)
        assert same == (name != "order")


@pytest.mark.parametrize(
    ("kind", "target", "factor"),
    [
        ("instance_crash", "web-1", 0.5),
        ("host_failure", "role:web", 0.5),
        ("noisy_neighbour", "db-1", 0.3),
        ("slow_disk", "role:db", 0.2),
        ("bad_deploy", "role:app", 0.4),
        ("volume_failure", "vol-1", 0.5),
        ("master_failure", "rds-1", 0.5),
        ("zone_outage", "a", 0.5),
        ("traffic_spike", None, 2.5),
        ("bot_attack", "page", 3.0),
        ("hot_key", "catalog", 0.7),
    ],
)
def test_trouble_on_a_key_is_that_of_a_level(kind: Any, target: str | None, factor: float) -> None:
    """Given at a second, it does what the same trouble does that was scheduled for it."""
    assert kind in INCIDENTS_SO_FAR
    given = frames_of(free(), {25: [StartIncident(kind, target, factor, 30)]}, 110)
    part = {"kind": kind, "at_s": 25, "factor": factor, "duration_s": 30}
    planned = part if target is None else part | {"target": target}
    scheduled = frames_of(free(incidents=[planned]), {}, 110)
    without_news = [[msgspec.structs.replace(f, news=()) for f in fs] for fs in (given, scheduled)]
    assert without_news[0][26:] == without_news[1][26:]


BUDGET_USD = free().budget.month_usd

REFUSED: list[tuple[Command, RefusalReason]] = [
    (SetRate(-1.0), RefusalReason.BAD_NUMBER),
    (SetRate(MAX_RPS * 1.01), RefusalReason.BAD_NUMBER),
    (SetRate(float("nan")), RefusalReason.BAD_NUMBER),
    (SetShare("nothing", 0.5), RefusalReason.UNKNOWN_RESOURCE),
    (SetShare("page", 1.5), RefusalReason.BAD_NUMBER),
    (SetBill(True), RefusalReason.NO_CHANGE),
    (SetBudget(BUDGET_USD), RefusalReason.NO_CHANGE),
    (SetBudget(0.0), RefusalReason.BAD_NUMBER),
    (SetBudget(10_000_001.0), RefusalReason.BAD_NUMBER),
    (SetBudget(float("nan")), RefusalReason.BAD_NUMBER),
    (TakeTraffic(()), RefusalReason.BAD_NUMBER),
    (TakeTraffic((1, -2.0)), RefusalReason.BAD_NUMBER),
    (TakeTraffic((1, float("inf"))), RefusalReason.BAD_NUMBER),
    (TakeTraffic((1, MAX_RPS * 1.01)), RefusalReason.BAD_NUMBER),
    (TakeTraffic((1, 2), every_s=0), RefusalReason.BAD_NUMBER),
    (TakeTraffic((1, 2), file="\x1b[2J"), RefusalReason.BAD_NAME),
    (TakeTraffic((1.234567,) * 200_000), RefusalReason.BAD_NUMBER),
    (StartIncident("instance_crash", "web-9"), RefusalReason.CANNOT_BEFALL),
    (StartIncident("instance_crash"), RefusalReason.CANNOT_BEFALL),
    (StartIncident("zone_outage", "z"), RefusalReason.CANNOT_BEFALL),
    (StartIncident("bot_attack", "web-1"), RefusalReason.CANNOT_BEFALL),
    (StartIncident("hot_key", "page"), RefusalReason.CANNOT_BEFALL),
    (StartIncident("slow_disk", "role:nobody"), RefusalReason.CANNOT_BEFALL),
    (StartIncident("slow_disk", "vol-1", 1.5), RefusalReason.BAD_NUMBER),
    (StartIncident("traffic_spike", None, 101.0), RefusalReason.BAD_NUMBER),
    (StartIncident("traffic_spike", None, 2.0, 0), RefusalReason.BAD_NUMBER),
]


@pytest.mark.parametrize(("command", "reason"), REFUSED)
def test_what_is_refused_changes_nothing(command: Command, reason: RefusalReason) -> None:
    simulation = Simulation(free())
    simulation.advance(10)
    assert refusal_of(simulation, command) == reason


def test_crowds_on_crowds_stay_within_what_can_be_simulated() -> None:
    simulation = Simulation(free())
    spike = StartIncident("traffic_spike", None, 100.0, 60)
    outcomes = [simulation.apply(spike) for _ in range(6)]
    assert isinstance(outcomes[0], Accepted)
    assert isinstance(outcomes[-1], Refused)
    assert refusal_of(simulation, SetRate(MAX_RPS / 50)) == RefusalReason.BAD_NUMBER


@pytest.mark.parametrize("command", [SetRate(5.0), SetShare("page", 0.5), SetBill(False),
                                     StartIncident("traffic_spike"), SetBudget(5.0),
                                     TakeTraffic((1, 2))])  # fmt: skip
def test_a_level_is_not_directed(command: Command) -> None:
    simulation = Simulation(troubled())
    assert refusal_of(simulation, command) == RefusalReason.ONLY_IN_SANDBOX
    assert simulation.frame().sandbox is None
    assert type(command) in DIRECTING


def test_nothing_ends_it_but_its_end() -> None:
    """Neither an empty error budget nor an empty account; and no price refuses a command."""
    scenario = sandbox("empty", month_usd=0.01, duration_s=1_000).scenario
    simulation = Simulation(scenario)
    simulation.advance(300)
    assert isinstance(simulation.apply(LaunchInstance("m5.24xlarge", volume_gb=100)), Accepted)
    frame = simulation.advance(699)
    assert frame.verdict is None
    assert frame.goals.error_budget_left < 0 > frame.money.cash_micro_usd
    assert frame.goals.stars_on_course == 0
    verdict = simulation.advance().verdict
    assert verdict is not None
    assert (verdict.won, verdict.stars, verdict.cause) == (True, 0, "ended")


def test_an_hour_is_billed_as_a_month_and_brings_its_budget() -> None:
    scenario = sandbox("one-box", month_usd=500.0, duration_s=7_300).scenario
    simulation = Simulation(scenario)
    simulation.apply(SetRate(0.0))  # which makes it quick, too
    first = simulation.advance(3_599)
    assert first.money.budget_micro_usd == 500_000_000
    assert first.money.spent_usd == pytest.approx(first.money.rate_month_usd, rel=1e-3)
    second = simulation.advance(3_601)
    assert second.money.budget_micro_usd == 1_500_000_000
    assert second.money.spent_usd == pytest.approx(2 * first.money.rate_month_usd, rel=1e-3)
    check_frame(second)


def test_what_stands_while_the_bill_is_off_is_never_charged() -> None:
    simulation = Simulation(sandbox("one-box", duration_s=400).scenario)
    charged = simulation.advance(100).money
    simulation.apply(SetBill(False))
    simulation.apply(LaunchInstance("m5.4xlarge", name="free"))
    off = play_on(simulation, 100)
    assert {frame.money.spent_micro_usd for frame in off} == {charged.spent_micro_usd}
    assert off[-1].sandbox is not None
    assert not off[-1].sandbox.bill
    assert off[-1].money.forecast_micro_usd == charged.spent_micro_usd
    simulation.apply(SetBill(True))
    money = play_on(simulation, 100)[-1].money
    lines = {(line.resource, line.unit): line for line in money.lines}
    for line in money.lines:
        exact = line.quantity * line.unit_price_micro_usd
        assert line.amount_micro_usd == pytest.approx(exact, rel=1e-3, abs=50), line
    assert lines["web-1", "h"].quantity == pytest.approx(730 * 200 / 3_600, rel=1e-3)
    assert lines["free", "h"].quantity == pytest.approx(730 * 100 / 3_600, rel=1e-3)


def test_a_sandbox_may_open_without_a_bill() -> None:
    frame = Simulation(sandbox("resilient", bill=False, duration_s=60).scenario).advance(60)
    assert frame.money.lines == ()
    assert frame.money.rate_month_usd > 700


def drawn(draws: Random, frame: Frame) -> Command:
    """Any directing command, mostly a good one."""
    ids = [i.id for i in frame.instances] + [v.id for v in frame.volumes]
    ids += [r.id for r in frame.resources] + ["role:web", "role:db", "a", "b", "page", "catalog"]
    match draws.randrange(6):
        case 0:
            return SetRate(draws.choice((0.0, 1.0, 30.0, 90.0, 150.0, -1.0, None)))
        case 1:
            share = draws.choice((0.0, 0.3, 1.0, 2.0))
            return SetShare(draws.choice((*frame.counts, "nobody")), share)
        case 2:
            return SetBill(draws.random() < 0.5)
        case 3:
            return SetBudget(draws.choice((0.0, 0.01, 250.0, 9_000.0)))
        case 4:
            rps = tuple(draws.choice((0, 5, 33.3, 90, -1)) for _ in range(draws.randrange(5)))
            return TakeTraffic(rps, draws.choice((0, 1, 7)), draws.random() < 0.5, "day.csv")
    target = draws.choice((*ids, None, "nobody"))
    factor, seconds = draws.choice((0.1, 0.5, 1.0, 2.0)), draws.choice((1, 5, 40, 200))
    return StartIncident(draws.choice(INCIDENTS_SO_FAR), target, factor, seconds)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_directed_the_laws_hold(seed: int) -> None:
    draws = Random(seed)
    scenario = free(duration_s=400)
    simulation = Simulation(scenario, seed)
    given: list[tuple[int, Command]] = []
    ended = simulation.frame()
    while not simulation.over:
        for _ in range(draws.choice((0, 0, 1, 3))):
            command = drawn(draws, simulation.frame())
            before = simulation.digest(), simulation.frame()
            quote = simulation.quote(command)
            if isinstance(simulation.apply(command), Refused):
                assert (simulation.digest(), simulation.frame()) == before
                assert quote.refused is not None
            else:
                assert quote.refused is None
                given.append((simulation.frame().second, command))
            check_frame(simulation.frame())
        frames = [ended, *(simulation.advance() for _ in range(draws.choice((1, 4, 15))))]
        check_run([f for f, last in zip(frames, [None, *frames], strict=False) if f is not last])
        ended = simulation.frame()
    again = Simulation(scenario, seed)
    for second, command in given:
        again.advance(second - again.frame().second)
        read_back = read_command(msgspec.to_builtins(command), "again")
        assert isinstance(again.apply(read_back), Accepted)
    again.advance(scenario.duration_s)
    assert again.digest() == simulation.digest()
    assert len(given) > 10


@pytest.mark.parametrize("name", BOARDS)
def test_a_board_of_the_game_runs(name: str) -> None:
    simulation = Simulation(sandbox(name, duration_s=120).scenario)
    check_run([simulation.frame(), *(simulation.advance() for _ in range(120))])
    frame = simulation.frame()
    failed = sum(total.failed_total for total in frame.totals.values())
    good = sum(total.good for total in frame.totals.values())
    assert (failed > good) == (name == "empty")
    if name != "empty":
        assert failed + sum(total.late for total in frame.totals.values()) < 0.002 * good


def test_the_sharded_board_asks_every_database() -> None:
    frame = Simulation(sandbox("sharded", duration_s=60).scenario).advance(30)
    assert frame.addresses["db/orders"] == "orders-shards-1"
    assert frame.addresses["db/accounts"] == "accounts-1"
    reached = {hop.target for hop in frame.hops}
    assert {"db-1", "accounts-1", "orders-1", "orders-2", "orders-3"} <= reached
    held = {r.id: r.facts["used_gb"] for r in frame.resources if "connections" in r.facts}
    assert held == pytest.approx(
        {"db-1": 4, "accounts-1": 2, **{f"orders-{n}": 4 / 3 for n in (1, 2, 3)}}, abs=0.01
    )


BoardChange = Callable[[str], str]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text + "\n[objectives]\nerror_budget = 0.1\n", "unknown field `objectives`"),
        (lambda text: text.replace("orders-2", "replica"), "no master 'orders-2'"),
        (lambda text: text.replace('accounts = "accounts-1"', 'nothing = "db-1"'), "no table"),
        (lambda text: text.replace('accounts = "accounts-1"', 'orders = "db-1"'), "two are named"),
        (lambda text: text.replace('accounts = "accounts-1"', 'accounts = "web-1"'), "no master"),
        (lambda text: text.replace('"orders-2", "orders-3"]', '"orders-1"]'), "two are named"),
        (lambda text: "duration_s = 60\n" + text, "unknown field `duration_s`"),
        (lambda text: text.replace("rps = 300", "rps = -3"), ">= 0"),
    ],
)
def test_a_bad_board_is_refused_in_one_line(tmp_path: Path, change: BoardChange, says: str) -> None:
    good = (Path(__file__).parents[1] / "levels" / "boards" / "sharded.toml").read_text()
    path = tmp_path / "mine.toml"
    path.write_text(change(good).replace('["orders-1", "replica"', '["orders-1", "orders-2"'))
    with pytest.raises(Complaint) as complaint:
        sandbox(str(path))
    assert says in str(complaint.value)
    assert "\n" not in str(complaint.value)


def test_a_board_file_is_called_by_its_name(tmp_path: Path) -> None:
    text = (Path(__file__).parents[1] / "levels" / "boards" / "one-box.toml").read_text()
    for name, slug in (("my-board", "sandbox-my-board"), ("내 보드", "sandbox")):
        (tmp_path / f"{name}.toml").write_text(text)
        level = sandbox(str(tmp_path / f"{name}.toml"))
        assert level.slug == slug
        scenario = msgspec.to_builtins(level.scenario)
        assert read_scenario(scenario, "again") == level.scenario
    with pytest.raises(Complaint, match="there is no such board"):
        sandbox("five-boxes")
