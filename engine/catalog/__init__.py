"""What can be bought: its price, size, limits and delays, from one dated data file.

Everything that shows or charges a figure of the cloud reads it here, so that
the screen, the help and the bill cannot disagree.
"""

import tomllib
from importlib.resources import files

import msgspec


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the data file; a key that we do not know is a mistake in it."""


class MachineType(_Row, frozen=True, kw_only=True):
    """A size of machine. `baseline` is the share of each vCPU that a burstable may use for ever."""

    vcpus: int
    gib: float
    source: str
    credits_per_hour: float = 0.0
    baseline: float = 1.0

    @property
    def credits_max(self) -> float:
        """Most CPU credits it can hold: what it earns in 24 hours (D1)."""
        return 24 * self.credits_per_hour


class InstanceType(MachineType, frozen=True):
    """An EC2 type."""

    linux_usd_hour: float
    windows_usd_hour: float

    def hour_micro_usd(self, os: str) -> int:
        """Price of an hour in micro-dollars."""
        usd = self.windows_usd_hour if os == "windows" else self.linux_usd_hour
        return round(usd * 1_000_000)


class Family(_Row, frozen=True):
    """A family's speed: the work that one vCPU does, an m5 vCPU = 1."""

    speed: float
    source: str


class VolumeType(_Row, frozen=True):
    """An EBS volume type; `included_iops` and `included_mib_s` are in the price of its gigabytes.

    An HDD's IOPS come with its size instead, each of 1 MiB: `base_iops_per_tib`
    for ever, `burst_iops_per_tib` as long as its bucket lasts, never above `max_iops`.
    """

    usd_gb_month: float
    max_iops: int
    latency_ms: float
    min_gb: int
    max_gb: int
    source: str
    default_iops: int = 0
    included_iops: int = 0
    iops_per_gib: int = 0
    usd_iops_month: float = 0.0
    included_mib_s: int = 0
    max_mib_s: int = 0
    usd_mib_s_month: float = 0.0
    base_iops_per_tib: float = 0.0
    burst_iops_per_tib: float = 0.0
    bootable: bool = True

    def servers(self, iops: int) -> int:
        """How many I/Os it works on at once: round(IOPS × latency), at least 1."""
        return max(1, round(iops * self.latency_ms / 1_000))


class Ec2(_Row, frozen=True):
    """EC2's delays in seconds and its other figures."""

    boot_linux_s: tuple[float, float]
    boot_windows_s: tuple[float, float]
    install_role_s: float
    stop_s: tuple[float, float]
    minimum_billed_s: int
    room_per_gib: int
    cache_share: float
    ipv4_usd_hour: float
    surplus_linux_usd_hour: float
    surplus_windows_usd_hour: float
    max_instances: int


class Ebs(_Row, frozen=True):
    """EBS's limits, and what snapshots take and cost.

    A snapshot is done after `snapshot_s` and `snapshot_s_gb` more for each GB. A
    volume made from one fetches `lazy_gb_s` a second, and until then an I/O
    takes up to `lazy_factor` times as long.
    """

    max_volumes: int
    max_pending_snapshots: int
    snapshot_usd_gb_month: float
    snapshot_s: float
    snapshot_s_gb: float
    lazy_gb_s: float
    lazy_factor: float


class Ami(_Row, frozen=True):
    """How long an image takes, and how much of it is the system."""

    image_s: float
    image_s_gb: float
    system_gb: float


class Offer(_Row, frozen=True):
    """An image of the Marketplace: the roles that are ready in it, and its fee."""

    roles: tuple[str, ...]
    usd_hour: float
    source: str


class AutoScaling(_Row, frozen=True):
    """How target tracking decides, and the defaults of a group."""

    out_points: int
    in_points: int
    low_share: float
    warmup_s: int
    grace_s: int
    cooldown_s: int
    max_groups: int
    max_size: int


class CloudWatch(_Row, frozen=True):
    """How often there are metrics, and what they cost."""

    basic_s: int
    detailed_s: int
    detailed_usd_month: float
    alarm_usd_month: float
    max_alarms: int


class Elb(_Row, frozen=True):
    """ELB's prices, delays and defaults; `lcu_` is what one capacity unit covers.

    Its nodes pass `nodes_per_s` requests at first, and `nodes_scale_s` later
    `nodes_spare` times what came.
    """

    usd_hour: float
    lcu_usd_hour: float
    minimum_billed_s: int
    make_s: tuple[float, float]
    lcu_connections_s: int
    lcu_gb_hour: float
    requests_per_connection: int
    interval_s: int
    timeout_s: int
    healthy_checks: int
    unhealthy_checks: int
    drain_s: int
    nodes_per_s: int
    nodes_scale_s: int
    nodes_spare: float
    max_targets: int
    max_balancers: int


class S3(_Row, frozen=True):
    """S3's prices, limits and delays; `reads_s` and `writes_s` are for each prefix.

    While it moves files, `copy_gb_s` arrive a second and take `copy_share` of
    the volume they come from.
    """

    storage_usd_gb_month: float
    get_usd_1000: float
    put_usd_1000: float
    reads_s: int
    writes_s: int
    first_byte_ms: tuple[float, float]
    mb_s: float
    repartition_s: int
    copy_gb_s: float
    copy_share: float
    max_buckets: int


