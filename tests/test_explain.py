"""Explanations: from frames alone to what is tight, why requests failed, and what would help."""

from typing import Any

import msgspec
import pytest

from engine.explain import REMEDIES, Burst, Cause, Known, explain
from engine.frame import Blame, Frame, News
from engine.scenario import read_scenario
from engine.services.command import Command
from engine.services.ec2 import LaunchInstance, StartInstance, StopInstance, TerminateInstance
from engine.services.move import MoveFiles
from engine.services.rds import ChangeDatabase, FailOver
from engine.services.s3 import CreateBucket
from engine.simulation import Simulation
from engine.views import ResourceView, StationView
from levels.campaign import campaign
from levels.plan import Plan, Player
from levels.proof import read_proof_plan
from tests.boards import steady
from tests.fake_run import made_up_frame
from tui.render.facts import facts_of


def frames_of(
    sim: Simulation, seconds: int, commands: dict[int, Command] | None = None
) -> list[Frame]:
    """Every second's last frame, as a recording holds them."""
    frames = [sim.frame()]
    for second in range(seconds):
        if commands and second in commands:
            sim.apply(commands[second])
            frames[-1] = sim.frame()
        frames.append(sim.advance())
    return frames


def worst(frames: list[Frame]) -> Burst:
    burst = explain(frames).worst()
    assert burst is not None
    return burst


def test_a_calm_run_has_nothing_to_explain_but_what_is_tightest() -> None:
    explanation = explain(frames_of(Simulation(steady(rps=50, duration_s=120, app_ms=20)), 60))
    assert explanation.bursts == ()
    assert explanation.tight is not None
    assert explanation.tight.evidence.station == "web-1/cpu"
    assert 0.1 < explanation.tight.evidence.utilization < 0.5
    assert explanation.tight.latency_share == 1.0


def test_nothing_to_read_explains_nothing() -> None:
    assert explain([]).worst() is None


def test_an_empty_board_is_told_from_one_that_boots() -> None:
    empty = steady(rps=20, duration_s=300, board={})
    assert worst(frames_of(Simulation(empty), 60)).cause == Cause.NOTHING_STANDS
    sim = Simulation(empty)
    sim.apply(LaunchInstance("m5.large"))
    assert worst(frames_of(sim, 60)).cause == Cause.BOOTING


def test_who_stopped_the_machine_is_told() -> None:
    shop = steady(rps=20, duration_s=300)
    stopped = frames_of(Simulation(shop), 60, {20: StopInstance("web-1")})
    assert worst(stopped).cause == Cause.STOPPED
    gone = frames_of(Simulation(shop), 60, {20: TerminateInstance("web-1")})
    assert worst(gone).cause == Cause.TERMINATED
    incident = {"kind": "instance_crash", "at_s": 20, "target": "web-1"}
    crash = steady(rps=20, duration_s=300, incidents=[incident])
    crashed = frames_of(Simulation(crash), 60, {40: StartInstance("web-1")})
    assert worst(crashed).cause == Cause.CRASHED
    assert worst(crashed).from_s in (21, 22, 23, 24)


def test_a_full_cpu_is_the_cause_of_what_waits_behind_it() -> None:
    sim = Simulation(steady(rps=150, duration_s=300, type="m5.large", app_ms=20,
                            request={"deadline_ms": 300.0, "patience_ms": 5_000.0}))  # fmt: skip
    burst = worst(frames_of(sim, 120))
    assert burst.cause == Cause.CPU_FULL
    assert burst.evidence is not None
    assert burst.evidence.station == "web-1/cpu"
    assert burst.evidence.utilization > 0.99
    assert burst.evidence.since_s < 20
    assert burst.remedies == REMEDIES[Cause.CPU_FULL]


def test_a_slow_disk_is_found_though_the_cpu_idles() -> None:
    read = {"data": "read", "table": "t", "data_ms": 1.0, "data_io": 1, "deadline_ms": 300.0}
    disk = {"type": "st1", "gb": 125, "root": False}
    box = {"id": "web-1", "type": "m5.large", "volume": disk}
    sim = Simulation(steady(rps=80, duration_s=300, request=read, tables=[{"name": "t", "gb": 100}],
                            board={"instances": [box]}))  # fmt: skip
    burst = worst(frames_of(sim, 120))
    assert (burst.cause, burst.at) == (Cause.VOLUME_FULL, "vol-1")
    assert burst.evidence is not None
    assert burst.evidence.station == "vol-1/io"


