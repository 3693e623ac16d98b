"""Dots of braille: two by four in a cell, for lines finer than characters."""

from collections.abc import Sequence

from rich.style import Style

from tui.render.canvas import Canvas

_LEFT = (0x01, 0x02, 0x04, 0x40)
_RIGHT = (0x08, 0x10, 0x20, 0x80)
FULL = 0xFF

PATTERNS = (0xFF, 0x95, 0x47, 0xD2, 0x12, 0x81, 0x5A, 0x04)
"""Fillings of stacked areas: solid, then ones that differ without any colour."""

LETTERS = "#=o+:.~-"
"""The same fillings where only ASCII may be drawn."""


def filling(index: int, *, ascii: bool = False) -> str:
    """A cell of a filling, as a legend shows it."""
    index %= len(PATTERNS)
    return LETTERS[index] if ascii else chr(0x2800 + PATTERNS[index])


class Plot:
    """`width` × `height` cells of dots; y 0 is the lowest dot."""

    def __init__(self, width: int, height: int, top: float) -> None:
        self.width = width
        self.height = height
        self.top = top if top > 0 else 1.0
        self._bits = [[0] * width for _ in range(height)]
        self._inks: list[list[Style | None]] = [[None] * width for _ in range(height)]
        self._letters: dict[tuple[int, int], str] = {}
        self._filled: set[tuple[int, int]] = set()

    @property
    def columns(self) -> int:
        """Columns of dots."""
        return 2 * self.width

    def level(self, value: float) -> int:
        """The dot row of a value; what is beyond the top lies on the highest row."""
        share = min(1.0, max(0.0, value / self.top))
        return round(share * (4 * self.height - 1))

    def row(self, value: float) -> int:
        """The cell row of a value, 0 the uppermost."""
        return self.height - 1 - self.level(value) // 4

    def area(self, values: Sequence[float | None], styles: Sequence[Style]) -> None:
        """Fill from the floor to the values; one style for each cell of a row."""
        for column, value in enumerate(values):
            if value is None or value <= 0:
                continue
            style, x = styles[column // 2], column // 2
            side = _RIGHT if column % 2 else _LEFT
            for dot in range(self.level(value) + 1):
                y = self.height - 1 - dot // 4
                self._bits[y][x] |= side[3 - dot % 4]
                self._inks[y][x] = style
                self._filled.add((x, y))

    def stack(self, layers: Sequence[tuple[Sequence[float | None], Style]]) -> None:
        """Areas on top of each other, the first at the floor, each in a filling of its own."""
        for column in range(self.columns):
            x, side = column // 2, _RIGHT if column % 2 else _LEFT
            total, low = 0.0, 0
            for index, (values, style) in enumerate(layers):
                total += values[column] or 0.0
                high = self.level(total) + 1 if total > 0 else 0
                pattern = PATTERNS[index % len(PATTERNS)]
                for dot in range(low, high):
                    y = self.height - 1 - dot // 4
                    edge = FULL if dot == high - 1 else pattern  # thin layers show, too
                    self._bits[y][x] |= side[3 - dot % 4] & edge
                    self._inks[y][x] = style
                    self._letters[x, y] = LETTERS[index % len(LETTERS)]
                low = max(low, high)

    def line(self, values: Sequence[float | None], style: Style, *, dotted: bool = False) -> None:
        """Join the values; a gap in the data is a gap in the line."""
        before: int | None = None
        for column, value in enumerate(values):
            if value is None:
                before = None
                continue
            level = self.level(value)
            low = level if before is None else min(level, before + 1)
            high = level if before is None else max(level, before - 1)
            before = level
            if dotted and column % 4 > 1:
                continue
            self._stroke(column, low, high, style)

    def _stroke(self, column: int, low: int, high: int, style: Style) -> None:
        x, side = column // 2, _RIGHT if column % 2 else _LEFT
        for dot in range(low, high + 1):
            y = self.height - 1 - dot // 4
            if (x, y) in self._filled:
                # A line takes the cell over from an area, so that it stands out from it.
                self._filled.discard((x, y))
                self._bits[y][x] = 0
            self._inks[y][x] = style
            self._bits[y][x] |= side[3 - dot % 4]

    def draw(self, canvas: Canvas, left: int, upper: int) -> None:
        """Put the cells that have dots on a canvas."""
        letters = self._letters if canvas.look.ascii else {}
        for y, (bits, inks) in enumerate(zip(self._bits, self._inks, strict=True)):
            for x, (mask, ink) in enumerate(zip(bits, inks, strict=True)):
                if mask and ink is not None:
                    # Nothing wide lies where a plot is, so its cells are set at once.
                    canvas.cells[upper + y][left + x] = letters.get((x, y)) or chr(0x2800 + mask)
                    canvas.styles[upper + y][left + x] = ink
