"""A made-up run for the tests of the screens: frames without an engine behind them."""

from collections.abc import Iterator

from msgspec.structs import replace

from engine.catalog import CATALOG
from engine.frame import (
    Blame,
    Counts,
    Frame,
    Goals,
    Latency,
    Money,
    News,
    Sample,
    Samples,
    Step,
    Verdict,
)
from engine.outcomes import Accepted, Outcome, Quote, RefusalReason, Refused
from engine.scenario import ROLES, Scenario, read_scenario
from engine.services.command import Command
from engine.services.ec2 import LaunchInstance, ResizeInstance
from engine.views import (
    Hop,
    InstanceView,
    MoveView,
    ResourceView,
    SnapshotView,
    StationView,
    VolumeView,
)

SCENARIO_VALUES = {
    "slug": "made-up",
    "duration_s": 600,
    "seed": 7,
    "budget": {"month_usd": 300.0},
    "allowed": ["ec2:t3.*", "ec2:m5.*", "ebs"],
    "traffic": [{"kind": "constant", "rps": 50.0, "start_s": 60}],
    "requests": [{"name": "page", "share": 1.0, "app_ms": 10.0, "deadline_ms": 400}],
    "objectives": {"error_budget": 0.05, "p95_ms": 500, "two_stars_month_usd": 150.0},
}


def made_up_scenario() -> Scenario:
    """A scenario that passes every check."""
    return read_scenario(SCENARIO_VALUES, "made-up")


