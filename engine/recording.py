"""A run in one file: written a line a second as it happens, and read without the engine.

A recording is JSON Lines: a header, commands with their outcomes, frames, and the
result last. Every line is one `write`, so killing the process loses at most the
second it was in. What only the engine understands (scenario, commands, result)
stays plain data here, so that a run can be watched for ever.
"""

import errno
import gzip
import os
import platform
import zlib
from collections import deque
from collections.abc import Iterator, Sized
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from engine.complaint import Complaint
from engine.frame import Frame
from engine.outcomes import Outcome
from engine.recording_lines import (
    FORMAT,
    MAX_BYTES,
    MAX_CLASSES,
    MAX_COMMANDS_BYTES,
    MAX_HEADER_BYTES,
    MAX_LINE_BYTES,
    MAX_PART_BYTES,
    AnyLine,
    CommandLine,
    FrameLine,
    Frames,
    Header,
    LevelText,
    Line,
    Recording,
    ResultLine,
)
from engine.scenario import Scenario, Trace

__all__ = [
    "FORMAT", "CommandLine", "FrameLine", "Header", "LevelText", "Recording", "RecordingWriter",
    "is_whole", "new_header", "read_ending", "read_header", "read_newest", "read_recording",
]  # fmt: skip

NEWEST_LINES = 64
"""Lines at the end of a file among which the newest frame is sought: commands may follow it."""

AS_WRITTEN = "a recording as it was written; its end alone may be missing"
"""What a file must be whose bytes make no sense."""

PACKED = b"\x1f\x8b"
"""How a compressed file begins."""

MAX_TRACE_BYTES = 8_000_000
"""A traffic file is kept in the header, so that the run can be simulated again anywhere."""


def new_header(
    scenario: Scenario,
    seed: int,
    engine: str,
    started_at: str,
    text: dict[str, LevelText],
    folder: Path | None = None,
) -> Header:
    """The header of a run that begins now; `folder` is where the scenario's traces lie."""
    traces = [part for part in scenario.traffic if isinstance(part, Trace)]
    by_path = {part.file for part in traces if part.paths}
    names = sorted({part.file for part in traces})
    beside = folder or Path()
    return Header(
        format=FORMAT,
        engine=engine,
        python=platform.python_version(),
        numpy=version("numpy"),
        slug=scenario.slug,
        scenario=msgspec.json.decode(msgspec.json.encode(scenario)),
        seed=seed,
        started_at=started_at,
        text=text,
        traces={name: _trace_text(beside / name, name in by_path) for name in names},
    )


def _trace_text(path: Path, by_path: bool) -> str:
    """What a run needs of a traffic file: of an access log how many asked when, and not who.

    Where paths decide on the class it is the file's bytes, one character for each: old
    logs keep no encoding.
    """
    from engine.flow.trace import counted_text, is_csv, read_access_log  # watching needs no engine

    if not by_path and not is_csv(path):
        counted = counted_text(read_access_log(path))
        if len(counted) > MAX_TRACE_BYTES:
            raise Complaint(str(path), "has too many busy seconds to keep", "a shorter log")
        return counted
    try:
        with path.open("rb") as file:
            data = file.read(MAX_TRACE_BYTES + 1)
    except OSError as error:
        raise Complaint(str(path), f"cannot be read ({error.strerror})", "traffic") from None
    if len(data) > MAX_TRACE_BYTES:
        raise Complaint(str(path), "is too large", f"at most {MAX_TRACE_BYTES:,} bytes")
    return data.decode("latin-1")


