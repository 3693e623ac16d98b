"""A picture of one second as SVG: every run of cells at its place, with no font from elsewhere."""

from collections.abc import Callable, Iterator
from html import escape
from itertools import groupby

from rich.style import Style

from engine.complaint import Complaint
from engine.recording import Recording
from tui.export.cells import Cell, Row, cells_of
from tui.export.screen import Screen, foot_line
from tui.render.canvas import clean
from tui.render.figures import clock
from tui.render.status import Pace
from tui.theme import DARK
from tui.words import Words

CELL_WIDTH, CELL_HEIGHT, BASE = 9.6, 20, 15
"""Of a cell, in pixels, and where letters stand in it."""

MARGIN = 10

NO_BREAK = "&#160;"
"""A blank that no viewer leaves out."""

STYLE = (
    'text{font:16px "DejaVu Sans Mono","Noto Sans Mono CJK KR","Cascadia Mono",Menlo,Consolas,'
    "monospace}.b{font-weight:bold}"
)


def svg_lines(
    recording: Recording, words: Words, size: tuple[int, int], second: int | None
) -> Iterator[str]:
    """The picture of a second, or of the last one."""
    frames = recording.frames
    first, last = frames[0].second, frames[-1].second
    wanted = last if second is None else second
    if not first <= wanted <= last:
        raise Complaint("--second", f"the run has no second {wanted}", f"{first} to {last}")
    frame = next(frame for frame in reversed(frames) if frame.second <= wanted)
    strips = Screen(recording, words, size).draw(frame, Pace("1×", paused=True), wanted)
    width, height = size[0] * CELL_WIDTH + 2 * MARGIN, size[1] * CELL_HEIGHT + 2 * MARGIN
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}">'
    yield f"<title>{escape(clean(foot_line(recording, words)))} · {clock(frame.second)}</title>"
    yield f"<style>{STYLE}</style>"
    yield f'<rect width="{width:g}" height="{height:g}" rx="8" fill="{DARK.background}"/>'
    for y, strip in enumerate(strips):
        yield from _row(MARGIN + y * CELL_HEIGHT, cells_of(strip))
    yield "</svg>"


def _row(y: int, row: Row) -> Iterator[str]:
    """Grounds that are not the picture's own, then letters."""
    for x, run in _runs(row, _ground):
        if (ground := _ground(run[0])) != DARK.background:
            at, width = MARGIN + x * CELL_WIDTH, len(run) * CELL_WIDTH
            place = f'x="{at:g}" y="{y}" width="{width:g}" height="{CELL_HEIGHT}"'
            yield f'<rect {place} fill="{ground}"/>'
    for x, run in _runs(row, lambda cell: cell.style):
        yield from _letters(x, y + BASE, run)


def _letters(x: int, y: int, run: list[Cell]) -> Iterator[str]:
    """Text as wide as its cells, whatever the font; narrow and wide letters each by themselves."""
    style = run[0].style
    bold = ' class="b"' if style.bold else ""
    after = (*run[1:], Cell(" ", style))
    letters = [(cell.text, 2 - bool(it.text)) for cell, it in zip(run, after, strict=True)]
    for width, same in groupby((one for one in letters if one[0]), key=lambda letter: letter[1]):
        text = "".join(letter for letter, _ in same)
        shown = text.strip(" ")
        if shown:
            at = MARGIN + (x + text.index(shown)) * CELL_WIDTH
            wide = len(shown) * width * CELL_WIDTH
            place = f'x="{at:g}" y="{y}" textLength="{wide:g}" lengthAdjust="spacingAndGlyphs"'
            said = escape(shown).replace(" ", NO_BREAK)
            yield f'<text {place}{bold} fill="{_ink(style)}">{said}</text>'
        x += len(text) * width


def _runs(row: Row, key: Callable[[Cell], object]) -> Iterator[tuple[int, list[Cell]]]:
    """Cells that are alike, and where they begin."""
    x = 0
    for _, same in groupby(row, key=key):
        run = list(same)
        yield x, run
        x += len(run)


def _ground(cell: Cell) -> str:
    colour = cell.style.bgcolor
    return colour.get_truecolor().hex if colour else DARK.background


def _ink(style: Style) -> str:
    return style.color.get_truecolor().hex if style.color else dict(DARK.inks)["text"]
