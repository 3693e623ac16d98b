"""Strips as a grid of cells: what stands where, in what style. Nothing but cells gets through."""

from typing import NamedTuple

from rich.cells import get_character_cell_size
from rich.style import Style
from textual.strip import Strip


class Cell(NamedTuple):
    """One cell; the second of a wide character holds ""."""

    text: str
    style: Style


Row = list[Cell]

PLAIN = Style()


def cells_of(strip: Strip) -> Row:
    """The cells of one row; what would move a cursor is a blank, what takes no cell is left out."""
    row: Row = []
    for text, style, _ in strip:
        ink = style or PLAIN
        for character in text:
            shown = character if character.isprintable() else " "
            width = get_character_cell_size(shown)
            if width:
                row.append(Cell(shown, ink))
                row += [Cell("", ink)] * (width - 1)
    return row
