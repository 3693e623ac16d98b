"""What can be bought: its price, size, limits and delays, from one dated data file.

Everything that shows or charges a figure of the cloud reads it here, so that
the screen, the help and the bill cannot disagree.
"""

import tomllib
from importlib.resources import files

import msgspec


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the data file; a key that we do not know is a mistake in it."""


class InstanceType(_Row, frozen=True):
    """An EC2 type. `baseline` is the share of each vCPU that a t3 may use for ever."""

    vcpus: int
    gib: float
    linux_usd_hour: float
    windows_usd_hour: float
    source: str
    credits_per_hour: float = 0.0
    baseline: float = 1.0

    @property
    def credits_max(self) -> float:
        """Most CPU credits it can hold: what it earns in 24 hours (D1)."""
        return 24 * self.credits_per_hour

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

    A snapshot is done after `snapshot_s[0]` seconds and `snapshot_s[1]` more for
    each GB. A volume made from one fetches `lazy_gb_s` a second, and until then
    an I/O takes up to `lazy_factor` times as long.
    """

    max_volumes: int
    max_pending_snapshots: int
    snapshot_usd_gb_month: float
    snapshot_s: tuple[float, float]
    lazy_gb_s: float
    lazy_factor: float


class Transfer(_Row, frozen=True):
    """Traffic to the internet: its price, and the CPU of a TLS handshake."""

    out_usd_gb: float
    tls_handshake_ms: float


class Catalog(_Row, frozen=True):
    """The whole data file, as of one date."""

    as_of: str
    region: str
    month_hours: int
    sources: dict[str, str]
    ec2: Ec2
    ebs: Ebs
    transfer: Transfer
    families: dict[str, Family]
    instance_types: dict[str, InstanceType]
    volume_types: dict[str, VolumeType]

    def speed(self, instance_type: str) -> float:
        """Work that one vCPU of a type does in a second, in seconds of an m5 vCPU."""
        return self.families[instance_type.partition(".")[0]].speed


def _load() -> Catalog:
    text = files(__name__).joinpath("aws.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Catalog)


CATALOG = _load()
"""The one catalog."""
