"""EBS: volumes outlive machines, fill up, burst, and come back from snapshots."""

from typing import Any

import pytest

from engine.catalog import CATALOG
from engine.frame import Frame
from engine.outcomes import Accepted, Refused
from engine.outcomes import RefusalReason as Why
from engine.services.addresses import PointAddress
from engine.services.command import Command
from engine.services.ebs import (
    AttachVolume,
    ChangeVolume,
    CreateVolume,
    DeleteVolume,
    DetachVolume,
    KeepVolume,
)
from engine.services.ec2 import LaunchInstance, StopInstance, TerminateInstance
from engine.services.snapshot import CreateSnapshot, DeleteSnapshot
from engine.services.volume import Volume
from engine.simulation import Simulation
from engine.views import VolumeView
from tests.boards import steady
from tests.laws import refusal_of

READ = {"data": "read", "table": "t", "data_ms": 1.0, "data_io": 1}
TABLE = {"name": "t", "gb": 10, "keys": 1000}


def shop(rps: float = 20, duration_s: int = 900, **changes: Any) -> Simulation:
    values: dict[str, Any] = {"request": READ, "tables": [TABLE]} | changes
    return Simulation(steady(rps=rps, duration_s=duration_s, **values))


def volume(frame: Frame, volume_id: str = "vol-1") -> VolumeView:
    found = frame.volume(volume_id)
    assert found is not None
    return found


def done(sim: Simulation, command: Command) -> str:
    outcome = sim.apply(command)
    assert isinstance(outcome, Accepted), outcome
    return outcome.resource


def until_running(sim: Simulation, instance_id: str) -> Frame:
    for _ in range(300):
        frame = sim.advance()
        found = frame.instance(instance_id)
        if found and found.state == "running":
            return frame
    raise AssertionError(f"{instance_id} never ran")


def test_a_kept_volume_outlives_its_instance_and_serves_the_next() -> None:
    sim = shop()
    done(sim, KeepVolume("vol-1"))
    done(sim, LaunchInstance("m5.large", name="spare"))
    until_running(sim, "spare")
    done(sim, TerminateInstance("web-1"))
    frame = sim.advance(5)
    assert volume(frame).attached_to is None
    assert volume(frame).roles == ("db", "files")
    assert frame.addresses["db"] is None
    assert frame.totals["page"].failed["no_target"] > 0
    done(sim, AttachVolume("vol-1", "spare"))
    frame = sim.frame()
    assert frame.addresses["db"] == "spare"
    done(sim, PointAddress("web", "spare")) if frame.addresses["web"] != "spare" else None
    before = sim.advance(10).totals["page"].failed_total
    assert sim.advance(30).totals["page"].failed_total == before
    assert not any(n.kind == "data_lost" for n in sim.frame().news)


def test_a_host_failure_takes_the_root_volume_unless_it_is_kept() -> None:
    incident = {"kind": "host_failure", "at_s": 30, "target": "web-1"}
    goals = {"error_budget": 1.0, "keep_data": True}
    lost = shop(incidents=[incident], objectives=goals)
    verdict = lost.advance(60).verdict
    assert verdict is not None
    assert verdict.cause == "data_lost"
    kept = shop(incidents=[incident], objectives=goals)
    done(kept, KeepVolume("vol-1"))
    frame = kept.advance(60)
    assert frame.verdict is None
    assert frame.instances == ()
    assert volume(frame).attached_to is None


def test_data_come_back_from_a_snapshot_slowly_at_first() -> None:
    incident = {"kind": "host_failure", "at_s": 120, "target": "web-1"}
    sim = shop(rps=5, incidents=[incident], objectives={"error_budget": 1.0, "keep_data": True})
    taken = done(sim, CreateSnapshot("vol-1"))
    frame = sim.advance(100)
    assert frame.snapshots[0].state == "completed"
    frame = sim.advance(40)
    assert frame.verdict is None
    assert any(n.kind == "data_in_snapshot" for n in sim.frame().news) or frame.second > 121
    restored = done(sim, CreateVolume(gb=20, snapshot=taken))
    done(sim, LaunchInstance("m5.large", name="next"))
    done(sim, AttachVolume(restored, "next"))
    frame = until_running(sim, "next")
    assert frame.addresses["db"] == "next"
    slow = frame.station(f"{restored}/io")
    assert slow is not None
    assert slow.speed < 0.5
    later = sim.advance(250)
    assert volume(later, restored).unloaded_gb == 0
    quick = later.station(f"{restored}/io")
    assert quick is not None
    assert quick.speed == 1.0
    assert later.counts["page"].failed_total == 0


