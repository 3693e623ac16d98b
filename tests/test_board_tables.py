"""Replicas, shards, tables that went their own way, session stores: on the board, beside it."""

from functools import cache
from typing import Any

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from engine.frame import Blame, Frame, MeterLine, News
from engine.scenario import read_scenario
from engine.services.registry import read_command
from engine.simulation import Simulation
from engine.views import ResourceView
from tests.pictures import FACTS, text_of
from tui.render.board.draw import draw_board
from tui.render.board.picture import Picture
from tui.render.board.scene import Scene, scene_of
from tui.render.board.things import Managed
from tui.render.board.view import Level, View
from tui.render.charts import make_chart
from tui.render.history import History
from tui.render.inspector import inspector_text
from tui.render.invoice import InvoicePage
from tui.render.resource_charts import charts_of
from tui.render.sentences import news_words
from tui.render.top import draw_top
from tui.render.waste import wastes
from tui.theme import Look, State
from tui.words import LANGUAGES, Words

Seen = tuple[Frame, History]

PAGE = {"deadline_ms": 1_000.0, "web_ms": 1.0, "app_ms": 3.0, "data_ms": 3.0}


@cache
def ran(*, reads: str = "replicas", orders: str = "", sessions: bool = True) -> Seen:
    """Two servers, a master with two replicas, a session store; `orders` are ``shards``, one
    ``database`` of their own or one with the others."""
    names = {"shards": ["shard-1", "shard-2", "shard-3"], "database": ["db-2"]}.get(orders, [])
    machines = [
        {"id": f"web-{n}", "type": "m5.large", "zone": zone, "roles": ["web", "app"]}
        for n, zone in enumerate("ab", 1)
    ]
    copies = [
        {"id": f"copy-{n}", "type": "db.m5.large", "zone": zone, "source": "db-1"}
        for n, zone in enumerate("ab", 1)
    ]
    asks: list[dict[str, Any]] = [
        PAGE | {"name": "browse", "share": 0.6, "data": "read", "table": "catalog"},
        PAGE | {"name": "basket", "share": 0.1, "data": "read", "table": "orders",
                "max_lag_s": 2.0, "session": sessions},
        PAGE | {"name": "order", "share": 0.3, "data": "write", "table": "orders"},
    ]  # fmt: skip
    values: dict[str, Any] = {
        "slug": "tables",
        "duration_s": 1_800,
        "seed": 3,
        "budget": {"month_usd": 10_000.0},
        "traffic": [{"kind": "constant", "rps": 100.0}],
        "tables": [{"name": "catalog", "gb": 5}, {"name": "orders", "gb": 1, "zipf": 1.9}],
        "requests": asks,
        "board": {
            "instances": machines,
            "balancers": [{"id": "front", "targets": ["web-1", "web-2"]}],
            "databases": [
                {"id": "db-1", "type": "db.m5.large", "reads": reads}, *copies,
                *({"id": name, "type": "db.m5.large"} for name in names),
            ],
            "session_stores": [{"id": "sessions-1", "type": "cache.t3.micro"}],
            "addresses": {"web": "front", "app": "front"},
        },
        "objectives": {"error_budget": 1.0},
    }  # fmt: skip
    sim, history = Simulation(read_scenario(values, "tables")), History()
    done: dict[str, dict[str, Any]] = {
        "shards": {"do": "shard_table", "table": "orders", "databases": names},
        "database": {"do": "move_tables", "table": "orders", "database": "db-2"},
    }
    if orders:
        sim.apply(read_command(done[orders], "tables"))
    for _ in range(75):
        history.add(sim.advance())
    return sim.frame(), history


def with_facts(seen: Seen, id: str, **facts: Any) -> Seen:
    """The same, with other figures of one resource."""
    frame, history = seen
    changed = tuple(replace(r, facts=r.facts | facts) if r.id == id else r for r in frame.resources)
    return replace(frame, resources=changed), history


def changed(seen: Seen, id: str, **how: Any) -> Seen:
    """The same, with one resource otherwise."""
    frame, history = seen
    return replace(
        frame, resources=tuple(replace(r, **how) if r.id == id else r for r in frame.resources)
    ), history


def thing(scene: Scene, id: str) -> Managed:
    found = next(thing for thing in scene.answering if thing.id == id)
    assert isinstance(found, Managed)
    return found


