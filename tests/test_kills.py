"""Kill −9 at any moment: the recording reads to its last flushed second and is true.

HEADROOM_KILLS=200 kills so many runs without a screen in place of a few.
"""

import fcntl
import os
import pty
import random
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.recording import Recording, read_recording
from engine.replay import Verified, verify

ROOT = Path(__file__).parent.parent

KILLS = int(os.environ.get("HEADROOM_KILLS", "20"))
SCREEN_KILLS = max(2, KILLS // 10)

PATIENCE_S = 60.0
"""Only so that a broken game does not hang the tests; nothing is judged by it."""

PROGRAM = [sys.executable, "-c", "from tui.cli import main; main()"]

LEVEL = """
slug = "short"
chapter = "test"
duration_s = 300
seed = 3
[budget]
month_usd = 500.0
[[traffic]]
kind = "ramp"
from_rps = 5.0
to_rps = 60.0
[[requests]]
name = "page"
share = 1.0
app_ms = 5.0
deadline_ms = 400
[[board.instances]]
id = "web-1"
type = "t3.small"
[objectives]
error_budget = 0.5
"""

PLAN = "".join(
    f'[[steps]]\nat_s = {second}\ndo = "{do}"\ninstance = "web-1"\n'
    for second in range(10, 290, 40)
    for do in ("stop_instance", "resize_instance", "stop_instance")
).replace('do = "resize_instance"', 'type = "m5.large"\ndo = "resize_instance"')


@pytest.fixture
def level(tmp_path: Path) -> Path:
    """A short level with a player who gives commands all the time, most of them refused."""
    path = tmp_path / "short" / "level.toml"
    path.parent.mkdir()
    path.write_text(LEVEL)
    (path.parent / "plan.toml").write_text(PLAN)
    return path


def size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def is_whole(path: Path) -> bool:
    return path.read_bytes()[:2] == b"\x1f\x8b"


def kill_when(process: "subprocess.Popen[bytes]", moment: Callable[[], bool]) -> None:
    """Kill −9 at a moment of the growing file, or find the run over."""
    until = time.monotonic() + PATIENCE_S
    while process.poll() is None and not moment():
        assert time.monotonic() < until, "the run did not go on"
    process.kill()
    assert process.wait() in (0, 1, -signal.SIGKILL)


def read_after_kill(path: Path) -> Recording:
    """The recording, which must hold every second that was flushed."""
    recording = read_recording(path)
    if not is_whole(path):
        lines = path.read_bytes().split(b"\n")[:-1]
        flushed = [line for line in lines if line.startswith(b'{"line":"frame"')]
        assert recording.frames[-1].second == len(set(map(second_of, flushed))) - 1
    assert [frame.second for frame in recording.frames] == list(range(len(recording.frames)))
    return recording


def second_of(line: bytes) -> bytes:
    return line.partition(b'"second":')[2].partition(b",")[0]


def test_kills_without_a_screen(level: Path, tmp_path: Path) -> None:
    reached = []
    for number in range(KILLS):
        path = tmp_path / f"{number}.headroom"
        size = random.Random(f"kill/{number}").randrange(1, 500_000)
        arguments = ["run", str(level), "--plan", str(level.parent / "plan.toml")]
        process = subprocess.Popen(
            [*PROGRAM, *arguments, "--record", str(path)],
            cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        kill_when(process, lambda path=path, size=size: size_of(path) >= size)  # type: ignore[misc]
        if b'"line":"frame"' not in path.read_bytes() and not is_whole(path):
            continue  # killed before its first second: there is nothing to keep
        recording = read_after_kill(path)
        reached.append(recording.frames[-1].second)
        assert isinstance(verify(recording), Verified)
    assert len(reached) >= KILLS // 2


def test_kills_on_screen(level: Path, tmp_path: Path) -> None:
    for number in range(SCREEN_KILLS):
        home = tmp_path / f"home-{number}"
        seconds = random.Random(f"screen/{number}").randrange(2, 200)
        recording = read_after_kill(play_until(level, home, seconds))
        assert recording.result is None or recording.frames[-1].verdict is not None
        assert isinstance(verify(recording), Verified)


def play_until(level: Path, home: Path, seconds: int) -> Path:
    """Play in a terminal of its own, as fast as possible, and kill it after so many seconds."""
    screen, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    process = subprocess.Popen(
        [*PROGRAM, "play", str(level), "--speed", "60"],
        cwd=ROOT, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True,
        env={**os.environ, "HEADROOM_HOME": str(home), "TERM": "xterm-256color"},
    )  # fmt: skip
    os.close(terminal)
    os.set_blocking(screen, False)

    def far_enough() -> bool:
        show(screen)
        paths = list(home.glob("runs/*.headroom"))
        lines = paths[0].read_bytes().count(b"\n") if paths else 0
        if lines <= 2:
            press(screen, b"\r" if not paths else b" ")
        return lines > seconds

    try:
        kill_when(process, far_enough)
    finally:
        os.close(screen)
    (path,) = home.glob("runs/*.headroom")
    return path


def show(screen: int) -> None:
    """Take what the game draws, so that it can go on drawing."""
    try:
        os.read(screen, 65_536)
    except BlockingIOError:
        time.sleep(0.02)  # a poll, not a gate: whatever comes, the moment is judged by the file


def press(screen: int, key: bytes) -> None:
    """Press a key again until the game has heard it."""
    try:
        os.write(screen, key)
        time.sleep(0.2)  # as above
    except BlockingIOError:
        pass
