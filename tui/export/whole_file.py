"""A file that appears whole at its end, or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from engine.complaint import Complaint


@contextmanager
def whole_file(path: Path, *, replace: bool = True) -> Iterator[TextIO]:
    """A file to write text to; a Complaint says why there can be none.

    Unless it may `replace` it, a file that is there stays as it is.
    """
    draft = path.parent / f".{path.name}.{os.getpid()}"
    if not replace:
        _refuse_taken(path)
    try:
        with draft.open("w", encoding="utf-8", newline="") as file:
            yield file
        if not replace:
            _refuse_taken(path)
        draft.replace(path)
    except OSError as error:
        raise Complaint(str(path), f"cannot be written ({error.strerror})", "a file") from None
    finally:
        if draft.parent.is_dir():
            draft.unlink(missing_ok=True)


def _refuse_taken(path: Path) -> None:
    if os.path.lexists(path):
        raise Complaint(str(path), "is there already", "a new file's name, or --force")
