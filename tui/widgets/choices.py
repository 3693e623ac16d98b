"""Lists to choose from, with an arrow at the line that is marked: a colour is not seen by all."""

from typing import ClassVar, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widgets import DataTable, OptionList

Cell = TypeVar("Cell")


class Choices(OptionList):
    """The arrow stands before a line, where its style leaves room, so that no words move."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"choices--arrow"}
    DEFAULT_CSS = """
    Choices > .option-list--option { padding: 0 0 0 2; }
    Choices > .choices--arrow { color: $accent; text-style: bold; }
    """

    def render_line(self, y: int) -> Strip:
        """A line of the list; the first one of the marked option begins with the arrow."""
        strip = super().render_line(y)
        at = self.scroll_offset.y + y
        if self._lines[at : at + 1] != [(self.highlighted, 0)]:
            return strip
        return _with_arrow(strip, self.get_component_rich_style("choices--arrow", partial=True))


class Rows(DataTable[Cell]):
    """The same for a table of rows of one line; its first column leaves a cell for the arrow."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"rows--arrow"}
    DEFAULT_CSS = "Rows > .rows--arrow { color: $accent; text-style: bold; }"

    def render_line(self, y: int) -> Strip:
        """A line of the table; the marked row begins with the arrow."""
        strip = super().render_line(y)
        row = y - self.header_height
        if row < 0 or row + self.scroll_offset.y != self.cursor_row or not self.row_count:
            return strip
        return _with_arrow(strip, self.get_component_rich_style("rows--arrow", partial=True))


def _with_arrow(strip: Strip, arrow: Style) -> Strip:
    first, *_ = strip
    before = Segment("▸", (first.style or Style()) + arrow + Style(dim=False))
    return Strip([before, *strip.crop(1)], strip.cell_length)
