"""The verdict: what ends a run, what passes it, and what is blamed."""

from typing import Any

import pytest

from engine.frame import Blame, Verdict
from engine.objectives import Judge
from engine.scenario import Objectives

CALM: dict[str, Any] = {
    "bad_requests": 0,
    "cash_micro_usd": 10**6,
    "data_lost_at": "",
    "waste_at": lambda: "web-2",
    "ended": True,
    "p95_ms": 100.0,
    "spent_usd": 50.0,
}


def verdict(objectives: Objectives, *blame: Blame, **changes: Any) -> Verdict | None:
    judge = Judge(objectives, lambda first, end: 1_000.0)
    judge.close_second(blame, 0)
    return judge.verdict(**(CALM | changes))


def cause(objectives: Objectives, **changes: Any) -> tuple[bool, str]:
    found = verdict(objectives, Blame("page", "late", "web-1", 3), **changes)
    assert found is not None
    return found.won, found.cause


GOALS = Objectives(
    error_budget=0.1, p95_ms=200, spend_month_usd=60, keep_data=True, two_stars_month_usd=40
)


def test_nothing_is_said_before_the_end_unless_all_is_lost() -> None:
    assert verdict(GOALS, ended=False) is None
    assert verdict(GOALS, ended=False, bad_requests=99) is None
    assert cause(GOALS, ended=False, bad_requests=100) == (False, "error_budget_empty")
    assert cause(GOALS, ended=False, cash_micro_usd=0) == (False, "out_of_money")
    assert cause(GOALS, ended=False, data_lost_at="vol-1") == (False, "data_lost")


def test_what_is_judged_at_the_end() -> None:
    assert cause(GOALS) == (True, "passed")
    assert cause(GOALS, p95_ms=200.1) == (False, "p95_over")
    assert cause(GOALS, spent_usd=60.1) == (False, "spend_over")


def test_money_to_spare_is_the_second_star() -> None:
    assert verdict(GOALS) == Verdict(True, 1, "passed")
    assert verdict(GOALS, spent_usd=40.0) == Verdict(True, 2, "passed")


def test_the_loss_is_blamed_on_what_took_most_of_the_error_budget() -> None:
    blame = [
        Blame("page", "late", "web-1", 40),
        Blame("page", "waiting_room_full", "web-1", 45),
        Blame("file", "late", "web-1", 15),
    ]
    found = verdict(GOALS, *blame, bad_requests=100)
    assert found is not None
    assert found.because is not None
    assert (found.because.reason, found.because.at, found.because.share) == ("late", "web-1", 0.55)


def test_money_is_blamed_on_what_stood_idle() -> None:
    found = verdict(GOALS, cash_micro_usd=-1)
    assert found is not None
    assert found.because is not None
    assert (found.because.reason, found.because.at) == ("out_of_money", "web-2")


def test_lost_data_only_matters_where_it_was_to_be_kept() -> None:
    assert verdict(Objectives(error_budget=0.1), data_lost_at="vol-1") == Verdict(True, 1, "passed")


def test_the_error_budget_is_a_share_of_what_was_expected() -> None:
    judge = Judge(GOALS, lambda first, end: 1_000.0)
    assert judge.error_budget_requests == 100
    assert judge.error_budget_left(0) == 1.0
    assert judge.error_budget_left(25) == 0.75
    assert judge.error_budget_left(150) == -0.5
    assert judge.goals(0, 100.0, 30.0).stars_on_course == 2
    assert judge.goals(0, 100.0, 50.0).stars_on_course == 1
    assert judge.goals(0, 300.0, 30.0).stars_on_course == 0
    assert judge.goals(100, 100.0, 30.0).stars_on_course == 0


def test_over_a_window_old_mistakes_are_forgiven() -> None:
    goals = Objectives(error_budget=0.1, window_s=100)
    judge = Judge(goals, lambda first, end: 10.0 * (end - first))
    assert judge.error_budget_requests == 100.0, "a whole window from the first second on"
    bad = 0
    for second in range(1, 301):
        bad += 1 if second <= 60 else 0
        judge.close_second((), bad)
        missed = min(second, 60) - max(0, min(60, second - 100))
        assert judge.error_budget_left(bad) == pytest.approx(1.0 - missed / 100.0)
    assert judge.error_budget_left(bad) == 1.0
    assert judge.error_budget_left(bad + 100) == 0.0
