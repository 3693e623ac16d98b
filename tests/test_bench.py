"""The benchmark itself: its sides simulate the same queue, and it says what it measured."""

import pytest

from tests import bench, bench_board


def test_the_sides_simulate_the_same_queue() -> None:
    """Mean waits in service times, near 0.746: a comparison of unlike things would be worthless."""
    for _, wait in (bench.run_engine(40_000, 500), bench.run_simpy(40_000)):
        assert 0.6 < wait < 0.9


def test_the_sides_simulate_the_same_balanced_board() -> None:
    (_, engine_ms), (_, simpy_ms) = bench_board.run_engine(60_000), bench_board.run_simpy(60_000)
    assert engine_ms == pytest.approx(simpy_ms, rel=0.05)


def test_without_ciw_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "find_spec", lambda name: None)
    monkeypatch.setattr("sys.argv", ["bench", "2000"])
    bench.main()
    printed = capsys.readouterr().out
    assert "pip install 'ciw>=3'" in printed
    assert printed.count("x simpy") == len(bench.RATES) + 1
