"""The campaign: the levels that come with the game, in the order in which they teach."""

from functools import cache
from pathlib import Path

from engine.complaint import Complaint
from engine.scenario import one_of
from levels.level import FOLDER as FOLDER
from levels.level import Level, read_level


@cache
def campaign() -> tuple[Level, ...]:
    """Every level, in order."""
    return tuple(read_level(folder) for folder in _folders())


def find_level(slug_or_path: str) -> Level:
    """The level of that slug, or the one in that file or folder."""
    for folder in _folders():
        if _slug(folder) == slug_or_path:
            return read_level(folder)
    path = Path(slug_or_path)
    if path.suffix == ".toml" or len(path.parts) > 1 or (path / "level.toml").is_file():
        return read_level(path)
    slugs = [_slug(folder) for folder in _folders()]
    expected = f"{one_of(slugs, 20)}, or a level.toml or its folder"
    raise Complaint(slug_or_path, "there is no such level", expected)


def _folders() -> list[Path]:
    return sorted(path.parent for path in FOLDER.glob("*/level.toml"))


def _slug(folder: Path) -> str:
    return folder.name.partition("-")[2]
