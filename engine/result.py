"""A finished run in figures: what ``run --json`` prints."""

import msgspec
import numpy as np
import numpy.typing as npt

from engine.flow.latency import percentile_ms
from engine.flow.station import StationSecond
from engine.flow.tally import Tally
from engine.frame import Counts, Frame, MeterLine, Verdict, sum_counts


class Percentiles(msgspec.Struct, frozen=True):
    """Latency of the answered requests of the whole run, in milliseconds."""

    mean: float
    p50: float
    p95: float
    p99: float


class RunLatency(Percentiles, frozen=True):
    """Latency of all classes together, and of each."""

    classes: dict[str, Percentiles] = {}


class Requests(msgspec.Struct, frozen=True):
    """Requests of all classes together, by what came of them."""

    demanded: int
    good: int
    late: int
    failed: dict[str, int]
    in_flight: int
    attempts: int


class Cost(msgspec.Struct, frozen=True):
    """The bill of the run, as a month's."""

    budget_usd: float
    spent_usd: float
    uncounted_usd: float
    lines: tuple[MeterLine, ...]


class Result(msgspec.Struct, frozen=True):
    """The whole run in figures; `waiting_ms` and `utilization` are means per station."""

    verdict: Verdict | None
    stars: int
    seed: int
    duration_s: int
    requests: Requests
    latency_ms: RunLatency
    waiting_ms: dict[str, float]
    utilization: dict[str, float]
    error_budget_left: float
    cost: Cost
    digest: str
    frames: int


def result_of(
    frame: Frame,
    seed: int,
    tally: Tally,
    served: dict[str, StationSecond],
    digest: str,
) -> Result:
    """The figures of a run that has come to `frame`."""
    money = frame.money
    return Result(
        verdict=frame.verdict,
        stars=frame.verdict.stars if frame.verdict else 0,
        seed=seed,
        duration_s=frame.second,
        requests=_requests(sum_counts(list(frame.totals.values()))),
        latency_ms=_run_latency(tally),
        waiting_ms={
            name: round(s.wait_s / s.served * 1_000, 6) for name, s in served.items() if s.served
        },
        utilization={
            name: round(s.busy_s / s.capacity_s, 6) for name, s in served.items() if s.capacity_s
        },
        error_budget_left=frame.goals.error_budget_left,
        cost=Cost(
            budget_usd=money.budget_micro_usd / 1e6,
            spent_usd=money.spent_micro_usd / 1e6,
            uncounted_usd=money.uncounted_micro_usd / 1e6,
            lines=money.lines,
        ),
        digest=digest,
        frames=frame.second + 1,
    )


def _requests(totals: Counts) -> Requests:
    failed = dict(sorted(totals.failed.items()))
    return Requests(
        totals.demanded, totals.good, totals.late, failed, totals.in_flight, totals.attempts
    )


def _run_latency(tally: Tally) -> RunLatency:
    classes = {
        name: _percentiles(tally.histogram[i : i + 1], float(tally.latency_sum_ms[i]))
        for i, name in enumerate(tally.names)
    }
    overall = _percentiles(tally.histogram, float(tally.latency_sum_ms.sum()))
    return RunLatency(overall.mean, overall.p50, overall.p95, overall.p99, classes)


def _percentiles(histogram: npt.NDArray[np.int64], sum_ms: float) -> Percentiles:
    counts = histogram.sum(axis=0)
    answered = int(counts.sum())
    p50, p95, p99 = (round(percentile_ms(counts, share), 3) for share in (0.50, 0.95, 0.99))
    return Percentiles(round(sum_ms / answered, 6) if answered else 0.0, p50, p95, p99)
