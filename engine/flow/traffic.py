"""Carries requests through the board, batch by batch: the one place where their order is written.

A batch covers [a, b). It never lasts longer than a second, and so never longer
than the shortest pause before a retry; it ends wherever something changes that
matters to requests. Stages are carried in an order in which requests only go
forward, so each sees all its arrivals of the batch in order of time.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter

import numpy as np
import numpy.typing as npt

from engine.flow.attempts import Attempts
from engine.flow.demand import Demand
from engine.flow.machine import DISK_ROLES
from engine.flow.requests import (
    DONE,
    NO_DISK,
    Arrivals,
    Floats,
    Ints,
    merge,
)
from engine.flow.routes import NO_ROUTES, Route
from engine.flow.sessions import Sessions
from engine.flow.stage import Stage
from engine.flow.station import Departures
from engine.flow.wiring import (
    NOTHING_BEHIND,
    Addresses,
    Behind,
    Paths,
    UnderWay,
    feeders_of,
    order_of,
    players,
    resolve,
)
from engine.outcomes import FailureReason
from engine.parts import base_of
from engine.scenario import ROLES, RequestClass
from engine.views import Hop

IO_BYTES = 16_384
"""Bytes of one I/O of a table."""


class Traffic:
    """All requests of a run, and their way through the stages that stand."""

    def __init__(
        self,
        classes: tuple[RequestClass, ...],
        demand: Demand,
        hop_s: float,
        tls_s: float,
        pool: int = 1,
    ) -> None:
        self.now = 0.0
        self.classes = classes
        self.demand = demand
        self.sessions = Sessions(pool)
        self.paths = Paths(classes)
        self.places: list[str] = [""]
        self.attempts = Attempts(classes, self.places)
        self.requests, self.tally = self.attempts.requests, self.attempts.tally
        self.tls_s = self._handshake_s = tls_s if any(c.https for c in classes) else 0.0
        self.disk_of_class = np.array(
            [
                DISK_ROLES.index(base_of(path[2])) if path[2] else NO_DISK
                for path in self.paths.roles
            ],
            np.int8,
        )
        self.writes = np.array([c.data in ("write", "file_write") for c in classes])
        self._hop_s = hop_s
        self._pending: list[Arrivals] = []
        self._answers: list[tuple[Ints, Floats]] = []
        self._second = -1
        self._hops: Counter[tuple[str, str]] = Counter()
        self._stages: dict[str, Stage] = {}
        self._order: list[Stage] = []
        self._feeders: dict[str, set[str]] = {}
        self._leading: dict[str, list[Stage]] = {}
        self._addresses: Addresses = dict.fromkeys(ROLES)
        self._routes: Mapping[str, Route] = {}
        every = self.paths.every
        roles = [[every.index(r) if r else -1 for r in path] for path in self.paths.roles]
        self._role_of_step = np.array(roles, np.int8).T
        places = {str(role): self.place_of(role) for role in ROLES}
        self._role_places = {role: places[base_of(role)] for role in (*ROLES, *every)}
        self.crossed_bytes = 0
        self._step_bytes = np.array([step_bytes(c) for c in classes]).T
        self._with_session = np.array([c.session for c in classes])
        self._any_ipv6 = any(c.ipv6 for c in classes)

    def place_of(self, name: str) -> int:
        """The number by which requests remember a place; a new one if it is not known yet."""
        if name not in self.places:
            self.places.append(name)
        return self.places.index(name)

    def wire(
        self,
        stages: Sequence[Stage],
        addresses: Addresses,
        routes: Mapping[str, Route] = NO_ROUTES,
    ) -> None:
        """Route by these addresses from now on; at the instant `now`, between two batches.

        Who asks at an address that has one of `routes` goes on by that at once.
        """
        self._stages = {s.id: s for s in stages}
        self._addresses = resolve(self.paths, addresses)
        self._routes = routes
        door = self._stages.get(self._addresses["web"] or "")
        # Once HTTPS has ended at the door, machines behind it have no handshakes.
        self.tls_s = 0.0 if door is not None and door.ends_tls else self._handshake_s
        behind = self._behind()
        self._feeders = feeders_of(self.paths, self._addresses, self._under_way(), behind)
        self._leading.clear()
        # A loop is refused by the caller.
        order = list(TopologicalSorter(self._feeders).static_order())
        ids = [i for i in order if i in self._stages]
        placed = set(ids)
        ids += [i for i in self._stages if i not in placed]
        self._order = [self._stages[i] for i in ids]
        plays: dict[str, set[str]] = {}
        for role, ids_of_role in players(self._addresses, behind).items():
            for id in ids_of_role:
                plays.setdefault(id, set()).add(role)
        for stage in stages:
            stage.wired(self, frozenset(plays.get(stage.id, ())))

    def _behind(self) -> Behind:
        behind = {s.id: s.behind for s in self._stages.values() if s.behind}
        for id, route in self._routes.items():
            behind[id] = (*behind.get(id, ()), *(t for t in route.targets if t != id))
        return behind

    def _under_way(self) -> set[UnderWay]:
        """Where requests stand, and for what step they will leave."""
        return set().union(*(s.under_way(self) for s in self._stages.values()))

    def would_loop(self, addresses: Addresses, behind: Behind = NOTHING_BEHIND) -> bool:
        """Whether requests could return to a stage they left, with these addresses.

        `behind` is what is to stand behind stages for which that is other than now.
        """
        after = {**self._behind(), **behind}
        return order_of(self.paths, addresses, self._under_way(), after) is None

    def advance(self, until: float) -> None:
        """Carry all requests on to the instant `until`, in batches."""
        while self.now < until:
            end = min(until, self._begin_second() + 1.0)
            self._batch(end)
            self.now = end

    def look(self, stage_id: str, until: float) -> None:
        """Carry one stage on to an instant of this second, and all that leads to it.

        The others follow with the next `advance`: for requests it is all one
        however the time is cut, and this is much cheaper than to cut it for all.
        """
        self._begin_second()
        self._let_in(until)
        if stage_id not in self._leading:
            self._leading[stage_id] = self._leading_to(stage_id)
        for stage in self._leading[stage_id]:
            stage.carry(self, until)

    def _leading_to(self, stage_id: str) -> list[Stage]:
        """A stage and those from which requests may come to it, in order."""
        found, new = set[str](), [stage_id]
        while new:
            stage = new.pop()
            if stage not in found:
                found.add(stage)
                new += self._feeders.get(stage, ())
        return [s for s in self._order if s.id in found]

    def _begin_second(self) -> int:
        """The second that runs; what is demanded in it is known from its beginning."""
        whole = math.floor(self.now)
        if whole != self._second:
            self._second = whole
            fresh = self.demand.second(whole)
            self.tally.demand(fresh.request_class)
            self._pending = [fresh] if len(fresh) else []
        return whole

    def _let_in(self, until: float) -> None:
        """Requests and retries that arrive before `until` come to the board."""
        arrivals = self._due(until)
        if arrivals is not None:
            self._enter(self.attempts.begin(arrivals), arrivals)

    def _batch(self, until: float) -> None:
        self._let_in(until)
        for stage in self._order:
            stage.carry(self, until)
        self._take_answers()
        self.attempts.give_up(until)

    def _due(self, until: float) -> Arrivals | None:
        """New requests and retries that arrive before `until`."""
        due: list[Arrivals] = []
        for waiting in (self._pending, self.attempts.retries):
            kept: list[Arrivals] = []
            for part in waiting:
                cut = int(np.searchsorted(part.time, until, side="left"))
                if cut == len(part):
                    due.append(part)
                elif cut:
                    due.append(part.pick(slice(0, cut)))
                    kept.append(part.pick(slice(cut, None)))
                else:
                    kept.append(part)
            waiting[:] = kept
        return merge(due) if due else None

    def _enter(self, ids: Ints, arrivals: Arrivals) -> None:
        times = arrivals.time
        if self._any_ipv6 and arrivals.ipv6.any():
            # Without a stage that has an IPv6 address as well they find no way.
            stage = self._stages.get(self._addresses["web"] or "")
            lost = arrivals.ipv6 & (stage is None or not stage.ipv6)
            self.fail(ids[lost], times[lost], FailureReason.NO_IPV6_ROUTE, self._role_places["web"])
            ids, times = ids[~lost], times[~lost]
        ids, times = self._look_up(ids, times)
        ids, times = self._come_in(ids, times)
        self._send("", "web", ids, times)

    def _look_up(self, ids: Ints, times: Floats) -> tuple[Ints, Floats]:
        """Requests with a session come later by a look into the store outside, if there is one."""
        if not self.sessions.outside:
            return ids, times
        rows = ids - self.requests.base
        asks = self._with_session[self.requests.request_class[rows]]
        self.sessions.lookups += int(asks.sum())
        times = times + asks * (self.sessions.lookup_s + 2 * self._hop_s)
        order = np.argsort(times, kind="stable")
        return ids[order], times[order]

    def _come_in(self, ids: Ints, times: Floats) -> tuple[Ints, Floats]:
        """Those that find their session, where one machine holds the address of web, and is up."""
        stage = self._stages.get(self._addresses["web"] or "")
        if stage is None or stage.behind or not stage.up:
            return ids, times
        lost = self.lost_sessions(ids, np.full(len(ids), stage.place))
        self.fail(ids[lost], times[lost], FailureReason.SESSION_LOST, stage.place)
        return ids[~lost], times[~lost]

    def lost_sessions(self, ids: Ints, places: Ints) -> npt.NDArray[np.bool_]:
        """Which of these requests, in order of time, do not find their session at these places."""
        lost = np.zeros(len(ids), np.bool_)
        if self._with_session.any():
            rows = ids - self.requests.base
            asks = self._with_session[self.requests.request_class[rows]]
            asks &= self.requests.step[rows] == 0
            lost[asks] = self.sessions.land(self.requests.session[rows[asks]], places[asks])
        return lost

    def _send(self, source: str, role: str, ids: Ints, times: Floats) -> None:
        holder = self._addresses[role]
        if holder is None:
            self.fail(ids, times, FailureReason.NO_TARGET, self._role_places[role])
        else:
            self._reach(source, holder, ids, times)

    def _reach(self, source: str, holder: str, ids: Ints, times: Floats) -> None:
        """Requests that ask at an address: they arrive there, or where its route leads."""
        route = self._routes.get(holder)
        if route is None and holder in self._stages:
            self._arrive(source, holder, ids, times)
            return
        if route is None:
            place = self.place_of(holder) if holder else 0
            self.fail(ids, times, FailureReason.NO_TARGET, place)
            return
        chosen = route.choose(self, ids)
        for index, target in enumerate(route.targets):
            here = chosen == index
            if not here.any():
                continue
            if target == holder:
                self._arrive(source, target, ids[here], times[here])
            else:
                self._reach(source, target, ids[here], times[here])

    def _arrive(self, source: str, target: str, ids: Ints, times: Floats) -> None:
        """Requests that arrive at a stage at `times`, in order, from another ("" is the users)."""
        if len(ids):
            stage = self._stages[target]
            self._hops[source, target] += len(ids)
            stage.expect(ids, times)
            origin = self._stages.get(source)
            if origin and origin.zone and stage.zone and origin.zone != stage.zone:
                self.crossed_bytes += self._bytes_between(ids)

    def _bytes_between(self, ids: Ints) -> int:
        """What requests carry between resources for the step that they are on their way to."""
        rows = ids - self.requests.base
        steps, classes = self.requests.step[rows], self.requests.request_class[rows]
        return int(self._step_bytes[steps, classes].sum())

    def hand_on(self, source: str, target: str, ids: Ints, times: Floats) -> None:
        """Requests that leave a stage at `times`, in order, for one that is behind it.

        Where that one is gone there is no target; they fail at `source` then.
        """
        if target in self._stages:
            self._arrive(source, target, ids, times + self._hop_s)
        else:
            self.fail(ids, times, FailureReason.NO_TARGET, self.place_of(source))

    def take_hops(self) -> tuple[Hop, ...]:
        """The hops of the second that ends now."""
        hops, self._hops = self._hops, Counter()
        return tuple(Hop(*way, count) for way, count in sorted(hops.items()))

    def forward(self, source: str, ids: Ints, times: Floats) -> None:
        """Requests that are done at a stage at `times`, in order: answered, or sent on."""
        if not len(ids):
            return
        rows = ids - self.requests.base
        steps = self.requests.step[rows]
        done = steps == DONE
        if done.all():
            self._answers.append((ids, times))
            return
        self._answers.append((ids[done], times[done]))
        ids, times, rows, steps = ids[~done], times[~done], rows[~done], steps[~done]
        wanted = self._role_of_step[steps, self.requests.request_class[rows]]
        for index, role in enumerate(self.paths.every):
            here = wanted == index
            if here.any():
                self._send(source, role, ids[here], times[here] + self._hop_s)

    def fail(self, ids: Ints, times: Floats, reason: FailureReason, place: int) -> None:
        """Attempts that fail at `times` (and leave the board) at a place."""
        self.attempts.fail(ids, times, reason, place)

    def log(self, departures: Departures, place: int) -> None:
        """Remember how long requests waited and were worked on at a station."""
        self.attempts.log(departures, place)

    def in_flight(self) -> Ints:
        """Users that wait now, per class."""
        return self.attempts.in_flight()

    def by_class(self, ids: Ints) -> dict[str, int]:
        """How many of these requests are of each class; classes without one are left out."""
        return self.attempts.by_class(ids)

    def _take_answers(self) -> None:
        """All answers of a batch at once: what that costs is by the batch, not by the machine."""
        if self._answers:
            ids, times = zip(*self._answers, strict=True)
            self._answers.clear()
            self.attempts.answer(np.concatenate(ids), np.concatenate(times))


def step_bytes(request: RequestClass) -> tuple[int, int, int]:
    """Bytes that each step of a request gives back: the answer, or what its I/Os read or write."""
    answer = round(request.response_kb * 1_000)
    is_file = request.data.startswith("file")
    return answer, answer, answer if is_file else request.data_io * IO_BYTES
