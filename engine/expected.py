"""What a value might have been, in an author's words, where a reader only says that it is none."""

import re
from difflib import get_close_matches
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from engine.parts import one_of

MOST = 20
"""Names in a complaint; of more than that the nearest are named."""

_NAME = re.compile(r"matching regex '\^\[a-z.*\{0,(\d+)\}\$'$")


def in_words(what: str, value: Any, kind: Any) -> tuple[str, str]:
    """What a reader says of `value`, and what to write instead; nothing where it says that."""
    if what.startswith("Invalid "):
        tried = value if isinstance(value, str) else _tag(value)
        return what, _nearest(tried, names_of(kind))
    if what in ("Expected `float`, got `str`", "Expected `int`, got `str`"):
        return what, "a number, without quotes"
    match = _NAME.search(what)
    if match and isinstance(value, str):
        longest = int(match[1]) + 1
        expected = f"small letters, digits and hyphens, at most {longest}"
        return f"'{value[: longest + 1]}' is no name", expected
    return what, ""


def names_of(kind: Any) -> list[str]:
    """The names among which a kind lets one choose: of a Literal, an Enum, or tagged structs."""
    if get_origin(kind) is Annotated:
        return names_of(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return [name for each in get_args(kind) for name in names_of(each)]
    if get_origin(kind) is Literal:
        return [str(one) for one in get_args(kind)]
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [str(one.value) for one in kind]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        tag = kind.__struct_config__.tag
        return [] if tag is None else [str(tag)]
    return []


def _tag(value: Any) -> str:
    """What a table says that it is."""
    said = (value.get(key) for key in ("do", "kind")) if isinstance(value, dict) else ()
    return next((one for one in said if isinstance(one, str)), "")


def _nearest(tried: str, names: list[str]) -> str:
    if len(names) <= MOST:
        return one_of(names, MOST) if names else ""
    near = get_close_matches(tried, names, n=5, cutoff=0.5)
    return one_of([*near, *(name for name in names if name not in near)], len(near) or 5)
