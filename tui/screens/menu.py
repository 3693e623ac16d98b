"""The menu: for whom this is, the levels with their stars, and every other way into the game."""

from pathlib import Path
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.console import RenderableType
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import Screen
from textual.theme import Theme
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from levels.growth import SLUG, endless
from levels.level import Level
from levels.sandbox import BOARDS
from tui.board_files import saved_boards
from tui.daily import daily
from tui.desk import Desk
from tui.front_actions import WAYS, front_actions, front_bindings
from tui.level_map import (
    chapter_text,
    chapters,
    level_card,
    level_line,
    level_text,
    name_text,
    next_level,
    total_text,
)
from tui.pages import keys_page
from tui.render.canvas import clean, pad
from tui.render.figures import clock
from tui.screens.modal import Choose, Page
from tui.shelf import Best, load_bests
from tui.widgets.choices import Choices


class PlayLevel(NamedTuple):
    """The player chose a level."""

    level: Level


class OpenRuns(NamedTuple):
    """The player wants to see the saved runs."""


class OpenBoard(NamedTuple):
    """The player chose a board of the sandbox: one of the game by its name, or a file."""

    board: str


class TakeTour(NamedTuple):
    """The player chose to be shown round."""


WIDE = (112, 34)
"""Columns and rows from which what is highlighted is told of beside the list, not below it."""

MenuChoice = PlayLevel | OpenRuns | OpenBoard | TakeTour | None


