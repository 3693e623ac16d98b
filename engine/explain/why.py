"""Why requests failed at one place in one stretch of time: from what was seen there, a cause."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from engine.explain.causes import Cause, Evidence, Figure, Known
from engine.explain.crowd import large_files
from engine.explain.fleet import (
    why_door,
    why_group,
    why_nobody,
    why_refused,
    why_session_lost,
    why_too_few,
)
from engine.explain.managed import Found, why_copying, why_database_down, why_managed
from engine.explain.outages import why_squeezed
from engine.explain.servers import why_server
from engine.explain.stations import is_full
from engine.explain.tables import (
    why_database_slow,
    why_lost,
    why_master_gone,
    why_stale,
)
from engine.frame import Frame
from engine.views import VolumeView

SLOWED = ("noisy_neighbour", "bad_deploy", "slow_disk")
"""News of incidents that slow a resource down."""

GONE = {"host_failed": Cause.HOST_FAILED, "instance_terminated": Cause.TERMINATED}
"""News of an instance that is there no more."""

DOWN = {"instance_crashed": Cause.CRASHED, "instance_stopping": Cause.STOPPED}
"""News of one that stands and serves nobody."""

WAITED = ("late", "client_gave_up", "gateway_timeout", "too_many_connections", "waiting_room_full")
"""Reasons of requests that found a place too slow."""

MOSTLY = 0.5
"""From this share of a volume's time on, files are what fills it."""

MUCH = 0.33
"""From this share of a CPU's time on, handing out files is what it lacks elsewhere."""


class Scene(NamedTuple):
    """A burst's stretch of time: all frames, those during it, its reason and place.

    `felt` are the seconds in which requests failed, and those shortly before.
    """

    frames: Sequence[Frame]
    during: Sequence[Frame]
    felt: Sequence[Frame]
    reason: str
    at: str
    evidence: Evidence | None
    known: Known


def cause_of(scene: Scene) -> Found:
    """The cause of a burst, and the figures it is read from."""
    found = why_among_tables(scene)
    found = found or why_managed(scene.frames, scene.during, scene.felt, scene.reason, scene.at)
    found = found or why_door(scene.during, scene.reason, scene.at)
    if found is not None:
        return found
    frames, during, felt, reason, at = scene[:5]
    match reason:
        case "no_target":
            return why_nobody(frames, during, at) or (_why_nobody_answers(scene), {})
        case "connection_refused" | "bad_gateway":
            down = why_database_down(frames, during, at)
            down = down or why_refused(frames, during, felt, reason, at)
            return down or (_why_down(scene), {})
        case "session_lost":
            return why_session_lost(frames, felt, at)
        case "no_ipv6_route":
            return Cause.NO_IPV6, {}
        case "volume_full":
            return Cause.DISK_SPACE, _space(scene)
        case "storage_missing":
            return why_lost(frames, at) or (Cause.DATA_GONE, {})
        case _:
            return _why_slow(scene)


def why_among_tables(scene: Scene) -> Found | None:
    """What has to do with replicas, shards, or what a database does all day."""
    frames, during, felt, reason, at = scene[:5]
    if reason == "stale_read":
        return why_stale(frames, during, at, scene.known)
    if reason in ("connection_refused", "bad_gateway", "no_target"):
        return why_master_gone(during, at)
    return why_database_slow(frames, felt, at, scene.known) if reason in WAITED else None


def _why_nobody_answers(scene: Scene) -> Cause:
    start = scene.during[0]
    if not start.instances:
        return _newest(scene, GONE) or Cause.NOTHING_STANDS
    booting = any(i.state == "pending" for i in start.instances)
    return Cause.BOOTING if booting else Cause.NO_ADDRESS


def _why_down(scene: Scene) -> Cause:
    """The newest thing that took the instance down before or while requests failed there."""
    down = _newest(scene, {**GONE, **DOWN}, scene.at)
    if down is not None:
        return down
    started = _newest(scene, {"instance_started": Cause.BOOTING}, scene.at)
    return started or Cause.STOPPED


