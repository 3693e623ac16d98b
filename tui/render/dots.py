"""A line as a row of dots in characters: over areas, and told from braille without colour."""

from collections.abc import Sequence

from rich.style import Style

from tui.render.braille import Plot
from tui.render.canvas import Canvas

DOTS = ".··˙"
"""The dot of a cell, from low to high in it."""


def draw_dots(
    canvas: Canvas, plot: Plot, values: Sequence[float | None], left: int, style: Style
) -> None:
    """A dot in each cell that has a value."""
    for cell, pair in enumerate(zip(values[::2], values[1::2], strict=False)):
        value = next((v for v in pair if v is not None), None)
        if value is not None:
            glyph = DOTS[plot.level(value) % len(DOTS)]
            canvas.put(left + cell, 1 + plot.row(value), glyph, style)
