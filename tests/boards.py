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
