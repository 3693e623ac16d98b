"""A few cells of everything that has a colour or a glyph, for choosing among them. Pure."""

from math import sin

from rich.cells import cell_len
from textual.strip import Strip

from tui.render.board.flows import Flow
from tui.render.board.wires import Wires, dots
from tui.render.braille import Plot
from tui.render.canvas import Canvas
from tui.render.figures import whole_percent
from tui.theme import STATE_GLYPH, STATE_INK, Ink, Look, State
from tui.words import Words

MACHINES: tuple[tuple[State, float, Flow], ...] = (
    (State.OK, 0.42, Flow("", "web-1", 30.0)),
    (State.WARN, 0.82, Flow("", "web-2", 120.0, late=0.2)),
    (State.FULL, 0.99, Flow("", "db-1", 400.0, failed=0.3, late=0.3)),
    (State.DOWN, 0.0, Flow("", "web-3", 0.0)),
)
"""A machine in each state that matters, with how full it is and what comes to it."""

LINES: tuple[tuple[Ink, float], ...] = (("p50", 0.15), ("p95", 0.45), ("p99", 0.75))

HEIGHT = len(MACHINES) + 3

_FIRST, _WIRE, _NAME, _BAR = 5, 10, 6, 9
"""Columns of the wire's first cell, the wire, a name, a bar."""


def draw_sample(
    width: int, height: int, look: Look, words: Words, phase: int | None = None
) -> list[Strip]:
    """Machines on their wires, gauges and a chart; traffic stands still without a phase."""
    canvas = Canvas(width, height, look)
    canvas.frame(words.say("settings.sample"))
    wires = Wires()
    after = 0
    for y, (state, load, flow) in enumerate(MACHINES, 1):
        canvas.put(_FIRST - 2, y, "◍", look.ink("flow", bold=True))
        end = (_FIRST + _WIRE, y)
        wires.add([(_FIRST, y)], end, "▸", flow, alive=state is not State.DOWN)
        after = _machine(canvas, y, state, load, flow.target, words)
    wires.draw(canvas, 0, canvas.height)
    for dot in dots(wires.routes, phase):
        canvas.put(dot.x, dot.y, dot.glyph, look.ink(dot.ink, bold=True))
    _chart(canvas, after + 3)
    return canvas.strips()


def _machine(canvas: Canvas, y: int, state: State, load: float, name: str, words: Words) -> int:
    """Name, state and gauge; gives the column after them."""
    look = canvas.look
    said = {state: words.say(f"board.state_{state}") for state, _, _ in MACHINES}
    x = _FIRST + _WIRE + 2
    canvas.text(x, y, name, look.ink("strong", bold=True))
    sign = look.ink(STATE_INK[state], bold=True)
    canvas.text(x + _NAME, y, f"{STATE_GLYPH[state]} {said[state]}", sign)
    x += _NAME + max(cell_len(word) for word in said.values()) + 4
    canvas.bar(x, y, _BAR, load, look.load(load))
    return canvas.text(x + _BAR + 1, y, f"{whole_percent(load):>4}", look.ink("text"))


def _chart(canvas: Canvas, x: int) -> None:
    """Three lines of a chart over their names."""
    width, height = canvas.width - x - 3, len(MACHINES)
    if width < 13 or canvas.height < HEIGHT:
        return
    plot = Plot(width, height, 1.0)
    at = x
    for ink, level in LINES:
        values = [level + 0.1 * sin(column / 5 + 9 * level) for column in range(plot.columns)]
        plot.line(values, canvas.look.ink(ink))
        at = canvas.text(at, height + 1, ink, canvas.look.ink(ink, bold=True)) + 2
    plot.draw(canvas, x, 1)
