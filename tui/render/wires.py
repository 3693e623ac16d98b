"""Wires between the things on the board, and the traffic that moves along them."""

from dataclasses import dataclass, field
from itertools import pairwise
from math import floor, log10

from tui.render.canvas import Canvas
from tui.render.history import Pulse
from tui.theme import Ink

NORTH, EAST, SOUTH, WEST = 1, 2, 4, 8

GLYPHS = " ┃━┗┃┃┏┣━┛━┻┓┫┳╋"
"""A wire's glyph by the directions it leaves its cell in."""

CROSSING = {"│": "┿", "─": "╂"}
"""A wire over the frame of a zone."""

Point = tuple[int, int]


@dataclass(frozen=True)
class Route:
    """A wire from its first cell to the one before its arrow; `alive` if the far end answers."""

    cells: tuple[Point, ...]
    alive: bool


@dataclass
class Wires:
    """All routes of a picture; cells that several share are joined."""

    routes: list[Route] = field(default_factory=list)
    _open: dict[Point, int] = field(default_factory=dict)

    def add(self, corners: list[Point], *, alive: bool, below: bool = False) -> None:
        """A route along its corners; each stretch is horizontal or vertical.

        `below` means that its first cell is taken by what it hangs from.
        """
        cells = [corners[0]]
        for (x0, y0), (x1, y1) in pairwise(corners):
            step_x, step_y = _sign(x1 - x0), _sign(y1 - y0)
            x, y = x0, y0
            while (x, y) != (x1, y1):
                self._join((x, y), step_x, step_y)
                x, y = x + step_x, y + step_y
                self._join((x, y), -step_x, -step_y)
                cells.append((x, y))
        if below:
            self._open.pop(cells.pop(0), None)
        self.routes.append(Route(tuple(cells), alive))

    def draw(self, canvas: Canvas) -> None:
        """Draw every wire; one that leads to something dead is drawn broken."""
        broken = {cell for route in self.routes if not route.alive for cell in route.cells}
        broken -= {cell for route in self.routes if route.alive for cell in route.cells}
        for (x, y), directions in self._open.items():
            if not (0 <= x < canvas.width and 0 <= y < canvas.height):
                continue
            ink: Ink = "down" if (x, y) in broken else "flow"
            glyph = CROSSING.get(canvas.cells[y][x], GLYPHS[directions])
            if (x, y) in broken:
                glyph = {"━": "╍", "┃": "╏"}.get(glyph, glyph)
            canvas.put(x, y, glyph, canvas.look.ink(ink))

    def _join(self, cell: Point, step_x: int, step_y: int) -> None:
        direction = {(0, -1): NORTH, (1, 0): EAST, (0, 1): SOUTH, (-1, 0): WEST}[step_x, step_y]
        self._open[cell] = self._open.get(cell, 0) | direction


@dataclass(frozen=True)
class Dot:
    """A piece of moving traffic: where, and how what it stands for ended."""

    x: int
    y: int
    glyph: str
    ink: Ink


def dots(routes: list[Route], pulse: Pulse, phase: int) -> list[Dot]:
    """The traffic on the wires as of an animation step; the more requests, the denser.

    As large a share of the dots is marked late or failed as of the requests.
    """
    if pulse.rps <= 0:
        return []
    spacing = max(3, round(13 - 3.3 * log10(1 + pulse.rps)))
    found = []
    for route in routes:
        if not route.alive:
            continue
        for at in range(phase % spacing, len(route.cells) - 1, spacing):
            number = (phase - at) // spacing
            found.append(Dot(*route.cells[at], *_sign_of(number, pulse)))
    return found


def _sign_of(number: int, pulse: Pulse) -> tuple[str, Ink]:
    def hit(share: float) -> bool:
        return floor((number + 1) * share) != floor(number * share)

    if hit(pulse.failed):
        return "✕", "down"
    return ("◌", "warn") if hit(pulse.failed + pulse.late) else ("●", "strong")


def _sign(difference: int) -> int:
    return (difference > 0) - (difference < 0)
