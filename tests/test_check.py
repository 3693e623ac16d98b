"""`levels --check` names everything that is wrong with a level at once, and nothing that is not."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.complaint import Complaint
from levels.campaign import campaign, find_level
from levels.check import check_level
from levels.level import read_level
from levels.proof import read_proof_plan
from tests.hostile import mutated_toml
from tests.test_cli import SHORT
from tui.cli import BAD_INPUT, WON, run

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of a level of the campaign, to break."""
    shutil.copytree(find_level("scale-up").folder, tmp_path / "mine")
    return tmp_path / "mine"


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def said(folder: Path) -> list[str]:
    complaints = [str(complaint) for complaint in check_level(folder)[1]]
    assert all(line.isprintable() and len(line) <= 400 for line in complaints)
    return [line.removeprefix(f"{folder}/") for line in complaints]


@pytest.mark.parametrize("level", campaign(), ids=lambda level: level.slug)
def test_the_campaign_has_no_complaint(level: object) -> None:
    folder = getattr(level, "folder")  # noqa: B009
    assert check_level(folder)[1] == []


LEVEL, TEXT, PLAN = "level.toml", "text.en.md", "plans/reference.toml"

STOP, INSTANCE = 'do = "stop_instance"\n', 'instance = "web-1"\n'

FAULTS = {
    "wrong type": (LEVEL, "from_rps = 20.0", 'from_rps = "x"', "expected a number, without quotes"),
    "out of bounds": (LEVEL, "deadline_ms = 400", "deadline_ms = -1", "[0].deadline_ms: Expected"),
    "no table": (LEVEL, 'table = "orders"', 'table = "ordrs"', "table: no table 'ordrs'"),
    "unknown key": (LEVEL, "two_stars_month", "two_star_month", "field `two_star_month_usd`"),
    "no type": (LEVEL, '"t3.small"', '"t9.small"', "instances[0].type: no type 't9.small'"),
    "enum": (LEVEL, "credits = 4.0", 'zone = "q"', "enum value 'q'; expected one of a,"),
    "no plan": (LEVEL, '"watchful"', '"wachful"', "proofs[1].plan: no file 'plans/wachful.toml'"),
    "no reason": (LEVEL, '["late", "out', '["lait", "out', "because.reason: no reason 'lait'"),
    "no because": (LEVEL, 'because = { reason = "late"', '# { reason = "late"', "why this plan"),
    "no level": (LEVEL, '"first-server"', '"x"', "follows: no level 'x'"),
    "no offer": (LEVEL, '"ec2:m5.large"', '"ec2:m5.tiny"', "'ec2:m5.tiny' matches nothing"),
    "no section": (TEXT, "## Lesson", "## Lessen", "has no section '## Lesson'"),
    "empty section": (TEXT, "## Won\n", "## Won\n## More\n", "section 'Won' is empty"),
    "time": (PLAN, "at_s = 600", "at_s = -600", "steps[0].at_s: Expected `int` >= 0"),
    "command": (PLAN, '"resize_instance"', '"resise_instance"', "expected one of resize_instance,"),
    "missing": (PLAN, STOP + INSTANCE, STOP, "steps[0]: Object missing required field `instance`"),
    "no name": (LEVEL, 'id = "web-1"', 'id = "Web 1"', "'Web 1' is no name; expected small"),
    "not toml": ("plans/watchful.toml", "[[steps]]", "[[steps", "plans/watchful.toml: is not TOML"),
}  # fmt: skip
"""File, what is changed there into what, and what must be said of it."""


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named(folder: Path, name: str) -> None:
    file, old, new, expected = FAULTS[name]
    change(folder / file, old, new)
    found = said(folder)
    assert any(line.startswith(file) and expected in line for line in found), found


def test_all_faults_are_named_at_once(folder: Path, capsys: Captured) -> None:
    for file, old, new, _ in FAULTS.values():
        change(folder / file, old, new)
    found = said(folder)
    for file, _, _, expected in FAULTS.values():
        assert sum(line.startswith(file) and expected in line for line in found) == 1, expected
    assert run(["levels", "--check", str(folder)]) == BAD_INPUT
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.removeprefix(f"headroom: {folder}/") for line in err.splitlines()] == found


