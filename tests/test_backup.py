"""Backups of databases: when they are made, what they hold, and what comes back from them.

What happens at a whole second is in the frame of the next, for the engine comes
to rest first.
"""

from typing import Any

import pytest

from engine.outcomes import Accepted, RefusalReason
from engine.services.addresses import PointAddress
from engine.services.backup import Backup
from engine.services.ebs import CreateVolume
from engine.services.move import MoveTables
from engine.services.rds import (
    ChangeDatabase,
    CreateDatabase,
    DeleteDatabase,
    RestoreDatabase,
)
from engine.services.s3 import CreateBucket
from engine.services.snapshot import CreateSnapshot
from engine.simulation import Simulation
from engine.views import ResourceView
from tests.laws import play_on as play
from tests.laws import refusal_of
from tests.test_rds import board, do, seconds_of, shown

KEPT = {"backup_days": 7}
DIES = [{"kind": "master_failure", "at_s": 700, "target": "db-1"}]

TAKES_S = 20 + 3 * 6
"""Of a first backup of 6 GB."""

FIRST_S = 1 + TAKES_S
"""When the first backup is done, if it begins as soon as it can."""

RESTORE_S = 90 + 4 * 6


def backed_up(database: dict[str, Any], **changes: Any) -> Simulation:
    """A database whose backups are switched on at second 0: the first begins at once."""
    simulation = Simulation(board(database | {"backup_days": 0}, **changes))
    do(simulation, ChangeDatabase("db-1", backup_days=database["backup_days"]))
    return simulation


def test_a_database_of_the_opening_board_has_been_backed_up_long_before() -> None:
    simulation = Simulation(board(KEPT))
    assert shown(simulation.frame()).facts["restorable_s"] == 0
    frames = play(simulation, 310)
    assert shown(frames[-1]).facts["restorable_s"] == 300
    assert seconds_of(frames, "backup_done") == []


def kinds(simulation: Simulation) -> list[str]:
    return [news.kind for news in simulation.frame().news]


def backups(simulation: Simulation) -> list[ResourceView]:
    return [r for r in simulation.frame().resources if r.type == "backup"]


def test_the_first_backup_and_its_logs_by_the_clock() -> None:
    """Begun at second 1, done 38 s later; its logs go every 300 s after that."""
    simulation = backed_up(KEPT)
    frames = play(simulation, 700)
    (done,) = seconds_of(frames, "backup_done")
    assert done == FIRST_S + 1
    points = [shown(frame).facts.get("restorable_s") for frame in frames]
    expected = [None] * done + [FIRST_S] * 300 + [FIRST_S + 300] * 300
    assert points[: len(expected)] == expected
    assert points[-1] == FIRST_S + 600
    assert shown(frames[5]).facts["backup_until_s"] == FIRST_S
    assert not backups(simulation), "it belongs to its database as long as that stands"


def test_storage_rests_as_a_backup_begins_without_a_standby() -> None:
    for multi_az, rests in ((False, True), (True, False)):
        frames = play(backed_up(KEPT | {"multi_az": multi_az}), 12)
        speeds = [f.station("db-1/io").speed for f in frames]  # type: ignore[union-attr]
        assert speeds == [1.0] + [0.001 if rests else 1.0] * 4 + [1.0] * 8


def test_backups_up_to_the_size_of_the_database_are_free() -> None:
    simulation = backed_up(KEPT)
    frame = simulation.advance(1_000)
    assert not [line for line in frame.money.lines if line.resource == "db-1-backup"]


def test_deleting_with_a_backup_keeps_the_data_and_its_price() -> None:
    """6 GB at 0.095; nothing is free any more once the database is gone."""
    simulation = backed_up(KEPT)
    simulation.advance(500)
    do(simulation, DeleteDatabase("db-1"))
    (kept,) = backups(simulation)
    assert (kept.id, kept.rate_month_micro_usd) == ("db-1-backup", 570_000)
    assert kept.facts == {"source": "db-1", "gb": 6.0, "restorable_s": FIRST_S + 300}
    assert {"database_deleted", "data_in_snapshot"} <= set(kinds(simulation))
    assert "data_lost" not in kinds(simulation)
    frame = simulation.advance(360)
    (line,) = [line for line in frame.money.lines if line.resource == "db-1-backup"]
    assert line.amount_micro_usd == 57_000


