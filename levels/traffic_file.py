"""A traffic file as a sandbox takes it from the second at which it rests: as figures of its own.

A recording then holds the figures and needs no file.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.complaint import printable
from engine.scenario import Trace
from engine.simulation import AccessLog, Rows, rates_of, read_traffic

LONGEST_NAME = 64

STRIDES = (3_600, 1_800, 900, 600, 300, 120, 60, 30, 20, 15, 10, 5, 2, 1)
"""Seconds between the figures of a CSV, of which the longest is taken that says the same."""

EVERYTHING = ("everything",)


@dataclass(frozen=True, slots=True, eq=False)
class TrafficFile:
    """What a file says, and how many of its lines are broken: those are passed over."""

    name: str
    read: Rows | AccessLog
    broken: int

    @property
    def is_log(self) -> bool:
        """Whether it is an access log, counted second by second, and no CSV."""
        return isinstance(self.read, AccessLog)

    @property
    def lasts_s(self) -> float:
        """Seconds from its first to its last."""
        if isinstance(self.read, AccessLog):
            return float(self.read.seconds[-1]) + 1.0
        return float(self.read[0][-1])


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """A traffic file as a command, how long it lasts in the run, and how much comes."""

    values: dict[str, Any]
    lasts_s: int
    mean_rps: float
    most_rps: float


def read_traffic_file(path: Path) -> TrafficFile:
    """The file, read once. Raises Complaint for one that cannot be used."""
    read = read_traffic(path)
    broken = read.broken if isinstance(read, AccessLog) else 0
    return TrafficFile(printable(path.name)[:LONGEST_NAME], read, broken)


def take(file: TrafficFile, room_s: int, scale: float = 1.0, faster: float = 1.0) -> Taken:
    """Its traffic for the next `room_s` seconds at most, `scale` times as much, squeezed."""
    part = Trace("traffic", scale=scale, faster=faster)
    rates = rates_of(file.read, part, EVERYTHING, room_s)
    left, right = rates.left, rates.right
    busy = np.flatnonzero((left > 0) | (right > 0))
    lasts_s = int(busy[-1]) + 1 if len(busy) else 1
    left, right = left[:lasts_s], right[:lasts_s]
    points = left if file.is_log else np.concatenate((left, right[-1:]))
    every_s = 1 if file.is_log else _stride(points)
    values = {
        "do": "take_traffic",
        "rps": [_figure(rps) for rps in points[::every_s].tolist()],
        "every_s": every_s,
        "steps": file.is_log,
        "file": file.name,
    }
    mean = float((left + right).mean()) / 2
    return Taken(values, lasts_s, mean, float(max(left.max(), right.max())))


def _stride(edges: "np.typing.NDArray[np.float64]") -> int:
    """The longest step at which straight lines between the figures are the curve itself."""
    last = len(edges) - 1
    seconds = np.arange(len(edges))
    for every_s in STRIDES:
        if last % every_s == 0:
            points = edges[::every_s]
            lines = np.interp(seconds, np.arange(len(points)) * every_s, points)
            if np.allclose(lines, edges, rtol=1e-9, atol=1e-6):
                return every_s
    return 1


def _figure(rps: float) -> int | float:
    """To a thousandth of a request, and whole where it is: a recording holds many."""
    rounded = round(rps, 3)
    return int(rounded) if rounded == int(rounded) else rounded
