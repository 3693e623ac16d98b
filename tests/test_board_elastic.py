"""Balancers, targets, groups, images and alarms on the board and in the inspector."""

from functools import cache
from typing import Any

import pytest
from msgspec.structs import replace

from engine.frame import Blame, Frame
from engine.scenario import read_scenario
from engine.services.registry import read_command
from engine.simulation import Simulation
from tests.pictures import text_of
from tui.render.board.draw import draw_board
from tui.render.board.scene import scene_of
from tui.render.board.view import View
from tui.render.history import History
from tui.render.inspector import fact_label, fact_words, inspector_text
from tui.theme import Look, State
from tui.words import LANGUAGES, Words

COMMANDS: list[dict[str, Any]] = [
    {"do": "create_group", "type": "m5.large", "balancer": "front", "name": "fleet",
     "image": "webstack", "least": 2, "desired": 2, "most": 6},
    {"do": "track_target", "group": "fleet", "metric": "cpu", "target": 50},
    {"do": "add_step", "group": "fleet", "metric": "requests_per_target", "above": 900, "add": 1},
    {"do": "schedule_group", "group": "fleet", "from_s": 900, "least": 1, "desired": 2, "most": 3},
    {"do": "create_alarm", "resource": "front", "above": 60, "name": "busy"},
    {"do": "create_image", "instance": "w-1", "name": "mine"},
]  # fmt: skip


@cache
def ran() -> tuple[Frame, History]:
    """A balancer with two targets of its own and two of a group, an alarm and an image."""
    machines = [{"id": f"w-{n}", "type": "m5.large", "roles": ["web", "app"]} for n in (1, 2)]
    values: dict[str, Any] = {
        "slug": "elastic",
        "duration_s": 1_800,
        "budget": {"month_usd": 10_000.0},
        "traffic": [{"kind": "constant", "rps": 100.0}],
        "tables": [{"name": "t", "gb": 1}],
        "requests": [
            {"name": "page", "share": 1.0, "app_ms": 5.0, "data": "read", "table": "t",
             "data_ms": 1.0, "deadline_ms": 400.0},
        ],
        "board": {
            "instances": machines,
            "databases": [{"id": "orders", "type": "db.m5.large"}],
            "balancers": [{"id": "front", "targets": ["w-1", "w-2"]}],
            "addresses": {"web": "front", "app": "front"},
        },
        "objectives": {"error_budget": 1.0},
    }  # fmt: skip
    sim, history = Simulation(read_scenario(values, "elastic")), History()
    for command in COMMANDS:
        sim.apply(read_command(command, "elastic"))
    for _ in range(130):
        history.add(sim.advance())
    return sim.frame(), history


def with_target(id: str, state: str) -> tuple[Frame, History]:
    """The same, but the balancer thinks otherwise of one target."""
    frame, history = ran()
    front = frame.resource("front")
    assert front is not None
    front = replace(front, targets=front.targets | {id: state})
    others = tuple(r for r in frame.resources if r.id != "front")
    return replace(frame, resources=(front, *others)), history


def board(seen: tuple[Frame, History], width: int, height: int, words: Words) -> str:
    picture = draw_board(width, height, scene_of(*seen), Look(), words, None, View())
    return "\n".join(text_of(picture.canvas.strips()))


def test_groups_stand_apart_from_what_answers_and_images_and_alarms_too() -> None:
    scene = scene_of(*ran())
    tiers = [[thing.id for thing in tier] for tier in scene.tiers]
    assert tiers[0] == ["front"]
    assert {"w-1", "w-2", "fleet"} <= set(tiers[1])
    assert [kept.id for kept in scene.kept] == ["mine", "busy"]
    assert not {"fleet", "mine", "busy"} & {flow.target for flow in scene.flows}


@pytest.mark.parametrize("language", LANGUAGES)
def test_cards_say_who_is_healthy_and_how_far_a_group_is(language: str) -> None:
    words = Words(language)
    said = board(ran(), 140, 46, words)
    for part in (
        words.say("board.healthy", n="4", m="4"),
        words.say("board.target_healthy"),
        words.say("board.in_service"),
        words.say("board.images"),
        words.say("board.alarms"),
        "2/2",
        "→50%",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("state", "seen", "word"),
    [
        ("initial", State.UNCHECKED, "no check passed yet"),
        ("unhealthy", State.UNHEALTHY, "unhealthy"),
        ("draining", State.DRAINING, "draining"),
        ("healthy", State.OK, "healthy"),
    ],
)
@pytest.mark.parametrize(("width", "height"), [(140, 46), (76, 26), (76, 14)])
def test_what_a_balancer_thinks_of_a_target_is_seen(
    state: str, seen: State, word: str, width: int, height: int
) -> None:
    what = with_target("w-1", state)
    assert {t.id: t.state for t in scene_of(*what).answering}["w-1"] is seen
    if state != "healthy":
        assert word.split()[0] in board(what, width, height, Words("en"))