def test_work_that_is_too_slow_by_itself_is_not_blamed_on_a_waiting_line() -> None:
    slow = {"work": "fixed", "deadline_ms": 100.0}
    sim = Simulation(steady(rps=5, duration_s=120, app_ms=150, request=slow))
    assert worst(frames_of(sim, 60)).cause == Cause.SLOW_WORK


def test_pauses_part_bursts() -> None:
    sim = Simulation(steady(rps=20, duration_s=600))
    commands: dict[int, Command] = {
        20: StopInstance("web-1"), 50: StartInstance("web-1"),
        200: StopInstance("web-1"), 230: StartInstance("web-1"),
    }  # fmt: skip
    explanation = explain(frames_of(sim, 400, commands))
    refused = [b for b in explanation.bursts if b.reason == "connection_refused"]
    assert len(refused) == 2
    assert refused[0].to_s < 200 <= refused[1].from_s


LOST_BECAUSE = {
    ("first-server", "empty"): Cause.NOTHING_STANDS,
    ("scale-up", "empty"): Cause.CREDITS_GONE,
    ("scale-up", "without-lesson"): Cause.CREDITS_GONE,
    ("slow-disk", "empty"): Cause.VOLUME_FULL,
    ("slow-disk", "without-lesson"): Cause.VOLUME_FULL,
    ("keep-the-data", "empty"): Cause.DATA_GONE,
    ("keep-the-data", "without-lesson"): Cause.DATA_GONE,
    ("split-files", "empty"): Cause.FILES_CROWD,
    ("split-files", "without-lesson"): Cause.FILES_CPU,
    ("split-database", "empty"): Cause.SHARED_CPU,
    ("split-database", "without-lesson"): Cause.DATA_GONE,
    ("second-server", "empty"): Cause.ONE_SERVER,
    ("second-server", "only-web"): Cause.PASSED_BY,
    ("second-server", "split-roles"): Cause.ONE_SERVER,
    ("open-doors", "empty"): Cause.SESSION_SPREAD,
    ("open-doors", "no-ipv6"): Cause.NO_IPV6_BALANCER,
    ("open-doors", "tls-inside"): Cause.TLS_INSIDE,
    ("open-doors", "sticky-late"): Cause.STUCK,
    ("auto-scaling", "empty"): Cause.SERVERS_FULL,
    ("auto-scaling", "too-hot"): Cause.SCALES_LATE,
    ("flash-crowd", "empty"): Cause.SERVERS_FULL,
    ("flash-crowd", "without-lesson"): Cause.SCALES_LATE,
    ("zone-down", "empty"): Cause.SERVERS_FULL,
    ("zone-down", "without-lesson"): Cause.ZONE_OUTAGE,
    ("zone-down", "only-machines"): Cause.DATABASE_UNREACHABLE,
    ("zone-down", "no-spare"): Cause.ZONE_SQUEEZE,
}


def test_the_campaigns_failing_plans_are_explained() -> None:
    found: dict[tuple[str, str], Cause | None] = {}
    for level in campaign():
        for proof in level.proofs:
            if (level.slug, proof.plan) not in LOST_BECAUSE:
                continue
            plan = Plan() if proof.plan == "empty" else read_proof_plan(level, proof)
            sim, player, frames = Simulation(level.scenario), Player(plan or Plan()), []
            while not sim.over:
                player.play(sim)
                frames.append(sim.frame())
                sim.advance()
            frames.append(sim.frame())
            known = facts_of(level.scenario).known
            hardest = explain(frames, known).worst()
            found[level.slug, proof.plan] = hardest.cause if hardest else None
    assert found == LOST_BECAUSE


TABLES = [{"name": "t", "gb": 1}]
READ = {"data": "read", "table": "t", "data_ms": 4.0, "data_io": 1, "deadline_ms": 300.0}
RDS = Known(services=("ec2", "rds"))


