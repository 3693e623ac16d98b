"""The lines of a recording, and how large each may be; plain data, read without the engine."""

from collections.abc import Sequence
from typing import Any, overload

import msgspec

from engine.frame import Frame
from engine.outcomes import Outcome

FORMAT = 1
"""Number of this file format; a reader refuses any other."""

MAX_HEADER_BYTES = 12_000_000
"""A header with a traffic file in it is the longest line."""

MAX_PART_BYTES = 1_000_000
"""The header's scenario, or its words."""

MAX_LINE_BYTES = 2_000_000
"""Any other line; a frame of a board of 300 instances stays well below."""

MAX_COMMANDS_BYTES = 2_000_000
"""All commands together: more than a busy player gives in a day."""

MAX_BYTES = 400_000_000
"""All lines together, unpacked: hours of frames."""

MAX_CLASSES = 32
"""Request classes that a scenario may have."""


class LevelText(msgspec.Struct, frozen=True):
    """A level's words in one language; all but title and summary are Markdown paragraphs."""

    title: str
    summary: str
    briefing: str
    hints: tuple[str, ...]
    lesson: str
    won: str
    lost: str


class Line(msgspec.Struct, frozen=True, tag_field="line"):
    """One line of the file."""


class Header(Line, frozen=True, tag="header"):
    """What was played, and with what: enough to watch the run and to simulate it again.

    `scenario` is the whole scenario as plain values, `traces` the text of the
    traffic files it names. `started_at` is the player's clock, for lists.
    """

    format: int
    engine: str
    python: str
    numpy: str
    slug: str
    scenario: dict[str, Any]
    seed: int
    started_at: str
    text: dict[str, LevelText] = {}
    traces: dict[str, str] = {}


class CommandLine(Line, frozen=True, tag="command"):
    """A command given while the run rested at `second`, accepted or refused."""

    second: int
    command: dict[str, Any]
    outcome: Outcome


class FrameLine(Line, frozen=True, tag="frame"):
    """One frame; of several with the same second the last counts."""

    frame: Frame


class ResultLine(Line, frozen=True, tag="result"):
    """How the run ended, as `run --json` prints it. Its presence says that the run is whole."""

    result: dict[str, Any]


AnyLine = CommandLine | FrameLine | ResultLine
"""Every line but the first."""

_FRAME_LINE: msgspec.json.Decoder[FrameLine] = msgspec.json.Decoder(FrameLine)


class Frames(Sequence[Frame]):
    """The frames of a file, in order; kept as lines and made into frames when they are asked for.

    A frame takes many times the room of its line.
    """

    def __init__(self, lines: Sequence[bytes]) -> None:
        self._lines = lines

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, index: int) -> Frame: ...

    @overload
    def __getitem__(self, index: slice) -> "Frames": ...

    def __getitem__(self, index: int | slice) -> "Frame | Frames":
        if isinstance(index, slice):
            return Frames(self._lines[index])
        return _FRAME_LINE.decode(self._lines[index]).frame


class Recording(msgspec.Struct, frozen=True):
    """A run as read from its file: one frame for each second, in order."""

    header: Header
    commands: tuple[CommandLine, ...]
    frames: Sequence[Frame]
    result: dict[str, Any] | None
