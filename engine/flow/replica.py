"""A read replica as requests meet it: it answers reads, and applies the writes of its master.

A write that the master has done is a job for the replica's CPU from a hop later
on, in the same waiting line as the reads. A read that starts before everything
committed by then is applied sees what is old; its lag is the age of the oldest
write that is missing.
"""

import math

import numpy as np
import numpy.typing as npt

from engine.flow.machine import Classes, Keys, Machine
from engine.flow.requests import OVER, Floats, Ints
from engine.flow.stage import Flow
from engine.flow.station import Departures, Station
from engine.outcomes import FailureReason

Bools = npt.NDArray[np.bool_]


class Writes:
    """Writes of the master in order of their commit, one row each; times in seconds.

    `taken` of them are jobs already, with their number in `ids`; `end` is when
    each was applied, infinite until then.
    """

    def __init__(self) -> None:
        self.taken = 0
        self.commit = self.work = self.end = np.empty(0)
        self.request_class: Classes = np.empty(0, np.int16)
        self.key: Keys = np.empty(0, np.int32)
        self.ids: Ints = np.empty(0, np.int64)

    def __len__(self) -> int:
        return len(self.commit)

    def add(self, times: Floats, classes: Classes, keys: Keys, work: Floats) -> None:
        """Some more, none committed before what has been taken."""
        n = len(times)
        self.commit = np.concatenate((self.commit, times))
        self.request_class = np.concatenate((self.request_class, classes))
        self.key = np.concatenate((self.key, keys))
        self.work = np.concatenate((self.work, work))
        self.end = np.concatenate((self.end, np.full(n, np.inf)))
        self.ids = np.concatenate((self.ids, np.full(n, -1)))
        order = self.taken + np.argsort(self.commit[self.taken :], kind="stable")
        for column in (self.commit, self.request_class, self.key, self.work):
            column[self.taken :] = column[order]

    def keep(self, rows: slice | Bools) -> None:
        """Only these, the others are forgotten."""
        self.commit, self.work, self.end = self.commit[rows], self.work[rows], self.end[rows]
        self.request_class, self.key = self.request_class[rows], self.key[rows]
        self.ids = self.ids[rows]
        self.taken = int((self.ids >= 0).sum())

    def apply(self, ids: Ints, ends: Floats) -> None:
        """These jobs were done."""
        self.end[np.searchsorted(self.ids[: self.taken], ids)] = ends

    def lag_s(self, at: Floats) -> Floats:
        """Age of the oldest write that is committed and not yet applied at each instant."""
        if not len(self):
            return np.zeros(len(at))
        applied = np.maximum.accumulate(self.end)
        oldest = np.searchsorted(applied, at, side="right").clip(max=len(self) - 1)
        missing = (applied[oldest] > at) & (self.commit[oldest] <= at)
        return np.where(missing, at - self.commit[oldest], 0.0)


