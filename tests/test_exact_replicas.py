"""Replicas and shards, request by request: the same as in the event-per-request model.

A master does the writes, its replicas apply them behind and between the reads,
reads that would see what is too old fail; each key is asked for on its shard.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.flow.replica import Writes
from engine.flow.routes import spread
from tests.event_model import MachineKind, database
from tests.event_replica import RouteKind
from tests.exact import (
    REQUESTS,
    Case,
    Change,
    Engine,
    difference_s,
    draw,
    expected_counts,
    final_counts,
    last_s,
    run_model,
)
from tests.test_exact import TOLERANCE_S, page, pieces, slow, start, stop

COUNT = REQUESTS // 4
CLASSES = (
    page("read", share=0.4, data="read", data_ms=4.0, data_io=1),
    page("fresh", share=0.2, data="read", data_ms=3.0, data_io=1, max_lag_s=0.02),
    page("exact", share=0.1, data="read", data_ms=2.0, data_io=0, max_lag_s=0.0),
    page("write", share=0.2, data="write", data_ms=5.0, data_io=3),
    page("quick", share=0.1, data="write", data_ms=1.0, data_io=0),
)
BOX, MASTER, SMALL = MachineKind(8, 900), database(4, 300), database(1, 40)
FOLLOWER = replace(SMALL, room=9_000)  # what it applies takes no connection, and always has room
SLOW = replace(database(2, 60, speed=0.5), room=9_000)
KINDS = {"w": BOX, "m": MASTER, "r1": FOLLOWER, "r2": SLOW}
ADDRESSES = {"web": "w", "app": "w", "db": "m"}
READERS = {"m": RouteKind(("m", "r1", "r2"))}
FOLLOWERS = {"m": ("r1", "r2")}
SHARDS = {"set": RouteKind(("s1", "s2", "s3"), by_key=True)}
SHARDED = {"w": BOX, "s1": SMALL, "s2": database(1, 30), "s3": SMALL}


def replicated(rps: float, *changes: Change, **more: object) -> Case:
    """A machine in front, a master and two replicas."""
    values: dict[str, object] = {
        "kinds": KINDS, "classes": CLASSES, "addresses": ADDRESSES, "hop_s": 0.0005,
        "followers": FOLLOWERS, "routes": READERS, "keys": 1_000,
    }  # fmt: skip
    return Case(rps=rps, changes=changes, **(values | more))  # type: ignore[arg-type]


CASES = {
    "quiet": replicated(120.0),
    "busy": replicated(330.0),
    "too many connections": replicated(520.0),
    "long way": replicated(200.0, hop_s=0.3),
    "a replica slows down": replicated(220.0, slow(1.0, 0.2, "r1"), slow(3.0, 1.0, "r1")),
    "a replica dies": replicated(330.0, stop(1.2345, "r2"), start(3.1, KINDS["r2"], "r2")),
    "the master dies": replicated(400.0, stop(1.2345, "m"), start(2.6, MASTER, "m")),
    "reads stay": replicated(180.0, routes={}),
    "shards": replicated(
        260.0, kinds=SHARDED, addresses=ADDRESSES | {"db": "set"}, followers={}, routes=SHARDS
    ),
    "a shard dies": replicated(
        520.0, stop(1.2345, "s2"), start(3.1, SHARDED["s2"], "s2"), kinds=SHARDED,
        addresses=ADDRESSES | {"db": "set"}, followers={}, routes=SHARDS,
    ),
    "shards with readers": replicated(
        300.0, kinds=KINDS | {"s2": SMALL}, addresses=ADDRESSES | {"db": "set"},
        routes=READERS | {"set": RouteKind(("s2", "m"), by_key=True)},
    ),
}  # fmt: skip

SEEN = {
    "quiet": {"good", "stale_read"},
    "busy": {"good", "late", "stale_read"},
    "too many connections": {"too_many_connections", "stale_read"},
    "a replica dies": {"connection_refused", "bad_gateway", "stale_read"},
    "the master dies": {"connection_refused"},
    "a shard dies": {"connection_refused"},
}
"""What each case must meet, or its equality would be empty."""


@pytest.mark.parametrize("name", CASES)
def test_every_request_is_the_same(name: str) -> None:
    case = CASES[name]
    arrivals = draw(case, COUNT)
    attempts = run_model(case, arrivals)
    assert SEEN.get(name, set()) <= {a.outcome for a in attempts}
    end_s = last_s(attempts) + 1
    for cut in ("at once", "whole seconds", "odd pieces"):
        traffic = Engine(case, arrivals).play(pieces(cut, end_s))
        assert difference_s(attempts, traffic) < TOLERANCE_S, cut
        assert final_counts(case, traffic) == expected_counts(case, arrivals, attempts), cut
        assert not traffic.in_flight().any()


def test_looking_at_one_replica_changes_nothing() -> None:
    case = CASES["a replica dies"]
    arrivals = draw(case, COUNT // 2)
    attempts = run_model(case, arrivals)
    engine = Engine(case, arrivals)
    looks = pieces("odd pieces", last_s(attempts) + 1)
    cuts = sorted({c.at_s for c in case.changes} | set(pieces("whole seconds", looks[-1])))
    for after, until in pairwise([0.0, *cuts]):
        for number, at_s in enumerate(looks):
            if after < at_s < until:
                engine.traffic.look(("r1", "m", "r2")[number % 3], at_s)
        engine.step(until)
    assert difference_s(attempts, engine.traffic) < TOLERANCE_S


@given(st.integers(1, 9), st.integers(0, 2**20))
def test_keys_are_spread_as_they_are_everywhere(parts: int, first: int) -> None:
    keys = np.arange(first, first + 3_000, dtype=np.int32)
    shares = np.bincount(spread(keys, parts), minlength=parts) / len(keys)
    assert len(shares) == parts
    assert np.abs(shares - 1 / parts).max() < 0.05
    assert (spread(keys[:10], parts) == spread(keys, parts)[:10]).all()


@settings(deadline=None)
@given(
    commits=st.lists(st.floats(0, 9), min_size=1, max_size=30),
    took=st.lists(st.floats(0.01, 5), min_size=30, max_size=30),
    asked=st.lists(st.floats(0, 20), min_size=1, max_size=20),
    unfinished=st.integers(0, 30),
)
def test_the_lag_is_the_age_of_the_oldest_missing_write(
    commits: list[float], took: list[float], asked: list[float], unfinished: int
) -> None:
    writes, n = Writes(), len(commits)
    times = np.array(commits)
    writes.add(times, np.zeros(n, np.int16), np.zeros(n, np.int32), np.ones(n))
    order = np.sort(times)
    assert (writes.commit == order).all()
    ends = order + np.array(took[:n])
    done = max(0, n - unfinished)
    writes.ids[:], writes.taken = np.arange(n), n
    writes.apply(np.arange(done), ends[:done])
    ends[done:] = np.inf
    for at, lag_s in zip(asked, writes.lag_s(np.array(asked)), strict=True):
        missing = order[(order <= at) & (ends > at)]
        expected = at - missing.min() if len(missing) else 0.0
        # What was committed first and applied first hides nothing that is missing.
        assert lag_s == expected
