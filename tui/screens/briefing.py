"""The briefing of a level: what happens, the goals in figures, hints for those who want them."""

from pathlib import PurePath
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Markdown, Static

from engine.scenario import RequestClass, Scenario
from levels.level import Level
from tui.concepts import deck
from tui.desk import Desk
from tui.front_actions import front_actions, front_bindings
from tui.hints import Hints
from tui.pages import keys_page
from tui.render.canvas import clean
from tui.screens.concept import ConceptScreen
from tui.screens.modal import Page
from tui.story import level_hints_part
from tui.words import Words

REAL_SPEED = 10
"""The default speed, for saying how long a level really lasts."""


class BriefingScreen(Screen[bool]):
    """Gives whether to start; in mid-run (`reading`) it is only read again."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["menu.tcss", "briefing.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = front_bindings("briefing")

    def __init__(
        self, desk: Desk, level: Level, seed: int, hints: Hints, *, reading: bool = False
    ) -> None:
        super().__init__()
        self._desk = desk
        self._level = level
        self._seed = seed
        self._reading = reading
        self._hints = hints

    def compose(self) -> ComposeResult:
        """Title, briefing, goals; hints are added when asked for."""
        say = self._desk.say
        text = self._level.words(self._desk.words.language)
        with VerticalScroll(id="briefing") as page:
            page.border_title = text.title
            page.border_subtitle = say(
                "briefing.keys_running" if self._reading else "briefing.keys"
            )
            yield Static(Text(text.summary, "italic"), id="summary")
            yield Markdown(text.briefing, open_links=False)
            yield Static(goals_text(self._level.scenario, self._desk.words))
            yield Static(Text(say("briefing.seed", seed=self._seed), "dim"), id="seed")
            yield Static(id="hints")

    def on_mount(self) -> None:
        """The arrows go to the text."""
        self.query_one(VerticalScroll).focus()
        self._show_hints()

    async def recompose(self) -> None:
        """Anew in other words."""
        await super().recompose()
        self.query_one(VerticalScroll).focus()
        self._show_hints()

    def action_answer(self, start: bool) -> None:
        """Start, or go back."""
        self.dismiss(start)

    def action_hint(self) -> None:
        """One more hint, from a nudge to the plain answer."""
        if not self._hints.take(len(self._level_hints()), None):
            self.notify(self._desk.say("briefing.no_more_hints"), markup=False)
        self._show_hints()
        self.call_after_refresh(self.query_one(VerticalScroll).scroll_end, animate=False)

    def _level_hints(self) -> tuple[str, ...]:
        return self._level.words(self._desk.words.language).hints

    def _show_hints(self) -> None:
        """Those taken so far, in the briefing or in the run."""
        shown = self.query_one("#hints", Static)
        shown.display = self._hints.taken > 0
        shown.update(level_hints_part(self._desk, self._level_hints(), self._hints.taken))

    def action_help(self) -> None:
        """All keys."""
        text = keys_page(self._desk.words, front_actions("briefing"))
        self.app.push_screen(Page(self._desk, self._desk.say("help.title"), text))

    def action_concept(self) -> None:
        """The cards of the level's rows, then the others."""
        self.app.push_screen(ConceptScreen(self._desk, deck(self._level.teaches)))


def goals_text(scenario: Scenario, words: Words) -> Text:
    """The objectives, the budget and the deadlines, in figures."""
    goals = scenario.objectives
    if scenario.sandbox is not None:
        return Text()
    minutes = scenario.duration_s // 60
    real_s = scenario.duration_s // REAL_SPEED
    real = words.say("briefing.real_minutes", minutes=f"{real_s / 60:.0f}")
    lines = [
        words.say("briefing.error_budget", percent=goals.error_budget * 100),
        words.say("briefing.budget", budget=scenario.budget.month_usd),
        words.say("briefing.lasts", minutes=minutes, real=real),
    ]
    if goals.p95_ms is not None:
        lines.insert(1, words.say("briefing.p95", ms=goals.p95_ms))
    if goals.spend_month_usd is not None:
        lines.append(words.say("briefing.spend", usd=goals.spend_month_usd))
    if goals.keep_data:
        lines.append(words.say("briefing.keep_data"))
    for request in scenario.requests:
        lines.append(_request_line(request, words))
    if goals.two_stars_month_usd is not None:
        lines.append(words.say("briefing.two_stars", usd=goals.two_stars_month_usd))
        lines.append(words.say("briefing.three_stars"))
    text = Text(words.say("briefing.goals") + "\n", "bold")
    for line in lines:
        text.append(f"  · {clean(line)}\n", "not bold")
    return text


def _request_line(request: RequestClass, words: Words) -> str:
    """How soon a class must be answered, and what else it insists on."""
    line, insists = words.say("briefing.requests", name=request.name, ms=request.deadline_ms), []
    if request.max_lag_s is not None:
        insists.append(words.say("briefing.not_older", lag=f"{request.max_lag_s:g}"))
    if request.session:
        insists.append(words.say("briefing.keeps_session"))
    return f"{line} ({', '.join(insists)})" if insists else line
