"""A station gives the same departures however time is cut, and works on exactly what is left."""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.flow.station import Station


class Jobs(NamedTuple):
    times: list[float]
    work: list[float]


jobs = st.lists(st.tuples(st.floats(0.0, 20.0), st.floats(0.0, 3.0)), min_size=1, max_size=60).map(
    lambda pairs: Jobs([t for t, _ in sorted(pairs)], [w for _, w in sorted(pairs)])
)


def run(station: Station, jobs: Jobs, cuts: list[float]) -> tuple[dict[int, float], set[int]]:
    """End of every request served, and which were refused."""
    times, work = np.array(jobs.times), np.array(jobs.work)
    ends: dict[int, float] = {}
    refused: set[int] = set()
    first = 0
    for cut in [*sorted(cuts), 1_000.0]:
        last = int(np.searchsorted(times, cut, side="left"))
        ids = np.arange(first, last)
        lost, gone = station.pass_through(ids, times[first:last], work[first:last], cut)
        refused |= {first + i for i in lost}
        ends |= dict(zip(gone.ids.tolist(), gone.end.tolist(), strict=True))
        first = last
    return ends, refused


def by_hand(jobs: Jobs, servers: int, room: int) -> tuple[dict[int, float], set[int]]:
    """The same queue, told request by request over plain lists."""
    free = [0.0] * servers
    starts: list[float] = []
    ends: dict[int, float] = {}
    refused: set[int] = set()
    for i, (time, work) in enumerate(zip(*jobs, strict=True)):
        if sum(start > time for start in starts) >= room:
            refused.add(i)
            continue
        server = min(range(servers), key=lambda s: free[s])
        start = max(time, free[server])
        free[server] = ends[i] = start + work
        starts.append(start)
    return ends, refused


@given(jobs, st.sampled_from([1, 2, 4, 16]), st.integers(1, 9), st.lists(st.floats(0.0, 40.0)))
def test_every_chunking_gives_the_departures_worked_out_by_hand(
    jobs: Jobs, servers: int, room: int, cuts: list[float]
) -> None:
    assert run(Station("s", 0, servers, room), jobs, cuts) == by_hand(jobs, servers, room)


@given(jobs, st.sampled_from([1, 3]), st.floats(0.1, 10.0), st.floats(0.1, 4.0))
def test_a_change_of_speed_keeps_the_work_that_is_left(
    jobs: Jobs, servers: int, at: float, speed: float
) -> None:
    times, work = np.array(jobs.times), np.array(jobs.work)
    station = Station("s", 0, servers, 100)
    early = int(np.searchsorted(times, at, side="left"))
    station.pass_through(np.arange(early), times[:early], work[:early], at)
    held = station.ids.tolist()
    station.change(speed=speed)
    _, gone = station.pass_through(np.arange(0), times[:0], work[:0], 1_000.0)
    assert sorted(gone.ids.tolist()) == held
    if early <= servers:  # then nobody has waited
        left = sorted(times[held] + work[held] - at)
        after = sorted((gone.end - at) * speed)
        assert after == pytest.approx(left, abs=1e-9)


def test_fewer_servers_send_the_latest_back_to_the_head_of_the_line() -> None:
    station = Station("s", 0, 2, 9)
    station.pass_through(np.arange(3), np.array([0.0, 1.0, 1.5]), np.array([4.0, 4.0, 1.0]), 2.0)
    station.change(servers=1)
    _, gone = station.pass_through(np.arange(0), np.empty(0), np.empty(0), 100.0)
    assert gone.ids.tolist() == [0, 1, 2]
    assert gone.end.tolist() == [4.0, 7.0, 8.0]


def test_busy_time_is_counted_once() -> None:
    station = Station("s", 0, 1, 9)
    _, _ = station.pass_through(np.arange(2), np.array([0.5, 0.6]), np.array([1.0, 1.0]), 1.0)
    assert station.take_second().busy_s == 0.5
    station.pass_through(np.arange(0), np.empty(0), np.empty(0), 2.0)
    assert station.take_second().busy_s == 1.0
    station.pass_through(np.arange(0), np.empty(0), np.empty(0), 3.0)
    assert station.take_second().busy_s == 0.5


def test_what_fails_leaves_an_empty_station() -> None:
    station = Station("s", 0, 1, 9)
    station.pass_through(np.arange(3), np.zeros(3), np.ones(3), 0.5)
    assert station.fail_all().tolist() == [0, 1, 2]
    assert len(station) == 0
    _, gone = station.pass_through(np.array([7]), np.array([0.6]), np.array([0.25]), 2.0)
    assert gone.end.tolist() == [0.85]
