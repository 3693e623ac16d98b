"""Everything that can be selected on the board, with its state, its load and its data under way."""

from dataclasses import dataclass
from functools import cached_property

from engine.views import InstanceView, ResourceView, SnapshotView, VolumeView
from tui.render.board.flows import Move
from tui.theme import State


@dataclass(frozen=True)
class Gauge:
    """One station of a thing: how busy it was of late, and who waits there."""

    id: str
    load: float
    waiting: int
    room: int

    @property
    def part(self) -> str:
        """Its name at its thing: ``cpu``, ``io``, ``rate``."""
        return self.id.rpartition("/")[2]


@dataclass(frozen=True)
class Thing:
    """Anything that can be selected. `gauges` are its stations, `moves` its data under way."""

    state: State
    gauges: tuple[Gauge, ...]
    moves: tuple[Move, ...]
    wait_s: float | None

    @property
    def id(self) -> str:
        """The resource's id."""
        raise NotImplementedError

    @cached_property
    def load(self) -> float:
        """Utilization of its busiest station, 0 without one."""
        return max((gauge.load for gauge in self.gauges), default=0.0)

    @property
    def waiting(self) -> int:
        """Requests that wait at any of its stations."""
        return sum(gauge.waiting for gauge in self.gauges)


@dataclass(frozen=True)
class Disk(Thing):
    """A volume; without a gauge when nothing is attached to or running at it."""

    view: VolumeView

    @property
    def id(self) -> str:
        """The volume's id."""
        return self.view.id

    @property
    def used(self) -> float:
        """Share of its gigabytes that data lies on."""
        return self.view.used_gb / self.view.gb if self.view.gb else 0.0


@dataclass(frozen=True)
class Machine(Thing):
    """An instance; `holds` are the roles whose address points here, or to its balancer.

    `target` is what that balancer thinks of it, "" without one.
    """

    view: InstanceView
    holds: tuple[str, ...]
    disks: tuple[Disk, ...]
    target: str = ""

    @property
    def id(self) -> str:
        """The instance's id."""
        return self.view.id

    @property
    def kind(self) -> str:
        """Its type, and that it is Windows if it is."""
        return f"{self.view.type} Win" if self.view.os == "windows" else self.view.type

    @property
    def runs(self) -> bool:
        """Whether it can take requests."""
        return self.view.state in ("running", "draining")


@dataclass(frozen=True)
class Copy:
    """What a read replica is: a copy of its `source`, some seconds and some writes behind.

    `grows` is whether it falls further behind, `stale` whether reads failed by
    that of late, `alone` whether its source is gone.
    """

    source: str
    lag_s: float
    unapplied: int
    grows: bool
    stale: bool
    alone: bool

    @property
    def is_late(self) -> bool:
        """Whether it is further behind than it should be."""
        return self.grows or self.stale


@dataclass(frozen=True)
class Shard:
    """One database of a sharded table, and its `share` of what comes to all of them.

    `shards` is how many the table was split into, `left` how many of them there are.
    """

    table: str
    shards: int
    left: int
    share: float
    hot: bool


@dataclass(frozen=True)
class Managed(Thing):
    """What somebody else runs: a database, a bucket; `holds` as with a machine.

    A database may be a `copy` of another one, and a `shard` of a table.
    """

    view: ResourceView
    holds: tuple[str, ...]
    copy: Copy | None = None
    shard: Shard | None = None

    @property
    def id(self) -> str:
        """The resource's id."""
        return self.view.id

    @property
    def runs(self) -> bool:
        """Whether it can take requests."""
        return self.view.state not in NOT_ANSWERING

    def number(self, name: str) -> float | None:
        """One of its figures, None if it has none of that name."""
        fact = self.view.facts.get(name)
        if isinstance(fact, bool) or not isinstance(fact, int | float):
            return None
        return float(fact)


@dataclass(frozen=True)
class Kept(Thing):
    """What no request reaches: a snapshot, the backups of a database, an image, an alarm."""

    view: SnapshotView | ResourceView

    @property
    def id(self) -> str:
        """The snapshot's or backup's id."""
        return self.view.id

    @property
    def kind(self) -> str:
        """``snapshot``, ``backup``, ``image`` or ``alarm``."""
        return "snapshot" if isinstance(self.view, SnapshotView) else self.view.type


def is_group(thing: Thing) -> bool:
    """Whether it is a group of Auto Scaling: it makes machines, and answers nothing itself."""
    return isinstance(thing, Managed) and thing.view.service == "autoscaling"


NOT_ANSWERING = ("creating", "modifying", "failing_over", "failed", "unreachable")
"""States of managed resources in which they take no requests."""

Answering = Machine | Managed
"""What requests can go to."""
