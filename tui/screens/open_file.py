"""A recording from anywhere."""

from pathlib import Path
from typing import ClassVar

from engine.recording import read_header
from tui.screens.choose_file import ChooseFile


class OpenFileScreen(ChooseFile[Path]):
    """Gives the file of a recording."""

    WORDS = "runs.open"
    ENDS: ClassVar[tuple[str, ...]] = (".headroom",)
    EXPECTED = "a *.headroom file"

    def read(self, path: Path) -> Path:
        """The path, once its header could be read."""
        read_header(path)
        return path
