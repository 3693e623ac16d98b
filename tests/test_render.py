"""What the pure drawings promise: exact widths at any size, both languages, nothing hidden."""

import unicodedata
from collections.abc import Callable, Iterator
from itertools import product

import pytest
from rich.cells import cell_len
from textual.strip import Strip

from engine.frame import Blame, Frame, Latency, News
from engine.outcomes import FailureReason
from tests.pictures import (
    FACTS,
    disks,
    down,
    fleet,
    frame_of,
    instance,
    kept,
    nothing,
    ramp,
    split,
    station,
    text_of,
    volume,
)
from tui.render.board import draw_board, frame_board
from tui.render.canvas import Canvas, clean, fit, pad
from tui.render.chart import Chart, draw_chart, view_of
from tui.render.charts import CHARTS, make_chart
from tui.render.figures import clock, count, millis, nice_limit, percent, usd
from tui.render.history import History, Pulse
from tui.render.panels import draw_bill, draw_headroom, draw_news, draw_reasons
from tui.render.scene import scene_of
from tui.render.sentences import news_words, reason_words
from tui.render.status import Pace, draw_status
from tui.render.wires import Route, dots
from tui.theme import LIGHT, Look
from tui.words import Words

Seen = tuple[Frame, History]

HOSTILE = "e\x1b[31m\x07\r\n한글\u202e👩‍💻\u0301￿"

HOSTILE_TITLE = "Board \x1b[2J"

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


def hostile() -> Seen:
    machine = instance(HOSTILE, volumes=(HOSTILE,))
    news = tuple(News("bad_deploy", "incident", {"id": HOSTILE}) for _ in range(3))
    blame = (Blame("page", "late", HOSTILE, 3),)
    stations = (station(f"{HOSTILE}/cpu", 0.99, 12), station(f"{HOSTILE}/io", 0.2))
    disk = volume(HOSTILE, HOSTILE)
    return kept(frame_of(5, (machine,), (disk,), stations, late=3, news=news, blame=blame))


def drawings(
    seen: Seen, width: int, height: int, look: Look, words: Words, selected: str | None = None
) -> Iterator[tuple[str, list[Strip]]]:
    """Everything there is to draw of a second, at a size."""
    frame, history = seen
    scene = scene_of(frame, history)
    inner = max(0, width - 2), max(0, height - 2)
    picture = draw_board(*inner, scene, look, words, selected)
    yield "still", frame_board(width, height, picture, None, look, "Board", "z zoom")
    yield "moving", frame_board(width, height, picture, 5, look, HOSTILE_TITLE, "z")
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


def board_rows(seen: Seen, width: int, height: int, selected: str | None = None) -> list[str]:
    picture = draw_board(width, height, scene_of(*seen), Look(), Words("en"), selected)
    return [row.rstrip() for row in text_of(picture.strips())]


def test_a_small_board_has_a_line_for_each_machine_in_order_of_calls() -> None:
    assert board_rows(split(), 76, 9) == [
        " ◍ users 214 rps   good 86 %   late 9 %   failed 4 %",
        "  ┗━━━━━▶ ● web-1        c5.large  ■■■■■·····  52 % OK    web",
        "         ┗━▶ ▲ app-1     c5.xlarge ■■■■■■■■··  81 % WARN  queue 7  app",
        "            ┗━▶ ● data-1 m5.large  ■■■·······  33 % OK    ▭ 98 % FULL",
        "          ◔ web-2        c5.large  booting, 12 s to go",
        "            ▭ vol-9      gp3       unattached, still billed  6.2/20 GB",
        "",
        "",
        " ▸ tightest: vol-3 I/O, no headroom since 12:40, 214 waiting",
    ]


def test_a_large_board_has_cards_in_zones_and_wires_between_them() -> None:
    text = "\n".join(board_rows(split(), 78, 26))
    assert text.count("┌─ zone a") == 2
    assert text.count("┌─ zone b") == 1
    assert "◀" in text
    assert text.count("▶") == 2
    assert "queue 7 of 256" in text


def test_many_machines_get_a_cell_each_and_all_can_be_selected() -> None:
    scene = scene_of(*fleet(300))
    picture = draw_board(76, 9, scene, Look(), Words("en"), "web-7")
    assert set(scene.order()) == set(picture.spots)
    assert "◆ web-7 m5.large" in text_of(picture.strips())[-2]


def test_what_does_not_fit_is_counted() -> None:
    assert "more" in "\n".join(board_rows(fleet(300), 40, 6))


def test_an_idle_machine_is_marked_as_waste_and_a_dead_one_as_down() -> None:
    assert any(
        "idle: nothing points here, $70 a month" in row for row in board_rows(ramp(), 78, 26)
    )
    rows = board_rows(down(), 78, 26)
    assert any("DOWN: nobody answers for web" in row and "✕" not in row for row in rows)
    assert any("╍╍┿✕ ✕ web-1" in row for row in rows)


