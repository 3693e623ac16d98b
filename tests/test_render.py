"""What the pure drawings promise: exact widths at any size, both languages, nothing hidden."""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product

import pytest
from rich.cells import cell_len
from textual.strip import Strip

from engine.frame import Frame, Latency, News
from engine.outcomes import FailureReason
from tests.pictures import (
    FACTS,
    HOSTILE,
    disks,
    down,
    fleet,
    frame_of,
    hostile,
    instance,
    kept,
    nothing,
    ramp,
    split,
    station,
    text_of,
    volume,
)
from tui.render.canvas import Canvas, clean, fit, pad
from tui.render.chart import Chart, draw_chart, view_of
from tui.render.charts import CHARTS, RunChart, make_chart
from tui.render.figures import (
    clock,
    count,
    headroom_percent,
    hundredths,
    millis,
    nice_limit,
    percent,
    usd,
    whole_percent,
)
from tui.render.history import History
from tui.render.news import folded, line_words
from tui.render.panels import draw_bill, draw_headroom, draw_news, draw_reasons
from tui.render.sentences import news_words, reason_words
from tui.render.signs import news_sign
from tui.render.status import Pace, draw_status
from tui.theme import LIGHT, Look
from tui.timeline import told_in
from tui.words import LANGUAGES, Words

Seen = tuple[Frame, History]

SIZES = [
    *product((0, 1, 2, 3, 5, 8, 13), (0, 1, 2, 3, 5)),
    *product((21, 33, 38, 46, 57, 78, 98, 121, 160, 200), (4, 7, 9, 14, 22, 31, 60)),
]

NEWS_KINDS: dict[str, dict[str, str | int | float]] = {
    "instance_launched": {"id": "web-1", "type": "t3.small"},
    "instance_running": {"id": "web-1"},
    "instance_stopping": {"id": "web-1"},
    "instance_stopped": {"id": "web-1"},
    "instance_started": {"id": "web-1"},
    "instance_resized": {"id": "web-1", "type_before": "t3.small", "type": "m5.large"},
    "instance_terminated": {"id": "web-1"},
    "address_pointed": {"role": "web", "id": "web-1", "before": ""},
    "volume_created": {"id": "vol-1", "type": "gp3", "gb": 20},
    "volume_deleted": {"id": "vol-1"},
    "data_lost": {"id": "vol-1"},
    "credits_low": {"id": "web-1", "credits": 20},
    "credits_gone": {"id": "web-1"},
    "credits_back": {"id": "web-1"},
    "instance_crashed": {"id": "web-1"},
    "host_failed": {"id": "web-1"},
    "volume_attached": {"id": "vol-1", "instance": "web-1"},
    "volume_detached": {"id": "vol-1", "instance": "web-1"},
    "volume_changed": {"id": "vol-1", "type": "gp3", "gb": 20, "iops": 3000},
    "volume_kept": {"id": "vol-1"},
    "volume_not_kept": {"id": "vol-1"},
    "volume_full": {"id": "vol-1"},
    "volume_has_room": {"id": "vol-1"},
    "volume_failed": {"id": "vol-1"},
    "burst_over": {"id": "vol-1"},
    "burst_back": {"id": "vol-1"},
    "data_in_snapshot": {"id": "snap-1", "role": "db"},
    "snapshot_started": {"id": "snap-1", "volume": "vol-1"},
    "snapshot_completed": {"id": "snap-1"},
    "snapshot_deleted": {"id": "snap-1"},
    "noisy_neighbour": {"id": "web-1", "percent": 50, "seconds": 60},
    "bad_deploy": {"id": "web-1", "percent": 50, "seconds": 60},
    "slow_disk": {"id": "vol-1", "percent": 50, "seconds": 60},
    "traffic_spike": {"id": "", "times": 3.0, "seconds": 60},
    "bot_attack": {"id": "page", "times": 3.0, "seconds": 60},
    "hot_key": {"id": "orders", "times": 0.5, "seconds": 60},
    "table_creating": {"id": "carts", "table": "orders"},
    "table_available": {"id": "carts", "table": "orders"},
    "table_on_demand": {"id": "carts"},
    "table_provisioned": {"id": "carts", "rcu": 1_000, "wcu": 50},
    "table_scaled": {"id": "carts", "rcu": 1_000, "wcu": 50},
    "table_grown": {"id": "carts", "rcu": 24_000, "wcu": 8_000},
    "table_throttled": {"id": "carts"},
    "partition_hot": {"id": "carts"},
    "table_deleted": {"id": "carts"},
    "slowed_over": {"id": "web-1"},
    "first_late": {"class": "page", "at": "web-1/cpu"},
    "first_failure": {"class": "page", "reason": "waiting_room_full", "at": "web-1/cpu"},
    "station_full": {"station": "web-1/cpu", "waiting": 31},
    "station_eased": {"station": "web-1/cpu"},
    "budget_half": {"percent": 50},
    "budget_quarter": {"percent": 25},
    "money_low": {"percent": 10},
    "verdict": {"cause": "out_of_money"},
}


