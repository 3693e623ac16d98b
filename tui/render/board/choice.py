"""How much the board can say of each thing in its room."""

from collections.abc import Hashable
from dataclasses import dataclass

from tui.render.board.cards import CardWriter
from tui.render.board.columns import (
    ABOVE,
    BESIDE,
    CARD_MIN,
    EMPTY_ROWS,
    ROOMY,
    Columns,
    card_width,
    columns_of,
    heights,
)
from tui.render.board.folds import fold_key
from tui.render.board.routing import (
    Lane,
    Link,
    gutter_width,
    gutters_of,
    links_of,
    needs_corridor,
)
from tui.render.board.scene import Scene
from tui.render.board.things import Machine, Thing
from tui.render.board.tree import rows_fit
from tui.render.board.view import Choice, Detail, Level, View
from tui.words import Words

AUTOMATIC = View()

MANY_TIERS = 2
"""With more tiers than these the first two may share a column."""

LEAST_ROWS = 7
"""Rows below which no card is drawn unless the player asks for it."""

DETAILS: dict[Level | None, tuple[Detail, ...]] = {
    None: (4, 3, 2, 1),
    Level.CARDS: (4, 3),
    Level.COMPACT: (2, 1),
}
"""What cards may say at each zoom, the most first."""


@dataclass(frozen=True)
class Plan:
    """The board in columns of cards: what stands in each, wires, and the room for both.

    `left` columns are free before the first frame, `gutters` lie right of each column.
    """

    columns: Columns
    links: list[Link]
    writer: CardWriter
    gutters: list[list[Lane]]
    left: int

    @property
    def above(self) -> int:
        """Rows that must be free above the frames: for the users, and for wires."""
        return int(self.left == ABOVE) + needs_corridor(self.links)

    @property
    def widths(self) -> list[int]:
        """Cells of each gutter."""
        return _widths(self.gutters)


def choose(
    width: int, room: int, scene: Scene, words: Words, selected: str | None, view: View
) -> Choice:
    """The most that can be said in that room, or what comes nearest to what the player wants.

    What the player has unfolded does not count: it makes the board longer, not poorer.
    """
    if view.level in DETAILS and (view.level is not None or room >= LEAST_ROWS):
        choice = _choose_cards(width, room, scene, words, selected, view)
        if choice is not None:
            return choice
    if view.level is Level.MINIS or (view.level is None and not rows_fit(scene, AUTOMATIC, room)):
        return Choice(Level.MINIS)
    return Choice(Level.ROWS)


def _choose_cards(
    width: int, room: int, scene: Scene, words: Words, selected: str | None, view: View
) -> Choice | None:
    """None where cards do not fit beside each other, or below each other at the least."""
    choice: Choice | None = None
    for alike in (False, True):
        plan = plan_for(width, scene, words, selected, AUTOMATIC, alike=alike)
        if plan is None:
            return None
        columns = plan.columns
        limit = room - plan.above
        limit -= EMPTY_ROWS if not scene.tiers and columns else 0
        for detail in DETAILS[view.level]:
            choice = Choice(Level.CARDS if detail >= 3 else Level.COMPACT, detail, alike)
            if heights(columns, plan.writer, detail, limit) is not None:
                return choice
    return None if view.level is None else choice


def plan_for(
    width: int, scene: Scene, words: Words, selected: str | None, view: View, *, alike: bool
) -> Plan | None:
    """A column for each tier, or where these do not fit the balancers above their targets."""
    for stacked in (False, True) if len(scene.tiers) > MANY_TIERS else (False,):
        columns = columns_of(scene, words, view, alike=alike, stacked=stacked)
        plan = plan_of(width, scene, words, selected, columns)
        if plan is not None:
            return plan
    return None


def plan_of(
    width: int, scene: Scene, words: Words, selected: str | None, columns: Columns
) -> Plan | None:
    """These columns in so much width, or None where not even small cards fit beside each other."""
    links = links_of(scene, columns)
    gutters = gutters_of(links, len(columns))
    left, card = BESIDE, card_width(width, _widths(gutters), BESIDE)
    if card < ROOMY and scene.tiers:
        left, card = ABOVE, card_width(width, _widths(gutters), ABOVE)
    if card < CARD_MIN:
        return None
    return Plan(columns, links, CardWriter(scene, words, card, selected), gutters, left)


def _widths(gutters: list[list[Lane]]) -> list[int]:
    last = len(gutters) - 1
    return [gutter_width(lanes, last=at == last) for at, lanes in enumerate(gutters)]


def shape_of(scene: Scene) -> Hashable:
    """What the choice depends on most: while it stays the same, so does the choice.

    Cards may still grow by a line for what turns up; who draws has to see to that.
    """
    things: tuple[Thing, ...] = (*scene.answering, *scene.loose, *scene.kept)
    wires = frozenset((flow.source, flow.target) for flow in scene.flows)
    return tuple(_shape(thing) for thing in things), wires, len(scene.moves)


def _shape(thing: Thing) -> Hashable:
    disks = thing.disks if isinstance(thing, Machine) else ()
    inside = tuple(disk.id for disk in disks)
    return fold_key(thing), thing.id, len(thing.gauges), len(thing.moves), inside
