"""The bill: a run is billed as one month, and every charge stands on a line and in the cash."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.catalog import CATALOG
from engine.ledger import BILLED_MONTH_S, HourMeter, Ledger, MonthMeter, UsageMeter, micros
from engine.services.command import Command
from engine.services.ec2 import LaunchInstance, StopInstance, TerminateInstance
from engine.simulation import Simulation
from tests.boards import steady

durations = st.integers(60, 86_400)


@given(durations, st.integers(1, 10_000_000))
def test_a_whole_run_costs_a_whole_month_whatever_its_length(duration_s: int, price: int) -> None:
    hours, months = HourMeter(price, 60), MonthMeter("GB-month", price, 20)
    hours.start(0)
    months.start(0)
    end = micros(duration_s)
    assert hours.amount(end, duration_s) == price * CATALOG.month_hours
    assert months.amount(end, duration_s) == price * 20


@given(durations, st.lists(st.floats(0.001, 0.2), min_size=1, max_size=20))
def test_stops_and_starts_are_rounded_up_to_billed_seconds_and_never_under_the_minimum(
    duration_s: int, shares: list[float]
) -> None:
    meter = HourMeter(96_000, 60)
    now = 0
    exact = 0.0
    for share in shares:
        meter.start(now)
        now += micros(share * duration_s)
        meter.stop(now, duration_s)
        exact += max(60.0, share * BILLED_MONTH_S)
    assert exact - 0.01 <= meter.billed_s(now, duration_s) <= exact + len(shares) + 0.01


def test_use_is_multiplied_by_the_month_factor() -> None:
    meter = UsageMeter("GB", 90_000)
    meter.add(2_000_000_000)
    assert meter.amount(0, BILLED_MONTH_S) == 180_000
    assert meter.amount(0, BILLED_MONTH_S // 10) == 1_800_000


@given(st.lists(st.tuples(st.integers(1, 50), st.booleans()), max_size=20))
def test_the_lines_add_up_to_the_change_of_cash(steps: list[tuple[int, bool]]) -> None:
    ledger = Ledger(10**9, 1_800)
    meter = HourMeter(96_000, 60)
    ledger.add("web-1", "m5.large", meter)
    uncounted = UsageMeter("GB", 90_000)
    ledger.add("internet", "transfer out", uncounted, counted=False)
    now, running = 0, False
    for wait, toggle in steps:
        now += wait
        if toggle:
            (meter.stop(micros(now), 1_800) if running else meter.start(micros(now)))
            running = not running
        uncounted.add(1_000_000_000)
        ledger.settle(now)
        money = ledger.money(now)
        counted = sum(line.amount_micro_usd for line in money.lines if line.counted)
        assert counted == money.budget_micro_usd - money.cash_micro_usd == money.spent_micro_usd


def test_one_small_box_costs_what_the_reference_bill_says() -> None:
    # aws-facts, section 11: t3.micro 7.59 + 8 GB gp3 0.64 + IPv4 3.65.
    scenario = steady(rps=1, duration_s=600)
    box = {"id": "web-1", "type": "t3.micro", "volume": {"gb": 8}}
    scenario = steady(rps=1, duration_s=600, board={"instances": [box]})
    frame = Simulation(scenario).advance(600)
    assert round(frame.money.spent_usd, 2) == 11.88
    assert frame.money.forecast_micro_usd == frame.money.spent_micro_usd


def test_a_quote_is_what_the_command_then_does_to_the_rate() -> None:
    sim = Simulation(steady(rps=1, duration_s=600))
    commands: list[Command] = [
        LaunchInstance("m5.large"), StopInstance("web-1"), TerminateInstance("web-1"),
    ]  # fmt: skip
    for command in commands:
        quote = sim.quote(command)
        assert quote.refused is None
        assert quote.rate_before_micro_usd == sim.frame().money.rate_month_micro_usd
        sim.apply(command)
        assert sim.frame().money.rate_month_micro_usd == quote.rate_after_micro_usd


def test_the_forecast_of_use_goes_with_the_demand_to_come() -> None:
    """In a growing level the average so far would say far too little."""
    growing = steady(
        rps=1,
        duration_s=600,
        request={"response_kb": 100.0},
        traffic=[{"kind": "ramp", "from_rps": 20.0, "to_rps": 120.0, "end_s": 600}],
        budget={"month_usd": 1_000_000.0, "transfer": True},
    )
    simulation = Simulation(growing)
    early = simulation.advance(150).money.forecast_usd
    middle = simulation.advance(150).money.forecast_usd
    end = simulation.advance(300).money.spent_usd
    assert early == pytest.approx(end, rel=0.05)
    assert middle == pytest.approx(end, rel=0.03)
