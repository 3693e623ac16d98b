"""Charts of one resource: how busy, who waits, what it does, and what only its kind has."""

from collections.abc import Callable
from typing import Literal

from engine.frame import Frame
from engine.views import StationView
from tui.render.board.tables import FAR_S
from tui.render.chart import Chart, Curve, Limit
from tui.render.curves import Subject
from tui.render.figures import count, millis, whole_percent
from tui.render.gauges import number_fact
from tui.render.sentences import part_words
from tui.theme import WARN_FROM, Ink

ResourceChart = Literal[
    "use", "queue", "wait", "served", "iops", "space", "credits", "connections", "requests",
    "units", "lag", "lookups",
]  # fmt: skip

INKS: tuple[Ink, ...] = ("flow", "p95", "p99", "ok")

LIMIT_FROM = 0.2
"""A limit is drawn once this share of it is reached: before, it would only flatten the curve."""


def stations_of(frame: Frame, resource: str | None) -> list[StationView]:
    """The stations of a resource, and of the volumes of an instance."""
    instance = frame.instance(resource) if resource is not None else None
    own = {resource, *(instance.volumes if instance is not None else ())}
    return [station for station in frame.stations if station.resource in own]


def charts_of(frame: Frame, resource: str | None) -> tuple[ResourceChart, ...]:
    """The charts that a resource has, what matters most first."""
    if resource is None:
        return ()
    instance = frame.instance(resource)
    if instance is not None:
        burstable: tuple[ResourceChart, ...] = ("credits",) if instance.credits is not None else ()
        return ("use", "queue", "wait", *burstable, "served")
    if frame.volume(resource) is not None:
        return ("use", "iops", "queue", "wait", "space")
    managed = frame.resource(resource)
    if managed is None:
        return ()
    found: list[ResourceChart] = ["use"] if stations_of(frame, resource) else []
    if number_fact(managed, "lag_s") is not None:
        found.append("lag")
    if number_fact(managed, "lookups_s") is not None:
        found.append("lookups")
    if number_fact(managed, "connections") is not None:
        found.append("connections")
    if number_fact(managed, "reads_s") is not None:
        found.append("requests")
    elif number_fact(managed, "used_rcu") is not None:
        found.append("units")
    elif "use" in found:
        found += ["queue", "wait", "served"]
    if number_fact(managed, "used_gb") is not None:
        found.append("space")
    if number_fact(managed, "credits") is not None:
        found.append("credits")
    return tuple(found)


def _titled(subject: Subject, key: str) -> str:
    title = subject.words.say(f"charts.{key}")
    return subject.words.say("charts.of_resource", title=title, id=subject.resource or "–")


def _chart(
    subject: Subject,
    key: str,
    curves: list[Curve],
    axis: Callable[[float], str],
    *,
    limits: tuple[Limit, ...] = (),
    top: float | None = None,
    note: str = "",
) -> Chart:
    return Chart(
        title=_titled(subject, key),
        curves=tuple(curves),
        axis=axis,
        limits=limits,
        marks=subject.marks(),
        top=top,
        note=note,
        empty=subject.words.say("charts.no_data"),
    )


def _lines(
    subject: Subject, figure: str, shown: Callable[[float], str], area: bool = False
) -> list[Curve]:
    """A curve for each of a resource's stations; the first may be an area."""
    curves = []
    stations = stations_of(subject.frame, subject.resource)
    for at, station in enumerate(stations):
        series = f"{figure}/{station.id}"
        last = subject.value(series)
        name = part_words(station.id, subject.resource, subject.words)
        text = "–" if last is None else shown(last)
        first = at == 0 and area
        curves.append(
            Curve(name, text, "text" if first and figure == "load" else INKS[at % len(INKS)],
                  subject.peaks(series), kind="area" if first else "line",
                  by_load=first and figure == "load", last=last)
        )  # fmt: skip
    return curves


def _use(subject: Subject) -> Chart:
    words, resource = subject.words, subject.resource
    own = [s for s in stations_of(subject.frame, resource) if s.resource == resource]
    waiting = sum(subject.value(f"waiting/{station.id}") or 0.0 for station in own)
    return _chart(
        subject,
        "use",
        _lines(subject, "load", whole_percent, area=True),
        whole_percent,
        limits=(Limit(WARN_FROM, words.say("charts.warn_from"), "faint"),),
        top=1.0,
        note=words.say("charts.queue_note", n=count(waiting)),
    )


def _queue(subject: Subject) -> Chart:
    stations = stations_of(subject.frame, subject.resource)
    room = next((station.room for station in stations), 0)
    most = max((subject.value(f"waiting/{s.id}") or 0.0 for s in stations[:1]), default=0.0)
    limits: tuple[Limit, ...] = ()
    if room and most >= LIMIT_FROM * room:
        limits = (Limit(room, subject.words.say("charts.room", n=count(room))),)
    return _chart(subject, "queue", _lines(subject, "waiting", count), count, limits=limits)


