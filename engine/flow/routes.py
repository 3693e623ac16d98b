"""Routes: where who asks at an address goes, by what is asked for.

The side that calls makes this choice, so it takes no time and no hop: a server
knows the replicas that it may read from, and on which shard a key lies.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

import numpy as np
import numpy.typing as npt

from engine.flow.requests import Ints
from engine.flow.stage import Flow

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
HALF = np.uint64(32)

OTHER_CHANCES = 512.0
"""Makes other chances of a request's luck than those that a balancer or a store takes."""

ANOTHER_TRY = 0.7548776662466927
"""Moves the luck of a request for each further try, as evenly as can be."""


class Route(Protocol):
    """A choice among `targets`; one of them may be the address itself."""

    @property
    def targets(self) -> tuple[str, ...]:
        """The stages that may be chosen."""

    def choose(self, flow: Flow, ids: Ints) -> Ints:
        """The target of each request, by its number."""


NO_ROUTES: Mapping[str, Route] = MappingProxyType({})


def spread(keys: npt.NDArray[np.int32], parts: int) -> Ints:
    """Which of so many parts each key lies in: by a hash, so that neighbours lie apart."""
    mixed = (keys.astype(np.uint64) + np.uint64(1)) * GOLDEN
    return ((mixed >> HALF) % np.uint64(parts)).astype(np.int64)


@dataclass(frozen=True)
class Shards:
    """Each key lies on one of `targets`, by its hash."""

    targets: tuple[str, ...]

    def choose(self, flow: Flow, ids: Ints) -> Ints:
        """The shard of each request's key."""
        return spread(flow.requests.key[ids - flow.requests.base], len(self.targets))


@dataclass(frozen=True)
class Readers:
    """Writes go to the master, the first of `targets`; reads to one of the others by luck.

    `reads` says of each class whether a replica may answer it.
    """

    targets: tuple[str, ...]
    reads: tuple[bool, ...]

    def choose(self, flow: Flow, ids: Ints) -> Ints:
        """The database that each request asks; another try may ask another one."""
        requests, replicas = flow.requests, len(self.targets) - 1
        rows = ids - requests.base
        tries = requests.attempt[rows] - 1
        luck = np.modf(requests.luck[rows] * OTHER_CHANCES + tries * ANOTHER_TRY)[0]
        replica = 1 + (luck * replicas).astype(np.int64).clip(0, replicas - 1)
        return np.where(np.array(self.reads)[requests.request_class[rows]], replica, 0)
