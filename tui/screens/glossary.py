"""The glossary on the screen: all words on one page that scrolls."""

from rich.table import Table
from rich.text import Text

from tui.desk import Desk
from tui.glossary import glossary
from tui.screens.modal import Page


class GlossaryPage(Page):
    """All words on one page."""

    def __init__(self, desk: Desk) -> None:
        table = Table.grid(padding=(0, 2, 1, 0))
        table.add_column(ratio=1, overflow="fold")
        table.add_column(ratio=3, overflow="fold")
        terms = glossary(desk.words.language).values()
        for term in sorted(terms, key=lambda term: term.word.lower()):
            table.add_row(Text(term.word, "bold"), Text(term.meaning))
        super().__init__(desk, desk.say("palette.glossary"), table)
