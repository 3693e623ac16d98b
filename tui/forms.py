"""A form made from a command's own struct: its fields, their choices, what is chosen.

Knows no terminal. Choices come from the board, the catalog and what the level
has on offer; which they are is said by the fields' types and their `choose`
metadata, so that a new command needs no form of its own.
"""

from dataclasses import dataclass, field
from types import NoneType
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

import msgspec

from engine.catalog import CATALOG
from engine.frame import Frame, InstanceView, ResourceView, SnapshotView, VolumeView
from engine.scenario import ROLES, ZONES, Scenario, is_offered
from engine.services.command import Command
from tui.actions import CommandType, field_sources, standing_field
from tui.clock_field import ClockField

KINDS = {
    "rds": "database", "s3": "bucket", "elb": "balancer", "autoscaling": "group",
    "cloudwatch": "alarm", "ami": "own_image", "elasticache": "session_store",
    "dynamodb": "dynamodb",
}  # fmt: skip
"""What a service makes, as `choose` names it."""

SERVICE_OF = {
    "snapshot": "ebs", "session_store": "elasticache", "addresses": "", "move": "",
    "sandbox": "", "registration": "elb",
}  # fmt: skip
"""The service of a module's commands, where it is not called as that."""

OFFER_OF = {"replicas": "rds:replica", "shards": "rds:shards"}
"""What must be on offer for the commands of a module that is a part of a service."""

MANAGED = (*KINDS.values(), "backup")
"""Kinds of resources that a field may name."""

LONGEST_TEXT = 24
LARGEST_NUMBER = 1_000_000

STEPPED_FROM = 3_000
"""Where a number that need not be given begins when it is stepped: IOPS as they come."""


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


class Form:
    """A command being filled in; `fields` are those with something to choose.

    `resource` is what stands already and is changed, where it needs no choosing.
    """

    def __init__(
        self, command: CommandType, frame: Frame, scenario: Scenario, resource: str | None = None
    ) -> None:
        self.command_type = command
        standing = stands(frame, resource)
        self._given = standing_field(command, standing.kind) if standing else None
        self.resource = resource if self._given else None
        self._os = getattr(standing.view, "os", "linux") if standing else "linux"
        self._engine = str(standing.now("engine") or "mysql") if standing else "mysql"
        self._fixed: dict[str, Any] = {}
        self.fields: list[FormField] = []
        for name, made in _fields(command, frame, scenario, self._given, standing).items():
            if isinstance(made, ChoiceField) and len(made.choices) == 1:
                self._fixed[name] = made.value
            else:
                self.fields.append(made)
        first = next((i for i, f in enumerate(self.fields) if f.name != self._given), 0)
        self.at = min(first, max(0, len(self.fields) - 1))

    @property
    def field(self) -> FormField | None:
        """The field that keys go to."""
        return self.fields[self.at] if self.fields else None

    @property
    def os(self) -> str:
        """The operating system that prices are for."""
        chosen = (f.value for f in self.fields if f.name == "os" and isinstance(f, ChoiceField))
        return next(chosen, None) or self._os

    @property
    def engine(self) -> str:
        """The database engine that prices and connections are for."""
        return str(self.value("engine") or self._engine)

    def value(self, field: str) -> Any:
        """What a field holds now, or None where there is no such field."""
        return next((f.value for f in self.fields if f.name == field), self._fixed.get(field))

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


def on_offer(command: CommandType, scenario: Scenario) -> bool:
    """Whether the level has anything of a command's service on offer."""
    service, patterns = service_of(command), scenario.allowed
    if service in OFFER_OF:
        return is_offered(scenario, OFFER_OF[service])
    return not service or patterns is None or any(p.partition(":")[0] == service for p in patterns)


def service_of(command: CommandType) -> str:
    """The service that a command belongs to, as levels name it; "" where it belongs to none."""
    service = command.__module__.rpartition(".")[2]
    return SERVICE_OF.get(service, service)


class Standing(NamedTuple):
    """Something that stands: its kind as `choose` names it, and how it is now."""

    kind: str
    view: InstanceView | VolumeView | SnapshotView | ResourceView

    def now(self, field: str) -> Any:
        """What a field of a command is now, or None."""
        if isinstance(self.view, ResourceView) and field in self.view.facts:
            return self.view.facts[field]
        return getattr(self.view, field, None)


