"""A run that was cut off goes on as if it had never been: the same digest as an uncut one."""

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from engine.recording import Recording, read_recording
from engine.scenario import read_scenario
from engine.services.command import Command
from engine.services.ec2 import LaunchInstance, StartInstance, StopInstance
from levels.level import Level
from tests.boards import troubled
from tui.desk import Desk
from tui.resume import Rerun, recorded_level, recorded_moves
from tui.run import Run, begin_run
from tui.settings import Settings, runs_folder
from tui.words import Words

MOVES: tuple[tuple[int, Command], ...] = (
    (0, LaunchInstance(type="m5.large", roles=("web", "app"))),
    (30, StopInstance("no-such")),
    (30, StopInstance("db-1")),
    (60, StartInstance("db-1")),
    (150, StartInstance("web-1")),
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HEADROOM_HOME", str(tmp_path))
    return tmp_path


def desk() -> Desk:
    return Desk(Words(), Settings(auto_pause=False), now=lambda: datetime(2026, 1, 2, 3, 4, 5))


def level(folder: Path) -> Level:
    return Level("troubled", "test", (), (), troubled(), {}, folder)


def play(run: Run, since: int, until: int) -> None:
    for second in range(since, until):
        for at, command in MOVES:
            if at == second:
                run.session.send(command)
        run.session.step()


def taken_up(recording: Recording, until: int, folder: Path) -> Rerun:
    again = recorded_level(recording, folder)
    run = begin_run(desk(), again, recording.header.seed, None)
    recorded = next(f for f in reversed(recording.frames) if f.second <= until)
    rerun = Rerun(run, recorded_moves(recording), recorded)
    while not rerun.over:
        rerun.advance()
    return rerun


def test_a_cut_off_run_that_goes_on_has_the_digest_of_an_uncut_one(tmp_path: Path) -> None:
    whole = begin_run(desk(), level(tmp_path), None, None)
    play(whole, 0, 400)
    assert whole.session.over

    cut = begin_run(desk(), level(tmp_path), None, None)
    play(cut, 0, 100)
    cut.session.close()
    assert cut.path is not None
    before = cut.path.read_bytes()
    torn = tmp_path / "torn.headroom"
    torn.write_bytes(before[:-1_000])

    recording = read_recording(torn)
    last = recording.frames[-1].second
    assert 90 < last < 100
    rerun = taken_up(recording, last, tmp_path)
    assert rerun.run.session.paused_by == "resumed"
    assert not rerun.differs
    assert rerun.run.history.second == last
    play(rerun.run, last, 400)
    assert rerun.run.session.simulation.digest() == whole.session.simulation.digest()
    assert cut.path.read_bytes() == before

    assert rerun.run.path not in (None, cut.path, whole.path)
    assert rerun.run.path is not None
    assert whole.path is not None
    new, uncut = read_recording(rerun.run.path), read_recording(whole.path)
    assert list(new.frames) == list(uncut.frames)
    assert new.commands == uncut.commands
    assert new.result == uncut.result


def test_a_fork_leaves_the_moves_after_it_behind(tmp_path: Path) -> None:
    run = begin_run(desk(), level(tmp_path), None, None)
    play(run, 0, 80)
    run.session.close()
    assert run.path is not None
    recording = read_recording(run.path)
    fork = taken_up(recording, 30, tmp_path).run
    assert fork.session.frame == recording.frames[30]
    assert [second for second, _ in fork.session.commands] == [0, 30]
    fork.discard()
    assert fork.path is not None
    assert not fork.path.exists()


def test_a_recording_of_another_version_is_played_on_and_said_to_differ(tmp_path: Path) -> None:
    run = begin_run(desk(), level(tmp_path), None, None)
    play(run, 0, 40)
    run.session.close()
    assert run.path is not None
    recording = read_recording(run.path)
    fewer = Recording(recording.header, recording.commands[:1], recording.frames, None)
    rerun = taken_up(fewer, 40, tmp_path)
    assert rerun.differs
    rerun.run.discard()


def test_traffic_files_come_out_of_the_recording(tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "there", tmp_path / "here"
    home.mkdir()
    elsewhere.mkdir()
    (home / "day.csv").write_text("second,rps\n0,20\n120,60\n")
    scenario = read_scenario(
        {
            "slug": "traced",
            "duration_s": 120,
            "budget": {"month_usd": 500.0},
            "traffic": [{"kind": "trace", "file": "day.csv"}],
            "requests": [{"name": "page", "share": 1.0, "app_ms": 5.0, "deadline_ms": 400}],
            "board": {"instances": [{"id": "web-1", "type": "m5.large"}]},
            "objectives": {"error_budget": 0.5},
        },
        "traced",
        home,
    )
    traced = Level("traced", "test", (), (), scenario, {}, home)
    run = begin_run(desk(), traced, None, None)
    play(run, 0, 50)
    run.session.close()
    shutil.rmtree(home)
    assert run.path is not None
    rerun = taken_up(read_recording(run.path), 50, elsewhere)
    assert not rerun.differs
    assert rerun.run.session.simulation.digest() == run.session.simulation.digest()
    assert len(list(runs_folder().iterdir())) == 2
    rerun.run.close()
