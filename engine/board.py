"""What stands when a level opens, and who answers for each role."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from engine.parts import ROLES, Name, Part, Role, Zone


class BoardVolume(Part, frozen=True):
    """The volume of an instance on the opening board; a root volume goes with its instance.

    `keep` says otherwise; `id` is what it is called, if that matters.
    """

    type: str = "gp3"
    gb: Annotated[int, Meta(ge=1, le=16_384)] = 20
    iops: Annotated[int, Meta(ge=100, le=256_000)] | None = None
    root: bool = True
    id: Name | None = None
    mib_s: Annotated[int, Meta(ge=1, le=4_000)] | None = None
    keep: bool | None = None


class BoardFurtherVolume(BoardVolume, frozen=True, kw_only=True):
    """A volume besides those that instances come with: in an instance of its zone, or in none.

    The data of the roles that it `holds` lie on it.
    """

    id: Name
    root: bool = False
    zone: Zone = "a"
    instance: Name | None = None
    holds: tuple[Literal["db", "files"], ...] = ()


class BoardInstance(Part, frozen=True):
    """An instance that runs when the level opens; `credits` is its balance if it is a t3.

    `image` is what it was made of: one of the board or of the Marketplace, whose
    software is paid for. `detailed` pays for metrics every minute.
    """

    id: Name
    type: str
    roles: tuple[Role, ...] = ROLES
    zone: Zone = "a"
    os: Literal["linux", "windows"] = "linux"
    volume: BoardVolume = BoardVolume()
    credits: Annotated[float, Meta(ge=0, le=10_000)] | None = None
    unlimited: bool = False
    room: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    image: Name | None = None
    detailed: bool = False


class BoardImage(Part, frozen=True):
    """An image of one's own that is available when the level opens, with `roles` installed."""

    id: Name
    roles: tuple[Role, ...] = ("web", "app")
    os: Literal["linux", "windows"] = "linux"
    gb: Annotated[float, Meta(gt=0, le=64_000)] = 8.0
    source: Name | None = None


class BoardSnapshot(Part, frozen=True):
    """A snapshot of a volume that is complete when the level opens.

    It keeps the data of `roles`: `gb` of them, from a volume of `volume_gb`; `stored_gb`
    is what is paid for, which is less where an older snapshot has the rest.
    """

    id: Name
    volume: Name
    gb: Annotated[float, Meta(ge=0, le=64_000)]
    volume_gb: Annotated[int, Meta(ge=1, le=16_384)] = 20
    stored_gb: Annotated[float, Meta(ge=0, le=64_000)] | None = None
    roles: tuple[Literal["db", "files"], ...] = ()


RdsEngineName = Literal[
    "mysql", "mariadb", "postgres", "oracle-se2",
    "sqlserver-ex", "sqlserver-web", "sqlserver-se", "sqlserver-ee",
]  # fmt: skip


ReadsName = Literal["master", "tolerant", "replicas"]
"""Where reads go: to the master, or to replicas, all of them or those that bear any lag."""


class BoardDatabase(Part, frozen=True):
    """A database of RDS that is available when the level opens.

    With a `source` it is a read replica of that one, which is named before it;
    `reads` says where a master's reads go.
    """

    id: Name
    type: str
    engine: RdsEngineName = "mysql"
    gb: Annotated[int, Meta(ge=20, le=16_384)] = 20
    zone: Zone = "a"
    multi_az: bool = False
    backup_days: Annotated[int, Meta(ge=0, le=35)] = 7
    source: Name | None = None
    reads: ReadsName = "master"
    credits: Annotated[float, Meta(ge=0, le=10_000)] | None = None


class BoardBucket(Part, frozen=True):
    """A bucket of S3 that stands when the level opens."""

    id: Name


CapacityMode = Literal["on_demand", "provisioned"]
"""How a table of DynamoDB is paid for: by request, or by what it may be asked a second."""


class BoardTable(Part, frozen=True):
    """A table of DynamoDB that stands when the level opens, for a table of the scenario."""

    id: Name
    table: Name
    mode: CapacityMode = "on_demand"
    rcu: Annotated[int, Meta(ge=1, le=40_000)] = 5
    wcu: Annotated[int, Meta(ge=1, le=40_000)] = 5
    auto: bool = False


class BoardBalancer(Part, frozen=True):
    """A balancer that stands when the level opens, with healthy targets behind it.

    A target weighs 1 unless `weights` says otherwise.
    """

    id: Name
    targets: Annotated[tuple[Name, ...], Meta(max_length=100)] = ()
    algorithm: Literal["round_robin", "least_outstanding", "weighted"] = "round_robin"
    tls: Literal["balancer", "instances", "none"] = "balancer"
    ipv6: bool = False
    sticky: bool = False
    weights: dict[Name, Annotated[int, Meta(ge=1, le=999)]] = msgspec.field(default_factory=dict)
    interval_s: Annotated[int, Meta(ge=6, le=300)] | None = None
    drain_s: Annotated[int, Meta(ge=0, le=3_600)] | None = None
    slow_start_s: Annotated[int, Meta(ge=0, le=900)] = 0


GroupMetric = Literal["cpu", "requests_per_target"]
"""What a group goes by: CPU in percent, or requests a minute for each target."""

GroupSize = Annotated[int, Meta(ge=0, le=300)]


