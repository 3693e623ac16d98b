"""A balancer as requests meet it: a stage that hands every request to one of the targets behind it.

It holds no request: what arrives at t is on its way to a target at t. Which one
is decided in order of arrival, just as if they came one by one.
"""

from collections.abc import Mapping
from typing import Literal

import numpy as np
import numpy.typing as npt

from engine.flow.machine import Machine
from engine.flow.queueing import spread
from engine.flow.requests import Floats, Ints
from engine.flow.stage import Flow, Inbox
from engine.flow.station import StationSecond
from engine.flow.wiring import UnderWay
from engine.outcomes import FailureReason

Algorithm = Literal["round_robin", "least_outstanding", "weighted"]

OTHER_DIGITS = 4096.0
"""Makes other chances of a request's luck than those its place of storage has."""

ANOTHER_TRY = 0.6180339887498949
"""Moves the luck of a request for each further try, as evenly as can be."""

Bools = npt.NDArray[np.bool_]

_NO_IDS: Ints = np.empty(0, dtype=np.int64)


class Nodes:
    """The balancer's own computers, seen as a place: they pass requests, and hold none."""

    room = 0
    speed = 1.0

    def __init__(self, id: str, per_s: float) -> None:
        self.id = id
        self.servers = 1
        self.per_s = per_s
        self.passed = 0
        self.turned_away = 0

    def running_ids(self) -> Ints:
        """None: what comes in goes on at once."""
        return _NO_IDS

    def waiting_ids(self) -> Ints:
        """None: there is no waiting line."""
        return _NO_IDS

    def busy(self) -> float:
        """The share of what they can pass that has come, in the second that runs."""
        return min(1.0, (self.passed + self.turned_away) / self.per_s)

    def take_second(self) -> StationSecond:
        """What they did in the second that ends now."""
        done = StationSecond(self.busy(), 1.0, self.passed, 0.0)
        self.passed = self.turned_away = 0
        return done


