"""Everything to read over a run: one resource, what is wrong, cards, the bill, news, keys."""

from typing import TypeVar

from rich.console import RenderableType
from textual.screen import Screen

from engine.explain import explain
from engine.frame import Frame
from tui.concepts import ABOUT, deck
from tui.desk import Desk
from tui.forms import stands
from tui.pages import bill_page, help_page, news_page, resource_page
from tui.render.canvas import clean
from tui.render.facts import Facts
from tui.render.history import History
from tui.screens.concept import ConceptScreen
from tui.screens.explain import ExplainScreen
from tui.screens.help import HelpPage
from tui.screens.modal import Page
from tui.session import Session

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

    @property
    def frame(self) -> Frame:
        """The frame that is shown."""
        return self.session.frame

    def selected(self) -> str | None:
        """The resource that pages are about."""
        raise NotImplementedError

    def action_inspect(self) -> None:
        """Everything about the selected resource."""
        selected = self.selected()
        title = selected or self.desk.say("actions.inspect")
        self._read(clean(title), resource_page(self.desk, self.frame, selected))

    def action_explain(self) -> None:
        """What is wrong, why, and what would help."""
        explanation = explain(self.session.seen())
        said, duration_s = self.desk.say("explain.title"), self.facts.duration_s
        second = self.frame.second
        self.app.push_screen(ExplainScreen(self.desk, explanation, second, duration_s, said))

    def action_concept(self) -> None:
        """The card of what is selected, then those of the level's rows."""
        standing = stands(self.frame, self.selected())
        about = ABOUT[standing.kind] if standing else ()
        self.app.push_screen(ConceptScreen(self.desk, deck(about, self.teaches())))

    def teaches(self) -> tuple[str, ...]:
        """The rows of the lecture that this run is about, where that is known."""
        return ()

    def action_bill(self) -> None:
        """The bill."""
        self._read(self.desk.say("bill.title"), bill_page(self.desk.words, self.frame))

    def action_news_log(self) -> None:
        """All news."""
        text = news_page(self.desk.words, self.history, self.frame.second)
        self._read(self.desk.say("log.title"), text)

    def action_help(self) -> None:
        """All keys."""
        text = help_page(self.desk.words, self.WHERE, self.facts.duration_s)
        self.app.push_screen(HelpPage(self.desk, self.desk.say("help.title"), text))

    def _read(self, title: str, text: RenderableType) -> None:
        self.app.push_screen(Page(self.desk, title, text))
