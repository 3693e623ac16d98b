"""Explanations where many answer: balancers, targets, sessions, groups and zones."""

from typing import Any

import pytest

from engine.explain import REMEDIES, Burst, Cause, explain
from engine.explain.causes import Known
from engine.explain.why import Scene, cause_of
from engine.frame import Frame, News
from engine.scenario import read_scenario
from engine.services.registry import read_command
from engine.simulation import Simulation
from tests.fake_run import made_up_frame
from tui.explanations import burst_reasons
from tui.words import LANGUAGES, Words

Plan = dict[int, list[dict[str, Any]]]


def played(
    seconds: int,
    plan: Plan | None = None,
    *,
    rps: float = 60.0,
    zones: str = "aabb",
    request: dict[str, Any] | None = None,
    front: dict[str, Any] | None = None,
    **changes: Any,
) -> list[Frame]:
    """Machines behind the balancer `front`, one for each zone named, and what was done."""
    machines = [
        {"id": f"w-{n}", "type": "m5.large", "zone": zone, "roles": ["web", "app"]}
        for n, zone in enumerate(zones, 1)
    ]
    door = {"id": "front", "targets": [m["id"] for m in machines], **(front or {})}
    page = {"name": "page", "share": 1.0, "app_ms": 10.0, "deadline_ms": 400.0, **(request or {})}
    values: dict[str, Any] = {
        "slug": "many",
        "duration_s": 3_600,
        "seed": 7,
        "budget": {"month_usd": 100_000.0},
        "traffic": [{"kind": "constant", "rps": rps}],
        "requests": [page],
        "board": {
            "instances": machines,
            "balancers": [door],
            "addresses": {"web": "front", "app": "front"},
        },
        "objectives": {"error_budget": 1.0},
    }
    sim = Simulation(read_scenario(values | changes, "many"))
    frames = [sim.frame()]
    for second in range(seconds):
        for command in (plan or {}).get(second, []):
            sim.apply(read_command(command, "many"))
            frames[-1] = sim.frame()
        frames.append(sim.advance())
    return frames


def worst(frames: list[Frame]) -> Burst:
    burst = explain(frames).worst()
    assert burst is not None
    assert burst.remedies == REMEDIES[burst.cause]
    for language in LANGUAGES:
        assert len(burst_reasons(burst, Words(language))) >= 1 + bool(burst.figures)
    return burst


CRASH = {"kind": "instance_crash", "at_s": 60, "target": "w-1"}


def test_a_dead_target_is_sent_its_share_until_two_checks_have_failed() -> None:
    frames = played(200, incidents=[CRASH])
    burst = worst(frames)
    assert (burst.cause, burst.at) == (Cause.BLIND_WINDOW, "w-1")
    told = [f.second for f in frames for n in f.news if n.kind == "target_unhealthy"]
    crashed = [f.second for f in frames for n in f.news if n.kind == "instance_crashed"]
    assert [burst.figures["found"]] == told
    assert [burst.figures["since"]] == crashed
    assert burst.figures["blind"] == told[0] - crashed[0] <= 2 * 30 + 5


def test_of_a_window_that_is_still_open_no_end_is_told() -> None:
    burst = worst(played(70, incidents=[CRASH]))
    assert not {"found", "blind"} & set(burst.figures)
    said = burst_reasons(burst, Words("en"))[1]
    assert said.startswith("w-1 was down since 1:01. front leaves it out after 2 failed checks")


def test_of_a_group_that_has_not_decided_yet_no_decision_is_told() -> None:
    frames = played(700, {0: [GROUP, TRACK]}, zones="", traffic=[CROWD])
    whole = worst(frames).figures
    before = worst(frames[: int(whole["decided"])])
    between = worst(frames[: int(whole["served"])])
    assert not {"decided", "served"} & set(before.figures)
    assert burst_reasons(before, Words("en"))[1].endswith("it decides by 3 points of 60 s.")
    assert "served" not in between.figures
    assert "decided at" in burst_reasons(between, Words("en"))[1]
    for burst in (before, between):
        for language in LANGUAGES:
            assert "–" not in " ".join(burst_reasons(burst, Words(language)))