class Rds(_Row, frozen=True):
    """RDS's delays in seconds, its prices and limits.

    Storage from `large_gb` on has the large IOPS and throughput.
    """

    create_s: tuple[float, float]
    modify_s: tuple[float, float]
    failover_s: tuple[float, float]
    standby_s: tuple[float, float]
    promote_s: tuple[float, float]
    backup_s: float
    backup_s_gb: float
    backup_pause_s: float
    log_s: int
    restore_s: float
    restore_s_gb: float
    storage_usd_gb_month: float
    backup_usd_gb_month: float
    cache_share: float
    os_gib: float
    os_share: float
    latency_ms: float
    small_iops: int
    small_mib_s: int
    large_gb: int
    large_iops: int
    large_mib_s: int
    standby_write_factor: float
    copy_gb_s: float
    copy_share: float
    surplus_usd_hour: float
    min_gb: int
    max_gb: int
    max_databases: int

    def iops(self, gb: int) -> int:
        """IOPS of storage of that size."""
        return self.large_iops if gb >= self.large_gb else self.small_iops

    def mib_s(self, gb: int) -> int:
        """Throughput of storage of that size, in MiB/s."""
        return self.large_mib_s if gb >= self.large_gb else self.small_mib_s


class RdsEngine(_Row, frozen=True):
    """A database engine: its licence makes a class `factor` times as dear as MySQL's.

    A connection takes `bytes_per_connection` of memory (0: they do not hang on it).
    """

    title: str
    factor: float
    bytes_per_connection: int
    max_replicas: int
    source: str
    max_connections: int | None = None


class RdsType(MachineType, frozen=True):
    """A class of RDS; its price is for MySQL in one zone."""

    usd_hour: float

    def hour_micro_usd(self, engine: RdsEngine, zones: int = 1) -> int:
        """Price of an hour in micro-dollars, with a standby in a second zone or without."""
        return round(self.usd_hour * engine.factor * 1_000_000) * zones

    def connections(self, engine: RdsEngine, rds: Rds) -> int:
        """How many connections an engine allows on it (`max_connections`)."""
        most = engine.max_connections
        if not engine.bytes_per_connection:
            return most or 32_767
        usable_gib = self.gib - max(rds.os_gib, rds.os_share * self.gib)
        by_memory = int(usable_gib * 2**30 / engine.bytes_per_connection)
        return by_memory if most is None else min(by_memory, most)


class ElastiCache(_Row, frozen=True):
    """How long a store of sessions takes to make, in seconds, and to find one."""

    create_s: tuple[float, float]
    lookup_ms: float
    max_stores: int


class CacheType(_Row, frozen=True):
    """A class of ElastiCache for Redis, one machine."""

    gib: float
    usd_hour: float
    source: str

    @property
    def hour_micro_usd(self) -> int:
        """Price of an hour in micro-dollars."""
        return round(self.usd_hour * 1_000_000)


class DynamoUnits(_Row, frozen=True):
    """Reads or writes of DynamoDB, in their units: prices, and units a second.

    A unit is for `item_kb` of an item. One partition does `partition_s` at
    most; a new table on demand serves `new_s`.
    """

    unit: str
    item_kb: float
    hour_usd: float
    million_usd: float
    partition_s: int
    new_s: int

    @property
    def month_micro_usd(self) -> int:
        """Price of a provisioned unit for a month, in micro-dollars."""
        return round(self.hour_usd * 1_000_000) * CATALOG.month_hours


class DynamoDb(_Row, frozen=True):
    """DynamoDB's prices, limits and delays.

    A table keeps `burst_s` of what it does not use. On demand it serves what a
    new one does, or `growth` times its best minute once that is `growth_s` ago.
    Auto scaling looks at minutes: after `auto_out` over its target it gives
    more, after `auto_in` far below it less.
    """

    reads: DynamoUnits
    writes: DynamoUnits
    storage_usd_gb_month: float
    partition_gb: float
    burst_s: int
    growth: int
    growth_s: int
    max_units: int
    eventual_s: float
    latency_ms: tuple[float, float]
    create_s: tuple[float, float]
    auto_target: float
    auto_low_share: float
    auto_out: int
    auto_in: int
    copy_gb_s: float
    copy_share: float
    max_tables: int


class Transfer(_Row, frozen=True):
    """Traffic to the internet: its price, and the CPU of a TLS handshake."""

    out_usd_gb: float
    zone_usd_gb: float
    tls_handshake_ms: float


class Catalog(_Row, frozen=True):
    """The whole data file, as of one date."""

    as_of: str
    region: str
    month_hours: int
    sources: dict[str, str]
    ec2: Ec2
    ebs: Ebs
    ami: Ami
    marketplace: dict[str, Offer]
    autoscaling: AutoScaling
    cloudwatch: CloudWatch
    elb: Elb
    elasticache: ElastiCache
    s3: S3
    rds: Rds
    dynamodb: DynamoDb
    transfer: Transfer
    families: dict[str, Family]
    instance_types: dict[str, InstanceType]
    volume_types: dict[str, VolumeType]
    rds_engines: dict[str, RdsEngine]
    rds_types: dict[str, RdsType]
    cache_types: dict[str, CacheType]

    def speed(self, instance_type: str) -> float:
        """Work that one vCPU of a type does in a second, in seconds of an m5 vCPU."""
        return self.families[instance_type.removeprefix("db.").partition(".")[0]].speed


def _load() -> Catalog:
    text = files(__name__).joinpath("aws.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Catalog)


CATALOG = _load()
"""The one catalog."""