def test_a_balancer_stands_above_its_targets_where_columns_do_not_fit() -> None:
    scene = scene_of(*ran())
    for width, stacked in ((76, True), (150, False)):
        spots = draw_board(width, 40, scene, Look(), Words("en"), None, View()).spots
        assert (spots["front"].lane == spots["w-1"].lane) == stacked
        assert spots["w-1"].lane < spots["orders"].lane
        assert not stacked or spots["front"].y < spots["w-1"].y


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fact_that_services_tell_has_a_name(language: str) -> None:
    frame, history = ran()
    words = Words(language)
    for view in frame.resources:
        for name, fact in view.facts.items():
            assert words.knows(f"facts.{name}"), name
            assert fact_label(name, words)
            assert fact_words(name, fact, words)
        text = inspector_text(frame, history, view.id, (), Look(), words, 70).plain
        assert "{" not in text


def test_the_inspector_tells_the_state_of_each_target_on_both_sides() -> None:
    frame, history = with_target("w-2", "unhealthy")
    front = inspector_text(frame, history, "front", (), Look(), Words("en"), 90).plain
    assert "w-1 (healthy)" in front
    assert "w-2 (unhealthy)" in front
    target = inspector_text(frame, history, "w-2", (), Look(), Words("en"), 90).plain
    assert "front: unhealthy" in target


def dark() -> tuple[Frame, History]:
    """The same with zone a out: the first machine lies still, the database is out of reach."""
    frame, history = ran()
    still = {"w-1": "stopped", "w-2": "stopped"}
    instances = tuple(replace(i, state=still.get(i.id, i.state)) for i in frame.instances)
    orders = frame.resource("orders")
    assert orders is not None
    others = tuple(r for r in frame.resources if r.id != "orders")
    orders = replace(orders, state="unreachable")
    resources = (*others, orders)
    return replace(frame, instances=instances, resources=resources, zones_down=("a",)), history


@pytest.mark.parametrize("ascii", [False, True])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("width", "height"), [(140, 46), (76, 26), (76, 14), (76, 9)])
def test_a_zone_that_is_out_is_said_in_words(
    width: int, height: int, language: str, ascii: bool
) -> None:
    words = Words(language)
    said = words.say("board.zone_out", zone="a")
    scene, look = scene_of(*dark()), Look(ascii=ascii)
    text = text_of(draw_board(width, height, scene, look, words, None, View()).canvas.strips())
    sign = "x" if ascii else "✕"
    assert f"{sign} {said}" in text[-1]
    if (width, height) != (76, 9):
        assert sum(f"{sign} {said}" in row for row in text) > 1
    assert words.say("board.zone_out", zone="b") not in "\n".join(text)
    before = board(ran(), width, height, words)
    assert said not in before


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_inspector_says_that_a_zone_is_out(language: str) -> None:
    frame, history = dark()
    words = Words(language)
    ids = ("w-1", "orders", frame.instances[0].volumes[0])
    for id in ids:
        for seen, out in ((frame, True), (replace(frame, zones_down=()), False)):
            text = inspector_text(seen, history, id, (), Look(), words, 70).plain
            assert (words.say("inspect.zone_out") in text) == out, id


def test_a_standby_that_is_not_ready_is_not_promised() -> None:
    frame, history = ran()
    orders = frame.resource("orders")
    assert orders is not None
    others = tuple(r for r in frame.resources if r.id != "orders")
    for ready in (True, False):
        facts = orders.facts | {"standby_zone": "b", "standby_ready": ready}
        seen = replace(frame, resources=(*others, replace(orders, facts=facts)))
        assert ("not ready" in board((seen, history), 150, 60, Words("en"))) != ready


def test_nobody_is_missed_for_a_role_that_nothing_plays_and_nobody_asks_for() -> None:
    frame, history = ran()
    assert frame.addresses["files"] is None
    assert scene_of(frame, history).unheld == ()
    alone = replace(frame, addresses=frame.addresses | {"db": None})
    assert scene_of(alone, history).unheld == ("db",)
    asked = History()
    blamed = replace(frame, blame=(Blame("page", "no_target", "files", 3),))
    asked.add(blamed)
    assert scene_of(blamed, asked).unheld == ("files",)
