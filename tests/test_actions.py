"""The table of actions, and the forms that are made from the commands themselves."""

import re
from typing import Annotated, Literal, cast

import pytest
from msgspec.structs import replace
from rich.cells import cell_len
from rich.console import Console

from engine.frame import Frame
from engine.offers import offers
from engine.outcomes import Detail, RefusalReason, Refused
from engine.services.addresses import PointAddress
from engine.services.ami import CreateImage
from engine.services.autoscaling import CreateGroup, ScheduleGroup
from engine.services.cloudwatch import CreateAlarm
from engine.services.command import Command, choose
from engine.services.dynamodb import CreateTable
from engine.services.ebs import (
    AttachVolume,
    ChangeVolume,
    CreateVolume,
    DeleteVolume,
    DetachVolume,
    KeepVolume,
)
from engine.services.ec2 import LaunchInstance, ResizeInstance, StopInstance, TerminateInstance
from engine.services.elb import CreateBalancer
from engine.services.move import MoveFiles, MoveTables
from engine.services.rds import (
    ChangeDatabase,
    CreateDatabase,
    DeleteDatabase,
    RestoreDatabase,
    SetStandby,
)
from engine.services.registry import COMMANDS
from engine.services.s3 import CreateBucket
from engine.services.session_store import CreateSessionStore
from engine.services.shards import ShardTable
from engine.services.snapshot import CreateSnapshot, DeleteSnapshot
from engine.views import Fact, ResourceView, SnapshotView, VolumeView
from tests.fake_run import FakeSimulation, made_up_frame, made_up_scenario
from tui.actions import (
    ACTIONS,
    DIRECTING,
    actions_of,
    changers,
    commands_on,
    group_of,
    makers,
    name_of,
)
from tui.clock_field import ClockField
from tui.fields import ChoiceField, NumberField, SetField, SwitchField, TextField
from tui.forms import Form
from tui.front_actions import front_actions
from tui.losses import loss_words
from tui.pages import help_page, keys_page, refusal_text
from tui.standing import OFFER_OF, service_of
from tui.widgets.keys import keys_text
from tui.words import LANGUAGES, Words


class Invented(Command, frozen=True, tag="invented"):
    """A command of a service that does not exist yet."""

    instance: Annotated[str, choose("instance:running")]
    mode: Literal["fast", "safe"] = "safe"
    copies: int = 3


def test_no_key_has_two_meanings_on_one_screen() -> None:
    for where in ("play", "watch", "sandbox", "direct"):
        keys = [
            key
            for action in actions_of(where)
            for keys, _ in action.keys
            for key in keys.split(",")
        ]
        assert len(keys) == len(set(keys))


@pytest.mark.parametrize("where", ["menu", "briefing", "debrief"])
def test_what_can_be_done_before_and_after_a_run_is_in_its_help(where: str) -> None:
    actions = front_actions(where)
    keys = [key for action in actions for keys, _ in action.keys for key in keys.split(",")]
    assert len(keys) == len(set(keys))
    for language in LANGUAGES:
        words = Words(language)
        console = Console(width=72, color_system=None)
        with console.capture() as captured:
            console.print(keys_page(words, actions))
        text = captured.get()
        assert max(cell_len(line) for line in text.splitlines()) <= 72
        for action in actions:
            assert any(line.startswith(action.shown) for line in text.splitlines())


def test_every_command_is_offered_once() -> None:
    directing = [command for command in COMMANDS if name_of(command) in DIRECTING]
    assert sorted([*makers(), *changers(), *directing], key=str) == sorted(COMMANDS, key=str)
    assert len(directing) == len(DIRECTING)
    made = {LaunchInstance, CreateVolume, CreateBucket, CreateDatabase, CreateBalancer, CreateGroup}
    made |= {CreateSessionStore, CreateTable, ShardTable}
    assert made | {CreateImage, CreateAlarm} >= set(makers()) >= made
    assert ResizeInstance in changers()


def test_what_is_selected_is_offered_what_can_be_done_with_it() -> None:
    assert {StopInstance, AttachVolume} <= set(commands_on("instance"))
    assert StopInstance not in commands_on("volume")
    assert {AttachVolume, ChangeVolume, CreateSnapshot} <= set(commands_on("volume"))
    assert commands_on("snapshot") == [CreateVolume, DeleteSnapshot]
    assert commands_on("bucket")[0] is MoveFiles
    assert commands_on("database")[-1] is DeleteDatabase


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


