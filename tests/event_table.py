"""A table of DynamoDB in the event-per-request model: what one request after another is granted.

Written from the facts, in exact fractions: units from the table and from the
partition of the request's key, or nothing.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

WORD = 2**64


@dataclass(frozen=True)
class TableKind:
    """A table of items of `item_kb`; units a second of reads and writes, for it and a partition.

    It keeps what it has not used for `kept_s`, a partition for one second.
    """

    item_kb: float
    reads_s: float
    writes_s: float
    kept_s: float = 300.0
    partitions: int = 1
    partition_s: tuple[float, float] = (3_000.0, 1_000.0)
    takes_s: tuple[float, float] = (0.002, 0.009)


def place(key: int, partitions: int) -> int:
    """Where a key lies: its multiple of the golden ratio's word, by the upper half."""
    return ((key + 1) * 0x9E3779B97F4A7C15 % WORD >> 32) % partitions


class Store:
    """Units that come back at a rate, up to `kept_s` of them; a second's worth at first."""

    def __init__(self, per_s: float, kept_s: float, now_s: float) -> None:
        self.per_s, self.kept_s = Fraction(per_s), Fraction(kept_s)
        self.level, self.at_s = self.per_s, Fraction(now_s)

    def until(self, now_s: float) -> Fraction:
        """What there is by now."""
        now = Fraction(now_s)
        self.level = min(self.per_s * self.kept_s, self.level + self.per_s * (now - self.at_s))
        self.at_s = now
        return self.level


class Table:
    """Grants, or throttles, one request after another."""

    def __init__(self, kind: TableKind) -> None:
        self.kind = kind
        self.whole = [Store(per_s, kind.kept_s, 0.0) for per_s in (kind.reads_s, kind.writes_s)]
        self.split(kind.partitions, 0.0)

    def split(self, partitions: int, now_s: float) -> None:
        """So many partitions, each with a second's worth."""
        self.parts = [
            [Store(per_s, 1.0, now_s) for _ in range(partitions)] for per_s in self.kind.partition_s
        ]

    def provision(self, reads_s: float, writes_s: float, now_s: float) -> None:
        """Other rates from now on."""
        for store, per_s in zip(self.whole, (reads_s, writes_s), strict=True):
            store.until(now_s)
            store.per_s = Fraction(per_s)

    def ask(self, now_s: float, key: int, *, writes: bool, strong: bool) -> bool:
        """Whether a request gets its units; it takes them then."""
        if writes:
            units = Fraction(math.ceil(self.kind.item_kb))
        else:
            units = Fraction(math.ceil(self.kind.item_kb / 4), 1 if strong else 2)
        parts = self.parts[writes]
        stores = (self.whole[writes], parts[place(key, len(parts))])
        if any(store.until(now_s) < units for store in stores):
            return False
        for store in stores:
            store.level -= units
        return True
