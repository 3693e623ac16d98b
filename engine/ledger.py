"""Meters, the running bill, the invoice. All money is in integer micro-dollars.

Whatever its length, a run is billed as one month: time and usage are multiplied
by the month factor, 730 h / duration, and minimums and rounding are applied in
billed time. Every charge goes to a line and to the cash at once.
"""

from dataclasses import dataclass, field

from engine.catalog import CATALOG
from engine.frame import MeterLine, Money

BILLED_MONTH_S = CATALOG.month_hours * 3_600


@dataclass(slots=True)
class HourMeter:
    """Something billed by the second while it runs, with a minimum at each start.

    `booked` is whether it is about to run: no charge yet, but a cost to come.
    """

    hour_micro_usd: int
    minimum_s: int
    booked: bool = False
    closed_s: int = 0
    since_us: int | None = None

    unit = "h"

    def start(self, now_us: int) -> None:
        """It runs from now on."""
        self.booked, self.since_us = False, now_us

    def stop(self, now_us: int, duration_s: int) -> None:
        """It stops; what was begun is rounded up to a whole billed second."""
        self.closed_s += self._running_s(now_us, duration_s, round_up=True)
        self.booked, self.since_us = False, None

    def _running_s(self, now_us: int, duration_s: int, *, round_up: bool) -> int:
        if self.since_us is None:
            return 0
        numerator = (now_us - self.since_us) * BILLED_MONTH_S
        denominator = duration_s * 1_000_000
        billed_s = -(-numerator // denominator) if round_up else numerator // denominator
        return max(self.minimum_s, billed_s)

    def billed_s(self, now_us: int, duration_s: int) -> int:
        """Billed seconds so far."""
        return self.closed_s + self._running_s(now_us, duration_s, round_up=False)

    def quantity(self, now_us: int, duration_s: int) -> float:
        """Billed hours so far."""
        return self.billed_s(now_us, duration_s) / 3_600

    def amount(self, now_us: int, duration_s: int) -> int:
        """Micro-dollars so far."""
        return self.hour_micro_usd * self.billed_s(now_us, duration_s) // 3_600

    def month_micro_usd(self) -> int:
        """What it costs for a month as it stands."""
        stands = self.booked or self.since_us is not None
        return self.hour_micro_usd * CATALOG.month_hours if stands else 0

    @property
    def price(self) -> int:
        """Micro-dollars for one unit."""
        return self.hour_micro_usd


@dataclass(slots=True)
class MonthMeter:
    """Something billed by its size and the share of a month that it stands: GB, IOPS.

    `booked` is whether it is about to stand: no charge yet, but a cost to come.
    """

    unit: str
    unit_micro_usd: int
    size: int
    booked: bool = False
    closed: int = 0
    since_us: int | None = None

    def start(self, now_us: int) -> None:
        """It stands from now on."""
        self.booked, self.since_us = False, now_us

    def stop(self, now_us: int, duration_s: int) -> None:
        """It goes."""
        self.closed = self._size_us(now_us)
        self.booked, self.since_us = False, None

    def resize(self, now_us: int, size: int) -> None:
        """It is of another size from now on."""
        if self.since_us is not None:
            self.closed, self.since_us = self._size_us(now_us), now_us
        self.size = size

    def _size_us(self, now_us: int) -> int:
        running = 0 if self.since_us is None else now_us - self.since_us
        return self.closed + self.size * running

    def quantity(self, now_us: int, duration_s: int) -> float:
        """Unit-months so far."""
        return self._size_us(now_us) / (duration_s * 1_000_000)

    def amount(self, now_us: int, duration_s: int) -> int:
        """Micro-dollars so far."""
        return self.unit_micro_usd * self._size_us(now_us) // (duration_s * 1_000_000)

    def month_micro_usd(self) -> int:
        """What it costs for a month as it stands."""
        stands = self.booked or self.since_us is not None
        return self.unit_micro_usd * self.size if stands else 0

    @property
    def price(self) -> int:
        """Micro-dollars for one unit."""
        return self.unit_micro_usd


@dataclass(slots=True)
class UsageMeter:
    """Something billed by use: `used` is in billionths of the unit (bytes of a GB)."""

    unit: str
    unit_micro_usd: int
    used: int = 0

    def add(self, billionths: int) -> None:
        """Use some more."""
        self.used += billionths

    def quantity(self, now_us: int, duration_s: int) -> float:
        """Units so far, as in a month."""
        return self.used * BILLED_MONTH_S / (duration_s * 1_000_000_000)

    def amount(self, now_us: int, duration_s: int) -> int:
        """Micro-dollars so far."""
        return self.unit_micro_usd * self.used * BILLED_MONTH_S // (duration_s * 1_000_000_000)

    def month_micro_usd(self) -> int:
        """Use is not a standing cost; the ledger adds its trend."""
        return 0

    @property
    def price(self) -> int:
        """Micro-dollars for one unit."""
        return self.unit_micro_usd


Meter = HourMeter | MonthMeter | UsageMeter


@dataclass(slots=True)
class _Line:
    """A line of the bill; `free` and `free_quantity` are what ran while nothing was charged.

    `seen` is the quantity up to which that is known.
    """

    resource: str
    name: str
    meter: Meter
    counted: bool
    charged: int = 0
    free: int = 0
    free_quantity: float = 0.0
    seen: float = 0.0


@dataclass(slots=True)
class Ledger:
    """The account of a run: its meters, its cash, and the lines of the bill.

    `duration_s` is what is billed as one month, and `ends_s` when the month in
    course ends; each brings `month_budget_micro_usd`. `demand_ahead` is how much
    more is expected each second from now on than so far. Without `bill` nothing
    is charged.
    """

    budget_micro_usd: int
    duration_s: int
    demand_ahead: float = 1.0
    bill: bool = True
    ends_s: int = field(init=False)
    month_budget_micro_usd: int = field(init=False)
    cash_micro_usd: int = field(init=False)
    _lines: list[_Line] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cash_micro_usd = self.month_budget_micro_usd = self.budget_micro_usd
        self.ends_s = self.duration_s

    def begin_month(self) -> None:
        """Another month begins, with money for it."""
        self.ends_s += self.duration_s
        self._grant(self.month_budget_micro_usd)

    def set_month_budget(self, micro_usd: int) -> None:
        """Each month brings so much, the one in course as well."""
        self._grant(micro_usd - self.month_budget_micro_usd)
        self.month_budget_micro_usd = micro_usd

    def _grant(self, micro_usd: int) -> None:
        self.budget_micro_usd += micro_usd
        self.cash_micro_usd += micro_usd

    def switch(self, now_s: float, *, bill: bool) -> None:
        """Charge from now on, or no longer; what ran in between is never charged."""
        self.settle(now_s)
        self.bill = bill
        for line in self._lines:
            line.seen = line.meter.quantity(micros(now_s), self.duration_s)

    def add(self, resource: str, name: str, meter: Meter, *, counted: bool = True) -> Meter:
        """Put a meter on the bill; what is not counted does not touch the cash."""
        self._lines.append(_Line(resource, name, meter, counted))
        return meter

    def settle(self, now_s: float) -> None:
        """Charge everything up to `now_s`."""
        now_us = micros(now_s)
        for line in self._lines:
            due = line.meter.amount(now_us, self.duration_s) - line.free - line.charged
            if not self.bill:
                quantity = line.meter.quantity(now_us, self.duration_s)
                line.free_quantity += quantity - line.seen
                line.free, line.seen = line.free + due, quantity
                continue
            line.charged += due
            if line.counted:
                self.cash_micro_usd -= due

    @property
    def spent_micro_usd(self) -> int:
        """What has been charged against the budget."""
        return sum(line.charged for line in self._lines if line.counted)

    def spent_on(self, resource: str) -> int:
        """What one resource has cost so far, in micro-dollars."""
        return sum(line.charged for line in self._lines if line.resource == resource)

    def rate_month_micro_usd(self, resource: str | None = None) -> int:
        """What the board (or one resource of it) costs for a month as it stands."""
        return sum(
            line.meter.month_micro_usd()
            for line in self._lines
            if line.counted and resource in (None, line.resource)
        )

    def money(self, now_s: float) -> Money:
        """The account as a frame shows it; settled at `now_s`."""
        now_us = micros(now_s)
        rate = self.rate_month_micro_usd() + self._usage_trend(now_s)
        return Money(
            budget_micro_usd=self.budget_micro_usd,
            cash_micro_usd=self.cash_micro_usd,
            spent_micro_usd=self.spent_micro_usd,
            uncounted_micro_usd=sum(line.charged for line in self._lines if not line.counted),
            rate_month_micro_usd=rate,
            forecast_micro_usd=self.forecast_micro_usd(now_s),
            lines=tuple(
                MeterLine(
                    resource=line.resource,
                    meter=line.name,
                    unit=line.meter.unit,
                    quantity=round(
                        line.meter.quantity(now_us, self.duration_s) - line.free_quantity, 6
                    ),
                    unit_price_micro_usd=line.meter.price,
                    amount_micro_usd=line.charged,
                    counted=line.counted,
                )
                for line in self._lines
                if line.charged
            ),
        )

    def forecast_micro_usd(self, now_s: float) -> int:
        """What will have been spent at the month's end if the board stays; settled at `now_s`.

        What stands goes on, and what is used goes with the demand to come.
        """
        if not self.bill:
            return self.spent_micro_usd
        left_s = max(0, self.ends_s - now_s)
        rate = self.rate_month_micro_usd() + round(self._usage_trend(now_s) * self.demand_ahead)
        return self.spent_micro_usd + int(rate * left_s // self.duration_s)

    def _usage_trend(self, now_s: float) -> int:
        """A month of counted use, if it goes on as it has on average so far."""
        used = sum(
            line.charged
            for line in self._lines
            if line.counted and isinstance(line.meter, UsageMeter)
        )
        return int(used * self.duration_s // now_s) if now_s > 0 else 0


def micros(seconds: float) -> int:
    """Simulated seconds as whole microseconds."""
    return round(seconds * 1_000_000)
