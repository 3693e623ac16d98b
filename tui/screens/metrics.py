"""The CloudWatch view: what a customer of the cloud knows of the board, and how late."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import BindingType
from textual.containers import Container
from textual.widget import Widget

from engine.services.registry import COMMANDS
from tui.actions import CommandType, actions_of, bindings_of, name_of
from tui.render.conditions import conditions_of
from tui.render.metric_chart import SPANS_S
from tui.render.metric_list import Key, Picked
from tui.render.metrics import Metric, metrics_of
from tui.screens.live import LiveScreen
from tui.screens.viewed import Viewed
from tui.widgets.metrics import AlarmList, MetricChart, MetricList, MetricWidget

WIDE = 110
"""Columns from which the list is given more of the width."""

COMMAND: dict[str, CommandType] = {name_of(command): command for command in COMMANDS}


class MetricsScreen(LiveScreen):
    """The metrics of all that stands; `chosen` is drawn, `marked` are compared with it."""

    WHERE = "metrics"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("metrics")

    def __init__(self, run: Viewed) -> None:
        super().__init__(run)
        self.chosen: Key = (self.resource or "", "")
        self.marked: list[Key] = []
        self.span_s = SPANS_S[0]
        self.at = 0

    def body(self) -> Iterable[Widget]:
        """The list; beside it the chart over what watches."""
        words, look = self.desk.words, self.look
        yield MetricList(words, look, hint=self._hint("metric_resource"), id="metrics")
        with Container(id="metric"):
            yield MetricChart(words, look, id="metric-chart")
            hint = "   ".join(self._hint(name) for name in ("delete_alarm", "detailed"))
            yield AlarmList(words, look, hint=hint, id="alarms")

    def _hint(self, name: str) -> str:
        """The key of an action and its name, for an edge of a frame."""
        action = next(action for action in actions_of(self.WHERE) if action.name == name)
        return f"{action.shown} {self.desk.say(f'actions.{name}')}"

    def picked(self) -> Picked:
        """What there is now and what of it is chosen: the same as before where it still stands."""
        metrics = metrics_of(self.run.frame)
        keys = [metric.key for metric in metrics]
        of_resource = [n for n, key in enumerate(keys) if key[0] == self.chosen[0]]
        if self.chosen in keys:
            self.at = keys.index(self.chosen)
        elif of_resource:
            self.at = of_resource[0]
        self.at = max(0, min(self.at, len(keys) - 1))
        return Picked(metrics, self.at, tuple(self.marked))

    def show_body(self) -> None:
        """The newest second in every part; each is drawn once."""
        run = self.run
        self.set_class(self.app.size.width >= WIDE, "-wide")
        picked, conditions = self.picked(), conditions_of(run.frame, run.history)
        for widget in self.query(MetricWidget):
            same = widget.frame is run.frame
            widget.about(picked, conditions, self.span_s)
            widget.show(run.frame, run.history, run.facts)
            if same:
                widget.redraw()

    def _choose(self, metric: Metric) -> None:
        self.chosen = metric.key
        self.show_second()

    def action_choose(self, by: int) -> None:
        """The next metric, or the one before; it stops at both ends."""
        picked = self.picked()
        if picked.metrics:
            self._choose(picked.metrics[max(0, min(picked.at + by, len(picked.metrics) - 1))])

    def action_next_resource(self, by: int) -> None:
        """The same metric of the next resource if it has it, else its first; round at the ends."""
        picked = self.picked()
        if picked.chosen is None:
            return
        resources = list(dict.fromkeys(metric.resource for metric in picked.metrics))
        at = (resources.index(picked.chosen.resource) + by) % len(resources)
        own = [metric for metric in picked.metrics if metric.resource == resources[at]]
        same = [metric for metric in own if metric.name == picked.chosen.name]
        self._choose((same or own)[0])

    def action_mark(self) -> None:
        """Compare the chosen metric with others, or no more; only one unit shares an axis."""
        picked = self.picked()
        chosen = picked.chosen
        if chosen is None:
            return
        if chosen.key in self.marked:
            self.marked.remove(chosen.key)
        else:
            units = {m.key: m.unit for m in picked.metrics}
            self.marked = [key for key in self.marked if units.get(key) == chosen.unit]
            self.marked.append(chosen.key)
        self.show_second()

    def action_span(self) -> None:
        """Ten minutes, half an hour, the whole run."""
        self.span_s = SPANS_S[(SPANS_S.index(self.span_s) + 1) % len(SPANS_S)]
        self.show_second()

    def action_new_alarm(self) -> None:
        """An alarm on the chosen resource."""
        chosen = self.picked().chosen
        resource = None if chosen is None else chosen.resource
        if any(m.alarmed and m.resource == resource for m in metrics_of(self.run.frame)):
            self.run.open_form(COMMAND["create_alarm"], resource)
        else:
            self._say("metrics.no_alarm_on", id=resource or "–")

    def action_delete_alarm(self) -> None:
        """The alarm of the chosen resource, or one to choose."""
        chosen = self.picked().chosen
        alarms = [r for r in self.run.frame.resources if r.service == "cloudwatch"]
        own = [r.id for r in alarms if chosen and r.facts.get("resource") == chosen.resource]
        if alarms:
            self.run.open_form(COMMAND["delete_alarm"], own[0] if len(own) == 1 else None)
        else:
            self._say("metrics.no_alarm")

    def action_detailed(self) -> None:
        """Measure the chosen instance every minute, or every five."""
        chosen = self.picked().chosen
        if chosen is not None and self.run.frame.instance(chosen.resource) is not None:
            self.run.open_form(COMMAND["set_monitoring"], chosen.resource)
        else:
            self._say("metrics.only_instances")

    def _say(self, key: str, **args: str) -> None:
        self.notify(self.desk.say(key, **args), markup=False)

    def on_screen_resume(self) -> None:
        """Back from a form: show what came of it."""
        self.show_second()
