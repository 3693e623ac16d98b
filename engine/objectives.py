"""Service level, error budget, verdict, stars.

The error budget is the share of the scenario's expected demand that may fail or
come late; an empty one ends the run, and so does an empty account or lost data
that was to be kept. What else was asked is judged at the end.
"""

from collections import Counter
from collections.abc import Callable

from engine.frame import Because, Blame, Goals, Verdict
from engine.outcomes import Ending
from engine.scenario import Objectives

FOREVER_S = 10**9

Expected = Callable[[int, int], float]
"""How many requests are expected from a second up to another one."""


class Judge:
    """Keeps the score of one run and says when, and why, it is over.

    One that is `lenient`, as in a sandbox, only keeps it: the run lasts to its end.
    """

    def __init__(
        self, objectives: Objectives, expected: Expected, *, lenient: bool = False
    ) -> None:
        self.objectives = objectives
        self.lenient = lenient
        self._expected = expected
        self._bad = [0]
        self._blame: Counter[tuple[str, str]] = Counter()

    def close_second(self, blame: tuple[Blame, ...], bad_requests: int) -> None:
        """Take in what a second's failures and late answers are blamed on, and all so far."""
        self._bad.append(bad_requests)
        for part in blame:
            self._blame[(part.reason, part.at)] += part.count

    @property
    def _window(self) -> tuple[int, int]:
        """The seconds over which the error budget counts."""
        window_s = self.objectives.window_s
        if window_s is None:
            return 0, FOREVER_S
        end = max(window_s, len(self._bad) - 1)
        return end - window_s, end

    @property
    def error_budget_requests(self) -> float:
        """How many requests may go wrong over the seconds that count."""
        return self.objectives.error_budget * self._expected(*self._window)

    def error_budget_left(self, bad_requests: int) -> float:
        """Share of the error budget that is left; below 0 when overdrawn."""
        budget, bad = self.error_budget_requests, bad_requests - self._bad[self._window[0]]
        if budget <= 0:
            return 1.0 if bad == 0 else 0.0
        return 1.0 - bad / budget

    def goals(self, bad_requests: int, p95_ms: float, forecast_usd: float) -> Goals:
        """How the objectives stand; stars as if the run ended like this."""
        left = self.error_budget_left(bad_requests)
        passing = left > 0 and self._missed_at_end(p95_ms, forecast_usd) is None
        passing &= not self.lenient
        return Goals(
            error_budget_requests=round(self.error_budget_requests, 3),
            error_budget_left=round(left, 6),
            p95_ms=round(p95_ms, 3),
            stars_on_course=self._stars(forecast_usd) if passing else 0,
        )

    def verdict(
        self,
        *,
        bad_requests: int,
        cash_micro_usd: int,
        data_lost_at: str,
        waste_at: Callable[[], str],
        ended: bool,
        p95_ms: float,
        spent_usd: float,
    ) -> Verdict | None:
        """The verdict if the run is over now, else None."""
        if self.lenient:
            return Verdict(True, 0, Ending.ENDED) if ended else None
        if self.error_budget_left(bad_requests) <= 0:
            return Verdict(False, 0, Ending.ERROR_BUDGET_EMPTY, self._main_cause())
        if cash_micro_usd <= 0:
            return _lost(Ending.OUT_OF_MONEY, waste_at())
        if data_lost_at and self.objectives.keep_data:
            return _lost(Ending.DATA_LOST, data_lost_at)
        if not ended:
            return None
        missed = self._missed_at_end(p95_ms, spent_usd)
        if missed == Ending.P95_OVER:
            return Verdict(False, 0, missed, self._main_cause() or Because("late", "", 1.0))
        if missed == Ending.SPEND_OVER:
            return _lost(missed, waste_at())
        return Verdict(True, self._stars(spent_usd), Ending.PASSED)

    def _missed_at_end(self, p95_ms: float, spent_usd: float) -> Ending | None:
        limits = self.objectives
        if limits.p95_ms is not None and p95_ms > limits.p95_ms:
            return Ending.P95_OVER
        if limits.spend_month_usd is not None and spent_usd > limits.spend_month_usd:
            return Ending.SPEND_OVER
        return None

    def _stars(self, spent_usd: float) -> int:
        """One for passing, two with money to spare; the third is judged on a hidden seed."""
        bar = self.objectives.two_stars_month_usd
        return 2 if bar is not None and spent_usd <= bar else 1

    def _main_cause(self) -> Because | None:
        if not self._blame:
            return None
        # The first of equals by name, so that the answer does not hang on an order.
        (reason, at), count = min(self._blame.items(), key=lambda item: (-item[1], item[0]))
        return Because(reason, at, round(count / self._blame.total(), 6))


def _lost(cause: Ending, at: str) -> Verdict:
    """Lost for what no request is to blame for."""
    return Verdict(False, 0, cause, Because(cause, at, 1.0))
