"""A field of a form that holds a second of the run, as the clock shows it."""

from dataclasses import dataclass, field

STEP_S = 30
"""A step to the left or right."""

DIGITS = 4
"""Two for the minutes and two for the seconds are typed at most."""


@dataclass
class ClockField:
    """A second of the run, shown and typed as minutes and seconds."""

    name: str
    value: int
    typed: str = field(default="", repr=False)

    def move(self, by: int) -> None:
        """To the next half minute, or the one before."""
        steps = self.value // STEP_S + by if by > 0 else -(-self.value // STEP_S) + by
        self.value, self.typed = max(0, steps * STEP_S), ""

    def press(self, character: str) -> None:
        """Digits come in from the right, 1-8-3-0 for 18:30; backspace takes one away."""
        if character == "\b":
            self.typed = self.typed[:-1]
        elif character.isdecimal() and character.isascii():
            self.typed = (self.typed + character)[-DIGITS:]
        else:
            return
        digits = self.typed.rjust(DIGITS, "0")
        self.value = int(digits[:2]) * 60 + int(digits[2:])
