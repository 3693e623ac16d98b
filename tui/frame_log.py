"""Every frame of a run that goes on, in little room: the newest as they are, the others packed."""

import zlib
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import overload

import msgspec

from engine.frame import Frame

BLOCK = 16
"""Frames that are packed together; most of a frame is like the one before."""

KEPT = 8 * BLOCK
"""At least so many of the newest frames are not packed."""

_DECODER: msgspec.msgpack.Decoder[list[Frame]] = msgspec.msgpack.Decoder(list[Frame])
_ENCODER = msgspec.msgpack.Encoder()


class FrameLog(Sequence[Frame]):
    """Frames in order of their seconds. A packed one is made anew whenever it is asked for."""

    def __init__(self, first: Frame) -> None:
        self._packed: list[bytes] = []
        self._newest = [first]
        self._opened: tuple[int, list[Frame]] = (-1, [])

    def __len__(self) -> int:
        return len(self._packed) * BLOCK + len(self._newest)

    def append(self, frame: Frame) -> None:
        """The next second."""
        self._newest.append(frame)
        if len(self._newest) >= KEPT + BLOCK:
            self._packed.append(zlib.compress(_ENCODER.encode(self._newest[:BLOCK]), 1))
            del self._newest[:BLOCK]

    def replace_newest(self, frame: Frame) -> None:
        """The newest second once more, as it is now."""
        self._newest[-1] = frame

    def __iter__(self) -> Iterator[Frame]:
        blocks = (_unpack(block) for block in list(self._packed))
        return chain(chain.from_iterable(blocks), list(self._newest))

    @overload
    def __getitem__(self, index: int) -> Frame: ...

    @overload
    def __getitem__(self, index: slice) -> list[Frame]: ...

    def __getitem__(self, index: int | slice) -> Frame | list[Frame]:
        if isinstance(index, slice):
            return [self._at(i) for i in range(*index.indices(len(self)))]
        at = index + len(self) if index < 0 else index
        if not 0 <= at < len(self):
            raise IndexError(index)
        return self._at(at)

    def _at(self, at: int) -> Frame:
        block, within = divmod(at, BLOCK)
        if block >= len(self._packed):
            return self._newest[at - len(self._packed) * BLOCK]
        if self._opened[0] != block:
            self._opened = (block, _unpack(self._packed[block]))
        return self._opened[1][within]


def _unpack(block: bytes) -> list[Frame]:
    return _DECODER.decode(zlib.decompress(block))
