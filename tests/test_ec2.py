"""EC2: booting, stopping, resizing and giving back; credits; every refusal."""

from typing import Any

import pytest

from engine.catalog import CATALOG
from engine.frame import Frame
from engine.outcomes import Accepted, Refused
from engine.outcomes import RefusalReason as Why
from engine.scenario import Scenario
from engine.services.addresses import PointAddress
from engine.services.command import Command
from engine.services.ec2 import (
    LaunchInstance,
    ResizeInstance,
    StartInstance,
    StopInstance,
    TerminateInstance,
)
from engine.simulation import Simulation
from engine.views import InstanceView
from tests.boards import steady
from tests.laws import refusal_of


def empty(**changes: Any) -> Scenario:
    return steady(rps=5, duration_s=900, **({"board": {}} | changes))


def until(sim: Simulation, instance_id: str, state: str, limit_s: int = 400) -> Frame:
    for _ in range(limit_s):
        frame = sim.advance()
        if instance(frame, instance_id).state == state:
            return frame
    raise AssertionError(f"{instance_id} never came to be {state}")


def instance(frame: Frame, instance_id: str) -> InstanceView:
    found = frame.instance(instance_id)
    assert found is not None
    return found


def kinds(frame: Frame) -> list[str]:
    return [news.kind for news in frame.news]


def test_a_launch_boots_installs_takes_the_free_addresses_and_is_billed_from_then_on() -> None:
    sim = Simulation(empty())
    assert sim.apply(LaunchInstance("m5.large")) == Accepted("web-1")
    frame = sim.frame()
    assert "instance_launched" in kinds(frame)
    assert instance(frame, "web-1").state == "pending"
    assert set(frame.addresses.values()) == {None}
    low, high = CATALOG.ec2.boot_linux_s
    ready_s = instance(frame, "web-1").until_s
    assert ready_s is not None
    assert low + 60 <= ready_s <= high + 60
    frame = until(sim, "web-1", "running")
    assert frame.second == int(ready_s) + 1
    assert set(frame.addresses.values()) == {"web-1"}
    assert "instance_running" in kinds(frame)
    hours = next(line for line in frame.money.lines if line.meter == "m5.large Linux").quantity
    assert hours == pytest.approx((frame.second - ready_s) * 730 / 900, abs=0.01)


def test_without_an_instance_requests_find_no_target_and_while_it_boots_neither() -> None:
    sim = Simulation(empty())
    sim.apply(LaunchInstance("m5.large"))
    frame = sim.advance(30)
    assert set(frame.totals["page"].failed) == {"no_target"}
    running = until(sim, "web-1", "running")
    later = sim.advance(30)
    assert later.totals["page"].good > running.totals["page"].good


def test_a_stop_fails_what_is_in_flight_and_then_refuses_connections() -> None:
    sim = Simulation(steady(rps=50, duration_s=300, app_ms=200))
    sim.advance(20)
    held = sum(s.running_total + s.waiting_total for s in sim.frame().stations)
    assert held > 0
    sim.apply(StopInstance("web-1"))
    assert sum(s.running_total + s.waiting_total for s in sim.frame().stations) == 0
    frame = until(sim, "web-1", "stopped")
    failed = frame.totals["page"].failed
    assert failed["bad_gateway"] == held
    assert failed["connection_refused"] > 0
    rate = frame.money.rate_month_micro_usd
    assert rate == sum(v.rate_month_micro_usd for v in frame.volumes)


def test_stop_resize_start_gives_the_same_machine_more_vcpus_without_installing_again() -> None:
    sim = Simulation(steady(rps=5, duration_s=300, type="t3.small"))
    sim.apply(StopInstance("web-1"))
    until(sim, "web-1", "stopped")
    assert sim.apply(ResizeInstance("web-1", "m5.xlarge")) == Accepted("web-1")
    assert sim.apply(StartInstance("web-1")) == Accepted("web-1")
    booted_s = sim.frame().second
    frame = until(sim, "web-1", "running")
    assert frame.second - booted_s <= CATALOG.ec2.boot_linux_s[1] + 1
    assert instance(frame, "web-1").vcpus == 4
    assert frame.station("web-1/cpu").servers == 4  # type: ignore[union-attr]
    assert sim.advance(20).counts["page"].failed_total == 0


def test_a_terminated_instance_takes_its_root_volume_and_its_data_along() -> None:
    table = {"name": "catalog", "gb": 5}
    scenario = steady(rps=5, duration_s=300, tables=[table])
    sim = Simulation(scenario)
    sim.advance(5)
    sim.apply(TerminateInstance("web-1"))
    frame = sim.frame()
    assert {"instance_terminated", "volume_deleted", "data_lost"} <= set(kinds(frame))
    assert not frame.instances
    assert not frame.volumes
    assert not frame.stations
    assert frame.money.rate_month_micro_usd == 0
    assert set(frame.addresses.values()) == {None}
    assert "no_target" in sim.advance(10).totals["page"].failed


def test_lost_data_that_was_to_be_kept_ends_the_run() -> None:
    goals = {"error_budget": 1.0, "keep_data": True}
    scenario = steady(rps=5, duration_s=300, tables=[{"name": "t", "gb": 5}], objectives=goals)
    sim = Simulation(scenario)
    sim.apply(TerminateInstance("web-1"))
    verdict = sim.advance().verdict
    assert verdict is not None
    assert (verdict.won, verdict.cause) == (False, "data_lost")