def on_database(
    seconds: int, commands: dict[int, Command], *, rps: float = 40, **given: Any
) -> list[Frame]:
    """A run whose tables lie in the database `orders`, and what was done to it."""
    database = {"id": "orders", "type": "db.m5.large", **given}
    machine = {"id": "web-1", "type": "m5.xlarge", "roles": ["web", "app", "files"]}
    board = {"instances": [machine], "databases": [database]}
    scenario = steady(rps=rps, duration_s=seconds + 60, request=READ, tables=TABLES, board=board)
    return frames_of(Simulation(scenario), seconds, commands)


def seen(frame: Frame, **changes: Any) -> Frame:
    return msgspec.structs.replace(frame, **changes)


def a_database(state: str = "available", **facts: int | float) -> ResourceView:
    return ResourceView("orders", "rds", "db.m5.large", 0, "a", state, facts={"gb": 20, **facts})


def story(*moments: tuple[dict[str, Any], str, int], at: str = "orders") -> list[Frame]:
    """Made-up seconds: what stands in each, and how many requests failed there for a reason."""
    return [
        seen(
            made_up_frame(second),
            **changes,
            blame=(Blame("page", reason, at, count),) if count else (),
        )
        for second, (changes, reason, count) in enumerate(moments)
    ]


def full(part: str, utilization: float = 1.0) -> StationView:
    return StationView(f"orders/{part}", "orders", part, 2, 9, utilization=utilization)


@pytest.mark.parametrize(
    ("stations", "cause"),
    [
        ((full("cpu"),), Cause.CONNECTIONS_CPU),
        ((full("cpu", 0.3), full("io")), Cause.CONNECTIONS_IO),
        ((full("cpu", 0.3), full("io", 0.2)), Cause.CONNECTIONS_FULL),
    ],
)
def test_connections_run_out_because_of_what_is_full_or_of_the_callers(
    stations: tuple[StationView, ...], cause: Cause
) -> None:
    calm: dict[str, Any] = {"resources": (a_database(connections=12, connections_max=650),)}
    none_left: dict[str, Any] = {"resources": (a_database(connections=650, connections_max=650),)}
    moments = [(calm, "", 0)] * 5 + [(none_left, "too_many_connections", 0)] * 2
    moments += [({**none_left, "stations": stations}, "too_many_connections", 40)] * 8
    burst = worst(story(*moments))
    assert burst.cause == cause
    assert {"connections": 650, "most": 650, "since": 5}.items() <= burst.figures.items()
    assert burst.remedies == REMEDIES[cause]


@pytest.mark.parametrize(
    ("state", "cause"),
    [
        ("creating", Cause.DATABASE_CREATING),
        ("modifying", Cause.DATABASE_MODIFYING),
        ("failing_over", Cause.DATABASE_FAILING_OVER),
        ("failed", Cause.DATABASE_FAILED),
    ],
)
@pytest.mark.parametrize("reason", ["connection_refused", "bad_gateway"])
def test_a_database_that_is_down_is_told_with_its_state(
    state: str, cause: Cause, reason: str
) -> None:
    up, down = ({"resources": (a_database(now),)} for now in ("available", state))
    burst = worst(story((up, "", 0), (down, reason, 9), (down, reason, 9), (down, "", 0)))
    assert burst.cause == cause
    assert burst.figures == {"id": "orders", "since": 1, "until": 3}


def test_a_database_that_was_deleted_is_told_from_the_news() -> None:
    gone = {"news": (News("database_deleted", "player", {"id": "orders"}),)}
    burst = worst(story(({}, "", 0), (gone, "", 0), ({}, "connection_refused", 3)))
    assert burst.cause == Cause.DATABASE_DELETED


def test_full_storage_of_a_database_is_not_taken_for_a_disk() -> None:
    full_up = {"resources": (a_database(used_gb=20.0),)}
    burst = worst(story((full_up, "volume_full", 3)))
    assert burst.cause == Cause.DATABASE_SPACE
    assert burst.figures == {"id": "orders", "used": 20.0, "gb": 20}


