"""States, disks and moves of data in a few words, the same on cards and in rows."""

from rich.cells import cell_len

from engine.views import NEARLY_FULL, Fact, ResourceView, SnapshotView, VolumeView
from tui.render.board.flows import Flow
from tui.render.board.lines import Note
from tui.render.board.things import Answering, Copy, Disk, Kept, Machine, Managed, Thing
from tui.render.figures import clock, count, percent, usd_micro, whole_percent
from tui.theme import STATE_INK, Ink, State
from tui.words import Words

LOW_BURST = 0.25
"""An HDD with a smaller share of its burst left is worth a warning."""

NO_LAG_S = 0.05
"""A shorter lag than this is none."""

TARGETS: dict[str, tuple[str, Ink]] = {
    "initial": ("◔", "flow"),
    "healthy": ("✓", "ok"),
    "unhealthy": ("⊘", "down"),
    "draining": ("▽", "dim"),
}
"""The sign of what a balancer thinks of a target."""

ALARMS: dict[str, tuple[str, Ink]] = {
    "ok": ("✓", "ok"),
    "alarm": ("↯", "full"),
    "insufficient_data": ("·", "dim"),
}
"""The sign of an alarm's state."""

LOUD = (State.DOWN, State.FAILED, State.FAILING_OVER, State.UNHEALTHY)
"""States that nobody may overlook."""


def state_note(thing: Answering, words: Words) -> Note:
    """What a thing is doing, with the seconds that it still takes if they are known."""
    return Note(_state_words(thing, words), STATE_INK[thing.state], thing.state in LOUD)


def _state_words(thing: Answering, words: Words) -> str:
    if thing.state is State.DOWN and thing.holds:
        return words.say("board.down_holding", role=" ".join(thing.holds))
    if thing.state is State.IDLE:
        usd = usd_micro(thing.view.rate_month_micro_usd)
        return f"{_idle_words(thing, words)}, {words.say('board.a_month', usd=usd)}"
    state = short_state(thing, words)
    if thing.wait_s is None:
        return state
    return words.say("board.to_go", state=state, seconds=f"{thing.wait_s:.0f}")


def _idle_words(thing: Thing, words: Words) -> str:
    """Why a thing is wasted."""
    if isinstance(thing, Managed) and thing.copy is not None:
        return words.say("board.idle_copy")
    if isinstance(thing, Managed) and thing.view.service == "elasticache":
        return words.say("board.idle_store")
    return words.say("board.idle")


def short_state(thing: Answering, words: Words) -> str:
    """What a thing is doing, in a word; a state of a later version by its own name."""
    if thing.state is not State.OTHER:
        return words.say(f"board.state_{thing.state}")
    key = f"states.{thing.view.state}"
    return words.say(key) if words.knows(key) else thing.view.state.replace("_", " ")


def short_idle(note: Note, thing: Answering, words: Words, room: int) -> Note:
    """That a thing is wasted, without its price where there is no room for that."""
    if thing.state is State.IDLE and cell_len(note.text) > room:
        return note._replace(text=_idle_words(thing, words))
    return note


def moves_notes(thing: Thing, words: Words) -> list[Note]:
    """Its data under way."""
    notes = []
    for move in thing.moves:
        key = "board.moving_in" if move.target == thing.id else "board.moving_out"
        notes.append(Note("⇢ " + words.say(key, percent=percent(move.share)), "accent"))
    return notes


def failed_note(coming: Flow) -> Note | None:
    """The share of requests that fail because of a thing."""
    if coming.failed < 0.0005:
        return None
    return Note(f"✕ {percent(coming.failed)}", "down", True)


def queue_note(thing: Thing, words: Words) -> Note | None:
    """How many wait at a thing."""
    if not thing.waiting:
        return None
    return Note(words.say("board.queue", n=count(thing.waiting)), "warn")


def credits_share(machine: Machine) -> float:
    """CPU credits left, as a share of the most."""
    view = machine.view
    return (view.credits or 0.0) / view.credits_max if view.credits_max else 0.0


def disk_size(view: VolumeView) -> str:
    """``6.2/20 GB``, of which the first is used."""
    return f"{count(view.used_gb)}/{view.gb:,} GB"


def size_ink(disk: Disk) -> Ink:
    """A volume that fills up warns before it is full."""
    return "down" if disk.used >= 1 else "warn" if disk.used > NEARLY_FULL else "dim"