class BoardTracking(Part, frozen=True):
    """A group keeps this metric near a target."""

    metric: GroupMetric = "cpu"
    target: Annotated[float, Meta(ge=1, le=1_000_000)] = 50


class BoardStep(Part, frozen=True):
    """A group adds so many once a metric is above a bound; with fewer than none, below it."""

    above: Annotated[float, Meta(ge=0, le=1_000_000)]
    add: Annotated[int, Meta(ge=-300, le=300)]
    metric: GroupMetric = "cpu"


class BoardSchedule(Part, frozen=True):
    """A group has another size from a second on."""

    from_s: Annotated[int, Meta(ge=1, le=86_400)]
    least: GroupSize
    desired: GroupSize
    most: GroupSize


class BoardGroup(Part, frozen=True):
    """A group of alike instances that stands when the level opens.

    Its `members` are instances of the board, the oldest first; they are in
    service, and targets of its `balancer`. What is missing of the desired size is
    launched in the first second.
    """

    id: Name
    type: str
    members: Annotated[tuple[Name, ...], Meta(max_length=300)] = ()
    roles: tuple[Role, ...] = ("web", "app")
    image: Name | None = None
    balancer: Name | None = None
    least: GroupSize = 1
    desired: GroupSize = 2
    most: GroupSize = 4
    zones: tuple[Zone, ...] = ("a", "b")
    health: Literal["ec2", "elb"] = "elb"
    detailed: bool = True
    warmup_s: Annotated[int, Meta(ge=0, le=3_600)] | None = None
    grace_s: Annotated[int, Meta(ge=0, le=7_200)] | None = None
    cooldown_s: Annotated[int, Meta(ge=0, le=3_600)] | None = None
    tracking: Annotated[tuple[BoardTracking, ...], Meta(max_length=2)] = ()
    steps: Annotated[tuple[BoardStep, ...], Meta(max_length=40)] = ()
    schedule: Annotated[tuple[BoardSchedule, ...], Meta(max_length=200)] = ()


class BoardAlarm(Part, frozen=True):
    """An alarm of CloudWatch: a resource is busier than that for so many points in a row."""

    id: Name
    resource: Name
    above: Annotated[int, Meta(ge=1, le=100)] = 70
    points: Annotated[int, Meta(ge=1, le=15)] = 3


class BoardSessionStore(Part, frozen=True):
    """A store of sessions that is available when the level opens."""

    id: Name
    type: str = "cache.t3.micro"
    zone: Zone = "a"


class BoardShards(Part, frozen=True):
    """A table that is spread over several databases by the hash of its keys."""

    table: Name
    databases: Annotated[tuple[Name, ...], Meta(min_length=2, max_length=16)]


class Board(Part, frozen=True):
    """What stands when the level opens, and who answers for each role.

    Where `addresses` says nothing, the first database answers for `db`, the
    first bucket for `files`, and else the first instance that plays a role; a
    balancer only where they name it. One of `tables` always answers for its own;
    `homes` are tables that lie on another database than the rest.
    """

    instances: Annotated[tuple[BoardInstance, ...], Meta(max_length=300)] = ()
    databases: Annotated[tuple[BoardDatabase, ...], Meta(max_length=40)] = ()
    buckets: Annotated[tuple[BoardBucket, ...], Meta(max_length=100)] = ()
    balancers: Annotated[tuple[BoardBalancer, ...], Meta(max_length=20)] = ()
    session_stores: Annotated[tuple[BoardSessionStore, ...], Meta(max_length=5)] = ()
    tables: Annotated[tuple[BoardTable, ...], Meta(max_length=64)] = ()
    shards: Annotated[tuple[BoardShards, ...], Meta(max_length=16)] = ()
    volumes: Annotated[tuple[BoardFurtherVolume, ...], Meta(max_length=300)] = ()
    snapshots: Annotated[tuple[BoardSnapshot, ...], Meta(max_length=300)] = ()
    images: Annotated[tuple[BoardImage, ...], Meta(max_length=100)] = ()
    groups: Annotated[tuple[BoardGroup, ...], Meta(max_length=20)] = ()
    alarms: Annotated[tuple[BoardAlarm, ...], Meta(max_length=100)] = ()
    homes: dict[Name, Name] = msgspec.field(default_factory=dict)
    addresses: dict[Role, Name] = msgspec.field(default_factory=dict)

    def placed(self) -> list[tuple[str, str]]:
        """Every table that has a place of its own, with where the file says so."""
        placed = [(f"board.tables[{n}].table", t.table) for n, t in enumerate(self.tables)]
        placed += [(f"board.shards[{n}].table", s.table) for n, s in enumerate(self.shards)]
        return placed + [(f"board.homes.{table}", table) for table in self.homes]

    def players(self) -> dict[str, tuple[Role, ...]]:
        """Everything that stands, in the order in which it takes addresses, and what it plays."""
        databases: dict[str, tuple[Role, ...]] = {
            d.id: ("db",) for d in self.databases if d.source is None
        }
        buckets: dict[str, tuple[Role, ...]] = {b.id: ("files",) for b in self.buckets}
        instances = {i.id: i.roles for i in self.instances}
        balancers: dict[str, tuple[Role, ...]] = {b.id: ("web", "app") for b in self.balancers}
        return databases | buckets | instances | balancers
