"""A plan gives each command once, when it is due, and is refused in one line when it is wrong."""

from pathlib import Path

import pytest

from engine.complaint import Complaint
from engine.outcomes import Accepted, Outcome
from engine.services.command import Command
from engine.services.registry import COMMANDS
from engine.simulation import Simulation
from levels.plan import METRICS, Plan, Player, read_plan
from tests.boards import steady

STOP = 'do = "stop_instance"\ninstance = "web-1"\n'


def plan_of(tmp_path: Path, *steps: str) -> Plan:
    path = tmp_path / "plan.toml"
    path.write_text("steps = []" if not steps else "".join(f"[[steps]]\n{s}\n" for s in steps))
    return read_plan(path)


def played(plan: Plan, duration_s: int = 60) -> list[tuple[int, Command, Outcome]]:
    simulation = Simulation(steady(rps=20.0, duration_s=duration_s, type="t3.small"))
    player = Player(plan)
    given = []
    while not simulation.over:
        given += [(simulation.frame().second, *both) for both in player.play(simulation)]
        simulation.advance()
    assert player.done == (len(given) == len(plan.steps))
    return given


def test_steps_come_at_their_time_and_after_one_another(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path,
        f"at_s = 10\n{STOP}",
        'after_s = 15\ndo = "resize_instance"\ninstance = "web-1"\ntype = "m5.large"',
        'after_s = 0\ndo = "start_instance"\ninstance = "web-1"',
    )
    given = played(plan)
    assert [second for second, _, _ in given] == [10, 25, 25]
    assert all(isinstance(outcome, Accepted) for _, _, outcome in given)


def test_a_step_whose_time_never_comes_is_not_given(tmp_path: Path) -> None:
    assert played(plan_of(tmp_path, f"at_s = 61\n{STOP}")) == []


def test_a_condition_gives_its_step_once(tmp_path: Path) -> None:
    given = played(plan_of(tmp_path, f'when = "rps > 0"\n{STOP}'))
    assert len(given) == 1
    assert 1 <= given[0][0] <= 3


def test_a_condition_must_hold_on_end(tmp_path: Path) -> None:
    first = played(plan_of(tmp_path, f'when = "rps >= 0"\nfor_s = 20\n{STOP}'))
    assert [second for second, _, _ in first] == [20]


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_can_be_asked_of_a_first_frame(tmp_path: Path, metric: str) -> None:
    given = played(plan_of(tmp_path, f'when = "{metric} >= 0"\n{STOP}'))
    assert [second for second, _, _ in given] == [0]


BAD_PLANS = {
    "no time": (STOP, "steps[0]: has no time"),
    "two times": (f'at_s = 1\nwhen = "rps > 1"\n{STOP}', "or several"),
    "negative": (f"at_s = -1\n{STOP}", "steps[0].at_s"),
    "fraction": (f"at_s = 1.5\n{STOP}", "at_s"),
    "text for a number": (f'at_s = "1"\n{STOP}', "at_s"),
    "not a number": (f"at_s = nan\n{STOP}", "not a number"),
    "unknown command": ('at_s = 1\ndo = "fly"', "steps[0]"),
    "no command": ("at_s = 1", "steps[0]"),
    "unknown field": (f"at_s = 1\nspeed = 2\n{STOP}", "speed"),
    "missing field": ('at_s = 1\ndo = "stop_instance"', "instance"),
    "no metric": (f'when = "luck > 1"\n{STOP}', "no metric 'luck'; expected one of rps"),
    "code": (f"when = \"__import__('os')\"\n{STOP}", "a metric, >, <"),
    "no operator": (f'when = "rps"\n{STOP}', "a metric"),
    "for without when": (f"at_s = 1\nfor_s = 3\n{STOP}", "for_s: stands without when"),
    "after nothing": (f"after_s = 1\n{STOP}", "has no step above"),
}


@pytest.mark.parametrize("name", BAD_PLANS)
def test_bad_plans_are_refused_in_one_line(tmp_path: Path, name: str) -> None:
    text, said = BAD_PLANS[name]
    with pytest.raises(Complaint) as complaint:
        plan_of(tmp_path, text)
    assert said in str(complaint.value)
    assert "plan.toml" in str(complaint.value)
    assert str(complaint.value).isprintable()


def test_no_commands_field_is_taken_for_the_time_of_a_step() -> None:
    times = {"at_s", "after_s", "when", "for_s"}
    assert [c for c in COMMANDS if times & {*c.__struct_fields__}] == []


def test_too_many_steps(tmp_path: Path) -> None:
    with pytest.raises(Complaint, match="at most"):
        plan_of(tmp_path, *[f"at_s = 1\n{STOP}"] * 501)
