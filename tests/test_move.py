"""Moves of files to a bucket and of tables to a database: how long, how heavy, and how they end."""

from typing import Any

import pytest

from engine.frame import Frame
from engine.outcomes import Accepted, RefusalReason
from engine.scenario import Scenario
from engine.services.addresses import PointAddress
from engine.services.ebs import DeleteVolume, DetachVolume
from engine.services.ec2 import StartInstance, StopInstance, TerminateInstance
from engine.services.move import MoveFiles, MoveTables
from engine.services.rds import DeleteDatabase, FailOver
from engine.services.s3 import Bucket, CreateBucket, DeleteBucket
from engine.simulation import Simulation
from engine.views import MoveView
from tests.boards import steady
from tests.laws import play_on as play
from tests.laws import refusal_of
from tests.test_rds import do, seconds_of, shown

CLASS = {"deadline_ms": 5_000.0, "patience_ms": 60_000.0, "web_ms": 0.2, "retry": {"times": 0}}
ALL_IN_ONE = {"id": "web-1", "type": "m5.2xlarge", "volume": {"gb": 100}}
DATABASE = {"id": "db-1", "type": "db.m5.large", "backup_days": 0}

GB, FILES_GB_S, TABLES_GB_S = 8, 0.1, 0.05


def board(files: str = "file_read", response_kb: float = 100.0, **changes: Any) -> Scenario:
    """One machine that has everything; an empty bucket and an empty database beside it."""
    requests = [
        CLASS | {"name": "file", "share": 0.5, "data": files, "data_io": 4,
                 "response_kb": response_kb},
        CLASS | {"name": "row", "share": 0.5, "data": "write", "data_io": 2, "table": "rows"},
    ]  # fmt: skip
    given = {
        "instances": [ALL_IN_ONE],
        "databases": [DATABASE],
        "buckets": [{"id": "photos"}],
        "addresses": {"db": "web-1", "files": "web-1"},
    }
    values = {
        "duration_s": 1_200,
        "requests": requests,
        "files": {"gb": GB},
        "tables": [{"name": "rows", "gb": GB}],
        "board": given,
    }
    return steady(rps=20.0, **values | changes)  # type: ignore[arg-type]


def moves(frames: list[Frame]) -> list[MoveView]:
    return [move for frame in frames for move in frame.moves]


def io_speed(frame: Frame, volume: str = "vol-1") -> float:
    station = frame.station(f"{volume}/io")
    assert station is not None
    return station.speed


def test_files_move_in_the_time_of_their_size_and_then_answer_from_the_bucket() -> None:
    simulation = Simulation(board())
    play(simulation, 20)
    # What they will cost there, once they have arrived: 8 GB at 0.023.
    quote = simulation.quote(MoveFiles("photos"))
    assert quote.rate_after_micro_usd - quote.rate_before_micro_usd == 184_000
    assert simulation.apply(MoveFiles("photos")) == Accepted("photos")
    frames = play(simulation, 120)
    (done,) = seconds_of(frames, "move_done")
    assert done == 20 + GB / FILES_GB_S
    assert frames[done - 21].addresses["files"] == "web-1"
    assert frames[done - 20].addresses["files"] == "photos"
    assert shown(frames[-1], "photos").facts["used_gb"] == GB
    assert shown(frames[-1], "photos").rate_month_micro_usd == 184_000
    assert frames[-1].volumes[0].used_gb == GB, "the tables are still there"
    assert frames[-1].totals["file"].failed_total == 0, "a cut-over loses nothing"
    ways = {(h.source, h.target) for f in frames[done - 18 :] for h in f.hops}
    assert ways == {("", "web-1"), ("web-1", "photos")}
    (first, *_, last) = moves(frames)
    assert (first.id, first.role, first.source, first.target) == (
        "move-1", "files", "vol-1", "photos",
    )  # fmt: skip
    assert (first.copied_gb, first.until_s, first.gb) == (0.0, done, GB)
    assert last.copied_gb == pytest.approx(GB - FILES_GB_S)
    copied = [m.copied_gb for m in moves(frames)]
    assert copied == pytest.approx([k * FILES_GB_S for k in range(len(copied))])


