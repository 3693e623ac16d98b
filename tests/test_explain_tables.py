"""Explanations where tables lie in several databases: masters, replicas and shards."""

from functools import cache
from typing import Any

import pytest

from engine.explain import REMEDIES, Burst, Cause, Known, explain
from engine.frame import Frame
from engine.scenario import read_scenario
from engine.services.registry import read_command
from engine.simulation import Simulation
from tui.explanations import burst_reasons, explanation_lines
from tui.words import LANGUAGES, Words

KNOWN = Known(services=("ec2", "rds", "rds:replica"), writers=("save", "lists"))

BOX = {"id": "web-1", "type": "m5.2xlarge", "roles": ["web", "app"]}
MASTER = {"id": "db-1", "type": "db.m5.large"}
COPY = {"id": "copy-1", "type": "db.m5.large", "source": "db-1"}

PAGE = {"deadline_ms": 200.0, "patience_ms": 5_000.0, "web_ms": 0.2, "retry": {"times": 0},
        "table": "rows"}  # fmt: skip


def reads(share: float, ms: float = 4.0, **more: Any) -> dict[str, Any]:
    return PAGE | {"name": "look", "share": share, "data": "read", "data_ms": ms} | more


def writes(share: float, ms: float = 4.0, **more: Any) -> dict[str, Any]:
    return PAGE | {"name": "save", "share": share, "data": "write", "data_ms": ms} | more


def played(
    seconds: int,
    *databases: dict[str, Any],
    requests: list[dict[str, Any]],
    rps: float,
    plan: dict[int, list[dict[str, Any]]] | None = None,
    zipf: float = 0.0,
    **changes: Any,
) -> list[Frame]:
    """One server, some databases, one table in the first of them, and what was done."""
    values: dict[str, Any] = {
        "slug": "tables",
        "duration_s": 3_600,
        "seed": 5,
        "budget": {"month_usd": 100_000.0},
        "traffic": [{"kind": "constant", "rps": rps}],
        "tables": [{"name": "rows", "gb": 1, "keys": 2_000, "zipf": zipf}],
        "requests": requests,
        "board": {"instances": [BOX], "databases": list(databases)},
        "objectives": {"error_budget": 1.0},
    }
    sim = Simulation(read_scenario(values | changes, "tables"))
    frames = [sim.frame()]
    for second in range(seconds):
        for command in (plan or {}).get(second, []):
            sim.apply(read_command(command, "tables"))
            frames[-1] = sim.frame()
        frames.append(sim.advance())
    return frames


def worst(frames: list[Frame], known: Known = KNOWN) -> Burst:
    burst = explain(frames, known).worst()
    assert burst is not None
    return burst


MANY_READS = [reads(0.9), writes(0.1)]
FRESH = {"max_lag_s": 0.2}


@cache
def master_full(reads_go: str = "") -> list[Frame]:
    """A master that is full of reads, alone or beside a replica."""
    databases = [MASTER | {"reads": reads_go}, COPY] if reads_go else [MASTER]
    return played(40, *databases, requests=MANY_READS, rps=650.0)


def test_a_master_that_is_full_of_reads_wants_replicas() -> None:
    burst = worst(master_full())
    assert burst.cause == Cause.MASTER_READS
    assert int(burst.figures["reads"]) == pytest.approx(90, abs=8)
    assert "make_replicas" in burst.remedies


@pytest.mark.parametrize(
    "known", [Known(services=("ec2", "dynamodb"), writers=("save",)), Known(services=("rds",))]
)
def test_what_is_not_on_offer_or_not_told_is_no_remedy(known: Known) -> None:
    burst = worst(master_full(), known)
    assert burst.cause in (Cause.DATABASE_CPU, Cause.CONNECTIONS_CPU)


def test_a_master_whose_replica_is_read_by_nobody_wants_its_reads_split() -> None:
    burst = worst(master_full("master"))
    assert burst.cause == Cause.REPLICAS_UNREAD
    assert burst.figures["replicas"] == "copy-1"


def test_a_master_that_is_full_of_writes_gets_no_replicas() -> None:
    full = played(40, MASTER, requests=[reads(0.2), writes(0.8)], rps=650.0)
    burst = worst(full)
    assert burst.cause == Cause.MASTER_WRITES
    assert "split_writes" in REMEDIES[burst.cause]
    assert "make_replicas" not in REMEDIES[burst.cause]


def test_a_replica_that_is_begun_makes_the_storage_rest() -> None:
    asks = [reads(0.7, 1.0, data_io=1), writes(0.3, 1.0, data_io=1)]
    make = {"do": "create_replica", "source": "db-1", "name": "copy-1"}
    frames = played(60, MASTER, requests=asks, rps=200.0, plan={30: [make]})
    burst = worst(frames)
    assert burst.cause == Cause.SNAPSHOT_PAUSE
    assert burst.figures["since"] in (30, 31)


def test_what_rests_is_the_storage_and_not_the_cpu_that_was_nearly_full() -> None:
    asks = [reads(0.7, 4.0, data_io=1), writes(0.3, 4.0, data_io=1)]
    make = {"do": "create_replica", "source": "db-1", "name": "copy-1"}
    frames = played(60, MASTER, requests=asks, rps=400.0, plan={30: [make]})
    burst = next(b for b in explain(frames, KNOWN).bursts if b.from_s > 25)
    assert burst.evidence is not None
    assert burst.evidence.station == "db-1/io"
    assert burst.cause == Cause.SNAPSHOT_PAUSE


