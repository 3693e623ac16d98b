"""What CloudWatch knows of a run: points of whole periods, none too early, those of the engine."""

from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from engine.flow.latency import BUCKETS, EDGES_MS
from engine.frame import Frame
from engine.services.autoscaling import AddStep, TrackTarget
from engine.services.cloudwatch import CreateAlarm, SetMonitoring
from engine.services.command import Command
from engine.services.ec2 import LaunchInstance, StartInstance, StopInstance
from engine.simulation import Simulation
from tests.pictures import FACTS, frame_of, instance, station, text_of
from tests.test_autoscaling import FLEET, fleet
from tui.render.alarm_list import draw_alarms
from tui.render.conditions import Condition, conditions_of
from tui.render.history import History
from tui.render.measures import bucket_ms
from tui.render.metric_chart import SPANS_S, draw_metric_chart
from tui.render.metric_list import Picked, draw_metrics
from tui.render.metrics import (
    Metric,
    Point,
    is_coming,
    metrics_of,
    newest,
    next_end,
    points,
    slots,
    steps,
    value_at,
)
from tui.theme import Look
from tui.words import LANGUAGES, Words

MACHINE = instance("web-1")


def at(second: int, load: float, *, detailed: bool = False) -> Frame:
    """A second of one machine."""
    machine = replace(MACHINE, detailed=detailed)
    return frame_of(second, (machine,), (), (station("web-1/cpu", load),))


def seen(loads: list[float], *, detailed_from: int | None = None) -> tuple[Frame, History]:
    """A history of these loads, of the seconds 0, 1, 2, …"""
    history = History()
    frames = [
        at(n, load, detailed=detailed_from is not None and n >= detailed_from)
        for n, load in enumerate(loads)
    ]
    for frame in frames:
        history.add(frame)
    return frames[-1], history


def metric(frame: Frame, name: str = "CPUUtilization", resource: str = "web-1") -> Metric:
    return next(m for m in metrics_of(frame) if m.key == (resource, name))


def test_points_are_the_means_of_their_periods() -> None:
    loads = [9.0] + [0.2] * 60 + [0.4] * 60 + [0.6] * 180 + [0.1] * 59
    frame, history = seen(loads)
    [five] = points(metric(frame), history, frame.second)
    assert five[:2] == (0, 300)
    assert five.value == pytest.approx(100 * (0.2 + 0.4 + 3 * 0.6) / 5)
    frame, history = seen(loads, detailed_from=0)
    minutes = points(metric(frame), history, frame.second)
    assert [p.end_s for p in minutes] == [60, 120, 180, 240, 300]
    assert [p.value for p in minutes] == pytest.approx([20, 40, 60, 60, 60])


def test_minutes_that_are_bought_hold_from_the_next_second_on() -> None:
    frame, history = seen([0.5] * 700, detailed_from=130)
    ends = [p.end_s for p in points(metric(frame), history, frame.second)]
    assert ends == [180, 240, 300, 360, 420, 480, 540, 600, 660]
    assert next_end(metric(frame), history, 129) == 300
    assert next_end(metric(frame), history, 130) == 180


LOADS = st.lists(st.floats(0, 1, width=32), min_size=1, max_size=420)


@given(LOADS, st.integers(0, 420) | st.none())
@settings(max_examples=25, deadline=None)
def test_laws_of_points(loads: list[float], bought_s: int | None) -> None:
    frame, history = seen([0.0, *loads], detailed_from=bought_s)
    of, until = metric(frame), frame.second
    known = points(of, history, until)
    for point in known:
        assert point.end_s <= until
        assert point.end_s - point.start_s in (60, 300)
        seconds = loads[point.start_s : point.end_s]  # loads[n] is that of second n + 1
        assert point.value == pytest.approx(100 * fmean(seconds), abs=1e-4)
        assert value_at(of, history, point.end_s) == pytest.approx(point.value)
        # It was not known a second earlier, and has not changed since it was known.
        assert point not in points(of, history, point.end_s - 1)
        assert points(of, history, point.end_s)[-1] == point
    if bought_s == 0:
        whole = [p for p in known if p.end_s - p.start_s == 60]
        assert len(whole) == until // 60
        together = loads[: 60 * len(whole)]
        if together:
            mean = fmean(p.value for p in whole)
            assert mean == pytest.approx(100 * fmean(together), abs=1e-4)
    latest = newest(of, history, until)
    assert (latest is None) == (not known)
    assert latest is None or latest == known[-1]
    assert next_end(of, history, until) > until


@given(LOADS)
@settings(max_examples=15, deadline=None)
def test_points_that_were_kept_are_those_that_are_worked_out_at_once(loads: list[float]) -> None:
    growing, final = History(), [0.0, *loads]
    for second, load in enumerate(final):
        growing.add(at(second, 0.5, detailed=True))  # as it was before a command was given
        frame = at(second, load, detailed=True)
        growing.add(frame)
        points(metric(frame), growing, second)
    frame, fresh = seen(final, detailed_from=0)
    of = metric(frame)
    for until in range(0, frame.second + 1, 30):
        assert points(of, growing, until) == points(of, fresh, until)