def test_the_copy_takes_its_share_of_the_source_and_gives_it_back() -> None:
    """A quarter, and of what is left another quarter for the second move."""
    simulation = Simulation(board())
    simulation.advance(10)
    do(simulation, MoveTables("db-1"))
    assert io_speed(simulation.advance()) == 0.75
    assert simulation.apply(MoveFiles("photos")) == Accepted("photos")
    assert io_speed(simulation.advance()) == 0.5625
    frames = play(simulation, 200)
    speeds = {io_speed(frame) for frame in frames}
    assert speeds == {0.5625, 0.75, 1.0}
    assert io_speed(frames[-1]) == 1.0
    assert seconds_of(frames, "move_done") == [11 + GB / FILES_GB_S, 10 + GB / TABLES_GB_S]
    assert frames[-1].volumes[0].used_gb == 0.0
    assert frames[-1].volumes[0].roles == ()


def test_what_is_written_meanwhile_has_to_be_copied_too() -> None:
    """10 uploads of 4 MB a second: the copy gains 0.06 GB in place of 0.1."""
    simulation = Simulation(board("file_write", 4_000.0))
    play(simulation, 20)
    simulation.apply(MoveFiles("photos"))
    frames = play(simulation, 200)
    (done,) = seconds_of(frames, "move_done")
    written_gb = 0.004 * (frames[done - 20].totals["file"].good)
    took = (GB + written_gb) / FILES_GB_S
    assert done - 20 == pytest.approx(took, abs=1)
    assert took > 1.5 * GB / FILES_GB_S
    everything = GB + 0.004 * frames[-1].totals["file"].good
    assert shown(frames[-1], "photos").facts["used_gb"] == pytest.approx(everything, abs=1e-3)
    assert frames[-1].totals["file"].failed_total == 0


def test_tables_move_in_the_time_of_their_size_and_then_answer_from_the_database() -> None:
    simulation = Simulation(board())
    play(simulation, 20)
    do(simulation, MoveTables("db-1"))
    frames = play(simulation, 200)
    assert seconds_of(frames, "move_done") == [20 + GB / TABLES_GB_S]
    assert frames[-1].addresses["db"] == "db-1"
    assert shown(frames[-1], "db-1").facts["used_gb"] == GB
    assert frames[-1].totals["row"].failed_total == 0
    assert simulation._world.homes == {"db": "db-1", "files": "vol-1"}


def test_requests_at_the_source_are_finished_there() -> None:
    """With a slow disk, those that had arrived before the cut-over are answered from it."""
    slow = {"kind": "slow_disk", "at_s": 1, "target": "vol-1", "factor": 0.02,
            "duration_s": 1_000}  # fmt: skip
    simulation = Simulation(board(incidents=[slow]))
    simulation.apply(MoveFiles("photos"))
    frames = play(simulation, int(GB / FILES_GB_S) + 1)
    (done,) = seconds_of(frames, "move_done")
    before = frames[done].station("vol-1/io")
    assert before is not None
    waiting = before.waiting.get("file", 0)
    assert waiting > 20
    after = play(simulation, 60)
    emptied = after[-1].station("vol-1/io")
    assert emptied is not None
    assert "file" not in emptied.waiting
    assert not after[-1].totals["file"].failed


def test_a_move_is_given_up_when_its_bucket_goes() -> None:
    simulation = Simulation(board())
    simulation.apply(MoveFiles("photos"))
    play(simulation, 30)
    do(simulation, DeleteBucket("photos"))
    frame = play(simulation, 3)[1]
    news = [n for n in frame.news if n.kind == "move_failed"]
    assert [n.args for n in news] == [{"role": "files", "source": "vol-1", "target": "photos"}]
    assert not frame.moves
    assert io_speed(frame) == 1.0
    assert frame.addresses["files"] == "web-1"
    assert not frame.totals["file"].failed
    assert not simulation._world.data_lost_at