def picture(
    seen: Seen, width: int, height: int, words: Words, view: View | None = None, *,
    ascii: bool = False,
) -> Picture:  # fmt: skip
    scene = scene_of(*seen)
    return draw_board(width, height, scene, Look(ascii=ascii), words, None, view or View())


def board(seen: Seen, width: int, height: int, language: str = "en", **how: Any) -> str:
    drawn = picture(seen, width, height, Words(language), **how)
    return "\n".join(text_of(drawn.canvas.strips()))


def view_of(seen: Seen, id: str) -> ResourceView:
    view = seen[0].resource(id)
    assert view is not None
    return view


def ways(scene: Scene) -> set[tuple[str, str]]:
    return {(flow.source, flow.target) for flow in scene.flows}


# What the scene knows


def test_reads_go_from_the_servers_to_the_replicas_and_writes_follow_from_the_master() -> None:
    scene = scene_of(*ran())
    assert {("web-1", "copy-1"), ("web-2", "copy-2"), ("web-1", "db-1")} <= ways(scene)
    assert not {("db-1", "copy-1"), ("db-1", "copy-2")} & ways(scene)
    assert [(copy.source, copy.target) for copy in scene.copies] == [
        ("db-1", "copy-1"),
        ("db-1", "copy-2"),
    ]
    assert scene.copies[0].rps == pytest.approx(30, abs=12), "the writes that it applies"
    rates = {flow.target: flow.rps for flow in scene.flows if flow.source == "web-1"}
    assert rates["copy-1"] + rates["copy-2"] > 1.5 * rates["db-1"]


def test_the_addresses_alone_lay_the_ways_to_replicas_and_shards() -> None:
    frame, _ = ran(orders="shards")
    history = History()
    history.add(replace(frame, hops=()))
    scene = scene_of(replace(frame, hops=()), history)
    wanted = {(web, to) for web in ("web-1", "web-2") for to in ("shard-1", "shard-3", "copy-2")}
    assert wanted <= ways(scene)
    assert not {way for way in ways(scene) if "orders-shards-1" in way}


def test_masters_stand_before_their_replicas_and_shards_together() -> None:
    scene = scene_of(*ran(orders="shards"))
    assert [t.id for t in scene.tiers[-1]] == [
        "db-1", "copy-1", "copy-2", "shard-1", "shard-2", "shard-3",
    ]  # fmt: skip
    assert "orders-shards-1" not in scene.order
    assert "sessions-1" in {t.id for t in scene.tiers[1]}, "near the machines"


def test_a_set_of_shards_has_a_card_until_its_data_have_come() -> None:
    frame, history = ran(orders="shards")
    before = changed((frame, history), "orders-shards-1", behind=(), state="migrating")
    scene = scene_of(*before)
    assert thing(scene, "orders-shards-1").state is State.MIGRATING
    assert thing(scene, "shard-1").shard is None


def test_a_shard_that_most_come_to_is_hot() -> None:
    scene = scene_of(*ran(orders="shards"))
    shards = [thing(scene, f"shard-{n}").shard for n in (1, 2, 3)]
    assert sum(shard.share for shard in shards if shard) == pytest.approx(1.0)
    assert [bool(shard and shard.hot) for shard in shards].count(True) == 1
    hot = max(shards, key=lambda shard: shard.share if shard else 0.0)
    assert hot is not None
    assert hot.hot
    assert hot.share > 0.5


def test_a_lag_that_grows_is_told_from_one_that_shrinks() -> None:
    frame, history = ran()
    behind = with_facts((frame, history), "copy-1", lag_s=12.0, unapplied=1_234)
    assert (copy := thing(scene_of(*behind), "copy-1").copy)
    assert copy.grows
    history_of_more = History()
    for second in range(frame.second - 9, frame.second + 1):
        more = with_facts((frame, history), "copy-1", lag_s=20.0 - second / 100)[0]
        history_of_more.add(replace(more, second=second))
    assert (copy := thing(scene_of(more, history_of_more), "copy-1").copy)
    assert copy.lag_s > 1
    assert not copy.grows


def test_a_lag_that_fails_reads_is_late_however_short() -> None:
    frame, history = with_facts(ran(), "copy-1", lag_s=0.3)
    (copy,) = [t.copy for t in scene_of(frame, history).answering if t.id == "copy-1"]  # type: ignore[union-attr]
    assert copy
    assert not copy.is_late
    stale = replace(frame, blame=(Blame("basket", "stale_read", "copy-1", 3),))
    told = History()
    told.add(stale)
    assert (copy := thing(scene_of(stale, told), "copy-1").copy)
    assert copy.is_late