class Replica(Machine):
    """A machine that follows another one. `most_lag_s` is what each class's reads allow.

    Its connections turn reads away, and its CPU has room for everything else: a
    write waits as long as it must.
    """

    def __init__(
        self, id: str, cpu: Station, roles: tuple[str, ...], full: FailureReason, hop_s: float
    ) -> None:
        super().__init__(id, cpu, roles, full)
        self.most_lag_s = np.zeros(0)
        self._hop_s = hop_s
        self._writes = Writes()
        self._stale: Ints = np.empty(0, np.int64)

    def hear(self, times: Floats, classes: Classes, keys: Keys, work: Floats) -> None:
        """Writes that its master has done at `times`."""
        if len(times):
            self._writes.add(times, classes, keys, work)

    def lag_s(self, now: float) -> float:
        """Age of the oldest write that it has not applied."""
        return float(self._writes.lag_s(np.array([now]))[0])

    def cut_off(self, now: float) -> int:
        """Its master is gone: what was still on its way is lost; says how much that was."""
        before = len(self._writes)
        on_way = (self._writes.ids < 0) & (self._writes.commit + self._hop_s > now)
        self._writes.keep(~on_way)
        return before - len(self._writes)

    @property
    def unapplied(self) -> int:
        """How many writes it has not applied."""
        return int(np.isinf(self._writes.end).sum())

    @property
    def connected(self) -> int:
        """How many reads are here; what is applied takes no connection."""
        applying = (self._writes.ids >= 0) & np.isinf(self._writes.end)
        return super().connected - int(applying.sum())

    def wired(self, flow: Flow, plays: frozenset[str]) -> None:
        """Reads of what it plays come here."""
        super().wired(flow, plays)
        allowed = (c.max_lag_s for c in flow.classes)
        self.most_lag_s = np.array([math.inf if s is None else s for s in allowed])

    def carry(self, flow: Flow, until: float) -> None:
        """Carry every read here, and every write to apply, on to `until`."""
        ids, times = self._inbox.due(until)
        if not self.up:
            flow.fail(ids, times, FailureReason.CONNECTION_REFUSED, self.cpu.place)
            ids, times = ids[:0], times[:0]
        work = self._begin_visit(flow, ids)
        ids, times, work = self._with_jobs(flow, ids, times, work, until)
        if not len(ids) and self._rests(until):
            return
        if self.connections is not None:
            ids, times, work = self._connect(flow, ids, times, work)
        _, departures = self.cpu.pass_through(ids, times, work, until)
        reads = self._sort_out(flow, departures)
        if len(reads.ids):
            flow.log(reads, self.cpu.place)
        self._carry_disks(flow, reads, until)
        self._forget()

    def _with_jobs(
        self, flow: Flow, ids: Ints, times: Floats, work: Floats, until: float
    ) -> tuple[Ints, Floats, Floats]:
        """Arrivals with the writes among them that are here by then; at one instant those first."""
        writes = self._writes
        arrive = writes.commit[writes.taken :] + self._hop_s
        n = int(np.searchsorted(arrive, until, side="left")) if self.up else 0
        if not n:
            return ids, times, work
        rows = slice(writes.taken, writes.taken + n)
        jobs = flow.requests.append_jobs(
            writes.request_class[rows], writes.key[rows], writes.work[rows]
        )
        flow.requests.place[jobs - flow.requests.base] = self.cpu.place
        writes.ids[rows] = jobs
        writes.taken += n
        # What was committed while it was down arrives when it is up again.
        at = np.concatenate((np.maximum(arrive[:n], self.cpu.now), times))
        order = np.argsort(at, kind="stable")
        all_ids, all_work = np.concatenate((jobs, ids)), np.concatenate((writes.work[rows], work))
        return all_ids[order], at[order], all_work[order]

    def _sort_out(self, flow: Flow, departures: Departures) -> Departures:
        """Note what was applied, and who saw what is too old; returns the reads."""
        requests = flow.requests
        rows = departures.ids - requests.base
        jobs = requests.attempt[rows] == 0
        if jobs.any():
            order = np.argsort(departures.ids[jobs], kind="stable")
            self._writes.apply(departures.ids[jobs][order], departures.end[jobs][order])
            requests.state[rows[jobs]] = OVER
        reads = _pick(departures, ~jobs)
        allowed_s = self.most_lag_s[requests.request_class[reads.ids - requests.base]]
        if len(self._writes) and np.isfinite(allowed_s).any():
            stale = self._writes.lag_s(reads.start) > allowed_s
            self._stale = np.concatenate((self._stale, reads.ids[stale]))
        return reads

    def _done(self, flow: Flow, ids: Ints, times: Floats) -> None:
        """Who has read what is too old learns so from the answer."""
        if len(self._stale):
            stale = np.isin(ids, self._stale)
            flow.fail(ids[stale], times[stale], FailureReason.STALE_READ, self.cpu.place)
            self._stale = np.setdiff1d(self._stale, ids)
            ids, times = ids[~stale], times[~stale]
        super()._done(flow, ids, times)

    def _forget(self) -> None:
        """Writes that no read can miss any more."""
        first = self.cpu.first_start()
        applied = np.maximum.accumulate(self._writes.end)
        done = int(np.searchsorted(applied, first, side="right"))
        if done:
            self._writes.keep(slice(done, None))

    def fail_all(self, flow: Flow, now: float, reason: FailureReason) -> None:
        """Reads fail; writes are applied anew once it is up again."""
        self._writes.ids[:] = -1
        self._writes.keep(np.isinf(self._writes.end))
        self._stale = self._stale[:0]
        super().fail_all(flow, now, reason)


def _pick(departures: Departures, which: Bools) -> Departures:
    if which.all():
        return departures
    return Departures(
        departures.ids[which],
        departures.arrived[which],
        departures.start[which],
        departures.end[which],
    )
