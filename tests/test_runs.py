"""The saved runs by keyboard alone: found, filtered, watched, played on, compared, deleted."""

from itertools import count
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import DataTable, OptionList

from levels.sandbox import sandbox
from tests.recorded_runs import MOVES, NOTHING, recorded
from tests.test_app import LARGE, SMALL, Terminal, home, sees, until
from tests.test_cli import Captured
from tui.cli import run as run_cli
from tui.folder import entries
from tui.run_list import RunList
from tui.screens.inspect import InspectScreen
from tui.screens.menu import MenuScreen, OpenBoard
from tui.screens.modal import Confirm
from tui.screens.open_file import OpenFileScreen
from tui.screens.play import PlayScreen
from tui.screens.runs import RunsScreen
from tui.screens.sandbox import SandboxScreen
from tui.screens.watch import WatchScreen
from tui.screens.work import WorkScreen
from tui.settings import runs_folder
from tui.shelf import Ending, SavedRun, load_bests, saved_runs
from tui.widgets.chart import ChartPane

__all__ = ["home"]

WON, LOST, LEFT, BROKEN = (
    f"2026010{day}-000000-made-up.headroom" for day in (1, 2, 3, 4)
)  # fmt: skip


@pytest.fixture
def shelf(home: Path) -> Path:
    """A run that was won, one that was lost, one that was left, and a file that is none."""
    folder = runs_folder()
    recorded(folder / WON, MOVES, started="2026-01-01T00:00:00")
    recorded(folder / LOST, NOTHING, seed=8, started="2026-01-02T00:00:00")
    recorded(folder / LEFT, MOVES, until=90, started="2026-01-03T00:00:00")
    (folder / BROKEN).write_text("something else")
    return folder


async def open_runs(pilot: Pilot[int], terminal: Terminal) -> RunsScreen:
    """From the menu, with its arrows."""
    await pilot.pause()
    menu = terminal.app.screen
    assert isinstance(menu, MenuScreen)
    choices = menu.query_one(OptionList)
    choices.highlighted = choices.get_option_index("runs")
    await pilot.press("enter")
    await until(pilot, terminal, RunsScreen)
    screen = terminal.app.screen
    assert isinstance(screen, RunsScreen)
    return screen


def rows(screen: RunsScreen) -> list[str]:
    table = screen.query_one(DataTable)
    return [" ".join(str(cell) for cell in table.get_row_at(y)) for y in range(table.row_count)]


def saved(name: str, **known: object) -> SavedRun:
    return SavedRun(Path(name), **known)  # type: ignore[arg-type]


def test_runs_are_filtered_and_ordered() -> None:
    won = saved("1", slug="a", started_at="1", ending=Ending(True, 2, 9, 50), spent_micro_usd=50)
    better = saved("2", slug="a", started_at="2", ending=Ending(True, 3, 9, 90), spent_micro_usd=90)
    lost = saved("3", slug="b", started_at="3", ending=Ending(False, 0, 9, 10), spent_micro_usd=10)
    left = saved("4", slug="b", started_at="4")
    broken = saved("5", trouble="is no recording")
    listed = RunList([won, left, better, broken, lost])
    assert listed.shown() == [left, lost, better, won, broken]
    assert listed.outcomes() == ["won", "lost", "left", "broken"]
    for order in ([broken, better, won, left, lost], [better, won, lost, left, broken],
                  [lost, won, better, left, broken]):  # fmt: skip
        listed.next_order()
        assert listed.shown() == order
    listed.next_order()
    listed.next_level(1)
    assert listed.shown() == [better, won]
    listed.next_level(1)
    listed.next_outcome(1)
    assert listed.shown() == []
    listed.next_outcome(1)
    assert listed.shown() == [lost]
    listed.next_level(1)
    listed.next_outcome(-2)
    assert listed.shown() == [left, lost, better, won, broken]


@pytest.mark.parametrize(("size", "language"), [(SMALL, "en"), (LARGE, "ko")])
async def test_all_is_listed_even_what_is_broken(
    shelf: Path, size: tuple[int, int], language: str
) -> None:
    terminal = Terminal(language)
    async with terminal.app.run_test(size=size) as pilot:
        screen = await open_runs(pilot, terminal)
        await sees(pilot, terminal, "4" if language == "ko" else "4 of 4 runs")
        words = terminal.app.desk.words
        left, lost, won, broken = rows(screen)
        assert words.say("runs.left") in left
        assert "1:30" in left
        assert words.say("runs.lost") in lost
        assert words.say("runs.won") in won
        assert "★" in won
        assert "◆" in won
        assert "◆" not in lost
        assert BROKEN[:8] in broken
        await pilot.press("end")
        await sees(pilot, terminal, "is not a recording")
        await pilot.press("enter")
        assert terminal.app.screen is screen
        assert all(len(line) for line in terminal.lines())


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_chosen_row_has_an_arrow(shelf: Path, size: tuple[int, int]) -> None:
    terminal = Terminal()
    async with terminal.app.run_test(size=size) as pilot:
        await open_runs(pilot, terminal)
        await sees(pilot, terminal, "4 of 4 runs")
        for keys, row in (((), 0), (("down",), 1), (("space",), 1), (("end",), 3)):
            await pilot.press(*keys)
            await pilot.pause()
            table = terminal.app.screen.query_one(DataTable).region
            marked = [y for y, line in enumerate(terminal.lines()) if "▸" in line]
            assert marked == [table.y + 1 + row]
        assert sum("✓" in line for line in terminal.lines()) == 1


