"""A form made from a command's own struct: its fields, their choices, what is chosen.

Knows no terminal. Which fields and choices there are is said by the fields' types
and their `choose` metadata, so that a new command needs no form of its own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, product
from types import NoneType
from typing import Any, get_args, get_type_hints

import msgspec

from engine.catalog import CATALOG
from engine.frame import Frame
from engine.outcomes import RefusalReason, Refused
from engine.scenario import Scenario
from engine.services.command import Command
from tui.actions import STANDING, CommandType, field_sources, standing_field
from tui.choices import choices_of
from tui.clock_field import ClockField
from tui.fields import ChoiceField, FormField, NumberField, SetField, SwitchField, TextField
from tui.standing import Standing, stands

STEPPED_FROM = 3_000
"""Where a number that need not be given begins when it is stepped: IOPS as they come."""


ABOUT = (*STANDING, "role", "player", "measured", "masters", "restorable")
"""Sources of fields that say what a command is about, not what is to be had or how."""


MOST_STARTS = 60
"""So many ways to begin are tried; a form must be there at once."""


class Form:
    """A command being filled in; `fields` are those with something to choose.

    `resource` is what stands already and is changed, where it needs no choosing.
    """

    def __init__(
        self, command: CommandType, frame: Frame, scenario: Scenario, resource: str | None = None
    ) -> None:
        self.command_type = command
        self._board = frame, scenario
        standing = stands(frame, resource)
        self._given = standing_field(command, standing.kind) if standing else None
        self.resource = resource if self._given else None
        self._subject = _subject(command)
        self._about = standing
        self._fixed: dict[str, Any] = {}
        self.fields: list[FormField] = []
        self._fill(standing if self._given else None)
        if self._given is None and self._subject is not None:
            self._begin_from(self.value(self._subject))
        self.at = 0

    def _fill(self, about: Standing | None) -> None:
        """Make the fields; those that tell what there is now begin with how `about` is."""
        self._fixed, self.fields = {}, []
        made_of = _fields(self.command_type, *self._board, self._given, about)
        for name, made in made_of.items():
            if isinstance(made, ChoiceField) and len(made.choices) == 1:
                self._fixed[name] = made.value
            else:
                self.fields.append(made)

    def _begin_from(self, id: str | None) -> None:
        """Begin anew from how the thing is that the command is about."""
        standing = stands(self._board[0], id)
        if standing is None:
            return
        self._about = standing
        self._fill(standing)
        for field in self.fields:
            if field.name == self._subject and isinstance(field, ChoiceField):
                field.index = field.choices.index(standing.view.id)

    @property
    def field(self) -> FormField | None:
        """The field that keys go to."""
        return self.fields[self.at] if self.fields else None

    @property
    def os(self) -> str:
        """The operating system that prices are for."""
        chosen = (f.value for f in self.fields if f.name == "os" and isinstance(f, ChoiceField))
        now = self._about.now("os") if self._about else None
        return str(next(chosen, None) or now or "linux")

    @property
    def engine(self) -> str:
        """The database engine that prices and connections are for."""
        now = self._about.now("engine") if self._about else None
        return str(self.value("engine") or now or "mysql")

    def value(self, field: str) -> Any:
        """What a field holds now, or None where there is no such field."""
        return next((f.value for f in self.fields if f.name == field), self._fixed.get(field))

    def now(self, field: str) -> Any:
        """How a field is now at the thing that the command is about, or None."""
        about = self._about if self._given or self._subject else None
        return about.now(field) if about else None

    @property
    def subject(self) -> str | None:
        """The field for what the command is about."""
        return self._subject

    def begin_at(self, why_not: Callable[[Command], Refused | None]) -> None:
        """Begin with the first of what stands, and of the roles, for which it is not refused.

        Where all are, with the first that only is so already; else as it is.
        """
        first = None if self.missing() is not None else why_not(self.command())
        if first is None:
            return
        start, so_already = self._places(), None
        for places in islice(self._starts(), MOST_STARTS):
            self._put(places)
            why = why_not(self.command())
            if why is None:
                return
            if why.reason is RefusalReason.NO_CHANGE:
                so_already = so_already or places
        keeps = first.reason is RefusalReason.NO_CHANGE or so_already is None
        self._put(start if keeps else so_already or start)

    def _searched(self) -> list[ChoiceField]:
        """Fields that name what stands, or a role; all else is for the player to say."""
        listed = (f for f in self.fields if isinstance(f, ChoiceField) and "" not in f.choices)
        return [f for f in listed if f.source.partition(":")[0] in ABOUT]

    def _places(self) -> dict[str, str]:
        return {field.name: field.shown for field in self._searched()}

    def _starts(self) -> Iterator[dict[str, str]]:
        """Every way to begin; what can be chosen may depend on what the command is about."""
        subjects = [field for field in self._searched() if field.name == self._subject]
        for id in subjects[0].choices if subjects else ("",):
            self._begin_from(id)
            others = [field for field in self._searched() if field.name != self._subject]
            about = {subjects[0].name: id} if subjects else {}
            for chosen in product(*(field.choices for field in others)):
                names = (field.name for field in others)
                yield about | dict(zip(names, chosen, strict=True))

    def _put(self, places: dict[str, str]) -> None:
        """Choose what is named in each of some fields."""
        if self._subject in places:
            self._begin_from(places[self._subject])
        for field in self._searched():
            if places.get(field.name) in field.choices:
                field.index = field.choices.index(places[field.name])

    def move(self, by: int) -> None:
        """To the next field, or the one before."""
        self.at = max(0, min(self.at + by, len(self.fields) - 1))

    def step(self, by: int) -> None:
        """Another choice in the field that keys go to."""
        if self.field is not None:
            self._keyed(self.field, lambda field: field.move(by))

    def press(self, character: str) -> None:
        """A character for the field that keys go to."""
        if self.field is not None:
            self._keyed(self.field, lambda field: field.press(character))

    def _keyed(self, field: FormField, do: Callable[[FormField], None]) -> None:
        before = field.value
        do(field)
        if field.name == self._subject and field.value != before:
            self._begin_from(str(field.value))

    def missing(self) -> str | None:
        """The source of a field that has nothing to choose from, or None."""
        empty = (f for f in self.fields if isinstance(f, ChoiceField) and not f.choices)
        return next((f.source for f in empty), None)

    def command(self) -> Command:
        """The command as filled in now."""
        return self.command_type(**self._fixed, **{f.name: f.value for f in self.fields})

    def command_with(self, field: str, value: Any) -> Command:
        """The command as filled in now, but for one field."""
        return msgspec.structs.replace(self.command(), **{field: value})


def _subject(command: CommandType) -> str | None:
    """The field for what the command is about: the first that must name what stands."""
    names = [standing_field(command, kind, required=True) for kind in STANDING]
    return next((name for name in command.__struct_fields__ if name in names), None)


def _fields(
    command: CommandType,
    frame: Frame,
    scenario: Scenario,
    given: str | None,
    about: Standing | None,
) -> dict[str, FormField]:
    """The fields of a command; `given` is the one that can be nothing else than `about`."""
    hints, sources = get_type_hints(command), field_sources(command)
    made: dict[str, FormField] = {}
    # A command that has nothing else to say of a thing turns its switch over.
    turns = about is not None and len(hints) == 2
    for info in msgspec.structs.fields(command):
        name, source, hint = info.name, sources[info.name], hints[info.name]
        default = None if info.default is msgspec.NODEFAULT else info.default
        now = about.now(name) if about else None
        if about is not None and name == given:
            made[name] = ChoiceField(name, source or name, (about.view.id,))
        elif hint is bool:
            made[name] = SwitchField(name, not now if turns and now is not None else bool(default))
        elif hint == bool | None:
            made[name] = SwitchField(name, bool(now))
        elif source == "clock":
            made[name] = ClockField(name, (frame.second // 60 + 2) * 60)
        elif hint is int and default is None:
            made[name] = NumberField(name, now or 0)
        elif hint is int or hint == int | None:
            start = None if hint is int else STEPPED_FROM if now is None else now
            made[name] = NumberField(name, default, start)
        else:
            choices = choices_of(source, hint, frame, scenario)
            if source == "role" and about is not None:
                choices = tuple(about.view.roles)  # only what it can play
            optional = ("",) if default is None and NoneType in get_args(hint) else ()
            choices = None if choices is None else (*optional, *choices)
            if source == "roles":
                default = _not_managed(default or (), frame)
            made[name] = _chosen(name, source, choices, default)
    return made


def _not_managed(roles: tuple[str, ...], frame: Frame) -> tuple[str, ...]:
    """The roles that a new machine is likely meant for: a managed service has not the others."""
    managed = [r.id for r in frame.resources if r.service in ("rds", "s3")]
    return tuple(role for role in roles if frame.addresses.get(role) not in managed)


def _chosen(
    name: str, source: str | None, choices: tuple[str, ...] | None, default: Any
) -> FormField:
    if choices is None:
        return TextField(name)
    if isinstance(default, tuple):
        return SetField(name, choices, set(default))
    # A balancer that stands is proposed: without one, nobody asks the new machines anything.
    proposed = int(source == "balancer" and choices[:1] == ("",) and len(choices) > 1)
    index = choices.index(default) if default in choices else proposed
    return ChoiceField(name, source or name, choices, index)


@dataclass(frozen=True)
class TypeFigures:
    """What a form shows beside an instance type."""

    vcpus: int
    gib: float
    speed: float
    month_usd: float
    credits_per_hour: float


def type_figures(name: str, os: str = "linux") -> TypeFigures:
    """The catalog's figures of an instance type, for a month."""
    row = CATALOG.instance_types[name]
    month_usd = row.hour_micro_usd(os) * CATALOG.month_hours / 1e6
    return TypeFigures(row.vcpus, row.gib, CATALOG.speed(name), month_usd, row.credits_per_hour)