@pytest.mark.parametrize("backup_days", [0, 7])
def test_deleting_without_a_backup_loses_the_data(backup_days: int) -> None:
    simulation = Simulation(board({"backup_days": backup_days}))
    simulation.advance(100)
    do(simulation, DeleteDatabase("db-1", keep_backup=False))
    assert ("data_lost", {"id": "db-1"}) in [(n.kind, n.args) for n in simulation.frame().news]
    assert not backups(simulation)
    assert refusal_of(simulation, RestoreDatabase("db-1", "db.m5.large")) == (
        RefusalReason.NO_BACKUP
    )
    assert not simulation.advance().addresses["db"]


def test_a_dead_database_comes_back_from_its_backup_without_the_last_writes() -> None:
    """It dies at 700; the last log went at 639; the new one answers after 114 s."""
    simulation = backed_up(KEPT, incidents=DIES)
    frames = play(simulation, 639)
    logged = frames[-1].totals["write"].good + frames[-1].totals["write"].late
    frames += play(simulation, 71)[1:]
    written = frames[-1].totals["write"].good + frames[-1].totals["write"].late
    assert written - logged > 500
    assert seconds_of(frames, "database_failed") == [701]
    failed = shown(simulation.frame())
    assert (failed.state, failed.rate_month_micro_usd, failed.facts["multi_az"]) == (
        "failed", 0, False,
    )  # fmt: skip
    assert set(frames[-1].counts["read"].failed) == {"connection_refused"}
    assert do(simulation, RestoreDatabase("db-1", "db.m5.large", name="again")) == "again"
    frames = play(simulation, RESTORE_S + 1)
    assert seconds_of(frames, "database_available") == [710 + RESTORE_S + 1]
    (told,) = [n for f in frames for n in f.news if n.kind == "database_restored"]
    lost = {"id": "again", "source": "db-1", "lost_writes": written - logged}
    assert told.args == lost
    assert shown(frames[-1], "again").facts["used_gb"] == 6.0
    assert frames[-1].addresses["db"] == "db-1", "the address is the player's to point"
    assert not any(f.counts["write"].good for f in frames[2:])
    do(simulation, PointAddress(role="db", to="again"))
    after = play(simulation, 10)
    assert after[-1].counts["write"].good
    assert not after[-1].counts["write"].failed
    assert not simulation._world.data_lost_at


def test_a_deleted_database_comes_back_and_takes_its_address() -> None:
    simulation = backed_up(KEPT)
    simulation.advance(100)
    do(simulation, DeleteDatabase("db-1"))
    do(simulation, RestoreDatabase("db-1-backup", "db.t3.large", multi_az=True))
    frames = play(simulation, RESTORE_S + 2)
    assert frames[-1].addresses["db"] == "db-2"
    assert frames[-1].counts["read"].good
    assert shown(frames[-1], "db-2").facts["engine"] == "mysql"


def test_without_a_finished_backup_a_dead_database_is_lost_for_ever() -> None:
    """A backup that had only begun must not be there later, holding nothing."""
    dies = [{"kind": "master_failure", "at_s": 20, "target": "db-1"}]
    simulation = backed_up(KEPT, incidents=dies)
    frames = play(simulation, 100)
    assert ("data_lost", {"id": "db-1"}) in [(n.kind, n.args) for n in frames[21].news]
    assert not seconds_of(frames, "backup_done")
    asked = RestoreDatabase("db-1", "db.m5.large")
    assert refusal_of(simulation, asked) == RefusalReason.NO_BACKUP
    assert not simulation._world.copies


def test_giving_the_last_copy_up_loses_the_data() -> None:
    """The database is dead, and its backup is all that is left."""
    simulation = backed_up(KEPT, incidents=DIES)
    simulation.advance(710)
    assert not simulation._world.data_lost_at
    do(simulation, DeleteDatabase("db-1", keep_backup=False))
    assert ("data_lost", {"id": "db-1-backup"}) in [
        (n.kind, n.args) for n in simulation.frame().news
    ]
    assert simulation._world.homes["db"] is None


def test_no_backups_any_more_and_again() -> None:
    simulation = backed_up(KEPT)
    simulation.advance(100)
    do(simulation, ChangeDatabase("db-1", backup_days=0))
    assert "restorable_s" not in shown(simulation.frame()).facts
    assert not simulation._world.copies
    simulation.advance(500)
    do(simulation, ChangeDatabase("db-1", backup_days=1))
    frames = play(simulation, 400)
    assert seconds_of(frames, "backup_done") == [600 + FIRST_S + 1]
    assert shown(frames[-1]).facts["restorable_s"] == 600 + FIRST_S + 300


