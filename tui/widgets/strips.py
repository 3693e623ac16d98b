"""A widget that shows strips drawn by `tui.render` and repaints only the rows that changed."""

from textual.color import Color
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from engine.frame import Frame
from tui.render.facts import Facts
from tui.render.history import History
from tui.theme import Look
from tui.words import Words


class StripWidget(Widget):
    """Base of all drawn widgets: override `draw`. It fills the place that its CSS gives it.

    Rows are kept and compared, because Textual re-sends a line up to the right
    end of each refreshed region: rows are the cheapest unit. As `render_lines`
    is overridden, the app's line filters (NO_COLOR) are applied here.
    """

    ALLOW_SELECT = False

    DEFAULT_CSS = """
    StripWidget {
        width: 1fr;
        height: 1fr;
        background: $background;
    }
    """

    def __init__(
        self,
        words: Words,
        look: Look,
        *,
        hint: str = "",
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.words = words
        self.look = look
        self.hint = hint
        self.frame: Frame | None = None
        self.history = History()
        self.facts = Facts("", 1, {})
        self._rows: list[Strip] = []
        self._drawn_size = (-1, -1)

    def show(self, frame: Frame, history: History, facts: Facts) -> None:
        """Show a second; the history must have taken it in. The same frame again costs nothing."""
        if frame is self.frame and history is self.history and facts is self.facts:
            return
        self.frame, self.history, self.facts = frame, history, facts
        self.redraw()

    def wear(self, look: Look) -> None:
        """Change the look (after a change of theme)."""
        self.look = look
        self.redraw()

    def draw(self, width: int, height: int) -> list[Strip]:
        """The strips for a size; called with a frame at hand."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Draw anew and repaint what differs; call it after changing anything but the frame."""
        width, height = self.size
        if not width or not height or not self.is_attached:
            self._drawn_size = (-1, -1)  # what is hidden now is drawn anew when it is seen
            return
        rows = self._draw_now(width, height)
        before, self._rows = self._rows, rows
        if self._drawn_size != (width, height) or len(before) != len(rows):
            self._drawn_size = (width, height)
            self.refresh()
            return
        dirty = [
            Region(0, y, width, 1)
            for y, (old, new) in enumerate(zip(before, rows, strict=True))
            if old is not new and old != new
        ]
        if dirty:
            self.refresh(*dirty)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows in `crop`; a size that nothing was drawn for yet is drawn now."""
        width, height = self.size
        if self._drawn_size != (width, height):
            self._rows = self._draw_now(width, height)
            self._drawn_size = (width, height)
        ground = self.look.ink("text")
        rows = self._rows[crop.y : crop.bottom]
        rows += [Strip.blank(width, ground)] * (crop.height - len(rows))
        if crop.x or crop.width != width:
            rows = [row.crop_extend(crop.x, crop.right, ground) for row in rows]
        filters = self.get_line_filters()
        if filters:
            background = Color.parse(self.look.palette.background)
            for line_filter in filters:
                rows = [row.apply_filter(line_filter, background) for row in rows]
        return rows

    def _draw_now(self, width: int, height: int) -> list[Strip]:
        if self.frame is None:
            return [Strip.blank(width, self.look.ink("text"))] * height
        return self.draw(width, height)
