"""Explanations where servers could help each other: alone, passed by, stuck to, busy with TLS."""

from typing import Any

import pytest

from engine.explain import REMEDIES, Burst, Cause, Known, explain
from engine.frame import Frame
from engine.scenario import ROLES
from tests.test_explain_fleet import Plan, played
from tui.explanations import CONCEPT_OF, burst_reasons
from tui.words import LANGUAGES, Words

ON_OFFER = Known(services=("ec2", "elb"))
USERS = {"pool": 400}


def worst(frames: list[Frame], reason: str, known: Known = ON_OFFER) -> Burst:
    bursts = [b for b in explain(frames, known).bursts if b.reason == reason]
    burst = max(bursts, key=lambda b: b.count)
    assert burst.remedies == REMEDIES[burst.cause]
    assert burst.cause in CONCEPT_OF
    for language in LANGUAGES:
        lines = burst_reasons(burst, Words(language))
        assert len(lines) == len(set(lines)) >= 1 + bool(burst.figures)
    return burst


def point(at_s: int, *roles: str, to: str) -> Plan:
    return {at_s: [{"do": "point_address", "role": role, "to": to} for role in roles]}


@pytest.mark.parametrize("zones", ["a", "aaa"])
def test_one_server_that_has_an_address_to_itself_is_told_from_one_that_others_watch(
    zones: str,
) -> None:
    frames = played(60, point(0, "web", "app", to="w-1"), rps=300, zones=zones)
    burst = worst(frames, "late")
    if len(zones) == 1:
        assert (burst.cause, burst.at) == (Cause.ONE_SERVER, "w-1")
    else:
        assert (burst.cause, burst.at) == (Cause.PASSED_BY, "w-1")
        assert burst.figures == {"id": "w-1", "idle": "w-2, w-3", "roles": "web, app"}


def test_a_balancer_for_web_alone_leaves_the_work_of_app_to_one() -> None:
    frames = played(60, point(0, "app", to="w-1"), rps=300, zones="aaa")
    assert worst(frames, "late").figures == {"id": "w-1", "idle": "w-2, w-3", "roles": "app"}


def test_machines_that_are_not_behind_the_balancer_are_passed_by() -> None:
    frames = played(60, rps=300, zones="aaa", front={"targets": ["w-1"]})
    burst = worst(frames, "late")
    assert (burst.cause, burst.figures["idle"]) == (Cause.PASSED_BY, "w-2, w-3")


def test_where_no_balancer_is_on_offer_only_a_larger_machine_helps() -> None:
    frames = played(60, point(0, "web", "app", to="w-1"), rps=300, zones="aaa")
    assert worst(frames, "late", Known(services=("ec2",))).cause == Cause.CPU_FULL


def test_a_server_that_keeps_data_cannot_simply_be_doubled() -> None:
    box = {"id": "box", "type": "m5.large", "roles": list(ROLES)}
    frames = played(
        60, rps=300, front={"targets": []},
        board={"instances": [box], "addresses": dict.fromkeys(ROLES, "box")},
    )  # fmt: skip
    assert worst(frames, "late").cause == Cause.CPU_FULL


def test_servers_that_are_all_full_are_too_few() -> None:
    burst = worst(played(60, rps=450, zones="aa"), "late")
    assert burst.cause == Cause.SERVERS_FULL
    assert burst.figures == {"id": "front", "healthy": 2, "targets": 2}


@pytest.mark.parametrize("tls", ["instances", "balancer"])
def test_full_servers_that_shake_hands_themselves_are_told(tls: str) -> None:
    frames = played(60, rps=450, zones="aa", front={"tls": tls}, request={"https": 1.0})
    found = worst(frames, "late", Known(services=("elb",), https=True))
    assert found.cause == (Cause.TLS_INSIDE if tls == "instances" else Cause.SERVERS_FULL)
    assert worst(frames, "late").cause == Cause.SERVERS_FULL


def crowd(sticky: bool) -> list[Burst]:
    """A third server joins two that are nearly full; who is late at the end."""
    joins: Plan = {30: [{"do": "register_target", "balancer": "front", "instance": "w-3"}]}
    front: dict[str, Any] = {"targets": ["w-1", "w-2"], "sticky": sticky}
    frames = played(150, joins, rps=405, zones="aaa", front=front, users=USERS)
    return [b for b in explain(frames, ON_OFFER).bursts if b.to_s > 140]


def test_who_sticks_to_full_servers_does_not_come_to_a_new_one() -> None:
    assert {b.cause for b in crowd(sticky=True)} == {Cause.STUCK}
    assert {b.figures["idle"] for b in crowd(sticky=True)} == {"w-3"}
    assert crowd(sticky=False) == []


def test_sessions_that_were_sent_elsewhere_have_moved_and_nothing_is_gone() -> None:
    request = {"session": True, "retry": {"times": 0}}
    change = [{"do": "set_sticky", "balancer": "front", "sticky": on} for on in (False, True)]
    frames = played(120, {60: change}, request=request, users=USERS, front={"sticky": True})
    burst = worst(frames, "session_lost")
    assert (burst.cause, burst.figures) == (Cause.SESSION_MOVED, {"since": 60})
    assert burst.from_s > 60


def test_users_on_ipv6_were_kept_out_by_the_balancer_that_had_the_address_then() -> None:
    plan: Plan = {
        0: [{"do": "create_balancer", "ipv6": True, "name": "both"}],
        5: [{"do": "register_target", "balancer": "both", "instance": "w-1"}],
    }
    frames = played(110, plan | point(100, "web", "app", to="both"), request={"ipv6": 0.3})
    burst = worst(frames, "no_ipv6_route")
    assert (burst.cause, burst.figures) == (Cause.NO_IPV6_BALANCER, {"id": "front"})
    assert burst.to_s <= 103
