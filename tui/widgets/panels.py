"""The panels as widgets, and the status line."""

from textual.strip import Strip

from tui.render.panels import draw_bill, draw_headroom, draw_news, draw_reasons
from tui.render.status import Pace, draw_status
from tui.theme import Look
from tui.widgets.strips import StripWidget
from tui.words import Words


class ReasonsPanel(StripWidget):
    """Why requests failed in the last minute."""

    def draw(self, width: int, height: int) -> list[Strip]:
        """The panel in its frame."""
        assert self.frame is not None
        return draw_reasons(
            width, height, self.frame, self.history, self.facts, self.look, self.words, self.hint
        )


class HeadroomPanel(StripWidget):
    """How full each station is."""

    def draw(self, width: int, height: int) -> list[Strip]:
        """The panel in its frame."""
        assert self.frame is not None
        return draw_headroom(
            width, height, self.frame, self.history, self.look, self.words, self.hint
        )


class BillPanel(StripWidget):
    """The bill so far and where it will end."""

    def draw(self, width: int, height: int) -> list[Strip]:
        """The panel in its frame."""
        assert self.frame is not None
        return draw_bill(width, height, self.frame, self.look, self.words, self.hint)


class NewsPanel(StripWidget):
    """What happened, newest first."""

    def draw(self, width: int, height: int) -> list[Strip]:
        """The panel in its frame."""
        assert self.frame is not None
        return draw_news(
            width, height, self.frame.second, self.history, self.look, self.words, self.hint
        )


class StatusBar(StripWidget):
    """One line above everything; tell it how time runs with `run_at`."""

    DEFAULT_CSS = """
    StatusBar {
        height: 1;
    }
    """

    def __init__(
        self, words: Words, look: Look, *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(words, look, id=id, classes=classes)
        self._pace = Pace()

    def run_at(self, pace: Pace) -> None:
        """Show another pace."""
        if pace != self._pace:
            self._pace = pace
            self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        """The line."""
        assert self.frame is not None
        return draw_status(width, height, self.frame, self.facts, self._pace, self.look, self.words)
