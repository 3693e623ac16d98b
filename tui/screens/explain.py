"""What is wrong, why, and hints against it: one more each time the key is pressed again."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from engine.explain import Explanation
from tui.concepts import deck
from tui.desk import Desk
from tui.explanations import CONCEPT_OF, HINT_STEPS, causes
from tui.screens.concept import ConceptScreen
from tui.story import explanation_page

KEYS = ("explain.keys", "explain.keys_more", "explain.keys_answer", "explain.keys_done")
"""What the key gives next, by the hints that are shown already."""


class ExplainScreen(ModalScreen[None]):
    """An explanation of a run of `duration_s` seconds as of a second."""

    CSS_PATH = "modal.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,q,enter,space", "dismiss", ""),
        ("e,h", "hint", ""),
        ("k", "concept", ""),
    ]

    def __init__(
        self, desk: Desk, explanation: Explanation, second: int, duration_s: int, title: str
    ) -> None:
        super().__init__()
        self._desk = desk
        self._explanation = explanation
        self._second = second
        self._duration_s = duration_s
        self._title = title
        self._steps = 0

    def compose(self) -> ComposeResult:
        """The text in a frame that scrolls."""
        with VerticalScroll(classes="sheet card") as sheet:
            sheet.border_title = self._title
            yield Static()

    def on_mount(self) -> None:
        """The arrows go to the text."""
        self.query_one(VerticalScroll).focus()
        self._show()

    def action_hint(self) -> None:
        """One more hint, from gentle to plain."""
        if self._steps == HINT_STEPS or not causes(self._explanation):
            self.app.bell()
            return
        self._steps += 1
        self._show()
        self.query_one(VerticalScroll).scroll_end(animate=False)

    def action_concept(self) -> None:
        """The cards about what is wrong, then the others."""
        about = (CONCEPT_OF[cause] for cause in causes(self._explanation))
        self.app.push_screen(ConceptScreen(self._desk, deck(about)))

    def _show(self) -> None:
        hints = causes(self._explanation)
        keys = KEYS[self._steps] if hints else KEYS[-1]
        self.query_one(VerticalScroll).border_subtitle = self._desk.say(keys)
        page = explanation_page(
            self._desk, self._explanation, self._second, self._duration_s, self._steps
        )
        self.query_one(Static).update(page)
