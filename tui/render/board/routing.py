"""Ways for wires between cards: along gutters and over the top, never through a card."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from tui.render.board.columns import ABOVE, Columns, Layout, Place
from tui.render.board.flows import Flow
from tui.render.board.folds import members_of
from tui.render.board.scene import Scene, merged
from tui.render.board.things import Machine, Managed, Thing
from tui.render.board.wires import Carries, Point, Wires

Lane = Literal["beside", "onward", "writes", "data"]
"""What runs in a lane of a gutter: wires within a column or to another one, writes that
replicas follow, moves of data."""

LANES: tuple[Lane, ...] = ("beside", "onward", "writes", "data")

CARRIED: dict[Lane, Carries] = {"writes": "writes", "data": "data"}
ARROWS: dict[Carries, str] = {"requests": "▶◀", "data": "▷◁", "writes": "▷◁"}
"""Heads of wires that come from the left, and from the right."""

USERS = -1
"""The column of the users."""


@dataclass(frozen=True)
class Link:
    """A wire to draw: from a card to a card, what flows, and whether the target answers."""

    source: str
    target: str
    out: int
    into: int
    flow: Flow
    alive: bool
    lane: Lane


def links_of(scene: Scene, columns: Columns) -> list[Link]:
    """The wires between the cards of these columns; things of one card share theirs."""
    home: dict[str, str] = {"": ""}
    column: dict[str, int] = {"": USERS}
    alive: dict[str, bool] = {}
    for number, blocks in enumerate(columns):
        for item in (item for block in blocks for item in block.items):
            for thing in members_of(item):
                for id in _owned(thing):
                    home[id], column[id] = item.id, number
            alive[item.id] = any(_answers(thing) for thing in members_of(item))
    ways: dict[tuple[str, str], list[Flow]] = {}
    for flow in scene.flows:
        source, target = home.get(flow.source), home.get(flow.target)
        if source is not None and target is not None and source != target:
            ways.setdefault((source, target), []).append(flow)
    links = [
        Link(
            source, target, column[source], column[target],
            merged(source, target, flows), alive[target],
            "beside" if column[source] == column[target] else "onward",
        )
        for (source, target), flows in ways.items()
    ]  # fmt: skip
    follow: dict[tuple[str, str], list[Flow]] = {}
    for copy in scene.copies:
        source, target = home.get(copy.source), home.get(copy.target)
        if source is not None and target is not None and source != target:
            follow.setdefault((source, target), []).append(copy)
    links += [
        Link(
            source, target, column[source], column[target],
            merged(source, target, flows), alive[source] and alive[target], "writes",
        )
        for (source, target), flows in follow.items()
    ]  # fmt: skip
    for move in scene.moves:
        ends = home.get(move.source, ""), home.get(move.target, "")
        if all(ends) and ends[0] != ends[1]:
            flow = Flow(move.source, move.target, move.gb)
            out, into = column[move.source], column[move.target]
            links.append(Link(move.source, ends[1], out, into, flow, True, "data"))
    return links


def _owned(thing: Thing) -> tuple[str, ...]:
    disks = thing.disks if isinstance(thing, Machine) else ()
    return (thing.id, *(disk.id for disk in disks))


def _answers(thing: Thing) -> bool:
    return not isinstance(thing, Machine | Managed) or thing.runs


def gutters_of(links: Iterable[Link], columns: int) -> list[list[Lane]]:
    """The lanes that each gutter needs, the one right of column 0 first."""
    needed: list[set[Lane]] = [set() for _ in range(columns)]
    for link in links:
        for gutter in _gutters(link):
            if gutter >= 0:
                needed[gutter].add(link.lane)
    return [[lane for lane in LANES if lane in lanes] for lanes in needed]


def gutter_width(lanes: list[Lane], *, last: bool) -> int:
    """Cells of a gutter with these lanes, with air between them."""
    if last:
        return 2 * len(lanes)
    return max(3, 2 * len(lanes) + 1)


def needs_corridor(links: Iterable[Link]) -> bool:
    """Whether a wire has to pass over a column."""
    return any(len(set(_gutters(link))) > 1 for link in links)


def _gutters(link: Link) -> tuple[int, int]:
    """The gutters in which a wire leaves and arrives; -1 is the users'."""
    if link.into > link.out:
        return link.out, link.into - 1
    if link.into == link.out:
        return link.out, link.out
    return link.out - 1, link.into


class Router:
    """Lays the wires of one layout."""

    def __init__(
        self, layout: Layout, gutters: list[list[Lane]], wires: Wires, corridor: int
    ) -> None:
        self.corridor = corridor
        self.layout = layout
        self.gutters = gutters
        self.wires = wires
        self.cards = {place.item.id: place for place in layout.places}

    def draw(self, link: Link, users: Point) -> None:
        """One wire; `users` is where those of the users start."""
        target = self.cards[link.target]
        y_out, y_in = self._row_out(link, users), self._row_in(link, target)
        gutter_out, gutter_in = _gutters(link)
        x_out = self._lane(gutter_out, link.lane)
        corners = [(self._start(link, users), y_out), (x_out, y_out)]
        if gutter_in != gutter_out:
            x_in = self._lane(gutter_in, link.lane)
            corners += [(x_out, self.corridor), (x_in, self.corridor), (x_in, y_in)]
        else:
            corners.append((x_out, y_in))
        from_left = link.into > link.out
        end = (target.x - 2, y_in) if from_left else (target.x + target.width + 1, y_in)
        carries = CARRIED.get(link.lane, "requests")
        self.wires.add(
            _without_repeats(corners), end, ARROWS[carries][0 if from_left else 1], link.flow,
            alive=link.alive, carries=carries,
        )  # fmt: skip

    def _start(self, link: Link, users: Point) -> int:
        if link.out == USERS:
            return users[0]
        source = self._card_of(link.source)
        return source.x + source.width + 1 if link.into >= link.out else source.x - 2

    def _row_out(self, link: Link, users: Point) -> int:
        if link.out == USERS:
            return users[1]
        source = self._card_of(link.source)
        if link.lane != "data":
            return min(source.y + 1, source.bottom - 1)
        own = [source.y + at for at, line in enumerate(source.lines) if line.of == link.source]
        if own and link.source != source.item.id:
            return own[0]
        return min(source.y + 2, source.bottom - 1)

    def _row_in(self, link: Link, target: Place) -> int:
        return min(target.y + 1, target.bottom - 1) if link.lane == "data" else target.y

    def _card_of(self, id: str) -> Place:
        if id in self.cards:
            return self.cards[id]
        for place in self.layout.places:
            if any(id in _owned(thing) for thing in members_of(place.item)):
                return place
        raise KeyError(id)

    def _lane(self, gutter: int, lane: Lane) -> int:
        if gutter < 0:
            return self.layout.starts[0] - (3 if self.layout.starts[0] == ABOVE else 2)
        return self.layout.ends[gutter] + 2 + 2 * self.gutters[gutter].index(lane)


def _without_repeats(corners: list[Point]) -> list[Point]:
    return [c for at, c in enumerate(corners) if at == 0 or c != corners[at - 1]]
