"""A bar on standard error for long work."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

BETWEEN_LOOKS_S = 0.1
"""It is drawn anew at most this often."""


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar, where standard error is a terminal; hands out its setter."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    drawn_at = 0.0

    def show(done: int) -> None:
        nonlocal drawn_at
        if time.monotonic() - drawn_at >= BETWEEN_LOOKS_S:
            drawn_at = time.monotonic()
            filled = 30 * done // max(total, 1)
            bar = "▰" * filled + "▱" * (30 - filled)
            print(f"\r{what} {bar} {done}/{total}", end="", file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
