"""Files that mean harm: mutated, huge, nested, with escapes, bombs; and what must come of them.

Run as a program it feeds a stretch of named cases to the game's own readers and
prints what was found. Each case is loaded, or refused in one clear line, within
`MOST_S` of processor time; the process as a whole stays below `MOST_MB`.
"""

import copy
import gzip
import json
import random
import resource
import shutil
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from engine.complaint import Complaint
from engine.explain import explain
from engine.recording import Recording, RecordingWriter, new_header, read_header, read_recording
from engine.recording_lines import MAX_HEADER_BYTES
from engine.replay import verify
from engine.services.move import MoveFiles
from engine.services.rds import FailOver
from engine.simulation import VERSION, Simulation
from levels.campaign import find_level
from levels.check import check_level
from levels.level import read_level
from levels.plan import Plan, Step, read_plan
from levels.proof import read_proof_plan
from levels.sandbox import board_path, sandbox
from levels.standing import board_text
from levels.trace import broken_lines, with_traffic
from tests.boards import steady
from tui.explanations import explanation_lines
from tui.export.kinds import KINDS, Wish
from tui.headless import play_out
from tui.report import ending_line
from tui.words import Words

MOST_S = 2.0
MOST_MB = 300.0

ESCAPES = ("\x1b[2J", "\x1b]0;x\x07", "\x9b1m", "\u202e", "\x00", "\r", "\x7f", "﻿", "\ud7ff")

TOML_VALUES = (
    '""', "-1", "0", "1", "0.5", "1e308", "-1e308", "1e-300", "nan", "inf", "86400", "100000",
    "9007199254740993", "99999999999999999999", "[]", "{}", "[[]]", "true", "1979-05-27",
    '"../../../etc/passwd"', '"/dev/zero"', '"web-1"', '"vol-1"', '"late"', '"m5.24xlarge"',
    '"\\u001b[2J"', '"\\u001b[2J\\n"', '"""\na\n"""', '"\\u202e"', '"' + "x" * 5_000 + '"',
    "[" * 40 + "]" * 40, "[0, 1]", '[[0, 1.0], [60, 2.0]]', '{ a = { b = { c = 1 } } }',
    '"trace"', '"host_failure"',
)  # fmt: skip

MANAGED = """
[[board.databases]]
id = "rds-1"
type = "db.t3.small"
engine = "postgres"
gb = 40
zone = "b"
multi_az = true
backup_days = 3
credits = 5.0

[[board.databases]]
id = "rds-2"
type = "db.m5.large"

[[board.buckets]]
id = "bucket-1"

[board.addresses]
web = "web-1"
db = "rds-1"
files = "bucket-1"

[[incidents]]
kind = "master_failure"
at_s = 60
target = "rds-1"
"""
"""What a level has more when it has databases and buckets."""

JSON_VALUES: tuple[Any, ...] = (
    None, "", -1, 0, 1, 0.5, 1e308, 2**53 + 1, 2**63, 2**64, -(2**63), [], {}, True, "x" * 10_000,
    "\x1b[2J", "\u202e", "../../x", [[[[[[]]]]]], {"a": {"b": {}}}, "vol-1", "late", "win", [0, 0],
)  # fmt: skip


def mutated_bytes(rng: random.Random, data: bytes) -> bytes:
    """A few bytes changed, cut out, doubled or put in, or the end torn off."""
    for _ in range(rng.choice((1, 1, 2, 8))):
        at, length = rng.randrange(len(data) + 1), rng.choice((0, 1, 1, 4, 60))
        new = (
            b"", rng.randbytes(3), data[at : at + length] * rng.choice((2, 50)),
            rng.choice(ESCAPES).encode(), b"[" * rng.choice((5, 3_000)), b'"', b"\n", b"\xff\xfe",
            b"{" * 200, b"." * 200, b"a." * 300, b"9" * 500,
        )  # fmt: skip
        data = data[:at] + rng.choice(new) + data[at + length :]
    return data[: rng.randrange(len(data) + 1)] if rng.random() < 0.1 else data


def mutated_toml(rng: random.Random, data: bytes) -> bytes:
    """A value, a key or a line of a TOML file changed."""
    lines = data.decode().splitlines()
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        at = rng.randrange(len(lines))
        key, equals, _ = lines[at].partition(" = ")
        match rng.randrange(6):
            case 0 | 1 | 2 if equals:
                lines[at] = f"{key} = {rng.choice(TOML_VALUES)}"
            case 3:
                lines[at : at + 1] = [lines[at]] * rng.choice((0, 2, 40))
            case 4:
                lines.insert(at, lines[rng.randrange(len(lines))])
            case _:
                lines[at] = lines[at].replace(rng.choice("aeirst_-="), rng.choice("xyz=. []"), 1)
        lines = lines or [""]
    return "\n".join(lines).encode()


