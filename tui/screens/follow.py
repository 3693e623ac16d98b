"""One request followed: the latest that failed or came late, or the slowest, of a class."""

from bisect import bisect_right
from collections.abc import Iterable
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from engine.frame import Frame
from tui.actions import bindings_of
from tui.render.waterfall import SOUGHT, Followed, Sought, find_request, next_second
from tui.screens.live import LiveScreen
from tui.screens.viewed import Viewed
from tui.widgets.views import RequestView


class FollowScreen(LiveScreen):
    """Follows on while time runs, until it is held."""

    WHERE = "follow"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("follow")

    def __init__(self, run: Viewed) -> None:
        super().__init__(run)
        self.sought: Sought = SOUGHT[0]
        self.held: Followed | None = None

    def body(self) -> Iterable[Widget]:
        """The waterfall, and below it how its class fares."""
        yield RequestView(self.desk.words, self.look, id="request")
        yield self.charts_below()

    @property
    def classes_sought(self) -> tuple[str, ...]:
        """The class that is chosen, or all."""
        chosen = self.run.request_class
        return tuple(self.run.facts.deadline_ms) if chosen is None else (chosen,)

    def frame_at(self, second: int) -> Frame | None:
        """The frame of a second that has been shown, or None."""
        frames = self.run.session.seen()
        at = bisect_right(frames, second, key=lambda frame: frame.second) - 1
        return frames[at] if at >= 0 and frames[at].second == second else None

    def found(self, second: int) -> Followed | None:
        """The newest such request up to a second."""
        return find_request(
            self.sought, self.classes_sought, second, self.run.history, self.frame_at
        )

    def show_body(self) -> None:
        """The request that is held, or the newest."""
        view = self.query_one(RequestView)
        self.show_strips([view])
        followed, sought = self.held or self.found(self.run.frame.second), self.sought
        if followed is None and sought == "trouble":
            sought = "slow"  # nothing is wrong yet: what takes longest comes next
            args = self.classes_sought, self.run.frame.second, self.run.history, self.frame_at
            followed = find_request(sought, *args)
        view.follow(followed, sought, held=self.held is not None)
        name = followed.request_class if followed is not None else self.run.request_class
        self.show_below(("latency", "failures"), name, None)

    def action_hold(self) -> None:
        """Stay with this request, or follow on."""
        self.held = None if self.held else self.query_one(RequestView).followed
        self.show_second()

    def action_older(self) -> None:
        """The one before, and stay with it."""
        shown = self.query_one(RequestView).followed
        older = self.found(shown.frame.second - 1) if shown is not None else None
        if older is None:
            self.app.bell()
            return
        self.held = older
        self.show_second()

    def action_newer(self) -> None:
        """The one after; from the newest on, follow again."""
        shown = self.query_one(RequestView).followed
        if shown is None or self.held is None:
            self.app.bell()
            return
        at = next_second(self.sought, self.classes_sought, shown.frame.second, self.run.history)
        newest = self.run.frame.second
        self.held = None if at is None or at > newest else self.found(at)
        self.show_second()

    def action_next_sought(self) -> None:
        """Another kind of request: failed, late, slow."""
        self.sought = SOUGHT[(SOUGHT.index(self.sought) + 1) % len(SOUGHT)]
        self.held = None
        self.show_second()

    def action_next_class(self) -> None:
        """Another class of requests."""
        self.run.to_next_class()
        self.held = None
        self.show_second()
