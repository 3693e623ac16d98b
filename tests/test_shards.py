"""Sharding by key: each key on one database, moving what must, and what is lost with a shard."""

from typing import Any

import numpy as np
import pytest

from engine.flow.routes import spread
from engine.frame import Frame
from engine.outcomes import RefusalReason
from engine.scenario import Scenario
from engine.services.command import Command
from engine.services.move import MoveTables
from engine.services.rds import DeleteDatabase, RestoreDatabase
from engine.services.shards import ShardTable
from engine.simulation import Simulation
from tests.boards import steady
from tests.laws import play_on as play
from tests.laws import refusal_of
from tests.test_rds import do, seconds_of, shown

CLASS = {"deadline_ms": 5_000.0, "patience_ms": 60_000.0, "web_ms": 0.2, "retry": {"times": 0},
         "table": "rows"}  # fmt: skip
BOX = {"id": "web-1", "type": "m5.2xlarge", "roles": ["web", "app"]}
FOUR = [{"id": f"db-{n}", "type": "db.m5.large"} for n in (1, 2, 3, 4)]
GB, KEYS = 8.0, 5_000


def board(*, zipf: float = 0.0, **changes: Any) -> Scenario:
    """One table in the first of four databases, and another that stays there."""
    requests = [
        CLASS | {"name": "look", "share": 0.5, "data": "read", "data_ms": 4.0, "data_io": 1},
        CLASS | {"name": "save", "share": 0.4, "data": "write", "data_ms": 4.0, "data_io": 1},
        CLASS | {"name": "other", "share": 0.1, "data": "read", "data_ms": 1.0, "table": "rest"},
    ]
    values = {
        "duration_s": 2_400,
        "requests": requests,
        "tables": [
            {"name": "rows", "gb": GB, "keys": KEYS, "zipf": zipf},
            {"name": "rest", "gb": 1},
        ],
        "board": {"instances": [BOX], "databases": FOUR},
    }
    return steady(rps=200.0, **values | changes)  # type: ignore[arg-type]


def into(frame: Frame) -> dict[str, int]:
    """Requests that came to each database in a second."""
    return {hop.target: hop.count for hop in frame.hops if hop.source == "web-1"}


def used(frame: Frame) -> dict[str, float]:
    """GB in each database."""
    return {d["id"]: float(shown(frame, d["id"]).facts["used_gb"]) for d in FOUR}


def io_speed(frame: Frame, name: str) -> float:
    """How fast a database's storage works."""
    station = frame.station(f"{name}/io")
    assert station is not None
    return station.speed


def sharded(*names: str, **changes: Any) -> tuple[Simulation, list[Frame]]:
    """The table has been spread over these databases."""
    simulation = Simulation(board(**changes))
    do(simulation, ShardTable("rows", names))
    return simulation, play(simulation, 200)


def test_a_table_is_spread_in_the_time_that_its_moving_part_takes() -> None:
    _, frames = sharded("db-1", "db-2", "db-3", "db-4")
    (done,) = seconds_of(frames, "move_done")
    parts = spread(np.arange(KEYS, dtype=np.int32), 4)
    moving_gb = GB * float((parts != 0).mean())
    assert done == pytest.approx(moving_gb / 0.05, abs=1)
    assert into(frames[done - 5]).keys() == {"db-1"}
    after = into(frames[done + 2])
    assert after.keys() == {"db-1", "db-2", "db-3", "db-4"}
    assert used(frames[-1]) == pytest.approx({"db-1": 3.0, "db-2": 2.0, "db-3": 2.0, "db-4": 2.0})
    later = [into(frame) for frame in frames[done + 1 :]]
    sums = np.array([[counts[d["id"]] for d in FOUR] for counts in later]).sum(axis=0)
    assert sums / sums.sum() == pytest.approx([0.1 + 0.225, 0.225, 0.225, 0.225], abs=0.02)
    assert sum(t.failed_total for t in frames[-1].totals.values()) == 0


def test_a_popular_key_makes_a_hot_shard() -> None:
    _, frames = sharded("db-2", "db-3", "db-4", zipf=1.4)
    counts = [into(frame) for frame in frames[-35:]]
    loads = sorted(sum(c.get(id, 0) for c in counts) for id in ("db-2", "db-3", "db-4"))
    assert loads[-1] > 1.8 * loads[0]