def drawings(
    seen: Seen, width: int, height: int, look: Look, words: Words, selected: str | None = None
) -> Iterator[tuple[str, list[Strip]]]:
    """Everything there is to draw of a second, at a size."""
    frame, history = seen
    for kind in CHARTS:
        chart = make_chart(kind, frame, history, FACTS, words)
        yield kind, _chart_strips(chart, width, height, look, frame.second)
    yield "reasons", draw_reasons(width, height, frame, history, FACTS, look, words, "e")
    yield "headroom", draw_headroom(width, height, frame, history, look, words)
    yield "bill", draw_bill(width, height, frame, look, words, "b bill")
    yield "news", draw_news(width, height, frame.second, history, look, words)
    pace = Pace("10×", paused=False, behind="6×")
    yield "status", draw_status(width, height, frame, FACTS, pace, look, words)


def _chart_strips(chart: Chart, width: int, height: int, look: Look, until: int) -> list[Strip]:
    return draw_chart(
        width, height, chart, look, until=until, window_s=300, duration_s=FACTS.duration_s
    )


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("board", [ramp, split, down, nothing, fleet, disks, hostile])
def test_every_strip_is_as_wide_as_it_says_at_every_size(
    board: Callable[[], Seen], language: str
) -> None:
    seen, words, look = board(), Words(language), Look()
    selected = seen[0].instances[-1].id if seen[0].instances else None
    for width, height in SIZES:
        for name, strips in drawings(seen, width, height, look, words, selected):
            assert len(strips) == height, (name, width, height)
            for strip in strips:
                measured = sum(cell_len(segment.text) for segment in strip)
                assert strip.cell_length == measured == width, (name, width, height, strip.text)
                assert all(segment.style is not None for segment in strip)


