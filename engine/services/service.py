"""What a service brings along: its commands, and how it is watched, shown and judged.

To add a service is one file that makes a `Service`, one catalog table, and one
line in the registry. What requests pass through is a stage in `World.stages`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from engine.flow.requests import Ints
from engine.flow.station import StationSecond
from engine.outcomes import Refused
from engine.services.change import Change
from engine.services.command import Command
from engine.views import ResourceView
from engine.world import World

Planner = Callable[..., Refused | Change]
"""Works a command out: (world, command) to a refusal, or a change that can be done."""


class Place(Protocol):
    """Where requests spend time, as an observer sees it: a station, or a delay."""

    id: str
    servers: int
    room: int
    speed: float

    def running_ids(self) -> Ints:
        """Requests in service now."""

    def waiting_ids(self) -> Ints:
        """Requests in the waiting line now."""

    def busy(self) -> float:
        """The share of what it could have done that it has, in the second that runs."""

    def take_second(self) -> StationSecond:
        """What it did in the second that ends now."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A place with the resource that it belongs to, and its kind as frames name it."""

    place: Place
    resource: str
    kind: str


def _nothing(world: World) -> Iterable[Watched]:
    return ()


def _no_views(world: World) -> Iterable[ResourceView]:
    return ()


def _no_change(world: World) -> None:
    pass


def _let_go_of_nothing(world: World, stage_id: str) -> None:
    pass


@dataclass(frozen=True)
class Service:
    """One kind of cloud resource and all its rules.

    `places` are where requests spend time, in order of the board; `views` its
    managed resources as a frame shows them; `judge_second` settles at whole
    seconds what the flow has caused; `let_go` hears of a stage that is gone.
    """

    name: str
    commands: Mapping[type[Command], Planner] = field(default_factory=dict)
    places: Callable[[World], Iterable[Watched]] = _nothing
    views: Callable[[World], Iterable[ResourceView]] = _no_views
    judge_second: Callable[[World], None] = _no_change
    let_go: Callable[[World, str], None] = _let_go_of_nothing
