"""A machine as a card of a few lines: name, roles, load, queue, credits, volumes."""

from typing import Literal

from rich.cells import cell_len

from engine.frame import SnapshotView
from tui.render.canvas import Canvas
from tui.render.disks import (
    Note,
    disk_notes,
    disk_size,
    disk_troubles,
    size_ink,
    snapshot_notes,
)
from tui.render.figures import count, usd_micro, whole_percent
from tui.render.scene import Disk, Machine
from tui.theme import STATE_GLYPH, STATE_INK, State, state_of_load
from tui.words import Words

Detail = Literal[4, 3, 2]
"""How much a card says: all, one line a volume, or only name, load and volumes."""

Rows = list[tuple[str, int]]
"""A card's rows: what each is about, with a volume's index where it is one."""


def card_rows(machine: Machine, detail: Detail) -> Rows:
    """The rows of a machine's card."""
    rows: Rows = [("head", 0)]
    if machine.state is State.IDLE:
        rows.append(("idle", 0))
    else:
        if detail >= 3:
            rows.append(("roles", 0))
        rows.append(("load", 0))
        if detail >= 3 and machine.runs and machine.room:
            rows.append(("queue", 0))
        if detail >= 3 and machine.runs and machine.view.credits is not None:
            rows.append(("credits", 0))
    for index in range(len(machine.disks)):
        rows.append(("disk", index))
        if detail == 4:
            rows.append(("store", index))
    return rows


