"""The watch screen: a recording on the same board, at any second at once."""

from collections.abc import Callable
from typing import ClassVar

import msgspec
from textual.binding import BindingType
from textual.command import Provider

from engine.recording import Recording
from tui.actions import bindings_of
from tui.desk import Desk
from tui.palette import ActionProvider
from tui.render.facts import Facts
from tui.render.history import History
from tui.screens.running import RunningScreen
from tui.session import ReplaySession


class WatchScreen(RunningScreen[int | None]):
    """A recording, until the player leaves it, or takes over: then gives the second."""

    WHERE = "watch"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("watch")
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {ActionProvider}

    def __init__(self, desk: Desk, recording: Recording) -> None:
        history = History()
        for frame in recording.frames:
            history.add(frame)
        replay = ReplaySession(recording, desk.clock)
        super().__init__(desk, replay, history, recorded_facts(recording))
        self.replay = replay

    def action_seek(self, seconds: int) -> None:
        """To another second."""
        self.replay.seek(self.frame.second + seconds)
        self.show_frame()

    def action_fork(self) -> None:
        """Hand over the controls at the second that is shown."""
        if self.frame.verdict is not None:
            self.notify(self.desk.say("resume.over"), markup=False)
        else:
            self.dismiss(self.frame.second)

    def action_leave(self) -> None:
        """Back to where the player came from."""
        self.dismiss(None)


class _Objectives(msgspec.Struct, frozen=True):
    p95_ms: float | None = None


class _Request(msgspec.Struct, frozen=True):
    name: str
    deadline_ms: float


class _Played(msgspec.Struct, frozen=True):
    """As much of a recorded scenario as is shown; versions may differ in all the rest."""

    duration_s: int
    requests: tuple[_Request, ...] = ()
    objectives: _Objectives = _Objectives()


def recorded_facts(recording: Recording) -> Facts:
    """The fixed figures of a recorded run; of one that we cannot read, what its frames say."""
    header, frames = recording.header, recording.frames
    try:
        played = msgspec.convert(header.scenario, _Played)
    except msgspec.ValidationError:
        return Facts(header.slug, frames[-1].second, dict.fromkeys(frames[-1].totals, 0.0))
    demanded = frames[-1].totals
    classes = sorted(
        played.requests, key=lambda r: -demanded[r.name].demanded if r.name in demanded else 0
    )
    deadlines = {request.name: request.deadline_ms for request in classes}
    return Facts(header.slug, played.duration_s, deadlines, played.objectives.p95_ms)
