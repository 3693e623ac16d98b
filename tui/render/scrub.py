"""The scrub bar: a whole run on one line with its landmarks, where one is, and what happened there.

Pure: landmarks to strips.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from tui.landmarks import RANK, Landmark, Landmarks
from tui.render.canvas import Canvas, fit, wrapped
from tui.render.figures import clock
from tui.theme import Look
from tui.words import Words

SPOKEN_ROWS = 2
"""Rows below the bar: the landmark, and what else is to be said."""

LEAST_TRACK = 10
"""Cells below which there is no bar."""


@dataclass(frozen=True)
class Lane:
    """One run on the bar: how far it goes, what happened in it, and what it is called."""

    landmarks: Landmarks
    last_second: int
    name: str = ""


@dataclass(frozen=True)
class Track:
    """Where the bar lies: from a column, so many cells for the seconds up to the last."""

    left: int
    cells: int
    last_second: int

    def cell(self, second: int) -> int:
        """The cell of a second."""
        return min(self.cells - 1, max(0, second) * self.cells // (self.last_second + 1))

    def second(self, x: int) -> int | None:
        """The second at a column of the screen, or None outside; the ends are the ends."""
        cell = x - self.left
        if not 0 <= cell < self.cells:
            return None
        if cell == self.cells - 1:
            return self.last_second
        return -(-cell * (self.last_second + 1) // self.cells)


def track_of(width: int, lanes: Sequence[Lane]) -> Track | None:
    """The bar's place in a width, or None where there is no room for it."""
    last = max(lane.last_second for lane in lanes)
    side = max(len(clock(last)), *(cell_len(lane.name) for lane in lanes)) + 2
    cells = width - 2 * side
    return Track(side, cells, last) if cells >= LEAST_TRACK else None


def draw_scrub(
    width: int,
    height: int,
    lanes: Sequence[Lane],
    second: int,
    sentence: str,
    look: Look,
    words: Words,
) -> list[Strip]:
    """A line for each run, then what happened at the second or last, then a sentence."""
    canvas = Canvas(width, height, look)
    track = track_of(width, lanes)
    if track is not None:
        for y, lane in enumerate(lanes):
            _lane(canvas, y, track, lane, second)
        canvas.text(1, 0, clock(second), look.ink("strong", bold=True))
        end = clock(lanes[0].last_second)
        canvas.text(track.left + track.cells + 1, 0, end, look.ink("dim"))
    _speak(canvas, len(lanes), lanes[0], second, sentence, words)
    return canvas.strips()


def _lane(canvas: Canvas, y: int, track: Track, lane: Lane, second: int) -> None:
    """What is behind in heavy lines, what is to come in light ones, landmarks, the position."""
    ink = canvas.look.ink
    here, end = track.cell(min(second, lane.last_second)), track.cell(lane.last_second)
    behind = "=" if canvas.look.ascii else "━"
    canvas.text(1, y, lane.name, ink("dim"), track.left - 2)
    canvas.text(track.left, y, behind * here, ink("flow"))
    canvas.text(track.left + here, y, "─" * (end - here + 1), ink("line"))
    canvas.put(track.left + here, y, "●", ink("strong", bold=True))
    shown: dict[int, Landmark] = {}
    for mark in sorted(lane.landmarks.all, key=lambda mark: RANK.index(mark.kind)):
        shown[track.cell(mark.second)] = mark
    for mark in lane.landmarks.at(second):
        shown[here] = mark
    for cell, mark in shown.items():
        glyph, of_mark = mark.sign
        style = ink(of_mark, bold=True)
        canvas.put(track.left + cell, y, glyph, style + REVERSE if cell == here else style)


REVERSE = Style(reverse=True)
"""Of a landmark that one stands on."""


def _speak(canvas: Canvas, y: int, lane: Lane, second: int, sentence: str, words: Words) -> None:
    """What was given or happened at this second; else the last time before, or the first."""
    look, room = canvas.look, canvas.width - 2
    number, total = lane.landmarks.number(second), len(lane.landmarks.seconds)
    count = words.say("scrub.number", n=number, total=total) if total else ""
    beside = cell_len(count) + 2
    marks = lane.landmarks.last(second) or lane.landmarks.last(
        lane.landmarks.beside(second, 1) or 0
    )
    here = bool(marks) and marks[0].second == second
    rows = canvas.height - y
    lines = _lines(marks, rows if here else rows - 1, room - beside, words)
    for row, (mark, line) in enumerate(lines, y):
        ink = mark.sign[1] if here else "dim"
        canvas.text(1, row, line, look.ink(ink, bold=here), room - beside)
    canvas.text(canvas.width - 1 - cell_len(count), y, count, look.ink("faint"))
    if len(lines) < rows:
        canvas.text(1, canvas.height - 1, sentence, look.ink("accent"), room)


def _lines(
    marks: Sequence[Landmark], rows: int, width: int, words: Words
) -> list[tuple[Landmark, str]]:
    """A row for each landmark of a second; a long one has more where there are any left."""
    lines: list[tuple[Landmark, str]] = []
    for at, mark in enumerate(marks[: max(0, rows)]):
        left = max(1, rows - len(lines) - (len(marks) - at - 1))
        begin = f"{clock(mark.second)} {mark.sign[0]} "
        said = list(wrapped(begin + mark.words(words), width))
        if len(said) > left:
            said = [*said[: left - 1], " ".join(said[left - 1 :])]
        lines += [(mark, line) for line in said]
    more = len(marks) - rows
    if more > 0 and lines:
        mark, line = lines[-1]
        tail = f"  +{more}"
        lines[-1] = (mark, fit(line, width - len(tail)) + tail)
    return lines
