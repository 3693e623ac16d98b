"""A recorded run is simulated again, under a progress bar, before it is played on."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.desk import Desk
from tui.render.figures import clock, whole_percent
from tui.resume import Rerun

SLICE_S = 0.05
"""Wall time that is worked at once; keys stay quick between."""

BAR = 48


class ResumeScreen(ModalScreen[bool]):
    """Gives whether the run stands where it was left; False where the player gave up.

    `section` of the words table says what this is for.
    """

    CSS_PATH = "modal.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [("escape,q", "give_up", "")]

    def __init__(self, desk: Desk, rerun: Rerun, section: str = "resume") -> None:
        super().__init__()
        self._section = section
        self._desk = desk
        self._rerun = rerun

    def compose(self) -> ComposeResult:
        """Where it goes, and how far it is."""
        say = self._desk.say
        with Vertical(classes="box") as box:
            box.border_title = say(f"{self._section}.title")
            box.border_subtitle = say(f"{self._section}.keys")
            at = clock(self._rerun.until)
            yield Static(Text(say(f"{self._section}.text", at=at)), classes="lead")
            yield Static(id="bar")

    def on_mount(self) -> None:
        """Begin to work."""
        self.set_interval(SLICE_S * 1.5, self.work)
        self._show()

    def work(self) -> None:
        """One slice."""
        until = self._desk.clock() + SLICE_S
        while not self._rerun.over and self._desk.clock() < until:
            self._rerun.advance()
        self._show()
        if self._rerun.over and self.is_current:
            self.dismiss(True)

    def action_give_up(self) -> None:
        """Leave it as it was."""
        self.dismiss(False)

    def _show(self) -> None:
        share = self._rerun.share_done
        full = int(share * BAR)
        text = Text("▰" * full, self._desk.hue("flow"))
        text.append("▱" * (BAR - full), "dim")
        text.append(f" {whole_percent(share)}")
        self.query_one("#bar", Static).update(text)
