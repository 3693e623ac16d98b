"""The board with a cell for each thing, for more things than there are lines."""

from rich.cells import cell_len

from tui.render.board.lines import Note, draw_cells
from tui.render.board.picture import Picture, Spot
from tui.render.board.said import lag_note, shard_note, state_note
from tui.render.board.scene import Scene
from tui.render.board.services import kept_title, service_notes, service_title
from tui.render.board.things import Answering, Machine, Managed, Thing
from tui.render.board.users import draw_users_line
from tui.render.board.view import View
from tui.render.figures import count, whole_percent
from tui.theme import STATE_INK, State, state_of_load
from tui.words import Words

TITLE_WIDTH = 20
"""Columns for a kind's name where its cells stand beside it."""


def draw_minis(
    picture: Picture, scene: Scene, words: Words, selected: str | None, view: View
) -> None:
    """The users' line, then each kind of thing with its numbers and a cell for each one.

    The selected thing's own line stands at the end.
    """
    kinds = _kinds(scene, words)
    per_line = max(1, picture.canvas.width - 2)
    lines = sum(
        1 if _beside(title, things, picture.canvas.width) else 2 + (len(things) - 1) // per_line
        for title, things in kinds
    )
    chosen = _chosen(scene, selected)
    if chosen is not None and picture.room > 3:
        picture.room -= 1
        _chosen_line(picture, picture.room, chosen, words)
    picture.scroll(1 + lines, view.top)
    drawing = _Minis(picture, words, None if chosen is None else chosen.id)
    draw_users_line(picture.canvas, -picture.top, scene, words)
    y = 1
    for title, things in kinds:
        y = drawing.kind(title, things, y)


def _kinds(scene: Scene, words: Words) -> list[tuple[str, list[Thing]]]:
    """Things by what they are or play; what nothing points to and what is kept apart."""
    kinds: dict[str, list[Thing]] = {}
    for thing in scene.answering:
        kinds.setdefault(_title_of(thing, words), []).append(thing)
    if scene.loose:
        kinds.setdefault(words.say("board.loose_volumes"), []).extend(scene.loose)
    if scene.kept:
        for kept in scene.kept:
            kinds.setdefault(kept_title(kept, words), []).append(kept)
    return list(kinds.items())


def _title_of(thing: Answering, words: Words) -> str:
    if isinstance(thing, Managed):
        if thing.copy is not None:
            return words.say("board.replicas")
        if thing.shard is not None:
            return words.say("board.shards", table=thing.shard.table, n=thing.shard.shards)
        return service_title(thing.view.service, words)
    if thing.view.group:
        return thing.view.group
    if thing.state is State.IDLE:
        return words.say("board.spare")
    return " ".join(thing.holds or thing.view.roles) or words.say("board.spare")


def _chosen(scene: Scene, selected: str | None) -> Thing | None:
    """The thing that is selected, or the machine of the volume that is."""
    things: tuple[Thing, ...] = (*scene.answering, *scene.loose, *scene.kept)
    return next((t for t in things if selected in (t.id, *_inner(t))), None)


def _inner(thing: Thing) -> tuple[str, ...]:
    return tuple(d.id for d in thing.disks) if isinstance(thing, Machine) else ()


