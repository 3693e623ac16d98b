"""A chart as a widget: which one, over which time, of which request class."""

from textual.strip import Strip

from tui.render.chart import draw_chart
from tui.render.charts import ChartKind, make_chart
from tui.render.history import History
from tui.theme import Look
from tui.widgets.strips import StripWidget
from tui.words import Words

WINDOWS_S: tuple[int | None, ...] = (600, None, 120)
"""What a chart may show: the last ten minutes (a real one at 10×), the whole run, the last two."""


class ChartPane(StripWidget):
    """One chart: `about` says of what, `over` of which time; then `redraw`.

    `ghost` is another run whose line is drawn, too. Money is always shown over the whole
    level, for its forecast lies at the end.
    """

    def __init__(
        self,
        words: Words,
        look: Look,
        kind: ChartKind,
        *,
        window_s: int | None = WINDOWS_S[0],
        request_class: str | None = None,
        hint: str = "",
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(words, look, hint=hint, id=id, classes=classes)
        self.kind: ChartKind = kind
        self.window_s = window_s
        self.request_class = request_class
        self.resource: str | None = None
        self.cursor: int | None = None
        self.ghost: History | None = None

    def about(
        self, kind: ChartKind, request_class: str | None = None, resource: str | None = None
    ) -> None:
        """What to show from the next drawing on."""
        self.kind, self.request_class, self.resource = kind, request_class, resource

    def over(self, window_s: int | None, cursor: int | None = None) -> None:
        """Which time to show, and the second whose figures are read, from the next drawing on."""
        self.window_s, self.cursor = window_s, cursor

    def draw(self, width: int, height: int) -> list[Strip]:
        """The chart in its frame."""
        assert self.frame is not None
        chart = make_chart(
            self.kind, self.frame, self.history, self.facts, self.words,
            self.request_class, self.resource, self.cursor, self.ghost,
        )  # fmt: skip
        return draw_chart(
            width,
            height,
            chart,
            self.look,
            until=self.frame.second,
            window_s=None if self.kind == "money" else self.window_s,
            duration_s=self.facts.duration_s,
            hint=self.hint,
            cursor=self.cursor,
        )
