"""Series as columns of a chart; what is finished is kept, so that only the newest is worked out."""

from array import array
from collections.abc import Callable
from functools import lru_cache
from math import ceil, floor

Pick = Callable[[list[float]], float]
"""What becomes of the values of one column: their maximum, mean, sum."""

Values = list[float | None]

MOST_CURVES = 96
"""Curves that are kept at most; of more the one that was begun first is forgotten."""

Key = tuple[str, float, Pick]


class Columns:
    """Columns of curves by series, step and pick; clear them when a past second changes."""

    def __init__(self) -> None:
        self._kept: dict[Key, dict[int, float | None]] = {}

    def clear(self) -> None:
        """Work everything out anew."""
        self._kept.clear()

    def curve(
        self, name: str, series: "array[float]", start_s: float, step_s: float, columns: int,
        until: int, newest: int, pick: Pick,
    ) -> Values:  # fmt: skip
        """A series from `start_s` in steps; nothing after `until`, a gap where it has no data.

        `newest` is the last second that came in: only columns before it are finished.
        """
        first_column = round(start_s / step_s)
        kept = self._columns_of((name, step_s, pick), first_column, columns)
        end = min(len(series), until + 1)
        found: Values = []
        for column, (first, last) in enumerate(_spans(start_s, step_s, columns), first_column):
            if column in kept and last <= until + 1:
                found.append(kept[column])
                continue
            value: float | None = None
            if 0 <= first < end:
                values = [v for v in series[first : min(last, end)] if v == v]
                value = pick(values) if values else None
            found.append(value)
            if last <= min(newest, until + 1):
                kept[column] = value
        return found

    def _columns_of(self, key: Key, first_column: int, columns: int) -> dict[int, float | None]:
        """Finished columns of a curve by their number from the run's start."""
        if key not in self._kept and len(self._kept) >= MOST_CURVES:
            self._kept.pop(next(iter(self._kept)))
        kept = self._kept.setdefault(key, {})
        if len(kept) > 3 * columns + 64:
            wanted = range(first_column, first_column + columns)
            kept = {column: kept[column] for column in wanted if column in kept}
            self._kept[key] = kept
        return kept


@lru_cache(maxsize=128)
def _spans(start_s: float, step_s: float, columns: int) -> list[tuple[int, int]]:
    """The seconds of each column, from the first up to (not with) the last.

    A column shorter than a second repeats the second it lies in.
    """
    spans = []
    for column in range(columns):
        first = ceil(start_s + column * step_s - 1e-9)
        last = ceil(start_s + (column + 1) * step_s - 1e-9)
        if last <= first:
            first = floor(start_s + column * step_s + 1e-9)
            last = first + 1
        spans.append((first, last))
    return spans
