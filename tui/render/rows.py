"""The board with a line for each machine, as a tree of who calls whom."""

from rich.cells import cell_len

from engine.frame import SnapshotView
from tui.render.canvas import Canvas, fit
from tui.render.cards import idle_words, state_words, widest_word
from tui.render.disks import (
    Note,
    disk_notes,
    disk_troubles,
    snapshot_notes,
)
from tui.render.figures import count, percent, whole_percent
from tui.render.history import Pulse
from tui.render.picture import Picture, Spot
from tui.render.scene import Disk, Machine, Scene
from tui.theme import STATE_GLYPH, STATE_INK, Ink, State, state_of_load
from tui.words import Words


def rows_needed(scene: Scene) -> int:
    """Lines of the users, of each machine, of each volume on its own and of each snapshot."""
    return 1 + max(1, len(scene.machines)) + len(scene.loose) + len(scene.snapshots)


def shares(pulse: Pulse) -> tuple[tuple[str, float, Ink], ...]:
    """Good, late and failed with their inks; nothing, where nothing has ended yet."""
    if pulse.good is None:
        return ()
    return (
        ("good", pulse.good, "ok"),
        ("late", pulse.late, "warn" if pulse.late else "dim"),
        ("failed", pulse.failed, "down" if pulse.failed else "dim"),
    )


def draw_users_line(canvas: Canvas, y: int, scene: Scene, words: Words) -> None:
    """Users, their rate and how they fare, in one line."""
    ink, pulse = canvas.look.ink, scene.pulse
    at = canvas.text(1, y, "◍ ", ink("flow", bold=True))
    at = canvas.text(at, y, words.say("board.users"), ink("strong", bold=True))
    at = canvas.text(at + 1, y, words.say("board.rps", n=count(pulse.rps)), ink("text"))
    for name, share, colour in shares(pulse):
        text = f"{words.say(f'board.{name}')} {percent(share)}"
        if at + 3 + cell_len(text) > canvas.width:
            return
        at = canvas.text(at + 3, y, text, ink(colour, bold=colour == "down"))


def draw_rows(
    picture: Picture, scene: Scene, words: Words, selected: str | None, height: int
) -> None:
    """The users' line, then a line a machine; volumes get lines too if there is room."""
    disks = sum(len(machine.disks) for machine in scene.machines)
    with_disks = rows_needed(scene) + disks <= height
    painter = _Rows(picture, scene, words, selected, with_disks)
    draw_users_line(picture.canvas, 0, scene, words)
    y = 1 if scene.machines else 2
    for machine, depth in _tree(scene):
        painter.machine(machine, depth, y)
        y += 1
        for disk in machine.disks if with_disks else ():
            painter.disk(disk, depth, y)
            y += 1
    for disk in scene.loose:
        painter.disk(disk, 0, y)
        y += 1
    for snapshot in scene.snapshots:
        painter.snapshot(snapshot, y)
        y += 1
    if not scene.machines:
        canvas = picture.canvas
        canvas.text(2, 1, "┗╍✕ ", canvas.look.ink("down"))
        canvas.text(6, 1, words.say("board.nothing"), canvas.look.ink("text"), canvas.width - 7)
    painter.wires()


def _tree(scene: Scene) -> list[tuple[Machine, int]]:
    """Machines with their depth: what users call is 0, what that calls is 1 …; -1 is idle."""
    depth = {"": -1}
    for caller, _, holder in scene.calls:
        depth[holder] = depth.get(caller, -1) + 1
    called = [machine for machine in scene.machines if machine.id in depth]
    called.sort(key=lambda m: list(depth).index(m.id))
    rest = [machine for machine in scene.machines if machine.id not in depth]
    return [(m, depth[m.id]) for m in called] + [(m, -1) for m in rest]


