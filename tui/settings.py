"""A player's few settings, and the folders where things are kept between games.

HEADROOM_HOME puts both folders into one place. A broken or unwritable settings
file never stops the game: the defaults hold, and saving says that it failed.
"""

import os
from pathlib import Path
from typing import TypeVar

import msgspec
from platformdirs import user_config_path, user_data_path

APP = "headroom"

T = TypeVar("T")


class Settings(msgspec.Struct, forbid_unknown_fields=False):
    """A player's choices; what is None has not been chosen, and is as the game or terminal has it.

    `toured` is whether the tour was offered.
    """

    language: str | None = None
    theme: str | None = None
    palette: str = "default"
    ascii: bool | None = None
    animations: bool = True
    speed: float | None = None
    auto_pause: bool = True
    toured: bool = False


def config_folder() -> Path:
    """The folder of the settings."""
    home = os.environ.get("HEADROOM_HOME")
    return Path(home) if home else user_config_path(APP, appauthor=False)


def data_folder() -> Path:
    """The folder of saved runs and bests."""
    home = os.environ.get("HEADROOM_HOME")
    return Path(home) if home else user_data_path(APP, appauthor=False)


def runs_folder() -> Path:
    """The folder where every run is recorded."""
    return data_folder() / "runs"


def load_settings() -> Settings:
    """The saved settings, or the defaults where the file is missing or broken."""
    return load_file(config_folder() / "settings.json", Settings) or Settings()


def save_settings(settings: Settings) -> bool:
    """Keep the settings; False where the folder cannot be written."""
    return save_file(config_folder() / "settings.json", settings)


def load_file(path: Path, kind: type[T]) -> T | None:
    """What a file of ours holds, or None where it is missing or broken."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def save_file(path: Path, value: object) -> bool:
    """Write a file whole or not at all; False where the folder cannot be written."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")  # another game may save, too
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(msgspec.json.encode(value))
        draft.replace(path)
    except OSError:
        return False
    return True
