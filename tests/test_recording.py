"""A recording keeps what was written, to the last whole line, and refuses what is none."""

import gzip
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import recording
from engine.complaint import Complaint
from engine.frame import Counts, Frame, Goals, Money
from engine.outcomes import Accepted, RefusalReason, Refused
from engine.recording import (
    FORMAT,
    Header,
    LevelText,
    RecordingWriter,
    new_header,
    read_ending,
    read_header,
    read_newest,
    read_recording,
)
from engine.services.ec2 import StopInstance
from tests.boards import steady


class Ending(msgspec.Struct):
    """Stands for a result."""

    digest: str = "d"


def frame(second: int, spent: int = 0) -> Frame:
    return Frame(
        second=second,
        expected_rps=1.5,
        counts={"page": Counts(demanded=second)},
        totals={},
        latency={},
        addresses={"web": None},
        stations=(),
        instances=(),
        volumes=(),
        money=Money(10, 10 - spent, spent, 0, 0, 0),
        goals=Goals(5.0, 1.0, 0.0, 3),
    )


TEXT = {"ko": LevelText("첫 서버", "한 대", "글\n\n둘", ("도움",), "배움", "이김", "짐")}


def header(**changes: Any) -> Header:
    made = new_header(steady(rps=1.0, duration_s=60), 7, "0", "2026-01-01T00:00:00+00:00", TEXT)
    return msgspec.structs.replace(made, **changes)


def written(path: Path, *, finish: bool) -> Path:
    writer = RecordingWriter(path, header())
    writer.frame(frame(0))
    writer.command(0, StopInstance("web-1"), Accepted("web-1"))
    writer.frame(frame(0, spent=3))
    writer.command(0, StopInstance("web-1"), Refused(RefusalReason.WRONG_STATE, {"id": "web-1"}))
    writer.frame(frame(1, spent=4))
    if finish:
        writer.finish(Ending())
    else:
        writer.close()
    return path


@pytest.mark.parametrize("finish", [False, True])
def test_what_was_written_is_read(tmp_path: Path, finish: bool) -> None:
    read = read_recording(written(tmp_path / "a.headroom", finish=finish))
    assert read.header == header()
    assert tuple(read.frames) == (frame(0, spent=3), frame(1, spent=4))
    assert [line.second for line in read.commands] == [0, 0]
    assert read.commands[0].command == {"do": "stop_instance", "instance": "web-1"}
    assert isinstance(read.commands[1].outcome, Refused)
    assert read.result == ({"digest": "d"} if finish else None)


def test_finishing_compresses_in_place_and_leaves_nothing_beside(tmp_path: Path) -> None:
    path = written(tmp_path / "a.headroom", finish=True)
    assert path.read_bytes()[:2] == b"\x1f\x8b"
    assert os.listdir(tmp_path) == ["a.headroom"]


def test_every_cut_of_an_open_recording_reads_to_its_last_whole_line(tmp_path: Path) -> None:
    whole = written(tmp_path / "a.headroom", finish=False).read_bytes()
    first_frame_end = whole.index(b"\n", whole.index(b"\n") + 1) + 1
    cut = tmp_path / "cut.headroom"
    for length in range(first_frame_end, len(whole), 7):
        cut.write_bytes(whole[:length])
        read = read_recording(cut)
        lines = whole[:length].split(b"\n")[:-1]
        whole_frames = sum(line.startswith(b'{"line":"frame"') for line in lines)
        assert len(read.frames) == max(1, whole_frames - 1)
        assert len(read.commands) == whole_frames - 1


