"""What the screen remembers of a run, second by second: series for the charts, news, blame.

Frames come in one by one; a second that comes again replaces the old one. Any
second can be the present, so that a replay can be scrubbed: every question is
asked as of a second. Frames themselves are not kept: a series takes four bytes
a second, so that an hour of a large board stays within a few megabytes.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import nan
from typing import NamedTuple

from engine.frame import Frame, News
from tui.render.columns import Columns, Pick
from tui.render.gauges import io_rate
from tui.render.measures import measures
from tui.render.sentences import worth_telling
from tui.render.troubles import Trouble, Troubles
from tui.theme import FULL_FROM

LOAD_SPAN_S = 5
"""Utilizations on the board are the mean of this many seconds, so that eyes can follow."""

PULSE_SPAN_S = 10
"""Rates and shares beside the users are the mean of this many seconds."""


LONGEST_RUN_S = 86_400
"""No scenario is longer; a damaged recording shall not fill the memory."""

PLOTTED = (
    "connections", "reads_s", "writes_s", "slowed_s", "used_gb", "credits",
    "used_rcu", "used_wcu", "throttled_s", "lag_s", "unapplied", "sessions", "lookups_s",
)  # fmt: skip
"""Facts of a managed resource that are kept as series, ``fact/<id>/<name>``."""


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


Way = tuple[str, str]
"""From which resource to which requests went; the users are the source ""."""


class History:
    """All that was seen of one run; `second` is the newest that came in, -1 before the first."""

    def __init__(self) -> None:
        self.second = -1
        self._series: dict[str, array[float]] = {}
        self._told: list[Told] = []
        self._ways: dict[Way, str] = {}
        self._troubles = Troubles()
        self._columns = Columns()

    def add(self, frame: Frame) -> None:
        """Take in a frame; the last one of a second counts, and none beyond the longest run."""
        second = frame.second
        if not 0 <= second <= LONGEST_RUN_S:
            return
        if second < self.second:
            self._columns.clear()
        self._add_counts(frame)
        self._put("expected", second, frame.expected_rps)
        self._put("spent", second, frame.money.spent_usd)
        self._put("forecast", second, frame.money.forecast_usd)
        self._put("error_budget", second, frame.goals.error_budget_left)
        for name, latency in frame.latency.items():
            if latency.answered or latency.p99_ms:
                self._put(f"p50/{name}", second, latency.p50_ms)
                self._put(f"p95/{name}", second, latency.p95_ms)
                self._put(f"p99/{name}", second, latency.p99_ms)
        self._add_stations(frame)
        self._add_resources(frame)
        self._add_hops(frame)
        self._tell(second, frame.news)
        self._troubles.accuse(second, frame.blame)
        self._troubles.note(second, frame.samples)
        self.second = max(self.second, second)

    def _add_counts(self, frame: Frame) -> None:
        """Requests by outcome, all together and of each class; failures by reason."""
        second = frame.second
        sums: Counter[str] = Counter()
        if second <= self.second:
            for name in [n for n in self._series if n.startswith("why/")]:
                self._put(name, second, 0.0)
        for name, part in frame.counts.items():
            failed = part.failed_total
            figures = {
                "demanded": part.demanded, "good": part.good, "late": part.late,
                "failed": failed, "bad": part.late + failed, "flight": part.in_flight,
            }  # fmt: skip
            for figure, value in figures.items():
                self._put(f"{figure}/{name}", second, value)
            figures |= {f"why/{reason}": n for reason, n in part.failed.items()}
            for reason, n in part.failed.items():
                self._put(f"why/{reason}/{name}", second, n)
            sums.update(figures)
        for figure in ("demanded", "good", "late", "failed", "bad", "flight"):
            self._put(figure, second, sums.pop(figure, 0))
        for figure, value in sums.items():
            self._put(figure, second, value)

    def _add_stations(self, frame: Frame) -> None:
        """Each place, and how busy the busiest one of a resource was if it lived that second."""
        second = frame.second
        busy: dict[str, float] = {}
        off = [i.id for i in frame.instances if i.state in ("pending", "stopped")]
        for station in frame.stations:
            waiting = station.waiting_total
            lived = self.value(f"load/{station.id}", second - 1) is not None
            if lived and station.resource not in off:
                busy[station.resource] = max(busy.get(station.resource, 0.0), station.utilization)
            self._put(f"load/{station.id}", second, station.utilization)
            self._put(f"waiting/{station.id}", second, waiting)
            self._put(f"tasks/{station.id}", second, waiting + station.running_total)
            self._put(f"served/{station.id}", second, station.served)
            if station.served:
                self._put(f"wait/{station.id}", second, station.wait_ms)
            if (self.load(station.id, second) or 0.0) >= FULL_FROM:
                since = self.full_since(station.id, second - 1)
                self._put(f"since/{station.id}", second, second if since is None else since)
        for resource, share in busy.items():
            self._put(f"busy/{resource}", second, share)
        tight = frame.tightest()
        if tight is not None:
            self._put("tightest", second, tight.utilization)

    def _add_resources(self, frame: Frame) -> None:
        """How full volumes are, credits, and what else changes by itself."""
        second = frame.second
        stations = {station.resource: station for station in frame.stations}
        for volume in frame.volumes:
            self._put(f"used/{volume.id}", second, volume.used_gb)
            if volume.id in stations:
                self._put(f"iops/{volume.id}", second, io_rate(volume, stations[volume.id]))
        for instance in frame.instances:
            if instance.credits is not None:
                self._put(f"credits/{instance.id}", second, instance.credits)
        for resource in frame.resources:
            for name in PLOTTED:
                fact = resource.facts.get(name)
                if isinstance(fact, int | float):
                    self._put(f"fact/{resource.id}/{name}", second, fact)
        for name, value in measures(frame):
            self._put(name, second, value)

    def _add_hops(self, frame: Frame) -> None:
        """Requests by the way they went; a way once seen has a figure in every second since."""
        went = {(hop.source, hop.target): hop.count for hop in frame.hops}
        for way in went:
            self._ways.setdefault(way, f"hop/{way[0]}>{way[1]}")
        for way, name in self._ways.items():
            self._put(name, frame.second, went.get(way, 0))

    def cut(self, second: int) -> None:
        """Forget everything after a second: a run goes on from there another way."""
        for series in self._series.values():
            del series[second + 1 :]
        del self._told[bisect_right(self._told, second, key=_second_of) :]
        self._troubles.cut(second)
        self._columns.clear()
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
        pick: Pick = max,
    ) -> list[float | None]:
        """A series for a chart: for each column of `step_s` seconds what `pick` makes of it.

        Nothing after `until` is shown. A column shorter than a second repeats
        the second it lies in; one without data is None, a gap.
        """
        series = self._series.get(name)
        if series is None or columns <= 0:
            return [None] * columns
        newest = self.second
        return self._columns.curve(name, series, start_s, step_s, columns, until, newest, pick)

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

    def hops(self, second: int) -> dict[Way, float] | None:
        """Requests a second by way over the last seconds; None of a run that has not told."""
        if not self._ways:
            return None
        means = {way: self.mean(name, second, LOAD_SPAN_S) for way, name in self._ways.items()}
        return {way: mean for way, mean in means.items() if mean}

    def news(self, second: int, limit: int) -> list[Told]:
        """The newest lines of news as of a second, newest first."""
        stop = bisect_right(self._told, second, key=_second_of)
        return self._told[max(0, stop - limit) : stop][::-1]

    def told_between(self, first: float, last: int) -> Iterator[Told]:
        """All news from `first` to `last`, oldest first."""
        start = bisect_left(self._told, first, key=_second_of)
        yield from self._told[start : bisect_right(self._told, last, key=_second_of)]

    def blame(
        self, second: int, span_s: int = 60, request_class: str | None = None
    ) -> Counter[tuple[str, str]]:
        """Requests that failed or were late over the last seconds, by (reason, place)."""
        return self._troubles.blamed(second, span_s, request_class)

    def reasons(self, request_class: str | None = None) -> tuple[str, ...]:
        """Every reason for which requests (of a class) have failed, in order of their coming."""
        found = (name.split("/") for name in self._series if name.startswith("why/"))
        wanted = () if request_class is None else (request_class,)
        return tuple(reason for _, reason, *of in found if tuple(of) == wanted)

    def sampled(
        self, trouble: Trouble, request_class: str, second: int, *, after: bool = False
    ) -> int | None:
        """The last second up to `second` (or the first after it) with a request in trouble."""
        return self._troubles.sampled(trouble, request_class, second, after=after)

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
            self._told[start:stop] = [Told(second, line) for line in worth_telling(news)]


def _second_of(told: Told) -> int:
    return told.second
