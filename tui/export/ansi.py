"""What a terminal must be sent so that one screen of cells becomes the next: no more than that."""

from collections.abc import Iterator, Sequence

from rich.style import Style

from tui.export.cells import PLAIN, Row

CLEAR = "\x1b[0m\x1b[?25l\x1b[2J"
"""An empty screen without a cursor."""

LEAVE = "\x1b[0m\x1b[?25h"

NEAR = 6
"""Cells that stayed as they were and are shorter to send again than to jump over."""


def changes(before: Sequence[Row], after: Sequence[Row]) -> str:
    """The cells of `after` that are not those of `before`, each run behind its place."""
    sent = []
    ink: Style = PLAIN
    for y, (old, new) in enumerate(zip(before, after, strict=True)):
        if old is new:
            continue
        for start, stop in _runs(old, new):
            sent.append(f"\x1b[{y + 1};{start + 1}H")
            for cell in new[start:stop]:
                if cell.style is not ink:
                    sent.append(_turn(ink, cell.style))
                    ink = cell.style
                sent.append(cell.text)
    return "".join(sent) + (_turn(ink, PLAIN) if sent else "")


def _runs(old: Row, new: Row) -> Iterator[tuple[int, int]]:
    """From which cell to which a row changed; runs that are near are one.

    The halves of a wide character change together, so no run begins at the second.
    """
    differs = [x for x in range(len(new)) if x >= len(old) or old[x] != new[x]]
    start = stop = -1
    for x in differs:
        if start >= 0 and x - stop > NEAR:
            yield start, stop
            start = -1
        if start < 0:
            start = x
        stop = x + 1
    if start >= 0:
        yield start, stop


def _turn(before: Style, after: Style) -> str:
    """From one style to another."""
    codes = []
    if bool(before.bold) != bool(after.bold):
        codes.append("1" if after.bold else "22")
    for colour, was, ground in (
        (after.color, before.color, 0),
        (after.bgcolor, before.bgcolor, 10),
    ):
        if colour != was:
            triplet = colour.triplet if colour else None
            codes.append(
                f"{38 + ground};2;{triplet.red};{triplet.green};{triplet.blue}"
                if triplet
                else f"{39 + ground}"
            )
    return f"\x1b[{';'.join(codes)}m" if codes else ""
