"""The laws of a run: nothing is lost, nothing is charged in secret, and it can be repeated."""

import os
import subprocess
import sys
import tracemalloc
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from engine.flow.requests import Floats, Ints
from engine.flow.stage import Inbox, Stage
from engine.frame import Frame
from engine.outcomes import Accepted, RefusalReason, Refused
from engine.scenario import Scenario
from engine.services.addresses import PointAddress
from engine.services.command import Command
from engine.services.ec2 import (
    LaunchInstance,
    ResizeInstance,
    StartInstance,
    StopInstance,
    TerminateInstance,
)
from engine.services.move import MoveFiles, MoveTables
from engine.services.rds import (
    ChangeDatabase,
    CreateDatabase,
    DeleteDatabase,
    FailOver,
    RestoreDatabase,
    SetStandby,
)
from engine.services.s3 import CreateBucket, DeleteBucket
from engine.simulation import Simulation
from tests.boards import steady, troubled
from tests.laws import check_frame, check_run

ROOT = Path(__file__).parents[1]

PLAN: dict[int, list[Command]] = {
    5: [LaunchInstance(type="m5.large", roles=("web", "app"), name="web-2")],
    6: [MoveTables("rds-1"), MoveFiles("bucket-1")],
    8: [CreateBucket("spare"), CreateDatabase("db.t3.micro", multi_az=True, name="rds-2")],
    70: [PointAddress(role="app", to="web-2")],
    100: [PointAddress(role="web", to="web-2"), StopInstance(instance="web-1")],
    118: [ResizeInstance(instance="web-1", type="m5.xlarge"), StartInstance(instance="web-1")],
    147: [PointAddress(role="app", to="web-1"), PointAddress(role="web", to="web-1")],
    153: [PointAddress(role="web", to="web-2"), PointAddress(role="app", to="web-2")],
    160: [StartInstance(instance="web-1")],
    200: [PointAddress(role="app", to="web-1"), PointAddress(role="web", to="web-1")],
    208: [FailOver("rds-1")],
    210: [TerminateInstance(instance="web-2"), DeleteBucket("spare")],
    215: [ChangeDatabase("rds-2", type="db.t3.small")],
    350: [SetStandby("rds-2", False)],
    362: [RestoreDatabase("rds-1", "db.t3.micro")],
    365: [DeleteDatabase("rds-2")],
    325: [StartInstance(instance="db-1")],
}


def play(simulation: Simulation, plan: dict[int, list[Command]], piece_s: int = 1) -> list[Frame]:
    """The frames at which a run rested, as time left them, before the commands of their second."""
    frames = []
    while not simulation.over:
        frames.append(simulation.frame())
        for command in plan.get(simulation.frame().second, []):
            simulation.apply(command)
            check_frame(simulation.frame())
        second = simulation.frame().second
        stops = [s - second for s in plan if s > second]
        simulation.advance(min([piece_s, *stops]))
    return [*frames, simulation.frame()]


@pytest.fixture(scope="module")
def frames() -> list[Frame]:
    """A run with trouble and with commands, every second of it."""
    return play(Simulation(troubled()), PLAN)


def test_the_plan_does_something(frames: list[Frame]) -> None:
    """Enough happens in the run that the laws are tried on."""
    simulation = Simulation(troubled())
    for second, commands in PLAN.items():
        simulation.advance(second - simulation.frame().second)
        assert [type(simulation.apply(c)) for c in commands] == [Accepted] * len(commands), second
    reasons = {r for total in frames[-1].totals.values() for r in total.failed}
    assert {"bad_gateway", "connection_refused", "client_gave_up", "waiting_room_full"} <= reasons
    news = {n.kind for frame in frames for n in frame.news}
    assert {"move_done", "backup_done", "failover_done", "database_failed", "data_lost"} & news == {
        "move_done", "backup_done", "failover_done", "database_failed",
    }  # fmt: skip
    assert any(i.throttled for frame in frames for i in frame.instances)
    assert all(total.late and total.good for total in frames[-1].totals.values())


def test_every_second_obeys_the_laws(frames: list[Frame]) -> None:
    assert len(frames) == troubled().duration_s + 1
    check_run(frames)


def test_doing_nothing_obeys_the_laws() -> None:
    check_run(play(Simulation(troubled()), {}))


def test_news_of_a_second_is_not_told_again(frames: list[Frame]) -> None:
    for before, after in pairwise(frames):
        assert not set(map(str, before.news)) & set(map(str, after.news)), after.second


