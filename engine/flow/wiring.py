"""Which way requests go: who plays which role, and what one visit to a machine holds.

Every role has one address, and an address may have more stages behind it.
Consecutive steps that one machine plays are one visit to it. Routing is
feed-forward: a wiring in which a request would return to a machine it left is a
loop, and is refused.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from engine.flow.requests import DONE, STEPS
from engine.parts import base_of, role_of_table
from engine.scenario import RequestClass

Bools = npt.NDArray[np.bool_]

WEB, APP, DATA = range(STEPS)


class Paths:
    """The steps of every request class: which exist, in which role, and what follows.

    Users always come to `web`; a class without CPU time at `app` does not go
    there. The role of a class's data step is that of its table.
    """

    def __init__(self, classes: tuple[RequestClass, ...]) -> None:
        self.roles: list[list[str | None]] = [["web"] for _ in classes]
        for path, request in zip(self.roles, classes, strict=True):
            path.append("app" if request.app_ms > 0 else None)
            is_file = request.data.startswith("file")
            data = "files" if is_file else role_of_table(request.table)
            path.append(None if request.data == "none" else data)
        following = np.full((STEPS, len(classes)), DONE, np.int8)
        for step in reversed(range(STEPS - 1)):
            for index, path in enumerate(self.roles):
                exists = path[step + 1] is not None
                following[step, index] = step + 1 if exists else following[step + 1, index]
        self.following = following
        self.every = tuple(sorted({role for path in self.roles for role in path if role}))

    def played(self, plays: frozenset[str]) -> Bools:
        """Which steps of which class are played by whoever plays these roles; (STEPS, classes)."""
        return np.array([[role in plays for role in path] for path in self.roles]).T


@dataclass(frozen=True, slots=True, eq=False)
class Visit:
    """A visit that begins with one step: what is done there, per request class.

    `includes` (STEPS, classes) says which steps belong to it; `onward` (classes,)
    is the step that comes after it, DONE for none.
    """

    includes: Bools
    onward: npt.NDArray[np.int8]


def visits(paths: Paths, plays: frozenset[str]) -> list[Visit]:
    """The visits to a machine that plays these roles, by the step they begin with."""
    return [_visit(paths, plays, first) for first in range(STEPS)]


def _visit(paths: Paths, plays: frozenset[str], first: int) -> Visit:
    classes = len(paths.roles)
    includes = np.zeros((STEPS, classes), np.bool_)
    onward = np.full(classes, DONE, np.int8)
    for index, roles in enumerate(paths.roles):
        if roles[first] is None:
            continue
        step = first
        includes[step, index] = True
        while (after := int(paths.following[step, index])) != DONE and roles[after] in plays:
            step = after
            includes[step, index] = True
        onward[index] = after
    return Visit(includes, onward)


UnderWay = tuple[str, int, int]
"""Requests at a stage: its id, their class, and the step for which they will leave it."""

Addresses = Mapping[str, str | None]
"""Who answers for each role."""


def resolve(paths: Paths, addresses: Addresses) -> Addresses:
    """Who answers for each role that there is: a table without an address has that of `db`."""
    own = {r: addresses[r] if r in addresses else addresses.get(base_of(r)) for r in paths.every}
    return {**addresses, **own}


Behind = Mapping[str, tuple[str, ...]]
"""For each stage those that it may hand a request to before the step is done."""

NOTHING_BEHIND: Behind = MappingProxyType({})


def players(addresses: Addresses, behind: Behind) -> dict[str, frozenset[str]]:
    """For each role all stages that requests for it may come to: its address, and what is behind.

    A request that stands at one of them when it needs the role stays there.
    """
    return {
        role: frozenset(_reach(holder, behind)) if holder else frozenset()
        for role, holder in addresses.items()
    }


def _reach(holder: str, behind: Behind) -> set[str]:
    found, new = set[str](), [holder]
    while new:
        stage = new.pop()
        if stage not in found:
            found.add(stage)
            new += behind.get(stage, ())
    return found


def order_of(
    paths: Paths,
    addresses: Addresses,
    under_way: Iterable[UnderWay] = (),
    behind: Behind = NOTHING_BEHIND,
) -> list[str] | None:
    """Stages in an order in which requests only go forward, or None when there is a loop."""
    try:
        feeders = feeders_of(paths, addresses, under_way, behind)
        return list(TopologicalSorter(feeders).static_order())
    except CycleError:
        return None


def feeders_of(
    paths: Paths,
    addresses: Addresses,
    under_way: Iterable[UnderWay] = (),
    behind: Behind = NOTHING_BEHIND,
) -> dict[str, set[str]]:
    """For each stage those from which requests may come to it.

    `under_way` are requests that stand somewhere already: they go on from there,
    whoever holds the addresses now.
    """
    addresses = resolve(paths, addresses)
    plays = players(addresses, behind)
    edges: dict[str, set[str]] = {}
    # Also of those without an address: what they still hold goes on to what is behind them.
    for stage in sorted(set(behind).union(*plays.values())):
        edges.setdefault(stage, set())
        for after in behind.get(stage, ()):
            edges.setdefault(after, set()).add(stage)
    for index in range(len(paths.roles)):
        _walk(edges, paths.roles[index], addresses, plays, frozenset())
    for stage, index, step in sorted(under_way):
        edges.setdefault(stage, set())
        _walk(edges, paths.roles[index][step:], addresses, plays, frozenset({stage}))
    return edges


def _walk(
    edges: dict[str, set[str]],
    roles: Sequence[str | None],
    addresses: Addresses,
    plays: Mapping[str, frozenset[str]],
    stands: frozenset[str],
) -> None:
    """Note every way from stage to stage for these steps, as far as there are addresses."""
    for role in roles:
        if role is None:
            continue
        holder = addresses.get(role)
        if holder is None:
            return
        leaving = stands - plays[role]
        edges[holder] |= leaving
        stands = (stands & plays[role]) | (plays[role] if leaving or not stands else frozenset())
