"""Tables of DynamoDB, request by request, as the event-per-request model has them.

The same way as for databases and buckets: the same outcomes, times equal to
1e-9 s, however the time is cut, also where everything falls on the same few
instants.
"""

import pytest

from tests.event_table import TableKind
from tests.exact import (
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
from tests.test_exact import GRID_S, TOLERANCE_S, page, pieces, stop
from tests.test_exact_services import COUNT, ONCE, WEB

KEYS = 500
BESIDE: Addresses = {"web": "w", "app": "w", "db": "t"}
CLASSES = (
    page("read", share=0.5, data="read", table="rows", deadline_ms=60.0),
    page("sure", share=0.2, data="read", table="rows", max_lag_s=0.0),
    page("write", share=0.2, data="write", table="rows"),
    page("plain", share=0.1),
)
GRID_CLASSES = (
    page("read", data="read", **ONCE),
    page("write", data="write", **ONCE),
)


def table(kind: TableKind, rps: float, *changes: Change, hop_s: float = 0.0005) -> Case:
    """A web server in front of a table."""
    return Case({"w": WEB}, CLASSES, rps, BESIDE, changes, hop_s, tables={"t": kind}, keys=KEYS)


def provision(at_s: float, reads_s: float, writes_s: float) -> Change:
    return Change(at_s, "provision", "t", units_s=(reads_s, writes_s))


CASES = {
    "room for all": table(TableKind(1.0, 12_000.0, 4_000.0, 1.0, partitions=4), 400.0),
    "provisioned too low": table(TableKind(6.0, 150.0, 400.0), 400.0),
    "what was saved runs out": table(TableKind(1.0, 90.0, 30.0), 200.0, provision(2.0, 60.0, 20.0)),
    "a hot partition": table(
        TableKind(4.5, 1_000.0, 1_000.0, partitions=5, partition_s=(60.0, 70.0)), 400.0
    ),
    "it splits": table(
        TableKind(2.0, 900.0, 900.0, partitions=1, partition_s=(80.0, 60.0)), 400.0,
        Change(2.0, "split", "t", partitions=3), Change(3.5, "split", "t", partitions=7),
    ),
    "more is provisioned, and less again": table(
        TableKind(3.0, 60.0, 60.0), 400.0,
        provision(1.0, 300.0, 120.0), provision(3.25, 40.0, 40.0),
    ),
    "it is deleted": table(TableKind(1.0, 80.0, 60.0), 300.0, stop(4.75, "t")),
    "the address moves there": Case(
        {"w": WEB}, CLASSES, 300.0, BESIDE | {"db": "w"}, (Change(3.0, "point", "t", role="db"),),
        tables={"t": TableKind(1.0, 60.0, 25.0)}, keys=KEYS,
    ),
    "far away": table(TableKind(1.0, 60.0, 25.0), 300.0, hop_s=0.3),
    "ties": Case(
        {"w": WEB}, GRID_CLASSES, 320.0, BESIDE, (provision(4.5, 96.0, 64.0),), GRID_S, GRID_S,
        tables={"t": TableKind(
            1.5, 64.0, 48.0, 16.0, partitions=2, partition_s=(64.0, 64.0), takes_s=(0.0625, 0.1875)
        )},
        keys=64,
    ),
}  # fmt: skip

CALM = {"room for all"}


@pytest.mark.parametrize("name", CASES)
def test_every_request_is_the_same(name: str) -> None:
    case = CASES[name]
    arrivals = draw(case, COUNT)
    attempts = run_model(case, arrivals)
    assert (name in CALM) != any(a.outcome == "throttled" for a in attempts)
    end_s = last_s(attempts) + 1
    for cut in ("at once", "whole seconds", "odd pieces"):
        traffic = Engine(case, arrivals).play(pieces(cut, end_s))
        assert difference_s(attempts, traffic) < TOLERANCE_S, cut
        assert final_counts(case, traffic) == expected_counts(case, arrivals, attempts), cut
        assert not traffic.in_flight().any()
