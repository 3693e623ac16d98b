"""What stands when a level opens, and who answers for each role."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from engine.catalog import CATALOG
from engine.parts import ROLES, Complain, Name, Part, Role, Zone, check_unique, one_of


class BoardVolume(Part, frozen=True):
    """The volume of an instance on the opening board; a root volume goes with its instance."""

    type: str = "gp3"
    gb: Annotated[int, Meta(ge=1, le=16_384)] = 20
    iops: Annotated[int, Meta(ge=100, le=256_000)] | None = None
    root: bool = True


class BoardInstance(Part, frozen=True):
    """An instance that runs when the level opens; `credits` is its balance if it is a t3."""

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
    """A balancer that stands when the level opens, with healthy targets behind it."""

    id: Name
    targets: Annotated[tuple[Name, ...], Meta(max_length=100)] = ()
    algorithm: Literal["round_robin", "least_outstanding", "weighted"] = "round_robin"
    tls: Literal["balancer", "instances", "none"] = "balancer"
    ipv6: bool = False
    sticky: bool = False


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


def check_board(board: Board, complain: Complain) -> None:
    """Types that there are, names given once, addresses that lead to who plays the role."""
    instances = board.instances
    standing = [i.id for i in board.instances] + [b.id for b in board.buckets]
    standing += [d.id for d in board.databases] + [b.id for b in board.balancers]
    standing += [s.id for s in board.session_stores]
    standing += [t.id for t in board.tables]
    backups = [f"{d.id}-backup" for d in board.databases]
    check_unique(standing + backups, "board", complain)
    for index, instance in enumerate(instances):
        path = f"board.instances[{index}]"
        if instance.type not in CATALOG.instance_types:
            complain(f"{path}.type", f"no type '{instance.type}'", one_of(CATALOG.instance_types))
        if instance.volume.type not in CATALOG.volume_types:
            complain(
                f"{path}.volume.type",
                f"no volume type '{instance.volume.type}'",
                one_of(CATALOG.volume_types),
            )
        if not instance.roles or len(set(instance.roles)) != len(instance.roles):
            complain(f"{path}.roles", "empty or with a role twice", "some of web, app, db, files")
        family = CATALOG.instance_types.get(instance.type)
        if instance.credits is not None and family and family.credits_per_hour == 0:
            complain(f"{path}.credits", f"{instance.type} has no CPU credits", "a t3 type")
    for index, database in enumerate(board.databases):
        path = f"board.databases[{index}]"
        row = CATALOG.rds_types.get(database.type)
        if row is None:
            complain(f"{path}.type", f"no class '{database.type}'", one_of(CATALOG.rds_types))
        elif database.credits is not None and row.credits_per_hour == 0:
            complain(f"{path}.credits", f"{database.type} has no CPU credits", "a db.t3 class")
        masters = [d.id for d in board.databases[:index] if d.source is None]
        if database.source is not None and database.source not in masters:
            source, expected = database.source, f"{one_of(masters)}, named before"
            complain(f"{path}.source", f"no master '{source}'", expected)
    for index, store in enumerate(board.session_stores):
        if store.type not in CATALOG.cache_types:
            path, types = f"board.session_stores[{index}].type", CATALOG.cache_types
            complain(path, f"no class '{store.type}'", one_of(types))
    for index, balancer in enumerate(board.balancers):
        for target in balancer.targets:
            if target not in [i.id for i in instances]:
                path = f"board.balancers[{index}].targets"
                complain(path, f"no instance '{target}'", one_of(i.id for i in instances))
    _check_homes(board, complain)
    players = board.players()
    for role, holder in board.addresses.items():
        if holder not in players:
            complain(f"board.addresses.{role}", f"nothing is called '{holder}'", one_of(players))
        elif role not in players[holder]:
            complain(f"board.addresses.{role}", f"'{holder}' does not play {role}", "one that does")


def _check_homes(board: Board, complain: Complain) -> None:
    """Tables apart from the rest, and shards, lie on masters."""
    masters = [d.id for d in board.databases if d.source is None]
    for table, home in board.homes.items():
        if home not in masters:
            complain(f"board.homes.{table}", f"no master '{home}'", one_of(masters))
    for index, shards in enumerate(board.shards):
        path = f"board.shards[{index}].databases"
        check_unique(list(shards.databases), path, complain)
        for id in shards.databases:
            if id not in masters:
                complain(path, f"no master '{id}'", one_of(masters))
