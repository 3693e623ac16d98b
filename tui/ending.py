"""How a run ended, in words: the cause, the stars, the margins, and where to go from here. Pure."""

from enum import Enum
from typing import NamedTuple

from rich.cells import cell_len
from rich.text import Text

from engine.explain import DATA_LOST, Explanation
from engine.frame import Frame, Verdict, sum_counts, well_served_per_usd
from tui.concepts import CONCEPTS, concept_title
from tui.desk import Desk
from tui.explanations import CONCEPT_OF, causes
from tui.pages import STARS
from tui.render.canvas import clean, pad
from tui.render.figures import clock, hundredths, percent
from tui.render.sentences import place_words, reason_words
from tui.run import Run
from tui.words import Words

BY_REQUESTS = ("error_budget_empty", "p95_over")
"""Verdicts that requests brought about: a failure reason and a place are behind them."""

BEFORE_S = 300
"""So long before the first failure a run is taken over again: what helps takes minutes to be there.

A database or a replica of one is made in about two; whoever looks for the cause first needs some.
"""


class Next(Enum):
    """Where the player goes from a debrief."""

    AGAIN = "again"
    NEW_TRAFFIC = "new_traffic"
    WATCH = "watch"
    FORK = "fork"
    CARD = "card"
    NEXT_LEVEL = "next_level"
    MENU = "menu"


class Way(NamedTuple):
    """One way on from a debrief, and its key."""

    next: Next
    key: str
    text: str


def fork_second(explanation: Explanation) -> int | None:
    """Well before anything went wrong for the first time, or None if nothing did."""
    first = min((burst.from_s for burst in explanation.bursts), default=None)
    return None if first is None else max(0, first - BEFORE_S)


def card_of(run: Run, explanation: Explanation) -> str:
    """The card to read: after a loss or free play about what hurt most, else what is taught."""
    found, verdict = causes(explanation), run.session.frame.verdict
    if found and (run.session.frame.sandbox is not None or not (verdict and verdict.won)):
        return CONCEPT_OF[found[0]]
    return next((name for name in reversed(run.level.teaches) if name in CONCEPTS), CONCEPTS[0])


def ways_on(desk: Desk, run: Run, explanation: Explanation, *, has_next: bool) -> list[Way]:
    """Where to go from here, the way to be recommended first."""
    say, verdict = desk.say, run.session.frame.verdict
    won = verdict is not None and verdict.won
    ways = []
    if has_next:
        ways.append(Way(Next.NEXT_LEVEL, "enter", say("debrief.way_next_level")))
    ways.append(Way(Next.AGAIN, "r", say("debrief.way_again")))
    second = fork_second(explanation)
    if run.path is not None and second is not None:
        fork = Way(Next.FORK, "f", say("debrief.way_fork", at=clock(second)))
        ways.insert(len(ways) if won else 0, fork)
    if run.path is not None:
        ways.append(Way(Next.WATCH, "w", say("debrief.way_watch")))
    ways.append(Way(Next.NEW_TRAFFIC, "n", say("debrief.way_new_traffic")))
    title = concept_title(card_of(run, explanation), desk.words.language)
    ways.append(Way(Next.CARD, "k", say("debrief.way_card", title=title)))
    ways.append(Way(Next.MENU, "m", say("debrief.way_menu")))
    return ways


def cause_text(words: Words, run: Run, verdict: Verdict) -> Text:
    """By what it ended, and the main reason behind it."""
    frame = run.session.frame
    bound = run.level.scenario.objectives.p95_ms or 0.0
    key = f"debrief.cause_{verdict.cause}"
    figures = {"at": clock(frame.second), "bound": bound, "p95": frame.goals.p95_ms}
    figures["cause"] = verdict.cause
    text = Text(words.say(key if words.knows(key) else "debrief.cause_other", **figures))
    because = verdict.because
    if because is None:
        return text
    if verdict.cause in BY_REQUESTS:
        reason, place = reason_words(because.reason, words), place_words(because.at, words)
        figures = {"reason": reason, "at": place, "percent": because.share * 100}
        text.append("\n" + clean(words.say("debrief.because", **figures)), "bold")
    elif because.at:
        key = "because_data" if verdict.cause == DATA_LOST else "because_money"
        text.append("\n" + clean(words.say(f"debrief.{key}", at=because.at)), "bold")
    return text


