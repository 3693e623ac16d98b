"""A command taken back is a command never given: the same frames, digest and recording."""

from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from engine.outcomes import Accepted
from engine.recording import read_recording
from engine.replay import Verified, verify
from engine.services.registry import read_command
from levels.level import Level
from levels.sandbox import sandbox
from tests.test_app import SMALL, Terminal, home, sees
from tests.test_resume import desk, level
from tests.test_view_screens import on_top
from tui.run import Run, begin_run
from tui.screens.direct import DirectScreen
from tui.screens.play import PlayScreen
from tui.screens.work import WorkScreen
from tui.settings import runs_folder
from tui.undo import Undo, hindrance

__all__ = ["home"]

PREPARED: tuple[tuple[int, dict[str, Any]], ...] = (
    (0, {"do": "create_bucket", "name": "media"}),
    (0, {"do": "stop_instance", "instance": "no-such"}),
    (5, {"do": "launch_instance", "type": "m5.large", "roles": ["web", "app"]}),
)

TAKEN_BACK: tuple[dict[str, Any], ...] = (
    {"do": "launch_instance", "type": "c5.xlarge"},
    {"do": "create_database", "type": "db.m5.large"},
    {"do": "terminate_instance", "instance": "web-1"},
    {"do": "stop_instance", "instance": "web-1"},
    {"do": "move_files", "bucket": "media"},
    {"do": "set_rate", "rps": 90.0},
    {"do": "set_bill", "on": False},
    {"do": "start_incident", "kind": "traffic_spike", "factor": 3.0, "duration_s": 60},
)


def give(run: Run, *commands: dict[str, Any]) -> None:
    for command in commands:
        run.session.send(read_command(command, "test"))
        run.history.add(run.session.frame)


def go_on(run: Run, seconds: int) -> None:
    for _ in range(seconds):
        for frame in run.session.step():
            run.history.add(frame)


def prepared(level: Level, seconds: int = 20) -> Run:
    run = begin_run(desk(), level, 11, 30.0)
    for second in range(seconds):
        give(run, *(command for at, command in PREPARED if at == second))
        go_on(run, 1)
    return run


def take_back(run: Run) -> None:
    undo = Undo(desk(), run)
    while not undo.rerun.over:
        undo.rerun.advance()
    assert undo.finish()


def lines(run: Run) -> Iterable[object]:
    """All of a recording but its header, where the second at which it began stands."""
    run.session.close()
    assert run.path is not None
    recording = read_recording(run.path)
    assert isinstance(verify(recording), Verified)
    return (recording.commands, list(recording.frames), recording.result)


@pytest.mark.parametrize("command", TAKEN_BACK, ids=lambda command: str(command["do"]))
def test_what_was_taken_back_was_never_given(command: dict[str, Any]) -> None:
    board = sandbox("one-box")
    never, run = prepared(board), prepared(board)
    give(run, command)
    assert isinstance(run.session.given[-1].outcome, Accepted)
    frame, path, given = never.session.frame, run.path, run.session.commands
    take_back(run)
    assert run.session.frame == frame
    assert run.session.commands == given[:-1]
    assert (run.path, run.session.speed, run.session.paused_by) == (path, 30.0, "player")
    for other in (never, run):
        go_on(other, 60)
    assert run.session.simulation.digest() == never.session.simulation.digest()
    assert list(run.session.frames) == list(never.session.frames)
    assert run.history.names() == never.history.names()
    assert lines(run) == lines(never)


def test_one_after_the_other_is_taken_back_and_each_recording_is_whole() -> None:
    run = prepared(sandbox("one-box"))
    give(run, *TAKEN_BACK)
    done = len(run.session.commands)
    while hindrance(run.session) is None:
        take_back(run)
        done -= 1
        assert len(run.session.commands) == done
        assert run.path is not None
        recording = read_recording(run.path)
        assert isinstance(verify(recording), Verified)
        assert recording.frames[-1] == run.session.frame
    assert hindrance(run.session) == "undo.too_late"
    assert done == sum(command["do"] != "stop_instance" for _, command in PREPARED)
    assert list(runs_folder().iterdir()) == [run.path]
    run.close()


def test_what_was_refused_after_it_goes_too_for_it_might_be_accepted_now() -> None:
    run = prepared(sandbox("one-box"))
    give(run, {"do": "create_bucket", "name": "more"}, {"do": "create_bucket", "name": "more"})
    take_back(run)
    assert [given.second for given in run.session.given] == [0, 0, 5]
    run.close()


