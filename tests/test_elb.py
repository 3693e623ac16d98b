"""ELB: who gets requests, how the sick are found out, what sessions and HTTPS do behind it."""

from collections import Counter
from typing import Any

import pytest

from engine.catalog import CATALOG
from engine.frame import Frame
from engine.outcomes import Accepted, Refused
from engine.outcomes import RefusalReason as Why
from engine.scenario import Scenario
from engine.services.addresses import PointAddress
from engine.services.command import Command
from engine.services.ec2 import StartInstance, TerminateInstance
from engine.services.elb import ChangeBalancer, CreateBalancer, DeleteBalancer, SetSticky
from engine.services.registration import DeregisterTarget, RegisterTarget
from engine.simulation import Simulation
from engine.views import ResourceView
from tests.boards import steady
from tests.laws import check_frame, refusal_of

FIGURES = CATALOG.elb


def balanced(
    n: int = 3,
    *,
    rps: float = 60.0,
    balancer: dict[str, Any] | None = None,
    spare: list[dict[str, Any]] | None = None,
    **changes: Any,
) -> Scenario:
    """A balancer in front of n machines that play web and app."""
    names = [f"web-{i}" for i in range(1, n + 1)]
    machines = [
        {"id": name, "type": "m5.large", "roles": ["web", "app"], "zone": "abc"[i % 3]}
        for i, name in enumerate(names)
    ]
    board = {
        "instances": machines + (spare or []),
        "balancers": [{"id": "front", "targets": names} | (balancer or {})],
        "addresses": {"web": "front", "app": "front"},
    }
    values: dict[str, Any] = {"board": board, "app_ms": 5.0} | changes
    return steady(rps=rps, duration_s=1_200, **values)


def front(frame: Frame) -> ResourceView:
    found = frame.resource("front")
    assert found is not None
    return found


def to_targets(frame: Frame) -> dict[str, int]:
    return {hop.target: hop.count for hop in frame.hops if hop.source == "front"}


def told(sim: Simulation, kind: str, id: str, limit_s: int = 600) -> int:
    """The second in which something was told."""
    for _ in range(limit_s):
        frame = sim.advance()
        if any(n.kind == kind and n.args.get("id") == id for n in frame.news):
            return frame.second
    raise AssertionError(f"{kind} of {id} was never told")


def done(sim: Simulation, command: Command) -> str:
    outcome = sim.apply(command)
    assert isinstance(outcome, Accepted), outcome
    return outcome.resource


def test_round_robin_gives_each_target_the_same_number() -> None:
    sim = Simulation(balanced())
    given: Counter[str] = Counter()
    for _ in range(120):
        frame = sim.advance()
        check_frame(frame)
        given.update(to_targets(frame))
    assert set(given) == {"web-1", "web-2", "web-3"}
    assert max(given.values()) - min(given.values()) <= 1
    assert frame.totals["page"].failed == {}


def test_weights_are_shares_and_least_outstanding_prefers_the_fast() -> None:
    sim = Simulation(balanced(2, balancer={"algorithm": "weighted"}))
    done(sim, DeregisterTarget("front", "web-2"))
    sim.advance(3)
    done(sim, RegisterTarget("front", "web-2", weight=3))
    told(sim, "target_healthy", "web-2")
    given: Counter[str] = Counter()
    for _ in range(200):
        given.update(to_targets(sim.advance()))
    # Three quarters of 12,000 within the binomial 99.9 % interval.
    assert abs(given["web-2"] / given.total() - 0.75) < 3.3 * (0.75 * 0.25 / given.total()) ** 0.5

    slow = {"kind": "noisy_neighbour", "at_s": 5, "target": "web-1", "factor": 0.25}
    sim = Simulation(
        balanced(
            2,
            rps=200.0,
            balancer={"algorithm": "least_outstanding"},
            incidents=[slow | {"duration_s": 600}],
        )
    )
    given = Counter()
    for _ in range(200):
        given.update(to_targets(sim.advance()))
    assert given["web-2"] > 2 * given["web-1"]


