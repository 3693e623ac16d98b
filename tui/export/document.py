"""JSON: which run it was, its result, its commands and its series in one document."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from engine.outcomes import Outcome
from engine.recording import Header, Recording
from tui.export.series import series_of

FORMAT = 1
"""Number of this document's form."""


class About(msgspec.Struct, frozen=True):
    """Which run it was: what `headroom run SLUG --seed SEED` plays, and with what it was made."""

    slug: str
    title: str
    seed: int
    started_at: str
    engine: str
    numpy: str
    python: str


class Given(msgspec.Struct, frozen=True):
    """A command given while the run rested at `second`, and what came of it."""

    second: int
    command: dict[str, Any]
    outcome: Outcome


def document_lines(
    recording: Recording, language: str, look: Callable[[int], None]
) -> Iterator[str]:
    """The document, a line for each command and for each row of the series.

    ``result`` is what `run --json` prints, or null of a run that was left before
    its end. ``series`` has ``columns`` and ``rows``, as the CSV has them.
    """
    series = series_of(recording)
    yield f'{{"format":{FORMAT},'
    yield f'"run":{_json(_about(recording.header, language))},'
    free = recording.frames[-1].sandbox is not None
    yield f'"result":{_json(told_result(recording.result, free=free))},'
    yield '"commands":['
    given = [Given(line.second, line.command, line.outcome) for line in recording.commands]
    yield from _listed(map(_json, given))
    yield "],"
    yield f'"series":{{"columns":{_json(series.columns)},"rows":['

    def rows() -> Iterator[str]:
        for frame in recording.frames:
            look(frame.second)
            yield _json(series.row(frame))

    yield from _listed(rows())
    yield "]}}"


def told_result(result: dict[str, Any] | None, *, free: bool) -> dict[str, Any] | None:
    """A result as it is told: free play comes to its end, and nobody has won it."""
    verdict = None if result is None else result.get("verdict")
    if not free or result is None or not isinstance(verdict, dict):
        return result
    return {**result, "verdict": {**verdict, "won": None}}


def _about(header: Header, language: str) -> About:
    text = header.text.get(language) or next(iter(header.text.values()), None)
    return About(
        slug=header.slug,
        title=text.title if text else header.slug,
        seed=header.seed,
        started_at=header.started_at,
        engine=header.engine,
        numpy=header.numpy,
        python=header.python,
    )


def _listed(items: Iterator[str]) -> Iterator[str]:
    """With a comma behind each but the last."""
    before = next(items, None)
    for item in items:
        yield f"{before},"
        before = item
    if before is not None:
        yield before


def _json(value: object) -> str:
    """One line; characters that do not print are written by their numbers."""
    text = msgspec.json.encode(value).decode()
    return text if text.isprintable() else json.dumps(json.loads(text))
