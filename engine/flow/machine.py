"""A machine on the way of requests: one visit to its CPU, then one to a volume of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from engine.flow.queueing import NO_CONNECTION, NO_STORAGE, Outlook, connect
from engine.flow.requests import NO_DISK, STEPS, Floats, Ints
from engine.flow.stage import Flow, Inbox
from engine.flow.station import Departures, Station
from engine.flow.wiring import DATA, UnderWay, Visit, visits
from engine.outcomes import FailureReason

DISK_ROLES = ("db", "files")


Classes = npt.NDArray[np.int16]
Keys = npt.NDArray[np.int32]


@dataclass(slots=True, eq=False)
class Disk:
    """A volume as requests meet it: its queue, and seconds of work for each class's I/O there.

    What would write to a `full` one fails.
    """

    station: Station
    work_s: Floats
    full: bool = False


class Follower(Protocol):
    """Who hears of the writes of a machine."""

    def hear(self, times: Floats, classes: Classes, keys: Keys, work: Floats) -> None:
        """Writes that were done at `times`: their class, key and CPU seconds."""


class Machine:
    """An instance, or a database of its own, as requests meet it: a stage.

    `up` is whether it answers; `cached` the share of the tables that lies in its
    memory; `disks` where the data of a role lies, None when its volume is gone;
    `full` the reason for which requests fail that find its room full. With
    `connections` that many requests at most are here, on the CPU and at the
    volume together. Its `followers` hear of every write that is done here.
    """

    behind: tuple[str, ...] = ()
    ipv6 = ends_tls = False

    def __init__(
        self,
        id: str,
        cpu: Station,
        roles: tuple[str, ...] = (),
        full: FailureReason = FailureReason.WAITING_ROOM_FULL,
    ) -> None:
        self.id = id
        self.place = cpu.place
        self.zone = ""
        self.connections: int | None = None
        self.followers: tuple[Follower, ...] = ()
        self.cpu = cpu
        self.roles = roles
        self.full = full
        self.up = False
        self.cached = 0.0
        self.disks: Mapping[str, Disk | None] = {}
        self.visits: list[Visit] = []
        self.needs_io = np.zeros(0, np.bool_)
        self._any_io = self._io_here = False
        self._inbox = Inbox()

    def stations(self) -> list[Station]:
        """Its CPU and the volumes that requests use."""
        found = {id(self.cpu): self.cpu}
        for disk in self.disks.values():
            if disk is not None:
                found[id(disk.station)] = disk.station
        return list(found.values())

    @property
    def connected(self) -> int:
        """How many requests are on its CPU or at its volumes."""
        return sum(len(station) for station in self.stations())

    @property
    def holds(self) -> bool:
        """Whether any request is here or on its way here."""
        return bool(self._inbox) or self._busy()

    def wired(self, flow: Flow, plays: frozenset[str]) -> None:
        """Do these roles from now on, in one visit where they follow each other."""
        self.visits = visits(flow.paths, plays)
        self.needs_io = np.array([c.data != "none" and c.data_io > 0 for c in flow.classes])
        self._any_io = bool(self.needs_io.any())
        self._io_here |= any((v.includes[DATA] & self.needs_io).any() for v in self.visits)
        self._keep(flow, flow.paths.played(plays))

    def under_way(self, flow: Flow) -> set[UnderWay]:
        """For what steps the requests that are here, or on their way here, will leave it."""
        requests, following = flow.requests, flow.paths.following
        pairs: set[tuple[int, int]] = set()
        for station in self.stations():
            rows = station.ids - requests.base
            onward = requests.step[rows]
            pairs.update(zip(requests.request_class[rows].tolist(), onward.tolist(), strict=True))
        for ids in self._inbox.ids():
            rows = ids - requests.base
            classes = requests.request_class[rows]
            onward = following[requests.step[rows], classes]
            pairs.update(zip(classes.tolist(), onward.tolist(), strict=True))
        return {(self.id, request_class, step) for request_class, step in pairs}

    def _keep(self, flow: Flow, played: npt.NDArray[np.bool_]) -> None:
        """Requests on the CPU whose next step is `played` here now stay: it joins their visit."""
        requests = flow.requests
        rows = self.cpu.ids - requests.base
        steps, classes = requests.step[rows], requests.request_class[rows]
        more_work = np.zeros(len(rows))
        for step in range(1, STEPS):
            here = (steps == step) & played[step, classes]
            if here.any():
                more_work[here] = self._begin_at(flow, rows[here], step)
        if more_work.any():
            self.cpu.change(more_work=more_work)

    def expect(self, ids: Ints, times: Floats) -> None:
        """Requests that arrive here at `times` (not before the batch that runs now)."""
        self._inbox.expect(ids, times)

    def carry(self, flow: Flow, until: float) -> None:
        """Carry every request on this machine on to `until`."""
        ids, times = self._inbox.due(until)
        if not len(ids) and self._rests(until):
            return
        if not self.up:
            flow.fail(ids, times, FailureReason.CONNECTION_REFUSED, self.cpu.place)
            ids, times = ids[:0], times[:0]
        work = self._begin_visit(flow, ids)
        if self.connections is not None:
            ids, times, work = self._connect(flow, ids, times, work)
        refused, departures = self.cpu.pass_through(ids, times, work, until)
        if refused:
            flow.fail(ids[refused], times[refused], self.full, self.cpu.place)
        if len(departures.ids):
            flow.log(departures, self.cpu.place)
        self._carry_disks(flow, departures, until)

    def _connect(
        self, flow: Flow, ids: Ints, times: Floats, work: Floats
    ) -> tuple[Ints, Floats, Floats]:
        """Those that get a connection; the others fail at once."""
        assert self.connections is not None
        io = self._station("db")
        held = len(self.cpu) + (0 if io is None else len(io))
        if held + len(ids) <= self.connections:
            return ids, times, work
        free, ends = self.cpu.standing()
        after = self._io_services(flow, self.cpu.ids)
        refused = connect(
            times.tolist(),
            (work / self.cpu.speed).tolist(),
            self._io_services(flow, ids),
            (free, list(zip(ends, after, strict=True))),
            ([0.0], []) if io is None else io.standing(),
            self.connections,
        )
        flow.fail(ids[refused], times[refused], self.full, self.cpu.place)
        kept = np.ones(len(ids), np.bool_)
        kept[refused] = False
        return ids[kept], times[kept], work[kept]

    def _io_services(self, flow: Flow, ids: Ints) -> list[float]:
        """What these requests will take at the storage, in seconds, as `connect` wants it."""
        disk, requests = self.disks.get("db"), flow.requests
        rows = ids - requests.base
        classes = requests.request_class[rows]
        takes = np.where(requests.attempt[rows] > 0, NO_STORAGE, NO_CONNECTION)
        if disk is not None:
            goes = requests.disk[rows] != NO_DISK
            goes &= ~(flow.writes[classes] & disk.full)
            takes[goes] = disk.work_s[classes[goes]] / disk.station.speed
        services: list[float] = takes.tolist()
        return services

    def _rests(self, until: float) -> bool:
        """Whether nothing is held here; then only time passes."""
        if self._busy():
            return False
        for station in self.stations():
            station.now = until
        return True

    def _busy(self) -> bool:
        return len(self.cpu) > 0 or any(d and len(d.station) for d in self.disks.values())

    def _begin_visit(self, flow: Flow, ids: Ints) -> Floats:
        """Work of the visit of each request, in seconds; marks what comes after it."""
        requests = flow.requests
        rows = ids - requests.base
        steps = requests.step[rows]
        work = np.empty(len(rows))
        requests.place[rows] = self.cpu.place
        for first in range(STEPS):
            here = steps == first
            if here.all():
                work[:] = self._begin_at(flow, rows, first)
                break
            if here.any():
                work[here] = self._begin_at(flow, rows[here], first)
        return work

    def work_of(self, flow: Flow, rows: Ints, first: int) -> Floats:
        """Work of the visits of these requests that begin with a step, in seconds."""
        requests, visit = flow.requests, self.visits[first]
        work: Floats = requests.work[first, rows]
        for step in range(first + 1, STEPS):
            included = visit.includes[step]
            if included.all():
                work = work + requests.work[step, rows]
            elif included.any():
                here = included[requests.request_class[rows]]
                work = work + np.where(here, requests.work[step, rows], 0.0)
        if first == 0 and flow.tls_s:
            work = work + requests.https[rows] * flow.tls_s
        return work

    def outlook(self, flow: Flow) -> Outlook:
        """How its CPU stands, with all that is already on its way here."""
        outlook = self.cpu.outlook(up=self.up)
        ids, times = self._inbox.peek()
        rows = ids - flow.requests.base
        for row, time in zip(rows, times.tolist(), strict=True):
            first = int(flow.requests.step[row])
            work = self.work_of(flow, row[None], first)
            outlook.take(time, float(work[0]) / self.cpu.speed)
        return outlook

    def _begin_at(self, flow: Flow, rows: Ints, first: int) -> Floats:
        requests, visit = flow.requests, self.visits[first]
        classes = requests.request_class[rows]
        work = self.work_of(flow, rows, first)
        requests.step[rows] = visit.onward[classes]
        requests.disk[rows] = NO_DISK
        if self._any_io and self._io_here:
            io = visit.includes[DATA] & self.needs_io
            io_rows = rows[io[classes] & (requests.heat[rows] > self.cached)]
            requests.disk[io_rows] = flow.disk_of_class[requests.request_class[io_rows]]
        return work

    def _carry_disks(self, flow: Flow, departures: Departures, until: float) -> None:
        """Let what left the CPU before `until` go on: to a volume, or away from the machine."""
        if not self._any_io or not (self.disks or self._io_here):
            self._done(flow, departures.ids, departures.end)
            return
        rows = departures.ids - flow.requests.base
        disks = flow.requests.disk[rows]
        to_disk = disks != NO_DISK
        away = ~to_disk
        self._done(flow, departures.ids[away], departures.end[away])
        for station in {id(d.station): d.station for d in self.disks.values() if d}.values():
            roles = [i for i, r in enumerate(DISK_ROLES) if self._station(r) is station]
            here = np.isin(disks, roles)
            if any(d and d.full for d in (self.disks.get(DISK_ROLES[i]) for i in roles)):
                here &= ~self._turn_away_writes(flow, departures, here, station)
            self._carry_disk(flow, station, departures.ids[here], departures.end[here], until)
        for index, role in enumerate(DISK_ROLES):
            if self.disks.get(role) is None:
                lost = disks == index
                reason = FailureReason.STORAGE_MISSING
                flow.fail(departures.ids[lost], departures.end[lost], reason, self.cpu.place)

    def _turn_away_writes(
        self, flow: Flow, departures: Departures, here: npt.NDArray[np.bool_], station: Station
    ) -> npt.NDArray[np.bool_]:
        """What would write to a full volume fails; returns which that was."""
        classes = flow.requests.request_class[departures.ids - flow.requests.base]
        writes = here & flow.writes[classes]
        reason = FailureReason.VOLUME_FULL
        flow.fail(departures.ids[writes], departures.end[writes], reason, station.place)
        return writes

    def _station(self, role: str) -> Station | None:
        disk = self.disks.get(role)
        return None if disk is None else disk.station

    def _carry_disk(
        self, flow: Flow, station: Station, ids: Ints, times: Floats, until: float
    ) -> None:
        requests = flow.requests
        rows = ids - requests.base
        requests.place[rows] = station.place
        work = np.empty(len(ids))
        classes = requests.request_class[rows]
        for index, role in enumerate(DISK_ROLES):
            disk = self.disks.get(role)
            here = requests.disk[rows] == index
            if disk is not None and here.any():
                work[here] = disk.work_s[classes[here]]
        refused, departures = station.pass_through(ids, times, work, until)
        if refused:
            flow.fail(ids[refused], times[refused], self.full, station.place)
        if len(departures.ids):
            flow.log(departures, station.place)
            self._done(flow, departures.ids, departures.end)

    def _done(self, flow: Flow, ids: Ints, times: Floats) -> None:
        """What leaves the machine goes on, and its followers hear of what was written."""
        if self.followers and len(ids):
            requests = flow.requests
            rows = ids - requests.base
            written = flow.writes[requests.request_class[rows]]
            rows, at = rows[written], times[written]
            for follower in self.followers:
                follower.hear(
                    at, requests.request_class[rows], requests.key[rows], requests.work[DATA, rows]
                )
        flow.forward(self.id, ids, times)

    def fail_disk(self, flow: Flow, station: Station, now: float, reason: FailureReason) -> None:
        """Everything that waits for one volume, or is worked on there, fails at once."""
        lost = station.fail_all()
        flow.fail(lost, np.full(len(lost), now), reason, station.place)

    def fail_all(self, flow: Flow, now: float, reason: FailureReason) -> None:
        """Everything that waits or is worked on here fails at once."""
        for station in self.stations():
            self.fail_disk(flow, station, now, reason)
