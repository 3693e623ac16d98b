"""Something that takes a while is done a slice at a time, under a progress bar."""

from typing import ClassVar, Protocol

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.desk import Desk
from tui.render.figures import whole_percent
from tui.theme import ASCII

SLICE_S = 0.05
"""Wall time that is worked at once; keys stay quick between."""

BAR = 48


class Work(Protocol):
    """What is done step by step."""

    @property
    def over(self) -> bool:
        """Whether all of it is done."""

    @property
    def share_done(self) -> float:
        """How far it is, in 0..1."""

    def advance(self) -> None:
        """One step."""


def work_until(work: Work, desk: Desk) -> bool:
    """One slice of it; whether all is done."""
    until = desk.clock() + SLICE_S
    while not work.over and desk.clock() <= until:
        work.advance()
    return work.over


class WorkScreen(ModalScreen[bool]):
    """Gives whether the work was done; False where the player gave up."""

    CSS_PATH = "modal.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [("escape,q", "give_up", "")]

    def __init__(
        self, desk: Desk, title: str, text: str, work: Work, keys: str = "resume.keys"
    ) -> None:
        super().__init__()
        self._desk = desk
        self._said = title, text
        self._keys = keys
        self._work = work

    def compose(self) -> ComposeResult:
        """What is being done, and how far it is."""
        title, text = self._said
        with Vertical(classes="box") as box:
            box.border_title = title
            box.border_subtitle = self._desk.say(self._keys)
            yield Static(Text(text), classes="lead")
            yield Static(id="bar")

    def on_mount(self) -> None:
        """Begin to work."""
        self.set_interval(SLICE_S * 1.5, self.work)
        self._show()

    def work(self) -> None:
        """One slice."""
        over = work_until(self._work, self._desk)
        self._show()
        if over and self.is_current:
            self.dismiss(True)

    def action_give_up(self) -> None:
        """Leave it as it was."""
        self.dismiss(False)

    def _show(self) -> None:
        share = self._work.share_done
        full = int(share * BAR)
        bar = "▰" * full, "▱" * (BAR - full)
        done, left = (part.translate(ASCII) if self._desk.look.ascii else part for part in bar)
        text = Text(done, self._desk.hue("flow"))
        text.append(left, "dim").append(f" {whole_percent(share)}")
        self.query_one("#bar", Static).update(text)
