"""What is kept between games: nothing on disk, however broken, stops a game."""

import gzip
from datetime import datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.frame import Verdict
from engine.outcomes import Accepted
from engine.recording import RecordingWriter, new_header
from engine.services.ec2 import LaunchInstance
from tests.fake_run import made_up_frame, made_up_scenario
from tests.test_cli import SHORT
from tui.cli import run
from tui.settings import Settings, load_settings, runs_folder, save_settings
from tui.shelf import Best, delete_run, keep_best, load_bests, new_run_path, note_ending, saved_runs


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HEADROOM_HOME", str(tmp_path))
    return tmp_path


def test_settings_come_back() -> None:
    assert save_settings(Settings(language="ko", auto_pause=False))
    assert load_settings() == Settings(language="ko", auto_pause=False)


@pytest.mark.parametrize(
    "text", [b"", b"not json", b'{"language": 7}', b"[]", b"\xff\xfe", b'{"later": true}']
)
def test_broken_settings_are_the_defaults(home: Path, text: bytes) -> None:
    (home / "settings.json").write_bytes(text)
    assert load_settings() == Settings()


def test_an_unwritable_folder_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "taken").write_text("a file")
    monkeypatch.setenv("HEADROOM_HOME", str(home / "taken"))
    assert not save_settings(Settings())
    assert saved_runs() == []


def test_more_stars_are_better_and_then_less_money() -> None:
    assert keep_best("a", Best(2, 500, 1))
    assert not keep_best("a", Best(1, 100, 1))
    assert not keep_best("a", Best(2, 500, 2))
    assert keep_best("a", Best(2, 400, 3))
    assert keep_best("a", Best(3, 900, 4))
    assert load_bests() == {"a": Best(3, 900, 4)}


def test_two_games_at_once_keep_what_each_has_done() -> None:
    for number, name in enumerate(("20260101-000000-a", "20260101-000001-b")):
        path = runs_folder() / f"{name}.headroom"
        note_ending(path, made_up_frame(600, verdict=Verdict(True, 2, "passed")), number)
        keep_best(name[-1], Best(number + 1, 100, 1))
    kept = sorted(path.name for path in (runs_folder().parent / "endings").iterdir())
    assert len(kept) == 2
    assert load_bests() == {"a": Best(1, 100, 1), "b": Best(2, 100, 1)}


def test_runs_that_begin_in_one_second_have_files_of_their_own() -> None:
    now = datetime(2026, 1, 2, 3, 4, 5)
    paths = [new_run_path("a", now, number) for number in range(1, 12)]
    assert len({path.name for path in paths}) == 11
    assert min(paths) == paths[0]


def test_the_shelf_lists_recordings_newest_first_and_broken_ones_as_such() -> None:
    for name in ("20260101-000000-a", "20260102-000000-a"):
        path = runs_folder() / f"{name}.headroom"
        writer = RecordingWriter(path, new_header(made_up_scenario(), 7, "1", name, {}))
        writer.frame(made_up_frame())
        writer.close()
    (runs_folder() / "20260103-000000-a.headroom").write_text("something else")
    (runs_folder() / "notes.txt").write_text("mine")
    note_ending(path, made_up_frame(600, verdict=Verdict(True, 2, "passed")), 3)
    broken, newest, oldest = saved_runs()
    assert broken.came_out == "broken"
    assert broken.trouble == "is not a recording; expected a *.headroom file"
    assert newest.path == path
    assert newest.ending is not None
    assert newest.ending.stars == 3
    assert newest.came_out == "won"
    assert (newest.second, newest.spent_micro_usd) == (600, newest.ending.spent_micro_usd)
    assert oldest.ending is None
    assert (oldest.came_out, oldest.second, oldest.spent_micro_usd) == ("left", 0, 0)


def record(folder: Path, arguments: list[str], name: str) -> Path:
    """A whole run, recorded onto the shelf without a game."""
    level = folder / "short" / "level.toml"
    level.parent.mkdir(exist_ok=True)
    level.write_text(SHORT)
    path = runs_folder() / f"{name}-short.headroom"
    run(["run", str(level), "--record", str(path), *arguments])
    return path


