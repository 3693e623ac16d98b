"""A traffic file for the sandbox: choosing it, and how much of it is to come, and how fast."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text

from levels.traffic_file import Taken, TrafficFile, read_traffic_file, take
from tui.desk import Desk
from tui.render.canvas import pad
from tui.render.figures import clock, count
from tui.screens.choose_file import ChooseFile
from tui.words import Words

HOUR_S = 3_600

SCALES = (1, 10, 100)
"""How many times as many requests as the file has."""


@dataclass(frozen=True)
class Way:
    """One way to take a file: so many times as many, as long as it is or within an hour."""

    scale: int
    squeezed: bool
    taken: Taken

    def words(self, words: Words) -> str:
        """What it does with the file."""
        said = [words.say("sandbox.file_hour")] if self.squeezed else []
        if self.scale > 1:
            said.append(words.say("sandbox.file_times", times=self.scale))
        return ", ".join(said) or words.say("sandbox.file_as_it_is")


@dataclass(frozen=True)
class FileChoice:
    """A file that was read, and the ways to take it."""

    file: TrafficFile
    ways: tuple[Way, ...]


def ways_of(file: TrafficFile, room_s: int) -> tuple[Way, ...]:
    """As it is first; what is longer than two hours can be squeezed into one."""
    long = file.lasts_s > 2 * HOUR_S
    squeezes = {False: 1.0} | ({True: file.lasts_s / HOUR_S} if long else {})
    return tuple(
        Way(scale, squeezed, take(file, room_s, scale, faster))
        for squeezed, faster in squeezes.items()
        for scale in SCALES
    )


def way_lines(choice: FileChoice, words: Words) -> list[Text]:
    """A line for each way: what it does, how long that lasts, how much comes."""
    said = [way.words(words) for way in choice.ways]
    width = max(map(cell_len, said))
    lines = []
    for name, way in zip(said, choice.ways, strict=True):
        text = Text(pad(name, width), "bold", no_wrap=True)
        taken = way.taken
        figures = {
            "lasts": clock(taken.lasts_s),
            "mean": count(taken.mean_rps),
            "most": count(taken.most_rps),
        }
        lines.append(
            text.append(f"  {words.say('sandbox.file_brings', **figures)}", "dim not bold")
        )
    return lines


class TrafficFileScreen(ChooseFile[FileChoice]):
    """Gives a CSV of rates or an access log; any file can be tried, whatever its name."""

    WORDS = "sandbox.file"
    ENDS: ClassVar[tuple[str, ...]] = (".csv", ".log")
    EXPECTED = "a CSV of second,rps or an access log"

    def __init__(self, desk: Desk, folder: Path, room_s: Callable[[], int]) -> None:
        super().__init__(desk, folder)
        self._room_s = room_s

    def read(self, path: Path) -> FileChoice:
        """The file, and what it would bring."""
        file = read_traffic_file(path)
        return FileChoice(file, ways_of(file, self._room_s()))
