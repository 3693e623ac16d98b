"""Which way requests go: who plays which role, and what one visit to a machine holds.

Every role has one address. Consecutive steps that one machine plays are one
visit to it. Routing is feed-forward: a wiring in which a request would return
to a machine it left is a loop, and is refused.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from engine.flow.requests import DONE, STEPS
from engine.scenario import RequestClass

Bools = npt.NDArray[np.bool_]

WEB, APP, DATA = range(STEPS)


class Paths:
    """The steps of every request class: which exist, in which role, and what follows.

    Users always come to `web`; a class without CPU time at `app` does not go there.
    """

    def __init__(self, classes: tuple[RequestClass, ...]) -> None:
        self.roles: list[list[str | None]] = [["web"] for _ in classes]
        for path, request in zip(self.roles, classes, strict=True):
            path.append("app" if request.app_ms > 0 else None)
            is_file = request.data.startswith("file")
            path.append(None if request.data == "none" else "files" if is_file else "db")
        following = np.full((STEPS, len(classes)), DONE, np.int8)
        for step in reversed(range(STEPS - 1)):
            for index, path in enumerate(self.roles):
                exists = path[step + 1] is not None
                following[step, index] = step + 1 if exists else following[step + 1, index]
        self.following = following

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
"""Requests on a machine: its id, their class, and the step for which they will leave it."""


def order_of(
    paths: Paths, addresses: Mapping[str, str | None], under_way: Iterable[UnderWay] = ()
) -> list[str] | None:
    """Stages in an order in which requests only go forward, or None when there is a loop.

    `under_way` are requests that stand somewhere already: they go on from there,
    whoever holds the addresses now.
    """
    ways = [_way(paths, addresses, index, 0) for index in range(len(paths.roles))]
    for stage, index, step in sorted(under_way):
        rest = _way(paths, addresses, index, step)
        ways.append(rest if rest[:1] == [stage] else [stage, *rest])
    edges: dict[str, set[str]] = {}
    for way in ways:
        if len(set(way)) < len(way):
            return None
        for stage in way:
            edges.setdefault(stage, set())
        for before, after in pairwise(way):
            edges[after].add(before)
    try:
        return list(TopologicalSorter(edges).static_order())
    except CycleError:
        return None


def _way(
    paths: Paths, addresses: Mapping[str, str | None], index: int, first_step: int
) -> list[str]:
    """The machines that a class visits from a step on, as far as there are addresses."""
    way: list[str] = []
    for role in paths.roles[index][first_step:]:
        if role is None:
            continue
        holder = addresses.get(role)
        if holder is None:
            break
        if not way or way[-1] != holder:
            way.append(holder)
    return way