def test_a_dead_target_is_found_out_after_two_failed_checks() -> None:
    crash = {"kind": "instance_crash", "at_s": 100, "target": "web-2"}
    sim = Simulation(balanced(incidents=[crash]))
    sim.advance(100)
    found_s = told(sim, "target_unhealthy", "web-2")
    interval, timeout = FIGURES.interval_s, FIGURES.timeout_s
    assert 100 + interval + timeout <= found_s <= 100 + 2 * interval + timeout + 1
    frame = sim.frame()
    failed = frame.totals["page"].failed
    # Until then a third of all requests go there and are refused.
    assert set(failed) == {"connection_refused"}
    assert abs(failed["connection_refused"] - 20 * (found_s - 100)) < 5 * (20 * 60) ** 0.5
    sim.advance(60)
    assert sim.frame().totals["page"].failed == failed
    assert front(sim.frame()).targets["web-2"] == "unhealthy"


def test_a_new_target_needs_one_check_and_a_recovered_one_five() -> None:
    crash = {"kind": "instance_crash", "at_s": 100, "target": "web-2"}
    sim = Simulation(balanced(incidents=[crash]))
    sim.advance(100)
    told(sim, "target_unhealthy", "web-2")
    done(sim, StartInstance("web-2"))
    running_s = told(sim, "instance_running", "web-2")
    healthy_s = told(sim, "target_healthy", "web-2")
    interval = FIGURES.interval_s
    assert 4 * interval <= healthy_s - running_s <= 5 * interval + 1

    done(sim, DeregisterTarget("front", "web-3"))
    told(sim, "target_gone", "web-3")
    done(sim, RegisterTarget("front", "web-3"))
    again_s = sim.frame().second
    assert told(sim, "target_healthy", "web-3") - again_s <= interval + 1


def test_without_a_healthy_target_it_fails_open_and_says_so() -> None:
    crashes = [{"kind": "instance_crash", "at_s": 60, "target": f"web-{i}"} for i in (1, 2, 3)]
    sim = Simulation(balanced(incidents=crashes))
    sim.advance(59)
    told(sim, "fails_open", "front")
    frame = sim.advance(2)
    assert front(frame).facts["fails_open"] is True
    assert set(to_targets(frame)) == {"web-1", "web-2", "web-3"}


def test_without_any_target_nobody_answers() -> None:
    sim = Simulation(balanced(balancer={"targets": []}))
    frame = sim.advance(10)
    assert set(frame.totals["page"].failed) == {"no_target"}


def test_draining_finishes_what_is_there_and_takes_nothing_new() -> None:
    sim = Simulation(balanced(rps=5.0, request={"app_ms": 800.0}))
    sim.advance(30)
    done(sim, DeregisterTarget("front", "web-1"))
    frame = sim.advance()
    assert front(frame).targets["web-1"] == "draining"
    gone_s = told(sim, "target_gone", "web-1")
    assert gone_s - 30 > 1
    frame = sim.frame()
    assert "web-1" not in to_targets(frame)
    assert frame.totals["page"].failed == {}


def test_a_terminated_target_is_let_go_at_once() -> None:
    sim = Simulation(balanced())
    sim.advance(20)
    done(sim, TerminateInstance("web-1"))
    frame = sim.advance(5)
    assert front(frame).behind == ("web-2", "web-3")
    check_frame(frame)


def test_sessions_are_lost_without_stickiness_and_kept_with_it() -> None:
    visitor = {"session": True, "retry": {"times": 1}}
    sim = Simulation(balanced(request=visitor, users={"pool": 200}))
    lost = sim.advance(100).totals["page"].failed["session_lost"]
    assert lost > 100
    sticky = Simulation(balanced(request=visitor, users={"pool": 200}, balancer={"sticky": True}))
    assert sticky.advance(100).totals["page"].failed == {}
    done(sticky, TerminateInstance("web-1"))
    frame = sticky.advance(60)
    after = frame.totals["page"].failed
    # The sessions that were there are gone, each once, and a second try finds its new home.
    assert set(after) <= {"session_lost", "bad_gateway"}
    assert after.get("session_lost", 0) <= 5


def test_https_ends_at_the_balancer_or_costs_the_machines_cpu_or_fails() -> None:
    def busy(tls: str, addresses: dict[str, str] | None = None) -> float:
        scenario = balanced(request={"https": 1.0}, balancer={"tls": tls})
        sim = Simulation(scenario)
        for role, to in (addresses or {}).items():
            done(sim, PointAddress(role, to))  # type: ignore[arg-type]
        sim.advance(60)
        return sim.result().utilization["web-1/cpu"]

    handshake = CATALOG.transfer.tls_handshake_ms
    assert busy("instances") / busy("balancer") == pytest.approx((5 + handshake) / 5, rel=0.05)
    # One that nobody comes by ends nothing.
    past = {"web": "web-1", "app": "web-1"}
    assert busy("balancer", past) == pytest.approx(busy("instances", past))
    sim = Simulation(balanced(request={"https": 1.0}, balancer={"tls": "none"}))
    assert set(sim.advance(20).totals["page"].failed) == {"tls_required"}


