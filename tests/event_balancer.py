"""A balancer of the event-per-request model: what one request after another makes of it."""

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction

GOLDEN = Fraction(0.6180339887498949)


@dataclass(frozen=True)
class BalancerKind:
    """Targets in their order, how they are chosen, and the weights of those that have not 1."""

    targets: tuple[str, ...]
    algorithm: str = "round_robin"
    sticky: bool = False
    weights: dict[str, int] = field(default_factory=dict)


class Balancer:
    """Chooses a target for each request; `taking` are those that get requests now.

    `outstanding` is how many each has that are on their way there, or not off its CPU.
    """

    def __init__(self, kind: BalancerKind, outstanding: Counter[str]) -> None:
        self.kind = kind
        self.outstanding = outstanding
        self.running = True
        self.taking = kind.targets
        self.passed = 0
        self.stuck: dict[int, str] = {}

    def choose(self, visitor: int, luck: float, number: int) -> str:
        """The target of a visitor's request, which is tried for the `number`-th time (from 0)."""
        chosen = self.taking[self._next(luck, number)]
        self.passed += 1
        if self.kind.sticky:
            kept = self.stuck.get(visitor)
            chosen = self.stuck[visitor] = kept if kept in self.taking else chosen
        return chosen

    def _next(self, luck: float, number: int) -> int:
        n = len(self.taking)
        match self.kind.algorithm:
            case "round_robin":
                return self.passed % n
            case "weighted":
                return self._by_weight((Fraction(luck) * 4_096 + number * GOLDEN) % 1)
            case "least_outstanding":
                return min(range(n), key=self._rank)
        raise AssertionError(self.kind.algorithm)

    def _by_weight(self, luck: Fraction) -> int:
        weights = [self.kind.weights.get(name, 1) for name in self.taking]
        ends = [sum(weights[: index + 1]) for index in range(len(weights))]
        return next(index for index, end in enumerate(ends) if luck * ends[-1] < end)

    def _rank(self, index: int) -> tuple[int, int]:
        turn = (index - self.passed) % len(self.taking)
        return self.outstanding[self.taking[index]], turn


class Homes:
    """Where the sessions of visitors are: in the memory of a machine, or lost with it."""

    def __init__(self) -> None:
        self.of: dict[int, str] = {}

    def find(self, visitor: int, machine: str) -> bool:
        """Whether a visitor's session is at a machine; it is there from now on."""
        before = self.of.get(visitor, machine)
        self.of[visitor] = machine
        return before == machine

    def forget(self, machine: str) -> None:
        """Those of a machine are nowhere any more."""
        for visitor, home in self.of.items():
            if home == machine:
                self.of[visitor] = ""