def test_over_more_databases_most_keys_move_again() -> None:
    simulation, _ = sharded("db-1", "db-2")
    do(simulation, ShardTable("rows", ("db-1", "db-2", "db-3")))
    frames = play(simulation, 120)
    (done,) = seconds_of(frames, "move_done")
    keys = np.arange(KEYS, dtype=np.int32)
    moving = float((spread(keys, 2) != spread(keys, 3)).mean())
    assert 0.6 < moving < 0.7, "two thirds"
    assert done - 200 == pytest.approx(GB * moving / 0.05, abs=1.5)
    assert into(frames[-1]).keys() == {"db-1", "db-2", "db-3"}


def test_shards_can_be_gathered_again() -> None:
    simulation, _ = sharded("db-2", "db-3")
    do(simulation, MoveTables("db-1", "rows"))
    frames = play(simulation, 200)
    assert into(frames[-1]).keys() == {"db-1"}
    assert used(frames[-1])["db-1"] == GB + 1
    assert frames[-1].resource("rows-shards-1") is None
    assert "db/rows" not in frames[-1].addresses


def test_the_source_works_with_less_while_it_is_copied() -> None:
    _, frames = sharded("db-1", "db-2")
    (done,) = seconds_of(frames, "move_done")
    assert io_speed(frames[done - 10], "db-1") == pytest.approx(0.75 * io_speed(frames[-1], "db-1"))


def test_a_shard_that_dies_takes_its_keys_until_it_is_restored() -> None:
    incident = {"kind": "master_failure", "at_s": 300, "target": "db-3"}
    simulation, _ = sharded("db-2", "db-3", "db-4", incidents=[incident])
    frames = play(simulation, 130)
    lost = frames[-1].counts["look"]
    assert 0.15 < lost.failed_total / lost.demanded < 0.55
    do(simulation, RestoreDatabase("db-3", "db.m5.large", name="db-9"))
    frames = play(simulation, 250)
    assert "db-9" in into(frames[-1])
    assert frames[-1].counts["look"].failed_total == 0
    assert shown(frames[-1], "db-9").facts["used_gb"] == pytest.approx(GB / 3, abs=1e-3)
    do(simulation, DeleteDatabase("db-3"))
    assert play(simulation, 5)[-1].counts["look"].failed_total == 0


def test_a_shard_without_a_backup_is_lost_data() -> None:
    incident = {"kind": "master_failure", "at_s": 300, "target": "db-3"}
    bare = {"instances": [BOX], "databases": [d | {"backup_days": 0} for d in FOUR]}
    goals = {"error_budget": 1.0, "keep_data": True}
    simulation, _ = sharded("db-2", "db-3", incidents=[incident], board=bare, objectives=goals)
    verdict = simulation.advance(150).verdict
    assert verdict is not None
    assert (verdict.cause, verdict.because and verdict.because.at) == ("data_lost", "db-3")


def test_what_dies_while_it_is_copied_to_ends_the_move() -> None:
    incident = {"kind": "master_failure", "at_s": 50, "target": "db-3"}
    simulation, frames = sharded("db-2", "db-3", incidents=[incident])
    assert seconds_of(frames, "move_failed") == [51]
    assert into(frames[-1]).keys() == {"db-1"}
    assert frames[-1].resource("rows-shards-1") is None
    assert io_speed(frames[-1], "db-1") == io_speed(frames[0], "db-2")
    assert simulation.frame().verdict is None


REFUSED: list[tuple[Command, RefusalReason]] = [
    (ShardTable("rows", ("db-1",)), RefusalReason.BAD_NUMBER),
    (ShardTable("rows", ("db-1", "db-1")), RefusalReason.BAD_NUMBER),
    (ShardTable("none", ("db-1", "db-2")), RefusalReason.UNKNOWN_RESOURCE),
    (ShardTable("rows", ("db-8", "db-1")), RefusalReason.UNKNOWN_RESOURCE),
    (ShardTable("rows", ("copy", "db-1")), RefusalReason.ROLE_NOT_PLAYED),
    (ShardTable("huge", ("db-2", "db-3")), RefusalReason.BAD_NUMBER),
]


@pytest.mark.parametrize(("command", "reason"), REFUSED)
def test_what_is_refused(command: Command, reason: RefusalReason) -> None:
    copy = {"id": "copy", "type": "db.m5.large", "source": "db-1"}
    tables = [{"name": "rows", "gb": GB}, {"name": "rest", "gb": 1}, {"name": "huge", "gb": 90}]
    scenario = board(
        tables=tables,
        board={"instances": [BOX], "databases": [d | {"gb": 40} for d in [*FOUR, copy]]},
    )
    assert refusal_of(Simulation(scenario), command) == reason


def test_the_same_spread_again_is_refused() -> None:
    simulation, _ = sharded("db-2", "db-3")
    assert refusal_of(simulation, ShardTable("rows", ("db-2", "db-3"))) == RefusalReason.NO_CHANGE