def test_a_snapshot_bills_all_that_is_used_and_then_only_what_changed() -> None:
    write = READ | {"data": "write", "data_io": 2}
    sim = shop(rps=50, request=write, duration_s=600)
    first = done(sim, CreateSnapshot("vol-1"))
    sim.advance(100)
    answered = sim.frame().totals["page"].good
    rate = sim.frame().money.rate_month_micro_usd
    sim.advance(1)
    second = done(sim, CreateSnapshot("vol-1"))
    sim.advance(100)
    price = round(CATALOG.ebs.snapshot_usd_gb_month * 1e6)
    lines = {line.resource: line for line in sim.frame().money.lines if line.meter == "snapshot"}
    grown = sim.frame().money.rate_month_micro_usd - rate
    assert grown == pytest.approx(price * answered * 2 * 16_384 / 1e9, rel=0.1)
    assert lines[first].quantity > lines[second].quantity
    assert done(sim, DeleteSnapshot(first)) == first
    assert len(sim.frame().snapshots) == 1


def test_uploads_fill_a_volume_and_then_writes_stop() -> None:
    upload = {"data": "file_write", "data_ms": 1.0, "data_io": 2, "response_kb": 5_000.0}
    sim = shop(rps=20, request=upload, tables=[], files={"gb": 10.0}, app_ms=1.0)
    seen = []
    for _ in range(140):
        frame = sim.advance()
        seen += [n.kind for n in frame.news]
    assert "volume_full" in seen
    assert volume(frame).used_gb >= 20
    assert frame.totals["page"].failed["volume_full"] > 0
    assert frame.counts["page"].good == 0
    done(sim, ChangeVolume("vol-1", gb=100))
    frame = sim.advance(10)
    assert frame.counts["page"].good > 0


def test_an_hdd_bursts_until_its_bucket_is_empty() -> None:
    disk = {"type": "st1", "gb": 125, "root": False}
    box = {"id": "web-1", "type": "m5.large", "volume": disk}
    big = TABLE | {"gb": 100}
    sim = shop(rps=60, board={"instances": [box]}, tables=[big], duration_s=300)
    view = volume(sim.advance(5))
    assert view.iops == round(250 * 125 / 1024)
    assert view.burst_left == pytest.approx(1.0, abs=0.01)
    frame = sim.advance(60)
    io = frame.station("vol-1/io")
    cpu = frame.station("web-1/cpu")
    assert io is not None
    assert cpu is not None
    assert io.utilization == pytest.approx(1.0)
    assert cpu.utilization < 0.2
    sim._world.all(Volume)["vol-1"].bucket = 1
    sim.advance(2)
    before = sim.frame().station("vol-1/io")
    assert before is not None
    assert before.speed == pytest.approx(io.speed * 40 / 250, rel=1e-4)


def test_a_volume_changes_while_it_works_and_never_shrinks() -> None:
    sim = shop(rps=20)
    sim.advance(5)
    assert done(sim, ChangeVolume("vol-1", iops=6_000)) == "vol-1"
    io = sim.frame().station("vol-1/io")
    assert io is not None
    assert io.servers == 6
    assert volume(sim.frame()).rate_month_micro_usd == 20 * 80_000 + 3_000 * 5_000
    assert done(sim, ChangeVolume("vol-1", type="io2", iops=4_000)) == "vol-1"
    io = sim.frame().station("vol-1/io")
    assert io is not None
    assert io.servers == 2
    assert sim.advance(20).totals["page"].failed_total == 0
    refused = sim.apply(ChangeVolume("vol-1", gb=5))
    assert isinstance(refused, Refused)
    assert refused.reason == Why.BAD_NUMBER


def test_windows_costs_more_and_boots_slower() -> None:
    sim = Simulation(steady(rps=1, duration_s=900, board={}))
    done(sim, LaunchInstance("m5.large", os="windows", roles=("web",)))
    view = sim.frame().instance("web-1")
    assert view is not None
    assert view.until_s is not None
    assert view.until_s >= CATALOG.ec2.boot_windows_s[0]
    assert view.rate_month_micro_usd == (188_000 + 5_000) * 730


def test_an_unlimited_t3_goes_on_at_full_speed_and_pays_for_it() -> None:
    box = {"id": "web-1", "type": "t3.small", "unlimited": True}
    sim = Simulation(steady(rps=100, duration_s=600, app_ms=15, board={"instances": [box]}))
    frame = sim.advance(300)
    cpu = frame.station("web-1/cpu")
    assert cpu is not None
    assert cpu.speed == 1.0
    line = next(x for x in frame.money.lines if x.meter == "surplus CPU credits")
    # 100 rps of 15 ms are 1.5 vCPUs, 0.4 of them earned: 1.1 vCPU-hours an hour beyond.
    assert line.quantity == pytest.approx(1.1 * 730 / 2, rel=0.03)
    assert line.unit_price_micro_usd == 50_000