def test_every_cut_of_a_finished_recording_reads_as_one_that_was_cut_off(tmp_path: Path) -> None:
    path, cut = tmp_path / "a.headroom", tmp_path / "cut.headroom"
    writer = RecordingWriter(path, header())
    for second in range(300):
        writer.frame(frame(second, spent=second % 7))
    writer.finish(Ending())
    whole = path.read_bytes()
    frames = tuple(read_recording(path).frames)
    read_so_far = 0
    for length in range(len(whole) // 2, len(whole), 5):
        cut.write_bytes(whole[:length])
        read = read_recording(cut)
        assert tuple(read.frames) == frames[: len(read.frames)]
        assert len(read.frames) >= read_so_far
        assert read.result is None or len(read.frames) == len(frames)
        read_so_far = len(read.frames)
        newest = read_newest(cut)
        assert newest == read.frames[-1]
    assert read_so_far == len(frames)
    cut.write_bytes(whole[: len(whole) // 2])
    assert read_ending(cut) is None


def test_a_killed_writer_leaves_every_second(tmp_path: Path) -> None:
    path = tmp_path / "a.headroom"
    program = f"""
        import os, signal
        from pathlib import Path
        from engine.recording import RecordingWriter
        from tests.test_recording import frame, header
        writer = RecordingWriter(Path({str(path)!r}), header())
        for second in range(50):
            writer.frame(frame(second))
        os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert [f.second for f in read_recording(path).frames] == list(range(50))


def test_reading_needs_no_engine(tmp_path: Path) -> None:
    path = written(tmp_path / "a.headroom", finish=True)
    program = f"""
        import sys
        from pathlib import Path
        from engine.recording import read_recording
        read_recording(Path({str(path)!r}))
        heavy = {{"numpy", "simpy", "textual", "engine.simulation"}} & set(sys.modules)
        assert not heavy, heavy
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=True)


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a.headroom"
    path.write_text("mine")
    with pytest.raises(Complaint, match="is there already"):
        RecordingWriter(path, header())
    assert path.read_text() == "mine"


def test_an_unwritable_folder_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Complaint, match="cannot be written"):
        RecordingWriter(tmp_path / "file" / "a.headroom", header())


def test_a_header_that_is_too_large_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "MAX_HEADER_BYTES", 100)
    with pytest.raises(Complaint, match="too large"):
        RecordingWriter(tmp_path / "a.headroom", header())
    assert os.listdir(tmp_path) == []


def test_a_recording_that_could_not_be_read_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.headroom"
    writer = RecordingWriter(path, header())
    limit = path.stat().st_size + 2_000
    monkeypatch.setattr(recording, "MAX_BYTES", limit)
    second = 0
    while path.stat().st_size + len(FRAME_LINE) + 100 < limit:
        writer.frame(frame(second))
        second += 1
    with pytest.raises(Complaint, match="too large"):
        writer.finish(Ending(digest="d" * 2_000))
    writer.close()
    assert len(read_recording(path).frames) == second > 1


