"""What playing and watching share: a timer that asks the session, widgets that show it."""

from typing import TypeVar, cast

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.widgets import Static

from tui.actions import actions_of
from tui.desk import Desk
from tui.render.canvas import pad
from tui.render.facts import Facts
from tui.render.figures import clock
from tui.render.history import History
from tui.render.picture import Direction
from tui.render.status import Pace
from tui.screens.reading import ReadingScreen
from tui.session import MAX_SPEED, Session
from tui.theme import look_for
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
        ("failures", "load", "money", "headroom", "reasons"),
    ),
    False: (
        ("rps", "latency"),
        ("failures", "load"),
        ("reasons", "headroom"),
        ("bill", "money"),
    ),
}
"""What stands beside (or below) the board, page by page, for wide and narrow terminals."""

POLLS_PER_S = 10

REDRAW_CHARTS = 3
"""Charts and panels follow every so many polls: eyes need no more, and terminals take less."""


class RunningScreen(ReadingScreen[T]):
    """A run on the screen; `WHERE` names its actions."""

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
                yield ChartPane(words, look, "rps", id="rps")
                yield ChartPane(words, look, "latency", id="latency")
                yield ChartPane(words, look, "failures", id="failures")
                yield ChartPane(words, look, "load", id="load")
                yield ReasonsPanel(words, look, id="reasons")
                yield HeadroomPanel(words, look, id="headroom")
                yield BillPanel(words, look, hint=f"b {words.say('actions.bill')}", id="bill")
                yield ChartPane(words, look, "money", id="money")
            hint = f"tab {words.say('actions.charts')}   l {words.say('actions.news')}"
            yield NewsPanel(words, look, hint=hint, id="news")
        yield Static(id="said")
        yield KeysLine(actions_of(self.WHERE), words)

    def on_mount(self) -> None:
        """Show the first frame and start to poll."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self._wear())
        self._arrange()
        self.set_interval(1 / POLLS_PER_S, self.poll)

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
        look = look_for(self.app.current_theme, ascii=self.desk.look.ascii)
        for widget in self.query(StripWidget):
            widget.wear(look)

    def poll(self) -> None:
        """Ask the session for what is due; rest while something lies over this screen."""
        if self.app.screen is not self:
            return
        running = not self.session.paused
        frames = self.session.poll()
        for frame in frames:
            self.history.add(frame)
        self.polls += 1
        if running:
            if self.app.animation_level != "none" and self.desk.settings.animations:
                self.board.step_traffic()
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
        for widget in shown:
            widget.show(frame, self.history, self.facts)
        pace = self._pace()
        self.query_one("#status", StatusBar).run_at(pace)
        self.query_one(KeysLine).rename({"pause": self._space()} if pace.paused else {})
        self._speak(self.sentence())

    def _pace(self) -> Pace:
        session = self.session
        measured = session.measured_speed
        behind = f"{measured:.0f}×" if session.behind and measured is not None else ""
        return Pace(self._speed(), session.paused or session.over, behind)

    def _space(self) -> str:
        """What space does while time rests."""
        return "finish" if self.session.over and self.WHERE == "play" else "go_on"

    def _speed(self) -> str:
        speed = self.session.speed
        return self.desk.say("play.max_speed") if speed == MAX_SPEED else f"{speed:g}×"

    def _speak(self, sentence: str) -> None:
        width, mark = self.app.size.width - 2, self.mark()
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
            return self.desk.say(f"{self.WHERE}.paused_over")
        if session.paused_by is not None:
            at = clock(self.frame.second)
            return self.desk.say(f"{self.WHERE}.paused_{session.paused_by}", at=at)
        return self.desk.say(f"{self.WHERE}.running")

    def action_toggle_pause(self) -> None:
        """Space."""
        self.session.toggle_pause()
        self.show_frame()

    def action_step(self) -> None:
        """One second."""
        for frame in self.session.step():
            self.history.add(frame)
        self.show_frame()

    def action_speed(self, by: int) -> None:
        """Faster or slower."""
        self.session.change_speed(by)
        self.show_frame()

    def action_move(self, direction: Direction) -> None:
        """The resource that lies that way."""
        self.board.move(direction)

    def action_next_charts(self) -> None:
        """The next page of charts and panels."""
        self.charts_page += 1
        self._arrange()

    def selected(self) -> str | None:
        """The selected resource, or the first on the board."""
        return self.board.selected or next(iter(self.board.order), None)