def test_a_chart_has_the_value_of_the_period_and_a_gap_where_nothing_is_known() -> None:
    known = [Point(0, 60, 1.0), Point(60, 120, 2.0), Point(180, 240, 4.0)]
    assert steps(known, 0.0, 30.0, 10) == [1, 1, 2, 2, None, None, 4, 4, None, None]


def test_buckets_of_a_frame_have_the_middles_of_the_engines() -> None:
    for bucket in (0, 1, 31, 32, 400, BUCKETS - 2):
        assert bucket_ms(bucket) == pytest.approx((EDGES_MS[bucket] + EDGES_MS[bucket + 1]) / 2)


COMMANDS: dict[int, list[Command]] = {
    0: [FLEET, TrackTarget("fleet", "cpu", 50), LaunchInstance("m5.large", name="extra")],
    130: [CreateAlarm("web-1", above=40, points=2, name="one"), SetMonitoring("extra")],
    131: [CreateAlarm("extra", above=1, points=1, name="two")],
    310: [StopInstance("extra")],
    437: [StartInstance("extra")],
    500: [SetMonitoring("extra", detailed=False), CreateAlarm("front", 20, 5, "three")],
    830: [CreateAlarm("web-4", above=30, points=3, name="four"), AddStep("fleet", "cpu", 20, -1)],
    850: [CreateAlarm("vol-4", above=1, points=3, name="five")],
}


def played() -> tuple[list[Frame], History]:
    """A fleet in a crowd, with alarms made at any second; each second as it was shown last."""
    sim, history = Simulation(fleet()), History()
    frames = []
    for second in range(1_080):
        for command in COMMANDS.get(second, []):
            history.add(sim.frame())
            sim.apply(command)
        frames.append(sim.frame())
        history.add(sim.frame())
        sim.advance()
    return frames, history


FRAMES, HISTORY = played()


def watching(frame: Frame) -> dict[str, Condition]:
    return {c.id: c for c in conditions_of(frame, HISTORY) if c.kind == "alarm"}


def test_the_points_on_the_screen_are_those_that_alarms_were_judged_by() -> None:
    states = set()
    for frame in FRAMES:
        for name, condition in watching(frame).items():
            view = frame.resource(name)
            assert view is not None
            newest_point = condition.points[-1] or 0.0
            assert newest_point == pytest.approx(float(view.facts["measured"]), abs=0.001)
            assert condition.over == view.facts["over"]
            states.add((name, condition.state))
            if condition.state == "alarm":
                assert condition.over == condition.needed
    assert {("two", "ok"), ("two", "insufficient_data")} <= states
    assert {("one", "alarm"), ("three", "alarm"), ("four", "ok")} <= states
    assert ("five", "insufficient_data") in states


def test_a_group_acts_when_its_points_on_the_screen_are_complete() -> None:
    scaled = [f for f in FRAMES if any(n.kind == "scaling_out" for n in f.news)]
    assert [f.second for f in scaled][:1] == [780]
    for before in FRAMES:
        out = next((c for c in conditions_of(before, HISTORY) if c.kind == "out"), None)
        if out is not None and before.second < scaled[0].second:
            assert out.over < out.needed
    out, shrink, step = (
        next(c for c in conditions_of(scaled[0], HISTORY) if c.kind == kind)
        for kind in ("out", "in", "out")
    )
    assert (out.over, out.needed, out.wanted, step) == (3, 3, 4, out)
    assert (shrink.bound, shrink.over, shrink.needed) == (45.0, 0, 15)
    kinds = [c.kind for c in conditions_of(FRAMES[-1], HISTORY) if c.kind != "alarm"]
    assert kinds == ["out", "in", "fewer"]


def test_a_groups_mean_is_that_of_its_members_while_all_of_them_count() -> None:
    frame = FRAMES[600]
    group = metric(frame, resource="fleet")
    own = [metric(frame, resource=name) for name in ("web-1", "web-2")]
    for end in (360, 420, 480):
        members = [value_at(of, HISTORY, end) for of in own]
        assert value_at(group, HISTORY, end) == pytest.approx(fmean(v or 0 for v in members), 0.001)


def test_sums_are_sums_and_quotients_are_of_sums() -> None:
    frame = FRAMES[600]
    served = [f.resource("front") for f in FRAMES[541:601]]
    total = sum(int(v.facts["requests_s"]) for v in served if v is not None)
    assert value_at(metric(frame, "RequestCount", "front"), HISTORY, 600) == total
    time = value_at(metric(frame, "TargetResponseTime", "front"), HISTORY, 600)
    assert time is not None
    assert 10 < time < 100
    assert slots(metric(frame, "RequestCount", "front"), HISTORY, 120, 4)[:2] == [None, None]


