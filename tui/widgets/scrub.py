"""The scrub bar as a widget: tell it the runs with `about` and what to say with `say`."""

from collections.abc import Sequence

from textual import events
from textual.message import Message
from textual.strip import Strip

from tui.render.scrub import Lane, draw_scrub, track_of
from tui.widgets.strips import StripWidget


class ScrubBar(StripWidget):
    """A recording from its first second to its last; a click or a drag goes to a second."""

    class Sought(Message):
        """A second was pointed at."""

        def __init__(self, second: int) -> None:
            super().__init__()
            self.second = second

    lanes: Sequence[Lane] = ()
    sentence = ""

    def about(self, lanes: Sequence[Lane]) -> None:
        """The run that is watched, and one beside it, from the next drawing on."""
        self.lanes = lanes

    def say(self, sentence: str) -> None:
        """Another sentence in the last row."""
        if sentence != self.sentence:
            self.sentence = sentence
            self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        """The bar, what happened, the sentence."""
        assert self.frame is not None
        return draw_scrub(
            width, height, self.lanes, self.frame.second, self.sentence, self.look, self.words
        )

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Point at a second, and follow the mouse until it is let go."""
        if event.y < len(self.lanes):
            self.capture_mouse()
            self._seek(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag along the bar."""
        if self.app.mouse_captured is self:
            self._seek(event.x)

    def on_mouse_up(self) -> None:
        """Let go."""
        self.release_mouse()

    def _seek(self, x: int) -> None:
        track = track_of(self.size.width, self.lanes) if self.lanes else None
        second = None if track is None else track.second(x)
        if second is not None:
            self.post_message(self.Sought(second))
