"""Watching: the landmarks of a run, the bar that shows them, and the ways to any second."""

from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from engine.outcomes import Accepted
from engine.recording import CommandLine, Recording
from engine.services.registry import read_command
from engine.simulation import Simulation
from levels.sandbox import sandbox
from tests.recorded_runs import MOVES, NOTHING, recorded
from tests.test_app import LARGE, SMALL, Terminal, home, sees
from tui.contender import Contender
from tui.given import given_words, told_words
from tui.landmarks import Landmarks
from tui.render.history import History
from tui.render.scrub import Lane, draw_scrub, track_of
from tui.screens.watch import WatchScreen
from tui.session import ReplaySession
from tui.theme import Look
from tui.widgets.scrub import ScrubBar
from tui.words import LANGUAGES, Words

__all__ = ["home"]


def landmarks_of(recording: Recording) -> Landmarks:
    history = History()
    for frame in recording.frames:
        history.add(frame)
    return Landmarks(recording, history)


async def watching(pilot: Pilot[int], terminal: Terminal, recording: Recording) -> WatchScreen:
    """The watch screen over the menu."""
    await pilot.pause()
    screen = WatchScreen(terminal.app.desk, Contender(recording))
    await terminal.app.push_screen(screen)
    await pilot.pause()
    return screen


def test_landmarks_are_commands_incidents_the_first_failure_and_the_verdict(
    tmp_path: Path,
) -> None:
    marks = landmarks_of(recorded(tmp_path / "a.headroom"))
    assert [(mark.second, mark.kind) for mark in marks.all] == [
        (0, "command"), (0, "command"), (60, "refused"), (150, "command"), (180, "won"),
    ]  # fmt: skip
    lost = landmarks_of(recorded(tmp_path / "b.headroom", NOTHING))
    kinds = [mark.kind for mark in lost.all]
    assert kinds[0] == "failure"
    assert kinds[-1] == "end"
    assert marks.beside(0, 1) == 60
    assert marks.beside(61, -1) == 60
    assert marks.beside(180, 1) is None
    assert marks.beside(0, -1) is None


def test_a_command_is_said_as_it_was_given(tmp_path: Path) -> None:
    words = Words("en")
    said = [mark.words(words) for mark in landmarks_of(recorded(tmp_path / "a.headroom")).all]
    assert said[0] == "Launch an instance: type m5.large, zone a, disk GB 35 → web-1"
    assert said[2].startswith("Resize: instance web-1, type m5.xlarge. Refused: web-1 is ")
    assert "stopped" in said[2]


def test_what_directs_a_sandbox_is_said_in_words() -> None:
    def said(language: str, **values: Any) -> str:
        return given_words(CommandLine(3, values, Accepted()), Words(language))

    spike: dict[str, Any] = {"do": "start_incident", "kind": "traffic_spike", "target": "",
                             "factor": 3.0, "duration_s": 60}  # fmt: skip
    assert said("en", **spike) == "Trouble: Traffic spike, 3 times as many, for 1:00"
    crash = spike | {"kind": "instance_crash", "target": "web-1"}
    assert said("en", **crash) == "Trouble: Instance crash, web-1"
    assert (
        said("ko", **crash) == f"{Words('ko').say('commands.start_incident')}: 인스턴스 다운, web-1"
    )
    outage = spike | {"kind": "zone_outage", "target": "a"}
    assert said("en", **outage) == "Trouble: Zone outage, a, for 1:00"
    said("en", **spike | {"factor": "much", "duration_s": None, "target": 5})
    assert "grow" in said("en", **spike | {"kind": "grow"})
    assert said("en", do="set_bill", on=False) == "The bill: off"
    assert said("en", do="set_bill", on=True) == "The bill: on"
    assert said("ko", do="set_bill", on=False).endswith(": 끔")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_large_figure_is_one_and_the_same_where_it_is_given_and_where_it_is_refused(
    language: str,
) -> None:
    simulation = Simulation(sandbox("one-box").scenario)
    for values, most in (
        ({"do": "set_rate", "rps": 1e9}, "200,000"),
        ({"do": "set_budget", "month_usd": 1e9}, "10,000,000"),
    ):
        outcome = simulation.apply(read_command(values, "x"))
        told = told_words(CommandLine(3, values, outcome), Words(language))
        assert told.count("1,000,000,000") == 2
        assert most in told
        assert "e+" not in told
        assert ".0" not in told.replace("0.01", "")


