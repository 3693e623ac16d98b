"""Scenarios are read strictly: what is wrong is said with its path and what was expected."""

import copy
from typing import Any

import pytest

from engine.complaint import Complaint
from engine.scenario import is_offered, read_scenario
from engine.simulation import Simulation
from engine.toml import parse_toml

GOOD: dict[str, Any] = {
    "slug": "level",
    "duration_s": 600,
    "budget": {"month_usd": 100.0},
    "traffic": [{"kind": "ramp", "from_rps": 1.0, "to_rps": 9.0}],
    "requests": [
        {"name": "page", "share": 0.6, "deadline_ms": 300, "data": "read", "table": "t"},
        {"name": "file", "share": 0.4, "deadline_ms": 300, "data": "file_read"},
    ],
    "tables": [{"name": "t", "gb": 5}],
    "board": {"instances": [{"id": "web-1", "type": "t3.small", "credits": 30}]},
    "incidents": [{"kind": "instance_crash", "at_s": 60, "target": "web-1"}],
    "objectives": {"error_budget": 0.05},
}

BROKEN = [
    (("requests", 0, "share"), 0.5, "requests: shares add up to 0.9; expected 1"),
    (("requests", 0, "share"), "all", "requests[0].share: Expected"),
    (("requests", 0, "deadline_ms"), -1, "requests[0].deadline_ms: Expected"),
    (("requests", 0, "table"), "u", "requests[0].table: no table 'u'; expected one of t"),
    (("requests", 1, "name"), "page", "requests: two are named 'page'"),
    (("requests", 0, "retry"), {"pause_s": [0.5, 2]}, "requests[0].retry.pause_s: [0.5, 2.0]"),
    (("requests", 0, "colour"), "red", "requests[0]: Object contains unknown field `colour`"),
    (("traffic", 0, "kind"), "flood", "traffic[0].kind: Invalid value 'flood'"),
    (("traffic", 0, "from_rps"), -4.0, "traffic[0].from_rps: Expected"),
    (("traffic", 0, "end_s"), 0, "traffic[0].end_s: 0 is not after start_s"),
    (("traffic", 0, "start_s"), 700, "traffic[0].start_s: 700 is after the end"),
    (("traffic",), [], "traffic: Expected `array` of length >= 1"),
    (("board", "instances", 0, "type"), "m9.huge", "board.instances[0].type: no type 'm9.huge'"),
    (("board", "instances", 0, "id"), "../etc", "board.instances[0].id: '../etc' is no name"),
    (("board", "instances", 0, "roles"), [], "board.instances[0].roles: empty"),
    (("board", "instances", 0, "type"), "m5.large", "board.instances[0].credits: m5.large has no"),
    (("board", "addresses"), {"web": "x"}, "board.addresses.web: nothing is called 'x'"),
    (("incidents", 0, "at_s"), 9_999, "incidents[0].at_s: 9999 is after the end"),
    (("incidents", 0, "target"), "role:cache", "incidents[0].target: no role 'cache'"),
    (("incidents", 0, "target"), "role:", "incidents[0].target: Expected"),
    (("incidents", 0, "kind"), "price_change", "incidents[0].kind: 'price_change' is not sim"),
    (("incidents", 0, "kind"), "hot_key", "incidents[0].target: no table '"),
    (("objectives", "error_budget"), 0, "objectives.error_budget: Expected"),
    (("allowed",), ["ec2:z9.*"], "allowed: 'ec2:z9.*' matches nothing"),
    (("duration_s",), 10**7, "duration_s: Expected"),
    (("budget",), None, "budget: Expected"),
    (("traffic",), [{"kind": "trace", "file": "../x.csv"}], "traffic[0].file: Expected"),
]


def test_the_good_one_is_read() -> None:
    scenario = read_scenario(GOOD, "level.toml")
    assert scenario.requests[0].patience_ms == 15_000
    assert scenario.board.instances[0].roles == ("web", "app", "db", "files")


@pytest.mark.parametrize(("path", "value", "says"), BROKEN)
def test_whatever_is_wrong_is_said_with_its_path(
    path: tuple[str | int, ...], value: Any, says: str
) -> None:
    values: Any = copy.deepcopy(GOOD)
    part = values
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    with pytest.raises(Complaint) as complaint:
        read_scenario(values, "level.toml")
    line = str(complaint.value)
    assert line.startswith("level.toml: " + says)
    assert "\n" not in line


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a = [", "is not TOML"),
        ("a = nan", "a: nan is not a number"),
        ("[b]\na = [1.0, inf]", "b.a[1]: inf is not a number"),
        ("a = 99999999999999999999", "a: number too large"),
        ('a = "\\u001b[2J"', "a: text with control characters"),
        ("a = " + "[" * 50 + "]" * 50, "nested too deeply"),
        ("a = " + "[" * 5_000 + "]" * 5_000, "is not TOML"),
    ],
)
def test_no_file_may_hold_what_no_format_of_ours_has(text: str, says: str) -> None:
    with pytest.raises(Complaint) as complaint:
        parse_toml(text, "f.toml")
    assert says in str(complaint.value)


def test_what_is_on_offer_goes_by_service_and_type() -> None:
    scenario = read_scenario(GOOD | {"allowed": ["ec2:t3.*", "ec2:m5.large", "ebs"]}, "l")
    assert is_offered(scenario, "ec2:t3.nano")
    assert is_offered(scenario, "ec2:m5.large")
    assert is_offered(scenario, "ebs:gp3")
    assert not is_offered(scenario, "ec2:m5.xlarge")
    assert not is_offered(scenario, "s3:")
    assert is_offered(read_scenario(GOOD, "l"), "ec2:c5.24xlarge")


BOARD = {
    "instances": [{"id": "one", "type": "m5.large"}, {"id": "two", "type": "m5.large"}],
    "databases": [{"id": "base", "type": "db.m5.large"}],
    "buckets": [{"id": "photos"}],
}
APPS = [GOOD["requests"][0] | {"share": 1.0, "app_ms": 1.0}]


def board(**changes: Any) -> dict[str, Any]:
    return GOOD | {"requests": APPS, "incidents": [], "board": BOARD | changes}


def test_a_backup_has_a_name_of_its_own_from_the_start() -> None:
    values = board(buckets=[{"id": "base-backup"}])
    with pytest.raises(Complaint, match="board: two are named 'base-backup'"):
        read_scenario(values, "level.toml")


def test_who_takes_which_address_when_the_level_opens() -> None:
    """A database, a bucket and then machines, where nothing else is said."""
    opening = {"web": "one", "app": "one", "db": "base", "files": "photos"}
    assert Simulation(read_scenario(board(), "l")).frame().addresses == opening
    said = {"web": "two", "db": "one", "files": "two"}
    found = Simulation(read_scenario(board(addresses=said), "l")).frame().addresses
    assert found == said | {"app": "one"}


def test_a_board_that_is_a_loop_is_refused() -> None:
    around = {"web": "one", "app": "two", "db": "one"}
    scenario = read_scenario(board(addresses=around), "l")
    with pytest.raises(Complaint, match=r"board.addresses: .*return"):
        Simulation(scenario)
