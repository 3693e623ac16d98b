"""The saved runs as a list: which of them are shown, and in which order. Pure: runs to runs."""

from dataclasses import dataclass, field
from typing import Literal, TypeVar, get_args

from tui.shelf import CAME_OUT, CameOut, SavedRun

Order = Literal["newest", "level", "best", "spent"]

ORDERS: tuple[Order, ...] = get_args(Order)

UNKNOWN = 2**62
"""Spent by a run of which that is not known: it comes after all others."""

T = TypeVar("T")


@dataclass
class RunList:
    """All runs that were read, and the player's wishes; None shows all of them."""

    runs: list[SavedRun] = field(default_factory=list)
    level: str | None = None
    came_out: CameOut | None = None
    order: Order = "newest"

    def shown(self) -> list[SavedRun]:
        """Those that are wanted, in the order that is wanted; the newer first among equals."""
        wanted = [
            run
            for run in self.runs
            if self.level in (None, run.slug) and self.came_out in (None, run.came_out)
        ]
        wanted.sort(key=lambda run: (run.started_at, run.path.name), reverse=True)
        match self.order:
            case "level":
                wanted.sort(key=lambda run: run.slug)
            case "best":
                wanted.sort(key=_worst_last)
            case "spent":
                wanted.sort(key=_spent)
        return wanted

    def levels(self) -> list[str]:
        """The levels there are runs of."""
        return sorted({run.slug for run in self.runs if run.slug})

    def outcomes(self) -> list[CameOut]:
        """The ways in which runs came out."""
        found = {run.came_out for run in self.runs}
        return [one for one in CAME_OUT if one in found]

    def next_level(self, by: int) -> None:
        """Runs of the next level, or of the one before; all of them between the last and first."""
        self.level = _turn(self.level, self.levels(), by)

    def next_outcome(self, by: int) -> None:
        """The same for how they came out."""
        self.came_out = _turn(self.came_out, self.outcomes(), by)

    def next_order(self) -> None:
        """Another order."""
        self.order = ORDERS[(ORDERS.index(self.order) + 1) % len(ORDERS)]


def _turn(now: T | None, those: list[T], by: int) -> T | None:
    round_trip: list[T | None] = [None, *those]
    at = round_trip.index(now) if now in round_trip else 0
    return round_trip[(at + by) % len(round_trip)]


def _worst_last(run: SavedRun) -> tuple[int, int, int, int]:
    ending = run.ending
    if ending is None:
        return len(CAME_OUT), 0, 0, 0
    return CAME_OUT.index(run.came_out), -(ending.score or 0), -ending.stars, _spent(run)


def _spent(run: SavedRun) -> int:
    return UNKNOWN if run.spent_micro_usd is None else run.spent_micro_usd
