"""The app: one desk, our looks, a terminal that is large enough, and the way through the game."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

# Textual reads it on import: keys are answered sooner at the same cost.
os.environ.setdefault("TEXTUAL_FPS", "120")

from typing import Any, ClassVar

from textual import events
from textual.app import App
from textual.binding import BindingType
from textual.command import CommandPalette, Provider
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
from tui.screens.menu import OpenBoard, PlayLevel
from tui.screens.play import PlayScreen
from tui.screens.too_small import TooSmall
from tui.settings import load_settings
from tui.theme import HEADROOM_DARK, HEADROOM_LIGHT, look_for
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
    BINDINGS: ClassVar[list[BindingType]] = [("ctrl+q", "quit", "")]
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
    ) -> None:
        super().__init__()
        self.desk = desk
        self._first = (level, recording, seed)
        self._against = against
        self._speed = speed
        self._way: Worker[None] | None = None

    def on_mount(self) -> None:
        """Put on the looks and set out."""
        for theme in (HEADROOM_DARK, HEADROOM_LIGHT):
            self.register_theme(theme)
        wish = os.environ.get("TEXTUAL_THEME") or self.desk.settings.theme
        self.theme = "textual-dark"  # so that ours, named by TEXTUAL_THEME, is a change
        self.theme = wish if wish in self.available_themes else HEADROOM_DARK.name
        self._wear_theme()
        self.theme_changed_signal.subscribe(self, lambda _: self._keep_theme())
        if not self.desk.settings.animations:
            self.animation_level = "none"
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
            await journey.from_menu()
        self.exit(0)

    def everywhere(self) -> dict[str, Callable[[], Any]]:
        """What the palette offers on every screen, by its key in the words table."""
        return {
            "language": self.action_language,
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

    def go(self, choice: PlayLevel | OpenBoard | None) -> None:
        """To a level, to a board, or to the menu; a run that is not over asks first."""
        run = next((s for s in self.screen_stack if isinstance(s, PlayScreen)), None)
        if run is None:
            self._set_out(choice)
        else:
            run.leave_to(lambda: self._set_out(choice))

    def _set_out(self, choice: PlayLevel | OpenBoard | None) -> None:
        if self._way is not None:
            self._way.cancel()
        self._way = self.run_worker(self._travel_to(choice), exit_on_error=True)

    async def _travel_to(self, choice: PlayLevel | OpenBoard | None) -> None:
        """Another way through the game: what was on the screen is left, and closed in order."""
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        await Journey(self, self.desk, self._speed).go(choice)
        self.exit(0)

    async def action_language(self) -> None:
        """Speak the other language, at once and from now on."""
        words = self.desk.words
        codes = list(LANGUAGES)
        words.switch(codes[(codes.index(words.language) + 1) % len(codes)])
        self.desk.settings.language = words.language
        if not self.desk.keep_settings():
            self.notify(self.desk.say("menu.not_saved"), severity="warning", markup=False)
        for screen in self.screen_stack:
            await screen.recompose()

    async def on_event(self, event: events.Event) -> None:
        """Keys work whatever an input method makes of them, but where text is written."""
        keys = ""
        if isinstance(event, events.Key) and not isinstance(self.focused, Input):
            keys = keys_below(event.character)
        for key in keys:
            await super().on_event(events.Key(key, key))
        if not keys:
            await super().on_event(event)

    def action_glossary(self) -> None:
        """The words and what they mean."""
        self.push_screen(GlossaryPage(self.desk))

    def _wear_theme(self) -> None:
        self.desk.look = look_for(self.current_theme, ascii=self.desk.look.ascii)

    def _keep_theme(self) -> None:
        self._wear_theme()
        self.desk.settings.theme = self.theme
        self.desk.keep_settings()

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
        Desk(words, settings),
        level=level,
        recording=watched,
        against=beside,
        seed=seed,
        speed=speed,
    )
    return app.run() or app.return_code or 0  # a crash has no result, but a code
