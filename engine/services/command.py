"""What every command is: one thing that a player may do, as frozen data.

A command's own fields are all that a plan, a recording and the screen's form
know of it. `choose` tells the form where a field's choices come from.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta


class Command(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do"):
    """One thing that a player may do; ``do`` is its name in files."""


def choose(source: str) -> Meta:
    """Metadata of a field whose choices the form finds on the board or in the catalog.

    `source` is ``instance``, ``instance_type``, ``zone``, ``role``, ``roles``,
    or ``instance:STATE`` for instances in one state (``instance:stopped``).
    """
    return Meta(extra={"choose": source})


def source_of(annotation: Any) -> str | None:
    """The `choose` source in a field's annotation, or None."""
    for meta in getattr(annotation, "__metadata__", ()):
        if isinstance(meta, Meta) and meta.extra and "choose" in meta.extra:
            return str(meta.extra["choose"])
    return None


InstanceId = Annotated[str, choose("instance")]
"""A field that holds the id of an instance."""