def test_a_full_disk_is_said_and_what_is_written_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.headroom"
    program = f"""
        import resource
        from pathlib import Path
        from engine.complaint import Complaint
        from engine.recording import RecordingWriter
        from tests.test_recording import frame, header
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        writer = RecordingWriter(Path({str(path)!r}), header())
        try:
            for second in range(500):
                writer.frame(frame(second))
        except Complaint as complaint:
            print(second, complaint)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    second, _, said = done.stdout.partition(" ")
    assert "cannot be written" in said
    assert len(read_recording(path).frames) == int(second)


def test_two_games_at_once_do_not_touch_each_others_file(tmp_path: Path) -> None:
    path = tmp_path / "a.headroom"
    program = f"""
        import sys
        from pathlib import Path
        from engine.complaint import Complaint
        from engine.recording import RecordingWriter
        from tests.test_recording import Ending, frame, header
        try:
            writer = RecordingWriter(Path({str(path)!r}), header(seed=int(sys.argv[1])))
        except Complaint:
            sys.exit(3)
        for second in range(200):
            writer.frame(frame(second))
        writer.finish(Ending())
    """
    games = [
        subprocess.Popen([sys.executable, "-c", textwrap.dedent(program), str(seed)])
        for seed in range(4)
    ]
    statuses = [game.wait() for game in games]
    assert sorted(statuses) == [0, 3, 3, 3]
    assert read_recording(path).header.seed == statuses.index(0)
    assert len(read_recording(path).frames) == 200
    assert os.listdir(tmp_path) == ["a.headroom"]


HEADER_LINE = msgspec.json.encode(header())
FRAME_LINE = msgspec.json.encode(recording.FrameLine(frame(3)))


def _changed(**changes: Any) -> bytes:
    return json.dumps({**json.loads(HEADER_LINE), **changes}).encode()


def _titled(title: str) -> bytes:
    text = {"en": {**json.loads(HEADER_LINE)["text"]["ko"], "title": title}}
    return _changed(text=text)


BAD_FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "not a recording"),
    "text": (b"hello\nworld\n", "not a recording"),
    "binary": (bytes(range(256)) + b"\n", "not a recording"),
    "other json": (b'{"a": 1}\n', "not a recording"),
    "array": (b"[1, 2]\n", "not a recording"),
    "frames only": (FRAME_LINE + b"\n", "not a recording"),
    "other format": (_changed(format=FORMAT + 1) + b"\n", "has format"),
    "no frame": (HEADER_LINE + b"\n", "holds no frame"),
    "nested": (b"[" * 100_000 + b"\n", "not a recording"),
    "nested inside": (
        HEADER_LINE[:-1] + b',"x":' + b"[" * 99_999 + b"]" * 99_999 + b"}\n",
        "line 1|not a recording",
    ),
    "garbage": (HEADER_LINE + b"\n" + FRAME_LINE + b"\n}{\n", "line 3: is damaged"),
    "two headers": (HEADER_LINE + b"\n" + HEADER_LINE + b"\n", "line 2"),
    "backwards": (
        HEADER_LINE + b"\n" + FRAME_LINE + b"\n" + FRAME_LINE.replace(b":3", b":2") + b"\n",
        "out of order",
    ),
    "far": (HEADER_LINE + b"\n" + FRAME_LINE.replace(b'd":3', b'd":99999999') + b"\n", "order"),
    "wrong type": (HEADER_LINE + b"\n" + FRAME_LINE.replace(b"1.5", b'"x"') + b"\n", "line 2"),
    "not finite": (HEADER_LINE + b"\n" + FRAME_LINE.replace(b"1.5", b"NaN") + b"\n", "line 2"),
    "huge": (HEADER_LINE + b"\n" + FRAME_LINE.replace(b"1.5", b"1e999") + b"\n", "line 2"),
    "escape": (_titled("\x1b[2J") + b"\n" + FRAME_LINE + b"\n", "control characters"),
    "c1": (_titled("\x9b2J") + b"\n" + FRAME_LINE + b"\n", "control characters"),
    "bidi": (_titled("a\u202eb") + b"\n" + FRAME_LINE + b"\n", "control characters"),
    "not utf-8": (HEADER_LINE.replace("첫".encode(), b"\xff\xfe") + b"\n", "damaged|not a rec"),
    "cut gzip": (gzip.compress(HEADER_LINE + b"\n")[:20], "ends before its first line; expected"),
    "broken gzip": (b"\x1f\x8b" + b"x" * 50, "damaged: .*; expected a recording as it was written"),
    "other sum": (
        gzip.compress(HEADER_LINE + b"\n" + FRAME_LINE + b"\n")[:-8] + bytes(8),
        "damaged: .*; expected a recording as it was written",
    ),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_files_are_refused_in_one_line(tmp_path: Path, name: str) -> None:
    data, said = BAD_FILES[name]
    path = tmp_path / "a.headroom"
    path.write_bytes(data)
    with pytest.raises(Complaint, match=said) as complaint:
        read_recording(path)
    assert str(complaint.value).isprintable()
    assert len(str(complaint.value)) <= 400


def test_missing_and_folder(tmp_path: Path) -> None:
    with pytest.raises(Complaint, match="no such file"):
        read_recording(tmp_path / "none.headroom")
    with pytest.raises(Complaint, match="is a folder"):
        read_header(tmp_path)


@pytest.mark.parametrize(("line_limit", "limit"), [(5_000, 10**9), (10**9, 5_000)])
def test_a_bomb_stops_at_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line_limit: int, limit: int
) -> None:
    monkeypatch.setattr(recording, "MAX_LINE_BYTES", line_limit)
    monkeypatch.setattr(recording, "MAX_BYTES", limit)
    path = tmp_path / "a.headroom"
    bomb = b"\n".join([HEADER_LINE, FRAME_LINE, b" " * 10**7])
    path.write_bytes(gzip.compress(bomb))
    with pytest.raises(Complaint, match="too large"):
        read_recording(path)


WHOLE = b"\n".join([HEADER_LINE, FRAME_LINE, FRAME_LINE, b""])


@settings(
    max_examples=150, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(
    at=st.integers(0, len(WHOLE) - 1),
    new=st.binary(max_size=6),
    cut=st.integers(0, 40),
    packed=st.booleans(),
)
def test_mutated_recordings_load_or_are_refused(
    tmp_path: Path, at: int, new: bytes, cut: int, packed: bool
) -> None:
    data = gzip.compress(WHOLE, mtime=0) if packed else WHOLE
    at = at % len(data)
    path = tmp_path / "a.headroom"
    path.write_bytes(data[:at] + new + data[at + cut :])
    said = complaint_of(path)
    assert said is None or (said.isprintable() and len(said) <= 400)


def complaint_of(path: Path) -> str | None:
    try:
        read_recording(path)
    except Complaint as complaint:
        return str(complaint)
    return None
