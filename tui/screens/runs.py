"""The saved runs: all of them in a table, to watch, to go on with, to compare, to delete."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, NamedTuple

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import DataTable, Static

from tui.actions import actions_of
from tui.desk import Desk
from tui.folder import first_folder
from tui.pages import keys_page
from tui.render.canvas import clean
from tui.render.figures import clock
from tui.run_list import RunList
from tui.run_rows import cells, heads, widths_in
from tui.screens.modal import Choose, Confirm, Page
from tui.screens.open_file import OpenFileScreen
from tui.shelf import SavedRun, delete_run, load_bests, read_run, run_files
from tui.widgets.choices import Rows
from tui.widgets.keys import KeysLine

SLICE_S = 0.05
"""Wall time that reading files takes at once; keys stay quick between."""

WHERE = "runs"


class WatchRun(NamedTuple):
    """The player chose a recording."""

    path: Path


class ResumeRun(NamedTuple):
    """The player chose to go on with a run that was left."""

    path: Path


class CompareRuns(NamedTuple):
    """The player wants to watch a run beside another one of its level."""

    path: Path
    against: Path


RunsChoice = WatchRun | ResumeRun | CompareRuns | None


@dataclass
class Place:
    """Where in the list the player was, and what is to be seen of it; it outlives the screen."""

    list: RunList = field(default_factory=RunList)
    at: Path | None = None
    marked: Path | None = None
    folder: Path = field(default_factory=first_folder)


class RunsScreen(Screen[RunsChoice]):
    """Gives what the player chose; None is to go back."""

    CSS_PATH = "runs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(keys, handler, action.name, show=False, priority="enter" not in keys)
        for action in actions_of(WHERE)
        for keys, handler in action.keys
    ]

    def __init__(self, desk: Desk, place: Place) -> None:
        super().__init__()
        self._desk = desk
        self.place = place
        self._bests = load_bests()
        self._shown: list[SavedRun] = []
        self._unread = 0
        self._said = ""
        self._sought = place.at

    def compose(self) -> ComposeResult:
        """What is shown of them, the table, and more of the one that is chosen."""
        with Vertical(id="runs") as sheet:
            sheet.border_title = self._desk.say("runs.title")
            yield Static(id="wishes")
            yield Rows[Text](cursor_type="row", cell_padding=0, id="table")
            yield Static(id="about")
        yield KeysLine(actions_of(WHERE), self._desk.words)

    def on_mount(self) -> None:
        """Read the files, a few at a time."""
        self.query_one(DataTable).focus()
        self.run_worker(self._read(), group="runs", exclusive=True)

    async def recompose(self) -> None:
        """Anew in other words."""
        await super().recompose()
        self.query_one(DataTable).focus()
        self._fill()

    def on_resize(self, event: events.Resize) -> None:
        """The columns for another width."""
        self.call_after_refresh(self._fill)

    async def _read(self) -> None:
        runs: list[SavedRun] = []
        self.place.list.runs = runs
        files, clock = run_files(), self._desk.clock
        until = clock() + SLICE_S
        for number, path in enumerate(files):
            runs.append(read_run(path))
            if clock() >= until:
                self._unread = len(files) - number - 1
                self._fill()
                await asyncio.sleep(0)
                until = clock() + SLICE_S
        self._unread = 0
        self._bests = load_bests()
        self._fill()

    def _fill(self) -> None:
        """The table anew, with the arrows where they were."""
        table: DataTable[Text] = self.query_one(DataTable)
        at, chosen = max(0, table.cursor_row), self._chosen
        wanted = self._sought or (chosen.path if chosen is not None else None)
        self._shown = self.place.list.shown()
        table.clear(columns=True)
        widths = widths_in(table.size.width)
        for head, width in zip(heads(self._desk, widths), widths.values(), strict=True):
            table.add_column(head, width=width)
        for run in self._shown:
            marked, best = run.path == self.place.marked, run.is_best(self._bests)
            table.add_row(*cells(self._desk, run, widths, marked=marked, best=best))
        paths = [run.path for run in self._shown]
        if wanted in paths:
            at = paths.index(wanted)
        if wanted in paths or not self._unread:
            self._sought = None
        if paths:
            table.move_cursor(row=min(at, len(paths) - 1))
        self._tell()

    @property
    def _chosen(self) -> SavedRun | None:
        row = self.query_one(DataTable).cursor_row
        return self._shown[row] if 0 <= row < len(self._shown) else None

    def _tell(self) -> None:
        """What is shown of how many, and what there is to say of the chosen run."""
        say, wishes, chosen = self._desk.say, self.place.list, self._chosen
        text = Text(no_wrap=True, overflow="ellipsis")
        level = self._titled(wishes.level) if wishes.level else say("runs.all")
        came_out = say(f"runs.{wishes.came_out}") if wishes.came_out else say("runs.all")
        shown = {"level": level, "result": came_out, "order": say(f"runs.by_{wishes.order}")}
        for name, value in shown.items():
            text.append(say(f"runs.{name}") + " ", "dim")
            text.append(clean(value) + "   ", "bold")
        total = len(wishes.runs) + self._unread
        count = say("runs.count", n=len(self._shown), total=total)
        text.append(say("runs.reading", n=self._unread) if self._unread else count, "dim")
        self.query_one("#wishes", Static).update(text)
        about = Text(self._said or self._about(chosen))
        if self._said or (chosen is not None and chosen.trouble):
            about.stylize(self._desk.hue("accent"))
        if chosen is not None:
            about.append(f"\n{clean(chosen.path.name)}", "dim not bold")
        self.query_one("#about", Static).update(about)

    def _titled(self, slug: str) -> str:
        run = next(run for run in self.place.list.runs if run.slug == slug)
        return run.title(self._desk.words.language)

    def _about(self, run: SavedRun | None) -> str:
        say = self._desk.say
        if run is None:
            read = not self._unread
            return say("runs.none" if self.place.list.runs else "menu.no_runs") if read else ""
        if run.trouble:
            return say("runs.about_broken", why=run.trouble)
        if run.ending is None:
            return say("runs.about_left", at=clock(run.second or 0))
        if run.path == self.place.marked:
            return say("runs.about_marked")
        return say("runs.about_best") if run.is_best(self._bests) else say("runs.about")

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Say more of it."""
        chosen = self._chosen
        if chosen is not None and chosen.path != self.place.at and self._sought is None:
            self.place.at, self._said = chosen.path, ""
            self._tell()

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """Enter on a run."""
        self.action_open()

    def action_open(self) -> None:
        """Watch it; of one that was left, go on with it or watch it."""
        run = self._chosen
        if run is None or run.trouble:
            self._tell()
        elif run.ending is None:
            self._choose_what(run)
        else:
            self.dismiss(WatchRun(run.path))

    def _choose_what(self, run: SavedRun) -> None:
        def chosen(index: int | None) -> None:
            if index is not None:
                self.dismiss((ResumeRun, WatchRun)[index](run.path))

        lines = [Text(self._desk.say(f"resume.{key}")) for key in ("go_on", "watch")]
        title = clean(run.title(self._desk.words.language))
        self.app.push_screen(Choose(self._desk, title, lines), chosen)

    def action_ends(self, at: int) -> None:
        """To the first run, or the last."""
        if self._shown:
            self.query_one(DataTable).move_cursor(row=at % len(self._shown))

    def action_level(self, by: int) -> None:
        """Runs of another level."""
        self.place.list.next_level(by)
        self._wish()

    def action_result(self, by: int) -> None:
        """Runs that came out another way."""
        self.place.list.next_outcome(by)
        self._wish()

    def action_sort(self) -> None:
        """Another order."""
        self.place.list.next_order()
        self._wish()

    def _wish(self) -> None:
        self._said = ""
        self._fill()

    def action_mark(self) -> None:
        """Mark a run to compare another one with it, or unmark it."""
        run = self._chosen
        if run is None or run.trouble:
            return
        self.place.marked = None if run.path == self.place.marked else run.path
        self._wish()

    def action_compare_runs(self) -> None:
        """The chosen run beside the marked one; without one, it is marked."""
        run, say = self._chosen, self._desk.say
        marked = next((r for r in self.place.list.runs if r.path == self.place.marked), None)
        if run is None or run.trouble:
            return
        if marked is None or marked.path == run.path:
            self.place.marked = run.path
            self._said = say("runs.about_marked")
            self._fill()
        elif marked.slug != run.slug:
            language = self._desk.words.language
            titles = {"one": run.title(language), "other": marked.title(language)}
            self._said = say("runs.other_level", **titles)
            self._tell()
        else:
            self.dismiss(CompareRuns(run.path, marked.path))

    def action_delete_run(self) -> None:
        """Delete the chosen file, after asking."""
        run, say = self._chosen, self._desk.say
        if run is None:
            return
        key = "runs.delete_broken" if run.trouble else "runs.delete_text"
        what = run.title(self._desk.words.language)
        text = say(key, file=run.path.name, what=what)
        if run.came_out == "left":
            text += " " + say("runs.delete_left")
        answers = say("runs.delete_yes"), say("runs.delete_no")
        question = Confirm(self._desk, say("runs.delete_question"), clean(text), *answers)

        def answered(yes: bool | None) -> None:
            if yes:
                self._delete(run)

        self.app.push_screen(question, answered)

    def _delete(self, run: SavedRun) -> None:
        if delete_run(run.path):
            self.place.list.runs.remove(run)
            self._said = self._desk.say("runs.deleted", file=clean(run.path.name))
        else:
            self._said = self._desk.say("runs.not_deleted", file=clean(run.path.name))
        self._fill()

    def action_open_file(self) -> None:
        """A recording from anywhere."""
        browser = OpenFileScreen(self._desk, self.place.folder)

        def chosen(path: Path | None) -> None:
            self.place.folder = browser.folder
            if path is not None:
                self.dismiss(WatchRun(path))

        self.app.push_screen(browser, chosen)

    def action_help(self) -> None:
        """All keys."""
        text = keys_page(self._desk.words, actions_of(WHERE))
        self.app.push_screen(Page(self._desk, self._desk.say("help.title"), text))

    def action_leave(self) -> None:
        """Back to the menu."""
        self.dismiss(None)
