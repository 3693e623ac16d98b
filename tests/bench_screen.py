"""What a frame of the play screen costs: 60 resources on 120×40 cells at 10×, in ms of CPU time.

At 10× every poll shows a new second, and every third one draws the charts, too.
"""

import asyncio
import os
import tempfile
from math import sin
from random import Random
from statistics import median, quantiles
from time import perf_counter, process_time
from unittest.mock import patch

import msgspec
from msgspec.structs import replace

from engine.frame import Frame, Latency
from engine.recording import FORMAT, FrameLine, Header, Recording
from engine.recording_lines import Frames
from tests.fake_run import SCENARIO_VALUES, crowded_frame
from tui.app import HeadroomApp
from tui.contender import Contender
from tui.desk import Desk
from tui.render.board.draw import draw_board, frame_board
from tui.render.board.picture import Picture
from tui.render.board.scene import scene_of
from tui.render.history import History
from tui.screens import running
from tui.screens.watch import WatchScreen
from tui.settings import Settings
from tui.theme import Look
from tui.words import Words

RESOURCES = 60
SIZE = (120, 40)
BOARD = (76, 26)
SECONDS = 400
SAMPLES = 120
JUMPS = 500
PAINT_S = 0.03
"""Long enough for what was drawn to be painted; only CPU time is counted."""


def busy_second(second: int) -> Frame:
    """A second of a crowded board on which every load moves."""
    frame = crowded_frame(RESOURCES, second)
    stations = tuple(
        replace(s, utilization=0.5 + 0.5 * sin(second / 9 + at), waiting={"page": at % 5})
        for at, s in enumerate(frame.stations)
    )
    p50 = 30 + 10 * sin(second / 7)
    latency = {"page": Latency(p50, 3 * p50, 7 * p50, 50)}
    return replace(frame, stations=stations, latency=latency, news=())


def report() -> None:
    """Print median and 95th percentile of the board's redraw, an animation step, the screen."""
    frames = [busy_second(second) for second in range(SECONDS)]
    history = History()
    for frame in frames:
        history.add(frame)
    print(f"frame work with {RESOURCES} resources at {SIZE[0]}x{SIZE[1]}, ms of CPU time")
    redraw, step = _board(frames, history)
    _line("board, new second", redraw)
    _line("board, animation step", step)
    with tempfile.TemporaryDirectory() as home, patch.dict(os.environ, HEADROOM_HOME=home):
        _line("whole screen at 10x", asyncio.run(_screen(frames)))
        print(f"{JUMPS} jumps to any second of that recording, ms until it is painted")
        _line("to any second", asyncio.run(_jumps(frames)))


def _board(frames: list[Frame], history: History) -> tuple[list[float], list[float]]:
    look, words = Look(), Words()
    picture: Picture | None = None
    redraws, steps = [], []
    for phase, frame in enumerate(frames[-SAMPLES:]):
        began = process_time()
        scene = scene_of(frame, history)
        inner = BOARD[0] - 2, BOARD[1] - 2
        picture = draw_board(*inner, scene, look, words, before=picture)
        frame_board(*BOARD, picture, phase, look, "Board")
        redraws.append(process_time() - began)
        began = process_time()
        frame_board(*BOARD, picture, phase + 1, look, "Board")
        steps.append(process_time() - began)
    return redraws, steps


async def _jumps(frames: list[Frame]) -> list[float]:
    """A recording as read from its file, watched here and there: wall time to the last cell."""
    lines = [msgspec.json.encode(FrameLine(frame)) for frame in frames]
    values = {**SCENARIO_VALUES, "duration_s": SECONDS}
    header = Header(FORMAT, "", "", "", "bench", values, 1, "2026-01-01")
    desk = Desk(Words("en"), Settings(), clock=lambda: 0.0)
    app, chance = HeadroomApp(desk), Random(1)
    found = []
    async with app.run_test(size=SIZE) as pilot:
        screen = WatchScreen(desk, Contender(Recording(header, (), Frames(lines), None)))
        app.push_screen(screen)
        await pilot.pause()
        for _ in range(JUMPS):
            second = chance.randrange(SECONDS)
            began = perf_counter()
            screen.action_seek(second - screen.frame.second)
            app.screen._compositor.render_strips()
            found.append(perf_counter() - began)
            await pilot.pause()
    return found


async def _screen(frames: list[Frame]) -> list[float]:
    """A recording watched at 10×, poll by poll, on a clock that only moves with them."""
    now = 0.0
    values = {**SCENARIO_VALUES, "duration_s": SECONDS}
    header = Header(FORMAT, "", "", "", "bench", values, 1, "2026-01-01")
    desk = Desk(Words("en"), Settings(auto_pause=False), clock=lambda: now)
    app = HeadroomApp(desk)
    found = []
    with patch.object(running, "POLLS_PER_S", 0.001):  # only we poll
        async with app.run_test(size=SIZE) as pilot:
            screen = WatchScreen(desk, Contender(Recording(header, (), frames, None)))
            app.push_screen(screen)
            await pilot.pause()
            await pilot.press("space")
            screen.session.speed = 10.0
            for _ in range(SAMPLES):
                await pilot.pause(PAINT_S)
                now += 0.1
                began = process_time()
                screen.poll()
                await pilot.pause(PAINT_S)
                found.append(process_time() - began)
    return found


def _line(name: str, seconds: list[float]) -> None:
    late = quantiles(seconds, n=20)[-1]
    median_ms, late_ms, most_ms = (1000 * s for s in (median(seconds), late, max(seconds)))
    print(f"{name:<24}median {median_ms:6.2f}   p95 {late_ms:6.2f}   most {most_ms:6.2f}")


if __name__ == "__main__":
    report()
