"""Real traffic from a file: a CSV of rates, or a web server's access log."""

import csv
import gzip
import io
import math
import re
import zlib
from calendar import monthrange, timegm
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import chain
from pathlib import Path
from sys import intern

import numpy as np
import numpy.typing as npt

from engine.complaint import Complaint
from engine.scenario import Trace
from engine.toml import read_text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Curve = tuple[Floats, Floats]
"""Rate in requests per second at the left and the right end of every second."""

Rows = tuple[Floats, Floats]
"""A CSV: seconds, and the rate at each of them."""

MAX_TRACE_BYTES = 16_000_000
MAX_LOG_BYTES = 256_000_000
"""Of an access log, unpacked: a million requests with their agents and referrers."""

MAX_LOG_LINE = 64_000
MAX_ROWS = 600_000
MAX_RPS = 200_000.0
MAX_LOG_S = 366 * 86_400

LOG_LINE = re.compile(
    r"\S+ \S+ .{1,200}? \[(\d\d)/(\w{3})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d{4})\]"
    r' "(?:[A-Z]{1,20} )?([^ "]{0,4000})[^"]*'
)
"""A line in common or combined format; its eighth group is the path asked for."""

SHORTEST_LINE = 32
"""Bytes of a log's shortest line, which bounds how many there can be."""

COUNT_LINE = re.compile(r"(\d{1,9}),(\d{1,9})")

COUNTED = "second,requests"
"""How a log begins of which only the counts were kept."""

PACKED = b"\x1f\x8b"
"""How a log begins that was rotated and compressed."""

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(frozen=True, slots=True, eq=False)
class TraceRates:
    """A trace on the run's seconds: what goes by the classes' shares, and what has a class.

    `left` and `right` have shape (seconds,), those of a class (classes, seconds).
    """

    left: Floats
    right: Floats
    left_of_class: Floats
    right_of_class: Floats


@dataclass(frozen=True, slots=True, eq=False)
class AccessLog:
    """When requests were logged, in whole seconds from the first on and in order, and for what.

    `broken` lines were in no known format and are passed over.
    """

    seconds: Ints
    paths: list[str]
    broken: int


def between(rates: Floats, start: int, end: int) -> Curve:
    """Rates at the edges of seconds as a curve that is nothing before `start` and from `end` on."""
    left, right = rates[:-1].copy(), rates[1:].copy()
    n = len(left)
    outside = (np.arange(n) < start) | (np.arange(n) >= end)
    left[outside] = 0.0
    right[outside] = 0.0
    return left, right


def trace_rates(
    part: Trace, classes: Sequence[str], duration_s: int, folder: Path | None
) -> TraceRates:
    """A trace's rates on the run's seconds. Raises Complaint for a file that cannot be used."""
    path = Path(part.file) if folder is None else folder / part.file
    read = read_traffic(path)
    length_s = _length_s(read)
    if part.from_s >= length_s:
        what = f"from_s = {part.from_s} is after its end"
        raise Complaint(f"{path}", what, f"less than {length_s:g}")
    return rates_of(read, part, classes, duration_s)


def read_traffic(path: Path) -> Rows | AccessLog:
    """What a traffic file says. Raises Complaint for one that cannot be used."""
    return read_trace(path) if is_csv(path) else read_access_log(path)


def rates_of(
    read: Rows | AccessLog, part: Trace, classes: Sequence[str], duration_s: int
) -> TraceRates:
    """What a traffic file says, as `part` wants it, on the run's seconds."""
    if isinstance(read, AccessLog):
        return _log_rates(read, part, classes, duration_s)
    left, right = _csv_rates(read, part, duration_s)
    none = np.zeros((len(classes), duration_s))
    return TraceRates(left, right, none, none)


def is_csv(path: Path) -> bool:
    """Whether a traffic file is a CSV; anything else is read as an access log."""
    return path.suffix.lower() == ".csv"


def trace_length_s(path: Path) -> float:
    """Seconds from the first second that a traffic file could tell of to its last."""
    return _length_s(read_traffic(path))


def _length_s(read: Rows | AccessLog) -> float:
    if isinstance(read, AccessLog):
        return float(read.seconds[-1]) + 1.0
    return float(read[0][-1])