def recoded(rng: random.Random, data: bytes) -> bytes:
    """The same text in another encoding, or with a mark in front."""
    text = data.decode(errors="replace")
    coding = rng.choice(("utf-16", "utf-32", "utf-8-sig", "latin-1", "cp949", "utf-7"))
    return text.encode(coding, errors="replace")


def mutated_json_lines(rng: random.Random, data: bytes) -> bytes:
    """One value somewhere in a recording changed, lines swapped, doubled or left out."""
    lines = data.splitlines()
    at = rng.randrange(len(lines))
    match rng.randrange(6):
        case 0:
            lines[at : at + 1] = [lines[at]] * rng.choice((0, 2, 30))
        case 1:
            other = rng.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        case _:
            value = json.loads(lines[at])
            for _ in range(rng.choice((1, 1, 3))):
                _change_somewhere(rng, value)
            lines[at] = json.dumps(value, ensure_ascii=rng.random() < 0.5).encode(
                errors="surrogatepass"
            )
    return b"\n".join([*lines, b""])


def _change_somewhere(rng: random.Random, value: Any) -> None:
    """Walk down to some place in a JSON value and change it."""
    while True:
        keys: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = rng.choice(keys)
        if isinstance(value[key], dict | list) and value[key] and rng.random() < 0.8:
            value = value[key]
            continue
        match rng.randrange(4):
            case 0 if isinstance(value, dict):
                value[rng.choice(("", "x" * 300, "\x1b[2J", "late"))] = value.pop(key)
            case 1:
                value.pop(key)
            case _:
                value[key] = copy.deepcopy(rng.choice(JSON_VALUES))
        return


@dataclass
class Found:
    """What came of the cases so far; `problems` is what must not be."""

    loaded: int = 0
    refused: int = 0
    slowest: tuple[float, str] = (0.0, "")
    problems: list[str] = field(default_factory=list)

    def try_case(self, name: str, load: Callable[[], list[str]]) -> None:
        """Load one file; whatever happens but loading or a Complaint is a problem."""
        started = time.process_time()
        try:
            said = load()
            self.loaded += 1
        except Complaint as complaint:
            said = [str(complaint)]
            self.refused += 1
            if len(said[0]) > 400:
                self.problems.append(f"{name}: too long a line: {said[0]}")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what we look for
            self.problems.append(f"{name}: {type(error).__name__}: {error}"[:400])
            said = []
        took = time.process_time() - started
        self.slowest = max(self.slowest, (round(took, 3), name))
        if took > MOST_S:
            self.problems.append(f"{name}: took {took:.1f} s")
        self.problems += [f"{name}: says {line!r}"[:400] for line in said if not line.isprintable()]


class Victims:
    """Good files of every kind in a folder, and what the game does with each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.level = folder / "level"
        shutil.copytree(find_level("keep-the-data").folder, self.level)
        with (self.level / "level.toml").open("a", encoding="utf-8") as file:
            file.write(MANAGED)
        (self.level / "plans" / "more.toml").write_bytes(
            find_level("scale-up").plan_path("watchful").read_bytes()
        )
        self.csv, self.log = folder / "day.csv", folder / "access.log"
        self.csv.write_text("second,rps\n" + "".join(f"{i},{i % 7}\n" for i in range(0, 300, 10)))
        self.log.write_text("".join(log_line(i) for i in range(60)))
        self.board = folder / "mine.toml"
        self.board.write_bytes(board_path("sharded").read_bytes())
        self.recording = folder / "run.headroom"
        write_recording(self.recording)

    def files(self) -> dict[str, tuple[Path, Callable[[], list[str]]]]:
        """Every kind of file with what reads it; what is read comes back as lines said."""
        in_level = ("level.toml", "text.en.md", "text.ko.md", "plans/reference.toml")
        found = {name: (self.level / name, self.load_level) for name in in_level}
        plan = self.level / "plans" / "more.toml"
        found["plan"] = (plan, lambda: [str(len(read_plan(plan).steps))])
        found["board"] = (self.board, self.load_board)
        found["csv"] = (self.csv, lambda: self.load_traffic(self.csv))
        found["log"] = (self.log, lambda: self.load_traffic(self.log))
        found["recording"] = (self.recording, self.load_recording)
        found["packed"] = (self.recording, self.load_recording)
        return found

    def load_level(self) -> list[str]:
        """A level with its words and plans, and its first second where that is not heavy."""
        complaints = check_level(self.level)[1]
        level = read_level(self.level)
        for proof in level.proofs:
            read_proof_plan(level, proof)
        simulation = Simulation(level.scenario, folder=level.folder)
        if simulation.frame().expected_rps < 5_000:
            simulation.advance(1)
        text = [words for text in level.text.values() for words in (text.title, text.summary)]
        return [level.slug, level.chapter, *level.teaches, *text, *map(str, complaints)]

    def load_board(self) -> list[str]:
        """A board of the sandbox, and its first second where that is not heavy."""
        level = sandbox(str(self.board), duration_s=60)
        simulation = Simulation(level.scenario, folder=level.folder)
        if simulation.frame().expected_rps < 5_000:
            simulation.advance(1)
        text, left_out = board_text(simulation.frame(), level.scenario)
        self.board.write_text(text, encoding="utf-8")
        sandbox(str(self.board), duration_s=60)
        return [level.slug, *left_out]

    def load_traffic(self, path: Path) -> list[str]:
        """A file of traffic on a level's board."""
        level = with_traffic(find_level("scale-up"), path, 1.0, 0, 1.0)
        Simulation(level.scenario, folder=level.folder)
        return [str(broken) for _, broken, _ in broken_lines(level)]

    def load_recording(self) -> list[str]:
        """A recording: listed, read, explained, simulated again."""
        header = read_header(self.recording)
        read = read_recording(self.recording)
        verify(read)
        said = explanation_lines(explain(tuple(read.frames)), Words("en"))
        said += exported(read)
        return [header.slug, header.started_at, ending_line(read, Words("ko")), *said]