@pytest.mark.parametrize("piece_s", [3, 7, 100])
def test_pieces_of_time_make_no_difference(frames: list[Frame], piece_s: int) -> None:
    """advance(100) is a hundred times advance(1)."""
    simulation = Simulation(troubled())
    resting = play(simulation, PLAN, piece_s)
    by_second = {frame.second: frame for frame in frames}
    assert all(by_second[frame.second] == frame for frame in resting)
    single = Simulation(troubled())
    play(single, PLAN)
    assert simulation.digest() == single.digest()


def test_every_hop_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """From users: every attempt that is not lost before; into a resource: all that arrive there."""
    arrived: Counter[int] = Counter()
    expect = Inbox.expect

    def counted(self: Inbox, ids: Ints, times: Floats) -> None:
        arrived[id(self)] += len(ids)
        expect(self, ids, times)

    monkeypatch.setattr(Inbox, "expect", counted)
    simulation, lost = Simulation(troubled()), Counter[str]()
    traffic, seen = simulation._world.traffic, dict[str, Stage]()

    def observe(kind: str, times: Floats, ids: Ints, place: str) -> None:
        lost[f"{kind} at {place}"] += len(ids)

    traffic.attempts.observer = observe
    hops: Counter[tuple[str, str]] = Counter()
    while not simulation.over:
        for command in PLAN.get(simulation.frame().second, []):
            simulation.apply(command)
        seen |= simulation._world.stages
        hops.update({(h.source, h.target): h.count for h in simulation.advance().hops})
    attempts = sum(total.attempts for total in simulation.frame().totals.values())
    before = lost["no_ipv6_route at web"] + lost["no_target at web"]
    assert before > 100
    assert sum(n for (source, _), n in hops.items() if not source) == attempts - before
    for stage_id, stage in seen.items():
        into = sum(n for (_, target), n in hops.items() if target == stage_id)
        assert into == arrived[id(stage._inbox)], stage_id  # type: ignore[attr-defined]
    assert {"rds-1", "bucket-1", "web-2", "db-1"} <= {target for _, target in hops}


REFUSED: list[tuple[Command, RefusalReason]] = [
    (LaunchInstance(type="m5.24xlarge"), RefusalReason.NOT_AFFORDABLE),
    (LaunchInstance(type="t9.huge"), RefusalReason.UNKNOWN_TYPE),
    (LaunchInstance(type="m5.large", name="db-1"), RefusalReason.NAME_TAKEN),
    (LaunchInstance(type="m5.large", name="-"), RefusalReason.BAD_NAME),
    (LaunchInstance(type="m5.large", volume_gb=0), RefusalReason.BAD_NUMBER),
    (LaunchInstance(type="m5.large", volume_gb=-(10**12)), RefusalReason.BAD_NUMBER),
    (LaunchInstance(type="m5.large", roles=()), RefusalReason.UNKNOWN_ROLE),
    (StartInstance(instance="db-1"), RefusalReason.WRONG_STATE),
    (StopInstance(instance="nobody"), RefusalReason.UNKNOWN_RESOURCE),
    (ResizeInstance(instance="db-1", type="m5.xlarge"), RefusalReason.WRONG_STATE),
    (TerminateInstance(instance=""), RefusalReason.UNKNOWN_RESOURCE),
    (PointAddress(role="db", to="web-1"), RefusalReason.ROLE_NOT_PLAYED),
    (PointAddress(role="db", to="db-1"), RefusalReason.NO_CHANGE),
    (PointAddress(role="db", to="rds-1"), RefusalReason.DATA_ELSEWHERE),
    (CreateBucket(name="rds-1"), RefusalReason.NAME_TAKEN),
    (DeleteBucket(bucket="rds-1"), RefusalReason.UNKNOWN_RESOURCE),
    (MoveFiles(bucket="nobody"), RefusalReason.UNKNOWN_RESOURCE),
    (MoveTables(database="bucket-1"), RefusalReason.UNKNOWN_RESOURCE),
    (CreateDatabase(type="db.r5.24xlarge", engine="sqlserver-ee"), RefusalReason.NOT_AFFORDABLE),
    (CreateDatabase(type="m5.large"), RefusalReason.UNKNOWN_TYPE),
    (CreateDatabase(type="db.m5.large", gb=5), RefusalReason.BAD_NUMBER),
    (CreateDatabase(type="db.m5.large", backup_days=36), RefusalReason.BAD_NUMBER),
    (ChangeDatabase(database="rds-1", gb=19), RefusalReason.BAD_NUMBER),
    (ChangeDatabase(database="rds-1"), RefusalReason.NO_CHANGE),
    (SetStandby(database="rds-1"), RefusalReason.NO_CHANGE),
    (RestoreDatabase(source="rds-1", type="db.t3.micro"), RefusalReason.NO_BACKUP),
    (DeleteDatabase(database=""), RefusalReason.UNKNOWN_RESOURCE),
    (FailOver(database="db-1"), RefusalReason.UNKNOWN_RESOURCE),
]


