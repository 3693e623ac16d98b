"""Levels that follow another: what its reference left is the opening board, and must lose."""

from pathlib import Path

import msgspec
import pytest

from engine.catalog import CATALOG
from engine.complaint import Complaint
from engine.scenario import check_scenario
from engine.simulation import Simulation
from levels.campaign import campaign
from levels.level import read_level
from levels.previous import board_left, opening_before
from levels.proof import prove
from tests.boards import steady
from tests.test_cli import SHORT

RESIZE = """
[[steps]]
at_s = 1
do = "stop_instance"
instance = "web-1"
[[steps]]
after_s = 15
do = "resize_instance"
instance = "web-1"
type = "m5.xlarge"
[[steps]]
after_s = 0
do = "start_instance"
instance = "web-1"
"""

FOLLOWS = """
[[proofs]]
plan = "previous"
expect = "lose"
because = { reason = "late", at = "web-1" }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two levels: one whose answer is a machine twice as large, one with ten times the traffic."""
    before, after = tmp_path / "01-short", tmp_path / "02-long"
    for place in (before, after):
        (place / "plans").mkdir(parents=True)
    (before / "plans" / "reference.toml").write_text(RESIZE)
    late = SHORT.replace("start_s = 5", "start_s = 50")
    (before / "level.toml").write_text(late)
    more = SHORT.replace('slug = "short"', 'slug = "long"\nfollows = "short"')
    more = more.replace("rps = 20.0", "rps = 1500.0").replace("duration_s = 60", "duration_s = 90")
    (after / "level.toml").write_text(more + FOLLOWS)
    return after


def test_the_answer_of_the_level_before_is_the_opening_board(folder: Path) -> None:
    level = read_level(folder)
    scenario = opening_before(level)
    assert [(m.id, m.type) for m in scenario.board.instances] == [("web-1", "m5.xlarge")]
    assert [m.type for m in level.scenario.board.instances] == ["m5.large"]
    assert scenario.traffic == level.scenario.traffic
    (row,) = prove(level)
    assert (row.plan, row.won, row.problem) == ("previous", False, "")


def test_a_level_before_that_is_lost_answers_nothing(folder: Path) -> None:
    plan = folder.parent / "01-short" / "plans" / "reference.toml"
    plan.write_text(RESIZE.replace("resize", "stop").split("[[steps]]\nafter_s = 15")[0])
    before = folder.parent / "01-short" / "level.toml"
    before.write_text(before.read_text().replace("start_s = 50", "start_s = 5"))
    with pytest.raises(Complaint, match="short: its reference plan loses"):
        list(prove(read_level(folder)))


@pytest.mark.parametrize("follows", ["shrt", "long", "-short", "../short"])
def test_a_level_follows_one_that_there_is(folder: Path, follows: str) -> None:
    path = folder / "level.toml"
    path.write_text(path.read_text().replace('follows = "short"', f'follows = "{follows}"'))
    with pytest.raises(Complaint, match="follows"):
        read_level(path)


def test_a_level_of_ones_own_may_follow_one_of_the_campaign(folder: Path) -> None:
    path = folder / "level.toml"
    path.write_text(path.read_text().replace('follows = "short"', 'follows = "scale-up"'))
    assert read_level(path).follows == "scale-up"


def test_previous_needs_a_level_before(folder: Path) -> None:
    path = folder / "level.toml"
    path.write_text(path.read_text().replace('follows = "short"\n', ""))
    with pytest.raises(Complaint, match=r"proofs\[0\]\.plan: the level follows no other"):
        read_level(path)


BOARD = {
    "instances": [
        {"id": "web-1", "type": "t3.small", "roles": ["web"], "credits": 3.0},
        {"id": "app-1", "type": "m5.large", "roles": ["app"], "zone": "b",
         "volume": {"type": "st1", "gb": 125}},
    ],
    "databases": [
        {"id": "rds-1", "type": "db.t3.small", "engine": "postgres", "gb": 40, "multi_az": True},
        {"id": "rds-2", "type": "db.m5.large", "source": "rds-1", "engine": "postgres"},
    ],
    "buckets": [{"id": "bucket-1"}],
    "balancers": [{"id": "lb-1", "targets": ["web-1"], "ipv6": True, "sticky": True}],
    "session_stores": [{"id": "cache-1"}],
    "addresses": {"web": "lb-1", "app": "app-1", "db": "rds-1", "files": "bucket-1"},
}  # fmt: skip


def test_what_is_left_is_what_stood() -> None:
    """A board that nobody touched is left as it was: read from the frame it is the same."""
    scenario = steady(rps=5.0, board=BOARD, duration_s=60)
    left = board_left(Simulation(scenario).frame())
    assert left.players() == scenario.board.players()
    opened = Simulation(steady(rps=5.0, board=msgspec.to_builtins(left), duration_s=60))
    assert board_left(opened.frame()) == left
    for part in ("buckets", "session_stores", "addresses"):
        assert getattr(left, part) == getattr(scenario.board, part)
    for part in ("instances", "databases", "balancers"):
        pairs = zip(getattr(left, part), getattr(scenario.board, part), strict=True)
        assert all((a.id, getattr(a, "type", 0)) == (b.id, getattr(b, "type", 0)) for a, b in pairs)
    assert left.databases[0].multi_az
    assert left.databases[1].source == "rds-1"
    # What the file left to the catalog is said: its interval, its drain.
    said = {"interval_s": left.balancers[0].interval_s, "drain_s": left.balancers[0].drain_s}
    (as_opened,) = scenario.board.balancers
    assert left.balancers == (msgspec.structs.replace(as_opened, **said),)
    assert said == {"interval_s": CATALOG.elb.interval_s, "drain_s": CATALOG.elb.drain_s}
    assert left.instances[1].volume.type == "st1"


def test_a_group_is_left_with_its_members_and_its_thermostat() -> None:
    group = {
        "id": "fleet", "type": "m5.large", "members": ["web-1"], "balancer": "lb-1",
        "least": 1, "desired": 1, "most": 3, "tracking": [{"metric": "cpu", "target": 60}],
    }  # fmt: skip
    machine = {"id": "web-1", "type": "m5.large", "roles": ["web", "app"]}
    board = {
        "instances": [machine],
        "databases": [{"id": "rds-1", "type": "db.m5.large"}],
        "buckets": [{"id": "bucket-1"}],
        "balancers": [{"id": "lb-1", "targets": ["web-1"]}],
        "groups": [group],
        "addresses": {"web": "lb-1", "app": "lb-1"},
    }
    (left,) = board_left(Simulation(steady(rps=5.0, board=board, duration_s=60)).frame()).groups
    assert (left.id, left.members, left.balancer) == ("fleet", ("web-1",), "lb-1")
    assert [(policy.metric, policy.target) for policy in left.tracking] == [("cpu", 60)]


@pytest.mark.parametrize("slug", [level.slug for level in campaign() if level.follows])
def test_levels_of_the_campaign_open_with_what_was_left_before(slug: str) -> None:
    level = next(level for level in campaign() if level.slug == slug)
    check_scenario(opening_before(level), slug, level.folder)