def test_nothing_is_taken_back_before_the_first_command_or_once_time_has_gone_on() -> None:
    run = begin_run(desk(), sandbox("one-box"), 11, None)
    assert hindrance(run.session) == "undo.nothing"
    give(run, {"do": "stop_instance", "instance": "no-such"})
    assert hindrance(run.session) == "undo.nothing"
    give(run, {"do": "create_bucket"})
    assert hindrance(run.session) is None
    go_on(run, 1)
    assert hindrance(run.session) == "undo.too_late"
    run.close()


def test_what_is_given_up_half_way_has_changed_nothing() -> None:
    run = prepared(sandbox("one-box"))
    give(run, {"do": "create_bucket", "name": "more"})
    session, assured = run.session, run.path
    assert assured is not None
    before = assured.read_bytes()
    undo = Undo(desk(), run)
    undo.rerun.advance()
    assert assured.read_bytes() == before
    undo.give_up()
    assert run.session is session
    assert list(runs_folder().iterdir()) == [assured]
    go_on(run, 5)
    run.close()
    assert isinstance(verify(read_recording(assured)), Verified)


def test_where_the_new_recording_cannot_be_written_everything_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = prepared(sandbox("one-box"))
    give(run, {"do": "create_bucket", "name": "more"})
    session, frame = run.session, run.session.frame
    monkeypatch.setattr("tui.run.RecordingWriter", _full)
    undo = Undo(desk(), run)
    while not undo.rerun.over:
        undo.rerun.advance()
    assert not undo.finish()
    assert (run.session, run.session.frame, run.session.trouble) == (session, frame, None)
    run.close()


def _full(*_: object) -> object:
    raise OSError(28, "No space left on device")


def test_a_run_that_is_not_recorded_is_undone_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HEADROOM_HOME", str(tmp_path / "file"))
    run = begin_run(desk(), level(tmp_path), None, None)
    assert run.path is None
    give(run, {"do": "create_bucket", "name": "more"})
    take_back(run)
    assert run.session.commands == []
    assert run.session.trouble == "forbidden"


async def test_a_launch_is_taken_back_by_key_and_the_recording_knows_nothing_of_it() -> None:
    terminal = Terminal(level=sandbox("one-box"))
    async with terminal.app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        screen = terminal.app.screen
        assert isinstance(screen, PlayScreen)
        await pilot.press("ctrl+z")
        await sees(pilot, terminal, "Nothing to take back")
        await pilot.press("s", "plus", "z", "n", "enter", "enter")
        await pilot.pause()
        new = screen.board.selected
        assert new is not None
        assert len(screen.live.commands) == 1
        zoom, speed = screen.board.view.level, screen.session.speed
        await pilot.press("ctrl+z")
        await sees(pilot, terminal, f"Taken back: Launch an instance · {new}")
        assert screen.live.commands == []
        assert new not in [machine.id for machine in screen.frame.instances]
        assert screen.board.selected != new
        assert (screen.board.view.level, screen.session.speed) == (zoom, speed)
        await pilot.press("backspace")
        await sees(pilot, terminal, "Nothing to take back")
        await pilot.press("n", "enter", "enter", "s", "backspace")
        await sees(pilot, terminal, "Too late")
        path = screen.run_played.path
        await pilot.press("q", "y")
        await pilot.pause()
    assert path is not None
    recording = read_recording(path)
    assert [line.second for line in recording.commands] == [1]
    assert isinstance(verify(recording), Verified)


async def test_what_takes_longer_shows_how_far_it_is_and_can_be_given_up() -> None:
    terminal = Terminal(level=sandbox("one-box"))
    looks = count()
    terminal.app.desk.clock = lambda: next(looks) * 0.03  # every look at it is a little later
    async with terminal.app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        screen = terminal.app.screen
        assert isinstance(screen, PlayScreen)
        await pilot.press(*["s"] * 30, "n", "enter", "enter")
        await pilot.press("ctrl+z")
        assert isinstance(terminal.app.screen, WorkScreen)
        await sees(pilot, terminal, "Taking the last command back")
        await pilot.press("escape")
        await sees(pilot, terminal, "Not taken back")
        assert len(screen.live.commands) == 1
        await pilot.press("ctrl+z")
        working = terminal.app.screen
        assert isinstance(working, WorkScreen)
        while on_top(terminal) is working:
            working.work()
            await pilot.pause()
        assert screen.live.commands == []
        assert screen.frame.second == 30
        assert len(list(runs_folder().iterdir())) == 1


async def test_a_slider_is_taken_back_where_it_was_moved() -> None:
    terminal = Terminal(level=sandbox("one-box"))
    async with terminal.app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        screen = terminal.app.screen
        assert isinstance(screen, PlayScreen)
        await pilot.press("d", "right", "right", "5", "backspace", "ctrl+z")
        await sees(pilot, terminal, "Taken back")
        assert isinstance(terminal.app.screen, DirectScreen)
        assert len(screen.live.commands) == 1
