"""The guided tour by keyboard alone: a live run, and cards that follow what was really done."""

import pytest
from rich.text import Text
from textual.geometry import Region, Size
from textual.pilot import Pilot

from levels.campaign import campaign
from levels.tour import tour
from tests.test_app import LARGE, SMALL, Terminal, home, sees
from tui.app import HeadroomApp
from tui.desk import Desk
from tui.screens.briefing import BriefingScreen
from tui.screens.menu import MenuScreen
from tui.screens.tour import TourOffer, TourScreen
from tui.session import LATE_PRESS_S
from tui.settings import Settings, load_settings, runs_folder
from tui.tour import STEPS, place, uncut
from tui.words import LANGUAGES, table

__all__ = ["home"]


def newcomer(language: str = "en", **settings: bool) -> Terminal:
    """Somebody who starts the game for the first time."""
    terminal = Terminal(language)
    old = terminal.app.desk
    desk = Desk(old.words, Settings(**settings), old.clock, old.now, old.new_seed)  # type: ignore[arg-type]
    terminal.app = HeadroomApp(desk, welcome=True)
    return terminal


async def begin(pilot: Pilot[int], terminal: Terminal) -> TourScreen:
    await pilot.pause()
    assert isinstance(terminal.app.screen, TourOffer)
    await pilot.press("enter")
    await pilot.pause()
    screen = terminal.app.screen
    assert isinstance(screen, TourScreen)
    return screen


async def run_until(pilot: Pilot[int], terminal: Terminal, screen: TourScreen, name: str) -> None:
    """Let time run until a step is reached."""
    for _ in range(3_000):
        if screen.step.name == name:
            terminal.now += LATE_PRESS_S
            await pilot.pause()
            return
        terminal.now += 0.1
        screen.poll()
    raise AssertionError(f"never comes to {name}: stays at {screen.step.name}")


def said(terminal: Terminal) -> str:
    """All that is on the screen, without the spaces."""
    return "".join("".join(terminal.lines()).split())


async def shows_card(pilot: Pilot[int], terminal: Terminal, screen: TourScreen, name: str) -> None:
    """The card of a step comes, and no word of it is cut."""
    assert screen.step.name == name
    for _ in range(100):
        await pilot.pause()
        shown = said(terminal)
        words = (
            terminal.app.desk.say(f"tour.{name}_title"),
            terminal.app.desk.say(f"tour.{name}_do"),
        )
        if all("".join(part.split()) in shown for part in words):
            break
    for word in terminal.app.desk.say(f"tour.{name}").split():
        assert word in "".join(terminal.lines()), word
    widths = {s.cell_length for s in screen._compositor.render_strips()}
    assert widths == {terminal.app.size.width}


@pytest.mark.parametrize("language", list(LANGUAGES))
@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_tour_is_taken_to_its_end_by_its_keys(
    language: str, size: tuple[int, int]
) -> None:
    terminal = newcomer(language, auto_pause=False)
    async with terminal.app.run_test(size=size) as pilot:
        screen = await begin(pilot, terminal)
        await shows_card(pilot, terminal, screen, "board")
        await pilot.press("enter")
        await shows_card(pilot, terminal, screen, "start")
        await pilot.press("enter")
        assert screen.step.name == "start", "it waits for the real key"
        await pilot.press("space")
        await shows_card(pilot, terminal, screen, "failure")
        await run_until(pilot, terminal, screen, "explain")
        assert screen.session.paused_by == "first_failure"
        await shows_card(pilot, terminal, screen, "explain")
        await pilot.press("e")
        assert screen.step.name == "explain", "it is read first"
        await pilot.press("escape")
        await shows_card(pilot, terminal, screen, "rent")
        await pilot.press("n", "enter", "enter")
        await shows_card(pilot, terminal, screen, "answer")
        await pilot.press("ctrl+z")
        await shows_card(pilot, terminal, screen, "rent")
        await pilot.press("n", "enter", "enter")
        await shows_card(pilot, terminal, screen, "answer")
        [(_, command)] = screen.live.commands
        assert type(command).__name__ == "LaunchInstance"
        await pilot.press("space")
        await run_until(pilot, terminal, screen, "traffic")
        await shows_card(pilot, terminal, screen, "traffic")
        await pilot.press("enter")
        await shows_card(pilot, terminal, screen, "headroom")
        assert screen.query_one("#headroom").display
        await pilot.press("enter")
        await shows_card(pilot, terminal, screen, "bill")
        assert screen.query_one("#bill").display
        await pilot.press("b", "escape")
        await shows_card(pilot, terminal, screen, "end")
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(terminal.app.screen, BriefingScreen)
        await sees(pilot, terminal, campaign()[0].words(language).title)
    assert not runs_folder().exists() or not list(runs_folder().iterdir()), "nothing is kept of it"
    assert load_settings().toured


