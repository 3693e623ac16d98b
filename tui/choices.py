"""What a field of a command may be: names from the board, the catalog, or the command itself."""

from typing import Any, Literal, get_args, get_origin

from engine.catalog import CATALOG
from engine.frame import Frame
from engine.scenario import ROLES, ZONES, Scenario, is_offered
from engine.views import ResourceView, VolumeView
from tui.standing import KINDS, kind_of

MANAGED = (*KINDS.values(), "backup")
"""Kinds of resources that a field may name."""


def choices_of(
    source: str | None, hint: Any, frame: Frame, scenario: Scenario
) -> tuple[str, ...] | None:
    """What a field may be, or None where it is a name."""
    kind, _, state = (source or "").partition(":")
    match kind:
        case "instance":
            return tuple(i.id for i in frame.instances if not state or i.state == state)
        case "volume":
            return tuple(v.id for v in frame.volumes if not state or _volume_state(v) == state)
        case "snapshot":
            return tuple(snapshot.id for snapshot in frame.snapshots)
        case "player":
            running = [i.id for i in frame.instances if i.state == "running"]
            managed = [r.id for r in frame.resources if _plays(r)]
            return (*running, *managed)
        case "measured":
            return tuple(dict.fromkeys(station.resource for station in frame.stations))
        case "image":
            own = [r.id for r in frame.resources if _is(r, "own_image", "available")]
            sold = [n for n in CATALOG.marketplace if is_offered(scenario, f"ami:{n}")]
            return (*own, *sold)
        case "restorable":
            return tuple(r.id for r in frame.resources if _is_restorable(r))
        case "database_type":
            classes = CATALOG.rds_types
            return tuple(name for name in classes if is_offered(scenario, f"rds:{name}"))
        case "table":
            return tuple(table.name for table in scenario.tables)
        case "cache_type":
            caches = CATALOG.cache_types
            return tuple(name for name in caches if is_offered(scenario, f"elasticache:{name}"))
        case "masters":
            alone = (r for r in frame.resources if _is(r, "database", "available"))
            return tuple(r.id for r in alone if "source" not in r.facts and r.type != "backup")
        case "instance_type":
            types = CATALOG.instance_types
            return tuple(name for name in types if is_offered(scenario, f"ec2:{name}"))
        case "volume_type":
            disks = CATALOG.volume_types
            return tuple(name for name in disks if is_offered(scenario, f"ebs:{name}"))
        case "role" | "roles":
            return ROLES
        case "zone" | "zones":
            return ZONES
    if kind in MANAGED:
        return tuple(r.id for r in frame.resources if _is(r, kind, state))
    return literal_of(hint)


def literal_of(hint: Any) -> tuple[str, ...] | None:
    """What a field of fixed words may be, with or without None."""
    for part in (hint, *get_args(hint)):
        if get_origin(part) is Literal:
            return tuple(get_args(part))
    return None


def _is(view: ResourceView, kind: str, state: str) -> bool:
    return kind_of(view) == kind and (not state or view.state == state)


def _plays(view: ResourceView) -> bool:
    """Whether it can answer for a role; what only has a table of its own cannot."""
    return view.state == "available" and any(role in ROLES for role in view.roles)


def _is_restorable(view: ResourceView) -> bool:
    return view.type == "backup" or "restorable_s" in view.facts


def _volume_state(volume: VolumeView) -> str:
    return "attached" if volume.attached_to else "available"
