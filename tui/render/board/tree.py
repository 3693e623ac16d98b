"""What stands on the board as a tree: each tier hangs from the one before."""

from dataclasses import dataclass

from tui.render.board.folds import Item, fold, members_of
from tui.render.board.scene import Scene
from tui.render.board.view import View


@dataclass(frozen=True)
class Branch:
    """An item and how many hops it is from the users; -1 for what no request reaches."""

    item: Item
    depth: int


def rows_fit(scene: Scene, view: View, room: int) -> bool:
    """Whether a line for each item is room enough, alike ones folded."""
    return 1 + max(1, len(branches_of(scene, view, alike=True))) <= room


def branches_of(scene: Scene, view: View, *, alike: bool) -> list[Branch]:
    """Items by depth, callers last of each, so that what they call hangs below them."""
    unfolded = view.unfolded
    items = [i for tier in scene.tiers for i in fold(tier, alike=alike, unfolded=unfolded)]
    depth, callers = _depths(scene)
    branches = [
        Branch(item, max(depth.get(thing.id, -1) for thing in members_of(item))) for item in items
    ]
    branches.sort(
        key=lambda b: (b.depth < 0, b.depth, any(t.id in callers for t in members_of(b.item)))
    )
    alone: list[Item] = list(fold(scene.loose, alike=alike, unfolded=unfolded))
    alone += fold(scene.kept, alike=alike, unfolded=unfolded)
    return branches + [Branch(item, -1) for item in alone]


def _depths(scene: Scene) -> tuple[dict[str, int], set[str]]:
    """How many hops each thing is from the users, and who calls others."""
    targets: dict[str, list[str]] = {}
    for flow in scene.flows:
        targets.setdefault(flow.source, []).append(flow.target)
    depth = {"": -1}
    waiting = [""]
    for source in waiting:
        for target in targets.get(source, ()):
            if target not in depth:
                depth[target] = depth[source] + 1
                waiting.append(target)
    del depth[""]
    return depth, set(targets)