async def test_the_tour_is_offered_once_and_one_key_refuses_it() -> None:
    terminal = newcomer()
    async with terminal.app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        assert isinstance(terminal.app.screen, TourOffer)
        await pilot.press("l")
        await sees(pilot, terminal, "어서 오세요")
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(terminal.app.screen, MenuScreen)
    assert load_settings() == Settings(toured=True, language="ko")


async def test_it_is_in_the_menu_ever_after_and_can_be_left_at_any_step() -> None:
    terminal = Terminal()
    async with terminal.app.run_test(size=SMALL) as pilot:
        for steps in range(3):
            await pilot.pause()
            assert isinstance(terminal.app.screen, MenuScreen)
            await pilot.press("t")
            await pilot.pause()
            screen = terminal.app.screen
            assert isinstance(screen, TourScreen)
            for key in ("enter", "space")[:steps]:
                await pilot.press(key)
            assert screen.at == steps
            await pilot.press("escape")
        await pilot.pause()
        assert isinstance(terminal.app.screen, MenuScreen)


async def test_it_speaks_another_language_and_fits_another_size_at_once() -> None:
    terminal = newcomer()
    async with terminal.app.run_test(size=LARGE) as pilot:
        screen = await begin(pilot, terminal)
        await pilot.press("enter")
        await shows_card(pilot, terminal, screen, "start")
        await terminal.app.run_action("language")
        await shows_card(pilot, terminal, screen, "start")
        await pilot.resize_terminal(*SMALL)
        await shows_card(pilot, terminal, screen, "start")
        assert screen.region.contains_region(screen.query_one("#tour-card").region)


async def test_what_is_done_before_it_is_asked_for_counts() -> None:
    terminal = newcomer()
    async with terminal.app.run_test(size=SMALL) as pilot:
        screen = await begin(pilot, terminal)
        await pilot.press("n", "enter", "enter", "e", "escape", "b", "escape", "enter", "space")
        await run_until(pilot, terminal, screen, "answer")
        await pilot.press("space")
        await run_until(pilot, terminal, screen, "traffic")
        await pilot.press("enter", "enter")
        assert screen.step.name == "end"


def test_every_step_has_words() -> None:
    for language in LANGUAGES:
        for step in STEPS:
            needed = {f"tour.{step.name}{part}" for part in ("", "_title", "_do")}
            assert needed <= set(table(language))


def test_who_lingers_does_not_lose() -> None:
    """Ten minutes at the default speed without a machine, and still no verdict."""
    goals = tour().scenario.objectives
    assert goals.error_budget >= 0.5
    assert tour().scenario.duration_s >= 3_600


@pytest.mark.parametrize(
    ("target", "glyph"),
    [
        (Region(0, 1, 80, 9), "▲"),
        (Region(40, 10, 40, 7), "▼"),
        (Region(0, 0, 20, 22), "◀"),
        (Region(60, 0, 20, 22), "▶"),
        (Region(0, 0, 80, 22), "▲"),
    ],
)
def test_the_card_lies_beside_what_it_speaks_of(target: Region, glyph: str) -> None:
    card, screen = Size(54, 8), Size(80, 22)
    found = place(target, card, screen)
    assert found.glyph == glyph
    lies = Region.from_offset(found.card, card)
    assert screen.region.contains_region(lies)
    assert lies.contains_point(found.sign)
    if target.size != screen:
        assert not lies.overlaps(target)


@pytest.mark.parametrize(
    "text", ["한글을 쓰는 줄입니다", "a 한글 b 줄입니다 c", "plain words", "한한한한한"]
)
@pytest.mark.parametrize("cuts", [(), (3,), (4,), (3, 8), (5, 7)])
def test_no_letter_lies_across_a_cut(text: str, cuts: tuple[int, ...]) -> None:
    line = uncut(Text(text), cuts)
    assert "".join(line.plain.split()) == "".join(text.split())
    cells = [
        letter if half == 0 else "" for letter in line.plain for half in range(1 + (letter > "ᄀ"))
    ]
    for cut in cuts:
        assert cut >= len(cells) or cells[cut] != ""
