"""What a command would do, worked out before it is done, so that a refusal changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """A command that can be done: `do` does it and returns the resource it made or changed.

    `rate_delta_micro_usd` is what it adds to the board's cost for a month.
    """

    do: Callable[[], str]
    rate_delta_micro_usd: int = 0
