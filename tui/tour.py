"""The guided tour: its steps, what each waits for, and where its card lies. Pure.

A step is over when what it asks for has been done in the run, not after a time.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from rich.cells import get_character_cell_size
from rich.text import Text
from textual.geometry import Offset, Region, Size

from engine.frame import Frame


class Seen(NamedTuple):
    """What the player has seen and done: the newest frame, and the pages that were closed again."""

    frame: Frame
    paused: bool
    read: frozenset[str]


@dataclass(frozen=True)
class Step:
    """One card. `at` is the widget that it points at; without `done`, enter goes on.

    Where what it `needs` is gone again, taken back perhaps, the step before comes back.
    Its words are ``tour.NAME_title``, ``tour.NAME`` and ``tour.NAME_do``.
    """

    name: str
    at: str
    done: Callable[[Seen], bool] | None = None
    needs: Callable[[Seen], bool] | None = None


def _failed(frame: Frame) -> int:
    return sum(sum(counts.failed.values()) for counts in frame.totals.values())


def _good(frame: Frame) -> int:
    return sum(counts.good for counts in frame.totals.values())


def _stands(seen: Seen) -> bool:
    return bool(seen.frame.instances)


STEPS = (
    Step("board", "board"),
    Step("start", "status", lambda seen: not seen.paused or seen.frame.second > 0),
    Step("failure", "board", lambda seen: _failed(seen.frame) > 0),
    Step("explain", "reasons", lambda seen: "explain" in seen.read),
    Step("rent", "board", _stands),
    Step("answer", "board", lambda seen: _good(seen.frame) > 0, needs=_stands),
    Step("traffic", "board"),
    Step("headroom", "headroom"),
    Step("bill", "bill", lambda seen: "bill" in seen.read),
    Step("end", "board"),
)
"""The tour in order."""

RESTS_BY_ITSELF = {"board", "start", "failure"}
"""Steps in which the first failure stops the time: the fourth speaks of that."""


class Place(NamedTuple):
    """Where a card lies, and the sign on its edge that points at what it speaks of."""

    card: Offset
    sign: Offset
    glyph: str


def place(target: Region, card: Size, screen: Size) -> Place:
    """Beside the target where there is room for it: below, above, right, left; else over it."""
    middle_x = _within(target.x + (target.width - card.width) // 2, screen.width - card.width)
    middle_y = _within(target.y + (target.height - card.height) // 2, screen.height - card.height)
    above, left = target.y - card.height, target.x - card.width
    sign_x = _within(target.x + target.width // 2, screen.width - 1)
    sign_y = _within(target.y + target.height // 2, screen.height - 1)
    if target.bottom + card.height <= screen.height:
        return Place(Offset(middle_x, target.bottom), Offset(sign_x, target.bottom), "▲")
    if above >= 0:
        return Place(Offset(middle_x, above), Offset(sign_x, target.y - 1), "▼")
    if target.right + card.width <= screen.width:
        return Place(Offset(target.right, middle_y), Offset(target.right, sign_y), "◀")
    if left >= 0:
        return Place(Offset(left, middle_y), Offset(target.x - 1, sign_y), "▶")
    lowest = _within(target.bottom - card.height, screen.height - card.height)
    return Place(Offset(middle_x, lowest), Offset(sign_x, lowest), "▲")


def uncut(line: Text, cuts: Iterable[int]) -> Text:
    """A line in which no wide letter lies across one of these columns: a space is put before it.

    Textual composes a row from pieces that end where the widgets below do, and
    a letter that would be cut in two is lost.
    """
    for cut in sorted(cuts):
        at = 0
        for place, letter in enumerate(line.plain):
            size = get_character_cell_size(letter)
            if at < cut < at + size:
                gap = line.plain.rfind(" ", 0, place) + 1 or place
                before, after = line.divide([gap])
                line = before.append(" ").append_text(after)
                break
            at += size
    return line


def _within(value: int, most: int) -> int:
    return max(0, min(value, most))
