"""What each kind of thing says on its card, line by line."""

from rich.cells import cell_len

from tui.render.board.fleets import FleetWriter, kind_of
from tui.render.board.folds import Fleet, Item
from tui.render.board.lines import Line, Note, glyph_note
from tui.render.board.said import (
    copy_note,
    credits_share,
    disk_notes,
    disk_size,
    disk_troubles,
    failed_note,
    kept_notes,
    moves_notes,
    queue_note,
    shard_note,
    short_idle,
    size_ink,
    state_note,
    target_note,
)
from tui.render.board.scene import Scene
from tui.render.board.services import service_lines
from tui.render.board.things import Disk, Gauge, Kept, Machine, Managed, is_group
from tui.render.board.view import Detail
from tui.render.figures import count
from tui.theme import Ink, State
from tui.words import Words

STILL = (State.BOOTING, State.STOPPING, State.STOPPED, State.DOWN, State.OTHER)
"""States in which a machine has nothing to say but them."""


WATCHED = (State.UNCHECKED, State.UNHEALTHY, State.DRAINING)
"""States in which a machine works and gets no new requests, or fewer."""


class CardWriter:
    """Writes the cards of one scene for cards of one width."""

    def __init__(self, scene: Scene, words: Words, width: int, selected: str | None) -> None:
        self.scene = scene
        self.words = words
        self.width = width
        self.selected = selected
        self.tight = scene.tight.station.id if scene.tight else ""
        self._fleets = FleetWriter(scene, words, width, selected)
        self._written: dict[tuple[Detail, tuple[str, ...], str], tuple[Line, ...]] = {}

    def lines(self, item: Item, detail: Detail) -> tuple[Line, ...]:
        """The lines of an item's card; each is about the item or about one of its volumes."""
        key = (detail, item.key if isinstance(item, Fleet) else (), item.id)
        if key not in self._written:
            self._written[key] = tuple(self._write(item, detail))
        return self._written[key]

    def _write(self, item: Item, detail: Detail) -> list[Line]:
        match item:
            case Fleet():
                return self._fleets.lines(item, detail)
            case Machine():
                return self._machine(item, detail)
            case Managed():
                return self._managed(item, detail)
            case Disk():
                return self._disk(item, detail, lead="")
            case Kept():
                notes = kept_notes(item, self.words)
                return [Line(item.id, (Note(f"▣ {item.id}", "text"), *notes), indent=0)]
        raise AssertionError(item)

    def _head(self, thing: Machine | Managed, detail: Detail) -> Line:
        """Glyph, name, what fails; at the right its type, or where room is short who waits."""
        said = [glyph_note(thing), Note(thing.id, "strong", True)]
        failed, queue = failed_note(self.scene.into([thing.id])), queue_note(thing, self.words)
        watched = target_note(thing, self.words)
        if watched and detail < 3:
            said.append(watched._replace(text=watched.text[0]))
        share = shard_note(thing, self.words, short=True)
        said += [share] if share and detail < 3 else []
        said += [failed] if failed else []
        if detail >= 3 and any(gauge.id == self.tight for gauge in thing.gauges):
            said.append(Note(f"◂ {self.words.say('board.tight')}", "accent"))
        right = queue if queue and detail < 3 else Note(kind_of(thing))
        loud = sum(cell_len(note.text) + 1 for note in said if note.bold)
        if detail < 3 and len(said) > 2 and loud + cell_len(right.text) > self.width:
            return Line(thing.id, tuple(said), indent=0, gap=1)
        return Line(thing.id, tuple(said), (right,), indent=0, gap=1)

    def _roles(self, thing: Machine | Managed, roles: tuple[str, ...]) -> Line:
        """Its roles and tables, or whose copy it is, and the requests that come to it."""
        could = [role for role in roles if role not in thing.holds]
        left = [Note(role, "title") for role in thing.holds]
        if not left or isinstance(thing, Machine):
            left += [Note(f"({role})", "faint") for role in could]
        if isinstance(thing, Managed) and thing.copy is not None:
            left = [copy_note(thing.copy, self.words)]
        said = target_note(thing, self.words) or shard_note(thing, self.words)
        left += [said] if said else []
        rps = self.scene.into([thing.id]).rps
        said_rps = self.words.say(f"board.{self._asked_for(thing)}", n=count(rps))
        right = (Note(said_rps),) if rps or thing.holds else ()
        return Line(thing.id, tuple(left), right, gap=1)

    def _asked_for(self, thing: Machine | Managed) -> str:
        """Replicas are read from; a master whose reads all go to them is written to."""
        if isinstance(thing, Machine):
            return "rps"
        if thing.copy is not None:
            return "reads"
        copies = [copy.target for copy in self.scene.copies if copy.source == thing.id]
        read = thing.view.facts.get("reads") == "replicas" and self.scene.into(copies).rps > 0
        return "writes" if read else "rps"

    def _gauge(self, of: str, gauge: Gauge, label: str) -> Line:
        """A station's bar."""
        return Line(of, (Note(label),), load=gauge.load, mark=gauge.id == self.tight)

    def _machine(self, machine: Machine, detail: Detail) -> list[Line]:
        words, id = self.words, machine.id
        lines = [self._head(machine, detail)]
        if machine.state in STILL or machine.state is State.IDLE:
            note = short_idle(state_note(machine, words), machine, words, self.width - 2)
            if detail >= 3 and machine.state is not State.IDLE:
                lines.append(self._roles(machine, machine.view.roles))
            target = target_note(machine, words)
            lines.append(Line(id, (note,), (target,) if target and detail < 3 else ()))
            return lines + self._disks(machine, detail)
        if detail >= 3:
            lines.append(self._roles(machine, machine.view.roles))
        elif machine.state in WATCHED:
            lines.append(Line(id, (state_note(machine, words),)))
        for gauge in machine.gauges:
            lines.append(self._gauge(id, gauge, words.say("board.cpu")))
            if detail >= 3 and gauge.room:
                lines.append(self._queue(machine, gauge))
        if detail >= 3 and machine.view.credits is not None:
            lines.append(self._credits(machine))
        return lines + self._disks(machine, detail)

    def _queue(self, machine: Machine, gauge: Gauge) -> Line:
        said = self.words.say("board.queue_of", n=count(gauge.waiting), room=count(gauge.room))
        tight = gauge.waiting >= gauge.room * 0.5
        return Line(machine.id, (Note(said, "full" if tight else "dim"),))

    def _credits(self, machine: Machine) -> Line:
        view, words = machine.view, self.words
        label = Note(words.say("board.credits"))
        surplus = view.unlimited and not view.credits
        if view.throttled or surplus:
            word = words.say("board.surplus" if surplus else "board.throttled")
            return Line(machine.id, (label, Note(word, "full")), gap=1)
        share, figure = credits_share(machine), count(view.credits or 0.0)
        if view.unlimited:
            figure += " " + words.say("board.unlimited")
        ink: Ink = "ok" if share > 0.25 else "warn"
        right = (Note(figure, "text"),)
        return Line(machine.id, (label,), right, share=share, share_ink=ink)

    def _disks(self, machine: Machine, detail: Detail) -> list[Line]:
        lines: list[Line] = []
        for disk in machine.disks:
            shown = detail if detail >= 2 or disk.id != self.selected else 2
            if shown >= 2 or self._is_noteworthy(disk):
                lines += self._disk(disk, detail, lead="╰ " if self.width >= 24 else "")
        return lines

    def _is_noteworthy(self, disk: Disk) -> bool:
        return disk.state in (State.WARN, State.FULL) or bool(disk_troubles(disk, self.words))

    def _disk(self, disk: Disk, detail: Detail, lead: str) -> list[Line]:
        """One volume's line, with all detail two."""
        words = self.words
        name = Note(f"{lead}▭ {disk.id}", "text")
        notes = disk_notes(disk, words)
        if detail == 4:
            first = self._disk_bar(disk, name, ())
            return [first, Line(disk.id, tuple(notes))]
        troubles = disk_troubles(disk, words)
        size = Note(f"{disk.view.type} {disk_size(disk.view)}", size_ink(disk))
        more = troubles[:1] or ([size] if self.width >= 38 else [])
        return [self._disk_bar(disk, name, tuple(more))]

    def _disk_bar(self, disk: Disk, name: Note, more: tuple[Note, ...]) -> Line:
        words = self.words
        if not disk.gauges:
            key = "board.rests"
            if disk.view.attached_to is None:
                long = words.say("board.unattached_long")
                fits = cell_len(name.text) + cell_len(long) + 2 <= self.width
                key = "board.unattached_long" if fits else "board.unattached"
            return Line(disk.id, (name, *more), (Note(words.say(key)),), indent=0, gap=1)
        gauge = disk.gauges[0]
        label = (Note(words.say("board.io")),) if self.width >= 34 and not more else ()
        mark = gauge.id == self.tight
        left = (name, *more, *label)
        return Line(disk.id, left, load=gauge.load, mark=mark, indent=0, gap=1)

    def _managed(self, thing: Managed, detail: Detail) -> list[Line]:
        words, id = self.words, thing.id
        lines = [self._head(thing, detail)]
        if detail >= 3 and thing.view.roles:
            lines.append(self._roles(thing, thing.view.roles))
        plain = (State.OK, State.WARN, State.FULL, State.MIGRATING)
        if thing.state not in plain and not is_group(thing):
            note = short_idle(state_note(thing, words), thing, words, self.width - 2)
            lines.append(Line(id, (note,)))
        for move in thing.moves:
            lines.append(self._move(thing, move.share, detail))
        if not thing.runs:
            return lines
        label_width = max((cell_len(part_word(g, words)) for g in thing.gauges), default=0)
        gauges = thing.gauges if detail >= 2 else _busiest(thing.gauges)
        for gauge in gauges:
            label = part_word(gauge, words)
            label += " " * (label_width - cell_len(label))
            lines.append(self._gauge(id, gauge, label))
        return lines + service_lines(thing, detail, words)

    def _move(self, thing: Managed, share: float, detail: Detail) -> Line:
        said = moves_notes(thing, self.words)[0]
        move = thing.moves[0]
        left = self.words.say("board.seconds_left", seconds=f"{move.wait_s:.0f}")
        return Line(
            thing.id, (said,), (Note(left, "accent"),), share=share, share_ink="accent", gap=1
        )


def part_word(gauge: Gauge, words: Words) -> str:
    """What a station is called on its own card."""
    key = f"board.{gauge.part}"
    return words.say(key) if words.knows(key) else gauge.part


def _busiest(gauges: tuple[Gauge, ...]) -> tuple[Gauge, ...]:
    return (max(gauges, key=lambda g: (g.load, g.waiting)),) if gauges else ()
