"""The inspector: everything about what is selected, as time runs, and the commands for it."""

from collections.abc import Iterable
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.containers import Container
from textual.widget import Widget

from tui.actions import bindings_of
from tui.render.canvas import clean
from tui.render.inspector import inspector_text
from tui.render.resource_charts import charts_of
from tui.screens.connect import connect
from tui.screens.live import TextView
from tui.widgets.chart import ChartPane

CHARTS = 4
"""Charts that may stand beside the text."""

WIDE = 110
"""Columns from which they stand beside it; else above."""


class InspectScreen(TextView):
    """One resource; the arrows to the sides go to the others on the board."""

    WHERE = "inspect"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("inspect")

    def beside(self) -> Iterable[Widget]:
        """Its charts."""
        words = self.desk.words
        panes = (ChartPane(words, self.look, "use", id=f"chart-{n}") for n in range(CHARTS))
        yield Container(*panes, id="about")

    def title_words(self) -> str:
        """Its name."""
        return clean(self.resource or self.desk.say("actions.inspect"))

    def write(self, width: int) -> Text:
        """The page about it."""
        run = self.run
        return inspector_text(
            run.frame, run.history, self.resource, run.offers(), self.look, self.desk.words, width
        )

    def show_body(self) -> None:
        """The text and as many charts as there is room for."""
        width, height = self.app.size
        wide = width >= WIDE
        self.set_class(wide, "-wide")
        room = min(CHARTS, max(1, (height - 2) // 9)) if wide else 1 + (width >= 70)
        kinds = charts_of(self.run.frame, self.resource)[:room]
        self.query_one("#about").display = bool(kinds)
        for number, pane in enumerate(self.query(ChartPane)):
            pane.display = number < len(kinds)
            if number < len(kinds):
                pane.about(kinds[number], None, self.resource)
                pane.over(self.run.window_s, None)
                pane.ghost = self.run.ghost
                self.show_strips([pane])
                pane.redraw()
        super().show_body()

    def action_connect(self) -> None:
        """Look inside."""
        connect(self, self.run, self.resource)

    def action_give(self, number: int) -> None:
        """The command of that number."""
        if 0 < number <= len(self.run.offers()):
            self.dismiss()
            self.run.take_offer(number - 1, self.resource)
        else:
            self.app.bell()
