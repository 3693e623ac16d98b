"""What the charts and the history behind them promise: honest figures, one axis, bounded memory."""

import gc
import tracemalloc
from itertools import product

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from engine.frame import Blame, Counts, Frame, News, Sample, Samples
from tests.fake_run import made_up_frame, managed_frame
from tests.pictures import FACTS, frame_of, instance, kept, nothing, ramp, station, text_of
from tui.render.chart import draw_chart
from tui.render.charts import CHARTS, ChartKind, make_chart
from tui.render.facts import Facts
from tui.render.history import History
from tui.render.readout import draw_readout
from tui.render.resource_charts import MAKERS, charts_of
from tui.render.signs import news_sign
from tui.theme import Look
from tui.words import Words

TWO = Facts("made-up", 1800, {"page": 400.0, "order": 800.0}, error_budget=0.05)


def two_classes(second: int) -> Frame:
    """Pages are good, orders are turned away from second 50 on."""
    bad = second >= 50
    order = Counts(10, 0 if bad else 10, 0, {"waiting_room_full": 10} if bad else {}, 1, 10)
    page = Counts(40, 38, 2, {}, 3, 40)
    frame = made_up_frame(second)
    samples = {"order": Samples(failed=Sample(second - 0.5, 0.2, "waiting_room_full", 2))}
    return replace(
        frame,
        counts={"page": page, "order": order},
        samples=samples if bad else {},
        blame=(Blame("order", "waiting_room_full", "web-1", 10),) if bad else (),
    )


def run_of_two(until: int = 120) -> History:
    history = History()
    for second in range(until + 1):
        history.add(two_classes(second))
    return history


def drawn(
    kind: ChartKind, frame: Frame, history: History, *, width: int = 60, height: int = 10,
    facts: Facts = TWO, name: str | None = None, resource: str | None = None,
    window_s: int | None = None, cursor: int | None = None, look: Look | None = None,
) -> list[str]:  # fmt: skip
    chart = make_chart(kind, frame, history, facts, Words("en"), name, resource, cursor)
    strips = draw_chart(
        width, height, chart, look or Look(), until=frame.second, window_s=window_s,
        duration_s=facts.duration_s, cursor=cursor,
    )  # fmt: skip
    for strip in strips:
        assert strip.cell_length == sum(cell_len(s.text) for s in strip) == max(0, width)
    return text_of(strips)


def test_counts_of_a_class_and_of_a_reason_are_kept_apart() -> None:
    history = run_of_two()
    assert history.value("demanded", 60) == 50
    assert history.value("demanded/order", 60) == 10
    assert history.value("why/waiting_room_full", 60) == 10
    assert history.value("why/waiting_room_full/order", 60) == 10
    assert history.reasons() == history.reasons("order") == ("waiting_room_full",)
    assert history.reasons("page") == ()
    assert history.blame(120, 60, "page") == {}
    assert history.blame(120, 60, "order") == {("waiting_room_full", "web-1"): 600}


def test_a_second_taken_again_forgets_what_no_longer_failed() -> None:
    history = History()
    history.add(two_classes(60))
    well = replace(two_classes(40), second=60)
    history.add(well)
    assert history.value("why/waiting_room_full", 60) == 0
    assert history.blame(60) == {}
    assert history.sampled("failed", "order", 60) is None


def test_requests_worth_following_are_found_by_their_second() -> None:
    history = run_of_two()
    assert history.sampled("failed", "order", 49) is None
    assert history.sampled("failed", "order", 80) == 80
    assert history.sampled("failed", "order", 80, after=True) == 81
    assert history.sampled("late", "order", 120) is None
    history.cut(70)
    assert history.sampled("failed", "order", 120) == 70
    assert history.sampled("failed", "order", 70, after=True) is None


@pytest.mark.parametrize(("start_s", "step_s"), [(0.0, 1.0), (0.0, 7.5), (33.0, 0.75), (90.0, 3.0)])
def test_a_curve_worked_out_step_by_step_is_the_curve_worked_out_at_once(
    start_s: float, step_s: float
) -> None:
    growing = History()
    for second in range(200):
        growing.add(_ramped(second))
        growing.curve("demanded", start_s, step_s, 40, second)
    fresh = History()
    for second in range(200):
        fresh.add(_ramped(second))
    for until in (199, 120, 40):
        expected = History.curve(fresh, "demanded", start_s, step_s, 40, until)
        assert growing.curve("demanded", start_s, step_s, 40, until) == expected


def _ramped(second: int) -> Frame:
    return frame_of(second, rps=float((second * 37) % 101))


def test_an_hour_of_a_large_board_costs_four_bytes_a_second_for_each_series() -> None:
    machines = tuple(instance(f"web-{n}", volumes=()) for n in range(30))
    stations = tuple(station(f"web-{n}/cpu", 0.5, n) for n in range(30))
    history = History()
    tracemalloc.start()
    for second in range(200):
        history.add(frame_of(second, machines, (), stations))
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    for second in range(200, 1200):
        history.add(frame_of(second, machines, (), stations))
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 4 * 1000 * len(history.names()) * 1.5 + 60_000


