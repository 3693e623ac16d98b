"""Screens over a run that go on with it: large charts, one resource, one request, the invoice.

The run below keeps polling its session and tells the view above it when to
show another second, so that time runs, rests and is stepped here as there.
"""

from collections.abc import Iterable
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, VerticalScroll
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from tui.actions import actions_of
from tui.pages import help_page
from tui.render.charts import ChartKind
from tui.screens.help import HelpPage
from tui.screens.viewed import Viewed
from tui.theme import ASCII, Look
from tui.widgets.chart import ChartPane
from tui.widgets.keys import KeysLine
from tui.widgets.panels import StatusBar
from tui.widgets.strips import StripWidget

TALL = 34
"""Rows from which there is room for charts below a view."""


class LiveScreen(ModalScreen[None]):
    """A view of a run; `WHERE` names its actions. Override `body` and `show_body`."""

    CSS_PATH = "live.tcss"
    WHERE: ClassVar[str]
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, run: Viewed) -> None:
        super().__init__()
        self.run = run
        self.desk = run.desk

    def compose(self) -> ComposeResult:
        """The status line, the view, its keys."""
        yield StatusBar(self.desk.words, self.look, id="status")
        with Container(id="view"):
            yield from self.body()
        yield KeysLine(actions_of(self.WHERE), self.desk.words)

    def body(self) -> Iterable[Widget]:
        """What lies between the status line and the keys."""
        raise NotImplementedError

    def show_body(self) -> None:
        """Bring the body up to the second that the run shows."""
        raise NotImplementedError

    @property
    def look(self) -> Look:
        """The look that is worn now."""
        return self.desk.look

    @property
    def resource(self) -> str | None:
        """What is selected on the board below."""
        return self.run.selected()

    def on_mount(self) -> None:
        """Show the second at once."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self._wear())
        self.call_after_refresh(self.show_second)

    async def recompose(self) -> None:
        """Anew in other words."""
        await super().recompose()
        self.show_second()

    def on_resize(self, event: events.Resize) -> None:
        """Draw for the new size."""
        self.call_after_refresh(self.show_second)

    def _wear(self) -> None:
        for widget in self.query(StripWidget):
            widget.wear(self.desk.look)
        self.show_second()

    def show_second(self) -> None:
        """The newest second, in the status line and in the body."""
        if not self._is_whole():
            return
        run = self.run
        status = self.query_one("#status", StatusBar)
        status.show(run.frame, run.history, run.facts)
        status.run_at(run.pace())
        self.query_one(KeysLine).rename({"pause": "go_on"} if run.session.paused else {})
        self.show_body()

    def _is_whole(self) -> bool:
        """Whether all of it stands: the run below may tick while the screen is being built."""
        whole = self.is_attached and self.is_mounted and bool(self.query("#status"))
        return whole and all(child.is_mounted for child in self.children)

    def show_strips(self, widgets: Iterable[StripWidget]) -> None:
        """Hand the second to drawn widgets."""
        for widget in widgets:
            widget.show(self.run.frame, self.run.history, self.run.facts)

    def charts_below(self) -> Container:
        """Two charts below the view, where there is room for them."""
        words, look = self.desk.words, self.look
        return Container(*(ChartPane(words, look, "use") for _ in range(2)), id="below")

    def show_below(
        self, kinds: tuple[ChartKind, ...], request_class: str | None, resource: str | None
    ) -> None:
        """Bring these charts up to the second."""
        below = self.query_one("#below")
        below.display = self.app.size.height >= TALL
        if below.display:
            for kind, pane in zip(kinds, self.query(ChartPane), strict=False):
                pane.about(kind, request_class, resource)
                pane.over(self.run.window_s)
                pane.ghost = self.run.ghost
                self.show_strips([pane])
                pane.redraw()

    def action_toggle_pause(self) -> None:
        """Space."""
        if self.run.session.over:
            self.dismiss()
            return
        self.run.session.toggle_pause()
        self.show_second()

    def action_step(self) -> None:
        """One second."""
        self.run.take_step()
        self.show_second()

    def action_speed(self, by: int) -> None:
        """Faster or slower."""
        self.run.session.change_speed(by)
        self.show_second()

    def action_help(self) -> None:
        """All keys of this view."""
        text = help_page(self.desk.words, self.WHERE, self.run.facts.month_s)
        self.app.push_screen(HelpPage(self.desk, self.desk.say("help.title"), text))

    def action_leave(self) -> None:
        """Back to the run."""
        self.dismiss()

    def action_move(self, by: int) -> None:
        """To the next thing on the board, or the one before; round at the ends."""
        self.run.select_next(by)
        self.show_second()


class TextView(LiveScreen):
    """A live view that is a text to scroll through."""

    def compose(self) -> ComposeResult:
        """As any view, with a text that scrolls."""
        yield StatusBar(self.desk.words, self.look, id="status")
        with Container(id="view"):
            yield from self.beside()
            with VerticalScroll(id="sheet"):
                yield Static(id="text")
        yield KeysLine(actions_of(self.WHERE), self.desk.words)

    def beside(self) -> Iterable[Widget]:
        """What stands beside (or above) the text."""
        return ()

    def on_mount(self) -> None:
        """The arrows go to the text."""
        self.query_one("#sheet").focus()

    def title_words(self) -> str:
        """What stands in the frame's upper edge."""
        raise NotImplementedError

    def write(self, width: int) -> Text:
        """The text for a width."""
        raise NotImplementedError

    def show_body(self) -> None:
        """The text as of now; where it is scrolled to stays."""
        sheet = self.query_one("#sheet", VerticalScroll)
        sheet.border_title = self.title_words()
        text = self.write(max(1, sheet.scrollable_content_region.width))
        if self.look.ascii:
            text.plain = text.plain.translate(ASCII)
        self.query_one("#text", Static).update(text)
