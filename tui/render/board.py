"""The board: users, wires, machines in their zones, volumes, and which station is tightest.

As much is said as the room allows: cards in zone frames, else a line a machine,
else a cell a machine.
"""

from dataclasses import dataclass
from itertools import groupby

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from engine.frame import SnapshotView
from tui.render.canvas import Canvas
from tui.render.cards import CardPainter, Detail, Rows, card_rows
from tui.render.figures import clock, count, percent
from tui.render.minis import draw_minis
from tui.render.picture import Picture, Spot
from tui.render.rows import draw_rows, rows_needed, shares
from tui.render.scene import Disk, Machine, Scene
from tui.theme import FULL_FROM, Look
from tui.words import Words

USERS_WIDTH = 14
WIRE_MIN = 3
GUTTER = 6
EMPTY_ROWS = 4
"""Rows above loose volumes for saying that no machine stands."""
FRAME = 5
"""Columns that a zone's frame adds to a card: two edges, the arrow and air."""

CARD_MIN, CARD_MAX = 20, 46


@dataclass(frozen=True)
class Group:
    """Things in one frame: the machines of a zone, volumes on their own, or snapshots."""

    title: str
    machines: tuple[Machine, ...] = ()
    disks: tuple[Disk, ...] = ()
    snapshots: tuple[SnapshotView, ...] = ()

    def height(self, detail: Detail) -> int:
        """Rows of its frame and all in it; cards stand apart."""
        cards = [len(card_rows(m, detail)) for m in self.machines]
        disks = len(self.disks) * (2 if detail == 4 else 1)
        return 2 + sum(cards) + max(0, len(cards) - 1) + disks + len(self.snapshots)


def draw_board(
    width: int, height: int, scene: Scene, look: Look, words: Words, selected: str | None = None
) -> Picture:
    """The board in `width` × `height` cells, without a frame round it."""
    canvas = Canvas(width, height, look)
    picture = Picture(canvas, scene.pulse, scene.order())
    bottom = height - (2 if height >= 10 else 1)
    if height >= 3 and scene.unheld and scene.machines:
        roles = " ".join(scene.unheld)
        said = f"✕ {words.say('board.unheld', roles=roles)}"
        canvas.text(1, height - 1, said, look.ink("down", bold=True), max(0, width - 1))
    elif height >= 3:
        _draw_tightest(canvas, height - 1, scene, words)
    else:
        bottom = height
    columns = _columns(scene, words)
    card = _card_width(width, len(columns))
    above = 0 if scene.machines or not columns else EMPTY_ROWS
    if card >= CARD_MIN and (detail := _detail(columns, bottom - above)) is not None:
        _Cards(picture, scene, words, selected, bottom, card, detail).draw(columns)
    elif rows_needed(scene) <= bottom:
        draw_rows(picture, scene, words, selected, bottom)
    else:
        draw_minis(picture, scene, words, selected, bottom)
    return picture


def frame_board(
    width: int, height: int, picture: Picture, phase: int | None, look: Look, title: str, hint: str
) -> list[Strip]:
    """The picture in a frame; with a phase, traffic moves on the wires."""
    canvas = Canvas(width, height, look)
    canvas.frame(title, hint=hint)
    if width < 2 or height < 2:
        return canvas.strips()
    side = Strip([Segment("|" if look.ascii else "│", look.ink("line"))], 1)
    inner = [Strip.join([side, row, side]) for row in picture.strips(phase)]
    return [canvas.strip(0), *inner, canvas.strip(height - 1)]


def _columns(scene: Scene, words: Words) -> list[list[Group]]:
    """Groups by column: the front with what is idle, then databases and files."""
    front = list(scene.front)
    back = list(scene.back)
    for machine in scene.spare:
        data_only = not {"web", "app"} & set(machine.view.roles)
        (back if back and data_only else front).append(machine)
    columns = [_zones(front, words), _zones(back, words)]
    if scene.loose:
        loose = Group(words.say("board.loose_volumes"), disks=scene.loose)
        columns[1 if back else 0].append(loose)
    if scene.snapshots:
        kept = Group(words.say("board.snapshots"), snapshots=scene.snapshots)
        columns[1 if back else 0].append(kept)
    return [column for column in columns if column]


