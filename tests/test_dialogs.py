"""Dialogs by keyboard: why a line cannot be chosen, what goes along, words for choices."""

import dataclasses

import msgspec
import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from levels.campaign import find_level
from levels.sandbox import sandbox
from tests.test_app import LARGE, SMALL, Terminal, home, sees
from tests.test_view_screens import on_top
from tui.screens.form import FormScreen
from tui.screens.modal import Choose
from tui.screens.play import PlayScreen
from tui.words import LANGUAGES

__all__ = ["home"]


async def playing(pilot: Pilot[int], terminal: Terminal) -> PlayScreen:
    await pilot.pause()
    screen = terminal.app.screen
    if not isinstance(screen, PlayScreen):
        await pilot.press("enter")
        await pilot.pause()
        screen = terminal.app.screen
    assert isinstance(screen, PlayScreen)
    return screen


def given(screen: PlayScreen) -> list[dict[str, object]]:
    return [msgspec.to_builtins(command) for _, command in screen.live.commands]


async def chosen(pilot: Pilot[int], terminal: Terminal, words: str) -> None:
    """The line of a list with these words, by the arrows."""
    choose = on_top(terminal)
    assert isinstance(choose, Choose)
    at = next(n for n, line in enumerate(choose._lines) if words in line.plain)
    await pilot.press("home", *["down"] * at)
    await pilot.pause()


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_takes_addresses_and_data_along_says_so_and_time_rests_after_it(
    size: tuple[int, int], language: str
) -> None:
    terminal = Terminal(language, level=sandbox("one-box"))
    say = terminal.app.desk.say
    async with terminal.app.run_test(size=size) as pilot:
        screen = await playing(pilot, terminal)
        await pilot.press("s", "space", "c")
        assert not screen.session.paused
        await chosen(pilot, terminal, say("commands.terminate_instance"))
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(on_top(terminal), FormScreen)
        roles = "web, app, db, files"
        await sees(pilot, terminal, f"! {say('form.loses_address', roles=roles)}"[:30])
        await pilot.press("enter")
        await pilot.pause()
        assert [command["do"] for command in given(screen)] == ["terminate_instance"]
        assert screen.session.paused_by == "player"
        await pilot.press("backspace")
        await pilot.pause()
        assert given(screen) == []
        assert [machine.id for machine in screen.frame.instances] == ["web-1"]


async def test_a_volume_of_a_service_that_is_not_on_offer_says_so() -> None:
    free = sandbox("one-box")
    without = replace(free.scenario, allowed=("ec2:m5.*",))
    terminal = Terminal(level=dataclasses.replace(free, scenario=without))
    async with terminal.app.run_test(size=SMALL) as pilot:
        screen = await playing(pilot, terminal)
        screen.board.select(screen.frame.volumes[0].id)
        await pilot.press("c")
        await sees(pilot, terminal, "Nothing can be done with vol-1")
        assert on_top(terminal) is screen


async def test_tables_are_not_offered_a_move_to_where_they_lie() -> None:
    terminal = Terminal(level=sandbox("starter"))
    async with terminal.app.run_test(size=LARGE) as pilot:
        screen = await playing(pilot, terminal)
        database = next(r.id for r in screen.frame.resources if r.service == "rds")
        assert screen.frame.addresses["db"] == database
        screen.board.select(database)
        await pilot.press("c")
        await pilot.pause()
        assert terminal.shows("✕ Move the tables here")


async def test_choices_are_words_and_the_command_has_the_engines_names() -> None:
    terminal = Terminal("ko", level=sandbox("one-box"))
    async with terminal.app.run_test(size=SMALL) as pilot:
        screen = await playing(pilot, terminal)
        await pilot.press("n")
        await pilot.pause()
        await chosen(pilot, terminal, terminal.app.desk.say("commands.create_balancer"))
        await pilot.press("enter", "right")
        await sees(pilot, terminal, "최소 미처리")
        assert not terminal.shows("least_outstanding")
        await pilot.press("enter")
        await pilot.pause()
        assert given(screen)[0]["algorithm"] == "least_outstanding"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_in_a_small_terminal_no_choice_is_cut_nor_a_row_lost(language: str) -> None:
    terminal = Terminal(language, level=find_level("world-cup"))
    async with terminal.app.run_test(size=SMALL) as pilot:
        await playing(pilot, terminal)  # the menu's and the briefing's styles are in force, too
        for name in ("launch_instance", "create_database", "create_group", "create_session_store"):
            await pilot.press("n")
            await pilot.pause()
            await chosen(pilot, terminal, terminal.app.desk.say(f"commands.{name}"))
            await pilot.press("enter")
            await pilot.pause()
            form = on_top(terminal)
            assert isinstance(form, FormScreen)
            lines = terminal.lines()
            assert len(lines) == SMALL[1]
            assert not any("…" in line for line in lines), name
            text = "\n".join(lines)
            assert terminal.app.desk.say("form.accepted") in text
            blank = [n for n, line in enumerate(lines) if not line.strip(" │")]
            inside = [n for n in blank if "╭" in "".join(lines[:n]) and "╰" in "".join(lines[n:])]
            assert not any(n + 1 in inside for n in inside), name
            await pilot.press("escape")
