"""What a card says, line by line, as data; and the painter that draws such lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len
from rich.style import Style

from tui.render.board.things import Disk, Kept, Machine, Managed, Thing
from tui.render.canvas import Canvas, clean
from tui.render.figures import whole_percent
from tui.theme import STATE_GLYPH, STATE_INK, Ink, State, state_of_load
from tui.words import Words

HEIGHTS = "▁▂▃▄▅▆▇"
"""A thing's load as one cell."""

ITEM_GLYPHS: dict[type[Thing], str] = {Disk: "▭", Kept: "▣"}
"""What stands for a thing that does not answer requests."""

SIGNED = (State.IDLE, State.UNCHECKED, State.UNHEALTHY, State.DRAINING)
"""States that a cell shows instead of the load."""

STEPS = 8
"""Steps at most of a small gauge like that of credits."""


class Note(NamedTuple):
    """A few words in an ink."""

    text: str
    ink: Ink = "dim"
    bold: bool = False


@dataclass(frozen=True)
class Line:
    """One line about the thing `of`: notes from the left and at the right, a gauge between.

    `load` is drawn as a bar with its percentage and word, `share` in small steps,
    `cells` as a cell for each thing. Of the notes at the left the first stays,
    cut if it must be; others are left out where there is no room.
    """

    of: str
    left: tuple[Note, ...] = ()
    right: tuple[Note, ...] = ()
    indent: int = 2
    gap: int = 2
    load: float | None = None
    share: float | None = None
    share_ink: Ink = "ok"
    cells: tuple[Thing, ...] = ()
    mark: bool = False


class LinePainter:
    """Draws lines on one canvas; `selected` is the id that the player has chosen."""

    def __init__(self, canvas: Canvas, words: Words, selected: str | None) -> None:
        self.canvas = canvas
        self.words = words
        self.selected = selected

    def draw(self, line: Line, x: int, y: int, width: int) -> None:
        """One line in `width` cells from (x, y); a chosen thing's line has a bar before it."""
        canvas = self.canvas
        if not 0 <= y < canvas.height:
            return
        chosen = line.of == self.selected and not line.cells
        if chosen:
            canvas.fill(x, y, width, self._ink("text", chosen))
            canvas.put(x - 1, y, "▌", canvas.look.ink("accent"))
        end = self._right(line, x, y, width, chosen)
        tail = 0 if line.load is None else 9 + widest_word(self.words)
        at = self._left(line, x + line.indent, y, end - tail, chosen)
        if line.mark:
            mark = canvas.look.ink("accent", bold=True, selected=chosen)
            canvas.put(x + max(0, line.indent - 2), y, "▸", mark)
        if line.load is not None:
            self._load(line.load, at, y, end - at, chosen)
        elif line.share is not None:
            self._share(line, at, y, end - at - 1, chosen)
        elif line.cells:
            draw_cells(canvas, line.cells, x + line.indent, y, end - x - line.indent, self.selected)

    def _left(self, line: Line, x: int, y: int, end: int, chosen: bool) -> int:
        """Notes from the left; gives the column after them."""
        at = x
        for number, note in enumerate(line.left):
            room = end - at
            cut = not number or note.bold  # a name is cut; what else has no room is left out
            if room <= 0 or (not cut and cell_len(clean(note.text)) > room):
                continue
            style = self._ink(note.ink, chosen, bold=note.bold)
            at = self.canvas.text(at, y, note.text, style, room) + line.gap
        return at - line.gap + 1 if at > x else at

    def _right(self, line: Line, x: int, y: int, width: int, chosen: bool) -> int:
        """Notes flush right, the first stays longest; gives the column where they begin."""
        first = 0
        if line.left:
            first = cell_len(clean(line.left[0].text)) + 1
            if line.indent == 0 and len(line.left) > 1:  # a name is cut before its type goes
                first += min(cell_len(clean(line.left[1].text)), 9) + line.gap
        end = x + width
        for note in line.right:
            length = cell_len(clean(note.text))
            if end - length < x + line.indent + first:
                break
            end -= length
            self.canvas.text(end, y, note.text, self._ink(note.ink, chosen, bold=note.bold))
            end -= 2
        return end + 1 if end < x + width else end

    def _load(self, load: float, x: int, y: int, room: int, chosen: bool) -> None:
        """A bar with its percentage and its word, flush right so that a card's lines align."""
        state = state_of_load(load)
        tail = 6 + widest_word(self.words)
        length = room - tail
        if length >= 3:
            style = self.canvas.look.load(load, selected=chosen)
            self.canvas.bar(x, y, length, load, style)
        x += max(0, length)
        text = whole_percent(load).rjust(5)
        x = self.canvas.text(x, y, text, self._ink("text", chosen), max(0, room))
        word = self.words.say(f"board.state_{state}")
        style = self._ink(STATE_INK[state], chosen, bold=state is not State.OK)
        self.canvas.text(x + 1, y, word, style, max(0, room - 7))

    def _share(self, line: Line, x: int, y: int, room: int, chosen: bool) -> None:
        share = min(1.0, max(0.0, line.share or 0.0))
        steps = max(0, min(STEPS, room))
        full = steps if share >= 1 else min(steps - 1, round(share * steps)) if steps else 0
        if share > 0 and steps > 1:
            full = max(1, full)
        at = self.canvas.text(x, y, "▰" * full, self._ink(line.share_ink, chosen))
        self.canvas.text(at, y, "▱" * (steps - full), self._ink("faint", chosen))

    def _ink(self, ink: Ink, chosen: bool, *, bold: bool = False) -> Style:
        return self.canvas.look.ink(ink, bold=bold, selected=chosen)


def draw_cells(
    canvas: Canvas, things: Sequence[Thing], x: int, y: int, width: int, selected: str | None
) -> None:
    """A cell for each thing: its load as a height, or the glyph of its state."""
    look = canvas.look
    for at, thing in enumerate(things[: max(0, width)], x):
        chosen = thing.id == selected
        if chosen:
            glyph, style = "◆", look.ink("accent", bold=True, selected=True)
        elif not isinstance(thing, Machine | Managed):
            glyph, style = ITEM_GLYPHS.get(type(thing), "▭"), look.ink("dim")
        elif thing.runs and thing.gauges and thing.state not in SIGNED:
            glyph = HEIGHTS[min(6, int(max(0.0, thing.load) * 7))]
            style = look.load(thing.load)
        else:
            glyph = STATE_GLYPH[thing.state]
            style = look.ink(STATE_INK[thing.state])
        canvas.put(at, y, glyph, style)


def glyph_note(thing: Thing) -> Note:
    """The glyph of what a thing does, or of what it is."""
    if isinstance(thing, Machine | Managed):
        return Note(STATE_GLYPH[thing.state], STATE_INK[thing.state], True)
    return Note(ITEM_GLYPHS.get(type(thing), "▭"), "text")


def widest_word(words: Words) -> int:
    """Cells of the longest of OK, WARN and FULL."""
    return _widest(words.language)


@lru_cache(maxsize=8)
def _widest(language: str) -> int:
    words = Words(language)
    return max(cell_len(words.say(f"board.state_{state}")) for state in ("ok", "warn", "full"))
