"""Boards that open with everything that can stand, and boards that are saved and opened again."""

import tomllib
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis.stateful import rule

from engine.board import Board
from engine.catalog import CATALOG
from engine.complaint import Complaint
from engine.frame import Frame
from engine.outcomes import Accepted
from engine.scenario import Scenario, read_scenario
from engine.services.ec2 import LaunchInstance
from engine.services.registry import read_command
from engine.simulation import Simulation
from engine.views import PolicyView, SizeView
from levels.standing import board_text, standing_board
from tests.boards import steady, troubled
from tests.laws import check_frame, check_run
from tests.test_random_fleet import RandomFleet
from tests.test_stateful import THOROUGH
from tests.test_writing import blocks

WEB = {"type": "m5.large", "roles": ["web", "app"]}

FLEET: dict[str, Any] = {
    "instances": [
        {"id": "web-1", **WEB, "zone": "a", "image": "golden"},
        {"id": "web-2", **WEB, "zone": "b", "image": "webstack"},
        {"id": "db-1", "type": "m5.large", "roles": ["db", "files"], "detailed": True,
         "volume": {"id": "root-1", "type": "gp3", "gb": 30, "iops": 4000, "mib_s": 200}},
    ],
    "volumes": [
        {"id": "data-1", "type": "io2", "gb": 100, "iops": 2000, "instance": "db-1",
         "holds": ["db"]},
        {"id": "spare", "gb": 10, "zone": "c"},
    ],
    "snapshots": [{"id": "kept", "volume": "data-1", "gb": 4.0, "volume_gb": 100,
                   "stored_gb": 1.5, "roles": ["db"]}],
    "images": [{"id": "golden", "gb": 8.5, "source": "old-1"}],
    "balancers": [{"id": "front", "targets": ["web-1", "web-2"], "weights": {"web-2": 3},
                   "algorithm": "weighted", "interval_s": 10, "drain_s": 20,
                   "slow_start_s": 60}],
    "groups": [{
        "id": "fleet", "type": "m5.large", "members": ["web-1", "web-2"], "image": "golden",
        "balancer": "front", "least": 1, "desired": 2, "most": 5, "warmup_s": 30,
        "grace_s": 40, "cooldown_s": 50,
        "tracking": [{"metric": "cpu", "target": 60}],
        "steps": [{"metric": "cpu", "above": 80, "add": 2},
                  {"metric": "cpu", "above": 30, "add": -1}],
        "schedule": [{"from_s": 200, "least": 2, "desired": 3, "most": 6}],
    }],
    "alarms": [{"id": "hot", "resource": "web-1", "above": 80, "points": 2},
               {"id": "disk", "resource": "data-1"}],
    "addresses": {"web": "front", "app": "front"},
}  # fmt: skip


STANDING = ("rds", "elb", "elasticache", "ami", "cloudwatch")


def fleet(**changes: Any) -> Scenario:
    return steady(rps=20, duration_s=600, board=FLEET | changes)


def opened_again(frame: Frame, scenario: Scenario) -> Simulation:
    """What stood in a frame, through the text of a board file, on the same scenario."""
    text, _ = board_text(frame, scenario)
    values = msgspec.to_builtins(scenario) | {"incidents": []}
    board = tomllib.loads(text).get("board", {})
    return Simulation(read_scenario(values | {"board": board}, "again"))


def check_again(frame: Frame, scenario: Scenario) -> Frame:
    """The law: what stands when a saved board opens is what stood when it was saved."""
    again = opened_again(frame, scenario)
    stood, stands = standing_board(frame), standing_board(again.frame())
    # A role that nobody answered for may find somebody who was about to.
    held = stood.pop("addresses", {})
    assert held.items() <= stands.pop("addresses", {}).items()
    assert stands == stood
    before, after = rates(frame), rates(again.frame())
    assert after == {id: before.get(id, rate) for id, rate in after.items()}
    check_frame(again.frame())
    return again.advance()


