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
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from engine.complaint import Complaint
from engine.frame import Frame
from engine.outcomes import Outcome
from engine.scenario import Scenario, Trace

FORMAT = 1
"""Number of this file format; a reader refuses any other."""

MAX_LINE_BYTES = 32_000_000
"""A header with a traffic trace in it is the longest line."""

MAX_BYTES = 256_000_000
"""All lines together, unpacked; a day of frames of a large board stays below."""

MAX_TRACE_BYTES = 8_000_000
"""A traffic file is kept in the header, so that the run can be simulated again anywhere."""


class LevelText(msgspec.Struct, frozen=True):
    """A level's words in one language; all but title and summary are Markdown paragraphs."""

    title: str
    summary: str
    briefing: str
    hints: tuple[str, ...]
    lesson: str
    won: str
    lost: str


class _Line(msgspec.Struct, frozen=True, tag_field="line"):
    """One line of the file."""


class Header(_Line, frozen=True, tag="header"):
    """What was played, and with what: enough to watch the run and to simulate it again.

    `scenario` is the whole scenario as plain values, `traces` the text of the
    traffic files it names. `started_at` is the player's clock, for lists.
    """

    format: int
    engine: str
    python: str
    numpy: str
    slug: str
    scenario: dict[str, Any]
    seed: int
    started_at: str
    text: dict[str, LevelText] = {}
    traces: dict[str, str] = {}


class CommandLine(_Line, frozen=True, tag="command"):
    """A command given while the run rested at `second`, accepted or refused."""

    second: int
    command: dict[str, Any]
    outcome: Outcome


class FrameLine(_Line, frozen=True, tag="frame"):
    """One frame; of several with the same second the last counts."""

    frame: Frame


class ResultLine(_Line, frozen=True, tag="result"):
    """How the run ended, as `run --json` prints it. Its presence says that the run is whole."""

    result: dict[str, Any]


class Recording(msgspec.Struct, frozen=True):
    """A run as read from its file: one frame for each second, in order."""

    header: Header
    commands: tuple[CommandLine, ...]
    frames: tuple[Frame, ...]
    result: dict[str, Any] | None


def new_header(
    scenario: Scenario,
    seed: int,
    engine: str,
    started_at: str,
    text: dict[str, LevelText],
    folder: Path | None = None,
) -> Header:
    """The header of a run that begins now; `folder` is where the scenario's traces lie."""
    names = sorted({part.file for part in scenario.traffic if isinstance(part, Trace)})
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
        traces={name: _trace_text(beside / name) for name in names},
    )


def _trace_text(path: Path) -> str:
    """The bytes of a traffic file, one character for each: old logs keep no encoding."""
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
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: BinaryIO = path.open("xb", buffering=0)
        except (OSError, ValueError) as error:
            if isinstance(error, FileExistsError) and path.exists():
                raise Complaint(str(path), "is there already", "a new file's name") from None
            raise _unwritable(path, error) from None
        self._write(header)

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

    def close(self) -> None:
        """Stop writing; what is written stays and can be watched."""
        self._file.close()

    def _write(self, line: _Line) -> None:
        """One line in one call, so that a kill can tear only the last."""
        data = msgspec.json.encode(line) + b"\n"
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


AnyLine = Header | CommandLine | FrameLine | ResultLine

_ANY_LINE: msgspec.json.Decoder[AnyLine] = msgspec.json.Decoder(AnyLine)
_PLAIN = msgspec.json.Decoder()


class _Format(msgspec.Struct):
    """As much of a header as any version of the format has."""

    line: str
    format: int = 0


def read_header(path: Path) -> Header:
    """The header alone, for lists of runs."""
    for number, line in _lines(path):
        _check_format(path, line)
        header = _decode(path, number, line)
        if isinstance(header, Header):
            return header
    raise _not_a_recording(path)


def read_recording(path: Path) -> Recording:
    """Read a whole recording; a torn last line is dropped, anything else wrong is a Complaint."""
    header: Header | None = None
    commands: list[CommandLine] = []
    frames: dict[int, Frame] = {}
    result: dict[str, Any] | None = None
    newest = shown = 0
    for number, raw in _lines(path):
        if number == 1:
            _check_format(path, raw)
        line = _decode(path, number, raw)
        where = f"{path}: line {number}"
        if (number == 1) != isinstance(line, Header):
            raise Complaint(where, "a header at the wrong place", "one header, in line 1")
        if result is not None:
            raise Complaint(where, "comes after the result", "the result last")
        match line:
            case Header():
                header = line
            case CommandLine():
                newest = _in_order(where, line.second, newest)
                commands.append(line)
            case FrameLine():
                newest = _in_order(where, line.frame.second, newest)
                frames[newest] = line.frame
                shown = len(commands)
            case ResultLine():
                result = line.result
    if header is None:
        raise _not_a_recording(path)
    if not frames:
        raise Complaint(str(path), "holds no frame", "a run of at least one second")
    # A kill may fall between a command and the frame that shows it: then it was not given.
    return Recording(header, tuple(commands[:shown]), tuple(frames.values()), result)


def _in_order(where: str, second: int, newest: int) -> int:
    if not newest <= second <= 86_400:
        raise Complaint(where, f"second {second} is out of order", f"{newest} to 86400")
    return second


def _not_a_recording(path: Path) -> Complaint:
    return Complaint(str(path), "is not a recording", "a *.headroom file")


def _check_format(path: Path, line: bytes) -> None:
    try:
        head = msgspec.json.decode(line, type=_Format)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise _not_a_recording(path) from None
    if head.line != "header":
        raise _not_a_recording(path)
    if head.format != FORMAT:
        raise Complaint(str(path), f"has format {head.format}", f"format {FORMAT}")


def _decode(path: Path, number: int, line: bytes) -> AnyLine:
    """One line, checked; our own frames are plain ASCII, anything else is looked at closely."""
    where = f"{path}: line {number}"
    try:
        if not line.isascii() or b"\\" in line or b"\x7f" in line:
            values = _PLAIN.decode(line)
            if isinstance(values, dict):
                values.pop("traces", None)  # never shown, and old logs hold any byte
            _check_text(where, values)
        return _ANY_LINE.decode(line)
    except msgspec.ValidationError as error:
        raise Complaint(where, str(error)) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Complaint(where, f"is damaged: {error}") from None


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
    """Whole lines with their numbers, bounded in length and in sum."""
    total = 0
    try:
        with _open(path) as file:
            number = 0
            while line := file.readline(MAX_LINE_BYTES + 1):
                number += 1
                total += len(line)
                if len(line) > MAX_LINE_BYTES or total > MAX_BYTES:
                    raise Complaint(f"{path}: line {number}", "is too large for a recording")
                if line.endswith(b"\n"):
                    yield number, line
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise Complaint(str(path), f"is damaged: {error}") from None
    except FileNotFoundError:
        raise Complaint(str(path), "there is no such file", "a *.headroom file") from None
    except IsADirectoryError:
        raise Complaint(str(path), "is a folder", "a *.headroom file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Complaint(str(path), f"cannot be read ({reason})", "a *.headroom file") from None


def _open(path: Path) -> BinaryIO | gzip.GzipFile:
    """The file, unpacked on the way if it is compressed."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if packed else path.open("rb")
