"""The board with a line for each thing, as a tree: each tier hangs from the one before."""

from collections.abc import Iterable

from rich.cells import cell_len

from tui.render.board.cards import WATCHED
from tui.render.board.fleets import is_chosen, kind_of
from tui.render.board.flows import Flow
from tui.render.board.folds import Fleet, Item, members_of
from tui.render.board.lines import Note, draw_cells, glyph_note, widest_word
from tui.render.board.picture import Picture, Spot
from tui.render.board.said import (
    disk_notes,
    disk_troubles,
    failed_note,
    kept_notes,
    moves_notes,
    queue_note,
    short_idle,
    short_state,
    state_note,
    target_note,
)
from tui.render.board.scene import Scene, merged
from tui.render.board.services import service_notes
from tui.render.board.things import Disk, Kept, Machine, Managed, Thing, is_group
from tui.render.board.tree import Branch, branches_of
from tui.render.board.users import draw_users_line
from tui.render.board.view import View
from tui.render.canvas import fit
from tui.render.figures import count, whole_percent
from tui.theme import STATE_GLYPH, STATE_INK, Ink, State, state_of_load
from tui.words import Words

BUSY = (State.OK, State.WARN, State.FULL, State.MIGRATING, *WATCHED)
"""States in which a line has a bar."""

NAME_WIDTH = 16


def draw_rows(
    picture: Picture, scene: Scene, words: Words, selected: str | None, view: View
) -> None:
    """The users' line, then a line for each item; volumes get lines too if there is room."""
    branches = branches_of(scene, view, alike=False)
    if 1 + len(branches) > picture.room:
        branches = branches_of(scene, view, alike=True)
    single = [branch.item for branch in branches if isinstance(branch.item, Machine)]
    disks = sum(len(machine.disks) for machine in single)
    with_disks = 1 + len(branches) + disks <= picture.room
    height = 1 + max(1, len(branches)) + (disks if with_disks else 0)
    picture.scroll(height, view.top)
    drawing = _Rows(picture, scene, words, selected, branches, with_disks)
    drawing.draw()


