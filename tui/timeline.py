"""What happened in a run and what was done, merged on one line of time. Pure: frames to moments."""

from collections.abc import Iterable
from typing import NamedTuple

from engine.explain import DATA_LOST, Burst, Explanation
from engine.frame import Frame, News
from tui.explanations import burst_what, told_bursts
from tui.render.canvas import clean
from tui.render.figures import clock
from tui.render.sentences import news_words, worth_telling
from tui.render.signs import news_sign
from tui.theme import Ink
from tui.words import Words

MOST_BURSTS = 40
"""Bursts on a timeline; of more, those that hurt most."""

ITSELF = {
    "budget_half", "budget_quarter", "money_low", "verdict", "credits_gone", "burst_over",
    "volume_full", "data_in_snapshot", "instance_running", "snapshot_completed",
    "database_available", "database_modified", "database_failed", "failover_started",
    "failover_done", "move_done", "move_failed", "bucket_repartitioned",
    "table_available", "table_grown", "table_scaled", "session_store_available",
}  # fmt: skip
"""News of what comes about by itself that a timeline tells; the bursts tell the rest."""

BURST_SIGN = "▇"


class Moment(NamedTuple):
    """A line of the timeline: from a second to a second, and what it says.

    `by` is ``player``, ``incident``, ``board``, or ``burst`` for what users felt.
    """

    second: int
    until_s: int
    by: str
    sign: str
    ink: Ink
    text: str
    details: tuple[str, ...] = ()

    @property
    def when(self) -> str:
        """``12:04``, or ``12:04–13:10``."""
        since = clock(self.second)
        return since if self.until_s <= self.second else f"{since}–{clock(self.until_s)}"


def told_in(frames: Iterable[Frame]) -> list[tuple[int, News]]:
    """What the news of some frames tell, with their seconds."""
    return [(frame.second, news) for frame in frames for news in worth_telling(frame.news)]


def timeline(
    told: Iterable[tuple[int, News]], explanation: Explanation, words: Words
) -> list[Moment]:
    """News and bursts in order of time; within a second, what was done comes first."""
    moments = [_told(second, news, words) for second, news in told if _belongs(news)]
    bursts = told_bursts(explanation, words, MOST_BURSTS)
    moments += [_burst(burst, reasons, words) for burst, reasons in bursts]
    order = ("incident", "player", "burst", "board")
    return sorted(moments, key=lambda moment: (moment.second, order.index(moment.by)))


def timeline_lines(moments: Iterable[Moment], words: Words) -> list[str]:
    """The timeline for the command line."""
    lines = []
    for moment in moments:
        who = words.say(f"timeline.{moment.by}")
        lines.append(f"{moment.when:>13}  {moment.sign} {who}: {moment.text}")
        lines += [f"{'':>15}  {detail}" for detail in moment.details]
    return lines


def _belongs(news: News) -> bool:
    return news.by in ("player", "incident") or news.kind in ITSELF


def _told(second: int, news: News, words: Words) -> Moment:
    sign, ink = news_sign(news)
    by = news.by if news.by in ("player", "incident") else "board"
    return Moment(second, second, by, sign, ink, clean(news_words(news, words)))


def _burst(burst: Burst, reasons: list[str], words: Words) -> Moment:
    ink: Ink = "warn" if burst.reason == "late" else "down"
    details = tuple(clean(line) for line in reasons)
    text = clean(burst_what(burst, words))
    if burst.reason == DATA_LOST:
        text = clean(words.say("news.data_lost", id=burst.at))
    return Moment(burst.from_s, burst.to_s, "burst", BURST_SIGN, ink, text, details)
