"""The watch screen: a recording on the same board, at any second at once."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.binding import BindingType
from textual.command import Provider
from textual.widget import Widget

from engine.frame import Frame
from engine.recording import Recording
from tui.actions import bindings_of
from tui.desk import Desk
from tui.landmarks import Landmarks
from tui.palette import ActionProvider
from tui.recorded import recorded_facts
from tui.render.history import History
from tui.render.scrub import Lane
from tui.screens.running import RunningScreen
from tui.session import ReplaySession
from tui.widgets.scrub import ScrubBar


class WatchScreen(RunningScreen[int | None]):
    """A recording, until the player leaves it, or takes over: then gives the second."""

    WHERE = "watch"
    SAYS = "watch"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("watch")
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {ActionProvider}

    def __init__(
        self,
        desk: Desk,
        recording: Recording,
        second: int | None = None,
        against: Recording | None = None,
    ) -> None:
        history = History()
        for frame in recording.frames:
            history.add(frame)
        replay = ReplaySession(recording, desk.clock)
        super().__init__(desk, replay, history, recorded_facts(recording))
        self.replay = replay
        self.landmarks = Landmarks(recording, history)
        if second is not None:
            replay.seek(second)

    def level_hints(self) -> tuple[str, ...]:
        """Those that the recording brings along."""
        texts = self.replay.recording.header.text
        text = texts.get(self.desk.words.language) or next(iter(texts.values()), None)
        return text.hints if text is not None else ()

    def foot(self) -> Iterable[Widget]:
        """The scrub bar; what the line above the keys says stands below it."""
        bar = ScrubBar(self.desk.words, self.desk.look, id="scrub")
        bar.about([Lane(self.landmarks, self.replay.last_second)])
        yield bar

    def speak(self, sentence: str) -> None:
        """Say it below the scrub bar, which shows the second, too."""
        bar = self.query_one(ScrubBar)
        bar.show(self.frame, self.history, self.facts)
        bar.say(sentence)

    def take_in(self, frames: Iterable[Frame]) -> None:
        """All of it is in the history already."""

    def on_scrub_bar_sought(self, message: ScrubBar.Sought) -> None:
        """A second was clicked."""
        self._go_to(message.second)

    def action_seek(self, seconds: int) -> None:
        """To another second."""
        self._go_to(self.frame.second + seconds)

    def action_to_mark(self, by: int) -> None:
        """To the next second with a landmark, or the one before."""
        second = self.landmarks.beside(self.frame.second, by)
        if second is None:
            said = "scrub.no_later" if by > 0 else "scrub.no_earlier"
            self.speak(self.desk.say(said))
        else:
            self._go_to(second)

    def _go_to(self, second: int) -> None:
        self.replay.seek(second)
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
