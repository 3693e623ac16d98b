"""A terminal that knows only what our casts may send; anything else is an error."""

import re

from rich.cells import get_character_cell_size

SENT = re.compile(
    r"\x1b\[(?P<place>\d+;\d+)H|\x1b\[(?P<style>\d+(?:;\d+)*)m|\x1b\[(?P<clear>2J)"
    r"|\x1b\[\?25(?P<cursor>[hl])|(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
)

Dress = tuple[object, object, bool]
"""The colours of letters and of the ground behind them, and whether they are bold."""

GROUND: Dress = (None, None, False)


class LittleTerminal:
    """`cells` are rows of (character, style); the second cell of a wide character holds ""."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.x = self.y = 0
        self.cursor = True
        self.style: Dress = GROUND
        self.clear()

    def clear(self) -> None:
        self.cells: list[list[tuple[str, Dress]]] = [
            [(" ", GROUND)] * self.width for _ in range(self.height)
        ]

    def rows(self) -> list[str]:
        return ["".join(text for text, _ in row) for row in self.cells]

    def send(self, data: str) -> None:
        at = 0
        while at < len(data):
            match = SENT.match(data, at)
            assert match is not None, f"sent {data[at : at + 20]!r}"
            at = match.end()
            match match.lastgroup:
                case "place":
                    self.y, self.x = (int(n) - 1 for n in match["place"].split(";"))
                    assert 0 <= self.x < self.width
                    assert 0 <= self.y < self.height
                case "style":
                    self.dress([int(n) for n in match["style"].split(";")])
                case "clear":
                    self.clear()
                case "cursor":
                    self.cursor = match["cursor"] == "h"
                case _:
                    for character in match["text"]:
                        self.put(character)

    def put(self, character: str) -> None:
        size = get_character_cell_size(character)
        row = self.cells[self.y]
        assert 1 <= size <= self.width - self.x, "never beyond the right edge"
        self.mend(row, self.x)
        self.mend(row, self.x + size - 1)
        row[self.x] = (character, self.style)
        if size == 2:
            row[self.x + 1] = ("", self.style)
        self.x += size

    def mend(self, row: list[tuple[str, Dress]], x: int) -> None:
        """The other half of a wide character that is cut becomes a blank."""
        if row[x][0] == "":
            row[x - 1] = (" ", row[x - 1][1])
        if x + 1 < self.width and row[x + 1][0] == "":
            row[x + 1] = (" ", row[x + 1][1])

    def dress(self, codes: list[int]) -> None:
        ink, ground, bold = self.style
        while codes:
            match codes:
                case [0, *codes]:
                    ink, ground, bold = GROUND
                case [1, *codes]:
                    bold = True
                case [22, *codes]:
                    bold = False
                case [38, 2, red, green, blue, *codes]:
                    ink = (red, green, blue)
                case [48, 2, red, green, blue, *codes]:
                    ground = (red, green, blue)
                case [39, *codes]:
                    ink = None
                case [49, *codes]:
                    ground = None
                case _:
                    raise AssertionError(f"style {codes}")
        self.style = (ink, ground, bold)
