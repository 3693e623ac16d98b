"""What a view over a run asks of the run below it: its newest second, and ways to act on it."""

from typing import Protocol

from engine.frame import Frame
from tui.actions import CommandType
from tui.desk import Desk
from tui.render.facts import Facts
from tui.render.history import History
from tui.render.inspector import Offer
from tui.render.status import Pace
from tui.session import Session


class Viewed(Protocol):
    """A run under a view.

    `request_class` (None: all together), `window_s` (None: the whole run) and the `ghost` of
    another run are those of every chart, in the run and in its views.
    """

    desk: Desk
    session: Session
    history: History
    facts: Facts
    ghost: History | None
    request_class: str | None
    window_s: int | None

    @property
    def frame(self) -> Frame:
        """The frame that is shown."""

    def pace(self) -> Pace:
        """How time runs, for a status line."""

    def take_step(self) -> None:
        """Go on by one second and rest, without showing it."""

    def selected(self) -> str | None:
        """The resource that views are about."""

    def select_next(self, by: int) -> None:
        """Select the resource that stands so many further on the board."""

    def offers(self) -> list[Offer]:
        """The commands that can be given to the selected resource."""

    def take_offer(self, number: int, resource: str | None) -> None:
        """Fill in the command of that number in `offers`."""

    def open_form(self, command: CommandType, resource: str | None = None) -> None:
        """Fill in a command and give it."""

    def to_next_class(self) -> None:
        """All classes together, then each by itself."""

    def to_next_window(self) -> None:
        """The last minutes, the whole run, the last moments."""


class Directed(Viewed, Protocol):
    """A sandbox under its sliders; `done` is what was just done, in words."""

    done: str | None

    def followed(self) -> str:
        """The file that the traffic comes from now, or nothing."""

    def file_is_over(self) -> bool:
        """Whether that file has come to its end."""

    def direct(self, values: dict[str, object]) -> None:
        """Give a command of the sandbox."""

    def action_undo(self) -> None:
        """Take the last command back."""

    def action_traffic_file(self) -> None:
        """Take the traffic from a file."""

    def action_trouble(self) -> None:
        """Choose an incident."""
