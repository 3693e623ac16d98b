"""The fixed figures of a recorded run, whatever version made it."""

from typing import Any

import msgspec

from engine.recording import Recording
from engine.scenario import SANDBOX_MONTH_S
from tui.render.facts import Facts, known_of, titles_of


class _Objectives(msgspec.Struct, frozen=True):
    p95_ms: float | None = None
    error_budget: float | None = None
    window_s: int | None = None


class _Table(msgspec.Struct, frozen=True):
    gb: float = 0.0


class _Request(msgspec.Struct, frozen=True):
    name: str
    deadline_ms: float
    data: str = "none"
    https: float = 0.0


class _Played(msgspec.Struct, frozen=True):
    """As much of a recorded scenario as is shown; versions may differ in all the rest."""

    duration_s: int
    requests: tuple[_Request, ...] = ()
    objectives: _Objectives = _Objectives()
    tables: tuple[_Table, ...] = ()
    allowed: tuple[str, ...] | None = None
    sandbox: dict[str, Any] | None = None


def recorded_facts(recording: Recording) -> Facts:
    """The fixed figures of a recorded run; of one that we cannot read, what its frames say."""
    header, frames = recording.header, recording.frames
    try:
        played = msgspec.convert(header.scenario, _Played)
    except msgspec.ValidationError:
        return Facts(header.slug, frames[-1].second, dict.fromkeys(frames[-1].totals, 0.0))
    demanded = frames[-1].totals
    classes = sorted(
        played.requests, key=lambda r: -demanded[r.name].demanded if r.name in demanded else 0
    )
    deadlines = {request.name: request.deadline_ms for request in classes}
    return Facts(
        slug=header.slug,
        titles=titles_of(header.text),
        duration_s=played.duration_s,
        deadline_ms=deadlines,
        p95_bound_ms=played.objectives.p95_ms,
        error_budget=played.objectives.error_budget,
        tables_gb=sum(table.gb for table in played.tables),
        scored=played.objectives.window_s is not None,
        billed_month_s=None if played.sandbox is None else SANDBOX_MONTH_S,
        known=known_of(
            played.allowed,
            {r.name: r.data for r in played.requests},
            https=any(r.https for r in played.requests),
        ),
    )