class Balancer:
    """Spreads what comes to a role over its targets.

    `shares` are the targets that take requests, with their weights; without one
    every request fails. Round robin goes on where it was, whoever joins or
    leaves; while shares differ (a slow start) it goes by luck, as weighted does.
    Weighted takes a target by the request's luck, which each further try has
    anew. Least outstanding requests takes the one whose CPU has the fewest
    unfinished, on their way there included; that is exact as long as its targets
    get their requests from here alone: what others send them is seen from the
    next batch on, at most a second late. With `sticky` a session goes where it
    went before, as long as that takes requests. Without `https` it speaks HTTP
    only. `bytes` counts what passes, in the second.
    """

    def __init__(
        self, id: str, place: int, roles: tuple[str, ...], hop_s: float, nodes: Nodes
    ) -> None:
        self.id = id
        self.place = place
        self.zone = ""
        self.roles = roles
        self.up = True
        self.ipv6 = False
        self.https = True
        self.ends_tls = False
        self.behind: tuple[str, ...] = ()
        self.algorithm: Algorithm = "round_robin"
        self.sticky = False
        self.shares: Mapping[str, float] = {}
        self.machines: Mapping[str, Machine] = {}
        self.nodes = nodes
        self.stuck: dict[int, str] = {}
        self.bytes = 0.0
        self._hop_s = hop_s
        self._turn = 0
        self._inbox = Inbox()
        self._bytes: Floats = np.zeros(0)
        self._asks = False

    @property
    def holds(self) -> bool:
        """Whether any request is on its way here."""
        return bool(self._inbox)

    def expect(self, ids: Ints, times: Floats) -> None:
        """Requests that arrive here at `times` (not before the batch that runs now)."""
        self._inbox.expect(ids, times)

    def wired(self, flow: Flow, plays: frozenset[str]) -> None:
        """What it plays is played by its targets."""
        self._bytes = np.array([c.response_kb * 1_000 for c in flow.classes])
        self._asks = any(c.session for c in flow.classes)

    def under_way(self, flow: Flow) -> set[UnderWay]:
        """None: its targets do the steps."""
        return set()

    def carry(self, flow: Flow, until: float) -> None:
        """Hand on every request that arrives before `until`."""
        ids, times = self._inbox.due(until)
        if not len(ids):
            return
        flow.requests.place[ids - flow.requests.base] = self.place
        if not self.up or not self.shares:
            flow.fail(ids, times, FailureReason.NO_TARGET, self.place)
            return
        if not self.https:
            plain = ~flow.requests.https[ids - flow.requests.base]
            flow.fail(ids[~plain], times[~plain], FailureReason.TLS_REQUIRED, self.place)
            ids, times = ids[plain], times[plain]
        ids, times = self._pass(flow, ids, times)
        self.bytes += float(
            self._bytes[flow.requests.request_class[ids - flow.requests.base]].sum()
        )
        names = list(self.shares)
        chosen, lost = self._choose(flow, names, ids, times)
        if lost.any():
            places = np.array([self.machines[name].cpu.place for name in names])
            self._lose(flow, ids[lost], times[lost], places[chosen[lost]])
            ids, times, chosen = ids[~lost], times[~lost], chosen[~lost]
        for index, name in enumerate(names):
            here = chosen == index
            flow.hand_on(self.id, name, ids[here], times[here])

    def _lose(self, flow: Flow, ids: Ints, times: Floats, places: Ints) -> None:
        for place in np.unique(places).tolist():
            here = places == place
            arrive = times[here] + self._hop_s
            flow.fail(ids[here], arrive, FailureReason.SESSION_LOST, place)

    def _pass(self, flow: Flow, ids: Ints, times: Floats) -> tuple[Ints, Floats]:
        """As many as its nodes can pass in this second; the others are turned away."""
        room = max(0, int(self.nodes.per_s) - self.nodes.passed)
        self.nodes.passed += min(room, len(ids))
        self.nodes.turned_away += max(0, len(ids) - room)
        flow.fail(ids[room:], times[room:], FailureReason.WAITING_ROOM_FULL, self.place)
        return ids[:room], times[:room]

    def _choose(self, flow: Flow, names: list[str], ids: Ints, times: Floats) -> tuple[Ints, Bools]:
        """The target of each request, by its number in `names`, and who has no session there."""
        turn, self._turn = self._turn, self._turn + len(ids)
        if self.algorithm == "least_outstanding":
            return self._by_outstanding(flow, names, ids, times, turn)
        if self.algorithm == "weighted" or len(set(self.shares.values())) > 1:
            chosen = self._by_share(flow, ids)
        else:
            chosen = (turn + np.arange(len(ids))) % len(names)
        if self.sticky:
            sessions = flow.requests.session[ids - flow.requests.base].tolist()
            for index, session in enumerate(sessions):
                chosen[index] = self._stick(names, session, int(chosen[index]))
        return chosen, self._without_session(flow, names, ids, chosen)

    def _by_share(self, flow: Flow, ids: Ints) -> Ints:
        """By luck, and so that another try has another chance."""
        rows = ids - flow.requests.base
        tries = flow.requests.attempt[rows] - 1
        luck = np.modf(flow.requests.luck[rows] * OTHER_DIGITS + tries * ANOTHER_TRY)[0]
        shares = np.cumsum(np.array(list(self.shares.values())))
        return np.searchsorted(shares / shares[-1], luck, side="right").clip(0, len(shares) - 1)

    def _by_outstanding(
        self, flow: Flow, names: list[str], ids: Ints, times: Floats, turn: int
    ) -> tuple[Ints, Bools]:
        """One by one: where each goes decides what the next one sees."""
        rows = ids - flow.requests.base
        sessions = flow.requests.session[rows].tolist()
        lost = np.zeros(len(ids), np.bool_)

        def settle(index: int, best: int) -> tuple[int, bool]:
            best = self._stick(names, sessions[index], best) if self.sticky else best
            if self._asks:
                one, there = ids[index : index + 1], np.array([best])
                lost[index] = self._without_session(flow, names, one, there)[0]
            return best, not lost[index]

        targets = [self.machines[name] for name in names]
        services = [_services(flow, target, rows) for target in targets]
        outlooks = [target.outlook(flow) for target in targets]
        settles = settle if self.sticky or self._asks else None
        chosen = spread(times.tolist(), self._hop_s, services, outlooks, turn, settles)
        return np.array(chosen, np.int64), lost

    def _without_session(self, flow: Flow, names: list[str], ids: Ints, chosen: Ints) -> Bools:
        """Who does not find a session there; one that does not answer cannot tell."""
        lost = np.zeros(len(ids), np.bool_)
        if self._asks:
            targets = [self.machines[name] for name in names]
            up = np.array([target.up for target in targets])[chosen]
            places = np.array([target.place for target in targets])[chosen]
            lost[up] = flow.lost_sessions(ids[up], places[up])
        return lost

    def _stick(self, names: list[str], session: int, chosen: int) -> int:
        """Where a session has been, if that still takes requests; else where it is to be now."""
        kept = self.stuck.get(session, "")
        if kept in self.shares:
            return names.index(kept)
        self.stuck[session] = names[chosen]
        return chosen


def _services(flow: Flow, target: Machine, rows: Ints) -> list[float]:
    """What each request would take on a target, in seconds."""
    steps = flow.requests.step[rows]
    work = np.empty(len(rows))
    for first in np.unique(steps).tolist():
        here: Bools = steps == first
        work[here] = target.work_of(flow, rows[here], first)
    service: list[float] = (work / target.cpu.speed).tolist()
    return service