def stands(frame: Frame, resource: str | None) -> Standing | None:
    """What goes by an id on the board."""
    for kind, views in (
        ("instance", frame.instances), ("volume", frame.volumes), ("snapshot", frame.snapshots),
    ):  # fmt: skip
        for view in views:
            if view.id == resource:
                return Standing(kind, view)
    managed = frame.resource(resource or "")
    return None if managed is None else Standing(kind_of(managed), managed)


def kind_of(view: ResourceView) -> str:
    """A managed resource's kind, as `choose` names it."""
    if view.type == "backup":
        return "backup"
    return KINDS.get(view.service, view.service)


def _fields(
    command: CommandType,
    frame: Frame,
    scenario: Scenario,
    given: str | None,
    standing: Standing | None,
) -> dict[str, FormField]:
    hints, sources = get_type_hints(command), field_sources(command)
    made: dict[str, FormField] = {}
    # A command that has nothing else to say of a thing turns its switch over.
    turns = given is not None and len(hints) == 2
    for info in msgspec.structs.fields(command):
        name, source, hint = info.name, sources[info.name], hints[info.name]
        default = None if info.default is msgspec.NODEFAULT else info.default
        now = standing.now(name) if standing and given else None
        if standing is not None and name == given:
            made[name] = ChoiceField(name, source or name, (standing.view.id,))
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
            choices = _choices(source, hint, frame, scenario)
            if source == "role" and standing is not None and given:
                choices = tuple(standing.view.roles)  # only what it can play
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


def _choices(
    source: str | None, hint: Any, frame: Frame, scenario: Scenario
) -> tuple[str, ...] | None:
    """What a field may be, or None where it is a name."""
    kind, _, state = (source or "").partition(":")
    match kind:
        case "instance":
            return tuple(i.id for i in frame.instances if not state or i.state == state)
        case "volume":
            return tuple(v.id for v in frame.volumes if not state or _volume_state(v) == state)
        case "snapshot":
            return tuple(snapshot.id for snapshot in frame.snapshots)
        case "player":
            running = [i.id for i in frame.instances if i.state == "running"]
            managed = [r.id for r in frame.resources if _plays(r)]
            return (*running, *managed)
        case "measured":
            return tuple(dict.fromkeys(station.resource for station in frame.stations))
        case "image":
            own = [r.id for r in frame.resources if _is(r, "own_image", "available")]
            sold = [n for n in CATALOG.marketplace if is_offered(scenario, f"ami:{n}")]
            return (*own, *sold)
        case "restorable":
            return tuple(r.id for r in frame.resources if _is_restorable(r))
        case "database_type":
            classes = CATALOG.rds_types
            return tuple(name for name in classes if is_offered(scenario, f"rds:{name}"))
        case "table":
            return tuple(table.name for table in scenario.tables)
        case "cache_type":
            caches = CATALOG.cache_types
            return tuple(name for name in caches if is_offered(scenario, f"elasticache:{name}"))
        case "masters":
            alone = (r for r in frame.resources if _is(r, "database", "available"))
            return tuple(r.id for r in alone if "source" not in r.facts and r.type != "backup")
        case "instance_type":
            types = CATALOG.instance_types
            return tuple(name for name in types if is_offered(scenario, f"ec2:{name}"))
        case "volume_type":
            disks = CATALOG.volume_types
            return tuple(name for name in disks if is_offered(scenario, f"ebs:{name}"))
        case "role" | "roles":
            return ROLES
        case "zone" | "zones":
            return ZONES
    if kind in MANAGED:
        return tuple(r.id for r in frame.resources if _is(r, kind, state))
    return _literal(hint)


def _literal(hint: Any) -> tuple[str, ...] | None:
    """What a field of fixed words may be, with or without None."""
    for part in (hint, *get_args(hint)):
        if get_origin(part) is Literal:
            return tuple(get_args(part))
    return None


def _is(view: ResourceView, kind: str, state: str) -> bool:
    return kind_of(view) == kind and (not state or view.state == state)


def _plays(view: ResourceView) -> bool:
    """Whether it can answer for a role; what only has a table of its own cannot."""
    return view.state == "available" and any(role in ROLES for role in view.roles)


def _is_restorable(view: ResourceView) -> bool:
    return view.type == "backup" or "restorable_s" in view.facts


def _volume_state(volume: VolumeView) -> str:
    return "attached" if volume.attached_to else "available"


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