async def test_of_a_sandbox_the_list_says_the_board(home: Path, capsys: Captured) -> None:
    terminal = Terminal("ko", level=sandbox("one-box"))
    async with terminal.app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await pilot.press("s", "s", "q", "y")
        await pilot.pause()
    (run,) = saved_runs()
    assert (run.title("en"), run.title("ko")) == ("Sandbox · one-box", "샌드박스 · one-box")
    terminal = Terminal()
    async with terminal.app.run_test(size=LARGE) as pilot:
        await open_runs(pilot, terminal)
        await sees(pilot, terminal, "Sandbox · one-box")
        await pilot.resize_terminal(*SMALL)
        await pilot.pause()
        await sees(pilot, terminal, " one-box ")
    assert run_cli(["runs"]) == 0
    told = capsys.readouterr().out
    assert "sandbox-one-box" in told
    assert "left at 0:02" in told


async def test_they_are_filtered_by_arrows_and_tab(shelf: Path) -> None:
    terminal = Terminal()
    async with terminal.app.run_test(size=SMALL) as pilot:
        screen = await open_runs(pilot, terminal)
        await sees(pilot, terminal, "4 of 4 runs")
        await pilot.press("right")
        await sees(pilot, terminal, "3 of 4 runs")
        await pilot.press("tab")
        assert len(rows(screen)) == 1
        await pilot.press("tab", "tab")
        assert "left" in rows(screen)[0]
        await pilot.press("tab")
        await sees(pilot, terminal, "No run is like that")
        await pilot.press("shift+tab", "left")
        await terminal.app.run_action("language")
        await sees(pilot, terminal, "기록 4개 중 1개")
        await pilot.press("question_mark")
        await sees(pilot, terminal, "최고 기록은 남습니다")


async def test_a_run_is_watched_and_the_list_is_as_it_was(shelf: Path) -> None:
    terminal = Terminal()
    async with terminal.app.run_test(size=SMALL) as pilot:
        await open_runs(pilot, terminal)
        await sees(pilot, terminal, "4 of 4 runs")
        await pilot.press("tab", "enter")
        await until(pilot, terminal, WatchScreen)
        await pilot.press("n", "q")
        await until(pilot, terminal, RunsScreen)
        await sees(pilot, terminal, "1 of 4 runs")
        await pilot.press("escape")
        await until(pilot, terminal, MenuScreen)


async def test_a_run_that_was_cut_off_is_played_on_or_watched_and_forked(shelf: Path) -> None:
    before = (shelf / LEFT).read_bytes()
    terminal = Terminal()
    async with terminal.app.run_test(size=SMALL) as pilot:
        await open_runs(pilot, terminal)
        await sees(pilot, terminal, "Left at 1:30")
        await pilot.press("enter", "down", "enter")
        await until(pilot, terminal, WatchScreen)
        await pilot.press("end", "less_than_sign", "less_than_sign", "f")
        await until(pilot, terminal, PlayScreen)
        fork = terminal.app.screen
        assert isinstance(fork, PlayScreen)
        assert fork.frame.second == 88
        assert fork.frame.instance("spare") is not None
        await pilot.press("q", "y")
        await until(pilot, terminal, MenuScreen)
        await open_runs(pilot, terminal)
        await sees(pilot, terminal, "5 of 5 runs")
        await pilot.press("tab", "tab", "tab")
        await sees(pilot, terminal, "Left at 1:30")
        await pilot.press("enter", "enter")
        await until(pilot, terminal, PlayScreen)
        assert isinstance(terminal.app.screen, PlayScreen)
        assert terminal.app.screen.frame.second == 90
        await pilot.press("q", "y")
        await until(pilot, terminal, MenuScreen)
    assert (shelf / LEFT).read_bytes() == before


async def test_deleting_asks_and_keeps_the_bests(shelf: Path, home: Path) -> None:
    best = load_bests()["made-up"]
    terminal = Terminal()
    async with terminal.app.run_test(size=SMALL) as pilot:
        await open_runs(pilot, terminal)
        await sees(pilot, terminal, "4 of 4 runs")
        await pilot.press("tab", "delete")
        assert isinstance(terminal.app.screen, Confirm)
        await sees(pilot, terminal, WON)
        await pilot.press("enter")
        assert (shelf / WON).exists(), "the safe answer comes first"
        await pilot.press("delete", "down", "enter")
        await sees(pilot, terminal, "Deleted")
        await pilot.press("tab", "tab", "tab")
        await sees(pilot, terminal, "broken")
        await pilot.press("d", "y")
        await sees(pilot, terminal, "Deleted")
    assert sorted(path.name for path in shelf.iterdir()) == [LOST, LEFT]
    assert not (home / "endings" / f"{WON}.json").exists()
    assert (home / "endings" / f"{LOST}.json").exists()
    assert load_bests()["made-up"] == best


