"""What every screen works with: the words, the settings, and the clocks of the outside world."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from textual.theme import Theme

from tui.session import DEFAULT_SPEED, SPEEDS
from tui.settings import Settings, save_settings
from tui.theme import Ink, Look, look_for
from tui.words import Words


@dataclass
class Desk:
    """Handed to each screen; tests put other clocks on it.

    `plain` is whether the terminal can only draw ASCII.
    """

    words: Words
    settings: Settings = field(default_factory=Settings)
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = datetime.now
    new_seed: Callable[[], int] = lambda: secrets.randbelow(1_000_000)
    look: Look = field(default_factory=Look)
    plain: bool = False

    def say(self, key: str, /, **args: object) -> str:
        """A sentence in the player's language."""
        return self.words.say(key, **args)

    def hue(self, ink: Ink) -> str:
        """The colour of an ink in the present look, for Rich's styles."""
        return dict(self.look.palette.inks)[ink]

    def dress(self, theme: Theme) -> None:
        """Wear the look that the settings ask for beside a theme."""
        plain = self.plain if self.settings.ascii is None else self.settings.ascii
        self.look = look_for(theme, self.settings.palette, ascii=plain)

    @property
    def speed(self) -> float:
        """Simulated seconds a second with which a run begins."""
        speed = self.settings.speed
        return speed if speed in SPEEDS else DEFAULT_SPEED

    def keep_settings(self) -> bool:
        """Save the settings; False where that cannot be done."""
        return save_settings(self.settings)