def test_stars_come_from_the_recordings_on_disk(home: Path) -> None:
    assert load_bests() == {}
    path = record(home, [], "20260101-000000")
    best = load_bests()["short"]
    assert (best.stars, best.seed) == (3, 3)
    [saved] = saved_runs()
    assert saved.ending is not None
    assert (saved.ending.won, saved.ending.stars, saved.ending.second) == (True, 3, 60)
    record(home, ["--seed", "4"], "20260102-000000")
    assert load_bests()["short"].stars == 3
    path.unlink()
    assert load_bests()["short"] == best, "what was reached stays reached"


def test_a_run_that_was_cut_off_brings_no_stars(home: Path) -> None:
    path = record(home, [], "20260101-000000")
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    path.write_bytes(gzip.compress(b"".join(lines[:-1])))
    (runs_folder() / "20260102-000000-x.headroom").write_bytes(gzip.compress(b"no recording"))
    (runs_folder() / "20260103-000000-x.headroom").write_bytes(b"\x1f\x8b damaged")
    assert load_bests() == {}
    assert [run.came_out for run in saved_runs()] == ["broken", "broken", "left"]
    assert saved_runs()[-1].second == 60


def test_what_an_older_version_noted_is_completed_from_the_file(home: Path) -> None:
    path = record(home, [], "20260101-000000")
    load_bests()
    [note] = (home / "endings").iterdir()
    whole = note.read_bytes()
    note.write_text('{"won": true, "stars": 3, "second": 60}')
    [saved] = saved_runs()
    assert saved.spent_micro_usd is not None
    assert note.read_bytes() == whole
    assert saved.is_best(load_bests())
    assert delete_run(path)
    assert delete_run(path), "it is gone, whoever deleted it"
    assert saved_runs() == []
    assert list((home / "endings").iterdir()) == []
    assert load_bests()["short"].stars == 3


def test_all_runs_are_listed_however_many_there_are() -> None:
    for number in range(60):
        path = runs_folder() / f"20260101-0000{number:02}-a.headroom"
        writer = RecordingWriter(path, new_header(made_up_scenario(), number, "1", "", {}))
        writer.frame(made_up_frame(number))
        writer.close()
    found = saved_runs()
    assert [run.seed for run in found] == [*range(59, -1, -1)]
    assert {run.second for run in found} == set(range(60))


def test_the_newest_frame_of_a_cut_off_run_is_found_behind_commands(home: Path) -> None:
    path = runs_folder() / "20260101-000000-a.headroom"
    writer = RecordingWriter(path, new_header(made_up_scenario(), 1, "1", "", {}))
    for second in range(5):
        writer.frame(made_up_frame(second))
    writer.command(4, LaunchInstance(type="m5.large"), Accepted("web-1"))
    writer.close()
    with path.open("ab") as file:
        file.write(b'{"line":"frame","frame":{"seco')
    assert saved_runs()[0].second == 4


def test_a_file_with_figures_that_no_run_can_have_is_broken() -> None:
    path = runs_folder() / "20260101-000000-a.headroom"
    writer = RecordingWriter(path, new_header(made_up_scenario(), 1, "1", "", {}))
    frame = made_up_frame(3)
    writer.frame(replace(frame, money=replace(frame.money, spent_micro_usd=10**400)))
    writer.close()
    assert saved_runs()[0].came_out == "broken"


def test_free_play_has_no_score_and_no_best(home: Path) -> None:
    path = runs_folder() / "20260102-030405-sandbox-one-box.headroom"
    assert run(["sandbox", "one-box", "--run", "--duration", "60", "--record", str(path)]) == 0
    assert load_bests() == {}
    (ending,) = [saved.ending for saved in saved_runs()]
    assert ending is not None
    assert (ending.free, ending.score) == (True, None)
    noted = home / "endings" / f"{path.name}.json"
    noted.write_text(noted.read_text().replace('"score":null', '"score":17'))
    keep_best("sandbox-one-box", Best(0, 1, 1, score=17))
    (ending,) = [saved.ending for saved in saved_runs()]
    assert ending is not None
    assert ending.score is None
    assert load_bests() == {}