@pytest.mark.parametrize(("command", "reason"), REFUSED)
def test_a_refused_command_changes_nothing(command: Command, reason: RefusalReason) -> None:
    scenario = troubled(budget={"month_usd": 300.0})
    touched, untouched = Simulation(scenario), Simulation(scenario)
    for simulation in (touched, untouched):
        simulation.advance(50)
    digest, frame = touched.digest(), touched.frame()
    outcome = touched.apply(command)
    assert isinstance(outcome, Refused)
    assert outcome.reason == reason
    assert touched.quote(command).refused == outcome
    assert touched.digest() == digest
    assert touched.frame() == frame
    assert touched.advance(30) == untouched.advance(30)
    assert touched.digest() == untouched.digest()


def test_a_quote_changes_nothing_and_tells_the_rate() -> None:
    simulation = Simulation(troubled())
    simulation.advance(60)
    digest = simulation.digest()
    command = LaunchInstance(type="m5.large", roles=("web",))
    quote = simulation.quote(command)
    assert quote.refused is None
    assert quote.rate_before_micro_usd == simulation.frame().money.rate_month_micro_usd
    assert simulation.digest() == digest
    assert isinstance(simulation.apply(command), Accepted)
    assert simulation.frame().money.rate_month_micro_usd == quote.rate_after_micro_usd


def test_after_the_verdict_nothing_changes() -> None:
    simulation = Simulation(steady(rps=10.0, duration_s=60))
    last = simulation.advance(100)
    assert last.verdict is not None
    assert last.second == 60
    digest = simulation.digest()
    assert simulation.advance(5) == last
    outcome = simulation.apply(LaunchInstance(type="m5.large"))
    assert isinstance(outcome, Refused)
    assert outcome.reason == RefusalReason.RUN_IS_OVER
    assert simulation.digest() == digest


def test_what_a_player_does_never_changes_the_demand(frames: list[Frame]) -> None:
    idle = play(Simulation(troubled()), {})
    for done, left in zip(frames, idle, strict=True):
        for name in done.counts:
            assert done.counts[name].demanded == left.counts[name].demanded


def test_the_hidden_seed_changes_demand_only() -> None:
    launch: dict[int, list[Command]] = {5: [LaunchInstance(type="m5.large", name="web-2")]}
    runs = [Simulation(troubled(), demand_seed=seed) for seed in (None, 5)]
    told = [
        [(f.second, n) for f in play(s, launch) for n in f.news if n.kind == "instance_running"]
        for s in runs
    ]
    assert told[0]
    assert told[0] == told[1]
    assert runs[0].frame().totals != runs[1].frame().totals
    assert runs[0].digest() != Simulation(troubled(), seed=12).digest()


DIGEST = """
from engine.simulation import Simulation
from tests.boards import troubled
from tests.test_laws import PLAN, play
{leak}
simulation = Simulation(troubled(duration_s=180, incidents=[]))
play(simulation, PLAN)
print(simulation.digest())
"""

LEAK = """
import engine.streams
import numpy as np
engine.streams.Streams.get = lambda self, name: np.random.Generator(
    np.random.PCG64(abs(hash(name))))
"""


def digests(leak: str = "") -> set[str]:
    """The digests of the same run in fresh processes with two values of PYTHONHASHSEED."""
    found = set()
    for hash_seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", DIGEST.format(leak=leak)],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        found.add(done.stdout.strip())
    return found


def test_the_digest_is_the_same_in_every_process() -> None:
    simulation = Simulation(troubled(duration_s=180, incidents=[]))
    play(simulation, PLAN)
    assert digests() == {simulation.digest()}


def test_a_leaky_game_is_caught() -> None:
    """The alarm itself: streams seeded by Python's own hash differ from process to process."""
    assert len(digests(LEAK)) == 2


def overloaded() -> Scenario:
    """For ever more than it can do: a full room, users who give up and come again."""
    request = {"deadline_ms": 500.0, "patience_ms": 3_000.0, "retry": {"times": 1}}
    return steady(rps=400.0, duration_s=600, type="m5.large", app_ms=8.0, request=request)


@pytest.mark.parametrize("scenario", [overloaded(), steady(rps=400.0, duration_s=600)])
def test_memory_does_not_grow(scenario: Scenario) -> None:
    """Between two seconds with 120,000 requests between them, memory stays what it was."""
    simulation = Simulation(scenario)
    simulation.advance(100)
    tracemalloc.start()
    try:
        simulation.advance(50)
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        simulation.advance(300)
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 300_000
    assert peak - before < 3_000_000