def _csv_rates(rows: Rows, part: Trace, duration_s: int) -> Curve:
    seconds, rps = rows
    at = (seconds - part.from_s) / part.faster + part.start_s
    edges = np.arange(duration_s + 1, dtype=np.float64)
    rates = np.interp(edges, at, rps * part.scale)
    return between(rates, part.start_s, min(duration_s, math.ceil(at[-1])))


def _log_rates(log: AccessLog, part: Trace, classes: Sequence[str], duration_s: int) -> TraceRates:
    """A log as rates: a second of the run has the mean rate of the stretch it stands for."""
    kinds = np.array([_class_of(asked, part, classes) for asked in log.paths])
    edges = part.from_s + (np.arange(duration_s + 1) - part.start_s) * part.faster
    edges = np.maximum(edges, part.from_s)
    of_class = np.stack([_mean_rates(log.seconds[kinds == i], edges, part)
                         for i in range(len(classes))])  # fmt: skip
    rest = _mean_rates(log.seconds[kinds == len(classes)], edges, part)
    return TraceRates(rest, rest, of_class, of_class)


def _mean_rates(seconds: Ints, edges: Floats, part: Trace) -> Floats:
    """Requests per second between edges, which may fall within the seconds of the log."""
    if not len(seconds):
        return np.zeros(len(edges) - 1)
    counts = np.bincount(seconds)
    cumulative = np.concatenate(([0.0], np.cumsum(counts)))
    reached = np.interp(edges, np.arange(len(cumulative)), cumulative)
    return np.diff(reached) / part.faster * part.scale


def _class_of(asked: str, part: Trace, classes: Sequence[str]) -> int:
    """The class whose patterns match a path; the number of classes when none does."""
    for index, name in enumerate(classes):
        if any(fnmatchcase(asked, pattern) for pattern in part.paths.get(name, ())):
            return index
    return len(classes)


def read_access_log(path: Path) -> AccessLog:
    """A log in common or combined format; lines may be out of order, broken ones are counted.

    It may be compressed, as rotated logs are. It is read once while it stays as it is.
    """
    try:
        is_now = path.stat()
    except (OSError, ValueError):
        return _read_log(path)
    return _read_log_once(path.absolute(), path, is_now.st_mtime_ns, is_now.st_size)


@lru_cache(maxsize=1)
def _read_log_once(_whole: Path, path: Path, _changed_ns: int, _size: int) -> AccessLog:
    return _read_log(path)


def _read_log(path: Path) -> AccessLog:
    stamps: list[int] = []
    paths: list[str] = []
    broken = 0
    lines = _log_lines(path)
    first = next(lines, "")
    if first.strip() == COUNTED:
        return _counted(lines, path)
    for line in chain([first], lines):
        found = LOG_LINE.match(line)
        stamp = _stamp(found) if found else None
        if found is None or stamp is None:
            broken += bool(line.strip())
            continue
        stamps.append(stamp)
        paths.append(intern(found.group(8).partition("?")[0]))
    if not stamps:
        what = f"none of its {broken} lines is of an access log"
        raise Complaint(
            str(path), what, "a CSV of second,rps or a log in common or combined format"
        )
    if max(stamps) - min(stamps) > MAX_LOG_S:
        raise Complaint(str(path), "spans more than a year", "a log of at most 366 days")
    seconds = np.array(stamps) - min(stamps)
    order = np.argsort(seconds, kind="stable")
    return AccessLog(seconds[order], [paths[i] for i in order.tolist()], broken)


