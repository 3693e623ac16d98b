"""Request by request, the engine and the event-per-request model give the same outcomes and times.

The engine is asked in batches, cut in several ways; the model has no batches
at all. Times agree to 1e-9 s.
"""

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from engine.scenario import ROLES, RequestClass, Retry
from tests.event_model import MachineKind
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

TOLERANCE_S = 1e-9


def page(name: str = "page", **changes: object) -> RequestClass:
    """A request class that may be late, may give up, and is tried once more."""
    values: dict[str, object] = {
        "name": name,
        "share": 1.0,
        "web_ms": 1.0,
        "app_ms": 3.0,
        "deadline_ms": 60.0,
        "patience_ms": 400.0,
    }
    return RequestClass(**(values | changes))  # type: ignore[arg-type]


def pieces(name: str, end_s: float) -> list[float]:
    """Several ways to cut the time up to `end_s`."""
    whole = [float(s) for s in range(1, int(end_s) + 2)]
    match name:
        case "at once":
            return whole[-1:]
        case "whole seconds":
            return whole
        case "odd pieces":
            stream = np.random.Generator(np.random.PCG64(99))
            return [*np.sort(stream.random(200) * end_s).tolist(), *whole[-1:]]
    raise AssertionError(name)


EVERY_ROLE: tuple[str, ...] = ROLES
ALL_HERE = dict.fromkeys(EVERY_ROLE, "m")
ONE_CLASS = (page(),)
FAST = MachineKind(vcpus=4, room=1_000)


def one_machine(c: int, load: float, room: int, *changes: Change, speed: float = 1.0) -> Case:
    """c vCPUs under a load of 4 ms requests."""
    kind = MachineKind(vcpus=c, room=room, speed=speed)
    return Case({"m": kind}, ONE_CLASS, load * c * speed / 0.004, ALL_HERE, changes)


def slow(at_s: float, share: float, machine: str = "m") -> Change:
    return Change(at_s, "slow_cpu", machine, share=share)


def stop(at_s: float, machine: str = "m") -> Change:
    return Change(at_s, "stop", machine)


def start(at_s: float, kind: MachineKind, machine: str = "m") -> Change:
    return Change(at_s, "start", machine, kind)


READS = (
    page("page", share=0.5),
    page("read", share=0.3, data="read", data_ms=2.0, data_io=2),
    page("upload", share=0.2, app_ms=0.0, data="file_write", data_ms=0.5, data_io=20),
)
PATIENT = tuple(msgspec.structs.replace(c, patience_ms=9_000.0) for c in READS)
DISK_BOUND = MachineKind(vcpus=4, room=40, iops=3_000)
THREE = {
    "w": MachineKind(vcpus=2, room=60),
    "a": MachineKind(vcpus=2, room=50, speed=1.12),
    "d": MachineKind(vcpus=1, room=30, iops=4_000),
}
APART = {"web": "w", "app": "a", "db": "d", "files": "d"}
GRID_S = 2.0**-8
GRID_CLASS = (
    page(data="read", data_ms=1.0, data_io=0, deadline_ms=62.5, patience_ms=125.0, retry=Retry(0)),
)
"""Three steps of one or two grid units each, 14 ms, and all sums exact in binary. Not tried
again: which of two retries at one instant comes first is nobody's promise."""


def ties(addresses: Addresses, load: float, *changes: Change, **kinds: MachineKind) -> Case:
    """All instants on a coarse grid, so that everything that can coincide does."""
    c = min(kind.vcpus for kind in kinds.values())
    return Case(kinds, GRID_CLASS, load * c / 0.014, addresses, changes, GRID_S, GRID_S)


def often(do_s: float, machine: str, kind: MachineKind) -> tuple[Change, ...]:
    """Crash at every second second and a bit, and start again half a second later."""
    stops = [2.0 * k + do_s for k in range(1, 9)]
    return tuple(c for t in stops for c in (stop(t, machine), start(t + 0.5, kind, machine)))


