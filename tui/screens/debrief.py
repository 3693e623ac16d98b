"""The debrief: how the run ended and why, what happened, what it cost, how the reference plan
would have done, and where to go from here. A page each, by the arrows or their numbers."""

import asyncio
from pathlib import PurePath
from typing import ClassVar, NamedTuple

from rich.console import RenderableType
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Markdown, OptionList, Static
from textual.widgets.option_list import Option

from engine.explain import explain
from tui.concepts import deck
from tui.costs import costs_text, in_vain
from tui.desk import Desk
from tui.ending import Next, Way, card_of, cause_text, fork_second, margins_text, stars_rows
from tui.ending import ways_on as ways_of
from tui.export.card import Card, card_lines, keep_card
from tui.pages import stars_text
from tui.render.course import as_text, draw_course
from tui.rival import Side, rival_of
from tui.run import BREATH_S, SLICE_S, Run
from tui.screens.concept import ConceptScreen
from tui.screens.explain import ExplainScreen
from tui.screens.hint import HintScreen
from tui.side_by_side import compared_page, progress_page
from tui.story import moment_line
from tui.timeline import Moment, timeline, told_in
from tui.widgets.choices import Choices

PAGES = ("result", "timeline", "cost", "reference", "lesson")
"""The pages in order; each is reached by its number."""

COURSE = (7, 8)
"""Rows of the run's course, on a low terminal and on a high one."""

HIGH = 34
"""Rows of a terminal from which there is room for more."""


class Place(NamedTuple):
    """Where on a debrief the player was: the page, and the line of the timeline."""

    page: int = 0
    moment: int = 0


class Choice(NamedTuple):
    """Where the player goes, and to which second of the run."""

    next: Next
    second: int | None = None


