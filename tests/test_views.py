"""The invoice, the inspector, the inside of machines, a request followed: what they promise."""

import re
from itertools import pairwise

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from engine.frame import Frame, News, Sample, Samples, Step
from engine.services.ebs import CreateVolume
from engine.services.ec2 import LaunchInstance
from engine.simulation import Simulation
from engine.views import SnapshotView, VolumeView
from levels.campaign import find_level
from tests.fake_run import made_up_frame, managed_frame
from tests.pictures import FACTS, disks, down, frame_of, instance, kept, ramp, station, text_of
from tui.render.facts import Facts, facts_of
from tui.render.history import History
from tui.render.inspector import Offer, inspector_text
from tui.render.invoice import InvoicePage, by_service, cents, groups
from tui.render.top import cpu_shares, draw_top, inside, load_average
from tui.render.waste import wastes
from tui.render.waterfall import (
    Followed,
    draw_request,
    find_request,
    legs_of,
    next_second,
    where_time_went,
)
from tui.theme import Look
from tui.words import LANGUAGES, Words

SIZES = [(0, 0), (1, 1), (9, 3), (21, 6), (40, 9), (64, 14), (80, 22), (120, 38), (200, 50)]


def played(seconds: int) -> tuple[Frame, History, Facts]:
    """A run of the campaign with an idle machine and a loose volume, as it was simulated."""
    scenario = find_level("slow-disk").scenario
    simulation = Simulation(scenario)
    history = History()
    simulation.apply(LaunchInstance(type="m5.large"))
    simulation.apply(CreateVolume(type="gp3", gb=40))
    for _ in range(seconds):
        history.add(simulation.advance())
    return simulation.frame(), history, facts_of(scenario)


# The invoice


def test_cents_add_up_whatever_the_amounts() -> None:
    for amounts in ([], [4_999], [5_000, 5_000, 5_000], [1, 2, 3], [123_456_789, 987_654, 4_444]):
        assert sum(cents(amounts)) == (sum(amounts) + 5_000) // 10_000
        assert all(
            abs(c * 10_000 - a) <= 10_000 for c, a in zip(cents(amounts), amounts, strict=True)
        )


