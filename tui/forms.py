"""A form made from a command's own struct: its fields, their choices, what is chosen.

Knows no terminal. Choices come from the board, the catalog and what the level
has on offer; which they are is said by the fields' types and their `choose`
metadata, so that a new command needs no form of its own.
"""

from dataclasses import dataclass, field
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from engine.catalog import CATALOG
from engine.frame import Frame
from engine.scenario import ROLES, ZONES, Scenario, is_offered
from engine.services.command import Command
from tui.actions import CommandType, field_sources, resource_field

LONGEST_TEXT = 24
LARGEST_NUMBER = 1_000_000


@dataclass
class ChoiceField:
    """One of some choices."""

    name: str
    source: str
    choices: tuple[str, ...]
    index: int = 0

    @property
    def value(self) -> str:
        """What is chosen; empty where there is nothing to choose."""
        return self.choices[self.index] if self.choices else ""

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
    """A whole number, stepped or typed."""

    name: str
    value: int
    typed: bool = field(default=False, repr=False)

    def move(self, by: int) -> None:
        """Up or down by a step that grows with the number."""
        step = 10 ** max(0, len(str(self.value - (by < 0))) - 1)
        self.value = max(0, min(self.value + by * step, LARGEST_NUMBER))
        self.typed = False

    def press(self, character: str) -> None:
        """A digit is added (the first one starts anew); backspace takes one away."""
        if character == "\b":
            self.value, self.typed = self.value // 10, True
        elif character.isdecimal() and character.isascii():
            before = self.value if self.typed else 0
            self.value, self.typed = min(before * 10 + int(character), LARGEST_NUMBER), True


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


FormField = ChoiceField | SetField | NumberField | TextField


class Form:
    """A command being filled in; `fields` are those with something to choose."""

    def __init__(
        self, command: CommandType, frame: Frame, scenario: Scenario, resource: str | None = None
    ) -> None:
        self.command_type = command
        self._fixed: dict[str, Any] = {}
        self.fields: list[FormField] = []
        for name, made in _fields(command, frame, scenario, resource).items():
            if isinstance(made, ChoiceField) and len(made.choices) == 1:
                self._fixed[name] = made.value
            else:
                self.fields.append(made)
        self.at = min(self._first_open(resource), max(0, len(self.fields) - 1))

    def _first_open(self, resource: str | None) -> int:
        given = resource_field(self.command_type) if resource else None
        return next((i for i, f in enumerate(self.fields) if f.name != given), 0)

    @property
    def field(self) -> FormField | None:
        """The field that keys go to."""
        return self.fields[self.at] if self.fields else None

    @property
    def resource(self) -> str | None:
        """What stands already and is changed, where it needed no choosing."""
        given = resource_field(self.command_type)
        return self._fixed.get(given) if given else None

    def move(self, by: int) -> None:
        """To the next field, or the one before."""
        self.at = max(0, min(self.at + by, len(self.fields) - 1))

    def missing(self) -> str | None:
        """The source of a field that has nothing to choose from, or None."""
        empty = (f for f in self.fields if isinstance(f, ChoiceField) and not f.choices)
        return next((f.source for f in empty), None)

    def command(self) -> Command:
        """The command as filled in now."""
        return self.command_type(**self._fixed, **{f.name: f.value for f in self.fields})


def _fields(
    command: CommandType, frame: Frame, scenario: Scenario, resource: str | None
) -> dict[str, FormField]:
    hints = get_type_hints(command)
    sources = field_sources(command)
    given = resource_field(command)
    made: dict[str, FormField] = {}
    for info in msgspec.structs.fields(command):
        default = None if info.default is msgspec.NODEFAULT else info.default
        wish = resource if info.name == given else None
        choices = _choices(sources[info.name], hints[info.name], frame, scenario, wish)
        made[info.name] = _field(info.name, sources[info.name], choices, wish or default)
    return made


def _field(
    name: str, source: str | None, choices: tuple[str, ...] | None, default: Any
) -> FormField:
    if choices is None:
        return NumberField(name, default) if isinstance(default, int) else TextField(name)
    if isinstance(default, tuple):
        return SetField(name, choices, set(default))
    index = choices.index(default) if default in choices else 0
    return ChoiceField(name, source or name, choices, index)


def _choices(
    source: str | None, hint: Any, frame: Frame, scenario: Scenario, wish: str | None
) -> tuple[str, ...] | None:
    """What a field may be, or None where it is a number or a name."""
    kind, _, state = (source or "").partition(":")
    if kind == "instance":
        standing = frame.instances
        return tuple(i.id for i in standing if not state or i.state == state or i.id == wish)
    if kind == "instance_type":
        types = CATALOG.instance_types
        return tuple(name for name in types if is_offered(scenario, f"ec2:{name}"))
    if kind in ("role", "roles"):
        return ROLES
    if kind == "zone":
        return ZONES
    return get_args(hint) if get_origin(hint) is Literal else None


@dataclass(frozen=True)
class TypeFigures:
    """What a form shows beside an instance type."""

    vcpus: int
    gib: float
    speed: float
    month_usd: float
    credits_per_hour: float


def type_figures(name: str) -> TypeFigures:
    """The catalog's figures of an instance type, for a month on Linux."""
    row = CATALOG.instance_types[name]
    month_usd = row.hour_micro_usd("linux") * CATALOG.month_hours / 1e6
    return TypeFigures(row.vcpus, row.gib, CATALOG.speed(name), month_usd, row.credits_per_hour)