def test_without_a_healthy_target_all_are_asked() -> None:
    stop: list[dict[str, Any]] = [{"do": "stop_instance", "instance": f"w-{n}"} for n in (1, 2)]
    assert worst(played(300, {20: stop}, zones="ab")).cause == Cause.FAILS_OPEN


def test_a_balancer_with_nobody_behind_it_has_no_target() -> None:
    nobody = worst(played(30, zones=""))
    assert (nobody.cause, nobody.at, nobody.figures["targets"]) == (Cause.NO_TARGETS, "front", 0)


def test_sessions_are_lost_by_spreading_or_with_their_server() -> None:
    request, users = {"session": True, "retry": {"times": 0}}, {"pool": 200}
    assert worst(played(60, request=request, users=users)).cause == Cause.SESSION_SPREAD
    gone: Plan = {40: [{"do": "terminate_instance", "instance": "w-1"}]}
    burst = worst(played(80, gone, request=request, users=users, front={"sticky": True}))
    assert burst.cause == Cause.SESSION_GONE
    assert burst.figures == {"id": "w-1", "since": 40}


def test_what_does_not_come_through_the_door_is_blamed_on_the_door() -> None:
    plain = worst(played(30, request={"https": 0.9}, front={"tls": "none"}))
    assert (plain.cause, plain.at) == (Cause.TLS_REQUIRED, "front")
    assert worst(played(30, request={"ipv6": 0.9})).cause == Cause.NO_IPV6_BALANCER


def test_a_jump_outruns_the_nodes_though_the_targets_have_room() -> None:
    jump = {"kind": "spike", "rps": 1_500.0, "start_s": 30, "rise_s": 1, "hold_s": 30}
    burst = worst(played(70, traffic=[jump], request={"app_ms": 1.0}))
    assert (burst.cause, burst.at) == (Cause.NODES_OUTRUN, "front")
    assert int(burst.figures["asked"]) > int(burst.figures["most"])
    assert burst.evidence is not None
    assert burst.evidence.station == "front/nodes"


GROUP = {
    "do": "create_group", "type": "m5.large", "balancer": "front", "name": "fleet",
    "image": "webstack", "least": 2, "desired": 2, "most": 6,
}  # fmt: skip
TRACK = {"do": "track_target", "group": "fleet", "metric": "cpu", "target": 50}
CROWD = {"kind": "spike", "rps": 440.0, "start_s": 300, "rise_s": 5, "hold_s": 900}


@pytest.mark.parametrize(
    ("group", "policies", "cause"),
    [
        (GROUP, [TRACK], Cause.SCALES_LATE),
        (GROUP | {"most": 2}, [TRACK], Cause.GROUP_AT_MOST),
        (GROUP, [], Cause.GROUP_FIXED),
    ],
)
def test_why_a_group_was_too_small(
    group: dict[str, Any], policies: list[dict[str, Any]], cause: Cause
) -> None:
    frames = played(700, {0: [group, *policies]}, zones="", traffic=[CROWD])
    burst = worst(frames)
    assert (burst.cause, burst.figures["id"]) == (cause, "fleet")
    if cause is Cause.SCALES_LATE:
        told = [f.second for f in frames for n in f.news if n.kind == "scaling_out"]
        assert burst.figures["decided"] == told[0]
        assert 300 < int(burst.figures["since"]) < told[0] < int(burst.figures["served"])
        assert (burst.figures["points"], burst.figures["period"]) == (3, 60)


def test_an_outage_takes_all_of_one_zone_or_leaves_too_little() -> None:
    dark = {"kind": "zone_outage", "at_s": 60, "target": "a", "duration_s": 90}
    burst = worst(played(120, zones="aaa", incidents=[dark]))
    assert burst.cause == Cause.ZONE_OUTAGE
    assert burst.figures["inside"] == burst.figures["machines"] == 3
    half = worst(played(200, zones="ab", rps=250.0, incidents=[dark]))
    assert (half.cause, half.at) == (Cause.ZONE_SQUEEZE, "w-2")


