"""Random play: legal and illegal commands in any order; no exception, and all laws hold.

The few runs of every test are always the same. ``HEADROOM_THOROUGH=500`` plays
that many, drawn anew each time.
"""

import os

import hypothesis.strategies as st
import msgspec
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from engine.catalog import CATALOG
from engine.frame import Frame
from engine.outcomes import Accepted, Outcome, Refused
from engine.scenario import ROLES, ZONES
from engine.services.addresses import PointAddress
from engine.services.command import Command
from engine.services.ebs import (
    AttachVolume,
    ChangeVolume,
    CreateVolume,
    DeleteVolume,
    DetachVolume,
    KeepVolume,
)
from engine.services.ec2 import (
    LaunchInstance,
    ResizeInstance,
    StartInstance,
    StopInstance,
    TerminateInstance,
)
from engine.services.move import MoveFiles, MoveTables, MoveToDynamo
from engine.services.rds import (
    ChangeDatabase,
    CreateDatabase,
    DeleteDatabase,
    FailOver,
    RestoreDatabase,
    SetStandby,
)
from engine.services.registry import AnyCommand
from engine.services.s3 import CreateBucket, DeleteBucket
from engine.services.snapshot import CreateSnapshot, DeleteSnapshot
from engine.simulation import Simulation
from tests.boards import troubled
from tests.laws import check_frame, check_step

THOROUGH = int(os.environ.get("HEADROOM_THOROUGH", "0"))

TYPES = st.sampled_from(["t3.micro", "t3.small", "m5.large", "c5.xlarge", "m5.24xlarge"])
ANY_TYPE = TYPES | st.sampled_from(["", "m5", "m5.large ", "p5.48xlarge"]) | st.text(max_size=8)
NAMES = st.sampled_from(["web-1", "db-1", "app-7", "vol-1", "x", "snap-1", "db-3-backup"])
ANY_NAME = st.none() | NAMES | st.text(max_size=30)
ROLE = st.sampled_from(ROLES)
ROLE_SETS = st.lists(ROLE, max_size=4).map(tuple) | st.just(ROLES)
GB = st.sampled_from([1, 20, 50]) | st.integers(-(2**40), 2**40)
VOLUME_TYPES = st.sampled_from(["gp3", "io2", "st1"])
IOPS = st.none() | st.sampled_from([100, 3_000, 5_000]) | st.integers(-10, 2**40)
MIB_S = st.none() | st.sampled_from([125, 500]) | st.integers(-10, 2**40)
CLASSES = st.sampled_from(["db.t3.micro", "db.t3.large", "db.m5.large", "db.r5.24xlarge"])
ANY_CLASS = CLASSES | st.sampled_from(["", "m5.large", "db.m5"])
ENGINES = st.sampled_from(list(CATALOG.rds_engines))
DAYS = st.sampled_from([0, 1, 7]) | st.integers(-10, 50)

DATABASES_DIE = [
    {"kind": "master_failure", "at_s": at_s, "target": target}
    for at_s, target in ((45, "rds-1"), (160, "rds-1"), (200, "db-2"), (260, "rds-1"))
]

TROUBLE = [
    {"kind": "host_failure", "at_s": 120, "target": "web-1"},
    {"kind": "volume_failure", "at_s": 200, "target": "vol-2"},
    {"kind": "slow_disk", "at_s": 20, "target": "vol-1", "factor": 0.3, "duration_s": 90},
    {"kind": "bad_deploy", "at_s": 40, "target": "web-1", "factor": 0.4, "duration_s": 30},
    {"kind": "traffic_spike", "at_s": 60, "factor": 3.0, "duration_s": 20},
    {"kind": "bot_attack", "at_s": 90, "target": "page", "factor": 4.0, "duration_s": 20},
]

ALL_APART = {
    "instances": [{"id": "web-1", "type": "m5.large", "roles": ["web", "app"]}],
    "databases": [{"id": "rds-1", "type": "db.t3.small", "backup_days": 1}],
    "buckets": [{"id": "bucket-1"}],
}

BOARDS = st.sampled_from(
    [
        {},
        {"board": {}, "incidents": []},
        {"network": {"hop_ms": 400.0}},
        {"network": {"hop_ms": 0.0}, "incidents": []},
        {"budget": {"month_usd": 120.0}},
        {"objectives": {"error_budget": 0.2, "keep_data": True}},
        {"incidents": TROUBLE},
        {"incidents": DATABASES_DIE},
        {"board": ALL_APART, "incidents": DATABASES_DIE},
        {"board": ALL_APART, "allowed": ["ec2:t3.*", "rds:db.t3.*", "ebs"]},
    ]
)


