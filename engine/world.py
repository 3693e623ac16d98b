"""The one owner of all mutable state of a run."""

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import simpy
from simpy.events import URGENT, EventPriority

from engine.catalog import CATALOG, Catalog
from engine.flow.routes import Route
from engine.flow.stage import Stage
from engine.flow.traffic import Traffic
from engine.frame import News
from engine.ledger import Ledger
from engine.outcomes import Detail
from engine.scenario import ROLES, Scenario
from engine.streams import Streams

if TYPE_CHECKING:
    from engine.services.service import Service

Kind = TypeVar("Kind")

FIRST, BEFORE_OTHERS = EventPriority(-1), URGENT
"""At one instant: the engine comes to rest, then incidents, then all other processes."""


class Look(simpy.Timeout):
    """An instant at which nothing changes that requests meet: they need not be carried on to it."""


def instant(env: simpy.Environment, at_s: float, priority: EventPriority) -> simpy.Event:
    """An instant to wait for that has a place in the order of its time."""
    event = simpy.Event(env)
    event._ok, event._value = True, None
    env.schedule(event, priority, at_s - env.now)
    return event


@dataclass(slots=True, eq=False)
class World:
    """Everything that changes while a run goes on.

    Each service keeps its own kind of resource here (`all`). `stages` are those
    that requests can meet; `addresses` says which of them answers for a role.
    `homes` says where the data of `db` and `files` lie (a volume, a database, a
    bucket, or a copy that is all that is left of them), None before anything
    has them. Both name a table's role (``db/orders``) once that table has gone
    its own way. `routes` are the choices behind addresses; `copies` what else
    keeps data, and whose. `data_lost_at` is what data were lost for ever with;
    `zones_down` where nothing runs for a while.
    `fresh_bytes` is what was written in the last second, by role;
    `written_bytes` what users have left as files; `writes` how many writes to
    each table's role were answered.
    """

    scenario: Scenario
    env: simpy.Environment
    streams: Streams
    ledger: Ledger
    traffic: Traffic
    services: tuple["Service", ...]
    catalog: Catalog = CATALOG
    stages: dict[str, Stage] = field(default_factory=dict)
    addresses: dict[str, str | None] = field(default_factory=lambda: dict.fromkeys(ROLES))
    homes: dict[str, str | None] = field(default_factory=lambda: {"db": None, "files": None})
    copies: dict[str, tuple[str, ...]] = field(default_factory=dict)
    data_lost_at: str = ""
    zones_down: set[str] = field(default_factory=set)
    fresh_bytes: Counter[str] = field(default_factory=Counter)
    written_bytes: int = 0
    writes: Counter[str] = field(default_factory=Counter)
    routes: dict[str, Route] = field(default_factory=dict)
    news: list[News] = field(default_factory=list)
    _resources: dict[type, dict[str, Any]] = field(default_factory=dict)
    _made: dict[str, int] = field(default_factory=dict)
    _leaving: list[Stage] = field(default_factory=list)

    @property
    def now(self) -> float:
        """The instant of the run, in seconds."""
        return float(self.env.now)

    def all(self, kind: type[Kind]) -> dict[str, Kind]:
        """Every resource of a kind by its id, in order of making."""
        return self._resources.setdefault(kind, {})

    def held(self, home: str) -> tuple[str, ...]:
        """The roles whose data lie at a home."""
        return tuple(role for role, at in self.homes.items() if at == home)

    def count(self, what: str) -> int:
        """The next number of a kind of thing: 1, 2, …; never given twice."""
        self._made[what] = self._made.get(what, 0) + 1
        return self._made[what]

    def tell(self, kind: str, by: str, **args: Detail) -> None:
        """Add a line of news."""
        self.news.append(News(kind, by, args))

    def free_name(self, prefix: str) -> str:
        """The next name of this kind that nothing goes by, or ever went by."""
        while (name := f"{prefix}-{self.count(prefix)}") in self.traffic.places:
            pass
        return name

    def retire(self, stage_id: str) -> None:
        """Take a stage away; requests on their way there will find nobody."""
        stage = self.stages.pop(stage_id)
        stage.up = False
        self._leaving.append(stage)
        for service in self.services:
            service.let_go(self, stage_id)

    def rewire(self) -> None:
        """Route requests by the board as it now is; to be called after every change of it."""
        self._leaving = [s for s in self._leaving if s.holds]
        self.traffic.wire([*self.stages.values(), *self._leaving], self.addresses, self.routes)
