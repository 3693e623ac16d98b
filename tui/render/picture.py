"""A drawn board: its cells, where each thing lies, and the wires that traffic moves on."""

from typing import Literal, NamedTuple

from rich.style import Style
from textual.strip import Strip

from tui.render.canvas import Canvas, row_strip
from tui.render.history import Pulse
from tui.render.wires import Wires, dots

Direction = Literal["up", "down", "left", "right"]


class Spot(NamedTuple):
    """The cells that a thing takes on the board."""

    x: int
    y: int
    width: int
    height: int


class Picture:
    """What `draw_board` made. `spots` and `order` are for the keyboard and the mouse."""

    def __init__(self, canvas: Canvas, pulse: Pulse, order: tuple[str, ...]) -> None:
        self.canvas = canvas
        self.pulse = pulse
        self.order = order
        self.spots: dict[str, Spot] = {}
        self.wires = Wires()
        self._still: list[Strip] | None = None

    def strips(self, phase: int | None = None) -> list[Strip]:
        """The rows; with a phase the traffic is drawn where that animation step has it."""
        if self._still is None:
            self._still = self.canvas.strips()
        if phase is None:
            return self._still
        strips = list(self._still)
        canvas = self.canvas
        touched: dict[int, tuple[list[str], list[Style]]] = {}
        for dot in dots(self.wires.routes, self.pulse, phase):
            if not (0 <= dot.x < canvas.width and 0 <= dot.y < canvas.height):
                continue
            if dot.y not in touched:
                touched[dot.y] = (list(canvas.cells[dot.y]), list(canvas.styles[dot.y]))
            cells, styles = touched[dot.y]
            cells[dot.x] = dot.glyph
            styles[dot.x] = canvas.look.ink(dot.ink, bold=True)
        for y, (cells, styles) in touched.items():
            strips[y] = row_strip(cells, styles, canvas.look)
        return strips

    def at(self, x: int, y: int) -> str | None:
        """The id of the thing drawn at a cell; a volume before the machine round it."""
        under = [
            (spot.width * spot.height, id)
            for id, spot in self.spots.items()
            if spot.x <= x < spot.x + spot.width and spot.y <= y < spot.y + spot.height
        ]
        return min(under)[1] if under else None

    def neighbour(self, selected: str | None, direction: Direction) -> str | None:
        """What an arrow key selects next: the nearest thing that way, else the next in order."""
        if selected not in self.order:
            return self.order[0] if self.order else None
        here = self.spots.get(selected)
        if here is not None and direction in ("left", "right"):
            found = self._beside(here, 1 if direction == "right" else -1)
            if found is not None:
                return found
        step = 1 if direction in ("down", "right") else -1
        index = self.order.index(selected) + step
        return self.order[index] if 0 <= index < len(self.order) else selected

    def _beside(self, here: Spot, sign: int) -> str | None:
        """The nearest thing that lies wholly to one side, rows counting double."""
        found: list[tuple[int, int, str]] = []
        for rank, (id, spot) in enumerate(self.spots.items()):
            gap = spot.x - here.x - here.width if sign > 0 else here.x - spot.x - spot.width
            if gap >= 0:
                found.append((gap + 2 * abs(spot.y - here.y), rank, id))
        return min(found)[2] if found else None
