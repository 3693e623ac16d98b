"""The table of actions, and the forms that are made from the commands themselves."""

from typing import Annotated, Literal, cast

from engine.outcomes import Refused
from engine.services.addresses import PointAddress
from engine.services.command import Command, choose
from engine.services.ec2 import LaunchInstance, ResizeInstance
from engine.services.registry import COMMANDS
from tests.fake_run import FakeSimulation, made_up_frame, made_up_scenario
from tui.actions import ACTIONS, actions_of, changers, makers
from tui.forms import ChoiceField, Form, NumberField, SetField, TextField
from tui.widgets.keys import keys_text
from tui.words import LANGUAGES, Words


class Invented(Command, frozen=True, tag="invented"):
    """A command of a service that does not exist yet."""

    instance: Annotated[str, choose("instance:running")]
    mode: Literal["fast", "safe"] = "safe"
    copies: int = 3


def test_no_key_has_two_meanings_on_one_screen() -> None:
    for where in ("play", "watch"):
        keys = [
            key
            for action in actions_of(where)
            for keys, _ in action.keys
            for key in keys.split(",")
        ]
        assert len(keys) == len(set(keys))


def test_every_command_is_offered_once() -> None:
    assert sorted([*makers(), *changers()], key=str) == sorted(COMMANDS, key=str)
    assert LaunchInstance in makers()
    assert ResizeInstance in changers()


def test_the_keys_line_fits_and_keeps_what_is_needed_most() -> None:
    for language in LANGUAGES:
        for where in ("play", "watch"):
            for width in (0, 20, 80, 120, 300):
                text = keys_text(actions_of(where), Words(language), width)
                assert text.cell_len <= width
        shown = keys_text(actions_of("play"), Words(language), 80).plain
        for action in ACTIONS:
            if action.rank is not None and action.rank <= 1 and "play" in action.where:
                assert f" {action.shown} " in shown


def test_a_form_offers_what_the_level_has_on_offer() -> None:
    form = Form(LaunchInstance, made_up_frame(), made_up_scenario())
    kinds = {field.name: type(field) for field in form.fields}
    assert kinds == {
        "type": ChoiceField,
        "roles": SetField,
        "zone": ChoiceField,
        "volume_gb": NumberField,
        "name": TextField,
    }
    types = cast(ChoiceField, form.fields[0]).choices
    assert types
    assert all(name.startswith(("t3.", "m5.")) for name in types)


def test_keys_fill_a_form_in() -> None:
    form = Form(LaunchInstance, made_up_frame(), made_up_scenario())
    first, roles, zone, volume, name = form.fields
    first.press("m")
    roles.press(" ")
    zone.move(1)
    for character in "35":
        volume.press(character)
    for character in "Shop-1!é":
        name.press(character)
    assert form.command() == LaunchInstance(
        type="m5.large", roles=("app", "db", "files"), zone="b", volume_gb=35, name="shop-1"
    )


def test_choices_stop_at_their_ends_and_numbers_stay_whole() -> None:
    form = Form(LaunchInstance, made_up_frame(), made_up_scenario())
    for field in form.fields:
        for by in (-1, 1):
            for _ in range(60):
                field.move(by)
    volume = cast(NumberField, form.fields[3])
    assert volume.value > 20
    for _ in range(9):
        volume.press("\b")
    assert volume.value == 0


def test_a_command_of_a_later_service_has_a_form_at_once() -> None:
    simulation = FakeSimulation()
    frame = made_up_frame()
    assert Form(Invented, frame, made_up_scenario()).missing() == "instance:running"
    simulation.apply(LaunchInstance(type="m5.large"))
    simulation.apply(LaunchInstance(type="m5.large"))
    frame = simulation.frame()
    form = Form(Invented, frame, made_up_scenario(), "web-2")
    assert form.missing() is None
    assert form.field is form.fields[1]
    form.fields[1].move(-1)
    assert form.command() == Invented(instance="web-2", mode="fast", copies=3)


def test_what_is_selected_is_given_even_in_the_wrong_state_so_that_the_reason_is_seen() -> None:
    simulation = FakeSimulation()
    simulation.apply(LaunchInstance(type="m5.large"))
    form = Form(ResizeInstance, simulation.frame(), made_up_scenario(), "web-1")
    refused = simulation.quote(form.command()).refused
    assert isinstance(refused, Refused)
    assert form.resource == "web-1"


def test_a_form_without_anything_on_the_board_says_what_is_missing() -> None:
    form = Form(PointAddress, made_up_frame(), made_up_scenario())
    assert form.missing() == "instance:running"