class MenuScreen(Screen[MenuChoice]):
    """Gives what the player chose; None is to leave the game."""

    CSS_PATH = "menu.tcss"
    BINDINGS: ClassVar[list[BindingType]] = front_bindings("menu")

    def __init__(self, desk: Desk, levels: tuple[Level, ...], last: str = "") -> None:
        """`last` is the slug of the level that was played last: the arrows start there."""
        super().__init__()
        self._desk = desk
        self._levels = levels
        self._last = last
        self._bests = load_bests()

    def compose(self) -> ComposeResult:
        """The head, one list of all there is, and what is highlighted in more words."""
        say = self._desk.say
        with Vertical(id="menu") as menu:
            menu.border_subtitle = say("menu.keys")
            with Horizontal(id="head"):
                yield Static(id="name")
                yield Static(total_text(self._desk, self._levels, self._bests), id="total")
            yield Static(Text(say("game.motto")), id="motto")
            yield Static(Text(say("game.for_whom"), "dim"), classes="newcomer")
            yield Static(Text(say("game.goal"), "dim"), classes="newcomer")
            with Horizontal(id="map"):
                yield Choices(*self._options(), id="choices")
                with VerticalScroll(id="card", can_focus=False):
                    yield Static()
            yield Static(id="line")

    def _options(self) -> list[Option | None]:
        say, bests = self._desk.say, self._bests
        options: list[Option | None] = []
        following = next_level(self._levels, bests)
        for chapter, places in chapters(self._levels):
            levels = [self._levels[place] for place in places]
            options.append(Option(chapter_text(self._desk, chapter, levels, bests), disabled=True))
            for at, level in zip(places, levels, strict=True):
                best = bests.get(level.slug)
                line = level_text(self._desk, at + 1, level, best, next=at == following)
                options.append(Option(line, id=f"level-{at}"))
        if not self._levels:
            options.append(Option(Text(say("menu.no_levels"), "dim"), disabled=True))
        return [
            *options,
            None,
            *(Option(self._way_text(way, key), id=way) for way, key in WAYS.items()),
        ]

    def _way_text(self, way: str, key: str) -> Text:
        """Another way into the game: its key, its name, and how far the player got there."""
        text = Text(no_wrap=True).append(f" {key:>2}  ", "dim")
        text.append(self._desk.say(f"menu.{way}"))
        best = self._best(way)
        if best:
            text.append("  " + self._desk.say("menu.score", n=best.score, at=clock(best.second)))
        return text

    def _best(self, way: str) -> Best | None:
        slugs = {"endless": SLUG, "daily": self._today().slug}
        return self._bests.get(slugs.get(way, ""))

    def _today(self) -> Level:
        return daily(self._desk.now().date())

    def _title(self, level: Level) -> str:
        return level.words(self._desk.words.language).title

    def on_mount(self) -> None:
        """The arrows go to the list: to the level that was played last, or comes next."""
        self.app.theme_changed_signal.subscribe(self, self._wear)
        slugs = [level.slug for level in self._levels]
        following = next_level(self._levels, self._bests) or 0
        at = slugs.index(self._last) if self._last in slugs else following
        self._focus_on(f"level-{at}" if self._levels else "runs")
        self._arrange()

    def _wear(self, _: Theme) -> None:
        """Anew in other colours."""
        self.call_later(self.recompose)

    def _focus_on(self, option: str) -> None:
        choices = self.query_one(OptionList)
        choices.highlighted = choices.get_option_index(option)
        choices.focus()

    def on_resize(self, event: events.Resize) -> None:
        """More or less said, for the new size."""
        if self.query("#line"):
            self._arrange()

    def _arrange(self) -> None:
        width, height = self.app.size
        wide = width >= WIDE[0] and height >= WIDE[1]
        self.set_class(wide, "-wide")
        for words in self.query(".newcomer"):
            words.display = wide or not self._bests
        self.query_one("#name", Static).update(name_text(self._desk, big=wide))
        self._tell()

    def on_option_list_option_highlighted(self) -> None:
        """Say more of another line."""
        self._tell()

    def _tell(self) -> None:
        """What is highlighted, in more words."""
        if not self.query("#line"):  # it is being made anew
            return
        highlighted = self.query_one(OptionList).highlighted_option
        option = (highlighted.id if highlighted else None) or ""
        line, card = self._told(option)
        self.query_one("#line", Static).update(line)
        self.query_one("#card Static", Static).update(card)

    def _told(self, option: str) -> tuple[RenderableType, RenderableType]:
        name, _, number = option.partition("-")
        if name == "level":
            level = self._levels[int(number)]
            best = self._bests.get(level.slug)
            line = level_line(self._desk, level, best)
            return line, level_card(self._desk, int(number) + 1, level, best)
        if name not in WAYS:
            return "", ""
        what = self._desk.say(f"menu.{name}_what", day=f"{self._desk.now():%Y-%m-%d}")
        title = Text(self._desk.say(f"menu.{name}") + "\n\n", f"bold {self._desk.hue('strong')}")
        return Text(what), title.append(what, f"not bold {self._desk.hue('text')}")

    async def on_option_list_option_selected(self, chosen: OptionList.OptionSelected) -> None:
        """Enter on a line."""
        name, _, number = (chosen.option_id or "").partition("-")
        if name == "level":
            self.dismiss(PlayLevel(self._levels[int(number)]))
        else:
            await self.action_go(name)

    async def action_go(self, way: str) -> None:
        """Another way into the game."""
        match way:
            case "endless":
                self.dismiss(PlayLevel(endless(self._desk.new_seed())))
            case "daily":
                self.dismiss(PlayLevel(self._today()))
            case "sandbox":
                self._choose_board()
            case "runs":
                self.dismiss(OpenRuns())
            case "tour":
                self.dismiss(TakeTour())
            case "glossary" | "settings":
                await self.app.run_action(f"app.{way}")
            case "quit":
                self.dismiss(None)

    async def recompose(self) -> None:
        """Anew in other words or colours, with the arrows where they were."""
        at = self.query_one(OptionList).highlighted
        await super().recompose()
        choices = self.query_one(OptionList)
        choices.highlighted = at
        choices.focus()
        self._arrange()

    def action_open_level(self, index: int) -> None:
        """A level by its number."""
        if index < len(self._levels):
            self.dismiss(PlayLevel(self._levels[index]))

    def action_help(self) -> None:
        """All keys."""
        text = keys_page(self._desk.words, front_actions("menu"))
        self.app.push_screen(Page(self._desk, self._desk.say("help.title"), text))

    def action_quit(self) -> None:
        """Leave the game."""
        self.dismiss(None)

    def _choose_board(self) -> None:
        """The boards of the game, then the player's own."""
        say = self._desk.say
        boards = [*BOARDS, *(str(path) for path in saved_boards())]

        def chosen(index: int | None) -> None:
            if index is not None:
                self.dismiss(OpenBoard(boards[index]))

        names = [clean(Path(board).stem) for board in boards]
        width = max(cell_len(name) for name in BOARDS)
        lines = [
            Text(pad(name, max(width, cell_len(name))), "bold", no_wrap=True) for name in names
        ]
        for line, board in zip(lines, BOARDS, strict=False):
            line.append("  " + say(f"sandbox.board_{board.replace('-', '_')}"), "dim not bold")
        self.app.push_screen(Choose(self._desk, say("menu.choose_board"), lines), chosen)
