"""What can be wrong around the game: versions, the terminal, the folders where runs are kept."""

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile

import msgspec

from tui.settings import config_folder, load_settings, runs_folder
from tui.words import LANGUAGES, pick_language

PACKAGES = ("headroom-game", "numpy", "simpy", "textual", "msgspec")


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at; `problem` says what to do about it, if anything."""

    what: str
    found: str
    problem: str = ""


def findings() -> list[Finding]:
    """Everything that was looked at."""
    return [*_versions(), *_terminal(), _browser(), *_folders()]


def _versions() -> Iterator[Finding]:
    from engine.simulation import VERSION

    python = platform.python_version()
    yield Finding("python", f"{python} on {platform.system()} {platform.machine()}")
    yield Finding("engine", VERSION)
    for package in PACKAGES:
        try:
            yield Finding(package, version(package))
        except PackageNotFoundError:
            yield Finding(package, "not installed, run from its source")


def _terminal() -> Iterator[Finding]:
    is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    term = os.environ.get("TERM", "")
    yield Finding("terminal", f"yes, {term}" if is_terminal else "no; headroom run needs none")
    size = shutil.get_terminal_size()
    small = is_terminal and (size.columns < 80 or size.lines < 24)
    shown = f"{size.columns} x {size.lines}"
    yield Finding("size", shown, "the game needs 80 x 24" if small else "")
    encoding = sys.stdout.encoding or "unknown"
    unicode = encoding.lower().replace("-", "") == "utf8"
    remedy = "" if unicode else "a UTF-8 locale shows Hangul and all signs of the board"
    yield Finding("encoding", encoding, remedy)
    yield Finding("colour", _colour())
    language = pick_language(None, os.environ, load_settings().language)
    yield Finding("language", LANGUAGES[language])


def _browser() -> Finding:
    if find_spec("textual_serve") is None:
        return Finding("browser", "no", "headroom serve needs textual-serve, which pip installs")
    return Finding("browser", f"headroom serve, by textual-serve {version('textual-serve')}")


def _colour() -> str:
    if os.environ.get("NO_COLOR"):
        return "off, by NO_COLOR"
    full = os.environ.get("COLORTERM", "") in ("truecolor", "24bit")
    return "16 million" if full else "256 or fewer; COLORTERM=truecolor asks for more"


def _folders() -> Iterator[Finding]:
    for what, folder in (("settings", config_folder()), ("runs", runs_folder())):
        trouble = _why_not_writable(folder)
        yield Finding(what, str(folder), f"cannot be written: {trouble}" if trouble else "")
    runs = list(runs_folder().glob("*.headroom")) if runs_folder().is_dir() else []
    size = sum(path.stat().st_size for path in runs)
    yield Finding("recordings", f"{len(runs)}, {size / 1e6:.1f} MB")


def _why_not_writable(folder: Path) -> str:
    """Why nothing can be kept in a folder, or made where it is to be; nothing where it can."""
    standing = next((f for f in (folder, *folder.parents) if f.exists()), folder)
    try:
        with TemporaryFile(dir=standing) as file:
            file.write(b"x")
    except OSError as error:
        return error.strerror or str(error)
    return ""