class CardPainter:
    """Draws cards of one width on one canvas; `selected` is the id that the player has chosen."""

    def __init__(self, canvas: Canvas, width: int, words: Words, selected: str | None) -> None:
        self.canvas = canvas
        self.width = width
        self.words = words
        self.selected = selected

    def draw(self, machine: Machine, x: int, y: int, rows: Rows) -> None:
        """One card, its upper left corner at (x, y)."""
        chosen = machine.id == self.selected
        for row, (kind, index) in enumerate(rows):
            if kind == "disk":
                self.disk(machine.disks[index], x, y + row, sized=("store", index) not in rows)
                continue
            if kind == "store":
                self.store(machine.disks[index], x, y + row)
                continue
            if chosen:
                self._choose(x, y + row)
            match kind:
                case "head":
                    self._head(machine, x, y + row, chosen)
                case "roles":
                    self._roles(machine, x, y + row, chosen)
                case "idle":
                    text = idle_words(machine, self.words, self.width - 2)
                    style = self.canvas.look.ink("warn", selected=chosen)
                    self.canvas.text(x + 2, y + row, text, style, self.width - 2)
                case "load":
                    inline = ("queue", 0) not in rows
                    self._load(machine, x, y + row, chosen, queue=inline)
                case "queue":
                    self._queue(machine, x, y + row, chosen)
                case _:
                    self._credits(machine, x, y + row, chosen)

    def disk(self, disk: Disk, x: int, y: int, lead: str = "╰ ", *, sized: bool = True) -> None:
        """One volume's line; `sized` with how full it is, or what is wrong with it."""
        chosen = disk.view.id == self.selected
        if chosen:
            self._choose(x, y)
        ink = self.canvas.look.ink
        view, end = disk.view, x + self.width
        tail = 7 + widest_word(self.words)
        lead = lead if self.width >= 24 else ""
        at = self.canvas.text(x, y, lead, ink("line", selected=chosen))
        name = ink("text", bold=chosen, selected=chosen)
        at = self.canvas.text(at, y, f"▭ {view.id}", name, end - at - tail) + 1
        if sized and self.width >= 38:
            kind = f"{view.type} {disk_size(view)}"
            for said, colour in [*disk_troubles(disk, self.words), (kind, size_ink(disk))][:1]:
                at = self.canvas.text(at, y, said + " ", ink(colour, selected=chosen))
        if disk.load is None:
            words = ("unattached_long", "unattached") if view.attached_to is None else ("rests",)
            said = next((w for w in map(self._say_board, words) if cell_len(w) < end - at), "")
            self._right(x, y, said, "dim", chosen)
            return
        label = self.words.say("board.io") + " "
        if end - at >= cell_len(label) + 16:
            at = self.canvas.text(at, y, label, ink("dim", selected=chosen))
        self._bar(at, y, end - at, disk.load, chosen)

    def store(self, disk: Disk, x: int, y: int) -> None:
        """A volume's second line: type, IOPS, how full, and what else is worth a word."""
        chosen = disk.view.id == self.selected
        if chosen:
            self._choose(x, y)
        self._notes(x + 2, y, x + self.width, disk_notes(disk, self.words), chosen)

    def snapshot(self, view: SnapshotView, second: int, x: int, y: int) -> None:
        """One snapshot's line."""
        chosen = view.id == self.selected
        if chosen:
            self._choose(x, y)
        name = self.canvas.look.ink("text", bold=chosen, selected=chosen)
        at = self.canvas.text(x, y, f"▣ {view.id}", name, self.width)
        notes = snapshot_notes(view, second, self.words)
        self._notes(at + 2, y, x + self.width, notes, chosen)

    def _notes(self, at: int, y: int, end: int, notes: list[Note], chosen: bool) -> None:
        """As many notes as fit; the first is cut rather than left out."""
        for number, (said, ink) in enumerate(notes):
            style = self.canvas.look.ink(ink, selected=chosen)
            if number == 0 or at + cell_len(said) <= end:
                at = self.canvas.text(at, y, said, style, max(0, end - at)) + 2

    def _say_board(self, key: str) -> str:
        return self.words.say(f"board.{key}")

    def _choose(self, x: int, y: int) -> None:
        style = self.canvas.look.ink("accent", selected=True)
        self.canvas.fill(x, y, self.width, style)
        self.canvas.put(x - 1, y, "▌", self.canvas.look.ink("accent"))

    def _head(self, machine: Machine, x: int, y: int, chosen: bool) -> None:
        ink = self.canvas.look.ink
        glyph = ink(STATE_INK[machine.state], bold=True, selected=chosen)
        self.canvas.text(x, y, STATE_GLYPH[machine.state], glyph)
        kind = machine.kind
        room = self.width - 3 - cell_len(kind)
        self.canvas.text(x + 2, y, machine.id, ink("strong", bold=True, selected=chosen), room)
        self._right(x, y, kind, "dim", chosen)

    def _roles(self, machine: Machine, x: int, y: int, chosen: bool) -> None:
        ink = self.canvas.look.ink
        at, stop = x + 2, x + self.width
        for role in machine.view.roles:
            held = role in machine.holds
            word = role if held else f"({role})"
            if at + cell_len(word) > stop:
                break
            style = ink("title" if held else "faint", selected=chosen)
            at = self.canvas.text(at, y, word, style) + 1

    def _load(self, machine: Machine, x: int, y: int, chosen: bool, *, queue: bool) -> None:
        if not machine.runs:
            text = state_words(machine, self.words)
            style = self.canvas.look.ink(STATE_INK[machine.state], selected=chosen)
            self.canvas.text(x + 2, y, text, style, self.width - 2)
            return
        label = self.words.say("board.cpu")
        style = self.canvas.look.ink("dim", selected=chosen)
        at = self.canvas.text(x + 2, y, f"{label} ", style)
        room = x + self.width - at
        if queue and machine.waiting and room > 26:
            waits = self.words.say("board.queue", n=count(machine.waiting))
            room -= cell_len(waits) + 2
            self._right(x, y, waits, "warn", chosen)
        self._bar(at, y, room, machine.load, chosen)

    def _queue(self, machine: Machine, x: int, y: int, chosen: bool) -> None:
        text = self.words.say("board.queue_of", n=count(machine.waiting), room=count(machine.room))
        tight = machine.waiting >= machine.room * 0.5
        style = self.canvas.look.ink("full" if tight else "dim", selected=chosen)
        self.canvas.text(x + 2, y, text, style, self.width - 2)

    def _credits(self, machine: Machine, x: int, y: int, chosen: bool) -> None:
        view, ink = machine.view, self.canvas.look.ink
        share = (view.credits or 0.0) / view.credits_max if view.credits_max else 0.0
        at = self.canvas.text(
            x + 2, y, self.words.say("board.credits") + " ", ink("dim", selected=chosen)
        )
        surplus = view.unlimited and not view.credits
        if view.throttled or surplus:
            word = self.words.say("board.surplus" if surplus else "board.throttled")
            self.canvas.text(at, y, word, ink("full", selected=chosen), x + self.width - at)
            return
        steps = max(0, min(8, x + self.width - at - 7))
        full = round(share * steps) if share < 1 else steps
        style = ink("ok" if share > 0.25 else "warn", selected=chosen)
        at = self.canvas.text(at, y, "▰" * full, style)
        at = self.canvas.text(at, y, "▱" * (steps - full), ink("faint", selected=chosen))
        figure = count(view.credits or 0.0)
        if view.unlimited:
            figure += " " + self.words.say("board.unlimited")
        self.canvas.text(at + 1, y, figure, ink("text", selected=chosen), x + self.width - at - 1)

    def _bar(self, x: int, y: int, room: int, load: float, chosen: bool) -> None:
        """A bar with its percentage and its word, flush right so that a card's rows align."""
        state = state_of_load(load)
        tail = 7 + widest_word(self.words)
        length = room - tail
        if length >= 3:
            self.canvas.bar(x, y, length, load, self.canvas.look.load(load, selected=chosen))
        x += max(0, length)
        ink = self.canvas.look.ink
        x = self.canvas.text(x, y, whole_percent(load).rjust(6), ink("text", selected=chosen))
        style = ink(STATE_INK[state], bold=state is not State.OK, selected=chosen)
        self.canvas.text(x + 1, y, self.words.say(f"board.state_{state}"), style)

    def _right(self, x: int, y: int, text: str, ink: Literal["dim", "warn"], chosen: bool) -> None:
        style = self.canvas.look.ink(ink, selected=chosen)
        self.canvas.text(x + self.width - cell_len(text), y, text, style)


def widest_word(words: Words) -> int:
    """Cells of the longest of OK, WARN and FULL."""
    return max(cell_len(words.say(f"board.state_{state}")) for state in ("ok", "warn", "full"))


def idle_words(machine: Machine, words: Words, room: int) -> str:
    """That a machine is wasted and what it costs, as long as there is room for it."""
    usd = usd_micro(machine.view.rate_month_micro_usd)
    long = words.say("board.idle_cost", usd=usd)
    return long if cell_len(long) <= room else words.say("board.idle")


def state_words(machine: Machine, words: Words) -> str:
    """What a machine that does not run is doing, with the seconds that it still takes."""
    seconds = round(machine.wait_s)
    match machine.state:
        case State.BOOTING | State.STOPPING:
            return words.say(f"board.{machine.state}_for", seconds=seconds)
        case State.DOWN:
            return words.say("board.down_holding", role=machine.holds[0])
        case _:
            return words.say(f"board.state_{machine.state}")
