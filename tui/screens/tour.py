"""The guided tour: a live run on the real screen, with a card that says what to do next."""

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.geometry import Region, Size
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.desk import Desk
from tui.run import Run
from tui.screens.play import PlayScreen
from tui.screens.running import PAGES
from tui.tour import RESTS_BY_ITSELF, STEPS, Seen, Step, place, uncut
from tui.widgets.choices import Choices
from tui.widgets.strips import StripWidget

FOOT = 2
"""Rows below that the card leaves free: the line that speaks and the keys."""

WIDTH, EDGE = 54, 2
"""Cells of the card, and of what is left and right of its words."""

MOST_CUTS = 2
"""Columns of a card in which widgets below it meet."""


class TourOffer(ModalScreen[bool]):
    """Asks a newcomer whether to be shown round; one key says no."""

    CSS_PATH = "modal.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,n,q", "answer(False)", ""),
        ("y", "answer(True)", ""),
        ("l", "app.language", ""),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk

    def compose(self) -> ComposeResult:
        """The question over its two answers."""
        say = self._desk.say
        with Vertical(classes="box") as box:
            box.border_title = say("tour.offer_title")
            box.border_subtitle = say("tour.offer_keys")
            yield Static(Text(say("game.motto") + "\n\n" + say("tour.offer")), classes="lead")
            yield Choices(Option(Text(say("tour.yes"))), Option(Text(say("tour.no"))))

    def on_mount(self) -> None:
        """The arrows go to the answers."""
        self.query_one(OptionList).focus()

    async def recompose(self) -> None:
        """Anew in other words."""
        await super().recompose()
        self.query_one(OptionList).focus()

    def on_option_list_option_selected(self, chosen: OptionList.OptionSelected) -> None:
        """Enter on an answer."""
        self.dismiss(chosen.option_index == 0)

    def action_answer(self, yes: bool) -> None:
        """The answer's own key."""
        self.dismiss(yes)


class TourScreen(PlayScreen):
    """A run with a card over it; gives whether the player goes on with the first level."""

    BINDINGS: ClassVar[list[BindingType]] = [("enter", "go_on", "")]

    def __init__(self, desk: Desk, run: Run) -> None:
        super().__init__(desk, run)
        self.at = 0
        self.read: frozenset[str] = frozenset()
        self._told: tuple[int, str] | None = None

    def on_mount(self) -> None:
        """The card follows the layout."""
        self.screen_layout_refresh_signal.subscribe(self, lambda _: self._place_card())

    def compose(self) -> ComposeResult:
        """As any run, and the card with its sign."""
        yield from super().compose()
        yield Static(id="tour-card")
        yield Static(id="tour-sign")

    @property
    def step(self) -> Step:
        """The card that is shown."""
        return STEPS[self.at]

    def pauses_by_itself(self) -> bool:
        """At the first failure, which the tour speaks of; not again."""
        return self.step.name in RESTS_BY_ITSELF

    def sentence(self) -> str:
        """What was just done, else what is to be done."""
        if self.done is not None and self.polls < self.done_until:
            return self.done
        return self.desk.say(f"tour.{self.step.name}_do")

    def show_frame(self, *, charts: bool = True) -> None:
        """As any run; and go on where the step is done."""
        self._advance()
        super().show_frame(charts=charts)
        self._show_card()

    def _advance(self) -> None:
        seen = Seen(self.frame, self.session.paused, self.read)
        while (needs := self.step.needs) is not None and not needs(seen):
            self._go(-1)
        while (done := self.step.done) is not None and done(seen):
            self._go(1)

    def _go(self, by: int) -> None:
        self.at += by
        self.live.auto_pause = self.pauses_by_itself()

    def _show_card(self) -> None:
        """The card of another step, and the page of panels that it points at."""
        told = self.at, self.desk.words.language
        if told != self._told and self.query("#tour-sign"):
            self._told = told
            self._turn_to(self.step.at)
            self.call_after_refresh(self._place_card)

    def _turn_to(self, panel: str) -> None:
        """The page of panels with one of them, where it is not shown already."""
        pages = PAGES[self.has_class("-wide")]
        if not self.query_one(f"#{panel}").display:
            self.charts_page = next(at for at, page in enumerate(pages) if panel in page)
            self._arrange()

    def _place_card(self) -> None:
        """Lay the card beside what it speaks of, once that has a place on the screen."""
        if not self.query("#tour-sign"):
            return
        card, sign = self.query_one("#tour-card", Static), self.query_one("#tour-sign", Static)
        target = self.query_one(f"#{self.step.at}").region
        if not target:
            return
        lines = self._words().wrap(self.app.console, WIDTH - 2 * EDGE - MOST_CUTS)
        room = Size(self.size.width, self.size.height - FOOT)
        found = place(target, Size(WIDTH, len(lines) + 2), room)
        covered = Region.from_offset(found.card, (WIDTH, len(lines) + 2))
        below = [w.region for w in self.query(StripWidget) if w.region.overlaps(covered)]
        cuts = {x - covered.x - EDGE for region in below for x in (region.x, region.right)}
        card.styles.height = len(lines) + 2
        card.styles.offset, sign.styles.offset = found.card, found.sign
        card.update(Text("\n").join(uncut(line, cuts) for line in lines))
        sign.update(Text(found.glyph, f"bold {self.desk.hue('accent')}"))

    def _words(self) -> Text:
        """What the card says: which step, what there is to see, what is to be done."""
        say, name, accent = self.desk.say, self.step.name, self.desk.hue("accent")
        text = Text().append(f"{self.at + 1}/{len(STEPS)}  ", "dim")
        text.append(say(f"tour.{name}_title"), "bold")
        text.append(f"\n{say(f'tour.{name}')}\n")
        text.append("▸ " + say(f"tour.{name}_do"), f"bold {accent}")
        return text.append("   " + say("tour.leave"), "dim")

    def on_resize(self, event: events.Resize) -> None:
        """Place the card anew."""
        self._told = None
        self._show_card()

    async def recompose(self) -> None:
        """Anew in other words."""
        self._told = None
        await super().recompose()

    def action_explain(self) -> None:
        """As in any run; it counts as read when it is closed."""
        super().action_explain()
        self.read |= {"explain"}

    def action_bill(self) -> None:
        """As in any run; it counts as read when it is closed."""
        super().action_bill()
        self.read |= {"bill"}

    def action_go_on(self) -> None:
        """Enter: the next card, where there is nothing else to do; from the last, level one."""
        if self.step.done is not None:
            self.app.bell()
        elif self.at + 1 == len(STEPS):
            self.dismiss(True)
        else:
            self._go(1)
            self.show_frame()

    def action_toggle_pause(self) -> None:
        """Space; a tour that ran to its end is over."""
        if self.live.over:
            self.dismiss(False)
        else:
            super().action_toggle_pause()

    def action_leave(self) -> None:
        """Leave at once: nothing is lost."""
        self.dismiss(False)

    def leave_to(self, then: Callable[[], object]) -> None:
        """The same on the way to elsewhere."""
        then()