class _Minis:
    """One drawing of the board with cells; `selected` is the thing whose cell is marked."""

    def __init__(self, picture: Picture, words: Words, selected: str | None) -> None:
        self.picture = picture
        self.canvas = picture.canvas
        self.words = words
        self.selected = selected

    def kind(self, title: str, things: list[Thing], y: int) -> int:
        """A kind's line and its cells, below or beside; gives the row after them."""
        at = self._title(title, things, y - self.picture.top)
        if _beside(title, things, self.canvas.width):
            self._cells(things, TITLE_WIDTH, y)
            self._kind(things, TITLE_WIDTH + len(things) + 2, y - self.picture.top)
            return y + 1
        self._kind(things, at + 2, y - self.picture.top)
        per_line = max(1, self.canvas.width - 2)
        for start in range(0, len(things), per_line):
            y += 1
            self._cells(things[start : start + per_line], 1, y)
        return y + 1

    def _cells(self, things: list[Thing], x: int, y: int) -> None:
        row = y - self.picture.top
        if 0 <= row < self.picture.room:
            draw_cells(self.canvas, things, x, row, self.canvas.width - x, self.selected)
        for at, thing in enumerate(things, x):
            self.picture.keep(thing.id, Spot(at, y, 1, 1), _inner(thing))

    def _title(self, title: str, things: list[Thing], y: int) -> int:
        canvas = self.canvas
        if not 0 <= y < self.picture.room:
            return 1
        ink, width = canvas.look.ink, canvas.width
        at = canvas.text(1, y, f"{title} ", ink("title", bold=True), max(0, width - 1))
        return canvas.text(at, y, f"× {count(len(things))}", ink("text"), max(0, width - at))

    def _kind(self, things: list[Thing], x: int, y: int) -> None:
        """How busy they are: all together, and the busiest of them."""
        canvas, words = self.canvas, self.words
        only = things[0]
        if len(things) == 1 and isinstance(only, Managed) and service_notes(only, words):
            self._alone(only, x, y)
            return
        running = [t for t in things if t.gauges and isinstance(t, Machine | Managed)]
        if not running or not 0 <= y < self.picture.room:
            return
        mean = sum(t.load for t in running) / len(running)
        worst = max(running, key=lambda t: (t.load, t.waiting))
        load = whole_percent(worst.load)
        room = max(0, canvas.width - x)
        said = words.say("board.kind", mean=whole_percent(mean), id=worst.id, worst=load)
        for shorter in (f"{worst.id} {load}", load):
            if cell_len(said) > room:
                said = shorter
        x = canvas.text(x, y, said, canvas.look.ink(STATE_INK[state_of_load(worst.load)]), room)
        self._worst_of_tables(things, x + 2, y)

    def _worst_of_tables(self, things: list[Thing], x: int, y: int) -> None:
        """The replica that is furthest behind, or the shard that is hot."""
        managed = [thing for thing in things if isinstance(thing, Managed)]
        last = max((m.copy for m in managed if m.copy), key=lambda copy: copy.lag_s, default=None)
        hot = next((m for m in managed if m.shard and m.shard.hot), None)
        note = None if last is None else lag_note(last, self.words)
        if hot is not None and (share := shard_note(hot, self.words, short=True)):
            note = share._replace(text=f"{share.text} {hot.id}")
        if note is not None and cell_len(note.text) <= self.canvas.width - x:
            style = self.canvas.look.ink(note.ink, bold=note.bold)
            self.canvas.text(x, y, note.text, style, self.canvas.width - x)

    def _alone(self, thing: Managed, x: int, y: int) -> None:
        """What the only one of its kind says of itself, as far as there is room."""
        canvas, notes = self.canvas, service_notes(thing, self.words)
        if not 0 <= y < self.picture.room:
            return
        if thing.gauges:
            ink = STATE_INK[state_of_load(thing.load)]
            notes.insert(0, Note(whole_percent(thing.load), ink))
        for note in notes:
            room = canvas.width - x
            if cell_len(note.text) <= room:
                style = canvas.look.ink(note.ink, bold=note.bold)
                x = canvas.text(x, y, note.text, style, room) + 2


def _beside(title: str, things: list[Thing], width: int) -> bool:
    """Whether there is room for the cells beside the title, and for what is said of them."""
    said = cell_len(f"{title} × {count(len(things))}") + 2
    return said <= TITLE_WIDTH and TITLE_WIDTH + len(things) + 8 <= width


def _chosen_line(picture: Picture, y: int, thing: Thing, words: Words) -> None:
    canvas = picture.canvas
    ink, width = canvas.look.ink, canvas.width
    at = canvas.text(1, y, f"◆ {thing.id} ", ink("accent", bold=True), max(0, width - 1))
    if not isinstance(thing, Machine | Managed):
        return
    kind = thing.kind if isinstance(thing, Machine) else thing.view.type
    at = canvas.text(at, y, kind, ink("dim"), max(0, width - at))
    if not thing.runs or not thing.gauges:
        note = state_note(thing, words)
        canvas.text(at + 2, y, note.text, ink(note.ink), max(0, width - at - 2))
        return
    state = state_of_load(thing.load)
    said = f"{whole_percent(thing.load)} {words.say(f'board.state_{state}')}"
    at = canvas.text(at + 2, y, said, ink(STATE_INK[state]), max(0, width - at - 2))
    said = words.say("board.queue", n=count(thing.waiting))
    canvas.text(at + 2, y, said, ink("text"), max(0, width - at - 2))
