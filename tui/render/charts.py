"""The charts there are: what each shows of a history, as of a second."""

from collections.abc import Callable
from statistics import fmean
from typing import Literal

from engine.frame import Frame
from tui.render.chart import Chart, Curve, Limit, Mark, Values, View
from tui.render.facts import Facts
from tui.render.figures import count, millis, usd, whole_percent
from tui.render.history import LOAD_SPAN_S, PULSE_SPAN_S, History
from tui.theme import WARN_FROM
from tui.words import Words

ChartKind = Literal["rps", "latency", "failures", "load", "money"]

CHARTS: tuple[ChartKind, ...] = ("rps", "latency", "failures", "load", "money")
"""All charts, in the order in which they are offered."""


def make_chart(
    kind: ChartKind,
    frame: Frame,
    history: History,
    facts: Facts,
    words: Words,
    request_class: str | None = None,
) -> Chart:
    """A chart as of the frame's second; `request_class` is for latency."""
    maker = _MAKERS[kind]
    return maker(frame, history, facts, words, request_class or facts.main_class)


def marks_of(history: History, second: int) -> tuple[Mark, ...]:
    """Signs below every chart: ▲ what the player did, ✕ what befell the board."""
    marks = []
    for told in history.told_between(0, second):
        if told.news.by == "player":
            marks.append(Mark(told.second, "▲", "accent"))
        elif told.news.by == "incident":
            marks.append(Mark(told.second, "✕", "down"))
    return tuple(sorted(marks, key=lambda mark: mark.glyph == "✕"))


def _now(history: History, name: str, frame: Frame) -> float:
    """The figure beside a curve of requests: the same mean as beside the users on the board."""
    return history.mean(name, frame.second, PULSE_SPAN_S) or 0.0


def _peaks(history: History, name: str) -> Callable[[View], Values]:
    """The highest value in each dot: no peak is hidden."""
    return lambda view: history.curve(name, view.start_s, view.step_s, view.columns, view.until)


def _means(history: History, name: str) -> Callable[[View], Values]:
    return lambda view: history.curve(
        name, view.start_s, view.step_s, view.columns, view.until, fmean
    )


def _rps(frame: Frame, history: History, facts: Facts, words: Words, request_class: str) -> Chart:
    demanded, good = (_now(history, name, frame) for name in ("demanded", "good"))
    return Chart(
        title=words.say("charts.rps"),
        curves=(
            Curve(words.say("charts.demanded"), count(demanded), "flow",
                  _means(history, "demanded"), last=demanded),
            Curve(words.say("charts.good"), count(good), "area", _means(history, "good"),
                  kind="area", last=min(good, demanded), label_ink="dim"),
        ),
        axis=count,
        marks=marks_of(history, frame.second),
        least_top=10.0,
    )  # fmt: skip


def _latency(
    frame: Frame, history: History, facts: Facts, words: Words, request_class: str
) -> Chart:
    curves = []
    for name in ("p99", "p95", "p50"):
        series = f"{name}/{request_class}"
        last = history.value(series, frame.second)
        figure = "–" if last is None else millis(last)
        kind: Literal["area", "line"] = "line"
        curves.append(Curve(name, figure, name, _peaks(history, series), kind=kind, last=last))
    deadline = facts.deadline_ms.get(request_class)
    limits: tuple[Limit, ...] = ()
    if deadline is not None:
        limits = (Limit(deadline, words.say("charts.deadline", ms=millis(deadline))),)
    return Chart(
        title=words.say("charts.latency", name=request_class),
        curves=tuple(curves),
        axis=millis,
        limits=limits,
        marks=marks_of(history, frame.second),
        least_top=10.0,
    )


def _failures(
    frame: Frame, history: History, facts: Facts, words: Words, request_class: str
) -> Chart:
    late, failed = (_now(history, name, frame) for name in ("late", "failed"))
    return Chart(
        title=words.say("charts.failures"),
        curves=(
            Curve(words.say("charts.late"), count(late), "warn", _peaks(history, "bad"),
                  kind="area", last=late + failed),
            Curve(words.say("charts.failed"), count(failed), "down",
                  _peaks(history, "failed"), kind="area", last=failed),
        ),
        axis=count,
        marks=marks_of(history, frame.second),
        least_top=5.0,
    )  # fmt: skip


def _load(frame: Frame, history: History, facts: Facts, words: Words, request_class: str) -> Chart:
    last = history.mean("tightest", frame.second, LOAD_SPAN_S)
    return Chart(
        title=words.say("charts.load"),
        curves=(
            Curve(words.say("charts.busy"), "–" if last is None else whole_percent(last), "text",
                  _peaks(history, "tightest"), kind="area", by_load=True, last=last),
        ),
        axis=whole_percent,
        limits=(Limit(WARN_FROM, words.say("charts.warn_from"), "faint"),),
        marks=marks_of(history, frame.second),
        top=1.0,
    )  # fmt: skip


def _money(frame: Frame, history: History, facts: Facts, words: Words, request_class: str) -> Chart:
    money, now, end = frame.money, frame.second, facts.duration_s

    def to_come(view: View) -> Values:
        """The straight line from what is spent now to the forecast at the end."""
        values: Values = []
        for column in range(view.columns):
            second = view.start_s + column * view.step_s
            ahead = (second - now) / max(1, end - now)
            value = money.spent_usd + ahead * (money.forecast_usd - money.spent_usd)
            values.append(value if second > now else None)
        return values

    budget = money.budget_micro_usd / 1e6
    return Chart(
        title=words.say("charts.money"),
        curves=(
            Curve(words.say("charts.spent"), usd(money.spent_usd), "money",
                  _peaks(history, "spent"), kind="area", last=money.spent_usd),
            Curve(words.say("charts.forecast"), usd(money.forecast_usd), "text", to_come,
                  kind="dotted", last=money.forecast_usd),
        ),
        axis=lambda amount: f"${count(amount)}",
        limits=(Limit(budget, words.say("charts.budget", usd=usd(budget))),),
        marks=marks_of(history, frame.second),
    )  # fmt: skip


_MAKERS: dict[ChartKind, Callable[[Frame, History, Facts, Words, str], Chart]] = {
    "rps": _rps,
    "latency": _latency,
    "failures": _failures,
    "load": _load,
    "money": _money,
}
