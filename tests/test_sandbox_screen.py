"""The sandbox by keyboard alone: sliders, trouble, boards saved and opened again."""

from pathlib import Path
from random import Random

import msgspec
import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from engine.frame import Frame, SandboxView
from engine.outcomes import Accepted
from engine.recording import read_recording
from engine.replay import Verified, verify
from engine.services.registry import read_command
from engine.simulation import Simulation
from levels.sandbox import BOARDS, sandbox
from levels.standing import board_text
from tests.hostile import log_line
from tests.test_app import LARGE, SMALL, Terminal, home, sees
from tests.test_sandbox import free
from tests.test_view_screens import on_top
from tui.actions import DIRECTING, actions_of
from tui.board_files import saved_boards
from tui.render.facts import facts_of
from tui.screens.bill import BillScreen
from tui.screens.direct import DirectScreen
from tui.screens.menu import MenuScreen
from tui.screens.modal import Choose
from tui.screens.sandbox import SandboxScreen
from tui.screens.traffic_file import TrafficFileScreen
from tui.settings import runs_folder
from tui.sliders import Sliders, full_scale
from tui.trouble import KEYS, KINDS, incident, targets
from tui.widgets.keys import keys_text
from tui.words import LANGUAGES, Words

__all__ = ["home"]


async def opened(pilot: Pilot[int], terminal: Terminal) -> SandboxScreen:
    """The sandbox on a board; no briefing stands before it."""
    await pilot.pause()
    screen = terminal.app.screen
    assert isinstance(screen, SandboxScreen)
    return screen


def given(screen: SandboxScreen) -> list[dict[str, object]]:
    """The commands of the run so far, without their seconds."""
    return [msgspec.to_builtins(command) for _, command in screen.live.commands]


def seen(screen: SandboxScreen) -> SandboxView:
    view = screen.frame.sandbox
    assert view is not None
    return view


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_traffic_is_directed_by_keys_and_by_number(
    size: tuple[int, int], language: str
) -> None:
    terminal = Terminal(language, level=sandbox("one-box"))
    async with terminal.app.run_test(size=size) as pilot:
        screen = await opened(pilot, terminal)
        await pilot.press("s", "s", "d")
        await pilot.pause()
        assert isinstance(terminal.app.screen, DirectScreen)
        widths = {strip.cell_length for strip in terminal.app.screen._compositor.render_strips()}
        assert widths == {size[0]}
        await pilot.press("right", "shift+right")
        assert seen(screen).rps == 41.0
        await pilot.press("1", "2", "backspace", "5", "0", ".", "5", "enter")
        assert seen(screen).rps == 150.5
        await pilot.press("down", "4", "0", "enter", "left")
        assert seen(screen).shares["page"] == pytest.approx(0.39)
        await pilot.press("up", "o")
        assert seen(screen).rps == 30.0
        await pilot.press(*["down"] * 6, "8", "4", "0", ".", "5", "enter")
        assert seen(screen).month_usd == 840.5
        assert screen.frame.money.budget_micro_usd == 840_500_000
        await pilot.press("right", "enter", "down", "enter")
        assert seen(screen).month_usd == 850.0
        assert not seen(screen).bill
        await pilot.pause()
        assert terminal.shows(terminal.app.desk.say("panels.bill_off"))
        await pilot.press("5", "escape")
        assert on_top(terminal) is screen
        kinds = ["set_rate"] * 3 + ["set_share"] * 2 + ["set_rate", "set_budget", "set_budget"]
        kinds += ["set_bill"]
        assert [command["do"] for command in given(screen)] == kinds
        assert screen.frame.second == 2


async def test_escape_drops_what_was_typed_before_it_leaves() -> None:
    terminal = Terminal(level=sandbox("one-box"))
    async with terminal.app.run_test(size=SMALL) as pilot:
        screen = await opened(pilot, terminal)
        await pilot.press("d", "9", "9", "escape")
        view = terminal.app.screen
        assert isinstance(view, DirectScreen)
        assert view.sliders.typed == ""
        await pilot.press("enter", "escape")
        assert on_top(terminal) is screen
        assert given(screen) == []


