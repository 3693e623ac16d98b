"""The level map of the menu: chapters, stars, what comes next, and what a level is. Pure."""

from collections.abc import Mapping
from itertools import groupby

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.text import Text

from levels.level import Level
from tui.concepts import CONCEPTS, concept_title
from tui.desk import Desk
from tui.pages import STARS, stars_text, usd_cents
from tui.render.canvas import clean, pad
from tui.shelf import Best

ART = (
    ("█ █", "█▀█"),
    ("█▀▀", "██▄"),
    ("▄▀█", "█▀█"),
    ("█▀▄", "█▄▀"),
    ("█▀█", "█▀▄"),
    ("█▀█", "█▄█"),
    ("█▀█", "█▄█"),
    ("█▀▄▀█", "█ ▀ █"),
)
"""The letters of HEADROOM, two rows each."""

TITLE = 32
"""Most cells of a level's title in the list."""

GAUGE = 15

Bests = Mapping[str, Best]


def chapters(levels: tuple[Level, ...]) -> list[tuple[str, list[int]]]:
    """The chapters in order, each with the places of its levels."""
    parts = groupby(range(len(levels)), key=lambda at: levels[at].chapter)
    return [(chapter, list(places)) for chapter, places in parts]


def next_level(levels: tuple[Level, ...], bests: Bests) -> int | None:
    """The place of the first level that has not been won yet."""
    return next((at for at, level in enumerate(levels) if _stars(level, bests) == 0), None)


def _stars(level: Level, bests: Bests) -> int:
    best = bests.get(level.slug)
    return best.stars if best else 0


def name_text(desk: Desk, *, big: bool) -> Text:
    """The game's name, its letters in the steps of load: from much headroom to none."""
    ramp = desk.look.palette.ramp
    if not big or desk.look.ascii:
        parts = [(letter + " ", hue) for letter, hue in zip("HEADROOM", ramp, strict=True)]
        return Text.assemble(*((letter, f"bold {hue}") for letter, hue in parts), no_wrap=True)
    rows = [
        Text.assemble(*((letter[row] + " ", hue) for letter, hue in zip(ART, ramp, strict=True)))
        for row in (0, 1)
    ]
    return Text("\n", no_wrap=True).join(rows)


def total_text(desk: Desk, levels: tuple[Level, ...], bests: Bests) -> Text:
    """All stars that there are as a gauge, those that were won filled in."""
    won, most = sum(_stars(level, bests) for level in levels), STARS * len(levels)
    full = GAUGE * won // most if most else 0
    text = Text(no_wrap=True).append("■" * full, desk.hue("accent"))
    text.append("·" * (GAUGE - full), "dim")
    return text.append(f"  ★ {desk.say('menu.stars', won=won, most=most)}", "bold")


def chapter_text(desk: Desk, chapter: str, levels: list[Level], bests: Bests) -> Text:
    """A chapter's name and its stars."""
    key = f"menu.chapter_{chapter.replace('-', '_')}"
    name = desk.say(key) if desk.words.knows(key) else clean(chapter)
    won = sum(_stars(level, bests) for level in levels)
    text = Text(no_wrap=True).append(name, f"bold {desk.hue('title')}")
    text.append(f"  {'─' * (38 - cell_len(name))}  ", desk.hue("line"))
    return text.append(f"★ {won}/{STARS * len(levels)}")


def level_text(desk: Desk, number: int, level: Level, best: Best | None, *, next: bool) -> Text:
    """A level's line: number, stars, title, how long it lasts, the best that was done."""
    title = level.words(desk.words.language).title
    text = Text(no_wrap=True)
    text.append(f" {number:>2}  ", "dim")
    text.append_text(stars_text(desk, best.stars if best else 0))
    text.append("  " + pad(title, TITLE), "bold" if best or next else "")
    minutes = level.scenario.duration_s // 60
    text.append(pad(desk.say("menu.row_minutes", minutes=minutes), 7, right=True), "dim")
    if best:
        text.append(pad(usd_cents(best.spent_micro_usd), 11, right=True))
    elif next:
        text.append("  " + desk.say("menu.next"), desk.hue("accent"))
    return text


def level_line(desk: Desk, level: Level, best: Best | None) -> Text:
    """How far the player got at a level, and what it is."""
    return _best_text(desk, best).append(f" · {level.words(desk.words.language).summary}")


def level_card(desk: Desk, number: int, level: Level, best: Best | None) -> RenderableType:
    """What a level is, with all that it teaches."""
    words = level.words(desk.words.language)
    language = desk.words.language
    minutes = level.scenario.duration_s // 60
    parts: list[RenderableType] = [
        Text()
        .append_text(stars_text(desk, best.stars if best else 0))
        .append(f"  {number}", "dim"),
        Text(words.title, f"bold {desk.hue('strong')}"),
        Text(),
        Text(words.summary),
        Text(),
        _best_text(desk, best),
        Text(
            f"{desk.say('menu.row_minutes', minutes=minutes)}   "
            f"{desk.say('menu.budget', usd=level.scenario.budget.month_usd)}",
            "dim",
        ),
    ]
    taught = [name for name in level.teaches if name in CONCEPTS]
    if taught:
        parts += [Text(), Text(desk.say("menu.teaches"), desk.hue("title"))]
        parts += [Text(concept_title(name, language), "dim") for name in taught]
    return Group(*parts)


def _best_text(desk: Desk, best: Best | None) -> Text:
    if best is None:
        return Text().append(desk.say("menu.not_played"), "dim")
    said = desk.say("menu.best", spent=f"{best.spent_micro_usd / 1e6:,.2f}")
    return Text().append(said, desk.hue("ok"))
