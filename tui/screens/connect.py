"""Connected: what goes on inside an instance or a database, as time runs."""

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.screen import Screen
from textual.widget import Widget

from tui.actions import bindings_of
from tui.render.top import inside
from tui.screens.live import LiveScreen
from tui.screens.viewed import Viewed
from tui.widgets.views import TopView


def connect(screen: Screen[Any], run: Viewed, resource: str | None) -> None:
    """Open the view inside a resource, or say that there is none."""
    place = inside(run.frame, resource)
    if place is None:
        screen.notify(run.desk.say("connect.nothing"), markup=False)
    else:
        screen.app.push_screen(ConnectScreen(run, place))


class ConnectScreen(LiveScreen):
    """Inside one place; the arrows go to the next one that can be connected to."""

    WHERE = "connect"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("connect")

    def __init__(self, run: Viewed, place: str) -> None:
        super().__init__(run)
        self.place = place

    def body(self) -> Iterable[Widget]:
        """The view, and below it how it came to this."""
        yield TopView(self.desk.words, self.look, id="top")
        yield self.charts_below()

    def show_body(self) -> None:
        """What goes on there now."""
        view = self.query_one(TopView)
        view.resource = self.place
        self.show_strips([view])
        view.redraw()
        self.show_below(("use", "queue"), None, self.place)

    def action_move(self, by: int) -> None:
        """To the next place."""
        frame = self.run.frame
        ids = [i.id for i in frame.instances] + [r.id for r in frame.resources]
        places = [id for id in ids if inside(frame, id) == id]
        if self.place in places:
            self.place = places[(places.index(self.place) + by) % len(places)]
        elif places:
            self.place = places[0]
        self.show_second()
