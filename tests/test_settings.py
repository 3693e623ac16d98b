"""The settings by keyboard alone: each applies at once to what lies below, and is kept."""

from pathlib import Path

import pytest
from rich.segment import Segment
from textual.color import Color
from textual.pilot import Pilot
from textual.widgets import OptionList

from tests.test_app import LARGE, SMALL, Terminal, begin, home, made_up_level, run_on, sees
from tui.colours import PALETTES
from tui.desk import Desk
from tui.preferences import chosen, preferences
from tui.render.sample import HEIGHT, draw_sample
from tui.screens.debrief import DebriefScreen
from tui.screens.menu import MenuScreen
from tui.screens.play import PlayScreen
from tui.screens.settings import SettingsScreen
from tui.session import DEFAULT_SPEED
from tui.settings import Settings, load_settings
from tui.theme import DARK, Look, PlainGlyphs, only_ascii
from tui.words import LANGUAGES, Words

__all__ = ["home"]

NAMES = [preference.name for preference in preferences(())]


async def turn(pilot: Pilot[int], name: str, *keys: str) -> None:
    """Go to a line of the settings screen, and press keys there."""
    choices = pilot.app.screen.query_one(OptionList)
    choices.highlighted = choices.get_option_index(name)
    await pilot.press(*keys)
    await pilot.pause()


def plain(terminal: Terminal) -> bool:
    """Whether nothing is on the screen but ASCII and letters."""
    return all(c.isascii() or c.isalnum() for c in "".join(terminal.lines()))


async def test_every_setting_is_changed_by_arrows_and_enter_and_kept() -> None:
    terminal = Terminal()
    async with terminal.app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await pilot.press("comma")
        assert isinstance(terminal.app.screen, SettingsScreen)
        await pilot.press("enter")
        await sees(pilot, terminal, "이렇게 보입니다")
        await pilot.press("down", "right", "down", "right", "right", "down", "enter")
        await pilot.press("down", "left", "down", "left", "left", "down", "right")
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(terminal.app.screen, SettingsScreen)
    assert load_settings() == Settings(
        language="ko",
        theme="headroom-light",
        palette="blue_yellow",
        animations=False,
        ascii=True,
        speed=2.0,
        auto_pause=True,
    )


async def test_what_was_kept_holds_when_the_game_starts_again() -> None:
    terminal = Terminal()
    terminal.app.desk.settings = Settings(
        theme="headroom-light", palette="contrast", ascii=True, animations=False, speed=30.0
    )
    async with terminal.app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        assert terminal.app.theme == "headroom-light"
        assert terminal.app.current_theme.background == "#ffffff"
        assert terminal.app.animation_level == "none"
        assert terminal.app.desk.speed == 30.0
        assert plain(terminal)
        assert load_settings() == Settings(), "nothing is written before something is chosen"


async def test_a_run_below_wears_at_once_what_is_chosen_over_it() -> None:
    terminal = Terminal(level=made_up_level())
    async with terminal.app.run_test(size=LARGE) as pilot:
        run = await begin(pilot, terminal)
        await pilot.press("space", "comma")
        await turn(pilot, "palette", "right")
        assert run.board.look.palette.inks == PALETTES["red_green"][0].inks
        await turn(pilot, "theme", "right")
        assert run.board.look.palette.inks == PALETTES["red_green"][1].inks
        await turn(pilot, "auto_pause", "left")
        await turn(pilot, "ascii", "right")
        await turn(pilot, "animations", "right")
        await pilot.press("escape")
        await pilot.pause()
        assert terminal.app.screen is run
        assert run.live.auto_pause
        await sees(pilot, terminal, "web-1")
        assert plain(terminal)
        run.session.resume()
        run.poll()
        run.board.redraw()
        still = run.board.render_lines(run.board.region.reset_offset)
        run.poll()
        assert run.board.render_lines(run.board.region.reset_offset) == still
        await pilot.press("comma")
        await turn(pilot, "ascii", "left")
        await pilot.press("escape")
        await sees(pilot, terminal, "╭")


async def test_the_settings_open_over_a_view_of_a_run_and_from_the_palette() -> None:
    terminal = Terminal(level=made_up_level())
    async with terminal.app.run_test(size=LARGE) as pilot:
        run = await begin(pilot, terminal)
        await pilot.press("i", "comma")
        assert isinstance(terminal.app.screen, SettingsScreen)
        await pilot.press("comma", "escape")
        assert run.is_current
        words = terminal.app.desk.words
        named = [entry.name(words) for entry in terminal.app.entries(run)]
        assert named.count("Settings") == 1
        await pilot.press("n", "enter", "comma")
        assert not isinstance(terminal.app.screen, SettingsScreen), "a form keeps its keys"


