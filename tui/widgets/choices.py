"""A list to choose from, with an arrow at the line that is marked: a colour is not seen by all."""

from typing import ClassVar

from rich.segment import Segment
from textual.strip import Strip
from textual.widgets import OptionList


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
        first, *_ = strip
        arrow = self.get_component_rich_style("choices--arrow", partial=True)
        before = Segment("▸", arrow if first.style is None else first.style + arrow)
        return Strip([before, *strip.crop(1)], strip.cell_length)
