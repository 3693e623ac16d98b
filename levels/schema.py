"""JSON Schemas of the files that a level's author writes, for editors that complete and check."""

from collections.abc import Callable
from typing import Any

import msgspec

from engine.scenario import Scenario
from engine.services.registry import COMMANDS
from levels.keys import SENTENCES, TIMES
from levels.level import Head
from levels.plan import MAX_STEPS, METRICS, Timing

DIALECT = "http://json-schema.org/draft-07/schema#"
"""The newest that the common editors for TOML understand."""

NO_DEFAULT = ("default", None)
"""How msgspec says that a key may be left out; an editor would write it down."""

REFERENCE = "#/definitions/{name}"


def level_schema() -> dict[str, Any]:
    """What a level.toml may hold: the scenario, and what a level says besides."""
    (head, scenario), parts = msgspec.json.schema_components(
        [Head, Scenario], ref_template=REFERENCE
    )
    merged = [parts.pop(_name(ref)) for ref in (head, scenario)]
    schema = {
        "$schema": DIALECT,
        "title": "A level of Headroom",
        "type": "object",
        "properties": merged[1]["properties"] | merged[0]["properties"],
        "required": sorted({*merged[0]["required"], *merged[1]["required"]}),
        "additionalProperties": False,
        "definitions": parts,
    }
    _explain({"": schema, **parts})
    return dict(_in_dialect(schema))


def plan_schema() -> dict[str, Any]:
    """What a plan may hold: steps, each a command with one time or condition."""
    (timing, *commands), parts = msgspec.json.schema_components(
        [Timing, *COMMANDS], ref_template=REFERENCE
    )
    times = parts.pop(_name(timing))["properties"]
    times["when"]["description"] = f"A metric, >, <, >= or <=, a number; of {', '.join(METRICS)}"
    for key, sentence in TIMES.items():
        times[key]["description"] = sentence
    _explain(parts)
    for command in commands:
        parts[_name(command)]["properties"] |= times
    one_time = [{"required": [name]} for name in ("at_s", "after_s", "when")]
    step = {"anyOf": commands, "oneOf": one_time, "discriminator": {"propertyName": "do"}}
    schema = {
        "$schema": DIALECT,
        "title": "A plan of Headroom",
        "type": "object",
        "properties": {"steps": {"type": "array", "maxItems": MAX_STEPS, "items": step}},
        "required": ["steps"],
        "additionalProperties": False,
        "definitions": parts,
    }
    return dict(_in_dialect(schema))


SCHEMAS: dict[str, Callable[[], dict[str, Any]]] = {"level": level_schema, "plan": plan_schema}
"""Schemas by the kind of file."""


def _explain(parts: dict[str, dict[str, Any]]) -> None:
    """Give the keys of these parts their sentences."""
    for part in parts.keys() & SENTENCES:
        for key, sentence in SENTENCES[part].items():
            parts[part]["properties"][key]["description"] = sentence


def _in_dialect(value: Any) -> Any:
    """As that draft and TOML have it: no `prefixItems`, which are newer, and no null."""
    if isinstance(value, list):
        return [_in_dialect(item) for item in value]
    if not isinstance(value, dict):
        return value
    known = {key: _in_dialect(item) for key, item in value.items() if (key, item) != NO_DEFAULT}
    if "prefixItems" in known:
        known["items"] = known.pop("prefixItems")
    choices = [choice for choice in known.pop("anyOf", ()) if choice != {"type": "null"}]
    return known | ({"anyOf": choices} if len(choices) > 1 else dict(*choices))


def _name(reference: dict[str, Any]) -> str:
    return str(reference["$ref"]).rpartition("/")[2]
