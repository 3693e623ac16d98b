"""What playing and watching share: a timer that asks the session, widgets that show it."""

import gc
from collections.abc import Iterable
from typing import TypeVar, cast

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.widget import Widget
from textual.widgets import Static

from engine.frame import Frame
from tui.actions import actions_of
from tui.desk import Desk
from tui.render.board.picture import Direction
from tui.render.canvas import pad
from tui.render.facts import Facts
from tui.render.figures import clock
from tui.render.history import History
from tui.render.resource_charts import stations_of
from tui.render.status import Pace
from tui.screens.live import LiveScreen
from tui.screens.viewing import ViewingScreen
from tui.session import MAX_SPEED, Session
from tui.widgets.chart import ChartPane
from tui.widgets.keys import KeysLine
from tui.widgets.panels import BillPanel, HeadroomPanel, NewsPanel, ReasonsPanel, StatusBar
from tui.widgets.strips import StripWidget
from tui.widgets.topology import Topology

T = TypeVar("T")

WIDE = (110, 34)
"""Columns and rows from which the charts stand beside the board."""

VAST = 150
"""Columns from which they are given more of the width."""

PAGES = {
    True: (
        ("rps", "latency", "reasons", "headroom", "bill"),
        ("goodput", "failures", "chosen", "headroom", "reasons"),
        ("load", "money", "headroom", "bill"),
    ),
    False: (
        ("rps", "latency"),
        ("goodput", "failures"),
        ("chosen", "load"),
        ("reasons", "headroom"),
        ("bill", "money"),
    ),
}
"""What stands beside (or below) the board, page by page, for wide and narrow terminals."""

POLLS_PER_S = 10

REDRAW_CHARTS = 3
"""Charts and panels follow every so many polls: eyes need no more, and terminals take less."""