async def test_what_cannot_be_deleted_stays_and_is_said(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    terminal = Terminal()
    async with terminal.app.run_test(size=SMALL) as pilot:
        await open_runs(pilot, terminal)
        await sees(pilot, terminal, "4 of 4 runs")
        with monkeypatch.context() as patched:
            patched.setattr(Path, "unlink", forbidden)
            await pilot.press("d", "y")
            await sees(pilot, terminal, "cannot be deleted")
    assert len(saved_runs()) == 4


async def test_more_runs_than_a_screen_holds_are_all_reached(home: Path) -> None:
    one = runs_folder() / "20260101-000000-a.headroom"
    recorded(one, NOTHING, until=1)
    for number in range(1, 70):
        one.with_name(f"20260101-0000{number:02}-a.headroom").write_bytes(one.read_bytes())
    terminal = Terminal()
    async with terminal.app.run_test(size=SMALL) as pilot:
        await open_runs(pilot, terminal)
        await sees(pilot, terminal, "70 of 70 runs")
        await pilot.press("end")
        await sees(pilot, terminal, "20260101-000000-a.headroom")


async def test_a_file_from_elsewhere_is_opened_by_arrows_alone(
    shelf: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "gifts").mkdir()
    recorded(elsewhere / "gifts" / "from-a-friend.headroom", MOVES, seed=11)
    (elsewhere / "gifts" / "notes.txt").write_text("not a run")
    (elsewhere / "gifts" / "\x1b[2Jevil.headroom").write_text("not a run")
    terminal = Terminal()
    async with terminal.app.run_test(size=SMALL) as pilot:
        screen = await open_runs(pilot, terminal)
        screen.place.folder = elsewhere
        await pilot.press("f")
        await pilot.pause()
        browser = terminal.app.screen
        assert isinstance(browser, OpenFileScreen)
        await sees(pilot, terminal, "No recording lies here")
        await pilot.press("enter", "end", "enter")
        assert browser.folder == elsewhere / "gifts"
        await sees(pilot, terminal, "notes.txt: is not a recording")
        await pilot.press("left")
        assert browser.folder == elsewhere
        await pilot.press("enter")
        browser.post_message(events.Paste(str(elsewhere / "nowhere.headroom")))
        await sees(pilot, terminal, "there is no such file")
        await pilot.press("down", "enter")
        await until(pilot, terminal, WatchScreen)
        watch = terminal.app.screen
        assert isinstance(watch, WatchScreen)
        assert watch.replay.recording.header.seed == 11
        await pilot.press("q")
        await until(pilot, terminal, RunsScreen)
    assert len(saved_runs()) == 4


def test_a_folder_lists_folders_then_recordings_then_the_rest(tmp_path: Path) -> None:
    for name in ("b.headroom", "A.headroom", "z.txt", ".hidden.headroom"):
        (tmp_path / name).write_text("")
    (tmp_path / "sub").mkdir()
    (tmp_path / "dangling.headroom").symlink_to(tmp_path / "nothing")
    names = [entry.path.name for entry in entries(tmp_path)]
    assert names == ["sub", "A.headroom", "b.headroom", "dangling.headroom", "z.txt"]


async def test_a_long_recording_is_opened_under_a_bar_and_can_be_given_up(shelf: Path) -> None:
    terminal, ticks, slow = Terminal(), count(), True
    async with terminal.app.run_test(size=SMALL) as pilot:
        await open_runs(pilot, terminal)
        await sees(pilot, terminal, "4 of 4 runs")
        terminal.app.desk.clock = lambda: float(next(ticks)) if slow else 0.0
        await pilot.press("tab", "enter")
        await until(pilot, terminal, WorkScreen)
        await sees(pilot, terminal, "Opening the recording")
        await pilot.press("escape")
        await until(pilot, terminal, RunsScreen)
        await sees(pilot, terminal, "1 of 4 runs")
        await pilot.press("enter")
        await until(pilot, terminal, WorkScreen)
        slow = False
        await until(pilot, terminal, WatchScreen)
        await sees(pilot, terminal, "mark 1 of 4")


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_inspector_s_charts_stay_high_once_the_list_was_open(
    home: Path, size: tuple[int, int]
) -> None:
    """Both have a place that is called `about`; the list's is two rows high."""
    terminal = Terminal()
    async with terminal.app.run_test(size=size) as pilot:
        await open_runs(pilot, terminal)
        await pilot.press("escape")
        await until(pilot, terminal, MenuScreen)
        terminal.app.go(OpenBoard("serverless-data"))
        await until(pilot, terminal, SandboxScreen)
        await pilot.press("s", "i")
        await until(pilot, terminal, InspectScreen)
        await pilot.pause()
        shown = [
            pane.region.height for pane in terminal.app.screen.query(ChartPane) if pane.display
        ]
        assert shown
        assert min(shown) >= 8
        sheet = terminal.app.screen.query_one("#sheet").region
        assert sheet.bottom == size[1] - 1, "the end of the text can be scrolled to"
