"""Drawn widgets of the views over a run: inside a machine, one request, figures at a cursor."""

from textual.strip import Strip

from tui.render.readout import draw_readout
from tui.render.top import draw_top
from tui.render.waterfall import Followed, Sought, draw_request
from tui.widgets.strips import StripWidget


class TopView(StripWidget):
    """The inside of a resource; set `resource`, then `redraw`."""

    resource: str | None = None

    def draw(self, width: int, height: int) -> list[Strip]:
        """What is going on there."""
        assert self.frame is not None
        return draw_top(
            width, height, self.frame, self.history, self.facts, self.resource,
            self.look, self.words,
        )  # fmt: skip


class RequestView(StripWidget):
    """One request; `follow` sets which."""

    followed: Followed | None = None
    sought: Sought = "trouble"
    held = False

    def follow(self, followed: Followed | None, sought: Sought, *, held: bool) -> None:
        """Show a request, or that there is none."""
        self.followed, self.sought, self.held = followed, sought, held
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        """Its waterfall."""
        return draw_request(
            width, height, self.followed, self.sought, self.history, self.facts,
            self.look, self.words, held=self.held,
        )  # fmt: skip


class ReadoutPanel(StripWidget):
    """The figures and the news of one second; set `cursor` and `request_class`, then `redraw`."""

    cursor: int | None = None
    request_class: str | None = None
    span_s: int = 1

    def draw(self, width: int, height: int) -> list[Strip]:
        """The panel in its frame."""
        assert self.frame is not None
        second = self.frame.second if self.cursor is None else self.cursor
        return draw_readout(
            width, height, second, self.span_s, self.request_class, self.history,
            self.look, self.words, live=self.cursor is None,
        )  # fmt: skip
