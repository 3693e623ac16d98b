"""The menu: for whom this is, the levels with their stars, saved runs, the few settings."""

from pathlib import Path
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
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
from tui.pages import stars_text
from tui.render.canvas import clean, pad
from tui.render.figures import clock
from tui.screens.modal import Choose
from tui.shelf import Best, SavedRun, load_bests, saved_runs


class PlayLevel(NamedTuple):
    """The player chose a level."""

    level: Level


class WatchRun(NamedTuple):
    """The player chose a recording."""

    path: Path


class ResumeRun(NamedTuple):
    """The player chose to go on with a run that was cut off."""

    path: Path


class OpenBoard(NamedTuple):
    """The player chose a board of the sandbox: one of the game by its name, or a file."""

    board: str


TITLE = 22
"""Cells of a level's title beside a saved run."""

MenuChoice = PlayLevel | WatchRun | ResumeRun | OpenBoard | None


class MenuScreen(Screen[MenuChoice]):
    """Gives what the player chose; None is to leave the game."""

    CSS_PATH = "menu.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        ("l", "app.language", ""),
        ("g", "app.glossary", ""),
        ("q,escape", "quit", ""),
        *((str(number), f"open_level({number - 1})", "") for number in range(1, 10)),
    ]

    def __init__(self, desk: Desk, levels: tuple[Level, ...], last: str = "") -> None:
        """`last` is the slug of the level that was played last: the arrows start there."""
        super().__init__()
        self._desk = desk
        self._levels = levels
        self._last = last

    def compose(self) -> ComposeResult:
        """The head, and one list of all there is."""
        say = self._desk.say
        with Vertical(id="menu") as menu:
            menu.border_subtitle = say("menu.keys")
            yield Static(Text(say("game.name").upper(), "bold"), id="name")
            yield Static(Text(say("game.motto")), id="motto")
            yield Static(Text(say("game.for_whom"), "dim"))
            yield Static(Text(say("game.goal"), "dim"), id="goal")
            yield OptionList(*self._options(), id="choices")

    def _options(self) -> list[Option | None]:
        say = self._desk.say
        bests = load_bests()
        title_width = max((cell_len(self._title(level)) for level in self._levels), default=0)
        options: list[Option | None] = [Option(Text(say("menu.levels"), "bold"), disabled=True)]
        for number, level in enumerate(self._levels):
            line = self._level_line(number, level, bests.get(level.slug), min(30, title_width))
            options.append(Option(line, id=f"level-{number}"))
        if not self._levels:
            options.append(Option(Text(say("menu.no_levels"), "dim"), disabled=True))
        scored = [
            Option(self._scored_line(name, bests.get(slug)), id=name)
            for name, slug in (("endless", SLUG), ("daily", self._today().slug))
        ]
        return [
            *options,
            None,
            *scored,
            Option(self._sandbox_line(), id="sandbox"),
            None,
            Option(Text(say("menu.runs")), id="runs"),
            Option(Text(say("menu.glossary")), id="glossary"),
            Option(Text(say("menu.settings")), id="settings"),
            Option(Text(say("menu.quit")), id="quit"),
        ]

    def _sandbox_line(self) -> Text:
        text = Text(self._desk.say("menu.sandbox"), "bold", no_wrap=True)
        return text.append("  " + self._desk.say("menu.sandbox_what"), "dim")

    def _today(self) -> Level:
        return daily(self._desk.now().date())

    def _scored_line(self, name: str, best: Best | None) -> Text:
        """Endless, or the run of the day, with the best score."""
        say = self._desk.say
        text = Text(say(f"menu.{name}", day=f"{self._desk.now():%Y-%m-%d}"), "bold", no_wrap=True)
        if best:
            text.append("  " + say("menu.score", n=best.score, at=clock(best.second)))
        else:
            text.append("  " + say(f"menu.{name}_what"), "dim")
        return text

    def _title(self, level: Level) -> str:
        return level.words(self._desk.words.language).title

    def _level_line(self, number: int, level: Level, best: Best | None, width: int) -> Text:
        text = Text(f"{number + 1:>2}  ", "dim", no_wrap=True)
        text.append_text(stars_text(self._desk, best.stars if best else 0))
        text.append("  " + pad(self._title(level), width) + "  ", "bold")
        minutes = level.scenario.duration_s // 60
        text.append(self._desk.say("menu.row_minutes", minutes=minutes) + "  ", "dim")
        if best:
            text.append(self._desk.say("menu.best", spent=f"{best.spent_micro_usd / 1e6:,.2f}"))
        else:
            text.append(self._desk.say("menu.not_played"), "dim")
        return text

    def on_mount(self) -> None:
        """The arrows go to the list, to the level that was played last."""
        self.app.theme_changed_signal.subscribe(self, self._wear)
        slugs = [level.slug for level in self._levels]
        at = slugs.index(self._last) if self._last in slugs else 0
        self._focus_on(f"level-{at}" if self._levels else "runs")

    def _wear(self, _: Theme) -> None:
        """Anew in other colours."""
        self.call_later(self.recompose)

    def _focus_on(self, option: str) -> None:
        choices = self.query_one(OptionList)
        choices.highlighted = choices.get_option_index(option)
        choices.focus()

    async def on_option_list_option_selected(self, chosen: OptionList.OptionSelected) -> None:
        """Enter on a line."""
        match (chosen.option_id or "").partition("-"):
            case ("level", _, number):
                self.dismiss(PlayLevel(self._levels[int(number)]))
            case ("endless", _, _):
                self.dismiss(PlayLevel(endless(self._desk.new_seed())))
            case ("daily", _, _):
                self.dismiss(PlayLevel(self._today()))
            case ("sandbox", _, _):
                self._choose_board()
            case ("runs", _, _):
                self._choose_run()
            case ("glossary" | "settings" as page, _, _):
                await self.app.run_action(f"app.{page}")
            case _:
                self.dismiss(None)

    async def recompose(self) -> None:
        """Anew in other words, with the arrows where they were."""
        choices = self.query_one(OptionList)
        at = choices.highlighted
        await super().recompose()
        choices = self.query_one(OptionList)
        choices.highlighted = at
        choices.focus()

    def action_open_level(self, index: int) -> None:
        """A level by its number."""
        if index < len(self._levels):
            self.dismiss(PlayLevel(self._levels[index]))

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

    def _choose_run(self) -> None:
        runs = saved_runs()
        if not runs:
            self.notify(self._desk.say("menu.no_runs"), markup=False)
            return

        def chosen(index: int | None) -> None:
            if index is None:
                return
            if runs[index].ending is None:
                self._choose_what(runs[index])
            else:
                self.dismiss(WatchRun(runs[index].path))

        lines = [self._run_line(run) for run in runs]
        self.app.push_screen(Choose(self._desk, self._desk.say("menu.runs"), lines), chosen)

    def _choose_what(self, run: SavedRun) -> None:
        """Of a run that was left or killed: watch it, or go on with it."""

        def chosen(index: int | None) -> None:
            if index is not None:
                self.dismiss((ResumeRun, WatchRun)[index](run.path))

        lines = [Text(self._desk.say(f"resume.{key}")) for key in ("go_on", "watch")]
        self.app.push_screen(Choose(self._desk, self._named(run), lines), chosen)

    def _named(self, run: SavedRun) -> str:
        """The level of a run as the menu lists it; one that is not here by its slug."""
        titles = {level.slug: self._title(level) for level in self._levels}
        return clean(titles.get(run.slug, run.slug))

    def _run_line(self, run: SavedRun) -> Text:
        text = Text(clean(run.started_at[:16].replace("T", " ")) + "  ", "dim", no_wrap=True)
        text.append(pad(self._named(run), TITLE) + " ", "bold")
        text.append(self._desk.say("menu.seed", seed=run.seed) + "  ", "dim")
        if run.ending is None:
            text.append(self._desk.say("menu.unfinished"), "dim")
        elif run.ending.won:
            text.append(self._desk.say("menu.won") + " ", self._desk.hue("ok"))
            text.append_text(stars_text(self._desk, run.ending.stars))
        else:
            lost = f"{self._desk.say('menu.lost')}  {clock(run.ending.second)}"
            text.append(lost, self._desk.hue("down"))
        return text
