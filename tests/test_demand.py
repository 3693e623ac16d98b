"""The arrivals: what the curve promises, and nothing that a player does changes them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.complaint import Complaint
from engine.flow.demand import Demand, rate_curves, zipf_cumulative
from engine.flow.trace import read_access_log, read_trace, trace_length_s
from engine.scenario import Scenario
from engine.services.ec2 import LaunchInstance, StopInstance
from engine.simulation import Simulation
from engine.streams import Streams
from tests.boards import steady

TRACES = Path(__file__).parents[2] / "shared" / "traces"


def curve_of(*traffic: dict[str, Any], duration_s: int = 600) -> tuple[Any, Any]:
    return whole(steady(rps=1, duration_s=duration_s, traffic=list(traffic)))


def whole(scenario: Scenario, folder: Path | None = None) -> tuple[Any, Any]:
    """The curve of all classes together."""
    left, right = rate_curves(scenario, folder)
    return left.sum(axis=0), right.sum(axis=0)


def test_components_add_up() -> None:
    left, right = curve_of(
        {"kind": "constant", "rps": 10},
        {"kind": "ramp", "from_rps": 0, "to_rps": 100, "start_s": 100, "end_s": 200},
        {"kind": "spike", "rps": 50, "start_s": 300, "rise_s": 10, "hold_s": 20, "fall_s": 10},
    )
    assert left[50] == right[50] == 10
    assert (left[150], right[150]) == (60, 61)
    assert left[250] == 110
    assert left[310] == 160
    assert right[339] == pytest.approx(110)
    assert left[599] == 110


def test_a_day_goes_from_low_to_high_and_back() -> None:
    left, _ = curve_of({"kind": "daily", "low_rps": 10, "high_rps": 50, "period_s": 600})
    assert left[0] == 10
    assert left[300] == pytest.approx(50)
    assert left[150] == pytest.approx(30)


def test_traffic_before_its_start_and_after_its_end_is_nothing() -> None:
    left, right = curve_of({"kind": "constant", "rps": 10, "start_s": 100, "end_s": 200})
    assert left[:100].sum() == right[200:].sum() == 0
    assert (left + right).sum() / 2 == 1_000


def test_arrivals_are_in_order_within_their_second_and_as_many_as_expected() -> None:
    traffic = [{"kind": "ramp", "from_rps": 0, "to_rps": 400}]
    scenario = steady(rps=1, duration_s=400, traffic=traffic)
    demand = Demand(scenario, Streams(5))
    counts = []
    for second in range(400):
        times = demand.second(second).time
        counts.append(len(times))
        assert (np.diff(times) >= 0).all()
        assert len(times) == 0 or (second <= times[0] and times[-1] < second + 1)
    assert demand.expected_between(0, 10_000) == pytest.approx(80_000)
    # Poisson: 4.5 standard deviations.
    assert abs(sum(counts) - 80_000) < 4.5 * 80_000**0.5


def test_within_a_second_arrivals_follow_the_slope() -> None:
    traffic = [{"kind": "ramp", "from_rps": 0, "to_rps": 60_000, "end_s": 1}]
    demand = Demand(steady(rps=1, duration_s=60, traffic=traffic), Streams(5))
    times = demand.second(0).time
    # Density 2x on [0, 1]: the mean is 2/3, its standard error 1/sqrt(18 n).
    assert abs(times.mean() - 2 / 3) < 4.5 / (18 * len(times)) ** 0.5


def test_nothing_a_player_does_changes_what_is_demanded() -> None:
    calm, busy = (Simulation(steady(rps=50, duration_s=120, app_ms=20)) for _ in range(2))
    for _ in range(120):
        if busy.frame().second == 20:
            busy.apply(LaunchInstance("m5.large"))
            busy.apply(StopInstance("web-1"))
        first, second = calm.advance(), busy.advance()
        assert first.counts["page"].demanded == second.counts["page"].demanded
    assert busy.frame().totals["page"].failed_total > 0


def test_work_has_the_mean_and_spread_that_were_asked_for() -> None:
    for work, cv in (("exponential", 1.0), ("lognormal", 0.5), ("lognormal", 2.0), ("fixed", 0.0)):
        request = {"work": work} | ({"cv": cv} if work == "lognormal" else {})
        scenario = steady(rps=100_000, duration_s=60, app_ms=8.0, request=request)
        draws = Demand(scenario, Streams(3)).second(0).work[1]
        assert draws.mean() == pytest.approx(0.008, rel=0.05)
        assert draws.std() / draws.mean() == pytest.approx(cv, rel=0.1, abs=1e-9)


def test_zipf_asks_most_for_the_first_key() -> None:
    cumulative = zipf_cumulative(1_000, 1.0)
    assert cumulative[-1] == 1.0
    assert cumulative[0] == pytest.approx(1 / sum(1 / k for k in range(1, 1_001)))
    assert np.allclose(zipf_cumulative(4, 0.0), [0.25, 0.5, 0.75, 1.0])


def test_a_trace_is_linear_from_row_to_row(tmp_path: Path) -> None:
    (tmp_path / "day.csv").write_text("second,rps\n0,0\n600,60\n1200,0\n")
    part = {"kind": "trace", "file": "day.csv", "faster": 6.0, "scale": 2.0, "start_s": 10}
    scenario = steady(rps=1, duration_s=300, traffic=[part])
    left, right = whole(scenario, tmp_path)
    assert left[:10].sum() == 0
    assert left[60] == pytest.approx(60)
    assert left[110] == pytest.approx(120)
    assert right[209] == pytest.approx(0)
    assert left[210:].sum() == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "columns"),
        ("time,rps\n0,1\n1,1\n", "columns"),
        ("second,rps\n0,1\n", "1 rows"),
        ("second,rps\n0,1\n\n5,\n", ":3: row ''"),
        ("second,rps\n0,1\n5,nan\n", ":3: row"),
        ("second,rps\n0,1\n5,1e999\n", ":3: row"),
        ("second,rps\n0,1\n5,-3\n", ":3: -3"),
        ("second,rps\n0,1\n0,3\n", "does not grow"),
        ("second,rps\n0,lots\n", ":2: row '0,lots'"),
    ],
)
def test_a_broken_trace_is_refused_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(Complaint) as complaint:
        read_trace(path)
    line = str(complaint.value)
    assert "\n" not in line
    assert says in line


@pytest.mark.skipif(not TRACES.is_dir(), reason="the shared traces are not beside the project")
def test_a_real_day_is_read() -> None:
    seconds, rps = read_trace(TRACES / "worldcup98-june30.csv")
    assert len(seconds) > 600
    assert rps.max() > 3_000


LOG = """\
9.9.9.9 - - [17/May/2015:10:05:03 +0000] "GET /a/logo.png HTTP/1.1" 200 1 "-" "x"
9.9.9.9 - ann [17/May/2015:10:05:03 +0000] "GET /index.html?q=1 HTTP/1.1" 200 1
not a line of a log
9.9.9.9 - - [17/May/2015:12:05:05 +0200] "POST /index.html HTTP/1.1" 200 -
9.9.9.9 - - [37/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1
9.9.9.9 - - [17/May/2015:10:05:04 +0000] "\xff\x16\x03" 400 1
"""


def test_an_access_log_is_counted_per_second_whatever_its_order(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_bytes(LOG.encode("latin-1"))
    log = read_access_log(path)
    assert log.seconds.tolist() == [0, 0, 1, 2]
    assert log.paths[:2] == ["/a/logo.png", "/index.html"]
    assert log.broken == 2
    assert trace_length_s(path) == 3.0


def test_paths_go_to_classes_by_patterns_and_else_by_shares(tmp_path: Path) -> None:
    (tmp_path / "access.log").write_bytes(LOG.encode("latin-1"))
    part = {"kind": "trace", "file": "access.log", "scale": 10.0, "start_s": 5,
            "paths": {"photo": ["*.png"], "page": ["/index*"]}}  # fmt: skip
    classes = [
        {"name": "page", "share": 0.75, "deadline_ms": 100.0},
        {"name": "photo", "share": 0.25, "deadline_ms": 100.0},
    ]
    scenario = steady(rps=1, duration_s=60, traffic=[part], requests=classes)
    left, right = rate_curves(scenario, tmp_path)
    assert (left == right).all()
    assert left[:, 5:9].tolist() == [[10.0, 7.5, 10.0, 0.0], [10.0, 2.5, 0.0, 0.0]]


def test_squeezing_a_log_keeps_its_mean_rate(tmp_path: Path) -> None:
    (tmp_path / "access.log").write_bytes(LOG.encode("latin-1"))
    part = {"kind": "trace", "file": "access.log", "faster": 3.0}
    left, _ = whole(steady(rps=1, duration_s=60, traffic=[part]), tmp_path)
    assert left[0] == pytest.approx(4 / 3)
    assert left[1:].sum() == 0


def test_a_file_without_a_single_line_of_a_log_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.log").write_text("hello\nworld\n")
    with pytest.raises(Complaint, match="none of its 2 lines"):
        read_access_log(tmp_path / "x.log")


@pytest.mark.skipif(not TRACES.is_dir(), reason="the shared traces are not beside the project")
def test_a_real_log_is_read() -> None:
    log = read_access_log(TRACES / "apache-combined.log")
    assert len(log.seconds) + log.broken == 4_000
    assert log.broken < 20
