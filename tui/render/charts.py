"""The charts there are: what each shows of a run, as of a second."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal, get_args

from engine.frame import Frame
from tui.render.chart import Chart, Curve, Limit, Values, View
from tui.render.curves import Subject, goodput_shares
from tui.render.facts import Facts
from tui.render.figures import count, millis, percent, usd, whole_percent
from tui.render.ghost import ghost_curve
from tui.render.history import LOAD_SPAN_S, History
from tui.render.resource_charts import MAKERS as OF_RESOURCES
from tui.render.resource_charts import ResourceChart
from tui.render.sentences import reason_words, short_reason
from tui.theme import WARN_FROM, Ink
from tui.words import Words

RunChart = Literal["rps", "latency", "goodput", "failures", "load", "money"]

ChartKind = RunChart | ResourceChart

CHARTS: tuple[RunChart, ...] = get_args(RunChart)
"""All charts of a whole run, in the order in which they are offered."""

CLASS_INKS: tuple[Ink, ...] = ("p50", "p95", "p99", "ok", "accent", "full")

REASON_INKS: tuple[Ink, ...] = ("down", "full", "p99", "accent", "flow", "title")

MOST_REASONS = 6
"""Reasons that are drawn apart; further ones are so rare that they would not be seen."""


def make_chart(
    kind: ChartKind,
    frame: Frame,
    history: History,
    facts: Facts,
    words: Words,
    request_class: str | None = None,
    resource: str | None = None,
    cursor: int | None = None,
    ghost: History | None = None,
) -> Chart:
    """A chart as of the frame's second: of one class or all, or of a resource.

    With the history of another run its line is in it, too.
    """
    subject = Subject(frame, history, facts, words, request_class, resource, cursor)
    chart = {**_MAKERS, **OF_RESOURCES}[kind](subject)
    theirs = None if ghost is None else ghost_curve(kind, subject, ghost)
    return chart if theirs is None else replace(chart, curves=(*chart.curves, theirs))


def _rps(subject: Subject) -> Chart:
    words = subject.words
    names = subject.of_class("demanded"), subject.of_class("good")
    demanded, good = (subject.now(name) for name in names)
    return Chart(
        title=subject.titled("charts.rps"),
        curves=(
            Curve(words.say("charts.demanded"), count(demanded), "flow",
                  subject.means(names[0]), last=demanded),
            Curve(words.say("charts.good"), count(good), "area", subject.means(names[1]),
                  kind="area", last=min(good, demanded), label_ink="dim"),
        ),
        axis=count,
        marks=subject.marks(),
        least_top=10.0,
        empty=words.say("charts.no_data"),
    )  # fmt: skip


def _latency(subject: Subject) -> Chart:
    """Percentiles of one class against its deadline; of several classes, p95 of each."""
    facts, words = subject.facts, subject.words
    several = subject.request_class is None and len(facts.deadline_ms) > 1
    name = subject.request_class or facts.main_class
    curves = _p95_by_class(subject) if several else _percentiles(subject, name)
    deadline = 0.0 if several else facts.deadline_ms.get(name, 0.0)
    limits: tuple[Limit, ...] = ()
    if deadline:
        limits = (Limit(deadline, words.say("charts.deadline", ms=millis(deadline))),)
    title = words.say("charts.p95") if several else words.say("charts.latency", name=name)
    return Chart(
        title=title,
        curves=curves,
        axis=millis,
        limits=limits,
        marks=subject.marks(),
        least_top=10.0,
        empty=words.say("charts.no_answers"),
    )


def _percentiles(subject: Subject, name: str) -> tuple[Curve, ...]:
    curves = []
    inks: tuple[Literal["p99", "p95", "p50"], ...] = ("p99", "p95", "p50")
    for ink in inks:
        series = f"{ink}/{name}"
        last = subject.value(series)
        figure = "–" if last is None else millis(last)
        curves.append(Curve(ink, figure, ink, subject.peaks(series), last=last))
    return tuple(curves)


def _p95_by_class(subject: Subject) -> tuple[Curve, ...]:
    """One line a class; ▲ stands before one that takes longer than it may."""
    curves = []
    for at, (name, deadline) in enumerate(subject.facts.deadline_ms.items()):
        series = f"p95/{name}"
        last = subject.value(series)
        figure = "–" if last is None else millis(last)
        over = deadline and last is not None and last > deadline
        ink = CLASS_INKS[at % len(CLASS_INKS)]
        label = f"▲{name}" if over else name
        curves.append(Curve(label, figure, ink, subject.peaks(series), last=last))
    return tuple(curves)


def _goodput(subject: Subject) -> Chart:
    """Answered in time, of all that ended in that second: failed and late ones pull it down."""
    words = subject.words
    good_name, bad_name = subject.of_class("good"), subject.of_class("bad")
    good, bad = subject.now(good_name), subject.now(bad_name)
    last = good / (good + bad) if good + bad else None
    totals = [part for name, part in subject.frame.totals.items()
              if subject.request_class in (None, name)]  # fmt: skip
    demanded = sum(part.demanded for part in totals)
    curves = [
        Curve(words.say("charts.now"), "–" if last is None else percent(last), "ok",
              goodput_shares(subject),
              last=last),
    ]  # fmt: skip
    if subject.cursor is None and demanded:
        share = sum(part.good for part in totals) / demanded
        said = words.say("charts.whole_run")
        curves.append(Curve(said, percent(share), "text", _nothing, last=share))
    budget = subject.facts.error_budget
    limits: tuple[Limit, ...] = ()
    if budget is not None:
        goal = f"{words.say('charts.goal')} {percent(1 - budget)}"
        limits = (Limit(1 - budget, goal, "text"),)
    return Chart(
        title=subject.titled("charts.goodput"),
        curves=tuple(curves),
        axis=percent,
        limits=limits,
        marks=subject.marks(),
        top=1.0,
        empty=words.say("charts.no_data"),
    )


def _nothing(view: View) -> Values:
    """A label without a curve."""
    return [None] * view.columns


def _failures(subject: Subject) -> Chart:
    """Stacked: what failed by its reason, and on top what came late."""
    words, wanted = subject.words, subject.request_class
    reasons = sorted(
        subject.history.reasons(wanted), key=lambda reason: -subject.now(_why(reason, wanted))
    )
    curves = []
    for at, reason in enumerate(reasons[:MOST_REASONS]):
        series = _why(reason, wanted)
        ink = REASON_INKS[at % len(REASON_INKS)]
        number = subject.now(series)
        curves.append(
            Curve(reason_words(reason, words), count(number), ink, subject.means(series),
                  kind="stack", last=number, short=short_reason(reason, words))
        )  # fmt: skip
    late = subject.of_class("late")
    curves.append(
        Curve(words.say("charts.late"), count(subject.now(late)), "warn", subject.means(late),
              kind="stack", last=subject.now(late))
    )  # fmt: skip
    return Chart(
        title=subject.titled("charts.failures"),
        curves=tuple(curves),
        axis=count,
        marks=subject.marks(),
        least_top=5.0,
    )


def _why(reason: str, request_class: str | None) -> str:
    return f"why/{reason}" if request_class is None else f"why/{reason}/{request_class}"


def _load(subject: Subject) -> Chart:
    words = subject.words
    last = subject.history.mean("tightest", subject.at, LOAD_SPAN_S)
    return Chart(
        title=words.say("charts.load"),
        curves=(
            Curve(words.say("charts.busy"), "–" if last is None else whole_percent(last), "text",
                  subject.peaks("tightest"), kind="area", by_load=True, last=last),
        ),
        axis=whole_percent,
        limits=(Limit(WARN_FROM, words.say("charts.warn_from"), "faint"),),
        marks=subject.marks(),
        top=1.0,
        empty=words.say("charts.no_data"),
    )  # fmt: skip


def _money(subject: Subject) -> Chart:
    words = subject.words
    money, now, end = subject.frame.money, subject.frame.second, subject.facts.duration_s

    def to_come(view: View) -> Values:
        """The straight line from what is spent now to the forecast at the end."""
        values: Values = []
        for column in range(view.columns):
            second = view.start_s + column * view.step_s
            ahead = (second - now) / max(1, end - now)
            value = money.spent_usd + ahead * (money.forecast_usd - money.spent_usd)
            values.append(value if second > now else None)
        return values

    spent = subject.value("spent")
    spent = money.spent_usd if spent is None or subject.cursor is None else spent
    forecast = subject.value("forecast")
    forecast = money.forecast_usd if forecast is None or subject.cursor is None else forecast
    budget = money.budget_micro_usd / 1e6
    return Chart(
        title=words.say("charts.money"),
        curves=(
            Curve(words.say("charts.spent"), usd(spent), "money",
                  subject.peaks("spent"), kind="area", last=spent),
            Curve(words.say("charts.forecast"), usd(forecast), "text", to_come,
                  kind="dotted", last=forecast),
        ),
        axis=lambda amount: f"${count(amount)}",
        limits=(Limit(budget, words.say("charts.budget", usd=usd(budget))),),
        marks=subject.marks(),
    )  # fmt: skip


_MAKERS: dict[str, Callable[[Subject], Chart]] = {
    "rps": _rps,
    "latency": _latency,
    "goodput": _goodput,
    "failures": _failures,
    "load": _load,
    "money": _money,
}
