"""What watches the metrics: each alarm and policy with its points, and what all that costs."""

from dataclasses import dataclass

from rich.cells import cell_len
from textual.strip import Strip

from engine.catalog import CATALOG
from engine.frame import Frame
from tui.render.canvas import Canvas
from tui.render.conditions import Condition
from tui.render.figures import clock
from tui.render.metric_list import shown_bound
from tui.render.metrics import Metric
from tui.theme import Ink, Look
from tui.words import Words

STATES: dict[str, tuple[str, Ink]] = {
    "ok": ("✓", "ok"), "alarm": ("↯", "full"), "insufficient_data": ("◌", "dim"),
}  # fmt: skip
"""The sign of an alarm's state."""

KINDS: dict[str, tuple[str, Ink]] = {
    "out": ("▲", "warn"), "more": ("▲", "warn"), "in": ("▽", "flow"), "fewer": ("▽", "flow"),
}  # fmt: skip
"""The sign of what a policy does."""


BOUND, TAIL = 5, 11
"""Cells for a bound, and for how many points there are and when the next one comes."""


def draw_alarms(
    width: int, height: int, conditions: tuple[Condition, ...], chosen: Metric | None,
    frame: Frame, look: Look, words: Words, hint: str = "",
) -> list[Strip]:  # fmt: skip
    """Those on the chosen resource first; two lines each where there is room; the cost below."""
    canvas = Canvas(width, height, look)
    canvas.frame(words.say("metrics.alarms"), hint=hint)
    room = height - 3
    if room < 1 or width < 12:
        return canvas.strips()
    resource = "" if chosen is None else chosen.resource
    own = sorted(conditions, key=lambda c: (c.resource != resource, c.kind != "alarm"))
    tall = 2 * len(own) <= room
    columns = _columns(own, width, words)
    y = 1
    for number, condition in enumerate(own):
        if y >= height - 2:
            more = f" {words.say('metrics.more', n=len(own) - number)} "
            canvas.text(width - 2 - cell_len(more), 0, more, look.ink("dim"))
            break
        here = condition.resource == resource
        if tall:
            y += _draw_tall(canvas, y, condition, frame.second, words, here=here)
        else:
            y += _draw_row(canvas, y, condition, frame.second, words, columns, here=here)
    if not own:
        canvas.text(2, 1, words.say("metrics.none"), look.ink("dim"), width - 4)
    _draw_cost(canvas, height - 2, frame, words)
    return canvas.strips()


@dataclass(frozen=True)
class _Columns:
    """Cells of the widest state and name, where each has a row; whether resources have room."""

    state: int
    name: int
    resources: bool


def _columns(conditions: list[Condition], width: int, words: Words) -> _Columns:
    states = [cell_len(_state(c, words, short=True)[1]) for c in conditions]
    state = max(states, default=0)
    room = max(0, width - 6 - state - BOUND - TAIL)
    whole = max((cell_len(_name(c, resource=True)) for c in conditions), default=0)
    bare = max((cell_len(c.id) for c in conditions), default=0)
    return _Columns(state, min(whole if whole <= room else bare, room), whole <= room)


def _name(condition: Condition, *, resource: bool) -> str:
    """What it is called, and what it is on where that is something else."""
    if not resource or condition.resource in condition.id:
        return condition.id
    return f"{condition.id} {condition.resource}"


def _state(condition: Condition, words: Words, *, short: bool) -> tuple[str, str, Ink]:
    """Sign, word and ink of what an alarm says or a policy does."""
    if condition.kind in KINDS:
        glyph, ink = KINDS[condition.kind]
        return glyph, words.say(f"metrics.kind_{condition.kind}"), ink
    glyph, ink = STATES.get(condition.state, ("·", "dim"))
    key = f"metrics.state_{condition.state}" + ("_short" if short else "")
    return glyph, words.say(key) if words.knows(key) else condition.state, ink


