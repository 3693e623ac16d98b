"""The board as a widget: shows the newest second, moves the traffic, keeps what is selected."""

from dataclasses import dataclass, replace

from textual import events
from textual.message import Message
from textual.strip import Strip

from engine.frame import Frame
from tui.render.board.draw import draw_board, frame_board
from tui.render.board.picture import Direction, Picture
from tui.render.board.scene import Scene, scene_of
from tui.render.board.view import Level, View
from tui.render.facts import Facts
from tui.render.figures import usd_micro
from tui.render.history import History
from tui.theme import Look
from tui.widgets.strips import StripWidget
from tui.words import Words

ZOOMS: tuple[Level | None, ...] = (None, *Level)
"""What the zoom key goes through; None is whatever fits best."""

WHEEL_ROWS = 3


def standing_ids(frame: Frame) -> set[str]:
    """The ids of all that can be selected."""
    kinds = (frame.instances, frame.volumes, frame.snapshots, frame.resources)
    return {thing.id for things in kinds for thing in things}


class Topology(StripWidget):
    """The board. `selected` is the id of the chosen thing or None.

    Call `step_traffic` a few times a second to move the traffic; leave it out
    where animation is off: then arrows stand on the wires, as dense as the traffic.
    """

    @dataclass
    class Selected(Message):
        """A thing was selected, by key or mouse."""

        resource: str

    @dataclass
    class Opened(Message):
        """A thing was clicked twice."""

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
        self.view = View()
        self._phase: int | None = None
        self._scene: Scene | None = None
        self._picture: Picture | None = None
        self._before: Picture | None = None
        self._follow = False

    @property
    def order(self) -> tuple[str, ...]:
        """Everything that can be selected, in the order of the board."""
        scene = self._scene_now()
        return () if scene is None else scene.order

    def show(self, frame: Frame, history: History, facts: Facts) -> None:
        """Show a second; what was selected and is gone is no longer selected."""
        if frame is not self.frame or history is not self.history:
            self._scene = self._picture = None
            if self.selected not in standing_ids(frame):
                self.selected = None
        super().show(frame, history, facts)

    def select(self, resource: str | None) -> None:
        """Select a thing, or nothing; the board is scrolled so that it can be seen."""
        if resource == self.selected:
            return
        self.selected = resource
        self._follow = True
        self._repaint()
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

    def zoom(self) -> None:
        """Say more or less of each thing: the next of `ZOOMS`."""
        level = ZOOMS[(ZOOMS.index(self.view.level) + 1) % len(ZOOMS)]
        self.view = replace(self.view, level=level, top=0)
        self._follow = True
        self._repaint()

    def unfold(self) -> None:
        """Unfold the many that the selected thing is one of.

        With nothing folded selected, fold all again; if all is folded, unfold the first.
        """
        if self._picture is None:
            return
        key, unfolded = self._picture.fold_of(self.selected), self.view.unfolded
        if key is None and not unfolded:
            key = next(iter(self._picture.folds), None)
        unfolded = frozenset() if key is None else unfolded | {key}
        self.view = replace(self.view, unfolded=unfolded)
        self._follow = True
        self._repaint()

    def page(self, pages: int) -> None:
        """Scroll by pages."""
        if self._picture is not None:
            self._scroll(pages * max(1, self._picture.room - 1))

    def step_traffic(self) -> None:
        """Move the traffic on the wires by one step."""
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
        size = (max(0, width - 2), max(0, height - 2))
        picture = self._picture
        if picture is None or (picture.canvas.width, picture.canvas.height) != size:
            picture = self._picture = self._draw_picture(*size)
        assert self.frame is not None
        words, money = self.words, self.frame.money
        cost = words.say("board.a_month", usd=usd_micro(money.rate_month_micro_usd))
        title = words.say("board.title")
        hint = self._hint(picture)
        return frame_board(width, height, picture, self._phase, self.look, title, hint, cost)

    def on_click(self, event: events.Click) -> None:
        """Select what was clicked; a second click opens it."""
        if self._picture is None:
            return
        found = self._picture.at(event.x - 1, event.y - 1)
        if found is None:
            return
        self.select(found)
        if event.chain == 2:
            self.post_message(self.Opened(found))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll down."""
        self._scroll(WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll up."""
        self._scroll(-WHEEL_ROWS)

    def _scene_now(self) -> Scene | None:
        if self._scene is None and self.frame is not None:
            self._scene = scene_of(self.frame, self.history)
        return self._scene

    def _draw_picture(self, width: int, height: int) -> Picture:
        """The picture at the scroll position, or where the newly selected thing is seen."""
        scene = self._scene_now()
        assert scene is not None

        def drawn() -> Picture:
            return draw_board(
                width, height, scene, self.look, self.words, self.selected, self.view, self._before
            )

        picture = self._before = drawn()
        top = picture.top_for(self.selected) if self._follow else picture.top
        self._follow = False
        self.view = replace(self.view, top=top)
        return picture if top == picture.top else drawn()

    def _hint(self, picture: Picture) -> str:
        words = self.words
        level = words.say(f"board.level_{picture.choice.level}")
        own = self.view.level is None
        hints = [words.say("board.zoom_own" if own else "board.zoom", level=level)]
        if self.view.unfolded and picture.fold_of(self.selected) is None:
            hints.insert(0, words.say("board.fold"))
        elif picture.folds:
            hints.insert(0, words.say("board.unfold"))
        if picture.highest_top:
            hints.insert(0, words.say("board.scroll"))
        return "   ".join(hints)

    def _scroll(self, rows: int) -> None:
        if self._picture is None:
            return
        top = min(max(0, self._picture.top + rows), self._picture.highest_top)
        if top != self._picture.top:
            self.view = replace(self.view, top=top)
            self._repaint()

    def _repaint(self) -> None:
        self._picture = None
        self.redraw()
