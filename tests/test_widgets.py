"""The drawn widgets in a real app without a terminal: repainting, selecting, filters, sizes."""

import pytest
from textual.app import App, ComposeResult
from textual.color import Color
from textual.filter import LineFilter
from textual.geometry import Region

from tests.pictures import FACTS, frame_of, kept, ramp, split
from tui.render.status import Pace
from tui.theme import HEADROOM_DARK, HEADROOM_LIGHT, Look, look_for
from tui.widgets.chart import ChartPane
from tui.widgets.panels import BillPanel, HeadroomPanel, NewsPanel, ReasonsPanel, StatusBar
from tui.widgets.strips import StripWidget
from tui.widgets.topology import Topology
from tui.words import Words


class Board(App[None]):
    """Every drawn widget at once."""

    CSS = "Topology { height: 20; }"

    def __init__(self) -> None:
        super().__init__()
        self.selected: list[str] = []

    def compose(self) -> ComposeResult:
        words, look = Words(), Look()
        yield StatusBar(words, look)
        yield Topology(words, look)
        for panel in (ReasonsPanel, HeadroomPanel, BillPanel, NewsPanel):
            yield panel(words, look)
        yield ChartPane(words, look, "latency")

    def on_topology_selected(self, message: Topology.Selected) -> None:
        self.selected.append(message.resource)

    def show(self) -> None:
        for widget in self.query(StripWidget):
            widget.show(*split(), FACTS)


@pytest.fixture(autouse=True)
def no_colour_wishes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "TEXTUAL_THEME", "TEXTUAL_ANIMATIONS"):
        monkeypatch.delenv(name, raising=False)


def text(widget: StripWidget) -> str:
    width, height = widget.size
    return "\n".join(row.text for row in widget.render_lines(Region(0, 0, width, height)))


async def test_widgets_show_what_they_were_given() -> None:
    app = Board()
    async with app.run_test(size=(100, 60)) as pilot:
        board = app.query_one(Topology)
        assert text(board).strip() == ""
        app.show()
        await pilot.pause()
        assert "app-1" in text(board)
        assert "due 400 ms" in text(app.query_one(ChartPane))


async def test_only_rows_that_changed_are_repainted(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Board()
    async with app.run_test(size=(100, 60)) as pilot:
        app.show()
        await pilot.pause()
        board = app.query_one(Topology)
        painted: list[Region] = []
        monkeypatch.setattr(board, "refresh", lambda *regions: painted.extend(regions))
        board.step_traffic()
        assert painted
        assert all(region.height == 1 for region in painted)
        assert len(painted) < board.size.height
        painted.clear()
        assert board.frame is not None
        board.show(board.frame, board.history, board.facts)
        board.redraw()
        assert painted == []


async def test_keys_and_mouse_select_and_say_so() -> None:
    app = Board()
    async with app.run_test(size=(100, 60)) as pilot:
        app.show()
        await pilot.pause()
        board = app.query_one(Topology)
        board.cycle()
        board.move("down")
        await pilot.pause()
        assert app.selected == ["web-1", "vol-1"]
        board.cycle(-1)
        assert board.selected == "web-1"
        assert "▌" in text(board)
        rows = text(board).splitlines()
        y = next(y for y, row in enumerate(rows) if "data-1" in row)
        await pilot.click(Topology, offset=(rows[y].index("data-1"), y))
        await pilot.pause()
        assert board.selected == "data-1"
        board.show(*kept(frame_of(900)), FACTS)
        assert board.selected is None


async def test_without_colour_no_cell_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Board()
    async with app.run_test(size=(100, 60)) as pilot:
        app.show()
        await pilot.pause()
        assert any(isinstance(f, LineFilter) for f in app.get_line_filters())
        for widget in app.query(StripWidget):
            for row in widget.render_lines(Region(0, 0, *widget.size)):
                for segment in row:
                    assert segment.style is not None
                    for colour in (segment.style.color, segment.style.bgcolor):
                        if colour is not None:
                            shade = Color.from_rich_color(colour)
                            assert shade.r == shade.g == shade.b


@pytest.mark.parametrize("size", [(1, 1), (7, 3), (20, 6), (79, 23), (200, 60)])
async def test_any_terminal_size_draws(size: tuple[int, int]) -> None:
    app = Board()
    async with app.run_test(size=(90, 40)) as pilot:
        app.show()
        await pilot.resize_terminal(*size)
        await pilot.pause()
        app.query_one(Topology).step_traffic()
        app.query_one(ChartPane).redraw()
        await pilot.pause()


async def test_a_cropped_widget_is_as_wide_as_asked() -> None:
    app = Board()
    async with app.run_test(size=(90, 40)) as pilot:
        app.show()
        await pilot.pause()
        rows = app.query_one(Topology).render_lines(Region(3, 2, 10, 5))
        assert [row.cell_length for row in rows] == [10] * 5


async def test_the_pace_and_the_look_can_change() -> None:
    app = Board()
    async with app.run_test(size=(120, 40)) as pilot:
        app.show()
        status = app.query_one(StatusBar)
        status.run_at(Pace("60×", paused=False))
        await pilot.pause()
        assert "▶ 60×" in text(status)
        dark = status.render_lines(Region(0, 0, 120, 1))[0]
        status.wear(look_for(HEADROOM_LIGHT))
        await pilot.pause()
        light = status.render_lines(Region(0, 0, 120, 1))[0]
        assert dark.text == light.text
        assert dark != light


def test_the_look_follows_the_theme() -> None:
    assert look_for(HEADROOM_DARK) == Look()
    assert look_for(HEADROOM_DARK).palette.background == HEADROOM_DARK.background
    assert look_for(HEADROOM_LIGHT, ascii=True).ascii


async def test_a_whole_run_can_be_shown_second_by_second() -> None:
    app = Board()
    frame, history = ramp(90)
    async with app.run_test(size=(90, 40)) as pilot:
        for widget in app.query(StripWidget):
            widget.show(frame, history, FACTS)
        await pilot.pause()
        assert "web-1" in text(app.query_one(Topology))
