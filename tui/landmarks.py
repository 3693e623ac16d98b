"""The landmarks of a recorded run: the seconds worth going to, each with its sign and its words.

Commands as they were given, incidents, the first late answer and the first
failure, and the verdict. Pure: a recording and its history to marks.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.frame import News
from engine.outcomes import Refused
from engine.recording import CommandLine, Recording
from tui.given import told_words
from tui.render.canvas import clean
from tui.render.history import History
from tui.render.sentences import news_words
from tui.theme import Ink
from tui.words import Words

Kind = Literal["command", "refused", "incident", "late", "failure", "won", "end"]

SIGNS: dict[Kind, tuple[str, Ink]] = {
    "late": ("■", "warn"),
    "command": ("▲", "accent"),
    "refused": ("◇", "text"),
    "incident": ("↯", "full"),
    "failure": ("✕", "down"),
    "end": ("▼", "down"),
    "won": ("★", "accent"),
}
"""Glyph and ink of each kind; of several in one cell the later one here is seen."""

RANK = tuple(SIGNS)

FIRSTS: dict[str, Kind] = {"first_late": "late", "first_failure": "failure"}

OVER = ("slowed_over", "zone_back", "session_store_available")
"""News of incidents that say that one has passed."""


@dataclass(frozen=True)
class Landmark:
    """One thing that happened at a second: a command that was given, or a line of news."""

    second: int
    kind: Kind
    source: CommandLine | News

    @property
    def sign(self) -> tuple[str, Ink]:
        """Its glyph and ink."""
        return SIGNS[self.kind]

    def words(self, words: Words) -> str:
        """What happened; of a refused command the reason, too."""
        if isinstance(self.source, News):
            return clean(news_words(self.source, words))
        return told_words(self.source, words)


class Landmarks:
    """Those of a run in order of time, and the way from one second with any to the next."""

    def __init__(self, recording: Recording, history: History) -> None:
        found = [_given(line) for line in recording.commands]
        for told in history.told_between(0, history.second):
            kind = _kind_of(told.news)
            if kind is not None:
                found.append(Landmark(told.second, kind, told.news))
        self.all = tuple(sorted(found, key=_second_of))
        self.seconds: Sequence[int] = sorted({mark.second for mark in self.all})

    def at(self, second: int) -> tuple[Landmark, ...]:
        """Those of a second."""
        first = bisect_left(self.all, second, key=_second_of)
        return self.all[first : bisect_right(self.all, second, key=_second_of)]

    def last(self, second: int) -> tuple[Landmark, ...]:
        """Those of the last second up to this one that has any."""
        index = bisect_right(self.seconds, second)
        return self.at(self.seconds[index - 1]) if index else ()

    def beside(self, second: int, by: int) -> int | None:
        """The next second with landmarks (by 1), or the one before (by -1), or None."""
        if by > 0:
            index = bisect_right(self.seconds, second)
            return self.seconds[index] if index < len(self.seconds) else None
        index = bisect_left(self.seconds, second)
        return self.seconds[index - 1] if index else None

    def number(self, second: int) -> int:
        """How many seconds with landmarks there are up to this one."""
        return bisect_right(self.seconds, second)


def _second_of(mark: Landmark) -> int:
    return mark.second


def _given(line: CommandLine) -> Landmark:
    refused = isinstance(line.outcome, Refused)
    return Landmark(line.second, "refused" if refused else "command", line)


def _kind_of(news: News) -> Kind | None:
    if news.kind == "verdict":
        return "won" if news.args.get("cause") == "passed" else "end"
    if news.kind in FIRSTS:
        return FIRSTS[news.kind]
    return "incident" if news.by == "incident" and news.kind not in OVER else None
