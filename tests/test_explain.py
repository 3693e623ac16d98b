"""Explanations: from frames alone to what is tight, why requests failed, and what would help."""

from engine.explain import REMEDIES, Burst, Cause, explain
from engine.frame import Frame
from engine.services.command import Command
from engine.services.ec2 import LaunchInstance, StartInstance, StopInstance, TerminateInstance
from engine.simulation import Simulation
from levels.campaign import campaign
from levels.plan import Plan, Player
from levels.proof import read_proof_plan
from tests.boards import steady


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
}


def test_the_campaigns_failing_plans_are_explained() -> None:
    found = {}
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
            found[level.slug, proof.plan] = worst(frames).cause
    assert found == LOST_BECAUSE
