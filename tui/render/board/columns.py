"""The board as cards: where each stands, in frames, in columns from the users to the data."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from tui.render.board.cards import CardWriter
from tui.render.board.folds import Item, fold, members_of
from tui.render.board.lines import Line
from tui.render.board.scene import Scene
from tui.render.board.services import kept_title, service_title
from tui.render.board.tables import shard_families
from tui.render.board.things import Machine, Managed, Thing, is_group
from tui.render.board.view import Detail, View
from tui.words import Words

USERS_WIDTH = 14
WIRE_MIN = 3
BESIDE = USERS_WIDTH + WIRE_MIN
"""Columns left of the first frame when the users stand beside it."""

ABOVE = 4
"""The same when they stand in a line above everything, and their wire comes down."""

ROOMY = 30
"""Cards at least so wide leave room for the users beside them."""

USERS_HEIGHT = 5
EMPTY_ROWS = 4
"""Rows above loose volumes for saying that no machine stands."""
FRAME = 6
"""Columns that a zone's frame adds to a card: two edges, arrows and air."""

CARD_MIN, CARD_MAX = 20, 46


@dataclass(frozen=True)
class Block:
    """Things in one frame: a zone's machines, a service's resources, volumes, snapshots.

    `dark` is a zone that is out.
    """

    title: str
    items: tuple[Item, ...]
    dark: bool = False


@dataclass(frozen=True)
class Place:
    """A card on the board; `column` counts from the users on."""

    item: Item
    lines: tuple[Line, ...]
    x: int
    y: int
    width: int
    column: int

    @property
    def bottom(self) -> int:
        """The row after its last."""
        return self.y + len(self.lines)


@dataclass(frozen=True)
class Edge:
    """A frame: its place on the board and its title; `dark` that of a zone that is out."""

    x: int
    y: int
    width: int
    height: int
    title: str
    dark: bool = False