@cache
def stale(kind: str) -> list[Frame]:
    """Reads that a replica answers with what is too old."""
    master = MASTER | {"type": "db.m5.xlarge", "reads": "replicas"}
    look = reads(0.9, **FRESH)
    match kind:
        case "busy":
            return played(40, master, COPY, requests=[look, writes(0.1)], rps=650.0)
        case "small":
            asks = [reads(0.05, **FRESH), writes(0.95, 5.0)]
            return played(40, master, COPY, requests=asks, rps=480.0)
        case "away":
            down = [{"kind": "zone_outage", "at_s": 20, "target": "b", "duration_s": 60}]
            there = COPY | {"zone": "b"}
            asks = [reads(0.6, **FRESH), writes(0.4)]
            return played(100, master, there, requests=asks, rps=200.0, incidents=down)
        case _:
            lists = writes(0.02, 900.0) | {"name": "lists", "work": "fixed"}
            asks = [reads(0.9, 1.0, **FRESH), writes(0.08, 1.0), lists]
            return played(60, master, COPY, requests=asks, rps=15.0)


@pytest.mark.parametrize(
    ("kind", "cause"),
    [
        ("busy", Cause.REPLICA_BUSY),
        ("small", Cause.REPLICA_SMALL),
        ("away", Cause.REPLICA_WAS_AWAY),
        ("long writes", Cause.REPLICA_FOLLOWS),
    ],
)
def test_stale_reads_are_told_by_what_the_replica_did(kind: str, cause: Cause) -> None:
    bursts = [b for b in explain(stale(kind), KNOWN).bursts if b.reason == "stale_read"]
    assert max(bursts, key=lambda burst: burst.count).cause == cause


@cache
def hot() -> list[Frame]:
    """Four shards, one of which most requests come to."""
    shards = [{"id": f"shard-{n}", "type": "db.m5.large"} for n in (1, 2, 3, 4)]
    spread = {"do": "shard_table", "table": "rows", "databases": [s["id"] for s in shards]}
    big = MASTER | {"type": "db.m5.4xlarge"}
    asks = [reads(0.6), writes(0.4)]
    return played(90, big, *shards, requests=asks, rps=1_100.0, plan={0: [spread]}, zipf=2.0)


def test_a_hot_shard_is_told_from_shards_that_are_all_full() -> None:
    burst = worst(hot())
    assert burst.cause == Cause.HOT_SHARD
    assert burst.figures["table"] == "rows"
    assert burst.figures["shards"] == 4
    assert int(burst.figures["percent"]) > 40
    assert int(burst.figures["others"]) < 60


@cache
def dead(*, copies: bool = True, shards: bool = False, days: int = 0) -> list[Frame]:
    """A master that dies, beside a replica, with or without a backup, or as one of two shards."""
    incident = {"kind": "master_failure", "at_s": 60, "target": "db-2" if shards else "db-1"}
    databases: list[dict[str, Any]] = [MASTER | {"backup_days": days}]
    databases += [COPY] if copies else []
    databases += [MASTER | {"id": "db-2", "backup_days": days}] if shards else []
    spread = {"do": "shard_table", "table": "rows", "databases": ["db-1", "db-2"]}
    return played(
        90, *databases, requests=[reads(0.9), writes(0.1)], rps=50.0, incidents=[incident],
        plan={0: [spread]} if shards else {},
    )  # fmt: skip


def test_a_master_that_died_beside_a_replica_wants_it_promoted() -> None:
    bursts = explain(dead(days=7), KNOWN).bursts
    found = [burst for burst in bursts if burst.reason == "connection_refused"]
    found += [burst for burst in bursts if burst.reason == "no_target"]
    assert {burst.cause for burst in found} == {Cause.MASTER_GONE}
    assert found[0].figures["replicas"] == "copy-1"


def test_a_replica_with_a_short_line_of_requests_is_late_and_not_full() -> None:
    lists = writes(0.02, 400.0) | {"name": "lists", "work": "fixed"}
    asks = [reads(0.9, 12.0, **FRESH), writes(0.08, 8.0), lists]
    master = MASTER | {"type": "db.m5.xlarge", "reads": "replicas"}
    burst = worst(played(60, master, COPY, requests=asks, rps=64.0))
    assert burst.reason == "stale_read"
    assert burst.evidence is not None
    waiting = [s.waiting_total for f in played(60, master, COPY, requests=asks, rps=64.0)
               if (s := f.station("copy-1/cpu"))]  # fmt: skip
    assert sum(waiting) > len(waiting)
    assert burst.cause == Cause.REPLICA_FOLLOWS
    assert "fresh_from_master" in burst.remedies


@pytest.mark.parametrize(("shards", "cause"), [(True, "shard_lost"), (False, "tables_lost")])
def test_what_is_lost_for_ever_says_what_it_was(shards: bool, cause: str) -> None:
    burst = worst(dead(copies=False, shards=shards))
    assert (burst.reason, burst.cause) == ("data_lost", cause)


def test_a_tight_master_says_what_will_be_wrong_before_anything_fails() -> None:
    frames = played(40, MASTER, requests=MANY_READS, rps=430.0)
    tight = explain(frames, KNOWN).tight
    assert tight is not None
    assert tight.cause == Cause.MASTER_READS


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cause_among_tables_is_said_in_full(language: str) -> None:
    words = Words(language)
    runs = [master_full(), master_full("master"), hot(), dead(days=7), dead(copies=False)]
    runs += [stale(kind) for kind in ("busy", "small", "away", "long writes")]
    for frames in runs:
        explanation = explain(frames, KNOWN)
        burst = explanation.worst()
        assert burst is not None
        assert len(burst_reasons(burst, words)) >= 2
        assert not any("{" in line for line in explanation_lines(explanation, words))
