"""Which way requests go: visits, addresses, and no way back."""

from collections.abc import Iterator
from itertools import pairwise, product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.flow.requests import DONE
from engine.flow.wiring import APP, DATA, WEB, Addresses, Paths, order_of, players, resolve, visits
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
    visit = visits(paths_of(READ, STATIC), frozenset([*ALL, "db/t"]))[WEB]
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


def test_a_table_goes_its_own_way_once_it_has_an_address() -> None:
    paths, given = paths_of(READ), {"web": "one", "app": "one", "db": "two", "files": "one"}
    assert resolve(paths, given) == given | {"db/t": "two"}
    assert order_of(paths, given) == ["one", "two"]
    assert order_of(paths, given | {"db/t": "three"}) == ["one", "two", "three"]
    assert order_of(paths, given | {"app": "two", "db/t": "one"}) is None
    assert resolve(paths, given | {"db/t": None})["db/t"] is None


def test_what_is_under_way_counts_as_long_as_it_is() -> None:
    paths = paths_of(READ)
    addresses = {"web": "two", "app": "two", "db": "one", "files": "one"}
    assert order_of(paths, addresses, [("one", 0, DONE)]) is not None
    assert order_of(paths, addresses, [("one", 0, DATA)]) is not None
    assert order_of(paths, addresses, [("one", 0, APP)]) is None


@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=4, max_size=4))
def test_an_order_is_given_exactly_when_no_class_returns(holders: list[str]) -> None:
    paths = paths_of(READ, STATIC, PLAIN)
    addresses = resolve(paths, dict(zip(ALL, holders, strict=True)))
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
            places = [order.index(str(m)) for m in way]
            assert places == sorted(places)


def test_who_plays_a_role_is_its_holder_and_all_that_is_behind() -> None:
    behind = {"cache": ("db-1",), "front": ("cache", "db-2"), "loose": ("db-3",)}
    addresses = {"web": "one", "app": None, "db": "front", "files": "one"}
    assert players(addresses, behind) == {
        "web": {"one"},
        "app": set(),
        "db": {"front", "cache", "db-1", "db-2"},
        "files": {"one"},
    }


def test_what_is_behind_comes_after() -> None:
    addresses = {"web": "one", "app": "two", "db": "cache", "files": "one"}
    order = order_of(paths_of(READ, STATIC), addresses, behind={"cache": ("db-1",)})
    assert order == ["one", "two", "cache", "db-1"]


def test_a_way_back_from_behind_is_a_loop() -> None:
    addresses = {"web": "one", "app": "two", "db": "cache", "files": "one"}
    assert order_of(paths_of(READ), addresses, behind={"cache": ("one",)}) is None
    assert order_of(paths_of(READ), addresses, behind={"cache": ("two",)}) is not None
    assert order_of(paths_of(PLAIN), addresses, behind={"cache": ("one",)}) is not None
    assert order_of(paths_of(READ), addresses, behind={"cache": ("db",), "db": ("cache",)}) is None


def test_who_stands_behind_stays_there_for_the_role() -> None:
    """A machine that a cache has behind it does not ask the cache."""
    addresses = {"web": "one", "app": "one", "db": "cache", "files": "one"}
    order = order_of(paths_of(READ), addresses, behind={"cache": ("one",)})
    assert order is not None
    assert order.index("cache") < order.index("one")


def test_what_is_behind_comes_after_also_without_an_address() -> None:
    """A stage that has lost its address may still hand on what it holds."""
    addresses = {"web": "one", "app": "one", "db": "db-2", "files": "one"}
    order = order_of(paths_of(READ), addresses, behind={"cache": ("db-1", "db-2")})
    assert order is not None
    assert order.index("cache") < min(order.index("db-1"), order.index("db-2"))


NAMES = ["a", "b", "c", "d"]


@given(
    st.lists(st.sampled_from(NAMES), min_size=4, max_size=4),
    st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES), max_size=2).map(tuple)),
)
def test_every_way_a_request_can_take_is_in_order(
    holders: list[str], behind: dict[str, tuple[str, ...]]
) -> None:
    """Each step at its holder, or at whatever that may hand it on to; ways by brute force."""
    paths = paths_of(READ, STATIC)
    addresses = resolve(paths, dict(zip(ALL, holders, strict=True)))
    order = order_of(paths, addresses, behind=behind)
    if order is None:
        return
    for roles in paths.roles:
        for way in ways(addresses, behind, [r for r in roles if r is not None]):
            places = [order.index(stage) for stage in way]
            assert all(x < y for x, y in pairwise(places)), (way, order)


def ways(
    addresses: Addresses, behind: dict[str, tuple[str, ...]], roles: list[str], at: str = ""
) -> Iterator[list[str]]:
    """All ways for these roles from where a request stands; `behind` has no loop."""
    if not roles:
        yield []
        return
    if at in players(addresses, behind)[roles[0]]:
        yield from ways(addresses, behind, roles[1:], at)
        return
    holder = addresses[roles[0]]
    assert holder is not None
    for inner in inside(holder, behind):
        for rest in ways(addresses, behind, roles[1:], inner[-1]):
            yield [*inner, *rest]


def inside(holder: str, behind: dict[str, tuple[str, ...]]) -> Iterator[list[str]]:
    """Every chain from a holder to a stage that does the step."""
    yield [holder]
    for after in behind.get(holder, ()):
        for chain in inside(after, behind):
            yield [holder, *chain]
