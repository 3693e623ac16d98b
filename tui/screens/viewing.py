"""The views over a run that go on with it, and what they and the charts are about."""

from typing import TypeVar

from tui.actions import CommandType
from tui.render.history import History
from tui.render.inspector import Offer
from tui.render.status import Pace
from tui.screens.bill import BillScreen
from tui.screens.charts import ChartsScreen
from tui.screens.connect import connect
from tui.screens.follow import FollowScreen
from tui.screens.inspect import InspectScreen
from tui.screens.metrics import MetricsScreen
from tui.screens.reading import ReadingScreen
from tui.widgets.chart import WINDOWS_S

T = TypeVar("T")


class ViewingScreen(ReadingScreen[T]):
    """A run whose views can be opened by their keys.

    `request_class` (None: all together), `window_s` (None: the whole run) and
    the `ghost` of another run are those of every chart, here and in the views.
    """

    ghost: History | None = None
    request_class: str | None = None
    window_s: int | None = WINDOWS_S[0]

    def pace(self) -> Pace:
        """How time runs, for a status line."""
        raise NotImplementedError

    def take_step(self) -> None:
        """Go on by one second and rest, without showing it."""
        raise NotImplementedError

    def select_next(self, by: int) -> None:
        """Select the resource that stands so many further on the board."""
        raise NotImplementedError

    def action_inspect(self) -> None:
        """Everything about the selected resource."""
        self.app.push_screen(InspectScreen(self))

    def action_connect(self) -> None:
        """Look inside the selected resource."""
        connect(self, self, self.selected())

    def action_follow(self) -> None:
        """One request on its way."""
        self.app.push_screen(FollowScreen(self))

    def action_large_charts(self) -> None:
        """The charts on the whole screen."""
        self.app.push_screen(ChartsScreen(self))

    def action_metrics(self) -> None:
        """What CloudWatch knows."""
        self.app.push_screen(MetricsScreen(self))

    def action_bill(self) -> None:
        """The invoice."""
        self.app.push_screen(BillScreen(self))

    def offers(self) -> list[Offer]:
        """The commands that can be given to the selected resource; none in a recording."""
        return []

    def take_offer(self, number: int, resource: str | None) -> None:
        """Fill in the command of that number in `offers`."""

    def open_form(self, command: CommandType, resource: str | None = None) -> None:
        """Fill in a command and give it; a recording takes none."""
        self.app.notify(self.desk.say("watch.no_commands"), markup=False)

    def to_next_class(self) -> None:
        """All classes together, then each by itself."""
        self.request_class = self.facts.next_class(self.request_class)

    def to_next_window(self) -> None:
        """The last minutes, the whole run, the last moments."""
        self.window_s = WINDOWS_S[(WINDOWS_S.index(self.window_s) + 1) % len(WINDOWS_S)]
