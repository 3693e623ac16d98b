"""The sliders of the sandbox: the rate, each class's share and the budget, by steps or by number.

Knows no terminal. What is set is read from the newest frame; a move is a command.
"""

from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple

from engine.frame import SandboxView
from tui.mix import ALMOST, mixed, steps_to

RATE, FILE, BUDGET, BILL = "rate", "file", "budget", "bill"

SWITCHES = (FILE, BILL)
"""Rows into which no number goes."""

MOST_RPS = 100_000.0
LEAST_USD, MOST_USD = 0.01, 10_000_000.0
LONGEST_TYPED = 8

Given = list[dict[str, object]]
"""Commands as files hold them, to be given one after the other."""


class Bound(NamedTuple):
    """An end of a slider that was reached: a key of the words table, and its figure."""

    key: str
    figure: float


@dataclass
class Sliders:
    """Which slider the keys go to, and what is being typed into it.

    `bound` is why nothing came of the last key; `kept` are the shares that were
    typed, which stay when another one is set, as long as they can.
    """

    at: int = 0
    typed: str = ""
    bound: Bound | None = None
    kept: dict[str, float] = field(default_factory=dict)

    def names(self, seen: SandboxView) -> list[str]:
        """Every row: the rate, each class's share, the file that is followed, the money."""
        return [RATE, *seen.shares, FILE, BUDGET, BILL]

    def name(self, seen: SandboxView) -> str:
        """The row that the keys go to."""
        names = self.names(seen)
        return names[min(self.at, len(names) - 1)]

    def move(self, by: int, seen: SandboxView) -> None:
        """To the row below, or above."""
        self.typed, self.bound = "", None
        self.at = max(0, min(self.at + by, len(self.names(seen)) - 1))

    def press(self, character: str, seen: SandboxView) -> None:
        """A digit or a point is added to what is typed; backspace takes one away."""
        self.bound = None
        if self.name(seen) in SWITCHES:
            return
        if character == "\b":
            self.typed = self.typed[:-1]
        elif len(self.typed) < LONGEST_TYPED and character.isascii():
            point = character == "." and "." not in self.typed
            self.typed += character if character.isdecimal() or point else ""

    def step(self, by: int, seen: SandboxView) -> Given:
        """The commands of an arrow: by one step to a side, or by ten of them; none at an end."""
        self.typed, self.bound = "", None
        name = self.name(seen)
        if name == BILL:
            return self._bill(seen, on=by > 0)
        if name == FILE:
            return []
        (least, most), now = _ends(name, seen), self._now(name, seen)
        room = self._room(name, seen)
        value = max(least, min(self._beside(name, now, by), most, room))
        if abs(value - now) < 1e-9 or (value - now) * by < 0:
            self.bound = _bound(name, least if by < 0 else most, upper=by > 0)
            if by > 0 and room < most:
                self.bound = Bound("sandbox.most_left", room)
            return []
        return self._set(name, value, seen)

    def enter(self, seen: SandboxView) -> Given:
        """The commands of what was typed, or the other way with the bill.

        A number beyond an end is not given: what is done is what was typed, or nothing.
        """
        name, typed, self.typed, self.bound = self.name(seen), self.typed, "", None
        if name == BILL:
            return self._bill(seen, on=not seen.bill)
        if name == FILE or not typed.strip("."):
            return []
        value = float(typed)
        least, most = _ends(name, seen)
        if not least <= value <= most:
            self.bound = _bound(name, most if value > most else least, upper=value > most)
            return []
        if name == BUDGET and value == seen.month_usd:
            return []
        given = self._set(name, value, seen)
        if name in seen.shares:
            self.kept[name] = value / 100
        return given

    def stays(self, name: str, seen: SandboxView) -> bool:
        """Whether a share was typed, and is still as it was typed."""
        return name in self.kept and abs(self.kept[name] - seen.shares[name]) < ALMOST

    def _bill(self, seen: SandboxView, *, on: bool) -> Given:
        return [] if on == seen.bill else [{"do": "set_bill", "on": on}]

    def _now(self, name: str, seen: SandboxView) -> float:
        if name == RATE:
            return seen.rps
        return seen.month_usd if name == BUDGET else seen.shares[name] * 100

    def _beside(self, name: str, now: float, by: int) -> float:
        return round(now) + by if name not in (RATE, BUDGET) else _stepped(now, by)

    def _others_kept(self, name: str, seen: SandboxView) -> dict[str, float]:
        """The shares besides this one that stay."""
        kept = {one: own for one, own in self.kept.items() if self.stays(one, seen)}
        kept.pop(name, None)
        return kept

    def _room(self, name: str, seen: SandboxView) -> float:
        """How far up the arrows may go: shares that stay leave no more than the rest."""
        kept = self._others_kept(name, seen) if name in seen.shares else {}
        return round((1 - sum(kept.values())) * 100, 6) if kept else inf

    def _set(self, name: str, value: float, seen: SandboxView) -> Given:
        if name == RATE:
            return [{"do": "set_rate", "rps": value}]
        if name == BUDGET:
            return [{"do": "set_budget", "month_usd": value}]
        return self._mix(name, value / 100, seen)

    def _mix(self, name: str, share: float, seen: SandboxView) -> Given:
        """A share, with those kept that were typed; where they cannot be, they give way."""
        kept = self._others_kept(name, seen)
        wanted = mixed(seen.shares, name, share, kept) if kept else None
        steps = None if wanted is None else steps_to(seen.shares, wanted, name)
        if steps is None:
            kept, steps = {}, [(name, share)]
        if name in self.kept:
            kept[name] = share
        self.kept = kept
        return [{"do": "set_share", "request_class": one, "share": own} for one, own in steps]


def _bound(name: str, figure: float, *, upper: bool) -> Bound:
    kind = name if name in (RATE, BUDGET) else "share"
    return Bound(f"sandbox.{'most' if upper else 'least'}_{kind}", figure)


def _ends(name: str, seen: SandboxView) -> tuple[float, float]:
    """Between which figures a number may be typed, shares in percent."""
    if name == RATE:
        return 0.0, MOST_RPS
    if name == BUDGET:
        return LEAST_USD, MOST_USD
    return (0.0 if len(seen.shares) > 1 else 100.0), 100.0


def _stepped(value: float, by: int) -> float:
    """A step further in the second of its digits, so that steps grow with it."""
    size: int = 10 ** max(0, len(str(int(value - (by < 0)))) - 2)
    return round(value / size) * size + by * size


def full_scale(value: float) -> float:
    """The end of a scale: the next of 10, 20, 50, 100, 200, … that holds the value."""
    end = 10.0
    while end < value:
        end *= 2.5 if f"{end:g}".startswith("2") else 2.0
    return end
