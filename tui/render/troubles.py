"""What went wrong in each second: who is to blame, and which failed or late request was sampled."""

from array import array
from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from engine.frame import Blame, Samples

Trouble = Literal["failed", "late"]
"""What makes a sampled request worth following."""

NO_SAMPLES = Samples()


class Culprit(NamedTuple):
    """A class of requests that failed or were late, for a reason, because of a place."""

    request_class: str
    reason: str
    at: str


class Troubles:
    """Blame by second, and the seconds in which a request can be followed; frames hold it."""

    def __init__(self) -> None:
        self._blame: dict[int, array[int]] = {}
        self._culprits: dict[Culprit, int] = {}
        self._sampled: dict[tuple[Trouble, str], list[int]] = {}

    def accuse(self, second: int, blame: Sequence[Blame]) -> None:
        """Take a second's blame in the place of what was said of it before."""
        self._blame.pop(second, None)
        if blame:
            flat = array("q")
            for part in blame:
                culprit = Culprit(part.request_class, part.reason, part.at)
                index = self._culprits.setdefault(culprit, len(self._culprits))
                flat.extend((index, min(part.count, 10**15)))
            self._blame[second] = flat

    def blamed(
        self, second: int, span_s: int, request_class: str | None
    ) -> Counter[tuple[str, str]]:
        """Requests that failed or were late over the last seconds, by (reason, place)."""
        culprits = list(self._culprits)
        counts: Counter[tuple[str, str]] = Counter()
        for at in range(max(0, second - span_s + 1), second + 1):
            flat = self._blame.get(at, ())
            for index, count in zip(flat[::2], flat[1::2], strict=True):
                culprit = culprits[index]
                if request_class in (None, culprit.request_class):
                    counts[culprit.reason, culprit.at] += count
        return counts

    def note(self, second: int, samples: Mapping[str, Samples]) -> None:
        """Keep where a failed or late request can be followed, and where it no longer can."""
        for name in {**samples, **{name: NO_SAMPLES for _, name in self._sampled}}:
            of_class = samples.get(name, NO_SAMPLES)
            late = of_class.slow is not None and of_class.slow.outcome == "late"
            self._note("failed", name, second, of_class.failed is not None)
            self._note("late", name, second, late)

    def _note(self, trouble: Trouble, name: str, second: int, there: bool) -> None:
        seconds = self._sampled.setdefault((trouble, name), [])
        at = bisect_left(seconds, second)
        noted = at < len(seconds) and seconds[at] == second
        if there and not noted:
            insort(seconds, second)
        elif noted and not there:
            del seconds[at]

    def sampled(
        self, trouble: Trouble, request_class: str, second: int, *, after: bool
    ) -> int | None:
        """The last second up to `second` (or the first after it) with a request in trouble."""
        seconds = self._sampled.get((trouble, request_class), [])
        index = bisect_right(seconds, second)
        if after:
            return seconds[index] if index < len(seconds) else None
        return seconds[index - 1] if index else None

    def cut(self, second: int) -> None:
        """Forget everything after a second."""
        self._blame = {at: blame for at, blame in self._blame.items() if at <= second}
        for seconds in self._sampled.values():
            del seconds[bisect_right(seconds, second) :]
