"""What the charts are made from: a subject, its series as curves, and the marks below."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean

from engine.frame import Frame
from tui.render.chart import Mark, Values, View
from tui.render.facts import Facts
from tui.render.history import PULSE_SPAN_S, History
from tui.render.signs import news_sign
from tui.words import Words

MARK_RANK = "▲●↯✕"
"""Of two marks in one cell the later one here is seen."""


@dataclass(frozen=True)
class Subject:
    """What a chart is about: a run as of a second, of one class or (None) of all, a resource.

    `at` is the second whose figures stand beside the curves: now, or where a cursor is.
    """

    frame: Frame
    history: History
    facts: Facts
    words: Words
    request_class: str | None = None
    resource: str | None = None
    cursor: int | None = None

    @property
    def at(self) -> int:
        """The second whose figures are given."""
        return self.frame.second if self.cursor is None else self.cursor

    def of_class(self, name: str) -> str:
        """The series of a figure for the class that is shown, or for all."""
        return name if self.request_class is None else f"{name}/{self.request_class}"

    def titled(self, key: str) -> str:
        """The title of a chart, with the class if there is one to tell it from."""
        title = self.words.say(key)
        if self.request_class is None:
            return title
        return self.words.say("charts.of", title=title, name=self.request_class)

    def now(self, name: str) -> float:
        """The figure beside a curve: the same mean as beside the users; at a cursor, exact."""
        if self.cursor is not None:
            return self.value(name) or 0.0
        return self.history.mean(name, self.at, PULSE_SPAN_S) or 0.0

    def value(self, name: str) -> float | None:
        """A series at the second whose figures are given."""
        return self.history.value(name, self.at)

    def peaks(self, name: str) -> Callable[[View], Values]:
        """The highest value in each dot: no peak is hidden."""
        return self._curve(name, max)

    def means(self, name: str) -> Callable[[View], Values]:
        """The mean in each dot."""
        return self._curve(name, fmean)

    def sums(self, name: str) -> Callable[[View], Values]:
        """The sum in each dot."""
        return self._curve(name, sum)

    def _curve(self, name: str, pick: Callable[[list[float]], float]) -> Callable[[View], Values]:
        history = self.history
        return lambda view: history.curve(
            name, view.start_s, view.step_s, view.columns, view.until, pick
        )

    def marks(self) -> tuple[Mark, ...]:
        """Signs below every chart: what the player did, and what befell the board."""
        marks = []
        for told in self.history.told_between(0, self.frame.second):
            if told.news.by in ("player", "incident"):
                marks.append(Mark(told.second, *news_sign(told.news)))
        return tuple(sorted(marks, key=lambda mark: MARK_RANK.find(mark.glyph)))


def goodput_shares(subject: Subject) -> Callable[[View], Values]:
    """Answered in time, of all that ended in each dot."""
    good_sums, bad_sums = (subject.sums(subject.of_class(name)) for name in ("good", "bad"))

    def shares(view: View) -> Values:
        pairs = zip(good_sums(view), bad_sums(view), strict=True)
        ended = [(good or 0.0, (good or 0.0) + (bad or 0.0)) for good, bad in pairs]
        return [good / total if total else None for good, total in ended]

    return shares
