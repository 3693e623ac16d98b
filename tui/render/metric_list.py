"""The list of metrics, by resource: which is chosen, which are compared, their newest points."""

from dataclasses import dataclass

from rich.cells import cell_len
from textual.strip import Strip

from engine.frame import Frame
from tui.render.canvas import Canvas
from tui.render.conditions import Condition
from tui.render.figures import clock, count, millis
from tui.render.history import History
from tui.render.metrics import MINUTE_S, Metric, Unit, is_coming, newest, next_end, period_s
from tui.theme import Ink, Look
from tui.words import Words

INKS: tuple[Ink, ...] = ("flow", "p95", "p99", "ok", "accent", "full")
"""Of the metrics that are compared, in the order in which they were marked."""

ROOMY = 44
"""Columns from which there is room to say when a point became known."""

Key = tuple[str, str]


@dataclass(frozen=True)
class Picked:
    """The metrics there are, the one that is chosen, and those that are compared with it."""

    metrics: tuple[Metric, ...]
    at: int = 0
    marked: tuple[Key, ...] = ()

    @property
    def chosen(self) -> Metric | None:
        """The metric that the arrows stand on."""
        return self.metrics[self.at] if self.metrics else None

    def drawn(self) -> list[Metric]:
        """What is drawn: what is marked and has the chosen one's unit, and that one."""
        chosen = self.chosen
        if chosen is None:
            return []
        by_key = {metric.key: metric for metric in self.metrics}
        marked = [by_key[key] for key in self.marked if key in by_key]
        same = [metric for metric in marked if metric.unit == chosen.unit]
        return same if chosen in same else [*same, chosen]

    def ink(self, metric: Metric) -> Ink:
        """The colour that a metric is drawn in."""
        return INKS[self.drawn().index(metric) % len(INKS)]


def draw_metrics(
    width: int, height: int, picked: Picked, conditions: tuple[Condition, ...],
    frame: Frame, history: History, look: Look, words: Words, hint: str = "",
) -> list[Strip]:  # fmt: skip
    """The list in its frame; the chosen row is always in sight."""
    canvas = Canvas(width, height, look)
    of = f"{picked.at + 1}/{len(picked.metrics)}" if picked.metrics else ""
    canvas.frame(words.say("metrics.title"), right=of, hint=hint)
    rows = _rows(picked.metrics)
    if not rows:
        canvas.text(2, 1, words.say("metrics.nothing"), look.ink("dim"), width - 4)
        return canvas.strips()
    room = max(0, height - 2)
    chosen = rows.index(picked.at)
    first = max(0, min(chosen - room // 2, len(rows) - room))
    ringing = {c.metric.key for c in conditions if c.metric is not None and c.state == "alarm"}
    seen = rows[first : first + room]
    if len(seen) > 2 and isinstance(seen[0], int) and seen[0] != picked.at:
        seen[0] = picked.metrics[seen[0]].resource  # nothing stands without its name
    for y, row in enumerate(seen, 1):
        if isinstance(row, str):
            _draw_resource(canvas, y, row, picked, frame, history, words)
        else:
            metric = picked.metrics[row]
            _draw_metric(canvas, y, metric, picked, frame, history, words)
            if metric.key in ringing:
                canvas.put(width - 2, y, "↯", look.ink("full", bold=True))
    return canvas.strips()


def _rows(metrics: tuple[Metric, ...]) -> list[int | str]:
    """Metrics by their numbers, below the resource that they are of."""
    rows: list[int | str] = []
    for number, metric in enumerate(metrics):
        if not number or metrics[number - 1].resource != metric.resource:
            rows.append(metric.resource)
        rows.append(number)
    return rows


def _draw_resource(
    canvas: Canvas, y: int, id: str, picked: Picked, frame: Frame, history: History, words: Words
) -> None:
    """Its name, what it is, and how often it is measured."""
    ink, width = canvas.look.ink, canvas.width
    first = next(m for m in picked.metrics if m.resource == id)
    every = minutes_words(period_s(first, history, frame.second + 1), words)
    x = canvas.text(2, y, id, ink("title", bold=True), max(0, width - 6 - cell_len(every)))
    view = frame.instance(id) or frame.volume(id) or frame.resource(id)
    if view is not None:
        room = width - 4 - cell_len(every) - x
        canvas.text(x + 1, y, view.type, ink("dim"), max(0, room))
    canvas.text(width - 2 - cell_len(every), y, every, ink("faint"))


def _draw_metric(
    canvas: Canvas, y: int, metric: Metric, picked: Picked,
    frame: Frame, history: History, words: Words,
) -> None:  # fmt: skip
    look, width = canvas.look, canvas.width
    here = metric is picked.chosen
    if here:
        canvas.fill(1, y, width - 2, look.ink("text", selected=True))
        canvas.put(1, y, "▸", look.ink("accent", bold=True, selected=True))
    if metric in picked.drawn():
        glyph = "◆" if metric.key in picked.marked else "•"
        canvas.put(3, y, glyph, look.ink(picked.ink(metric), bold=True, selected=here))
    point = newest(metric, history, frame.second)
    said, at = words.say("metrics.no_point"), ""
    if point is not None:
        said, at = shown(metric.unit, point.value), clock(point.end_s)
    elif is_coming(metric, history, frame.second):
        said = words.say("metrics.first", at=clock(next_end(metric, history, frame.second)))
    end = width - 3
    if width >= ROOMY:
        end -= 6
        canvas.text(width - 3 - cell_len(at), y, at, look.ink("faint", selected=here))
    x = end - cell_len(said)
    value = look.ink("strong" if point is not None else "faint", bold=here, selected=here)
    canvas.text(x, y, said, value)
    canvas.text(5, y, metric.name, look.ink("text", bold=here, selected=here), max(0, x - 6))


def minutes_words(period: int, words: Words) -> str:
    """``every minute``, ``every 5 min``."""
    key = "metrics.every_minute" if period == MINUTE_S else "metrics.every_minutes"
    return words.say(key, n=period // MINUTE_S)


def shown_bound(unit: Unit, bound: float) -> str:
    """A bound as people read it: ``70%``, where a measured value would be ``70.0%``."""
    return f"{bound:g}%" if unit == "percent" else shown(unit, bound).replace(".0 ", " ")


def shown(unit: Unit, value: float) -> str:
    """A value as people read it."""
    match unit:
        case "percent":
            return f"{value:.1f}%"
        case "a_second":
            return f"{count(value)} /s"
        case "ms":
            return millis(value)
        case "gb":
            return f"{count(value)} GB"
    return count(value)