@pytest.mark.parametrize(("size", "language"), [(SMALL, "en"), (LARGE, "ko")])
async def test_a_traffic_file_is_taken_by_arrows_alone(
    size: tuple[int, int], language: str, tmp_path: Path
) -> None:
    (tmp_path / "logs").mkdir()
    log = "".join(log_line(second // 4) for second in range(80))
    (tmp_path / "logs" / "access.log").write_text(log + "what is this\n" * 3)
    (tmp_path / "logs" / "bad.csv").write_text("second,rps\n0,ten\n")
    terminal = Terminal(language, level=sandbox("one-box"))
    say = terminal.app.desk.say
    async with terminal.app.run_test(size=size) as pilot:
        screen = await opened(pilot, terminal)
        screen.traffic_folder = tmp_path
        await pilot.press("s", "d", *["down"] * 5, "enter")
        await sees(pilot, terminal, say("sandbox.file_nothing")[:30])
        widths = {strip.cell_length for strip in terminal.app.screen._compositor.render_strips()}
        assert widths == {size[0]}
        await pilot.press("enter", "end", "enter")
        await sees(pilot, terminal, "bad.csv:2")
        assert given(screen) == []
        await pilot.press("up", "enter")
        await sees(pilot, terminal, say("sandbox.file_broken", file="access.log", n=3))
        assert terminal.shows(say("sandbox.file_as_it_is"))
        await pilot.press("down", "enter")
        await sees(pilot, terminal, "access.log")
        (taken,) = given(screen)
        assert taken == {"do": "take_traffic", "rps": (40,) * 20, "every_s": 1, "steps": True,
                         "file": "access.log"}  # fmt: skip
        assert (seen(screen).rps, seen(screen).file) == (40.0, "access.log")
        await pilot.press("escape", "f")
        await pilot.pause()
        assert isinstance(terminal.app.screen, TrafficFileScreen)
        assert terminal.app.screen.folder == tmp_path / "logs"
        await pilot.press("escape")
        assert on_top(terminal) is screen
        await pilot.press("ctrl+z")
        await pilot.pause()
        assert (seen(screen).rps, seen(screen).file, given(screen)) == (30.0, "", [])


async def test_traffic_that_is_too_much_is_not_given(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "crowd.csv").write_text("second,rps\n0,90000\n9,90000\n")
    terminal = Terminal(level=sandbox("one-box"))
    async with terminal.app.run_test(size=SMALL) as pilot:
        screen = await opened(pilot, terminal)
        screen.traffic_folder = folder
        await pilot.press("s", "f")
        await pilot.pause()
        await pilot.press("end", "enter")
        await sees(pilot, terminal, "100 times as many")
        await pilot.press("end", "enter")
        await sees(pilot, terminal, "200,000")
        assert given(screen) == []


async def test_trouble_is_a_key_a_target_and_a_strength_away() -> None:
    terminal = Terminal(level=sandbox("starter"))
    async with terminal.app.run_test(size=SMALL) as pilot:
        screen = await opened(pilot, terminal)
        await pilot.press("s", "x")
        await pilot.pause()
        assert isinstance(terminal.app.screen, Choose)
        assert terminal.shows("Traffic spike")
        await pilot.press("1", "down", "enter")
        await pilot.press("x", "3", "down", "enter")
        await pilot.press("x", "9")
        await pilot.pause()
        crowd, crash, master = given(screen)
        assert crowd == {"do": "start_incident", "kind": "traffic_spike", "target": None,
                         "factor": 2.0, "duration_s": 300}  # fmt: skip
        assert (crash["kind"], crash["target"]) == ("instance_crash", "web-2")
        assert (master["kind"], master["target"]) == ("master_failure", "db-1")
        assert [i.state for i in screen.frame.instances] == ["running", "stopped"]
        await pilot.press("x", "0", "escape")
        assert on_top(terminal) is screen
        assert len(given(screen)) == 3


async def test_what_finds_nobody_is_said() -> None:
    terminal = Terminal(level=sandbox("empty"))
    async with terminal.app.run_test(size=SMALL) as pilot:
        screen = await opened(pilot, terminal)
        await pilot.press("x", "3")
        await sees(pilot, terminal, "there is nothing here that it could befall")
        assert on_top(terminal) is screen


async def test_a_board_is_saved_and_opened_from_the_menu() -> None:
    terminal = Terminal()
    async with terminal.app.run_test(size=LARGE) as pilot:
        await pilot.pause()
        menu = terminal.app.screen
        assert isinstance(menu, MenuScreen)
        menu.query_one(OptionList).highlighted = menu.query_one(OptionList).get_option_index(
            "sandbox"
        )
        await pilot.press("enter")
        await pilot.pause()
        assert terminal.shows("two small machines")
        await pilot.press(*["down"] * BOARDS.index("one-box"), "enter")
        screen = await opened(pilot, terminal)
        await pilot.press("d", "7", "5", "enter", "escape", "y")
        [path] = saved_boards()
        await sees(pilot, terminal, "saved as board-01:")
        again = sandbox(str(path)).scenario
        assert again.board.instances[0].id == "web-1"
        assert Simulation(again).frame().expected_rps == 75.0
        assert again.requests == screen.live.simulation.scenario.requests
        await pilot.press("q", "y")
        await pilot.pause()
        assert isinstance(terminal.app.screen, MenuScreen)
        await pilot.press("enter")
        await pilot.pause()


async def test_a_run_that_was_left_is_verified_and_its_bill_says_that_it_is_off(
    home: Path,
) -> None:
    terminal = Terminal(level=sandbox("one-box", bill=False))
    async with terminal.app.run_test(size=SMALL) as pilot:
        screen = await opened(pilot, terminal)
        await sees(pilot, terminal, "bill OFF")
        await pilot.press("b")
        await pilot.pause()
        assert isinstance(terminal.app.screen, BillScreen)
        await sees(pilot, terminal, "The bill is OFF")
        await pilot.press("escape", "x", "3", "d", "right", "escape", "s", "s", "s")
        assert screen.frame.second == 3
        await pilot.press("q", "y")
        await pilot.pause()
    [path] = runs_folder().glob("*.headroom")
    assert isinstance(verify(read_recording(path)), Verified)


def test_a_level_shows_nothing_of_the_sandbox() -> None:
    names = {action.name for action in actions_of("play")}
    free_names = {action.name for action in actions_of("sandbox")}
    assert free_names - names == {"direct", "trouble", "traffic_file", "save_board"}
    assert names <= free_names
    for language in LANGUAGES:
        text = keys_text(actions_of("sandbox"), Words(language), 80)
        assert text.cell_len <= 80
        assert " d " in text.plain
        assert " x " in text.plain


def test_every_kind_of_trouble_has_a_key_and_words() -> None:
    assert len(KEYS) == len(KINDS)
    frame, facts = Simulation(free()).frame(), facts_of(free())
    for language in LANGUAGES:
        words = Words(language)
        for kind, strengths in KINDS.items():
            assert words.say(f"sandbox.{kind}")
            assert words.say(f"sandbox.{kind}_what")
            for strength in strengths:
                assert len(strengths) == 1 or strength.words(kind, words)
                for target in targets(kind, frame, facts):
                    command = read_command(incident(kind, target, strength), "x")
                    assert isinstance(Simulation(free()).apply(command), Accepted), command


def test_sliders_never_ask_for_what_is_refused() -> None:
    simulation, draws, sliders = Simulation(free()), Random(4), Sliders()
    for _ in range(300):
        view = simulation.frame().sandbox
        assert view is not None
        match draws.randrange(4):
            case 0:
                sliders.move(draws.choice((-1, 1)), view)
                continue
            case 1:
                sliders.press(draws.choice("0123456789.x\b한"), view)
                continue
            case 2:
                values = sliders.step(draws.choice((-10, -1, 1, 10)), view)
            case _:
                values = sliders.enter(view)
        if values is not None:
            assert values["do"] in DIRECTING
            assert isinstance(simulation.apply(read_command(values, "x")), Accepted), values


def test_the_scale_of_the_rate_holds_it() -> None:
    assert [full_scale(rps) for rps in (0, 10, 11, 30, 60, 150.5, 99_999)] == [
        10, 10, 20, 50, 100, 200, 100_000,
    ]  # fmt: skip


def opened_again(frame: Frame, name: str, tmp_path: Path) -> tuple[Simulation, list[str]]:
    text, left_out = board_text(frame, sandbox(name).scenario)
    path = tmp_path / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return Simulation(sandbox(str(path)).scenario), left_out


@pytest.mark.parametrize("name", BOARDS)
def test_a_board_that_is_saved_opens_as_it_stood(name: str, tmp_path: Path) -> None:
    frame = Simulation(sandbox(name).scenario).advance(20)
    again, left_out = opened_again(frame, name, tmp_path)
    assert left_out == []
    first, opened = Simulation(sandbox(name).scenario).frame(), again.frame()
    assert opened.addresses == first.addresses
    assert opened.instances == first.instances or name == "starter"
    assert [r.id for r in opened.resources] == [r.id for r in first.resources]
    assert opened.money.rate_month_micro_usd == first.money.rate_month_micro_usd
    assert opened.sandbox == first.sandbox


def any_command(draws: Random, frame: Frame) -> dict[str, object]:
    """Some command of a player who builds, mostly a good one."""
    ids = {service: [r.id for r in frame.resources if r.service == service] for service in
           ("rds", "elb", "dynamodb")}  # fmt: skip
    machines = [i.id for i in frame.instances] or ["none"]
    databases = ids["rds"] or ["none"]
    group: dict[str, object] = {"do": "create_group", "type": "t3.small"}
    if ids["elb"]:
        group["balancer"] = ids["elb"][0]
    return draws.choice(
        [
            {"do": "launch_instance", "type": draws.choice(("t3.small", "m5.large"))},
            {"do": "launch_instance", "type": "m5.large", "os": "windows", "roles": ["web"]},
            {"do": "stop_instance", "instance": draws.choice(machines)},
            {"do": "terminate_instance", "instance": draws.choice(machines)},
            {"do": "create_volume", "type": "io2", "gb": 10, "iops": 500},
            {"do": "create_database", "type": "db.m5.large", "multi_az": draws.random() < 0.5},
            {"do": "create_replica", "source": draws.choice(databases)},
            {"do": "split_reads", "database": draws.choice(databases), "reads": "replicas"},
            {"do": "move_tables", "database": draws.choice(databases), "table": "orders"},
            {"do": "move_tables", "database": draws.choice(databases)},
            {"do": "shard_table", "table": "orders", "databases": databases[-2:]},
            {"do": "create_table", "table": "catalog"},
            {"do": "move_to_dynamodb", "dynamodb": draws.choice(ids["dynamodb"] or ["none"])},
            {"do": "create_balancer"},
            {"do": "point_address", "role": "web", "to": draws.choice(ids["elb"] or ["none"])},
            {"do": "create_session_store"},
            group,
            {"do": "change_group", "group": "group-1", "desired": draws.randrange(1, 4)},
            {"do": "track_target", "group": "group-1"},
            {"do": "create_image", "instance": draws.choice(machines)},
            {"do": "create_alarm", "resource": draws.choice(machines)},
            {"do": "create_snapshot", "volume": "vol-1"},
            {"do": "start_incident", "kind": "master_failure", "target": draws.choice(databases)},
            {"do": "start_incident", "kind": "instance_crash", "target": draws.choice(machines)},
            {"do": "start_incident", "kind": "zone_outage", "target": "a", "duration_s": 30},
            {"do": "set_share", "request_class": "page", "share": draws.random()},
        ]
    )


@pytest.mark.parametrize("name", BOARDS)
def test_whatever_stands_can_be_saved_and_opened(name: str, tmp_path: Path) -> None:
    draws = Random(name)
    simulation = Simulation(sandbox(name).scenario)
    simulation.apply(read_command({"do": "set_rate", "rps": 5.0}, "x"))
    for _ in range(14):
        simulation.apply(read_command(any_command(draws, simulation.frame()), "x"))
        frame = simulation.advance(draws.choice((1, 10, 60)))
        again, left_out = opened_again(frame, name, tmp_path)
        there = {i.id for i in frame.instances} | {r.id for r in frame.resources}
        opened = {i.id for i in again.frame().instances} | {r.id for r in again.frame().resources}
        shards = {r.id for r in frame.resources if r.service == "shards"}
        assert there - set(left_out) - shards <= opened
        again.advance(1)


def test_what_a_board_file_cannot_say_is_named(tmp_path: Path) -> None:
    simulation = Simulation(sandbox("starter").scenario)
    for values in (
        {"do": "create_group", "type": "m5.large", "balancer": "front", "name": "fleet"},
        {"do": "create_alarm", "resource": "web-2", "above": 80, "name": "hot"},
        {"do": "create_table", "table": "orders", "name": "unused"},
    ):
        assert isinstance(simulation.apply(read_command(values, "x")), Accepted), values
    simulation.advance(200)
    for values in (
        {"do": "stop_instance", "instance": "web-2"},
        {"do": "create_image", "instance": "web-1", "name": "half-made"},
    ):
        assert isinstance(simulation.apply(read_command(values, "x")), Accepted), values
    frame = simulation.frame()
    again, left_out = opened_again(frame, "starter", tmp_path)
    assert set(left_out) == {"web-2", "vol-2", "hot", "unused", "half-made"}
    running = {i.id for i in frame.instances if i.state == "running"}
    assert {i.id for i in again.frame().instances} == running
    assert again.advance(60).totals["page"].good > 0
