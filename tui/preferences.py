"""What a player may choose, as a table: each setting, its values, and how they are said."""

from dataclasses import dataclass

from tui.colours import PALETTES
from tui.desk import Desk
from tui.session import SPEEDS
from tui.theme import HEADROOM_DARK, HEADROOM_LIGHT
from tui.words import LANGUAGES

Value = str | float | bool


@dataclass(frozen=True)
class Preference:
    """One setting by its key in the words table, and the values that it can have."""

    name: str
    values: tuple[Value, ...]

    def beside(self, value: Value, by: int) -> Value:
        """The value so many further on; round at the ends."""
        at = self.values.index(value) if value in self.values else 0
        return self.values[(at + by) % len(self.values)]


def preferences(themes: tuple[str, ...]) -> tuple[Preference, ...]:
    """Every setting, in the order of the settings screen; of the themes ours come first."""
    ours = (HEADROOM_DARK.name, HEADROOM_LIGHT.name)
    return (
        Preference("language", tuple(LANGUAGES)),
        Preference("theme", (*ours, *(name for name in themes if name not in ours))),
        Preference("palette", tuple(PALETTES)),
        Preference("animations", (True, False)),
        Preference("ascii", (False, True)),
        Preference("speed", SPEEDS[:-1]),
        Preference("auto_pause", (True, False)),
    )


def chosen(name: str, desk: Desk, theme: str) -> Value:
    """The value that holds now, whether the player chose it or not."""
    settings = desk.settings
    match name:
        case "language":
            return desk.words.language
        case "theme":
            return theme
        case "palette":
            return settings.palette if settings.palette in PALETTES else "default"
        case "animations":
            return settings.animations
        case "ascii":
            return desk.look.ascii
        case "speed":
            return desk.speed
    return settings.auto_pause


def value_words(name: str, value: Value, desk: Desk) -> str:
    """A value as the settings screen writes it."""
    match value:
        case bool():
            return desk.say(f"settings.{name}_{'on' if value else 'off'}")
        case float() | int():
            return f"{value:g}×"
    if name == "language":
        return LANGUAGES[value]
    key = f"settings.{name}_{value.replace('-', '_')}"
    return desk.say(key) if desk.words.knows(key) else value
