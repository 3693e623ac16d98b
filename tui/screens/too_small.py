"""What is shown where the terminal has too little room for the game."""

from rich.text import Text
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static

from tui.desk import Desk


class TooSmall(Screen[None]):
    """Asks for more room; the app takes it away when there is enough."""

    CSS_PATH = "menu.tcss"

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk

    def compose(self) -> ComposeResult:
        """One sentence."""
        yield Static(id="room")

    def on_resize(self) -> None:
        """Say how much there is now."""
        width, height = self.app.size
        said = self._desk.say("game.too_small", width=width, height=height)
        self.query_one(Static).update(Text(said, justify="center"))