def exported(recording: Recording) -> list[str]:
    """The lines of every kind of export; one that cannot be is refused in one line."""
    lines: list[str] = []
    for make in KINDS.values():
        try:
            lines += make(recording, Wish(Words("ko"), size=(80, 24)), lambda second: None)
        except Complaint as complaint:
            lines.append(str(complaint))
    return lines


def log_line(second: int) -> str:
    """A line of an access log."""
    stamp = f"17/May/2015:10:{second // 60 % 60:02d}:{second % 60:02d} +0000"
    return f'83.149.9.216 - - [{stamp}] "GET /a{second}.html HTTP/1.1" 200 203023 "-" "Mozilla"\n'


def write_recording(path: Path) -> None:
    """A run of a dozen seconds with commands, refused ones too."""
    level = find_level("scale-up")
    board = {
        "instances": [{"id": "web-1", "type": "t3.small"}],
        "databases": [{"id": "rds-1", "type": "db.t3.small", "multi_az": True}],
        "buckets": [{"id": "bucket-1"}],
        "addresses": {"files": "web-1"},
    }
    scenario = steady(rps=20.0, duration_s=60, app_ms=5.0, board=board, files={"gb": 3})
    simulation = Simulation(scenario)
    plan = read_plan(level.plan_path("reference"))
    moves = [Step(MoveFiles("bucket-1"), at_s=1), Step(FailOver("rds-1"), at_s=2)]
    early = [Step(s.command, at_s=3 + 2 * i) for i, s in enumerate(plan.steps)]
    header = new_header(scenario, simulation.seed, VERSION, "2026-01-01", level.text)
    writer = RecordingWriter(path, header)
    play_out(simulation, Plan((*moves, *early)), [], writer)
    writer.finish(simulation.result())
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:16]))


def run_mutated(first: int, count: int) -> Found:
    """So many named cases, each a good file with something done to it."""
    found = Found()
    with TemporaryDirectory() as folder:
        victims = Victims(Path(folder))
        files = victims.files()
        for index in range(first, first + count):
            rng = random.Random(f"hostile/{index}")
            kind = rng.choice(list(files))
            path, load = files[kind]
            good = path.read_bytes()
            path.write_bytes(_mutated(rng, kind, good))
            found.try_case(f"hostile/{index} {kind}", load)
            path.write_bytes(good)
    return found


def _mutated(rng: random.Random, kind: str, good: bytes) -> bytes:
    makers = [mutated_bytes, mutated_bytes, recoded]
    if kind.endswith(".toml") or kind in ("plan", "board"):
        makers += [mutated_toml] * 6
    if kind in ("recording", "packed"):
        makers += [mutated_json_lines] * 9
    bad = rng.choice(makers)(rng, good)
    if kind == "packed":
        bad = gzip.compress(bad, 1)
        return mutated_bytes(rng, bad) if rng.random() < 0.3 else bad
    return bad


def run_bombs() -> Found:
    """Files made to be slow or large."""
    found = Found()
    with TemporaryDirectory() as folder:
        victims = Victims(Path(folder))
        files = victims.files()
        for kind, name, pieces in bombs(victims.recording.read_bytes()):
            path, load = files[kind]
            good = path.read_bytes()
            with path.open("wb") as file:
                for piece in pieces:
                    file.write(piece)
            found.try_case(f"{kind}: {name}", load)
            path.write_bytes(good)
    return found


Pieces = Iterator[bytes]


