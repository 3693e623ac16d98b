"""Metrics drawn large: steps with their points, bounds that are watched, what is not known yet."""

from collections.abc import Callable

from rich.cells import cell_len
from textual.strip import Strip

from engine.frame import Frame
from tui.render.canvas import Canvas
from tui.render.chart import Chart, Curve, Limit, Mark, Values, View, draw_chart
from tui.render.conditions import Condition
from tui.render.figures import clock
from tui.render.history import LOAD_SPAN_S, History
from tui.render.metric_list import Picked, minutes_words, shown, shown_bound
from tui.render.metrics import (
    MINUTE_S,
    Metric,
    Point,
    is_coming,
    newest,
    next_end,
    period_s,
    points,
    steps,
)
from tui.render.signs import news_sign
from tui.theme import Ink, Look
from tui.words import Words

SPANS_S: tuple[int | None, ...] = (600, 1800, None)
"""Times that may be shown: ten minutes, half an hour, the whole run."""

TOLD = ("alarm_on", "alarm_off", "scaling_out", "scaling_in")
"""What the board does by itself that is marked below the chart."""

DOT_COLUMNS = 3
"""Cells that a period must have for its point to be marked."""


def draw_metric_chart(
    width: int, height: int, picked: Picked, conditions: tuple[Condition, ...], frame: Frame,
    history: History, duration_s: int, span_s: int | None, look: Look, words: Words,
) -> list[Strip]:  # fmt: skip
    """The chosen metric and what it is compared with, and a line that reads it."""
    chosen = picked.chosen
    if chosen is None:
        canvas = Canvas(width, height, look)
        canvas.frame(words.say("metrics.chart"))
        canvas.text(2, 1, words.say("metrics.nothing_hint"), look.ink("dim"), max(0, width - 4))
        return canvas.strips()
    chart = _chart(picked, chosen, conditions, frame, history, words, width, span_s or duration_s)
    strips = draw_chart(
        width, max(0, height - 1), chart, look, until=frame.second, window_s=span_s,
        duration_s=duration_s,
    )  # fmt: skip
    return strips + _reading(width, chosen, frame, history, look, words)[: max(0, height)]


def _chart(
    picked: Picked, chosen: Metric, conditions: tuple[Condition, ...], frame: Frame,
    history: History, words: Words, width: int, span_s: int,
) -> Chart:  # fmt: skip
    drawn = picked.drawn()
    several = len(drawn) > 1
    dotted = width * MINUTE_S >= DOT_COLUMNS * span_s
    curves = [
        _curve(
            metric, picked.ink(metric), metric.resource if several else words.say("metrics.newest"),
            frame.second, history, dotted=dotted,
        )
        for metric in sorted(drawn, key=lambda metric: metric is chosen)
    ]  # fmt: skip
    known = newest(chosen, history, frame.second)
    key = f"metrics.{chosen.statistic}"
    period = minutes_words(period_s(chosen, history, frame.second + 1), words)
    title = chosen.name if several else f"{chosen.resource} · {chosen.name}"
    first = words.say("metrics.no_point")
    if is_coming(chosen, history, frame.second):
        first = words.say("metrics.first_point", at=clock(next_end(chosen, history, frame.second)))
    return Chart(
        title=title,
        curves=tuple(curves),
        axis=lambda value: shown(chosen.unit, value).replace(".0", ""),
        limits=_limits(drawn, conditions, words),
        marks=_marks(history, frame.second),
        top=100.0 if chosen.unit == "percent" else None,
        note=f"{words.say(key)}, {period}",
        empty=first,
        known_until=0 if known is None else known.end_s,
        unknown=words.say("metrics.unknown") if known is not None else "",
    )


def _curve(
    metric: Metric, ink: Ink, label: str, until: int, history: History, *, dotted: bool
) -> Curve:
    """A step for each period; its point is marked where it became known."""
    known = points(metric, history, until)
    last = known[-1].value if known else None
    long_enough = [p for p in known if dotted or p.end_s - p.start_s > MINUTE_S]
    return Curve(
        label, "–" if last is None else shown(metric.unit, last), ink, _stepped(known), last=last,
        dots=tuple((point.end_s - 1, point.value) for point in long_enough),
    )  # fmt: skip


def _stepped(known: list[Point]) -> Callable[[View], Values]:
    return lambda view: steps(known, view.start_s, view.step_s, view.columns)


def _limits(
    drawn: list[Metric], conditions: tuple[Condition, ...], words: Words
) -> tuple[Limit, ...]:
    """The bounds that are watched of what is drawn, each with its name."""
    found = []
    for condition in conditions:
        if condition.metric in drawn and condition.metric is not None:
            ink: Ink = "full" if condition.state == "alarm" else "warn"
            bound = shown_bound(condition.metric.unit, condition.bound)
            name = condition.id if condition.kind == "alarm" else ""
            kind = words.say(f"metrics.kind_{condition.kind}")
            sign = "<" if condition.below else ">"
            said = f"{name or kind} {sign}{bound.replace(' ', '')}"
            found.append(Limit(condition.bound, said, "flow" if condition.below else ink))
    return tuple(found)


def _marks(history: History, until: int) -> tuple[Mark, ...]:
    """What the player did, what befell the board, and what alarms and policies did."""
    told = history.told_between(0, until)
    return tuple(
        Mark(line.second, *news_sign(line.news))
        for line in told
        if line.news.by in ("player", "incident") or line.news.kind in TOLD
    )


def _reading(
    width: int, chosen: Metric, frame: Frame, history: History, look: Look, words: Words
) -> list[Strip]:
    """What CloudWatch knows, of when, when it will know more, and what the board is like now."""
    canvas = Canvas(width, 1, look)
    known, next_s = newest(chosen, history, frame.second), next_end(chosen, history, frame.second)
    left = clock(next_s - frame.second)
    pieces: list[tuple[str, str, Ink]] = []
    if known is not None:
        times = {"start": clock(known.start_s), "end": clock(known.end_s)}
        value = shown(chosen.unit, known.value)
        pieces.append((words.say("metrics.known", value=value, **times), value, "strong"))
    told = words.say("metrics.next", at=clock(next_s), left=left)
    pieces.append((told, told, "accent"))
    now = board_now(chosen, frame, history)
    if now is not None:
        value = shown(chosen.unit, now)
        short = words.say("metrics.board_short", value=value)
        pieces.append((words.say("metrics.board", value=value), short, "dim"))
    whole = sum(cell_len(text) + 3 for text, _, _ in pieces) <= width
    x = 2
    for text, short, ink in pieces:
        said = text if whole else short
        if x + cell_len(said) <= width - 1:
            x = canvas.text(x, 0, said, look.ink(ink)) + (3 if whole else 2)
    return canvas.strips()


def board_now(metric: Metric, frame: Frame, history: History) -> float | None:
    """What the game's own charts show of it: the mean of the last seconds."""
    series = [metric.series]
    if metric.judged == "cpu":
        series = [f"busy/{i.id}" for i in frame.instances if i.group == metric.resource]
    elif metric.judged or metric.per:
        return None
    means = [history.mean(name, frame.second, LOAD_SPAN_S) for name in series]
    there = [value for value in means if value is not None]
    if not there:
        return None
    factor = 100.0 if metric.judged else metric.scale
    factor *= MINUTE_S if metric.statistic == "sum" else 1
    return factor * sum(there) / len(there)
