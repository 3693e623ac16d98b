"""A file from anywhere: a folder to walk through by arrows, and a look at the file chosen."""

import asyncio
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from engine.complaint import Complaint
from tui.desk import Desk
from tui.folder import Entry, entries
from tui.render.canvas import clean
from tui.theme import ASCII
from tui.widgets.choices import Choices

Chosen = TypeVar("Chosen")

LARGE_BYTES = 200_000


class ChooseFile(ModalScreen[Chosen | None], Generic[Chosen]):
    """Gives what is read of a file, or None; what cannot be read is said in one line.

    `WORDS` begins the keys of its own sentences; files with one of `ENDS` are
    shown first, and `EXPECTED` names them in complaints.
    """

    WORDS: ClassVar[str]
    ENDS: ClassVar[tuple[str, ...]]
    EXPECTED: ClassVar[str]
    CSS_PATH = "runs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,q", "leave", ""),
        Binding("left,backspace", "up", "", priority=True),
        Binding("right", "enter", "", priority=True),
    ]

    def __init__(self, desk: Desk, folder: Path) -> None:
        super().__init__()
        self._desk = desk
        self._entries: list[Entry] = []
        self.folder = folder

    def compose(self) -> ComposeResult:
        """Where one is, what lies there, and what is wrong with what was chosen."""
        with Vertical(id="browser") as box:
            box.border_title = self._desk.say(f"{self.WORDS}_title")
            box.border_subtitle = self._desk.say("runs.open_keys")
            yield Static(id="where")
            yield Choices(id="tree")
            yield Static(id="trouble")

    def on_mount(self) -> None:
        """The arrows go to the list."""
        self.query_one(OptionList).focus()
        self._show(self.folder)

    async def recompose(self) -> None:
        """Anew in other words."""
        await super().recompose()
        self.query_one(OptionList).focus()
        self._show(self.folder)

    def _show(self, folder: Path, came_from: Path | None = None) -> None:
        """Walk into a folder; where that cannot be, stay and say why."""
        try:
            found = entries(folder, self.ENDS)
        except Complaint as complaint:
            self._complain(complaint)
            return
        self.folder = folder
        above = [Entry(folder.parent, "folder")] if folder.parent != folder else []
        self._entries = [*above, *found]
        choices = self.query_one(OptionList)
        choices.clear_options()
        choices.add_options(self._line(entry, up=entry in above) for entry in self._entries)
        paths = [entry.path for entry in self._entries]
        first = min(len(above), max(0, len(paths) - 1))
        choices.highlighted = paths.index(came_from) if came_from in paths else first
        self.query_one("#where", Static).update(Text(clean(str(folder)), "bold"))
        nothing = not any(entry.kind == "wanted" for entry in found)
        said = self._desk.say(f"{self.WORDS}_nothing" if nothing else "runs.open_paste")
        self.query_one("#trouble", Static).update(Text(said, "dim"))

    def _line(self, entry: Entry, *, up: bool) -> Option:
        name = clean(entry.path.name)
        match entry.kind:
            case "folder":
                text = Text("◂ .." if up else f"▸ {name}/", self._desk.hue("title"))
            case "wanted":
                text = Text(f"● {name}", "bold")
            case _:
                text = Text(f"  {name}", "dim")
        if self._desk.look.ascii:
            text.plain = text.plain.translate(ASCII)
        return Option(text)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter on a line: into a folder, or the file."""
        self._take(self._entries[event.option_index])

    def on_paste(self, event: events.Paste) -> None:
        """A path that was pasted, as terminals do with a file that is dropped on them."""
        path = Path(event.text.strip().strip("'\"")).expanduser()
        self._take(Entry(path, "folder" if path.is_dir() else "other"))

    def _take(self, entry: Entry) -> None:
        if entry.kind == "folder":
            up = entry.path == self.folder.parent
            self._show(entry.path, self.folder if up else None)
            return
        if _is_large(entry.path):
            self.run_worker(self._take_large(entry.path), exclusive=True)
            return
        try:
            chosen = self._look(entry.path)
        except Complaint as complaint:
            self._complain(complaint)
        else:
            self.dismiss(chosen)

    async def _take_large(self, path: Path) -> None:
        """A large file takes its time, and the screen goes on meanwhile."""
        said = self._desk.say("runs.open_reading", file=clean(path.name))
        self.query_one("#trouble", Static).update(Text(said))
        try:
            chosen = await asyncio.to_thread(self._look, path)
        except Complaint as complaint:
            self._complain(complaint)
        else:
            self.dismiss(chosen)

    def _look(self, path: Path) -> Chosen:
        """Read it, if it is a file at all: a pipe would be waited for."""
        if path.exists() and not path.is_file():
            raise Complaint(str(path), "is no file", self.EXPECTED)
        return self.read(path)

    def read(self, path: Path) -> Chosen:
        """What a file holds, or a Complaint that says what it is instead; override it.

        A large one is read in a thread of its own.
        """
        raise NotImplementedError

    def _complain(self, complaint: Complaint) -> None:
        name = Path(complaint.where).name or complaint.where  # the folder stands above the list
        why = str(complaint).replace(complaint.where, name, 1)
        said = self._desk.say("runs.open_trouble", why=why)
        self.query_one("#trouble", Static).update(Text(clean(said)))

    def action_enter(self) -> None:
        """As enter does."""
        at = self.query_one(OptionList).highlighted
        if at is not None:
            self._take(self._entries[at])

    def action_up(self) -> None:
        """To the folder above."""
        self._show(self.folder.parent, self.folder)

    def action_leave(self) -> None:
        """Open nothing."""
        self.dismiss(None)


def _is_large(path: Path) -> bool:
    """Whether reading it would hold the screen up."""
    try:
        return path.stat().st_size > LARGE_BYTES
    except OSError:
        return False
