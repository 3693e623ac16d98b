"""The installed game in a pseudo-terminal, as a player at a keyboard has it."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import pyte

ROOT = Path(__file__).parent.parent

PATIENCE_S = 90.0
"""Only so that a broken game does not hang the tests; nothing is judged by it."""

COLOUR = re.compile(rb"[34]8;2;(\d+);(\d+);(\d+)[;m]")

KEYS = {"enter": "\r", "space": " ", "esc": "\x1b", "tab": "\t", "down": "\x1b[B", "up": "\x1b[A",
        "right": "\x1b[C", "left": "\x1b[D", "end": "\x1b[F", "home": "\x1b[H"}  # fmt: skip


class Terminal:
    """A terminal of so many columns and rows, with the game in it; `hues` are colours but greys."""

    def __init__(self, size: tuple[int, int], arguments: list[str], **environment: str) -> None:
        columns, rows = size
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.hues: set[tuple[bytes, ...]] = set()
        self._end, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        plain = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS", "LINES")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from tui.cli import main; main()", *arguments],
            cwd=ROOT, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True,
            env=plain | {"TERM": "xterm-256color", "COLORTERM": "truecolor"} | environment,
        )  # fmt: skip
        os.close(terminal)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._end)

    @property
    def text(self) -> str:
        """All that is on the screen now; the second cell of a wide character holds nothing."""
        rows = (self._screen.buffer[y] for y in range(self._screen.lines))
        columns = range(self._screen.columns)
        return "\n".join("".join(row[x].data for x in columns) for row in rows)

    def press(self, *keys: str) -> None:
        """Keys by name, or characters."""
        for key in keys:
            os.write(self._end, KEYS.get(key, key).encode())

    def wait_for(self, *wanted: str) -> None:
        """Until all of these are on the screen."""
        self.wait_until(lambda: all(text in self.text for text in wanted), " and ".join(wanted))

    def wait_until(self, there: Callable[[], bool], what: str) -> None:
        """Until something is so; each new thing the game draws is looked at."""
        until = time.monotonic() + PATIENCE_S
        while not there():
            left_s = until - time.monotonic()
            assert left_s > 0, f"never came: {what}\n{self.text}"
            if select.select([self._end], [], [], min(left_s, 1.0))[0] and not self._take():
                assert there(), f"the game has ended before: {what}\n{self.text}"
                return

    def _take(self) -> bool:
        """What the game has drawn; False once it has ended."""
        try:
            drawn = os.read(self._end, 65_536)
        except OSError:  # how Linux says that the other side is closed
            return False
        self.hues |= {c for c in COLOUR.findall(drawn) if len(set(c)) > 1}
        self._stream.feed(drawn)
        return bool(drawn)

    def wait_for_end(self) -> int:
        """Until the game has ended; its exit status."""
        while select.select([self._end], [], [], PATIENCE_S)[0] and self._take():
            pass
        return self.process.wait(PATIENCE_S)
