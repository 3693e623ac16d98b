"""What differs between two runs of one level: figures side by side, and what was given when.

Pure: two contenders to rows.
"""

from collections.abc import Iterator
from typing import NamedTuple

from engine.frame import Frame, sum_counts
from tui.contender import Contender
from tui.given import told_words
from tui.render.figures import clock, millis, percent
from tui.render.invoice import by_service, service_words
from tui.render.sentences import reason_words
from tui.words import Words


class Difference(NamedTuple):
    """A row: what, in mine, in theirs, and mine less theirs where that is a figure.

    A `part` belongs to the row above it.
    """

    name: str
    mine: str
    theirs: str
    by: str = ""
    part: bool = False


class GivenAt(NamedTuple):
    """What was given at a second in mine, in theirs, or alike in both."""

    second: int
    mine: str
    theirs: str


def differences(
    mine: Contender, theirs: Contender, words: Words, second: int | None = None
) -> list[Difference]:
    """How both stand at a second, or at their ends."""
    ours = mine.last if second is None else mine.at(second)
    others = theirs.last if second is None else theirs.at(second)
    return [
        _outcome(mine, theirs, ours, others, words),
        *_requests(ours, others, words),
        *_latency(ours, others, words),
        *_money(ours, others, words),
    ]


def _outcome(
    mine: Contender, theirs: Contender, ours: Frame, others: Frame, words: Words
) -> Difference:
    said = [_came_out(side, at, words) for side, at in ((mine, ours), (theirs, others))]
    return Difference(words.say("compare.outcome"), said[0], said[1])


def _came_out(side: Contender, frame: Frame, words: Words) -> str:
    """Won with its stars, lost, over or left, and when; before that, how far it is."""
    at, verdict = clock(frame.second), frame.verdict
    if verdict is not None and frame.sandbox is not None:
        return words.say("versus.over", at=at)
    if verdict is not None and verdict.won:
        return f"{words.say('compare.won')} {'★' * side.stars}"
    if verdict is not None:
        return words.say("compare.lost", at=at)
    is_last = frame.second == side.last.second
    return words.say("versus.left" if is_last else "versus.runs", at=at)


def _requests(ours: Frame, others: Frame, words: Words) -> Iterator[Difference]:
    mine, theirs = (sum_counts(list(frame.totals.values())) for frame in (ours, others))
    yield _count(words.say("versus.demanded"), mine.demanded, theirs.demanded)
    yield _count(words.say("compare.goodput"), mine.good, theirs.good)
    yield _count(words.say("compare.late"), mine.late, theirs.late)
    yield _count(words.say("compare.failed"), mine.failed_total, theirs.failed_total)
    reasons = {**mine.failed, **theirs.failed}
    for reason in sorted(
        reasons, key=lambda r: -max(mine.failed.get(r, 0), theirs.failed.get(r, 0))
    ):
        pair = mine.failed.get(reason, 0), theirs.failed.get(reason, 0)
        yield _count(reason_words(reason, words), *pair)._replace(part=True)
    left = [max(0.0, frame.goals.error_budget_left) for frame in (ours, others)]
    by = f"{(left[0] - left[1]) * 100:+.0f}%" if left[0] != left[1] else ""
    yield Difference(words.say("compare.error_budget"), percent(left[0]), percent(left[1]), by)


def _latency(ours: Frame, others: Frame, words: Words) -> Iterator[Difference]:
    """As the goal judges it, then each class's own in the last seconds."""
    yield _millis(words.say("compare.p95"), ours.goals.p95_ms, others.goals.p95_ms)
    names = dict.fromkeys((*ours.latency, *others.latency))
    for name in names if len(names) > 1 else ():
        pair = [
            frame.latency[name].p95_ms if name in frame.latency else 0.0 for frame in (ours, others)
        ]
        said = words.say("versus.lately", name=name)
        yield _millis(said, pair[0], pair[1])._replace(part=True)


def _money(ours: Frame, others: Frame, words: Words) -> Iterator[Difference]:
    spent = [frame.money.spent_micro_usd for frame in (ours, others)]
    yield _usd(words.say("compare.spent"), spent[0], spent[1])
    mine, theirs = (by_service(frame.money.lines, frame) for frame in (ours, others))
    for service in sorted({**mine, **theirs}, key=lambda s: -max(mine.get(s, 0), theirs.get(s, 0))):
        pair = mine.get(service, 0), theirs.get(service, 0)
        yield _usd(service_words(service, words), *pair)._replace(part=True)


def _count(name: str, mine: int, theirs: int) -> Difference:
    by = f"{mine - theirs:+,}" if mine != theirs else ""
    return Difference(name, f"{mine:,}", f"{theirs:,}", by)


def _millis(name: str, mine: float, theirs: float) -> Difference:
    shown = [millis(ms) if ms else "–" for ms in (mine, theirs)]  # none without an answer
    sign = "+" if mine > theirs else "-"
    by = f"{sign}{millis(abs(mine - theirs))}" if mine and theirs and shown[0] != shown[1] else ""
    return Difference(name, shown[0], shown[1], by)


def _usd(name: str, mine: int, theirs: int) -> Difference:
    shown = [f"${amount / 1e6:,.2f}" for amount in (mine, theirs)]
    sign = "+" if mine > theirs else "-"
    by = f"{sign}${abs(mine - theirs) / 1e6:,.2f}" if shown[0] != shown[1] else ""
    return Difference(name, shown[0], shown[1], by)


def given_when(mine: Contender, theirs: Contender, words: Words) -> list[GivenAt]:
    """All commands of both in order of time; those given alike in one second share a row."""
    rows: list[GivenAt] = []
    waiting = [(line.second, told_words(line, words)) for line in theirs.recording.commands]
    for line in mine.recording.commands:
        told = (line.second, told_words(line, words))
        alike = told in waiting
        if alike:
            waiting.remove(told)
        rows.append(GivenAt(line.second, told[1], told[1] if alike else ""))
    rows += [GivenAt(second, "", said) for second, said in waiting]
    return sorted(rows, key=lambda row: row.second)


def notes(mine: Contender, theirs: Contender, words: Words) -> list[str]:
    """What should be known before the figures are read: what the two runs do not share."""
    one, other = mine.header, theirs.header
    said = []
    if one.seed != other.seed:
        said.append(words.say("versus.seeds", mine=one.seed, theirs=other.seed))
    scenarios = [{**header.scenario, "seed": 0} for header in (one, other)]
    if scenarios[0] != scenarios[1] or one.traces != other.traces:
        said.append(words.say("versus.scenarios"))
    if one.engine != other.engine:
        said.append(words.say("versus.engines", mine=one.engine, theirs=other.engine))
    return said or [words.say("versus.same")]
