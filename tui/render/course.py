"""The course of a whole run on a few rows: what was done, what happened, what users felt, and
how the error budget went. Pure: moments and series to strips."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.strip import Strip

from tui.render.braille import Plot
from tui.render.canvas import Canvas
from tui.render.figures import clock
from tui.render.history import History
from tui.theme import Look
from tui.timeline import Moment
from tui.words import Words

BARS = " ▁▂▃▄▅▆▇█"

AXIS = 8
"""Cells between the names of the rows and what they show."""

RIVAL = "┄"
"""The sign of the reference plan's line."""

FIXED_ROWS = 4
"""Marks of the player, marks of all else, what users felt, and the axis."""


def draw_course(
    width: int,
    height: int,
    moments: Sequence[Moment],
    history: History,
    duration_s: int,
    look: Look,
    words: Words,
    cursor: int | None = None,
    rival: History | None = None,
) -> list[Strip]:
    """A run of `duration_s` seconds; `cursor` is a second that is pointed at."""
    canvas = Canvas(width, height, look)
    names = [words.say(f"course.{name}") for name in ("you", "happened", "felt", "budget")]
    rivals = [f"{RIVAL} {words.say('course.rival')}"]
    left = min(max(map(cell_len, names + rivals)) + AXIS, width // 3)
    room = width - left - 1
    if room < 8 or height < FIXED_ROWS + 1:
        return canvas.strips()
    for y, name in enumerate(names):
        canvas.text(0, y, name, look.ink("dim"), left - AXIS)
    if cursor is not None:
        x = left + _cell(cursor, duration_s, room)
        for y in range(height - 1):
            canvas.put(x, y, "│", look.ink("faint"))
    _marks(canvas, 0, left, room, [m for m in moments if m.by == "player"], duration_s)
    others = [m for m in moments if m.by in ("incident", "board")]
    _marks(canvas, 1, left, room, others, duration_s)
    _felt(canvas, 2, left, room, history, duration_s)
    _budget(canvas, 3, left, room, height - FIXED_ROWS, history, duration_s, rival)
    _axis(canvas, height - 1, left, room, duration_s, words, rival is not None)
    return canvas.strips()


def as_text(strips: Sequence[Strip]) -> Text:
    """Strips as text on whatever ground it is put: their colours without their background."""
    text = Text(no_wrap=True, overflow="crop")
    for strip in strips:
        for segment in strip:
            style = segment.style or Style()
            text.append(segment.text, Style(color=style.color, bold=style.bold))
        text.append("\n")
    text.rstrip()
    return text


def _cell(second: int, duration_s: int, room: int) -> int:
    return min(room - 1, max(0, second * room // max(1, duration_s)))


def _marks(
    canvas: Canvas, y: int, left: int, room: int, moments: Sequence[Moment], duration_s: int
) -> None:
    """A sign for each moment; of several in one cell how many there are."""
    cells: dict[int, list[Moment]] = {}
    for moment in moments:
        cells.setdefault(_cell(moment.second, duration_s, room), []).append(moment)
    for x, there in cells.items():
        sign = there[-1].sign if len(there) == 1 else str(min(9, len(there)))
        canvas.put(left + x, y, sign, canvas.look.ink(there[-1].ink, bold=True))


def _felt(canvas: Canvas, y: int, left: int, room: int, history: History, duration_s: int) -> None:
    """The share of what ended in each stretch of time that failed or came late."""
    for x in range(room):
        first, last = x * duration_s // room, max(x, (x + 1) * duration_s // room - 1)
        good, late, failed = (
            sum(history.values(name, first, last)) for name in ("good", "late", "failed")
        )
        bad = late + failed
        if bad <= 0:
            continue
        level = max(1, round(bad / (good + bad) * (len(BARS) - 1)))
        canvas.put(left + x, y, BARS[level], canvas.look.ink("down" if failed >= late else "warn"))


def _budget(
    canvas: Canvas,
    y: int,
    left: int,
    room: int,
    rows: int,
    history: History,
    duration_s: int,
    rival: History | None,
) -> None:
    """The error budget that was left, 100% at the top, none at the floor."""
    look = canvas.look
    area, mine, theirs = (Plot(room, rows, 1.0) for _ in range(3))
    step = duration_s / mine.columns
    left_over = history.curve("error_budget", 0, step, mine.columns, duration_s, min)
    area.area(left_over, [look.ink("area")] * room)
    mine.line(left_over, look.ink("flow"))
    if rival is not None:
        other = rival.curve("error_budget", 0, step, theirs.columns, duration_s, min)
        theirs.line(other, look.ink("p99"), dotted=True)
    for plot in (area, theirs, mine):  # the later hides the earlier, cell by cell
        plot.draw(canvas, left, y)
    canvas.text(left - 5, y, "100%", look.ink("faint"))
    if rows > 1:
        canvas.text(left - 3, y + rows - 1, "0%", look.ink("faint"))


def _axis(
    canvas: Canvas, y: int, left: int, room: int, duration_s: int, words: Words, rival: bool
) -> None:
    """Times below, at quarters of the run."""
    ink = canvas.look.ink("faint")
    for quarter in range(5):
        said = clock(duration_s * quarter / 4)
        x = left + room * quarter // 4 - (len(said) if quarter == 4 else len(said) // 2)
        canvas.text(max(left, x), y, said, ink)
    if rival:
        canvas.text(0, y, f"{RIVAL} {words.say('course.rival')}", canvas.look.ink("p99"), left - 1)
