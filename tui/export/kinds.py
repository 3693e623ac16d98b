"""The kinds of export by their names, and how each can be wanted."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from engine.complaint import Complaint
from engine.recording import Recording
from tui.export.card import card_lines, recorded_card
from tui.export.cast import cast_lines
from tui.export.document import document_lines
from tui.export.plan import plan_lines
from tui.export.sheet import sheet_lines
from tui.export.svg import svg_lines
from tui.words import Words

Size = tuple[int, int]

SMALLEST, LARGEST = (80, 24), (300, 100)
"""Columns and rows of what is drawn."""

SPEEDS = (0.1, 3_600.0)
"""The slowest and the fastest that a cast can be."""

Look = Callable[[int], None]
"""Told how far a long export is, in seconds of the run."""


@dataclass(frozen=True)
class Wish:
    """How an export is wanted; each kind heeds what concerns it.

    `second` is the one to draw (None: the last), `speed` simulated seconds for
    each second of watching.
    """

    words: Words
    size: Size = (120, 40)
    second: int | None = None
    speed: float = 10.0


Maker = Callable[[Recording, Wish, Look], Iterator[str]]

KINDS: dict[str, Maker] = {
    "cast": lambda run, wish, look: cast_lines(run, wish.words, wish.size, wish.speed, look),
    "svg": lambda run, wish, look: svg_lines(run, wish.words, wish.size, wish.second),
    "csv": lambda run, wish, look: sheet_lines(run, look),
    "json": lambda run, wish, look: document_lines(run, wish.words.language, look),
    "plan": lambda run, wish, look: plan_lines(run),
    "card": lambda run, wish, look: card_lines(recorded_card(run, wish.words), wish.words),
}
"""Every kind of export by its name; each gives lines without their ends."""


def maker_of(kind: str) -> Maker:
    """What makes a kind of export; a Complaint for one that there is not."""
    if kind not in KINDS:
        raise Complaint("--to", f"no export '{kind}'", f"one of {', '.join(KINDS)}")
    return KINDS[kind]


def read_size(text: str) -> Size:
    """``120x40`` as columns and rows."""
    match = re.fullmatch(r"(\d{1,4})[x×](\d{1,4})", text)
    size = (int(match[1]), int(match[2])) if match else (0, 0)
    if not all(a <= b <= c for a, b, c in zip(SMALLEST, size, LARGEST, strict=True)):
        least, most = ("x".join(map(str, bound)) for bound in (SMALLEST, LARGEST))
        raise Complaint("--size", f"'{text}'", f"{least} to {most}")
    return size


def read_speed(speed: float) -> float:
    """A speed within bounds."""
    slowest, fastest = SPEEDS
    if not slowest <= speed <= fastest:
        raise Complaint("--speed", f"{speed:g}", f"{slowest:g} to {fastest:g}")
    return speed
