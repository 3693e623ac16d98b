"""The daily run: an endless one with the seed of a day, the same for everyone who plays it."""

from datetime import date

from levels.growth import endless
from levels.level import Level


def seed_of(day: date) -> int:
    """The seed of a day: its date as a number."""
    return int(f"{day:%Y%m%d}")


def daily(day: date) -> Level:
    """The endless level of a day."""
    return endless(seed_of(day), f"daily-{day:%Y-%m-%d}")
