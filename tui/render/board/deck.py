"""The board drawn as cards: frames and cards, users, wires, and where each thing lies."""

from rich.cells import cell_len

from tui.render.board.choice import Plan
from tui.render.board.columns import (
    ABOVE,
    EMPTY_ROWS,
    USERS_HEIGHT,
    USERS_WIDTH,
    Edge,
    Layout,
    Place,
    lay_out,
)
from tui.render.board.folds import Fleet
from tui.render.board.lines import LinePainter
from tui.render.board.picture import Picture, Spot
from tui.render.board.routing import Router
from tui.render.board.scene import Scene
from tui.render.board.things import Machine, Thing
from tui.render.board.users import draw_users, draw_users_line
from tui.render.board.view import Detail, View
from tui.render.figures import count
from tui.words import Words


def draw_deck(
    picture: Picture, plan: Plan, detail: Detail, scene: Scene, words: Words,
    selected: str | None, view: View,
) -> None:  # fmt: skip
    """Frames and cards, then users and wires."""
    height = max(picture.room, USERS_HEIGHT + plan.above)
    layout = lay_out(
        plan.columns, plan.writer, detail, picture.canvas.width, height,
        plan.widths, plan.left, plan.above,
    )  # fmt: skip
    picture.scroll(layout.height, view.top)
    _Drawing(picture, plan, layout, scene, words, selected).draw()


class _Drawing:
    """One drawing of the board with cards."""

    def __init__(
        self, picture: Picture, plan: Plan, layout: Layout, scene: Scene, words: Words,
        selected: str | None,
    ) -> None:  # fmt: skip
        self.picture = picture
        self.canvas = picture.canvas
        self.plan = plan
        self.layout = layout
        self.scene = scene
        self.words = words
        self.painter = LinePainter(picture.canvas, words, selected)

    def draw(self) -> None:
        """Frames and cards, then users and wires."""
        for edge in self.layout.edges:
            self._edge(edge)
        for place in self.layout.places:
            self._card(place)
        if not self.scene.tiers:
            self._nothing()
        self._wires(self._users())

    def _edge(self, edge: Edge) -> None:
        canvas, ink = self.canvas, self.canvas.look.ink
        line, title = ink("line"), ink("dim")
        if edge.dark:
            line, title = ink("down"), ink("down", bold=True)
        x, y, width = edge.x, edge.y - self.picture.top, edge.width
        canvas.text(x, y, "┌" + "─" * (width - 2) + "┐", line)
        canvas.text(x + 2, y, f" {edge.title} ", title, width - 4)
        for row in range(max(0, y + 1), min(canvas.height, y + edge.height - 1)):
            canvas.put(x, row, "│", line)
            canvas.put(x + width - 1, row, "│", line)
        canvas.text(x, y + edge.height - 1, "└" + "─" * (width - 2) + "┘", line)

    def _card(self, place: Place) -> None:
        top = self.picture.top
        for row, line in enumerate(place.lines, place.y - top):
            self.painter.draw(line, place.x, row, place.width)
        if isinstance(place.item, Fleet):
            self._fleet_spots(place)
        else:
            self._thing_spots(place, place.item)

    def _thing_spots(self, place: Place, thing: Thing) -> None:
        """The whole card for the thing, its lines for each volume; those without are inside."""
        keep, lane = self.picture.keep, place.column
        rows: dict[str, list[int]] = {}
        for row, line in enumerate(place.lines, place.y):
            rows.setdefault(line.of, []).append(row)
        disks = [disk.id for disk in thing.disks] if isinstance(thing, Machine) else []
        spot = Spot(place.x, place.y, place.width, len(place.lines), lane)
        keep(thing.id, spot, tuple(id for id in disks if id not in rows))
        for id in disks:
            if id in rows:
                keep(id, Spot(place.x, rows[id][0], place.width, len(rows[id]), lane))

    def _fleet_spots(self, place: Place) -> None:
        """A cell for each member; a click beside the cells means the one that is worst off."""
        assert isinstance(place.item, Fleet)
        for row, line in enumerate(place.lines, place.y):
            for x, thing in enumerate(line.cells, place.x + line.indent):
                inner = tuple(d.id for d in thing.disks) if isinstance(thing, Machine) else ()
                self.picture.keep(thing.id, Spot(x, row, 1, 1, place.column), inner)
        area = Spot(place.x, place.y, place.width, len(place.lines), place.column)
        self.picture.fold(place.item, area)

    def _users(self) -> tuple[int, int]:
        """The users, beside what they call first or above everything; gives their wire's start."""
        top, words = self.picture.top, self.words
        if self.plan.left == ABOVE:
            draw_users_line(self.canvas, -top, self.scene, words)
            return 1, 1
        y = self._users_row()
        draw_users(self.canvas, y - top, USERS_WIDTH, self.scene, words)
        said = words.say("board.rps", n=count(self.scene.pulse.rps))
        return 2 + min(cell_len(said), USERS_WIDTH - 2), y

    def _users_row(self) -> int:
        """The row of their rate: that of what they call first, if all that is said of them fits."""
        heads = {place.item.id: place.y for place in self.layout.places}
        first = next((link.target for link in self.plan.links if not link.source), None)
        y = self.layout.height // 2 - 1 if first is None else heads[first]
        if first is None and self.layout.edges and not self.scene.tiers:
            y = self.layout.edges[0].y - EMPTY_ROWS + 2
        return max(1, min(y, self.layout.height - USERS_HEIGHT + 1))

    def _nothing(self) -> None:
        canvas, ink = self.canvas, self.canvas.look.ink
        x = (self.layout.starts[0] if self.layout.starts else USERS_WIDTH + 6) + 3
        y = self._users_row() - self.picture.top
        room = canvas.width - x - 1
        canvas.text(x, y, self.words.say("board.nothing"), ink("text", bold=True), room)
        canvas.text(x, y + 1, self.words.say("board.nothing_hint"), ink("dim"), room)

    def _wires(self, users: tuple[int, int]) -> None:
        corridor = int(self.plan.left == ABOVE)
        router = Router(self.layout, self.plan.gutters, self.picture.wires, corridor)
        for link in self.plan.links:
            router.draw(link, users)
        if not any(not link.source for link in self.plan.links):
            self._dead_end(users)
        top = self.picture.top
        self.picture.wires.draw(self.canvas, top, top + self.picture.room)

    def _dead_end(self, users: tuple[int, int]) -> None:
        """The users' wire where nobody answers them."""
        x, y = users
        end = (x, y + 1)
        if self.plan.left != ABOVE:
            end = ((self.layout.starts[0] if self.layout.starts else USERS_WIDTH + 6) - 2, y)
        self.picture.wires.add([users], end, "▶", self.scene.into([]), alive=False)
