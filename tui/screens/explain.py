"""What is wrong and why, what is tight, and what will be next; hints are one key away."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from engine.explain import Explanation
from tui.concepts import deck
from tui.desk import Desk
from tui.explanations import CONCEPT_OF, causes
from tui.hints import Hints
from tui.screens.concept import ConceptScreen
from tui.screens.hint import HintScreen
from tui.story import explanation_page


class ExplainScreen(ModalScreen[None]):
    """An explanation of a run of `duration_s` seconds as of a second."""

    CSS_PATH = "modal.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,q,enter,space,e", "dismiss", ""),
        ("h", "hint", ""),
        ("k", "concept", ""),
    ]

    def __init__(
        self,
        desk: Desk,
        explanation: Explanation,
        duration_s: int,
        hints: Hints,
        level_hints: tuple[str, ...] = (),
        teaches: tuple[str, ...] = (),
    ) -> None:
        super().__init__()
        self._desk = desk
        self._explanation = explanation
        self._duration_s = duration_s
        self._hints = hints
        self._level_hints = level_hints
        self._teaches = teaches

    def compose(self) -> ComposeResult:
        """The text in a frame that scrolls."""
        desk, explanation = self._desk, self._explanation
        with VerticalScroll(classes="sheet card") as sheet:
            sheet.border_title = desk.say("explain.title")
            sheet.border_subtitle = desk.say("explain.keys")
            yield Static(explanation_page(desk, explanation, explanation.second, self._duration_s))

    def on_mount(self) -> None:
        """The arrows go to the text."""
        self.query_one(VerticalScroll).focus()

    def action_hint(self) -> None:
        """What would help, one step at a time."""
        given = self._hints, self._level_hints, self._explanation
        self.app.push_screen(HintScreen(self._desk, *given, teaches=self._teaches))

    def action_concept(self) -> None:
        """The cards about what is wrong, then the level's, then the others."""
        about = (CONCEPT_OF[cause] for cause in causes(self._explanation))
        self.app.push_screen(ConceptScreen(self._desk, deck(about, self._teaches)))
