"""What CloudWatch measures and bills: whole periods, an alarm that looks back, nothing twice."""

from engine.outcomes import Accepted
from engine.outcomes import RefusalReason as Why
from engine.services.autoscaling import CreateGroup
from engine.services.cloudwatch import CreateAlarm, DeleteAlarm, SetMonitoring
from engine.services.ec2 import (
    LaunchInstance,
    StartInstance,
    StopInstance,
    TerminateInstance,
)
from engine.simulation import Simulation
from tests.boards import steady
from tests.laws import refusal_of


def busy() -> Simulation:
    """A machine that is busy for a bit over half of its time, for half an hour."""
    return Simulation(steady(rps=120, app_ms=18.0, duration_s=1_800))


def state(sim: Simulation, alarm: str) -> str:
    view = sim.frame().resource(alarm)
    assert view is not None
    return view.state


def lines(sim: Simulation, meter: str) -> dict[str, int]:
    """What was paid for so far under a meter, by resource."""
    found = sim.frame().money.lines
    return {line.resource: line.amount_micro_usd for line in found if line.meter == meter}


def test_an_alarm_looks_back_at_points_from_before_it_was_made() -> None:
    sim = busy()
    sim.apply(SetMonitoring("web-1"))
    sim.advance(200)
    sim.apply(CreateAlarm("web-1", above=30, points=3, name="late"))
    assert state(sim, "late") == "insufficient_data"
    sim.advance(39)
    assert state(sim, "late") == "insufficient_data"
    sim.advance()
    assert state(sim, "late") == "alarm"


def test_a_point_is_the_mean_of_all_seconds_of_its_period_whenever_the_alarm_was_made() -> None:
    early, late = busy(), busy()
    for sim, wait_s in ((early, 0), (late, 47)):
        sim.apply(SetMonitoring("web-1"))
        sim.advance(wait_s)
        sim.apply(CreateAlarm("web-1", above=30, points=1, name="a"))
        loads = [sim.frame().stations[0].utilization]
        loads = [sim.advance().stations[0].utilization for _ in range(60 - wait_s)]
        view = sim.frame().resource("a")
        assert view is not None
        if not wait_s:
            assert abs(float(view.facts["measured"]) - 100 * sum(loads) / 60) < 0.001
    measured = [sim.frame().resource("a") for sim in (early, late)]
    assert measured[0] == measured[1]


def test_minutes_that_are_bought_in_a_period_are_whole_minutes() -> None:
    sim = busy()
    sim.apply(CreateAlarm("web-1", above=30, points=1, name="a"))
    sim.advance(120)
    loads = [sim.advance().stations[0].utilization for _ in range(10)]
    sim.apply(SetMonitoring("web-1"))
    assert sim.frame().instances[0].detailed
    loads += [sim.advance().stations[0].utilization for _ in range(50)]
    view = sim.frame().resource("a")
    assert view is not None
    assert view.state == "alarm"
    assert abs(float(view.facts["measured"]) - 100 * sum(loads) / 60) < 0.001
    sim.apply(SetMonitoring("web-1", detailed=False))
    assert not sim.frame().instances[0].detailed
    sim.advance(119)
    before = sim.frame().resource("a")
    sim.advance()
    after = sim.frame().resource("a")
    assert before is not None
    assert after is not None
    assert before.facts["measured"] == view.facts["measured"]
    assert after.facts["measured"] != before.facts["measured"]


def test_what_is_gone_has_no_points_and_its_alarm_has_too_few() -> None:
    sim = busy()
    sim.apply(LaunchInstance("m5.large", name="extra"))
    sim.apply(SetMonitoring("extra"))
    sim.apply(CreateAlarm("extra", above=99, points=1, name="a"))
    sim.advance(180)  # it boots and installs first
    assert state(sim, "a") == "ok"
    sim.apply(TerminateInstance("extra"))
    sim.advance(60)
    assert state(sim, "a") == "insufficient_data"
    assert isinstance(sim.apply(DeleteAlarm("a")), Accepted)


def test_a_member_that_its_group_has_measured_every_minute_is_not_billed_twice() -> None:
    sim = busy()
    group = CreateGroup("m5.large", least=2, desired=2, most=2, name="fleet")
    assert isinstance(sim.apply(group), Accepted)
    member = sim.advance().instances[-1]
    assert member.group == "fleet"
    assert member.detailed
    for detailed in (True, False):
        assert refusal_of(sim, SetMonitoring(member.id, detailed)) == Why.MEASURED_BY_GROUP
    sim.advance(100)
    assert set(lines(sim, "detailed monitoring")) == {"fleet"}


def test_a_member_of_a_basic_group_can_be_measured_every_minute_and_is_billed_once() -> None:
    sim = busy()
    group = CreateGroup("m5.large", least=1, desired=1, most=1, name="fleet", detailed=False)
    assert isinstance(sim.apply(group), Accepted)
    member = sim.advance().instances[-1].id
    assert isinstance(sim.apply(SetMonitoring(member)), Accepted)
    assert refusal_of(sim, SetMonitoring(member)) == Why.NO_CHANGE
    sim.advance(100)
    assert set(lines(sim, "detailed monitoring")) == {member}


def test_a_machine_that_does_not_run_has_no_points() -> None:
    sim = busy()
    sim.apply(SetMonitoring("web-1"))
    sim.apply(CreateAlarm("web-1", above=99, points=1, name="a"))
    sim.advance(60)
    assert state(sim, "a") == "ok"
    sim.apply(StopInstance("web-1"))
    sim.advance(120)
    assert sim.frame().instances[0].state == "stopped"
    sim.advance(60)
    assert state(sim, "a") == "insufficient_data"
    sim.apply(StartInstance("web-1"))
    sim.advance(120)
    assert state(sim, "a") == "ok"
