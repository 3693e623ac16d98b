"""The play screen: the run as it is simulated, and every command a key or two away."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.command import Provider

from engine.outcomes import RefusalReason, Refused
from engine.services.command import Command
from tui.actions import CommandType, bindings_of, changers, commands_on, makers, name_of
from tui.desk import Desk
from tui.forms import Form, Standing, on_offer, service_of, stands
from tui.pages import refusal_text
from tui.palette import ActionProvider
from tui.render.inspector import Offer
from tui.run import Run
from tui.screens.briefing import BriefingScreen
from tui.screens.form import FormScreen, command_title, missing_text
from tui.screens.modal import Choose, Confirm
from tui.screens.running import RunningScreen

BY_STATE = (RefusalReason.WRONG_STATE, RefusalReason.RUN_IS_OVER)
"""Refusals that no choice in a form can mend."""

SAID_POLLS = 40
"""How long, in polls of a running session, what was just done is said."""


class PlayScreen(RunningScreen[bool]):
    """Gives whether the run came to its end."""

    WHERE = "play"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("play")
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {ActionProvider}

    def __init__(self, desk: Desk, run: Run) -> None:
        super().__init__(desk, run.session, run.history, run.facts)
        self.run_played = run
        self.hints = run.hints
        self.live = run.session
        self.done: str | None = None
        self.done_until = 0
        self.warned = False

    def sentence(self) -> str:
        """What was just done, else trouble with the recording, else how time runs."""
        if self.done is not None and self.polls < self.done_until:
            return self.done
        if self.live.behind and self.live.measured_speed is not None:
            figures = {"speed": self._speed(), "measured": self.live.measured_speed}
            return self.desk.say("play.behind", **figures)
        return super().sentence()

    def mark(self) -> str:
        """That the run is not recorded, as long as it is not."""
        return "" if self.live.trouble is None else self.desk.say("play.unrecorded")

    def on_unmount(self) -> None:
        """However the run is left, what is recorded so far stays."""
        self.run_played.close()

    def on_mount(self) -> None:
        """Say at once where the run cannot be recorded."""
        super().on_mount()
        self._warn()

    def poll(self) -> None:
        """As any run; and say at once where the recording breaks off."""
        super().poll()
        self._warn()

    def on_screen_resume(self) -> None:
        """Back, perhaps from the settings."""
        self.live.auto_pause = self.pauses_by_itself()

    def pauses_by_itself(self) -> bool:
        """Whether time is to rest at the first trouble."""
        return self.desk.settings.auto_pause

    def _warn(self) -> None:
        trouble = self.live.trouble
        if trouble is not None and not self.warned:
            self.warned = True
            said = self.desk.say("play.not_recorded", why=self.desk.say(f"trouble.{trouble}"))
            self.notify(said, severity="warning", markup=False, timeout=10)

    def action_toggle_pause(self) -> None:
        """Space; at the end of the run, on to the debrief."""
        self.done = None
        if self.live.over:
            self.dismiss(True)
            return
        super().action_toggle_pause()

    def action_new(self) -> None:
        """Make something new."""
        self._offer(self.desk.say("choose.new"), self._makers(), None)

    def _makers(self) -> list[CommandType]:
        """What makes something that the level has on offer."""
        scenario = self.live.simulation.scenario
        return [command for command in makers() if on_offer(command, scenario)]

    def _changers(self, standing: Standing) -> list[CommandType]:
        """What can be done with something, of services that are on offer or stand already."""
        scenario = self.live.simulation.scenario
        there = {resource.service for resource in self.frame.resources}
        return [
            command
            for command in commands_on(standing.kind)
            if on_offer(command, scenario) or service_of(command) in there
        ]

    def action_change(self) -> None:
        """Change what is selected; at the end of the run, on to the debrief."""
        if self.live.over:
            self.dismiss(True)
            return
        standing = stands(self.frame, self.selected())
        if standing is None:
            self._tell(self.desk.say("play.nothing_to_change"))
            return
        id = standing.view.id
        self._offer(self.desk.say("choose.change", id=id), self._changers(standing), id)

    def teaches(self) -> tuple[str, ...]:
        """The level's rows."""
        return self.run_played.level.teaches

    def level_hints(self) -> tuple[str, ...]:
        """The level's."""
        return self.run_played.level.words(self.desk.words.language).hints

    def offers(self) -> list[Offer]:
        """The commands for what is selected, each with why it cannot be given now."""
        standing = stands(self.frame, self.selected())
        if standing is None or self.live.over:
            return []
        id = standing.view.id
        return [
            Offer(
                str(number),
                self.desk.say(f"commands.{name_of(command)}"),
                self._hindrance(command, id),
            )
            for number, command in enumerate(self._changers(standing)[:9], 1)
        ]

    def take_offer(self, number: int, resource: str | None) -> None:
        """Fill in the command of that number."""
        standing = stands(self.frame, resource)
        if standing is not None:
            self.open_form(self._changers(standing)[number], standing.view.id)

    def _offer(self, title: str, commands: list[CommandType], resource: str | None) -> None:
        """One command opens its form at once; of several the player chooses."""
        if len(commands) == 1:
            self.open_form(commands[0], resource)
            return

        def chosen(index: int | None) -> None:
            if index is not None:
                self.open_form(commands[index], resource)

        hindrances = [self._hindrance(command, resource) for command in commands]
        first = next((at for at, why in enumerate(hindrances) if why is None), 0)
        lines = [self._offer_line(c, why) for c, why in zip(commands, hindrances, strict=True)]
        self.app.push_screen(Choose(self.desk, title, lines, highlighted=first), chosen)

    def _hindrance(self, command: CommandType, resource: str | None) -> str | None:
        """Why a command cannot be given now whatever is chosen in its form, or None."""
        words = self.desk.words
        form = Form(command, self.frame, self.live.simulation.scenario, resource)
        missing = form.missing()
        if missing is not None:
            return missing_text(missing, self.desk).plain.strip()
        refused = self.live.quote(form.command()).refused
        if refused is None or (form.fields and refused.reason not in BY_STATE):
            return None
        return "✕ " + refusal_text(words, refused)

    def _offer_line(self, command: CommandType, hindrance: str | None) -> Text:
        name = name_of(command)
        text = Text(self.desk.say(f"commands.{name}"), "bold")
        note = hindrance or self.desk.say(f"commands.{name}_help")
        text.append(f"\n  {note}", "dim not bold")
        return text

    def open_form(self, command: CommandType, resource: str | None = None) -> None:
        """Fill in a command and give it."""
        form = Form(command, self.frame, self.live.simulation.scenario, resource)

        def filled(given: Command | None) -> None:
            if given is not None:
                self._give(given)

        self.app.push_screen(FormScreen(self.desk, form, self.frame, self.live.quote), filled)

    def _give(self, command: Command) -> None:
        outcome = self.live.send(command)
        if isinstance(outcome, Refused):
            self._tell(refusal_text(self.desk.words, outcome))
            return
        self.history.add(self.frame)
        if outcome.resource:
            self.show_frame()
            self.board.select(outcome.resource)
        self._tell(f"✓ {command_title(self.desk.words, name_of(type(command)), outcome.resource)}")

    def _tell(self, sentence: str) -> None:
        self.done, self.done_until = sentence, self.polls + SAID_POLLS
        self.show_frame()

    def action_task(self) -> None:
        """The briefing again."""
        run = self.run_played
        briefing = BriefingScreen(self.desk, run.level, run.seed, run.hints, reading=True)
        self.app.push_screen(briefing)

    def action_leave(self) -> None:
        """Leave the run, after asking where something would be lost."""
        if self.live.over or (self.frame.second == 0 and not self.live.commands):
            self.dismiss(self.live.over)
            return
        say = self.desk.say
        question = Confirm(
            self.desk,
            say("play.leave_question"),
            say("play.leave_text"),
            say("play.leave_yes"),
            say("play.leave_no"),
        )

        def answered(yes: bool | None) -> None:
            if yes:
                self.dismiss(False)

        self.app.push_screen(question, answered)

    def palette_commands(self) -> Iterable[CommandType]:
        """Commands that the palette offers by name."""
        return [*self._makers(), *changers()]