def _log_lines(path: Path) -> Iterator[str]:
    """The lines of a log, one at a time; old logs keep no encoding."""
    left = MAX_LOG_BYTES
    try:
        if path.is_dir():
            raise Complaint(str(path), "is a folder", "a traffic file")
        with path.open("rb") as plain:
            packed = plain.read(len(PACKED)) == PACKED
        with gzip.open(path, "rb") if packed else path.open("rb") as file:
            while line := file.readline(MAX_LOG_LINE):
                left -= len(line)
                if left < 0:
                    raise Complaint(str(path), "is too large", f"at most {MAX_LOG_BYTES:,} bytes")
                yield line.decode("latin-1").removesuffix("\n")
    except FileNotFoundError:
        raise Complaint(str(path), "there is no such file", "a traffic file") from None
    except (OSError, EOFError, ValueError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Complaint(str(path), f"cannot be read ({reason})", "a traffic file") from None


def counted_text(log: AccessLog) -> str:
    """A log as nothing but its counts: who asked, and for what, is not in it."""
    at, requests = np.unique(log.seconds, return_counts=True)
    rows = zip(at.tolist(), requests.tolist(), strict=True)
    return "\n".join([COUNTED, *(f"{second},{count}" for second, count in rows), ""])


def _counted(lines: Iterator[str], path: Path) -> AccessLog:
    """What `counted_text` kept."""
    at: list[int] = []
    counts: list[int] = []
    for number, line in enumerate(lines, 2):
        found = COUNT_LINE.fullmatch(line)
        second, count = (int(found[1]), int(found[2])) if found else (-1, 0)
        if second < (at[-1] + 1 if at else 0) or second > MAX_LOG_S or not count:
            raise Complaint(f"{path}:{number}", f"row '{line[:60]}'", "a second and its requests")
        at.append(second)
        counts.append(count)
    if not at or sum(counts) > MAX_LOG_BYTES // SHORTEST_LINE:
        raise Complaint(str(path), f"counts {sum(counts):,} requests", "those of a log")
    return AccessLog(np.repeat(at, counts), [""] * sum(counts), 0)


def _stamp(found: re.Match[str]) -> int | None:
    """Seconds since 1970 of a log line, or None for a date that there is not."""
    name, zone = found.group(2), found.group(7)
    if name not in MONTHS:
        return None
    month = MONTHS.index(name) + 1
    day, year, hour, minute, second = (int(found.group(i)) for i in (1, 3, 4, 5, 6))
    if year < 1 or not 1 <= day <= monthrange(year, month)[1] or max(hour - 23, minute - 59) > 0:
        return None
    offset_s = 60 * (60 * int(zone[1:3]) + int(zone[3:])) * (-1 if zone[0] == "-" else 1)
    return timegm((year, month, day, hour, minute, second)) - offset_s


def read_trace(path: Path) -> Rows:
    """The rows of a CSV of ``second,rps``; the rate changes linearly from row to row.

    Raises Complaint, with the line's number, for text, gaps, negative or
    non-finite numbers, or seconds that do not grow.
    """
    text = read_text(path, "traffic", MAX_TRACE_BYTES)
    reader = csv.reader(io.StringIO(text))
    seconds: list[float] = []
    rates: list[float] = []
    try:
        header = [cell.strip() for cell in next(reader, [])]
        if header != ["second", "rps"]:
            raise Complaint(f"{path}:1", f"columns {','.join(header)[:60]}", "columns second,rps")
        for row in reader:
            where = f"{path}:{reader.line_num}"
            second, rate = _trace_row(row, where)
            if seconds and second <= seconds[-1]:
                raise Complaint(
                    where, f"second {second:g} does not grow", f"more than {seconds[-1]:g}"
                )
            if len(seconds) == MAX_ROWS:
                raise Complaint(where, "has too many rows", f"at most {MAX_ROWS:,}")
            seconds.append(second)
            rates.append(rate)
    except csv.Error as error:
        raise Complaint(f"{path}:{reader.line_num}", f"is not CSV: {error}") from None
    if len(seconds) < 2:
        raise Complaint(str(path), f"has {len(seconds)} rows", "at least 2 rows of second,rps")
    return np.array(seconds), np.array(rates)


def _trace_row(row: list[str], where: str) -> tuple[float, float]:
    if len(row) != 2 or not all(cell.strip() for cell in row):
        raise Complaint(where, f"row '{','.join(row)[:60]}' has a gap", "two numbers: second,rps")
    try:
        second, rate = float(row[0]), float(row[1])
    except ValueError:
        raise Complaint(where, f"row '{','.join(row)[:60]}'", "two numbers: second,rps") from None
    if not (math.isfinite(second) and math.isfinite(rate)) or second < 0 or not rate <= MAX_RPS:
        raise Complaint(where, f"row '{','.join(row)[:60]}'", "finite numbers, not negative")
    if rate < 0:
        raise Complaint(where, f"{rate:g} requests a second", "not negative")
    return second, rate
