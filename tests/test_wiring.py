"""Which way requests go: visits, addresses, and no way back."""

from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.flow.requests import DONE
from engine.flow.wiring import APP, DATA, WEB, Paths, order_of, visits
from tests.boards import steady


def paths_of(*requests: dict[str, Any]) -> Paths:
    base: dict[str, Any] = {"deadline_ms": 100.0, "share": 1.0 / len(requests)}
    classes = [base | {"name": f"r{i}"} | r for i, r in enumerate(requests)]
    tables = [{"name": "t", "gb": 1}]
    return Paths(steady(rps=1, duration_s=60, requests=classes, tables=tables).requests)


READ = {"app_ms": 1.0, "data": "read", "table": "t"}
STATIC = {"data": "file_read"}
PLAIN = {"app_ms": 1.0}
ALL = ["web", "app", "db", "files"]


def test_one_machine_does_everything_in_one_visit() -> None:
    visit = visits(paths_of(READ, STATIC), frozenset(ALL))[WEB]
    assert (visit.onward == DONE).all()
    assert visit.includes[:, 0].tolist() == [True, True, True]
    assert visit.includes[:, 1].tolist() == [True, False, True]


def test_a_visit_ends_where_the_next_role_is_elsewhere() -> None:
    web, app, _ = visits(paths_of(READ, STATIC), frozenset(["web", "files"]))
    assert web.onward.tolist() == [APP, DONE]
    assert web.includes[:, 0].tolist() == [True, False, False]
    assert app.onward.tolist() == [DATA, DONE]


def test_web_and_db_here_with_app_there_is_a_loop() -> None:
    addresses = {"web": "one", "app": "two", "db": "one", "files": "one"}
    assert order_of(paths_of(READ), addresses) is None
    assert order_of(paths_of(PLAIN, STATIC), addresses) == ["one", "two"]


def test_a_role_without_address_ends_the_way() -> None:
    addresses = {"web": "one", "app": None, "db": "one", "files": "one"}
    assert order_of(paths_of(READ), addresses) == ["one"]


def test_what_is_under_way_counts_as_long_as_it_is() -> None:
    paths = paths_of(READ)
    addresses = {"web": "two", "app": "two", "db": "one", "files": "one"}
    assert order_of(paths, addresses, [("one", 0, DONE)]) is not None
    assert order_of(paths, addresses, [("one", 0, DATA)]) is not None
    assert order_of(paths, addresses, [("one", 0, APP)]) is None


@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=4, max_size=4))
def test_an_order_is_given_exactly_when_no_class_returns(holders: list[str]) -> None:
    paths = paths_of(READ, STATIC, PLAIN)
    addresses = dict(zip(ALL, holders, strict=True))
    ways = [[addresses[r] for r in roles if r is not None] for roles in paths.roles]
    ways = [[m for i, m in enumerate(w) if i == 0 or w[i - 1] != m] for w in ways]
    order = order_of(paths, addresses)
    if any(len(set(w)) < len(w) for w in ways):
        assert order is None
        return
    straight = all(
        not (x in v and y in v and v.index(y) < v.index(x))
        for w, v in product(ways, ways)
        for i, x in enumerate(w)
        for y in w[i + 1 :]
    )
    assert (order is not None) == straight
    if order is not None:
        for way in ways:
            places = [order.index(m) for m in way]
            assert places == sorted(places)