def bombs(recording: bytes) -> Iterator[tuple[str, str, Pieces]]:
    """Kind, name and pieces of every bomb; written piece by piece, for we must stay small too."""
    toml = {
        "dots": b".".join([b"a"] * 60_000) + b" = 1",
        "dots and spaces": b" . ".join([b"a"] * 40_000) + b" = 1",
        "some dots": b"\n".join(b".".join([b"a%d" % i] * 60) + b" = 1" for i in range(1_000)),
        "header of dots": b"[" + b".".join([b"a"] * 60_000) + b"]",
        "arrays": b"a = " + b"[" * 100_000,
        "tables": b"a = " + b"{a=" * 50_000,
        "empty arrays": b"a = [" + b"[]," * 80_000 + b"]",
        "array of tables": b"[[traffic]]\n" * 20_000,
        "long text": b'slug = "' + b"x" * 200_000 + b'"',
        "digits": b"seed = " + b"9" * 200_000,
        "large": b"#" * 50_000_000,
        "nul": bytes(100_000),
    }
    for name, data in toml.items():
        yield "level.toml", name, iter([data])
        yield "plan", name, iter([data])
    yield "text.en.md", "sections", iter([b"## Hint\nx\n" * 5_000])
    yield "text.en.md", "large", iter([b"x" * 1_000_000])
    yield "csv", "rows", (b"".join(b"%d,1\n" % i for i in range(k, k + 10_000)) if k else
                          b"second,rps\n" for k in range(0, 1_500_000, 10_000))  # fmt: skip
    yield "csv", "one field", iter([b"second,rps\n0,", b"1" * 15_000_000])
    yield "csv", "large", (b"0" * 1_000_000 for _ in range(70))
    yield "log", "backwards", (log_line(3_600 - i // 40).encode() for i in range(140_000))
    yield "log", "one line", (b"x " * 1_000_000 for _ in range(7))
    yield "log", "quotes", (b'- - [[["[" "' * 1_000 + b"\n" for _ in range(1_000))
    yield "log", "broken", (b"\n".join([b"x"] * 100_000) for _ in range(70))
    yield from _recording_bombs(recording)


def _recording_bombs(recording: bytes) -> Iterator[tuple[str, str, Pieces]]:
    header, frame = recording.splitlines(keepends=True)[:2]
    command = b'{"line":"command","second":0,"command":{},"outcome":{"type":"accepted"}}\n'
    wide = b",".join(b'"%x":{}' % i for i in range(150_000))
    names = b"".join(b'"%x":"",' % i for i in range(1_000_000, 1_100_000))
    repeated: dict[str, tuple[bytes, bytes, int]] = {
        "blanks": (header, b" " * 1_000_000, 400),
        "lines": (header, b"\n" * 1_000_000, 400),
        "frames": (header, frame * 300, 400),
        "commands": (header, command * 10_000, 400),
        "wide frames": (header, frame.replace(b'"counts":{', b'"counts":{' + wide + b","), 40),
        "long header": (header[:-2] + b',"x":"', b"x" * 1_000_000, 400),
        "many traces": (header[:-2] + b',"traces":{', names, 10),
        "nested scenario": (header[:-2] + b',"scenario":{"a":[', b"[]," * 300_000, 3),
        "deep": (header[:-2] + b',"scenario":', b"[" * 1_000_000, 5),
    }  # fmt: skip
    ends = {"many traces": b'"z":""}}\n' + frame, "nested scenario": b"[]]}}\n" + frame}
    for name, (start, middle, times) in repeated.items():
        packed = _packed(start, middle, times, ends.get(name, b"\n"))
        yield "recording", name, iter([packed])
    yield "recording", "bomb in a bomb", iter([gzip.compress(gzip.compress(bytes(10**7)))])
    yield "recording", "bytes", iter([random.Random(1).randbytes(10**6)])
    limit = MAX_HEADER_BYTES
    yield "recording", "no end", (header[:-2] if i == 0 else b" " * limit for i in range(3))


def _packed(start: bytes, middle: bytes, times: int, end: bytes) -> bytes:
    packer = zlib.compressobj(1, wbits=31)
    pieces = [packer.compress(start)]
    pieces += [packer.compress(middle) for _ in range(times)]
    return b"".join([*pieces, packer.compress(end), packer.flush()])


def peak_mb() -> float:
    """The most memory that this process had, in megabytes."""
    status = Path("/proc/self/status")
    if status.exists():
        peak = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return int(peak.split()[1]) / 1_000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000


def main(arguments: list[str]) -> None:
    """``bombs``, or the number of the first case and how many; prints what was found as JSON."""
    if arguments == ["bombs"]:
        found = run_bombs()
    else:
        found = run_mutated(int(arguments[0]), int(arguments[1]))
    peak = peak_mb()
    if peak > MOST_MB:
        found.problems.append(f"took {peak:.0f} MB")
    print(json.dumps(vars(found) | {"peak_mb": peak}, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
