"""CSV: the series of a run for spreadsheets, of a run that is played now or of a recorded one."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence

from engine.frame import Frame
from engine.recording import Recording
from tui.export.series import Cell, Series, series_of

FORMULA = ("=", "+", "-", "@")
"""How a cell begins that a spreadsheet would work out."""


class Sheet:
    """The rows of a run that is going on; its lines are whole once all frames have come."""

    def __init__(self) -> None:
        self._series = Series()
        self._rows: list[tuple[int, str]] = []

    def add(self, frame: Frame) -> None:
        """A row more."""
        row = self._series.row(frame)
        self._rows.append((len(row), _line(row)))

    def lines(self) -> Iterator[str]:
        """The names of the columns, then the rows, all of one length."""
        columns = self._series.columns
        yield _line(columns)
        for cells, line in self._rows:
            yield line + "," * (len(columns) - cells)


def sheet_lines(recording: Recording, look: Callable[[int], None]) -> Iterator[str]:
    """The same of a recorded run, whose columns can be known first."""
    series = series_of(recording)
    yield _line(series.columns)
    for frame in recording.frames:
        look(frame.second)
        yield _line(series.row(frame))


def _line(cells: Sequence[Cell]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(map(_harmless, cells))
    return text.getvalue()


def _harmless(cell: Cell) -> Cell:
    """Text from a recording that a spreadsheet will not take for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
