"""The debrief: what is said of a run that is over, and where it leads; by keyboard alone."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import msgspec
import pytest
from rich.cells import cell_len
from rich.console import Console
from textual.pilot import Pilot
from textual.widgets import OptionList

from engine.catalog import CATALOG
from engine.explain import Explanation, explain
from engine.frame import Frame, News, Verdict
from engine.simulation import Simulation
from engine.views import InstanceView
from levels.campaign import find_level
from levels.level import Level
from levels.plan import Plan, read_plan
from tests.fake_run import made_up_frame, made_up_scenario
from tests.test_app import LARGE, SMALL, Terminal, home, made_up_level, run_on, sees, until
from tui.compare import done_table, figures_table, main_difference
from tui.costs import costs_text, in_vain, spent_by_service
from tui.desk import Desk
from tui.ending import fork_second
from tui.headless import play_out
from tui.render.course import draw_course
from tui.render.history import History
from tui.rival import Side, rival_of
from tui.screens.concept import ConceptScreen
from tui.screens.debrief import DebriefScreen
from tui.screens.hint import HintScreen
from tui.screens.play import PlayScreen
from tui.screens.watch import WatchScreen
from tui.story import moment_line
from tui.theme import Look
from tui.timeline import Moment, timeline, timeline_lines, told_in
from tui.words import LANGUAGES, Words

__all__ = ["home"]


def played(slug: str, plan: str, seed: int | None = None) -> list[Frame]:
    """Every second's last frame of a plan's run."""
    level = find_level(slug)
    steps = Plan() if plan == "empty" else read_plan(level.plan_path(plan))
    frames: list[Frame] = []
    play_out(Simulation(level.scenario, seed, folder=level.folder), steps, [frames.append])
    return frames


def side(frames: list[Frame]) -> Side:
    last = frames[-1]
    done = tuple(step for step in told_in(frames) if step[1].by == "player")
    return Side(last, last.verdict.stars if last.verdict else 0, done)


@pytest.fixture(scope="module")
def scaled() -> list[Frame]:
    return played("scale-up", "watchful")


def test_what_was_done_and_what_came_of_it_stand_on_one_line_of_time(scaled: list[Frame]) -> None:
    words = Words("en")
    explanation = explain(scaled)
    moments = timeline(told_in(scaled), explanation, words)
    assert [m.second for m in moments] == sorted(m.second for m in moments)
    mine = [m.text for m in moments if m.by == "player"]
    assert len(mine) == 3
    bursts = [m for m in moments if m.by == "burst"]
    assert len(bursts) == len(explanation.bursts)
    stopped = next(m for m in moments if "stopping" in m.text)
    assert stopped.second <= bursts[0].second <= stopped.second + 5
    assert not any("headroom" in m.text for m in moments), "no noise of single stations"
    lines = timeline_lines(moments, words)
    assert any("11:45" in line and "you: stopping web-1" in line for line in lines)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", [(0, 0), (20, 7), (76, 7), (110, 12), (200, 3)])
def test_the_course_is_as_wide_as_it_is_told_to_be(
    scaled: list[Frame], language: str, size: tuple[int, int]
) -> None:
    history, words = History(), Words(language)
    for frame in scaled:
        history.add(frame)
    moments = timeline(told_in(scaled), explain(scaled), words)
    for look in (Look(), Look(ascii=True)):
        strips = draw_course(*size, moments, history, 1_800, look, words, 700, history)
        assert len(strips) == size[1]
        assert {cell_len(strip.text) for strip in strips} <= {size[0]}
        if look.ascii and language == "en":
            assert all(strip.text.isascii() for strip in strips)


def test_several_commands_in_one_cell_are_counted(scaled: list[Frame]) -> None:
    words = Words("en")
    moments = timeline(told_in(scaled), explain(scaled), words)
    row = draw_course(80, 8, moments, History(), 1_800, Look(), words)[0].text
    assert "3" in row


def test_what_stood_idle_was_paid_in_vain_to_the_cent() -> None:
    frames = played("first-server", "without-lesson")
    [wasted] = in_vain(frames, 1_800)
    assert (wasted.why, wasted.resource) in {("idle", "web-1"), ("idle", "web-2")}
    last = frames[-1]
    lines = [line for line in last.money.lines if line.resource == wasted.resource]
    paid = sum(line.amount_micro_usd for line in lines if line.counted)
    assert 0.9 * paid < wasted.micro_usd < 1.1 * paid
    rows = spent_by_service(last, [wasted])
    assert sum(row.micro_usd for row in rows) == last.money.spent_micro_usd
    assert all(row.in_vain_micro_usd <= row.micro_usd for row in rows)
    assert in_vain(played("first-server", "reference"), 1_800) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [30, 76, 108])
def test_the_cost_bars_keep_to_their_width(language: str, width: int) -> None:
    frames = played("first-server", "frugal")
    text = costs_text(Desk(Words(language)), frames[-1], in_vain(frames, 1_800), width)
    bars = [line for line in text.plain.splitlines() if "█" in line]
    assert bars
    assert all(cell_len(line) <= max(width, 60) for line in bars)


def test_the_rival_is_the_reference_plan_on_the_same_traffic() -> None:
    level = find_level("scale-up")
    rival = rival_of(level, 5)
    assert rival is not None
    while not rival.over:
        rival.advance()
    frames = played("scale-up", "reference", 5)
    assert rival.side == side(frames)
    assert rival.share_done == 1.0
    assert rival.history.second == frames[-1].second


def test_a_recorded_level_meets_the_plan_of_the_campaign_while_it_is_the_same(
    tmp_path: Path,
) -> None:
    known = find_level("scale-up")
    assert rival_of(replace(known, folder=tmp_path), 1) is not None
    assert rival_of(replace(known, folder=tmp_path, scenario=made_up_scenario()), 1) is None
    assert rival_of(made_up_level(), 1) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_main_difference_names_the_step_that_was_missed(
    language: str, scaled: list[Frame]
) -> None:
    words = Words(language)
    best, nothing = side(played("scale-up", "reference")), side(played("scale-up", "empty"))
    said = main_difference(nothing, best, words)
    assert "10:00" in said
    assert "web-1" in said
    assert len(figures_table(nothing, best, words)) == 7
    assert len(done_table(nothing, best, words)) == 3
    assert "$16.75" in main_difference(side(scaled), best, words)
    assert main_difference(best, nothing, words) == words.say("compare.only_you")
    assert main_difference(nothing, nothing, words) == words.say("compare.both_lost")


def test_a_step_that_came_late_or_was_another_one_is_told() -> None:
    def told(second: int, kind: str, **args: str) -> tuple[int, News]:
        return second, News(kind, "player", {"id": "vol-1", "gb": 40, "iops": 3_000, **args})

    won = made_up_frame(600, verdict=Verdict(True, 1, "passed"))
    lost = made_up_frame(300, verdict=Verdict(False, 0, "error_budget_empty"))
    words, theirs = Words("en"), Side(won, 1, (told(60, "volume_changed", type="gp3"),))
    late = Side(lost, 0, (told(290, "volume_changed", type="gp3"),))
    assert "at 1:00, you at 4:50" in main_difference(late, theirs, words)
    other = Side(lost, 0, (told(60, "volume_changed", type="st1"),))
    assert "yours: vol-1 is now st1" in main_difference(other, theirs, words)
    more = Side(lost, 0, (*theirs.done, told(90, "volume_deleted")))
    assert "what the reference plan did not: vol-1 is deleted" in main_difference(
        more, theirs, words
    )
    same = Side(lost, 0, theirs.done)
    assert main_difference(same, theirs, words) == words.say("compare.moments")


async def to_debrief(pilot: Pilot[int], terminal: Terminal, *keys: str) -> DebriefScreen:
    """Start the level, press keys, and go to its end."""
    await pilot.press("enter")
    await pilot.pause()
    await pilot.press(*keys)
    await run_on(pilot, terminal)
    await pilot.press("space")
    await pilot.pause()
    screen = terminal.app.screen
    assert isinstance(screen, DebriefScreen)
    return screen


def with_reference(folder: Path) -> Level:
    """The made-up level with a reference plan beside it."""
    (folder / "plans").mkdir()
    plan = '[[steps]]\nat_s = 10\ndo = "launch_instance"\ntype = "m5.large"\n'
    (folder / "plans" / "reference.toml").write_text(plan)
    return replace(made_up_level(), folder=folder)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", [SMALL, LARGE, (200, 60)])
async def test_every_page_is_exactly_as_wide_as_the_terminal(
    language: str, size: tuple[int, int], tmp_path: Path
) -> None:
    terminal = Terminal(language, with_reference(tmp_path))
    async with terminal.app.run_test(size=size) as pilot:
        screen = await to_debrief(pilot, terminal)
        for key in ("1", "2", "3", "4", "5", "right", "left", "tab", "shift+tab"):
            await pilot.press(key)
            await pilot.pause()
            widths = {s.cell_length for s in screen._compositor.render_strips()}
            assert widths == {size[0]}
        assert screen.place.page == 4


async def test_the_pages_hold_under_no_color(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal(level=with_reference(tmp_path))
    async with terminal.app.run_test(size=SMALL) as pilot:
        await to_debrief(pilot, terminal, "n", "enter", "m", "enter")
        for key, said in (("2", "you: launched"), ("3", "Paid in vain"), ("5", "Lesson.")):
            await pilot.press(key)
            await sees(pilot, terminal, said)


async def test_the_reference_plan_is_played_meanwhile_and_compared(tmp_path: Path) -> None:
    terminal = Terminal(level=with_reference(tmp_path))
    async with terminal.app.run_test(size=SMALL) as pilot:
        screen = await to_debrief(pilot, terminal)
        await pilot.press("4")
        for _ in range(400):
            terminal.now += 0.06  # a slice of the work each time
            await pilot.pause(0.01)
            if terminal.shows("What was done when"):
                break
        await sees(pilot, terminal, "at 0:10 the reference plan did what you did not")
        await sees(pilot, terminal, "reference plan")
        rival = screen._run.rival
        assert rival is not None
        assert rival.over


async def test_a_level_without_a_reference_plan_says_so() -> None:
    terminal = Terminal(level=made_up_level())
    async with terminal.app.run_test(size=SMALL) as pilot:
        await to_debrief(pilot, terminal)
        await pilot.press("4")
        await sees(pilot, terminal, "without a reference plan")


async def test_a_moment_is_watched_and_the_player_comes_back_to_it() -> None:
    terminal = Terminal(level=made_up_level())
    async with terminal.app.run_test(size=SMALL) as pilot:
        screen = await to_debrief(pilot, terminal, "n", "enter", "m", "enter")
        await pilot.press("2", "down")
        await pilot.pause()
        moment = screen._moments[1]
        await pilot.press("enter")
        await pilot.pause()
        watch = terminal.app.screen
        assert isinstance(watch, WatchScreen)
        assert watch.frame.second == max(0, moment.second - 1)
        await pilot.press("q")
        await pilot.pause()
        again = terminal.app.screen
        assert isinstance(again, DebriefScreen)
        assert again is not screen
        assert again.place == screen.place == (1, 1)
        assert again.query_one("#moments", OptionList).highlighted == 1


def test_a_run_is_taken_over_while_there_is_time_for_what_would_help() -> None:
    explanation = explain(played("read-replicas", "empty"))
    second = fork_second(explanation)
    first = min(burst.from_s for burst in explanation.bursts)
    assert second is not None
    assert second + CATALOG.rds.create_s[1] + 120 <= first  # two minutes to look and choose
    early = Explanation(None, (msgspec.structs.replace(explanation.bursts[0], from_s=90),))
    assert fork_second(early) == 0
    assert fork_second(Explanation(None, ())) is None


async def test_a_lost_run_is_taken_over_well_before_it_went_wrong() -> None:
    terminal = Terminal(level=made_up_level())
    async with terminal.app.run_test(size=SMALL) as pilot:
        await to_debrief(pilot, terminal)
        await sees(pilot, terminal, "Take over at 0:00")
        await pilot.press("enter")  # the first way on is the one to recommend
        await until(pilot, terminal, PlayScreen)
        fork = terminal.app.screen
        assert isinstance(fork, PlayScreen)
        assert fork.frame.second in range(6)


async def test_every_way_on_has_its_key_and_stars_say_what_they_asked() -> None:
    terminal = Terminal(level=made_up_level())
    async with terminal.app.run_test(size=SMALL) as pilot:
        screen = await to_debrief(pilot, terminal, "n", "enter", "m", "enter")
        for said in ("every goal met to the end", "at most $250 spent", "under other traffic"):
            await sees(pilot, terminal, said)
        await pilot.press("k")
        assert isinstance(terminal.app.screen, ConceptScreen)
        await pilot.press("escape", "h")
        assert isinstance(terminal.app.screen, HintScreen)
        await pilot.press("escape")
        assert terminal.app.screen is screen
        await pilot.press("r")
        await pilot.pause()
        assert isinstance(terminal.app.screen, PlayScreen)


async def test_c_copies_the_card_and_keeps_it_beside_the_recording(home: Path) -> None:
    terminal = Terminal(level=made_up_level())
    async with terminal.app.run_test(size=SMALL) as pilot:
        await to_debrief(pilot, terminal)
        await pilot.press("c")
        card = terminal.app.clipboard
        assert max(map(cell_len, card.splitlines())) <= 60
        assert "seed 7" in card
        (kept,) = home.rglob("*.txt")
        assert kept.read_text(encoding="utf-8") == card
        assert list(kept.parent.glob("*.headroom")) == [kept.with_suffix(".headroom")]


async def test_hints_that_were_taken_are_counted() -> None:
    terminal = Terminal(level=find_level("slow-disk"))
    async with terminal.app.run_test(size=LARGE) as pilot:
        await pilot.press("h", "enter")
        await pilot.pause()
        screen = terminal.app.screen
        assert isinstance(screen, PlayScreen)
        assert screen.run_played.hints.taken == 1
        await pilot.press("h")
        await sees(pilot, terminal, "Hint 1 of 3")
        await pilot.press("h")
        await sees(pilot, terminal, "Hint 2 of 3")
        assert not terminal.shows("Hint 3 of 3")
        await pilot.press("escape", "h")
        await pilot.pause()
        assert screen.run_played.hints.taken == 2


def test_the_story_of_no_run_is_empty() -> None:
    assert timeline([], Explanation(None, ()), Words("en")) == []
    idle = made_up_frame(5, (_lonely(),))
    nobody = dict.fromkeys(idle.addresses)
    assert in_vain([], 60) == []
    frames = [msgspec.structs.replace(idle, addresses=nobody, stations=())] * 60
    assert [waste.why for waste in in_vain(frames, 60)] == ["idle"]


def _lonely() -> InstanceView:
    return InstanceView(
        "web-9", "m5.large", "linux", "a", "running", ("web",), 2, 8.0, ("vol-9",), 70_080_000
    )


@pytest.mark.parametrize("width", range(40, 80, 3))
def test_no_letter_is_cut_where_korean_lines_wrap(width: int) -> None:
    moments = [
        Moment(5, 90, "burst", "▇", "down", "요청 " * 9, ("까닭을 말하는 긴 문장 274.7 ms " * 4,)),
        Moment(7, 7, "player", "▲", "accent", "vol-1이 이제 gp3"),
    ]
    console = Console(width=width, file=StringIO())
    for moment in moments:
        console.print(moment_line(Desk(Words("ko")), moment))
    drawn = console.file
    assert isinstance(drawn, StringIO)
    text = drawn.getvalue()
    assert "…" not in text
    for word in ("요청", "까닭을", "문장", "274.7"):
        assert word in text