def test_a_backup_knows_nothing_of_what_is_written_elsewhere() -> None:
    """After a move of the tables, the old database's backup stays as old as it is."""
    simulation = backed_up(KEPT, duration_s=7_200)
    do(simulation, CreateDatabase("db.m5.large", backup_days=0, name="new"))
    frames = play(simulation, 350)
    do(simulation, MoveTables("new"))
    frames += play(simulation, 650)[1:]
    assert seconds_of(frames, "move_done") == [350 + 120], "6 GB at 0.05 a second"
    assert shown(frames[-1]).facts["restorable_s"] == FIRST_S + 300
    logged = frames[FIRST_S + 300].totals["write"]
    do(simulation, DeleteDatabase("new"))
    do(simulation, RestoreDatabase("db-1", "db.m5.large", name="again"))
    written = simulation.frame().totals["write"]
    (told,) = [n for f in play(simulation, 200) for n in f.news if n.kind == "database_restored"]
    assert told.args["lost_writes"] == written.good + written.late - logged.good - logged.late


@pytest.mark.parametrize("back", [False, True])
def test_of_two_backups_the_one_of_where_the_tables_lay_is_restored(back: bool) -> None:
    """Whichever was made first, and also when the other database goes before."""
    simulation = backed_up(KEPT)
    do(simulation, CreateDatabase("db.m5.large", name="new"))
    simulation.advance(200)
    do(simulation, MoveTables("new"))
    simulation.advance(200)
    if back:
        do(simulation, MoveTables("db-1"))
        simulation.advance(200)
    last, other = ("db-1", "new") if back else ("new", "db-1")
    assert simulation._world.homes["db"] == last
    do(simulation, DeleteDatabase(other))
    do(simulation, DeleteDatabase(last))
    assert simulation._world.homes["db"] == f"{last}-backup"
    assert {b.id for b in backups(simulation)} == {"db-1-backup", "new-backup"}


@pytest.mark.parametrize("gb", [20.4, 30.5])
def test_what_is_restored_has_room_for_what_it_holds(gb: float) -> None:
    simulation = backed_up(KEPT | {"gb": 40}, tables=[{"name": "orders", "gb": gb}])
    simulation.advance(200)
    do(simulation, DeleteDatabase("db-1"))
    do(simulation, RestoreDatabase("db-1", "db.m5.large", name="again"))
    frame = play(simulation, 300)[-1]
    assert float(shown(frame, "again").facts["gb"]) >= gb
    assert frame.counts["write"].good
    assert not frame.counts["write"].failed


def test_nothing_else_is_called_as_a_backup_or_a_snapshot_will_be() -> None:
    """Or the bill would mix them up, and giving one up could lose the other's data."""
    simulation = backed_up(KEPT)
    assert refusal_of(simulation, CreateBucket("db-1-backup")) == RefusalReason.NAME_TAKEN
    do(simulation, CreateBucket("new-backup"))
    do(simulation, CreateBucket("snap-1"))
    do(simulation, CreateDatabase("db.m5.large", name="new"))
    volume = do(simulation, CreateVolume())
    assert simulation.apply(CreateSnapshot(volume)) == Accepted("snap-2")
    simulation.advance(200)
    do(simulation, MoveTables("new"))
    simulation.advance(300)
    assert {b.source: b.id for b in simulation._world.all(Backup).values()} == {
        "db-1": "db-1-backup", "new": "new-backup-1",
    }  # fmt: skip


def test_where_a_zone_is_out_no_database_is_made_and_a_backup_comes_back_elsewhere() -> None:
    dark = {"kind": "zone_outage", "at_s": 100, "target": "a", "duration_s": 600}
    simulation = Simulation(board(KEPT, incidents=[dark]))
    play(simulation, 105)
    assert shown(simulation.frame()).state == "unreachable"
    asked = CreateDatabase("db.m5.large", zone="a")
    assert refusal_of(simulation, asked) == RefusalReason.ZONE_DOWN
    assert do(simulation, RestoreDatabase("db-1", "db.m5.large", name="again")) == "again"
    do(simulation, DeleteDatabase("db-1"))
    (news,) = [
        news for frame in play(simulation, RESTORE_S + 2) for news in frame.news
        if news.kind == "database_restored"
    ]  # fmt: skip
    assert news.args["id"] == "again"
    again = simulation.frame().resource("again")
    assert again is not None
    assert (again.zone, again.state) == ("b", "available")
    assert simulation.frame().addresses["db"] == "again"