@pytest.mark.parametrize("by", ["service", "resource"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_invoice_adds_up_to_what_was_spent(by: str, language: str) -> None:
    frame, history, _ = played(400)
    money = frame.money
    assert sum(g.amount_micro_usd for g in groups(frame, by=by)) == money.spent_micro_usd
    assert sum(by_service(money.lines, frame).values()) == money.spent_micro_usd
    text = InvoicePage(frame, history, Look(), Words(language), 78, by).write().plain
    bill, _, _ = text.partition("─" * 78)
    lines = [line for line in bill.splitlines() if "×" in line]
    assert len(lines) == sum(line.counted for line in money.lines)
    shown = sum(round(float(line.rsplit("$", 1)[1].replace(",", "")) * 100) for line in lines)
    assert shown == cents([money.spent_micro_usd])[0]
    heads = [line for line in bill.splitlines() if re.search(r"[■·] +\$", line)]
    assert sum(round(float(h.rsplit("$", 1)[1].replace(",", "")) * 100) for h in heads) == shown
    assert all(cell_len(line) <= 78 for line in text.splitlines())


def test_each_line_is_quantity_times_price() -> None:
    frame, _, _ = played(300)
    for line in frame.money.lines:
        exact = line.quantity * line.unit_price_micro_usd
        assert exact == pytest.approx(
            line.amount_micro_usd, abs=line.unit_price_micro_usd * 1e-5 + 2
        )


def test_what_does_nothing_is_waste() -> None:
    frame, history, _ = played(300)
    found = {waste.resource: waste for waste in wastes(frame, history)}
    assert found["vol-3"].why == "unattached"
    assert found["web-2"].why == "idle"
    assert "web-1" not in found
    assert found["web-2"].rate_month_micro_usd > frame.instances[1].rate_month_micro_usd
    page = InvoicePage(frame, history, Look(), Words("en"), 78, "resource").write().plain
    assert "◇ waste" in page
    total = sum(waste.rate_month_micro_usd for waste in found.values())
    assert f"${cents([total])[0] / 100:,.2f} a month" in page


def test_every_kind_of_waste_is_found() -> None:
    frame = managed_frame()
    _, history = kept(frame)
    found = {waste.resource: waste.why for waste in wastes(frame, history)}
    assert found == {"old-backup": "backup"}  # the bucket is idle, but the files are on their way
    left = replace(frame, moves=(), addresses=dict.fromkeys(frame.addresses, "web-1"))
    found = {waste.resource: waste.why for waste in wastes(replace(left, hops=()), history)}
    assert found == {"orders": "empty", "media": "idle", "old-backup": "backup"}
    stopped, seen = down()
    assert [(w.resource, w.why) for w in wastes(stopped, seen)] == [("vol-1", "of_stopped")]
    kept_data = VolumeView("vol-9", "st1", 500, 122, "a", 3.0, 22_500_000, roles=("db",))
    loose = replace(frame_of(5), volumes=(kept_data,))
    assert [w.why for w in wastes(loose, history)] == ["holds_data"]


def test_provisioned_iops_that_nobody_used_are_waste() -> None:
    fast = VolumeView("vol-1", "io2", 100, 8000, "a", 3.0, 600_000_000, attached_to="web-1")
    history = History()
    for second in range(200):
        frame = frame_of(second, (instance(volumes=("vol-1",)),), (fast,),
                         (station("vol-1/io", 0.05),))  # fmt: skip
        history.add(frame)
    [waste] = wastes(frame, history)
    assert waste.why == "iops"
    assert 0 < waste.rate_month_micro_usd < fast.rate_month_micro_usd
    assert wastes(frame, History()) == []


# One request


def followed(frame: Frame | None = None, **given: object) -> Followed:
    steps = (Step("web-1", 12.5, 9.5), Step("vol-1", 0.0, 1.0), Step("orders", 1900.0, 76.0))
    values = {"started_s": 299.5, "latency_ms": 2000.0, "outcome": "late", "attempt": 1}
    sample = Sample(**{**values, "steps": steps, **given})  # type: ignore[arg-type]
    frame = replace(frame or managed_frame(), samples={"page": Samples(slow=sample)})
    return Followed(frame, "page", sample)


def test_all_of_a_request_s_time_is_somewhere() -> None:
    legs = legs_of(followed())
    assert sum(leg.ms for leg in legs) == pytest.approx(2000.0)
    assert [leg.kind for leg in legs] == ["wait", "work", "work", "hop", "wait", "work"]
    assert legs[4].place == "orders/cpu"
    for before, after in pairwise(legs):
        assert after.start_ms == pytest.approx(before.start_ms + before.ms)


def test_a_database_is_left_by_its_storage() -> None:
    steps = (Step("orders", 10.0, 5.0), Step("orders", 2.0, 3.0))
    assert [leg.place for leg in legs_of(followed(steps=steps, latency_ms=20.0))] == [
        "orders/cpu", "orders/cpu", "orders/io", "orders/io",
    ]  # fmt: skip


def test_the_sentence_names_what_took_the_time() -> None:
    words = Words("en")
    assert where_time_went(followed(), words) == (
        "1.9 s of 2.0 s went by waiting in line for orders CPU."
    )
    waits = (Step("web-1", 14_900.0, 0.0, finished=False),)
    gave_up = followed(steps=waits, outcome="client_gave_up", latency_ms=15_000.0)
    assert "which never got done with it" in where_time_went(gave_up, words)
    turned = (Step("web-1", 0.0, 0.0, finished=False),)
    refused = followed(steps=turned, outcome="waiting_room_full", latency_ms=0.1)
    said = where_time_went(refused, words)
    assert said.startswith("It was turned away at once at web-1 CPU: waiting room full.")
    assert "of its 256 waiting places" in said
    assert where_time_went(followed(steps=()), words) == words.say("follow.no_steps")


def test_the_latest_in_trouble_is_followed_and_time_can_be_walked() -> None:
    history, frames = History(), {}
    for second in range(1, 60):
        frame = made_up_frame(second)
        bad = Sample(second - 0.5, 900.0, "late", 1, (Step("web-1", 890.0, 10.0),))
        if second in (20, 40):
            frame = replace(frame, samples={"page": Samples(slow=bad)})
        frames[second] = frame
        history.add(frame)
    newest = find_request("trouble", ("page",), 59, history, frames.get)
    assert newest is not None
    assert newest.frame.second == 40
    older = find_request("late", ("page",), 39, history, frames.get)
    assert older is not None
    assert older.frame.second == 20
    assert next_second("trouble", ("page",), 20, history) == 40
    assert next_second("trouble", ("page",), 40, history) is None
    assert find_request("failed", ("page",), 59, history, frames.get) is None
    slow = find_request("slow", ("page",), 59, history, frames.get)
    assert slow is not None
    assert slow.frame.second == 59


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_followed_request_draws_at_any_size(language: str) -> None:
    words = Words(language)
    waits = (Step("web-1", 14_900.0, 0.0, finished=False),)
    for one in (followed(), followed(steps=waits, outcome="client_gave_up", attempt=2), None):
        for width, height in SIZES:
            strips = draw_request(
                width, height, one, "trouble", History(), FACTS, Look(), words, held=True
            )
            assert [s.cell_length for s in strips] == [width] * height
            assert all(sum(cell_len(x.text) for x in s) == width for s in strips)
        plain = draw_request(90, 20, one, "slow", History(), FACTS, Look(ascii=True), Words("en"))
        assert all(row.isascii() for row in text_of(plain))


def test_the_waterfall_shows_the_deadline_the_waiting_and_the_others() -> None:
    frame, history = ramp()
    text = "\n".join(text_of(draw_request(
        80, 24, followed(frame), "trouble", history, FACTS, Look(), Words("en")
    )))  # fmt: skip
    for said in ("due 400 ms", "░░░", "█", "╎", "→ network", "waiting room full, web-1 CPU"):
        assert said in text


# Inside a machine


def test_the_parts_of_the_cpu_s_second_add_up() -> None:
    frame, history = ramp()
    for credits, throttled, speed in ((5.0, False, 1.0), (0.0, True, 0.4), (None, False, 0.5)):
        machine = replace(instance(credits=credits), throttled=throttled)
        cpu = replace(station("web-1/cpu", 0.8), speed=speed)
        shares = cpu_shares(frame, history, machine, cpu)
        assert shares.busy + shares.steal + shares.idle == pytest.approx(1.0)
        assert (shares.steal > 0) == (speed < 1)
        assert shares.idle == pytest.approx(0.2)


def test_a_bad_deploy_steals_nothing() -> None:
    history = History()
    news = (News("bad_deploy", "incident", {"id": "web-1", "percent": 50, "seconds": 60}),)
    frame = frame_of(9, (instance(),), news=news)
    history.add(frame)
    shares = cpu_shares(frame, history, instance(), replace(station("web-1/cpu", 1.0), speed=0.5))
    assert (shares.cause, shares.steal, shares.busy) == ("bad_deploy", 0.0, 1.0)


def test_the_load_is_the_mean_of_tasks_running_and_waiting() -> None:
    history = History()
    for second in range(120):
        history.add(frame_of(second, stations=(station("web-1/cpu", 1.0, second % 2 * 10),)))
    stations = [station("web-1/cpu", 1.0)]
    assert load_average(history, stations, 119, 60) == pytest.approx(2 + 5)
    assert load_average(History(), stations, 5, 60) is None


def test_one_connects_to_machines_and_databases_only() -> None:
    frame = managed_frame()
    wanted = {"web-1": "web-1", "vol-1": "web-1", "orders": "orders", "media": None, "front": None}
    assert {id: inside(frame, id) for id in wanted} == wanted
    assert inside(frame, None) is inside(frame, "gone") is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_inside_draws_at_any_size(language: str) -> None:
    words, facts = Words(language), replace_facts()
    for seen in (ramp(200), disks(), down(), kept(managed_frame())):
        for resource in ("web-1", "orders", "gone"):
            for width, height in SIZES:
                strips = draw_top(width, height, *seen, facts, resource, Look(), words)
                assert [s.cell_length for s in strips] == [width] * height
    plain = text_of(draw_top(100, 30, *ramp(700), facts, "web-1", Look(ascii=True), Words("en")))
    assert all(row.isascii() for row in plain)


def replace_facts() -> Facts:
    return Facts("made-up", 600, {"page": 400.0}, tables_gb=12.0)


def test_the_inside_tells_only_what_the_frame_knows() -> None:
    words, look = Words("en"), Look()
    seen = ramp(740)
    text = "\n".join(text_of(draw_top(90, 30, *seen, replace_facts(), "web-1", look, words)))
    for said in ("load average", "for 12 GB of tables", "R  running", "vol-1", "/3,000"):
        assert said in text
    unknown = "\n".join(text_of(draw_top(90, 30, *seen, FACTS, "web-1", look, words)))
    assert "tables" not in unknown
    sessions = draw_top(90, 30, *kept(managed_frame()), FACTS, "orders", look, words)
    text = "\n".join(text_of(sessions))
    for said in ("SHOW PROCESSLIST", "61 of 300 open", "order", "120 ms", "12.0 of 576"):
        assert said in text
    stopped = "\n".join(text_of(draw_top(90, 30, *down(), FACTS, "web-1", look, words)))
    assert "does not answer: stopped" in stopped


# The inspector


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_on_a_board_can_be_inspected(language: str) -> None:
    words = Words(language)
    for frame, history in (ramp(300), disks(), kept(managed_frame())):
        ids = [i.id for i in frame.instances] + [v.id for v in frame.volumes]
        ids += [s.id for s in frame.snapshots] + [r.id for r in frame.resources]
        for id in ids:
            text = inspector_text(frame, history, id, (), Look(), words, 60)
            assert "{" not in text.plain
            assert len(text.plain) > 40


def test_a_later_service_is_shown_by_its_facts() -> None:
    frame, history = kept(managed_frame())
    text = inspector_text(frame, history, "front", (), Look(), Words("en"), 60).plain
    for said in ("ELB", "application", "in front of", "web-1", "healthy", "sticky", "no",
                 "50 from users", "50 on to web-1", "$16.00 a month"):  # fmt: skip
        assert said in text


def test_the_inspector_shows_moves_offers_waste_and_news() -> None:
    frame, history = kept(managed_frame())
    offers = [Offer("1", "Stop"), Offer("2", "Resize", "✕ it must be stopped")]
    words = Words("en")
    text = inspector_text(frame, history, "media", offers, Look(), words, 70).plain
    assert "from vol-1 to media: 25%, cut-over at about 15:00" in " ".join(text.split())
    assert " 2  Resize  ✕ it must be stopped" in text
    backup = inspector_text(frame, history, "old-backup", (), Look(), words, 70).plain
    assert "◇ waste: a kept backup of 40.0 GB" in backup
    assert "2:00" in backup
    troubled, seen = ramp()
    news = inspector_text(troubled, seen, "web-1", (), Look(), words, 70).plain
    assert "web-1 CPU has no headroom, 31 waiting" in news
    nobody = inspector_text(troubled, seen, None, (), Look(), words, 70).plain
    assert nobody == words.say("inspect.none")


def test_a_snapshot_and_a_stopped_instance_have_pages() -> None:
    frame, history = kept(replace(managed_frame(), snapshots=(
        SnapshotView("snap-1", "vol-1", 3.0, "pending", 400.0, ("db",)),
    )))  # fmt: skip
    text = inspector_text(frame, history, "snap-1", (), Look(), Words("en"), 60).plain
    assert "still being taken until 6:40" in text