class DebriefScreen(Screen[Choice]):
    """Gives where the player goes next."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["menu.tcss", "debrief.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,shift+tab", "turn(-1)", "", priority=True),
        Binding("right,tab", "turn(1)", "", priority=True),
        *(Binding(str(number + 1), f"open({number})", "") for number in range(len(PAGES))),
        ("enter", "go('next_level')", ""),
        ("r", "go('again')", ""),
        ("n", "go('new_traffic')", ""),
        ("w", "go('watch')", ""),
        ("f", "go('fork')", ""),
        ("k", "go('card')", ""),
        ("e", "explain", ""),
        ("h", "hint", ""),
        ("c", "share", ""),
        ("m,escape,q", "go('menu')", ""),
    ]

    def __init__(self, desk: Desk, run: Run, *, has_next: bool, place: Place | None = None) -> None:
        super().__init__()
        self._desk = desk
        self._run = run
        frame = run.session.frame
        assert frame.verdict is not None
        self._frame = frame
        self._verdict = frame.verdict
        self._has_next = has_next and self._verdict.won
        frames = tuple(run.session.seen())
        self._explanation = explain(frames, run.facts.known)
        self._wasted = in_vain(frames, run.facts.month_s)
        self._told = told_in(frames)
        self._moments: list[Moment] = []
        if run.rival is None:
            run.rival = rival_of(run.level, run.seed)
        self.place = place or Place()
        self._anew = False
        self._said = ("", "")

    def compose(self) -> ComposeResult:
        """The verdict, the names of the pages, and the page that is open."""
        desk = self._desk
        text = self._run.level.words(desk.words.language)
        self._moments = timeline(self._told, self._explanation, desk.words)
        with Vertical(id="debrief") as sheet:
            sheet.border_title = text.title
            yield Static(self._head(), id="head")
            yield Static(cause_text(desk.words, self._run, self._verdict), id="cause")
            yield Static(id="tabs")
            yield Static(id="course")
            with Vertical(id="result", classes="page"):
                yield Static(stars_rows(desk, self._run), id="stars")
                yield Static(margins_text(desk.words, self._run, self._frame), id="margins")
                won = text.won if self._verdict.won else text.lost
                yield Markdown(won, open_links=False, id="words")
                yield Static(Text(desk.say("debrief.what_next"), "bold"), id="next")
                yield Choices(*map(_way_line, self._ways()), id="ways")
            with Vertical(id="timeline", classes="page"):
                yield Choices(*map(self._moment_option, self._moments), id="moments")
            with VerticalScroll(id="cost", classes="page"):
                yield Static(id="costs")
            with VerticalScroll(id="reference", classes="page"):
                yield Static(id="compared")
            with VerticalScroll(id="lesson", classes="page"):
                yield Markdown(won, open_links=False)
                yield Markdown(text.lesson, open_links=False)
                yield Static(Text(self._kept(), "dim"))

    def on_mount(self) -> None:
        """Open the page where the player was; follow the third star and the reference plan."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self.call_later(self.recompose))
        self._show_place()
        self.set_interval(1 / 5, self.follow)
        if self._run.rival is not None:
            self.run_worker(self._race(), group="reference")

    async def recompose(self) -> None:
        """Anew in other words or colours, with the same page open."""
        self._anew = True
        await super().recompose()
        self._anew = False
        self._show_place()

    def _show_place(self) -> None:
        """The page where the player was, its list at the line where he was."""
        moments = self.query_one("#moments", OptionList)
        if moments.option_count:
            moments.highlighted = min(self.place.moment, moments.option_count - 1)
        self.query_one("#ways", OptionList).highlighted = 0
        self._open(self.place.page)

    def on_resize(self, event: events.Resize) -> None:
        """Pages that are drawn for a width are drawn anew."""
        self.set_class(event.size.height >= HIGH, "-high")
        self.call_after_refresh(self._draw)

    async def _race(self) -> None:
        """Play the reference plan a slice at a time; it stops when this screen goes."""
        rival, clock = self._run.rival, self._desk.clock
        assert rival is not None
        while not rival.over:
            until = clock() + SLICE_S
            while not rival.over and clock() <= until:
                rival.advance()
                await asyncio.sleep(0)
            await asyncio.sleep(BREATH_S)
        self._draw()

    def follow(self) -> None:
        """Show how far the third star and the reference plan are."""
        if self._anew:
            return
        rival = self._run.rival
        stars = stars_rows(self._desk, self._run)
        done = f"{rival.share_done:.2f}" if rival is not None and not rival.over else ""
        if (stars.plain, done) == self._said:
            return
        self._said = (stars.plain, done)
        self.query_one("#stars", Static).update(stars)
        self.query_one("#head", Static).update(self._head())
        if PAGES[self.place.page] == "reference":
            self._draw()

    def _head(self) -> Text:
        won = self._verdict.won
        text = Text(self._desk.say("debrief.won" if won else "debrief.lost").upper() + "  ")
        text.stylize(f"bold {self._desk.hue('ok' if won else 'down')}")
        text.append_text(stars_text(self._desk, self._run.stars))
        return text.append(
            f"   {self._desk.say('briefing.seed', seed=self._run.seed)}", "dim not bold"
        )

    def _open(self, page: int) -> None:
        """Show one page and give it the arrows."""
        self.place = self.place._replace(page=page)
        for name in PAGES:
            self.query_one(f"#{name}").display = name == PAGES[page]
        lists = {"result": "#ways", "timeline": "#moments"}
        self.query_one(lists.get(PAGES[page], f"#{PAGES[page]}"), Widget).focus()
        keys = f"debrief.keys_{PAGES[page] if PAGES[page] in lists else 'page'}"
        self.query_one("#debrief").border_subtitle = self._desk.say(keys)
        tabs = Text(no_wrap=True, overflow="ellipsis")
        for number, name in enumerate(PAGES):
            said = f" {number + 1} {self._desk.say(f'debrief.page_{name}')} "
            tabs.append(said, "bold reverse" if number == page else "dim")
            tabs.append(" ")
        self.query_one("#tabs", Static).update(tabs)
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        """Draw the open page for the width it has."""
        if self._anew:
            return
        page = PAGES[self.place.page]
        width = self.query_one("#debrief").content_size.width
        course = self.query_one("#course", Static)
        course.display = page == "timeline" or self.has_class("-high")
        if course.display:
            course.update(self._course(width, pointed=page == "timeline"))
        if page == "cost":
            costs = costs_text(self._desk, self._frame, self._wasted, width)
            self.query_one("#costs", Static).update(costs)
        elif page == "reference":
            self.query_one("#compared", Static).update(self._compared())

    def _course(self, width: int, *, pointed: bool) -> Text:
        rival = self._run.rival
        moments = self._moments
        at = self.query_one("#moments", OptionList).highlighted
        strips = draw_course(
            width,
            COURSE[self.has_class("-high")],
            moments,
            self._run.history,
            self._run.facts.duration_s,
            self._desk.look,
            self._desk.words,
            cursor=moments[at].second if pointed and at is not None else None,
            rival=rival.history if rival is not None and rival.over else None,
        )
        return as_text(strips)

    def _compared(self) -> RenderableType:
        rival, desk = self._run.rival, self._desk
        if rival is None:
            return Text(desk.say("compare.no_plan"), "dim")
        if not rival.over:
            return progress_page(desk, rival.share_done)
        done = tuple(step for step in self._told if step[1].by == "player")
        return compared_page(desk, Side(self._frame, self._run.stars, done), rival.side)

    def _ways(self) -> list[Way]:
        return ways_of(self._desk, self._run, self._explanation, has_next=self._has_next)

    def _moment_option(self, moment: Moment) -> Option:
        return Option(moment_line(self._desk, moment))

    def _kept(self) -> str:
        trouble = self._run.session.trouble
        if trouble is not None:
            return self._desk.say("debrief.not_saved", why=self._desk.say(f"trouble.{trouble}"))
        return self._desk.say("debrief.saved")

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """The course points at the moment that is marked."""
        if event.option_list.id == "moments":
            self.place = self.place._replace(moment=event.option_index)
            if PAGES[self.place.page] == "timeline":
                self._draw()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter on a way goes it; on a moment, watches it."""
        if event.option_list.id == "ways":
            self.action_go(self._ways()[event.option_index].next.value)
        elif self._run.path is None:
            self.app.bell()
        else:
            second = self._moments[event.option_index].second
            self.dismiss(Choice(Next.WATCH, max(0, second - 1)))

    def action_turn(self, by: int) -> None:
        """The next page, or the one before; round at the ends."""
        self._open((self.place.page + by) % len(PAGES))

    def action_open(self, page: int) -> None:
        """A page by its number."""
        self._open(page)

    def action_explain(self) -> None:
        """Why requests failed, and what was tight at the end."""
        duration_s, hints = self._run.facts.duration_s, self._run.hints
        given = self._explanation, duration_s, hints, self._level_hints(), self._run.level.teaches
        self.app.push_screen(ExplainScreen(self._desk, *given))

    def action_hint(self) -> None:
        """The level's hints, and what would have helped."""
        hints, explanation = self._run.hints, self._explanation
        teaches = self._run.level.teaches
        screen = HintScreen(
            self._desk, hints, self._level_hints(), explanation, over=True, teaches=teaches
        )
        self.app.push_screen(screen)

    def action_share(self) -> None:
        """Copy the run's card, and keep it beside the recording."""
        run, words = self._run, self._desk.words
        title = run.level.words(words.language).title
        played = run.level.scenario
        card = Card(title, run.seed, run.stars, self._frame, run.facts, run.history, played)
        text = "".join(f"{line}\n" for line in card_lines(card, words))
        self.app.copy_to_clipboard(text)
        kept = None if run.path is None else keep_card(run.path, text)
        said = words.say("card.copied", path=kept) if kept else words.say("card.copied_only")
        self.notify(said, markup=False)

    def _level_hints(self) -> tuple[str, ...]:
        return self._run.level.words(self._desk.words.language).hints

    def action_go(self, way: str) -> None:
        """On to where the player wants; what is not there now is no choice."""
        chosen = Next(way)
        if chosen is Next.CARD:
            cards = deck([card_of(self._run, self._explanation)], self._run.level.teaches)
            self.app.push_screen(ConceptScreen(self._desk, cards))
        elif chosen not in [one.next for one in self._ways()]:
            self.app.bell()
        elif chosen is Next.FORK:
            self.dismiss(Choice(chosen, fork_second(self._explanation)))
        else:
            self.dismiss(Choice(chosen))


def _way_line(way: Way) -> Option:
    text = Text(f"{way.key:>5}  ", "bold")
    return Option(text.append(way.text, "not bold"))
