"""What an explanation says: causes, what helps against each, and what they are read from."""

from enum import StrEnum

import msgspec

DATA_LOST = "data_lost"
"""News, and the reason of a burst, of data that are gone for ever."""


class Cause(StrEnum):
    """Why a burst of failures came about."""

    NOTHING_STANDS = "nothing_stands"
    NO_ADDRESS = "no_address"
    BOOTING = "booting"
    STOPPED = "stopped"
    CRASHED = "crashed"
    HOST_FAILED = "host_failed"
    TERMINATED = "terminated"
    REPLACED = "replaced"
    CREDITS_GONE = "credits_gone"
    SLOWED = "slowed"
    CPU_FULL = "cpu_full"
    SHARED_CPU = "shared_cpu"
    VOLUME_FULL = "volume_full"
    FILES_CROWD = "files_crowd"
    FILES_CPU = "files_cpu"
    COPYING = "copying"
    DISK_SPACE = "disk_space"
    SLOW_WORK = "slow_work"
    NO_IPV6 = "no_ipv6"
    DATA_GONE = "data_gone"
    BUCKET_RATE = "bucket_rate"
    CONNECTIONS_FULL = "connections_full"
    CONNECTIONS_CPU = "connections_cpu"
    CONNECTIONS_IO = "connections_io"
    DATABASE_CPU = "database_cpu"
    DATABASE_CREDITS = "database_credits"
    DATABASE_IO = "database_io"
    DATABASE_SPACE = "database_space"
    DATABASE_CREATING = "database_creating"
    DATABASE_MODIFYING = "database_modifying"
    DATABASE_FAILING_OVER = "database_failing_over"
    DATABASE_FAILED = "database_failed"
    DATABASE_DELETED = "database_deleted"
    DATABASE_UNREACHABLE = "database_unreachable"
    MASTER_READS = "master_reads"
    MASTER_WRITES = "master_writes"
    MASTER_GONE = "master_gone"
    REPLICAS_UNREAD = "replicas_unread"
    REPLICA_BUSY = "replica_busy"
    REPLICA_SMALL = "replica_small"
    REPLICA_WAS_AWAY = "replica_was_away"
    REPLICA_FOLLOWS = "replica_follows"
    HOT_SHARD = "hot_shard"
    SNAPSHOT_PAUSE = "snapshot_pause"
    SHARD_LOST = "shard_lost"
    TABLES_LOST = "tables_lost"
    TABLE_CAPACITY = "table_capacity"
    TABLE_HOT = "table_hot"
    TABLE_GROWTH = "table_growth"
    NO_TARGETS = "no_targets"
    TARGETS_DRAINING = "targets_draining"
    BALANCER_CREATING = "balancer_creating"
    BLIND_WINDOW = "blind_window"
    FAILS_OPEN = "fails_open"
    SESSION_SPREAD = "session_spread"
    SESSION_GONE = "session_gone"
    SESSION_MOVED = "session_moved"
    SESSION_STORE_GONE = "session_store_gone"
    TLS_REQUIRED = "tls_required"
    NO_IPV6_BALANCER = "no_ipv6_balancer"
    NODES_OUTRUN = "nodes_outrun"
    SCALES_LATE = "scales_late"
    GROUP_AT_MOST = "group_at_most"
    GROUP_FIXED = "group_fixed"
    ZONE_OUTAGE = "zone_outage"
    ZONE_SQUEEZE = "zone_squeeze"
    ONE_SERVER = "one_server"
    PASSED_BY = "passed_by"
    STUCK = "stuck"
    TLS_INSIDE = "tls_inside"
    SERVERS_FULL = "servers_full"


