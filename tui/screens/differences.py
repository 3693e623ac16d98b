"""What differs between the run that is watched and the one beside it: a table, then what was
given when."""

from typing import ClassVar

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from tui.contender import Contender
from tui.desk import Desk
from tui.differences import Difference, differences, given_when, notes
from tui.render.canvas import clean
from tui.render.figures import clock
from tui.screens.modal import Page
from tui.theme import ASCII


class DifferencesScreen(Page):
    """Two runs as they stand at a second, or at their ends; tab goes from one to the other."""

    KEYS = "versus.keys"
    BINDINGS: ClassVar[list[BindingType]] = [("tab", "turn", ""), ("d", "dismiss", "")]

    def __init__(
        self, desk: Desk, mine: Contender, theirs: Contender, second: int, *, at_end: bool = False
    ) -> None:
        self._sides = mine, theirs
        self._second = second
        self._at_end = at_end
        super().__init__(desk, desk.say("versus.title"), "")

    def compose(self) -> ComposeResult:
        """The page, as of now."""
        self._title = self._desk.say("versus.title")
        self._text = self._page()
        yield from super().compose()

    def action_turn(self) -> None:
        """The other point in time."""
        self._at_end = not self._at_end
        self.query_one(Static).update(self._page())

    def _page(self) -> RenderableType:
        desk, (mine, theirs) = self._desk, self._sides
        when = "versus.at_end" if self._at_end else "versus.at_second"
        parts: list[RenderableType] = [Text(desk.say(when, at=clock(self._second)), "bold")]
        parts += [Text(clean(note), "dim") for note in notes(mine, theirs, desk.words)]
        second = None if self._at_end else self._second
        parts += [Text(), self._figures(differences(mine, theirs, desk.words, second)), Text()]
        parts += [Text(desk.say("versus.given"), "bold"), self._given()]
        return Group(*parts)

    def _figures(self, rows: list[Difference]) -> Table:
        desk = self._desk
        table = Table.grid(padding=(0, 3))
        table.add_column()
        for _ in range(3):
            table.add_column(justify="right")
        heads = ("", "versus.mine", "versus.other", "versus.by")
        table.add_row(*(Text(desk.say(head) if head else "", "dim") for head in heads))
        for row in rows:
            style = "dim" if row.part else "bold"
            name = Text(clean(f"  {row.name}" if row.part else row.name), "dim")
            figures = [Text(self._drawn(row.mine), style), Text(self._drawn(row.theirs), style)]
            equal = "=" if row.mine == row.theirs else ""
            by = Text(row.by or equal, f"bold {desk.hue('accent')}" if row.by else "dim")
            table.add_row(name, *figures, by)
        return table

    def _given(self) -> Table:
        """When, and in this run, the other, or both."""
        desk = self._desk
        table = Table.grid(padding=(0, 1), expand=True)
        table.add_column(justify="right", no_wrap=True, style="dim")
        for _ in range(2):
            table.add_column(ratio=1, overflow="fold")  # Rich cuts wide letters otherwise
        heads = (Text(desk.say(f"versus.{name}"), "dim") for name in ("mine", "other"))
        table.add_row("", *heads)
        rows = given_when(*self._sides, desk.words)
        for row in rows:
            alike = row.mine == row.theirs
            said = [clean(side) or "–" for side in (row.mine, row.theirs)]
            if alike:
                said[1] = desk.say("versus.alike")
            style = "dim" if alike else ""
            table.add_row(clock(row.second), *(Text(self._drawn(one), style) for one in said))
        if not rows:
            table.add_row("", *(Text(desk.say("compare.nothing"), "dim") for _ in range(2)))
        return table

    def _drawn(self, text: str) -> str:
        return text.translate(ASCII) if self._desk.look.ascii else text
