"""The shelf: saved runs, how they ended, and the best that was done at each level.

Everything kept is a file of its own, so that two games at once never touch each
other's.
"""

from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Literal, get_args

import msgspec

from engine.complaint import Complaint
from engine.frame import Frame, well_served_per_usd
from engine.recording import is_whole, read_ending, read_header, read_newest
from tui.render.facts import titles_of
from tui.settings import data_folder, load_file, runs_folder, save_file

CameOut = Literal["won", "lost", "over", "left", "broken"]
"""How a run came out: `over` is one that nothing wins or loses, endless or free."""

MOST_SHOWN = 10**15
"""Micro-dollars or seconds beyond which a file is no run of this game."""

CAME_OUT: tuple[CameOut, ...] = get_args(CameOut)


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
    """How a recorded run ended; `score` is that of an endless one; one in the sandbox is `free`.

    An older version did not note what was spent.
    """

    won: bool
    stars: int
    second: int
    spent_micro_usd: int | None = None
    score: int | None = None
    free: bool = False


class SavedRun(msgspec.Struct, frozen=True):
    """A recording on the shelf.

    `ending` is None for a run that was left or killed; `second` and what was
    spent are then as of its newest second. `trouble` is why a file cannot be
    read, and then nothing else is known of it.
    """

    path: Path
    slug: str = ""
    seed: int = 0
    started_at: str = ""
    ending: Ending | None = None
    titles: dict[str, str] = {}
    second: int | None = None
    spent_micro_usd: int | None = None
    trouble: str = ""

    @property
    def came_out(self) -> CameOut:
        """How it came out, in one word."""
        if self.trouble:
            return "broken"
        if self.ending is None:
            return "left"
        if self.ending.free or self.ending.score is not None:
            return "over"
        return "won" if self.ending.won else "lost"

    def title(self, language: str) -> str:
        """The level as it was called when it was played."""
        return self.titles.get(language) or next(iter(self.titles.values()), self.slug)

    def is_best(self, bests: dict[str, Best]) -> bool:
        """Whether it is the run that its level's best was reached in."""
        best, ending = bests.get(self.slug), self.ending
        if best is None or ending is None or best.seed != self.seed:
            return False
        if ending.score is not None:
            return best.score == ending.score
        reached = ending.won, ending.stars, ending.spent_micro_usd
        return reached == (True, best.stars, best.spent_micro_usd)


def load_bests() -> dict[str, Best]:
    """The bests by a level's slug, of all runs that were ever on the shelf."""
    _note_new_endings()
    return _kept_bests()


def _kept_bests() -> dict[str, Best]:
    """What was kept; older versions kept a score of free play, too."""
    bests: dict[str, Best] = {}
    for path in _listed(data_folder() / "bests", "*/*.json"):
        best = load_file(path, Best)
        free = path.parent.name.startswith("sandbox") and best is not None and best.score
        if best is not None and not free and best.beats(bests.get(path.parent.name)):
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


def note_ending(path: Path, frame: Frame, stars: int, *, scored: bool = False) -> Ending:
    """Note how a recorded run ended, for the list of runs."""
    assert frame.verdict is not None
    ending = Ending(
        frame.verdict.won,
        stars,
        frame.second,
        frame.money.spent_micro_usd,
        well_served_per_usd(frame) if scored and frame.sandbox is None else None,
        frame.sandbox is not None,
    )
    save_file(_ending_path(path), ending)
    return ending


def keep_result(slug: str, seed: int, frame: Frame, stars: int, scored: bool) -> None:
    """Keep what was reached by the last frame of a run, in a level, if it is the player's best."""
    assert frame.verdict is not None
    spent = frame.money.spent_micro_usd
    if frame.sandbox is not None:
        return  # whoever sets traffic and budget could have any score
    if scored:
        keep_best(slug, Best(0, spent, seed, well_served_per_usd(frame), frame.second))
    elif frame.verdict.won:
        keep_best(slug, Best(stars, spent, seed))


def _note_new_endings() -> None:
    """Take in whole recordings that nobody noted: brought from elsewhere, or killed at the end."""
    for path in _listed(runs_folder(), "*.headroom"):
        if not _ending_path(path).exists() and is_whole(path):
            with suppress(Complaint):
                _note_from_file(path)


def _note_from_file(path: Path) -> Ending | None:
    """Note the ending of a whole recording, and keep what was reached; None if it has none."""
    found = read_ending(path)
    verdict = None if found is None else found[1].verdict
    if found is None or verdict is None:
        return None
    header, frame, result = found
    stars = 3 if verdict.stars == 2 and result.get("stars") == 3 else verdict.stars
    goals = header.scenario.get("objectives")
    scored = isinstance(goals, dict) and goals.get("window_s") is not None
    keep_result(header.slug, header.seed, frame, stars, scored)
    return note_ending(path, frame, stars, scored=scored)


def run_files() -> list[Path]:
    """Every recording on the shelf, the newest first by name."""
    return _listed(runs_folder(), "*.headroom")[::-1]


def saved_runs() -> list[SavedRun]:
    """Every recording on the shelf, read one after the other."""
    return [read_run(path) for path in run_files()]


def runs_of(slug: str) -> list[SavedRun]:
    """Those of one level, found by the names that the game gives their files."""
    found = (read_run(path) for path in run_files() if path.stem.endswith(f"-{slug}"))
    return [run for run in found if run.slug == slug]


def read_run(path: Path) -> SavedRun:
    """What a list shows of one recording; of a file that cannot be read, why."""
    try:
        header = read_header(path)
        ending = _ending_of(path)
        newest = None if ending is not None else read_newest(path)
    except Complaint as complaint:
        return SavedRun(path, trouble=_without_folder(path, str(complaint)))
    second = spent = None
    if ending is not None:
        second, spent = ending.second, ending.spent_micro_usd
    elif newest is not None:
        second, spent = newest.second, newest.money.spent_micro_usd
    if max(second or 0, spent or 0) > MOST_SHOWN:
        return SavedRun(path, trouble="holds figures that no run can have")
    return SavedRun(
        path,
        header.slug,
        header.seed,
        header.started_at,
        ending,
        titles_of(header.text),
        second,
        spent,
    )


def _ending_of(path: Path) -> Ending | None:
    """As it was noted; from the file itself where nobody did, or an older version did."""
    noted = load_file(_ending_path(path), Ending)
    if noted is not None and noted.free:  # an older version gave it a score
        noted = msgspec.structs.replace(noted, score=None)
    if noted is not None and noted.spent_micro_usd is not None:
        return noted
    if not is_whole(path):
        return noted
    found = _note_from_file(path)
    if noted is None or found is None:
        return noted or found
    if noted.stars <= found.stars:
        return found
    better = msgspec.structs.replace(found, stars=noted.stars)  # the third is judged in the game
    save_file(_ending_path(path), better)
    return better


def delete_run(path: Path) -> bool:
    """Take a recording and what was noted of it from the shelf; bests stay. Whether it worked."""
    try:
        path.unlink()
    except FileNotFoundError:
        pass
    except OSError:
        return False
    with suppress(OSError):
        _ending_path(path).unlink(missing_ok=True)
    return True


def _without_folder(path: Path, text: str) -> str:
    """A complaint about a file of a list, which names it anyway."""
    return text.replace(f"{path}: ", "", 1)


def _ending_path(run: Path) -> Path:
    return data_folder() / "endings" / f"{run.name}.json"


def _listed(folder: Path, pattern: str) -> list[Path]:
    """The files of a folder in order of their names; none where it cannot be read."""
    try:
        return sorted(folder.glob(pattern))
    except OSError:
        return []
