"""The arrivals: how many requests of each class in each second, and all that is random about them.

Within a second the rate changes linearly, and arrivals are a Poisson process of
that rate. What is random about a request is drawn here, when it is demanded,
from streams named by class and purpose; no choice of the player changes it.
"""

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.complaint import Complaint
from engine.flow.requests import STEPS, Arrivals, merge
from engine.flow.trace import MAX_RPS, Curve, between, trace_rates
from engine.scenario import Constant, Daily, Incident, Ramp, RequestClass, Scenario, Spike, Trace
from engine.streams import Streams

Floats = npt.NDArray[np.float64]
ALWAYS_IO = 2.0

ROUNDING = 1e-9
"""A class with all but so much of the demand has it alone."""


class Demand:
    """The arrivals of a run, second by second; `second` is to be asked once for each, in order.

    What is expected of seconds that were not asked for yet may still change.
    `file` is what it then comes from, if its curve was taken from a file, and
    `taken_bytes` how large all such curves were.
    """

    def __init__(self, scenario: Scenario, streams: Streams, folder: Path | None = None) -> None:
        self.classes = scenario.requests
        self._left, self._right = rate_curves(scenario, folder)
        self._own = self._left.sum(axis=0), self._right.sum(axis=0)
        self._own_file = self.file = ""
        self.taken_bytes = 0
        self._expected = (self._left + self._right).sum(axis=0) / 2
        self._shares = _shares(scenario.requests, scenario.duration_s)
        self._surges = np.ones_like(self._left)
        self._hot: dict[str, Floats] = {}
        for incident in scenario.incidents:
            self.befall(incident)
        self._streams = streams
        self._tables = {t.name: t for t in scenario.tables}
        self._popularity: dict[str, Floats] = {}
        self._pool, self._users_zipf = scenario.users.pool, scenario.users.zipf
        self._popular_users: Floats | None = None

    def expected(self, second: int) -> float:
        """Requests expected in a second, of all classes."""
        return float(self._expected[second]) if second < len(self._expected) else 0.0

    def expected_between(self, first: int, end: int) -> float:
        """Requests expected from one second up to another."""
        return float(self._expected[first:end].sum())

    def ahead(self, second: int) -> float:
        """How many times as much is expected in a mean second from now on as in one so far."""
        so_far, left_s = float(self._expected[:second].sum()), len(self._expected) - second
        if not so_far or not left_s:
            return 1.0
        return (float(self._expected[second:].sum()) / left_s) / (so_far / second)

    def befall(self, incident: Incident) -> None:
        """Let a crowd, bots or a hot key come in the seconds of an incident; other kinds do not.

        Nobody expects them: the error budget does not grow with them.
        """
        during = slice(incident.at_s, incident.at_s + incident.duration_s)
        if incident.kind == "traffic_spike":
            self._surges[:, during] *= incident.factor
        elif incident.kind == "bot_attack":
            index = [r.name for r in self.classes].index(str(incident.target))
            self._surges[index, during] *= incident.factor
        elif incident.kind == "hot_key":
            none = np.zeros(len(self._expected))
            hot = self._hot.setdefault(str(incident.target), none)
            hot[during] = np.maximum(hot[during], incident.factor)

    def shares(self, second: int) -> dict[str, float]:
        """Each class's share of what is expected in a second, whether or not anything is."""
        mix = self._mix(slice(second, second + 1))[:, 0].tolist()
        return {request.name: share for request, share in zip(self.classes, mix, strict=True)}

    def largest_surge(self, first: int, end: int) -> float:
        """How many times what is expected incidents bring at most, from a second up to another."""
        return float(self._surges[:, first:end].max(initial=1.0))

    def peak(self, first: int, end: int) -> float:
        """The highest rate that comes, from one second up to another, with all incidents."""
        left, right = (
            side[:, first:end] * self._surges[:, first:end] for side in (self._left, self._right)
        )
        return float(np.maximum(left.sum(axis=0), right.sum(axis=0)).max(initial=0.0))

    def set_rate(self, second: int, rps: float | None) -> None:
        """Expect so much from a second on, in the same mix.

        None is the curve that was taken last, or the scenario's own. Requests are
        still drawn from the same streams, each second when it comes.
        """
        self.file = self._own_file if rps is None else ""
        if rps is None:
            left, right = (own[second:] for own in self._own)
        else:
            left = right = np.full(len(self._expected) - second, rps)
        self._expect(second, left, right, self._mix(slice(second, None)))

    def take_curve(self, second: int, curve: Curve, file: str) -> None:
        """Expect what a curve says from a second on, in the same mix; nothing where it ends."""
        for own, side in zip(self._own, curve, strict=True):
            own[second:] = 0.0
            own[second : second + len(side)] = side[: len(own) - second]
        self._own_file = file
        self.set_rate(second, None)

    def set_share(self, second: int, index: int, share: float) -> None:
        """Expect that share of one class from a second on; the others keep to each other."""
        mix = self._mix(slice(second, None))
        left, right = (side[:, second:].sum(axis=0) for side in (self._left, self._right))
        others = 1.0 - mix[index]
        alone = others <= ROUNDING
        even = 1.0 / max(1, len(self.classes) - 1)
        mix = np.where(alone, even, mix / np.where(alone, 1.0, others)) * (1.0 - share)
        mix[index] = share
        self._expect(second, left, right, mix)

    def _mix(self, seconds: slice) -> Floats:
        """Each class's share in some seconds: of what is expected, or of what would be."""
        expected = self._left[:, seconds] + self._right[:, seconds]
        total = expected.sum(axis=0)
        return np.where(total > 0, expected / np.where(total > 0, total, 1.0),
                        self._shares[:, seconds])  # fmt: skip

    def _expect(self, second: int, left: Floats, right: Floats, mix: Floats) -> None:
        self._shares[:, second:] = mix
        self._left[:, second:], self._right[:, second:] = left * mix, right * mix
        self._expected[second:] = (left + right) / 2

    def second(self, second: int) -> Arrivals:
        """Every request that is demanded in [second, second + 1), in order of time."""
        return merge([self._arrivals(i, second) for i in range(len(self.classes))])

    def _arrivals(self, index: int, second: int) -> Arrivals:
        request, streams = self.classes[index], self._streams
        name = request.name
        surge = self._surges[index, second]
        left, right = self._left[index, second] * surge, self._right[index, second] * surge
        n = int(streams.get(f"arrivals/{name}").poisson((left + right) / 2))
        times = np.sort(streams.get(f"arrivals/{name}").random(n))
        if left != right:
            times = (
                times * (left + right) / (left + np.sqrt(left**2 + times * (right**2 - left**2)))
            )
        low, high = request.retry.pause_s
        luck = streams.get(f"luck/{name}").random(n)
        keys = self._keys(request, second, n)
        return Arrivals(
            time=np.minimum(second + times, np.nextafter(second + 1.0, 0.0)),
            request_class=np.full(n, index, np.int16),
            work=self._work(request, n),
            key=keys,
            heat=self._heat(request, keys),
            https=self._flags(f"https/{name}", request.https, n),
            ipv6=self._flags(f"ipv6/{name}", request.ipv6, n),
            pause=low + (high - low) * streams.get(f"pause/{name}").random(n),
            luck=luck,
            session=self._sessions(request, luck),
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

    def _keys(self, request: RequestClass, second: int, n: int) -> npt.NDArray[np.int32]:
        """Which key of its table each asks for: popular ones more often, or a hot one."""
        if request.data not in ("read", "write") or request.table is None:
            return np.zeros(n, np.int32)
        table = self._tables[request.table]
        if table.name not in self._popularity:
            self._popularity[table.name] = zipf_cumulative(table.keys, table.zipf)
        draws = self._streams.get(f"key/{request.name}").random(n)
        ranks = np.searchsorted(self._popularity[table.name], draws, side="right")
        hot = self._hot[table.name][second] if table.name in self._hot else 0.0
        if hot:
            ranks[self._streams.get(f"hot/{request.name}").random(n) < hot] = 0
        return ranks.astype(np.int32)

    def _heat(self, request: RequestClass, keys: npt.NDArray[np.int32]) -> Floats:
        """What is read may lie in memory; all else always needs I/O."""
        if request.data != "read" or request.table is None or not request.data_io:
            return np.full(len(keys), ALWAYS_IO)
        return keys / self._tables[request.table].keys

    def _sessions(self, request: RequestClass, luck: Floats) -> npt.NDArray[np.int32]:
        """Whose requests they are: where sessions matter, popular users come more often."""
        if not request.session:
            return (luck * self._pool).astype(np.int32)
        draws = self._streams.get(f"session/{request.name}").random(len(luck))
        return np.searchsorted(self._users(), draws, side="right").astype(np.int32)

    def _users(self) -> Floats:
        if self._popular_users is None:
            self._popular_users = zipf_cumulative(self._pool, self._users_zipf)
        return self._popular_users

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


def rate_curves(scenario: Scenario, folder: Path | None = None) -> Curve:
    """The expected rate of each class over time: the scenario's components added up.

    Two arrays of shape (classes, seconds).
    """
    n = scenario.duration_s
    shares = _shares(scenario.requests, n)
    left, right = np.zeros_like(shares), np.zeros_like(shares)
    for part in scenario.traffic:
        if isinstance(part, Trace):
            rates = trace_rates(part, [r.name for r in scenario.requests], n, folder)
            left += rates.left * shares + rates.left_of_class
            right += rates.right * shares + rates.right_of_class
        else:
            part_left, part_right = _component(part, n)
            left += part_left * shares
            right += part_right * shares
    peak = max(float(left.sum(axis=0).max()), float(right.sum(axis=0).max()))
    if peak > MAX_RPS:
        raise Complaint("traffic", f"{peak:,.0f} requests a second", f"at most {MAX_RPS:,.0f}")
    return left, right


def _component(part: Constant | Ramp | Daily | Spike, n: int) -> Curve:
    edges = np.arange(n + 1, dtype=np.float64)
    start = part.start_s
    end = n if isinstance(part, Spike) or part.end_s is None else min(part.end_s, n)
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
            corners = (start, up, down, down + part.fall_s)
            rates = np.interp(edges, corners, (0, part.rps, part.rps, 0))
    return between(rates, start, end)
