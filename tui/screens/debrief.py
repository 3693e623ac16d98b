"""The debrief: how the run ended and why, its margins, what happened, and where to go from here."""

from enum import Enum
from pathlib import PurePath
from typing import ClassVar

from rich.cells import cell_len
from rich.console import Group
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Markdown, Static

from engine.explain import explain
from engine.frame import Frame, Verdict, sum_counts
from tui.desk import Desk
from tui.pages import stars_text, usd_cents
from tui.render.canvas import clean, pad
from tui.render.figures import clock
from tui.render.history import History
from tui.render.sentences import news_words, place_words, reason_words
from tui.run import Run
from tui.screens.explain import ExplainScreen
from tui.story import bursts_part
from tui.words import Words

MOST_TOLD = 14
"""Lines of the timeline."""

BY_REQUESTS = ("error_budget_empty", "p95_over")
"""Verdicts that requests brought about: a failure reason and a place are behind them."""


class Next(Enum):
    """Where the player goes from a debrief."""

    AGAIN = "again"
    NEW_TRAFFIC = "new_traffic"
    WATCH = "watch"
    NEXT_LEVEL = "next_level"
    MENU = "menu"


class DebriefScreen(Screen[Next]):
    """Gives where the player goes next."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["menu.tcss", "debrief.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        ("enter", "leave('next_level')", ""),
        ("r", "leave('again')", ""),
        ("n", "leave('new_traffic')", ""),
        ("w", "leave('watch')", ""),
        ("e", "explain", ""),
        ("m,escape,q", "leave('menu')", ""),
    ]

    def __init__(self, desk: Desk, run: Run, *, has_next: bool) -> None:
        super().__init__()
        self._desk = desk
        self._run = run
        frame = run.session.frame
        assert frame.verdict is not None
        self._frame = frame
        self._verdict = frame.verdict
        self._has_next = has_next and self._verdict.won
        self._star_said = Text()
        self._explanation = explain(run.session.seen())

    def compose(self) -> ComposeResult:
        """From the verdict down to the lesson."""
        say = self._desk.say
        words = self._desk.words
        text = self._run.level.words(words.language)
        with VerticalScroll(id="debrief") as page:
            page.border_title = text.title
            page.border_subtitle = say("debrief.keys_next" if self._has_next else "debrief.keys")
            yield Static(self._head(), id="head")
            yield Static(cause_text(words, self._run, self._verdict), id="cause")
            yield Static(self._star_line(), id="third-star")
            yield Static(margins_text(words, self._run, self._frame), classes="part")
            yield Static(self._why(), classes="part")
            yield Static(timeline_text(words, self._run.history, self._frame), classes="part")
            yield Static(costs_text(words, self._frame), classes="part")
            yield Markdown(text.won if self._verdict.won else text.lost, open_links=False)
            yield Static(Text(say("debrief.lesson"), "bold"))
            yield Markdown(text.lesson, open_links=False)
            yield Static(Text(self._kept(), "dim"), id="kept")

    def on_mount(self) -> None:
        """The arrows go to the text; how the third star stands is followed."""
        self.query_one(VerticalScroll).focus()
        self.set_interval(1 / 5, self.follow_third_star)

    def follow_third_star(self) -> None:
        """Show how far it is, and the star once it is there."""
        line = self._star_line()
        if line != self._star_said:
            self._star_said = line
            self.query_one("#third-star", Static).update(line)
            self.query_one("#head", Static).update(self._head())

    def _head(self) -> Text:
        won = self._verdict.won
        text = Text(self._desk.say("debrief.won" if won else "debrief.lost").upper() + "  ")
        text.stylize(f"bold {self._desk.hue('ok' if won else 'down')}")
        text.append_text(stars_text(self._desk, self._run.stars))
        text.append(f"   {self._desk.say('briefing.seed', seed=self._run.seed)}", "dim not bold")
        return text

    def _star_line(self) -> Text:
        say = self._desk.say
        second = self._run.second_seed
        bar = self._run.level.scenario.objectives.two_stars_month_usd
        if self._verdict.stars == 1 and bar is not None:
            return Text(say("debrief.third_star_open", usd=bar), "dim")
        if second is None:
            return Text()
        if not second.over:
            percent = f"{second.share_done * 100:.0f}"
            return Text(say("debrief.second_seed", percent=percent), self._desk.hue("warn"))
        verdict = second.verdict
        if verdict is not None and verdict.won:
            return Text("★ " + say("debrief.second_won"), self._desk.hue("ok"))
        cause = short_cause(self._desk.words, verdict.cause if verdict else "")
        return Text(say("debrief.second_lost", cause=cause), self._desk.hue("warn"))

    def _why(self) -> Group:
        head = Text(self._desk.say("debrief.why"), "bold")
        duration_s = self._run.facts.duration_s
        return Group(head, bursts_part(self._desk, self._explanation, duration_s), Text())

    def action_explain(self) -> None:
        """The same with hints."""
        said = self._desk.say("explain.title")
        duration_s = self._run.facts.duration_s
        self.app.push_screen(
            ExplainScreen(self._desk, self._explanation, self._frame.second, duration_s, said)
        )

    def _kept(self) -> str:
        trouble = self._run.session.trouble
        if trouble is not None:
            return self._desk.say("debrief.not_saved", why=self._desk.say(f"trouble.{trouble}"))
        return self._desk.say("debrief.saved")

    def action_leave(self, choice: str) -> None:
        """On to what was chosen; what is not there now is not a choice."""
        chosen = Next(choice)
        if chosen is Next.NEXT_LEVEL and not self._has_next:
            return
        if chosen is Next.WATCH and self._run.path is None:
            self.app.bell()
            return
        self.dismiss(chosen)


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
        text.append("\n" + clean(words.say("debrief.because_money", at=because.at)), "bold")
    return text


def short_cause(words: Words, cause: str) -> str:
    """A cause in a few words."""
    key = f"causes.{cause}"
    return words.say(key) if words.knows(key) else clean(cause)


def margins_text(words: Words, run: Run, frame: Frame) -> Text:
    """How far from, or how far over, each bound it was."""
    total = sum_counts(list(frame.totals.values()))
    demanded = max(1, total.demanded)
    rows: list[tuple[str, str]] = []
    parts = (("answered", total.good), ("late", total.late), ("failed", total.failed_total))
    for name, n in parts:
        figures = {"n": n, "demanded": total.demanded, "percent": n / demanded * 100}
        rows.append((f"debrief.{name}", words.say("debrief.requests_of", **figures)))
    bound = run.level.scenario.objectives.p95_ms
    p95 = {"ms": frame.goals.p95_ms, "bound": bound or 0.0}
    rows.append(("debrief.p95", words.say("debrief.ms_of" if bound else "debrief.ms", **p95)))
    left = max(0.0, frame.goals.error_budget_left)
    rows.append(("debrief.error_budget", f"{left * 100:.0f} %"))
    money = frame.money
    share = money.spent_micro_usd / money.budget_micro_usd * 100
    spent = {"spent": money.spent_usd, "budget": money.budget_micro_usd / 1e6, "percent": share}
    rows.append(("debrief.spent", words.say("debrief.of_month", **spent)))
    return _table(words.say("debrief.margins"), [(words.say(key), value) for key, value in rows])


def timeline_text(words: Words, history: History, frame: Frame) -> Text:
    """The main news of the run, oldest first."""
    told = list(history.told_between(0, frame.second))
    kept = told if len(told) <= MOST_TOLD else told[: MOST_TOLD - 4] + told[-4:]
    text = Text(words.say("debrief.timeline") + "\n", "bold")
    for number, line in enumerate(kept):
        if len(told) > len(kept) and number == MOST_TOLD - 4:
            more = words.say("debrief.more_lines", n=len(told) - len(kept))
            text.append(f"        {more}\n", "dim not bold")
        text.append(f"{clock(line.second):>6}  ", "dim not bold")
        text.append(clean(news_words(line.news, words)) + "\n", "not bold")
    return text


def costs_text(words: Words, frame: Frame) -> Text:
    """What each resource cost, dearest first."""
    sums: dict[str, int] = {}
    for line in frame.money.lines:
        if line.counted:
            sums[line.resource] = sums.get(line.resource, 0) + line.amount_micro_usd
    dearest = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    rows = [(name, usd_cents(amount)) for name, amount in dearest[:8] if amount]
    rest = sum(amount for _, amount in dearest[8:])
    if rest:
        rows.append((words.say("debrief.others"), usd_cents(rest)))
    if not rows:
        rows = [(words.say("bill.empty"), "")]
    return _table(words.say("debrief.bill"), rows)


def _table(title: str, rows: list[tuple[str, str]]) -> Text:
    text = Text(title + "\n", "bold")
    width = max((cell_len(clean(name)) for name, _ in rows), default=0)
    for name, value in rows:
        text.append(f"  {pad(name, width)}  ", "dim not bold")
        text.append(f"{clean(value)}\n", "not bold")
    return text