def test_a_small_terminal_shows_what_the_sandbox_cannot_do_without() -> None:
    needed = ("pause", "new", "change", "direct", "trouble", "help", "leave")
    for language in LANGUAGES:
        words = Words(language)
        shown = keys_text(actions_of("sandbox"), words, 80).plain
        for action in actions_of("sandbox"):
            said = f" {action.shown} {words.say(f'actions.{action.name}')} "
            assert action.name not in needed or said in shown


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("where", sorted({place for action in ACTIONS for place in action.where}))
def test_the_help_of_every_screen_has_each_of_its_keys_and_nothing_is_cut(
    where: str, language: str
) -> None:
    words = Words(language)
    console = Console(width=72, color_system=None)
    with console.capture() as captured:
        console.print(help_page(words, where, 3600))
    lines = captured.get().splitlines()
    assert max(cell_len(line) for line in lines) <= 72
    assert "…" not in "".join(line for line in lines if "1 … 9" not in line)
    text = "".join("".join(lines).split())
    for action in actions_of(where):
        assert any(line.startswith(action.shown) for line in lines)
    for group in {group_of(action) for action in actions_of(where)}:
        assert words.say(f"help.group_{group}") in lines
    # What wraps beside its key is still whole.
    for action in actions_of(where):
        for word in words.say(f"help.{action.name}").split():
            assert word in text


def test_a_form_offers_what_the_level_has_on_offer() -> None:
    form = Form(LaunchInstance, made_up_frame(), made_up_scenario())
    kinds = {field.name: type(field) for field in form.fields}
    assert kinds == {
        "type": ChoiceField,
        "roles": SetField,
        "zone": ChoiceField,
        "os": ChoiceField,
        "volume_gb": NumberField,
        "unlimited": SwitchField,
        "name": TextField,
    }
    types = cast(ChoiceField, form.fields[0]).choices
    assert types
    assert all(name.startswith(("t3.", "m5.")) for name in types)


def test_every_command_belongs_to_a_service_that_levels_can_name() -> None:
    services = {offered.partition(":")[0] for offered in offers()} | {""}
    belong = {service_of(command) for command in COMMANDS}
    assert belong - OFFER_OF.keys() <= services
    assert OFFER_OF.keys() <= belong
    assert set(OFFER_OF.values()) <= set(offers())


def test_keys_fill_a_form_in() -> None:
    form = Form(LaunchInstance, made_up_frame(), made_up_scenario())
    first, roles, zone, os, volume, unlimited, name = form.fields
    first.press("m")
    roles.press(" ")
    zone.move(1)
    os.press("w")
    unlimited.move(1)
    for character in "35":
        volume.press(character)
    for character in "Shop-1!é":
        name.press(character)
    assert form.os == "windows"
    assert form.command() == LaunchInstance(
        type="m5.large",
        roles=("app", "db", "files"),
        zone="b",
        os="windows",
        volume_gb=35,
        unlimited=True,
        name="shop-1",
    )


def test_choices_stop_at_their_ends_and_numbers_stay_whole() -> None:
    form = Form(LaunchInstance, made_up_frame(), made_up_scenario())
    for field in form.fields:
        for by in (-1, 1):
            for _ in range(60):
                field.move(by)
    volume = next(f for f in form.fields if isinstance(f, NumberField))
    assert (volume.value or 0) > 20
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
    assert form.field is form.fields[0]
    form.fields[0].move(-1)
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
    assert form.missing() == "player"


def disks_frame() -> Frame:
    """A volume in web-1, one on its own, and a snapshot."""
    simulation = FakeSimulation()
    simulation.apply(LaunchInstance(type="m5.large"))
    frame = simulation.frame()
    loose = VolumeView("vol-9", "st1", 500, 122, "a", 3.0, 22_500_000, keep=True)
    snapshot = SnapshotView("snap-1", "vol-9", 3.0, "completed")
    return replace(frame, volumes=(*frame.volumes, loose), snapshots=(snapshot,))


def test_what_need_not_be_given_is_left_alone_until_it_is_touched() -> None:
    form = Form(ChangeVolume, disks_frame(), made_up_scenario(), "vol-9")
    type_, gb, iops, _ = form.fields
    assert form.resource == "vol-9"
    assert form.command() == ChangeVolume(volume="vol-9")
    gb.move(1)
    for character in "16000\b":
        iops.press(character)
    type_.move(1)
    assert form.command() == ChangeVolume("vol-9", type="gp3", gb=600, iops=1_600)
    for _ in range(4):
        iops.press("\b")
    assert form.command() == ChangeVolume("vol-9", type="gp3", gb=600)


