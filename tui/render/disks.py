"""Volumes and snapshots in words: what they are, how full, and what will become of them."""

from engine.frame import SnapshotView, VolumeView
from tui.render.figures import count, percent
from tui.render.scene import Disk
from tui.theme import Ink
from tui.words import Words

Note = tuple[str, Ink]

LOW_BURST = 0.25
"""An HDD with a smaller share of its burst left is worth a warning."""


def disk_size(view: VolumeView) -> str:
    """``6.2/20 GB``, of which the first is used."""
    return f"{count(view.used_gb)}/{view.gb:,} GB"


def size_ink(disk: Disk) -> Ink:
    """A volume that fills up warns before it is full."""
    return "down" if disk.used >= 1 else "warn" if disk.used > 0.9 else "dim"


def disk_notes(disk: Disk, words: Words) -> list[Note]:
    """All that is worth a word, the most urgent first."""
    view = disk.view
    notes = disk_troubles(disk, words)
    notes += [(view.type, "dim"), (disk_size(view), size_ink(disk))]
    if view.burst_left is not None and view.burst_left >= LOW_BURST:
        notes.append((words.say("board.burst", percent=percent(view.burst_left)), "dim"))
    if view.attached_to is not None:
        notes.append((words.say("board.stays" if view.keep else "board.goes"), "dim"))
    notes.append((words.say("board.iops", n=f"{view.iops:,}"), "dim"))
    if view.mib_s:
        notes.append((words.say("board.mib_s", n=f"{view.mib_s:,}"), "dim"))
    return notes


def disk_troubles(disk: Disk, words: Words) -> list[Note]:
    """What is wrong with a volume, or soon will be."""
    view = disk.view
    notes: list[Note] = []
    if disk.used >= 1:
        notes.append((words.say("board.disk_full"), "down"))
    if view.unloaded_gb > 0:
        loaded = 1 - min(1.0, view.unloaded_gb / max(view.used_gb, view.unloaded_gb))
        notes.append((words.say("board.loading", percent=percent(loaded)), "warn"))
    if view.burst_left is not None and view.burst_left < LOW_BURST:
        if view.burst_left <= 0:
            notes.append((words.say("board.burst_over"), "full"))
        else:
            notes.append((words.say("board.burst", percent=percent(view.burst_left)), "warn"))
    return notes


def snapshot_notes(view: SnapshotView, second: int, words: Words) -> list[Note]:
    """What a snapshot is of, how much it holds, and whether it is complete."""
    state: Note = ("✓", "ok")
    if view.state == "pending":
        seconds = f"{max(0.0, (view.until_s or second) - second):.0f}"
        state = (words.say("board.snapshot_left", seconds=seconds), "flow")
    of = words.say("board.snapshot_of", volume=view.volume)
    return [state, (of, "dim"), (f"{count(view.gb)} GB", "dim")]
