"""The daily run: an endless one with the seed of a day, the same for everyone who plays it."""

import dataclasses
from datetime import date

import msgspec

from levels.growth import endless
from levels.level import Level
from tui.words import Words


def seed_of(day: date) -> int:
    """The seed of a day: its date as a number."""
    return int(f"{day:%Y%m%d}")


def daily(day: date) -> Level:
    """The endless level of a day, which says that it is that."""
    level = endless(seed_of(day), f"daily-{day:%Y-%m-%d}")
    texts = {}
    for language, text in level.text.items():
        say = Words(language).say
        what = say("menu.daily_what", day=f"{day:%Y-%m-%d}")
        texts[language] = msgspec.structs.replace(
            text,
            title=f"{say('menu.daily')} · {day:%Y-%m-%d}",
            briefing=f"{what}\n\n{text.briefing}",
        )
    return dataclasses.replace(level, text=texts)
