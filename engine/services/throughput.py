"""What a table of DynamoDB may be asked a second of one kind, reads or writes, and its bill.

Provisioned, that is what was asked for, or what auto scaling makes of it. On
demand it is what a new table serves, or twice the best minute of its past.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from engine.catalog import DynamoDb, DynamoUnits
from engine.flow.table import Capacity, UnitsSecond
from engine.ledger import Meter, MonthMeter, UsageMeter, micros
from engine.scenario import CapacityMode

ON_DEMAND: CapacityMode = "on_demand"
PROVISIONED: CapacityMode = "provisioned"

UNIT = 1_000
"""A request unit in billionths of a million, as usage is metered."""

MINUTE_S = 60


@dataclass(slots=True, eq=False)
class Throughput:
    """Capacity of one kind. All figures are units a second unless they say otherwise.

    `asked` is what the player provisioned, and the least that auto scaling goes
    down to. `peak` is its best minute that counts by now, `peaks` are better
    ones that will, each with the second in which it was reached.
    `minute_units` is what the minute that runs has used; `over` and `under`
    count minutes above the target of auto scaling, and far below it.
    """

    figures: DynamoDb
    kind: DynamoUnits
    capacity: Capacity
    provisioned: MonthMeter
    used: UsageMeter
    asked: int
    peak: int = 0
    peaks: list[tuple[int, int]] = field(default_factory=list)
    minute_units: float = 0.0
    over: int = 0
    under: int = 0

    @property
    def on_demand_s(self) -> int:
        """What it serves on demand."""
        most = max(self.kind.new_s, self.figures.growth * self.peak)
        return min(self.figures.max_units, most)

    def fit(self, mode: CapacityMode, provisioned: int, now: float) -> None:
        """Let it be asked, and billed, what it now serves; what it keeps unused stays kept."""
        if mode == ON_DEMAND:
            # It serves at least what was provisioned before.
            self.peak = max(self.peak, -(-self.provisioned.size // self.figures.growth))
            self.provisioned.resize(micros(now), 0)
            self.capacity.change(float(self.on_demand_s), 1.0, now)
        else:
            before = self.provisioned.size
            self.provisioned.resize(micros(now), provisioned)
            self.capacity.change(float(provisioned), float(self.figures.burst_s), now)
            if not before:
                self.capacity.drain()  # on demand nothing is kept
            if provisioned != before:
                self.over = self.under = 0

    def judge_second(self, mode: CapacityMode, done: UnitsSecond) -> None:
        """Bill what was used on demand, and count it to the minute that runs."""
        if mode == ON_DEMAND:
            self.used.add(round(done.used * UNIT))
        self.minute_units += done.used

    def close_minute(self, now_s: int) -> float:
        """Its mean; if that is the best so far it will count as a peak."""
        mean, self.minute_units = self.minute_units / MINUTE_S, 0.0
        if round(mean) > (self.peaks[-1][1] if self.peaks else self.peak):
            self.peaks.append((now_s, round(mean)))
        return mean

    def grow(self, now_s: int) -> bool:
        """Let peaks count that are old enough; whether it serves more on demand by that."""
        before, counts_s = self.on_demand_s, now_s - self.figures.growth_s
        while self.peaks and self.peaks[0][0] <= counts_s:
            self.peak = max(self.peak, self.peaks.pop(0)[1])
        return self.on_demand_s > before

    def scaled(self, mean: float) -> int:
        """What auto scaling provisions after a minute with that mean.

        More after some minutes over the target, less after more of them far
        below it; between the two, what there is.
        """
        figures, size = self.figures, self.provisioned.size
        share = mean / size
        self.over = self.over + 1 if share > figures.auto_target else 0
        low = figures.auto_target * figures.auto_low_share
        self.under = self.under + 1 if share < low else 0
        if self.over < figures.auto_out and self.under < figures.auto_in:
            return size
        wanted = max(self.asked, math.ceil(mean / figures.auto_target))
        return min(figures.max_units, wanted)


def make(
    figures: DynamoDb,
    kind: DynamoUnits,
    mode: CapacityMode,
    asked: int,
    now: float,
    bill: Callable[[str, Meter], Meter],
) -> Throughput:
    """Capacity of a new table; `bill` puts a meter on its bill, as capacity or as requests."""
    per_s = kind.new_s if mode == ON_DEMAND else asked
    capacity = Capacity(float(per_s), 1.0, float(kind.partition_s), now)
    provisioned = MonthMeter(f"{kind.unit}-month", kind.month_micro_usd, 0, booked=True)
    used = UsageMeter("M units", round(kind.million_usd * 1_000_000))
    bill("capacity", provisioned)
    bill("requests", used)
    return Throughput(figures, kind, capacity, provisioned, used, asked)