def test_volumes_are_offered_by_their_state() -> None:
    frame = disks_frame()
    attach = Form(AttachVolume, frame, made_up_scenario(), "web-1")
    assert attach.command() == AttachVolume(volume="vol-9", instance="web-1")
    detach = Form(DetachVolume, frame, made_up_scenario())
    assert detach.command() == DetachVolume(volume="vol-1")
    restore = Form(CreateVolume, frame, made_up_scenario(), "snap-1").command()
    assert restore == CreateVolume(snapshot="snap-1")
    bare = Form(CreateVolume, frame, made_up_scenario()).command()
    assert bare == CreateVolume(snapshot=None)


def test_a_switch_offers_what_is_not_so_yet() -> None:
    frame = disks_frame()
    assert Form(KeepVolume, frame, made_up_scenario(), "vol-9").command() == KeepVolume(
        "vol-9", keep=False
    )
    form = Form(KeepVolume, frame, made_up_scenario(), "vol-1")
    assert form.command() == KeepVolume("vol-1", keep=True)
    form.fields[0].press(" ")
    assert form.command() == KeepVolume("vol-1", keep=False)


def managed_frame() -> Frame:
    """A database with a standby and backups, one that is being made, a kept backup, a bucket."""
    facts: dict[str, Fact] = {"engine": "postgres", "gb": 40, "multi_az": True, "backup_days": 0}
    resources = (
        ResourceView("orders", "rds", "db.m5.large", 1, roles=("db",), facts=facts),
        ResourceView("young", "rds", "db.m5.large", 1, state="creating", roles=("db",)),
        ResourceView("old-backup", "rds", "backup", 1, facts={"restorable_s": 90}),
        ResourceView("media", "s3", "standard", 1, roles=("files",)),
    )
    return replace(made_up_frame(), resources=resources)


def test_managed_resources_are_offered_by_kind_and_state() -> None:
    frame, scenario = managed_frame(), replace(made_up_scenario(), allowed=None)
    move = Form(MoveTables, frame, scenario)
    assert move.command() == MoveTables("orders")
    assert Form(MoveFiles, frame, scenario).command() == MoveFiles("media")
    point = Form(PointAddress, frame, scenario)
    (to,) = (f for f in point.fields if isinstance(f, ChoiceField) and f.name == "to")
    assert to.choices == ("orders", "media")
    restored = Form(RestoreDatabase, frame, scenario, "old-backup")
    assert restored.resource == "old-backup"
    assert restored.value("multi_az") is False


@pytest.mark.parametrize(
    ("holders", "roles"),
    [({}, ("web", "app", "db", "files")), ({"db": "orders", "files": "media"}, ("web", "app"))],
)
def test_a_new_machine_is_not_meant_for_what_a_managed_service_does(
    holders: dict[str, str | None], roles: tuple[str, ...]
) -> None:
    frame = replace(managed_frame(), addresses={"web": "web-1", "app": "web-1", **holders})
    launch = Form(LaunchInstance, frame, made_up_scenario())
    assert launch.value("roles") == roles


def test_a_database_is_changed_from_what_it_is() -> None:
    frame, scenario = managed_frame(), replace(made_up_scenario(), allowed=None)
    assert Form(SetStandby, frame, scenario, "orders").command() == SetStandby("orders", False)
    change = Form(ChangeDatabase, frame, scenario, "orders")
    assert change.command() == ChangeDatabase("orders")
    assert change.engine == "postgres"
    starts = {f.name: f.start for f in change.fields if isinstance(f, NumberField)}
    assert starts == {"gb": 40, "backup_days": 0}
    assert Form(CreateDatabase, frame, scenario).engine == "mysql"


def test_a_group_is_proposed_behind_the_balancer_and_can_be_made_of_an_image() -> None:
    front, golden = (
        ResourceView("front", "elb", "application", 0),
        ResourceView("golden", "ami", "image", 0),
    )
    frame = replace(made_up_frame(), resources=(front, golden))
    scenario = replace(made_up_scenario(), allowed=None)
    form = Form(CreateGroup, frame, scenario, "golden")
    assert (form.value("image"), form.value("balancer")) == ("golden", "front")
    assert Form(CreateGroup, made_up_frame(), scenario).value("balancer") is None
    assert {CreateGroup, LaunchInstance} <= set(commands_on("own_image"))