async def test_the_briefing_and_the_debrief_change_with_them() -> None:
    terminal = Terminal(level=made_up_level())
    say = terminal.app.desk.say
    async with terminal.app.run_test(size=LARGE) as pilot:
        await sees(pilot, terminal, "What to do.")
        await pilot.press("h", "comma", "enter", "escape")
        await sees(pilot, terminal, say("briefing.goals"))
        await sees(pilot, terminal, "A hint.")
        await pilot.press("enter")
        await pilot.pause()
        await run_on(pilot, terminal)
        await pilot.press("enter")
        await pilot.pause()
        debrief = terminal.app.screen
        assert isinstance(debrief, DebriefScreen)
        await pilot.press("comma", "enter")
        await turn(pilot, "palette", "right")
        await pilot.press("escape")
        await sees(pilot, terminal, "LOST")
        await sees(pilot, terminal, say("debrief.what_next"))
        rows = debrief._compositor.render_strips()
        [lost] = [part for row in rows for part in row if "LOST" in part.text]
        assert lost.style is not None
        assert lost.style.color is not None
        assert lost.style.color.name == dict(PALETTES["red_green"][0].inks)["down"]
        await pilot.press("q")
        await pilot.pause()
        assert isinstance(terminal.app.screen, MenuScreen)


async def test_a_run_begins_at_the_speed_that_was_chosen() -> None:
    terminal = Terminal(level=made_up_level())
    terminal.app.desk.settings.speed = 2.0
    async with terminal.app.run_test(size=SMALL) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        screen = terminal.app.screen
        assert isinstance(screen, PlayScreen)
        assert screen.session.speed == 2.0


async def test_settings_that_cannot_be_written_say_so_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file, not a folder")
    monkeypatch.setenv("HEADROOM_HOME", str(taken))
    terminal = Terminal()
    async with terminal.app.run_test(size=SMALL, notifications=True) as pilot:
        await pilot.pause()
        await pilot.press("comma")
        for _ in range(3):
            await turn(pilot, "palette", "right")
        await sees(pilot, terminal, "settings folder")
        assert len(terminal.app._notifications) == 1
        assert terminal.app.desk.settings.palette == "contrast"


def test_what_a_file_says_that_this_version_does_not_know_is_the_default() -> None:
    desk = Desk(Words(), Settings(palette="infrared", speed=7.5))
    assert chosen("palette", desk, "") == "default"
    assert desk.speed == DEFAULT_SPEED


def test_every_setting_and_value_has_words() -> None:
    for language in LANGUAGES:
        for name in NAMES:
            assert Words(language).say(f"settings.{name}")
            assert Words(language).say(f"settings.{name}_help")


@pytest.mark.parametrize("width", [0, 1, 20, 50, 70, 90])
@pytest.mark.parametrize("height", [0, 3, HEIGHT, 12])
def test_the_sample_is_as_wide_as_its_place(width: int, height: int) -> None:
    for language in LANGUAGES:
        for look in (Look(), Look(DARK, ascii=True)):
            rows = draw_sample(width, height, look, Words(language), 7)
            assert [row.cell_length for row in rows] == [width] * height


def test_the_sample_shows_states_by_more_than_colour() -> None:
    text = "\n".join(row.text for row in draw_sample(70, HEIGHT, Look(), Words(), None))
    for sign in ("● OK", "▲ WARN", "■ FULL", "✕ DOWN", "p99"):
        assert sign in text


def test_terminals_that_surely_lack_glyphs_get_plain_ones() -> None:
    assert only_ascii({"TERM": "linux"}, "utf-8")
    assert only_ascii({"TERM": "xterm-256color"}, "iso-8859-1")
    assert not only_ascii({"TERM": "xterm-256color"}, "UTF-8")
    assert not only_ascii({}, None)


def test_plain_glyphs_keep_every_width() -> None:
    line = [Segment("╭─ 한글 ✓ 🔎 × é ⚒ ╮")]
    [segment] = PlainGlyphs().apply(line, Color(0, 0, 0))
    assert segment.cell_length == line[0].cell_length
    assert segment.text == "+- 한글 v ?? x é ? +"
