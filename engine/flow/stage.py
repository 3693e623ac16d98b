"""What a service must be for requests to pass through it: arrivals in, departures and outcomes out.

Traffic walks addresses from stage to stage and knows no service. A stage is told
of arrivals by `expect`; when it is carried on to an instant it gives back what
became of them through the flow: `forward` those that are done there, `hand_on`
to a stage behind it, or `fail`.
"""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from engine.flow.requests import Floats, Ints, Requests
from engine.flow.station import Departures
from engine.flow.wiring import Paths, UnderWay
from engine.outcomes import FailureReason
from engine.scenario import RequestClass


class Flow(Protocol):
    """What a stage asks of the traffic that passes it."""

    classes: tuple[RequestClass, ...]
    requests: Requests
    paths: Paths
    tls_s: float
    disk_of_class: npt.NDArray[np.int8]
    writes: npt.NDArray[np.bool_]

    def lost_sessions(self, ids: Ints, places: Ints) -> npt.NDArray[np.bool_]:
        """Which of these requests, in order of time, do not find their session at these places."""

    def fail(self, ids: Ints, times: Floats, reason: FailureReason, place: int) -> None:
        """Attempts that fail at these instants, at a place."""

    def log(self, departures: Departures, place: int) -> None:
        """Remember how long requests waited and were worked on at a place."""

    def forward(self, source: str, ids: Ints, times: Floats) -> None:
        """Requests that are done at `source`, in order of time: answered, or to their next step."""

    def hand_on(self, source: str, target: str, ids: Ints, times: Floats) -> None:
        """Requests whose step a stage behind `source` is to do; they arrive there a hop later."""


class Stage(Protocol):
    """A resource as requests meet it.

    `place` is the number by which requests remember it; `zone` where it is, ""
    for everywhere. `roles` are those that it can play; `up` is whether it
    answers, `ipv6` whether it can be reached by IPv6, `ends_tls` whether HTTPS ends
    here and costs nothing behind it. `behind` are the stages
    that it may hand a request to before the step is done.
    """

    id: str
    place: int
    zone: str = ""
    roles: tuple[str, ...]
    up: bool
    ipv6: bool = False
    ends_tls: bool = False
    behind: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether any request is here or on its way here."""

    def expect(self, ids: Ints, times: Floats) -> None:
        """Requests that arrive here at `times`, which are not before the batch that runs now."""

    def carry(self, flow: Flow, until: float) -> None:
        """Carry every request here on to `until`."""

    def wired(self, flow: Flow, plays: frozenset[str]) -> None:
        """Routing has changed: these are the roles that it plays from now on."""

    def under_way(self, flow: Flow) -> set[UnderWay]:
        """For what steps the requests that are here, or on their way here, will leave it."""


class Inbox:
    """Requests on their way to a stage, in order of time once they are taken."""

    def __init__(self) -> None:
        self._ids: list[Ints] = []
        self._times: list[Floats] = []

    def __bool__(self) -> bool:
        return bool(self._ids)

    def expect(self, ids: Ints, times: Floats) -> None:
        """Some more; each lot is in order of time."""
        if len(ids):
            self._ids.append(ids)
            self._times.append(times)

    def ids(self) -> list[Ints]:
        """All that are expected, in lots."""
        return self._ids

    def peek(self) -> tuple[Ints, Floats]:
        """All that are expected, in order of time; they stay expected."""
        if not self._ids:
            return np.empty(0, np.int64), np.empty(0)
        ids, times = np.concatenate(self._ids), np.concatenate(self._times)
        order = np.argsort(times, kind="stable")
        return ids[order], times[order]

    def due(self, until: float) -> tuple[Ints, Floats]:
        """Take those that arrive before `until`, in order; the others stay expected."""
        if not self._ids:
            return np.empty(0, np.int64), np.empty(0)
        if len(self._ids) == 1:
            ids, times = self._ids[0], self._times[0]
        else:
            ids, times = np.concatenate(self._ids), np.concatenate(self._times)
            order = np.argsort(times, kind="stable")
            ids, times = ids[order], times[order]
        cut = int(np.searchsorted(times, until, side="left"))
        self._ids = [ids[cut:]] if cut < len(ids) else []
        self._times = [times[cut:]] if cut < len(times) else []
        return ids[:cut], times[:cut]
