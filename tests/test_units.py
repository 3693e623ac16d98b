"""Request units: two token buckets at once, by hand, and whatever comes."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.flow.queueing import Tokens, grant_both
from engine.flow.routes import spread
from engine.flow.table import Capacity
from tests import event_table

GRID = 64
"""Times are in 64ths of a second and rates whole numbers, so that floats are exact."""

asks = st.lists(
    st.tuples(st.integers(0, 20 * GRID), st.sampled_from([0.5, 1.0, 2.0, 7.0]), st.integers(0, 2)),
    max_size=150,
).map(sorted)
rates = st.integers(1, 12)
cuts = st.lists(st.integers(0, 150), max_size=6)


@given(asks, rates, st.integers(1, 300), rates, cuts)
def test_units_are_granted_as_worked_out_by_hand_however_time_is_cut(
    asks: list[tuple[int, float, int]], rate: int, kept_s: int, own: int, cuts: list[int]
) -> None:
    whole = event_table.Store(rate, kept_s, 0.0)
    parts = [event_table.Store(own, 1.0, 0.0) for _ in range(3)]
    expected = {"short": [], "hot": []}  # type: dict[str, list[int]]
    for index, (tick, units, part) in enumerate(asks):
        time, wanted = tick / GRID, Fraction(units)
        if whole.until(time) < wanted:
            expected["short"].append(index)
        elif parts[part].until(time) < wanted:
            expected["hot"].append(index)
        else:
            whole.level -= wanted
            parts[part].level -= wanted
    table = Tokens(rate, rate * kept_s, rate)
    owns = [Tokens(own, own, own) for _ in range(3)]
    found = {"short": [], "hot": []}  # type: dict[str, list[int]]
    for first, end in pairwise([0, *sorted(min(c, len(asks)) for c in cuts), len(asks)]):
        piece = asks[first:end]
        times = [tick / GRID for tick, _, _ in piece]
        short, hot = grant_both(
            times, [u for _, u, _ in piece], [p for _, _, p in piece], table, owns
        )
        found["short"] += [first + index for index in short]
        found["hot"] += [first + index for index in hot]
    assert found == expected
    assert Fraction(table.at(20.0)) == whole.until(20.0)


@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(0.5, 9), st.integers(0, 3)), max_size=200),
    st.floats(0.5, 40.0),
    st.floats(1.0, 300.0),
    st.floats(1.0, 40.0),
)
def test_never_more_than_what_was_kept_and_what_came(
    asks: list[tuple[float, float, int]], per_s: float, kept_s: float, own_s: float
) -> None:
    """Between any two instants: rate × time and a full bucket, of the table and of a partition."""
    asks.sort()
    times, units, parts = (np.array([ask[i] for ask in asks]) for i in range(3))
    capacity = Capacity(per_s, kept_s, own_s, 0.0)
    capacity.split(4, 0.0)
    short, hot = capacity.grant(times, units, parts.astype(np.int64))
    assert not set(short) & set(hot)
    kept = [ask for index, ask in enumerate(asks) if index not in {*short, *hot}]
    for first in range(len(kept)):
        table, own = 0.0, dict.fromkeys(range(4), 0.0)
        for time, wanted, part in kept[first:]:
            table, own[part] = table + wanted, own[part] + wanted
            for_s = time - kept[first][0]
            assert table <= per_s * (for_s + kept_s) + 1e-6
            assert own[part] <= own_s * (for_s + 1.0) + 1e-6
    done = capacity.take_second()
    assert abs(done.used - sum(wanted for _, wanted, _ in kept)) < 1e-6
    assert capacity.take_second().used == 0.0


def test_five_minutes_of_unused_capacity_and_no_more() -> None:
    """10 a second, unused for 290 s and one second's worth at first: 2,910; then at most 3,000."""
    capacity = Capacity(10.0, 300.0, 10_000.0, 0.0)
    for at_s, left in ((290.0, 2_910), (590.0, 3_000), (1_900.0, 3_000)):
        n = left + 5
        short, hot = capacity.grant(np.full(n, at_s), np.ones(n), np.zeros(n, np.int64))
        assert (short, hot) == (list(range(left, n)), [])


def test_a_hot_key_meets_its_partition_though_the_table_has_room() -> None:
    """1,000 writes a second in one of ten partitions, of 10,000 that the table may do."""
    capacity = Capacity(10_000.0, 300.0, 1_000.0, 0.0)
    capacity.split(10, 0.0)
    times = np.arange(20_000) / 2_000  # 2,000 a second for ten seconds
    short, hot = capacity.grant(times, np.ones(20_000), np.full(20_000, 3))
    assert short == []
    assert len(hot) == 20_000 - 1_000 - 9_999, "a second's worth, and 1,000 a second"
    assert capacity.take_second().busiest == 10_999
    spread = np.arange(20_000) % 10
    times = 10.0 + times
    assert capacity.grant(times, np.ones(20_000), spread) == ([], []), "the table has room"


def test_more_capacity_keeps_what_was_saved_and_less_only_what_has_room() -> None:
    capacity = Capacity(10.0, 300.0, 1e6, 0.0)
    capacity.change(50.0, 300.0, 100.0)
    assert capacity.table.at(100.0) == 10.0 + 10.0 * 100
    assert capacity.table.at(101.0) == 10.0 + 10.0 * 100 + 50.0
    capacity.change(2.0, 300.0, 101.0)
    assert capacity.table.at(101.0) == 2.0 * 300


@given(st.lists(st.integers(0, 1_000_000), min_size=1, max_size=50), st.integers(1, 100))
def test_a_key_lies_where_its_hash_says(keys: list[int], partitions: int) -> None:
    found = spread(np.array(keys, np.int32), partitions).tolist()
    assert found == [event_table.place(key, partitions) for key in keys]


def test_keys_are_spread_evenly() -> None:
    assert np.bincount(spread(np.arange(100_000, dtype=np.int32), 8)).min() > 12_000
