"""The play screen: the run as it is simulated, and every command a key or two away."""

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.binding import BindingType

from engine.outcomes import Accepted, Refused
from engine.services.command import Command
from tui.actions import CommandType, bindings_of, name_of
from tui.desk import Desk
from tui.losses import loss_words
from tui.orders import Order, change_orders, first_to_stand_on, form_of, new_orders
from tui.pages import refusal_text
from tui.render.canvas import clean, pad
from tui.render.figures import clock
from tui.render.inspector import Offer
from tui.run import Run
from tui.screens.briefing import BriefingScreen
from tui.screens.form import FormScreen, command_title
from tui.screens.modal import Choose, Confirm
from tui.screens.running import RunningScreen
from tui.screens.work import WorkScreen
from tui.standing import stands
from tui.undo import BLINK_S, Undo, hindrance
from tui.words import Words

SAID_POLLS = 40
"""How long, in polls of a running session, what was just done is said."""


class PlayScreen(RunningScreen[bool]):
    """Gives whether the run came to its end."""

    WHERE = "play"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("play")

    def __init__(self, desk: Desk, run: Run) -> None:
        super().__init__(desk, run.session, run.history, run.facts)
        self.run_played = run
        self.hints = run.hints
        self.live = run.session
        self.done: str | None = None
        self.done_until = 0
        self.warned = False
        self.undoing: Undo | None = None

    def sentence(self) -> str:
        """What was just done, else trouble with the recording, else how time runs."""
        if self.done is not None and self.polls < self.done_until:
            return self.done
        if self.live.behind and self.live.measured_speed is not None:
            figures = {"speed": self._speed(), "measured": self.live.measured_speed}
            return self.desk.say("play.behind", **figures)
        return self._unrecorded_sentence() or super().sentence()

    def _unrecorded_sentence(self) -> str:
        """What is said of a run that is not recorded, where of any other that it is."""
        trouble, paused_by = self.live.trouble, self.session.paused_by
        if trouble is None or self.live.over:
            return ""
        if paused_by is None:
            why = self.desk.say(f"trouble.{trouble}")
            return self.desk.say("play.running_unrecorded", why=why)
        return self.desk.say("play.paused_player") if paused_by == "resumed" else ""

    def mark(self) -> str:
        """That the run is not recorded, as long as it is not."""
        return "" if self.live.trouble is None else self.desk.say("play.unrecorded")

    def on_unmount(self) -> None:
        """However the run is left, what is recorded so far stays."""
        if self.undoing is not None:
            self.undoing.give_up()
        self.run_played.close()

    def on_mount(self) -> None:
        """Say at once where the run cannot be recorded."""
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
        self._offer(self.desk.say("choose.new"), new_orders(self.live))

    def action_change(self) -> None:
        """Change what is selected; at the end of the run, on to the debrief."""
        if self.live.over:
            self.dismiss(True)
            return
        standing = stands(self.frame, self.selected())
        if standing is None:
            self._tell(self.desk.say("play.nothing_to_change"))
            return
        id, orders = clean(standing.view.id), change_orders(self.live, standing)
        if orders:
            self._offer(self.desk.say("choose.change", id=id), orders)
        else:
            self._tell(self.desk.say("play.not_on_offer", id=id))

    def teaches(self) -> tuple[str, ...]:
        """The level's rows."""
        return self.run_played.level.teaches

    def level_hints(self) -> tuple[str, ...]:
        """The level's."""
        return self.run_played.level.words(self.desk.words.language).hints

    def offers(self) -> list[Offer]:
        """The commands for what is selected, each with why it cannot be given now."""
        return [
            Offer(
                str(number),
                self.desk.say(f"commands.{order.name}"),
                None if order.possible else f"✕ {order.why_not(self.desk.words)}",
            )
            for number, order in enumerate(self._orders_on(self.selected())[:9], 1)
        ]

    def take_offer(self, number: int, resource: str | None) -> None:
        """Fill in the command of that number."""
        order = self._orders_on(resource)[number]
        self.open_form(order.command, order.resource)

    def _orders_on(self, resource: str | None) -> list[Order]:
        standing = stands(self.frame, resource)
        return [] if standing is None or self.live.over else change_orders(self.live, standing)

    def _offer(self, title: str, orders: list[Order], at: int | None = None) -> None:
        """One command opens its form at once; of several the player chooses, beginning `at` one."""
        if len(orders) == 1:
            self.open_form(orders[0].command, orders[0].resource)
            return

        def chosen(index: int | None) -> None:
            if index is not None:
                back = partial(self._offer, title, orders, index)
                self.open_form(orders[index].command, orders[index].resource, back)

        words = self.desk.words
        names = [cell_len(words.say(f"commands.{order.name}")) for order in orders]
        widths = max(names, default=0), max((cell_len(o.price(words)) for o in orders), default=0)
        choose = Choose(
            self.desk,
            title,
            [order_line(order, words, *widths) for order in orders],
            highlighted=first_to_stand_on(orders) if at is None else at,
            notes=[order_note(order, self.desk) for order in orders],
            closed={n for n, order in enumerate(orders) if not order.possible},
        )
        self.app.push_screen(choose, chosen)

    def open_form(
        self,
        command: CommandType,
        resource: str | None = None,
        back: Callable[[], None] | None = None,
    ) -> None:
        """Fill in a command and give it; who does not goes `back` to where it was opened."""
        form = form_of(command, resource, self.live)

        def filled(given: Command | None) -> None:
            if given is not None:
                self._give(given)
            elif back is not None:
                back()

        month_s = None if self.facts.billed_month_s else self.facts.month_s
        screen = FormScreen(self.desk, form, self.frame, self.live.quote, month_s)
        self.app.push_screen(screen, filled)

    def _give(self, command: Command) -> None:
        # What takes something along can be taken back, for time rests then.
        rests = bool(loss_words(command, self.frame, self.desk.words))
        outcome = self.live.send(command)
        if rests and isinstance(outcome, Accepted):
            self.live.pause(self.live.paused_by or "player")
        if isinstance(outcome, Refused):
            self._tell(refusal_text(self.desk.words, outcome))
            return
        self.history.add(self.frame)
        if outcome.resource:
            self.show_frame()
            self.board.select(outcome.resource)
        done = f"✓ {command_title(self.desk.words, name_of(type(command)), outcome.resource)}"
        # While time rests it is not too late.
        self._tell(f"{done}   {self.desk.say('undo.can')}" if self.live.paused else done)

    def action_undo(self) -> None:
        """Take the last command back; where that takes more than a blink, a bar shows how far."""
        why = hindrance(self.live)
        if why is not None:
            self._tell(self.desk.say(why))
            return
        undo = self.undoing = Undo(self.desk, self.run_played)
        until = self.desk.clock() + BLINK_S
        while not undo.rerun.over and self.desk.clock() < until:
            undo.rerun.advance()
        if undo.rerun.over:
            self._undone(True)
        else:
            say, at = self.desk.say, clock(undo.rerun.until)
            text = say("undo.text", at=at)
            bar = WorkScreen(self.desk, say("undo.title"), text, undo.rerun, "undo.keys")
            self.app.push_screen(bar, self._undone)

    def _undone(self, whole: bool | None) -> None:
        """Go on with the run without the command; or, where the player gave up, as it was."""
        undo, self.undoing = self.undoing, None
        if undo is None:
            return
        if not whole:
            undo.give_up()
            self._tell(self.desk.say("undo.given_up"))
            return
        if not undo.finish():
            self._tell(self.desk.say("undo.no_room"))
            return
        self.session = self.live = self.run_played.session
        self.history = self.run_played.history
        _, command, outcome = undo.undone
        resource = outcome.resource if isinstance(outcome, Accepted) else None
        what = command_title(self.desk.words, name_of(type(command)), resource)
        self._tell(self.desk.say("undo.done", what=what))

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
        self.leave_to(lambda: self.dismiss(self.live.over))

    def leave_to(self, then: Callable[[], object]) -> None:
        """Ask whether to leave a run that has begun and is not over; then do that."""
        if self.live.over or (self.frame.second == 0 and not self.live.commands):
            then()
            return
        say = self.desk.say
        kept = "leave_text" if self.run_played.path is not None else "leave_unrecorded"
        question = Confirm(
            self.desk,
            say("play.leave_question"),
            say(f"play.{kept}"),
            say("play.leave_yes"),
            say("play.leave_no"),
        )

        def answered(yes: bool | None) -> None:
            if yes:
                then()

        self.app.push_screen(question, answered)


def order_line(order: Order, words: Words, width: int, price: int) -> Text:
    """A command by its name, with what it adds to the bill; one that cannot be given is marked.

    `width` and `price` are the cells of the widest name and price.
    """
    name = words.say(f"commands.{order.name}")
    if not order.possible:
        return Text(f"✕ {name}", "dim", no_wrap=True)
    text = Text(f"  {pad(name, width)}", "bold", no_wrap=True)
    return text.append(f"   {pad(order.price(words), price, right=True)}", "dim not bold")


def order_note(order: Order, desk: Desk) -> Text:
    """What a command does; before that, why it cannot be given."""
    text, why = Text(), order.why_not(desk.words)
    if why is not None:
        text.append(f"✕ {why}\n", f"bold {desk.hue('down')}")
    return text.append(desk.say(f"commands.{order.name}_help"), "dim")
