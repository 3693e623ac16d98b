"""The board as a widget: shows the newest second, moves the traffic, keeps what is selected."""

from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.strip import Strip

from engine.frame import Frame
from tui.render.board import draw_board, frame_board
from tui.render.facts import Facts
from tui.render.history import History
from tui.render.picture import Direction, Picture
from tui.render.scene import scene_of
from tui.theme import Look
from tui.widgets.strips import StripWidget
from tui.words import Words


def standing_ids(frame: Frame) -> set[str]:
    """The ids of all that can be selected."""
    return {thing.id for things in (frame.instances, frame.volumes, frame.snapshots)
            for thing in things}  # fmt: skip


class Topology(StripWidget):
    """The board. `selected` is the id of the chosen thing or None.

    Call `step_traffic` a few times a second to move the traffic; leave it out
    where animation is off: without a step there are no dots.
    """

    @dataclass
    class Selected(Message):
        """A thing was selected, by key or mouse."""

        resource: str

    def __init__(
        self,
        words: Words,
        look: Look,
        *,
        hint: str = "",
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(words, look, hint=hint, id=id, classes=classes)
        self.selected: str | None = None
        self._phase: int | None = None
        self._picture: Picture | None = None

    @property
    def order(self) -> tuple[str, ...]:
        """Everything that can be selected, in the order of the board."""
        if self.frame is None:
            return ()
        return scene_of(self.frame, self.history).order()

    def show(self, frame: Frame, history: History, facts: Facts) -> None:
        """Show a second; what was selected and is gone is no longer selected."""
        if frame is not self.frame:
            self._picture = None
            if self.selected not in standing_ids(frame):
                self.selected = None
        super().show(frame, history, facts)

    def select(self, resource: str | None) -> None:
        """Select a thing, or nothing."""
        if resource == self.selected:
            return
        self.selected = resource
        self._picture = None
        self.redraw()
        if resource is not None:
            self.post_message(self.Selected(resource))

    def move(self, direction: Direction) -> None:
        """Select what lies that way (an arrow key)."""
        if self._picture is not None:
            self.select(self._picture.neighbour(self.selected, direction))

    def cycle(self, step: int = 1) -> None:
        """Select the next thing in order, or with -1 the one before; round at the ends."""
        order = self.order
        if not order:
            return
        if self.selected not in order:
            self.select(order[0 if step > 0 else -1])
            return
        self.select(order[(order.index(self.selected) + step) % len(order)])

    def step_traffic(self) -> None:
        """Move the traffic on the wires by one cell."""
        self._phase = (self._phase or 0) + 1
        self.redraw()

    def still_traffic(self) -> None:
        """Draw no moving traffic (animation off)."""
        if self._phase is not None:
            self._phase = None
            self.redraw()

    def wear(self, look: Look) -> None:
        """Change the look."""
        self._picture = None
        super().wear(look)

    def draw(self, width: int, height: int) -> list[Strip]:
        """The board in its frame."""
        assert self.frame is not None
        size = (max(0, width - 2), max(0, height - 2))
        picture = self._picture
        if picture is None or (picture.canvas.width, picture.canvas.height) != size:
            scene = scene_of(self.frame, self.history)
            picture = draw_board(*size, scene, self.look, self.words, self.selected)
            self._picture = picture
        title = self.words.say("board.title")
        return frame_board(width, height, picture, self._phase, self.look, title, self.hint)

    def on_click(self, event: events.Click) -> None:
        """Select what was clicked."""
        if self._picture is not None:
            found = self._picture.at(event.x - 1, event.y - 1)
            if found is not None:
                self.select(found)
