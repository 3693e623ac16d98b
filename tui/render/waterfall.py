"""One request on its way, as a waterfall: what it waited for, what was done for it, how it ended.

Stations follow each other on one time axis; ░ is waiting, █ is work, ╌ the
network between two machines, and a line marks when the answer was due.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor, log10
from typing import Literal

from rich.cells import cell_len
from textual.strip import Strip

from engine.frame import Frame, Sample
from tui.render.canvas import Canvas
from tui.render.facts import Facts
from tui.render.figures import clock, count, millis, nice_limit, whole_percent
from tui.render.history import History
from tui.render.sentences import place_words, reason_words
from tui.render.troubles import Trouble
from tui.theme import Ink, Look
from tui.words import Words

Sought = Literal["trouble", "failed", "late", "slow"]
"""What is followed: the latest failed or late request, one of these, or the slowest answered."""

SOUGHT: tuple[Sought, ...] = ("trouble", "failed", "late", "slow")

FrameAt = Callable[[int], Frame | None]

SLOW_SPAN_S = 60
"""Seconds that are searched back for an answered request."""

LEAST_HOP_MS = 0.001


@dataclass(frozen=True)
class Followed:
    """A sampled request, its class, and the frame it is from."""

    frame: Frame
    request_class: str
    sample: Sample


@dataclass(frozen=True)
class Leg:
    """A stretch of a request's time: `kind` is wait, work or hop."""

    place: str
    kind: Literal["wait", "work", "hop"]
    start_ms: float
    ms: float
    finished: bool = True


def find_request(
    sought: Sought, classes: Sequence[str], second: int, history: History, frame_at: FrameAt,
) -> Followed | None:  # fmt: skip
    """The newest such request up to a second, of any of the classes."""
    if sought == "slow":
        return _slowest(classes, second, frame_at)
    kinds: tuple[Trouble, ...] = ("failed", "late") if sought == "trouble" else (sought,)
    found = [
        (at, kind, name)
        for kind in kinds
        for name in classes
        if (at := history.sampled(kind, name, second)) is not None
    ]
    newest = max((at for at, _, _ in found), default=0)
    latest = [_sampled(frame_at(at), kind, name) for at, kind, name in found if at == newest]
    # Of several in one second the one that took longest has the most to tell.
    return max(
        (followed for followed in latest if followed is not None),
        key=lambda followed: followed.sample.latency_ms,
        default=None,
    )


def next_second(
    sought: Sought, classes: Sequence[str], second: int, history: History
) -> int | None:
    """The first second after one in which such a request was sampled."""
    if sought == "slow":
        return second + 1 if second < history.second else None
    kinds: tuple[Trouble, ...] = ("failed", "late") if sought == "trouble" else (sought,)
    found = [history.sampled(k, name, second, after=True) for k in kinds for name in classes]
    return min((at for at in found if at is not None), default=None)


def _sampled(frame: Frame | None, kind: Trouble, name: str) -> Followed | None:
    samples = frame.samples.get(name) if frame is not None else None
    sample = None if samples is None else samples.failed if kind == "failed" else samples.slow
    return None if frame is None or sample is None else Followed(frame, name, sample)


def _slowest(classes: Sequence[str], second: int, frame_at: FrameAt) -> Followed | None:
    for at in range(second, max(-1, second - SLOW_SPAN_S), -1):
        frame = frame_at(at)
        found = [
            Followed(frame, name, samples.slow)
            for name, samples in (frame.samples.items() if frame is not None else ())
            if frame is not None and samples.slow is not None and name in classes
        ]
        if found:
            return max(found, key=lambda followed: followed.sample.latency_ms)
    return None


