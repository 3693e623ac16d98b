"""What the screen remembers of a run, second by second: series for the charts, news, blame.

Frames come in one by one; a second that comes again replaces the old one. Any
second can be the present, so that a replay can be scrubbed: every question is
asked as of a second.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil, floor, nan
from typing import NamedTuple

from engine.frame import Blame, Frame, News
from tui.theme import FULL_FROM

LOAD_SPAN_S = 5
"""Utilizations on the board are the mean of this many seconds, so that eyes can follow."""

PULSE_SPAN_S = 10
"""Rates and shares beside the users are the mean of this many seconds."""


LONGEST_RUN_S = 86_400
"""No scenario is longer; a damaged recording shall not fill the memory."""


class Told(NamedTuple):
    """A line of news and its second."""

    second: int
    news: News


@dataclass(frozen=True)
class Pulse:
    """How the users fare: requests a second, and shares of what ended in the last seconds."""

    rps: float = 0.0
    good: float | None = None
    late: float = 0.0
    failed: float = 0.0


class History:
    """All that was seen of one run; `second` is the newest that came in, -1 before the first."""

    def __init__(self) -> None:
        self.second = -1
        self._series: dict[str, array[float]] = {}
        self._told: list[Told] = []
        self._blame: dict[int, tuple[Blame, ...]] = {}

    def add(self, frame: Frame) -> None:
        """Take in a frame; the last one of a second counts, and none beyond the longest run."""
        second = frame.second
        if not 0 <= second <= LONGEST_RUN_S:
            return
        counts = frame.counts.values()
        self._put("demanded", second, sum(c.demanded for c in counts))
        self._put("good", second, sum(c.good for c in counts))
        self._put("late", second, sum(c.late for c in counts))
        self._put("failed", second, sum(c.failed_total for c in counts))
        self._put("bad", second, sum(c.late + c.failed_total for c in counts))
        self._put("expected", second, frame.expected_rps)
        self._put("spent", second, frame.money.spent_usd)
        self._put("forecast", second, frame.money.forecast_usd)
        self._put("error_budget", second, frame.goals.error_budget_left)
        for name, latency in frame.latency.items():
            if latency.answered or latency.p99_ms:
                self._put(f"p50/{name}", second, latency.p50_ms)
                self._put(f"p95/{name}", second, latency.p95_ms)
                self._put(f"p99/{name}", second, latency.p99_ms)
        for station in frame.stations:
            self._put(f"load/{station.id}", second, station.utilization)
            self._put(f"waiting/{station.id}", second, station.waiting_total)
            if (self.load(station.id, second) or 0.0) >= FULL_FROM:
                since = self.full_since(station.id, second - 1)
                self._put(f"since/{station.id}", second, second if since is None else since)
        tight = frame.tightest()
        if tight is not None:
            self._put("tightest", second, tight.utilization)
        self._tell(second, frame.news)
        self._blame.pop(second, None)
        if frame.blame:
            self._blame[second] = frame.blame
        self.second = max(self.second, second)

    def cut(self, second: int) -> None:
        """Forget everything after a second: a run goes on from there another way."""
        for series in self._series.values():
            del series[second + 1 :]
        del self._told[bisect_right(self._told, second, key=_second_of) :]
        self._blame = {at: blame for at, blame in self._blame.items() if at <= second}
        self.second = min(self.second, second)

    def names(self) -> tuple[str, ...]:
        """The series there are, in the order in which they came up."""
        return tuple(self._series)

    def value(self, name: str, second: int) -> float | None:
        """A series at a second, or None where it has no data."""
        series = self._series.get(name)
        if series is None or not 0 <= second < len(series):
            return None
        value = series[second]
        return value if value == value else None

    def values(self, name: str, first: int, last: int) -> list[float]:
        """The values of a series that there are from `first` to `last`, both included."""
        series = self._series.get(name)
        if series is None:
            return []
        return [v for v in series[max(0, first) : max(0, last + 1)] if v == v]

    def mean(self, name: str, second: int, span_s: int) -> float | None:
        """The mean of a series over the last `span_s` seconds, or None without data."""
        values = self.values(name, second - span_s + 1, second)
        return sum(values) / len(values) if values else None

    def curve(
        self,
        name: str,
        start_s: float,
        step_s: float,
        columns: int,
        until: int,
        pick: Callable[[list[float]], float] = max,
    ) -> list[float | None]:
        """A series for a chart: for each column of `step_s` seconds what `pick` makes of it.

        Nothing after `until` is shown. A column shorter than a second repeats
        the second it lies in; one without data is None, a gap.
        """
        series = self._series.get(name)
        if series is None:
            return [None] * columns
        end = min(len(series), until + 1)
        found: list[float | None] = []
        for column in range(columns):
            first = ceil(start_s + column * step_s - 1e-9)
            last = ceil(start_s + (column + 1) * step_s - 1e-9)
            if last <= first:
                first = floor(start_s + column * step_s + 1e-9)
                last = first + 1
            if first < 0 or first >= end:
                found.append(None)
                continue
            values = [v for v in series[first : min(last, end)] if v == v]
            found.append(pick(values) if values else None)
        return found

    def load(self, station: str, second: int) -> float | None:
        """Utilization of a station, the mean of the last `LOAD_SPAN_S` seconds."""
        return self.mean(f"load/{station}", second, LOAD_SPAN_S)

    def full_since(self, station: str, second: int) -> int | None:
        """Since when a station has been full without a break, or None if it is not full."""
        since = self.value(f"since/{station}", second)
        return None if since is None else int(since)

    def pulse(self, second: int) -> Pulse:
        """How the users fare as of a second."""
        first = second - PULSE_SPAN_S + 1
        good, late, failed = (
            sum(self.values(name, first, second)) for name in ("good", "late", "failed")
        )
        ended = good + late + failed
        rps = self.mean("demanded", second, PULSE_SPAN_S) or 0.0
        if not ended:
            return Pulse(rps)
        return Pulse(rps, good / ended, late / ended, failed / ended)

    def news(self, second: int, limit: int) -> list[Told]:
        """The newest lines of news as of a second, newest first."""
        stop = bisect_right(self._told, second, key=_second_of)
        return self._told[max(0, stop - limit) : stop][::-1]

    def told_between(self, first: float, last: int) -> Iterator[Told]:
        """All news from `first` to `last`, oldest first."""
        start = bisect_left(self._told, first, key=_second_of)
        yield from self._told[start : bisect_right(self._told, last, key=_second_of)]

    def blame(self, second: int, span_s: int = 60) -> Counter[tuple[str, str]]:
        """Requests that failed or were late over the last seconds, by (reason, place)."""
        counts: Counter[tuple[str, str]] = Counter()
        for at in range(max(0, second - span_s + 1), second + 1):
            for blame in self._blame.get(at, ()):
                counts[blame.reason, blame.at] += blame.count
        return counts

    def _put(self, name: str, second: int, value: float) -> None:
        series = self._series.setdefault(name, array("f"))
        missing = second + 1 - len(series)
        if missing > 0:
            series.extend([nan] * missing)
        series[second] = min(value, 1e30)  # a damaged recording may hold any number

    def _tell(self, second: int, news: tuple[News, ...]) -> None:
        start = bisect_left(self._told, second, key=_second_of)
        stop = bisect_right(self._told, second, key=_second_of)
        if news or start != stop:
            self._told[start:stop] = [Told(second, line) for line in news]


def _second_of(told: Told) -> int:
    return told.second