def rates(frame: Frame) -> dict[str, int]:
    """What everything costs a month that does not go by the data it keeps, or by who is leaving."""
    standing = [r for r in frame.resources if r.service in STANDING and r.type != "backup"]
    found = {v.id: v.rate_month_micro_usd for v in frame.volumes}
    found |= {i.id: i.rate_month_micro_usd for i in frame.instances}
    return found | {r.id: r.rate_month_micro_usd for r in standing}


def test_a_group_stands_with_its_members_in_service() -> None:
    simulation = Simulation(fleet())
    frame = simulation.frame()
    group = frame.resource("fleet")
    assert group is not None
    assert group.policies == (
        PolicyView("cpu", 60.0), PolicyView("cpu", 80.0, 2), PolicyView("cpu", 30.0, -1)
    )  # fmt: skip
    assert group.schedule == (SizeView(200, 2, 3, 6),)
    assert (group.facts["in_service"], group.facts["instances"]) == (2, 2)
    members = [i for i in frame.instances if i.group == "fleet"]
    assert [(i.id, i.state, i.detailed) for i in members] == [
        ("web-1", "running", True), ("web-2", "running", True)
    ]  # fmt: skip
    frames = [frame, *(simulation.advance() for _ in range(190))]
    assert {len(f.instances) for f in frames} == {3}
    assert frames[-1].totals["page"].good > 0
    check_run(frames)
    later = simulation.advance(20)
    assert len(later.instances) == 4


def test_members_need_not_be_named_as_targets() -> None:
    plain = {"id": "front", "targets": []}
    frame = Simulation(fleet(balancers=[plain])).advance(10)
    front = frame.resource("front")
    assert front is not None
    assert front.targets == {"web-1": "healthy", "web-2": "healthy"}
    assert frame.totals["page"].failed_total == 0


def test_what_is_missing_of_a_group_is_launched_in_the_first_second() -> None:
    group = FLEET["groups"][0] | {"members": ["web-1"], "zones": ["a", "b", "c"]}
    simulation = Simulation(fleet(groups=[group]))
    assert [i.id for i in simulation.frame().instances] == ["web-1", "web-2", "db-1"]
    launched = simulation.advance().instances[3:]
    assert [(i.group, i.state, i.image) for i in launched] == [("fleet", "pending", "golden")]


def test_a_crashed_member_of_the_opening_board_is_replaced() -> None:
    crash = [{"kind": "instance_crash", "at_s": 20, "target": "web-2"}]
    scenario = steady(rps=20, duration_s=600, board=FLEET, incidents=crash)
    frame = Simulation(scenario).advance(120)
    members = [i for i in frame.instances if i.group == "fleet"]
    assert len(members) == 2
    assert "web-2" not in [i.id for i in members]
    assert {i.state for i in members} == {"running"}


def test_a_member_that_idles_for_long_is_let_go_the_oldest_first() -> None:
    """Nobody asks: after 15 points below the target one goes, of zone and age as ever."""
    group = FLEET["groups"][0] | {"schedule": [], "steps": []}
    scenario = steady(rps=1, duration_s=1_800, board=FLEET | {"groups": [group]})
    frame = Simulation(scenario).advance(1_200)
    assert [i.id for i in frame.instances if i.group] == ["web-2"]


