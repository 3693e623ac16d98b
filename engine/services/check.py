"""Checks that commands of several services share: names, numbers and zones."""

import re

from engine.outcomes import RefusalReason, Refused
from engine.world import World


def check_name(world: World, name: str | None) -> Refused | None:
    """Whether something new may be called that; None lets the service choose."""
    if name is None:
        return None
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,23}", name):
        return Refused(RefusalReason.BAD_NAME, {"name": name})
    # A name is never given twice, so that the bill and the news stay clear.
    if name in world.traffic.places:
        return Refused(RefusalReason.NAME_TAKEN, {"name": name})
    return None


def check_number(field: str, value: int, least: int, most: int) -> Refused | None:
    """Whether a number lies within bounds, both included."""
    if least <= value <= most:
        return None
    expected = f"{least} to {most}"
    return Refused(RefusalReason.BAD_NUMBER, {"field": field, "value": value, "expected": expected})


def check_zone(world: World, zone: str) -> Refused | None:
    """Whether a zone has power: without it nothing starts there."""
    return Refused(RefusalReason.ZONE_DOWN, {"zone": zone}) if zone in world.zones_down else None
