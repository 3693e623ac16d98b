"""The small parts of stages by themselves: token buckets, delays, meters that are resized."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.flow.delay import Delay
from engine.flow.queueing import grant
from engine.flow.store import Rate
from engine.ledger import MonthMeter

GRID = 64
"""Times are in 64ths of a second and rates whole numbers, so that floats are exact."""

arrivals = st.lists(st.integers(0, 20 * GRID), max_size=200).map(
    lambda ticks: [t / GRID for t in sorted(ticks)]
)
rates = st.integers(1, 12)
capacities = st.integers(1, 20)
cuts = st.lists(st.integers(0, 200), max_size=6)


def by_hand(
    times: list[float], level: Fraction, rate: int, capacity: int
) -> tuple[list[int], Fraction]:
    """Token by token, in exact fractions: the indices refused, and what is left at the end."""
    refused, last = [], Fraction(0)
    for index, time in enumerate(map(Fraction, times)):
        level = min(Fraction(capacity), level + rate * (time - last))
        last = time
        if level < 1:
            refused.append(index)
        else:
            level -= 1
    return refused, level


@given(arrivals, rates, capacities, st.integers(0, 20), cuts)
def test_tokens_are_granted_as_worked_out_by_hand_however_time_is_cut(
    times: list[float], rate: int, capacity: int, level: int, cuts: list[int]
) -> None:
    expected, left = by_hand(times, Fraction(level), rate, capacity)
    found: list[int] = []
    now, last = float(level), 0.0
    for first, end in pairwise([0, *sorted(min(c, len(times)) for c in cuts), len(times)]):
        refused, now, last = grant(times[first:end], now, last, rate, capacity)
        found += [first + index for index in refused]
    assert found == expected
    if times:
        assert (Fraction(now), last) == (left, times[-1])


@given(st.lists(st.floats(0.0, 100.0), max_size=300), st.floats(0.1, 50.0), st.floats(1.0, 60.0))
def test_never_more_than_what_was_there_and_what_came(
    times: list[float], rate: float, capacity: float
) -> None:
    """Between any two instants: rate × time and a full bucket, and no request more."""
    times.sort()
    refused, _, _ = grant(times, capacity, 0.0, rate, capacity)
    lost = set(refused)
    kept = [time for index, time in enumerate(times) if index not in lost]
    for first in range(len(kept)):
        for end in range(first, len(kept)):
            assert end - first + 1 <= rate * (kept[end] - kept[first]) + capacity + 1e-6


@given(arrivals, rates)
def test_whoever_comes_slower_than_the_rate_is_never_turned_away(
    times: list[float], rate: int
) -> None:
    spaced = [time + index / rate for index, time in enumerate(times)]
    assert Rate(float(rate), 1.0).turn_away(np.array(spaced)) == []


def test_a_rate_that_is_doubled_keeps_what_was_saved() -> None:
    rate = Rate(4.0, 4.0)
    assert rate.turn_away(np.zeros(6)) == [4, 5]
    rate.change(8.0)
    assert rate.turn_away(np.array([0.25] * 3)) == [2], "two came back in a quarter of a second"
    assert rate.turn_away(np.array([9.0] * 10)) == [8, 9], "and never more than eight are kept"


class Passed:
    """A delay that was carried on from cut to cut, with all that left it."""

    def __init__(self, jobs: list[tuple[float, float]], cuts: list[float]) -> None:
        self.delay = Delay("d", 0)
        self.ids: list[int] = []
        self.ends: list[float] = []
        times = np.array([time for time, _ in jobs])
        takes = np.array([took for _, took in jobs])
        first = 0
        for cut in [*sorted(cuts), 1_000.0]:
            last = int(np.searchsorted(times, cut, side="left"))
            new = np.arange(first, last)
            gone = self.delay.pass_through(new, times[new], takes[new], cut)
            assert (gone.arrived == gone.start).all(), "nobody waits"
            assert (gone.end < cut).all()
            assert (np.diff(gone.end) >= 0).all(), "in order of time"
            self.ids += gone.ids.tolist()
            self.ends += gone.end.tolist()
            first = last


jobs = st.lists(st.tuples(st.floats(0.0, 20.0), st.floats(0.0, 9.0)), max_size=60).map(sorted)


@given(jobs, st.lists(st.floats(0.0, 40.0), max_size=8))
def test_everyone_leaves_a_delay_after_its_own_time(
    jobs: list[tuple[float, float]], cuts: list[float]
) -> None:
    passed = Passed(jobs, cuts)
    assert sorted(passed.ids) == list(range(len(jobs)))
    for id, end in zip(passed.ids, passed.ends, strict=True):
        assert end == jobs[id][0] + jobs[id][1]
    assert len(passed.delay) == 0
    assert passed.delay.take_second().served == len(jobs)


def test_a_delay_is_seen_like_a_station_without_a_line() -> None:
    delay = Delay("d", 0)
    delay.pass_through(np.arange(3), np.array([0.0, 0.1, 0.2]), np.array([5.0, 0.1, 5.0]), 1.0)
    assert (delay.running_ids().tolist(), delay.waiting_ids().tolist()) == ([0, 2], [])
    second = delay.take_second()
    assert (second.served, second.wait_s, second.capacity_s) == (1, 0.0, 1.0)
    assert delay.fail_all().tolist() == [0, 2]
    assert len(delay) == 0
    gone = delay.pass_through(np.arange(0), np.empty(0), np.empty(0), 100.0)
    assert len(gone.ids) == 0


sizes = st.lists(
    st.tuples(st.integers(0, 10_000_000), st.integers(0, 5_000)), min_size=1, max_size=20
)


@given(sizes, st.integers(60, 86_400), st.integers(1, 1_000_000))
def test_a_meter_that_is_resized_adds_up_every_size_for_as_long_as_it_was(
    steps: list[tuple[int, int]], duration_s: int, price: int
) -> None:
    meter = MonthMeter("MB-month", price, steps[0][1])
    meter.start(0)
    now, size, exact = 0, steps[0][1], Fraction(0)
    for wait_us, new in steps:
        now += wait_us
        exact += Fraction(size * wait_us, duration_s * 1_000_000)
        before = meter.amount(now, duration_s)
        meter.resize(now, new)
        assert meter.amount(now, duration_s) == before, "the past stays paid"
        assert meter.month_micro_usd() == price * new
        size = new
        assert meter.amount(now, duration_s) == int(exact * price)
        assert abs(meter.quantity(now, duration_s) - float(exact)) < 1e-6
    meter.stop(now, duration_s)
    assert meter.amount(now + 10**9, duration_s) == int(exact * price)
    assert meter.month_micro_usd() == 0


def test_a_meter_that_does_not_run_yet_can_be_resized() -> None:
    meter = MonthMeter("GB-month", 100, 5, booked=True)
    meter.resize(10, 8)
    assert (meter.month_micro_usd(), meter.amount(10**9, 60)) == (800, 0)
    meter.start(0)
    assert meter.amount(60_000_000, 60) == 800