def _wait(subject: Subject) -> Chart:
    return _chart(subject, "wait", _lines(subject, "wait", millis), millis)


def _served(subject: Subject) -> Chart:
    return _chart(subject, "served", _lines(subject, "served", count), count)


def _iops(subject: Subject) -> Chart:
    volume = subject.frame.volume(subject.resource or "")
    series = f"iops/{subject.resource}"
    last = subject.value(series)
    curve = Curve(
        "IOPS", "–" if last is None else count(last), "flow", subject.peaks(series),
        kind="area", last=last,
    )  # fmt: skip
    limits: tuple[Limit, ...] = ()
    if volume is not None and (last or 0.0) >= LIMIT_FROM * volume.iops:
        limits = (Limit(volume.iops, subject.words.say("charts.at_most", n=count(volume.iops))),)
    return _chart(subject, "iops", [curve], count, limits=limits)


def _space(subject: Subject) -> Chart:
    """How many gigabytes are used, against how many there are."""
    resource = subject.resource or ""
    volume, managed = subject.frame.volume(resource), subject.frame.resource(resource)
    series = f"used/{resource}" if volume is not None else f"fact/{resource}/used_gb"
    size = float(volume.gb) if volume is not None else None
    if managed is not None:
        size = number_fact(managed, "gb")
    last = subject.value(series)
    curve = Curve(
        subject.words.say("charts.used"), "–" if last is None else f"{count(last)} GB", "flow",
        subject.peaks(series), kind="area", last=last,
    )  # fmt: skip
    limits = () if not size else (Limit(size, f"{count(size)} GB"),)
    return _chart(subject, "space", [curve], count, limits=limits)


def _credits(subject: Subject) -> Chart:
    resource = subject.resource or ""
    instance = subject.frame.instance(resource)
    series = f"credits/{resource}" if instance is not None else f"fact/{resource}/credits"
    last = subject.value(series)
    curve = Curve(
        subject.words.say("charts.left"), "–" if last is None else count(last), "flow",
        subject.peaks(series), kind="area", last=last,
    )  # fmt: skip
    return _chart(subject, "credits", [curve], count)


def _connections(subject: Subject) -> Chart:
    resource = subject.resource or ""
    managed = subject.frame.resource(resource)
    most = number_fact(managed, "connections_max") if managed is not None else None
    series = f"fact/{resource}/connections"
    last = subject.value(series)
    curve = Curve(
        subject.words.say("charts.open"), "–" if last is None else count(last), "flow",
        subject.peaks(series), kind="area", last=last,
    )  # fmt: skip
    limits: tuple[Limit, ...] = ()
    if most and (last or 0.0) >= LIMIT_FROM * most:
        limits = (Limit(most, subject.words.say("charts.at_most", n=count(most))),)
    return _chart(subject, "connections", [curve], count, limits=limits)


def _requests(subject: Subject) -> Chart:
    """Reads, writes and 503s of a bucket in each second."""
    return _of_facts(subject, "requests", ("reads_s", "writes_s", "slowed_s"))


def _units(subject: Subject) -> Chart:
    """Units that a table of DynamoDB granted in each second, and what it throttled."""
    return _of_facts(subject, "units", ("used_rcu", "used_wcu", "throttled_s"))


def _lookups(subject: Subject) -> Chart:
    """How often a session store was asked in each second."""
    return _of_facts(subject, "lookups", ("lookups_s",))


def _lag(subject: Subject) -> Chart:
    """How many seconds a replica is behind its master, with the writes that it has to apply."""
    series = f"fact/{subject.resource}/lag_s"
    last, unapplied = subject.value(series), subject.value(f"fact/{subject.resource}/unapplied")
    text = "–" if last is None else f"{last:,.1f} s"
    ink: Ink = "warn" if (last or 0.0) > FAR_S else "flow"
    curve = Curve(
        subject.words.say("facts.lag_s"), text, ink, subject.peaks(series), kind="area", last=last
    )
    note = subject.words.say("board.unapplied", n=f"{unapplied or 0.0:,.0f}")
    return _chart(subject, "lag", [curve], lambda seconds: f"{seconds:,.1f}", note=note)


def _of_facts(subject: Subject, key: str, names: tuple[str, ...]) -> Chart:
    """Facts: what is read, what is written, what is turned away."""
    curves = []
    inks: tuple[Ink, ...] = ("flow", "p95", "down")
    for name, ink in zip(names, inks, strict=False):
        series = f"fact/{subject.resource}/{name}"
        last = subject.value(series)
        text = "–" if last is None else count(last)
        said = subject.words.say(f"charts.{name}")
        curves.append(Curve(said, text, ink, subject.peaks(series), last=last))
    return _chart(subject, key, curves, count)


MAKERS: dict[str, Callable[[Subject], Chart]] = {
    "use": _use,
    "queue": _queue,
    "wait": _wait,
    "served": _served,
    "iops": _iops,
    "space": _space,
    "credits": _credits,
    "connections": _connections,
    "requests": _requests,
    "units": _units,
    "lag": _lag,
    "lookups": _lookups,
}
