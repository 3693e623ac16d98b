"""A place with c servers and a waiting line, where requests spend time.

A station keeps the requests it holds with their start and end as they will be
if nothing changes; since later arrivals never overtake, those times are final
until the station itself changes (speed, servers, crash), and then they are
computed anew from the work that is left.
"""

from dataclasses import dataclass
from heapq import heapify

import numpy as np
import numpy.typing as npt

from engine.flow.queueing import Outlook, serve, serve_waiting

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NEVER = -np.inf


@dataclass(frozen=True, slots=True, eq=False)
class Departures:
    """Requests that a station has finished with, in order of `end`; times in seconds."""

    ids: Ints
    arrived: Floats
    start: Floats
    end: Floats


@dataclass(slots=True)
class StationSecond:
    """What a station did since the last whole second; `capacity_s` is what it could have done."""

    busy_s: float = 0.0
    capacity_s: float = 0.0
    served: int = 0
    wait_s: float = 0.0


_NO_IDS: Ints = np.empty(0, dtype=np.int64)
_NO_TIMES: Floats = np.empty(0)
NO_DEPARTURES = Departures(_NO_IDS, _NO_TIMES, _NO_TIMES, _NO_TIMES)


class Station:
    """An exact first-come-first-served queue with `servers` servers and `room` waiting places.

    `speed` is the work, in seconds, that one server does in a second. `place` is
    the number by which requests remember where they are. `ids` are the requests
    that it holds, in order of arrival. With a room of 0 it turns nobody away.
    """

    def __init__(self, id: str, place: int, servers: int, room: int, speed: float = 1.0) -> None:
        self.id = id
        self.place = place
        self.room = room
        self.speed = speed
        self.servers = servers
        self.now = 0.0
        self.second = StationSecond()
        self._reset()

    def _reset(self) -> None:
        self._free = [NEVER] * self.servers
        self.ids = _NO_IDS
        self._arrived = self._start = self._end = self._work = _NO_TIMES

    def __len__(self) -> int:
        return len(self.ids)

    def running_ids(self) -> Ints:
        """Requests in service now."""
        return self.ids[self._start <= self.now]

    def waiting_ids(self) -> Ints:
        """Requests in the waiting line now, oldest first."""
        return self.ids[self._start > self.now]

    def pass_through(
        self, ids: Ints, times: Floats, work: Floats, until: float
    ) -> tuple[list[int], Departures]:
        """Carry the station on to `until` with these arrivals, which are in order of time.

        Returns the indices of the arrivals refused because the room was full,
        and everything that departs before `until`.
        """
        if not len(ids) and not len(self.ids):
            self.now = until
            return [], NO_DEPARTURES
        refused: list[int] = []
        if len(ids):
            refused = self._admit(ids, times, work)
        departures = self._depart(until)
        self.now = until
        return refused, departures

    def _admit(self, ids: Ints, times: Floats, work: Floats) -> list[int]:
        service = work if self.speed == 1.0 else work / self.speed
        held = len(self.ids)
        room = self.room or held + len(ids)
        starts = [NEVER] * room
        starts += self._start.tolist()
        refused = serve(times.tolist(), service.tolist(), self._free, starts, room)
        if refused:
            keep = np.ones(len(ids), dtype=bool)
            keep[refused] = False
            ids, times, work, service = ids[keep], times[keep], work[keep], service[keep]
        start = np.array(starts[room + held :])
        if held:
            self.ids = np.concatenate((self.ids, ids))
            self._arrived = np.concatenate((self._arrived, times))
            self._work = np.concatenate((self._work, work))
            self._start = np.concatenate((self._start, start))
            self._end = np.concatenate((self._end, start + service))
        else:
            self.ids, self._arrived, self._work = ids, times, work
            self._start, self._end = start, start + service
        return refused

    def _depart(self, until: float) -> Departures:
        start, end = self._start, self._end
        worked = np.minimum(end, until) - np.maximum(start, self.now)
        self.second.busy_s += float(np.maximum(worked, 0.0).sum())
        gone = end < until
        if not gone.any():
            return NO_DEPARTURES
        ids, arrived, start, end = self.ids[gone], self._arrived[gone], start[gone], end[gone]
        stay = ~gone
        self.ids, self._arrived, self._work = (
            self.ids[stay],
            self._arrived[stay],
            self._work[stay],
        )
        self._start, self._end = self._start[stay], self._end[stay]
        self.second.served += len(ids)
        self.second.wait_s += float((start - arrived).sum())
        if self.servers > 1:
            order = np.argsort(end, kind="stable")
            return Departures(ids[order], arrived[order], start[order], end[order])
        return Departures(ids, arrived, start, end)

    def change(
        self,
        *,
        speed: float | None = None,
        servers: int | None = None,
        room: int | None = None,
        more_work: Floats | None = None,
    ) -> None:
        """Work on from `now` with another speed, number of servers or room.

        Requests in service keep the work that is left of them; with fewer
        servers, the latest of them go back to the head of the line. `more_work`
        is added to what is held, in seconds, in the order of `ids`.
        """
        running = self._start <= self.now
        left = np.where(running, (self._end - self.now) * self.speed, self._work)
        left = left if more_work is None else left + more_work
        self.speed = self.speed if speed is None else speed
        self.servers = self.servers if servers is None else servers
        self.room = self.room if room is None else room
        service = left / self.speed
        kept = min(int(running.sum()), self.servers)
        ends = (self.now + service[:kept]).tolist()
        self._free = ends + [NEVER] * (self.servers - kept)
        heapify(self._free)
        starts = serve_waiting(service[kept:].tolist(), self._free, self.now)
        self._work = left
        self._start = np.concatenate((self._start[:kept], np.array(starts, dtype=np.float64)))
        self._end = np.concatenate((ends, self._start[kept:] + service[kept:]))

    def outlook(self, *, up: bool) -> Outlook:
        """How it stands now, to foresee what further requests would meet."""
        starts = [NEVER] * self.room + self._start.tolist()
        return Outlook(list(self._free), starts, self._end.tolist(), self.room, up=up)

    def backlog_s(self, at: float) -> float | None:
        """How long a request that came at an instant would wait; None if there is no room."""
        if len(self.ids) and int((self._start > at).sum()) >= self.room:
            return None
        return max(0.0, min(self._free) - at)

    def first_start(self) -> float:
        """The earliest start of what it holds, or `now`."""
        return min(self.now, float(self._start.min())) if len(self.ids) else self.now

    def standing(self) -> tuple[list[float], list[float]]:
        """The instants at which its servers are free, and the ends of what it holds."""
        return list(self._free), self._end.tolist()

    def fail_all(self) -> Ints:
        """Empty the station at once; returns what it held."""
        lost = self.ids
        self._reset()
        return lost

    def busy(self) -> float:
        """The share of its servers' time that was worked, in the second that runs."""
        return min(1.0, self.second.busy_s / self.servers)

    def take_second(self) -> StationSecond:
        """What it did in the second that ends now."""
        done, self.second = self.second, StationSecond()
        done.capacity_s = float(self.servers)
        return done
