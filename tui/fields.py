"""The fields of a form: what each holds, and what the keys do to it."""

from dataclasses import dataclass, field

from tui.clock_field import ClockField

LONGEST_TEXT = 24
LARGEST_NUMBER = 1_000_000


@dataclass
class ChoiceField:
    """One of some choices; where the first is empty, none need be chosen."""

    name: str
    source: str
    choices: tuple[str, ...]
    index: int = 0

    @property
    def shown(self) -> str:
        """What is chosen; empty where that is nothing."""
        return self.choices[self.index] if self.choices else ""

    @property
    def value(self) -> str | None:
        """What is chosen, or None."""
        return self.shown or None

    def move(self, by: int) -> None:
        """The next choice, or the one before; it stops at both ends."""
        self.index = max(0, min(self.index + by, len(self.choices) - 1))

    def press(self, character: str) -> None:
        """To the next choice that begins with a character."""
        size = len(self.choices)
        for step in range(1, size + 1):
            index = (self.index + step) % size
            if self.choices[index].startswith(character):
                self.index = index
                return


@dataclass
class SetField:
    """Any of some choices, at least one; `index` is where the mark stands."""

    name: str
    choices: tuple[str, ...]
    chosen: set[str]
    index: int = 0

    @property
    def value(self) -> tuple[str, ...]:
        """What is chosen, in the choices' order."""
        return tuple(choice for choice in self.choices if choice in self.chosen)

    def move(self, by: int) -> None:
        """Move the mark."""
        self.index = max(0, min(self.index + by, len(self.choices) - 1))

    def press(self, character: str) -> None:
        """Space takes the marked choice, or gives it back."""
        if character == " ":
            self.chosen ^= {self.choices[self.index]}


@dataclass
class NumberField:
    """A whole number, stepped or typed; one with a `start` may be None and is stepped from it."""

    name: str
    value: int | None
    start: int | None = None
    typed: bool = field(default=False, repr=False)

    def move(self, by: int) -> None:
        """Up or down by a step that grows with the number."""
        before = self.start or 0 if self.value is None else self.value
        step = 10 ** max(0, len(str(before - (by < 0))) - 1)
        self.value = max(0, min(before + by * step, LARGEST_NUMBER))
        self.typed = False

    def press(self, character: str) -> None:
        """A digit is added (the first one starts anew); backspace takes one away."""
        before = (self.value or 0) if self.typed or character == "\b" else 0
        if character == "\b":
            self.value, self.typed = before // 10, True
            if not self.value and self.start is not None:
                self.value = None
        elif character.isdecimal() and character.isascii():
            self.value, self.typed = min(before * 10 + int(character), LARGEST_NUMBER), True


@dataclass
class SwitchField:
    """Yes or no."""

    name: str
    value: bool

    def move(self, by: int) -> None:
        """No is left, yes is right."""
        self.value = by > 0

    def press(self, character: str) -> None:
        """Space changes it."""
        if character == " ":
            self.value = not self.value


@dataclass
class TextField:
    """A name in plain characters, or none."""

    name: str
    text: str = ""

    @property
    def value(self) -> str | None:
        """The name, or None where none is given."""
        return self.text or None

    def move(self, by: int) -> None:
        """Nothing to step through."""

    def press(self, character: str) -> None:
        """A character is added; backspace takes one away."""
        if character == "\b":
            self.text = self.text[:-1]
        elif character.isascii() and (character.isalnum() or character == "-"):
            self.text = (self.text + character.lower())[:LONGEST_TEXT]


FormField = ChoiceField | SetField | NumberField | ClockField | SwitchField | TextField