@pytest.mark.parametrize("command", [DeleteDatabase("db-1"), FailOver("db-1")])
def test_a_move_is_given_up_when_its_database_does_not_answer(command: Any) -> None:
    given = board().board
    values = {
        "instances": [ALL_IN_ONE],
        "databases": [DATABASE | {"multi_az": True}],
        "addresses": dict(given.addresses),
    }
    simulation = Simulation(board(board=values))
    do(simulation, MoveTables("db-1"))
    play(simulation, 30)
    do(simulation, command)
    frame = play(simulation, 3)[1]
    assert [n.kind for n in frame.news if n.by == "board"] == ["move_failed"]
    assert io_speed(frame) == 1.0
    assert not simulation._world.data_lost_at


def test_a_move_is_given_up_when_its_source_goes() -> None:
    """With its machine goes its root volume, and all that was on it."""
    simulation = Simulation(board())
    simulation.apply(MoveFiles("photos"))
    play(simulation, 30)
    do(simulation, TerminateInstance("web-1"))
    frame = play(simulation, 3)[1]
    assert "move_failed" in [n.kind for n in frame.news]
    assert simulation._world.data_lost_at == "vol-1"
    assert shown(frame, "photos").facts["used_gb"] == 0.0


def test_a_move_waits_while_nothing_can_read_its_source() -> None:
    simulation = Simulation(board())
    simulation.apply(MoveFiles("photos"))
    play(simulation, 10)
    do(simulation, StopInstance("web-1"))
    frames = play(simulation, 50)
    assert {move.copied_gb for move in moves(frames)} == {1.0}
    do(simulation, StartInstance("web-1"))
    frames = play(simulation, 130)
    (running,) = seconds_of(frames, "instance_running")
    (done,) = seconds_of(frames, "move_done")
    assert done - running == pytest.approx((GB - 1) / FILES_GB_S, abs=1)


def test_a_move_between_databases_loads_the_source() -> None:
    board_of_two = {
        "instances": [{"id": "web-1", "type": "m5.large", "roles": ["web", "app", "files"]}],
        "databases": [DATABASE, DATABASE | {"id": "db-2", "multi_az": True}],
    }
    simulation = Simulation(board(board=board_of_two))
    assert simulation.frame().addresses["db"] == "db-1"
    do(simulation, MoveTables("db-2"))
    assert io_speed(simulation.advance(), "db-1") == 0.75
    frames = play(simulation, 170)
    (done,) = seconds_of(frames, "move_done")
    assert done == GB / TABLES_GB_S
    assert io_speed(frames[-1], "db-1") == 1.0
    do(simulation, DeleteDatabase("db-1"))
    assert not play(simulation, 10)[-1].totals["row"].failed
    assert not simulation._world.data_lost_at, "nothing lay there any more"


def test_what_is_refused() -> None:
    simulation = Simulation(board())
    assert refusal_of(simulation, MoveFiles("nobody")) == RefusalReason.UNKNOWN_RESOURCE
    assert refusal_of(simulation, MoveTables("nobody")) == RefusalReason.UNKNOWN_RESOURCE
    elsewhere = PointAddress(role="files", to="photos")
    assert refusal_of(simulation, elsewhere) == RefusalReason.DATA_ELSEWHERE
    simulation.apply(MoveFiles("photos"))
    simulation.apply(CreateBucket("more"))
    assert refusal_of(simulation, MoveFiles("more")) == RefusalReason.WRONG_STATE
    simulation.advance(90)
    assert refusal_of(simulation, MoveFiles("photos")) == RefusalReason.NO_CHANGE
    assert refusal_of(simulation, MoveFiles("more")) == RefusalReason.DATA_ELSEWHERE
    large = Simulation(board(tables=[{"name": "rows", "gb": 40}]))
    assert refusal_of(large, MoveTables("db-1")) == RefusalReason.BAD_NUMBER


def test_the_old_volume_can_go_once_all_has_moved() -> None:
    simulation = Simulation(board())
    do(simulation, MoveTables("db-1"))
    simulation.apply(MoveFiles("photos"))
    play(simulation, 170)
    do(simulation, StopInstance("web-1"))
    simulation.advance(20)
    do(simulation, DetachVolume("vol-1"))
    do(simulation, DeleteVolume("vol-1"))
    assert not simulation._world.data_lost_at
    assert len(simulation._world.all(Bucket)) == 1
