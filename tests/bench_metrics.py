"""What the CloudWatch view costs: 60 resources, an hour of history, on 120×40; ms of CPU time."""

from statistics import median, quantiles
from time import process_time

from msgspec.structs import replace

from engine.frame import Frame
from engine.views import ResourceView
from tests.bench_screen import RESOURCES, busy_second
from tui.render.alarm_list import draw_alarms
from tui.render.conditions import conditions_of
from tui.render.history import History
from tui.render.metric_chart import SPANS_S, draw_metric_chart
from tui.render.metric_list import Picked, draw_metrics
from tui.render.metrics import metrics_of
from tui.theme import Look
from tui.words import Words

SECONDS = 3_600
SAMPLES = 100
LIST, CHART, ALARMS = (48, 38), (72, 22), (72, 15)
COMPARED = 6


def watched_second(second: int) -> Frame:
    """A second of a crowded board with five alarms; half of its machines are paid for."""
    frame = busy_second(second)
    ids = [instance.id for instance in frame.instances]
    alarms = [
        ResourceView(
            f"alarm-{n}", "cloudwatch", "alarm", 100_000, state="ok",
            facts={"resource": id, "above": 70.0, "points": 3, "measured": 50.0},
        )
        for n, id in enumerate(ids[:5])
    ]  # fmt: skip
    instances = (replace(i, detailed=n % 2 == 0) for n, i in enumerate(frame.instances))
    return replace(
        frame, instances=tuple(instances), resources=(*frame.resources, *alarms)
    )  # fmt: skip


def report() -> None:
    """Print what opening it costs, and each second after, for each time that can be shown."""
    frames = [watched_second(second) for second in range(SECONDS + SAMPLES)]
    history = History()
    began = process_time()
    for frame in frames[:SECONDS]:
        history.add(frame)
    each_ms = 1_000 * (process_time() - began) / SECONDS
    print(f"CloudWatch view, {RESOURCES} resources, {SECONDS} s; ms of CPU time")
    print(f"{'taking a second in':<28}mean   {each_ms:6.2f}")
    for span_s in SPANS_S:
        took = []
        history = _again(frames) if span_s is None else history
        for frame in frames[SECONDS - 1 :]:
            history.add(frame)
            began = process_time()
            _draw(frame, history, span_s)
            took.append(1_000 * (process_time() - began))
        name = "the whole run" if span_s is None else f"{span_s} s"
        late = quantiles(took[1:], n=20)[-1]
        print(f"{name:<28}first  {took[0]:6.2f}   median {median(took[1:]):6.2f}   p95 {late:6.2f}")


def _again(frames: list[Frame]) -> History:
    history = History()
    for frame in frames[:SECONDS]:
        history.add(frame)
    return history


def _draw(frame: Frame, history: History, span_s: int | None) -> None:
    look, words = Look(), Words()
    metrics = metrics_of(frame)
    marked = tuple(m.key for m in metrics if m.unit == "percent")[:COMPARED]
    picked = Picked(metrics, 0, marked)
    conditions = conditions_of(frame, history)
    draw_metrics(*LIST, picked, conditions, frame, history, look, words)
    draw_metric_chart(
        *CHART, picked, conditions, frame, history, SECONDS, span_s, look, words
    )  # fmt: skip
    draw_alarms(*ALARMS, conditions, picked.chosen, frame, look, words)


if __name__ == "__main__":
    report()