def test_users_on_ipv6_come_in_by_a_dualstack_balancer_only() -> None:
    only = {"ipv6": 1.0}
    sim = Simulation(balanced(request=only))
    assert set(sim.advance(20).totals["page"].failed) == {"no_ipv6_route"}
    assert (
        Simulation(balanced(request=only, balancer={"ipv6": True}))
        .advance(20)
        .totals["page"]
        .failed
        == {}
    )


def test_its_nodes_are_outrun_by_a_sudden_crowd_for_a_minute() -> None:
    crowd = [
        {"kind": "constant", "rps": 50.0},
        {"kind": "spike", "rps": 900.0, "start_s": 120, "rise_s": 1, "hold_s": 300},
    ]
    sim = Simulation(balanced(traffic=crowd, app_ms=0.5))
    sim.advance(110)
    rejected = []
    for _ in range(200):
        frame = sim.advance()
        if front(frame).facts["rejected_s"]:
            rejected.append(frame.second)
    assert rejected[0] in (121, 122)
    assert rejected[-1] - rejected[0] <= FIGURES.nodes_scale_s + 1
    assert "waiting_room_full" in frame.totals["page"].failed


def test_the_bill_is_by_the_hour_and_by_capacity_units() -> None:
    sim = Simulation(balanced(rps=100.0, request={"response_kb": 20.0}))
    sim.advance(1_200)
    bill = {line.meter: line for line in sim.frame().money.lines if line.resource == "front"}
    hours = bill["application balancer"]
    assert hours.amount_micro_usd == 22_500 * 730
    # 100 requests a second of 20 kB are 7.2 GB an hour: 7.2 units.
    assert bill["capacity units"].quantity == pytest.approx(7.2 * 730, rel=0.02)


@pytest.mark.parametrize("algorithm", ["weighted", "round_robin"])
def test_slow_start_gives_a_new_target_its_share_bit_by_bit(algorithm: str) -> None:
    sim = Simulation(balanced(2, rps=100.0, balancer={"algorithm": algorithm}))
    done(sim, ChangeBalancer("front", slow_start_s=100))
    done(sim, DeregisterTarget("front", "web-2"))
    told(sim, "target_gone", "web-2")
    done(sim, RegisterTarget("front", "web-2"))
    told(sim, "target_healthy", "web-2")
    early = sum((Counter(to_targets(sim.advance())) for _ in range(20)), Counter[str]())
    sim.advance(100)
    late = sum((Counter(to_targets(sim.advance())) for _ in range(20)), Counter[str]())
    assert early["web-2"] < 0.25 * early["web-1"]
    assert 0.8 < late["web-2"] / late["web-1"] < 1.25


def test_a_balancer_that_stands_at_the_start_has_nodes_for_its_traffic() -> None:
    sim = Simulation(balanced(rps=900.0, app_ms=0.5))
    frame = sim.advance(30)
    assert front(frame).facts["requests_max_s"] == FIGURES.nodes_spare * 900
    assert frame.totals["page"].failed == {}


def test_https_ends_as_long_as_one_balancer_of_two_ends_it() -> None:
    def busy(*, twice: bool) -> float:
        balancers = [{"id": "front", "targets": ["web-1"]}]
        balancers += [{"id": "other", "targets": ["web-1"]}] if twice else []
        machine = {"id": "web-1", "type": "m5.large", "roles": ["web", "app"]}
        addresses = {"web": "front", "app": "front"}
        board = {"instances": [machine], "balancers": balancers, "addresses": addresses}
        sim = Simulation(balanced(board=board, request={"https": 1.0}))
        if twice:
            done(sim, DeregisterTarget("other", "web-1"))
            told(sim, "target_gone", "web-1")
        sim.advance(60 - sim.frame().second)
        return sim.result().utilization["web-1/cpu"]

    assert busy(twice=True) == busy(twice=False)


