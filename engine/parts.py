"""What the parts of a scenario are made of: names, roles, zones, and complaints about them."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Role = Literal["web", "app", "db", "files"]
ROLES: tuple[Role, ...] = ("web", "app", "db", "files")


def role_of_table(table: str | None) -> str:
    """The role of a table's data, which may have an address of its own: ``db/orders``."""
    return "db" if table is None else f"db/{table}"


def shard_role(role: str, shard: int) -> str:
    """The role of one shard of a table's data: ``db/orders#0``."""
    return f"{role}#{shard}"


def base_of(role: str) -> str:
    """One of the four roles: that of a table is `db`."""
    return role.partition("/")[0]


Zone = Literal["a", "b", "c"]
ZONES: tuple[Zone, ...] = ("a", "b", "c")

Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,23}$")]

Complain = Callable[[str, str, str], None]
"""Says that something at a path is wrong, and what was expected."""


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a scenario file; unknown keys are refused."""


def check_unique(names: list[str], path: str, complain: Complain) -> None:
    """Complain of a name that is given twice."""
    for name in names:
        if names.count(name) > 1:
            complain(path, f"two are named '{name}'", "each name once")


def one_of(names: Any, limit: int = 8) -> str:
    """``one of a, b, c``: what was expected where a name leads nowhere."""
    listed = list(names)
    if not listed:
        return "none, for there are none"
    shown = ", ".join(listed[:limit])
    return f"one of {shown}" + (", …" if len(listed) > limit else "")