def test_a_schedule_begins_as_the_group_is_and_its_time_is_typed_as_on_the_clock() -> None:
    facts: dict[str, Fact] = {"least": 1, "desired": 2, "most": 8}
    fleet = ResourceView("fleet", "autoscaling", "m5.large", 0, facts=facts)
    frame = replace(made_up_frame(), second=615, resources=(fleet,))
    form = Form(ScheduleGroup, frame, replace(made_up_scenario(), allowed=None), "fleet")
    assert form.command() == ScheduleGroup("fleet", 720, 1, 2, 8)
    at = form.field
    assert isinstance(at, ClockField)
    for character in "1830":
        at.press(character)
    assert at.value == 18 * 60 + 30
    at.move(1)
    assert at.value == 19 * 60
    for character in ("7", "x", "\b", "9"):
        at.press(character)
    assert at.value == 9
    at.move(-1)
    assert at.value == 0


def test_a_form_begins_anew_with_each_thing_that_it_may_be_about() -> None:
    small: dict[str, Fact] = {"least": 1, "desired": 2, "most": 8}
    large: dict[str, Fact] = {"least": 10, "desired": 20, "most": 80}
    groups = (
        ResourceView("small", "autoscaling", "m5.large", 0, facts=small),
        ResourceView("large", "autoscaling", "m5.large", 0, facts=large),
    )
    scenario = replace(made_up_scenario(), allowed=None)
    alone = Form(ScheduleGroup, replace(made_up_frame(), resources=groups[:1]), scenario)
    assert alone.command() == ScheduleGroup("small", 120, 1, 2, 8)
    form = Form(ScheduleGroup, replace(made_up_frame(), resources=groups), scenario)
    assert form.command() == ScheduleGroup("small", 120, 1, 2, 8)
    form.step(1)
    assert form.command() == ScheduleGroup("large", 120, 10, 20, 80)
    form.move(2)
    form.step(1)
    assert form.command() == ScheduleGroup("large", 120, 20, 20, 80)
    form.move(-2)
    form.step(1)
    assert form.command() == ScheduleGroup("large", 120, 20, 20, 80)
    form.step(-1)
    assert form.command() == ScheduleGroup("small", 120, 1, 2, 8)


def test_what_goes_with_a_thing_is_said_before_it_is_given_back() -> None:
    frame = replace(
        made_up_frame(),
        addresses={"web": "web-1", "app": "web-1", "db": "orders", "db/cart": "orders"},
        volumes=(
            VolumeView("vol-1", "gp3", 20, 3000, "a", 7.5, 1, "web-1", roles=("files",)),
            VolumeView("vol-2", "gp3", 20, 3000, "a", 7.5, 1, "web-1", keep=True, roles=("db",)),
            VolumeView("vol-3", "gp3", 20, 3000, "a", 1.5, 1),
        ),
        resources=(ResourceView("orders", "rds", "db.m5.large", 1, facts={"used_gb": 21.4}),),
    )
    words = Words("en")
    assert loss_words(TerminateInstance("web-1"), frame, words) == [
        "It answers for web, app now: without it those requests fail.",
        "7.5 GB on vol-1 go with it.",
    ]
    kept, dropped = (
        loss_words(DeleteDatabase("orders", keep_backup=kept), frame, words)
        for kept in (True, False)
    )
    assert kept == dropped[:1]
    assert "the table cart" in kept[0]
    assert dropped[1] == "21.4 GB on orders go with it."
    assert loss_words(DeleteVolume("vol-3"), frame, words) == []
    assert loss_words(StopInstance("web-1"), frame, words) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_refusals_are_said_in_one_language(language: str) -> None:
    words = Words(language)
    cases: tuple[tuple[str, dict[str, Detail], str], ...] = (
        ("bad_number", {"field": "gb", "value": 1, "expected": "125 to 16384"}, "16,384"),
        ("wrong_state", {"id": "vol-1", "state": "attached", "needs": "unattached"}, "vol-1"),
        ("wrong_state", {"id": "snap-1", "state": "pending", "needs": "completed"}, "snap-1"),
        ("would_loop", {"machine": "web-1", "role": "db", "remedy": "app"}, "app"),
        ("would_loop", {"machine": "web-1", "role": "db", "remedy": ""}, "web-1"),
        ("other_zone", {"id": "vol-1", "zone": "a", "needs": "b"}, "vol-1"),
        ("not_bootable", {"id": "vol-1", "type": "st1"}, "st1"),
        ("limit_reached", {"what": "pending snapshots", "limit": 5}, "5"),
        ("bad_number", {"field": "from_s", "value": 60, "expected": "61 to 1800"}, "30:00"),
    )
    for reason, details, said in cases:
        text = refusal_text(words, Refused(RefusalReason(reason), details))
        assert said in text
        if language == "ko":
            assert not re.search("attached|available|pending| to ", text)
