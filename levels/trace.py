"""A level whose traffic is replaced by a file: somebody's real day on the level's board."""

import dataclasses
import math
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from engine.complaint import Complaint
from engine.scenario import FILE_NAME, MAX_FASTER, MAX_SCALE, Scenario, Trace, read_scenario
from engine.simulation import is_csv, read_access_log, trace_length_s
from levels.level import Level

LONGEST_S = 86_400
SHORTEST_S = 60


def with_traffic(level: Level, path: Path, scale: float, from_s: int, faster: float) -> Level:
    """The level with the traffic of a CSV of ``second,rps``, from when its own traffic began.

    The run lasts as long as the file does after `from_s`, squeezed by `faster`;
    incidents that would come later are left out.
    """
    start_s = min(part.start_s for part in level.scenario.traffic)
    length_s = math.ceil(start_s + left_of(path, scale, from_s, faster) / faster)
    if length_s > LONGEST_S:
        expected = f"--faster above {faster * length_s / LONGEST_S:.1f}"
        raise Complaint(str(path), f"would last {length_s:,} seconds", expected)
    trace = Trace(path.name, scale=scale, from_s=from_s, faster=faster, start_s=start_s)
    scenario = _lasting(level.scenario, max(length_s, SHORTEST_S), trace)
    checked = read_scenario(msgspec.to_builtins(scenario), str(path), path.parent)
    return dataclasses.replace(level, scenario=checked, folder=path.parent)


def left_of(path: Path, scale: float, from_s: int, faster: float) -> float:
    """Seconds of a traffic file from `from_s` on. Raises Complaint for one that cannot be used.

    It speaks of options and of the file, not of a level that nobody wrote.
    """
    if scale > MAX_SCALE:
        raise Complaint("--scale", f"{scale:g} is too much", f"at most {MAX_SCALE:,}")
    if faster > MAX_FASTER:
        raise Complaint("--faster", f"{faster:g} is too much", f"at most {MAX_FASTER:,}")
    length_s = trace_length_s(path)
    if from_s >= length_s:
        raise Complaint("--from-s", f"{from_s} is after the end of {path}", f"below {length_s:g}")
    if not re.fullmatch(FILE_NAME, path.name):
        what = f"'{path.name}' is a name that no recording keeps"
        raise Complaint(str(path), what, "one of A-Z a-z 0-9 . _ - only: copy or link it")
    return length_s - from_s


def on_other_traffic(played: Scenario, own: Scenario) -> bool:
    """Whether what was played is a level's own scenario but for a traffic file in its place."""
    match played.traffic:
        case (Trace() as trace,):
            lasting = _lasting(own, played.duration_s, trace)
            return msgspec.structs.replace(lasting, seed=played.seed) == played != own
    return False


def _lasting(scenario: Scenario, duration_s: int, trace: Trace) -> Scenario:
    incidents = tuple(i for i in scenario.incidents if i.at_s < duration_s)
    return msgspec.structs.replace(
        scenario, duration_s=duration_s, traffic=(trace,), incidents=incidents
    )


def broken_lines(level: Level) -> Iterator[tuple[Path, int, int]]:
    """Every access log of a level that has broken lines: how many, and how many are whole."""
    for name in sorted({p.file for p in level.scenario.traffic if isinstance(p, Trace)}):
        path = level.folder / name
        log = None if is_csv(path) else read_access_log(path)
        if log is not None and log.broken:
            yield path, log.broken, len(log.seconds)