REFUSED = [
    (AttachVolume("vol-1", "web-1"), Why.WRONG_STATE),
    (AttachVolume("vol-3", "far"), Why.OTHER_ZONE),
    (AttachVolume("vol-9", "far"), Why.UNKNOWN_RESOURCE),
    (DetachVolume("vol-1"), Why.WRONG_STATE),
    (DetachVolume("vol-3"), Why.WRONG_STATE),
    (DeleteVolume("vol-1"), Why.WRONG_STATE),
    (ChangeVolume("vol-1", type="st1", gb=200), Why.NOT_BOOTABLE),
    (ChangeVolume("vol-1"), Why.NO_CHANGE),
    (ChangeVolume("vol-1", iops=99_999), Why.BAD_NUMBER),
    (CreateVolume(gb=0), Why.BAD_NUMBER),
    (CreateVolume(type="floppy"), Why.UNKNOWN_TYPE),
    (CreateVolume(snapshot="snap-9"), Why.UNKNOWN_RESOURCE),
    (KeepVolume("vol-1", keep=False), Why.NO_CHANGE),
    (CreateSnapshot("vol-9"), Why.UNKNOWN_RESOURCE),
    (DeleteSnapshot("snap-9"), Why.UNKNOWN_RESOURCE),
    (CreateVolume(type="io2", gb=16_000, iops=64_000), Why.NOT_AFFORDABLE),
]


@pytest.mark.parametrize(("command", "reason"), REFUSED)
def test_every_refusal_names_its_reason_and_changes_nothing(command: Command, reason: Why) -> None:
    boxes = [{"id": "web-1", "type": "m5.large"}, {"id": "far", "type": "m5.large", "zone": "b"}]
    sim = shop(board={"instances": boxes}, budget={"month_usd": 300.0})
    done(sim, CreateVolume(gb=10))
    sim.advance(3)
    assert refusal_of(sim, command) == reason


def test_a_root_volume_comes_out_of_a_stopped_instance() -> None:
    sim = shop()
    done(sim, StopInstance("web-1"))
    sim.advance(20)
    assert done(sim, DetachVolume("vol-1")) == "vol-1"
    frame = sim.advance(1)
    assert volume(frame).attached_to is None
    assert frame.addresses["db"] is None
    assert done(sim, AttachVolume("vol-1", "web-1")) == "vol-1"
    assert done(sim, DetachVolume("vol-1")) == "vol-1"
    assert done(sim, DeleteVolume("vol-1")) == "vol-1"
    assert sim.frame().volumes == ()


def test_a_failed_volume_loses_what_was_only_on_it() -> None:
    incident = {"kind": "volume_failure", "at_s": 30, "target": "vol-1"}
    sim = shop(incidents=[incident])
    sim.advance(35)
    totals = sim.frame().totals["page"]
    assert sim.frame().volumes == ()
    assert totals.failed_total + totals.in_flight > 0


def test_a_spike_and_an_attack_are_not_in_what_was_expected() -> None:
    spike = {"kind": "traffic_spike", "at_s": 100, "duration_s": 100, "factor": 5.0}
    attack = {"kind": "bot_attack", "at_s": 300, "duration_s": 100, "factor": 5.0, "target": "page"}
    calm, wild = shop(), shop(incidents=[spike, attack])
    assert calm.frame().goals == wild.frame().goals
    for first, last in ((100, 200), (300, 400)):
        for sim in (calm, wild):
            sim.advance(first - sim.frame().second)
        before = [s.frame().totals["page"].demanded for s in (calm, wild)]
        for sim in (calm, wild):
            sim.advance(last - first)
        after = [s.frame().totals["page"].demanded for s in (calm, wild)]
        assert (after[1] - before[1]) / (after[0] - before[0]) == pytest.approx(5, rel=0.15)


def test_a_second_is_judged_by_the_servers_that_it_had() -> None:
    disk = {"type": "st1", "gb": 400, "root": False}
    box = {"id": "web-1", "type": "m5.large", "volume": disk}
    sim = shop(rps=90, board={"instances": [box]}, tables=[TABLE | {"gb": 300}], duration_s=300)
    before = sim.advance(60).station("vol-1/io")
    assert before is not None
    assert before.utilization > 0.4
    done(sim, ChangeVolume("vol-1", type="gp3"))
    after = sim.frame().station("vol-1/io")
    assert after is not None
    assert after.servers == 3
    assert after.utilization == before.utilization


def test_large_files_are_bound_by_throughput_and_that_can_be_bought() -> None:
    photo = {"data": "file_read", "data_io": 1, "response_kb": 4_000.0, "app_ms": 1.0}
    sim = shop(rps=40, request=photo, tables=[], files={"gb": 10.0})
    slow = sim.advance(30).station("vol-1/io")
    # 40 files of 4 MB a second are 160 MB; 125 MiB/s are 131 MB.
    assert slow is not None
    assert slow.utilization == pytest.approx(1.0)
    assert slow.served * 4.0 == pytest.approx(131, rel=0.1)
    assert done(sim, ChangeVolume("vol-1", mib_s=500)) == "vol-1"
    assert volume(sim.frame()).rate_month_micro_usd == 20 * 80_000 + 375 * 40_000
    quick = sim.advance(60).station("vol-1/io")
    assert quick is not None
    assert quick.utilization == pytest.approx(160 / 524, rel=0.3)
