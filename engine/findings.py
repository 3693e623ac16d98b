"""Everything that is wrong with a file at once, where reading it for use stops at the first.

A value that cannot be read is complained of once; a stand-in takes its place, so that
what stands beside it can still be checked.
"""

import typing
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from engine.complaint import Complaint
from engine.expected import in_words
from engine.parts import one_of
from engine.toml import convert, odd_values

MOST = 100
"""Complaints about one file; who has more than that should begin with these."""


class Findings:
    """The complaints about one file, in the order in which they were found."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.also: dict[str, tuple[str, ...]] = {}
        """By place, keys that may stand there and are read on their own."""
        self._found: dict[str, Complaint] = {}
        self._unread: list[str] = []

    @property
    def complaints(self) -> list[Complaint]:
        """What was found, each once."""
        return list(self._found.values())

    @property
    def full(self) -> bool:
        """Whether no more is taken in."""
        return len(self._found) >= MOST

    def add(self, complaint: Complaint) -> None:
        """One more; what was said before is not said again."""
        if not self.full:
            self._found.setdefault(str(complaint), complaint)

    def complain(self, path: str, what: str, expected: str) -> None:
        """What checks of names, sums and orders call; silent where a stand-in is to blame."""
        if not any(_touch(path, unread) for unread in self._unread):
            self.add(Complaint(f"{self.where}: {path}", what, expected))

    def raise_first(self) -> None:
        """Raise the first complaint, if there is one."""
        for complaint in self._found.values():
            raise complaint

    def read(self, values: Any, kind: Any, path: str = "") -> Any:
        """Plain values as a `kind`, what is wrong in them left out or replaced; maybe UNSET."""
        try:
            for odd in odd_values(values, ""):
                raise odd
            return convert(values, kind, "")
        except Complaint as complaint:
            before = len(self._unread)
            read = self._read_inside(values, _plain(kind, values), path)
            if len(self._unread) > before:
                return read
            deeper = complaint.where.removeprefix(": ")
            what, expected = in_words(complaint.what, values, kind)
            self._miss(_join(path, deeper), what, path, complaint.expected or expected)
            return values if _only_bounds_are_wrong(values, kind) else msgspec.UNSET

    def _read_inside(self, values: Any, kind: Any, path: str) -> Any:
        """Part by part, where `values` has parts as `kind` has."""
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(values, dict):
            return self._read_struct(values, kind, path)
        if get_origin(kind) is tuple and get_args(kind)[1:] == (...,) and isinstance(values, list):
            item = get_args(kind)[0]
            read = [self.read(value, item, f"{path}[{i}]") for i, value in enumerate(values)]
            return tuple(part for part in read if part is not msgspec.UNSET)
        if get_origin(kind) is dict and isinstance(values, dict):
            return self._read_dict(values, get_args(kind), path)
        return None

    def _read_dict(self, values: dict[str, Any], kinds: tuple[Any, ...], path: str) -> Any:
        read = {}
        for name, value in values.items():
            place = _join(path, name)
            key, item = self.read(name, kinds[0], place), self.read(value, kinds[1], place)
            if msgspec.UNSET not in (key, item):
                read[key] = item
        return read

    def _read_struct(self, values: dict[str, Any], kind: type[msgspec.Struct], path: str) -> Any:
        kinds = typing.get_type_hints(kind, include_extras=True)
        fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
        for name in values:
            if name not in fields and name != kind.__struct_config__.tag_field:
                what = f"Object contains unknown field `{name}`"
                expected = one_of([*fields, *self.also.get(path, ())], 24)
                self._miss(path, what, _join(path, name), expected)
        read = {
            field.name: self.read(values[name], kinds[field.name], _join(path, name))
            for name, field in fields.items()
            if name in values
        }
        for name, field in fields.items():
            if field.required and name not in values:
                self._miss(path, f"Object missing required field `{name}`", _join(path, name))
            if field.required and read.get(field.name, msgspec.UNSET) is msgspec.UNSET:
                read[field.name] = _stand_in(kinds[field.name])
        needed = {field.name for field in fields.values() if field.required}
        return kind(**{n: v for n, v in read.items() if n in needed or v is not msgspec.UNSET})

    def _miss(self, path: str, what: str, unread: str, expected: str = "") -> None:
        self._unread.append(unread)
        self.add(Complaint(f"{self.where}: {path}" if path else self.where, what, expected))


def _join(path: str, deeper: str) -> str:
    return f"{path}.{deeper}" if path and deeper and deeper[0] != "[" else f"{path}{deeper}"


def _touch(path: str, other: str) -> bool:
    """Whether one of two places lies in the other."""
    short, long = sorted((path, other), key=len)
    return long == short or (long.startswith(short) and long[len(short)] in ".[")


def _plain(kind: Any, values: Any) -> Any:
    """A kind without what annotates it; of several, the one that `values` are meant as."""
    if get_origin(kind) is Annotated:
        return _plain(get_args(kind)[0], values)
    if get_origin(kind) not in (Union, UnionType):
        return kind
    chosen = [k for k in get_args(kind) if k is not NoneType and _is_meant(k, values)]
    return _plain(chosen[0], values) if len(chosen) == 1 else kind


def _is_meant(kind: Any, values: Any) -> bool:
    plain = _plain(kind, values)
    if isinstance(plain, type) and issubclass(plain, msgspec.Struct):
        config = plain.__struct_config__
        tag = values.get(config.tag_field) if isinstance(values, dict) else None
        return isinstance(values, dict) and (config.tag is None or tag == config.tag)
    return isinstance(values, list) == (get_origin(plain) is tuple)


def _only_bounds_are_wrong(values: Any, kind: Any) -> bool:
    if isinstance(values, str):
        return any(leaf is str for leaf, _ in _leaves(kind))
    is_number = isinstance(values, int | float) and not isinstance(values, bool)
    return is_number and any(leaf in (int, float) for leaf, _ in _leaves(kind))


def _stand_in(kind: Any) -> Any:
    """What takes the place of a value that must be there: the most that it may be."""
    for leaf, most in _leaves(kind):
        if leaf is str:
            return "?"
        if leaf in (int, float):
            return 1 if most is None else most
        if get_origin(leaf) is tuple:
            return ()
    return msgspec.UNSET


def _leaves(kind: Any, most: Any = None) -> Iterator[tuple[Any, Any]]:
    """What a kind may be, plainly, each with its largest value if it has one."""
    if get_origin(kind) is Annotated:
        inner, *metas = get_args(kind)
        yield from _leaves(inner, next((m.le for m in metas if getattr(m, "le", None)), most))
    elif get_origin(kind) in (Union, UnionType):
        for each in get_args(kind):
            yield from _leaves(each, most)
    else:
        yield str if get_origin(kind) is Literal else kind, most
