"""The play screen of the sandbox: besides the board, traffic, trouble and the bill are at hand."""

from collections.abc import Callable
from typing import Any, ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.binding import BindingType

from engine.scenario import Happening
from engine.services.registry import read_command
from levels.standing import board_text
from tui.actions import bindings_of
from tui.board_files import save_board
from tui.folder import first_folder
from tui.pages import refusal_text
from tui.render.canvas import clean, pad
from tui.render.sentences import news_words
from tui.screens.direct import DirectScreen
from tui.screens.modal import Choose
from tui.screens.play import PlayScreen
from tui.screens.traffic_file import FileChoice, TrafficFileScreen, way_lines
from tui.trouble import KEYS, KINDS, Strength, incident, targets


class TroubleList(Choose):
    """Every kind of trouble, each on a key."""

    def on_key(self, event: events.Key) -> None:
        """The key of a line."""
        if event.character and event.character in KEYS[: len(self._lines)]:
            event.stop()
            self.dismiss(KEYS.index(event.character))


class SandboxScreen(PlayScreen):
    """A run that nothing ends but the player."""

    WHERE = "sandbox"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("sandbox")

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.traffic_folder = first_folder()

    def direct(self, values: dict[str, object]) -> None:
        """Give a command that directs the run, and say what comes of it."""
        told = len(self.frame.news)
        self._give(read_command(values, "sandbox"))
        for news in self.frame.news[told:][:1]:  # what it brings about comes after it
            self._tell(f"✓ {clean(news_words(news, self.desk.words))}")

    def action_direct(self) -> None:
        """The sliders."""
        self.app.push_screen(DirectScreen(self))

    def action_traffic_file(self) -> None:
        """A CSV or an access log as the traffic from now on: which, and how much of it."""
        scenario = self.live.simulation.scenario
        browser = TrafficFileScreen(
            self.desk, self.traffic_folder, lambda: scenario.duration_s - self.frame.second
        )

        def chosen(choice: FileChoice | None) -> None:
            self.traffic_folder = browser.folder
            if choice is not None:
                self._which_way(choice)

        self.app.push_screen(browser, chosen)

    def _which_way(self, choice: FileChoice) -> None:
        words, name = self.desk.words, clean(choice.file.name)
        broken = choice.file.broken
        title = words.say("sandbox.file_broken", file=name, n=broken) if broken else name

        def chosen(index: int | None) -> None:
            if index is not None:
                self._take(choice.ways[index].taken.values)

        self.app.push_screen(Choose(self.desk, title, way_lines(choice, words)), chosen)

    def _take(self, values: dict[str, Any]) -> None:
        """What would be refused is not given: recordings would keep all its figures for nothing."""
        refused = self.live.quote(read_command(values, "sandbox")).refused
        if refused is None:
            self.direct(values)
        else:
            self._tell(refusal_text(self.desk.words, refused))

    def action_trouble(self) -> None:
        """Which trouble, whom it befalls, how hard it hits: as many questions as there are."""
        kinds = list(KINDS)
        width = max(cell_len(self.desk.say(f"sandbox.{kind}")) for kind in kinds)
        lines = [self._kind_line(key, kind, width) for key, kind in zip(KEYS, kinds, strict=True)]

        def chosen(index: int | None) -> None:
            if index is not None:
                self.let_loose(kinds[index])

        title = self.desk.say("sandbox.trouble")
        self.app.push_screen(TroubleList(self.desk, title, lines), chosen)

    def _kind_line(self, key: str, kind: str, width: int) -> Text:
        text = Text(f"{key}  ", "dim", no_wrap=True)
        text.append(pad(self.desk.say(f"sandbox.{kind}"), width), "bold")
        return text.append(f"  {self.desk.say(f'sandbox.{kind}_what')}", "dim not bold")

    def let_loose(self, kind: Happening) -> None:
        """Ask whom it befalls and how hard it hits, then let it."""
        found = targets(kind, self.frame, self.facts)
        if not found:
            self._tell(self.desk.say("sandbox.nobody", kind=self.desk.say(f"sandbox.{kind}")))
            return
        lines = [Text(target or "") for target in found]
        selected = self.selected()
        first = found.index(selected) if selected in found else 0
        self._ask(kind, lines, first, lambda index: self._how_hard(kind, found[index]))

    def _how_hard(self, kind: Happening, target: str | None) -> None:
        strengths = KINDS[kind]
        lines = [Text(strength.words(kind, self.desk.words)) for strength in strengths]

        def strike(index: int) -> None:
            self._strike(kind, target, strengths[index])

        self._ask(kind, lines, 0, strike)

    def _ask(self, kind: str, lines: list[Text], first: int, then: Callable[[int], None]) -> None:
        """A list to choose from, where there is a choice."""
        if len(lines) == 1:
            then(0)
            return

        def chosen(index: int | None) -> None:
            if index is not None:
                then(index)

        title = self.desk.say(f"sandbox.{kind}")
        self.app.push_screen(Choose(self.desk, title, lines, highlighted=first), chosen)

    def _strike(self, kind: str, target: str | None, strength: Strength) -> None:
        self.direct(incident(kind, target, strength))

    def action_save_board(self) -> None:
        """What stands now, as a board file."""
        text, left_out = board_text(self.frame, self.live.simulation.scenario)
        path = save_board(text)
        if path is None:
            self.notify(self.desk.say("sandbox.not_saved"), severity="warning", markup=False)
            return
        self._tell("✓ " + self.desk.say("sandbox.saved", name=path.stem))
        if left_out:
            said = self.desk.say("sandbox.left_out", what=", ".join(left_out))
            self.notify(clean(said), markup=False, timeout=10)