def _newest(scene: Scene, kinds: dict[str, Cause], at: str | None = None) -> Cause | None:
    """The newest of some kinds of news up to the end of the scene, about a resource or any."""
    last = scene.during[-1].second
    found: Cause | None = None
    for frame in scene.frames:
        if frame.second > last:
            break
        replaced = [n.args.get("id") for n in frame.news if n.kind == "member_replaced"]
        for news in frame.news:
            if news.kind not in kinds or at not in (None, news.args.get("id")):
                continue
            if news.kind == "instance_terminated" and news.args.get("id") in replaced:
                found = found or Cause.REPLACED  # by its group, for what befell it before
            else:
                found = kinds[news.kind]
    return found


def _space(scene: Scene) -> dict[str, Figure]:
    """How full the disk was."""
    disk = scene.during[0].volume(scene.at)
    return {} if disk is None else {"id": disk.id, "used": disk.used_gb, "gb": disk.gb}


def _why_slow(scene: Scene) -> Found:
    evidence = scene.evidence
    if evidence is None:
        return Cause.SLOW_WORK, {}
    if any(i.throttled for f in scene.felt for i in f.instances if i.id == scene.at):
        return Cause.CREDITS_GONE, {}
    if _slowed(scene):
        return Cause.SLOWED, {}
    if not is_full(scene.felt, evidence.station):
        return Cause.SLOW_WORK, {}
    volume = scene.during[-1].volume(scene.at)
    return _why_cpu_full(scene) if volume is None else _why_volume_full(scene, volume)


def _slowed(scene: Scene) -> bool:
    """Whether an incident slowed the resource down while requests failed there."""
    first, last = scene.during[0].second, scene.during[-1].second
    for frame in scene.frames:
        for news in frame.news if frame.second <= last else ():
            if news.kind in SLOWED and news.args.get("id") == scene.at:
                lasts_s = news.args.get("seconds", 0)
                if frame.second + (lasts_s if isinstance(lasts_s, int | float) else 0) >= first:
                    return True
    return False


def _why_cpu_full(scene: Scene) -> Found:
    """A full CPU; where it does what a bucket or a database could do, that is the cause."""
    frames, felt, at = scene.frames, scene.felt, scene.at
    fleet = why_squeezed(frames, felt, at) or why_group(frames, felt, at)
    if fleet is not None:
        return fleet
    held = [role for role, holder in scene.during[-1].addresses.items() if holder == scene.at]
    if "files" in held and "s3" in scene.known.services:
        crowd = large_files(scene.felt, scene.at, scene.known, MUCH)
        if crowd:
            return Cause.FILES_CPU, crowd
    if "db" in held and len(held) > 1 and "rds" in scene.known.services:
        roles, classes = ", ".join(held), _classes(scene)
        return Cause.SHARED_CPU, {"id": scene.at, "roles": roles, "classes": classes}
    found = why_server(felt, at, scene.known) or (Cause.CPU_FULL, {})
    # Some of its group had room, or were being replaced: for all of them it was too small.
    too_few = why_too_few(frames, felt, at) if found[0] is Cause.SERVERS_FULL else None
    return too_few or found


def _classes(scene: Scene) -> str:
    """Which classes were at work and in line on a machine's CPU, in percent."""
    there: Counter[str] = Counter()
    for frame in scene.felt:
        for station in frame.stations:
            if station.resource == scene.at and station.kind == "cpu":
                there.update(station.running)
                there.update(station.waiting)
    total = max(1, there.total())
    return ", ".join(f"{name} {n * 100 // total}%" for name, n in there.most_common(4))


def _why_volume_full(scene: Scene, volume: VolumeView) -> Found:
    copied = why_copying(scene.felt, scene.at)
    if copied is not None:
        return copied
    if "files" in volume.roles and "s3" in scene.known.services:
        crowd = large_files(scene.felt, scene.at, scene.known, MOSTLY)
        if crowd:
            return Cause.FILES_CROWD, crowd
    return Cause.VOLUME_FULL, {}