def _zones(machines: list[Machine], words: Words) -> list[Group]:
    ordered = sorted(machines, key=lambda m: m.view.zone)
    return [
        Group(words.say("board.zone", zone=zone), machines=tuple(those))
        for zone, those in groupby(ordered, key=lambda m: m.view.zone)
    ]


def _card_width(width: int, columns: int) -> int:
    columns = max(1, columns)
    room = width - USERS_WIDTH - WIRE_MIN - 1 - (GUTTER if columns > 1 else 3)
    return min(CARD_MAX, room // columns - FRAME)


def _detail(columns: list[list[Group]], height: int) -> Detail | None:
    """The most that cards can say in that height, or None if they do not fit at all."""
    details: tuple[Detail, ...] = (4, 3, 2)
    for detail in details:
        if height >= 7 and all(sum(g.height(detail) for g in c) <= height for c in columns):
            return detail
    return None


def _draw_tightest(canvas: Canvas, y: int, scene: Scene, words: Words) -> None:
    ink = canvas.look.ink
    tight = scene.tight
    if tight is None:
        return
    part = "cpu" if tight.station.id.endswith("/cpu") else "io"
    place = f"{tight.station.resource} {words.say(f'board.{part}')}"
    at = canvas.text(1, y, "▸ ", ink("accent", bold=True))
    at = canvas.text(at, y, words.say("board.tightest") + " ", ink("dim"))
    at = canvas.text(at, y, place, ink("strong", bold=True), max(0, canvas.width - at))
    if tight.load < FULL_FROM:
        said = words.say("board.headroom", percent=percent(1 - tight.load))
        canvas.text(at, y, ", " + said, ink("text"), max(0, canvas.width - at))
        return
    since = clock(scene.second if tight.since is None else tight.since)
    said = words.say("board.no_headroom", since=since)
    waiting = words.say("board.waiting", n=count(tight.station.waiting_total))
    canvas.text(at, y, f", {said}, {waiting}", ink("full", bold=True), max(0, canvas.width - at))


class _Cards:
    """One drawing of the board with cards."""

    def __init__(
        self,
        picture: Picture,
        scene: Scene,
        words: Words,
        selected: str | None,
        height: int,
        card: int,
        detail: Detail,
    ) -> None:
        self.picture = picture
        self.canvas = picture.canvas
        self.scene = scene
        self.words = words
        self.height = height
        self.card = card
        self.detail = detail
        self.painter = CardPainter(picture.canvas, card, words, selected)
        self.heads: dict[str, tuple[int, int]] = {}
        self.first_x = 0
        self.empty_y = height // 2 - 1

    def draw(self, columns: list[list[Group]]) -> None:
        """Frames and cards column by column, then users and wires."""
        self.first_x = x = self._first_column(max(1, len(columns)))
        above = 0 if self.scene.machines or not columns else EMPTY_ROWS
        for column in columns:
            free = self.height - above - sum(group.height(self.detail) for group in column)
            air = 1 if free > len(column) else 0
            y = above + max(0, (free - air * (len(column) - 1)) // 2)
            self.empty_y = y - above + 1 if above else self.empty_y
            for group in column:
                self._group(group, x, y)
                y += group.height(self.detail) + air
            x += self.card + FRAME + GUTTER
        if not self.scene.machines:
            self._nothing()
        self._users()
        self._wires()

    def _first_column(self, columns: int) -> int:
        used = columns * (self.card + FRAME) + max(0, columns - 1) * GUTTER
        spare = self.canvas.width - 1 - USERS_WIDTH - WIRE_MIN - used
        return USERS_WIDTH + WIRE_MIN + max(0, min(8, spare // 2))

    def _group(self, group: Group, x: int, y: int) -> None:
        canvas, line = self.canvas, self.canvas.look.ink("line")
        width, height = self.card + FRAME, group.height(self.detail)
        canvas.text(x, y, "┌" + "─" * (width - 2) + "┐", line)
        canvas.text(x + 2, y, f" {group.title} ", canvas.look.ink("dim"), width - 4)
        for row in range(y + 1, y + height - 1):
            canvas.put(x, row, "│", line)
            canvas.put(x + width - 1, row, "│", line)
        canvas.text(x, y + height - 1, "└" + "─" * (width - 2) + "┘", line)
        inner, row = x + 3, y + 1
        for machine in group.machines:
            rows = card_rows(machine, self.detail)
            self._card(machine, inner, row, rows)
            row += len(rows) + 1
        for disk in group.disks:
            lines = 2 if self.detail == 4 else 1
            self.painter.disk(disk, inner, row, lead="", sized=lines == 1)
            if lines == 2:
                self.painter.store(disk, inner, row + 1)
            self.picture.spots[disk.view.id] = Spot(inner, row, self.card, lines)
            row += lines
        for snapshot in group.snapshots:
            self.painter.snapshot(snapshot, self.scene.second, inner, row)
            self.picture.spots[snapshot.id] = Spot(inner, row, self.card, 1)
            row += 1

    def _card(self, machine: Machine, x: int, y: int, rows: Rows) -> None:
        self.painter.draw(machine, x, y, rows)
        self.heads[machine.id] = (x, y)
        self.picture.spots[machine.id] = Spot(x, y, self.card, len(rows))
        for row, (kind, index) in enumerate(rows):
            if kind == "disk":
                disk = machine.disks[index].view.id
                lines = 2 if ("store", index) in rows else 1
                self.picture.spots[disk] = Spot(x, y + row, self.card, lines)

    def _users(self) -> None:
        canvas, pulse, say = self.canvas, self.scene.pulse, self.words.say
        ink = canvas.look.ink
        y = self._users_row()
        at = canvas.text(1, y - 1, "◍ ", ink("flow", bold=True))
        canvas.text(at, y - 1, say("board.users"), ink("strong", bold=True), USERS_WIDTH - 2)
        canvas.text(1, y, say("board.rps", n=count(pulse.rps)), ink("text"), USERS_WIDTH - 2)
        for row, (name, share, colour) in enumerate(shares(pulse), y + 1):
            style = ink(colour, bold=colour == "down")
            canvas.text(1, row, say(f"board.{name}"), style, USERS_WIDTH - 8)
            figure = percent(share)
            canvas.text(USERS_WIDTH - 1 - cell_len(figure), row, figure, style)

    def _users_row(self) -> int:
        holder = next((h for caller, _, h in self.scene.calls if caller == ""), None)
        y = self.heads[holder][1] if holder in self.heads else self.empty_y
        return max(1, y)

    def _nothing(self) -> None:
        canvas, ink = self.canvas, self.canvas.look.ink
        x, y = self.first_x + 3, self.empty_y
        room = canvas.width - x - 1
        canvas.text(x, y, self.words.say("board.nothing"), ink("text", bold=True), room)
        canvas.text(x, y + 1, self.words.say("board.nothing_hint"), ink("dim"), room)

    def _wires(self) -> None:
        by_id = {machine.id: machine for machine in self.scene.machines}
        wires, right = self.picture.wires, self.card + 2
        y = self._users_row()
        start = 1 + cell_len(self.words.say("board.rps", n=count(self.scene.pulse.rps))) + 1
        ends: list[tuple[int, int, str, bool]] = []
        for caller, _, holder in self.scene.calls:
            x1, y1 = self.heads[holder]
            alive = by_id[holder].runs
            if not caller:
                wires.add([(start, y), (x1 - 2, y1)], alive=alive)
                ends.append((x1 - 2, y1, "▶", alive))
                continue
            x0, y0 = self.heads[caller]
            out = y0 + 1
            if x0 == x1:
                trunk = x0 + right + 2
                corners = [(x0 + right - 1, out), (trunk, out), (trunk, y1), (x1 + right - 1, y1)]
                ends.append((x1 + right - 1, y1, "◀", alive))
            else:
                trunk = x0 + right + 4
                corners = [(x0 + right - 1, out), (trunk, out), (trunk, y1), (x1 - 2, y1)]
                ends.append((x1 - 2, y1, "▶", alive))
            wires.add(corners, alive=alive)
        if not self.scene.calls:
            stop = self.first_x + 1
            wires.add([(start, y), (stop - 1, y)], alive=False)
            ends.append((stop, y, "▶", False))
        wires.draw(self.canvas)
        for x, y, arrow, alive in ends:
            style = self.canvas.look.ink("flow" if alive else "down", bold=True)
            self.canvas.put(x, y, arrow if alive else "✕", style)