def test_it_says_that_it_fails_open_no_longer_than_it_does() -> None:
    crash = {"kind": "instance_crash", "at_s": 60, "target": "web-1"}
    spare = [{"id": f"web-{i}", "type": "m5.large", "roles": ["web", "app"]} for i in (8, 9)]
    sim = Simulation(balanced(1, incidents=[crash], spare=spare))
    sim.advance(59)
    told(sim, "fails_open", "front")
    done(sim, RegisterTarget("front", "web-8"))
    done(sim, RegisterTarget("front", "web-9"))
    while set(front(sim.frame()).targets.values()) == {"unhealthy", "initial"}:
        sim.advance()
    # One is healthy and gets everything; the other has not been checked yet.
    frame = sim.advance()
    assert set(front(frame).targets.values()) == {"unhealthy", "initial", "healthy"}
    assert front(frame).facts["fails_open"] is False
    assert len(to_targets(frame)) == 1


def test_who_meets_a_dead_machine_is_refused_and_loses_no_session() -> None:
    """Its sessions are lost once it is back, each once, to those who had one."""
    crash = {"kind": "instance_crash", "at_s": 60, "target": "web-1"}
    visitor = {"session": True}
    sim = Simulation(steady(rps=60, duration_s=400, request=visitor, users={"pool": 50},
                            incidents=[crash]))  # fmt: skip
    sim.advance(70)
    assert set(sim.frame().totals["page"].failed) <= {"connection_refused", "bad_gateway"}
    done(sim, StartInstance("web-1"))
    told(sim, "instance_running", "web-1")
    sim.advance(100)
    assert sim.frame().totals["page"].failed["session_lost"] == 50


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (CreateBalancer(name="Front"), Why.BAD_NAME),
        (CreateBalancer(name="front"), Why.NAME_TAKEN),
        (RegisterTarget("front", "web-1"), Why.NO_CHANGE),
        (RegisterTarget("front", "nobody"), Why.UNKNOWN_RESOURCE),
        (RegisterTarget("nobody", "web-1"), Why.UNKNOWN_RESOURCE),
        (RegisterTarget("front", "db-1"), Why.ROLE_NOT_PLAYED),
        (DeregisterTarget("front", "db-1"), Why.NO_CHANGE),
        (DeregisterTarget("front", "nobody"), Why.UNKNOWN_RESOURCE),
        (SetSticky("front", sticky=False), Why.NO_CHANGE),
        (ChangeBalancer("front"), Why.NO_CHANGE),
        (ChangeBalancer("front", interval_s=5), Why.BAD_NUMBER),
        (ChangeBalancer("front", slow_start_s=5), Why.BAD_NUMBER),
        (PointAddress("db", "front"), Why.ROLE_NOT_PLAYED),
        (DeleteBalancer("nobody"), Why.UNKNOWN_RESOURCE),
    ],
)
def test_refusals_change_nothing(command: Command, why: Why) -> None:
    spare = {"id": "db-1", "type": "m5.large", "roles": ["db"]}
    sim = Simulation(balanced(spare=[spare]))
    sim.advance(5)
    assert refusal_of(sim, command) == why


def test_a_balancer_is_made_registered_pointed_at_and_given_back() -> None:
    sim = Simulation(steady(rps=20, duration_s=900))
    name = done(sim, CreateBalancer(name="front"))
    assert isinstance(sim.apply(PointAddress("web", name)), Refused)
    told(sim, "balancer_ready", name)
    low, high = FIGURES.make_s
    assert low <= sim.frame().second <= high + 1
    done(sim, RegisterTarget(name, "web-1"))
    told(sim, "target_healthy", "web-1")
    done(sim, PointAddress("web", name))
    frame = sim.advance(10)
    assert frame.totals["page"].failed == {}
    assert to_targets(frame)
    done(sim, DeleteBalancer(name))
    frame = sim.advance(3)
    assert frame.addresses["web"] is None
    assert "no_target" in frame.totals["page"].failed


def test_a_balancer_that_is_deleted_checks_nobody_any_more() -> None:
    sim = Simulation(balanced())
    for role in ("web", "app"):
        done(sim, PointAddress(role, "web-3"))
    done(sim, DeleteBalancer("front"))
    done(sim, TerminateInstance("web-1"))
    frame = sim.advance(2 * FIGURES.interval_s)
    assert [i.id for i in frame.instances] == ["web-2", "web-3"]
    assert frame.totals["page"].failed == {}


def test_every_reason_to_fail_is_told_the_first_time() -> None:
    sim = Simulation(balanced(2, request={"ipv6": 0.2, "session": True}))
    news = [n for _ in range(60) for n in sim.advance().news if n.kind == "first_failure"]
    assert sorted(str(n.args["reason"]) for n in news) == ["no_ipv6_route", "session_lost"]
    assert set(sim.frame().totals["page"].failed) == {"no_ipv6_route", "session_lost"}
