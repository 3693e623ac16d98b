"""A drawn board: its cells, where each thing lies, and the wires that traffic moves on."""

from collections.abc import Hashable
from itertools import groupby
from typing import Literal, NamedTuple

from rich.style import Style
from textual.strip import Strip

from tui.render.board.folds import Fleet, FoldKey
from tui.render.board.things import Machine
from tui.render.board.view import Choice
from tui.render.board.wires import Wires, dots
from tui.render.canvas import Canvas, row_strip

Direction = Literal["up", "down", "left", "right"]


class Spot(NamedTuple):
    """The cells that a thing takes on the whole board; `lane` is the column that it stands in."""

    x: int
    y: int
    width: int
    height: int
    lane: int = 0


class Picture:
    """What `draw_board` made.

    `spots` and `order` are for the keyboard and the mouse; `inner` are things
    without a line of their own, by whoever shows them. The board may be higher
    (`height`) than the rows that are seen of it (`room`), from `top` on. `choice` is
    how much it says, `shape` what that depends on.
    """

    def __init__(
        self, canvas: Canvas, room: int, order: tuple[str, ...], choice: Choice, shape: Hashable
    ) -> None:
        self.canvas = canvas
        self.room = room
        self.order = order
        self.choice = choice
        self.shape = shape
        self.height = 0
        self.top = 0
        self.spots: dict[str, Spot] = {}
        self.inner: dict[str, list[str]] = {}
        self.folds: dict[FoldKey, frozenset[str]] = {}
        self.areas: dict[FoldKey, tuple[Spot, str]] = {}
        self.wires = Wires()
        self._still: list[Strip] | None = None

    @property
    def highest_top(self) -> int:
        """How far the board can be scrolled."""
        return max(0, self.height - self.room)

    def scroll(self, height: int, top: int) -> None:
        """Set how high the board is and from where it is seen."""
        self.height = height
        self.top = min(max(0, top), self.highest_top)

    def keep(self, id: str, spot: Spot, inner: tuple[str, ...] = ()) -> None:
        """Note where a thing lies, with those that have no line of their own."""
        self.spots[id] = spot
        if inner:
            self.inner[id] = list(inner)
            self.spots.update(dict.fromkeys(inner, spot))

    def fold_of(self, id: str | None) -> FoldKey | None:
        """The fold that a thing is drawn in, if it is in one."""
        return next((key for key, ids in self.folds.items() if id in ids), None)

    def fold(self, fleet: Fleet, area: Spot) -> None:
        """Note a fleet; a click beside its cells means the member that is worst off."""
        ids = {thing.id for thing in fleet.members}
        ids |= {d.id for m in fleet.members if isinstance(m, Machine) for d in m.disks}
        self.folds[fleet.key] = frozenset(ids)
        self.areas[fleet.key] = area, fleet.worst.id

    def top_for(self, id: str | None) -> int:
        """The scroll position nearest to the present one from which a thing is seen."""
        spot = self.spots.get(id or "")
        if spot is None:
            return self.top
        fold = self.fold_of(id)
        if fold is not None and self.areas[fold][0].height <= self.room:
            spot = self.areas[fold][0]
        last = spot.y + min(spot.height, self.room) - self.room
        return min(max(self.top, last), spot.y, self.highest_top)

    def strips(self, phase: int | None = None) -> list[Strip]:
        """The rows; `phase` is the animation step, without one the traffic stands still."""
        if self._still is None:
            self._still = self.canvas.strips()
        strips = list(self._still)
        canvas = self.canvas
        touched: dict[int, tuple[list[str], list[Style]]] = {}
        for dot in dots(self.wires.routes, phase):
            y = dot.y - self.top
            if not (0 <= dot.x < canvas.width and 0 <= y < min(self.room, canvas.height)):
                continue
            if y not in touched:
                touched[y] = (list(canvas.cells[y]), list(canvas.styles[y]))
            cells, styles = touched[y]
            cells[dot.x] = dot.glyph
            styles[dot.x] = canvas.look.ink(dot.ink, bold=True)
        for y, (cells, styles) in touched.items():
            strips[y] = row_strip(cells, styles, canvas.look)
        return strips

    def at(self, x: int, y: int) -> str | None:
        """The id of the thing drawn at a cell of the view; a volume before its machine."""
        if not 0 <= y < self.room:
            return None
        places = [(spot, id) for id, spot in self.spots.items()]
        places += self.areas.values()
        under = [
            (spot.width * spot.height, number, id)
            for number, (spot, id) in enumerate(places)
            if spot.x <= x < spot.x + spot.width and spot.y <= y + self.top < spot.y + spot.height
        ]
        return min(under)[2] if under else None

    def neighbour(self, selected: str | None, direction: Direction) -> str | None:
        """What an arrow key selects next.

        Up and down go from line to line, column by column, through what a line
        holds inside; left and right along a line, then to the nearest thing beside.
        """
        lines = self._lines()
        if selected not in self.spots:
            return lines[0][0] if lines else None
        owner, inside = self._inside(selected)
        here = next(at for at, line in enumerate(lines) if owner in line)
        if direction in ("left", "right"):
            return self._beside(lines[here], owner, 1 if direction == "right" else -1)
        step = 1 if direction == "down" else -1
        stack = [owner, *inside]
        within = stack.index(selected) + step
        if 0 <= within < len(stack):
            return stack[within]
        if not 0 <= here + step < len(lines):
            return selected
        return min(lines[here + step], key=lambda id: abs(self.spots[id].x - self.spots[owner].x))

    def _inside(self, id: str) -> tuple[str, list[str]]:
        """Whose line a thing is on, and all that is inside that one."""
        owner = next((owner for owner, inner in self.inner.items() if id in inner), id)
        return owner, self.inner.get(owner, [])

    def _lines(self) -> list[list[str]]:
        """Things with a place of their own, line by line, column by column."""
        hidden = {id for inner in self.inner.values() for id in inner}
        own = [(s.lane, s.y, s.x, id) for id, s in self.spots.items() if id not in hidden]
        ordered = groupby(sorted(own), key=lambda place: place[:2])
        return [[id for *_, id in line] for _, line in ordered]

    def _beside(self, line: list[str], id: str, sign: int) -> str:
        """The next on the line, else the nearest that lies wholly to one side, rows doubled."""
        along = line.index(id) + sign
        if 0 <= along < len(line):
            return line[along]
        here = self.spots[id]
        found: list[tuple[int, int, str]] = []
        hidden = {id for inner in self.inner.values() for id in inner}
        for rank, (other, spot) in enumerate(self.spots.items()):
            gap = spot.x - here.x - here.width if sign > 0 else here.x - spot.x - spot.width
            if gap >= 0 and spot.lane != here.lane and other not in hidden:
                found.append((gap + 2 * abs(spot.y - here.y), rank, other))
        return min(found)[2] if found else id
