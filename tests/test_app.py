"""The game by keyboard alone, on a terminal of cells in memory; no clock moves by itself."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import pytest
from textual import events
from textual.binding import BindingType
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import OptionList, Static

from engine.recording import read_recording
from engine.scenario import read_scenario
from levels.campaign import campaign
from levels.level import Level, LevelText
from tests.fake_run import SCENARIO_VALUES
from tui.app import HeadroomApp
from tui.desk import Desk
from tui.front_actions import front_actions
from tui.journey import THIRD_STAR
from tui.screens.briefing import BriefingScreen
from tui.screens.concept import ConceptScreen
from tui.screens.debrief import DebriefScreen
from tui.screens.explain import ExplainScreen
from tui.screens.form import FormScreen
from tui.screens.hint import HintScreen
from tui.screens.menu import MenuScreen
from tui.screens.modal import Choose, Confirm, Page
from tui.screens.play import PlayScreen
from tui.screens.too_small import TooSmall
from tui.screens.watch import WatchScreen
from tui.session import MAX_SPEED
from tui.settings import Settings, load_settings, runs_folder
from tui.shelf import load_bests, saved_runs
from tui.words import Words

SMALL, LARGE = (80, 24), (120, 40)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("TEXTUAL_THEME", "TEXTUAL_ANIMATIONS", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HEADROOM_HOME", str(tmp_path))
    return tmp_path


@dataclass
class Terminal:
    """The app with a clock that stands still, and what is on its screen."""

    language: str = "en"
    level: Level | None = None
    now: float = 0.0
    app: HeadroomApp = field(init=False)

    def __post_init__(self) -> None:
        desk = Desk(
            Words(self.language),
            Settings(auto_pause=False),
            clock=lambda: self.now,
            now=lambda: datetime(2026, 1, 2, 3, 4, 5),
            new_seed=lambda: 99,
        )
        self.app = HeadroomApp(desk, level=self.level)

    def lines(self) -> list[str]:
        width, _ = self.app.size
        return [
            "".join(segment.text for segment in strip)
            for strip in self.app.screen._compositor.render_strips()
            if strip.cell_length <= width
        ]

    def shows(self, text: str) -> bool:
        return text in "\n".join(self.lines())


def made_up_level(text: str = "Made up") -> Level:
    """A level of three minutes that one machine passes, and nothing at all does not."""
    values = {
        **SCENARIO_VALUES,
        "duration_s": 180,
        "traffic": [{"kind": "constant", "rps": 20.0, "start_s": 120}],
        "budget": {"month_usd": 300.0},
        "objectives": {"error_budget": 0.3, "two_stars_month_usd": 250.0},
    }
    words = LevelText(text, "One line.", "What to do.", ("A hint.",), "Lesson.", "Yes.", "No.")
    return Level("made-up", "test", (), (), read_scenario(values, "made-up"), {"en": words}, Path())


async def run_on(pilot: Pilot[int], terminal: Terminal) -> PlayScreen:
    """To the end of the run, as fast as possible."""
    screen = terminal.app.screen
    assert isinstance(screen, PlayScreen)
    screen.session.speed = MAX_SPEED
    await pilot.press("space")
    screen.poll()
    await pilot.pause()
    assert screen.session.over
    return screen


async def test_a_level_is_won_and_watched_by_keyboard_alone() -> None:
    terminal = Terminal(level=made_up_level())
    async with terminal.app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        assert isinstance(terminal.app.screen, BriefingScreen)
        await sees(pilot, terminal, "What to do.")
        await pilot.press("h", "enter")
        await pilot.pause()
        assert isinstance(terminal.app.screen, PlayScreen)
        await pilot.press("n")
        assert isinstance(terminal.app.screen, Choose)
        await pilot.press("enter")
        assert isinstance(terminal.app.screen, FormScreen)
        await pilot.press("m")
        await sees(pilot, terminal, "m5.large")
        await sees(pilot, terminal, "$75.33")
        await pilot.press("enter")
        await pilot.pause()
        await sees(pilot, terminal, "web-1")
        await run_on(pilot, terminal)
        await pilot.press("enter")
        await pilot.pause()

        debrief = terminal.app.screen
        assert isinstance(debrief, DebriefScreen)
        await sees(pilot, terminal, "WON")
        for worker in [w for w in terminal.app.workers if w.group == THIRD_STAR]:
            await worker.wait()
        debrief.follow()
        await pilot.pause()
        await sees(pilot, terminal, "★★★")
        assert load_bests()["made-up"].stars == 3
        [saved] = saved_runs()
        assert saved.ending is not None
        assert saved.ending.won

        await pilot.press("w")
        await pilot.pause()
        watch = terminal.app.screen
        assert isinstance(watch, WatchScreen)
        await pilot.press("end")
        assert watch.frame.second == 180
        await pilot.press("left", "shift+left")
        assert watch.frame.second == 115
        await pilot.press("home", "s")
        assert watch.frame.second == 1
        await pilot.press("q")
        await pilot.pause()
        assert isinstance(terminal.app.screen, DebriefScreen)
        await pilot.press("n")
        await pilot.pause()
        again = terminal.app.screen
        assert isinstance(again, PlayScreen)
        assert again.run_played.seed == 99


async def test_doing_nothing_loses_and_the_debrief_says_why() -> None:
    terminal = Terminal(level=made_up_level())
    async with terminal.app.run_test(size=SMALL) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        await run_on(pilot, terminal)
        await pilot.press("space")
        await pilot.pause()
        await sees(pilot, terminal, "LOST")
        await sees(pilot, terminal, "The main reason")
        assert load_bests() == {}


async def test_a_refused_command_says_its_reason_and_changes_nothing() -> None:
    terminal = Terminal(level=made_up_level())
    async with terminal.app.run_test(size=LARGE) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        screen = terminal.app.screen
        assert isinstance(screen, PlayScreen)
        live = screen.live
        await pilot.press("c")
        assert terminal.app.screen is screen
        await pilot.press("n", "enter", "m", "enter", "c")
        await pilot.pause()
        assert isinstance(terminal.app.screen, Choose)
        await sees(pilot, terminal, "✕ Resize")
        await pilot.press("down")
        await sees(pilot, terminal, "must be")
        await pilot.press("enter")
        assert isinstance(terminal.app.screen, Choose)
        await pilot.press("escape")
        assert len(live.commands) == 1


async def test_every_page_opens_and_closes_and_leaving_asks_first() -> None:
    terminal = Terminal(level=made_up_level())
    async with terminal.app.run_test(size=SMALL) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        screen = terminal.app.screen
        await pilot.press(
            "n", "enter", "m", "enter", "s", "plus", "minus", "tab", "tab", "down", "right"
        )
        for key in ("l", "question_mark"):
            await pilot.press(key)
            assert isinstance(terminal.app.screen, Page)
            await pilot.press("escape")
            assert terminal.app.screen is screen
        await pilot.press("t")
        assert isinstance(terminal.app.screen, BriefingScreen)
        await pilot.press("escape", "q")
        assert isinstance(terminal.app.screen, Confirm)
        await pilot.press("enter")
        assert terminal.app.screen is screen
        await pilot.press("q", "y")
        await pilot.pause()
        assert isinstance(terminal.app.screen, MenuScreen)
    [path] = runs_folder().iterdir()
    assert read_recording(path).frames[-1].second == 1


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_every_line_is_exactly_as_wide_as_the_terminal(
    language: str, size: tuple[int, int]
) -> None:
    terminal = Terminal(language, made_up_level("첫 서버"))
    async with terminal.app.run_test(size=size) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("n")
        keys_pressed: tuple[tuple[str, ...], ...] = (
            (), ("enter",), ("m", "enter"), ("c",), ("escape", "question_mark"), ("m",),
            ("escape", "escape", "e"), ("h",), ("k", "right"), ("escape", "escape", "e", "i"),
        )  # fmt: skip
        for keys in keys_pressed:
            await pilot.press(*keys)
            await pilot.pause()
            widths = {s.cell_length for s in terminal.app.screen._compositor.render_strips()}
            assert widths == {size[0]}


async def test_a_run_that_was_left_before_it_began_is_not_kept() -> None:
    terminal = Terminal(level=made_up_level())
    async with terminal.app.run_test(size=SMALL) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        assert len(list(runs_folder().iterdir())) == 1
        await pilot.press("q")
        await pilot.pause()
        assert isinstance(terminal.app.screen, MenuScreen)
    assert list(runs_folder().iterdir()) == []


async def test_the_language_switches_in_mid_run() -> None:
    terminal = Terminal(level=made_up_level())
    async with terminal.app.run_test(size=LARGE) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("n", "enter", "m", "enter", "down")
        screen = terminal.app.screen
        assert isinstance(screen, PlayScreen)
        selected = screen.board.selected
        assert selected is not None
        await terminal.app.run_action("language")
        await pilot.pause()
        await sees(pilot, terminal, "보드")
        assert screen.board.selected == selected


async def test_the_menu_switches_its_language_at_once_and_keeps_it() -> None:
    terminal = Terminal()
    async with terminal.app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await sees(pilot, terminal, "not played yet")
        await pilot.press("l")
        await pilot.pause()
        await sees(pilot, terminal, "아직 안 함")
        assert terminal.app.screen.query_one(OptionList).has_focus
        assert load_settings().language == "ko"
        await pilot.press("q")
        await pilot.pause()
    assert terminal.app.return_value == 0


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_every_line_of_the_menu_comes_onto_the_screen(
    language: str, size: tuple[int, int]
) -> None:
    terminal = Terminal(language)
    say = terminal.app.desk.say
    async with terminal.app.run_test(size=size) as pilot:
        await pilot.pause()
        for level in campaign():
            await sees(pilot, terminal, level.words(language).title)
            await pilot.press("down")
        await pilot.press("end")
        await sees(pilot, terminal, say("menu.quit"))


async def test_a_level_opens_by_its_number_and_the_menu_stays_with_it() -> None:
    terminal = Terminal()
    async with terminal.app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await pilot.press("2")
        await pilot.pause()
        await sees(pilot, terminal, "A bigger machine")
        await pilot.press("escape")
        await pilot.pause()
        await sees(pilot, terminal, "not played yet")
        highlighted = terminal.app.screen.query_one(OptionList).highlighted_option
        assert highlighted is not None
        assert highlighted.id == "level-1"


async def test_a_small_terminal_asks_for_more_room_and_the_game_goes_on() -> None:
    terminal = Terminal()
    async with terminal.app.run_test(size=SMALL) as pilot:
        await pilot.resize_terminal(60, 20)
        await pilot.pause()
        assert isinstance(terminal.app.screen, TooSmall)
        assert "60×20" in str(terminal.app.screen.query_one(Static).render())
        await pilot.resize_terminal(*LARGE)
        await pilot.pause()
        assert isinstance(terminal.app.screen, MenuScreen)


async def test_a_terminal_that_is_small_at_first_asks_once() -> None:
    terminal = Terminal()
    async with terminal.app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        assert isinstance(terminal.app.screen, TooSmall)
        await pilot.resize_terminal(*SMALL)
        await pilot.pause()
        kinds = [type(screen) for screen in terminal.app.screen_stack]
        assert kinds.count(TooSmall) == 0
        assert kinds[-1] is MenuScreen


@pytest.mark.parametrize(("size", "language"), [(SMALL, "ko"), (SMALL, "en"), (LARGE, "en")])
async def test_question_mark_lists_the_keys_of_the_menu_the_briefing_and_the_debrief(
    size: tuple[int, int], language: str
) -> None:
    async def lists(keys: str, where: str) -> None:
        """The line of keys names the help, and the help names every key."""
        await pilot.pause()
        assert terminal.shows(keys)
        below = terminal.app.screen
        for key in ("question_mark", "f1"):
            await pilot.press(key)
            await pilot.pause()
            assert isinstance(terminal.app.screen, Page)
            lines = "\n".join(terminal.lines())
            for action in front_actions(where)[:8]:
                assert action.shown in lines
                assert words.say(f"help.{action.name}")[:30] in lines
            await pilot.press("escape")
            assert terminal.app.screen is below

    words = Words(language)
    terminal = Terminal(language)
    async with terminal.app.run_test(size=size) as pilot:
        await lists(words.say("menu.keys"), "menu")
    terminal = Terminal(language, made_up_level())
    async with terminal.app.run_test(size=size) as pilot:
        await lists(words.say("briefing.keys"), "briefing")
        await pilot.press("enter")
        await run_on(pilot, terminal)
        await pilot.press("space")
        await lists(words.say("debrief.keys_result"), "debrief")


async def test_a_folder_that_cannot_be_written_is_said_and_the_game_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file, not a folder")
    monkeypatch.setenv("HEADROOM_HOME", str(taken))
    terminal = Terminal(level=made_up_level())
    async with terminal.app.run_test(size=SMALL) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        screen = terminal.app.screen
        assert isinstance(screen, PlayScreen)
        await pilot.press("s")
        assert screen.frame.second == 1
        assert screen.live.trouble is not None
        await sees(pilot, terminal, "not recorded")
        await pilot.press("space")
        await sees(pilot, terminal, "This run is not kept")
        assert terminal.shows("  not recorded")
        assert not terminal.shows("is recorded")
        await pilot.press("q")
        await sees(pilot, terminal, "nothing of it was recorded")


async def begin(pilot: Pilot[int], terminal: Terminal) -> PlayScreen:
    """Start the level with one machine on its way."""
    await pilot.press("enter")
    await pilot.pause()
    await pilot.press("n", "enter", "m", "enter")
    screen = terminal.app.screen
    assert isinstance(screen, PlayScreen)
    return screen


async def test_e_explains_and_h_gives_the_plain_answer_only_when_asked_a_third_time() -> None:
    terminal = Terminal(level=made_up_level())
    async with terminal.app.run_test(size=LARGE) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        await run_on(pilot, terminal)
        answer = "Launch an instance that plays the missing roles."
        await pilot.press("e")
        await pilot.pause()
        assert isinstance(terminal.app.screen, ExplainScreen)
        await sees(pilot, terminal, "Nothing stood that could answer users.")
        assert not terminal.shows(answer)
        for _ in range(2):
            await pilot.press("h")
            await pilot.pause()
            assert isinstance(terminal.app.screen, HintScreen)
            await sees(pilot, terminal, "Hint 1 of 1")
            assert not terminal.shows(answer)
        await pilot.press("h")
        await pilot.pause()
        await sees(pilot, terminal, answer)
        await pilot.press("k")
        await pilot.pause()
        assert isinstance(terminal.app.screen, ConceptScreen)
        await sees(pilot, terminal, "C1 · ")
        await pilot.press("escape", "escape", "e", "space")
        await pilot.pause()
        assert isinstance(terminal.app.screen, DebriefScreen)
        await sees(pilot, terminal, "1 of 1")
        await pilot.press("e")
        assert isinstance(terminal.app.screen, ExplainScreen)


async def test_cards_are_a_key_away_from_the_briefing_in_play_and_the_help() -> None:
    terminal = Terminal(level=made_up_level())
    async with terminal.app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await pilot.press("k")
        await pilot.pause()
        await sees(pilot, terminal, "C1 · ")
        await pilot.press("left")
        await pilot.pause()
        await sees(pilot, terminal, "D3 · ")
        await pilot.press("escape")
        screen = await begin(pilot, terminal)
        await pilot.press("k")
        await pilot.pause()
        await sees(pilot, terminal, "E1 · ")
        await pilot.press("escape", "down", "k")
        await pilot.pause()
        await sees(pilot, terminal, "V1 · ")
        await pilot.press("escape", "question_mark", "m")
        await pilot.pause()
        await sees(pilot, terminal, "What is simulated")
        await pilot.press("escape", "escape")
        assert terminal.app.screen is screen


async def test_a_killed_run_is_resumed_from_the_menu_and_forked_while_watching() -> None:
    terminal = Terminal(level=made_up_level())
    async with terminal.app.run_test(size=SMALL) as pilot:
        screen = await begin(pilot, terminal)
        for _ in range(20):
            await pilot.press("s")
        await pilot.press("q", "y")
        await pilot.pause()
        [old] = saved_runs()
        before = old.path.read_bytes()

        menu = terminal.app.screen
        assert isinstance(menu, MenuScreen)
        choices = menu.query_one(OptionList)
        choices.highlighted = choices.get_option_index("runs")
        await pilot.press("enter")
        await sees(pilot, terminal, "Left at 0:20")
        await pilot.press("enter")
        await pilot.pause()
        await sees(pilot, terminal, "Go on playing")
        await pilot.press("enter")
        await until(pilot, terminal, PlayScreen)
        resumed = terminal.app.screen
        assert isinstance(resumed, PlayScreen)
        assert resumed is not screen
        assert resumed.frame.second == 20
        assert resumed.frame.instance("web-1") is not None
        await sees(pilot, terminal, "stands where it was left")
        await run_on(pilot, terminal)
        await pilot.press("enter")
        await pilot.pause()
        await sees(pilot, terminal, "WON")
        assert old.path.read_bytes() == before
        assert len(saved_runs()) == 2

        await pilot.press("w")
        await pilot.pause()
        await pilot.press("end", "f")
        assert isinstance(terminal.app.screen, WatchScreen)
        await pilot.press("home", "right", "f")
        await until(pilot, terminal, PlayScreen)
        fork = terminal.app.screen
        assert isinstance(fork, PlayScreen)
        assert fork.frame.second == 5
        assert len(fork.live.commands) == 1


async def sees(pilot: Pilot[int], terminal: Terminal, text: str) -> None:
    """The text comes onto the screen, however many turns of the loop that takes."""
    for _ in range(200):
        if terminal.shows(text):
            return
        await pilot.pause()
    raise AssertionError(f"never shows: {text}")


async def until(pilot: Pilot[int], terminal: Terminal, kind: type) -> None:
    """Wait for a screen that comes when work is done."""
    for _ in range(100):
        await pilot.pause(0.05)
        if isinstance(terminal.app.screen, kind):
            return
    raise AssertionError(f"no {kind.__name__} came")


async def test_space_says_what_it_does_now() -> None:
    terminal = Terminal(level=made_up_level())
    async with terminal.app.run_test(size=SMALL) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        await sees(pilot, terminal, "space go on")
        await pilot.press("space")
        await pilot.pause()
        await sees(pilot, terminal, "space pause")
        await pilot.press("space")
        await run_on(pilot, terminal)
        await sees(pilot, terminal, "space how it went")


async def test_a_key_that_the_screen_before_gives_back_waits_for_the_next() -> None:
    terminal = Terminal()
    async with terminal.app.run_test(size=SMALL) as pilot:
        await until(pilot, terminal, MenuScreen)
        coming = Coming()
        terminal.app.run_worker(terminal.app.push_screen_wait(coming))
        await until(pilot, terminal, MenuScreen)
        assert coming.left_standing


class Coming(Screen[None]):
    """While it takes its time to stand, a key comes that the screen before has not used."""

    BINDINGS: ClassVar[list[BindingType]] = [("z", "leave", "")]
    left_standing = stands = False

    async def on_mount(self) -> None:
        key = events.Key("z", "z")
        key._set_forwarded()
        self._answer = asyncio.create_task(self.app.on_event(key))
        for _ in range(100):
            await asyncio.sleep(0)
        self.stands = True

    def action_leave(self) -> None:
        self.left_standing = self.stands
        self.dismiss()
