"""The glossary on the screen: all words on one page that scrolls."""

from rich.table import Table
from rich.text import Text

from tui.desk import Desk
from tui.glossary import glossary
from tui.screens.modal import Page


class GlossaryPage(Page):
    """All words on one page; the one that was sought stands first."""

    def __init__(self, desk: Desk, sought: str = "") -> None:
        table = Table.grid(padding=(0, 2, 1, 0))
        table.add_column(ratio=1, overflow="fold")
        table.add_column(ratio=3, overflow="fold")
        terms = glossary(desk.words.language)
        for key in sorted(terms, key=lambda key: (key != sought, terms[key].word.lower())):
            look = "bold reverse" if key == sought else "bold"
            table.add_row(Text(terms[key].word, look), Text(terms[key].meaning))
        super().__init__(desk, desk.say("palette.glossary"), table)
