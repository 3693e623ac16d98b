"""Histograms: every latency has its bucket, and percentiles are within a bucket of the truth."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.flow.latency import BUCKETS, EDGES_MS, buckets_of, percentile_ms, sparse

latencies = st.lists(st.floats(2.0**-6, 2.0**19), min_size=1, max_size=200)


@given(latencies)
def test_a_latency_lies_between_the_edges_of_its_bucket(values: list[float]) -> None:
    array = np.array(values)
    buckets = buckets_of(array)
    assert (EDGES_MS[buckets] <= array).all()
    assert (array < EDGES_MS[buckets + 1]).all()


@given(latencies, st.sampled_from([0.5, 0.95, 0.99]))
def test_a_percentile_is_within_1_6_percent_of_the_nearest_rank(
    values: list[float], share: float
) -> None:
    counts = np.bincount(buckets_of(np.array(values)), minlength=BUCKETS)
    rank = max(1, int(np.ceil(round(share * len(values), 9))))
    truth = sorted(values)[rank - 1]
    assert abs(percentile_ms(counts, share) - truth) <= truth / 62


def test_what_is_outside_goes_to_the_ends() -> None:
    assert buckets_of(np.array([0.0, 1e12])).tolist() == [0, BUCKETS - 1]


def test_an_empty_histogram_has_no_percentile_and_no_buckets() -> None:
    empty = np.zeros(BUCKETS, np.int64)
    assert percentile_ms(empty, 0.95) == 0.0
    assert sparse(empty) == ()


def test_sparse_names_what_is_filled() -> None:
    counts = np.zeros(BUCKETS, np.int64)
    counts[3], counts[9] = 2, 5
    assert sparse(counts) == (3, 2, 9, 5)
