"""How much the board says: what the player wants, and what was chosen for the room there is."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from tui.render.board.folds import FoldKey

Detail = Literal[4, 3, 2, 1]
"""How much a card says: all, one line a volume, load and volumes only, or not even those."""


class Level(StrEnum):
    """How much the board says of each thing; each has a word in the words table."""

    CARDS = "cards"
    COMPACT = "compact"
    ROWS = "rows"
    MINIS = "minis"


@dataclass(frozen=True)
class View:
    """How the player looks at the board: zoom (None is automatic), scroll, what is unfolded."""

    level: Level | None = None
    top: int = 0
    unfolded: frozenset[FoldKey] = frozenset()


@dataclass(frozen=True)
class Choice:
    """A level; for cards also how much they say, and whether alike things are folded."""

    level: Level
    detail: Detail = 1
    alike: bool = True
