"""The shelf: saved runs, how they ended, and the best that was done at each level.

Everything kept is a file of its own, so that two games at once never touch each
other's.
"""

from datetime import datetime
from pathlib import Path

import msgspec

from engine.complaint import Complaint
from engine.frame import Frame, well_served_per_usd
from engine.recording import is_whole, read_ending, read_header
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
    """The bests by a level's slug, of all runs that were ever on the shelf."""
    _note_new_endings()
    return _kept_bests()


def _kept_bests() -> dict[str, Best]:
    bests: dict[str, Best] = {}
    for path in _listed(data_folder() / "bests", "*/*.json"):
        best = load_file(path, Best)
        if best is not None and best.beats(bests.get(path.parent.name)):
            bests[path.parent.name] = best
    return bests


def keep_best(slug: str, best: Best) -> bool:
    """Keep `best` if it beats what is kept; whether it did."""
    if not best.beats(_kept_bests().get(slug)):
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


def keep_result(slug: str, seed: int, frame: Frame, stars: int, scored: bool) -> None:
    """Keep what was reached by the last frame of a run, in a level, if it is the player's best."""
    assert frame.verdict is not None
    spent = frame.money.spent_micro_usd
    if scored:
        keep_best(slug, Best(0, spent, seed, well_served_per_usd(frame), frame.second))
    elif frame.verdict.won and frame.sandbox is None:
        keep_best(slug, Best(stars, spent, seed))


def _note_new_endings() -> None:
    """Take in whole recordings that nobody noted: brought from elsewhere, or killed at the end."""
    for path in _listed(runs_folder(), "*.headroom"):
        if _ending_path(path).exists() or not is_whole(path):
            continue
        try:
            ending = read_ending(path)
        except Complaint:
            continue
        verdict = ending[1].verdict if ending else None
        if ending is None or verdict is None:
            continue
        header, frame, result = ending
        stars = 3 if verdict.stars == 2 and result.get("stars") == 3 else verdict.stars
        goals = header.scenario.get("objectives")
        scored = isinstance(goals, dict) and goals.get("window_s") is not None
        note_ending(path, frame, stars)
        keep_result(header.slug, header.seed, frame, stars, scored)


def saved_runs() -> list[SavedRun]:
    """The newest recordings on the shelf; a file that is none is left out."""
    _note_new_endings()
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
