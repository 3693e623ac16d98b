"""Incidents that mean a role befall whoever has it at that second, and only what can befall it."""

from copy import deepcopy
from typing import Any

import pytest

from engine.frame import Frame
from engine.simulation import Simulation
from tests.boards import steady

TABLE = {"name": "orders", "gb": 2}
READ = {"data": "read", "table": "orders", "data_ms": 1.0, "data_io": 1}
BOX = {"id": "box", "type": "m5.large"}
FRONT = {"id": "front", "type": "m5.large", "roles": ["web", "app"]}
TABLES = {"id": "tables", "type": "m5.large", "roles": ["db"]}
MANAGED = {"id": "orders-db", "type": "db.m5.large", "backup_days": 0}

BOARDS: dict[str, Any] = {
    "one machine": {"instances": [BOX]},
    "two machines": {"instances": [FRONT, TABLES]},
    "managed": {"instances": [FRONT], "databases": [MANAGED]},
}
ALL_THREE = ("host_failure", "volume_failure", "master_failure")


def run(board: str, *kinds: str, role: str = "db", **more: Any) -> Frame:
    incidents = [{"kind": kind, "at_s": 30, "target": f"role:{role}"} | more for kind in kinds]
    scenario = steady(
        rps=5, duration_s=120, request=READ, tables=[TABLE], files={"gb": 1},
        board=BOARDS[board], incidents=incidents,
    )  # fmt: skip
    return Simulation(scenario).advance(40)


def test_the_host_below_a_role_dies_with_whoever_plays_it() -> None:
    assert run("one machine", "host_failure").instances == ()
    left = run("two machines", "host_failure")
    assert [i.id for i in left.instances] == ["front"]
    assert left.addresses["db"] is None


def test_the_volume_of_a_role_is_where_its_data_lie() -> None:
    left = run("two machines", "volume_failure")
    assert [i.id for i in left.instances] == ["front", "tables"]
    assert [v.id for v in left.volumes] == ["vol-1"]


def test_a_database_that_plays_a_role_fails() -> None:
    (database,) = run("managed", "master_failure").resources
    assert (database.id, database.state) == ("orders-db", "failed")


@pytest.mark.parametrize(
    ("board", "kinds"),
    [
        ("one machine", ["master_failure"]),
        ("managed", ["host_failure", "volume_failure", "slow_disk", "noisy_neighbour"]),
    ],
)
def test_what_cannot_befall_the_holder_of_a_role_does_not_happen(
    board: str, kinds: list[str]
) -> None:
    calm, after = run(board), run(board, *kinds)
    assert after.totals == calm.totals
    assert (after.instances, after.volumes, after.resources) == (
        *(calm.instances, calm.volumes),
        calm.resources,
    )


@pytest.mark.parametrize("board", BOARDS)
def test_of_all_that_can_befall_the_tables_something_does(board: str) -> None:
    frame = run(board, *ALL_THREE)
    assert frame.totals["page"].failed_total > 0
    holder = frame.addresses["db"]
    assert holder is None or [r.state for r in frame.resources if r.id == holder] == ["failed"]


def test_a_role_that_nobody_plays_is_left_alone() -> None:
    for kind in (*ALL_THREE, "instance_crash", "slow_disk"):
        frame = run("managed", kind, role="files")
        assert [i.id for i in frame.instances] == ["front"]
        assert [r.state for r in frame.resources] == ["available"]


@pytest.mark.parametrize("board", BOARDS)
def test_a_zone_goes_out_where_the_holder_of_a_role_is(board: str) -> None:
    there = {"two machines": "b", "managed": "c"}.get(board, "a")
    moved = deepcopy(BOARDS[board])
    holder = [*moved["instances"], *moved.get("databases", [])][-1]
    holder["zone"] = there
    outage = {"kind": "zone_outage", "at_s": 30, "target": "role:db", "duration_s": 60}
    simulation = Simulation(
        steady(rps=5, duration_s=120, request=READ, tables=[TABLE], board=moved, incidents=[outage])
    )
    assert simulation.advance(30).zones_down == ()
    frame = simulation.advance(30)
    assert frame.zones_down == (there,)
    dark = [i.id for i in frame.instances if i.state == "stopped"]
    dark += [r.id for r in frame.resources if r.state == "unreachable"]
    assert dark == [holder["id"]]
    assert simulation.advance(40).zones_down == ()


def test_slow_downs_find_the_machine_and_the_volume_of_a_role() -> None:
    for kind, station in (("noisy_neighbour", "tables/cpu"), ("slow_disk", "vol-2/io")):
        seen = run("two machines", kind, factor=0.25).station(station)
        assert seen is not None
        assert seen.speed == pytest.approx(0.25)


@pytest.mark.parametrize("algorithm", ["round_robin", "least_outstanding"])
def test_behind_a_balancer_the_first_target_that_takes_requests_is_meant(algorithm: str) -> None:
    machines = [FRONT | {"id": f"front-{n}"} for n in (1, 2, 3)]
    door = {"id": "door", "targets": [m["id"] for m in machines], "algorithm": algorithm}
    crash = {"kind": "instance_crash", "target": "role:app"}
    scenario = steady(
        rps=5, duration_s=300, incidents=[crash | {"at_s": 30}, crash | {"at_s": 200}],
        board={
            "instances": machines, "balancers": [door],
            "addresses": {"web": "door", "app": "door"},
        },
    )  # fmt: skip
    simulation = Simulation(scenario)
    down = [i.id for i in simulation.advance(40).instances if i.state == "stopped"]
    assert down == ["front-1"]
    # The checks have found out by now: the next in line is meant.
    down = [i.id for i in simulation.advance(170).instances if i.state == "stopped"]
    assert down == ["front-1", "front-2"]
