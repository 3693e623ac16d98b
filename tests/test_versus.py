"""Two runs of one level compared: the ghost in the charts, the lane on the bar, the differences."""

from contextlib import closing
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from engine.recording import RecordingWriter, new_header, read_recording
from engine.services.ec2 import LaunchInstance
from engine.simulation import VERSION, Simulation
from levels.plan import Plan
from levels.sandbox import sandbox
from tests.recorded_runs import MOVES, NOTHING, Move, recorded
from tests.test_app import LARGE, SMALL, Terminal, home, sees, until
from tests.test_cli import Captured
from tests.test_runs import open_runs
from tests.test_watch import watching
from tui.cli import run
from tui.contender import Contender
from tui.differences import differences, given_when, notes
from tui.headless import play_out
from tui.recorded import recorded_facts
from tui.render.chart import draw_chart
from tui.render.charts import CHARTS, make_chart
from tui.render.sentences import reason_words
from tui.screens.differences import DifferencesScreen
from tui.screens.modal import Choose
from tui.screens.runs import RunsScreen
from tui.screens.watch import WatchScreen
from tui.settings import runs_folder
from tui.theme import Look
from tui.words import LANGUAGES, Words

__all__ = ["home"]

ONE: tuple[Move, ...] = (MOVES[0], (90, LaunchInstance(type="t3.small", name="spare")))


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Contender, Contender]:
    """A run with a spare machine that passes, and one of nothing that is lost."""
    return (
        Contender(recorded(tmp_path / "a.headroom", MOVES)),
        Contender(recorded(tmp_path / "b.headroom", NOTHING, seed=8)),
    )


def test_figures_are_compared_at_the_end_and_at_any_second(
    sides: tuple[Contender, Contender],
) -> None:
    mine, theirs = sides
    words = Words("en")
    rows = {row.name: row for row in differences(mine, theirs, words)}
    assert rows["outcome"].mine.startswith("won ★")
    assert rows["outcome"].theirs.startswith("lost at ")
    total = sum(part.good for part in mine.last.totals.values())
    assert rows["answered in time"].mine == f"{total:,}"
    assert rows["answered in time"].by == f"+{total:,}"
    failed = sum(part.failed_total for part in theirs.last.totals.values())
    assert rows["failed"].by == f"-{failed:,}"
    [reason] = {reason for part in theirs.last.totals.values() for reason in part.failed}
    assert rows[reason_words(reason, words)].theirs == f"{failed:,}"
    assert rows[reason_words(reason, words)].part
    spent = mine.last.money.spent_micro_usd / 1e6
    assert rows["spent"].by == f"+${spent:,.2f}"
    listed = differences(mine, theirs, words)
    services = listed[listed.index(rows["spent"]) + 1 :]
    assert len(services) >= 2
    assert sum(float(row.mine.lstrip("$")) for row in services) == pytest.approx(spent, abs=0.03)
    early = {row.name: row for row in differences(mine, theirs, words, 60)}
    assert early["outcome"].mine == early["outcome"].theirs == "running, 1:00"
    assert early["requests"].by == ""
    assert early["failed"].mine == early["failed"].theirs == "0"


def test_free_play_that_came_to_its_end_is_over_not_won(tmp_path: Path) -> None:
    path, level = tmp_path / "free.headroom", sandbox("one-box", duration_s=60)
    simulation = Simulation(level.scenario)
    with closing(
        RecordingWriter(path, new_header(level.scenario, 1, VERSION, "now", {}))
    ) as writer:
        play_out(simulation, Plan(), [], writer)
        writer.finish(simulation.result())
    one = Contender(read_recording(path))
    for language, over in (("en", "over at 1:00"), ("ko", "1:00에 끝남")):
        outcome = differences(one, one, Words(language))[0]
        assert (outcome.mine, outcome.theirs) == (over, over)


def test_commands_of_both_are_in_order_and_alike_ones_share_a_row(tmp_path: Path) -> None:
    mine = Contender(recorded(tmp_path / "a.headroom", MOVES))
    theirs = Contender(recorded(tmp_path / "b.headroom", ONE))
    rows = given_when(mine, theirs, Words("en"))
    assert [(row.second, bool(row.mine), bool(row.theirs)) for row in rows] == [
        (0, True, True), (0, True, False), (60, True, False), (90, False, True), (150, True, False),
    ]  # fmt: skip
    assert rows[0].mine == rows[0].theirs
    assert "Refused" in rows[2].mine