def _draw_row(
    canvas: Canvas, y: int, condition: Condition, second: int, words: Words,
    columns: _Columns, *, here: bool,
) -> int:  # fmt: skip
    """All of it in one row: state, name, bound, points, when the next one comes."""
    ink, right = canvas.look.ink, canvas.width - 2
    glyph, said, colour = _state(condition, words, short=True)
    left = clock(condition.next_s - second)
    tail = f"{condition.over}/{condition.needed}".rjust(6) + left.rjust(TAIL - 6)
    x = canvas.text(2, y, glyph + " ", ink(colour, bold=True))
    canvas.text(x, y, said, ink(colour, bold=condition.state == "alarm"))
    x += columns.state + 1
    name = _name(condition, resource=columns.resources)
    canvas.text(x, y, name, ink("strong" if here else "text", bold=here), columns.name)
    x += columns.name + 1
    start = max(x, right - TAIL)
    bound = _bound(condition).replace(" ", "")
    canvas.text(x, y, bound, ink("dim"), max(0, start - x))
    x += cell_len(bound) + 1
    if start - condition.needed >= x:
        _draw_boxes(canvas, start - condition.needed, y, condition)
    complete = condition.over >= condition.needed
    style = ink(_beyond(condition), bold=True) if complete else ink("text")
    canvas.text(start, y, tail, style, max(0, right - start))
    return 1


def _draw_tall(
    canvas: Canvas, y: int, condition: Condition, second: int, words: Words, *, here: bool
) -> int:
    """Two rows: what is watched, and how its points are."""
    ink, right = canvas.look.ink, canvas.width - 2
    glyph, said, colour = _state(condition, words, short=False)
    x = canvas.text(2, y, glyph + " ", ink(colour, bold=True))
    x = canvas.text(x, y, said + "  ", ink(colour, bold=condition.state == "alarm"))
    x = canvas.text(x, y, condition.id + "  ", ink("strong" if here else "text", bold=here))
    name = "" if condition.metric is None else condition.metric.name + " "
    of = condition.resource + " " if condition.kind == "alarm" else ""
    canvas.text(x, y, of + name + _bound(condition), ink("text"), max(0, right - x))
    x = _draw_boxes(canvas, 4, y + 1, condition)
    told = _told(condition, clock(condition.next_s - second), words)
    canvas.text(x + 1, y + 1, told, ink("dim"), max(0, right - x - 1))
    return 2


def _bound(condition: Condition) -> str:
    """``> 70%``"""
    unit = "count" if condition.metric is None else condition.metric.unit
    if condition.kind == "alarm":
        unit = "percent"
    return f"{'<' if condition.below else '>'} {shown_bound(unit, condition.bound)}"


def _beyond(condition: Condition) -> Ink:
    """The ink of points that count: too much, or so little that less would do."""
    return "flow" if condition.below else "full"


def _draw_boxes(canvas: Canvas, x: int, y: int, condition: Condition) -> int:
    """A sign for each point, the newest at the right: beyond the bound, not, or missing."""
    ink = canvas.look.ink
    for point in condition.points:
        if point is None:
            x = canvas.text(x, y, "·", ink("faint"))
        elif condition.counts(point):
            x = canvas.text(x, y, "■", ink(_beyond(condition), bold=True))
        else:
            x = canvas.text(x, y, "□", ink("dim"))
    return x


def _told(condition: Condition, left: str, words: Words) -> str:
    """How many of the points there are, and when the next one is judged."""
    side = ("below" if condition.below else "above") + (
        "" if condition.kind == "alarm" else "_in_a_row"
    )
    said = words.say(f"metrics.{side}", n=condition.over, needed=condition.needed)
    next_said = words.say("metrics.next", at=clock(condition.next_s), left=left)
    if condition.kind != "alarm" and condition.over >= condition.needed:
        key = "metrics.at_end" if condition.at_end else "metrics.acts"
        next_said = words.say(key, n=condition.wanted)
    return f"{said} · {next_said}"


def _draw_cost(canvas: Canvas, y: int, frame: Frame, words: Words) -> None:
    """What alarms and minutes cost this board for a month."""
    figures = CATALOG.cloudwatch
    alarms = [r for r in frame.resources if r.service == "cloudwatch"]
    detailed = sum(instance.detailed for instance in frame.instances)
    alarms_usd = sum(alarm.rate_month_micro_usd for alarm in alarms) / 1e6
    args = {
        "alarms": len(alarms), "alarms_usd": alarms_usd, "each": figures.alarm_usd_month,
        "detailed": detailed, "detailed_usd": detailed * figures.detailed_usd_month,
        "per_instance": figures.detailed_usd_month,
    }  # fmt: skip
    key = "metrics.cost" if alarms or detailed else "metrics.price"
    said = words.say(key, **args)
    if cell_len(said) > canvas.width - 4:
        said = words.say(f"{key}_short", **args)
    canvas.text(2, y, said, canvas.look.ink("money"), canvas.width - 4)
