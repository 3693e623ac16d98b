"""The newest news in few lines: what comes in floods is folded, what began it stays in sight."""

from collections.abc import Sequence
from typing import NamedTuple

from tui.render.history import Told
from tui.render.sentences import news_words
from tui.words import Words

TOGETHER_S = 60
"""News of one kind within so many seconds may be one line."""

FLOOD = 3
"""So many lines of one kind that are not equal are folded; equal ones always."""


class Line(NamedTuple):
    """The newest of some news of one kind, how many they are, and whether all say the same."""

    told: Told
    times: int = 1
    equal: bool = True


def folded(told: Sequence[Told], rows: int) -> list[Line]:
    """So many lines for news that come newest first; an incident of late is never crowded out."""
    lines = [line for group in _groups(told) for line in _lines(group)]
    lines.sort(key=lambda line: -line.told.second)
    if len(lines) <= rows or not told:
        return lines[:rows]
    began = _beginnings(told)
    late = [n for n, line in enumerate(lines) if line.told in began][:rows]
    others = [n for n in range(len(lines)) if n not in late][: rows - len(late)]
    return [lines[n] for n in sorted([*late, *others])]


def line_words(line: Line, words: Words) -> str:
    """What a line says."""
    said = news_words(line.told.news, words)
    if line.times == 1:
        return said
    key = "panels.times" if line.equal else "panels.and_more"
    return words.say(key, said=said, n=line.times if line.equal else line.times - 1)


def _groups(told: Sequence[Told]) -> list[list[Told]]:
    """News of one kind and origin, each group within `TOGETHER_S` of its newest."""
    groups: list[list[Told]] = []
    newest: dict[tuple[str, str], list[Told]] = {}
    for one in told:
        kind = (one.news.kind, one.news.by)
        group = newest.get(kind)
        if group is None or group[0].second - one.second > TOGETHER_S or one.news.by == "player":
            group = newest[kind] = []
            groups.append(group)
        group.append(one)
    return groups


def _lines(group: list[Told]) -> list[Line]:
    """One line for a flood; for fewer, equal ones together."""
    equal = all(one.news.args == group[0].news.args for one in group)
    if equal or len(group) >= FLOOD:
        return [Line(group[0], len(group), equal)]
    return [Line(one) for one in group]


def _beginnings(told: Sequence[Told]) -> list[Told]:
    """The first incident of each second of late; what it brings about is told after it."""
    first = {
        one.second: one
        for one in told
        if one.news.by == "incident" and told[0].second - one.second <= TOGETHER_S
    }
    return list(first.values())