class _Rows:
    """One drawing of the board with lines."""

    def __init__(
        self, picture: Picture, scene: Scene, words: Words, selected: str | None,
        branches: list[Branch], with_disks: bool,
    ) -> None:  # fmt: skip
        self.picture = picture
        self.canvas = picture.canvas
        self.scene = scene
        self.words = words
        self.selected = selected
        self.branches = branches
        self.with_disks = with_disks
        self.tight = scene.tight.station.id if scene.tight else ""
        self.step = 4 if picture.canvas.width >= 70 else 3
        self.column = max([*self._name_ends(), 6]) + 3
        kinds = [cell_len(_kind(branch.item)) for branch in branches]
        self.kind_width = min(13, max([*kinds, 3])) if picture.canvas.width >= 58 else 0
        self.heads: list[tuple[Branch, int]] = []

    def draw(self) -> None:
        """Everything, as far as it is in view."""
        top = self.picture.top
        draw_users_line(self.canvas, -top, self.scene, self.words)
        y = 1
        for branch in self.branches:
            self.heads.append((branch, y))
            self._item(branch, y)
            y += 1
            if self.with_disks and isinstance(branch.item, Machine):
                for disk in branch.item.disks:
                    self._disk(disk, self._left(branch.depth) + 2, y)
                    y += 1
        if not self.branches or not self.scene.tiers:
            self._nothing()
        self._wires()

    def _left(self, depth: int) -> int:
        """The column at which an item of that depth starts."""
        return 7 + self.step * max(0, depth)

    def _name_ends(self) -> Iterable[int]:
        for branch in self.branches:
            left, item = self._left(branch.depth) + 2, branch.item
            yield left + cell_len(fit(_name(item), NAME_WIDTH))
            if self.with_disks and isinstance(item, Machine):
                for disk in item.disks:
                    yield left + 2 + cell_len(fit(disk.id, NAME_WIDTH))

    def _item(self, branch: Branch, y: int) -> None:
        item, x = branch.item, self._left(branch.depth)
        if isinstance(item, Fleet):
            self._fleet(item, x, y)
        elif isinstance(item, Disk):
            self._disk(item, x, y)
        elif isinstance(item, Kept):
            at = self._start(item.id, "▣", "text", item.id, x, y)
            self._notes(at, y, kept_notes(item, self.words), item.id == self.selected)
        elif isinstance(item, Machine | Managed):
            self._thing(item, x, y)

    def _start(
        self, id: str, glyph: str, ink: Ink, name: str, x: int, y: int, *,
        inner: tuple[str, ...] = (), kind: str = "", mark: bool = False,
    ) -> int:  # fmt: skip
        """Glyph, name and type of one line; gives the column after them."""
        canvas, room = self.canvas, max(1, self.canvas.width - x)
        chosen = self.selected is not None and self.selected in (id, *inner)
        self.picture.keep(id, Spot(x, y, room, 1), inner)
        y -= self.picture.top
        style = canvas.look.ink
        if chosen:
            canvas.fill(x, y, room, style("text", selected=True))
            canvas.put(x - 1, y, "▌", style("accent"))
        canvas.text(x, y, glyph, style(ink, bold=True, selected=chosen))
        self._name(x + 2, y, name, chosen)
        if mark:
            canvas.put(self.column - 2, y, "▸", style("accent", bold=True, selected=chosen))
        at = self.column
        if self.kind_width:
            canvas.text(at, y, kind, style("dim", selected=chosen), self.kind_width)
            at += self.kind_width + 1
        return at

    def _name(self, x: int, y: int, name: str, chosen: bool) -> None:
        style = self.canvas.look.ink("strong", bold=True, selected=chosen)
        self.canvas.text(x, y, name, style, max(0, self.column - x - 2))

    def _thing(self, thing: Machine | Managed, x: int, y: int) -> None:
        disks = thing.disks if isinstance(thing, Machine) and not self.with_disks else ()
        inner = tuple(disk.id for disk in disks)
        tight = any(g.id == self.tight for d in disks for g in d.gauges)
        tight = tight or any(gauge.id == self.tight for gauge in thing.gauges)
        at = self._start(
            thing.id, STATE_GLYPH[thing.state], STATE_INK[thing.state], _name(thing), x, y,
            inner=inner, kind=_kind(thing), mark=tight,
        )  # fmt: skip
        chosen = self.selected is not None and self.selected in (thing.id, *inner)
        words, room = self.words, self.canvas.width - at
        if thing.state not in BUSY and not is_group(thing):
            said = short_idle(state_note(thing, words), thing, words, room)
            notes = [said, *self._zone_notes(thing), *moves_notes(thing, words)]
            self._notes(at - 2, y, notes, chosen)
            return
        if isinstance(thing, Managed) and not thing.gauges:
            at -= 2
        else:
            at = self._bar(at, y, thing.load, chosen)
        self._notes(at, y, self._thing_notes(thing, disks), chosen)

    def _zone_notes(self, thing: Machine | Managed) -> list[Note]:
        """That its zone is out."""
        zone = thing.view.zone
        if zone not in self.scene.zones_down:
            return []
        return [Note(f"✕ {self.words.say('board.zone_out', zone=zone)}", "down")]

    def _thing_notes(self, thing: Machine | Managed, disks: tuple[Disk, ...]) -> list[Note]:
        """What else is worth a word, the most urgent first; what does not fit is left out."""
        words = self.words
        chosen = [disk for disk in disks if disk.id == self.selected]
        notes = [Note(f"▭ {disk.id} {_load_words(disk, words)}", "text", True) for disk in chosen]
        coming = self.scene.into([thing.id])
        watched = target_note(thing, words) if thing.state in WATCHED else None
        maybe = (watched, failed_note(coming), queue_note(thing, words))
        notes += [note for note in maybe if note]
        notes += moves_notes(thing, words)
        if isinstance(thing, Managed):
            notes += service_notes(thing, words)
        if isinstance(thing, Machine) and thing.view.throttled:
            notes.append(Note(words.say("board.no_credits"), "full"))
        fullest = max(disks, key=lambda disk: disk.load, default=None)
        if fullest and not chosen and state_of_load(fullest.load) is not State.OK:
            state = state_of_load(fullest.load)
            notes.append(Note(f"▭ {_load_words(fullest, words)}", STATE_INK[state]))
        for disk in disks:
            notes += [n._replace(text=f"▭ {n.text}") for n in disk_troubles(disk, words)]
        if coming.rps:
            notes.append(Note(words.say("board.rps", n=count(coming.rps)), "text"))
        notes.append(Note(" ".join(thing.holds), "title"))
        if isinstance(thing, Machine) and thing.view.credits is not None:
            more = " " + words.say("board.unlimited") if thing.view.unlimited else ""
            said = f"{words.say('board.credits')} {count(thing.view.credits)}{more}"
            notes.append(Note(said))
        return notes

    def _fleet(self, fleet: Fleet, x: int, y: int) -> None:
        """Many alike in one line: how many, how busy, a cell for each as far as they fit."""
        canvas, worst = self.canvas, fleet.worst
        row, sign = y - self.picture.top, glyph_note(worst)
        canvas.text(x, row, sign.text, canvas.look.ink(sign.ink, bold=True))
        chosen = next((m for m in fleet.members if is_chosen(m, self.selected)), None)
        self._name(x + 2, row, _name(fleet), chosen is not None)
        if any(gauge.id == self.tight for m in fleet.members for gauge in m.gauges):
            canvas.put(self.column - 2, row, "▸", canvas.look.ink("accent", bold=True))
        at = self.column
        if self.kind_width:
            canvas.text(at, row, _kind(fleet), canvas.look.ink("dim"), self.kind_width)
            at += self.kind_width + 1
        running = [m for m in fleet.running if m.gauges]
        if running and isinstance(worst, Machine | Managed):
            at = self._bar(at, y, sum(m.load for m in running) / len(running), False) + 2
        room = max(1, canvas.width - at)
        said = self._fleet_note(fleet, chosen, room - min(len(fleet.members), room * 2 // 3) - 2)
        cells = min(len(fleet.members), max(1, room - cell_len(said.text) - 2 * bool(said.text)))
        self._fleet_cells(fleet, at, y, cells, room)
        self.picture.fold(fleet, Spot(x, y, max(1, canvas.width - x), 1))
        self._notes(at + cells, y, [said], chosen is not None)

    def _fleet_note(self, fleet: Fleet, chosen: Thing | None, room: int) -> Note:
        """As much of the chosen member, or of the one that is worst off, as there is room for."""
        shown, words = chosen or fleet.worst, self.words
        name = f"◆ {shown.id}" if chosen else shown.id
        if not isinstance(shown, Machine | Managed):
            said = words.say("board.unattached_long") if isinstance(shown, Disk) else ""
            ink: Ink = "dim"
        elif shown.state in BUSY:
            ink, said = STATE_INK[state_of_load(shown.load)], _load_words(shown, words)
        else:
            ink, said = STATE_INK[shown.state], short_state(shown, words)
        for text in (f"{name} {said}", name if chosen else said, whole_percent(shown.load)):
            if text and (cell_len(text) <= room or (chosen and text == name)):
                return Note(text.strip(), ink, chosen is not None)
        return Note("")

    def _fleet_cells(self, fleet: Fleet, at: int, y: int, cells: int, room: int) -> None:
        """A cell for each as far as they fit; the others are inside the last one."""
        members = list(fleet.members)
        chosen = next((m for m in members if is_chosen(m, self.selected)), None)
        shown = members[:cells]
        if chosen is not None and chosen not in shown:
            shown[-1] = chosen
        hidden = [m.id for m in members if m not in shown]
        shown_id = self.selected if chosen is None else chosen.id
        draw_cells(self.canvas, shown, at, y - self.picture.top, room, shown_id)
        for number, thing in enumerate(shown):
            disks = [disk.id for disk in thing.disks] if isinstance(thing, Machine) else []
            if number == len(shown) - 1:
                disks += hidden + [d.id for m in members if m.id in hidden for d in _disks(m)]
            spot = Spot(min(at + number, max(0, self.canvas.width - 1)), y, 1, 1)
            self.picture.keep(thing.id, spot, tuple(disks))

    def _disk(self, disk: Disk, x: int, y: int) -> None:
        mark = any(gauge.id == self.tight for gauge in disk.gauges)
        at = self._start(disk.id, "▭", "text", disk.id, x, y, kind=disk.view.type, mark=mark)
        chosen = disk.id == self.selected
        if disk.gauges:
            at = self._bar(at, y, disk.load, chosen)
        else:
            key = "board.unattached_long" if disk.view.attached_to is None else "board.rests"
            room = max(0, self.canvas.width - at)
            style = self.canvas.look.ink("dim", selected=chosen)
            at = self.canvas.text(at, y - self.picture.top, self.words.say(key), style, room)
        said = [note for note in disk_notes(disk, self.words) if note.text != disk.view.type]
        self._notes(at, y, said, chosen)

    def _notes(self, at: int, y: int, notes: list[Note], chosen: bool) -> None:
        """As many notes as fit; the first is cut rather than left out."""
        for number, note in enumerate(notes):
            room = self.canvas.width - at - 2
            if not note.text or (number and cell_len(note.text) > room):
                continue
            style = self.canvas.look.ink(note.ink, bold=note.bold, selected=chosen)
            row = y - self.picture.top
            at = self.canvas.text(at + 2, row, note.text, style, max(0, room))

    def _bar(self, at: int, y: int, load: float, chosen: bool) -> int:
        canvas, state = self.canvas, state_of_load(load)
        ink, y = canvas.look.ink, y - self.picture.top
        length = 10 if canvas.width >= 50 else 0
        if length:
            canvas.bar(at, y, length, load, canvas.look.load(load, selected=chosen))
        figure = whole_percent(load).rjust(5)
        at = canvas.text(at + length, y, figure, ink("text", selected=chosen))
        word = self.words.say(f"board.state_{state}")
        style = ink(STATE_INK[state], bold=state is not State.OK, selected=chosen)
        canvas.text(at + 1, y, word, style)
        return at + 1 + widest_word(self.words)

    def _wires(self) -> None:
        """From the users, and from the last of each tier, down to the next one."""
        hangs: dict[int, tuple[int, int]] = {0: (2, 0)}
        for branch, y in self.heads:
            if branch.depth < 0:
                continue
            hangs[branch.depth + 1] = (self._left(branch.depth), y)
        for branch, y in self.heads:
            if branch.depth < 0 or branch.depth not in hangs:
                continue
            x, y0 = hangs[branch.depth]
            end = self._left(branch.depth) - 2
            flow, alive = self._coming(branch)
            corners = [(x, y0), (x, y)]
            self.picture.wires.add(corners, (end, y), "▶", flow, alive=alive, below=True)
        top = self.picture.top
        self.picture.wires.draw(self.canvas, top, top + self.picture.room)

    def _coming(self, branch: Branch) -> tuple[Flow, bool]:
        """What comes to an item from elsewhere, and whether it answers."""
        things = members_of(branch.item)
        ids = {thing.id for thing in things}
        flows = [f for f in self.scene.flows if f.target in ids and f.source not in ids]
        alive = any(not isinstance(t, Machine | Managed) or t.runs for t in things)
        return merged("", branch.item.id, flows), alive

    def _nothing(self) -> None:
        canvas, top = self.canvas, self.picture.top
        text = self.words.say("board.nothing")
        y = 1 if not self.branches else self.picture.height
        self.picture.height = max(self.picture.height, y + 1)
        canvas.text(2, y - top, "┗╍✕ ", canvas.look.ink("down"))
        canvas.text(6, y - top, text, canvas.look.ink("text"), max(0, canvas.width - 7))


def _disks(thing: Thing) -> tuple[Disk, ...]:
    return thing.disks if isinstance(thing, Machine) else ()


def _name(item: Item) -> str:
    if isinstance(item, Fleet):
        name = f"{item.group} {item.key[2]}" if item.group else f"{item.id}…"
        return f"{_hung(item.members[0])}{name} ×{len(item.members)}"
    return f"{_hung(item)}{item.id}"


def _hung(thing: Thing) -> str:
    """The sign of a replica: it stands below its master."""
    is_copy = isinstance(thing, Managed) and thing.copy is not None and not thing.copy.alone
    return "╚ " if is_copy else ""


def _kind(item: Item) -> str:
    """Its type and its zone, which machines of a group have in their name."""
    thing = members_of(item)[0]
    if isinstance(thing, Disk):
        return thing.view.type
    named = isinstance(item, Fleet) and item.group
    zone = thing.view.zone if isinstance(thing, Machine | Managed) and not named else None
    return f"{kind_of(thing)} {zone}" if zone else kind_of(thing)


def _load_words(thing: Thing, words: Words) -> str:
    state = state_of_load(thing.load)
    return f"{whole_percent(thing.load)} {words.say(f'board.state_{state}')}"
