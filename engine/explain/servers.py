"""Why a server was full that need not have been: alone, passed by, stuck to, or busy with TLS."""

from collections.abc import Sequence

from engine.catalog import CATALOG
from engine.explain.causes import Cause, Known
from engine.explain.managed import Found
from engine.explain.stations import mean_utilization
from engine.frame import Frame
from engine.views import InstanceView

SERVERS = ("web", "app")
"""Roles that many machines can play at once."""

IDLE = 0.5
"""A server that was busy for less than this part of the full one's time could have helped."""


def why_server(felt: Sequence[Frame], at: str, known: Known) -> Found | None:
    """What kept the others from helping; None where there can be no others, or no balancer."""
    frame = felt[len(felt) // 2]
    machine = frame.instance(at)
    held = [role for role, holder in frame.addresses.items() if holder == at]
    if machine is None or "elb" not in known.services or not set(held) <= set(SERVERS):
        return None
    fronts = [r for r in frame.resources if r.service == "elb" and at in r.targets]
    asked = [front for front in fronts if front.id in frame.addresses.values()]
    front = next(iter(asked or fronts), None)
    peers = [p for p in frame.instances if p.id != at and _could_help(p, machine)]
    full = mean_utilization(felt, f"{at}/cpu")
    idle = [p.id for p in peers if mean_utilization(felt, f"{p.id}/cpu") < IDLE * full]
    behind = () if front is None or held else tuple(front.targets)
    beside = [id for id in idle if id not in behind]
    if beside:
        holder = front.id if front and behind else at
        roles = [role for role in SERVERS if frame.addresses.get(role) == holder]
        figures = {"id": at, "idle": ", ".join(beside), "roles": ", ".join(roles)}
        return Cause.PASSED_BY, {**figures}
    if held:
        return Cause.ONE_SERVER, {}
    if front is None:
        return None
    if idle and front.facts.get("sticky"):
        return Cause.STUCK, {"id": front.id, "idle": ", ".join(idle)}
    if known.https and all(f.facts.get("tls") == "instances" for f in fronts):
        return Cause.TLS_INSIDE, {"id": front.id, "ms": CATALOG.transfer.tls_handshake_ms}
    healthy = sum(state == "healthy" for state in front.targets.values())
    return Cause.SERVERS_FULL, {"id": front.id, "healthy": healthy, "targets": len(front.targets)}


def _could_help(peer: InstanceView, machine: InstanceView) -> bool:
    return peer.state == "running" and bool(set(peer.roles) & set(machine.roles) & set(SERVERS))
