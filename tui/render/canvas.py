"""A sheet of cells to draw on: text by cells, frames, bars; at the end a Strip for each row.

A wide character takes two cells, of which the second holds "". Nothing drawn
outside the sheet is an error, so any size from 0×0 draws. Text is cleaned on
its way in: no control character reaches the terminal.
"""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from rich.cells import cell_len, get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.theme import ASCII, Look


@lru_cache(maxsize=2048)
def clean(text: str) -> str:
    """Text that only takes cells: controls escaped, marks without a cell left out."""
    if text.isascii() and text.isprintable():
        return text
    shown = []
    for character in unicodedata.normalize("NFC", text):
        if character in "\n\t\r":
            shown.append(" ")
        elif not character.isprintable():
            shown.append(character.encode("unicode_escape").decode("ascii"))
        elif get_character_cell_size(character):
            shown.append(character)
    return "".join(shown)


@lru_cache(maxsize=4096)
def fit(text: str, width: int) -> str:
    """Clean text in at most `width` cells; what does not fit ends in an ellipsis."""
    text = clean(text)
    if cell_len(text) <= width:
        return text
    kept: list[str] = []
    room = width - 1
    for character in text:
        room -= get_character_cell_size(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "…" if width > 0 else ""


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Clean text in exactly `width` cells, flush left or right."""
    text = fit(text, width)
    gap = " " * (max(0, width) - cell_len(text))
    return gap + text if right else text + gap


def wrapped(text: str, width: int) -> Iterator[str]:
    """A text in lines of at most `width` cells, broken between words where that can be."""
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if line and cell_len(longer) > max(8, width):
            yield line
            longer = word
        line = longer
    yield line


class Canvas:
    """`width` × `height` cells, blank at first."""

    def __init__(self, width: int, height: int, look: Look) -> None:
        self.width = max(0, width)
        self.height = max(0, height)
        self.look = look
        blank = look.ink("text")
        self.cells = [[" "] * self.width for _ in range(self.height)]
        self.styles = [[blank] * self.width for _ in range(self.height)]

    def text(self, x: int, y: int, text: str, style: Style, room: int | None = None) -> int:
        """Draw text from (x, y), in at most `room` cells; gives the column after it."""
        text = clean(text) if room is None else fit(text, room)
        if not 0 <= y < self.height:
            return x + cell_len(text)
        if text.isascii():
            return self._narrow(x, y, text, style)
        for character in text:
            size = get_character_cell_size(character)
            self._put(x, y, character, size, style)
            x += size
        return x

    def put(self, x: int, y: int, character: str, style: Style) -> None:
        """Draw one narrow character."""
        if 0 <= y < self.height:
            self._put(x, y, character, 1, style)

    def fill(self, x: int, y: int, width: int, style: Style) -> None:
        """Blank a run of cells in a style."""
        if 0 <= y < self.height:
            self._narrow(x, y, " " * width, style)

    def bar(self, x: int, y: int, width: int, share: float, style: Style) -> None:
        """A bar of squares on dots; anything above nothing shows, short of all is never all."""
        full = round(min(1.0, max(0.0, share)) * width)
        if 0 < share < 0.995 and width > 1:
            full = min(max(full, 1), width - 1)
        track = Style(color=self.look.ink("faint").color, bgcolor=style.bgcolor)
        self.text(x, y, "■" * full, style)
        self.text(x + full, y, "·" * (width - full), track)

    def frame(self, title: str = "", right: str = "", foot: str = "", hint: str = "") -> None:
        """A rounded frame round the whole sheet, with words in its upper and lower edge."""
        line, width, height = self.look.ink("line"), self.width, self.height
        if width < 2 or height < 2:
            return
        self.text(0, 0, "╭" + "─" * (width - 2) + "╮", line)
        self.text(0, height - 1, "╰" + "─" * (width - 2) + "╯", line)
        for y in range(1, height - 1):
            self.put(0, y, "│", line)
            self.put(width - 1, y, "│", line)
        self._edge(0, title, right, bold=True)
        self._edge(height - 1, foot, hint, bold=False)

    def _edge(self, y: int, left: str, right: str, *, bold: bool) -> None:
        room = self.width - 6
        if left and room > 0:
            left = f" {fit(left, room)} "
            self.text(2, y, left, self.look.ink("title" if bold else "faint", bold=bold))
        used = cell_len(left) + 1 if left else 0
        right = clean(right)
        if right and cell_len(right) <= room - used:
            right = f" {right} "
            self.text(self.width - 2 - cell_len(right), y, right, self.look.ink("dim"))

    def strips(self) -> list[Strip]:
        """The rows, each exactly `width` cells, runs of one style joined."""
        return [self.strip(y) for y in range(self.height)]

    def strip(self, y: int) -> Strip:
        """One row."""
        return row_strip(self.cells[y], self.styles[y], self.look)

    def _put(self, x: int, y: int, character: str, size: int, style: Style) -> None:
        if x < 0 or x + size > self.width:
            if size == 2 and 0 <= x < self.width:
                self._put(x, y, " ", 1, style)
            return
        self._mend(x, y, x + size)
        row = self.cells[y]
        row[x] = character
        self.styles[y][x] = style
        if size == 2:
            row[x + 1] = ""
            self.styles[y][x + 1] = style

    def _narrow(self, x: int, y: int, text: str, style: Style) -> int:
        after = x + len(text)
        start, stop = max(0, x), min(self.width, after)
        if start < stop:
            self._mend(start, y, stop)
            self.cells[y][start:stop] = text[start - x : stop - x]
            self.styles[y][start:stop] = [style] * (stop - start)
        return after

    def _mend(self, start: int, y: int, stop: int) -> None:
        """Blank the other half of a wide character that is about to be cut."""
        row = self.cells[y]
        if row[start] == "":
            row[start - 1] = " "
        if stop < self.width and row[stop] == "":
            row[stop] = " "


def row_strip(cells: list[str], styles: list[Style], look: Look) -> Strip:
    """A Strip of one row of cells; in ASCII mode every glyph is exchanged for its plain twin."""
    segments = []
    start, width = 0, len(cells)
    while start < width:
        style = styles[start]
        stop = start + 1
        while stop < width and styles[stop] is style:
            stop += 1
        text = "".join(cells[start:stop])
        segments.append(Segment(text.translate(ASCII) if look.ascii else text, style))
        start = stop
    return Strip(segments, width)