def test_it_is_said_what_the_two_do_not_share(
    sides: tuple[Contender, Contender], tmp_path: Path
) -> None:
    words = Words("en")
    assert notes(*sides, words) == [words.say("versus.seeds", mine=7, theirs=8)]
    again = Contender(recorded(tmp_path / "c.headroom", ONE))
    assert notes(sides[0], again, words) == [words.say("versus.same")]


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_ghost_is_in_every_chart_at_any_size(
    sides: tuple[Contender, Contender], language: str, ascii: bool
) -> None:
    mine, theirs = sides
    facts, frame = recorded_facts(mine.recording), mine.last
    look, words = Look(ascii=ascii), Words(language)
    for kind in CHARTS:
        chart = make_chart(kind, frame, mine.history, facts, words, ghost=theirs.history)
        assert [curve.kind for curve in chart.curves].count("ghost") == 1
        for width, height in ((0, 0), (8, 3), (40, 7), (100, 20)):
            strips = draw_chart(
                width, height, chart, look, until=150, window_s=None, duration_s=180
            )
            assert [cell_len(strip.text) for strip in strips] == [width] * height


def test_a_ghost_s_dots_are_seen_without_colour(sides: tuple[Contender, Contender]) -> None:
    mine, theirs = sides
    facts = recorded_facts(mine.recording)
    for ghost in (None, theirs.history):
        chart = make_chart("failures", mine.at(140), mine.history, facts, Words("en"), ghost=ghost)
        strips = draw_chart(60, 10, chart, Look(), until=140, window_s=None, duration_s=180)
        text = "\n".join(strip.text for strip in strips)
        assert any(dot in text for dot in ".·˙") == (ghost is not None)
        assert ("other" in text) == (ghost is not None)


async def test_two_runs_are_compared_from_the_list_by_keys_alone(home: Path) -> None:
    folder = runs_folder()
    recorded(folder / "20260101-000000-made-up.headroom", MOVES, started="2026-01-01T00:00:00")
    lost = folder / "20260102-000000-made-up.headroom"
    recorded(lost, NOTHING, seed=8, started="2026-01-02T00:00:00")
    terminal = Terminal()
    async with terminal.app.run_test(size=SMALL) as pilot:
        await open_runs(pilot, terminal)
        await sees(pilot, terminal, "2 of 2 runs")
        await pilot.press("c")
        await sees(pilot, terminal, "✓ Marked")
        await pilot.press("down", "c")
        await until(pilot, terminal, WatchScreen)
        watch = terminal.app.screen
        assert isinstance(watch, WatchScreen)
        assert watch.watched.header.seed == 7
        assert watch.against is not None
        assert watch.against.header.seed == 8
        await pilot.press("greater_than_sign")
        await sees(pilot, terminal, "other traffic (seed 8)")
        await sees(pilot, terminal, "·· other")
        await pilot.press("end", "p", "d")
        await until(pilot, terminal, DifferencesScreen)
        await sees(pilot, terminal, "As both stand at 2:30")
        await pilot.press("tab")
        await sees(pilot, terminal, "At the end of both")
        await sees(pilot, terminal, "lost at")
        await terminal.app.run_action("language")
        await sees(pilot, terminal, "끝까지의 비교")
        await pilot.press("escape")
        assert terminal.app.screen is watch
        await pilot.press("q")
        await until(pilot, terminal, RunsScreen)


async def test_another_run_is_set_beside_one_while_watching(home: Path) -> None:
    path = runs_folder() / "20260101-000000-made-up.headroom"
    terminal = Terminal()
    async with terminal.app.run_test(size=LARGE) as pilot:
        alone = await watching(pilot, terminal, recorded(path, MOVES))
        await pilot.press("d")
        await sees(pilot, terminal, "no other run of this level")
        recorded(
            runs_folder() / "20260102-000000-made-up.headroom", ONE, started="2026-01-02T00:00:00"
        )
        await choose(pilot, terminal, "g", "enter")
        assert alone.against is not None
        await sees(pilot, terminal, "the run of 2026-01-02 00:00")
        for page in ("tab", "tab", "v", "escape", "i", "escape"):
            await pilot.press(page)
            await pilot.pause()
        await choose(pilot, terminal, "g", "home", "enter")
        assert alone.against is None
        assert alone.ghost is None
        assert not terminal.shows("·· other")


async def choose(pilot: Pilot[int], terminal: Terminal, key: str, *keys: str) -> None:
    """Open a list by its key, and choose from it."""
    await pilot.press(key)
    await until(pilot, terminal, Choose)
    await pilot.press(*keys)
    await until(pilot, terminal, WatchScreen)


def test_runs_of_two_levels_are_not_compared(tmp_path: Path, capsys: Captured) -> None:
    recorded(tmp_path / "a.headroom", NOTHING)
    run(["run", "first-server", "--record", str(tmp_path / "b.headroom")])
    capsys.readouterr()
    first, second = str(tmp_path / "a.headroom"), str(tmp_path / "b.headroom")
    assert run(["replay", first, "--against", second]) == 2
    assert "b.headroom: is a run of 'first-server'; expected a run of 'made-up'" in (
        capsys.readouterr().err
    )
