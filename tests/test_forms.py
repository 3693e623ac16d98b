"""Forms: where they begin, what their fields and choices say, and when nothing is changed yet."""

import pytest

from engine.services.addresses import PointAddress
from engine.services.ebs import ChangeVolume
from engine.services.registry import read_command
from engine.services.replicas import CreateReplica, SplitReads
from engine.simulation import Simulation
from levels.campaign import find_level
from tests.test_app import SMALL, Terminal, home
from tests.test_dialogs import playing
from tests.test_view_screens import on_top
from tui.actions import CommandType
from tui.desk import Desk
from tui.fields import ChoiceField
from tui.forms import Form
from tui.screens.form import FormScreen, choices_text, fields_text, price_text
from tui.screens.modal import Choose
from tui.screens.play import PlayScreen
from tui.words import LANGUAGES, Words

__all__ = ["home"]


def copied(name: str = "a-copy") -> Simulation:
    """The level with a master, its replica made and there."""
    simulation = Simulation(find_level("read-replicas").scenario)
    simulation.apply(read_command({"do": "create_replica", "source": "db-1", "name": name}, "t"))
    simulation.advance(200)
    return simulation


def opened(command: CommandType, simulation: Simulation, resource: str | None = None) -> Form:
    form = Form(command, simulation.frame(), simulation.scenario, resource)
    form.begin_at(lambda given: simulation.quote(given).refused)
    return form


def shown_price(form: Form, simulation: Simulation, language: str = "en") -> str:
    quote = simulation.quote(form.command())
    return price_text(quote, simulation.frame(), Desk(Words(language))).plain


def test_a_form_begins_at_what_the_command_can_be_about() -> None:
    simulation = copied()
    bare = Form(SplitReads, simulation.frame(), simulation.scenario)
    bare.at = 0
    bare.step(1)
    bare.step(-1)
    assert isinstance(bare.field, ChoiceField)
    for first in bare.field.choices:
        while bare.field.value != first:
            bare.step(1 if bare.field.index < bare.field.choices.index(first) else -1)
        bare.begin_at(lambda given: simulation.quote(given).refused)
        assert bare.value("database") == "db-1"


def test_what_was_chosen_by_the_game_is_left_where_nothing_else_can_be_done() -> None:
    simulation = copied()
    simulation.apply(SplitReads("db-1", "replicas"))
    form = opened(SplitReads, simulation)
    assert form.value("database") == "db-1"  # so already, but a replica could never be it
    assert Words().say("form.no_change_yet") in shown_price(form, simulation)


def test_an_address_begins_at_a_role_that_is_possible() -> None:
    simulation = copied()
    form = opened(PointAddress, simulation, "web-1")
    assert simulation.quote(form.command()).refused is None
    assert form.value("to") == "web-1"
    simulation.apply(form.command())
    again = opened(PointAddress, simulation, "web-1")
    assert again.value("role") != form.value("role")
    assert simulation.quote(again.command()).refused is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_values_that_stand_are_no_error(language: str) -> None:
    simulation = Simulation(find_level("scale-up").scenario)
    form = opened(ChangeVolume, simulation, simulation.frame().volumes[0].id)
    words, said = Words(language), shown_price(form, simulation, language)
    assert words.say("form.no_change_yet") in said
    assert "✕" not in said
    while form.value("type") in (None, "gp3"):
        form.step(1)
    assert words.say("form.no_change_yet") not in shown_price(form, simulation, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_left_as_it_is_says_how_that_is(language: str) -> None:
    words, simulation = Words(language), copied()
    replica = opened(CreateReplica, simulation)
    assert words.say("form.as_source", now="db.m5.large") in fields_text(replica, words).plain
    while replica.field is not None and replica.field.name != "type":
        replica.move(1)
    assert words.say("form.as_source", now="db.m5.large") in choices_text(replica, words, 9).plain
    disks = Simulation(find_level("scale-up").scenario)
    volume = opened(ChangeVolume, disks, disks.frame().volumes[0].id)
    listed = choices_text(volume, words, 9).plain.splitlines()
    assert listed[0].strip("▸ ") == words.say("form.as_now", now="gp3")
    assert all(line.strip() for line in listed)


def test_an_arrow_is_drawn_only_where_something_is_that_way() -> None:
    form = opened(SplitReads, copied(), "db-1")
    words, seen = Words(), []
    assert isinstance(form.field, ChoiceField)
    for _ in range(9):
        form.step(-1)
    for number in range(len(form.field.choices)):
        line = fields_text(form, words).plain.splitlines()[form.at]
        seen.append(("◂" in line, line.endswith("▸")))
        assert form.field.index == number
        form.step(1)
    assert seen == [(False, True), (True, True), (True, False)]


async def test_escape_in_a_form_goes_back_to_the_list_that_it_came_from() -> None:
    terminal = Terminal(level=find_level("read-replicas"))
    async with terminal.app.run_test(size=SMALL) as pilot:
        screen = await playing(pilot, terminal)
        await pilot.press("n")
        await pilot.pause()
        choose = on_top(terminal)
        assert isinstance(choose, Choose)
        await pilot.press("end", "enter")
        await pilot.pause()
        assert isinstance(on_top(terminal), FormScreen)
        await pilot.press("escape")
        await pilot.pause()
        again = on_top(terminal)
        assert isinstance(again, Choose)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(on_top(terminal), FormScreen)
        await pilot.press("escape", "escape")
        await pilot.pause()
        assert on_top(terminal) is screen
        assert isinstance(terminal.app.screen, PlayScreen)
