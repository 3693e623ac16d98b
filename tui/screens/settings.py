"""The settings: each applies at once to whatever lies below, and is kept."""

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.desk import Desk
from tui.preferences import Preference, Value, chosen, preferences, value_words
from tui.render.canvas import pad
from tui.render.sample import draw_sample
from tui.widgets.choices import Choices
from tui.widgets.strips import StripWidget

STEPS_PER_S = 10
"""Steps of the sample's traffic."""


class Wearer(Protocol):
    """The app, as far as settings change it."""

    theme: Any

    @property
    def available_themes(self) -> Mapping[str, object]:
        """Every theme by its name."""

    def wear(self) -> None:
        """Put on what the settings ask for."""

    def keep_settings(self) -> None:
        """Save them."""

    async def speak(self, language: str) -> None:
        """Speak another language."""


class Sample(StripWidget):
    """How it all looks now."""

    phase: int | None = None

    def _draw_now(self, width: int, height: int) -> list[Strip]:
        return draw_sample(width, height, self.look, self.words, self.phase)


class SettingsScreen(ModalScreen[None]):
    """A line for each setting; left and right change it."""

    CSS_PATH = "modal.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,q,comma", "leave", ""),
        ("right", "turn(1)", ""),
        ("left", "turn(-1)", ""),
    ]

    def __init__(self, desk: Desk, wearer: Wearer) -> None:
        super().__init__()
        self._desk = desk
        self._wearer = wearer
        themes = sorted(name for name in wearer.available_themes if "ansi" not in name)
        self._table = preferences(tuple(themes))

    def compose(self) -> ComposeResult:
        """The lines, what the chosen one is about, and a sample of the look."""
        say = self._desk.say
        with Vertical(classes="box") as box:
            box.border_title = say("settings.title")
            box.border_subtitle = say("settings.keys")
            yield Choices(*(Option("", id=one.name) for one in self._table))
            yield Static(id="about")
            yield Sample(self._desk.words, self._desk.look, id="sample")

    def on_mount(self) -> None:
        """The arrows go to the lines."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self._show())
        self.set_interval(1 / STEPS_PER_S, self._move)
        self._begin(0)

    async def recompose(self) -> None:
        """Anew in other words, with the arrows where they were."""
        at = self.query_one(OptionList).highlighted
        await super().recompose()
        self._begin(at or 0)

    def _begin(self, at: int) -> None:
        choices = self.query_one(OptionList)
        choices.highlighted = at
        choices.focus()
        self._show()

    def on_option_list_option_highlighted(self) -> None:
        """Another line."""
        self._show()

    async def on_option_list_option_selected(self, picked: OptionList.OptionSelected) -> None:
        """Enter on a line, or a click."""
        await self._turn(self._table[picked.option_index], 1)

    async def action_turn(self, by: int) -> None:
        """Another value of the line that is highlighted."""
        await self._turn(self._table[self.query_one(OptionList).highlighted or 0], by)

    def action_leave(self) -> None:
        """Back to where it was opened."""
        self.dismiss()

    async def _turn(self, preference: Preference, by: int) -> None:
        value = preference.beside(self._chosen(preference), by)
        match value:
            case str() if preference.name == "language":
                await self._wearer.speak(value)
                return
            case str() if preference.name == "theme":
                self._wearer.theme = value  # the app keeps it
                return
        setattr(self._desk.settings, preference.name, value)
        self._wearer.keep_settings()
        self._wearer.wear()
        self._show()

    def _chosen(self, preference: Preference) -> Value:
        return chosen(preference.name, self._desk, self._wearer.theme)

    def _show(self) -> None:
        """The lines, the one sentence, and the sample as of now."""
        if not self.query(Sample):  # it is being made anew in other words
            return
        desk, choices = self._desk, self.query_one(OptionList)
        here = choices.highlighted or 0
        names = [desk.say(f"settings.{one.name}") for one in self._table]
        width = max(cell_len(name) for name in names) + 3
        for at, (preference, name) in enumerate(zip(self._table, names, strict=True)):
            said = value_words(preference.name, self._chosen(preference), desk)
            line = Text(pad(name, width), "bold" if at == here else "", no_wrap=True)
            line.append(
                f"◂ {said} ▸" if at == here else f"  {said}", "bold" if at == here else "dim"
            )
            choices.replace_option_prompt_at_index(at, line)
        about = desk.say(f"settings.{self._table[here].name}_help")
        self.query_one("#about", Static).update(Text(about, "dim"))
        sample = self.query_one(Sample)
        sample.wear(desk.look)
        if not self._moves and sample.phase is not None:
            sample.phase = None
            sample.redraw()

    @property
    def _moves(self) -> bool:
        return self.app.animation_level != "none"

    def _move(self) -> None:
        if not self._moves or self.app.screen is not self:
            return
        for sample in self.query(Sample):
            sample.phase = (sample.phase or 0) + 1
            sample.redraw()