def legs_of(followed: Followed) -> list[Leg]:
    """The request's time in order; what no station accounts for was spent between machines."""
    sample, frame = followed.sample, followed.frame
    machines = [_machine(frame, step.station) for step in sample.steps]
    changes = sum(a != b for a, b in pairwise(machines))
    spent = sum(step.wait_ms + step.work_ms for step in sample.steps)
    hop = max(0.0, sample.latency_ms - spent) / changes if changes else 0.0
    places = _stations(frame, [step.station for step in sample.steps])
    legs: list[Leg] = []
    at = 0.0
    for index, step in enumerate(sample.steps):
        if index and machines[index] != machines[index - 1] and hop >= LEAST_HOP_MS:
            legs.append(Leg(machines[index], "hop", at, hop))
            at += hop
        if step.wait_ms > 0 or not step.finished:
            legs.append(Leg(places[index], "wait", at, step.wait_ms, step.finished))
            at += step.wait_ms
        if step.finished:
            legs.append(Leg(places[index], "work", at, step.work_ms))
            at += step.work_ms
    return legs


def _stations(frame: Frame, places: Sequence[str]) -> list[str]:
    """The stations of places that are named by their resource: first its CPU, then its storage."""
    found: list[str] = []
    for index, place in enumerate(places):
        own = [station.id for station in frame.stations if station.resource == place]
        again = index > 0 and places[index - 1] == place
        found.append(own[min(int(again), len(own) - 1)] if own else place)
    return found


def _machine(frame: Frame, station: str) -> str:
    """Where a station is: a volume is in the instance that it is attached to."""
    resource = station.rpartition("/")[0] or station
    volume = frame.volume(resource)
    return (volume.attached_to or resource) if volume is not None else resource


def where_time_went(followed: Followed, words: Words) -> str:
    """The sentence: how much of the time went where, or that it was turned away at once."""
    sample = followed.sample
    legs = sorted(legs_of(followed), key=lambda leg: -leg.ms)
    if not legs:
        return words.say("follow.no_steps")
    total = millis(sample.latency_ms)
    longest = legs[0]
    place = place_words(longest.place, words)
    if sample.outcome not in ("good", "late") and sample.latency_ms < 1.0:
        reason = reason_words(sample.outcome, words)
        said = words.say("follow.turned_away", place=place, reason=reason)
        return said + _room_met(followed, longest.place, words)
    part = millis(longest.ms)
    if part == total and longest.ms < sample.latency_ms:
        part, total = f"{longest.ms:,.0f} ms", f"{sample.latency_ms:,.0f} ms"
    kind = longest.kind if longest.finished else "unfinished"
    said = words.say(f"follow.went_{kind}", part=part, total=total, place=place)
    if len(legs) > 1 and longest.ms < 0.5 * sample.latency_ms:
        second = legs[1]
        then = {"part": millis(second.ms), "place": place_words(second.place, words)}
        said += " " + words.say(f"follow.then_{second.kind}", **then)
    return said


def _room_met(followed: Followed, place: str, words: Words) -> str:
    """How full the waiting room was that turned a request away."""
    if followed.sample.outcome != "waiting_room_full":
        return ""
    station = followed.frame.station(place) or followed.frame.station(f"{place}/cpu")
    if station is None:
        return ""
    figures = {"n": count(station.waiting_total), "room": count(station.room)}
    return " " + words.say("follow.room_met", **figures)


def draw_request(
    width: int, height: int, followed: Followed | None, sought: Sought, history: History,
    facts: Facts, look: Look, words: Words, *, held: bool = False,
) -> list[Strip]:  # fmt: skip
    """The waterfall in its frame, or that there is nothing to follow."""
    canvas = Canvas(width, height, look)
    right = words.say(f"follow.sought_{sought}")
    if held:
        right = f"|| {words.say('follow.held')}  {right}"
    canvas.frame(words.say("follow.title"), right=right)
    if followed is None:
        key = "follow.none_slow" if sought == "slow" else "follow.none"
        canvas.text(2, 2, words.say(key), look.ink("text"), max(0, width - 4))
        canvas.text(2, 3, words.say("follow.none_hint"), look.ink("dim"), max(0, width - 4))
        return canvas.strips()
    _Waterfall(canvas, followed, history, facts, words).draw()
    return canvas.strips()


