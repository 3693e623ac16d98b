"""The CloudWatch view by keyboard alone: look, compare, alarm, pay for minutes, in any language."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from engine.recording import read_recording
from engine.scenario import read_scenario
from levels.level import Level
from tests.fake_run import SCENARIO_VALUES
from tests.test_app import LARGE, SMALL, Terminal, home, made_up_level, sees
from tui.actions import actions_of
from tui.contender import Contender
from tui.render.metric_chart import SPANS_S
from tui.screens.form import FormScreen
from tui.screens.metrics import MetricsScreen
from tui.screens.play import PlayScreen
from tui.screens.watch import WatchScreen
from tui.settings import runs_folder

__all__ = ["home"]


def watched_level() -> Level:
    """A busy machine for ten minutes, with everything on offer."""
    values = {
        **{name: value for name, value in SCENARIO_VALUES.items() if name != "allowed"},
        "duration_s": 1_200,
        "traffic": [{"kind": "constant", "rps": 60.0}],
        "board": {"instances": [{"id": "web-1", "type": "m5.large"}]},
        "objectives": {"error_budget": 1.0},
        "budget": {"month_usd": 900.0},
    }
    return replace(made_up_level(), scenario=read_scenario(values, "watched"))


def on_top(terminal: Terminal) -> Screen[Any]:
    """The screen that is seen."""
    return terminal.app.screen


async def opened(pilot: Pilot[int], terminal: Terminal, until: int) -> MetricsScreen:
    """The view over a run that rests."""
    await pilot.press("enter")
    await pilot.pause()
    screen = terminal.app.screen
    assert isinstance(screen, PlayScreen)
    for _ in range(until):
        screen.take_step()
    screen.show_frame()
    await pilot.press("m")
    await pilot.pause()
    view = terminal.app.screen
    assert isinstance(view, MetricsScreen)
    return view


async def test_an_alarm_is_made_watched_and_deleted(home: Path) -> None:
    terminal = Terminal(level=watched_level())
    async with terminal.app.run_test(size=SMALL) as pilot:
        view = await opened(pilot, terminal, 50)
        await sees(pilot, terminal, "first point 5:00")
        await sees(pilot, terminal, "No alarm and no policy")
        await pilot.press("d")
        await pilot.pause()
        assert isinstance(terminal.app.screen, FormScreen)
        await sees(pilot, terminal, "+$2.10")
        await pilot.press("enter")
        await pilot.pause()
        assert on_top(terminal) is view
        await sees(pilot, terminal, "first point 1:00")
        await pilot.press("n")
        await pilot.pause()
        await sees(pilot, terminal, "+$0.10")
        await pilot.press("2", "down", "1", "enter")
        await pilot.pause()
        assert on_top(terminal) is view
        await sees(pilot, terminal, "INSUFFICIENT DATA")
        for _ in range(9):
            await pilot.press("s")
        await sees(pilot, terminal, "INSUFFICIENT DATA")
        await pilot.press("s")
        await sees(pilot, terminal, "ALARM")
        await sees(pilot, terminal, "1 of 1 above")
        await sees(pilot, terminal, ">2%")
        await pilot.press("x")
        await sees(pilot, terminal, "-$0.10")
        await pilot.press("enter")
        await pilot.pause()
        await sees(pilot, terminal, "No alarm and no policy")
        await pilot.press("escape", "q", "y")
        await pilot.pause()
    [path] = runs_folder().iterdir()
    recording = read_recording(path)
    given = [(line.second, line.command["do"]) for line in recording.commands]
    assert given == [(50, "set_monitoring"), (50, "create_alarm"), (60, "delete_alarm")]


async def test_metrics_are_chosen_and_compared() -> None:
    terminal = Terminal(level=watched_level())
    async with terminal.app.run_test(size=LARGE) as pilot:
        view = await opened(pilot, terminal, 130)
        await pilot.press("up")
        assert view.chosen == ("web-1", "CPUUtilization")
        await pilot.press("enter", "right", "down", "down", "down", "down", "enter")
        assert view.marked == [
            ("web-1", "CPUUtilization"), ("vol-1", "VolumeThroughputPercentage"),
        ]  # fmt: skip
        await sees(pilot, terminal, "VolumeThroughputPercentage")
        await pilot.press("up")
        assert view.chosen == ("vol-1", "VolumeQueueLength")
        await pilot.press("enter")
        assert view.marked == [view.chosen]  # another unit: another axis
        for span_s in (*SPANS_S[1:], SPANS_S[0]):
            await pilot.press("a")
            assert view.span_s == span_s
        await pilot.press("d")
        await pilot.pause()
        assert on_top(terminal) is view


async def test_every_key_of_the_view_is_on_the_smallest_screen_and_no_colour_is_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal(level=watched_level())
    async with terminal.app.run_test(size=SMALL) as pilot:
        await opened(pilot, terminal, 130)
        for action in actions_of("metrics"):
            if action.name not in ("step", "span", "help"):  # ? is the same everywhere
                await sees(pilot, terminal, f"{action.shown} ")
        await sees(pilot, terminal, "x delete alarm   d every minute")


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_time_runs_on_under_it_and_each_part_follows(language: str) -> None:
    terminal = Terminal(language, watched_level())
    async with terminal.app.run_test(size=LARGE) as pilot:
        view = await opened(pilot, terminal, 58)
        await sees(pilot, terminal, "0:58")
        await pilot.press("down", "s", "s")
        await sees(pilot, terminal, "1:00")
        await sees(pilot, terminal, "0:00 to 1:00" if language == "en" else "0:00~1:00")
        terminal.app.theme = "headroom-light"
        await pilot.pause()
        await pilot.resize_terminal(*SMALL)
        await pilot.pause()
        widths = {s.cell_length for s in view._compositor.render_strips()}
        assert widths == {SMALL[0]}


async def test_a_recording_is_looked_at_second_by_second_and_takes_no_commands() -> None:
    terminal = Terminal(level=watched_level())
    async with terminal.app.run_test(size=LARGE) as pilot:
        await opened(pilot, terminal, 130)
        await pilot.press("escape", "q", "y")
        await pilot.pause()
    [path] = runs_folder().iterdir()
    again = Terminal()
    async with again.app.run_test(size=LARGE) as pilot:
        await pilot.pause()
        watch = WatchScreen(again.app.desk, Contender(read_recording(path)))
        await again.app.push_screen(watch)
        watch.board.select("vol-1")
        watch.action_seek(119)
        await pilot.press("m")
        await sees(pilot, again, "0:00 to 1:00")
        await pilot.press("s")
        await sees(pilot, again, "1:00 to 2:00")
        await pilot.press("n")
        await pilot.pause()
        assert isinstance(again.app.screen, MetricsScreen)
