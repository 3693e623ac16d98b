"""The invoice on the screen, by service or by resource, as it grows."""

from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType

from tui.actions import bindings_of
from tui.render.invoice import InvoicePage
from tui.screens.live import TextView
from tui.screens.viewed import Viewed


class BillScreen(TextView):
    """The bill so far."""

    WHERE = "bill"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("bill")

    def __init__(self, run: Viewed) -> None:
        super().__init__(run)
        self.by = "service"

    def title_words(self) -> str:
        """What it is ordered by."""
        return f"{self.desk.say('bill.title')}, {self.desk.say(f'bill.by_{self.by}')}"

    def write(self, width: int) -> Text:
        """The lines, their sums, the waste."""
        run = self.run
        page = InvoicePage(run.frame, run.history, self.look, self.desk.words, width, self.by)
        return page.write()

    def action_next_order(self) -> None:
        """By service, or by resource."""
        self.by = "resource" if self.by == "service" else "service"
        self.show_second()
