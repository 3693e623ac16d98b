"""The JSON Schemas for editors: sound, and true of the files that there are."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest

from engine.services.registry import COMMANDS
from levels.campaign import FOLDER
from levels.keys import SENTENCES
from levels.schema import SCHEMAS
from tui.cli import BAD_INPUT, WON, run

Captured = pytest.CaptureFixture[str]

FILES = [("level", path) for path in sorted(FOLDER.glob("*/level.toml"))]
FILES += [("plan", path) for path in sorted(FOLDER.glob("*/plans/*.toml"))]


def parts(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value."""
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, dict | list):
            yield from parts(item)


@pytest.mark.parametrize("kind", SCHEMAS)
def test_a_schema_is_printed_and_sound(kind: str, capsys: Captured) -> None:
    assert run(["levels", "--schema", kind]) == WON
    schema = json.loads(capsys.readouterr().out)
    assert schema == json.loads(json.dumps(SCHEMAS[kind]()))
    assert schema["$schema"].endswith("/draft-07/schema#")
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) <= set(schema["properties"])
    references = {part["$ref"] for part in parts(schema) if isinstance(part.get("$ref"), str)}
    assert references == {f"#/definitions/{name}" for name in schema["definitions"]}
    assert '"null"' not in json.dumps(schema), "there is no null in TOML"
    for part in parts(schema):
        if part.get("type") == "object" and "properties" in part:
            assert set(part.get("required", ())) <= set(part["properties"])


def test_a_plan_may_hold_every_command() -> None:
    step = SCHEMAS["plan"]()["properties"]["steps"]["items"]
    assert len(step["anyOf"]) == len(COMMANDS)


@pytest.fixture(scope="module")
def validators() -> dict[str, Any]:
    return {
        kind: fastjsonschema.compile(schema(), use_default=False)
        for kind, schema in SCHEMAS.items()
    }


@pytest.mark.parametrize(("kind", "path"), FILES, ids=lambda part: getattr(part, "stem", part))
def test_every_file_of_the_campaign_fits(validators: dict[str, Any], kind: str, path: Path) -> None:
    validators[kind](tomllib.loads(path.read_text(encoding="utf-8")))


STOP: dict[str, Any] = {"do": "stop_instance", "instance": "web-1"}

WRONG: dict[str, tuple[str, dict[str, Any]]] = {
    "unknown key": ("level", {"colour": "red"}),
    "duration": ("level", {"duration_s": 5}),
    "kind": ("level", {"traffic": [{"kind": "tide", "rps": 1.0}]}),
    "two times": ("plan", {"steps": [{"at_s": 1, "after_s": 2, **STOP}]}),
    "no time": ("plan", {"steps": [STOP]}),
    "no command": ("plan", {"steps": [{"at_s": 1, "do": "fly"}]}),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_does_not_fit(validators: dict[str, Any], name: str) -> None:
    kind, changes = WRONG[name]
    good = next(path for of, path in FILES if of == kind)
    values = tomllib.loads(good.read_text(encoding="utf-8"))
    with pytest.raises(fastjsonschema.JsonSchemaValueException):
        validators[kind](values | changes)


def test_there_is_no_schema_of_anything_else(capsys: Captured) -> None:
    assert run(["levels", "--schema", "board"]) == BAD_INPUT
    assert "level or plan" in capsys.readouterr().err


def test_keys_have_sentences_and_sentences_have_keys() -> None:
    """What an author meets first is explained in the editor; nothing is explained that is gone."""
    level, plan = SCHEMAS["level"](), SCHEMAS["plan"]()
    known = {"": level, **plan["definitions"], **level["definitions"]}
    for part, sentences in SENTENCES.items():
        for key, sentence in sentences.items():
            assert known[part]["properties"][key]["description"] == sentence
    for part in ("", "Budget", "Proof", "Because", "RequestClass", "Objectives", "Incident"):
        assert all("description" in key for key in known[part]["properties"].values()), part
