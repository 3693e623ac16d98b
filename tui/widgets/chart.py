"""A chart as a widget: which one, over which time, of which request class."""

from textual.strip import Strip

from tui.render.chart import draw_chart
from tui.render.charts import ChartKind, make_chart
from tui.theme import Look
from tui.widgets.strips import StripWidget
from tui.words import Words

WINDOW_S = 600
"""Simulated seconds that a chart shows unless told otherwise: one real minute at 10×."""


class ChartPane(StripWidget):
    """One chart. Set `kind`, `window_s` (None: the whole level) or `request_class`, then `redraw`.

    Money is always shown over the whole level, for its forecast lies at the end.
    """

    def __init__(
        self,
        words: Words,
        look: Look,
        kind: ChartKind,
        *,
        window_s: int | None = WINDOW_S,
        request_class: str | None = None,
        hint: str = "",
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(words, look, hint=hint, id=id, classes=classes)
        self.kind: ChartKind = kind
        self.window_s = window_s
        self.request_class = request_class

    def draw(self, width: int, height: int) -> list[Strip]:
        """The chart in its frame."""
        assert self.frame is not None
        chart = make_chart(
            self.kind, self.frame, self.history, self.facts, self.words, self.request_class
        )
        return draw_chart(
            width,
            height,
            chart,
            self.look,
            until=self.frame.second,
            window_s=None if self.kind == "money" else self.window_s,
            duration_s=self.facts.duration_s,
            hint=self.hint,
        )