def test_an_outage_is_blamed_until_as_many_answer_again_and_no_longer() -> None:
    dark = {"kind": "zone_outage", "at_s": 60, "target": "a", "duration_s": 60}
    rush = {"kind": "spike", "rps": 700.0, "start_s": 234, "rise_s": 1, "hold_s": 20}
    steady = {"kind": "constant", "rps": 250.0}
    door = {"interval_s": 6}
    frames = played(260, zones="ab", front=door, traffic=[steady, rush], incidents=[dark])
    back = next(f.second for f in frames if f.second > 61 and both_answer(f))
    bursts = [b for b in explain(frames, Known(services=("elb",))).bursts if b.reason == "late"]
    assert back < 234 < 60 + 60 + 120
    squeezed = [b for b in bursts if b.cause == Cause.ZONE_SQUEEZE]
    assert squeezed
    assert all(b.from_s <= back + 15 for b in squeezed)
    assert {b.cause for b in bursts if b.from_s >= 234} == {Cause.SERVERS_FULL}


def both_answer(frame: Frame) -> bool:
    front = frame.resource("front")
    trusted = front is not None and set(front.targets.values()) == {"healthy"}
    return trusted and all(machine.state == "running" for machine in frame.instances)


def test_machines_of_one_group_that_are_full_are_full_for_one_reason() -> None:
    """Some of them are being replaced, so that the group as a whole is not busy."""
    gone: Plan = {300: [{"do": "terminate_instance", "instance": "web-1"}]}
    frames = played(420, {0: [GROUP], **gone}, zones="", rps=230.0)
    found = explain(frames, Known(services=("elb",)))
    full = {b.cause for b in found.bursts if b.reason in ("late", "waiting_room_full")}
    assert full == {Cause.GROUP_FIXED}


def test_sessions_that_went_with_their_store_are_told() -> None:
    machines = [
        {"id": f"w-{n}", "type": "m5.large", "zone": "a", "roles": ["web", "app"]} for n in (1, 2)
    ]
    frames = played(
        60, {30: [{"do": "delete_session_store", "store": "keys"}]},
        request={"session": True, "retry": {"times": 0}}, users={"pool": 200},
        board={
            "instances": machines,
            "balancers": [{"id": "front", "targets": ["w-1", "w-2"]}],
            "session_stores": [{"id": "keys", "type": "cache.t3.micro"}],
            "addresses": {"web": "front", "app": "front"},
        },
    )  # fmt: skip
    burst = worst(frames)
    assert (burst.reason, burst.cause) == ("session_lost", Cause.SESSION_STORE_GONE)
    assert burst.figures["id"] == "keys"


def test_a_store_in_a_dark_zone_is_the_cause_whatever_becomes_of_its_servers() -> None:
    machines = [
        {"id": f"w-{zone}", "type": "m5.large", "zone": zone, "roles": ["web", "app"]}
        for zone in "ab"
    ]
    frames = played(
        120, incidents=[{"kind": "zone_outage", "at_s": 30, "target": "a", "duration_s": 600}],
        request={"session": True, "retry": {"times": 0}}, users={"pool": 200},
        board={
            "instances": machines,
            "balancers": [{"id": "front", "targets": ["w-a", "w-b"]}],
            "session_stores": [{"id": "keys", "type": "cache.t3.micro", "zone": "a"}],
            "addresses": {"web": "front", "app": "front"},
        },
    )  # fmt: skip
    assert "target_unhealthy" in {news.kind for frame in frames for news in frame.news}
    lost = [b for b in explain(frames).bursts if b.reason == "session_lost"]
    assert {b.cause for b in lost} == {Cause.SESSION_STORE_GONE}


@pytest.mark.parametrize(
    ("befell", "cause"),
    [
        ("instance_crashed", Cause.CRASHED),
        ("host_failed", Cause.HOST_FAILED),
        (None, Cause.REPLACED),
    ],
)
def test_what_a_group_replaces_was_not_given_back(befell: str | None, cause: Cause) -> None:
    told: dict[int, tuple[News, ...]] = {
        12: (
            News("member_replaced", "board", {"id": "web-1", "group": "shop"}),
            News("instance_terminated", "board", {"id": "web-1"}),
            News("instance_launched", "board", {"id": "web-2"}),
        )
    }
    if befell is not None:
        told[10] = (News(befell, "incident", {"id": "web-1"}),)
    frames = [made_up_frame(second, news=told.get(second, ())) for second in range(8, 16)]
    scene = Scene(frames, frames[2:], frames[2:], "bad_gateway", "web-1", None, Known())
    assert cause_of(scene)[0] == cause