def stars_rows(desk: Desk, run: Run) -> Text:
    """The three stars: whether each was got, what it asked, and how it came out."""
    if run.facts.scored:
        return _score_row(desk, run)
    say, frame = desk.say, run.session.frame
    verdict = frame.verdict
    won, two = verdict is not None and verdict.won, run.stars >= STARS - 1
    bar = run.level.scenario.objectives.two_stars_month_usd
    asked = [say("debrief.star_1")]
    spent = say("debrief.star_spent", usd=frame.money.spent_usd)
    asked.append(say("debrief.no_star_2") if bar is None else say("debrief.star_2", usd=bar))
    asked.append(say("debrief.star_3"))
    short = clean(_short_cause(desk.words, verdict.cause)) if verdict else ""
    came = ["" if won else short, spent if won and bar is not None else "", _third(desk, run)]
    text = Text()
    width = max(map(cell_len, asked))
    for got, what, how in zip((won, two, run.stars >= STARS), asked, came, strict=True):
        hue = desk.hue("accent" if got else "faint")
        text.append("★ " if got else "☆ ", f"bold {hue}")
        text.append(say("debrief.star_yes" if got else "debrief.star_no"), f"bold {hue}")
        text.append(f"  {pad(what, width)}", "not bold")
        text.append(f"  {how}\n", "dim not bold")
    text.rstrip()
    return text


def _score_row(desk: Desk, run: Run) -> Text:
    """What an endless run came to."""
    frame = run.session.frame
    figures = {"n": well_served_per_usd(frame), "at": clock(frame.second)}
    text = Text(desk.say("debrief.score", **figures), f"bold {desk.hue('accent')}")
    return text.append("\n" + desk.say("debrief.score_what"), "dim not bold")


def _third(desk: Desk, run: Run) -> str:
    """How the hidden second seed stands."""
    second = run.second_seed
    if second is None:
        return "" if run.stars >= STARS - 1 else desk.say("debrief.after_two")
    if not second.over:
        return desk.say("debrief.second_seed", percent=f"{second.share_done * 100:.0f}")
    verdict = second.verdict
    if verdict is not None and verdict.won:
        return ""
    cause = _short_cause(desk.words, verdict.cause if verdict else "")
    return desk.say("debrief.second_lost", cause=cause)


def _short_cause(words: Words, cause: str) -> str:
    """A cause in a few words."""
    key = f"causes.{cause}"
    return words.say(key) if words.knows(key) else clean(cause)


def margins_text(words: Words, run: Run, frame: Frame) -> Text:
    """How far from, or how far over, each bound it was; and how many hints were used."""
    total = sum_counts(list(frame.totals.values()))
    demanded = max(1, total.demanded)
    rows: list[tuple[str, str]] = []
    parts = (("answered", total.good), ("late", total.late), ("failed", total.failed_total))
    for name, n in parts:
        figures = {"n": n, "demanded": total.demanded, "percent": hundredths(n / demanded)}
        rows.append((name, words.say("debrief.requests_of", **figures)))
    bound = run.level.scenario.objectives.p95_ms
    p95 = {"ms": frame.goals.p95_ms, "bound": bound or 0.0}
    rows.append(("p95", words.say("debrief.ms_of" if bound else "debrief.ms", **p95)))
    left = max(0.0, frame.goals.error_budget_left)
    rows.append(("error_budget", percent(left)))
    money = frame.money
    share = money.spent_micro_usd / money.budget_micro_usd * 100
    spent = {"spent": money.spent_usd, "budget": money.budget_micro_usd / 1e6, "percent": share}
    rows.append(("spent", words.say("debrief.of_month", **spent)))
    hints = len(run.level.words(words.language).hints)
    used = words.say("debrief.hints_of", n=run.hints.taken, total=hints)
    rows.append(("hints", used))
    return _table([(words.say(f"debrief.{name}"), value) for name, value in rows])


def _table(rows: list[tuple[str, str]]) -> Text:
    text = Text()
    width = max((cell_len(clean(name)) for name, _ in rows), default=0)
    for name, value in rows:
        text.append(f"{pad(name, width)}  ", "dim not bold")
        text.append(f"{clean(value)}\n", "not bold")
    text.rstrip()
    return text
