"""One simulated second as anyone may see it: the board, its metrics, the money, the news.

Frames are all that a screen, a recording or `explain` ever gets. They are plain
frozen data without numpy, so that watching a recording needs no engine. Money
is in integer micro-dollars; latencies are in milliseconds; utilizations and
shares are in 0..1.
"""

from engine.views import (
    Hop,
    InstanceView,
    MoveView,
    Part,
    ResourceView,
    SnapshotView,
    StationView,
    VolumeView,
)


class Counts(Part, frozen=True):
    """Requests of one class. demanded = good + late + failed + in_flight holds of the totals."""

    demanded: int = 0
    good: int = 0
    late: int = 0
    failed: dict[str, int] = {}
    in_flight: int = 0
    attempts: int = 0

    @property
    def failed_total(self) -> int:
        """All failures, whatever their reason."""
        return sum(self.failed.values())


class Latency(Part, frozen=True):
    """Latency of one class's answers, good and late, in milliseconds.

    The percentiles are over the last `WINDOW_S` seconds; `buckets` are this
    second's alone, flattened pairs (bucket, count) of the log histogram in
    `engine.flow.latency`.
    """

    p50_ms: float = 0.0
    p95_ms: float = 0.0
    p99_ms: float = 0.0
    answered: int = 0
    buckets: tuple[int, ...] = ()


WINDOW_S = 10
"""Length in seconds of the trailing window of a frame's percentiles."""


class Step(Part, frozen=True):
    """One station on a sampled request's way: how long it waited there and was worked on."""

    station: str
    wait_ms: float
    work_ms: float
    finished: bool = True


class Sample(Part, frozen=True):
    """One request followed on its way; `outcome` is good, late or a failure reason."""

    started_s: float
    latency_ms: float
    outcome: str
    attempt: int
    steps: tuple[Step, ...] = ()


class Samples(Part, frozen=True):
    """The slowest answered and the first failed request of a class in this second."""

    slow: Sample | None = None
    failed: Sample | None = None


class Blame(Part, frozen=True):
    """`count` requests of `request_class` failed (or were late) in this second because of `at`."""

    request_class: str
    reason: str
    at: str
    count: int


class MeterLine(Part, frozen=True):
    """One line of the bill so far: quantity × unit price = amount, in micro-dollars.

    `counted` is False for what stands on the invoice but not against the budget.
    """

    resource: str
    meter: str
    unit: str
    quantity: float
    unit_price_micro_usd: int
    amount_micro_usd: int
    counted: bool = True


class Money(Part, frozen=True):
    """The account. `spent` counts against the budget; `uncounted` only stands on the invoice.

    `rate_month` is what this board costs for a month; `forecast` the bill at
    the end of the run if nothing changes. All in micro-dollars.
    """

    budget_micro_usd: int
    cash_micro_usd: int
    spent_micro_usd: int
    uncounted_micro_usd: int
    rate_month_micro_usd: int
    forecast_micro_usd: int
    lines: tuple[MeterLine, ...] = ()

    @property
    def spent_usd(self) -> float:
        """Dollars spent against the budget."""
        return self.spent_micro_usd / 1e6

    @property
    def rate_month_usd(self) -> float:
        """Dollars that this board costs for a month."""
        return self.rate_month_micro_usd / 1e6

    @property
    def forecast_usd(self) -> float:
        """Dollars spent at the end of the run if nothing changes."""
        return self.forecast_micro_usd / 1e6


class Goals(Part, frozen=True):
    """How the objectives stand. `error_budget_left` is a share, 1 full and 0 (or less) empty."""

    error_budget_requests: float
    error_budget_left: float
    p95_ms: float
    stars_on_course: int


class News(Part, frozen=True):
    """A line of news: `kind` names its sentence in the words table, `args` fill it.

    `by` is ``player``, ``incident`` or ``board`` (what happens by itself).
    """

    kind: str
    by: str
    args: dict[str, str | int | float] = {}


class Because(Part, frozen=True):
    """The main cause of a loss: the reason that took the most, and the resource to blame."""

    reason: str
    at: str
    share: float


class Verdict(Part, frozen=True):
    """How the run ended. `cause` is ``passed`` or the objective that was missed first."""

    won: bool
    stars: int
    cause: str
    because: Because | None = None


class SandboxView(Part, frozen=True):
    """How free play is directed now: what is expected a second, each class's share, the money.

    `month_usd` is the budget that each month brings; `file` what the traffic
    comes from, if it was taken from a file.
    """

    rps: float
    shares: dict[str, float]
    bill: bool = True
    month_usd: float = 0.0
    file: str = ""


class Frame(Part, frozen=True):
    """Everything visible of one simulated second, taken at its end.

    `zones_down` are the zones that are out of power at its end; `sandbox` is
    there in free play alone.
    """

    second: int
    expected_rps: float
    counts: dict[str, Counts]
    totals: dict[str, Counts]
    latency: dict[str, Latency]
    addresses: dict[str, str | None]
    stations: tuple[StationView, ...]
    instances: tuple[InstanceView, ...]
    volumes: tuple[VolumeView, ...]
    money: Money
    goals: Goals
    snapshots: tuple[SnapshotView, ...] = ()
    resources: tuple[ResourceView, ...] = ()
    moves: tuple[MoveView, ...] = ()
    hops: tuple[Hop, ...] = ()
    samples: dict[str, Samples] = {}
    blame: tuple[Blame, ...] = ()
    news: tuple[News, ...] = ()
    verdict: Verdict | None = None
    zones_down: tuple[str, ...] = ()
    sandbox: SandboxView | None = None

    def station(self, station_id: str) -> StationView | None:
        """The station of that id, or None."""
        return next((s for s in self.stations if s.id == station_id), None)

    def instance(self, instance_id: str) -> InstanceView | None:
        """The instance of that id, or None."""
        return next((i for i in self.instances if i.id == instance_id), None)

    def volume(self, volume_id: str) -> VolumeView | None:
        """The volume of that id, or None."""
        return next((v for v in self.volumes if v.id == volume_id), None)

    def resource(self, resource_id: str) -> ResourceView | None:
        """The managed resource of that id, or None."""
        return next((r for r in self.resources if r.id == resource_id), None)

    def tightest(self) -> StationView | None:
        """The station with the least headroom; a longer waiting line breaks ties."""
        return max(self.stations, key=lambda s: (s.utilization, s.waiting_total), default=None)

    @property
    def headroom(self) -> float | None:
        """Free capacity of the tightest station as a share, or None without a station."""
        tight = self.tightest()
        return None if tight is None else max(0.0, 1.0 - tight.utilization)


def well_served_per_usd(frame: "Frame") -> int:
    """The score of an endless run: requests answered well for each dollar of the whole budget."""
    good = sum(total.good for total in frame.totals.values())
    return good * 1_000_000 // frame.money.budget_micro_usd


def sum_counts(parts: list[Counts]) -> Counts:
    """All classes together."""
    failed: dict[str, int] = {}
    for part in parts:
        for reason, n in part.failed.items():
            failed[reason] = failed.get(reason, 0) + n
    return Counts(
        demanded=sum(p.demanded for p in parts),
        good=sum(p.good for p in parts),
        late=sum(p.late for p in parts),
        failed=failed,
        in_flight=sum(p.in_flight for p in parts),
        attempts=sum(p.attempts for p in parts),
    )
