"""TOML files into frozen structs, strictly: whatever is wrong is said in one clear line."""

import math
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from engine.complaint import Complaint

T = TypeVar("T")

MAX_BYTES = 256_000
"""A level or a plan is written by a person; more than this is no such file."""

MAX_DEPTH = 12
"""Tables in tables; our formats need four."""

MAX_DOTS = 64
"""In one line; a key of thousands of parts takes the parser minutes and gigabytes."""


def read_text(
    path: Path, what: str, max_bytes: int = MAX_BYTES, encoding: str = "utf-8-sig"
) -> str:
    """The text of a file, or a Complaint that says why there is none."""
    try:
        if path.is_dir():
            raise Complaint(str(path), "is a folder", f"a {what} file")
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except FileNotFoundError:
        raise Complaint(str(path), "there is no such file", f"a {what} file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Complaint(str(path), f"cannot be read ({reason})", f"a {what} file") from None
    if len(data) > max_bytes:
        raise Complaint(str(path), "is too large", f"at most {max_bytes:,} bytes")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Complaint(str(path), f"byte {error.start} is not UTF-8", "UTF-8 text") from None


def parse_toml(text: str, where: str) -> dict[str, Any]:
    """TOML text to plain values, bounded in depth and without NaN or infinity."""
    values = decode_toml(text, where)
    for complaint in odd_values(values, where):
        raise complaint
    return values


def decode_toml(text: str, where: str) -> dict[str, Any]:
    """TOML text to plain values, whatever they are. Raises Complaint for what is not TOML."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > MAX_DOTS:
            raise Complaint(f"{where}: line {number}", "too many dots", f"at most {MAX_DOTS}")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Complaint(where, f"is not TOML: {error}") from None
    except (RecursionError, ValueError) as error:
        raise Complaint(where, f"is not TOML: {str(error)[:120]}") from None


def convert(values: Any, kind: type[T], where: str) -> T:
    """Plain values to a struct; unknown keys and wrong types are refused with their path."""
    try:
        return msgspec.convert(values, kind, strict=True)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at `")
        path = path.rstrip("`").removeprefix("$").removeprefix(".").replace("[...]", "[]")
        raise Complaint(f"{where}: {path}" if path else where, what) from None


def odd_values(value: Any, where: str, path: str = "", depth: int = 0) -> Iterator[Complaint]:
    """What no format of ours may hold, wherever it stands."""
    if depth > MAX_DEPTH:
        yield Complaint(where, f"{path[:80]}: nested too deeply", f"at most {MAX_DEPTH} levels")
        return
    place = f"{where}: {path}"
    if isinstance(value, float) and not math.isfinite(value):
        yield Complaint(place, f"{value} is not a number", "a finite number")
    if isinstance(value, int) and abs(value) > 2**53:
        yield Complaint(place, "number too large", "at most 2^53")
    if isinstance(value, str) and not value.replace("\n", "").isprintable():
        yield Complaint(place, "text with control characters", "printable text")
    if isinstance(value, dict):
        for key, item in value.items():
            yield from odd_values(item, where, f"{path}.{key}" if path else key, depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from odd_values(item, where, f"{path}[{index}]", depth + 1)
