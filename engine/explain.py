"""From frames to causes: what is tight, why requests fail, what would help.

Reads frames only, so it explains a run that goes on, a recording from another
version, or a fabricated story in a test alike. Every answer names its evidence:
the station, how full it was, and since when.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import groupby

import msgspec

from engine.frame import Frame, StationView

FULL = 0.95
"""A station that is busy for so large a share of a second has no headroom."""

BUSY = 0.8
"""A station that is less busy than this, with nobody waiting, is not what requests wait for."""

GAP_S = 30
"""Failures of one kind further apart than this are two bursts."""

LOOK_BACK_S = 30
"""What is tight now is judged over so many seconds."""


DATA_LOST = "data_lost"
"""News, and the reason of a burst, of data that are gone for ever."""

SLOWED = ("noisy_neighbour", "bad_deploy", "slow_disk")
"""News of incidents that slow a resource down."""


class Cause(StrEnum):
    """Why a burst of failures came about."""

    NOTHING_STANDS = "nothing_stands"
    NO_ADDRESS = "no_address"
    BOOTING = "booting"
    STOPPED = "stopped"
    CRASHED = "crashed"
    TERMINATED = "terminated"
    CREDITS_GONE = "credits_gone"
    SLOWED = "slowed"
    CPU_FULL = "cpu_full"
    VOLUME_FULL = "volume_full"
    DISK_SPACE = "disk_space"
    SLOW_WORK = "slow_work"
    NO_IPV6 = "no_ipv6"
    DATA_GONE = "data_gone"


REMEDIES: dict[Cause, tuple[str, ...]] = {
    Cause.NOTHING_STANDS: ("look_at_board", "launch"),
    Cause.NO_ADDRESS: ("look_at_addresses", "point"),
    Cause.BOOTING: ("boot_takes_time", "begin_earlier"),
    Cause.STOPPED: ("stopped_serves_nobody", "start"),
    Cause.CRASHED: ("machines_die", "start"),
    Cause.TERMINATED: ("terminated_is_gone", "launch"),
    Cause.CREDITS_GONE: ("look_at_credits", "leave_burstable", "resize"),
    Cause.SLOWED: ("shared_machine", "wait_or_move"),
    Cause.CPU_FULL: ("look_at_cpu", "more_cpu", "resize"),
    Cause.VOLUME_FULL: ("look_at_volume", "more_iops", "faster_volume"),
    Cause.DISK_SPACE: ("look_at_space", "grow_volume"),
    Cause.SLOW_WORK: ("work_itself_is_slow", "faster_cpu"),
    Cause.NO_IPV6: ("users_on_ipv6", "dualstack"),
    Cause.DATA_GONE: ("volume_held_data", "keep_volumes"),
}
"""What would help against each cause, from a gentle hint to the plain answer."""


class Evidence(msgspec.Struct, frozen=True):
    """What a cause is read from: a station, how full, how many waiting, and since when."""

    station: str
    utilization: float
    waiting: int
    since_s: int


class Burst(msgspec.Struct, frozen=True):
    """Requests that failed, or came late, for one reason at one place in one stretch of time.

    Data lost for ever are one too, counted once, though no request fails by that.
    """

    from_s: int
    to_s: int
    reason: str
    at: str
    count: int
    cause: Cause
    evidence: Evidence | None
    remedies: tuple[str, ...]


class Tight(msgspec.Struct, frozen=True):
    """The tightest station lately; `latency_share` is the part of a request's time spent there."""

    evidence: Evidence
    latency_share: float


class Explanation(msgspec.Struct, frozen=True):
    """What frames tell: the tightest station at their end, and every burst in order of time."""

    tight: Tight | None
    bursts: tuple[Burst, ...]

    def worst(self) -> Burst | None:
        """The burst that hurt most; nothing is worse than lost data."""
        return max(self.bursts, key=lambda b: (b.reason == DATA_LOST, b.count), default=None)


def explain(frames: Sequence[Frame]) -> Explanation:
    """Explain a run from its frames, one for each second, oldest first."""
    if not frames:
        return Explanation(None, ())
    bursts = [_burst(frames, *run) for run in _runs(frames)] + _losses(frames)
    bursts.sort(key=lambda burst: (burst.from_s, burst.reason, burst.at))
    return Explanation(_tight(frames), tuple(bursts))


def _losses(frames: Sequence[Frame]) -> list[Burst]:
    """Data that were lost for ever: no request failed by that, and yet it is the worst of all."""
    cause = Cause.DATA_GONE
    return [
        Burst(
            f.second,
            f.second,
            DATA_LOST,
            str(n.args.get("id", "")),
            1,
            cause,
            None,
            REMEDIES[cause],
        )
        for f in frames
        for n in f.news
        if n.kind == DATA_LOST
    ]


Run = tuple[int, int, str, str, int]
"""First and last second, reason, place, and count of what belongs together."""


def _runs(frames: Sequence[Frame]) -> list[Run]:
    """Failures and late answers of one reason at one place, cut where they pause."""
    marks = sorted(
        (blame.reason, blame.at, frame.second, blame.count)
        for frame in frames
        for blame in frame.blame
    )
    runs: list[Run] = []
    for (reason, at), group in groupby(marks, key=lambda mark: mark[:2]):
        for _, _, second, count in group:
            last = runs[-1] if runs else None
            if last and last[2:4] == (reason, at) and second - last[1] <= GAP_S:
                runs[-1] = (last[0], second, reason, at, last[4] + count)
            else:
                runs.append((second, second, reason, at, count))
    return runs