PLAYED = {
    LaunchInstance, StartInstance, StopInstance, ResizeInstance, TerminateInstance,
    CreateVolume, AttachVolume, DetachVolume, ChangeVolume, KeepVolume, DeleteVolume,
    CreateDatabase, ChangeDatabase, SetStandby, FailOver, RestoreDatabase,
    CreateBucket, DeleteBucket, MoveFiles, MoveTables, DeleteDatabase,
    PointAddress, CreateSnapshot, DeleteSnapshot,
}  # fmt: skip
"""Commands that this file tries."""


class RandomPlay(RuleBasedStateMachine):
    """A player who tries anything."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[tuple[int, Command]] = []

    @initialize(changes=BOARDS, seed=st.integers(0, 2**63 - 1))
    def begin(self, changes: dict[str, object], seed: int) -> None:
        traffic = [{"kind": "ramp", "from_rps": 30.0, "to_rps": 90.0, "end_s": 200}]
        tables = [{"name": "catalog", "gb": 4, "keys": 5_000}]
        self.scenario = troubled(duration_s=330, traffic=traffic, tables=tables, **changes)
        self.simulation = Simulation(self.scenario, seed)
        self.ended = self.simulation.frame()
        check_frame(self.ended)

    def instance(self, data: st.DataObject) -> str:
        """Mostly one that stands, sometimes none."""
        standing = [i.id for i in self.simulation.frame().instances]
        return data.draw(st.sampled_from([*standing, *standing, "web-99", ""]))

    def managed(self, data: st.DataObject, service: str) -> str:
        """Mostly a resource of that service, sometimes another or none."""
        resources = self.simulation.frame().resources
        wanted = [r.id for r in resources if r.service == service]
        return data.draw(st.sampled_from([*wanted * 5, "rds-1", "bucket-1", ""]))

    def try_it(self, command: Command) -> Outcome:
        """Quote and apply a command; refused ones must change nothing."""
        simulation = self.simulation
        read_back = msgspec.json.decode(msgspec.json.encode(command), type=AnyCommand)
        assert read_back == command
        frame, digest = simulation.frame(), simulation.digest()
        quote = simulation.quote(command)
        assert (simulation.frame(), simulation.digest()) == (frame, digest)
        assert quote.rate_before_micro_usd == frame.money.rate_month_micro_usd
        outcome = simulation.apply(command)
        after = simulation.frame()
        if isinstance(outcome, Refused):
            assert quote.refused == outcome
            assert (after, simulation.digest()) == (frame, digest)
        else:
            assert quote.refused is None
            self.log.append((after.second, command))
            # What data cost in a bucket or a table is told before, and paid once they are there.
            paid_later = isinstance(command, MoveFiles | MoveToDynamo)
            rate = quote.rate_before_micro_usd if paid_later else quote.rate_after_micro_usd
            self.check_change(frame, after, rate)
        return outcome

    def check_change(self, before: Frame, after: Frame, rate_micro_usd: int) -> None:
        """A command takes no time, and its price is the one that was told."""
        assert after.second == before.second
        assert after.money.rate_month_micro_usd == rate_micro_usd
        assert after.counts.keys() == before.counts.keys()
        check_frame(after)

    @rule(seconds=st.sampled_from([1, 2, 5, 15, 40]))
    def advance(self, seconds: int) -> None:
        for _ in range(seconds):
            over, after = self.simulation.over, self.simulation.advance()
            if over:
                assert after == self.ended
                return
            check_frame(after)
            check_step(self.ended, after)
            self.ended = after

    @rule(type=TYPES, roles=ROLE_SETS, zone=st.sampled_from(ZONES))
    def launch(self, type: str, roles: tuple[str, ...], zone: str) -> None:
        command = LaunchInstance(type=type, roles=roles, zone=zone, volume_gb=50)  # type: ignore[arg-type]
        self.try_it(command)

    @rule(type=ANY_TYPE, roles=ROLE_SETS, gb=GB, name=ANY_NAME)
    def launch_anything(self, type: str, roles: tuple[str, ...], gb: int, name: str | None) -> None:
        command = LaunchInstance(type=type, roles=roles, volume_gb=gb, name=name)  # type: ignore[arg-type]
        self.try_it(command)

    @rule(data=st.data())
    def stop(self, data: st.DataObject) -> None:
        self.try_it(StopInstance(instance=self.instance(data)))

    @rule(data=st.data())
    def start(self, data: st.DataObject) -> None:
        self.try_it(StartInstance(instance=self.instance(data)))

    @rule(data=st.data(), type=ANY_TYPE)
    def resize(self, data: st.DataObject, type: str) -> None:
        self.try_it(ResizeInstance(instance=self.instance(data), type=type))

    @rule(data=st.data())
    def terminate(self, data: st.DataObject) -> None:
        self.try_it(TerminateInstance(instance=self.instance(data)))

    @rule(data=st.data(), role=ROLE)
    def point(self, data: st.DataObject, role: str) -> None:
        service = {"db": "rds", "files": "s3"}.get(role)
        away = service is not None and data.draw(st.booleans())
        to = self.managed(data, service or "") if away else self.instance(data)
        self.try_it(PointAddress(role=role, to=to))  # type: ignore[arg-type]

    @rule(os=st.sampled_from(["linux", "windows"]), unlimited=st.booleans())
    def launch_burstable(self, os: str, unlimited: bool) -> None:
        command = LaunchInstance(type="t3.micro", os=os, unlimited=unlimited, volume_gb=50)  # type: ignore[arg-type]
        self.try_it(command)

    def volume(self, data: st.DataObject) -> str:
        """Mostly one that stands, sometimes none."""
        standing = [v.id for v in self.simulation.frame().volumes]
        return data.draw(st.sampled_from([*standing, *standing, "vol-99"]))

    def snapshot(self, data: st.DataObject) -> str:
        """Mostly one that is kept, sometimes none."""
        kept = [s.id for s in self.simulation.frame().snapshots]
        return data.draw(st.sampled_from([*kept, *kept, "snap-99"]))

    @rule(data=st.data(), type=VOLUME_TYPES, gb=GB, zone=st.sampled_from(ZONES), iops=IOPS)
    def create_volume(
        self, data: st.DataObject, type: str, gb: int, zone: str, iops: int | None
    ) -> None:
        mib_s = data.draw(MIB_S)
        snapshot = data.draw(st.none()) or (self.snapshot(data) if gb == 50 else None)
        self.try_it(CreateVolume(type, gb, zone, iops, mib_s, snapshot))  # type: ignore[arg-type]

    @rule(data=st.data())
    def attach(self, data: st.DataObject) -> None:
        self.try_it(AttachVolume(self.volume(data), self.instance(data)))

    @rule(data=st.data())
    def detach(self, data: st.DataObject) -> None:
        self.try_it(DetachVolume(self.volume(data)))

    @rule(data=st.data(), type=st.none() | VOLUME_TYPES, gb=st.none() | GB, iops=IOPS)
    def change_volume(
        self, data: st.DataObject, type: str | None, gb: int | None, iops: int | None
    ) -> None:
        mib_s = data.draw(MIB_S)
        self.try_it(ChangeVolume(self.volume(data), type, gb, iops, mib_s))

    @rule(data=st.data(), keep=st.booleans())
    def keep_volume(self, data: st.DataObject, keep: bool) -> None:
        self.try_it(KeepVolume(self.volume(data), keep))

    @rule(data=st.data())
    def delete_volume(self, data: st.DataObject) -> None:
        self.try_it(DeleteVolume(self.volume(data)))

    @rule(data=st.data())
    def create_snapshot(self, data: st.DataObject) -> None:
        self.try_it(CreateSnapshot(self.volume(data)))

    @rule(data=st.data())
    def delete_snapshot(self, data: st.DataObject) -> None:
        self.try_it(DeleteSnapshot(self.snapshot(data)))

    @rule(name=ANY_NAME)
    def create_bucket(self, name: str | None) -> None:
        self.try_it(CreateBucket(name))

    @rule(data=st.data())
    def delete_bucket(self, data: st.DataObject) -> None:
        self.try_it(DeleteBucket(self.managed(data, "s3")))

    @rule(data=st.data(), wait=st.booleans())
    def move_files(self, data: st.DataObject, wait: bool) -> None:
        if isinstance(self.try_it(MoveFiles(self.managed(data, "s3"))), Accepted) and wait:
            self.advance(110)

    @rule(data=st.data(), wait=st.booleans())
    def move_tables(self, data: st.DataObject, wait: bool) -> None:
        if isinstance(self.try_it(MoveTables(self.managed(data, "rds"))), Accepted) and wait:
            self.advance(90)

    @rule(type=ANY_CLASS, engine=ENGINES, zone=st.sampled_from(ZONES), standby=st.booleans(),
          data=st.data())  # fmt: skip
    def create_database(
        self, type: str, engine: str, zone: str, standby: bool, data: st.DataObject
    ) -> None:
        gb = data.draw(st.just(20) | st.just(40) | GB)
        days, name = data.draw(st.just(7) | DAYS), data.draw(st.none() | ANY_NAME)
        self.try_it(CreateDatabase(type, engine, gb, zone, standby, days, name))  # type: ignore[arg-type]

    @rule(data=st.data(), type=st.none() | ANY_CLASS, gb=st.none() | GB, days=st.none() | DAYS)
    def change_database(
        self, data: st.DataObject, type: str | None, gb: int | None, days: int | None
    ) -> None:
        self.try_it(ChangeDatabase(self.managed(data, "rds"), type, gb, days))

    @rule(data=st.data(), turn=st.booleans())
    def set_standby(self, data: st.DataObject, turn: bool) -> None:
        """Mostly what is not so yet."""
        database = self.managed(data, "rds")
        with_one = {r.id for r in self.simulation.frame().resources if r.facts.get("multi_az")}
        self.try_it(SetStandby(database, (database not in with_one) == turn))

    @rule(data=st.data())
    def fail_over(self, data: st.DataObject) -> None:
        self.try_it(FailOver(self.managed(data, "rds")))

    @rule(data=st.data(), type=ANY_CLASS, standby=st.booleans(), days=DAYS)
    def restore_database(self, data: st.DataObject, type: str, standby: bool, days: int) -> None:
        source, name = self.managed(data, "rds"), data.draw(ANY_NAME)
        self.try_it(RestoreDatabase(source, type, standby, days, name))

    @rule(data=st.data(), keep=st.booleans())
    def delete_database(self, data: st.DataObject, keep: bool) -> None:
        self.try_it(DeleteDatabase(self.managed(data, "rds"), keep))

    @rule(data=st.data(), type=CLASSES, wait=st.sampled_from([0, 30, 90]))
    def grow_database(self, data: st.DataObject, type: str, wait: int) -> None:
        """More storage, a standby or not, another class, and it all goes on meanwhile."""
        database = self.managed(data, "rds")
        gb = data.draw(st.sampled_from([20, 40, 400]))
        self.try_it(ChangeDatabase(database, None, gb, data.draw(st.sampled_from([0, 7]))))
        self.try_it(SetStandby(database, data.draw(st.booleans())))
        self.advance(wait)
        self.try_it(ChangeDatabase(database, type))
        self.try_it(FailOver(database))

    @rule(data=st.data(), type=st.just("db.t3.micro") | CLASSES, keep=st.booleans())
    def bring_back(self, data: st.DataObject, type: str, keep: bool) -> None:
        """The tables move to a database, which is given up for its backup, and come back."""
        source = self.managed(data, "rds")
        if isinstance(self.try_it(MoveTables(source)), Accepted):
            self.advance(90)
        self.advance(40)
        self.try_it(DeleteDatabase(source, keep))
        made = self.try_it(RestoreDatabase(source, type))
        if isinstance(made, Accepted):
            self.advance(110)
            self.try_it(PointAddress(role="db", to=made.resource))

    @precondition(lambda self: self.simulation.frame().instances)
    @rule(data=st.data(), kept=st.booleans())
    def move_house(self, data: st.DataObject, kept: bool) -> None:
        """A machine goes, and another takes its volume over."""
        home = data.draw(st.sampled_from(list(self.simulation.frame().instances)))
        for volume in home.volumes:
            self.try_it(KeepVolume(volume, kept))
        self.try_it(TerminateInstance(home.id))
        made = self.try_it(LaunchInstance("t3.small", zone=home.zone, volume_gb=50))  # type: ignore[arg-type]
        if isinstance(made, Accepted):
            for volume in home.volumes:
                self.try_it(AttachVolume(volume, made.resource))
            self.advance(100)

    @precondition(lambda self: self.simulation.frame().instances)
    @rule(data=st.data(), type=TYPES)
    def scale_up(self, data: st.DataObject, type: str) -> None:
        """The whole move, so that longer ways are gone too."""
        name = data.draw(st.sampled_from([i.id for i in self.simulation.frame().instances]))
        if isinstance(self.try_it(StopInstance(instance=name)), Accepted):
            self.advance(15)
            self.try_it(ResizeInstance(instance=name, type=type))
            self.try_it(StartInstance(instance=name))
            self.advance(30)

    def teardown(self) -> None:
        """The same commands at the same seconds give the same run, however it is cut."""
        if not hasattr(self, "simulation"):
            return
        again = Simulation(self.scenario, self.simulation.seed)
        for second, command in self.log:
            again.advance(second - again.frame().second)
            assert isinstance(again.apply(command), Accepted)
        again.advance(self.simulation.frame().second - again.frame().second)
        assert again.frame() == self.simulation.frame()
        assert again.digest() == self.simulation.digest()


TestRandomPlay = RandomPlay.TestCase
TestRandomPlay.settings = settings(
    max_examples=THOROUGH or 25,
    stateful_step_count=20,
    derandomize=not THOROUGH,
    database=None,
    deadline=None,
)