@pytest.mark.parametrize("size", [(78, 26), (78, 9), (40, 8)])
def test_no_control_character_comes_through(size: tuple[int, int]) -> None:
    for name, strips in drawings(hostile(), *size, Look(), Words("en"), HOSTILE):
        for row in text_of(strips):
            assert all(unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Cn") for c in row), name


def test_ascii_mode_draws_nothing_but_ascii() -> None:
    for board in (ramp, split, down, nothing, fleet, disks):
        for name, strips in drawings(board(), 100, 24, Look(ascii=True), Words("en")):
            assert all(row.isascii() for row in text_of(strips)), (name, text_of(strips))


def test_light_palette_draws_the_same_text() -> None:
    for (_, dark), (_, light) in zip(
        drawings(ramp(), 90, 20, Look(), Words("en")),
        drawings(ramp(), 90, 20, Look(LIGHT), Words("en")),
        strict=True,
    ):
        assert text_of(dark) == text_of(light)


def test_figures_beyond_all_measure_draw() -> None:
    huge = frame_of(9, (instance(until_s=1e300),), (volume(used_gb=1e300),),
                    (station("web-1/cpu", 1e300, 10**15),), rps=1e15,
                    latency=Latency(1e300, 1e300, 1e300, 1), budget_left=-1e300)  # fmt: skip
    for name, strips in drawings(kept(huge), 80, 12, Look(), Words("en")):
        assert all(strip.cell_length == 80 for strip in strips), name


def test_a_second_beyond_the_longest_run_is_not_taken_in() -> None:
    history = History()
    history.add(frame_of(10**12))
    history.add(frame_of(-3))
    assert history.second == -1


# History


def test_a_second_that_comes_again_replaces_the_old_one() -> None:
    history = History()
    history.add(frame_of(3, rps=10.0, news=(News("a", "board"),)))
    history.add(frame_of(3, rps=20.0, news=(News("b", "board"),)))
    assert history.value("demanded", 3) == 20
    assert [told.news.kind for told in history.news(3, 9)] == ["b"]


def test_any_second_can_be_the_present() -> None:
    _, history = ramp()
    assert history.pulse(40).rps == 0
    assert history.pulse(400).rps == pytest.approx(125, rel=0.2)
    assert [told.second for told in history.news(400, 2)] == [300, 34]
    assert not history.blame(400)
    assert history.blame(760)["late", "web-1/cpu"] > 0
    assert history.full_since("web-1/cpu", 400) is None
    since = history.full_since("web-1/cpu", 760)
    assert since is not None
    assert 600 < since < 760


def test_what_is_cut_off_is_forgotten() -> None:
    _, history = ramp()
    history.cut(350)
    assert history.second == 350
    assert history.value("demanded", 351) is None
    assert history.news(760, 1)[0].second == 300
    assert not history.blame(760)


def test_a_second_without_data_is_a_gap() -> None:
    history = History()
    history.add(frame_of(0, rps=5.0))
    history.add(frame_of(4, rps=7.0))
    assert history.curve("demanded", 0.0, 1.0, 6, 5) == [5, None, None, None, 7, None]
    assert history.curve("unknown", 0.0, 1.0, 2, 5) == [None, None]
    assert history.curve("demanded", 0.0, 0.5, 4, 5) == [5, 5, None, None]


def test_a_moving_view_keeps_the_form_of_what_it_has_drawn() -> None:
    _, history = ramp()

    def drawn(until: int) -> list[float | None]:
        view = view_of(until, 300, 1800, 44)
        return history.curve("demanded", view.start_s, view.step_s, view.columns, until)

    # A dot is 300 / 44 s; one dot later all but the newest, unfinished one has moved by one.
    assert drawn(740)[2:-1] == drawn(747)[1:-2]


# Charts


def chart_rows(kind: RunChart, width: int = 60, height: int = 12) -> list[str]:
    frame, history = ramp()
    chart = make_chart(kind, frame, history, FACTS, Words("en"))
    return text_of(_chart_strips(chart, width, height, Look(), frame.second))


def test_the_latency_chart_has_the_deadline_and_the_last_percentiles() -> None:
    text = "\n".join(chart_rows("latency"))
    assert "due 400 ms" in text
    assert "╌╌╌" in text
    for name in ("p50", "p95", "p99"):
        assert name in text


def test_commands_and_incidents_are_marked_below_a_chart() -> None:
    frame, history = ramp()
    chart = make_chart("rps", frame, history, FACTS, Words("en"))
    rows = text_of(
        draw_chart(
            80, 10, chart, Look(), until=frame.second, window_s=None, duration_s=FACTS.duration_s
        )
    )
    assert rows[-2].count("▲") == 2
    assert "↯" in rows[-2]
    assert "●" in rows[-2]
    assert "0:00" in rows[-1]
    assert "30:00" in rows[-1]


def test_the_money_chart_shows_what_is_to_come_against_the_budget() -> None:
    text = "\n".join(chart_rows("money"))
    assert "budget $120" in text
    assert "at end $78" in text
    assert "spent $31" in text


def test_axes_move_in_few_steps() -> None:
    assert [nice_limit(v) for v in (0, 0.3, 1, 1.2, 99, 100, 101, 640, 5001)] == [
        1, pytest.approx(0.3), 1, 1.5, 100, 100, 150, 700, 7000,
    ]  # fmt: skip


# Words and figures


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_kind_of_news_and_every_reason_has_a_sentence(language: str) -> None:
    words = Words(language)
    for kind, args in NEWS_KINDS.items():
        sentence = news_words(News(kind, "board", args), words)
        assert kind not in sentence
        assert "{" not in sentence
    for reason in FailureReason:
        assert words.knows(f"reasons.{reason}")


def test_news_of_a_later_version_is_said_plainly() -> None:
    assert news_words(News("new_thing", "board", {"id": "x"}), Words("en")) == "new thing id x"
    assert "credits low" in news_words(News("credits_low", "board", {}), Words("en"))
    assert reason_words("brand_new", Words("en")) == "brand new"


def test_the_panels_say_why_how_full_and_how_much() -> None:
    frame, history = ramp()
    words, look = Words("en"), Look()
    reasons = "\n".join(text_of(draw_reasons(40, 6, frame, history, FACTS, look, words)))
    assert "waiting room full" in reasons
    assert "late, over 400 ms" in reasons
    headroom = "\n".join(text_of(draw_headroom(40, 7, frame, history, look, words)))
    assert "▸web-1 CPU" in headroom
    assert "FULL" in headroom
    bill = "\n".join(text_of(draw_bill(40, 8, frame, look, words)))
    assert "EC2 instances" in bill
    assert "$78 of $120" in bill
    calm = draw_reasons(40, 6, *kept(frame_of(9)), FACTS, look, words)
    assert "✓ Nothing failed" in text_of(calm)[1]


def test_the_status_line_leaves_out_the_least_important_first() -> None:
    frame, _ = ramp()

    def line(width: int) -> str:
        return text_of(draw_status(width, 1, frame, FACTS, Pace(), Look(), Words("en")))[0]

    assert "error budget ▰▰▰▰▰▰▰▱▱▱ 71%" in line(120)
    assert "scale-up" in line(80)
    assert "▰▰▰▰▱▱ 71%" in line(60)
    assert "12:40/30:00" in line(20)
    assert "|| paused 10×" in line(120)


def test_the_status_line_calls_the_level_as_the_menu_does() -> None:
    frame, _ = ramp()
    facts = replace(FACTS, titles={"en": "A larger server, much larger", "ko": "더 큰 서버"})

    def line(width: int, language: str) -> str:
        return text_of(draw_status(width, 1, frame, facts, Pace(), Look(), Words(language)))[0]

    assert line(80, "ko").startswith(" 더 큰 서버  12:40")
    assert line(120, "en").startswith(" A larger server, much larger ")
    assert line(80, "en").startswith(" scale-up ")


def test_figures_read_well() -> None:
    assert [clock(s) for s in (0, 59.9, 760, 3700)] == ["0:00", "0:59", "12:40", "1:01:40"]
    assert [usd(a) for a in (0.4, 9.996, 521.4, -3)] == ["$0.40", "$10", "$521", "-$3.00"]
    assert [millis(m) for m in (8.4, 88, 999.6, 1900)] == ["8.4 ms", "88 ms", "1.0 s", "1.9 s"]
    assert [count(n) for n in (0, 0.44, 7, 1204, 12_400)] == ["0", "0.4", "7", "1,204", "12.4k"]
    assert [percent(s) for s in (0, 0.0001, 0.71, 0.9999, 1)] == [
        "0%", "0.1%", "71%", "99.9%", "100%",
    ]  # fmt: skip
    assert [hundredths(s) for s in (0, 0.000_01, 0.71, 0.999_99, 1)] == [0, 0.01, 71, 99.99, 100]


@pytest.mark.parametrize("load", [0.0, 0.004, 0.295, 0.495, 0.71, 0.999, 1.0])
def test_a_load_and_its_headroom_make_a_hundred(load: float) -> None:
    shown = whole_percent(load), headroom_percent(load)
    assert sum(int(figure.removesuffix("%")) for figure in shown) == 100


# Cells


def test_text_is_cut_and_padded_by_cells() -> None:
    assert fit("한글이름", 5) == "한글…"
    assert fit("한글이름", 4) == "한…"
    assert pad("한글", 6) == "한글  "
    assert pad("한글", 6, right=True) == "  한글"
    assert clean("a\x1b[0m\tb") == "a\\x1b[0m b"
    assert clean(unicodedata.normalize("NFD", "한글")) == "한글"


def test_drawing_over_half_a_wide_character_keeps_the_row_whole() -> None:
    canvas = Canvas(6, 1, Look())
    ink = Look().ink("text")
    canvas.text(0, 0, "한글말", ink)
    canvas.put(1, 0, "x", ink)
    canvas.put(4, 0, "y", ink)
    canvas.text(-1, 0, "가", ink)
    canvas.text(5, 0, "가", ink)
    assert canvas.strip(0).text == " x글y "


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_share_that_is_left_is_less_than_none(language: str) -> None:
    words = Words(language)
    for kind, gone in (
        ("budget_half", "budget_gone"),
        ("budget_quarter", "budget_gone"),
        ("money_low", "money_gone"),
    ):
        below, nothing_left = (News(kind, "board", {"percent": n}) for n in (-121, 0))
        assert news_words(below, words) == words.say(f"news.{gone}")
        assert "0%" in news_words(nothing_left, words)


def test_a_warning_that_is_overtaken_in_its_second_is_not_told() -> None:
    half, quarter = (
        News(kind, "board", {"percent": -300}) for kind in ("budget_half", "budget_quarter")
    )
    frames = [frame_of(9, rps=1.0, news=(half, quarter)), frame_of(10, rps=1.0, news=(half,))]
    history = History()
    for frame in frames:
        history.add(frame)
    told = [(9, "budget_quarter"), (10, "budget_half")]
    assert [(one.second, one.news.kind) for one in history.told_between(0, 10)] == told
    assert [(second, news.kind) for second, news in told_in(frames)] == told


def test_only_a_loss_has_the_sign_of_one() -> None:
    signs = {
        cause: news_sign(News("verdict", "board", {"cause": cause}))[0]
        for cause in ("passed", "ended", "out_of_money")
    }
    assert signs == {"passed": "★", "ended": "·", "out_of_money": "✕"}


def flood() -> History:
    """A zone goes dark, and its group replaces what was there."""
    history = History()
    dark = News("zone_outage", "incident", {"zone": "a", "seconds": 60})
    history.add(frame_of(99, rps=10.0, news=(News("alarm_on", "board", {"id": "cpu"}),)))
    crash = News("instance_crashed", "incident", {"id": "web-1"})
    history.add(frame_of(100, rps=10.0, news=(dark, crash)))
    for n in range(1, 13):
        replaced = News("member_replaced", "board", {"id": f"web-{n}", "group": "shop"})
        unhealthy = News("target_unhealthy", "board", {"id": f"web-{n}", "balancer": "front"})
        slow = News("slow_down", "board", {"id": "media", "prefix": 1})
        history.add(frame_of(100 + n, rps=10.0, news=(replaced, unhealthy, slow)))
    return history


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_flood_of_news_is_folded_and_what_began_it_stays_in_sight(language: str) -> None:
    words, history = Words(language), flood()
    lines = folded(history.news(112, 200), 3)
    assert [(line.told.news.kind, line.times, line.equal) for line in lines] == [
        ("slow_down", 12, True), ("target_unhealthy", 12, False), ("zone_outage", 1, True),
    ]  # fmt: skip
    assert [line.told.second for line in lines] == [112, 112, 100]
    said = [line_words(line, words) for line in folded(history.news(112, 200), 9)]
    assert said[0].startswith("12 × ")
    assert "11" in said[1]
    assert "12 ×" not in said[1]
    assert len(said) == 6
    assert len(list(history.told_between(0, 112))) == 39  # the log has them all


def test_news_of_the_player_and_the_few_of_a_kind_stay_lines_of_their_own() -> None:
    history = History()
    for second, name in ((10, "web-1"), (11, "web-2")):
        news = (
            News("instance_launched", "player", {"id": "x", "type": "m5.large"}),
            News("instance_running", "board", {"id": name}),
        )
        history.add(frame_of(second, rps=10.0, news=news))
    assert [line.times for line in folded(history.news(11, 200), 9)] == [1, 1, 1, 1]
    history.add(frame_of(90, rps=10.0, news=(News("instance_running", "board", {"id": "web-3"}),)))
    assert [line.times for line in folded(history.news(90, 200), 2)] == [1, 1]
