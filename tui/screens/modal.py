"""Small screens over a run: a page to read, a list to choose from, a question.

They are opaque, for drawing through them would cost more than the run itself.
"""

from collections.abc import Container, Iterable, Sequence
from typing import ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.desk import Desk
from tui.widgets.choices import Choices


class Page(ModalScreen[None]):
    """A page of text; any key of `BINDINGS` closes it, arrows scroll."""

    CSS_PATH = "modal.tcss"
    KEYS = "page.keys"
    BINDINGS: ClassVar[list[BindingType]] = [("escape,q,enter,space", "dismiss", "")]

    def __init__(self, desk: Desk, title: str, text: RenderableType) -> None:
        super().__init__()
        self._desk = desk
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        """The text in a frame that scrolls."""
        with VerticalScroll(classes="sheet") as sheet:
            sheet.border_title = self._title
            sheet.border_subtitle = self._desk.say(self.KEYS)
            yield Static(self._text)

    def on_mount(self) -> None:
        """The arrows go to the text."""
        self.query_one(VerticalScroll).focus()


class Choose(ModalScreen[int | None]):
    """One of some lines; gives its index, or None.

    Where there are `notes`, that of the line on which the arrow stands is shown below
    the list. A line in `closed` can be read but not chosen.
    """

    CSS_PATH = "modal.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [("escape,q", "leave", "")]

    def __init__(
        self,
        desk: Desk,
        title: str,
        lines: Iterable[Text],
        *,
        highlighted: int = 0,
        notes: Sequence[Text] = (),
        closed: Container[int] = (),
    ) -> None:
        super().__init__()
        self._desk = desk
        self._title = title
        self._lines = list(lines)
        self._highlighted = highlighted
        self._notes = notes
        self._shut = closed

    def compose(self) -> ComposeResult:
        """The lines as a list in a frame."""
        with Vertical(classes="box") as box:
            box.border_title = self._title
            box.border_subtitle = self._desk.say("choose.keys")
            yield Choices(*(Option(line) for line in self._lines))
            if self._notes:
                yield Static(id="note")

    def on_mount(self) -> None:
        """The arrows go to the list."""
        choices = self.query_one(OptionList)
        choices.highlighted = self._highlighted
        choices.focus()

    def on_option_list_option_highlighted(self, stood_on: OptionList.OptionHighlighted) -> None:
        """What there is to say of the line."""
        if self._notes:
            self.query_one("#note", Static).update(self._notes[stood_on.option_index])

    def on_option_list_option_selected(self, chosen: OptionList.OptionSelected) -> None:
        """Enter on a line."""
        if chosen.option_index in self._shut:
            self.app.bell()
        else:
            self.dismiss(chosen.option_index)

    def action_leave(self) -> None:
        """Choose nothing."""
        self.dismiss(None)


class Confirm(ModalScreen[bool]):
    """A question with a safe answer first."""

    CSS_PATH = "modal.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,n", "answer(False)", ""),
        ("y", "answer(True)", ""),
    ]

    def __init__(self, desk: Desk, question: str, text: str, yes: str, no: str) -> None:
        super().__init__()
        self._desk = desk
        self._question = question
        self._text = text
        self._answers = (no, yes)

    def compose(self) -> ComposeResult:
        """The question over its two answers."""
        with Vertical(classes="box") as box:
            box.border_title = self._question
            box.border_subtitle = self._desk.say("choose.keys")
            yield Static(Text(self._text), classes="lead")
            yield Choices(*(Option(Text(answer)) for answer in self._answers))

    def on_mount(self) -> None:
        """The arrows go to the answers."""
        self.query_one(OptionList).focus()

    def on_option_list_option_selected(self, chosen: OptionList.OptionSelected) -> None:
        """Enter on an answer."""
        self.dismiss(chosen.option_index == 1)

    def action_answer(self, yes: bool) -> None:
        """The answer's own key."""
        self.dismiss(yes)
