"""The ghost of another run in a chart: the same figure in the same second, as a row of dots."""

from collections.abc import Callable
from dataclasses import replace

from tui.render.chart import Curve, Values, View
from tui.render.curves import Subject, goodput_shares
from tui.render.figures import count, millis, percent, usd, whole_percent
from tui.render.history import History
from tui.render.resource_charts import stations_of

SIGN = "··"
"""What stands before a ghost's name, in a legend."""

Made = tuple[Callable[[View], Values], float | None, Callable[[float], str]]
"""The ghost's values, the one of the second that is shown, and how that is written."""

OF_STATIONS = {"use": "load", "queue": "waiting", "wait": "wait", "served": "served"}


def ghost_curve(kind: str, subject: Subject, ghost: History) -> Curve | None:
    """The ghost's line in a chart of that kind, or None where it has no such figure."""
    theirs = replace(subject, history=ghost)
    made = _made(kind, subject, theirs)
    if made is None:
        return None
    values, last, shown = made
    label = f"{SIGN} {subject.words.say('versus.other')}"
    last = last if subject.at <= ghost.second else None
    figure = "–" if last is None else shown(last)
    return Curve(label, figure, "text", values, kind="ghost", last=last)


def _made(kind: str, subject: Subject, theirs: Subject) -> Made | None:
    match kind:
        case "rps":
            name = theirs.of_class("good")
            return theirs.means(name), theirs.now(name), count
        case "latency":
            name = f"p95/{subject.request_class or subject.facts.main_class}"
            return theirs.peaks(name), theirs.value(name), millis
        case "goodput":
            good, bad = (theirs.now(theirs.of_class(name)) for name in ("good", "bad"))
            share = good / (good + bad) if good + bad else None
            return goodput_shares(theirs), share, percent
        case "failures":
            name = theirs.of_class("bad")
            return theirs.means(name), theirs.now(name), count
        case "load":
            return theirs.peaks("tightest"), theirs.value("tightest"), whole_percent
        case "money":
            return theirs.peaks("spent"), theirs.value("spent"), usd
    station = next(iter(stations_of(subject.frame, subject.resource)), None)
    if station is None or kind not in OF_STATIONS:
        return None
    name = f"{OF_STATIONS[kind]}/{station.id}"
    shown = {"use": whole_percent, "wait": millis}.get(kind, count)
    return theirs.peaks(name), theirs.value(name), shown
