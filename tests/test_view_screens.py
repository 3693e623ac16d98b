"""The views over a run by keyboard alone: they open, follow the run, and give way again."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from engine.recording import read_recording
from tests.test_app import LARGE, SMALL, Terminal, home, made_up_level, sees
from tui.actions import VIEWS
from tui.contender import Contender
from tui.screens.bill import BillScreen
from tui.screens.charts import ChartsScreen
from tui.screens.connect import ConnectScreen
from tui.screens.follow import FollowScreen
from tui.screens.form import FormScreen
from tui.screens.inspect import InspectScreen
from tui.screens.live import LiveScreen
from tui.screens.metrics import MetricsScreen
from tui.screens.play import PlayScreen
from tui.screens.watch import WatchScreen
from tui.settings import runs_folder
from tui.widgets.chart import WINDOWS_S

__all__ = ["home"]

OPENS: dict[str, type[LiveScreen]] = {
    "v": ChartsScreen, "i": InspectScreen, "o": ConnectScreen, "w": FollowScreen, "b": BillScreen,
    "m": MetricsScreen,
}  # fmt: skip


def on_top(terminal: Terminal) -> Screen[Any]:
    """The screen that is seen."""
    return terminal.app.screen


async def begun(pilot: Pilot[int], terminal: Terminal, until: int = 5) -> PlayScreen:
    """A run with one machine, some seconds old, at rest."""
    await pilot.press("enter")
    await pilot.pause()
    await pilot.press("n", "enter", "m", "enter")
    await pilot.pause()
    screen = terminal.app.screen
    assert isinstance(screen, PlayScreen)
    for _ in range(until):
        screen.take_step()
    screen.show_frame()
    return screen


def test_every_view_has_its_actions() -> None:
    assert {view.WHERE for view in OPENS.values()} == set(VIEWS)


@pytest.mark.parametrize("size", [SMALL, LARGE, (160, 50)])
async def test_every_view_opens_by_its_key_fits_and_closes(size: tuple[int, int]) -> None:
    terminal = Terminal(level=made_up_level())
    async with terminal.app.run_test(size=size) as pilot:
        screen = await begun(pilot, terminal)
        for key, kind in OPENS.items():
            await pilot.press(key)
            await pilot.pause()
            assert isinstance(terminal.app.screen, kind)
            widths = {s.cell_length for s in terminal.app.screen._compositor.render_strips()}
            assert widths == {size[0]}
            assert terminal.shows("esc back")
            await pilot.press("escape")
            assert on_top(terminal) is screen


async def test_a_second_that_comes_while_a_view_is_being_built_does_no_harm() -> None:
    terminal = Terminal(level=made_up_level())
    async with terminal.app.run_test(size=SMALL) as pilot:
        screen = await begun(pilot, terminal)
        for kind in (ChartsScreen, InspectScreen, FollowScreen, BillScreen):
            view = kind(screen)
            terminal.app.push_screen(view)
            for _ in range(40):
                view.show_second()
                await asyncio.sleep(0)
            await pilot.pause()
            assert on_top(terminal) is view
            await pilot.press("escape")


async def test_time_runs_on_under_a_view_and_is_ruled_from_it() -> None:
    terminal = Terminal(level=made_up_level())
    async with terminal.app.run_test(size=LARGE) as pilot:
        screen = await begun(pilot, terminal)
        await pilot.press("b", "s")
        await sees(pilot, terminal, "0:06 of 3:00")
        await pilot.press("space")
        assert not screen.session.paused
        terminal.now += 0.2
        for _ in range(3):
            screen.poll()
        assert screen.frame.second == 8
        await sees(pilot, terminal, "0:08 of 3:00")
        await pilot.press("minus", "space", "escape")
        await sees(pilot, terminal, "5×")
        assert on_top(terminal) is screen
        await sees(pilot, terminal, "0:08 of 3:00")


async def test_a_cursor_reads_the_large_charts() -> None:
    terminal = Terminal(level=made_up_level())
    async with terminal.app.run_test(size=LARGE) as pilot:
        screen = await begun(pilot, terminal, 150)
        await pilot.press("v")
        await pilot.pause()
        charts = terminal.app.screen
        assert isinstance(charts, ChartsScreen)
        await sees(pilot, terminal, "In this second, 2:30")
        await pilot.press("left", "left")
        assert charts.cursor is not None
        assert charts.cursor < 150
        await sees(pilot, terminal, "At 2:")
        await pilot.press("right", "right")
        assert charts.cursor is None
        await pilot.press("home")
        assert charts.cursor == 0
        await sees(pilot, terminal, "launched web-1")
        await pilot.press("a")
        assert screen.window_s == WINDOWS_S[1]
        await pilot.press("tab")
        await sees(pilot, terminal, "web-1 · utilization")
        await pilot.press("left", "escape")
        assert on_top(terminal) is charts  # the first one gives the cursor up
        await pilot.press("escape")
        assert on_top(terminal) is screen


async def test_the_inspector_gives_commands_connects_and_goes_to_others() -> None:
    terminal = Terminal(level=made_up_level())
    async with terminal.app.run_test(size=(160, 50)) as pilot:
        screen = await begun(pilot, terminal)
        screen.board.select("web-1")
        await pilot.press("i")
        await sees(pilot, terminal, "Commands")
        await pilot.press("right")
        assert screen.board.selected == "vol-1"
        await sees(pilot, terminal, "vol-1 · utilization")
        await pilot.press("left", "o")
        assert isinstance(terminal.app.screen, ConnectScreen)
        await sees(pilot, terminal, "connected to web-1")
        await pilot.press("escape", "9")
        assert isinstance(terminal.app.screen, InspectScreen)
        await pilot.press("3")
        await pilot.pause()
        assert isinstance(terminal.app.screen, FormScreen)
        await pilot.press("escape")
        assert on_top(terminal) is screen


async def test_a_request_is_followed_held_and_walked() -> None:
    terminal = Terminal(level=made_up_level())
    async with terminal.app.run_test(size=LARGE) as pilot:
        screen = await begun(pilot, terminal, 150)
        await pilot.press("w")
        await pilot.pause()
        view = terminal.app.screen
        assert isinstance(view, FollowScreen)
        await sees(pilot, terminal, "One request")
        await sees(pilot, terminal, "slowest answered now")
        await pilot.press("enter")
        held = view.held
        assert held is not None
        screen.take_step()
        view.show_second()
        assert view.held is held
        await sees(pilot, terminal, "held")
        await pilot.press("enter", "t", "t", "t", "left")
        assert view.held is not None
        await pilot.press("right", "right", "right")
        assert view.held is None


async def test_the_bill_is_by_service_or_by_resource() -> None:
    terminal = Terminal("ko", made_up_level())
    async with terminal.app.run_test(size=SMALL) as pilot:
        await begun(pilot, terminal, 90)
        await pilot.press("b")
        await sees(pilot, terminal, "청구서, 서비스별")
        await pilot.press("tab")
        await sees(pilot, terminal, "청구서, 자원별")


async def test_a_view_speaks_another_language_and_wears_another_look_at_once() -> None:
    terminal = Terminal(level=made_up_level())
    async with terminal.app.run_test(size=LARGE) as pilot:
        await begun(pilot, terminal)
        await pilot.press("o")
        await terminal.app.run_action("language")
        await pilot.pause()
        await sees(pilot, terminal, "에 접속함")
        terminal.app.theme = "headroom-light"
        await pilot.pause()
        await sees(pilot, terminal, "에 접속함")


async def test_a_recording_has_the_same_views_and_no_commands(home: Path) -> None:
    terminal = Terminal(level=made_up_level())
    async with terminal.app.run_test(size=LARGE) as pilot:
        await begun(pilot, terminal, 60)
        await pilot.press("q", "y")
        await pilot.pause()
    [path] = runs_folder().iterdir()
    again = Terminal()
    async with again.app.run_test(size=LARGE) as pilot:
        await pilot.pause()
        watch = WatchScreen(again.app.desk, Contender(read_recording(path)))
        await again.app.push_screen(watch)
        await pilot.press("end")
        for key, kind in OPENS.items():
            await pilot.press(key)
            await pilot.pause()
            assert isinstance(again.app.screen, kind)
            assert not again.shows("Commands")
            await pilot.press("escape")
        assert on_top(again) is watch
