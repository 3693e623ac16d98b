"""The shelf: saved runs, how they ended, and the best that was done at each level."""

from datetime import datetime
from pathlib import Path

import msgspec

from engine.complaint import Complaint
from engine.frame import Frame
from engine.recording import read_header
from tui.settings import data_folder, load_file, runs_folder, save_file

MOST_LISTED = 50
"""Saved runs that a list shows, newest first."""


class Best(msgspec.Struct, frozen=True):
    """The best that a player did at a level: most stars, then least spent."""

    stars: int
    spent_micro_usd: int
    seed: int

    def beats(self, other: "Best | None") -> bool:
        """Whether this is better than `other`."""
        rank = (self.stars, -self.spent_micro_usd)
        return other is None or rank > (other.stars, -other.spent_micro_usd)


class Ending(msgspec.Struct, frozen=True):
    """How a recorded run ended."""

    won: bool
    stars: int
    second: int


class SavedRun(msgspec.Struct, frozen=True):
    """A recording on the shelf; `ending` is None for a run that was left or killed."""

    path: Path
    slug: str
    seed: int
    started_at: str
    ending: Ending | None


def load_bests() -> dict[str, Best]:
    """The bests by a level's slug."""
    return load_file(data_folder() / "bests.json", dict[str, Best]) or {}


def keep_best(slug: str, best: Best) -> bool:
    """Keep `best` if it beats what is kept; whether it did."""
    bests = load_bests()
    if not best.beats(bests.get(slug)):
        return False
    save_file(data_folder() / "bests.json", {**bests, slug: best})
    return True


def new_run_path(slug: str, now: datetime, number: int = 1) -> Path:
    """Where to record a run that begins now; `number` tells runs of the same second apart."""
    several = "" if number == 1 else f".{number}"
    return runs_folder() / f"{now:%Y%m%d-%H%M%S}{several}-{slug}.headroom"


def note_ending(path: Path, frame: Frame, stars: int) -> None:
    """Note how a recorded run ended, for the list of runs."""
    assert frame.verdict is not None
    endings = _load_endings()
    endings[path.name] = Ending(frame.verdict.won, stars, frame.second)
    save_file(data_folder() / "endings.json", endings)


def saved_runs() -> list[SavedRun]:
    """The newest recordings on the shelf; a file that is none is left out."""
    try:
        paths = sorted(runs_folder().glob("*.headroom"), reverse=True)[:MOST_LISTED]
    except OSError:
        return []
    endings = _load_endings()
    runs = []
    for path in paths:
        try:
            header = read_header(path)
        except Complaint:
            continue
        ending = endings.get(path.name)
        runs.append(SavedRun(path, header.slug, header.seed, header.started_at, ending))
    return runs


def _load_endings() -> dict[str, Ending]:
    return load_file(data_folder() / "endings.json", dict[str, Ending]) or {}
