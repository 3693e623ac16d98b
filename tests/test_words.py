"""The words: both languages say the same things, and whatever the code says can be said."""

import ast
import re
import string
from pathlib import Path
from typing import get_type_hints

import pytest
from rich.cells import cell_len

import tui
from engine.outcomes import FailureReason, RefusalReason
from engine.scenario import ZONES
from engine.services.registry import COMMANDS
from tui.actions import ACTIONS, DIRECTING, field_sources, name_of
from tui.choices import literal_of
from tui.render.invoice import meter_words
from tui.screens.form import choice_words
from tui.words import LANGUAGES, Words, pick_language, table

SOURCES = sorted(Path(tui.__file__).parent.rglob("*.py"))

KEY = re.compile(r"[a-z_]+\.[a-z0-9_]*[a-z0-9]")


SAID = ("undo.nothing", "undo.too_late", "undo.given_up", "undo.no_room")
"""What is said above the keys when a command is not taken back."""


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_languages_have_the_same_sentences() -> None:
    first, *others = LANGUAGES
    for other in others:
        assert set(table(first)) == set(table(other))


def test_sentences_have_the_same_placeholders_in_each_language() -> None:
    first, *others = LANGUAGES
    for other in others:
        for key, sentence in table(first).items():
            assert placeholders(sentence) == placeholders(table(other)[key]), key


def test_no_sentence_is_empty() -> None:
    for language in LANGUAGES:
        assert [key for key, said in table(language).items() if not said.strip()] == []


def test_the_line_above_the_keys_fits_into_the_smallest_terminal() -> None:
    for language in LANGUAGES:
        for key, said in table(language).items():
            if (
                key.startswith(("play.paused", "watch.paused", "play.running", "watch.running"))
                or key in SAID
            ):
                assert cell_len(said.replace("{at}", "1:02:40")) <= 78, (key, said)


def said_in(path: Path) -> set[str]:
    """Every key that is handed to a `say` as it stands."""
    calls = (n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Call))
    names = ((getattr(c.func, "attr", getattr(c.func, "id", "")), c) for c in calls if c.args)
    first = (ast.walk(call.args[0]) for name, call in names if name == "say")
    constants = (n for nodes in first for n in nodes if isinstance(n, ast.Constant))
    return {c.value for c in constants if isinstance(c.value, str) and KEY.fullmatch(c.value)}


def test_every_sentence_that_the_code_says_exists() -> None:
    missing = {key for path in SOURCES for key in said_in(path)} - set(table("en"))
    assert missing == set()


def test_every_action_command_field_and_reason_has_words() -> None:
    needed = [f"{section}.{action.name}" for action in ACTIONS for section in ("actions", "help")]
    for command in COMMANDS:
        name = name_of(command)
        needed += [f"commands.{name}", f"commands.{name}_help"]
        needed += [f"fields.{field}" for field in field_sources(command)]
    needed += [f"refusals.{reason}" for reason in RefusalReason]
    needed += [f"reasons.{reason}" for reason in FailureReason]
    assert [key for key in needed if key not in table("en")] == []


def test_every_fixed_choice_of_a_form_has_words() -> None:
    for command in COMMANDS:
        hints, sources = get_type_hints(command), field_sources(command)
        for field, hint in hints.items():
            choices = literal_of(hint) or ()
            if name_of(command) in DIRECTING or sources[field] or choices == ZONES:
                continue  # roles and zones are names
            for choice in choices:
                keys = {f"{section}.{field}_{choice}" for section in ("choices", "facts")}
                assert keys & set(table("en")), (name_of(command), field, choice)
                for language in LANGUAGES:
                    assert "_" not in choice_words(field, choice, Words(language))


def test_a_missing_sentence_is_a_programmers_error() -> None:
    with pytest.raises(KeyError):
        Words("en").say("menu.no_such_sentence")


def test_switching_changes_what_is_said_next() -> None:
    words = Words("en")
    before = words.say("menu.runs")
    words.switch("ko")
    assert words.say("menu.runs") != before


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("web-1", "web-1이 web-1로"),
        ("web-2", "web-2가 web-2로"),
        ("web-3", "web-3이 web-3으로"),
        ("서버", "서버가 서버로"),
        ("볼륨", "볼륨이 볼륨으로"),
        ("서울", "서울이 서울로"),
        ("", "가 로"),
    ],
)
def test_korean_particles_follow_the_last_sound(
    name: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = Words("ko")
    monkeypatch.setattr(words, "_table", {"a.b": "{id:이/가} {id:으로/로}"})
    assert words.say("a.b", id=name) == said


@pytest.mark.parametrize(
    ("asked", "environ", "saved", "picked"),
    [
        (None, {}, None, "en"),
        ("ko", {"HEADROOM_LANG": "en"}, "en", "ko"),
        (None, {"HEADROOM_LANG": "ko"}, "en", "ko"),
        (None, {"LANG": "ko_KR.UTF-8"}, "en", "en"),
        (None, {"LANG": "ko_KR.UTF-8"}, None, "ko"),
        (None, {"LANG": "C.UTF-8"}, "xx", "en"),
    ],
)
def test_language_is_asked_for_then_set_then_saved_then_the_systems(
    asked: str | None, environ: dict[str, str], saved: str | None, picked: str
) -> None:
    assert pick_language(asked, environ, saved) == picked


@pytest.mark.parametrize(
    ("n", "said"),
    [(0, "0 shards"), (1, "1 shard"), ("1", "1 shard"), (1200, "1,200 shards")],
)
def test_a_noun_is_as_many_as_its_number_says(n: int | str, said: str) -> None:
    assert Words("en").say("board.shards", table="orders", n=n) == f"orders: {said}"


def test_every_line_of_the_bill_has_words() -> None:
    """Wherever the engine opens a meter under a fixed name."""
    engine = Path(tui.__file__).parent.parent / "engine"
    calls = (
        n
        for path in sorted(engine.rglob("*.py"))
        for n in ast.walk(ast.parse(path.read_text("utf-8")))
    )
    opened = [
        n.args[1].value
        for n in calls
        if isinstance(n, ast.Call)
        and ast.unparse(n.func).endswith("ledger.add")
        and isinstance(n.args[1], ast.Constant)
    ]
    assert len(opened) > 5
    korean = Words("ko")
    assert [str(meter) for meter in opened if meter_words(str(meter), korean) == meter] == []
