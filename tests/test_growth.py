"""Endless and daily runs: a scenario from its seed, and a score that is kept."""

from datetime import date
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from engine.frame import well_served_per_usd
from engine.scenario import Ramp, check_scenario
from engine.simulation import Simulation
from levels.campaign import find_level
from levels.growth import FIRST_TROUBLE_S, MOST_RPS, PAUSE_S, endless, is_endless, with_seed
from tui.cli import cli
from tui.daily import daily
from tui.desk import Desk
from tui.run import begin_run
from tui.settings import Settings
from tui.shelf import Best, load_bests
from tui.words import Words

SEEDS = range(1, 41)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_seed_makes_a_good_scenario(seed: int) -> None:
    scenario = endless(seed).scenario
    assert scenario == endless(seed).scenario
    check_scenario(scenario, "endless")
    ramps = [part for part in scenario.traffic if isinstance(part, Ramp)]
    assert len(ramps) == len(scenario.traffic) <= 50
    assert sum(ramp.to_rps for ramp in ramps) <= MOST_RPS + 0.1
    assert all(ramp.to_rps >= 0 for ramp in ramps)
    times = [incident.at_s for incident in scenario.incidents]
    assert times[0] == FIRST_TROUBLE_S
    gaps = {after - before for before, after in pairwise(times)}
    assert PAUSE_S[0] <= min(gaps) <= max(gaps) <= PAUSE_S[1]


def test_other_seeds_are_other_runs() -> None:
    runs = [endless(seed).scenario for seed in SEEDS]
    assert len({run.traffic for run in runs}) == len({run.incidents for run in runs}) == len(SEEDS)


def test_a_seed_changes_endless_levels_alone() -> None:
    level = find_level("scale-up")
    assert with_seed(level, 7) is level
    assert with_seed(endless(3, "daily-x"), 7) == endless(7, "daily-x")
    assert is_endless(endless(1))
    assert not is_endless(level)


def test_a_day_has_one_seed() -> None:
    today, other = daily(date(2026, 11, 23)), daily(date(2026, 11, 24))
    assert today.slug == "daily-2026-11-23"
    assert today.scenario == endless(20261123, today.slug).scenario
    for text in today.text.values():
        assert "2026-11-23" in text.title
        assert "2026-11-23" in text.briefing
    assert other.scenario.traffic != today.scenario.traffic


def test_doing_nothing_does_not_last() -> None:
    simulation = Simulation(endless(5).scenario)
    frame = simulation.advance(3_600)
    verdict = frame.verdict
    assert verdict is not None
    assert (verdict.won, verdict.cause) == (False, "error_budget_empty")
    assert 600 < frame.second < 3_600
    good = sum(total.good for total in frame.totals.values())
    assert well_served_per_usd(frame) == good // 300


def test_a_run_is_the_same_again() -> None:
    digests = [Simulation(endless(9).scenario) for _ in range(2)]
    for simulation in digests:
        simulation.advance(700)
    assert digests[0].digest() == digests[1].digest()


def test_the_score_is_kept_also_of_a_run_that_was_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADROOM_HOME", str(tmp_path))
    run = begin_run(Desk(Words("en"), Settings()), endless(5), None, None)
    while not run.session.over:
        run.session.step()
    run.keep_result()
    best = load_bests()["endless"]
    frame = run.session.frame
    assert (best.score, best.second) == (well_served_per_usd(frame), frame.second)
    run.close()


def test_a_higher_score_is_better_whatever_it_cost() -> None:
    low, high = Best(0, 10, 1, score=100), Best(0, 99, 1, score=101)
    assert high.beats(low)
    assert not low.beats(high)


def test_it_runs_by_name_with_its_seed() -> None:
    ran = CliRunner().invoke(cli, ["run", "endless", "--seed", "4", "--json"])
    result = msgspec.json.decode(ran.stdout)
    assert ran.exit_code == 1
    assert result["seed"] == 4
    other = Simulation(endless(4).scenario)
    other.advance(10_800)
    assert result["digest"] == other.digest()
