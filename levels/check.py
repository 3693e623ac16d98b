"""A level checked before anyone plays it: all that is wrong with any of its files, at once."""

from pathlib import Path

from engine.complaint import Complaint
from engine.simulation import Simulation
from levels.level import LANGUAGES, Level, examine, followed_folder, read_level
from levels.plan import examine_plan


def check_level(path: Path) -> tuple[Level | None, list[Complaint]]:
    """The level, and the complaints about its file, its texts, every plan beside it, its board.

    Only a level whose files are all right is opened, for that needs all of them.
    """
    level, complaints = examine(path)
    file = path / "level.toml" if path.is_dir() else path
    complaints += _other_texts(file.parent)
    for plan in sorted(file.parent.glob("plans/*.toml")) if file.is_file() else ():
        complaints += examine_plan(plan)[1]
    if level is not None and not complaints:
        complaints = _open(level)
    return level, complaints


def _other_texts(folder: Path) -> list[Complaint]:
    """Texts of which no level takes notice, such as text.md."""
    known = [f"text.{language}.md" for language in LANGUAGES]
    others = (path for path in sorted(folder.glob("text*.md")) if path.name not in known)
    return [Complaint(str(path), "is no text of a level", " or ".join(known)) for path in others]


def _open(level: Level) -> list[Complaint]:
    """What only shows when the level opens: a board that is a loop, traffic that is no table."""
    try:
        Simulation(level.scenario, folder=level.folder)
        before = followed_folder(level)
        if before is not None:
            read_level(before)
    except Complaint as complaint:
        return [complaint]
    return []