def test_what_a_fault_hides_is_not_complained_of(folder: Path) -> None:
    change(folder / LEVEL, "share = 0.8", 'share = "most"')
    assert said(folder) == ["level.toml: requests[0].share: Expected `float | array`, got `str`"]


def test_a_table_without_a_name_is_missed_where_it_is_asked_for(folder: Path) -> None:
    change(folder / LEVEL, '[[tables]]\nname = "catalog"', '[[tables]]\nnam = "catalog"')
    unknown, missing, dangling = said(folder)
    assert "tables[0]: Object contains unknown field `nam`; expected one of name, gb" in unknown
    assert "tables[0]: Object missing required field `name`" in missing
    assert "requests[0].table: no table 'catalog'" in dangling


def test_a_board_that_is_a_loop_is_found_when_it_opens(tmp_path: Path, capsys: Captured) -> None:
    board = """
[[board.instances]]
id = "web-2"
type = "m5.large"
[board.addresses]
web = "web-1"
app = "web-2"
db = "web-1"
[[tables]]
name = "t"
gb = 1
"""
    short = SHORT.replace("app_ms = 5.0", 'app_ms = 5.0\ndata = "read"\ntable = "t"')
    (tmp_path / "level.toml").write_text(short.replace("[objectives]", f"{board}[objectives]"))
    assert run(["levels", "--check", str(tmp_path)]) == BAD_INPUT
    assert capsys.readouterr().err.count("\n") == 1


def test_nothing_is_said_of_a_good_level_but_that(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "level.toml").write_text(SHORT)
    assert run(["levels", "--check", str(tmp_path)]) == WON
    assert capsys.readouterr().err == ""


def refusal(read: Callable[[], object]) -> str | None:
    try:
        read()
    except Complaint as complaint:
        return str(complaint)
    return None


def read_all(folder: Path) -> None:
    level = read_level(folder)
    for proof in level.proofs:
        read_proof_plan(level, proof)


def test_mutated_levels_are_complained_of_just_when_they_cannot_be_read(folder: Path) -> None:
    """What reading says first is among what checking says; a file that is read has no complaint."""
    outcomes = set()
    for index in range(400):
        rng = random.Random(f"check/{index}")
        path = folder / rng.choice((LEVEL, LEVEL, PLAN))
        good = path.read_bytes()
        path.write_bytes(mutated_toml(rng, good))
        refused, found = refusal(lambda: read_all(folder)), said(folder)
        path.write_bytes(good)
        outcomes.add(refused is None)
        if refused is None:
            # Opening it may still show a loop; of its files there is nothing to say.
            assert len(found) <= 1, index
        else:
            assert refused.removeprefix(f"{folder}/") in found, index
    assert outcomes == {True, False}


def test_a_misspelt_key_is_shown_all_keys_of_its_place(folder: Path) -> None:
    change(folder / LEVEL, "duration_s", "durations")
    change(folder / PLAN, STOP + INSTANCE, STOP + INSTANCE.replace("instance", "instanze", 1))
    level, plan = (line for line in said(folder) if "unknown field" in line)
    assert level.endswith("sandbox, chapter, teaches, follows, proofs")
    assert plan.endswith("expected one of instance, at_s, after_s, when, for_s")


def test_a_kind_that_there_is_not_is_answered_with_those_that_there_are(folder: Path) -> None:
    change(folder / LEVEL, 'kind = "ramp"', 'kind = "peak"')
    assert said(folder)[0].endswith("'peak'; expected one of constant, ramp, daily, spike, trace")


def test_a_text_of_another_name_is_not_passed_over(folder: Path) -> None:
    (folder / TEXT).rename(folder / "text.md")
    assert said(folder) == ["text.md: is no text of a level; expected text.en.md or text.ko.md"]


def test_a_level_without_words_is_told_so(folder: Path, capsys: Captured) -> None:
    for text in folder.glob("text*"):
        text.unlink()
    assert run(["levels", "--check", str(folder)]) == WON
    assert "without words yet" in capsys.readouterr().out
