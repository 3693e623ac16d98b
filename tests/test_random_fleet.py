"""Random play once more, with balancers, groups, images, alarms and zones that go out."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from engine.outcomes import Accepted
from engine.services.ami import CreateImage, DeleteImage
from engine.services.autoscaling import (
    AddStep,
    ChangeGroup,
    ClearPolicies,
    CreateGroup,
    DeleteGroup,
    ScheduleGroup,
    TrackTarget,
)
from engine.services.cloudwatch import CreateAlarm, DeleteAlarm, SetMonitoring
from engine.services.command import Command
from engine.services.dynamodb import ChangeTable, CreateTable, DeleteTable
from engine.services.elb import ChangeBalancer, CreateBalancer, DeleteBalancer, SetSticky
from engine.services.move import MoveTables, MoveToDynamo
from engine.services.registration import DeregisterTarget, RegisterTarget
from engine.services.registry import COMMANDS
from engine.services.sandbox import (
    SetBill,
    SetBudget,
    SetRate,
    SetShare,
    StartIncident,
    TakeTraffic,
)
from engine.services.session_store import CreateSessionStore, DeleteSessionStore
from engine.simulation import Simulation
from tests.boards import troubled
from tests.laws import check_frame
from tests.test_random_data import DATA
from tests.test_stateful import ANY_NAME, ANY_TYPE, PLAYED, THOROUGH, TYPES, RandomPlay

DIRECTING = {SetRate, TakeTraffic, SetShare, StartIncident, SetBill, SetBudget}
"""Commands of the sandbox, which its own tests try."""

FLEETS = {
    CreateBalancer, ChangeBalancer, SetSticky, RegisterTarget, DeregisterTarget, DeleteBalancer,
    CreateImage, DeleteImage, CreateGroup, ChangeGroup, TrackTarget, AddStep, ScheduleGroup,
    ClearPolicies, DeleteGroup, SetMonitoring, CreateAlarm, DeleteAlarm,
    CreateSessionStore, DeleteSessionStore, CreateTable, ChangeTable, DeleteTable,
    MoveToDynamo,
}  # fmt: skip
"""Commands that this file tries."""

BALANCED = {
    "instances": [
        {"id": "web-1", "type": "m5.large", "roles": ["web", "app"], "zone": "a"},
        {"id": "web-2", "type": "m5.large", "roles": ["web", "app"], "zone": "b"},
        {"id": "db-1", "type": "m5.large", "roles": ["db", "files"]},
    ],
    "balancers": [{"id": "front", "targets": ["web-1", "web-2"]}],
    "addresses": {"web": "front", "app": "front"},
}

OUTAGES = [
    {"kind": "zone_outage", "at_s": 50, "target": "b", "duration_s": 60},
    {"kind": "instance_crash", "at_s": 130, "target": "web-1"},
    {"kind": "hot_key", "at_s": 150, "target": "catalog", "factor": 0.8, "duration_s": 90},
]

ALGORITHMS = st.sampled_from(["round_robin", "least_outstanding", "weighted"])
TLS = st.sampled_from(["balancer", "instances", "none"])
METRICS = st.sampled_from(["cpu", "requests_per_target"])
SIZES = st.integers(0, 4)
ZONE = st.sampled_from(["a", "b"])
MODE = st.sampled_from(["on_demand", "provisioned"])
UNITS = st.sampled_from([(5, 5), (20, 10), (400, 2_500), (0, 5), (5, 10**9)])
TABLE = st.sampled_from(["catalog", "x"])
AUTO = st.none() | st.booleans()


class RandomFleet(RandomPlay):
    """A player who tries anything behind a balancer."""

    @initialize(seed=st.integers(0, 2**63 - 1), algorithm=ALGORITHMS, sticky=st.booleans())
    def begin_balanced(self, seed: int, algorithm: str, sticky: bool) -> None:
        balancer = {"id": "front", "targets": ["web-1", "web-2"]}
        balancer |= {"algorithm": algorithm, "sticky": sticky}  # type: ignore[dict-item]
        traffic = [{"kind": "ramp", "from_rps": 30.0, "to_rps": 90.0, "end_s": 200}]
        tables = [{"name": "catalog", "gb": 4, "keys": 5_000}]
        self.scenario = troubled(
            duration_s=330,
            traffic=traffic,
            tables=tables,
            board=BALANCED | {"balancers": [balancer]},
            incidents=OUTAGES,
        )
        self.simulation = Simulation(self.scenario, seed)
        self.log = []
        self.ended = self.simulation.frame()
        check_frame(self.ended)

    def try_changed(self, command: Command) -> None:
        """A group that shrinks is paid for until its instances have drained."""
        outcome = self.simulation.quote(command)
        if outcome.refused or outcome.rate_after_micro_usd >= outcome.rate_before_micro_usd:
            self.try_it(command)

    @rule(algorithm=ALGORITHMS, tls=TLS, ipv6=st.booleans(), name=ANY_NAME)
    def create_balancer(self, algorithm: str, tls: str, ipv6: bool, name: str | None) -> None:
        self.try_it(CreateBalancer(algorithm, tls, ipv6, name=name))  # type: ignore[arg-type]

    @rule(data=st.data(), algorithm=ALGORITHMS, slow=st.sampled_from([None, 0, 60]), tls=TLS)
    def change_balancer(
        self, data: st.DataObject, algorithm: str, slow: int | None, tls: str
    ) -> None:
        balancer = self.managed(data, "elb")
        change = ChangeBalancer(balancer, algorithm, 10, 20, slow, tls)  # type: ignore[arg-type]
        self.try_it(change)

    @rule(data=st.data(), sticky=st.booleans())
    def set_sticky(self, data: st.DataObject, sticky: bool) -> None:
        self.try_it(SetSticky(self.managed(data, "elb"), sticky))

    @rule(data=st.data(), weight=st.integers(0, 3))
    def register(self, data: st.DataObject, weight: int) -> None:
        self.try_it(RegisterTarget(self.managed(data, "elb"), self.instance(data), weight))

    @rule(data=st.data())
    def deregister(self, data: st.DataObject) -> None:
        self.try_it(DeregisterTarget(self.managed(data, "elb"), self.instance(data)))

    @rule(data=st.data())
    def delete_balancer(self, data: st.DataObject) -> None:
        self.try_it(DeleteBalancer(self.managed(data, "elb")))

    @rule(data=st.data(), name=ANY_NAME)
    def create_image(self, data: st.DataObject, name: str | None) -> None:
        self.try_it(CreateImage(self.instance(data), name))

    @rule(data=st.data())
    def delete_image(self, data: st.DataObject) -> None:
        self.try_it(DeleteImage(self.managed(data, "ami")))

    @rule(data=st.data(), type=ANY_TYPE, sizes=st.tuples(SIZES, SIZES, SIZES), name=ANY_NAME)
    def create_group(
        self, data: st.DataObject, type: str, sizes: tuple[int, int, int], name: str | None
    ) -> None:
        image = data.draw(st.sampled_from([None, "webstack", self.managed(data, "ami")]))
        balancer = data.draw(st.sampled_from([None, "front", self.managed(data, "elb")]))
        least, desired, most = sorted(sizes)
        roles = ("web", "app")
        group = CreateGroup(type, roles, image, balancer, least, desired, most, name=name)  # type: ignore[arg-type]
        self.try_it(group)

    @rule(data=st.data(), type=st.none() | TYPES, desired=st.none() | SIZES)
    def change_group(self, data: st.DataObject, type: str | None, desired: int | None) -> None:
        group = self.managed(data, "autoscaling")
        self.try_changed(ChangeGroup(group, 0, desired, 5, type, warmup_s=10, grace_s=10))

    @rule(data=st.data(), metric=METRICS, bound=st.integers(0, 90))
    def track(self, data: st.DataObject, metric: str, bound: int) -> None:
        group = self.managed(data, "autoscaling")
        self.try_it(TrackTarget(group, metric, bound))  # type: ignore[arg-type]

    @rule(data=st.data(), metric=METRICS, add=st.integers(-2, 2))
    def step(self, data: st.DataObject, metric: str, add: int) -> None:
        group = self.managed(data, "autoscaling")
        self.try_it(AddStep(group, metric, 30, add))  # type: ignore[arg-type]

    @rule(data=st.data(), after_s=st.integers(0, 40), sizes=st.tuples(SIZES, SIZES, SIZES))
    def schedule(self, data: st.DataObject, after_s: int, sizes: tuple[int, int, int]) -> None:
        at_s = self.simulation.frame().second + after_s
        least, desired, most = sorted(sizes)
        self.try_it(ScheduleGroup(self.managed(data, "autoscaling"), at_s, least, desired, most))

    @rule(data=st.data())
    def clear(self, data: st.DataObject) -> None:
        self.try_it(ClearPolicies(self.managed(data, "autoscaling")))

    @rule(data=st.data())
    def delete_group(self, data: st.DataObject) -> None:
        self.try_it(DeleteGroup(self.managed(data, "autoscaling")))

    @rule(type=st.sampled_from(["cache.t3.micro", "cache.t9.nano"]), zone=ZONE, name=ANY_NAME)
    def create_store(self, type: str, zone: str, name: str | None) -> None:
        self.try_it(CreateSessionStore(type, zone, name))  # type: ignore[arg-type]

    @rule(data=st.data())
    def delete_store(self, data: st.DataObject) -> None:
        self.try_it(DeleteSessionStore(self.managed(data, "elasticache")))

    @rule(table=TABLE, mode=MODE, units=UNITS, auto=st.booleans(),
          name=ANY_NAME)  # fmt: skip
    def create_table(
        self, table: str, mode: str, units: tuple[int, int], auto: bool, name: str | None
    ) -> None:
        self.try_it(CreateTable(table, mode, *units, auto, name))  # type: ignore[arg-type]

    @rule(data=st.data(), mode=st.none() | MODE, units=st.none() | UNITS, auto=AUTO)
    def change_table(
        self,
        data: st.DataObject,
        mode: str | None,
        units: tuple[int, int] | None,
        auto: bool | None,
    ) -> None:
        table, (rcu, wcu) = self.managed(data, "dynamodb"), units or (None, None)
        self.try_it(ChangeTable(table, mode, rcu, wcu, auto))  # type: ignore[arg-type]

    @rule(data=st.data())
    def delete_table(self, data: st.DataObject) -> None:
        self.try_it(DeleteTable(self.managed(data, "dynamodb")))

    @rule(data=st.data(), wait=st.booleans())
    def move_to_dynamodb(self, data: st.DataObject, wait: bool) -> None:
        made = self.try_it(MoveToDynamo(self.managed(data, "dynamodb")))
        if isinstance(made, Accepted) and wait:
            self.advance(100)

    @rule(data=st.data(), mode=MODE, units=UNITS)
    def table_instead(self, data: st.DataObject, mode: str, units: tuple[int, int]) -> None:
        """A table moves to DynamoDB, works there in another mode, and maybe moves back."""
        made = self.try_it(CreateTable("catalog", mode, *units))  # type: ignore[arg-type]
        if isinstance(made, Accepted):
            self.advance(30)
            self.try_it(MoveToDynamo(made.resource))
            self.advance(90)
            self.try_it(ChangeTable(made.resource, data.draw(MODE), *units, auto=True))  # type: ignore[arg-type]
            self.try_it(MoveTables(self.managed(data, "rds"), data.draw(st.none() | TABLE)))
            self.advance(40)

    @rule(data=st.data(), detailed=st.booleans())
    def monitor(self, data: st.DataObject, detailed: bool) -> None:
        self.try_it(SetMonitoring(self.instance(data), detailed))

    @rule(data=st.data(), above=st.integers(0, 100), name=ANY_NAME)
    def create_alarm(self, data: st.DataObject, above: int, name: str | None) -> None:
        resource = data.draw(st.sampled_from([self.instance(data), self.managed(data, "elb")]))
        self.try_it(CreateAlarm(resource, above, 1, name))

    @rule(data=st.data())
    def delete_alarm(self, data: st.DataObject) -> None:
        self.try_it(DeleteAlarm(self.managed(data, "cloudwatch")))


def test_every_command_is_tried() -> None:
    """A new command belongs into the random play, here or in that of the sandbox."""
    assert set(COMMANDS) == PLAYED | FLEETS | DATA | DIRECTING


TestRandomFleet = RandomFleet.TestCase
TestRandomFleet.settings = settings(
    max_examples=THOROUGH or 15,
    stateful_step_count=20,
    derandomize=not THOROUGH,
    database=None,
    deadline=None,
)
