"""The sliders of the sandbox: the rate, each class's share and the budget, by steps or by number.

Knows no terminal. What is set is read from the newest frame; a move is a command.
"""

from dataclasses import dataclass

from engine.frame import SandboxView

RATE, FILE, BUDGET, BILL = "rate", "file", "budget", "bill"

SWITCHES = (FILE, BILL)
"""Rows into which no number goes."""

MOST_RPS = 100_000.0
LEAST_USD, MOST_USD = 0.01, 10_000_000.0
LONGEST_TYPED = 8


@dataclass
class Sliders:
    """Which slider the keys go to, and what is being typed into it."""

    at: int = 0
    typed: str = ""

    def names(self, seen: SandboxView) -> list[str]:
        """Every row: the rate, each class's share, the file that is followed, the money."""
        return [RATE, *seen.shares, FILE, BUDGET, BILL]

    def name(self, seen: SandboxView) -> str:
        """The row that the keys go to."""
        names = self.names(seen)
        return names[min(self.at, len(names) - 1)]

    def move(self, by: int, seen: SandboxView) -> None:
        """To the row below, or above."""
        self.typed = ""
        self.at = max(0, min(self.at + by, len(self.names(seen)) - 1))

    def press(self, character: str, seen: SandboxView) -> None:
        """A digit or a point is added to what is typed; backspace takes one away."""
        if self.name(seen) in SWITCHES:
            return
        if character == "\b":
            self.typed = self.typed[:-1]
        elif len(self.typed) < LONGEST_TYPED and character.isascii():
            point = character == "." and "." not in self.typed
            self.typed += character if character.isdecimal() or point else ""

    def step(self, by: int, seen: SandboxView) -> dict[str, object] | None:
        """The command of an arrow: by one step to a side, or by ten of them."""
        self.typed = ""
        name = self.name(seen)
        if name == BILL:
            return self._bill(seen, on=by > 0)
        if name == FILE:
            return None
        if name == RATE:
            return _rate(_stepped(seen.rps, by))
        if name == BUDGET:
            return _budget(_stepped(seen.month_usd, by), seen)
        return _share(name, round(seen.shares[name] * 100) + by)

    def enter(self, seen: SandboxView) -> dict[str, object] | None:
        """The command of what was typed, or the other way with the bill."""
        name, typed, self.typed = self.name(seen), self.typed, ""
        if name == BILL:
            return self._bill(seen, on=not seen.bill)
        if not typed.strip("."):
            return None
        if name == BUDGET:
            return _budget(float(typed), seen)
        return _rate(float(typed)) if name == RATE else _share(name, float(typed))

    def _bill(self, seen: SandboxView, *, on: bool) -> dict[str, object] | None:
        return None if on == seen.bill else {"do": "set_bill", "on": on}


def _stepped(value: float, by: int) -> float:
    """A step further in the second of its digits, so that steps grow with it."""
    size: int = 10 ** max(0, len(str(int(value - (by < 0)))) - 2)
    return round(value / size) * size + by * size


def _budget(usd: float, seen: SandboxView) -> dict[str, object] | None:
    usd = max(LEAST_USD, min(float(usd), MOST_USD))
    return None if usd == seen.month_usd else {"do": "set_budget", "month_usd": usd}


def _rate(rps: float) -> dict[str, object]:
    return {"do": "set_rate", "rps": max(0.0, min(float(rps), MOST_RPS))}


def _share(name: str, percent: float) -> dict[str, object]:
    share = max(0.0, min(percent / 100, 1.0))
    return {"do": "set_share", "request_class": name, "share": share}


def full_scale(value: float) -> float:
    """The end of a scale: the next of 10, 20, 50, 100, 200, … that holds the value."""
    end = 10.0
    while end < value:
        end *= 2.5 if f"{end:g}".startswith("2") else 2.0
    return end
