"""Drawn widgets of the CloudWatch view: set what they are about, then `redraw`."""

from textual.strip import Strip

from tui.render.alarm_list import draw_alarms
from tui.render.conditions import Condition
from tui.render.metric_chart import draw_metric_chart
from tui.render.metric_list import Picked, draw_metrics
from tui.widgets.strips import StripWidget


class MetricWidget(StripWidget):
    """What the parts of the view share: what is picked, and what watches it."""

    picked = Picked(())
    conditions: tuple[Condition, ...] = ()
    span_s: int | None = None

    def about(self, picked: Picked, conditions: tuple[Condition, ...], span_s: int | None) -> None:
        """What to show from the next drawing on."""
        self.picked, self.conditions, self.span_s = picked, conditions, span_s


class MetricList(MetricWidget):
    """All metrics with their newest points."""

    def draw(self, width: int, height: int) -> list[Strip]:
        """The list in its frame."""
        assert self.frame is not None
        return draw_metrics(
            width, height, self.picked, self.conditions, self.frame, self.history,
            self.look, self.words, self.hint,
        )  # fmt: skip


class MetricChart(MetricWidget):
    """The chosen metric, large."""

    def draw(self, width: int, height: int) -> list[Strip]:
        """The chart in its frame."""
        assert self.frame is not None
        return draw_metric_chart(
            width, height, self.picked, self.conditions, self.frame, self.history,
            self.facts.duration_s, self.span_s, self.look, self.words,
        )  # fmt: skip


class AlarmList(MetricWidget):
    """What watches, and what it costs."""

    def draw(self, width: int, height: int) -> list[Strip]:
        """The panel in its frame."""
        assert self.frame is not None
        return draw_alarms(
            width, height, self.conditions, self.picked.chosen, self.frame,
            self.look, self.words, self.hint,
        )  # fmt: skip
