"""Everything to read over a run: what is wrong, hints, cards, news, keys."""

from typing import TypeVar

from rich.console import RenderableType
from textual.screen import Screen

from engine.explain import explain
from engine.frame import Frame
from tui.concepts import ABOUT, deck
from tui.desk import Desk
from tui.hints import Hints
from tui.pages import help_page, news_page
from tui.render.facts import Facts
from tui.render.history import History
from tui.screens.concept import ConceptScreen
from tui.screens.explain import ExplainScreen
from tui.screens.help import HelpPage
from tui.screens.hint import HintScreen
from tui.screens.modal import Page
from tui.session import Session
from tui.standing import stands

T = TypeVar("T")


class ReadingScreen(Screen[T]):
    """A run whose pages can be opened by their keys; `WHERE` names its actions."""

    WHERE = "play"

    def __init__(self, desk: Desk, session: Session, history: History, facts: Facts) -> None:
        super().__init__()
        self.desk = desk
        self.session = session
        self.history = history
        self.facts = facts
        self.hints = Hints()

    @property
    def frame(self) -> Frame:
        """The frame that is shown."""
        return self.session.frame

    def selected(self) -> str | None:
        """The resource that pages are about."""
        raise NotImplementedError

    def action_explain(self) -> None:
        """What is tight, what is wrong and why, and what will break first."""
        self.app.push_screen(
            ExplainScreen(
                self.desk,
                explain(tuple(self.session.seen()), self.facts.known),
                self.facts.duration_s,
                self.hints,
                self.level_hints(),
                self.teaches(),
            )
        )

    def action_hint(self) -> None:
        """What would help, one step at a time."""
        explanation = explain(tuple(self.session.seen()), self.facts.known)
        given = self.hints, self.level_hints(), explanation
        self.app.push_screen(HintScreen(self.desk, *given, teaches=self.teaches()))

    def level_hints(self) -> tuple[str, ...]:
        """The hints that come with this run, in the player's language."""
        return ()

    def action_concept(self) -> None:
        """The card of what is selected, then those of the level's rows."""
        selected = self.selected()
        standing = stands(self.frame, selected)
        resource = self.frame.resource(selected or "")
        kind = resource.service if resource else standing.kind if standing else ""
        about = ABOUT.get(kind, ())
        self.app.push_screen(ConceptScreen(self.desk, deck(about, self.teaches())))

    def teaches(self) -> tuple[str, ...]:
        """The rows of the lecture that this run is about, where that is known."""
        return ()

    def action_news_log(self) -> None:
        """All news."""
        text = news_page(self.desk.words, self.history, self.frame.second)
        self._read(self.desk.say("log.title"), text)

    def action_help(self) -> None:
        """All keys."""
        text = help_page(self.desk.words, self.WHERE, self.facts.month_s)
        self.app.push_screen(HelpPage(self.desk, self.desk.say("help.title"), text))

    def _read(self, title: str, text: RenderableType) -> None:
        self.app.push_screen(Page(self.desk, title, text))
