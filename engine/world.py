"""The one owner of all mutable state of a run."""

from dataclasses import dataclass, field
from typing import Any, TypeVar

import simpy
from simpy.events import URGENT, EventPriority

from engine.catalog import CATALOG, Catalog
from engine.flow.machine import Machine
from engine.flow.traffic import Traffic
from engine.frame import News
from engine.ledger import Ledger
from engine.outcomes import Detail
from engine.scenario import ROLES, Scenario
from engine.streams import Streams

Kind = TypeVar("Kind")

FIRST, BEFORE_OTHERS = EventPriority(-1), URGENT
"""At one instant: the engine comes to rest, then incidents, then all other processes."""


def instant(env: simpy.Environment, at_s: float, priority: EventPriority) -> simpy.Event:
    """An instant to wait for that has a place in the order of its time."""
    event = simpy.Event(env)
    event._ok, event._value = True, None
    env.schedule(event, priority, at_s - env.now)
    return event


@dataclass(slots=True, eq=False)
class World:
    """Everything that changes while a run goes on.

    Each service keeps its own kind of resource here (`all`). `machines` are
    those that requests can meet; `addresses` says which of them answers for a
    role; `homes` on which volume the data of `db` and `files` lie, None before
    the first instance has them. `data_lost_at` is the volume or
    snapshot with which data were lost for ever; `written_bytes` is what users
    have left as files.
    """

    scenario: Scenario
    env: simpy.Environment
    streams: Streams
    ledger: Ledger
    traffic: Traffic
    catalog: Catalog = CATALOG
    machines: dict[str, Machine] = field(default_factory=dict)
    addresses: dict[str, str | None] = field(default_factory=lambda: dict.fromkeys(ROLES))
    homes: dict[str, str | None] = field(default_factory=lambda: {"db": None, "files": None})
    data_lost_at: str = ""
    written_bytes: int = 0
    news: list[News] = field(default_factory=list)
    _resources: dict[type, dict[str, Any]] = field(default_factory=dict)
    _made: dict[str, int] = field(default_factory=dict)
    _leaving: list[Machine] = field(default_factory=list)

    @property
    def now(self) -> float:
        """The instant of the run, in seconds."""
        return float(self.env.now)

    def all(self, kind: type[Kind]) -> dict[str, Kind]:
        """Every resource of a kind by its id, in order of making."""
        return self._resources.setdefault(kind, {})

    def count(self, what: str) -> int:
        """The next number of a kind of thing: 1, 2, …; never given twice."""
        self._made[what] = self._made.get(what, 0) + 1
        return self._made[what]

    def tell(self, kind: str, by: str, **args: Detail) -> None:
        """Add a line of news."""
        self.news.append(News(kind, by, args))

    def retire(self, machine_id: str) -> None:
        """Take a machine away; requests on their way there will find nobody."""
        machine = self.machines.pop(machine_id)
        machine.up = False
        self._leaving.append(machine)

    def rewire(self) -> None:
        """Route requests by the board as it now is; to be called after every change of it."""
        self._leaving = [m for m in self._leaving if m.holds]
        self.traffic.wire([*self.machines.values(), *self._leaving], self.addresses)
