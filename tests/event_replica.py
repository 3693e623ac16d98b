"""Replicas and routes of the event-per-request model: what a copy has not applied, who is asked."""

import math
from dataclasses import dataclass, field
from fractions import Fraction

STEP = Fraction(0.7548776662466927)


@dataclass(frozen=True)
class RouteKind:
    """Who is asked at an address: by the key's shard, or the master (the first) and its readers."""

    targets: tuple[str, ...]
    by_key: bool = False

    def choose(self, key: int, luck: float, number: int, *, writes: bool) -> str:
        """The database for one request, which is tried for the `number`-th time (from 0)."""
        if self.by_key:
            mixed = (key + 1) * 0x9E3779B97F4A7C15 % 2**64
            return self.targets[(mixed >> 32) % len(self.targets)]
        if writes:
            return self.targets[0]
        readers = self.targets[1:]
        return readers[math.floor((Fraction(luck) * 512 + number * STEP) % 1 * len(readers))]


@dataclass
class Write:
    """A write of the master, when it was committed, and when a replica has applied it."""

    committed_s: float
    cpu_s: float
    applied_s: float = math.inf


@dataclass
class Log:
    """What a replica hears of its master; `waiting` is what came while it was down."""

    writes: list[Write] = field(default_factory=list)
    waiting: list[Write] = field(default_factory=list)

    def lag_s(self, at_s: float) -> float:
        """Age of the oldest write that was committed and not applied at an instant."""
        missing = (w for w in self.writes if w.committed_s <= at_s < w.applied_s)
        return max((at_s - w.committed_s for w in missing), default=0.0)
