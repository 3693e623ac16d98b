"""What lies in a folder, for choosing a file: folders, files of the kind wanted, then all else."""

import os
from itertools import islice
from pathlib import Path
from typing import Literal, NamedTuple

from engine.complaint import Complaint

MOST = 5_000
"""Entries of a folder that are listed; nobody scrolls further."""

Kind = Literal["folder", "wanted", "other"]

ORDER: tuple[Kind, ...] = ("folder", "wanted", "other")


class Entry(NamedTuple):
    """One thing in a folder."""

    path: Path
    kind: Kind


def first_folder() -> Path:
    """The folder the game was started in, or the player's own where that is gone."""
    try:
        return Path.cwd()
    except OSError:
        return Path.home()


def entries(folder: Path, ends: tuple[str, ...] = (".headroom",)) -> list[Entry]:
    """What can be chosen in a folder, without what is hidden; a Complaint if it cannot be read.

    Wanted are files whose names end like one of `ends`.
    """
    try:
        with os.scandir(folder) as found:
            seen = [Entry(Path(one.path), _kind(one, ends)) for one in islice(found, MOST)]
    except OSError as error:
        reason = error.strerror or str(error)
        raise Complaint(str(folder), f"cannot be read ({reason})", "a folder") from None
    seen = [entry for entry in seen if not entry.path.name.startswith(".")]
    return sorted(seen, key=lambda entry: (ORDER.index(entry.kind), entry.path.name.casefold()))


def _kind(one: "os.DirEntry[str]", ends: tuple[str, ...]) -> Kind:
    try:
        if one.is_dir():
            return "folder"
    except OSError:
        pass  # a link to nowhere, or nothing that we may look at
    return "wanted" if one.name.lower().endswith(ends) else "other"