class RunningScreen(ViewingScreen[T]):
    """A run on the screen; `WHERE` names its actions, `SAYS` the words for how time runs."""

    SAYS = "play"

    CSS_PATH = "running.tcss"

    def __init__(self, desk: Desk, session: Session, history: History, facts: Facts) -> None:
        super().__init__(desk, session, history, facts)
        self.charts_page = 0
        self.polls = 0
        self.said = ("", "", 0)

    def compose(self) -> ComposeResult:
        """Status, board, charts and panels, news, one line that speaks, keys."""
        words, look = self.desk.words, self.desk.look
        yield StatusBar(words, look, id="status")
        with Container(id="room"):
            yield Topology(words, look, id="board")
            with Container(id="side"):
                yield ChartPane(words, look, "rps", hint=self._hint("large_charts"), id="rps")
                yield ChartPane(words, look, "latency", hint=self._hint("follow"), id="latency")
                yield ChartPane(words, look, "goodput", id="goodput")
                yield ChartPane(words, look, "failures", hint=self._hint("follow"), id="failures")
                yield ChartPane(words, look, "use", hint=self._hint("inspect"), id="chosen")
                yield ChartPane(words, look, "load", id="load")
                yield ReasonsPanel(words, look, hint=self._hint("explain"), id="reasons")
                yield HeadroomPanel(words, look, id="headroom")
                yield BillPanel(words, look, hint=self._hint("bill"), id="bill")
                yield ChartPane(words, look, "money", hint=self._hint("bill"), id="money")
            hint = f"{self._hint('charts')}   {self._hint('news')}"
            yield NewsPanel(words, look, hint=hint, id="news")
        yield from self.foot()
        yield KeysLine(actions_of(self.WHERE), words)

    def foot(self) -> Iterable[Widget]:
        """What stands between the room and the keys."""
        yield Static(id="said")

    def _hint(self, name: str) -> str:
        """The key of an action and its name, for an edge of a frame."""
        action = next(action for action in actions_of(self.WHERE) if action.name == name)
        return f"{action.shown} {self.desk.say(f'actions.{name}')}"

    def on_mount(self) -> None:
        """Show the first frame and start to poll."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self._wear())
        self._arrange()
        self.set_interval(1 / POLLS_PER_S, self.poll)
        gc.freeze()  # all that stands by now stays; looking through it again costs a frame or two

    def on_unmount(self) -> None:
        """What stood may go."""
        gc.unfreeze()

    async def recompose(self) -> None:
        """Anew in other words, as it was."""
        selected = self.board.selected
        await super().recompose()
        self.said = ("", "", 0)
        self._arrange()
        self.board.select(selected)

    def on_resize(self, event: events.Resize) -> None:
        """Charts beside the board, or below it."""
        self._arrange()

    @property
    def board(self) -> Topology:
        """The board."""
        return self.query_one("#board", Topology)

    def _arrange(self) -> None:
        wide = self.app.size.width >= WIDE[0] and self.app.size.height >= WIDE[1]
        self.set_class(wide, "-wide")
        self.set_class(self.app.size.width >= VAST, "-vast")
        pages = PAGES[wide]
        self.charts_page %= len(pages)
        for widget in self.query("#side > *"):
            widget.display = widget.id in pages[self.charts_page]
        self.show_frame()

    def _wear(self) -> None:
        if self.app.animation_level == "none":
            self.board.still_traffic()
        for widget in self.query(StripWidget):
            widget.wear(self.desk.look)

    def poll(self) -> None:
        """Ask the session for what is due; rest while something lies over this screen.

        A view that lies over it is told to show what came, for it goes on with the run.
        """
        view = self.app.screen
        live = isinstance(view, LiveScreen) and view.run is self
        if view is not self and not live:
            self.session.stand_aside()
            return
        running = not self.session.paused
        frames = self.session.poll()
        self.take_in(frames)
        self.polls += 1
        if isinstance(view, LiveScreen):
            if running and (self.polls % REDRAW_CHARTS == 0 or self.session.paused):
                view.show_second()
        elif running:
            if self.app.animation_level != "none":
                self.board.step_traffic()
            else:
                self.board.still_traffic()
            charts = self.polls % REDRAW_CHARTS == 0 or self.session.paused or self.session.over
            if frames or charts:
                self.show_frame(charts=charts)

    def show_frame(self, *, charts: bool = True) -> None:
        """Hand the newest frame to what can be seen."""
        frame = self.frame
        shown: list[StripWidget] = [self.query_one("#status", StatusBar), self.board]
        if charts:
            shown.append(self.query_one("#news", NewsPanel))
            for widget in self.query("#side > *"):
                if widget.display:
                    shown.append(cast("StripWidget", widget))
            self._set_charts()
        for widget in shown:
            widget.show(frame, self.history, self.facts)
        pace = self.pace()
        self.query_one("#status", StatusBar).run_at(pace)
        self.query_one(KeysLine).rename({"pause": self._space()} if pace.paused else {})
        self.speak(self.sentence())

    def _set_charts(self) -> None:
        """Which class, resource and time the charts are about; what changed is drawn anew."""
        for pane in self.query(ChartPane):
            resource = self._chosen() if pane.id == "chosen" else None
            wanted = (self.request_class, resource, self.window_s, self.ghost)
            if (pane.request_class, pane.resource, pane.window_s, pane.ghost) != wanted:
                pane.about(pane.kind, self.request_class, resource)
                pane.over(self.window_s)
                pane.ghost = self.ghost
                if pane.display:
                    pane.redraw()

    def _chosen(self) -> str | None:
        """What the chart of one resource shows: the selected one, else the tightest."""
        frame = self.frame
        if stations_of(frame, self.board.selected):
            return self.board.selected
        tight = frame.tightest()
        return None if tight is None else tight.resource

    def pace(self) -> Pace:
        """How time runs, for a status line."""
        session = self.session
        measured = session.measured_speed
        behind = f"{measured:.0f}×" if session.behind and measured is not None else ""
        return Pace(self._speed(), session.paused or session.over, behind)

    def _space(self) -> str:
        """What space does while time rests."""
        return "finish" if self.session.over and self.WHERE != "watch" else "go_on"

    def _speed(self) -> str:
        speed = self.session.speed
        return self.desk.say("play.max_speed") if speed == MAX_SPEED else f"{speed:g}×"

    def speak(self, sentence: str) -> None:
        """Say it in the line above the keys."""
        width, mark = self.app.size.width - 2, self.mark()
        mark = f"  {mark}" if mark else ""
        said = (sentence, mark, width)
        if said != self.said:
            self.said = said
            text = Text(pad(sentence, width - cell_len(mark)), no_wrap=True)
            text.append(mark, f"bold {self.desk.hue('down')}")
            self.query_one("#said", Static).update(text, layout=False)

    def mark(self) -> str:
        """A warning that stays at the end of the line."""
        return ""

    def sentence(self) -> str:
        """What the line above the keys says now."""
        session = self.session
        if session.over:
            return self.desk.say(f"{self.SAYS}.paused_over")
        if session.paused_by is not None:
            at = clock(self.frame.second)
            return self.desk.say(f"{self.SAYS}.paused_{session.paused_by}", at=at)
        return self.desk.say(f"{self.SAYS}.running")

    def action_toggle_pause(self) -> None:
        """Space."""
        self.session.toggle_pause()
        self.show_frame()

    def action_step(self) -> None:
        """One second."""
        self.take_step()
        self.show_frame()

    def take_step(self) -> None:
        """Go on by one second and rest, without showing it."""
        self.take_in(self.session.step())

    def take_in(self, frames: Iterable[Frame]) -> None:
        """Keep what came for the charts."""
        for frame in frames:
            self.history.add(frame)

    def action_speed(self, by: int) -> None:
        """Faster or slower."""
        self.session.change_speed(by)
        self.show_frame()

    def action_move(self, direction: Direction) -> None:
        """The resource that lies that way."""
        self.board.move(direction)

    def action_zoom(self) -> None:
        """The board with more or less said of each thing."""
        self.board.zoom()

    def action_unfold(self) -> None:
        """Many alike things one by one, or folded again."""
        self.board.unfold()

    def action_page(self, pages: int) -> None:
        """The board a page up or down."""
        self.board.page(pages)

    def on_topology_opened(self) -> None:
        """What was clicked twice is read about."""
        self.action_inspect()

    def action_next_charts(self) -> None:
        """The next page of charts and panels."""
        self.charts_page += 1
        self._arrange()

    def action_next_class(self) -> None:
        """The charts of the next class of requests."""
        self.to_next_class()
        self.show_frame()

    def action_window(self) -> None:
        """The charts over another time."""
        self.to_next_window()
        self.show_frame()

    def on_screen_resume(self) -> None:
        """Back from whatever lay over it: catch up at once."""
        if self.query("#status"):
            self.show_frame()

    def on_topology_selected(self, message: Topology.Selected) -> None:
        """The chart of one resource follows what is selected."""
        self._set_charts()

    def select_next(self, by: int) -> None:
        """Select the resource that stands so many further on the board."""
        self.board.cycle(by)

    def selected(self) -> str | None:
        """The selected resource, or the first on the board."""
        return self.board.selected or next(iter(self.board.order), None)