def disk_notes(disk: Disk, words: Words) -> list[Note]:
    """All that is worth a word, the most urgent first."""
    view = disk.view
    notes = disk_troubles(disk, words)
    notes += [Note(view.type), Note(disk_size(view), size_ink(disk))]
    if view.burst_left is not None and view.burst_left >= LOW_BURST:
        notes.append(Note(words.say("board.burst", percent=percent(view.burst_left))))
    if view.attached_to is not None:
        notes.append(Note(words.say("board.stays" if view.keep else "board.goes")))
    notes.append(Note(words.say("board.iops", n=f"{view.iops:,}")))
    if view.mib_s:
        notes.append(Note(words.say("board.mib_s", n=f"{view.mib_s:,}")))
    return notes


def disk_troubles(disk: Disk, words: Words) -> list[Note]:
    """What is wrong with a volume, or soon will be, or is done with its data."""
    view = disk.view
    notes = moves_notes(disk, words)
    if disk.used >= 1:
        notes.append(Note(words.say("board.disk_full"), "down", True))
    elif disk.used > NEARLY_FULL:
        notes.append(Note(words.say("board.disk_nearly_full"), "warn"))
    if view.unloaded_gb > 0:
        loaded = 1 - min(1.0, view.unloaded_gb / max(view.used_gb, view.unloaded_gb))
        notes.append(Note(words.say("board.loading", percent=percent(loaded)), "warn"))
    if view.burst_left is not None and view.burst_left < LOW_BURST:
        if view.burst_left <= 0:
            notes.append(Note(words.say("board.burst_over"), "full"))
        else:
            said = words.say("board.burst", percent=percent(view.burst_left))
            notes.append(Note(said, "warn"))
    return notes


def copy_note(copy: Copy, words: Words) -> Note:
    """Whose copy a replica is; that its master is gone, if it is."""
    if copy.alone:
        return Note(words.say("board.copy_alone", id=copy.source), "down", True)
    return Note(words.say("board.copy_of", id=copy.source), "title")


def lag_note(copy: Copy, words: Words) -> Note:
    """How far behind its master a replica is; loud if that is too far."""
    tenths = NO_LAG_S <= copy.lag_s < 10
    said = words.say("board.lag", s=f"{copy.lag_s:,.1f}" if tenths else f"{copy.lag_s:,.0f}")
    return Note(f"▲ {said}", "warn", True) if copy.is_late else Note(said, "text")


def shard_note(thing: Thing, words: Words, *, short: bool = False) -> Note | None:
    """The share of what comes to all shards of its table that comes to this one."""
    shard = thing.shard if isinstance(thing, Managed) else None
    if shard is None:
        return None
    share = whole_percent(shard.share)
    if short:
        return Note(f"▲ {share}", "warn", True) if shard.hot else Note(f"→ {share}")
    if shard.hot:
        return Note("▲ " + words.say("board.shard_hot", percent=share), "warn", True)
    return Note(words.say("board.shard_share", percent=share))


def target_note(thing: Thing, words: Words) -> Note | None:
    """What its balancer thinks of a machine, if it has one."""
    if not isinstance(thing, Machine) or thing.target not in TARGETS:
        return None
    glyph, ink = TARGETS[thing.target]
    said = words.say(f"board.target_{thing.target}")
    return Note(f"{glyph} {said}", ink, thing.target == "unhealthy")


def _alarm_notes(view: ResourceView, words: Words) -> list[Note]:
    """Whether an alarm rings, what it watches, and what it has measured of its bound."""
    facts = view.facts
    glyph, ink = ALARMS.get(view.state, ("·", "dim"))
    key = f"states.{view.state}"
    said = words.say(key) if words.knows(key) else view.state
    measured, above = _percent(facts.get("measured")), _percent(facts.get("above"))
    of = Note(f"{facts.get('resource', '')} {measured}/{above}")
    return [Note(f"{glyph} {said}", ink, view.state == "alarm"), of]


def _percent(fact: Fact | None) -> str:
    return whole_percent(fact / 100) if isinstance(fact, int | float) else "–"


def kept_notes(kept: Kept, words: Words) -> list[Note]:
    """What a snapshot, backup or image is of, how much it holds, and whether it is complete."""
    view = kept.view
    if isinstance(view, ResourceView) and view.service == "cloudwatch":
        return _alarm_notes(view, words)
    until: Fact = ""
    if isinstance(view, SnapshotView):
        of, gb = view.volume, view.gb
    else:
        of, until = str(view.facts.get("source", "")), view.facts.get("restorable_s", "")
        stored = view.facts.get("gb", 0.0)
        gb = float(stored) if isinstance(stored, int | float) else 0.0
    state = Note("✓", "ok")
    if kept.state is State.CREATING:
        state = Note(words.say("board.seconds_left", seconds=f"{kept.wait_s or 0.0:.0f}"), "flow")
    notes = [state, Note(words.say("board.snapshot_of", volume=of)), Note(f"{count(gb)} GB")]
    if isinstance(until, int | float):
        notes.append(Note(words.say("board.restorable", at=clock(until))))
    return notes