def test_a_bucket_asked_too_fast_is_told_with_its_rates() -> None:
    def bucket(reads: int, slowed: int) -> dict[str, Any]:
        facts: dict[str, int] = {"prefixes": 1, "reads_s": reads, "reads_max_s": 5_500}
        facts |= {"writes_s": 0, "writes_max_s": 3_500, "slowed_s": slowed}
        return {"resources": (ResourceView("photos", "s3", "standard", 0, facts=dict(facts)),)}

    moments = ((bucket(4_000, 0), "", 0), (bucket(5_500, 900), "slow_down", 900))
    burst = worst(story(*moments, at="photos"))
    assert burst.cause == Cause.BUCKET_RATE
    assert {"reads_s": 5_500, "slowed_s": 900, "prefixes": 1}.items() <= burst.figures.items()


@pytest.mark.parametrize(
    ("mode", "hot", "cause"),
    [
        ("provisioned", 3, Cause.TABLE_CAPACITY),
        ("on_demand", 0, Cause.TABLE_GROWTH),
        ("provisioned", 25, Cause.TABLE_HOT),
    ],
)
def test_a_table_asked_too_fast_is_told_with_what_was_short(
    mode: str, hot: int, cause: Cause
) -> None:
    facts: dict[str, Any] = {"mode": mode, "rcu": 200, "wcu": 100, "used_wcu": 100.0}
    facts |= {"throttled_s": 40, "hot_s": hot, "partitions": 4, "hottest": 100}
    table = {"resources": (ResourceView("carts", "dynamodb", mode, 0, facts=facts),)}
    burst = worst(story(({}, "", 0), (table, "throttled", 40), at="carts"))
    assert burst.cause == cause
    assert {"wcu": 100, "throttled_s": 40}.items() <= burst.figures.items()


def test_a_failover_of_a_real_run_is_found() -> None:
    burst = worst(on_database(200, {30: FailOver("orders")}, multi_az=True))
    assert burst.cause == Cause.DATABASE_FAILING_OVER
    assert burst.figures["since"] in (30, 31)


def test_a_change_of_class_of_a_real_run_is_found() -> None:
    change = ChangeDatabase("orders", type="db.m5.xlarge")
    assert worst(on_database(100, {30: change})).cause == Cause.DATABASE_MODIFYING


def test_a_small_database_under_load_runs_out_of_connections() -> None:
    burst = worst(on_database(120, {}, rps=900, type="db.t3.small"))
    assert burst.cause in (Cause.CONNECTIONS_CPU, Cause.DATABASE_CPU, Cause.DATABASE_CREDITS)


def test_one_cpu_for_pages_and_tables_is_told_where_there_is_rds() -> None:
    scenario = steady(
        rps=150, duration_s=300, type="m5.large", app_ms=20, tables=TABLES, request=READ
    )
    frames = frames_of(Simulation(scenario), 60)
    assert worst(frames).cause == Cause.CPU_FULL
    shared = explain(frames, RDS)
    burst = shared.worst()
    assert burst is not None
    assert burst.cause == Cause.SHARED_CPU
    assert burst.figures["classes"] == "page 100%"
    assert shared.tight is not None
    assert shared.tight.cause == Cause.SHARED_CPU


def files_and_pages(**move: Any) -> list[Frame]:
    """A disk on which films hold up the pages; with a bucket to move them to."""
    page = {"name": "page", "share": 0.8, "app_ms": 1.0, "retry": {"times": 0}, **READ}
    film = {"name": "film", "share": 0.2, "data": "file_read", "data_ms": 0.5, "data_io": 1}
    film |= {"response_kb": 9_000.0, "deadline_ms": 2_000.0, "retry": {"times": 0}}
    scenario = steady(
        rps=100,
        duration_s=300,
        tables=[{"name": "t", "gb": 80}],
        files={"gb": 20},
        board={"instances": [{"id": "web-1", "type": "m5.xlarge",
                              "volume": {"type": "gp3", "gb": 200}}]},
    )  # fmt: skip
    values = msgspec.to_builtins(scenario) | {"requests": [page, film]}
    return frames_of(Simulation(read_scenario(values, "films")), 60, move.get("commands"))


def test_large_files_that_hold_up_a_disk_are_told_where_there_is_s3() -> None:
    frames = files_and_pages()
    assert worst(frames).cause == Cause.VOLUME_FULL
    burst = explain(frames, Known(("s3",), ("film",))).worst()
    assert burst is not None
    assert (burst.cause, burst.at) == (Cause.FILES_CROWD, "vol-1")
    assert burst.figures["files"] == "film"
    assert burst.figures["percent"] in range(90, 101)


