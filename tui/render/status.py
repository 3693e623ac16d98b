"""The status line: which level, when, how fast, the money, the error budget, the stars."""

from dataclasses import dataclass

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from engine.frame import Frame, well_served_per_usd
from tui.render.canvas import Canvas, clean
from tui.render.facts import Facts
from tui.render.figures import clock, percent, usd_micro
from tui.theme import Ink, Look
from tui.words import Words

Pieces = list[tuple[str, Style]]

LONG_S = 36_000
"""A run of so long that minutes beside its end, as 12:05 of 24:00:00, would be read as hours."""


@dataclass(frozen=True)
class Pace:
    """How time runs: `speed` as the player chose it (``10×``), `behind` what it really is."""

    speed: str = "10×"
    paused: bool = True
    behind: str = ""


def draw_status(
    width: int, height: int, frame: Frame, facts: Facts, pace: Pace, look: Look, words: Words
) -> list[Strip]:
    """One line; what does not fit is said shorter, then left out, the least important first."""
    canvas = Canvas(width, height, look)
    parts = _parts(frame, facts, pace, look, words)
    chosen = _choose(parts, width - 2)
    used = sum(_width(pieces) for pieces in chosen)
    gaps = max(1, len(chosen) - 1)
    gap = min(5, max(2, (width - 2 - used) // gaps))
    x = 1
    for pieces in chosen:
        for text, style in pieces:
            x = canvas.text(x, 0, text, style, max(0, width - x))
        x += gap
    return canvas.strips()


def _parts(
    frame: Frame, facts: Facts, pace: Pace, look: Look, words: Words
) -> list[tuple[int, list[Pieces]]]:
    """Each part with its rank (low goes last), from its longest wording to its shortest."""
    ink = look.ink
    names = [clean(facts.title(words.language))]
    if cell_len(facts.slug) < cell_len(names[0]):
        names.append(facts.slug)
    level: list[Pieces] = [[(name, ink("title", bold=True))] for name in names]
    now, end = clock(frame.second), clock(facts.duration_s)
    if facts.duration_s >= LONG_S and frame.second < 3_600:
        now = f"0:{int(frame.second) // 60:02}:{int(frame.second) % 60:02}"
    time: Pieces = [(words.say("panels.clock", now=now, end=end), ink("strong", bold=True))]
    short_time: Pieces = [(f"{now}/{end}", ink("strong", bold=True))]
    budget = [
        _budget(frame, look, words, 10),
        _budget(frame, look, words, 6),
        _budget(frame, look, words, 6, label=False),
    ]
    return [
        (5, level),
        (0, [time, short_time]),
        (1, [_pace(pace, look, words), _pace(pace, look, words, short=True)]),
        (3, [_money(frame, look, words, "money"), _money(frame, look, words, "money_short")]),
        (2, budget),
        (
            4,
            _free(frame, look, words)
            if frame.sandbox is not None
            else [_score(frame, look, words)]
            if facts.scored
            else [_stars(frame, look, words), _stars(frame, look, words, short=True)],
        ),
    ]


def _pace(pace: Pace, look: Look, words: Words, *, short: bool = False) -> Pieces:
    if pace.paused:
        word = "" if short else f" {words.say('panels.paused')}"
        return [(f"||{word} {pace.speed}", look.ink("accent", bold=True))]
    pieces: Pieces = [(f"▶ {pace.speed}", look.ink("flow", bold=True))]
    if pace.behind:
        pieces.append((f" {words.say('panels.behind', speed=pace.behind)}", look.ink("warn")))
    return pieces


def _money(frame: Frame, look: Look, words: Words, key: str) -> Pieces:
    money = frame.money
    over = money.forecast_micro_usd > money.budget_micro_usd
    said = words.say(
        f"panels.{key}",
        usd=usd_micro(money.spent_micro_usd),
        budget=usd_micro(money.budget_micro_usd),
    )
    return [(said, look.ink("down" if over else "money")), (" ▲" if over else "", look.ink("down"))]


def _budget(frame: Frame, look: Look, words: Words, steps: int, *, label: bool = True) -> Pieces:
    left = max(0.0, frame.goals.error_budget_left)
    ink: Ink = "ok" if left > 0.5 else "warn" if left > 0.25 else "down"
    full = max(1 if left > 0 else 0, int(left * steps))
    pieces: Pieces = []
    if label:
        pieces.append((f"{words.say('panels.error_budget')} ", look.ink("dim")))
    pieces.append(("▰" * full, look.ink(ink)))
    pieces.append(("▱" * (steps - full), look.ink("faint")))
    pieces.append((f" {percent(left)}", look.ink(ink, bold=left <= 0.25)))
    return pieces


def _free(frame: Frame, look: Look, words: Words) -> list[Pieces]:
    """In a sandbox: how the bill runs, in the place of stars."""
    if frame.sandbox is not None and not frame.sandbox.bill:
        return [[(words.say("panels.bill_off"), look.ink("warn", bold=True))]]
    return [[(words.say("panels.hour_is_month"), look.ink("dim"))]]


def _score(frame: Frame, look: Look, words: Words) -> Pieces:
    said = words.say("panels.score", n=well_served_per_usd(frame))
    return [(said, look.ink("accent", bold=True))]


def _stars(frame: Frame, look: Look, words: Words, *, short: bool = False) -> Pieces:
    stars = min(3, max(0, frame.goals.stars_on_course))
    pieces: Pieces = [
        ("★" * stars, look.ink("accent", bold=True)),
        ("☆" * (3 - stars), look.ink("faint")),
    ]
    if not short:
        verdict = frame.verdict
        key = "stars" if verdict is None else "stars_won" if verdict.won else "stars_lost"
        pieces.append((f" {words.say(f'panels.{key}')}", look.ink("dim")))
    return pieces


def _choose(parts: list[tuple[int, list[Pieces]]], room: int) -> list[Pieces]:
    """Shorten the least important parts first, then leave them out, until all fits.

    The very least, the level's name, is left out first but shortened last.
    """
    wordings = {index: list(those) for index, (_, those) in enumerate(parts)}
    by_rank = sorted(wordings, key=lambda index: -parts[index][0])

    def fits() -> bool:
        widths = [_width(those[0]) for those in wordings.values()]
        return sum(widths) + 2 * (len(widths) - 1) <= room

    for index in (*by_rank[1:], by_rank[0]):
        while not fits() and len(wordings[index]) > 1:
            del wordings[index][0]
    for index in by_rank[:-1]:
        if fits():
            break
        del wordings[index]
    return [wordings[index][0] for index in sorted(wordings)]


def _width(pieces: Pieces) -> int:
    return sum(cell_len(text) for text, _ in pieces)
