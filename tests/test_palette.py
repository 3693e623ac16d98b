"""The palette finds everything by its name in either language, and does it."""

from collections.abc import Iterator
from typing import Any

import pytest
from rich.cells import cell_len
from textual.command import CommandPalette, Matcher
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from engine.recording import read_recording
from levels.campaign import find_level
from levels.sandbox import sandbox
from tests.test_app import LARGE, SMALL, Terminal, home, made_up_level, sees, until
from tests.test_view_screens import begun, on_top
from tui.actions import actions_of
from tui.glossary import glossary
from tui.palette import Entry
from tui.screens.briefing import BriefingScreen
from tui.screens.concept import ConceptScreen
from tui.screens.form import FormScreen
from tui.screens.glossary import GlossaryPage
from tui.screens.menu import MenuScreen
from tui.screens.modal import Choose, Confirm
from tui.screens.play import PlayScreen
from tui.screens.runs import RunsScreen
from tui.screens.sandbox import SandboxScreen
from tui.settings import runs_folder
from tui.words import LANGUAGES, Words

__all__ = ["home"]


async def sought(pilot: Pilot[int], terminal: Terminal, query: str) -> CommandPalette:
    """The palette with what was found; what an input method composes arrives at once."""
    await pilot.press("ctrl+p")
    await pilot.pause()
    palette = on_top(terminal)
    assert isinstance(palette, CommandPalette)
    found = palette.query_one(OptionList)
    for _ in range(100):
        if found.option_count:
            break
        await pilot.pause(0.02)
    if query:
        palette.query_one(Input).value = query
        await pilot.pause()
        group = CommandPalette._GATHER_COMMANDS_GROUP
        for worker in [w for w in terminal.app.workers if w.group == group]:
            await worker.wait()
        await pilot.pause()
    return palette


def best(entries: list[Entry], query: str) -> Entry:
    fuzzy = Matcher(query)
    return max(entries, key=lambda entry: entry.found_by(query, fuzzy))


def labels(entries: list[Entry], language: str) -> Iterator[str]:
    return (entry.label(Words(language)) for entry in entries)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_all_there_is_can_be_found_over_a_run(language: str) -> None:
    terminal = Terminal(language, level=sandbox("starter"))
    async with terminal.app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        screen = terminal.app.screen
        assert isinstance(screen, SandboxScreen)
        entries = terminal.app.entries(screen)
        said = "\n".join(labels(entries, language))
        words = Words(language)
        for action in actions_of("sandbox"):
            app_wide = action.handler.startswith("app.")  # those are under "game"
            assert app_wide or words.say(f"actions.{action.name}") in said
        for name in ("create_table", "launch_instance", "stop_instance", "delete_balancer"):
            assert words.say(f"commands.{name}") in said
        assert all(term.word in said for term in glossary(language).values())
        assert len(set(labels(entries, language))) == len(entries)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("dynamodb table", "commands.create_table"),
        ("디비 DynamoDB 테이블", ""),
        ("launch", "commands.launch_instance"),
        ("인스턴스 빌리", "commands.launch_instance"),
        ("밸런서 만들", "commands.create_balancer"),
        ("traffic spike", "sandbox.traffic_spike"),
        ("트래픽 급증", "sandbox.traffic_spike"),
        ("glossary", "palette.glossary"),
        ("용어집", "palette.glossary"),
    ],
)
async def test_either_language_finds_it_whichever_is_spoken(query: str, name: str) -> None:
    for language in LANGUAGES:
        terminal = Terminal(language, level=sandbox("starter"))
        async with terminal.app.run_test(size=SMALL) as pilot:
            await pilot.pause()
            entries = terminal.app.entries(terminal.app.screen)
            found = [e for e in entries if e.found_by(query, Matcher(query)) >= 1]
            if not name:
                assert found == []
            else:
                assert best(entries, query).name(Words("en")).startswith(Words("en").say(name))


async def test_a_command_is_given_from_the_palette_and_a_refused_one_says_why() -> None:
    terminal = Terminal(level=made_up_level())
    async with terminal.app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        screen = await begun(pilot, terminal)
        await sought(pilot, terminal, "launch instance")
        assert terminal.shows("new: Launch an instance")
        assert terminal.shows("a month)")
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(on_top(terminal), FormScreen)
        await pilot.press("enter")
        await pilot.pause()
        assert len(screen.live.commands) == 2
        await sought(pilot, terminal, "resize")
        assert terminal.shows("change: ✕ Resize")
        assert terminal.shows("stop")
        await pilot.press("escape", "escape")


async def test_a_korean_word_leads_to_a_command_of_the_recording() -> None:
    terminal = Terminal("ko", level=sandbox("one-box"))
    async with terminal.app.run_test(size=LARGE) as pilot:
        await pilot.pause()
        screen = terminal.app.screen
        assert isinstance(screen, PlayScreen)
        await sought(pilot, terminal, "버킷 만들")
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        path = screen.run_played.path
        await sought(pilot, terminal, "take back")
        await pilot.press("enter")
        await sees(pilot, terminal, "되돌렸습니다")
        await pilot.press("n", "enter", "enter")
        await pilot.pause()
    assert path is not None
    assert len(read_recording(path).commands) == 1