def test_failures_are_stacked_by_reason_and_told_apart_without_colour() -> None:
    history = run_of_two()
    rows = drawn("failures", two_classes(120), history)
    text = "\n".join(rows)
    assert "⢕ late 2" in text
    assert "⣿ waiting room full 10" in text or "⣿ full 10" in text
    plain = "\n".join(drawn("failures", two_classes(120), history, look=Look(ascii=True)))
    assert plain.isascii()
    assert "= late 2" in plain
    assert "# full 10" in plain


def test_one_class_can_be_shown_alone() -> None:
    history = run_of_two()
    frame = two_classes(120)
    assert "demand 50" in "\n".join(drawn("rps", frame, history))
    alone = "\n".join(drawn("rps", frame, history, name="order"))
    assert "demand 10" in alone
    assert "· order" in alone
    assert "waiting" not in "\n".join(drawn("failures", frame, history, name="page"))
    assert "due 800 ms" in "\n".join(drawn("latency", frame, history, name="order"))
    assert "p95 latency by class" in drawn("latency", frame, history)[0]


def test_classes_come_in_a_round() -> None:
    assert [TWO.next_class(c) for c in (None, "page", "order", "gone")] == [
        "page", "order", None, None,
    ]  # fmt: skip
    assert FACTS.next_class(None) is None


def test_goodput_is_what_was_in_time_of_all_that_ended() -> None:
    history = run_of_two()
    text = "\n".join(drawn("goodput", two_classes(120), history))
    assert "now 76%" in text
    assert "goal" in text
    assert "now 0%" in "\n".join(drawn("goodput", two_classes(120), history, name="order"))


def test_a_cursor_reads_exactly_its_second() -> None:
    frame, history = ramp()
    second = 500
    rows = drawn("rps", frame, history, facts=FACTS, cursor=second)
    expected = history.value("demanded", second)
    assert expected is not None
    assert f"demand {expected:.0f}" in "\n".join(rows)
    assert "8:20" in rows[-1]
    assert sum("│" in row[8:40] for row in rows[1:-2]) >= 3


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_chart_draws_at_any_size_with_no_one_or_many_points(language: str) -> None:
    words = Words(language)
    frames = [ramp(200), nothing(), kept(frame_of(5)), kept(managed_frame())]
    for (frame, history), kind in product(frames, (*CHARTS, *MAKERS)):
        for resource in (None, "web-1", "vol-1", "orders", "media", "front", "gone"):
            chart = make_chart(kind, frame, history, FACTS, words, None, resource, 3)  # type: ignore[arg-type]
            for width, height in ((0, 0), (3, 2), (20, 4), (33, 5), (60, 11)):
                strips = draw_chart(
                    width, height, chart, Look(), until=frame.second, window_s=120,
                    duration_s=1800, cursor=3,
                )  # fmt: skip
                assert [strip.cell_length for strip in strips] == [width] * height


def test_a_resource_has_the_charts_of_its_kind() -> None:
    frame = managed_frame()
    assert charts_of(frame, "orders")[:2] == ("use", "connections")
    assert charts_of(frame, "media") == ("use", "requests", "space")
    assert charts_of(frame, "front") == ()
    assert "iops" in charts_of(frame, "vol-1")
    assert charts_of(frame, None) == charts_of(frame, "gone") == ()
    _, history = kept(frame)
    text = "\n".join(drawn("requests", frame, history, resource="media"))
    for said in ("reads 900", "writes 40", "503 slow down 7"):
        assert said in text
    assert "CPU 90%" in "\n".join(drawn("use", frame, history, resource="orders"))


def test_charts_of_one_width_share_their_time_axis() -> None:
    frame, history = ramp()
    axes = {drawn(kind, frame, history, facts=FACTS)[-2].index("┴") for kind in CHARTS}
    ends = {len(drawn(kind, frame, history, facts=FACTS)[-2].rstrip("│ ")) for kind in CHARTS}
    assert len(axes) == len(ends) == 1


def test_the_time_axis_names_whole_steps() -> None:
    frame, history = ramp()
    last = drawn("rps", frame, history, facts=FACTS, window_s=600, width=90)[-1]
    for said in ("2:45", "6:00", "8:00", "10:00", "12:40"):
        assert said in last


def test_what_presses_and_what_breaks_have_signs_of_their_own() -> None:
    signs = {
        news_sign(News(kind, by))[0]
        for kind, by in (
            ("instance_launched", "player"), ("traffic_spike", "incident"),
            ("instance_crashed", "incident"), ("slowed_over", "incident"),
        )
    }  # fmt: skip
    assert signs == {"▲", "↯", "✕", "●"}


def test_the_readout_says_the_figures_and_the_news_of_a_second() -> None:
    frame, history = ramp()
    words, look = Words("en"), Look()
    rows = text_of(draw_readout(90, 5, 425, 1, None, history, look, words, live=False))
    assert "At 7:05" in rows[0]
    assert "↯ a bad deploy" in rows[2]
    assert "tightest" in rows[1]
    now = text_of(draw_readout(90, 5, frame.second, 1, None, history, look, words, live=True))
    assert "web-1 CPU has no headroom" in now[2]