def test_disks_say_what_they_are_how_full_and_what_becomes_of_them() -> None:
    rows = "\n".join(board_rows(disks(), 150, 40))
    for said in (
        "disk FULL  gp3  20/20 GB  goes too",
        "burst gone  st1  300/500 GB  kept  122 IOPS",
        "loading 75 %  gp3  8/20 GB  goes too",
        "▣ snap-1  34 s to go  of vol-1  6.2 GB",
        "▣ snap-2  ✓  of vol-1  6.2 GB",
        "m5.large Win",
        "unlimited",
    ):
        assert said in rows
    assert "snap-2" in "\n".join(board_rows(disks(), 76, 11))


def test_an_empty_board_says_what_to_do() -> None:
    assert any("No machine stands here" in row for row in board_rows(nothing(), 78, 26))
    assert any("No machine stands here" in row for row in board_rows(nothing(), 78, 5))


def test_traffic_moves_only_on_wires_that_lead_somewhere() -> None:
    alive = Route(tuple((x, 0) for x in range(30)), alive=True)
    dead = Route(tuple((x, 1) for x in range(30)), alive=False)
    pulse = Pulse(100.0, 1.0)
    before = [dot.x for dot in dots([alive, dead], pulse, 4)]
    after = [dot.x for dot in dots([alive, dead], pulse, 5)]
    assert all(dot.y == 0 for dot in dots([alive, dead], pulse, 4))
    assert set(before) & {x - 1 for x in after}
    assert dots([alive], Pulse(0.0), 4) == []


def test_the_share_of_bad_dots_is_that_of_bad_requests() -> None:
    long = Route(tuple((x, 0) for x in range(4000)), alive=True)
    seen = dots([long], Pulse(500.0, 0.7, late=0.1, failed=0.2), 3)
    share = sum(dot.glyph == "✕" for dot in seen) / len(seen)
    assert share == pytest.approx(0.2, abs=0.01)
    assert any(dot.glyph == "◌" for dot in seen)


def test_arrow_keys_reach_everything_on_the_board() -> None:
    scene = scene_of(*split())
    picture = draw_board(78, 26, scene, Look(), Words("en"))
    assert picture.order == scene.order()
    assert picture.neighbour(None, "down") == "web-1"
    walked = ["web-1"]
    while (following := picture.neighbour(walked[-1], "down")) != walked[-1]:
        assert following is not None
        walked.append(following)
    assert tuple(walked) == scene.order()
    assert picture.neighbour("app-1", "right") in ("data-1", "vol-3", "vol-9")
    assert picture.neighbour("data-1", "left") in scene.order()
    spot = picture.spots["data-1"]
    assert picture.at(spot.x, spot.y) == "data-1"
    assert picture.at(0, 0) is None


def test_calls_follow_the_addresses() -> None:
    assert scene_of(*split()).calls == (
        ("", ("web",), "web-1"),
        ("web-1", ("app",), "app-1"),
        ("app-1", ("db", "files"), "data-1"),
    )


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


def chart_rows(kind_index: int, width: int = 60, height: int = 12) -> list[str]:
    frame, history = ramp()
    chart = make_chart(CHARTS[kind_index], frame, history, FACTS, Words("en"))
    return text_of(_chart_strips(chart, width, height, Look(), frame.second))


def test_the_latency_chart_has_the_deadline_and_the_last_percentiles() -> None:
    text = "\n".join(chart_rows(1))
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
    assert "✕" in rows[-2]
    assert "0:00" in rows[-1]
    assert "30:00" in rows[-1]


def test_the_money_chart_shows_what_is_to_come_against_the_budget() -> None:
    text = "\n".join(chart_rows(4))
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

    assert "error budget ▰▰▰▰▰▰▰▱▱▱ 71 %" in line(120)
    assert "scale-up" in line(80)
    assert "▰▰▰▰▱▱ 71 %" in line(60)
    assert "12:40/30:00" in line(20)
    assert "|| paused 10×" in line(120)


def test_figures_read_well() -> None:
    assert [clock(s) for s in (0, 59.9, 760, 3700)] == ["0:00", "0:59", "12:40", "1:01:40"]
    assert [usd(a) for a in (0.4, 9.996, 521.4, -3)] == ["$0.40", "$10", "$521", "-$3.00"]
    assert [millis(m) for m in (8.4, 88, 999.6, 1900)] == ["8.4 ms", "88 ms", "1.0 s", "1.9 s"]
    assert [count(n) for n in (0, 0.44, 7, 1204, 12_400)] == ["0", "0.4", "7", "1,204", "12.4k"]
    assert [percent(s) for s in (0, 0.0001, 0.71, 0.9999, 1)] == [
        "0 %", "0.1 %", "71 %", "99.9 %", "100 %",
    ]  # fmt: skip


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
