"""The board as a widget: zoom, folds, scrolling, the mouse, and traffic that stands still."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.app import App, ComposeResult
from textual.events import MouseScrollDown
from textual.geometry import Region
from textual.pilot import Pilot

from engine.frame import Frame
from tests.fake_run import crowded_frame, split_frame
from tests.pictures import FACTS
from tests.test_board import seen
from tui.render.board.view import Level
from tui.theme import Look
from tui.widgets.topology import Topology
from tui.words import Words


class Desk(App[None]):
    """A board and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def compose(self) -> ComposeResult:
        yield Topology(Words(), Look())

    def on_topology_selected(self, message: Topology.Selected) -> None:
        self.told.append(f"selected {message.resource}")

    def on_topology_opened(self, message: Topology.Opened) -> None:
        self.told.append(f"opened {message.resource}")


@pytest.fixture(autouse=True)
def no_colour_wishes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "TEXTUAL_THEME", "TEXTUAL_ANIMATIONS"):
        monkeypatch.delenv(name, raising=False)


@asynccontextmanager
async def board_of(
    frame: Frame, size: tuple[int, int]
) -> AsyncIterator[tuple[Desk, Topology, Pilot[None]]]:
    app = Desk()
    async with app.run_test(size=size) as pilot:
        board = app.query_one(Topology)
        board.show(*seen(frame), FACTS)
        await pilot.pause()
        yield app, board, pilot


def text(board: Topology) -> str:
    rows = board.render_lines(Region(0, 0, *board.size))
    return "\n".join(row.text for row in rows)


async def test_zoom_goes_round_and_says_where_it_is() -> None:
    async with board_of(split_frame(), (110, 34)) as (_, board, _pilot):
        assert "z cards (automatic)" in text(board)
        for said in ("z cards ─", "z compact ─", "z lines ─", "z cells ─", "z cards (automatic)"):
            board.zoom()
            assert said in text(board)


async def test_the_key_unfolds_what_the_selected_thing_is_in_and_folds_again() -> None:
    async with board_of(crowded_frame(60), (110, 34)) as (_, board, _pilot):
        board.select("web-7")
        assert "u unfold" in text(board)
        assert "shop b ×6" in text(board)
        board.unfold()
        assert "shop b ×6" not in text(board)
        assert "u fold" in text(board)
        board.unfold()
        assert "shop b ×6" in text(board)


async def test_the_view_follows_the_selection_and_the_page_keys() -> None:
    async with board_of(crowded_frame(60), (110, 20)) as (app, board, pilot):
        board.zoom()
        board.zoom()
        assert board.view.level is Level.COMPACT
        assert "pgup pgdn" in text(board)
        assert "◍ users" in text(board)
        last = board.order[-1]
        board.select(last)
        assert last in text(board)
        assert "◍ users" not in text(board)
        board.page(-9)
        assert "◍ users" in text(board)
        board.page(1)
        top = board.view.top
        assert top > 0
        await pilot.pause()
        assert app.told == [f"selected {last}"]
        assert board.selected == last


async def test_the_wheel_scrolls_and_a_second_click_opens() -> None:
    async with board_of(crowded_frame(60), (110, 20)) as (app, board, pilot):
        board.zoom()
        await pilot._post_mouse_events([MouseScrollDown], Topology, (5, 5))
        await pilot.pause()
        assert board.view.top == 3
        rows = text(board).splitlines()
        y = next(y for y, row in enumerate(rows) if "db-0" in row)
        await pilot.click(Topology, offset=(rows[y].index("db-0"), y), times=2)
        await pilot.pause()
        assert app.told == ["selected db-0", "opened db-0"]


async def test_arrow_keys_move_by_geometry() -> None:
    async with board_of(split_frame(), (110, 34)) as (_, board, _pilot):
        board.select("web-1")
        board.move("right")
        assert board.selected == "orders"
        board.move("down")
        assert board.selected == "media"
        board.move("left")
        assert board.selected in ("web-2", "vol-2")


async def test_traffic_that_stands_still_shows_its_way() -> None:
    async with board_of(split_frame(), (110, 34)) as (_, board, _pilot):
        assert "▾" in text(board)
        assert "━●" not in text(board)
        board.step_traffic()
        assert "●" in text(board)
        assert "▾" not in text(board)
        board.still_traffic()
        assert "▾" in text(board)