def _burst(
    frames: Sequence[Frame], from_s: int, to_s: int, reason: str, at: str, count: int
) -> Burst:
    first = frames[0].second
    during = frames[max(0, from_s - first) : to_s - first + 1]
    evidence = _evidence(frames, during, at)
    cause = _cause(frames, during, reason, at, evidence)
    return Burst(from_s, to_s, reason, at, count, cause, evidence, REMEDIES[cause])


def _cause(
    frames: Sequence[Frame],
    during: Sequence[Frame],
    reason: str,
    at: str,
    evidence: Evidence | None,
) -> Cause:
    match reason:
        case "no_target":
            return _why_nobody_answers(frames, during)
        case "connection_refused" | "bad_gateway":
            return _why_down(frames, during, at)
        case "no_ipv6_route":
            return Cause.NO_IPV6
        case "volume_full":
            return Cause.DISK_SPACE
        case "storage_missing":
            return Cause.DATA_GONE
        case _:
            return _why_slow(during, at, evidence)


def _why_nobody_answers(frames: Sequence[Frame], during: Sequence[Frame]) -> Cause:
    start = during[0]
    if not start.instances:
        gone = _news(frames, during, "instance_terminated")
        return Cause.TERMINATED if gone else Cause.NOTHING_STANDS
    booting = any(i.state == "pending" for i in start.instances)
    return Cause.BOOTING if booting else Cause.NO_ADDRESS


def _why_down(frames: Sequence[Frame], during: Sequence[Frame], at: str) -> Cause:
    """The newest thing that took the instance down before or while requests failed there."""
    kinds = {
        "instance_crashed": Cause.CRASHED,
        "host_failed": Cause.CRASHED,
        "instance_stopping": Cause.STOPPED,
        "instance_started": Cause.BOOTING,
        "instance_terminated": Cause.TERMINATED,
    }
    last = during[-1].second
    told = [
        kinds[news.kind]
        for frame in frames
        if frame.second <= last
        for news in frame.news
        if news.kind in kinds and news.args.get("id") == at
    ]
    downs = [cause for cause in told if cause is not Cause.BOOTING]
    return downs[-1] if downs else Cause.BOOTING if told else Cause.STOPPED


def _why_slow(during: Sequence[Frame], at: str, evidence: Evidence | None) -> Cause:
    views = [s for f in during for s in f.stations if s.resource == at]
    if evidence is None or not views:
        return Cause.SLOW_WORK
    throttled = any(i.throttled for f in during for i in f.instances if i.id == at)
    if throttled:
        return Cause.CREDITS_GONE
    if any(n.kind in SLOWED and n.args.get("id") == at for f in during for n in f.news):
        return Cause.SLOWED
    full = [s for s in views if s.id == evidence.station]
    if _mean(s.utilization for s in full) < BUSY and _mean(s.waiting_total for s in full) < 1:
        return Cause.SLOW_WORK
    return Cause.VOLUME_FULL if full[0].kind == "volume" else Cause.CPU_FULL


def _news(frames: Sequence[Frame], during: Sequence[Frame], kind: str) -> bool:
    """Whether something was told before the end of a stretch of frames."""
    last = during[-1].second
    return any(n.kind == kind for f in frames if f.second <= last for n in f.news)


def _evidence(frames: Sequence[Frame], during: Sequence[Frame], at: str) -> Evidence | None:
    """The fullest moment of a resource in a stretch of time, and since when it was full."""
    moments = [(s, f.second) for f in during for s in f.stations if s.resource == at]
    if not moments:
        return None
    station, second = max(moments, key=lambda m: (m[0].utilization, m[0].waiting_total, -m[1]))
    waiting = max(s.waiting_total for s, _ in moments if s.id == station.id)
    since_s = _full_since(frames, station, second)
    return Evidence(station.id, station.utilization, waiting, since_s)


def _full_since(frames: Sequence[Frame], station: StationView, second: int) -> int:
    """The second from which on a station has been full without a pause, up to `second`."""
    since_s = second
    for frame in reversed(frames[: second - frames[0].second + 1]):
        seen = frame.station(station.id)
        if seen is None or seen.utilization < min(FULL, station.utilization):
            break
        since_s = frame.second
    return since_s


def _tight(frames: Sequence[Frame]) -> Tight | None:
    """The station with the highest mean utilization of late."""
    lately = frames[-LOOK_BACK_S:]
    now = [s for s in frames[-1].stations if s.served or s.waiting_total or s.running_total]
    if not now:
        return None
    means = {s.id: _mean_utilization(lately, s.id) for s in now}
    station = max(now, key=lambda s: (means[s.id], s.waiting_total))
    waiting = station.waiting_total
    since_s = _full_since(frames, station, frames[-1].second)
    evidence = Evidence(station.id, round(means[station.id], 6), waiting, since_s)
    return Tight(evidence, round(_latency_share(lately, station.resource), 6))


def _mean_utilization(frames: Sequence[Frame], station_id: str) -> float:
    return _mean(s.utilization for f in frames for s in f.stations if s.id == station_id)


def _mean(values: Iterable[float]) -> float:
    seen = list(values)
    return sum(seen) / len(seen) if seen else 0.0


def _latency_share(frames: Sequence[Frame], resource: str) -> float:
    """The part of the slowest requests' time that they spent at a resource."""
    steps = [
        step
        for frame in frames
        for samples in frame.samples.values()
        if samples.slow
        for step in samples.slow.steps
    ]
    total = sum(step.wait_ms + step.work_ms for step in steps)
    there = sum(step.wait_ms + step.work_ms for step in steps if step.station == resource)
    return there / total if total else 0.0