def drawn(
    width: int, height: int, second: int, picked_at: int, span_s: int | None, language: str,
    *, look: Look | None = None,
) -> list[list[str]]:  # fmt: skip
    """All three parts as text; every strip has the width that it was asked for."""
    frame, words, look = FRAMES[second], Words(language), look or Look()
    metrics = metrics_of(frame)
    picked = Picked(
        metrics, min(picked_at, max(0, len(metrics) - 1)), tuple(m.key for m in metrics)
    )
    conditions = conditions_of(frame, HISTORY)
    parts = [
        draw_metrics(width, height, picked, conditions, frame, HISTORY, look, words),
        draw_metric_chart(
            width, height, picked, conditions, frame, HISTORY, 3_600, span_s, look, words
        ),
        draw_alarms(width, height, conditions, picked.chosen, frame, look, words),
    ]
    for strips in parts:
        assert len(strips) == height
        for strip in strips:
            assert strip.cell_length == sum(cell_len(s.text) for s in strip) == width
    return [text_of(strips) for strips in parts]


@given(
    st.integers(0, 150), st.integers(0, 45), st.integers(0, len(FRAMES) - 1), st.integers(0, 40),
    st.sampled_from(SPANS_S), st.sampled_from(list(LANGUAGES)),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_any_size_draws(
    width: int, height: int, second: int, picked_at: int, span_s: int | None, language: str
) -> None:
    drawn(width, height, second, picked_at, span_s, language)


def test_nothing_stands_and_nothing_is_known_yet() -> None:
    frame, history = frame_of(0), History()
    history.add(frame)
    words, look = Words("en"), Look()
    assert "Nothing stands" in "\n".join(
        text_of(draw_metrics(60, 8, Picked(()), (), frame, history, look, words))
    )
    frame, history = seen([0.5] * 40)
    picked = Picked(metrics_of(frame))
    chart = draw_metric_chart(60, 12, picked, (), frame, history, 1800, 600, look, words)
    assert "first point 5:00" in "\n".join(text_of(chart))
    assert "next 5:00, in 4:21" in text_of(chart)[-1]
    assert "first 5:00" in "\n".join(
        text_of(draw_metrics(60, 8, picked, (), frame, history, look, words))
    )


def test_the_chosen_metric_is_in_sight_below_its_resource() -> None:
    metrics = metrics_of(FRAMES[900])
    for at_row, of in enumerate(metrics):
        rows = drawn(60, 9, 900, at_row, None, "en")[0]
        chosen = next(y for y, row in enumerate(rows) if "▸" in row)
        assert of.name in rows[chosen]
        names = [row[2:].split()[0] for row in rows[1:chosen] if row[2] != " "]
        assert names
        assert names[-1] == of.resource


def test_what_is_measured_but_not_over_yet_is_coming() -> None:
    frame, history = seen([0.5] * 90, detailed_from=0)
    of = metric(frame)
    assert is_coming(of, history, 0)
    assert is_coming(of, history, 59)
    assert not is_coming(of, history, 60)
    front = metric(FRAMES[0], "RequestCountPerTarget", "front")
    assert not is_coming(front, HISTORY, 10)  # no target is healthy yet


def test_a_view_without_any_glyph_is_plain() -> None:
    for part in drawn(100, 30, 900, 0, 600, "en", look=Look(ascii=True)):
        assert "\n".join(part).isascii()


def test_what_watches_is_said_with_its_points_and_its_price() -> None:
    _, chart, alarms = drawn(90, 24, 830, 0, 600, "en")
    said = "\n".join(alarms)
    assert "adds  fleet  CPUUtilization > 50%" in said
    assert "■■■ 3 of 3 in a row above · acts: wants 4" in said
    assert "removes  fleet  CPUUtilization < 45%" in said
    assert "a month: 4 alarms $0.40, 4 instances every minute $8.40" in said
    assert "adds >50%" in "\n".join(chart)
    assert "next 14:00, in 0:10" in chart[-1]
    assert "the board now" in chart[-1]


def test_a_small_picture() -> None:
    """Two minutes, idle and busy, and the minute that runs: hatched, for it is not known."""
    frame, history = seen([0.0] + [0.25] * 60 + [0.75] * 60 + [0.75] * 29, detailed_from=0)
    picked = Picked(metrics_of(frame))
    rows = text_of(
        draw_metric_chart(
            44, 10, picked, (), frame, history, FACTS.duration_s, 180, Look(), Words("en")
        )
    )
    assert rows == PICTURE


PICTURE = [
    "╭─ web-1 · CPUUtilization ─────────────────╮",
    "│ 100%┤             ░░░░                   │",
    "│     │      ⢠⠤⠤⠤⠤⠤⠤◆░░░    newest 75.0%   │",
    "│     │      ⢸      ░░░░                   │",
    "│     │      ⢸      ░░░░                   │",
    "│     │⠒⠒⠒⠒⠒⠒◆      ░░░░                   │",
    "│     │             ░░░░                   │",
    "│    0┴─────────────┬──────                │",
    "╰───── 0:00 ────────── 3:00 ───────────────╯",
    "  75.0%  next 3:00, in 0:31  board 75.0%    ",
]  # fmt: skip