def test_everything_on_an_opening_board_is_billed_to_the_cent() -> None:
    """A month of it, from the catalog's own prices."""
    frame = Simulation(fleet(groups=[FLEET["groups"][0] | {"schedule": []}])).advance(600)
    lines = {(line.resource, line.meter): line.amount_micro_usd / 1e6 for line in frame.money.lines}
    snapshot_gb, minutely = CATALOG.ebs.snapshot_usd_gb_month, CATALOG.cloudwatch.detailed_usd_month
    software = CATALOG.marketplace["webstack"].usd_hour
    billed = {
        ("golden", "image"): 8.5 * snapshot_gb,
        ("kept", "snapshot"): 1.5 * snapshot_gb,
        ("fleet", "detailed monitoring"): 2 * minutely,
        ("db-1", "detailed monitoring"): minutely,
        ("hot", "alarm"): CATALOG.cloudwatch.alarm_usd_month,
        ("disk", "alarm"): CATALOG.cloudwatch.alarm_usd_month,
        ("web-2", "Marketplace software"): 730 * software,
        ("spare", "gp3 storage"): 10 * CATALOG.volume_types["gp3"].usd_gb_month,
        ("data-1", "io2 storage"): 100 * CATALOG.volume_types["io2"].usd_gb_month,
    }
    assert {key: lines[key] for key in billed} == pytest.approx(billed, abs=0.005)
    counted = sum(line.amount_micro_usd for line in frame.money.lines if line.counted)
    assert frame.money.spent_micro_usd == counted
    assert frame.money.cash_micro_usd == frame.money.budget_micro_usd - counted


def test_an_image_of_the_board_is_ready_at_once() -> None:
    simulation = Simulation(fleet())
    launch = LaunchInstance("m5.large", ("web", "app"), image="golden", name="new")
    assert isinstance(simulation.apply(launch), Accepted)
    new = simulation.frame().instance("new")
    assert new is not None
    assert new.until_s is not None
    assert new.until_s <= CATALOG.ec2.boot_linux_s[1]


def test_data_lie_on_the_further_volume_that_holds_them() -> None:
    frame = Simulation(fleet()).advance(5)
    roles = {v.id: v.roles for v in frame.volumes}
    assert roles["data-1"] == ("db",)
    assert roles["root-1"] == ("files",)
    assert frame.totals["page"].failed_total == 0


def test_an_alarm_of_the_board_rings() -> None:
    hot = [{"id": "hot", "resource": "web-1", "above": 1, "points": 2}]
    board = FLEET | {"alarms": hot}
    frame = Simulation(steady(rps=200, duration_s=600, board=board)).advance(180)
    alarm = frame.resource("hot")
    assert alarm is not None
    assert alarm.state == "alarm"


def test_a_full_board_is_saved_and_opened_as_it_stood() -> None:
    scenario = fleet()
    frame = Simulation(scenario).advance(30)
    text, left_out = board_text(frame, scenario)
    assert left_out == []
    board = msgspec.convert(tomllib.loads(text)["board"], Board)
    given = msgspec.convert(FLEET, Board)
    assert board.groups[0].schedule[0].from_s == 170
    later = msgspec.structs.replace(given.groups[0], schedule=board.groups[0].schedule)
    same = msgspec.structs.replace(given, groups=(later,))
    for name in ("snapshots", "images", "groups", "alarms"):
        assert getattr(board, name) == getattr(same, name), name
    check_again(frame, scenario)


BUILT: list[dict[str, Any]] = [
    {"do": "create_image", "instance": "web-1", "name": "mine"},
    {"do": "create_group", "type": "m5.large", "roles": ["web", "app"], "image": "webstack",
     "balancer": "front", "least": 1, "desired": 2, "most": 4, "name": "more"},
    {"do": "track_target", "group": "more", "metric": "requests_per_target", "target": 900},
    {"do": "add_step", "group": "more", "above": 75, "add": 2},
    {"do": "add_step", "group": "more", "above": 85, "add": 3},
    {"do": "schedule_group", "group": "more", "from_s": 500, "least": 1, "desired": 3, "most": 5},
    {"do": "create_alarm", "resource": "vol-1", "above": 60, "name": "slow"},
    {"do": "set_monitoring", "instance": "db-1"},
    {"do": "create_volume", "type": "io2", "gb": 40, "iops": 900},
    {"do": "create_snapshot", "volume": "vol-3"},
    {"do": "keep_volume", "volume": "vol-3"},
    {"do": "change_volume", "volume": "vol-3", "iops": 5000, "mib_s": 300},
    {"do": "change_balancer", "balancer": "front", "interval_s": 15, "drain_s": 33,
     "slow_start_s": 40},
]  # fmt: skip


