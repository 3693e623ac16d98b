"""Concept cards: why each service exists and what to watch, a card a row of the lecture.

A card is a Markdown file in each language. Its figures are not typed but named,
``{ec2.boot_linux_s[0]:.0f}``: they are read from the catalog, so that a card
cannot disagree with the bill.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import msgspec

from engine.catalog import CATALOG

CONCEPTS = (
    *("C1", "C2", "E1", "E2", "E3", "V1", "V2", "V3", "V4", "A1", "A2"),
    *(
        "S1",
        "R1",
        "R2",
        "L1",
        "L2",
        "L3",
        "L4",
        "L5",
        "L7",
        "L6",
        "I1",
        "I2",
        "I3",
        "I4",
        "D1",
        "D2",
        "D3",
    ),
)
"""The cards in the order of the lecture."""

MODEL = "model"
"""The card that says what the game simulates and what it does not."""

ABOUT = {
    "instance": ("E1", "E2", "E3"),
    "volume": ("V1", "V3", "V4"),
    "snapshot": ("V2",),
    "s3": ("S1",),
    "rds": ("R1", "R2", "D1", "D2"),
    "shards": ("D2",),
    "elasticache": ("L4",),
    "dynamodb": ("D3",),
    "elb": ("L1", "L2", "L4", "L5", "L7"),
    "ami": ("A1", "A2"),
    "autoscaling": ("L3", "I4", "L6"),
    "cloudwatch": ("L6", "L3"),
}
"""The cards about what stands on the board, by its kind or its service."""

PLACEHOLDER = re.compile(
    r"\{([a-z][a-z0-9_]*)((?:\.[a-z][a-z0-9_]*|\[[a-z0-9.-]+\])*)(?::([^}]*))?\}"
)
PART = re.compile(r"\.([a-z][a-z0-9_]*)|\[([a-z0-9.-]+)\]")


class Concept(NamedTuple):
    """A card: its title, and its text as Markdown."""

    title: str
    text: str


@cache
def concept(name: str, language: str) -> Concept:
    """A card in a language, its figures filled in."""
    title, _, body = source(name, language).partition("\n")
    return Concept(title.removeprefix("# ").strip(), PLACEHOLDER.sub(_filled, body).strip())


def concept_title(name: str, language: str) -> str:
    """A card by its title."""
    return concept(name, language).title


def source(name: str, language: str) -> str:
    """A card's file as it stands."""
    path = files(__name__).joinpath(language, f"{name.lower()}.md")
    return path.read_text(encoding="utf-8")


def deck(*wanted: Iterable[str]) -> tuple[str, ...]:
    """All cards, those wanted first; rows that have no card yet are passed over."""
    first = [name for names in wanted for name in names if name in CONCEPTS]
    return tuple(dict.fromkeys([*first, *CONCEPTS]))


def _filled(found: re.Match[str]) -> str:
    first, rest, form = found.groups()
    value = look_up(first + rest)
    return format(value, form or "")


def look_up(path: str) -> str | int | float:
    """A figure of the catalog by its dotted path; LookupError if there is none."""
    value: Any = CATALOG
    for name, key in PART.findall(f".{path}"):
        value = _step(value, name, key, path)
    if not isinstance(value, str | int | float):
        raise LookupError(f"{path} is no figure")
    return value


def _step(value: Any, name: str, key: str, path: str) -> Any:
    """One field of a row, one row of a table, or one end of a range; nothing else."""
    if name and isinstance(value, msgspec.Struct) and name in value.__struct_fields__:
        return getattr(value, name)
    if key and isinstance(value, Mapping) and key in value:
        return value[key]
    if key.isdecimal() and isinstance(value, tuple) and int(key) < len(value):
        return value[int(key)]
    raise LookupError(f"{path} is not in the catalog")
