"""A share card: a run in a few lines of plain text that fit anywhere."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from engine.frame import Frame, sum_counts, well_served_per_usd
from engine.recording import Recording
from tui.export.again import play_again
from tui.recorded import recorded_facts
from tui.render.canvas import fit, pad
from tui.render.facts import Facts
from tui.render.figures import clock, count, percent
from tui.render.history import History
from tui.words import Words

WIDTH = 60
"""Cells of a line, at most."""

LABEL = 9
"""Cells of what stands before a sparkline."""

SPARKS = "▁▂▃▄▅▆▇█"

STARS = 3


class Card(NamedTuple):
    """What a card tells of a run."""

    title: str
    seed: int
    stars: int
    frame: Frame
    facts: Facts
    history: History


def recorded_card(recording: Recording, words: Words) -> Card:
    """The card of a recorded run."""
    header, last = recording.header, recording.frames[-1]
    text = header.text.get(words.language) or next(iter(header.text.values()), None)
    history = History()
    for frame in recording.frames:
        history.add(frame)
    stars = (recording.result or {}).get("stars", last.verdict.stars if last.verdict else 0)
    return Card(
        title=text.title if text else header.slug,
        seed=header.seed,
        stars=min(STARS, max(0, stars)) if isinstance(stars, int) else 0,
        frame=last,
        facts=recorded_facts(recording),
        history=history,
    )


def card_lines(card: Card, words: Words) -> Iterator[str]:
    """The lines of a card, none wider than `WIDTH`."""
    say, frame = words.say, card.frame
    seed = say("briefing.seed", seed=card.seed)
    lines = [
        f"{say('game.name')} · {card.title}",
        f"{_came_out(card, words)} · {seed}",
        "",
        _curve(card, "demanded", say("card.traffic"), _peak(card, words)),
        _curve(card, "bad", say("card.failed"), _bad(frame)),
        "",
        _money(card, words),
        play_again(card.facts.slug, card.seed, sandbox=frame.sandbox is not None),
    ]
    return (fit(line, WIDTH).rstrip() for line in lines)


def keep_card(recording: Path, text: str) -> Path | None:
    """Write a card beside its recording; None where that cannot be done."""
    path = recording.with_suffix(".txt")
    try:
        path.write_text(text, encoding="utf-8")
    except OSError:
        return None
    return path


def _came_out(card: Card, words: Words) -> str:
    frame, verdict = card.frame, card.frame.verdict
    lasted = clock(frame.second)
    if card.facts.scored:
        return words.say("debrief.score", n=well_served_per_usd(frame), at=lasted)
    how = "left" if verdict is None else "won" if verdict.won else "lost"
    stars = "★" * card.stars + "☆" * (STARS - card.stars)
    return f"{stars} {words.say(f'card.{how}', at=lasted)}"


def _money(card: Card, words: Words) -> str:
    money = card.frame.money
    left = percent(max(0.0, card.frame.goals.error_budget_left))
    figures = {"spent": money.spent_usd, "budget": money.budget_micro_usd / 1e6, "left": left}
    return words.say("card.money", **figures)


def _peak(card: Card, words: Words) -> str:
    highest = max(card.history.values("demanded", 0, card.frame.second), default=0.0)
    return words.say("card.peak", rps=count(highest))


def _bad(frame: Frame) -> str:
    counts = sum_counts(list(frame.totals.values()))
    return percent((counts.late + counts.failed_total) / max(1, counts.demanded))


def _curve(card: Card, series: str, label: str, figure: str) -> str:
    """A label, the whole run as heights, a figure."""
    room = WIDTH - LABEL - 13
    step = (card.frame.second + 1) / room
    values = card.history.curve(series, 0, step, room, card.frame.second)
    return f"{pad(label, LABEL)}{sparks(values)}  {figure}"


def sparks(values: Sequence[float | None]) -> str:
    """Heights up to the highest of some values; what is above nothing can be seen to be so."""
    top = max((value for value in values if value is not None), default=0.0)
    last = len(SPARKS) - 1
    shown = []
    for value in values:
        if not value or value <= 0:
            shown.append(" " if value is None else SPARKS[0])
        else:
            shown.append(SPARKS[max(1, round(value / top * last))])
    return "".join(shown)
