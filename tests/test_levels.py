"""Every level of the campaign teaches what it says, in both languages; wrong files are refused."""

import math
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.catalog import CATALOG
from engine.complaint import Complaint
from engine.flow.demand import rate_curves
from engine.scenario import Constant, Daily, Ramp, Spike, is_offered
from engine.services.autoscaling import CreateGroup, ScheduleGroup
from engine.services.dynamodb import CreateTable
from engine.services.volume import default_iops, io_works
from engine.simulation import Simulation
from levels.campaign import FOLDER, campaign, find_level
from levels.level import LANGUAGES, Level, Proof, parse_text, read_level
from levels.plan import read_plan
from levels.proof import NO_MACHINE, generic_boards, prove, read_proof_plan
from tui.headless import final_result, play_out

SLUGS = [level.slug for level in campaign()]


def test_the_campaign_is_in_the_order_of_its_folders() -> None:
    names = [folder.name for folder in sorted(FOLDER.iterdir()) if folder.is_dir()]
    assert [f"{place:02d}-{slug}" for place, slug in enumerate(SLUGS, 1)] == names


@pytest.mark.parametrize("slug", SLUGS)
def test_a_level_is_written_in_every_language(slug: str) -> None:
    level = find_level(slug)
    assert set(level.text) == set(LANGUAGES)
    assert {len(text.hints) for text in level.text.values()} == {3}


@pytest.mark.parametrize("slug", SLUGS)
def test_a_level_has_every_proof(slug: str) -> None:
    level = find_level(slug)
    plans = {proof.plan: proof.expect for proof in level.proofs}
    wanted = {"reference": "win", "empty": "lose", "generic": "lose", "without-lesson": "lose"}
    if level.follows:
        wanted["previous"] = "lose"
    assert wanted.items() <= plans.items()


def only(level: Level, keep: Callable[[Proof], bool]) -> Level:
    """The level with some of its proofs."""
    return replace(level, proofs=tuple(proof for proof in level.proofs if keep(proof)))


@pytest.mark.parametrize("slug", SLUGS)
def test_the_reference_wins_and_doing_nothing_loses(slug: str) -> None:
    level = only(find_level(slug), lambda proof: proof.plan in ("reference", "empty"))
    rows = list(prove(level))
    assert [row for row in rows if row.problem] == []
    assert {row.plan: row.won for row in rows} == {"reference": True, "empty": False}


thorough = pytest.mark.skipif(
    "HEADROOM_THOROUGH" not in os.environ,
    reason="HEADROOM_THOROUGH=1 plays every proof of every level, a quarter of an hour",
)


@thorough
@pytest.mark.parametrize("slug", SLUGS)
def test_the_proofs_hold(slug: str) -> None:
    rows = list(prove(find_level(slug)))
    assert [row for row in rows if row.problem] == []
    assert any(row.plan == "reference" for row in rows)
    assert max(row.stars for row in rows) == 2


@thorough
@pytest.mark.parametrize("slug", SLUGS)
def test_a_winning_plan_earns_the_third_star(slug: str) -> None:
    level = find_level(slug)
    best = 0
    for proof in level.proofs:
        if proof.expect == "win" and best < 3:
            simulation = Simulation(level.scenario, folder=level.folder)
            commands = play_out(simulation, read_proof_plan(level, proof), []).commands
            best = max(best, final_result(simulation, commands, level.folder).stars)
    assert best == 3


@thorough
@pytest.mark.parametrize("slug", SLUGS)
def test_the_proofs_of_winning_hold_on_unseen_seeds(slug: str) -> None:
    level = only(find_level(slug), lambda proof: proof.expect == "win")
    assert [row for row in prove(level, [1_001, 2_002]) if row.problem] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_the_opening_leaves_time_to_act(slug: str) -> None:
    level = find_level(slug)
    assert 1_800 <= level.scenario.duration_s <= 4_800
    if not level.scenario.board.instances:
        assert min(part.start_s for part in level.scenario.traffic) >= 28 + 60


