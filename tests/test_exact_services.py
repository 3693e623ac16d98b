"""Databases and buckets, request by request, as the event-per-request model has them.

The same way as for machines: the same outcomes, times equal to 1e-9 s, however
the time is cut, also where everything falls on the same few instants.
"""

import numpy as np
import pytest

from engine.scenario import Retry
from tests.event_model import Attempt, BucketKind, MachineKind, database
from tests.exact import (
    REQUESTS,
    Addresses,
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
from tests.test_exact import GRID_S, TOLERANCE_S, often, page, pieces, slow, start, stop

COUNT = REQUESTS // 2

WEB = MachineKind(vcpus=4, room=2_000)
APART: Addresses = {"web": "w", "app": "w", "db": "d", "files": "s"}

TABLES = (
    page("read", share=0.6, data="read", data_ms=4.0, data_io=3),
    page("write", share=0.3, data="write", data_ms=6.0, data_io=4, deadline_ms=90.0),
    page("plain", share=0.1),
)
FILES = (
    page("get", share=0.6, app_ms=0.0, data="file_read", response_kb=900.0, deadline_ms=190.0),
    page("put", share=0.3, app_ms=0.0, data="file_write", response_kb=40.0, deadline_ms=190.0,
         retry=Retry(2, (1.0, 1.5))),
    page("plain", share=0.1),
)  # fmt: skip
STANDBY = database(2, 90, write_factor=1.25)

ONCE = {"deadline_ms": 62.5, "patience_ms": 250.0, "retry": Retry(0)}
GRID_TABLES = (
    page("read", data="read", data_ms=1.0, data_io=8, **ONCE),
    page("write", data="write", data_ms=1.0, data_io=8, **ONCE),
)
GRID_FILES = (
    page("get", app_ms=0.0, data="file_read", response_kb=2.048, **ONCE),
    page("put", app_ms=0.0, data="file_write", response_kb=0.0, **ONCE),
)
GRID_DATABASE = database(2, 24, iops=1_024.0, volume_latency_s=2.0**-9)
"""Two I/Os at once, 2 ** -9 s each; so the eight of a request take four grid units."""
GRID_BUCKET = BucketKind(96.0, 64.0, first_byte_s=(0.0625, 0.1875), bytes_s=2.0**19)


def tables(kind: MachineKind, rps: float, *changes: Change, hop_s: float = 0.0005) -> Case:
    """A web server in front of a database."""
    return Case({"w": WEB, "d": kind}, TABLES, rps, APART, changes, hop_s)


def files(kind: BucketKind, rps: float, *changes: Change, hop_s: float = 0.0005) -> Case:
    """A web server in front of a bucket."""
    return Case({"w": WEB}, FILES, rps, APART, changes, hop_s, buckets={"s": kind})


def fails_over(at_s: float, takes_s: float, after: MachineKind) -> tuple[Change, Change]:
    """What the database held fails; after a while it is up again, with nothing waiting."""
    return stop(at_s, "d"), start(at_s + takes_s, after, "d")


CASES = {
    "database": tables(database(2, 600), 480.0),
    "database, too many connections": tables(database(2, 25), 800.0),
    "database, storage tight": tables(database(4, 50, iops=1_000.0), 550.0),
    "database, standby writes": tables(STANDBY, 330.0),
    "database fails over": tables(
        STANDBY, 560.0, *fails_over(1.321, 1.5, database(2, 90)), *fails_over(5.0, 0.75, STANDBY)
    ),
    "database is modified": tables(
        database(2, 60), 420.0, *fails_over(2.0, 2.125, database(4, 130))
    ),
    "database, storage rests": tables(
        database(2, 120),
        300.0,
        Change(2.0, "slow_volume", "d", share=0.001),
        Change(5.0, "slow_volume", "d", share=1.0),
        slow(6.5, 0.4, "d"),
    ),
    "database far away": tables(database(2, 50), 420.0, hop_s=1.3),
    "bucket": files(BucketKind(5_500.0, 3_500.0), 500.0),
    "bucket, slow down": files(BucketKind(110.0, 70.0), 400.0),
    "bucket is split": files(
        BucketKind(60.0, 40.0), 400.0, Change(2.0, "speed_up", "s", share=2.0),
        Change(4.0, "speed_up", "s", share=4.0),
    ),
    "bucket is deleted": files(BucketKind(200.0, 90.0), 400.0, stop(4.75, "s")),
    "files move to a bucket": Case(
        {"w": WEB}, FILES, 400.0, APART | {"files": "w"},
        (Change(3.0, "point", "s", role="files"),), buckets={"s": BucketKind(150.0, 100.0)},
    ),
    "everything apart": Case(
        {"w": WEB, "d": STANDBY}, (*TABLES, *FILES[:2]), 420.0, APART,
        fails_over(3.0, 4.0, database(2, 90)), hop_s=0.002,
        buckets={"s": BucketKind(90.0, 60.0)},
    ),
    "ties, database": Case(
        {"w": WEB, "d": GRID_DATABASE}, GRID_TABLES, 220.0, APART,
        often(0.125, "d", GRID_DATABASE), GRID_S, GRID_S,
    ),
    "ties, bucket": Case(
        {"w": WEB}, GRID_FILES, 320.0, APART,
        (Change(5.25, "speed_up", "s", share=2.0),), GRID_S, GRID_S, buckets={"s": GRID_BUCKET},
    ),
}  # fmt: skip

SEEN = {
    "database": {"good", "late"},
    "database, too many connections": {"too_many_connections"},
    "database, storage tight": {"too_many_connections"},
    "database fails over": {"bad_gateway", "connection_refused", "too_many_connections"},
    "database, storage rests": {"client_gave_up", "too_many_connections"},
    "bucket": {"good", "late"},
    "bucket, slow down": {"slow_down"},
    "bucket is split": {"slow_down"},
    "bucket is deleted": {"connection_refused", "slow_down"},
    "ties, database": {"bad_gateway", "connection_refused", "too_many_connections"},
    "ties, bucket": {"slow_down", "late"},
}
"""What each case must meet, or its equality would be empty."""


def refused_at_once(attempts: list[Attempt]) -> None:
    """Who finds no connection waits for nothing but the way there."""
    refused = [a for a in attempts if a.outcome == "too_many_connections" and len(a.visits) == 1]
    assert len(refused) > 100
    for attempt in refused:
        left_s = attempt.visits[-1].left_s
        assert left_s is not None
        assert attempt.ended_s == pytest.approx(left_s + 0.0005, abs=1e-12)


def on_the_grid(attempts: list[Attempt]) -> None:
    """All sums are exact, and everything that can coincide does."""
    instants = np.array([v.left_s for a in attempts for v in a.visits if v.left_s is not None])
    assert (instants % GRID_S == 0.0).all()
    assert len(np.unique(instants)) < 0.8 * len(instants)


MORE = {
    "database, too many connections": refused_at_once,
    "ties, database": on_the_grid,
    "ties, bucket": on_the_grid,
}


@pytest.mark.parametrize("name", CASES)
def test_every_request_is_the_same(name: str) -> None:
    case = CASES[name]
    arrivals = draw(case, COUNT)
    attempts = run_model(case, arrivals)
    assert SEEN.get(name, set()) <= {a.outcome for a in attempts}
    MORE.get(name, lambda _: None)(attempts)
    end_s = last_s(attempts) + 1
    for cut in ("at once", "whole seconds", "odd pieces"):
        traffic = Engine(case, arrivals).play(pieces(cut, end_s))
        assert difference_s(attempts, traffic) < TOLERANCE_S, cut
        assert final_counts(case, traffic) == expected_counts(case, arrivals, attempts), cut
        assert not traffic.in_flight().any()