def test_cells_say_which_replica_is_late_and_which_shard_is_hot() -> None:
    late = with_facts(ran(orders="shards"), "copy-2", lag_s=12.0)
    said = board(late, 78, 9, view=View(Level.MINIS))
    assert "▲ lag 12 s" in said
    assert "▲ 7" in said or "▲ 8" in said or "▲ 6" in said
    assert "replicas × 2" in said


def test_what_nobody_reads_or_asks_is_idle() -> None:
    unread = scene_of(*ran(reads="master", sessions=False))
    assert thing(unread, "copy-1").state is State.IDLE
    assert thing(unread, "sessions-1").state is State.IDLE
    asked = scene_of(*ran())
    assert thing(asked, "copy-1").state is State.OK
    assert thing(asked, "sessions-1").state is State.OK


# What it looks like


@pytest.mark.parametrize("language", LANGUAGES)
def test_cards_say_whose_copy_how_far_behind_and_what_is_read(language: str) -> None:
    words = Words(language)
    said = board(ran(), 140, 46, language)
    for part in (
        words.say("board.copy_of", id="db-1"),
        words.say("board.lag", s="0"),
        words.say("board.reads_replicas"),
        words.say("board.for_all"),
        "═╪═╗",
        "◁",
    ):
        assert part in said
    assert words.say("board.no_backups") not in said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("width", "height"), [(78, 17), (118, 32), (158, 40), (50, 12)])
@pytest.mark.parametrize("orders", ["", "shards", "database"])
def test_every_line_is_as_wide_as_the_board(
    orders: str, width: int, height: int, language: str
) -> None:
    for level in (None, *Level):
        for ascii in (False, True):
            drawn = picture(
                ran(orders=orders), width, height, Words(language), View(level), ascii=ascii
            )
            for row in text_of(drawn.canvas.strips()):
                assert cell_len(row) == width
                assert not ascii or language == "ko" or row.isascii()


@pytest.mark.parametrize(("width", "height"), [(140, 46), (118, 32), (78, 17)])
def test_a_growing_lag_is_loud_at_every_size(width: int, height: int) -> None:
    behind = with_facts(ran(), "copy-2", lag_s=12.0, unapplied=1_234)
    said = board(behind, width, height)
    assert "▲ lag 12" in said
    if width == 140:
        assert "1,234 to apply" in said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", range(84, 122, 6))
def test_where_room_is_short_the_masters_name_goes_before_the_lag(
    width: int, language: str
) -> None:
    words, behind = Words(language), with_facts(ran(), "copy-1", lag_s=0.4)
    for height in (26, 32, 40):
        for late in (False, True):
            frame, history = behind
            if late:
                frame = replace(frame, blame=(Blame("basket", "stale_read", "copy-1", 3),))
                history = History()
                history.add(frame)
            said = board((frame, history), width, height, language)
            if words.say("board.copy_of", id="db-1") in said or late:
                assert words.say("board.lag", s="0.4") in said


@pytest.mark.parametrize(("width", "height"), [(140, 52), (118, 32), (78, 17)])
def test_a_hot_shard_is_marked_at_every_size(width: int, height: int) -> None:
    said = board(ran(orders="shards"), width, height)
    assert said.count("▲ ") == 1
    if width > 80:
        assert "orders: 3 shards" in said


def test_a_lost_shard_is_loud() -> None:
    seen = ran(orders="shards")
    lost = changed(seen, "orders-shards-1", behind=("shard-1", "shard-3"))
    assert "✕ orders: 1 of 3 shards LOST" in board(lost, 140, 46)


def test_a_replica_whose_master_is_gone_says_so() -> None:
    frame, history = ran()
    gone = tuple(r for r in frame.resources if r.id != "db-1")
    said = board((replace(frame, resources=gone), history), 140, 46)
    assert "its master db-1 is gone" in said
    assert "═╗" not in said


def test_each_database_says_which_tables_it_answers_for() -> None:
    seen = ran(orders="database")
    assert thing(scene_of(*seen), "db-2").holds == ("db/orders",)
    said = board(seen, 140, 46).splitlines()
    card = next(at for at, row in enumerate(said) if "● db-2" in row)
    assert "db/orders" in said[card + 1]
    assert "(db)" not in said[card + 1]


