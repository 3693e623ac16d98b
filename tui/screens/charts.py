"""The charts on the whole screen, side by side, and a cursor that reads them."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import BindingType
from textual.containers import Container
from textual.widget import Widget

from tui.actions import bindings_of
from tui.render.chart import view_of
from tui.render.charts import CHARTS, ChartKind
from tui.render.resource_charts import charts_of
from tui.screens.live import LiveScreen
from tui.screens.viewed import Viewed
from tui.widgets.chart import ChartPane
from tui.widgets.views import ReadoutPanel

MOST = 9
"""Charts that are ever shown at once."""

ROW_FROM = 8
"""Rows that a chart should have where there are several below each other."""

FAR = 10
"""Steps of the cursor with shift."""


class ChartsScreen(LiveScreen):
    """As many charts as fit, then the next ones; the cursor is a second, or None for now."""

    WHERE = "charts"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("charts")

    def __init__(self, run: Viewed) -> None:
        super().__init__(run)
        self.cursor: int | None = None
        self.page = 0

    def body(self) -> Iterable[Widget]:
        """Places for charts, and the figures at the cursor."""
        words = self.desk.words
        panes = (ChartPane(words, self.look, "rps", id=f"chart-{n}") for n in range(MOST))
        yield Container(*panes, id="charts")
        yield ReadoutPanel(words, self.look, id="readout")

    def kinds(self) -> tuple[ChartKind, ...]:
        """Every chart there is now: of the run, then of what is selected."""
        return (*CHARTS, *charts_of(self.run.frame, self.resource))

    def grid(self) -> tuple[int, int]:
        """Columns and rows of charts in this size."""
        width, height = self.app.size
        columns = max(1, min(3, width // 50)) if width >= 100 else 2 if width >= 76 else 1
        return columns, max(1, min(3, (height - 7) // ROW_FROM))

    def show_body(self) -> None:
        """The charts of this page, all on the same seconds."""
        run = self.run
        columns, rows = self.grid()
        kinds, size = self.kinds(), columns * rows
        pages = -(-len(kinds) // size)
        self.page %= pages
        shown = kinds[self.page * size : (self.page + 1) * size]
        self.query_one("#charts").styles.grid_size_columns = columns
        self.query_one("#charts").styles.grid_size_rows = -(-len(shown) // columns)
        for number, pane in enumerate(self.query(ChartPane)):
            pane.display = number < len(shown)
            if number < len(shown):
                pane.about(shown[number], run.request_class, self.resource)
                pane.over(run.window_s, self.cursor)
                pane.ghost = run.ghost
                self.show_strips([pane])
                pane.redraw()
        readout = self.query_one(ReadoutPanel)
        readout.cursor, readout.request_class = self.cursor, run.request_class
        readout.span_s = self.step_s()
        self.show_strips([readout])
        readout.redraw()

    def step_s(self) -> int:
        """Seconds that the cursor moves by: those of a dot in the first chart."""
        pane = next(iter(self.query(ChartPane)))
        columns = max(1, 2 * (pane.size.width - 10))
        duration_s = self.run.facts.duration_s
        view = view_of(self.run.frame.second, self.run.window_s, duration_s, columns)
        return max(1, round(view.step_s))

    def action_cursor(self, by: int) -> None:
        """Along the time; beyond the newest second the charts are live again."""
        newest = self.run.frame.second
        window_s = self.run.window_s
        first = 0 if window_s is None else max(0, newest - window_s)
        now = newest if self.cursor is None else self.cursor
        then = max(first, now + by * self.step_s())
        self.cursor = None if then >= newest else then
        self.show_second()

    def action_cursor_end(self, newest: bool) -> None:
        """To the first second that is shown, or back to now."""
        self.cursor = None
        if not newest:
            self.action_cursor(-86_400)
        self.show_second()

    def action_next_charts(self) -> None:
        """The next page."""
        self.page += 1
        self.show_second()

    def action_next_class(self) -> None:
        """Another class of requests."""
        self.run.to_next_class()
        self.show_second()

    def action_window(self) -> None:
        """The last minutes, or the whole run."""
        self.run.to_next_window()
        self.cursor = None
        self.show_second()

    def action_leave(self) -> None:
        """Give the cursor up, then back to the run."""
        if self.cursor is not None:
            self.cursor = None
            self.show_second()
        else:
            super().action_leave()