async def test_nothing_need_be_typed() -> None:
    terminal = Terminal("ko", level=sandbox("one-box"))
    async with terminal.app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await sought(pilot, terminal, "")
        await pilot.press("down", "up", "enter")
        await pilot.pause()
        assert isinstance(on_top(terminal), FormScreen)


async def test_cards_and_words_are_read_over_a_run() -> None:
    terminal = Terminal(level=sandbox("one-box"))
    async with terminal.app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await sought(pilot, terminal, "word headroom")
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(on_top(terminal), GlossaryPage)
        assert terminal.shows("Capacity that you own")
        await pilot.press("escape")
        await sought(pilot, terminal, "card dynamodb")
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(on_top(terminal), ConceptScreen)


async def test_a_level_is_a_name_away_and_a_run_that_is_left_asks_first() -> None:
    terminal = Terminal()
    async with terminal.app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        assert isinstance(on_top(terminal), MenuScreen)
        await sought(pilot, terminal, "sandbox starter")
        await pilot.press("enter")
        await until_top(pilot, terminal, SandboxScreen)
        await pilot.press("s", "n", "enter", "enter")
        await sought(pilot, terminal, "level slow disk")
        await pilot.press("enter")
        await until_top(pilot, terminal, Confirm)
        await pilot.press("n")
        await pilot.pause()
        assert isinstance(on_top(terminal), SandboxScreen)
        await sought(pilot, terminal, "level slow disk")
        await pilot.press("enter")
        await until_top(pilot, terminal, Confirm)
        await pilot.press("y")
        await until_top(pilot, terminal, BriefingScreen)
        [saved] = runs_folder().iterdir()
        assert len(read_recording(saved).commands) == 1
        await pilot.press("enter")
        await until_top(pilot, terminal, PlayScreen)
        await sought(pilot, terminal, "back to the menu")
        await pilot.press("enter")
        await until_top(pilot, terminal, MenuScreen)
        assert len(terminal.app.screen_stack) == 2


async def until_top(pilot: Pilot[int], terminal: Terminal, kind: type[Any]) -> None:
    for _ in range(200):
        if isinstance(on_top(terminal), kind):
            return
        await pilot.pause(0.01)
    raise AssertionError(f"never comes: {kind.__name__}, but {on_top(terminal)}")


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_list_to_choose_from_says_why_a_line_cannot_be_chosen(
    size: tuple[int, int], language: str
) -> None:
    terminal = Terminal(language, level=sandbox("one-box"))
    async with terminal.app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.press("s", "c")
        await pilot.pause()
        choose = on_top(terminal)
        assert isinstance(choose, Choose)
        rows = choose.query_one(OptionList)
        first = rows.highlighted
        assert first is not None
        marked = [n for n, line in enumerate(choose._lines) if line.plain.startswith("✕")]
        assert first not in marked
        assert marked
        for _ in range(len(choose._lines)):
            if rows.highlighted in marked:
                break
            await pilot.press("down")
        await pilot.press("enter")
        await pilot.pause()
        assert on_top(terminal) is choose
        assert sum("✕" in line for line in terminal.lines()) == len(marked) + 1
        assert all(cell_len(line) == size[0] for line in terminal.lines())


@pytest.mark.parametrize("language", LANGUAGES)
async def test_two_hasty_enters_never_give_a_server_back(language: str) -> None:
    terminal = Terminal(language, level=find_level("slow-disk"))
    async with terminal.app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        screen = terminal.app.screen
        assert isinstance(screen, PlayScreen)
        await pilot.press("c", "enter", "enter")  # stops it, which takes some seconds
        await pilot.pause()
        assert [machine.state for machine in screen.frame.instances] == ["stopping"]
        given = len(screen.live.commands)
        await pilot.press("c", "enter", "enter")
        await pilot.pause()
        choose = on_top(terminal)
        assert isinstance(choose, Choose)
        assert choose.query_one(OptionList).highlighted == 0
        assert "✕" in "".join(terminal.lines()[-12:])
        assert len(screen.live.commands) == given


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_is_not_there_is_said_in_the_language_of_the_player(language: str) -> None:
    terminal = Terminal(language)
    async with terminal.app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        palette = await sought(pilot, terminal, "qzqzqz")
        await sees(pilot, terminal, Words(language).say("palette.none"))
        assert not terminal.shows("No matches")
        await pilot.press("enter")
        await pilot.pause()
        assert on_top(terminal) is not palette


@pytest.mark.parametrize("query", ["saved", "runs", "saved runs", "저장된"])
async def test_saved_runs_are_found_first_and_opened(query: str) -> None:
    terminal = Terminal()
    async with terminal.app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        entries = terminal.app.entries(terminal.app.screen)
        scored = [entry.found_by(query, Matcher(query)) for entry in entries]
        assert [entry.label(Words("en")) for entry, score in zip(entries, scored, strict=True)
                if score == max(scored)] == ["game: Saved runs"]  # fmt: skip
        await sought(pilot, terminal, query)
        await pilot.press("enter")
        await until(pilot, terminal, RunsScreen)
