"""The arrivals: how many requests of each class in each second, and all that is random about them.

Within a second the rate changes linearly, and arrivals are a Poisson process of
that rate. What is random about a request is drawn here, when it is demanded,
from streams named by class and purpose; no choice of the player changes it.
"""

import csv
import io
import math
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.complaint import Complaint
from engine.flow.requests import STEPS, Arrivals, merge
from engine.scenario import Constant, Daily, Ramp, RequestClass, Scenario, Spike, Trace, Traffic
from engine.streams import Streams
from engine.toml import read_text

Floats = npt.NDArray[np.float64]
Curve = tuple[Floats, Floats]
"""Rate in requests per second at the left and the right end of every second."""

MAX_TRACE_BYTES = 64_000_000
MAX_RPS = 200_000.0
ALWAYS_IO = 2.0


class Demand:
    """The arrivals of a run, second by second; `second` is to be asked once for each, in order."""

    def __init__(self, scenario: Scenario, streams: Streams, folder: Path | None = None) -> None:
        self.classes = scenario.requests
        self.left, self.right = rate_curve(scenario, folder)
        self._streams = streams
        self._shares = _shares(scenario.requests, scenario.duration_s) * _surges(scenario)
        self._tables = {t.name: t for t in scenario.tables}
        self._popularity: dict[str, Floats] = {}

    def expected(self, second: int) -> float:
        """Requests expected in a second, of all classes."""
        if second >= len(self.left):
            return 0.0
        return float(self.left[second] + self.right[second]) / 2

    @property
    def expected_total(self) -> float:
        """Requests expected in the whole run."""
        return float((self.left + self.right).sum()) / 2

    def second(self, second: int) -> Arrivals:
        """Every request that is demanded in [second, second + 1), in order of time."""
        return merge([self._arrivals(i, second) for i in range(len(self.classes))])

    def _arrivals(self, index: int, second: int) -> Arrivals:
        request, streams = self.classes[index], self._streams
        name = request.name
        past_end = second >= len(self.left)
        left, right = (0.0, 0.0) if past_end else (self.left[second], self.right[second])
        share = 0.0 if past_end else self._shares[index, second]
        n = int(streams.get(f"arrivals/{name}").poisson((left + right) / 2 * share))
        times = np.sort(streams.get(f"arrivals/{name}").random(n))
        if left != right:
            times = (
                times * (left + right) / (left + np.sqrt(left**2 + times * (right**2 - left**2)))
            )
        low, high = request.retry.pause_s
        return Arrivals(
            time=np.minimum(second + times, np.nextafter(second + 1.0, 0.0)),
            request_class=np.full(n, index, np.int16),
            work=self._work(request, n),
            heat=self._heat(request, n),
            https=self._flags(f"https/{name}", request.https, n),
            ipv6=self._flags(f"ipv6/{name}", request.ipv6, n),
            pause=low + (high - low) * streams.get(f"pause/{name}").random(n),
            tries_left=np.full(n, request.retry.times, np.int8),
            attempt=np.ones(n, np.int8),
        )

    def _work(self, request: RequestClass, n: int) -> Floats:
        work = np.zeros((STEPS, n))
        means_ms = (request.web_ms, request.app_ms, request.data_ms)
        for step, (role, mean_ms) in enumerate(zip(("web", "app", "data"), means_ms, strict=True)):
            if mean_ms > 0:
                stream = self._streams.get(f"work/{request.name}/{role}")
                work[step] = _draw_work(request, stream, n) * (mean_ms / 1_000)
        return work

    def _heat(self, request: RequestClass, n: int) -> Floats:
        if request.data != "read" or request.table is None or not request.data_io:
            return np.full(n, ALWAYS_IO)
        table = self._tables[request.table]
        if table.name not in self._popularity:
            self._popularity[table.name] = zipf_cumulative(table.keys, table.zipf)
        draws = self._streams.get(f"key/{request.name}").random(n)
        ranks = np.searchsorted(self._popularity[table.name], draws, side="right")
        return ranks / table.keys

    def _flags(self, stream: str, share: float, n: int) -> npt.NDArray[np.bool_]:
        if share in (0.0, 1.0):
            return np.full(n, bool(share))
        return self._streams.get(stream).random(n) < share


def _draw_work(request: RequestClass, stream: np.random.Generator, n: int) -> Floats:
    """n draws of mean 1."""
    if request.work == "exponential":
        return stream.standard_exponential(n)
    if request.work == "fixed":
        return np.ones(n)
    variance = math.log1p(request.cv**2)
    return stream.lognormal(-variance / 2, math.sqrt(variance), n)


def zipf_cumulative(keys: int, exponent: float) -> Floats:
    """Share of the asks that go to the k most popular keys, k = 1..keys; shape (keys,)."""
    # Python's own power: numpy's differs in the last bit between processors.
    weights = np.array([rank**-exponent for rank in range(1, keys + 1)])
    cumulative = np.cumsum(weights)
    return np.asarray(cumulative / cumulative[-1])


def _shares(classes: tuple[RequestClass, ...], duration_s: int) -> Floats:
    """Each class's share of each second's demand; shape (classes, seconds), columns sum to 1."""
    seconds = np.arange(duration_s, dtype=np.float64)
    weights = np.zeros((len(classes), duration_s))
    for index, request in enumerate(classes):
        if isinstance(request.share, tuple):
            at, weight = zip(*request.share, strict=True)
            weights[index] = np.interp(seconds, at, weight)
        else:
            weights[index] = request.share
    total = weights.sum(axis=0)
    return np.asarray(weights / np.where(total > 0, total, 1.0))