REMEDIES: dict[Cause, tuple[str, ...]] = {
    Cause.NOTHING_STANDS: ("look_at_board", "launch"),
    Cause.NO_ADDRESS: ("look_at_addresses", "point"),
    Cause.BOOTING: ("boot_takes_time", "begin_earlier"),
    Cause.STOPPED: ("stopped_serves_nobody", "start"),
    Cause.CRASHED: ("machines_die", "start"),
    Cause.HOST_FAILED: ("machines_die", "what_outlives", "launch_and_attach"),
    Cause.TERMINATED: ("terminated_is_gone", "launch"),
    Cause.REPLACED: ("look_at_targets", "groups_replace", "spare_member"),
    Cause.CREDITS_GONE: ("look_at_credits", "leave_burstable", "resize"),
    Cause.SLOWED: ("shared_machine", "wait_or_move"),
    Cause.CPU_FULL: ("look_at_cpu", "more_cpu", "resize"),
    Cause.SHARED_CPU: ("look_who_works", "tables_elsewhere", "to_database"),
    Cause.VOLUME_FULL: ("look_at_volume", "more_iops", "faster_volume"),
    Cause.FILES_CROWD: ("look_who_reads", "files_elsewhere", "to_bucket"),
    Cause.FILES_CPU: ("look_who_works", "files_elsewhere", "to_bucket"),
    Cause.COPYING: ("look_at_moves", "copy_when_quiet", "wait_for_copy"),
    Cause.DISK_SPACE: ("look_at_space", "grow_volume"),
    Cause.SLOW_WORK: ("work_itself_is_slow", "faster_cpu"),
    Cause.NO_IPV6: ("users_on_ipv6", "dualstack"),
    Cause.DATA_GONE: ("volume_held_data", "keep_volumes"),
    Cause.BUCKET_RATE: ("look_at_prefixes", "bucket_splits", "spread_keys"),
    Cause.CONNECTIONS_FULL: ("look_at_connections", "memory_sets_them", "more_memory"),
    Cause.CONNECTIONS_CPU: ("look_at_connections", "held_while_working", "larger_database"),
    Cause.CONNECTIONS_IO: ("look_at_connections", "held_while_reading", "faster_database"),
    Cause.DATABASE_CPU: ("look_at_database", "more_database_cpu", "larger_database"),
    Cause.DATABASE_CREDITS: ("look_at_database_credits", "leave_burstable", "larger_database"),
    Cause.DATABASE_IO: ("look_at_database_io", "more_database_io", "faster_database"),
    Cause.DATABASE_SPACE: ("look_at_space", "grow_database"),
    Cause.DATABASE_CREATING: ("databases_take_minutes", "begin_earlier"),
    Cause.DATABASE_MODIFYING: ("change_is_downtime", "change_when_quiet", "standby_shortens"),
    Cause.DATABASE_FAILING_OVER: ("failover_takes_time", "failover_passes"),
    Cause.DATABASE_FAILED: ("one_zone_one_database", "standby_or_backup", "restore_or_standby"),
    Cause.DATABASE_DELETED: ("deleted_is_gone", "restore_backup"),
    Cause.DATABASE_UNREACHABLE: ("one_zone_one_database", "standby_elsewhere", "make_multi_az"),
    Cause.MASTER_READS: ("look_at_database", "reads_elsewhere", "make_replicas"),
    Cause.MASTER_WRITES: ("look_at_database", "every_replica_writes", "split_writes"),
    Cause.MASTER_GONE: ("look_at_replicas", "replica_waits", "promote"),
    Cause.REPLICAS_UNREAD: ("look_at_replicas", "replicas_idle", "split_reads"),
    Cause.REPLICA_BUSY: ("look_at_lag", "one_line_for_both", "share_reads"),
    Cause.REPLICA_SMALL: ("look_at_lag", "every_replica_writes", "as_large_as_master"),
    Cause.REPLICA_WAS_AWAY: ("look_at_lag", "catches_up", "fresh_from_master"),
    Cause.REPLICA_FOLLOWS: ("look_at_lag", "always_a_little", "fresh_from_master"),
    Cause.HOT_SHARD: ("look_at_shards", "one_key_one_shard", "larger_shard"),
    Cause.SNAPSHOT_PAUSE: ("look_at_news", "storage_rests", "copy_in_quiet"),
    Cause.SHARD_LOST: ("look_at_shards", "each_shard_alone", "backup_each"),
    Cause.TABLES_LOST: ("look_at_backups", "no_second_copy", "keep_backups"),
    Cause.TABLE_CAPACITY: ("look_at_units", "burst_ends", "more_units"),
    Cause.TABLE_HOT: ("look_at_partitions", "partition_is_the_limit", "hot_key_elsewhere"),
    Cause.TABLE_GROWTH: ("look_at_units", "twice_its_past", "provision_before"),
    Cause.NO_TARGETS: ("look_behind", "register"),
    Cause.TARGETS_DRAINING: ("look_behind", "replace_before_drain"),
    Cause.BALANCER_CREATING: ("balancers_take_time", "point_when_ready"),
    Cause.BLIND_WINDOW: ("look_at_targets", "checks_take_time", "shorter_checks"),
    Cause.FAILS_OPEN: ("look_at_targets", "all_unhealthy", "mend_targets"),
    Cause.SESSION_SPREAD: ("whose_session", "stick"),
    Cause.SESSION_GONE: ("whose_session", "memory_goes", "sessions_outside"),
    Cause.SESSION_MOVED: ("whose_session", "moved_once", "sessions_outside"),
    Cause.SESSION_STORE_GONE: ("look_at_news", "store_forgets", "second_store"),
    Cause.TLS_REQUIRED: ("users_on_https", "end_tls"),
    Cause.NO_IPV6_BALANCER: ("users_on_ipv6_only", "make_dualstack"),
    Cause.NODES_OUTRUN: ("look_at_balancer", "nodes_follow", "gentle_rise"),
    Cause.SCALES_LATE: ("look_at_group", "reaction_takes_minutes", "scale_before"),
    Cause.GROUP_AT_MOST: ("look_at_group", "raise_most"),
    Cause.GROUP_FIXED: ("look_at_group", "give_policy"),
    Cause.ZONE_OUTAGE: ("look_at_zones", "several_zones", "spread_zones"),
    Cause.ZONE_SQUEEZE: ("look_at_zones", "zones_carry_each_other", "room_for_a_zone"),
    Cause.ONE_SERVER: ("look_at_cpu", "several_share", "second_server"),
    Cause.PASSED_BY: ("look_at_idle", "one_place", "point_both"),
    Cause.STUCK: ("look_at_idle", "stuck_stay", "unstick"),
    Cause.TLS_INSIDE: ("users_on_https", "hands_at_the_door", "end_tls_there"),
    Cause.SERVERS_FULL: ("look_at_targets", "too_few_servers", "add_server"),
}
"""What would help against each cause, from a gentle hint to the plain answer."""