def test_a_level_without_a_machine_has_no_generic_boards() -> None:
    level = find_level("first-server")
    assert list(generic_boards(level.scenario)) == []
    (row,) = prove(only(level, lambda proof: proof.plan == "generic"))
    assert (row.cause, row.problem) == (NO_MACHINE, "")


def test_generic_boards_offer_every_size_for_every_machine() -> None:
    scenario = find_level("scale-up").scenario
    boards = list(generic_boards(scenario))
    assert len(boards) == len([a for a in scenario.allowed or () if a.startswith("ec2:")])
    assert {board.board.instances[0].type for _, board in boards} == {
        pattern.removeprefix("ec2:") for pattern in scenario.allowed or () if "ec2:" in pattern
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", SLUGS)
def test_figures_in_the_words_are_those_of_the_level(slug: str, language: str) -> None:
    level = find_level(slug)
    text = (level.folder / f"text.{language}.md").read_text(encoding="utf-8").replace("*", "")
    scenario = level.scenario
    goals, traffic = scenario.objectives, scenario.traffic
    ramps = [part for part in traffic if isinstance(part, Ramp)]
    steady = [part for part in traffic if isinstance(part, Constant)]
    waves = [part for part in traffic if isinstance(part, Daily)]
    rates = {p.from_rps for p in ramps} | {p.to_rps for p in ramps} | {p.rps for p in steady}
    rates |= {p.low_rps for p in waves} | {p.high_rps for p in waves} | crowds(level)
    winning = [proof.plan for proof in level.proofs if proof.expect == "win"]
    times: list[int | None] = [p.start_s for p in traffic]
    times += [p.end_s for p in ramps] + [p.end_s for p in steady]
    steps = [step for plan in winning for step in read_plan(level.plan_path(plan)).steps]
    times += [step.at_s for step in steps]
    times += [s.command.from_s for s in steps if isinstance(s.command, ScheduleGroup)]
    for crowd in (part for part in traffic if isinstance(part, Spike)):
        full_s = crowd.start_s + crowd.rise_s
        times += [full_s, full_s + crowd.hold_s, full_s + crowd.hold_s + crowd.fall_s]

    dollars = {float(n) for n in re.findall(r"\$(\d+)", text)}
    assert dollars <= {scenario.budget.month_usd, goals.two_stars_month_usd, *ssd_costs(level)}
    assert scenario.budget.month_usd in dollars
    told = re.findall(r"\b(?:(\d):)?(\d\d):(\d\d)", text)
    clocks = {int(h or 0) * 3_600 + int(m) * 60 + int(s) for h, m, s in told}
    assert clocks <= set(times)
    named = re.findall(r"(\d+) requests a second|초당 (\d+)", text)
    assert {float(a or b) for a, b in named} <= rates
    percents = {int(n) / 100 for n in re.findall(r"(\d+)%", text)}
    assert goals.error_budget in percents
    iops = {int(n) for n in re.findall(r"\b(\d+) IOPS", text)}
    assert iops <= board_iops(level) | {CATALOG.volume_types["gp3"].included_iops}
    gb = {float(n) for n in re.findall(r"\b(\d+) GB", text)}
    tables = [table.gb for table in scenario.tables]
    assert gb <= {scenario.files.gb, sum(tables), *tables, *board_gb(level)}


def crowds(level: Level) -> set[float]:
    """Requests a second: at the top of the day, in every spike, and what a balancer begins with."""
    left, _ = rate_curves(level.scenario, level.folder)
    total = left.sum(axis=0)
    spikes = [i for i in level.scenario.incidents if i.kind == "traffic_spike"]
    found = [total.max(), *(total[i.at_s] * i.factor for i in spikes), CATALOG.elb.nodes_per_s]
    return {float(round(rps)) for rps in found}


def board_gb(level: Level) -> set[float]:
    """Sizes of the opening board's volumes, and what is free on one that holds everything."""
    scenario = level.scenario
    used = scenario.files.gb + sum(table.gb for table in scenario.tables)
    sizes = {float(i.volume.gb) for i in scenario.board.instances}
    return sizes | {size - used for size in sizes}


def ssd_costs(level: Level) -> set[float]:
    """What an SSD in place of the board's volumes would cost more for a month."""
    ssd = CATALOG.volume_types["gp3"].usd_gb_month
    volumes = [i.volume for i in level.scenario.board.instances]
    return {round((ssd - CATALOG.volume_types[v.type].usd_gb_month) * v.gb, 2) for v in volumes}


def board_iops(level: Level) -> set[int]:
    """IOPS of the opening board's volumes, and the most that their types can have."""
    volumes = [i.volume for i in level.scenario.board.instances]
    kinds = [CATALOG.volume_types[v.type] for v in volumes]
    most = {kind.max_iops for kind in kinds}
    return most | {default_iops(k, v.gb) for k, v in zip(kinds, volumes, strict=True)}


def test_no_memory_on_offer_holds_the_archive() -> None:
    scenario = find_level("slow-disk").scenario
    offered = [k.gib for n, k in CATALOG.instance_types.items() if is_offered(scenario, f"ec2:{n}")]
    assert CATALOG.ec2.cache_share * max(offered) < sum(table.gb for table in scenario.tables) / 10


@pytest.mark.parametrize(
    "slug",
    [
        *("keep-the-data", "split-database", "second-server", "flash-crowd", "zone-down"),
        "shard-by-function",
    ],
)
def test_the_minute_of_the_failure_is_not_told(slug: str) -> None:
    level = find_level(slug)
    (at_s,) = {incident.at_s for incident in level.scenario.incidents}
    for text in level.text.values():
        assert f"{at_s // 60:02d}:{at_s % 60:02d}" not in text.briefing + "".join(text.hints)


@pytest.mark.parametrize(
    "slug",
    [
        *("split-files", "split-database", "second-server", "auto-scaling", "zone-down"),
        *("read-replicas", "shard-by-function", "nosql", "world-cup"),
    ],
)
@pytest.mark.parametrize("seed", [None, 1_001])
def test_signs_are_seen_a_minute_and_a_half_before_anything_fails(
    slug: str, seed: int | None
) -> None:
    level = find_level(slug)
    simulation = Simulation(level.scenario, seed, folder=level.folder)
    seen_s, busy = None, [0.0] * 5
    while not any(count.failed_total for count in simulation.frame().totals.values()):
        frame = simulation.advance()
        busy = [*busy[1:], max(station.utilization for station in frame.stations)]
        if seen_s is None and sum(busy) / len(busy) >= 0.7:
            seen_s = frame.second
    assert seen_s is not None
    assert simulation.frame().second - seen_s >= 90


def test_the_copying_and_the_prices_in_the_words_are_those_of_the_catalog() -> None:
    scenario = find_level("split-files").scenario
    shares = {request.name: request.share for request in scenario.requests}
    assert 1 / 13 < float(str(shares["photo"])) < 1 / 12
    assert float(str(shares["upload"])) == pytest.approx(1 / 140, rel=0.03)
    photo = next(request for request in scenario.requests if request.name == "photo")
    disk = CATALOG.volume_types["gp3"]
    assert round(io_works(photo, disk.included_iops, disk.included_mib_s)) == 275
    s3, rds = CATALOG.s3, CATALOG.rds
    assert (1 / s3.copy_gb_s, s3.copy_share, 1 / rds.copy_gb_s) == (10, 0.25, 20)
    assert s3.put_usd_1000 / s3.get_usd_1000 == pytest.approx(12.5)
    assert (s3.reads_s, s3.writes_s, s3.first_byte_ms) == (5_500, 3_500, (100.0, 200.0))
    assert sum(rds.create_s) / 2 == 120
    assert (rds.failover_s[1], rds.log_s) == (120, 300)
    engines = CATALOG.rds_engines
    assert engines["sqlserver-se"].factor / engines["mysql"].factor == pytest.approx(3.5, rel=0.03)
    box = CATALOG.instance_types["m5.xlarge"]
    assert 1.9 < box.hour_micro_usd("windows") / box.hour_micro_usd("linux") < 2


def test_what_the_words_say_of_groups_is_as_in_the_catalog() -> None:
    rules, watch, front, boots = (
        *(CATALOG.autoscaling, CATALOG.cloudwatch, CATALOG.elb),
        CATALOG.ec2.boot_linux_s,
    )
    assert (rules.out_points, rules.in_points) == (3, 15)
    assert (watch.detailed_s, watch.basic_s, round(watch.detailed_usd_month)) == (60, 300, 2)
    soonest = rules.out_points * watch.detailed_s + boots[0]
    latest = (rules.out_points + 1) * watch.detailed_s + boots[1] + front.interval_s
    assert 3 * 60 < soonest < 4 * 60 < latest < 5.5 * 60
    assert (front.interval_s, front.nodes_scale_s) == (30, 60)
    assert 2 * CATALOG.ec2.install_role_s == 30
    for slug, each in (("auto-scaling", 51), ("flash-crowd", 101)):
        level = find_level(slug)
        works = [float(str(r.share)) * (r.web_ms + r.app_ms) for r in level.scenario.requests]
        (box,) = (CATALOG.instance_types[i.type] for i in level.scenario.board.instances)
        assert round(1_000 * box.vcpus / sum(works)) == each


def test_the_machines_and_minutes_in_the_words_of_zone_down_are_those_of_the_level() -> None:
    level = find_level("zone-down")
    scenario = level.scenario
    cpu_s = sum(float(str(r.share)) * (r.web_ms + r.app_ms) for r in scenario.requests) / 1_000
    peak = max(part.to_rps for part in scenario.traffic if isinstance(part, Ramp))
    opening = sum(CATALOG.instance_types[i.type].vcpus for i in scenario.board.instances)
    assert (opening, math.ceil(peak * cpu_s)) == (4, 7)
    expected = rate_curves(level.scenario, level.folder)[0][:, : scenario.duration_s].sum()
    assert 55 <= scenario.objectives.error_budget * expected / peak <= 70
    ec2, rds = CATALOG.ec2, CATALOG.rds
    assert ec2.boot_linux_s[1] + 2 * ec2.install_role_s == pytest.approx(60, abs=5)
    assert rds.failover_s == (60, 120)
    gb = sum(table.gb for table in scenario.tables)
    assert (rds.restore_s + rds.restore_s_gb * gb) / 60 == pytest.approx(8, abs=0.3)
    fleets = {}
    for name in ("reference", "thrifty"):
        (group,) = (
            step.command
            for step in read_plan(level.plan_path(name)).steps
            if isinstance(step.command, CreateGroup)
        )
        each = CATALOG.instance_types[group.type].vcpus
        zones = len(group.zones)
        fleets[name] = group.desired * each
        left = fleets[name] * (zones - 1) // zones
        assert peak * cpu_s < left
    assert fleets == {"reference": 16, "thrifty": 12}


def test_what_the_words_say_of_replicas_is_so() -> None:
    level = find_level("read-replicas")
    scenario = level.scenario
    own = next(r for r in scenario.requests if r.name == "my-order")
    long = next(r for r in scenario.requests if r.name == "stock")
    assert (own.max_lag_s, long.data_ms) == (0.1, 400)
    rates = rate_curves(scenario, level.folder)[0]
    work_s = np.array([r.data_ms / 1_000 for r in scenario.requests])[:, None]
    vcpus = rates * work_s
    writes = vcpus[[r.data == "write" for r in scenario.requests]].sum(axis=0)
    offered = {n: k.vcpus for n, k in CATALOG.rds_types.items() if is_offered(scenario, f"rds:{n}")}
    assert offered == {"db.m5.large": 2, "db.m5.xlarge": 4}
    assert 5 < vcpus.sum(axis=0).max() < 6
    assert 1 < writes.max() < 1.2
    rds, gb = CATALOG.rds, sum(table.gb for table in scenario.tables)
    assert 2 <= (sum(rds.create_s) / 2 + rds.restore_s_gb * gb) / 60 <= 3
    assert 2 <= sum(rds.modify_s) / 2 / 60 <= 3
    assert CATALOG.rds_engines["mysql"].max_replicas == 15


def test_what_the_words_say_of_shards_is_so() -> None:
    level = find_level("shard-by-function")
    scenario = level.scenario
    shares = {r.name: float(str(r.share)) for r in scenario.requests}
    works = {r.table: float(str(r.share)) * r.data_ms for r in scenario.requests}
    peak = max(part.to_rps for part in scenario.traffic if isinstance(part, Ramp))
    (master,) = (CATALOG.rds_types[d.type] for d in scenario.board.databases)
    assert 1 / shares["rank"] == pytest.approx(6, abs=0.3)
    assert round(peak * sum(works.values()) / 1_000, 1) == 5.0
    assert (master.vcpus, CATALOG.rds_types["db.m5.2xlarge"].vcpus) == (4, 8)
    assert CATALOG.rds_types["db.m5.2xlarge"].usd_hour == 2 * master.usd_hour
    rds, gb = CATALOG.rds, {t.name: t.gb for t in scenario.tables}
    assert (1 / rds.copy_gb_s, rds.copy_share) == (20, 0.25)
    assert (gb["messages"] / rds.copy_gb_s, gb["games"] / rds.copy_gb_s) == (120, 600)
    copied_s = gb["messages"] / rds.copy_gb_s
    assert rds.create_s[0] + copied_s < 4.5 * 60
    assert rds.create_s[1] + copied_s <= 5 * 60


def test_what_the_words_say_of_units_is_so() -> None:
    level = find_level("nosql")
    scenario, dynamo = level.scenario, CATALOG.dynamodb
    curves = rate_curves(scenario, level.folder)[0]
    rates = {r.name: curve for r, curve in zip(scenario.requests, curves, strict=True)}
    works_ms = {r.name: r.data_ms for r in scenario.requests}
    assert works_ms["click"] / works_ms["look"] == 6
    clicks = rates["click"][: scenario.duration_s]
    assert 1 / 7 < clicks.mean() / clicks.max() < 1 / 6
    vcpus = sum(rates[name].max() * ms / 1_000 for name, ms in works_ms.items())
    assert 7 < clicks.max() * works_ms["click"] / 1_000 < 8 < vcpus < 16
    items = {t.name: (t.item_kb, t.gb) for t in scenario.tables}
    assert (items["lots"][0], math.ceil(items["clicks"][0])) == (20, dynamo.writes.item_kb)
    assert items["clicks"][1] / dynamo.copy_gb_s == 60
    month_s = CATALOG.month_hours * 3_600
    used_always = dynamo.writes.hour_usd / 3_600
    by_request = dynamo.writes.million_usd / 1e6
    assert 3 < by_request / used_always < 4
    assert round(100 * used_always / by_request) == 29
    assert month_s * used_always * clicks.max() > month_s * by_request * clicks.mean()
    assert (dynamo.writes.partition_s, dynamo.reads.partition_s) == (1_000, 3_000)
    assert (dynamo.writes.new_s, dynamo.growth, dynamo.growth_s) == (4_000, 2, 1_800)
    assert (dynamo.burst_s, dynamo.auto_out) == (300, 2)
    (bought,) = (
        step.command.wcu
        for step in read_plan(level.plan_path("thrifty")).steps
        if isinstance(step.command, CreateTable)
    )
    assert bought == 230 < clicks.max() / 2


def test_the_final_in_the_words_is_that_of_the_level() -> None:
    level = find_level("world-cup")
    scenario = level.scenario
    shares = [float(str(r.share)) for r in scenario.requests]
    works_s = [(r.web_ms + r.app_ms + r.data_ms) / 1_000 for r in scenario.requests]
    (box,) = (CATALOG.instance_types[i.type] for i in scenario.board.instances)
    hundred = 100 * sum(s * w for s, w in zip(shares, works_s, strict=True))
    assert 1.9 < hundred < box.vcpus == 2
    asks = [s for s, r in zip(shares, scenario.requests, strict=True) if r.table]
    assert sum(asks) == pytest.approx(0.5)
    tops = [part for part in scenario.traffic if isinstance(part, Spike)]
    base = max(part.to_rps for part in scenario.traffic if isinstance(part, Ramp))
    assert [base + top.rps for top in tops[:2]] == [380, 600]
    assert base + tops[1].rps + tops[2].rps == 700 == 7 * base
    kinds = {incident.kind: incident for incident in scenario.incidents}
    assert set(kinds) == {"noisy_neighbour", "host_failure", "zone_outage"}
    for text in level.text.values():
        for incident in kinds.values():
            told = f"{incident.at_s // 60:02d}:{incident.at_s % 60:02d}"
            assert told not in text.briefing + "".join(text.hints)


def test_no_machine_on_offer_has_the_cpu_of_the_evening() -> None:
    scenario = find_level("second-server").scenario
    cpu_ms = sum(float(str(r.share)) * (r.web_ms + r.app_ms) for r in scenario.requests)
    most = max(part.to_rps for part in scenario.traffic if isinstance(part, Ramp))
    offered = [
        k.vcpus for n, k in CATALOG.instance_types.items() if is_offered(scenario, f"ec2:{n}")
    ]
    assert (max(offered), int(cpu_ms / 1_000 * most)) == (4, 5)
    elb = CATALOG.elb
    assert (elb.interval_s, elb.unhealthy_checks, elb.healthy_checks) == (30, 2, 5)
    assert elb.make_s[1] == 60


def test_what_the_doors_cost_in_the_words_is_what_they_cost() -> None:
    scenario = find_level("open-doors").scenario
    tls_ms = CATALOG.transfer.tls_handshake_ms
    assert {r.https for r in scenario.requests} == {1.0}
    assert {r.web_ms + r.app_ms + tls_ms for r in scenario.requests} == {9 * tls_ms}
    assert tls_ms == 1.5
    server = CATALOG.instance_types["m5.large"].hour_micro_usd("linux")
    assert CATALOG.cache_types["cache.t3.micro"].hour_micro_usd < server / 5


HINTS = "## Hint\nh\n\n## Hint\ni\n\n## Hint\nj\n\n"
GOOD_TEXT = f"# T\ns\n\n## Briefing\nb\n\n{HINTS}## Lesson\nl\n\n## Won\nw\n\n## Lost\no\n"

BAD_TEXTS = {
    "empty": ("", "begins otherwise"),
    "no title": (GOOD_TEXT[2:], "begins otherwise"),
    "no summary": (GOOD_TEXT.replace("s\n", "", 1), "begins otherwise"),
    "long summary": (GOOD_TEXT.replace("s\n", "s\nt\n", 1), "begins otherwise"),
    "no lesson": (GOOD_TEXT.replace("## Lesson\nl", ""), "no section '## Lesson'"),
    "empty section": (GOOD_TEXT.replace("## Won\nw", "## Won\n"), "section 'Won' is empty"),
    "two hints": (GOOD_TEXT.replace("## Hint\ni\n\n", ""), "has 2 sections '## Hint'"),
    "four hints": (GOOD_TEXT + "## Hint\nk\n", "has 4 sections '## Hint'"),
    "twice": (GOOD_TEXT + "## Won\nw\n", "unknown or there twice"),
    "unknown": (GOOD_TEXT + "## Extra\ne\n", "unknown or there twice"),
    "return": (GOOD_TEXT.replace("b\n", "b\rc\n"), "line 5: control characters"),
    "escape": (GOOD_TEXT.replace("b\n", "\x1b[2J\n"), "line 5: control characters"),
}


@pytest.mark.parametrize("good", [GOOD_TEXT, GOOD_TEXT.replace("\n", "\r\n")])
def test_a_good_text_is_read(good: str) -> None:
    text = parse_text(good, "t")
    assert (text.title, text.summary, text.briefing, text.hints) == (
        *("T", "s", "b"),
        ("h", "i", "j"),
    )
    assert (text.lesson, text.won, text.lost) == ("l", "w", "o")


@pytest.mark.parametrize("name", BAD_TEXTS)
def test_bad_texts_are_refused(name: str) -> None:
    text, said = BAD_TEXTS[name]
    with pytest.raises(Complaint, match=re.escape(said)):
        parse_text(text, "text.en.md")


def copy_of(slug: str, to: Path) -> Path:
    shutil.copytree(find_level(slug).folder, to)
    return to / "level.toml"


CHANGES = {
    "no file": ("file:", "no such file"),
    "not toml": ("slug =", "is not TOML"),
    "unknown key": ('colour = "red"\nslug = "x"', "colour"),
    "wrong type": ('slug = "x"\nduration_s = "long"', "duration_s"),
    "negative": ('slug = "x"\nduration_s = -5', "duration_s"),
    "nan": ('slug = "x"\nduration_s = nan', "not a number"),
    "missing": ('slug = "x"', "missing"),
    "escape": ('slug = "x"\nteaches = ["\\u001b[2J\\n"]', "control characters"),
    "no money": ('slug = "x"\nduration_s = 60\n[budget]\nmonth_usd = 1e-300', "month_usd"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_bad_levels_are_refused_in_one_line(tmp_path: Path, name: str) -> None:
    text, said = CHANGES[name]
    path = tmp_path / "level.toml"
    if text != "file:":
        path.write_text(f'chapter = "c"\n{text}\n')
    with pytest.raises(Complaint, match=said) as complaint:
        read_level(path)
    assert str(path) in str(complaint.value)
    assert str(complaint.value).isprintable()


def test_a_proof_must_have_its_plan(tmp_path: Path) -> None:
    path = copy_of("scale-up", tmp_path / "mine")
    (path.parent / "plans" / "reference.toml").unlink()
    with pytest.raises(Complaint, match=r"proofs\[0\].plan: no file 'plans/reference.toml'"):
        read_level(path)


def test_a_plan_cannot_lie_outside_the_folder(tmp_path: Path) -> None:
    path = copy_of("scale-up", tmp_path / "mine")
    path.write_text(path.read_text().replace('plan = "reference"', 'plan = "../reference"'))
    with pytest.raises(Complaint, match="proofs"):
        read_level(path)


def test_levels_are_found_by_name_by_file_and_by_folder(tmp_path: Path) -> None:
    path = copy_of("scale-up", tmp_path / "mine")
    found = [find_level(name) for name in ("scale-up", str(path), str(path.parent))]
    assert [level.slug for level in found] == ["scale-up"] * 3
    with pytest.raises(Complaint, match=f"no such level; expected one of {', '.join(SLUGS)}"):
        find_level("scale-down")


def test_another_language_falls_back() -> None:
    level = find_level("scale-up")
    assert level.words("fr") == level.text["en"]


@settings(
    max_examples=120, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(
    line=st.integers(0, 200),
    new=st.sampled_from(["", "x = 1", "= ", "[[", "[a]", '"', "id = 7", "a.b.c = 1", "\x00"])
    | st.text(max_size=8),
    number=st.sampled_from(["-1", "0", "nan", "1e308", "99999999999999999999", '""', "[]", "{}"]),
)
def test_mutated_levels_load_or_are_refused(
    tmp_path: Path, line: int, new: str, number: str
) -> None:
    path = tmp_path / "mine" / "level.toml"
    if not path.exists():
        copy_of("scale-up", path.parent)
    lines = (find_level("scale-up").folder / "level.toml").read_text().splitlines()
    line %= len(lines)
    key, equals, _ = lines[line].partition(" = ")
    lines[line] = f"{key} = {number}" if equals and not new else new
    path.write_text("\n".join(lines), encoding="utf-8")
    said = complaint_of(path)
    assert said is None or (said.isprintable() and len(said) <= 400)


def complaint_of(path: Path) -> str | None:
    try:
        level = read_level(path)
        for proof in level.proofs:
            read_proof_plan(level, proof)
    except Complaint as complaint:
        return str(complaint)
    return None


@pytest.mark.parametrize(
    "path", sorted(FOLDER.parent.rglob("text.ko.md")), ids=lambda p: p.parent.name
)
def test_bold_ends_before_a_korean_particle(path: Path) -> None:
    # In Markdown ** between a bracket and a letter does not end bold: both stars would be shown.
    ends = re.findall(r"\*\*[^*\n]+[^\w\s*]\*\*[가-힣]", path.read_text(encoding="utf-8"))
    assert ends == []
