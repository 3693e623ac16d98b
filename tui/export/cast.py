"""A cast: the run as watched, for asciinema's players (their format, version 2)."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime

import msgspec
from textual.strip import Strip

from engine.frame import Frame
from engine.recording import Recording
from tui.export.ansi import CLEAR, LEAVE, changes
from tui.export.cells import Row, cells_of
from tui.export.screen import Screen, foot_line
from tui.render.canvas import clean
from tui.render.sentences import news_words
from tui.render.status import Pace
from tui.words import Words

PICTURES_PER_S = 4
"""So often a second of watching has a new picture: traffic seems to move, and files stay small."""

IDLE_LIMIT_S = 2.0
"""A player waits no longer than this for the next picture."""


def cast_lines(
    recording: Recording,
    words: Words,
    size: tuple[int, int],
    speed: float,
    look: Callable[[int], None],
) -> Iterator[str]:
    """The header, then what is sent to the terminal and when; the player's moves are marks."""
    screen, frames = Screen(recording, words, size), recording.frames
    yield _header(recording, words, size)
    yield _event(0.0, "o", CLEAR)
    strips, rows = [Strip([])] * size[1], [Row()] * size[1]
    pace = Pace(f"{speed:g}×", paused=False)
    at_s, told = 0.0, -1
    for tick, index in enumerate(_indexes(len(frames), speed / PICTURES_PER_S)):
        at_s, frame = tick / PICTURES_PER_S, frames[index]
        before, strips_before = rows, strips
        strips = screen.draw(frame, pace, tick)
        pairs = zip(rows, strips_before, strips, strict=True)
        rows = [row if old == new else cells_of(new) for row, old, new in pairs]
        if sent := changes(before, rows):
            yield _event(at_s, "o", sent)
        for passed in frames[told + 1 : index + 1]:
            yield from (_event(at_s, "m", move) for move in _moves(passed, words))
        told = index
        look(frame.second)
    yield _event(at_s, "o", LEAVE)


def _moves(frame: Frame, words: Words) -> Iterator[str]:
    """What the player did in a second."""
    return (clean(news_words(news, words)) for news in frame.news if news.by == "player")


def _indexes(count: int, step: float) -> Iterator[int]:
    """Which frame each picture shows; the last one always comes."""
    tick = index = 0
    while index < count - 1:
        yield index
        tick += 1
        index = int(tick * step + 1e-9)
    yield count - 1


def _header(recording: Recording, words: Words, size: tuple[int, int]) -> str:
    header: dict[str, object] = {"version": 2, "width": size[0], "height": size[1]}
    with suppress(ValueError, OverflowError, OSError):  # whatever a recording calls its beginning
        header["timestamp"] = int(datetime.fromisoformat(recording.header.started_at).timestamp())
    header["idle_time_limit"] = IDLE_LIMIT_S
    header["title"] = clean(foot_line(recording, words))
    header["env"] = {"TERM": "xterm-256color"}
    return msgspec.json.encode(header).decode()


def _event(at_s: float, code: str, data: str) -> str:
    return msgspec.json.encode([round(at_s, 6), code, data]).decode()
