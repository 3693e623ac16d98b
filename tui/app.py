"""The app: one desk, our looks, a terminal that is large enough, and the way through the game."""

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

# Textual reads it on import: keys are answered sooner at the same cost.
os.environ.setdefault("TEXTUAL_FPS", "120")

from typing import Any, ClassVar

from textual import events
from textual.app import App
from textual.binding import BindingType
from textual.command import CommandPalette, Provider
from textual.filter import LineFilter
from textual.geometry import Size
from textual.screen import Screen
from textual.widgets import Input
from textual.worker import Worker

from engine.recording import Recording, read_recording
from levels.level import Level
from tui.desk import Desk
from tui.entries import all_entries
from tui.jamo import keys_below
from tui.journey import Journey
from tui.palette import ActionProvider, Entry
from tui.screens.glossary import GlossaryPage
from tui.screens.menu import MenuChoice
from tui.screens.play import PlayScreen
from tui.screens.settings import SettingsScreen
from tui.screens.too_small import TooSmall
from tui.settings import load_settings
from tui.theme import HEADROOM_DARK, PlainGlyphs, only_ascii, our_themes
from tui.words import LANGUAGES, Words, pick_language

SMALLEST = (80, 24)
"""Columns and rows below which the game asks for more room."""


class HeadroomApp(App[int]):
    """The game in a terminal; its return value is the exit status."""

    TITLE = "Headroom"
    CSS = """
    Screen { background: $background; }
    ToastRack { dock: top; align: right top; }
    SearchIcon { display: none; }  /* an emoji, which not every terminal gives two cells */
    CommandInput { padding-left: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("ctrl+q", "quit", ""),
        ("comma", "settings", ""),
    ]
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {ActionProvider}

    def __init__(
        self,
        desk: Desk,
        *,
        level: Level | None = None,
        recording: Recording | None = None,
        against: Recording | None = None,
        seed: int | None = None,
        speed: float | None = None,
        welcome: bool = False,
    ) -> None:
        """`welcome` is to offer the tour before the menu."""
        super().__init__()
        self.desk = desk
        self._first = (level, recording, seed)
        self._against = against
        self._speed = speed
        self._welcome = welcome
        self._moves = self.animation_level
        self._plain = PlainGlyphs()
        self._kept_theme = ""
        self._told = False
        self._way: Worker[None] | None = None

    def on_mount(self) -> None:
        """Put on the looks and set out."""
        for theme in our_themes():
            self.register_theme(theme)
        wish = os.environ.get("TEXTUAL_THEME") or self.desk.settings.theme
        self.theme = "textual-dark"  # so that ours, named by TEXTUAL_THEME, is a change
        self.theme = wish if wish in self.available_themes else HEADROOM_DARK.name
        self._kept_theme = self.theme
        self.theme_changed_signal.subscribe(self, lambda _: self._change_theme())
        self.wear()
        self._way = self.run_worker(self._travel(), exit_on_error=True)

    async def _travel(self) -> None:
        level, recording, seed = self._first
        journey = Journey(self, self.desk, self._speed)
        self.call_later(lambda: self._fit(self.size))
        if recording is not None:
            await journey.watch(recording, against=self._against)
        else:
            if level is not None:
                await journey.play(level, seed)
            if self._welcome:
                await journey.offer_tour()
            await journey.from_menu()
        self.exit(0)

    def everywhere(self) -> dict[str, Callable[[], Any]]:
        """What the palette offers on every screen, by its key in the words table."""
        return {
            "language": self.action_language,
            "settings": self.action_settings,
            "theme": self.action_change_theme,
            "glossary": self.action_glossary,
            "menu": partial(self.go, None),
            "screenshot": self.deliver_screenshot,
            "quit": self.action_quit,
        }

    def entries(self, screen: Screen[Any]) -> list[Entry]:
        """All that the palette finds over a screen."""
        return all_entries(self, self.desk, screen)

    def action_command_palette(self) -> None:
        """The palette, which asks in our own words."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(placeholder=self.desk.say("palette.ask")))

    def read(self, page: Screen[Any]) -> None:
        """Something to read, over whatever is seen."""
        self.push_screen(page)

    def go(self, choice: MenuChoice) -> None:
        """To a level, to a board, or to the menu; a run that is not over asks first."""
        run = next((s for s in self.screen_stack if isinstance(s, PlayScreen)), None)
        if run is None:
            self._set_out(choice)
        else:
            run.leave_to(lambda: self._set_out(choice))

    def _set_out(self, choice: MenuChoice) -> None:
        if self._way is not None:
            self._way.cancel()
        self._way = self.run_worker(self._travel_to(choice), exit_on_error=True)

    async def _travel_to(self, choice: MenuChoice) -> None:
        """Another way through the game: what was on the screen is left, and closed in order."""
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        await Journey(self, self.desk, self._speed).go(choice)
        self.exit(0)

    async def action_language(self) -> None:
        """Speak the other language, at once and from now on."""
        codes = list(LANGUAGES)
        await self.speak(codes[(codes.index(self.desk.words.language) + 1) % len(codes)])

    async def speak(self, language: str) -> None:
        """Another language on every screen, at once and from now on."""
        self.desk.words.switch(language)
        self.desk.settings.language = language
        self.keep_settings()
        for screen in self.screen_stack:
            await screen.recompose()

    def action_settings(self) -> None:
        """What the player may choose, over whatever is on the screen."""
        if not any(isinstance(screen, SettingsScreen) for screen in self.screen_stack):
            self.push_screen(SettingsScreen(self.desk, self))

    async def on_event(self, event: events.Event) -> None:
        """Keys work whatever an input method makes of them, but where text is written."""
        if isinstance(event, events.Key):
            await self._until_there()
        keys = ""
        if isinstance(event, events.Key) and not isinstance(self.focused, Input):
            keys = keys_below(event.character)
        for key in keys:
            await super().on_event(events.Key(key, key))
        if not keys:
            await super().on_event(event)

    async def _until_there(self) -> None:
        """A key may come back from a screen that has gone since, when the next is on its way:
        nothing is done with a screen before all of it stands."""
        while not self.screen.is_mounted:
            await asyncio.sleep(0)

    def action_glossary(self) -> None:
        """The words and what they mean."""
        self.push_screen(GlossaryPage(self.desk))

    def wear(self) -> None:
        """Put on the colours, the glyphs and the movement that the settings ask for, at once."""
        settings = self.desk.settings
        for theme in our_themes(settings.palette):
            self.register_theme(theme)
        self.animation_level = self._moves if settings.animations else "none"
        self.desk.dress(self.current_theme)
        self.mutate_reactive(App.theme)  # it has its old name, but other colours

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own, and one for terminals that can only draw ASCII."""
        return [*super().get_line_filters(), *([self._plain] if self.desk.look.ascii else [])]

    def keep_settings(self) -> None:
        """Save the settings; where that cannot be done, say so once."""
        if not self.desk.keep_settings() and not self._told:
            self._told = True
            self.notify(self.desk.say("menu.not_saved"), severity="warning", markup=False)

    def _change_theme(self) -> None:
        self.desk.dress(self.current_theme)
        if self.theme != self._kept_theme:
            self._kept_theme = self.desk.settings.theme = self.theme
            self.keep_settings()

    def on_resize(self, event: events.Resize) -> None:
        """Ask for more room where there is too little, and go on when there is enough."""
        self._fit(event.size)

    def _fit(self, size: Size) -> None:
        small = size.width < SMALLEST[0] or size.height < SMALLEST[1]
        asking = isinstance(self.screen, TooSmall)
        setting_out = len(self.screen_stack) == 1
        if small and not asking and not setting_out:
            self.push_screen(TooSmall(self.desk))
        elif asking and not small:
            self.pop_screen()


def run_app(
    level: Level | None = None,
    recording: Path | None = None,
    seed: int | None = None,
    speed: float | None = None,
    language: str | None = None,
    against: Path | None = None,
) -> int:
    """Open the game at the menu, a level or a recording; a Complaint where that cannot be read."""
    settings = load_settings()
    words = Words(pick_language(language, os.environ, settings.language))
    watched = None if recording is None else read_recording(recording)
    beside = None if against is None else read_recording(against)
    app = HeadroomApp(
        Desk(words, settings, plain=only_ascii(os.environ, sys.stdout.encoding)),
        level=level,
        recording=watched,
        against=beside,
        seed=seed,
        speed=speed,
        welcome=level is None and not settings.toured,
    )
    return app.run() or app.return_code or 0  # a crash has no result, but a code
