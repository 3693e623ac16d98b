"""What the command line prints for people: a run in a few lines, and tables."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from engine.frame import Frame, sum_counts
from levels.level import Level

if TYPE_CHECKING:  # listing the levels must not load the engine
    from engine.replay import Differs, Verified
    from engine.simulation import Result
    from levels.proof import Row


def run_lines(level: Level, frame: Frame, result: "Result", wall_s: float) -> Iterator[str]:
    """How a run ended: verdict, requests, money, and what went wrong."""
    counts, money = sum_counts(list(frame.totals.values())), frame.money
    yield f"{level.slug}: {_verdict(frame, result.stars)} at {clock(frame.second)}"
    yield (
        f"  requests      {counts.demanded:,} demanded: {counts.good:,} good, {counts.late:,} late,"
        f" {counts.failed_total:,} failed, {counts.in_flight:,} in flight"
    )
    for reason, number in sorted(counts.failed.items(), key=lambda item: -item[1]):
        yield f"                {number:,} {_phrase(reason)}"
    yield f"  error budget  {max(0.0, frame.goals.error_budget_left):.0%} left"
    yield f"  money         ${money.spent_usd:.2f} spent of ${money.budget_micro_usd / 1e6:.2f}"
    yield f"  digest        {result.digest}"
    yield f"  {frame.second:,} simulated seconds in {wall_s:.1f} s"


def _verdict(frame: Frame, stars: int) -> str:
    verdict = frame.verdict
    assert verdict is not None
    if verdict.won:
        return "won, " + "★" * stars
    because = verdict.because
    main = f": mostly {_phrase(because.reason)} at {because.at}" if because else ""
    return f"lost, {_phrase(verdict.cause)}{main}"


def level_lines(levels: Iterable[Level], language: str) -> Iterator[str]:
    """The campaign: slug, title and what a level is about."""
    words = ((level.slug, level.words(language)) for level in levels)
    return table((slug, text.title, text.summary) for slug, text in words)


def proof_lines(rows: Sequence["Row"]) -> Iterator[str]:
    """A proof's runs with their margins."""
    head = ("level", "plan", "seed", "came out", "because", "money left", "errors left", "lost by")
    yield from table([(*head, ""), *map(_proof_row, rows)])


def _proof_row(row: "Row") -> tuple[str, ...]:
    because = row.cause if row.won else _because(row)
    return (
        row.level,
        f"{row.plan} {row.variant}".strip(),
        str(row.seed),
        f"{'won' if row.won else 'lost'} at {clock(row.ended_s)}" if row.ended_s else "no run",
        _phrase(because),
        f"{row.money_left:.1%}",
        f"{row.error_budget_left:.1%}",
        "" if row.won else f"{row.margin:.1%}",
        "ok" if not row.problem else f"WRONG: {row.problem}",
    )


def _because(row: "Row") -> str:
    return f"{row.cause}: {row.reason} {row.at}".strip() if row.reason else row.cause


def verified_line(outcome: "Verified") -> str:
    """A recording came out the same."""
    return f"verified: all {outcome.frames:,} frames came out the same, digest {outcome.digest}"


def differs_line(outcome: "Differs") -> str:
    """A recording came out otherwise, and where first."""
    versions = "".join(f"; {note}" for note in outcome.versions)
    return (
        f"differs at {clock(outcome.second)} in {outcome.field}: "
        f"recorded {outcome.recorded}, now {outcome.again}{versions}"
    )


def clock(second: int) -> str:
    """A second of a run as ``mm:ss``."""
    return f"{second // 60:02d}:{second % 60:02d}"


def table(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Rows as aligned lines; widths are in cells, for Hangul takes two."""
    listed = [list(row) for row in rows]
    widths = [max(map(_cells, column)) for column in zip(*listed, strict=True)]
    for row in listed:
        padded = (c + " " * (w - _cells(c)) for c, w in zip(row, widths, strict=True))
        yield "  ".join(padded).rstrip()


def _phrase(name: str) -> str:
    return name.replace("_", " ")


def _cells(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
