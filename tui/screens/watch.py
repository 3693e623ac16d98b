"""The watch screen: a recording on the same board, at any second at once, alone or with another."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.command import Provider
from textual.widget import Widget

from engine.complaint import Complaint
from engine.frame import Frame
from engine.recording import read_recording
from tui.actions import bindings_of
from tui.contender import Contender
from tui.desk import Desk
from tui.palette import ActionProvider
from tui.recorded import recorded_facts
from tui.render.canvas import clean
from tui.render.ghost import SIGN
from tui.render.scrub import Lane
from tui.run_rows import run_line
from tui.screens.differences import DifferencesScreen
from tui.screens.modal import Choose
from tui.screens.running import RunningScreen
from tui.screens.work import WorkScreen, work_until
from tui.session import ReplaySession
from tui.shelf import SavedRun, runs_of
from tui.widgets.scrub import ScrubBar


class WatchScreen(RunningScreen[int | None]):
    """A recording, until the player leaves it, or takes over: then gives the second.

    `against` is another run of its level: a ghost in the charts, a lane on the bar.
    """

    WHERE = "watch"
    SAYS = "watch"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("watch")
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {ActionProvider}

    def __init__(
        self,
        desk: Desk,
        watched: Contender,
        second: int | None = None,
        against: Contender | None = None,
    ) -> None:
        self.watched = watched.finish()
        self.against = against.finish() if against is not None else None
        recording = watched.recording
        replay = ReplaySession(recording, desk.clock)
        super().__init__(desk, replay, watched.history, recorded_facts(recording))
        self.replay = replay
        self.ghost = against.history if against is not None else None
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
        bar.about(self._lanes())
        yield bar

    def on_mount(self) -> None:
        """Room for what is there; whatever any screen of a run does on mounting is done, too."""
        self.set_class(self.against is not None, "-against")

    def _lanes(self) -> list[Lane]:
        lanes = [Lane(self.watched.landmarks, self.replay.last_second)]
        if self.against is not None:
            name = f"{SIGN} {self.desk.say('versus.other')}"
            lanes.append(Lane(self.against.landmarks, self.against.last.second, name))
        return lanes

    def speak(self, sentence: str) -> None:
        """Say it below the scrub bar, which shows the second, too."""
        bar = self.query_one(ScrubBar)
        bar.show(self.frame, self.history, self.facts)
        bar.say(sentence)

    def sentence(self) -> str:
        """How time runs; beside another run, which that is."""
        if self.against is None or not self.session.paused:
            return super().sentence()
        header = self.against.header
        other = header.seed != self.watched.header.seed
        when = clean(header.started_at[:16].replace("T", " "))
        said = "versus.beside_seed" if other else "versus.beside"
        return self.desk.say(said, sign=SIGN, when=when, seed=header.seed)

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
        second = self.watched.landmarks.beside(self.frame.second, by)
        if second is None:
            said = "scrub.no_later" if by > 0 else "scrub.no_earlier"
            self.speak(self.desk.say(said))
        else:
            self._go_to(second)

    def _go_to(self, second: int) -> None:
        self.replay.seek(second)
        self.show_frame()

    def action_ghost(self) -> None:
        """Another run of this level beside this one, or none any more."""
        header = self.watched.header
        own = header.started_at, header.seed
        runs = [
            run
            for run in runs_of(header.slug)
            if not run.trouble and (run.started_at, run.seed) != own
        ]
        if not runs:
            self.speak(self.desk.say("versus.no_other"))
            return
        alone = [Text(self.desk.say("versus.alone"))] if self.against is not None else []

        def chosen(index: int | None) -> None:
            if index is not None:
                at = index - len(alone)
                self._stand_beside(runs[at] if at >= 0 else None)

        lines = [*alone, *(run_line(self.desk, run) for run in runs)]
        self.app.push_screen(Choose(self.desk, self.desk.say("versus.choose"), lines), chosen)

    def _stand_beside(self, run: SavedRun | None) -> None:
        """Read it, and set it beside; None is to be alone again."""
        if run is None:
            self._compare(None)
            return
        try:
            recording = read_recording(run.path)
        except Complaint as complaint:
            said = self.desk.say("menu.damaged", why=str(complaint))
            self.notify(said, severity="error", markup=False)
            return
        other = Contender(recording, None if run.ending is None else run.ending.stars)

        def done(whole: bool | None) -> None:
            if whole:
                self._compare(other)

        if work_until(other, self.desk):
            self._compare(other)
        else:
            text = self.desk.say("watch.reading_text")
            title = self.desk.say("watch.reading")
            self.app.push_screen(WorkScreen(self.desk, title, text, other), done)

    def _compare(self, other: Contender | None) -> None:
        self.against, self.ghost = other, None if other is None else other.history
        self.set_class(other is not None, "-against")
        bar = self.query_one(ScrubBar)
        bar.about(self._lanes())
        bar.redraw()
        self.show_frame()

    def action_differences(self) -> None:
        """What differs between this run and the one beside it; first choose one."""
        if self.against is None:
            self.action_ghost()
            return
        second = self.frame.second
        sides = self.watched, self.against
        at_end = second in (0, self.replay.last_second)
        self.app.push_screen(DifferencesScreen(self.desk, *sides, second, at_end=at_end))

    def action_fork(self) -> None:
        """Hand over the controls at the second that is shown."""
        if self.frame.verdict is not None:
            self.notify(self.desk.say("resume.over"), markup=False)
        else:
            self.dismiss(self.frame.second)

    def action_leave(self) -> None:
        """Back to where the player came from."""
        self.dismiss(None)
