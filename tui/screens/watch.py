"""The watch screen: a recording on the same board, at any second at once."""

from collections.abc import Callable
from typing import ClassVar

from textual.binding import BindingType
from textual.command import Provider

from engine.recording import Recording
from tui.actions import bindings_of
from tui.desk import Desk
from tui.palette import ActionProvider
from tui.recorded import recorded_facts
from tui.render.history import History
from tui.screens.running import RunningScreen
from tui.session import ReplaySession


class WatchScreen(RunningScreen[int | None]):
    """A recording, until the player leaves it, or takes over: then gives the second."""

    WHERE = "watch"
    SAYS = "watch"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("watch")
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {ActionProvider}

    def __init__(self, desk: Desk, recording: Recording, second: int | None = None) -> None:
        history = History()
        for frame in recording.frames:
            history.add(frame)
        replay = ReplaySession(recording, desk.clock)
        super().__init__(desk, replay, history, recorded_facts(recording))
        self.replay = replay
        if second is not None:
            replay.seek(second)

    def level_hints(self) -> tuple[str, ...]:
        """Those that the recording brings along."""
        texts = self.replay.recording.header.text
        text = texts.get(self.desk.words.language) or next(iter(texts.values()), None)
        return text.hints if text is not None else ()

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
