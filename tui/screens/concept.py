"""Concept cards on the screen: one at a time, the others by the arrows."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Markdown, Static

from engine.catalog import CATALOG
from tui.concepts import concept
from tui.desk import Desk


class ConceptScreen(ModalScreen[None]):
    """A deck of cards, open at the first."""

    CSS_PATH = "modal.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,q,enter,space,k", "dismiss", ""),
        ("right,n", "turn(1)", ""),
        ("left,p", "turn(-1)", ""),
    ]

    def __init__(self, desk: Desk, deck: tuple[str, ...]) -> None:
        super().__init__()
        self._desk = desk
        self._deck = deck
        self._at = 0

    def compose(self) -> ComposeResult:
        """The card in a frame that scrolls."""
        with VerticalScroll(classes="sheet card") as sheet:
            sheet.border_subtitle = self._desk.say(
                "concept.keys" if len(self._deck) > 1 else "page.keys"
            )
            yield Markdown(open_links=False)
            figures = {"region": CATALOG.region, "as_of": CATALOG.as_of}
            yield Static(Text(self._desk.say("concept.source", **figures), "dim"))

    async def on_mount(self) -> None:
        """The arrows go to the card."""
        self.query_one(VerticalScroll).focus()
        await self._show()

    async def action_turn(self, by: int) -> None:
        """The next card, or the one before; round at the ends."""
        self._at = (self._at + by) % len(self._deck)
        await self._show()

    async def _show(self) -> None:
        name = self._deck[self._at]
        card = concept(name, self._desk.words.language)
        sheet = self.query_one(VerticalScroll)
        place = {"number": self._at + 1, "total": len(self._deck)}
        several = f"   {self._desk.say('concept.place', **place)}" if len(self._deck) > 1 else ""
        sheet.border_title = card.title + several
        await self.query_one(Markdown).update(card.text)
        sheet.scroll_home(animate=False)