class _Waterfall:
    """One drawing of a request."""

    def __init__(
        self, canvas: Canvas, followed: Followed, history: History, facts: Facts, words: Words
    ) -> None:
        self.canvas = canvas
        self.followed = followed
        self.sample = followed.sample
        self.history = history
        self.words = words
        self.ink = canvas.look.ink
        self.legs = legs_of(followed)
        self.deadline = facts.deadline_ms.get(followed.request_class, 0.0)
        names = [cell_len(self._name(leg)) for leg in self.legs]
        self.left = 2 + min(max(names, default=0), max(8, canvas.width // 4)) + 1
        self.figures = 22 if canvas.width >= 64 else 10 if canvas.width >= 40 else 0
        self.bars = max(1, canvas.width - 2 - self.left - self.figures)
        end = max((leg.start_ms + leg.ms for leg in self.legs), default=0.0)
        self.top = nice_limit(max(end, self.sample.latency_ms, self.deadline * 1.1, 1.0))

    def draw(self) -> None:
        """Who it was, where its time went, the waterfall, and others like it."""
        y = self._heads()
        axis = y
        self._axis(y)
        first = y = y + 1
        last = self.canvas.height - 2
        rows = self._rows()
        for legs in rows:
            if y < last:
                self._leg_row(y, legs)
                y += 1
        self._deadline(axis, first, min(y, last))
        if y + 3 < last:
            self._others(y + 2, last)

    def _heads(self) -> int:
        words, sample, ink = self.words, self.sample, self.ink
        room = max(0, self.canvas.width - 4)
        bad = sample.outcome not in ("good", "late")
        colour: Ink = "down" if bad else "warn" if sample.outcome == "late" else "ok"
        x = self.canvas.text(2, 1, self.followed.request_class, ink("strong", bold=True), room)
        asked = words.say("follow.asked", at=clock(sample.started_s), tenth=_tenth(sample))
        x = self.canvas.text(x, 1, f"  {asked}", ink("dim"), max(0, room + 2 - x))
        if sample.attempt > 1:
            said = words.say("follow.attempt", n=sample.attempt)
            x = self.canvas.text(x, 1, f"  {said}", ink("accent"), max(0, room + 2 - x))
        glyph = "✕" if bad else "◌" if sample.outcome == "late" else "✓"
        outcome = f"  {glyph} {_outcome_words(self.followed, words)}"
        self.canvas.text(x, 1, outcome, ink(colour, bold=True), max(0, room + 2 - x))
        said = where_time_went(self.followed, words)
        self.canvas.text(2, 2, said, ink("text", bold=True), room)
        return 4 if self.canvas.height > 9 else 3

    def _rows(self) -> list[list[Leg]]:
        """Waiting and work at one station share a row."""
        rows: list[list[Leg]] = []
        for leg in self.legs:
            before = rows[-1][-1] if rows else None
            if before and before.kind == "wait" and leg.kind == "work":
                rows[-1].append(leg)
            else:
                rows.append([leg])
        return rows

    def _x(self, ms: float) -> int:
        return self.left + min(self.bars - 1, int(ms / self.top * self.bars))

    def _leg_row(self, y: int, legs: list[Leg]) -> None:
        canvas, ink = self.canvas, self.ink
        canvas.text(2, y, self._name(legs[0]), ink("text"), self.left - 3)
        glyphs: dict[str, tuple[str, Ink]] = {
            "wait": ("░", "warn"), "work": ("█", "flow"), "hop": ("╌", "dim"),
        }  # fmt: skip
        for leg in legs:
            if not leg.ms and leg.finished:
                continue
            start, stop = self._x(leg.start_ms), self._x(leg.start_ms + leg.ms)
            glyph, colour = glyphs[leg.kind]
            canvas.text(start, y, glyph * max(1, stop - start), ink(colour))
            if not leg.finished:
                canvas.put(max(start, stop - 1), y, "✕", ink("down", bold=True))
        self._leg_figures(y, legs)

    def _leg_figures(self, y: int, legs: list[Leg]) -> None:
        if not self.figures:
            return
        right, ink = self.canvas.width - 2, self.ink
        by_kind = {leg.kind: leg.ms for leg in legs}
        if "hop" in by_kind:
            figure = millis(by_kind["hop"])
            self.canvas.text(right - cell_len(figure), y, figure, ink("dim"))
            return
        work = millis(by_kind["work"]) if "work" in by_kind else "–"
        wait = millis(by_kind.get("wait", 0.0))
        if self.figures < 20:
            total = millis(sum(by_kind.values()))
            self.canvas.text(right - cell_len(total), y, total, ink("text"))
            return
        loud = by_kind.get("wait", 0.0) > 0.25 * self.sample.latency_ms
        style = ink("warn", bold=True) if loud else ink("dim")
        self.canvas.text(right - 11 - cell_len(wait), y, wait, style)
        self.canvas.text(right - cell_len(work), y, work, ink("text"))

    def _name(self, leg: Leg) -> str:
        if leg.kind == "hop":
            return "→ " + self.words.say("follow.network")
        return place_words(leg.place, self.words)

    def _axis(self, y: int) -> None:
        """Times above the bars; the heads of the figures at the right."""
        canvas, ink, words = self.canvas, self.ink, self.words
        canvas.text(self.left, y, "0", ink("faint"))
        taken = self.left + 2
        lead = round(self.top / 10 ** floor(log10(self.top) + 1e-9), 3)
        parts = {1.5: 3, 3.0: 3, 5.0: 5, 7.0: 7}.get(lead, 4)
        for part in range(1, parts + 1):
            text = millis(self.top * part / parts).replace(".0 ", " ")
            x = self.left + round(self.bars * part / parts) - cell_len(text)
            if x > taken + 2:
                canvas.text(x, y, text, ink("faint"))
                taken = x + cell_len(text)
        if self.figures >= 20:
            right = canvas.width - 2
            for said, end in ((words.say("follow.waited"), right - 11),
                              (words.say("follow.worked"), right)):  # fmt: skip
                canvas.text(end - cell_len(said), y, said, ink("dim"))

    def _deadline(self, axis: int, first: int, last: int) -> None:
        if not self.deadline or self.deadline > self.top or last <= first:
            return
        canvas, ink = self.canvas, self.ink
        x = self._x(self.deadline)
        for y in range(first, last):
            if canvas.cells[y][x] in " ░":
                canvas.put(x, y, "╎", ink("strong", bold=True))
        said = self.words.say("charts.deadline", ms=millis(self.deadline))
        y = last if last < canvas.height - 1 else axis
        at = min(x, canvas.width - 2 - cell_len(said))
        if canvas.cells[y][min(at, canvas.width - 1)] == " ":
            canvas.text(at, y, said, ink("text", bold=True))

    def _others(self, y: int, last: int) -> None:
        """Why others of its class failed or were late in the minute before."""
        canvas, words, ink = self.canvas, self.words, self.ink
        second, name = self.followed.frame.second, self.followed.request_class
        blame = self.history.blame(second, 60, name)
        total = sum(blame.values())
        if not total:
            return
        said = words.say("follow.others", name=name, at=clock(second))
        canvas.text(2, y, said, ink("title", bold=True), canvas.width - 4)
        for (reason, at), number in blame.most_common(max(0, last - y - 1)):
            y += 1
            glyph, colour = ("◌", "warn") if reason == "late" else ("✕", "down")
            x = canvas.text(2, y, f"{glyph} ", ink("warn" if colour == "warn" else "down"))
            figure = count(number)
            x = canvas.text(x, y, figure.rjust(6) + "  ", ink("strong", bold=True))
            share = whole_percent(number / total).rjust(5)
            x = canvas.text(x, y, share + "  ", ink("dim"))
            said = f"{reason_words(reason, words)}, {place_words(at, words)}"
            canvas.text(x, y, said, ink("text"), max(0, canvas.width - 2 - x))


def _tenth(sample: Sample) -> int:
    return int(sample.started_s * 10) % 10


def _outcome_words(followed: Followed, words: Words) -> str:
    sample = followed.sample
    ms = millis(sample.latency_ms)
    if sample.outcome in ("good", "late"):
        return words.say(f"follow.{sample.outcome}", ms=ms)
    return words.say("follow.failed", ms=ms, reason=reason_words(sample.outcome, words))