def test_a_table_without_a_home_is_missed() -> None:
    frame, history = ran(orders="database")
    lost = replace(frame, addresses=frame.addresses | {"db/orders": None})
    assert scene_of(lost, history).unheld == ("db/orders",)


def test_small_boards_hang_replicas_below_their_master() -> None:
    rows = board(ran(orders="shards"), 78, 17).splitlines()
    names = [" ".join(row.split()[2:4]).strip("▸ ") for row in rows if "db.m5.large" in row]
    assert names[:3] == ["db-1 db.m5.large", "╚ copy-1", "╚ copy-2"]


# Beside the board


def page(seen: Seen, id: str, language: str = "en") -> str:
    return inspector_text(*seen, id, (), Look(), Words(language), 90).plain


def test_the_inspector_says_who_follows_whom_and_how_far_behind() -> None:
    behind = with_facts(ran(), "copy-1", lag_s=12.0, unapplied=1_234)
    copy, master = page(behind, "copy-1"), page(behind, "db-1")
    assert "copy of" in copy
    assert "12.0 s behind" in copy
    assert "1,234" in copy
    assert "made from" not in copy
    assert "copy-1: ▲ lag 12 s" in master
    assert "copy-2: lag 0 s" in master
    assert "reads go to" in master


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_inspector_says_which_tables_lie_where(language: str) -> None:
    words = Words(language)
    table = words.say("board.the_table", table="orders")
    assert table in page(ran(orders="database"), "db-2", language)
    seen = ran(orders="shards")
    assert table in page(seen, "shard-1", language)
    assert words.say("inspect.shard") in page(seen, "shard-1", language)
    assert "shard-1, shard-2, shard-3" in page(seen, "orders-shards-1", language)
    assert table in page(seen, "orders-shards-1", language)
    assert words.say("board.for_all") in page(seen, "sessions-1", language)


def test_a_replica_has_a_chart_of_its_lag_and_a_store_of_its_look_ups() -> None:
    frame, history = ran()
    assert "lag" in charts_of(frame, "copy-1")
    assert "lag" not in charts_of(frame, "db-1")
    assert charts_of(frame, "sessions-1") == ("lookups",)
    for kind, id in (("lag", "copy-1"), ("lookups", "sessions-1")):
        chart = make_chart(kind, frame, history, FACTS, Words("en"), None, id)  # type: ignore[arg-type]
        assert chart.curves[0].last is not None


def test_connected_to_a_database_one_sees_its_replication() -> None:
    frame, history = with_facts(ran(), "copy-1", lag_s=12.0, unapplied=1_234)
    for id, said in (("copy-1", "copy of db-1"), ("db-1", "copy-1")):
        rows = text_of(draw_top(80, 24, frame, history, FACTS, id, Look(), Words("en")))
        (row,) = [row for row in rows if "1,234 to apply" in row]
        assert said in row
        assert "▲ lag 12 s" in row


def test_what_is_paid_for_in_vain_says_why() -> None:
    frame, history = ran(reads="master", sessions=False)
    found = {waste.resource: waste.why for waste in wastes(frame, history)}
    assert found == {"copy-1": "unread", "copy-2": "unread", "sessions-1": "unasked"}
    assert not wastes(*ran())
    assert not wastes(*ran(orders="shards"))
    frame, history = ran(orders="database")
    back = replace(frame, addresses=frame.addresses | {"db/orders": "db-1"}, hops=())
    assert {waste.why for waste in wastes(back, history)} == {"empty", "unread"}


def test_the_invoice_says_whose_copy_a_replica_is() -> None:
    frame, history = ran()
    line = MeterLine("copy-1", "db.m5.large MySQL", "h", 1.0, 171_000, 171_000)
    money = replace(frame.money, lines=(line,))
    for by in ("service", "resource"):
        seen = replace(frame, money=money)
        text = InvoicePage(seen, history, Look(), Words("en"), 90, by).write().plain
        assert "copy-1 (copy of db-1)" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_news_names_tables_and_where_reads_go(language: str) -> None:
    words = Words(language)
    moved = News("move_done", "board", {"role": "db/orders", "source": "db-1", "target": "db-2"})
    assert words.say("board.the_table", table="orders") in news_words(moved, words)
    assert "db/" not in news_words(moved, words)
    split = News("reads_split", "player", {"id": "db-1", "reads": "tolerant"})
    assert words.say("facts.reads_tolerant") in news_words(split, words)