def test_a_copy_that_reads_a_full_disk_is_told() -> None:
    commands: dict[int, Command] = {5: CreateBucket("films"), 6: MoveFiles("films")}
    burst = worst([f for f in files_and_pages(commands=commands) if f.second > 10])
    assert burst.cause == Cause.COPYING
    assert burst.figures["target"] == "films"


def test_growth_is_carried_on_to_what_is_full_first() -> None:
    ramp = [{"kind": "ramp", "from_rps": 10.0, "to_rps": 190.0, "start_s": 0, "end_s": 1800}]
    scenario = steady(rps=1, duration_s=1800, type="m5.large", app_ms=15, traffic=ramp)
    ahead = explain(frames_of(Simulation(scenario), 600)).outlook
    assert ahead is not None
    assert abs(ahead.rps - 70) < 6
    assert abs(ahead.rps_per_minute - 6) < 2.5
    assert ahead.first is not None
    # Two vCPUs have 2,000 ms a second for 15 ms each: full at 133 a second, at second 1,233.
    assert ahead.first.at == "web-1/cpu"
    assert abs(ahead.rps_then - 133) < 15
    assert abs(ahead.first.second - 1_233) < 240


def test_steady_traffic_and_the_first_seconds_foretell_nothing() -> None:
    frames = frames_of(Simulation(steady(rps=50, duration_s=600, app_ms=10)), 300)
    calm = explain(frames).outlook
    assert calm is not None
    assert calm.first is None
    assert explain(frames[:10]).outlook is None


def test_credits_that_sink_are_foretold() -> None:
    box = {"id": "web-1", "type": "t3.small", "credits": 20.0}
    scenario = steady(rps=60, duration_s=1800, app_ms=15, board={"instances": [box]})
    ahead = explain(frames_of(Simulation(scenario), 200)).outlook
    assert ahead is not None
    assert ahead.first is not None
    assert (ahead.first.kind, ahead.first.at) == ("credits", "web-1")


@pytest.mark.parametrize("second", [420, 540, 660])
def test_credits_end_earlier_as_load_grows(second: int) -> None:
    level = next(level for level in campaign() if level.slug == "scale-up")
    ahead = explain(frames_of(Simulation(level.scenario), second)).outlook
    assert ahead is not None
    assert ahead.first is not None
    assert (ahead.first.kind, ahead.first.at) == ("credits", "web-1")
    assert abs(ahead.first.second - 757) < 30  # when they are gone if nothing is done


def test_credits_that_are_earned_as_fast_as_they_are_spent_foretell_nothing() -> None:
    box = {"id": "web-1", "type": "t3.small", "credits": 20.0}
    scenario = steady(rps=20, duration_s=1800, app_ms=15, board={"instances": [box]})
    ahead = explain(frames_of(Simulation(scenario), 200)).outlook
    assert ahead is not None
    assert ahead.first is None


def test_what_is_wrong_now_is_told_from_what_was() -> None:
    calm: dict[str, Any] = {}
    moments = [(calm, "late", 5)] * 3 + [(calm, "", 0)] * 200 + [(calm, "client_gave_up", 2)] * 3
    found = explain(story(*moments, at="web-1"))
    present, hardest = found.present(), found.worst()
    assert present is not None
    assert hardest is not None
    assert present.reason == "client_gave_up"
    assert hardest.reason == "late"


@pytest.mark.parametrize(
    ("name", "most", "kind"),
    [("connections", "connections_max", "connections"), ("used_gb", "gb", "space")],
)
def test_what_fills_up_at_a_database_is_foretold(name: str, most: str, kind: str) -> None:
    moments = [
        ({"resources": (a_database("available", **{name: 10.0 + second, most: 210.0}),)}, "", 0)
        for second in range(101)
    ]
    ahead = explain(story(*moments)).outlook
    assert ahead is not None
    assert ahead.first is not None
    assert (ahead.first.kind, ahead.first.at) == (kind, "orders")
    assert ahead.first.second in (200, 201)
