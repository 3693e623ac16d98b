"""What a page may say to the server: five kinds of message, each within limits."""

from typing import Annotated

import msgspec
from msgspec import Meta

LARGEST_MESSAGE = 64 * 1024
"""Bytes of one message; a longer one ends the connection."""

MOST_COLUMNS, MOST_ROWS = 500, 200
"""The largest board that is drawn; a larger window stays empty at its edges."""

Cells = Annotated[int, Meta(ge=0, le=100_000)]


class Size(msgspec.Struct, frozen=True):
    """The room on a page, in cells."""

    width: Cells = 80
    height: Cells = 24

    @property
    def bounded(self) -> tuple[int, int]:
        """Columns and rows that are drawn."""
        return min(max(self.width, 1), MOST_COLUMNS), min(max(self.height, 1), MOST_ROWS)


class Typed(msgspec.Struct, frozen=True, array_like=True, tag="stdin"):
    """Keys, mouse or a paste, as a terminal sends them."""

    text: str

    @property
    def data(self) -> bytes:
        """The bytes for the game; a torn character becomes a question mark."""
        return self.text.encode("utf-8", errors="replace")


class Resized(msgspec.Struct, frozen=True, array_like=True, tag="resize"):
    """The page has another size."""

    size: Size


class Ping(msgspec.Struct, frozen=True, array_like=True, tag="ping"):
    """Asks for an echo."""

    sent: Annotated[str, Meta(max_length=64)]


class Focused(msgspec.Struct, frozen=True, array_like=True, tag="focus"):
    """The player has turned to the page."""


class Blurred(msgspec.Struct, frozen=True, array_like=True, tag="blur"):
    """The player has turned away from it."""


Message = Typed | Resized | Ping | Focused | Blurred

_decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)


def read_message(text: str) -> Message:
    """A message of a page; a msgspec.DecodeError for anything else."""
    return _decoder.decode(text)


def read_size(columns: str, rows: str) -> Size:
    """The size that a page asks to begin with; a usual one where it names none."""
    try:
        return msgspec.convert({"width": columns, "height": rows}, Size, strict=False)
    except msgspec.ValidationError:
        return Size()
