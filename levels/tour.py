"""The level that the guided tour plays: small, forgiving, and in no campaign."""

from pathlib import Path

from levels.level import Level, read_level

FOLDER = Path(__file__).with_name("tour")


def tour() -> Level:
    """The tour's level."""
    return read_level(FOLDER)
