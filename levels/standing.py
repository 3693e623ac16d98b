"""What stands in a run as a board file, so that it can be opened again.

A board file knows fewer things than a run: what it has no words for (groups,
alarms, images, snapshots, further volumes, what is stopped or being made) is
left out, and said to be.
"""

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from engine.frame import Frame, InstanceView, ResourceView
from engine.scenario import ROLES, RequestClass, Scenario

MOST_CREDITS = 10_000.0

READY = ("available", "modifying", "failing_over")
"""States of what answers, or will again by itself."""

Values = dict[str, Any]


def board_text(frame: Frame, scenario: Scenario) -> tuple[str, list[str]]:
    """A board file of what stands, with the traffic of now; and what is left out of it."""
    board = standing_board(frame)
    kept = {i["id"] for part in board.values() if isinstance(part, list) for i in part if "id" in i}
    shards = [r.id for r in frame.resources if r.service == "shards" and r.state == "available"]
    there = [i.id for i in frame.instances] + [r.id for r in frame.resources]
    there += [s.id for s in frame.snapshots]
    there += [v.id for v in frame.volumes if not v.root]
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
    instances = [_instance(frame, i) for i in frame.instances if i.state in ("running", "pending")]
    up = [r for r in frame.resources if r.state in READY]
    databases = [r for r in up if r.service == "rds" and r.type != "backup"]
    masters = [r for r in databases if "source" not in r.facts]
    names = {r.id for r in masters}
    replicas = [r for r in databases if r.facts.get("source") in names]
    ids = {i["id"] for i in instances}
    own = {table: id for table, id in _own_tables(frame) if id is not None}
    shards = {r.id: r for r in up if r.service == "shards" and set(r.behind) <= names}
    board: Values = {
        "instances": instances,
        "databases": [_database(r) for r in (*masters, *replicas)],
        "buckets": [{"id": r.id} for r in up if r.service == "s3"],
        "balancers": [_balancer(r, ids) for r in up if r.service == "elb"],
        "session_stores": [
            {"id": r.id, "type": r.type, "zone": r.zone} for r in up if r.service == "elasticache"
        ],
        "tables": [_table(r) for r in up if r.service == "dynamodb" and r.id in own.values()],
        "shards": [
            {"table": table, "databases": list(shards[id].behind)}
            for table, id in own.items()
            if id in shards and len(set(shards[id].behind)) > 1
        ],
        "homes": {table: id for table, id in own.items() if id in names},
    }
    holders = (
        names | ids | {part["id"] for name in ("buckets", "balancers") for part in board[name]}
    )
    addresses = {role: frame.addresses[role] for role in ROLES}
    board["addresses"] = {role: id for role, id in addresses.items() if id in holders}
    return {name: part for name, part in board.items() if part}


def _own_tables(frame: Frame) -> Iterator[tuple[str, str | None]]:
    """Tables that went their own way, and who answers for each."""
    for role, holder in frame.addresses.items():
        base, slash, table = role.partition("/")
        if base == "db" and slash and "#" not in table:
            yield table, holder


def _instance(frame: Frame, view: InstanceView) -> Values:
    values: Values = {"id": view.id, "type": view.type, "roles": list(view.roles),
                      "zone": view.zone, "os": view.os}  # fmt: skip
    volume = next((v for v in frame.volumes if v.attached_to == view.id and v.root), None)
    if volume is not None:
        values["volume"] = {"type": volume.type, "gb": volume.gb, "iops": volume.iops}
        if volume.type not in ("gp3", "io2"):
            del values["volume"]["iops"]
    if view.credits is not None:
        values["credits"] = _credits(view.credits)
    if view.unlimited:
        values["unlimited"] = True
    return values


def _credits(credits: float) -> float:
    return round(min(MOST_CREDITS, max(0.0, credits)), 3)


def _database(view: ResourceView) -> Values:
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


def _balancer(view: ResourceView, instances: set[str]) -> Values:
    facts = {name: view.facts[name] for name in ("algorithm", "tls", "ipv6", "sticky")}
    return {"id": view.id, "targets": [id for id in view.targets if id in instances], **facts}


def _table(view: ResourceView) -> Values:
    values: Values = {"id": view.id, "table": view.facts["table"], "mode": view.facts["mode"]}
    if values["mode"] == "provisioned":
        values |= {name: view.facts[name] for name in ("rcu", "wcu", "auto")}
    return values


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