@dataclass(frozen=True)
class Layout:
    """Where everything stands. `starts` and `ends` are the columns' left and right edges."""

    places: tuple[Place, ...]
    edges: tuple[Edge, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    height: int


Columns = tuple[tuple[Block, ...], ...]

Folded = Callable[[Iterable[Thing]], tuple[Item, ...]]


def columns_of(
    scene: Scene, words: Words, view: View, *, alike: bool, stacked: bool = False
) -> Columns:
    """Frames by column; groups, and what lies on its own, stand below the data.

    `stacked` puts what hands requests on above those it hands them to.
    """

    def folded(things: Iterable[Thing]) -> tuple[Item, ...]:
        return fold(things, alike=alike, unfolded=view.unfolded)

    groups = [thing for thing in scene.answering if is_group(thing)]
    tiers = [[t for t in tier if not is_group(t)] for tier in scene.tiers]
    out = scene.zones_down
    columns = [_frames(tier, words, folded, out) for tier in tiers if tier] or [[]]
    if stacked:
        columns[:2] = [[block for column in columns[:2] for block in column]]
    if groups:
        columns[-1] += _frames(groups, words, folded, out)
    if scene.loose:
        columns[-1].append(Block(words.say("board.loose_volumes"), folded(scene.loose)))
    if scene.kept:
        for title, kept in groupby(scene.kept, key=lambda kept: kept_title(kept, words)):
            columns[-1].append(Block(title, folded(kept)))
    return tuple(tuple(column) for column in columns if column)


def _frames(tier: Sequence[Thing], words: Words, folded: Folded, out: Sequence[str]) -> list[Block]:
    """A tier's machines by zone, some of them out, then its managed resources by service."""
    machines = sorted((m for m in tier if isinstance(m, Machine)), key=lambda m: m.view.zone)
    managed = [m for m in tier if isinstance(m, Managed)]
    sharded = shard_families(managed)
    inside = {thing.id for family in sharded.values() for thing in family}
    rest = [m for m in managed if m.id not in inside]
    services: dict[str, list[Managed]] = {}
    for thing in rest:
        services.setdefault(thing.view.service, []).append(thing)
    blocks = [
        Block(zone_title(zone, words, out=zone in out), folded(those), zone in out)
        for zone, those in groupby(machines, key=lambda m: m.view.zone)
    ]
    if "rds" in services:
        blocks.append(_service_frame("rds", services.pop("rds"), words, folded, out))
    blocks += [_shards_frame(table, those, words, folded) for table, those in sharded.items()]
    blocks += [_service_frame(name, those, words, folded, out) for name, those in services.items()]
    return blocks


def _shards_frame(table: str, family: Sequence[Managed], words: Words, folded: Folded) -> Block:
    """The databases that a table is split over, with their replicas; a lost shard is loud."""
    shard = next(thing.shard for thing in family if thing.shard is not None)
    figures = {"table": table, "n": shard.shards, "lost": shard.shards - shard.left}
    if not figures["lost"]:
        return Block(words.say("board.shards", **figures), folded(family))
    return Block("✕ " + words.say("board.shards_lost", **figures), folded(family), dark=True)


def _service_frame(
    name: str, those: Sequence[Managed], words: Words, folded: Folded, out: Sequence[str]
) -> Block:
    """A service's resources, with their zone if they are all in one."""
    title, zones = service_title(name, words), {thing.view.zone for thing in those}
    zone = zones.pop() if len(zones) == 1 else None
    dark = zone is not None and zone in out
    if zone is not None:
        title += f", {zone_title(zone, words, out=dark)}"
    return Block(title, folded(those), dark)


def zone_title(zone: str, words: Words, *, out: bool) -> str:
    """What a zone's frame is called."""
    if out:
        return f"✕ {words.say('board.zone_out', zone=zone)}"
    return words.say("board.zone", zone=zone)


def card_width(width: int, gutters: Sequence[int], left: int) -> int:
    """Cells of every card with so many columns left of them, and gutters right of each."""
    room = width - left - 1 - sum(gutters)
    return min(CARD_MAX, room // max(1, len(gutters)) - FRAME)


def heights(columns: Columns, writer: CardWriter, detail: Detail, limit: int) -> list[int] | None:
    """Rows of each column, or None as soon as one is higher than `limit`."""
    found = []
    for column in columns:
        height = 0
        for block in column:
            height += block_height(block, writer, detail)
            if height > limit:
                return None
        found.append(height)
    return found


def block_height(block: Block, writer: CardWriter, detail: Detail) -> int:
    """Rows of a frame with all its cards; those of machines stand apart where there is detail."""
    rows = sum(len(writer.lines(item, detail)) for item in block.items)
    return 2 + rows + _air(block, detail) * (len(block.items) - 1)


def _air(block: Block, detail: Detail) -> int:
    apart = isinstance(members_of(block.items[0])[0], Machine | Managed) and detail >= 2
    return 1 if apart else 0


def lay_out(
    columns: Columns, writer: CardWriter, detail: Detail, width: int, height: int,
    gutters: Sequence[int], left: int, above: int,
) -> Layout:  # fmt: skip
    """Every card's place, in the middle of a board of at least `height` rows.

    `left` columns and `above` rows are left free.
    """
    used = sum(writer.width + FRAME + gutter for gutter in gutters)
    x = left
    if left == BESIDE:
        x += max(0, min(8, (width - 1 - left - used) // 2))
    above += EMPTY_ROWS if not writer.scene.tiers and columns else 0
    totals = [sum(block_height(b, writer, detail) for b in column) for column in columns]
    height = max([height, *(total + above for total in totals)])
    places: list[Place] = []
    edges: list[Edge] = []
    starts, ends = [], []
    for number, (column, gutter, total) in enumerate(zip(columns, gutters, totals, strict=True)):
        free = height - above - total
        air = 1 if free > len(column) else 0
        rest = max(0, free - air * (len(column) - 1))
        y = above + (rest // 3 if left == ABOVE else rest // 2)
        starts.append(x)
        ends.append(x + writer.width + FRAME - 1)
        for block in column:
            rows = block_height(block, writer, detail)
            edges.append(Edge(x, y, writer.width + FRAME, rows, block.title, block.dark))
            row = y + 1
            for item in block.items:
                lines = writer.lines(item, detail)
                places.append(Place(item, lines, x + 3, row, writer.width, number))
                row += len(lines) + _air(block, detail)
            y += rows + air
        x += writer.width + FRAME + gutter
    return Layout(tuple(places), tuple(edges), tuple(starts), tuple(ends), height)
