"""What many alike things, folded into one, say on their card."""

from collections import Counter

from rich.cells import cell_len

from tui.render.board.folds import Fleet
from tui.render.board.lines import Line, Note, glyph_note
from tui.render.board.said import LOUD, failed_note, queue_note, short_state, state_note
from tui.render.board.scene import Scene
from tui.render.board.things import Answering, Machine, Managed, Thing
from tui.render.figures import count, usd_micro, whole_percent
from tui.theme import STATE_INK, State, state_of_load
from tui.words import Words

ODD = (
    *(State.DOWN, State.UNHEALTHY, State.DRAINING, State.UNCHECKED),
    *(State.BOOTING, State.STOPPING, State.STOPPED),
)
"""States of some of many that are worth a word."""


class FleetWriter:
    """Writes the cards of one scene's fleets, for cards of one width."""

    def __init__(self, scene: Scene, words: Words, width: int, selected: str | None) -> None:
        self.scene = scene
        self.words = words
        self.width = width
        self.selected = selected
        self.tight = scene.tight.station.id if scene.tight else ""

    def lines(self, fleet: Fleet, detail: int) -> list[Line]:
        """How many, how busy, a cell for each, and the one that is chosen or worst off."""
        things = [m for m in fleet.members if isinstance(m, Machine | Managed)]
        lines = [self._head(fleet, things)]
        if detail >= 3 and things:
            lines.append(self._roles(things))
        running = [m for m in things if m.runs]
        if running:
            mean = sum(m.load for m in running) / len(running)
            lines.append(Line("", (Note(self.words.say("board.mean")),), load=mean))
        per_line = max(1, self.width - 2)
        odd = self._odd(things)
        for start in range(0, len(fleet.members), per_line):
            members = fleet.members[start : start + per_line]
            room = self.width - 4 - len(members)
            said = tuple(note for note in odd if cell_len(note.text) <= room)
            lines.append(Line("", right=said, cells=members))
            odd = ()
        chosen = next((m for m in fleet.members if is_chosen(m, self.selected)), None)
        if chosen is not None or things:
            lines.append(self._one_of(chosen or fleet.worst, chosen=chosen is not None))
        return lines

    def _head(self, fleet: Fleet, things: list[Answering]) -> Line:
        name = fleet.group or f"{fleet.id}…"
        said = [
            glyph_note(fleet.worst),
            Note(name, "strong", True),
            Note(f"×{len(fleet.members)}", "strong", True),
        ]
        failed = failed_note(self.scene.into(m.id for m in fleet.members))
        said += [failed] if failed else []
        waiting = sum(m.waiting for m in things)
        kind = Note(kind_of(fleet.members[0]))
        if waiting:
            kind = Note(self.words.say("board.queue", n=count(waiting)), "warn")
        return Line("", tuple(said), (kind,) if kind.text else (), indent=0, gap=1)

    def _odd(self, things: list[Answering]) -> tuple[Note, ...]:
        """How many of them boot, or are left out: what their cells say, in words."""
        counted = Counter(thing.state for thing in things if thing.state in ODD)
        if not counted:
            return ()
        state, number = counted.most_common(1)[0]
        word = self.words.say(f"board.state_{state}").partition(":")[0]
        said = self.words.say("board.some", n=count(number), state=word)
        return (Note(said, STATE_INK[state], state in LOUD),)

    def _roles(self, things: list[Answering]) -> Line:
        """What they play, the requests that come to them, and what they cost."""
        rps = self.scene.into(m.id for m in things).rps
        usd = sum(m.view.rate_month_micro_usd for m in things)
        right = (
            Note(self.words.say("board.rps", n=count(rps))),
            Note(self.words.say("board.a_month", usd=usd_micro(usd))),
        )
        roles = tuple(Note(role, "title") for role in things[0].view.roles)
        return Line("", roles, right, gap=1)

    def _one_of(self, thing: Thing, *, chosen: bool) -> Line:
        """The member that is chosen, or else is worst off."""
        words = self.words
        sign = glyph_note(thing)
        name = Note(f"{'◆' if chosen else sign.text} {thing.id}", "text", chosen)
        of = (self.selected or "") if chosen else ""
        tight = any(gauge.id == self.tight for gauge in thing.gauges)
        if not isinstance(thing, Machine | Managed):
            return Line(of, (name,))
        if not thing.runs or thing.state is State.IDLE:
            note = state_note(thing, words)
            if cell_len(note.text) > self.width - cell_len(name.text) - 3:
                note = note._replace(text=short_state(thing, words))
            return Line(of, (name, note), mark=tight, gap=1)
        state = state_of_load(thing.load)
        word = f"{whole_percent(thing.load)} {words.say(f'board.state_{state}')}"
        right = (Note(word, STATE_INK[state], state is not State.OK),)
        label = None if chosen else Note(words.say("board.fullest"))
        left = tuple(note for note in (name, label, queue_note(thing, words)) if note)
        return Line(of, left, right, mark=tight, gap=1)


def is_chosen(thing: Thing, selected: str | None) -> bool:
    """Whether a thing, or one of its volumes, is selected."""
    disks = thing.disks if isinstance(thing, Machine) else ()
    return selected is not None and selected in (thing.id, *(disk.id for disk in disks))


def kind_of(thing: Thing) -> str:
    """A thing's type, "" where it has none worth a word."""
    match thing:
        case Machine():
            return thing.kind
        case Managed():
            return thing.view.service.upper() if thing.view.service == "s3" else thing.view.type
    return ""
