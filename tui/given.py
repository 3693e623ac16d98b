"""A recorded command in words: as it was given, and what came of it. Pure: plain data to text."""

from functools import cache
from math import isfinite
from typing import Any

import msgspec

from engine.outcomes import Refused
from engine.recording import CommandLine
from engine.services.registry import COMMANDS
from tui.actions import name_of
from tui.pages import refusal_text
from tui.render.canvas import clean
from tui.render.figures import clock, number
from tui.trouble import KINDS, Strength
from tui.words import Words

MOST_LISTED = 12
"""Of a longer list, such as a day of traffic, only its length is said."""

CLOCKS = ("from_s",)
"""Fields that are seconds of the run."""

QUIET = ("roles", "os", "volume_gb", "zones", "health", "every_s")
"""Fields that are only said where they are not as usual."""


def given_words(line: CommandLine, words: Words) -> str:
    """``Launch an instance: type m5.large, zone b → web-2``, whatever version recorded it."""
    values = dict(line.command)
    name = str(values.pop("do", ""))
    usual = _usual(name)
    said = [
        f"{_field_words(field, words)} {_value_words(field, value, words)}"
        for field, value in values.items()
        if not _goes_without_saying(field, value, usual)
    ]
    if name == "start_incident":
        said = _incident_words(values, words) or said
    elif name == "set_bill" and isinstance(values.get("on"), bool):
        said = [words.say("watch.bill_on" if values["on"] else "watch.bill_off")]
    key = f"commands.{name}"
    title = words.say(key) if words.knows(key) else name.replace("_", " ")
    text = f"{title}: {', '.join(said)}" if said else title
    made = "" if isinstance(line.outcome, Refused) else line.outcome.resource
    return clean(f"{text} → {made}" if made and made not in map(str, values.values()) else text)


def _incident_words(values: dict[str, Any], words: Words) -> list[str]:
    """Trouble as it is chosen: its name, whom it befalls, and what of the rest its kind knows."""
    kind, target = values.get("kind"), values.get("target")
    strengths = KINDS.get(kind) if isinstance(kind, str) else None  # type: ignore[call-overload]
    if not strengths:
        return []
    known, given = strengths[0], (values.get("factor"), values.get("duration_s"))
    figures = [figure for figure in given if isinstance(figure, int | float) and isfinite(figure)]
    said = [words.say(f"sandbox.{kind}")]
    if isinstance(target, str) and target:
        said.append(target)
    if known.duration_s is not None and len(figures) == len(given):
        factor = None if known.factor is None else float(figures[0])
        said.append(Strength(factor, int(figures[1])).words(str(kind), words))
    return said


def refused_words(line: CommandLine, words: Words) -> str:
    """Why a command was refused, or nothing."""
    if not isinstance(line.outcome, Refused):
        return ""
    try:
        why = refusal_text(words, line.outcome)
    except (KeyError, ValueError, IndexError):  # of another version: other figures
        why = clean(line.outcome.reason.replace("_", " "))
    return words.say("watch.refused", why=why)


def told_words(line: CommandLine, words: Words) -> str:
    """What was given and, where that was refused, why."""
    given, refused = given_words(line, words), refused_words(line, words)
    return f"{given}. {refused}" if refused else given


def _goes_without_saying(field: str, value: Any, usual: dict[str, Any]) -> bool:
    """What was not chosen, or not otherwise than most do."""
    empty = value is None or value is False or value == ""
    return empty or (field in QUIET and usual.get(field) == value)


@cache
def _usual(name: str) -> dict[str, Any]:
    """What a command's fields are if nobody touches them; nothing of one we do not know."""
    command = next((one for one in COMMANDS if name_of(one) == name), None)
    fields = msgspec.structs.fields(command) if command is not None else ()
    usual = {f.name: f.default for f in fields if f.default is not msgspec.NODEFAULT}
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(usual))
    return plain


def _field_words(field: str, words: Words) -> str:
    key = f"fields.{field}"
    return words.say(key) if words.knows(key) else field.replace("_", " ")


def _value_words(field: str, value: Any, words: Words) -> str:
    if isinstance(value, bool):
        return words.say("form.yes" if value else "form.no")
    if isinstance(value, list | tuple) and len(value) > MOST_LISTED:
        return words.say("watch.figures", n=len(value))
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    if field in CLOCKS and isinstance(value, int | float):
        return clock(value)
    return number(value) if isinstance(value, int | float) else str(value)
