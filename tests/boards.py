"""Scenarios and steady queues that several test files start from."""

from typing import Any

from engine.scenario import Scenario, read_scenario


def steady(
    *,
    rps: float,
    duration_s: int,
    type: str = "m5.xlarge",
    app_ms: float = 1.0,
    seed: int = 1,
    room: int | None = None,
    request: dict[str, Any] | None = None,
    **changes: Any,
) -> Scenario:
    """One machine that plays every role, one request class, traffic that does not change."""
    machine = {"id": "web-1", "type": type} | ({} if room is None else {"room": room})
    page: dict[str, Any] = {
        "name": "page",
        "share": 1.0,
        "app_ms": app_ms,
        "deadline_ms": 600_000.0,
        "patience_ms": 600_000.0,
        "retry": {"times": 0},
    }
    values: dict[str, Any] = {
        "slug": "steady",
        "duration_s": duration_s,
        "seed": seed,
        "budget": {"month_usd": 100_000.0},
        "traffic": [{"kind": "constant", "rps": rps}],
        "requests": [page | (request or {})],
        "board": {"instances": [machine]},
        "objectives": {"error_budget": 1.0},
    }
    return read_scenario(values | changes, "steady")


def troubled(**changes: Any) -> Scenario:
    """Two machines too small for their traffic, six incidents, and everything that can fail.

    A database and a bucket stand empty beside them: everything can be moved there.
    """
    page = {
        "name": "page",
        "share": [[0, 0.7], [200, 0.4]],
        "web_ms": 1.5,
        "app_ms": 8.0,
        "data": "read",
        "table": "catalog",
        "data_ms": 3.0,
        "data_io": 2,
        "response_kb": 30.0,
        "deadline_ms": 300.0,
        "patience_ms": 2_500.0,
        "https": 0.5,
        "ipv6": 0.01,
    }
    upload = {
        "name": "upload",
        "share": [[0, 0.3], [200, 0.6]],
        "web_ms": 1.0,
        "data": "file_write",
        "data_ms": 1.0,
        "data_io": 25,
        "response_kb": 2.0,
        "deadline_ms": 800.0,
        "work": "lognormal",
        "cv": 1.5,
        "retry": {"times": 2, "pause_s": [1.0, 2.0]},
    }
    beat = {
        "name": "beat",
        "share": 0.2,
        "app_ms": 60.0,
        "deadline_ms": 150.0,
        "work": "fixed",
        "retry": {"times": 0},
    }
    values: dict[str, Any] = {
        "slug": "troubled",
        "duration_s": 400,
        "seed": 11,
        "budget": {"month_usd": 1_200.0, "transfer": True},
        "traffic": [
            {"kind": "ramp", "from_rps": 20.0, "to_rps": 160.0, "end_s": 300},
            {"kind": "spike", "rps": 150.0, "start_s": 120, "hold_s": 20, "fall_s": 10},
        ],
        "requests": [page, upload, beat],
        "tables": [{"name": "catalog", "gb": 10, "keys": 5_000}],
        "files": {"gb": 10},
        "network": {"hop_ms": 0.5},
        "board": {
            "instances": [
                {"id": "web-1", "type": "t3.medium", "roles": ["web", "app"], "credits": 0.1},
                {"id": "db-1", "type": "m5.large", "roles": ["db", "files"], "volume": {"gb": 60}},
            ],
            "databases": [{"id": "rds-1", "type": "db.t3.micro", "multi_az": True, "credits": 1}],
            "buckets": [{"id": "bucket-1"}],
            "addresses": {"db": "db-1", "files": "db-1"},
        },
        "incidents": [
            {"kind": "noisy_neighbour", "at_s": 40, "target": "db-1", "factor": 0.3},
            {"kind": "slow_disk", "at_s": 90, "target": "vol-2", "factor": 0.2, "duration_s": 30},
            {"kind": "instance_crash", "at_s": 150, "target": "web-1"},
            {"kind": "slow_disk", "at_s": 230, "target": "vol-2", "factor": 0.5},
            {"kind": "instance_crash", "at_s": 320, "target": "db-1"},
            {"kind": "master_failure", "at_s": 329, "target": "rds-1"},
        ],
        "objectives": {"error_budget": 1.0},
    }
    return read_scenario(values | changes, "troubled")