def test_a_command_of_another_version_is_said_plainly() -> None:
    strange: dict[str, Any] = {"do": "grow_wings", "on": ["a", "b"], "span_m": 2.5, "now": None}
    line = CommandLine(3, strange, Accepted("wing-1"))
    assert given_words(line, Words("en")) == "grow wings: on a b, span m 2.5 → wing-1"
    given_words(CommandLine(3, {}, Accepted()), Words("ko"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("ascii", [False, True])
def test_the_bar_draws_at_any_size(tmp_path: Path, language: str, ascii: bool) -> None:
    recording = recorded(tmp_path / "a.headroom")
    lane = Lane(landmarks_of(recording), 180, "2026-01-02 03:04")
    for width in (0, 1, 12, 30, 80, 200):
        for height in (0, 1, 2, 3, 5):
            for second in (0, 60, 180):
                strips = draw_scrub(
                    width, height, [lane, lane], second, "…", Look(ascii=ascii), Words(language)
                )
                assert [cell_len(strip.text) for strip in strips] == [width] * height
                if ascii and language == "en":
                    assert all(strip.text.isascii() for strip in strips)


def test_landmarks_and_the_position_are_told_apart_without_colour(tmp_path: Path) -> None:
    lane = Lane(landmarks_of(recorded(tmp_path / "a.headroom")), 180)
    for ascii, signs in ((False, "▲◇●▲★"), (True, "^?o^*")):
        top = draw_scrub(80, 3, [lane], 100, "", Look(ascii=ascii), Words("en"))[0].text
        track = top[6:-6]
        assert "".join(c for c in track if c not in "━─=- ") == signs


def test_every_second_has_its_cell_and_every_cell_its_second(tmp_path: Path) -> None:
    lane = Lane(landmarks_of(recorded(tmp_path / "a.headroom")), 180)
    track = track_of(80, [lane])
    assert track is not None
    for cell in range(track.cells):
        second = track.second(track.left + cell)
        assert second is not None
        assert track.cell(second) == cell
    assert track.second(track.left) == 0
    assert track.second(track.left + track.cells - 1) == 180
    assert track.second(track.left - 1) is None


async def test_a_run_is_scrubbed_by_second_and_by_mark_with_keys_alone(tmp_path: Path) -> None:
    terminal = Terminal()
    async with terminal.app.run_test(size=SMALL) as pilot:
        watch = await watching(pilot, terminal, recorded(tmp_path / "a.headroom"))
        await sees(pilot, terminal, "Launch an instance: type t3.small")
        await pilot.press("n")
        assert watch.frame.second == 60
        await sees(pilot, terminal, "mark 2 of 4")
        await sees(pilot, terminal, "Resize: instance web-1, type m5.xlarge. Refused: web-1 is")
        await pilot.press("greater_than_sign", "greater_than_sign", "less_than_sign")
        assert watch.frame.second == 61
        await sees(pilot, terminal, "1:00 ◇ Resize")
        await pilot.press("right_square_bracket")
        assert watch.frame.second == 150
        await pilot.press("ctrl+right")
        assert watch.frame.second == 180
        await sees(pilot, terminal, "the level is passed")
        await pilot.press("n")
        await sees(pilot, terminal, "no later mark")
        await pilot.press("p", "p", "ctrl+left")
        assert watch.frame.second == 0
        await pilot.press("end")
        assert watch.frame.second == 180


async def test_a_click_and_a_drag_on_the_bar_go_to_that_second(tmp_path: Path) -> None:
    terminal = Terminal()
    async with terminal.app.run_test(size=LARGE) as pilot:
        watch = await watching(pilot, terminal, recorded(tmp_path / "a.headroom"))
        bar = watch.query_one(ScrubBar)
        track = track_of(bar.size.width, bar.lanes)
        assert track is not None
        await pilot.mouse_down(bar, offset=(track.left + track.cells // 2, 0))
        await pilot.pause()
        assert abs(watch.frame.second - 90) <= 2
        await pilot.hover(bar, offset=(track.left + track.cells - 1, 0))
        await pilot.pause()
        assert watch.frame.second == 180
        await pilot.mouse_up(bar, offset=(track.left + track.cells - 1, 0))
        await pilot.hover(bar, offset=(track.left, 0))
        await pilot.pause()
        assert watch.frame.second == 180
        await pilot.click(bar, offset=(track.left, 1))
        assert watch.frame.second == 180


def test_it_is_watched_at_up_to_600_seconds_a_second(tmp_path: Path) -> None:
    now = 0.0
    replay = ReplaySession(recorded(tmp_path / "a.headroom"), lambda: now)
    for _ in range(20):
        replay.change_speed(1)
    assert replay.speed == 600
    replay.resume()
    now = 0.1
    assert [frame.second for frame in replay.poll()] == [60]
    now = 0.2
    replay.poll()
    now = 0.4
    assert [frame.second for frame in replay.poll()] == [180]
    assert replay.over


async def test_the_mark_is_said_in_the_other_language_at_once(tmp_path: Path) -> None:
    terminal = Terminal()
    async with terminal.app.run_test(size=SMALL) as pilot:
        await watching(pilot, terminal, recorded(tmp_path / "a.headroom", MOVES))
        await terminal.app.run_action("language")
        await sees(pilot, terminal, "표시 1/4")
        await sees(pilot, terminal, "인스턴스")
