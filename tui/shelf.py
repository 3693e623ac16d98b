"""The shelf: saved runs, how they ended, and the best that was done at each level.

Everything kept is a file of its own, so that two games at once never touch each
other's.
"""

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
    """The best that a player did at a level: most stars, then least spent.

    An endless one is played for its `score`, and `second` is how long it lasted.
    """

    stars: int
    spent_micro_usd: int
    seed: int
    score: int = 0
    second: int = 0

    @property
    def _rank(self) -> tuple[int, int, int]:
        return self.score, self.stars, -self.spent_micro_usd

    def beats(self, other: "Best | None") -> bool:
        """Whether this is better than `other`."""
        return other is None or self._rank > other._rank


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
    bests: dict[str, Best] = {}
    for path in _listed(data_folder() / "bests", "*/*.json"):
        best = load_file(path, Best)
        if best is not None and best.beats(bests.get(path.parent.name)):
            bests[path.parent.name] = best
    return bests


def keep_best(slug: str, best: Best) -> bool:
    """Keep `best` if it beats what is kept; whether it did."""
    if not best.beats(load_bests().get(slug)):
        return False
    parts = [best.stars, best.spent_micro_usd, best.seed, *([best.score] if best.score else [])]
    name = "-".join(map(str, parts)) + ".json"
    save_file(data_folder() / "bests" / slug / name, best)
    return True


def new_run_path(slug: str, now: datetime, number: int = 1) -> Path:
    """Where to record a run that begins now; `number` tells runs of the same second apart."""
    several = "" if number == 1 else f".{number}"
    return runs_folder() / f"{now:%Y%m%d-%H%M%S}{several}-{slug}.headroom"


def note_ending(path: Path, frame: Frame, stars: int) -> None:
    """Note how a recorded run ended, for the list of runs."""
    assert frame.verdict is not None
    save_file(_ending_path(path), Ending(frame.verdict.won, stars, frame.second))


def saved_runs() -> list[SavedRun]:
    """The newest recordings on the shelf; a file that is none is left out."""
    runs = []
    for path in _listed(runs_folder(), "*.headroom")[: -MOST_LISTED - 1 : -1]:
        try:
            header = read_header(path)
        except Complaint:
            continue
        ending = load_file(_ending_path(path), Ending)
        runs.append(SavedRun(path, header.slug, header.seed, header.started_at, ending))
    return runs


def _ending_path(run: Path) -> Path:
    return data_folder() / "endings" / f"{run.name}.json"


def _listed(folder: Path, pattern: str) -> list[Path]:
    """The files of a folder in order of their names; none where it cannot be read."""
    try:
        return sorted(folder.glob(pattern))
    except OSError:
        return []