def made_up_frame(
    second: int = 0,
    instances: tuple[InstanceView, ...] = (),
    news: tuple[News, ...] = (),
    verdict: Verdict | None = None,
) -> Frame:
    """A frame of one second of a calm run."""
    demanded = 50 if second > 60 else 0
    counts = {"page": Counts(demanded=demanded, good=demanded, attempts=demanded)}
    total = max(0, second - 60) * 50
    totals = {"page": Counts(demanded=total, good=total, attempts=total)}
    rate = sum(i.rate_month_micro_usd for i in instances)
    spent = rate * second // 600
    steps = (Step("web-1/cpu", 12.5, 9.25), Step("vol-1/io", 0.0, 1.0))
    return Frame(
        second=second,
        expected_rps=50.0 if second > 60 else 0.0,
        counts=counts,
        totals=totals,
        latency={"page": Latency(12.0, 40.0, 80.0, demanded)},
        addresses=dict.fromkeys(ROLES, instances[0].id if instances else None),
        stations=tuple(_station(i) for i in instances if i.state == "running"),
        instances=instances,
        volumes=tuple(
            VolumeView(i.volumes[0], "gp3", 20, 3000, "a", 2.0, 1_600_000, i.id, True)
            for i in instances
        ),
        money=Money(300_000_000, 300_000_000 - spent, spent, 0, rate, spent + rate // 2),
        goals=Goals(1350.0, 1.0, 40.0, 3),
        samples={"page": Samples(slow=Sample(second - 0.5, 41.5, "good", 1, steps))},
        news=news,
        verdict=verdict,
    )


def _station(instance: InstanceView) -> StationView:
    return StationView(
        f"{instance.id}/cpu", instance.id, "cpu", instance.vcpus, 256, utilization=0.4, served=50
    )


class FakeSimulation:
    """Stands in for the engine: one second a frame, a script of news, launch, stop and resize."""

    def __init__(self, script: dict[int, News] | None = None, ends_at: int = 600) -> None:
        self.scenario = made_up_scenario()
        self.seed = 7
        self._script = script or {}
        self._ends_at = ends_at
        self._instances: tuple[InstanceView, ...] = ()
        self._second = 0
        self._news: tuple[News, ...] = ()
        self._names: Iterator[int] = iter(range(1, 100))

    def frame(self) -> Frame:
        """The newest frame."""
        verdict = Verdict(True, 1, "passed") if self._second >= self._ends_at else None
        return made_up_frame(self._second, self._instances, self._news, verdict)

    def advance(self, seconds: int = 1) -> Frame:
        """Go on; what the script says for the second is told."""
        self._second += seconds
        line = self._script.get(self._second)
        self._news = (line,) if line else ()
        return self.frame()

    def apply(self, command: Command) -> Outcome:
        """Do what the fake understands."""
        refused = self.quote(command).refused
        if refused:
            return refused
        if isinstance(command, LaunchInstance):
            name = f"web-{next(self._names)}"
            self._instances = (*self._instances, _instance(name, command.type))
            self._news = (
                *self._news,
                News("instance_launched", "player", {"id": name, "type": command.type}),
            )
            return Accepted(name)
        return Accepted()

    def quote(self, command: Command) -> Quote:
        """Price of a launch; a resize is refused, for nothing is ever stopped here."""
        before = sum(i.rate_month_micro_usd for i in self._instances)
        if isinstance(command, ResizeInstance):
            details = {"id": command.instance, "state": "running", "needs": "stopped"}
            return Quote(Refused(RefusalReason.WRONG_STATE, dict(details)), before, before)
        if isinstance(command, LaunchInstance):
            return Quote(None, before, before + _instance("x", command.type).rate_month_micro_usd)
        return Quote(None, before, before)


def _instance(name: str, kind: str) -> InstanceView:
    row = CATALOG.instance_types[kind]
    rate = row.hour_micro_usd("linux") * CATALOG.month_hours
    volume = name.replace("web", "vol")
    return InstanceView(
        name, kind, "linux", "a", "running", ROLES, row.vcpus, row.gib, (volume,), rate
    )


def split_frame(second: int = 760) -> Frame:
    """Two web machines in two zones, a database with its standby, files half moved to a bucket.

    One of the machines is full, and some of its requests fail.
    """
    web = [
        _machine("web-1", "m5.large", "a", ("web", "app"), "vol-1"),
        _machine("web-2", "m5.large", "b", ("web", "app", "files"), "vol-2"),
    ]
    orders = ResourceView(
        "orders", "rds", "db.m5.large", 250_000_000, "a", roles=("db",),
        facts={
            "engine": "mysql", "vcpus": 2, "memory_gib": 8.0, "gb": 100, "used_gb": 21.4,
            "iops": 3000, "connections": 41, "connections_max": 624, "multi_az": True,
            "standby_zone": "b", "backup_days": 7, "restorable_s": second - 60,
        },
    )  # fmt: skip
    media = ResourceView(
        "media", "s3", "standard", 900_000, roles=("files",),
        facts={
            "used_gb": 25.4, "prefixes": 1, "reads_s": 0, "writes_s": 0, "slowed_s": 0,
            "reads_max_s": 5500, "writes_max_s": 3500,
        },
    )  # fmt: skip
    stations = (
        _busy("web-1/cpu", 0.71, 3),
        _busy("vol-1/io", 0.31),
        _busy("web-2/cpu", 0.98, 214),
        _busy("vol-2/io", 0.12),
        _busy("orders/cpu", 0.58),
        _busy("orders/io", 0.22),
        _busy("media/rate", 0.02),
    )
    hops = (
        Hop("", "web-1", 108), Hop("", "web-2", 106), Hop("web-1", "orders", 61),
        Hop("web-2", "orders", 52), Hop("web-1", "web-2", 14),
    )  # fmt: skip
    frame = made_up_frame(second, tuple(web))
    failed = {"waiting_room_full": 19}
    counts = {"page": Counts(demanded=214, good=188, late=7, failed=failed, attempts=214)}
    return replace(
        frame,
        counts=counts,
        addresses={"web": "web-1", "app": "web-1", "db": "orders", "files": "web-2"},
        stations=stations,
        volumes=(_volume("vol-1", "web-1", 4.0), _volume("vol-2", "web-2", 41.0)),
        resources=(orders, media),
        moves=(MoveView("move-1", "files", "vol-2", "media", 41.0, 25.42, second + 50.0),),
        hops=hops,
        blame=(
            Blame("page", "waiting_room_full", "web-2/cpu", 19),
            Blame("page", "late", "web-2/cpu", 7),
        ),
        money=replace(frame.money, rate_month_micro_usd=521_000_000),
    )


def crowded_frame(size: int, second: int = 760) -> Frame:
    """So many resources in every state, volumes of machines not counted.

    Of ten, six are web machines (some of a group), one plays data, one is a
    managed resource, one a loose volume and one a snapshot.
    """
    states = ("running",) * 15 + ("pending", "stopping", "stopped")
    machines = tuple(
        replace(
            _machine(f"web-{n}", "m5.large", "abc"[n % 3], ("web", "app"), f"root-{n}"),
            state=states[n % 18],
            group="shop" if n % 2 else "",
            until_s=second + 12.0 if states[n % 18] in ("pending", "stopping") else None,
        )
        for n in range(size * 6 // 10)
    )
    machines += tuple(
        _machine(f"data-{n}", "c5.xlarge", "ab"[n % 2], ("db", "files"), f"store-{n}")
        for n in range(size // 10)
    )
    resources = tuple(_managed(n, second) for n in range(size // 10))
    loose = tuple(_volume(f"loose-{n}", None, 3.0) for n in range(size // 10))
    disks = tuple(_volume(m.volumes[0], m.id, 6.0 + at % 14) for at, m in enumerate(machines))
    kept = size - len(machines) - len(resources) - len(loose)
    running = [m for m in machines if m.state == "running"]
    stations = [_busy(f"{m.id}/cpu", (37 * at % 101) / 100, at % 7) for at, m in enumerate(running)]
    stations += [_busy(f"{m.volumes[0]}/io", (13 * at % 60) / 100) for at, m in enumerate(running)]
    stations += [_busy(f"{r.id}/cpu", 0.4 + 0.05 * (at % 12)) for at, r in enumerate(resources)]
    front = [m for m in running if m.id.startswith("web")]
    hops = [Hop("", m.id, 9 + at % 5) for at, m in enumerate(front)]
    hops += [Hop(m.id, r.id, 4) for m in front for r in resources[:2]]
    holder = front[0].id if front else None
    data = resources[0].id if resources else holder
    frame = made_up_frame(second, ())
    return replace(
        frame,
        addresses={"web": holder, "app": holder, "db": data, "files": holder},
        stations=tuple(stations),
        instances=machines,
        volumes=disks + loose,
        resources=resources,
        snapshots=tuple(SnapshotView(f"snap-{n}", "root-0", 6.2, "completed") for n in range(kept)),
        hops=tuple(hops),
        blame=(Blame("page", "waiting_room_full", f"{holder}/cpu", 2),) if holder else (),
        money=replace(frame.money, rate_month_micro_usd=70_000_000 * len(machines)),
    )


def _managed(number: int, second: int) -> ResourceView:
    """Databases in every state, and buckets, by turns."""
    if number % 3 == 2:
        return ResourceView(
            f"media-{number}", "s3", "standard", 2_000_000, roles=("files",),
            facts={"used_gb": 41.0, "prefixes": 2, "reads_s": 120, "writes_s": 14, "slowed_s": 3},
        )  # fmt: skip
    state = ("available", "creating", "failing_over", "modifying", "failed")[number % 5]
    return ResourceView(
        f"db-{number}", "rds", "db.m5.large", 125_000_000, "a", state,
        None if state in ("available", "failed") else second + 74.0, ("db",),
        facts={"engine": "postgres", "gb": 100, "used_gb": 12.0, "connections": 300 + number,
               "connections_max": 410, "backup_days": 0},
    )  # fmt: skip


def _machine(name: str, kind: str, zone: str, roles: tuple[str, ...], volume: str) -> InstanceView:
    return replace(_instance(name, kind), zone=zone, roles=roles, volumes=(volume,))


def _volume(name: str, attached_to: str | None, used_gb: float) -> VolumeView:
    root = attached_to is not None
    return VolumeView(name, "gp3", 50, 3000, "a", used_gb, 4_000_000, attached_to, root)


def _busy(name: str, load: float, waiting: int = 0) -> StationView:
    resource, _, kind = name.partition("/")
    return StationView(
        name, resource, kind, 2, 256 if kind == "cpu" else 0, utilization=load, served=100,
        wait_ms=4.0, running={"page": 2}, waiting={"page": waiting},
    )  # fmt: skip


def managed_frame(second: int = 300) -> Frame:
    """A database with a standby, a bucket, a kept backup, and a service of a later version."""
    web = _instance("web-1", "m5.large")
    frame = made_up_frame(second, (web,))
    database = ResourceView(
        "orders", "rds", "db.t3.medium", 100_000_000, "a", roles=("db",),
        facts={
            "engine": "mysql", "vcpus": 2, "memory_gib": 4.0, "gb": 100, "used_gb": 20.5,
            "iops": 300, "connections": 61, "connections_max": 300, "multi_az": True,
            "standby_zone": "b", "backup_days": 7, "restorable_s": 240, "credits": 12.0,
            "credits_max": 576.0,
        },
    )  # fmt: skip
    bucket = ResourceView(
        "media", "s3", "standard", 900_000, roles=("files",),
        facts={
            "used_gb": 40.25, "prefixes": 2, "reads_s": 900, "writes_s": 40, "slowed_s": 7,
            "reads_max_s": 11_000, "writes_max_s": 7_000,
        },
    )  # fmt: skip
    backup = ResourceView(
        "old-backup", "rds", "backup", 3_800_000,
        facts={"source": "old", "gb": 40.0, "restorable_s": 120},
    )  # fmt: skip
    later = ResourceView(
        "front", "elb", "application", 16_000_000, behind=("web-1",),
        facts={"healthy": 2, "sticky": False},
    )  # fmt: skip
    stations = (
        StationView("orders/cpu", "orders", "cpu", 2, 300, utilization=0.9, served=80,
                    wait_ms=120.0, running={"page": 2}, waiting={"page": 50, "order": 4}),
        StationView("orders/io", "orders", "volume", 1, 300, utilization=0.5, served=80,
                    running={"order": 5}),
        StationView("media/rate", "media", "rate", 2, 0, utilization=0.1, running={"page": 3}),
    )  # fmt: skip
    return replace(
        frame,
        stations=(*frame.stations, *stations),
        resources=(database, bucket, backup, later),
        addresses={"web": "front", "app": "web-1", "db": "orders", "files": "web-1"},
        moves=(MoveView("move-1", "files", "vol-1", "media", 40.0, 10.0, 900.0),),
        hops=(Hop("", "front", 50), Hop("front", "web-1", 50), Hop("web-1", "orders", 80)),
    )
