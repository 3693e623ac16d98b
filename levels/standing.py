"""What stands in a run as a board file, so that it can be opened again.

A board file knows fewer things than a run: what it has no words for (what is
stopped, leaving or being made, a table without data) is left out, and said to
be. What had been measured so far is not of the board.
"""

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from engine.frame import Frame
from engine.scenario import ROLES, RequestClass, Scenario
from engine.views import InstanceView, ResourceView
from levels.standing_parts import (
    DRAINING,
    Values,
    alarm_values,
    balancer_values,
    database_values,
    further_values,
    group_values,
    image_values,
    instance_values,
    own_volumes,
    snapshot_values,
    table_values,
)

COMPLETED = "completed"

READY = ("available", "modifying", "failing_over")
"""States of what answers, or will again by itself."""


def board_text(frame: Frame, scenario: Scenario) -> tuple[str, list[str]]:
    """A board file of what stands, with the traffic of now; and what is left out of it."""
    board = standing_board(frame)
    kept = set(_names(board))
    shards = [r.id for r in frame.resources if r.service == "shards" and r.state == "available"]
    there = [i.id for i in frame.instances] + [r.id for r in frame.resources]
    there += [s.id for s in frame.snapshots] + [v.id for v in frame.volumes]
    left_out = [id for id in there if id not in kept and id not in shards]
    rps, shares = frame.expected_rps, dict[str, float]()
    if frame.sandbox is not None:
        rps, shares = frame.sandbox.rps, _whole(frame.sandbox.shares)
    requests = [_request(request, shares) for request in scenario.requests]
    values: Values = {
        "traffic": [{"kind": "constant", "rps": rps}],
        "requests": requests,
        "tables": [_plain(table) for table in scenario.tables],
        "files": _plain(scenario.files),
        "users": _plain(scenario.users),
        "network": _plain(scenario.network),
    }
    return "\n".join(_toml(values, board)), left_out


def _names(board: Values) -> Iterator[str]:
    """Everything that the board's values name."""
    for part in board.values():
        for each in part if isinstance(part, list) else ():
            if "id" in each:
                yield each["id"]
            if "volume" in each and isinstance(each["volume"], dict):
                yield each["volume"]["id"]


def _request(request: RequestClass, shares: dict[str, float]) -> Values:
    values = _plain(request)
    if request.name in shares:
        values["share"] = shares[request.name]
    return values


def _whole(shares: dict[str, float]) -> dict[str, float]:
    """Shares that add up to 1 in spite of rounding: the largest takes the rest."""
    largest = max(shares, key=lambda name: shares[name])
    rest = sum(share for name, share in shares.items() if name != largest)
    return shares | {largest: round(1.0 - rest, 9)}


def standing_board(frame: Frame) -> Values:
    """The board's values, as a file holds them."""
    up = [r for r in frame.resources if r.state in READY or r.service == "cloudwatch"]
    of: dict[str, list[ResourceView]] = {}
    for resource in up:
        of.setdefault(resource.service, []).append(resource)
    images = {r.id for r in of.get("ami", ())}
    groups = of.get("autoscaling", [])
    standing = [i for i in frame.instances if _stands(frame, i, groups)]
    ids = {i.id for i in standing}
    databases = [r for r in of.get("rds", ()) if r.type != "backup"]
    masters = [r for r in databases if "source" not in r.facts]
    names = {r.id for r in masters}
    replicas = [r for r in databases if r.facts.get("source") in names]
    own = {table: id for table, id in _own_tables(frame) if id is not None}
    shards = {r.id: r for r in of.get("shards", ()) if set(r.behind) <= names}
    balancers = [balancer_values(r, ids) for r in of.get("elb", ())]
    doors = {balancer["id"] for balancer in balancers}
    minutely = {r.id for r in groups if r.facts["detailed"]}
    board: Values = {
        "instances": [instance_values(frame, i, images, minutely) for i in standing],
        "volumes": [further_values(v) for v in frame.volumes
                    if v.attached_to in (None, *ids) and v.id not in own_volumes(frame)],
        "snapshots": [snapshot_values(s) for s in frame.snapshots if s.state == COMPLETED],
        "databases": [database_values(r) for r in (*masters, *replicas)],
        "buckets": [{"id": r.id} for r in of.get("s3", ())],
        "balancers": balancers,
        "session_stores": [
            {"id": r.id, "type": r.type, "zone": r.zone} for r in of.get("elasticache", ())
        ],
        "tables": [table_values(r) for r in of.get("dynamodb", ()) if r.id in own.values()],
        "shards": [
            {"table": table, "databases": list(shards[id].behind)}
            for table, id in own.items()
            if id in shards and len(set(shards[id].behind)) > 1
        ],
        "images": [image_values(r) for r in of.get("ami", ())],
        "groups": [group_values(frame, r, standing, images, doors) for r in groups],
        "homes": {table: id for table, id in own.items() if id in names},
    }  # fmt: skip
    board["alarms"] = [
        alarm_values(r)
        for r in of.get("cloudwatch", ())
        if r.facts["resource"] in set(_names(board))
    ]
    holders = (
        names | ids | {part["id"] for name in ("buckets", "balancers") for part in board[name]}
    )
    addresses = {role: frame.addresses[role] for role in ROLES}
    board["addresses"] = {role: id for role, id in addresses.items() if id in holders}
    return {name: part for name, part in board.items() if part}


def _stands(frame: Frame, instance: InstanceView, groups: list[ResourceView]) -> bool:
    """Whether it runs, or is about to, with a volume, and is not on its way out of its group."""
    if instance.state not in ("running", "pending") or not instance.volumes:
        return False
    group = next((g for g in groups if g.id == instance.group), None)
    if group is None:
        return True
    door = frame.resource(str(group.facts.get("balancer", "")))
    leaving = [id for id, state in door.targets.items() if state == DRAINING] if door else []
    members = [i.id for i in frame.instances if i.group == group.id]
    too_many = len(members) - int(group.facts["desired"])
    return instance.id not in [id for id in leaving if id in members][: max(0, too_many)]


def _own_tables(frame: Frame) -> Iterator[tuple[str, str | None]]:
    """Tables that went their own way, and who answers for each."""
    for role, holder in frame.addresses.items():
        base, slash, table = role.partition("/")
        if base == "db" and slash and "#" not in table:
            yield table, holder


def _plain(part: msgspec.Struct) -> Values:
    """A part of a scenario as a file holds it, without what is as it always is."""
    values: Values = {}
    for field in msgspec.structs.fields(part):
        value = getattr(part, field.name)
        if value is None or value == field.default:
            continue
        if field.default_factory is not msgspec.NODEFAULT and value == field.default_factory():
            continue
        values[field.name] = msgspec.to_builtins(value)
    return values


def _toml(values: Values, board: Values) -> Iterator[str]:
    """Lines of a file that are read back as these values."""
    nested = values | {f"board.{name}": part for name, part in board.items()}
    for name, part in nested.items():
        parts = part if isinstance(part, list) else [part]
        header = f"[[{name}]]" if isinstance(part, list) else f"[{name}]"
        for each in parts:
            if each:
                yield header
                yield from (f"{key} = {_value(value)}" for key, value in each.items())
                yield ""


def _value(value: Any) -> str:
    if isinstance(value, dict):
        inner = ", ".join(f"{key} = {_value(item)}" for key, item in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value)
