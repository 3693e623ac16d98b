"""The watch screen: a recording on the same board, at any second at once."""

from collections.abc import Callable
from typing import ClassVar

from textual.binding import BindingType
from textual.command import Provider

from engine.recording import Recording
from engine.scenario import read_scenario
from tui.actions import bindings_of
from tui.desk import Desk
from tui.palette import ActionProvider
from tui.render.facts import Facts, facts_of
from tui.render.history import History
from tui.screens.running import RunningScreen
from tui.session import ReplaySession


class WatchScreen(RunningScreen[None]):
    """A recording, until the player leaves it."""

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

    def action_leave(self) -> None:
        """Back to where the player came from."""
        self.dismiss(None)


def recorded_facts(recording: Recording) -> Facts:
    """The fixed figures of a recorded run, from its header."""
    scenario = read_scenario(recording.header.scenario, "recorded scenario")
    return facts_of(scenario)
