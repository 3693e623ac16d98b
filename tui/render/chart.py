"""A chart: lines and areas over time with a limit, an axis, marks below and the last values."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from tui.render.braille import Plot, filling
from tui.render.canvas import Canvas, fit
from tui.render.dots import draw_dots
from tui.render.figures import clock, nice_limit
from tui.theme import Ink, Look

Values = list[float | None]


@dataclass(frozen=True)
class View:
    """The seconds that a chart shows, from `start_s` in steps of one dot; `until` is now."""

    start_s: float
    step_s: float
    columns: int
    until: int

    @property
    def end_s(self) -> float:
        """The second at the right edge."""
        return self.start_s + self.step_s * self.columns

    def column(self, second: float) -> int | None:
        """The dot above a second, or None outside."""
        column = int((second - self.start_s) / self.step_s + 1e-9)
        return column if second >= self.start_s and column < self.columns else None

    def cell(self, second: float) -> int | None:
        """The cell below which a second lies, or None outside."""
        column = self.column(second)
        return None if column is None else column // 2


def view_of(until: int, window_s: int | None, duration_s: int, columns: int) -> View:
    """The last `window_s` seconds, or the whole run if that is None.

    A moving view moves by whole dots, so that what has been drawn keeps its form.
    """
    columns = max(1, columns)
    if window_s is None or window_s >= duration_s:
        return View(0.0, max(1, duration_s) / columns, columns, until)
    step = window_s / columns
    newest = int(until / step)
    return View(max(0, newest - columns + 1) * step, step, columns, until)


@dataclass(frozen=True)
class Curve:
    """One series: `label` stands beside its last value at the right edge.

    `values` gives it for a view. An area with `by_load` has the colour of the load;
    stacks lie on top of each other, the first at the floor; a ghost is that of another
    run, a row of dots below the lines. `short` is the label
    where there is little room. `dots` are seconds and values that are marked on it.
    """

    label: str
    value: str
    ink: Ink
    values: Callable[[View], Values]
    kind: Literal["line", "area", "dotted", "stack", "ghost"] = "line"
    by_load: bool = False
    last: float | None = None
    label_ink: Ink | None = None
    short: str = ""
    dots: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Limit:
    """A dashed line that values are measured against, with its label."""

    value: float
    label: str
    ink: Ink = "text"


@dataclass(frozen=True)
class Label:
    """A text at the right edge, wanted at the height of a value."""

    value: float
    text: str
    ink: Ink


@dataclass(frozen=True)
class Mark:
    """A sign below the chart: what happened at a second."""

    second: int
    glyph: str
    ink: Ink


@dataclass(frozen=True)
class Chart:
    """All of a chart. `top` fixes the axis; otherwise the values and limits make it.

    Areas are drawn below lines, and of each kind the last curve lies on top.
    `empty` is what is said without any data. What came after `known_until` is not
    known yet, and hatched, with `unknown` on it where there is room.
    """

    title: str
    curves: tuple[Curve, ...]
    axis: Callable[[float], str]
    limits: tuple[Limit, ...] = ()
    marks: tuple[Mark, ...] = ()
    top: float | None = None
    least_top: float = 1.0
    note: str = ""
    empty: str = ""
    known_until: float | None = None
    unknown: str = ""


def draw_chart(
    width: int,
    height: int,
    chart: Chart,
    look: Look,
    *,
    until: int,
    window_s: int | None,
    duration_s: int,
    hint: str = "",
    cursor: int | None = None,
) -> list[Strip]:
    """The chart in its frame, over the last `window_s` seconds or (None) the whole run."""
    canvas = Canvas(width, height, look)
    gutter = _gutter(width)
    left = 7 if width >= 24 else 1
    plot_width, plot_height = width - left - 1 - gutter, height - 3
    if plot_width < 4 or plot_height < 1:
        canvas.frame(chart.title)
        _draw_values(canvas, chart)
        return canvas.strips()
    view = view_of(until, window_s, duration_s, 2 * plot_width)
    canvas.frame(chart.title, right=_note(chart, gutter) or hint)
    drawn = [(curve, curve.values(view)) for curve in chart.curves]
    top = chart.top or _top(chart, [values for _, values in drawn])
    plot, lines = (Plot(plot_width, plot_height, top) for _ in range(2))
    _draw_unknown(canvas, chart, view, left, plot_height)
    labels = _draw_limits(canvas, chart, plot, left)
    layers = [(v, look.ink(curve.ink)) for curve, v in drawn if curve.kind == "stack"]
    plot.stack(layers)
    for curve, values in drawn:
        _draw_curve(plot if curve.kind == "area" else lines, curve, values, look)
    plot.draw(canvas, left, 1)
    for curve, values in drawn:
        if curve.kind == "ghost":
            draw_dots(canvas, plot, values, left, look.ink(curve.ink, bold=True))
    lines.draw(canvas, left, 1)
    _draw_dots(canvas, chart, view, plot, left)
    _draw_cursor(canvas, view, cursor, left, plot_height)
    _draw_axis(canvas, chart, left, plot_width, plot_height, top)
    _draw_times(canvas, view, duration_s, left, plot_width, cursor)
    _draw_marks(canvas, chart, view, left, plot_width)
    if layers:
        _draw_legend(canvas, chart, left + plot_width + 1)
    else:
        _draw_labels(canvas, chart, plot, left + plot_width + 1, labels)
    if chart.empty and all(value is None for _, values in drawn for value in values):
        said = fit(chart.empty, plot_width - 2)
        x = left + max(1, (plot_width - cell_len(said)) // 2)
        canvas.text(x, 1 + plot_height // 2, said, look.ink("dim"))
    return canvas.strips()


def _note(chart: Chart, gutter: int) -> str:
    """What stands at the right of the title: the first figure, where labels have no room."""
    if gutter > 1 or not chart.curves:
        return chart.note
    return chart.curves[0].value


def _last_second(view: View, duration_s: int) -> float:
    """The second below the right edge: now, where the newest dot lies there."""
    newest_is_last = view.until >= view.end_s - view.step_s
    return view.until if newest_is_last else min(view.end_s, duration_s)


def _gutter(width: int) -> int:
    """Columns for the labels at the right.

    It depends on nothing but the width, so that charts of one width share their
    time axis, and a longer label never moves what has been drawn.
    """
    return min(22, width // 3 + 2) if width >= 30 else 1


def _top(chart: Chart, drawn: list[Values]) -> float:
    stacks = [v for c, v in zip(chart.curves, drawn, strict=True) if c.kind == "stack"]
    if stacks:
        ghosts = [v for c, v in zip(chart.curves, drawn, strict=True) if c.kind == "ghost"]
        drawn = [[sum(v or 0.0 for v in column) for column in zip(*stacks, strict=True)], *ghosts]
    highest = max((v for values in drawn for v in values if v is not None), default=0.0)
    limits = max((limit.value * 1.2 for limit in chart.limits), default=0.0)
    return nice_limit(max(highest, limits, chart.least_top))


def _draw_curve(plot: Plot, curve: Curve, values: Values, look: Look) -> None:
    style = look.ink(curve.ink)
    if curve.kind in ("stack", "ghost"):
        return
    if curve.kind == "line":
        plot.line(values, look.ink(curve.ink, bold=True))
    elif curve.kind == "dotted":
        plot.line(values, style, dotted=True)
    elif curve.by_load:
        pairs = zip(values[::2], values[1::2], strict=True)
        loads = [max((v for v in pair if v is not None), default=0.0) for pair in pairs]
        plot.area(values, [look.load(load) for load in loads])
    else:
        plot.area(values, [style] * plot.width)


def _draw_limits(canvas: Canvas, chart: Chart, plot: Plot, left: int) -> list[Label]:
    """Dashes behind the curves; gives their labels."""
    labels = []
    for limit in chart.limits:
        if limit.value > plot.top:
            continue
        canvas.text(left, 1 + plot.row(limit.value), "╌" * plot.width, canvas.look.ink(limit.ink))
        labels.append(Label(limit.value, limit.label, limit.ink))
    return labels


def _draw_axis(
    canvas: Canvas, chart: Chart, left: int, width: int, height: int, top: float
) -> None:
    line, dim = canvas.look.ink("line"), canvas.look.ink("dim")
    canvas.text(left, height + 1, "─" * width, line)
    if left > 1:
        for y in range(1, height + 1):
            canvas.put(left - 1, y, "│", line)
        canvas.put(left - 1, 1, "┤", line)
        canvas.put(left - 1, height + 1, "┴", line)
        for y, value in ((1, top), (height + 1, 0.0)):
            text = fit(chart.axis(value).replace(" ", "") if value else "0", left - 2)
            canvas.text(left - 1 - cell_len(text), y, text, dim)


def _draw_marks(canvas: Canvas, chart: Chart, view: View, left: int, width: int) -> None:
    for mark in chart.marks:
        cell = view.cell(mark.second)
        if cell is not None and cell < width and mark.second <= view.until:
            style = canvas.look.ink(mark.ink, bold=True)
            canvas.put(left + cell, canvas.height - 2, mark.glyph, style)


def _draw_cursor(canvas: Canvas, view: View, cursor: int | None, left: int, height: int) -> None:
    """A line through all rows at the second that is read; what is drawn there keeps its form."""
    cell = None if cursor is None else view.cell(cursor)
    if cell is None:
        return
    style = canvas.look.ink("accent", bold=True)
    for y in range(1, height + 1):
        drawn = canvas.cells[y][left + cell]
        canvas.put(left + cell, y, "│" if drawn in " ╌" else drawn, style)


def _draw_unknown(canvas: Canvas, chart: Chart, view: View, left: int, height: int) -> None:
    """Hatching from what is known last up to now."""
    if chart.known_until is None:
        return
    middles = (view.start_s + (2 * cell + 1) * view.step_s for cell in range(view.columns // 2))
    cells = [x for x, second in enumerate(middles) if chart.known_until < second <= view.until]
    for cell in cells:
        for y in range(1, height + 1):
            canvas.put(left + cell, y, "░", canvas.look.ink("line"))
    said = f" {chart.unknown} "
    if chart.unknown and cell_len(said) <= len(cells):
        x = left + cells[0] + (len(cells) - cell_len(said)) // 2
        canvas.text(x, 1 + height // 3, said, canvas.look.ink("dim"))


def _draw_dots(canvas: Canvas, chart: Chart, view: View, plot: Plot, left: int) -> None:
    for curve in chart.curves:
        for second, value in curve.dots:
            cell = view.cell(second)
            if cell is not None:
                ink = canvas.look.ink(curve.ink, bold=True)
                canvas.put(left + cell, 1 + plot.row(value), "◆", ink)


def _draw_legend(canvas: Canvas, chart: Chart, x: int) -> None:
    """Beside stacked areas: each filling with its name, the uppermost first."""
    room = canvas.width - 1 - x
    rows = range(1, canvas.height - 2)
    if room < 6:
        return
    for ghost in (curve for curve in chart.curves if curve.kind == "ghost"):
        y = min(rows.stop - 1, 1 + sum(curve.kind == "stack" for curve in chart.curves))
        canvas.text(x, y, f"{ghost.label} {ghost.value}", canvas.look.ink(ghost.ink), room)
        rows = range(1, y)
    stacks = [(i, c) for i, c in enumerate(chart.curves) if c.kind == "stack" and c.label]
    for y, (index, curve) in zip(rows, reversed(stacks[: len(rows)]), strict=False):
        glyph = filling(index, ascii=canvas.look.ascii)
        at = canvas.text(x, y, glyph + " ", canvas.look.ink(curve.ink, bold=True))
        named = max(0, room - 2 - cell_len(curve.value) - 1)
        label = curve.label if cell_len(curve.label) <= named else curve.short or curve.label
        at = canvas.text(at, y, label, canvas.look.ink("text"), named)
        canvas.text(at + 1, y, curve.value, canvas.look.ink("strong", bold=True), x + room - at - 1)


def _draw_labels(canvas: Canvas, chart: Chart, plot: Plot, x: int, limits: list[Label]) -> None:
    """Labels at the heights of the last values, moved apart where they would overlap."""
    room = canvas.width - 1 - x
    if room < 3:
        return
    wanted = list(limits)
    for curve in chart.curves:
        if curve.label and curve.last is not None:
            name = fit(curve.label, max(1, room - 1 - cell_len(curve.value)))
            text = f"{name} {curve.value}"
            wanted.append(Label(curve.last, text, curve.label_ink or curve.ink))
    wanted.sort(key=lambda label: -label.value)
    rows = _apart([plot.row(label.value) for label in wanted], plot.height)
    for row, label in zip(rows, wanted, strict=False):
        if row >= 0:
            canvas.text(x, 1 + row, label.text, canvas.look.ink(label.ink), room)


def _apart(rows: list[int], height: int) -> list[int]:
    """The same rows in order, each its own, as near to where they were as that allows."""
    placed: list[int] = []
    for row in rows:
        placed.append(max(row, placed[-1] + 1) if placed else row)
    over = placed[-1] - (height - 1) if placed else 0
    if over > 0:
        limit = height - 1
        for index in range(len(placed) - 1, -1, -1):
            placed[index] = min(placed[index], limit)
            limit = placed[index] - 1
    return placed


TICKS_S = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800)
"""Steps between the times that an axis names."""


def _draw_times(
    canvas: Canvas, view: View, duration_s: int, left: int, width: int, cursor: int | None
) -> None:
    """Simulated times below the axis: both ends, whole steps between, and the cursor's."""
    y, ink, line = canvas.height - 1, canvas.look.ink, canvas.look.ink("line")
    start, end = clock(view.start_s), clock(_last_second(view, duration_s))
    taken: list[tuple[int, int]] = []

    def put(x: int, text: str, style: Style) -> None:
        stop = x + cell_len(text)
        fits = left - 1 <= x and stop <= left + width + 1
        if fits and all(stop < first or last < x for first, last in taken):
            canvas.text(x, y, text, style)
            taken.append((x, stop))

    at = None if cursor is None else view.cell(cursor)
    if at is not None and cursor is not None:
        text = f" {clock(cursor)} "
        x = min(max(left - 1, left + at - cell_len(text) // 2), left + width + 1 - cell_len(text))
        put(x, text, ink("accent", bold=True))
    put(left - 1, f" {start} ", ink("faint"))
    put(left + width - cell_len(end) - 1, f" {end} ", ink("faint"))
    span = view.end_s - view.start_s
    step = next((s for s in TICKS_S if width / (span / s) >= 9), TICKS_S[-1])
    second = (int(view.start_s) // step + 1) * step
    while second < min(view.end_s, view.until if view.start_s else duration_s):
        cell = view.cell(second)
        if cell is not None and 0 < cell < width:
            canvas.put(left + cell, y - 1, "┬", line)
            text = f" {clock(second)} "
            put(left + cell - cell_len(text) // 2, text, ink("faint"))
        second += step


def _draw_values(canvas: Canvas, chart: Chart) -> None:
    """Where there is no room for a plot: the last values as text."""
    if canvas.height < 3:
        return
    x = 2
    for curve in chart.curves:
        if curve.label and x < canvas.width - 2:
            style = canvas.look.ink(curve.ink)
            text = f"{curve.label} {curve.value}  "
            x = canvas.text(x, 1, text, style, canvas.width - 2 - x)
