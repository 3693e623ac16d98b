"""Wires between the things on the board, and the traffic that moves along them."""

from dataclasses import dataclass, field
from itertools import pairwise
from math import floor, log10
from typing import Literal

from tui.render.board.flows import Flow
from tui.render.canvas import Canvas
from tui.theme import Ink

NORTH, EAST, SOUTH, WEST = 1, 2, 4, 8

DIRECTIONS = {(0, -1): NORTH, (1, 0): EAST, (0, 1): SOUTH, (-1, 0): WEST, (0, 0): 0}

Carries = Literal["requests", "data", "writes"]
"""What goes along a wire: requests, data that move, writes that replicas follow."""

GLYPHS: dict[Carries, str] = {
    "data": " ╎╌└╎╎┌├╌┘╌┴┐┤┬┼",
    "writes": " ║═╚║║╔╠═╝═╩╗╣╦╬",
    "requests": " ┃━┗┃┃┏┣━┛━┻┓┫┳╋",
}
"""A wire's glyph by the directions it leaves its cell in."""

CROSSING: dict[Carries, dict[str, str]] = {
    "data": {"│": "┿", "─": "╂"},
    "writes": {"│": "╪", "─": "╫"},
    "requests": {"│": "┿", "─": "╂"},
}
"""A wire over the frame of a zone."""

INKS: dict[Carries, Ink] = {"data": "accent", "writes": "title", "requests": "flow"}

BROKEN = {"━": "╍", "┃": "╏"}

ARROWS = {(1, 0): "▸", (-1, 0): "◂", (0, 1): "▾", (0, -1): "▴", (0, 0): "▸"}
"""Traffic that stands still still shows which way it goes."""

GOLDEN = 0.618034
"""Its multiples, without their whole parts, fill 0..1 evenly: lots that are fair soon."""

Point = tuple[int, int]


@dataclass(frozen=True)
class Route:
    """A wire from its first cell to its arrow; `alive` if the far end answers."""

    cells: tuple[Point, ...]
    end: Point
    arrow: str
    flow: Flow
    alive: bool = True
    carries: Carries = "requests"


@dataclass
class Wires:
    """All routes of a picture, in the cells of the whole board; shared cells are joined."""

    routes: list[Route] = field(default_factory=list)
    _open: dict[Carries, dict[Point, int]] = field(
        default_factory=lambda: {carries: {} for carries in GLYPHS}
    )

    def add(
        self,
        corners: list[Point],
        end: Point,
        arrow: str,
        flow: Flow,
        *,
        alive: bool = True,
        carries: Carries = "requests",
        below: bool = False,
    ) -> None:
        """A route along its corners, each stretch horizontal or vertical, and on to its arrow.

        `below` means that its first cell is taken by what it hangs from.
        """
        net = self._open[carries]
        cells = [corners[0]]
        for (x0, y0), (x1, y1) in pairwise([*corners, end]):
            step_x, step_y = _sign(x1 - x0), _sign(y1 - y0)
            x, y = x0, y0
            ahead, back = DIRECTIONS[step_x, step_y], DIRECTIONS[-step_x, -step_y]
            while (x, y) != (x1, y1):
                net[x, y] = net.get((x, y), 0) | ahead
                x, y = x + step_x, y + step_y
                net[x, y] = net.get((x, y), 0) | back
                cells.append((x, y))
        cells.pop()
        if below:
            net.pop(cells.pop(0), None)
        self.routes.append(Route(tuple(cells), end, arrow, flow, alive, carries))

    def draw(self, canvas: Canvas, top: int, bottom: int) -> None:
        """Draw what lies in the view; a wire that leads to something dead is drawn broken."""
        live = {cell for route in self.routes if route.alive for cell in route.cells}
        for carries, net in self._open.items():
            for (x, y), directions in net.items():
                if not (top <= y < bottom and 0 <= x < canvas.width):
                    continue
                crossed = CROSSING[carries].get(canvas.cells[y - top][x])
                glyph, ink = crossed or GLYPHS[carries][directions], INKS[carries]
                if carries == "requests" and (x, y) not in live:
                    ink, glyph = "down", BROKEN.get(glyph, glyph)
                canvas.put(x, y - top, glyph, canvas.look.ink(ink))
        for route in self.routes:
            x, y = route.end
            if top <= y < bottom:
                ink = INKS[route.carries] if route.alive else "down"
                glyph = route.arrow if route.alive else "✕"
                canvas.put(x, y - top, glyph, canvas.look.ink(ink, bold=True))


@dataclass(frozen=True)
class Dot:
    """A piece of moving traffic: where, and how what it stands for ended."""

    x: int
    y: int
    glyph: str
    ink: Ink


def dots(routes: list[Route], phase: int | None) -> list[Dot]:
    """The traffic on the wires as of an animation step, or standing still without one.

    The more requests, the denser and the faster. As large a share of a wire's
    dots is marked late or failed as of the requests that it carries.
    """
    found = []
    for route in routes:
        flow = route.flow
        if not route.alive or flow.rps <= 0:
            continue
        space = spacing(flow.rps)
        gone = 0 if phase is None else floor(phase * speed(flow.rps))
        for at in range(gone % space, len(route.cells), space):
            number = (gone - at) // space
            x, y = route.cells[at]
            glyph, ink = _mark(number, route, at, still=phase is None)
            found.append(Dot(x, y, glyph, ink))
    return found


def spacing(rps: float) -> int:
    """Cells between two dots of so many requests a second: 12 for a few, 3 for hundreds."""
    return max(3, round(12 - 3 * log10(1 + rps)))


def speed(rps: float) -> float:
    """Cells that a dot goes in one animation step."""
    return min(1.0, 0.25 + 0.25 * log10(1 + rps))


def _mark(number: int, route: Route, at: int, *, still: bool) -> tuple[str, Ink]:
    flow = route.flow
    lot = number * GOLDEN % 1.0
    if lot < flow.failed:
        return "✕", "down"
    if lot < flow.failed + flow.late:
        return "◌", "warn"
    if route.carries != "requests":
        return "▪", INKS[route.carries]
    if not still:
        return "●", "strong"
    after = route.cells[at + 1] if at + 1 < len(route.cells) else route.end
    x, y = route.cells[at]
    return ARROWS[after[0] - x, after[1] - y], "strong"


def _sign(difference: int) -> int:
    return (difference > 0) - (difference < 0)