class RecordingWriter:
    """Writes a run to a new file as it happens; `finish` makes it whole and compresses it."""

    def __init__(self, path: Path, header: Header) -> None:
        """Make the file, and its folder if need be; a Complaint says why that cannot be."""
        self.path = path
        self._written = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: BinaryIO = path.open("xb", buffering=0)
        except (OSError, ValueError) as error:
            if isinstance(error, FileExistsError) and path.exists():
                raise Complaint(str(path), "is there already", "a new file's name") from None
            raise _unwritable(path, error) from None
        try:
            self._write(header)
        except Complaint:
            self.close()
            path.unlink(missing_ok=True)
            raise

    def command(self, second: int, command: msgspec.Struct, outcome: Outcome) -> None:
        """Note a command that was given at `second`, and what came of it."""
        self._write(CommandLine(second, msgspec.to_builtins(command), outcome))

    def frame(self, frame: Frame) -> None:
        """Note a frame; the same second may be noted again after a command."""
        self._write(FrameLine(frame))

    def finish(self, result: msgspec.Struct) -> None:
        """Note the result and close; then the file is replaced by its compressed self."""
        self._write(ResultLine(msgspec.to_builtins(result)))
        self.close()
        _compress(self.path)

    def take_place_of(self, path: Path) -> None:
        """Go on under the name of another recording, which is gone at that moment; or OSError."""
        os.replace(self.path, path)
        self.path = path

    def close(self) -> None:
        """Stop writing; what is written stays and can be watched."""
        self._file.close()

    def _write(self, line: Line) -> None:
        """One line in one call, so that a kill can tear only the last."""
        data = msgspec.json.encode(line) + b"\n"
        limit = MAX_HEADER_BYTES if isinstance(line, Header) else MAX_LINE_BYTES
        self._written += len(data)
        if len(data) > limit or self._written > MAX_BYTES:
            raise Complaint(str(self.path), "has grown too large", f"at most {MAX_BYTES:,} bytes")
        try:
            if self._file.write(data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise _unwritable(self.path, error) from None


def _unwritable(path: Path, error: Exception) -> Complaint:
    reason = getattr(error, "strerror", None) or str(error)
    return Complaint(str(path), f"cannot be written ({reason})", "a folder that can be written")


def _compress(path: Path) -> None:
    """Replace a file by its compressed self, in one step; if that fails it stays as it is."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with path.open("rb") as plain, beside.open("wb") as file:
            with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
                while piece := plain.read(1 << 20):
                    packed.write(piece)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError:
        beside.unlink(missing_ok=True)


_HEADER: msgspec.json.Decoder[Header] = msgspec.json.Decoder(Header)
_ANY_LINE: msgspec.json.Decoder[AnyLine] = msgspec.json.Decoder(AnyLine)
_PLAIN = msgspec.json.Decoder()


class _Head(msgspec.Struct):
    """A header's parts, of any version of the format; the large ones are not yet decoded."""

    line: str
    format: int = 0
    scenario: msgspec.Raw = msgspec.Raw()
    text: msgspec.Raw = msgspec.Raw()


def read_header(path: Path) -> Header:
    """The header alone, for lists of runs."""
    for _, line in _lines(path):
        return _decode_header(path, line)
    raise _not_a_recording(path)


def read_recording(path: Path) -> Recording:
    """Read a recording up to where it was cut off, if it was; anything else is a Complaint."""
    lines = _lines(path)
    first = next(lines, None)
    if first is None:
        raise _not_a_recording(path)
    header = _decode_header(path, first[1])
    commands: list[CommandLine] = []
    frames: dict[int, bytes] = {}
    result: dict[str, Any] | None = None
    newest = shown = commands_bytes = 0
    for number, raw in lines:
        line = _decode(path, number, raw)
        where = f"{path}: line {number}"
        if result is not None:
            raise Complaint(where, "comes after the result", "the result last")
        match line:
            case CommandLine():
                newest = _in_order(where, line.second, newest)
                commands_bytes += len(raw)
                commands.append(line)
            case FrameLine():
                newest = _in_order(where, line.frame.second, newest)
                _check_classes(where, line.frame)
                frames[newest] = raw
                shown = len(commands)
            case ResultLine():
                result = line.result
        if commands_bytes > MAX_COMMANDS_BYTES:
            raise Complaint(where, "one command too many for a recording")
    if not frames:
        raise Complaint(str(path), "holds no frame", "a run of at least one second")
    # A kill may fall between a command and the frame that shows it: then it was not given.
    return Recording(header, tuple(commands[:shown]), Frames(list(frames.values())), result)


def is_whole(path: Path) -> bool:
    """Whether the run in this file came to its end: whatever of it was lost later."""
    try:
        with path.open("rb") as file:
            return file.read(2) == PACKED
    except OSError:
        return False


def read_ending(path: Path) -> tuple[Header, Frame, dict[str, Any]] | None:
    """Header, last frame and result of a whole run, without decoding what lies between."""
    lines = _lines(path)
    first = next(lines, None)
    if first is None:
        raise _not_a_recording(path)
    header = _decode_header(path, first[1])
    last = [_decode(path, number, raw) for number, raw in deque(lines, maxlen=2)]
    match last:
        case [FrameLine(frame=frame), ResultLine(result=result)]:
            return header, frame, result
    return None


def read_newest(path: Path) -> Frame | None:
    """The newest frame of a run that was left before its end, from the end of its file alone."""
    if is_whole(path):
        lines = [line for _, line in deque(_lines(path), maxlen=NEWEST_LINES)]
    else:
        lines = _last_lines(path)
    for line in reversed(lines):
        try:
            found = _decode(path, 0, line)
        except Complaint:
            continue  # whoever watches the run is told
        if isinstance(found, FrameLine):
            return found.frame
    return None


def _last_lines(path: Path) -> list[bytes]:
    """Whole lines at the end of a plain file, without the first piece of one."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - MAX_LINE_BYTES))
            lines = file.read().splitlines(keepends=True)
    except OSError as error:
        raise _unreadable(path, error) from None
    return [line for line in lines if line.endswith(b"\n")][-NEWEST_LINES:]


def _check_classes(where: str, frame: Frame) -> None:
    """Without a bound a few bytes of file would take hundreds of memory."""
    parts: tuple[Sized, ...] = (frame.counts, frame.totals, frame.latency, frame.samples)
    if any(len(part) > MAX_CLASSES for part in parts):
        raise Complaint(where, "too many request classes", f"at most {MAX_CLASSES}")


def _in_order(where: str, second: int, newest: int) -> int:
    if not newest <= second <= 86_400:
        raise Complaint(where, f"second {second} is out of order", f"{newest} to 86400")
    return second


def _not_a_recording(path: Path) -> Complaint:
    return Complaint(str(path), "is not a recording", "a *.headroom file")


def _decode_header(path: Path, line: bytes) -> Header:
    """The first line, checked; its parts are measured before they are decoded."""
    try:
        head = msgspec.json.decode(line, type=_Head)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise _not_a_recording(path) from None
    if head.line != "header":
        raise _not_a_recording(path)
    if head.format != FORMAT:
        raise Complaint(str(path), f"has format {head.format}", f"format {FORMAT}")
    if max(len(head.scenario), len(head.text)) > MAX_PART_BYTES:
        raise Complaint(f"{path}: line 1", "is too large for a recording")
    with _refusing_damage(path, 1):
        header = _HEADER.decode(line)
        # Traces are never shown, and old logs hold any byte.
        shown = msgspec.structs.replace(header, traces=dict.fromkeys(header.traces, ""))
        _check_text(f"{path}: line 1", msgspec.to_builtins(shown))
    return header


def _decode(path: Path, number: int, line: bytes) -> AnyLine:
    """One line, checked; our own are plain ASCII, anything else is looked at closely."""
    with _refusing_damage(path, number):
        if not line.isascii() or b"\\" in line or b"\x7f" in line:
            _check_text(f"{path}: line {number}", _PLAIN.decode(line))
        return _ANY_LINE.decode(line)


@contextmanager
def _refusing_damage(path: Path, number: int) -> Iterator[None]:
    where = f"{path}: line {number}"
    try:
        yield
    except msgspec.ValidationError as error:
        raise Complaint(where, str(error)) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Complaint(where, f"is damaged: {error}", AS_WRITTEN) from None


def _check_text(where: str, value: Any) -> None:
    """Refuse text that could move a cursor."""
    if isinstance(value, str) and not value.replace("\n", "").isprintable():
        raise Complaint(where, "text with control characters", "printable text")
    if isinstance(value, dict):
        for key, item in value.items():
            _check_text(where, key)
            _check_text(where, item)
    elif isinstance(value, list):
        for item in value:
            _check_text(where, item)


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Whole lines with their numbers, bounded in length and in sum; up to a cut, if there is one.

    A compressed file that lost its end is read as far as it goes, as a plain one is.
    """
    number = total = 0
    try:
        with _open(path) as file:
            limit = MAX_HEADER_BYTES
            while line := file.readline(limit + 1):
                number += 1
                total += len(line)
                if len(line) > limit or total > MAX_BYTES:
                    raise Complaint(f"{path}: line {number}", "is too large for a recording")
                if line.endswith(b"\n"):
                    yield number, line
                limit = MAX_LINE_BYTES
    except EOFError:
        if number == 0:
            raise Complaint(str(path), "ends before its first line", AS_WRITTEN) from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise Complaint(str(path), f"is damaged: {error}", AS_WRITTEN) from None
    except FileNotFoundError:
        raise Complaint(str(path), "there is no such file", "a *.headroom file") from None
    except IsADirectoryError:
        raise Complaint(str(path), "is a folder", "a *.headroom file") from None
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> Complaint:
    reason = getattr(error, "strerror", None) or str(error)
    return Complaint(str(path), f"cannot be read ({reason})", "a *.headroom file")


def _open(path: Path) -> BinaryIO | gzip.GzipFile:
    """The file, unpacked on the way if it is compressed."""
    with path.open("rb") as file:
        packed = file.read(2) == PACKED
    return gzip.open(path, "rb") if packed else path.open("rb")
