"""What a level has on offer: a type of a service's catalog table, or why it cannot be had."""

from collections.abc import Mapping
from typing import TypeVar

from engine.outcomes import RefusalReason, Refused
from engine.scenario import is_offered
from engine.world import World

Kind = TypeVar("Kind")


def find_type(world: World, service: str, kinds: Mapping[str, Kind], type_: str) -> Kind | Refused:
    """The row of that type if there is one and the level has it on offer."""
    kind = kinds.get(type_)
    if kind is None:
        return Refused(RefusalReason.UNKNOWN_TYPE, {"type": type_})
    if not is_offered(world.scenario, f"{service}:{type_}"):
        return Refused(RefusalReason.NOT_ON_OFFER, {"what": type_})
    return kind
