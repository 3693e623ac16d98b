"""The help: every key of a screen, and from there the card that says how true all this is."""

from typing import ClassVar

from textual.binding import BindingType

from tui.concepts import MODEL
from tui.screens.concept import ConceptScreen
from tui.screens.modal import Page


class HelpPage(Page):
    """A page with one more key."""

    KEYS = "help.keys"
    BINDINGS: ClassVar[list[BindingType]] = [("m", "model", "")]

    def action_model(self) -> None:
        """What is simulated, and what is not."""
        self.app.push_screen(ConceptScreen(self._desk, (MODEL,)))