def _surges(scenario: Scenario) -> Floats:
    """What incidents multiply each class's demand by in each second; shape (classes, seconds)."""
    surges = np.ones((len(scenario.requests), scenario.duration_s))
    for incident in scenario.incidents:
        during = slice(incident.at_s, incident.at_s + incident.duration_s)
        if incident.kind == "traffic_spike":
            surges[:, during] *= incident.factor
        elif incident.kind == "bot_attack":
            index = [r.name for r in scenario.requests].index(str(incident.target))
            surges[index, during] *= incident.factor
    return surges


def rate_curve(scenario: Scenario, folder: Path | None = None) -> Curve:
    """The scenario's expected rate over time: its components added up."""
    n = scenario.duration_s
    left, right = np.zeros(n), np.zeros(n)
    for part in scenario.traffic:
        part_left, part_right = _component(part, n, folder)
        left += part_left
        right += part_right
    if left.max() > MAX_RPS or right.max() > MAX_RPS:
        peak = max(float(left.max()), float(right.max()))
        raise Complaint("traffic", f"{peak:,.0f} requests a second", f"at most {MAX_RPS:,.0f}")
    return left, right


def _component(part: Traffic, n: int, folder: Path | None) -> Curve:
    edges = np.arange(n + 1, dtype=np.float64)
    start = part.start_s
    end = n if isinstance(part, (Spike, Trace)) or part.end_s is None else min(part.end_s, n)
    match part:
        case Constant():
            rates = np.full(n + 1, part.rps)
        case Ramp():
            rates = np.interp(edges, (start, max(end, start + 1)), (part.from_rps, part.to_rps))
            end = n
        case Daily():
            middle, half = (part.high_rps + part.low_rps) / 2, (part.high_rps - part.low_rps) / 2
            turns = (2 * math.pi * (second - start) / part.period_s for second in range(n + 1))
            rates = np.array([middle - half * math.cos(turn) for turn in turns])
        case Spike():
            up = start + part.rise_s
            down = up + part.hold_s
            rates = np.interp(
                edges, (start, up, down, down + part.fall_s), (0, part.rps, part.rps, 0)
            )
        case Trace():
            rates, last = _trace_rates(part, edges, folder)
            end = min(n, last)
    left, right = rates[:-1].copy(), rates[1:].copy()
    outside = (np.arange(n) < start) | (np.arange(n) >= end)
    left[outside] = 0.0
    right[outside] = 0.0
    return left, right


def _trace_rates(part: Trace, edges: Floats, folder: Path | None) -> tuple[Floats, int]:
    """A trace's rate at whole seconds of the run, and the second at which it ends."""
    path = Path(part.file) if folder is None else folder / part.file
    seconds, rps = read_trace(path)
    if part.from_s >= seconds[-1]:
        raise Complaint(
            f"{path}", f"from_s = {part.from_s} is after its last row", f"less than {seconds[-1]:g}"
        )
    at = (seconds - part.from_s) / part.faster + part.start_s
    return np.interp(edges, at, rps * part.scale), math.ceil(at[-1])


def read_trace(path: Path) -> tuple[Floats, Floats]:
    """The rows of a CSV of ``second,rps``; the rate changes linearly from row to row.

    Raises Complaint, with the line's number, for text, gaps, negative or
    non-finite numbers, or seconds that do not grow.
    """
    text = read_text(path, "traffic", MAX_TRACE_BYTES)
    reader = csv.reader(io.StringIO(text))
    seconds: list[float] = []
    rates: list[float] = []
    try:
        header = [cell.strip() for cell in next(reader, [])]
        if header != ["second", "rps"]:
            raise Complaint(f"{path}:1", f"columns {','.join(header)[:60]}", "columns second,rps")
        for row in reader:
            where = f"{path}:{reader.line_num}"
            second, rate = _trace_row(row, where)
            if seconds and second <= seconds[-1]:
                raise Complaint(
                    where, f"second {second:g} does not grow", f"more than {seconds[-1]:g}"
                )
            seconds.append(second)
            rates.append(rate)
    except csv.Error as error:
        raise Complaint(f"{path}:{reader.line_num}", f"is not CSV: {error}") from None
    if len(seconds) < 2:
        raise Complaint(str(path), f"has {len(seconds)} rows", "at least 2 rows of second,rps")
    return np.array(seconds), np.array(rates)


def _trace_row(row: list[str], where: str) -> tuple[float, float]:
    if len(row) != 2 or not all(cell.strip() for cell in row):
        raise Complaint(where, f"row '{','.join(row)[:60]}' has a gap", "two numbers: second,rps")
    try:
        second, rate = float(row[0]), float(row[1])
    except ValueError:
        raise Complaint(where, f"row '{','.join(row)[:60]}'", "two numbers: second,rps") from None
    if not (math.isfinite(second) and math.isfinite(rate)) or second < 0 or not rate <= MAX_RPS:
        raise Complaint(where, f"row '{','.join(row)[:60]}'", "finite numbers, not negative")
    if rate < 0:
        raise Complaint(where, f"{rate:g} requests a second", "not negative")
    return second, rate
