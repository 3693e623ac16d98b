"""Where an export goes: a new file, or standard output."""

import sys
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from engine.complaint import Complaint
from tui.export.whole_file import whole_file
from tui.progress import progress


def waiting(
    what: str, total: int, out: Path | None
) -> AbstractContextManager[Callable[[int], None]]:
    """A progress bar, unless the lines themselves come to this terminal."""
    if out is None and sys.stdout.isatty():
        return nullcontext(lambda done: None)
    return progress(what, total)


def deliver(lines: Iterable[str], out: Path | None, recording: Path, *, force: bool) -> None:
    """Write the lines to `out`, whole or not at all; without one, to standard output.

    What it is made from is never written over, nor is anything else without `force`.
    """
    if out is None:
        for line in lines:
            sys.stdout.write(f"{line}\n")
        return
    if out.exists() and out.samefile(recording):
        raise Complaint(str(out), "is the recording itself", "another file")
    with whole_file(out, replace=force) as file:
        for line in lines:
            file.write(f"{line}\n")
