"""A made-up run for the tests of the screens: frames without an engine behind them."""

from collections.abc import Iterator

from engine.catalog import CATALOG
from engine.frame import (
    Counts,
    Frame,
    Goals,
    InstanceView,
    Latency,
    Money,
    News,
    Sample,
    Samples,
    StationView,
    Step,
    Verdict,
    VolumeView,
)
from engine.outcomes import Accepted, Outcome, Quote, RefusalReason, Refused
from engine.scenario import ROLES, Scenario, read_scenario
from engine.services.command import Command
from engine.services.ec2 import LaunchInstance, ResizeInstance

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
