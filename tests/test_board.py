"""What the drawn board promises: exact sizes, everything in reach, wires clear of all text."""

import unicodedata
from collections.abc import Callable
from itertools import product

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from msgspec.structs import replace
from rich.cells import cell_len

from engine.frame import Blame, Frame
from engine.views import Fact, Hop, MoveView, ResourceView, SnapshotView
from tests.fake_run import crowded_frame, split_frame
from tests.pictures import (
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
from tui.render.board.draw import draw_board, frame_board
from tui.render.board.flows import Flow
from tui.render.board.folds import Fleet, fold
from tui.render.board.picture import Direction, Picture
from tui.render.board.scene import Scene, scene_of
from tui.render.board.view import Level, View
from tui.render.board.wires import Route, dots, spacing, speed
from tui.render.history import History
from tui.theme import Look, State
from tui.words import Words

Seen = tuple[Frame, History]

BOARDS: tuple[Callable[[], Seen], ...] = (ramp, split, down, nothing, fleet, disks, hostile)

SIZES = [
    *product((0, 1, 2, 3, 5, 8, 13), (0, 1, 2, 3, 5)),
    *product((21, 33, 38, 46, 57, 78, 98, 121, 160, 200), (4, 7, 9, 14, 22, 31, 60)),
]

DIRECTIONS: tuple[Direction, ...] = ("up", "down", "left", "right")


def seen(frame: Frame, seconds: int = 12) -> Seen:
    """A frame that has been the same for some seconds."""
    history = History()
    for second in range(frame.second - seconds, frame.second + 1):
        history.add(replace(frame, second=max(0, second)))
    return frame, history


def drawn(
    what: Seen, width: int, height: int, selected: str | None = None, view: View | None = None,
    words: Words | None = None,
) -> Picture:  # fmt: skip
    scene = scene_of(*what)
    return draw_board(width, height, scene, Look(), words or Words("en"), selected, view or View())


def rows_of(what: Seen, width: int, height: int, **how: object) -> list[str]:
    picture = drawn(what, width, height, **how)  # type: ignore[arg-type]
    return [row.rstrip() for row in text_of(picture.canvas.strips())]


# Any board at any size


NAMES = st.sampled_from([f"it-{n}" for n in range(9)])
SECONDS = st.none() | st.floats(0, 500)
LOADS = st.floats(0, 1)


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    """Boards that make sense and boards that do not."""
    machines = tuple(
        replace(
            instance(
                f"m-{n}",
                draw(st.sampled_from(["t3.micro", "m5.24xlarge"])),
                state=draw(st.sampled_from(["running", "pending", "stopping", "stopped", "odd"])),
                roles=draw(st.sampled_from([("web", "app"), ("db", "files"), ("web",), ()])),
                zone=draw(st.sampled_from("abc")),
                volumes=(f"v-{n}",) if draw(st.booleans()) else (),
                credits=draw(st.none() | st.floats(0, 500)),
                until_s=draw(SECONDS),
            ),
            group=draw(st.sampled_from(["", "", "shop"])),
        )
        for n in range(draw(st.integers(0, 9)))
    )
    volumes = tuple(
        volume(m.volumes[0], m.id, draw(st.floats(0, 30))) for m in machines if m.volumes
    )
    volumes += tuple(volume(f"loose-{n}", None) for n in range(draw(st.integers(0, 4))))
    resources = tuple(
        _resource(draw, f"r-{n}", tuple(m.id for m in machines))
        for n in range(draw(st.integers(0, 5)))
    )
    ids = [m.id for m in machines] + [v.id for v in volumes] + [r.id for r in resources]
    some = st.sampled_from(["", "gone", *ids])
    stations = [station(f"{id}/cpu", draw(LOADS), draw(st.integers(0, 999))) for id in ids]
    roles = ("web", "app", "db", "files", "db/orders", "db/users")[: draw(st.integers(4, 6))]
    addresses = {role: draw(st.none() | st.sampled_from(["gone", *ids])) for role in roles}
    frame = frame_of(
        draw(st.integers(0, 700)), machines, volumes, tuple(stations), addresses,
        rps=draw(st.floats(0, 5000)), late=draw(st.integers(0, 9)),
        blame=tuple(
            Blame("page", draw(st.sampled_from(["late", "slow_down"])), f"{draw(some)}/cpu", 3)
            for _ in range(draw(st.integers(0, 3)))
        ),
    )  # fmt: skip
    return replace(
        frame,
        resources=resources,
        snapshots=tuple(
            SnapshotView(f"s-{n}", "v-0", 3.0, draw(st.sampled_from(["pending", "completed"])))
            for n in range(draw(st.integers(0, 4)))
        ),
        hops=tuple(
            Hop(draw(some), draw(some), draw(st.integers(0, 900)))
            for _ in range(draw(st.integers(0, 8)))
        ),
        moves=tuple(
            MoveView("m", "files", draw(some), draw(some), 10.0, draw(st.floats(0, 12)), 900.0)
            for _ in range(draw(st.integers(0, 2)))
        ),
    )


def _resource(draw: st.DrawFn, id: str, machines: tuple[str, ...]) -> ResourceView:
    services = ["rds", "rds", "s3", "elb", "queue", "shards", "elasticache"]
    service = draw(st.sampled_from(services))
    others = tuple(f"r-{n}" for n in draw(st.sets(st.integers(0, 5), max_size=4)))
    behind = {"elb": machines[:2], "shards": others}.get(service, ())
    figures: st.SearchStrategy[Fact] = st.sampled_from([0, 3, 7.5, True, "mysql"])
    facts: dict[str, Fact] = {
        name: draw(figures)
        for name in ("engine", "gb", "used_gb", "connections", "connections_max", "slowed_s")
        if draw(st.booleans())
    }
    if service == "rds" and draw(st.booleans()):
        facts |= {"source": draw(st.sampled_from(["r-0", "r-1", "gone"]))}
        facts |= {"lag_s": draw(st.floats(0, 9e5)), "unapplied": draw(st.integers(0, 10**7))}
    elif draw(st.booleans()):
        facts |= {"reads": draw(st.sampled_from(["replicas", "tolerant", "master"]))}
        facts |= {"table": "orders", "shards": draw(st.integers(1, 16)), "lookups_s": 9}
    return ResourceView(
        id, service, draw(st.sampled_from(["db.m5.large", "standard", "backup"])), 5_000_000,
        draw(st.sampled_from([None, "a"])),
        draw(st.sampled_from(["available", "failing_over", "failed", "creating", "melting"])),
        draw(SECONDS), ("db",), behind, facts,
    )  # fmt: skip


VIEWS = st.builds(
    View,
    level=st.sampled_from([None, *Level]),
    top=st.integers(0, 30),
    unfolded=st.sampled_from([frozenset(), frozenset({("group", "shop", "a"), ("disks",)})]),
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(frames(), st.integers(0, 200), st.integers(0, 60), VIEWS, st.booleans(), st.booleans())
def test_any_board_at_any_size_is_exactly_that_size(
    frame: Frame, width: int, height: int, view: View, korean: bool, ascii: bool
) -> None:
    words, look = Words("ko" if korean else "en"), Look(ascii=ascii)
    scene = scene_of(*seen(frame))
    for selected in (None, *scene.order[:2]):
        inner = max(0, width - 2), max(0, height - 2)
        picture = draw_board(*inner, scene, look, words, selected, view)
        for phase in (None, 7):
            strips = frame_board(width, height, picture, phase, look, "Board", "z", "$1")
            assert len(strips) == height
            for strip in strips:
                assert strip.cell_length == sum(cell_len(s.text) for s in strip) == width
                assert all(segment.style is not None for segment in strip)
            if ascii and not korean:
                assert all(row.isascii() for row in text_of(strips))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(frames(), st.integers(30, 160), st.integers(4, 50), VIEWS)
def test_everything_is_in_reach(frame: Frame, width: int, height: int, view: View) -> None:
    """By scrolling, by the arrow keys from anywhere, and by a click."""
    scene = scene_of(*seen(frame))
    picture = draw_board(width, height, scene, Look(), Words("en"), None, view)
    assert set(picture.spots) == set(scene.order) == set(picture.order)
    for id, spot in picture.spots.items():
        assert 0 <= spot.x < width
        assert spot.y >= 0
        assert spot.y + spot.height <= picture.height
        top = picture.top_for(id)
        assert 0 <= top <= picture.highest_top
        assert top <= spot.y < top + picture.room
        shown = draw_board(
            width, height, scene, Look(), Words("en"), None,
            View(view.level, top, view.unfolded), picture,
        )  # fmt: skip
        assert shown.top == top
        assert shown.at(spot.x, spot.y - top) is not None
    ways = {id: {picture.neighbour(id, way) for way in DIRECTIONS} for id in picture.order}
    for start in picture.order:
        reached, waiting = {start}, [start]
        while waiting:
            new = {id for id in ways[waiting.pop()] if id is not None} - reached
            reached |= new
            waiting += new
        assert reached == set(picture.order)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(frames(), st.integers(30, 160), st.integers(4, 50), VIEWS)
def test_no_wire_runs_through_a_card(frame: Frame, width: int, height: int, view: View) -> None:
    picture = draw_board(width, height, scene_of(*seen(frame)), Look(), Words("en"), None, view)
    taken = [*picture.spots.values(), *(area for area, _ in picture.areas.values())]
    inside = {
        (x, y)
        for spot in taken
        for x in range(spot.x, spot.x + spot.width)
        for y in range(spot.y, spot.y + spot.height)
    }
    for route in picture.wires.routes:
        assert not inside & {*route.cells, route.end}


@settings(max_examples=60, deadline=None, derandomize=True)
@given(frames(), st.integers(30, 160), st.integers(4, 50), VIEWS)
def test_a_picture_before_changes_nothing_but_the_work(
    frame: Frame, width: int, height: int, view: View
) -> None:
    scene = scene_of(*seen(frame))
    first = draw_board(width, height, scene, Look(), Words("en"), None, view)
    again = draw_board(width, height, scene, Look(), Words("en"), None, view, first)
    assert text_of(first.strips(3)) == text_of(again.strips(3))


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("board", BOARDS)
def test_every_strip_is_as_wide_as_it_says_at_every_size(
    board: Callable[[], Seen], language: str
) -> None:
    what, words, look = board(), Words(language), Look()
    scene = scene_of(*what)
    selected = what[0].instances[-1].id if what[0].instances else None
    for width, height in SIZES:
        inner = max(0, width - 2), max(0, height - 2)
        picture = draw_board(*inner, scene, look, words, selected)
        for strip in frame_board(width, height, picture, 5, look, HOSTILE, "z"):
            measured = sum(cell_len(segment.text) for segment in strip)
            assert strip.cell_length == measured == width, (width, height, strip.text)


@pytest.mark.parametrize("size", [(78, 26), (78, 9), (40, 8)])
@pytest.mark.parametrize("level", [None, *Level])
def test_no_control_character_comes_through(size: tuple[int, int], level: Level | None) -> None:
    picture = drawn(hostile(), *size, HOSTILE, View(level))
    for row in text_of(picture.strips(3)):
        assert all(unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Cn") for c in row)


# What it says


def test_a_small_board_has_a_line_for_each_thing_in_order_of_calls() -> None:
    assert rows_of(split(), 76, 9) == [
        " ◍ users 214 rps   good 86%   late 9%   failed 4%",
        "  ┗━━▶ ● web-1            c5.large a  ■■■■■·····  52% OK    214 rps  web",
        "       ┗━▶ ▲ app-1        c5.xlarge b ■■■■■■■■··  81% WARN  queue 7  214 rps",
        "           ┗━▶ ● data-1 ▸ m5.large a  ■■■·······  33% OK    ▭ 98% FULL",
        "       ◔ web-2            c5.large a  booting, 12 s to go",
        "       ▭ vol-9            gp3         unattached, still billed  6.2/20 GB",
        "",
        "",
        " ▸ tightest: vol-3 I/O, no headroom since 12:40, 214 waiting",
    ]


def test_a_large_board_has_tiers_in_frames() -> None:
    text = "\n".join(rows_of(seen(split_frame()), 120, 30))
    for said in (
        "─ zone a ─", "─ zone b ─", "─ Amazon RDS, zone a ─", "─ Amazon S3 ─",
        "MySQL  standby in b", "connections", "41/624", "21/100 GB", "0 reads/s",
        "⇢ moving in 62%", "⇢ moving out 62%", "50 s to go", "◂ tightest", "▸ CPU",
        "queue 214 of 256", "✕ 16%",
    ):  # fmt: skip
        assert said in text
    columns = [text.index(name) % 121 for name in ("web-1", "orders")]
    assert columns[0] < columns[1]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("creating", "◔ db  … being made, 74 s to go"),
        ("modifying", "◑ db  … being changed, 74 s to go"),
        ("failing_over", "⇄ db  … FAILING OVER, 74 s to go"),
        ("failed", "✕ db  … FAILED"),
        ("sleeping_late", "◈ db  … sleeping late, 74 s to go"),
    ],
)
def test_states_have_a_glyph_a_word_and_the_seconds_to_go(state: str, said: str) -> None:
    until = None if state == "failed" else 134.0
    view = ResourceView("db", "rds", "db.m5.large", 0, "a", state, until)
    what = seen(replace(frame_of(60, (instance(),)), resources=(view,)))
    for level in (Level.CARDS, Level.ROWS):
        text = "\n".join(rows_of(what, 120, 30, view=View(level)))
        for part in said.split("  … "):
            assert part in text


def test_a_service_of_a_later_version_is_drawn_by_its_facts_and_stations() -> None:
    view = ResourceView("jobs", "queue", "fifo", 0, facts={"prefixes": 3, "strange": 1})
    frame = frame_of(60, (instance(),), (), (station("jobs/rate", 0.8, 5),))
    text = "\n".join(rows_of(seen(replace(frame, resources=(view,))), 120, 30))
    for said in ("─ QUEUE ─", "▲ jobs", "fifo", "80% WARN", "prefixes"):
        assert said in text
    assert "strange" not in text


def test_an_idle_machine_is_marked_as_waste_and_a_dead_one_as_down() -> None:
    assert any("idle: nothing points here, $70 a month" in row for row in rows_of(ramp(), 78, 26))
    rows = rows_of(down(), 78, 26)
    assert any("DOWN: nobody answers for web app db files" in row for row in rows)
    assert any("╍╍┿✕ ✕ web-1" in row for row in rows)


def test_disks_say_what_they_are_how_full_and_what_becomes_of_them() -> None:
    rows = "\n".join(rows_of(disks(), 150, 40))
    for said in (
        "disk FULL  gp3  20/20 GB  not kept",
        "burst gone  st1  300/500 GB  kept  122 IOPS",
        "loading 75%  gp3  8/20 GB  not kept",
        "▣ snap-1  34 s to go  of vol-1  6.2 GB",
        "▣ snap-2  ✓  of vol-1  6.2 GB",
        "m5.large Win",
        "unlimited",
    ):
        assert said in rows
    assert "snap-2" in "\n".join(rows_of(disks(), 76, 12))


def test_an_empty_board_says_what_to_do() -> None:
    assert any("No machine stands here" in row for row in rows_of(nothing(), 78, 26))
    assert any("No machine stands here" in row for row in rows_of(nothing(), 78, 5))


def test_a_volume_without_a_line_of_its_own_is_shown_when_it_is_selected() -> None:
    frame = split_frame()
    assert "vol-2 12%" in "\n".join(rows_of(seen(frame), 78, 7, selected="vol-2"))
    assert "vol-2 12%" not in "\n".join(rows_of(seen(frame), 78, 7))


# Folding and zoom


def test_many_alike_are_drawn_as_one_with_the_worst_of_them() -> None:
    what = seen(crowded_frame(60))
    text = "\n".join(rows_of(what, 104, 34))
    assert "shop a ×6" in text
    assert "web-22 97% FULL" in text
    chosen = "\n".join(rows_of(what, 104, 34, selected="web-9"))
    assert "◆ web-9" in chosen


def test_what_is_unfolded_stands_on_its_own_and_the_rest_stays_folded() -> None:
    what = seen(crowded_frame(60))
    picture = drawn(what, 74, 24)
    key = picture.fold_of("web-7")
    assert key == ("group", "shop", "b")
    unfolded = drawn(what, 74, 24, view=View(unfolded=frozenset({key})))
    assert unfolded.fold_of("web-7") is None
    assert unfolded.spots["web-7"].width > 1
    assert set(unfolded.folds) == set(picture.folds) - {key}
    assert unfolded.choice == picture.choice
    assert unfolded.height > picture.height


def test_a_group_folds_even_where_there_is_room_and_a_few_alike_do_not() -> None:
    machines = [replace(instance(f"w-{n}"), group="shop" if n < 2 else "") for n in range(4)]
    things = scene_of(*seen(frame_of(9, tuple(machines)))).answering
    folded = fold(things, alike=False, unfolded=frozenset())
    assert [len(i.members) if isinstance(i, Fleet) else 1 for i in folded] == [2, 1, 1]


def test_each_level_says_less_than_the_one_before() -> None:
    what = seen(crowded_frame(30))
    levels = [drawn(what, 104, 34, view=View(level)) for level in Level]
    assert [picture.choice.level for picture in levels] == list(Level)
    heights = [picture.height for picture in levels]
    assert heights == sorted(heights, reverse=True)


def test_cards_that_do_not_fit_beside_each_other_become_lines() -> None:
    assert drawn(split(), 40, 30, view=View(Level.CARDS)).choice.level is Level.ROWS


def test_every_cell_of_many_machines_can_be_selected() -> None:
    picture = drawn(fleet(300), 40, 8, "web-7")
    assert set(picture.order) == set(picture.spots)
    assert "◆ web-7 m5.large" in text_of(picture.strips())[-2]
    last = max(picture.order, key=lambda id: picture.spots[id][1::-1])
    down_to = picture.top_for(last)
    assert down_to > 0
    rest = drawn(fleet(300), 40, 8, last, View(top=down_to))
    assert rest.at(rest.spots[last].x, rest.spots[last].y - rest.top) == last


# Traffic


def route(length: int, flow: Flow, *, alive: bool = True) -> Route:
    return Route(tuple((x, 0) for x in range(length)), (length, 0), "▶", flow, alive)


def test_traffic_moves_only_on_wires_that_lead_somewhere() -> None:
    alive = route(30, Flow("", "a", 5000.0))
    dead = route(30, Flow("", "a", 100.0), alive=False)
    before = [dot.x for dot in dots([alive, dead], 4)]
    after = [dot.x for dot in dots([alive, dead], 5)]
    assert set(before) & {x - 1 for x in after}
    assert dots([dead], 4) == []
    assert dots([route(30, Flow("", "a", 0.0))], 4) == []


def test_more_requests_are_denser_and_faster() -> None:
    rates = (1.0, 10.0, 100.0, 1000.0)
    assert sorted(map(spacing, rates), reverse=True) == [spacing(rate) for rate in rates]
    assert sorted(map(speed, rates)) == [speed(rate) for rate in rates]
    assert spacing(1.0) > spacing(1000.0)
    assert speed(1.0) < speed(1000.0) <= 1.0


def test_the_share_of_bad_dots_is_that_of_the_wires_own_requests() -> None:
    found = dots([route(4000, Flow("", "a", 500.0, failed=0.2, late=0.1))], 3)
    shares = [sum(dot.glyph == glyph for dot in found) / len(found) for glyph in "✕◌"]
    assert shares == [pytest.approx(0.2, abs=0.01), pytest.approx(0.1, abs=0.01)]


def test_without_motion_arrows_stand_where_the_traffic_goes() -> None:
    still = dots([route(40, Flow("", "a", 200.0))], None)
    assert {dot.glyph for dot in still} == {"▸"}
    assert len(still) == 40 // spacing(200.0) or len(still) == 40 // spacing(200.0) + 1
    assert still == dots([route(40, Flow("", "a", 200.0))], None)


def test_wires_carry_what_went_their_way_and_failed_at_their_end() -> None:
    scene = scene_of(*seen(split_frame()))
    flows = {(flow.source, flow.target): flow for flow in scene.flows}
    assert flows["", "web-1"].rps == pytest.approx(108)
    assert flows["", "web-1"].failed == 0
    assert flows["", "web-2"].failed == pytest.approx(19 / 120)
    assert flows["", "web-2"].late == pytest.approx(7 / 120)
    assert flows["web-2", "orders"].rps == pytest.approx(52)


def test_runs_without_hops_fall_back_on_addresses_and_the_users_rate() -> None:
    flows = scene_of(*split()).flows
    assert [(f.source, f.target) for f in flows] == [
        ("", "web-1"), ("web-1", "app-1"), ("app-1", "data-1"),
    ]  # fmt: skip
    assert {round(f.rps) for f in flows} == {214}
    assert all(f.failed == 0 for f in flows)


def test_a_move_is_a_wire_from_the_source_to_the_target() -> None:
    picture = drawn(seen(split_frame()), 100, 30)
    [wire] = [r for r in picture.wires.routes if r.carries == "data"]
    volume_spot, bucket = picture.spots["vol-2"], picture.spots["media"]
    assert wire.cells[0][1] == volume_spot.y
    assert wire.end[1] == bucket.y + 1
    assert wire.end[0] < bucket.x


# Scene


def test_tiers_go_from_the_users_to_the_data() -> None:
    balancer = ResourceView("front", "elb", "application", 0, behind=("w-1", "w-2"))
    machines = (
        instance("w-1", roles=("web", "app")), instance("d-1", roles=("db",)),
        instance("w-2", roles=("web", "app")),
    )  # fmt: skip
    addresses: dict[str, str | None] = {"web": "front", "app": "front", "db": "d-1"}
    frame = replace(frame_of(9, machines, addresses=addresses), resources=(balancer,))
    scene = scene_of(*seen(frame))
    assert [[thing.id for thing in tier] for tier in scene.tiers] == [
        ["front"], ["w-1", "w-2"], ["d-1"],
    ]  # fmt: skip
    assert {thing.id: thing.state for thing in scene.answering}["w-2"] is State.OK
    ways = {(flow.source, flow.target) for flow in scene.flows}
    assert ways >= {("", "front"), ("front", "w-2"), ("w-1", "d-1"), ("w-2", "d-1")}


def test_the_order_is_that_of_the_board() -> None:
    scene: Scene = scene_of(*split())
    assert scene.order == (
        "web-1", "vol-1", "app-1", "vol-2", "web-2", "data-1", "vol-3", "vol-9",
    )  # fmt: skip
    assert kept(frame_of(9))[1].pulse(9).rps == 214