def test_what_is_built_in_a_run_is_saved_and_opened_as_it_stood() -> None:
    simulation = Simulation(troubled(duration_s=900, incidents=[], budget={"month_usd": 9_000.0},
                                     board=BUILT_ON))  # fmt: skip
    simulation.advance(5)
    for values in BUILT:
        assert isinstance(simulation.apply(read_command(values, "x")), Accepted), values
    frame = simulation.advance(300)
    text, left_out = board_text(frame, simulation.scenario)
    assert left_out == []
    group = tomllib.loads(text)["board"]["groups"][0]
    assert group["steps"] == [
        {"metric": "cpu", "above": 75.0, "add": 2}, {"metric": "cpu", "above": 85.0, "add": 3}
    ]  # fmt: skip
    assert group["members"] == [i.id for i in frame.instances if i.group == "more"]
    after = check_again(frame, simulation.scenario)
    assert len(after.instances) == len(frame.instances)


BUILT_ON: dict[str, Any] = {
    "instances": [
        {"id": "web-1", **WEB},
        {"id": "web-2", **WEB, "zone": "b"},
        {"id": "db-1", "type": "m5.large", "roles": ["db", "files"]},
    ],
    "balancers": [{"id": "front", "targets": ["web-1", "web-2"]}],
    "addresses": {"web": "front", "app": "front"},
}


def test_what_leaves_its_group_is_not_saved() -> None:
    simulation = Simulation(fleet())
    simulation.advance(5)
    shrink = {"do": "change_group", "group": "fleet", "desired": 1}
    assert isinstance(simulation.apply(read_command(shrink, "x")), Accepted)
    frame = simulation.frame()
    _, left_out = board_text(frame, simulation.scenario)
    leaving = [i for i in ("web-1", "web-2") if i in left_out]
    assert len(leaving) == 1
    check_again(frame, simulation.scenario)


class RandomSaves(RandomFleet):
    """Whatever a player has built, it can be saved and opened as it stood."""

    @rule()
    def save_and_open(self) -> None:
        check_again(self.simulation.frame(), self.scenario)

    def teardown(self) -> None:
        if hasattr(self, "simulation"):
            check_again(self.simulation.frame(), self.scenario)


TestRandomSaves = RandomSaves.TestCase
TestRandomSaves.settings = settings(
    max_examples=THOROUGH or 10,
    stateful_step_count=20,
    derandomize=not THOROUGH,
    database=None,
    deadline=None,
)


def with_part(part: str, **changes: Any) -> dict[str, Any]:
    """The board with something else said of the first of a part."""
    return FLEET | {part: [FLEET[part][0] | changes, *FLEET[part][1:]]}


SECOND = {"id": "other", "type": "m5.large", "desired": 1, "members": ["web-1"]}

WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "a member that is not there": (
        with_part("groups", members=["web-9"]),
        "board.groups[0].members", "no instance 'web-9'"),
    "a member of two groups": (
        FLEET | {"groups": [*FLEET["groups"], SECOND]},
        "board.groups[1].members", "'web-1' is in 'fleet'"),
    "a member twice": (
        with_part("groups", members=["web-1", "web-1"]),
        "board.groups[0].members", "'web-1' is in 'fleet'"),
    "a member that plays something else": (
        with_part("groups", members=["db-1"]),
        "board.groups[0].members", "'db-1' plays db, files"),
    "a member in another zone": (
        with_part("groups", zones=["a"]),
        "board.groups[0].members", "'web-2' is in zone b"),
    "more members than desired": (
        with_part("groups", desired=1),
        "board.groups[0].members", "2 members"),
    "a member that is measured twice": (
        with_part("instances", detailed=True),
        "board.groups[0].members", "measured every minute by its group"),
    "a group of no such type": (
        with_part("groups", type="m9.huge"), "board.groups[0].type", "no type 'm9.huge'"),
    "a group in no zone": (with_part("groups", zones=[]), "board.groups[0].zones", "empty"),
    "an unknown image": (
        with_part("groups", image="silver"), "board.groups[0].image", "no image 'silver'"),
    "an instance's unknown image": (
        with_part("instances", image="silver"), "board.instances[0].image", "no image 'silver'"),
    "an image of another system": (
        with_part("images", os="windows"), "board.instances[0].image", "an image of windows"),
    "an unknown balancer": (
        with_part("groups", balancer="back"), "board.groups[0].balancer", "no balancer 'back'"),
    "a group that does not play what its balancer answers for": (
        with_part("groups", roles=["web"], members=[]),
        "board.groups[0].roles", "'front' answers for app"),
    "sizes out of order": (
        with_part("groups", least=3), "board.groups[0]", "least 3, desired 2, most 5"),
    "sizes of a schedule out of order": (
        with_part("groups",
                  schedule=[{"from_s": 9, "least": 2, "desired": 1, "most": 3}]),
        "board.groups[0].schedule[0]", "least 2, desired 1, most 3"),
    "a group larger than any": (
        with_part("groups", most=101), "board.groups[0]", "most 101"),
    "a step of nothing": (
        with_part("groups", steps=[{"above": 5, "add": 0}]),
        "board.groups[0].steps[0].add", "0"),
    "more CPU than there is": (
        with_part("groups", tracking=[{"target": 120}]),
        "board.groups[0].tracking[0].target", "120"),
    "a metric tracked twice": (
        with_part("groups", tracking=[{"target": 40}, {"target": 50}]),
        "board.groups[0].tracking", "a metric twice"),
    "an alarm on nothing": (
        with_part("alarms", resource="web-7"),
        "board.alarms[0].resource", "nothing is measured of 'web-7'"),
    "a name given twice": (with_part("alarms", id="front"), "board", "two are named 'front'"),
    "a volume named twice": (with_part("volumes", id="root-1"), "board", "two are named 'root-1'"),
    "a volume in no such instance": (
        with_part("volumes", instance="db-7"), "board.volumes[0].instance", "no instance 'db-7'"),
    "a volume in another zone": (
        with_part("volumes", instance="web-2"),
        "board.volumes[0].instance", "'web-2' is in zone b"),
    "two volumes with the same data": (
        FLEET | {"volumes": [FLEET["volumes"][0], {"id": "spare", "holds": ["db"]}]},
        "board.volumes", "two are named 'db'"),
    "an HDD's throughput": (
        with_part("volumes", type="st1", mib_s=100),
        "board.volumes[0].mib_s", "100 of st1"),
    "a weight of nobody": (
        with_part("balancers", weights={"db-1": 2}),
        "board.balancers[0].weights.db-1", "no target 'db-1'"),
    "too quick a slow start": (
        with_part("balancers", slow_start_s=10), "board.balancers[0].slow_start_s", "10"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_board_that_cannot_stand_is_refused(name: str) -> None:
    board, path, what = WRONG[name]
    with pytest.raises(Complaint) as complaint:
        steady(rps=20, duration_s=600, board=board)
    assert path in complaint.value.where
    assert what in str(complaint.value)
    assert "\n" not in str(complaint.value)


def test_the_board_of_the_guide_stands() -> None:
    """What the guide for authors shows of a board, which names every part that is new there."""
    block = next(block for block in blocks() if block.file == "fleet.toml")
    board = tomllib.loads(block.body)["board"]
    assert set(board) > {"volumes", "snapshots", "images", "groups", "alarms"}
    scenario = steady(rps=20, duration_s=600, board=board)
    frame = Simulation(scenario).advance(10)
    assert frame.totals["page"].failed_total == 0
    check_again(frame, scenario)
