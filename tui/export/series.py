"""The figures of a run as a table: one row a second, one named column for each figure."""

from engine.complaint import Complaint, printable
from engine.frame import Frame, sum_counts
from engine.recording import Recording

Cell = str | int | float | None

FIXED = (
    "second", "expected_rps", "demanded", "good", "late", "failed", "in_flight", "attempts",
    "p95_ms", "tightest", "utilization", "waiting", "spent_usd", "rate_month_usd",
    "error_budget_left",
)  # fmt: skip
"""The columns that every run has.

`expected_rps` is of the second that begins, without what incidents add; none comes after the
end. Counts are of the second that ends; `in_flight` and `waiting` are as of its end. `p95_ms`
is the figure that the goal is judged by, once there is an answer, `utilization` that of the
`tightest` station, `error_budget_left` a share.
"""

MAX_COLUMNS = 2_000
"""A recording from elsewhere shall not make a table that nobody can open."""


class Series:
    """Makes rows of frames; `columns` are those known so far.

    Behind the fixed ones come, as they first appear, ``failed/REASON``,
    ``p50_ms/CLASS``, ``p95_ms/CLASS``, ``p99_ms/CLASS`` and ``utilization/STATION``.
    """

    def __init__(self) -> None:
        self._places = {name: place for place, name in enumerate(FIXED)}

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of all columns, in order."""
        return tuple(self._places)

    def row(self, frame: Frame) -> list[Cell]:
        """A frame's cells for all columns known by now; None where it has no such figure."""
        figures = dict(zip(FIXED, _fixed(frame), strict=True)) | _varying(frame)
        for name in figures:
            self._places.setdefault(name, len(self._places))
        if len(self._places) > MAX_COLUMNS:
            raise Complaint(f"second {frame.second}", "too many columns", f"at most {MAX_COLUMNS}")
        return [figures.get(name) for name in self._places]


def series_of(recording: Recording) -> Series:
    """A series that knows every column of a recorded run."""
    series = Series()
    for frame in recording.frames:
        series.row(frame)
    return series


def _fixed(frame: Frame) -> list[Cell]:
    counts = sum_counts(list(frame.counts.values()))
    tight = frame.tightest()
    return [
        frame.second,
        None if frame.verdict else round(frame.expected_rps, 3),
        counts.demanded,
        counts.good,
        counts.late,
        counts.failed_total,
        counts.in_flight,
        counts.attempts,
        round(frame.goals.p95_ms, 3) or None,
        printable(tight.id) if tight else None,
        round(tight.utilization, 4) if tight else None,
        sum(station.waiting_total for station in frame.stations),
        round(frame.money.spent_usd, 6),
        round(frame.money.rate_month_usd, 2),
        round(frame.goals.error_budget_left, 6),
    ]


def _varying(frame: Frame) -> dict[str, Cell]:
    """Figures that only some runs, or some seconds, have."""
    reasons = sum_counts(list(frame.counts.values())).failed
    figures: dict[str, Cell] = {f"failed/{reason}": n for reason, n in reasons.items()}
    for name, latency in frame.latency.items():
        if latency.answered or latency.p99_ms:
            figures[f"p50_ms/{name}"] = round(latency.p50_ms, 3)
            figures[f"p95_ms/{name}"] = round(latency.p95_ms, 3)
            figures[f"p99_ms/{name}"] = round(latency.p99_ms, 3)
    for station in frame.stations:
        figures[f"utilization/{station.id}"] = round(station.utilization, 4)
    return {printable(name): cell for name, cell in figures.items()}
