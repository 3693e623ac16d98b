"""What stands, each thing from how a frame shows it to how a board file holds it."""

from typing import Any

from engine.catalog import CATALOG
from engine.frame import Frame
from engine.views import InstanceView, ResourceView, SnapshotView, VolumeView

Values = dict[str, Any]

DRAINING = "draining"

DATA = ("db", "files")
"""Roles that have data."""

MOST_CREDITS = 10_000.0

MARKETPLACE = tuple(CATALOG.marketplace)

TUNED = ("gp3", "io2")
"""Types of volume whose IOPS are bought, and not only given."""


def own_volumes(frame: Frame) -> dict[str, str]:
    """The volume that each instance is written down with, by volume: its root, or its first."""
    volumes = {v.id: v for v in frame.volumes}
    own: dict[str, str] = {}
    for instance in frame.instances:
        first = [id for id in instance.volumes if volumes[id].root] or instance.volumes[:1]
        own |= dict.fromkeys(first, instance.id)
    return own


def instance_values(
    frame: Frame, view: InstanceView, images: set[str], minutely: set[str]
) -> Values:
    """An instance that runs, with its own volume; of images only those that stand."""
    values: Values = {"id": view.id, "type": view.type, "roles": list(view.roles),
                      "zone": view.zone, "os": view.os}  # fmt: skip
    own = own_volumes(frame)
    volume = next(v for v in frame.volumes if own.get(v.id) == view.id)
    values["volume"] = _volume(volume)
    if not volume.root:
        values["volume"]["root"] = False
    if volume.keep == volume.root:
        values["volume"]["keep"] = volume.keep
    if view.credits is not None:
        values["credits"] = _credits(view.credits)
    if view.unlimited:
        values["unlimited"] = True
    if view.room is not None:
        values["room"] = view.room
    if view.image is not None and view.image in (*images, *MARKETPLACE):
        values["image"] = view.image
    if view.detailed and view.group not in minutely:
        values["detailed"] = True
    return values


def _volume(view: VolumeView) -> Values:
    values: Values = {"id": view.id, "type": view.type, "gb": view.gb}
    if view.type in TUNED:
        values |= {"iops": view.iops, "mib_s": view.mib_s}
    return values


def further_values(view: VolumeView) -> Values:
    """A volume besides those of the instances."""
    values = _volume(view) | {"zone": view.zone, "keep": view.keep}
    if view.attached_to is not None:
        values["instance"] = view.attached_to
    if view.roles:
        values["holds"] = list(view.roles)
    return values


def snapshot_values(view: SnapshotView) -> Values:
    """A snapshot that is complete."""
    sizes = {"gb": view.gb, "volume_gb": view.volume_gb, "stored_gb": view.stored_gb}
    roles = [role for role in view.roles if role in DATA]
    return {"id": view.id, "volume": view.volume, **sizes, "roles": roles}


def image_values(view: ResourceView) -> Values:
    """An image of one's own."""
    facts = view.facts
    values = {"id": view.id, "roles": str(facts["installed"]).split(), "os": facts["os"]}
    source = {"source": facts["source"]} if facts["source"] else {}
    return values | {"gb": facts["gb"]} | source


def group_values(
    frame: Frame,
    view: ResourceView,
    standing: list[InstanceView],
    images: set[str],
    doors: set[str],
) -> Values:
    """A group with those of its members that stand; its schedule counts from now."""
    facts = view.facts
    values: Values = {"id": view.id, "type": view.type}
    values["members"] = [i.id for i in standing if i.group == view.id]
    values["roles"] = str(facts["installed"]).split()
    if facts.get("image") in (*images, *MARKETPLACE):
        values["image"] = facts["image"]
    if facts.get("balancer") in doors:
        values["balancer"] = facts["balancer"]
    values["zones"] = str(facts["zones"]).split()
    names = ("least", "desired", "most", "health", "detailed", "warmup_s", "grace_s", "cooldown_s")
    values |= {name: facts[name] for name in names}
    values["tracking"] = [
        {"metric": p.metric, "target": p.bound} for p in view.policies if not p.add
    ]
    values["steps"] = [
        {"metric": p.metric, "above": p.bound, "add": p.add} for p in view.policies if p.add
    ]
    values["schedule"] = [
        {"from_s": s.from_s - frame.second, "least": s.least, "desired": s.desired, "most": s.most}
        for s in view.schedule
        if s.from_s > frame.second
    ]
    return {name: value for name, value in values.items() if value != []}


def alarm_values(view: ResourceView) -> Values:
    """An alarm."""
    facts = view.facts
    return {"id": view.id, "resource": facts["resource"], "above": int(facts["above"]),
            "points": facts["points"]}  # fmt: skip


def _credits(credits: float) -> float:
    return round(min(MOST_CREDITS, max(0.0, credits)), 3)


def database_values(view: ResourceView) -> Values:
    """A database of RDS, or a read replica."""
    facts = view.facts
    values: Values = {"id": view.id, "type": view.type, "engine": facts["engine"],
                      "gb": facts["gb"], "zone": view.zone}  # fmt: skip
    if "source" in facts:
        return values | {"source": facts["source"]}
    values |= {"multi_az": facts["multi_az"], "backup_days": facts["backup_days"]}
    if "reads" in facts:
        values["reads"] = facts["reads"]
    if "credits" in facts:
        values["credits"] = _credits(float(facts["credits"]))
    return values


def balancer_values(view: ResourceView, instances: set[str]) -> Values:
    """A balancer with those of its targets that stand and are not on their way out."""
    names = ("algorithm", "tls", "ipv6", "sticky", "interval_s", "drain_s", "slow_start_s")
    targets = [id for id, state in view.targets.items() if id in instances and state != DRAINING]
    values: Values = {"id": view.id, "targets": targets} | {n: view.facts[n] for n in names}
    weights = {id: weight for id, weight in view.weights.items() if id in targets}
    return values | ({"weights": weights} if weights else {})


def table_values(view: ResourceView) -> Values:
    """A table of DynamoDB."""
    values: Values = {"id": view.id, "table": view.facts["table"], "mode": view.facts["mode"]}
    if values["mode"] == "provisioned":
        values |= {name: view.facts[name] for name in ("rcu", "wcu", "auto")}
    return values
