"""The menu by keyboard alone: the level map, what is told of each line, and all other ways in."""

import pytest
from textual.widgets import OptionList

from levels.campaign import campaign
from levels.sandbox import BOARDS
from tests.test_app import LARGE, SMALL, Terminal, home, sees
from tui.front_actions import WAYS
from tui.level_map import chapters, next_level
from tui.screens.briefing import BriefingScreen
from tui.screens.glossary import GlossaryPage
from tui.screens.menu import MenuScreen
from tui.screens.modal import Choose
from tui.screens.settings import SettingsScreen
from tui.shelf import Best, keep_best
from tui.words import LANGUAGES, Words, table

__all__ = ["home"]


def won(*slugs: str, stars: int = 3) -> None:
    """Put stars on the shelf."""
    for slug in slugs:
        assert keep_best(slug, Best(stars, 67_200_000, 11))


def row(terminal: Terminal, text: str) -> str:
    """The line of the list with a text."""
    return next(line for line in terminal.lines() if text in line[:60])


def test_chapters_hold_every_level_once_and_have_names() -> None:
    parts = chapters(campaign())
    assert [place for _, places in parts for place in places] == list(range(len(campaign())))
    assert len(parts) == len({chapter for chapter, _ in parts})
    for language in LANGUAGES:
        for chapter, _ in parts:
            assert Words(language).knows(f"menu.chapter_{chapter.replace('-', '_')}")


def test_the_first_level_without_a_star_comes_next() -> None:
    levels = campaign()
    bests = {level.slug: Best(1, 1, 1) for level in levels}
    assert next_level(levels, {}) == 0
    assert next_level(levels, bests) is None
    del bests[levels[4].slug]
    assert next_level(levels, bests) == 4


@pytest.mark.parametrize("language", list(LANGUAGES))
@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_map_shows_stars_and_what_comes_next(
    language: str, size: tuple[int, int]
) -> None:
    won("first-server")
    won("scale-up", stars=2)
    terminal = Terminal(language)
    say = terminal.app.desk.say
    async with terminal.app.run_test(size=size) as pilot:
        await sees(pilot, terminal, f"★ {say('menu.stars', won=5, most=45)}")
        assert "5/12" in row(terminal, say("menu.chapter_one_machine"))
        first, second, third = (level.words(language).title for level in campaign()[:3])
        assert "★★★" in row(terminal, first)
        assert "$67.20" in row(terminal, first)
        assert "★★☆" in row(terminal, second)
        assert say("menu.next") in row(terminal, third)
        highlighted = terminal.app.screen.query_one(OptionList).highlighted_option
        assert highlighted is not None
        assert highlighted.id == "level-2"
        await sees(pilot, terminal, say("menu.not_played"))
        widths = {s.cell_length for s in terminal.app.screen._compositor.render_strips()}
        assert widths == {size[0]}


async def test_who_has_played_needs_no_words_of_welcome_on_a_small_terminal() -> None:
    terminal = Terminal()
    async with terminal.app.run_test(size=SMALL) as pilot:
        await sees(pilot, terminal, "In 60 seconds")
    won("first-server")
    terminal = Terminal()
    async with terminal.app.run_test(size=SMALL) as pilot:
        await sees(pilot, terminal, "$67.20")
        assert not terminal.shows("In 60 seconds")
        await pilot.resize_terminal(*LARGE)
        await sees(pilot, terminal, "In 60 seconds")


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_what_is_highlighted_is_told_in_more_words(size: tuple[int, int]) -> None:
    terminal = Terminal()
    async with terminal.app.run_test(size=size) as pilot:
        await sees(pilot, terminal, "Rent one machine")
        await pilot.press("down")
        await sees(pilot, terminal, campaign()[1].words("en").summary[:30])
        await pilot.press("end", "up")
        await sees(pilot, terminal, "Language, theme, colours")


@pytest.mark.parametrize(
    ("key", "screen"),
    [
        ("s", Choose),
        ("g", GlossaryPage),
        ("comma", SettingsScreen),
        ("e", BriefingScreen),
        ("d", BriefingScreen),
    ],
)
async def test_every_way_has_a_key_and_a_line(key: str, screen: type) -> None:
    terminal = Terminal()
    async with terminal.app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await pilot.press(key)
        await pilot.pause()
        assert isinstance(terminal.app.screen, screen)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(terminal.app.screen, MenuScreen)
        way = next(way for way, own in WAYS.items() if own == {"comma": ","}.get(key, key))
        choices = terminal.app.screen.query_one(OptionList)
        choices.highlighted = choices.get_option_index(way)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(terminal.app.screen, screen)


def test_every_way_has_words() -> None:
    for language in LANGUAGES:
        for way in WAYS:
            assert {f"menu.{way}", f"menu.{way}_what"} <= set(table(language))


async def test_the_map_wears_other_colours_and_plain_glyphs_at_once() -> None:
    terminal = Terminal()
    async with terminal.app.run_test(size=LARGE) as pilot:
        await sees(pilot, terminal, "█▀▀")
        await pilot.press("comma")
        choices = terminal.app.screen.query_one(OptionList)
        choices.highlighted = choices.get_option_index("ascii")
        await pilot.press("enter", "escape")
        await sees(pilot, terminal, "H E A D R O O M")
        assert all(c.isascii() or c.isalnum() for c in "".join(terminal.lines()))
        assert terminal.app.screen.query_one(OptionList).has_focus


async def test_an_arrow_stands_at_the_highlighted_line_alone() -> None:
    won("first-server")
    terminal = Terminal()
    titles = [level.words("en").title for level in campaign()[:3]]
    async with terminal.app.run_test(size=SMALL) as pilot:
        await sees(pilot, terminal, titles[1])
        for keys, at in (([], 1), (["down"], 2), (["up", "up"], 0)):
            await pilot.press(*keys)
            await pilot.pause()
            assert ["▸" in row(terminal, title) for title in titles] == [n == at for n in range(3)]
            assert terminal.app.desk.say("menu.next") in row(terminal, titles[1])


@pytest.mark.parametrize("language", LANGUAGES)
async def test_each_board_of_the_game_is_told_on_one_line_of_the_smallest_terminal(
    language: str,
) -> None:
    terminal = Terminal(language)
    async with terminal.app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await pilot.press("s")
        await pilot.pause()
        assert isinstance(terminal.app.screen, Choose)
        for board in BOARDS:
            what = terminal.app.desk.say(f"sandbox.board_{board.replace('-', '_')}")
            await sees(pilot, terminal, what)
