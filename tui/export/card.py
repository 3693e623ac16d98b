"""A share card: a run in a few lines of plain text that fit anywhere."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.cells import cell_len

from engine.frame import Frame, sum_counts, well_served_per_usd
from engine.recording import Recording
from engine.scenario import Scenario
from tui.export.again import lines_of, play_again, recorded_scenario
from tui.recorded import recorded_facts
from tui.render.canvas import fit, pad
from tui.render.facts import Facts
from tui.render.figures import clock, count, percent
from tui.render.history import History
from tui.words import Words

WIDTH = 60
"""Cells of a line, at most."""

SPARKS = "▁▂▃▄▅▆▇█"

STARS = 3


class Card(NamedTuple):
    """What a card tells of a run; of one of another version no scenario is known."""

    title: str
    seed: int
    stars: int
    frame: Frame
    facts: Facts
    history: History
    scenario: Scenario | None


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
        scenario=recorded_scenario(recording),
    )


def card_lines(card: Card, words: Words) -> Iterator[str]:
    """The lines of a card, none wider than `WIDTH`."""
    say = words.say
    seed = say("briefing.seed", seed=card.seed)
    lines = [
        f"{say('game.name')} · {card.title}",
        f"{_came_out(card, words)} · {seed}",
        "",
        *_curves(card, words),
        "",
        _money(card, words),
        say("card.again"),
        *lines_of(play_again(card.facts.slug, card.seed, card.scenario).words, WIDTH),
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
    if frame.sandbox is not None:
        return words.say("card.free", at=lasted)
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


def _curves(card: Card, words: Words) -> Iterator[str]:
    """A label, the whole run as heights, a figure: of what was asked, and of what was not well."""
    rows = [
        ("demanded", words.say("card.traffic"), _peak(card, words)),
        ("bad", words.say("card.bad"), _bad(card.frame)),
    ]
    labels = max(cell_len(label) for _, label, _ in rows)
    room = WIDTH - labels - 1 - 2 - max(cell_len(figure) for *_, figure in rows)
    step = (card.frame.second + 1) / room
    for series, label, figure in rows:
        values = card.history.curve(series, 0, step, room, card.frame.second)
        yield f"{pad(label, labels)} {sparks(values)}  {figure}"


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