CASES = {
    "c=1": one_machine(1, 0.9, 1_000),
    "c=4": one_machine(4, 0.95, 1_000),
    "c=16": one_machine(16, 0.95, 1_000),
    "full room c=1": one_machine(1, 1.3, 5),
    "full room c=4": one_machine(4, 1.5, 20),
    "room of one c=16": one_machine(16, 1.2, 1),
    "patience c=4": one_machine(4, 1.3, 1_000),
    "patience c=16": one_machine(16, 1.4, 4_000),
    "crash c=1": one_machine(1, 0.9, 50, stop(7.123), start(8.5, MachineKind(1, 50))),
    "crash c=4": one_machine(4, 1.0, 100, stop(2.37), start(4.25, MachineKind(4, 100))),
    "crash c=16": one_machine(16, 1.1, 400, stop(0.61), start(1.0, MachineKind(16, 400))),
    "resize up": one_machine(1, 1.5, 30, stop(3.0), start(5.0, MachineKind(4, 100, 1.12))),
    "resize down": one_machine(16, 0.5, 300, stop(0.777), start(1.3, MachineKind(4, 100))),
    "slow-down c=1": one_machine(1, 0.8, 60, slow(5.111, 0.3), slow(9.0, 1.0)),
    "slow-down c=4": one_machine(4, 0.8, 200, slow(2.0, 0.5), slow(2.5, 0.2), slow(4.2, 1.0)),
    "slow-down c=16": one_machine(16, 0.9, 300, slow(0.9, 0.1), slow(1.7, 1.0), speed=1.12),
    "slow, then crash": one_machine(
        4, 0.9, 100, slow(1.5, 0.4), stop(2.5), start(3.0, MachineKind(2, 60)), slow(4.0, 0.5)
    ),
    "volume": Case({"m": DISK_BOUND}, READS, 420.0, ALL_HERE),
    "volume slow and crash": Case(
        {"m": DISK_BOUND},
        READS,
        400.0,
        ALL_HERE,
        (
            Change(3.3, "slow_volume", "m", share=0.5),
            Change(6.0, "slow_volume", "m", share=1.0),
            stop(8.125),
            start(9.5, replace(DISK_BOUND, iops=1_000)),
        ),
    ),
    "apart, no hop": Case(THREE, READS, 450.0, APART),
    "apart, hop": Case(THREE, READS, 450.0, APART, hop_s=0.0005),
    "apart, long hop": Case(THREE, READS, 450.0, APART, hop_s=0.15),
    "apart, hop over a second": Case(THREE, PATIENT, 450.0, APART, hop_s=1.25),
    "apart, trouble": Case(
        THREE,
        READS,
        450.0,
        APART,
        (
            slow(2.2, 0.5, "a"),
            stop(3.9, "d"),
            slow(4.4, 1.0, "a"),
            start(5.0, MachineKind(2, 30), "d"),
            stop(7.0, "a"),
            start(7.9, MachineKind(4, 80), "a"),
            Change(9.0, "slow_volume", "d", share=0.3),
        ),
        hop_s=0.002,
    ),
    "split out in the middle": Case(
        {"w": FAST, "d": replace(FAST, vcpus=2)},
        READS,
        400.0,
        dict.fromkeys(EVERY_ROLE, "w"),
        (Change(3.0, "point", "d", role="db"), Change(6.5, "point", "d", role="files")),
        hop_s=0.0005,
    ),
    "merge in the middle": Case(
        {"w": replace(FAST, vcpus=2), "a": FAST},
        READS,
        400.0,
        {"web": "w", "app": "a", "db": "a", "files": "a"},
        (
            slow(2.0, 0.15, "w"),
            Change(3.3, "point", "w", role="app"),
            Change(4.0, "point", "w", role="db"),
            Change(4.0, "point", "w", role="files"),
            slow(5.2, 1.0, "w"),
        ),
        hop_s=0.0005,
    ),
    "no target": Case({"w": FAST}, READS, 400.0, {"web": "w", "app": "w"}),
    "ties c=1": ties(ALL_HERE, 0.9, m=MachineKind(1, 20)),
    "ties c=4": ties(ALL_HERE, 1.1, m=MachineKind(4, 60)),
    "ties, crashes": ties(
        ALL_HERE, 1.1, *often(0.25, "m", MachineKind(4, 40)), m=MachineKind(4, 40)
    ),
    "ties, slow-downs": ties(
        ALL_HERE, 0.8, slow(2.0, 0.5), slow(5.5, 1.0), slow(9.0, 0.25), m=MachineKind(4, 30)
    ),
    "ties, apart": ties(
        {"web": "w", "app": "a", "db": "d"},
        1.5,
        *often(0.125, "a", MachineKind(2, 9)),
        w=MachineKind(2, 20),
        a=MachineKind(2, 9),
        d=MachineKind(1, 30),
    ),
}  # fmt: skip


SEEN = {
    "full room c=4": {"waiting_room_full"},
    "patience c=4": {"good", "late", "client_gave_up"},
    "crash c=4": {"bad_gateway", "connection_refused"},
    "no target": {"no_target"},
    "apart, trouble": {
        "good", "late", "client_gave_up", "bad_gateway", "connection_refused", "waiting_room_full",
    },
}  # fmt: skip
"""What a case must meet, or its equality would be empty."""


@pytest.mark.parametrize("name", CASES)
def test_every_request_is_the_same(name: str) -> None:
    case = CASES[name]
    arrivals = draw(case)
    attempts = run_model(case, arrivals)
    assert SEEN.get(name, set()) <= {a.outcome for a in attempts}
    end_s = last_s(attempts) + 1
    for cut in ("at once", "whole seconds", "odd pieces"):
        traffic = Engine(case, arrivals).play(pieces(cut, end_s))
        assert difference_s(attempts, traffic) < TOLERANCE_S, cut
        assert final_counts(case, traffic) == expected_counts(case, arrivals, attempts), cut
        assert not traffic.in_flight().any()


@pytest.mark.parametrize("cut", ["at once", "quarters"])
def test_an_answer_at_the_last_instant_counts(cut: str) -> None:
    """Also when a batch ends at that very instant, as it does at second 1."""
    only = page(app_ms=0.0, deadline_ms=500.0, patience_ms=500.0, retry=Retry(0))
    hasty = page("hasty", patience_ms=1.0)
    case = Case({"m": FAST}, (only, hasty), 1.0, ALL_HERE)
    arrivals = draw(case).pick(slice(0, 2))
    arrivals.request_class[:] = 0
    arrivals.tries_left[:] = 0
    arrivals.time[:] = 0.5, 0.75
    arrivals.work[0] = 0.5
    cuts = [3.0] if cut == "at once" else [k / 4 for k in range(13)]
    traffic = Engine(case, arrivals).play(cuts)
    assert traffic.outcomes == {0: ("good", 1.0), 1: ("good", 1.25)}
    assert [a.outcome for a in run_model(case, arrivals)] == ["good", "good"]
