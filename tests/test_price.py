"""What a form says of money: the rate before and after, and when the month's money is gone."""

import pytest

from engine.outcomes import Quote
from engine.simulation import Simulation
from tests.test_app import Terminal, made_up_level
from tui.screens.form import price_text

BUDGET_USD, MONTH_S = 300, 180


def said(rate_usd: float, month_s: int | None = MONTH_S, second: int = 0) -> str:
    simulation = Simulation(made_up_level().scenario)
    simulation.advance(second)
    quote = Quote(None, 0, round(rate_usd * 1e6))
    return price_text(quote, simulation.frame(), Terminal().app.desk, month_s).plain


@pytest.mark.parametrize(
    ("rate_usd", "gone"), [(301.0, "2:59"), (600.0, "1:30"), (3_000.0, "0:18")]
)
def test_a_board_that_the_month_cannot_pay_says_when_its_money_is_gone(
    rate_usd: float, gone: str
) -> None:
    assert f"the money is gone by {gone}" in said(rate_usd)


def test_time_that_is_over_is_paid_already() -> None:
    assert "is gone by" in said(600.0, second=80)
    assert "is gone by" not in said(600.0, second=100)


def test_what_lasts_says_nothing_and_no_more_does_a_run_that_does_not_end() -> None:
    assert "is gone by" not in said(299.0)
    assert "is gone by" not in said(3_000.0, month_s=None)
