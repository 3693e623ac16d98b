"""Many alike things folded into one, so that a large board can be read at a glance."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from tui.render.board.things import Disk, Kept, Machine, Managed, Thing
from tui.theme import State

FoldKey = tuple[str, ...]

FEWEST = 3
"""Fewer alike things than these are not many; machines of a group fold from two on."""

WORST_FIRST = (
    State.FAILED,
    State.DOWN,
    State.FAILING_OVER,
    State.UNHEALTHY,
    State.FULL,
    State.WARN,
    State.MODIFYING,
    State.MIGRATING,
    State.BOOTING,
    State.UNCHECKED,
    State.CREATING,
    State.OTHER,
    State.OK,
)
"""Which state of many speaks for all of them; those not named come last."""


@dataclass(frozen=True)
class Fleet:
    """Alike things drawn as one; `key` says what is alike in them."""

    key: FoldKey
    members: tuple[Thing, ...]

    @property
    def id(self) -> str:
        """The id of its first member: nothing else goes by it on the board."""
        return self.members[0].id

    @property
    def group(self) -> str:
        """The group that made its machines, "" if they are merely alike."""
        return self.key[1] if self.key[0] == "group" else ""

    @cached_property
    def worst(self) -> Thing:
        """The member that is worst off."""
        return min(self.members, key=lambda m: (_rank(m.state), -m.load, -m.waiting))

    @property
    def running(self) -> list[Thing]:
        """The members that can take requests."""
        return [m for m in self.members if not isinstance(m, Machine | Managed) or m.runs]


Item = Thing | Fleet
"""What one card or one line stands for."""


def members_of(item: Item) -> tuple[Thing, ...]:
    """The things that an item stands for."""
    return item.members if isinstance(item, Fleet) else (item,)


def fold(things: Iterable[Thing], *, alike: bool, unfolded: frozenset[FoldKey]) -> tuple[Item, ...]:
    """Groups folded, with `alike` also whatever is alike, but for what the player unfolded.

    A fleet stands where its first member stood.
    """
    found: dict[FoldKey, list[Thing]] = {}
    for thing in things:
        found.setdefault(fold_key(thing, alike=alike), []).append(thing)
    items: list[Item] = []
    for key, members in found.items():
        least = 2 if key[0] == "group" else FEWEST
        if key[0] == "one" or key in unfolded or len(members) < least:
            items += members
        else:
            items.append(Fleet(key, tuple(members)))
    return tuple(items)


def fold_key(thing: Thing, *, alike: bool = True) -> FoldKey:
    """What a thing would be folded by; ``one`` and its id if by nothing."""
    match thing:
        case Machine() if thing.view.group:
            return "group", thing.view.group, thing.view.zone
        case Machine() if alike:
            kind = "runs" if thing.runs else str(thing.state)
            roles = (" ".join(thing.holds), " ".join(thing.view.roles))
            return "machines", thing.kind, thing.view.zone, kind, *roles
        case Managed() if alike:
            view = thing.view
            kind = "runs" if thing.runs else str(thing.state)
            holds = " ".join(thing.holds) or str(thing.state is State.MIGRATING)
            family = thing.copy.source if thing.copy else ""
            return "managed", view.service, view.type, str(view.zone), kind, holds, family
        case Disk() if alike:
            return ("disks",)
        case Kept() if alike:
            return "kept", thing.kind
        case _:
            return "one", thing.id


_RANKS = {state: rank for rank, state in enumerate(WORST_FIRST)}


def _rank(state: State) -> int:
    return _RANKS.get(state, len(WORST_FIRST))
