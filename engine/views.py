"""What stands on the board, as a frame shows it: machines, volumes, services, and ways between.

Plain frozen data, as all of a frame is. Money is in integer micro-dollars a month, data in
gigabytes; utilizations and shares are in 0..1.
"""

import msgspec


class Part(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part of a frame; fields that are at their default are left out of the file."""


NEARLY_FULL = 0.9
"""From this share of its space on, a volume warns."""


class StationView(Part, frozen=True):
    """A place with servers and a waiting line, over the last second.

    `id` is ``web-1/cpu`` or ``vol-1/io``; `resource` the instance or volume. `speed`
    is the share of full speed it works at now. `running` and `waiting` count
    requests per class at the frame's instant; `wait_ms` is the mean wait of
    those served in this second.
    """

    id: str
    resource: str
    kind: str
    servers: int
    room: int
    speed: float = 1.0
    utilization: float = 0.0
    served: int = 0
    wait_ms: float = 0.0
    running: dict[str, int] = {}
    waiting: dict[str, int] = {}

    @property
    def running_total(self) -> int:
        """Requests in service at the frame's instant."""
        return sum(self.running.values())

    @property
    def waiting_total(self) -> int:
        """Requests in the waiting line at the frame's instant."""
        return sum(self.waiting.values())


class InstanceView(Part, frozen=True):
    """An EC2 instance. `state` is pending, running, stopping or stopped.

    `until_s` is the instant at which a pending or stopping state ends;
    `credits` and `credits_max` are CPU credits (vCPU-minutes) of a t3; `group`
    is what it belongs to, if it was made by something else than the player;
    `detailed` whether CloudWatch measures it every minute instead of every five;
    `image` what it was made of; `room` its waiting room where that is not its type's.
    """

    id: str
    type: str
    os: str
    zone: str
    state: str
    roles: tuple[str, ...]
    vcpus: int
    memory_gib: float
    volumes: tuple[str, ...]
    rate_month_micro_usd: int
    until_s: float | None = None
    credits: float | None = None
    credits_max: float | None = None
    unlimited: bool = False
    throttled: bool = False
    group: str = ""
    detailed: bool = False
    image: str | None = None
    room: int | None = None


class VolumeView(Part, frozen=True):
    """An EBS volume. `used_gb` is what data lies on it; `attached_to` the instance or None.

    `keep` is whether it stays when its instance goes; `roles` whose data lie on
    it; `burst_left` (0..1) an HDD's burst; `unloaded_gb` what a volume from a
    snapshot has not fetched yet.
    """

    id: str
    type: str
    gb: int
    iops: int
    zone: str
    used_gb: float
    rate_month_micro_usd: int
    attached_to: str | None = None
    root: bool = False
    keep: bool = False
    mib_s: int = 0
    roles: tuple[str, ...] = ()
    burst_left: float | None = None
    unloaded_gb: float = 0.0


class SnapshotView(Part, frozen=True):
    """A snapshot of `gb` of data of a volume. `state` is pending (until `until_s`) or completed.

    The volume was of `volume_gb`; `stored_gb` is what is paid for.
    """

    id: str
    volume: str
    gb: float
    state: str
    until_s: float | None = None
    roles: tuple[str, ...] = ()
    volume_gb: int = 0
    stored_gb: float = 0.0


Fact = bool | int | float | str


class PolicyView(Part, frozen=True):
    """What a group goes by: it keeps `metric` near `bound`, or adds so many when it is beyond."""

    metric: str
    bound: float
    add: int = 0


class SizeView(Part, frozen=True):
    """The size that a group is to have from a second on."""

    from_s: int
    least: int
    desired: int
    most: int


class ResourceView(Part, frozen=True):
    """A managed resource: a database of RDS, a bucket of S3, and whatever later services make.

    `service` is the service's name (``rds``, ``s3``), `type` its size there.
    `state` is available unless something takes time: creating, migrating,
    modifying, failing_over, failed; `until_s` is when that ends, if it is
    known. `roles` is what it can play; `behind` the resources it may hand a
    request to, and `targets` the states of those where it watches them.
    `facts` are its figures by name, as the words table calls them. `weights` are
    those of targets that do not weigh 1; `policies` and `schedule` are a group's.
    """

    id: str
    service: str
    type: str
    rate_month_micro_usd: int
    zone: str | None = None
    state: str = "available"
    until_s: float | None = None
    roles: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()
    facts: dict[str, Fact] = {}
    targets: dict[str, str] = {}
    weights: dict[str, int] = {}
    policies: tuple[PolicyView, ...] = ()
    schedule: tuple[SizeView, ...] = ()


class MoveView(Part, frozen=True):
    """Data on their way to a new home: `role`'s, from `source` to `target`, `gb` in all.

    Until the cut-over at about `until_s` the source answers for them.
    """

    id: str
    role: str
    source: str
    target: str
    gb: float
    copied_gb: float
    until_s: float


class Hop(Part, frozen=True):
    """`count` requests that went from one resource to the next in this second.

    The users are the source ``""``. Those that stay on a machine make no hop.
    """

    source: str
    target: str
    count: int