class _Rows:
    """One drawing of the board with lines."""

    def __init__(
        self, picture: Picture, scene: Scene, words: Words, selected: str | None, with_disks: bool
    ) -> None:
        self.picture = picture
        self.canvas = picture.canvas
        self.scene = scene
        self.words = words
        self.selected = selected
        self.with_disks = with_disks
        rooms = [self._left(depth) + cell_len(fit(m.id, 16)) for m, depth in _tree(scene)]
        alone = [*(d.view.id for d in scene.loose), *(s.id for s in scene.snapshots)]
        rooms += [self._left(-1) + 2 + cell_len(fit(id, 16)) for id in alone]
        if with_disks:
            rooms += [
                self._left(depth) + 2 + cell_len(fit(disk.view.id, 16))
                for machine, depth in _tree(scene)
                for disk in machine.disks
            ]
        self.column = max(rooms, default=6) + 3
        self.type_width = max((cell_len(m.kind) for m in scene.machines), default=3)
        self.heads: dict[str, tuple[int, int]] = {}

    def _left(self, depth: int) -> int:
        """The column at which a machine of that depth starts: wide boards have long wires."""
        return (10 if self.canvas.width >= 70 else 6) + 3 * max(0, depth)

    def machine(self, machine: Machine, depth: int, y: int) -> None:
        """One machine's line."""
        canvas, x = self.canvas, self._left(depth)
        ink = canvas.look.ink
        hidden = () if self.with_disks else tuple(disk.view.id for disk in machine.disks)
        chosen = self.selected is not None and self.selected in (machine.id, *hidden)
        for disk in hidden:
            self.picture.spots[disk] = Spot(x, y, max(1, canvas.width - x), 1)
        self.heads[machine.id] = (x, y)
        self.picture.spots[machine.id] = Spot(x, y, max(1, canvas.width - x), 1)
        if chosen:
            canvas.fill(x, y, canvas.width - x, ink("text", selected=True))
            canvas.put(x - 1, y, "▌", ink("accent"))
        glyph = ink(STATE_INK[machine.state], bold=True, selected=chosen)
        canvas.text(x, y, STATE_GLYPH[machine.state], glyph)
        name = ink("strong", bold=True, selected=chosen)
        canvas.text(x + 2, y, machine.id, name, self.column - x - 3)
        at = self.column
        if canvas.width >= 58:
            canvas.text(at, y, machine.kind, ink("dim", selected=chosen))
            at += self.type_width + 1
        if machine.state is State.IDLE:
            text = idle_words(machine, self.words, canvas.width - at)
            canvas.text(at, y, text, ink("warn", selected=chosen), canvas.width - at)
        elif not machine.runs:
            style = ink(STATE_INK[machine.state], selected=chosen)
            canvas.text(at, y, state_words(machine, self.words), style, canvas.width - at)
        else:
            self._load(machine, at, y, chosen)

    def disk(self, disk: Disk, depth: int, y: int) -> None:
        """One volume's line."""
        canvas, chosen = self.canvas, disk.view.id == self.selected
        ink = canvas.look.ink
        at = self._alone(disk.view.id, "▭", depth, y)
        if canvas.width >= 58:
            canvas.text(at, y, disk.view.type, ink("dim", selected=chosen))
            at += self.type_width + 1
        if disk.load is None:
            key = "board.unattached_long" if disk.view.attached_to is None else "board.rests"
            room = max(0, canvas.width - at)
            at = canvas.text(at, y, self.words.say(key), ink("dim", selected=chosen), room)
        else:
            at = self._bar(at, y, disk.load, chosen)
        said = [note for note in disk_notes(disk, self.words) if note[0] != disk.view.type]
        self._say_notes(at, y, said, chosen)

    def snapshot(self, view: SnapshotView, y: int) -> None:
        """One snapshot's line."""
        at = self._alone(view.id, "▣", -1, y)
        notes = snapshot_notes(view, self.scene.second, self.words)
        self._say_notes(at - 2, y, notes, view.id == self.selected)

    def _alone(self, id: str, glyph: str, depth: int, y: int) -> int:
        """The name of a volume or a snapshot; gives the column after it."""
        canvas, chosen = self.canvas, id == self.selected
        ink = canvas.look.ink
        x = self._left(depth) + 2
        if chosen:
            canvas.fill(x, y, canvas.width - x, ink("text", selected=True))
            canvas.put(x - 1, y, "▌", ink("accent"))
        self.picture.spots[id] = Spot(x, y, max(1, canvas.width - x), 1)
        name = ink("text", bold=chosen, selected=chosen)
        canvas.text(x, y, f"{glyph} {id}", name, self.column - x - 1)
        return self.column

    def _say_notes(self, at: int, y: int, notes: list[Note], chosen: bool) -> None:
        """As many notes as fit."""
        for said, colour in notes:
            if at + 2 + cell_len(said) <= self.canvas.width:
                style = self.canvas.look.ink(colour, selected=chosen)
                at = self.canvas.text(at + 2, y, said, style)

    def wires(self) -> None:
        """The tree's wires: from the users down to who answers for web, and on from there."""
        canvas, wires = self.canvas, self.picture.wires
        by_id = {machine.id: machine for machine in self.scene.machines}
        ends = []
        for caller, _, holder in self.scene.calls:
            x1, y1 = self.heads[holder]
            x0, y0 = self.heads.get(caller, (3, 0))
            alive = by_id[holder].runs
            trunk = min(x0 if caller else 2, x1 - 4)
            wires.add([(trunk, y0), (trunk, y1), (x1 - 3, y1)], alive=alive, below=True)
            ends.append((x1 - 2, y1, alive))
        wires.draw(canvas)
        for x, y, alive in ends:
            style = canvas.look.ink("flow" if alive else "down", bold=True)
            canvas.put(x, y, "▶" if alive else "✕", style)

    def _load(self, machine: Machine, at: int, y: int, chosen: bool) -> None:
        at = self._bar(at, y, machine.load, chosen)
        self._say_notes(at, y, self._notes(machine), chosen)

    def _notes(self, machine: Machine) -> list[Note]:
        """What else is worth a word, the most urgent first; what does not fit is left out."""
        say = self.words.say
        notes: list[Note] = []
        if machine.waiting:
            notes.append((say("board.queue", n=count(machine.waiting)), "warn"))
        if machine.view.throttled:
            notes.append((say("board.no_credits"), "full"))
        fullest = max((disk.load or 0.0 for disk in machine.disks), default=0.0)
        state = state_of_load(fullest)
        if not self.with_disks and state is not State.OK:
            word = say(f"board.state_{state}")
            notes.append((f"▭ {whole_percent(fullest)} {word}", STATE_INK[state]))
        for disk in () if self.with_disks else machine.disks:
            notes += [(f"▭ {said}", ink) for said, ink in disk_troubles(disk, self.words)]
        if len(self.scene.calls) > 1 or self.scene.spare:
            notes.append((" ".join(machine.holds), "title"))
        if machine.view.credits is not None and not machine.view.throttled:
            unlimited = " " + say("board.unlimited") if machine.view.unlimited else ""
            said = f"{say('board.credits')} {count(machine.view.credits)}{unlimited}"
            notes.append((said, "dim"))
        return notes

    def _bar(self, at: int, y: int, load: float, chosen: bool) -> int:
        canvas, state = self.canvas, state_of_load(load)
        ink = canvas.look.ink
        length = 10 if canvas.width >= 50 else 0
        if length:
            canvas.bar(at, y, length, load, canvas.look.load(load, selected=chosen))
        figure = whole_percent(load).rjust(6)
        at = canvas.text(at + length, y, figure, ink("text", selected=chosen))
        word = self.words.say(f"board.state_{state}")
        style = ink(STATE_INK[state], bold=state is not State.OK, selected=chosen)
        canvas.text(at + 1, y, word, style)
        return at + 1 + widest_word(self.words)
