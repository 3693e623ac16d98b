"""A run beside the reference plan's: a table, what was done when, and the main difference. Pure."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple

from engine.frame import Frame, News, sum_counts
from tui.render.canvas import clean
from tui.render.figures import clock, count, millis, percent
from tui.render.invoice import by_service, service_words
from tui.render.sentences import news_words
from tui.rival import Side
from tui.words import Words

MUCH_LATER_S = 45
"""A step that was done so much later than in the reference plan was done late."""

MUCH_MONEY = 0.03
"""A share of the budget from which a difference in what was spent is worth a word."""


A_TRIFLE = 0.002
"""A share of all requests that makes no difference."""


class Compared(NamedTuple):
    """A line of the table: what, on my side, on theirs."""

    name: str
    mine: str
    theirs: str


def figures_table(mine: Side, theirs: Side, words: Words) -> list[Compared]:
    """Outcome, goodput, latency, what went wrong and what was spent on both sides."""
    rows = zip(_figures(mine, words), _figures(theirs, words), strict=True)
    return [Compared(name, left, right) for (name, left), (_, right) in rows]


def _figures(side: Side, words: Words) -> Iterator[tuple[str, str]]:
    frame = side.frame
    total = sum_counts(list(frame.totals.values()))
    yield words.say("compare.outcome"), _outcome(side, words)
    yield words.say("compare.goodput"), percent(total.good / max(1, total.demanded))
    yield words.say("compare.p95"), millis(frame.goals.p95_ms)
    yield words.say("compare.failed"), count(total.failed_total)
    yield words.say("compare.late"), count(total.late)
    yield words.say("compare.error_budget"), percent(max(0.0, frame.goals.error_budget_left))
    yield words.say("compare.spent"), f"${frame.money.spent_usd:,.2f}"


def _outcome(side: Side, words: Words) -> str:
    verdict = side.frame.verdict
    if verdict is not None and verdict.won:
        return f"{words.say('compare.won')} {'★' * side.stars}"
    return words.say("compare.lost", at=clock(side.frame.second))


def done_table(mine: Side, theirs: Side, words: Words) -> list[tuple[str, str, str, str]]:
    """What was done when on both sides, in order of time: my second and step, theirs."""
    left, right = (
        [(clock(second), clean(news_words(news, words))) for second, news in side.done]
        or [("", words.say("compare.nothing"))]
        for side in (mine, theirs)
    )
    return [(*my, *their) for my, their in zip_longest(left, right, fillvalue=("", ""))]


def main_difference(mine: Side, theirs: Side, words: Words) -> str:
    """One sentence: what most likely made the two come out otherwise."""
    won, their_win = _won(mine.frame), _won(theirs.frame)
    if their_win and not won:
        return _missed_step(mine, theirs, words)
    if won != their_win:
        return words.say("compare.only_you")
    if not won:
        return words.say("compare.both_lost")
    return _by_money(mine.frame, theirs.frame, words) or _by_errors(mine.frame, theirs.frame, words)


def _won(frame: Frame) -> bool:
    return frame.verdict is not None and frame.verdict.won


def _missed_step(mine: Side, theirs: Side, words: Words) -> str:
    """The first step of the reference plan that was not done, done late, or done otherwise."""
    left = list(mine.done)
    for second, news in theirs.done:
        what, at = clean(news_words(news, words)), clock(second)
        same = [step for step in left if step[1].kind == news.kind]
        if not same:
            return words.say("compare.never", what=what, at=at)
        left.remove(same[0])
        when, own = same[0]
        if when > second + MUCH_LATER_S:
            return words.say("compare.later", what=what, at=at, when=clock(when))
        if _size(own) != _size(news):
            other = clean(news_words(own, words))
            return words.say("compare.otherwise", what=what, at=at, other=other)
    if left:
        second, news = left[0]
        what = clean(news_words(news, words))
        return words.say("compare.too_much", what=what, at=clock(second))
    return words.say("compare.moments")


def _size(news: News) -> tuple[object, ...]:
    """What of a step matters besides the names that things were given."""
    return tuple(news.args.get(name) for name in ("type", "role", "engine"))


def _by_money(mine: Frame, theirs: Frame, words: Words) -> str:
    more = mine.money.spent_micro_usd - theirs.money.spent_micro_usd
    if abs(more) < MUCH_MONEY * mine.money.budget_micro_usd:
        return ""
    own, other = (by_service(f.money.lines, f) for f in (mine, theirs))
    by_name = {s: own.get(s, 0) - other.get(s, 0) for s in {**own, **other}}
    most = (max if more > 0 else min)(by_name, key=lambda service: by_name[service])
    figures = {"usd": abs(more) / 1e6, "service": service_words(most, words)}
    return words.say("compare.dearer" if more > 0 else "compare.cheaper", **figures)


def _by_errors(mine: Frame, theirs: Frame, words: Words) -> str:
    wrong = [
        sum(c.late + c.failed_total for c in frame.totals.values()) for frame in (mine, theirs)
    ]
    demanded = sum(c.demanded for c in mine.totals.values())
    little = max(0.1 * max(wrong), A_TRIFLE * demanded)
    key = "alike" if abs(wrong[0] - wrong[1]) <= little else "fewer"
    if key == "fewer" and wrong[0] > wrong[1]:
        key = "more"
    return words.say(f"compare.{key}", mine=count(wrong[0]), theirs=count(wrong[1]))