Figure = str | int | float


class Known(msgspec.Struct, frozen=True):
    """What frames do not tell of a run: services on offer, who moves files, who comes by HTTPS.

    `writers` are the request classes that write to tables.
    """

    services: tuple[str, ...] = ()
    file_classes: tuple[str, ...] = ()
    https: bool = False
    writers: tuple[str, ...] = ()


class Evidence(msgspec.Struct, frozen=True):
    """What a cause is read from: a station, how full, how many waiting, and since when."""

    station: str
    utilization: float
    waiting: int
    since_s: int


class Burst(msgspec.Struct, frozen=True):
    """Requests that failed, or came late, for one reason at one place in one stretch of time.

    Data lost for ever are one too, counted once, though no request fails by that.
    `figures` fill the sentence about what the cause is read from, besides a station.
    """

    from_s: int
    to_s: int
    reason: str
    at: str
    count: int
    cause: Cause
    evidence: Evidence | None
    remedies: tuple[str, ...]
    figures: dict[str, Figure] = {}


class Tight(msgspec.Struct, frozen=True):
    """The tightest station lately; `latency_share` is the part of a request's time spent there.

    `cause` is what it will be blamed on once it is full; None while it has room.
    """

    evidence: Evidence
    latency_share: float
    cause: Cause | None = None
    figures: dict[str, Figure] = {}


class Limit(msgspec.Struct, frozen=True):
    """What is used up first if all goes on as in the last minutes, and at which second.

    `kind` is ``station``, ``space``, ``credits``, ``connections`` or ``money``; `now`
    and `most` are in its own unit (a share, GB, credits, dollars).
    """

    kind: str
    at: str
    now: float
    most: float
    second: int


class Outlook(msgspec.Struct, frozen=True):
    """Demand as it is and grows, requests a second, and the first limit that it meets."""

    rps: float
    rps_per_minute: float
    first: Limit | None
    rps_then: float = 0.0


class Explanation(msgspec.Struct, frozen=True):
    """What frames tell: the tightest station at their end, and every burst in order of time."""

    tight: Tight | None
    bursts: tuple[Burst, ...]
    outlook: Outlook | None = None
    second: int = 0
    over: bool = False

    def worst(self) -> Burst | None:
        """The burst that hurt most; nothing is worse than lost data."""
        return max(self.bursts, key=_hurt, default=None)

    def present(self, span_s: int = 60) -> Burst | None:
        """The worst burst that still goes on, or ended less than `span_s` seconds ago."""
        fresh = [burst for burst in self.bursts if burst.to_s > self.second - span_s]
        return max(fresh, key=_hurt, default=None)


def _hurt(burst: Burst) -> tuple[bool, int]:
    return burst.reason == DATA_LOST, burst.count