def test_names_are_never_given_twice() -> None:
    sim = Simulation(empty())
    assert sim.apply(LaunchInstance("t3.micro", name="web-2")) == Accepted("web-2")
    sim.apply(TerminateInstance("web-2"))
    assert sim.apply(LaunchInstance("t3.micro")) == Accepted("web-1")
    assert sim.apply(LaunchInstance("t3.micro")) == Accepted("web-3")
    refused = sim.apply(LaunchInstance("t3.micro", name="web-2"))
    assert refused == Refused(Why.NAME_TAKEN, {"name": "web-2"})


def test_credits_change_by_what_is_earned_less_what_is_used() -> None:
    box = {"id": "web-1", "type": "t3.small", "credits": 3.0}
    sim = Simulation(steady(rps=100, duration_s=300, app_ms=15, board={"instances": [box]}))
    per_second = CATALOG.instance_types["t3.small"].credits_per_hour / 3_600
    before = instance(sim.frame(), "web-1").credits
    for _ in range(60):
        frame = sim.advance()
        cpu, after = frame.station("web-1/cpu"), instance(frame, "web-1").credits
        assert cpu is not None
        assert before is not None
        assert after is not None
        used = cpu.utilization * cpu.servers / 60
        assert after - before == pytest.approx(per_second - used, abs=2e-3)
        before = after


def test_without_credits_a_t3_works_at_its_baseline_for_ever() -> None:
    box = {"id": "web-1", "type": "t3.small", "credits": 1.0}
    sim = Simulation(steady(rps=100, duration_s=600, app_ms=15, board={"instances": [box]}))
    seen: list[str] = []
    for _ in range(300):
        seen += kinds(sim.advance())
    assert "credits_gone" in seen
    assert seen.count("credits_back") == 0
    frame = sim.frame()
    cpu = frame.station("web-1/cpu")
    assert cpu is not None
    assert instance(frame, "web-1").throttled
    assert cpu.speed == pytest.approx(0.2)
    served = 0
    for _ in range(60):
        cpu = sim.advance().station("web-1/cpu")
        assert cpu is not None
        served += cpu.served
    # 2 vCPUs at 20 % do 0.4 vCPU-seconds of work a second: 26.7 requests of 15 ms.
    assert served / 60 == pytest.approx(0.4 / 0.015, rel=0.15)


REFUSED = [
    (LaunchInstance("m7.huge"), Why.UNKNOWN_TYPE),
    (LaunchInstance("c5.large"), Why.NOT_ON_OFFER),
    (LaunchInstance("m5.large", roles=()), Why.UNKNOWN_ROLE),
    (LaunchInstance("m5.large", volume_gb=0), Why.BAD_NUMBER),
    (LaunchInstance("m5.large", volume_gb=-5), Why.BAD_NUMBER),
    (LaunchInstance("m5.large", name="web-1"), Why.NAME_TAKEN),
    (LaunchInstance("m5.large", name="\x1b[2J"), Why.BAD_NAME),
    (LaunchInstance("m5.24xlarge"), Why.NOT_AFFORDABLE),
    (StartInstance("web-1"), Why.WRONG_STATE),
    (StopInstance("nobody"), Why.UNKNOWN_RESOURCE),
    (ResizeInstance("web-1", "m5.large"), Why.WRONG_STATE),
    (TerminateInstance("nobody"), Why.UNKNOWN_RESOURCE),
    (PointAddress("web", "web-1"), Why.NO_CHANGE),
    (PointAddress("web", "spare"), Why.ROLE_NOT_PLAYED),
    (PointAddress("db", "spare"), Why.DATA_ELSEWHERE),
    (PointAddress("app", "spare"), Why.WOULD_LOOP),
]


@pytest.mark.parametrize(("command", "reason"), REFUSED)
def test_every_refusal_names_its_reason_and_changes_nothing(command: Command, reason: Why) -> None:
    spare = {"id": "spare", "type": "m5.large", "roles": ["app", "db"]}
    request = {"data": "read", "table": "t", "data_ms": 1.0}
    scenario = steady(
        rps=5, duration_s=300, request=request, tables=[{"name": "t", "gb": 1}],
        budget={"month_usd": 300.0}, allowed=["ec2:m5.*", "ebs"],
        board={"instances": [{"id": "web-1", "type": "m5.large"}, spare]},
    )  # fmt: skip
    sim = Simulation(scenario)
    sim.advance(3)
    assert refusal_of(sim, command) == reason


def test_after_the_verdict_every_command_is_refused() -> None:
    sim = Simulation(steady(rps=5, duration_s=60))
    sim.advance(60)
    assert sim.apply(StopInstance("web-1")) == Refused(Why.RUN_IS_OVER)


def test_a_role_can_move_out_step_by_step_while_traffic_flows() -> None:
    request = {"data": "read", "table": "t", "data_ms": 5.0, "web_ms": 2.0}
    scenario = steady(
        rps=100, duration_s=300, request=request, tables=[{"name": "t", "gb": 1}], app_ms=10,
        board={"instances": [
            {"id": "old", "type": "m5.xlarge"},
            {"id": "new", "type": "m5.xlarge", "roles": ["web", "app"]},
        ]},
    )  # fmt: skip
    sim = Simulation(scenario)
    sim.advance(20)
    assert isinstance(sim.apply(PointAddress("app", "new")), Refused)
    assert isinstance(sim.apply(PointAddress("web", "new")), Accepted)
    sim.advance(20)
    assert isinstance(sim.apply(PointAddress("app", "new")), Accepted)
    frame = sim.advance(60)
    assert frame.totals["page"].failed_total == 0
    new, old = frame.station("new/cpu"), frame.station("old/cpu")
    assert new is not None
    assert old is not None
    assert new.served == pytest.approx(100, abs=50)
    assert old.served == pytest.approx(new.served, abs=5)
