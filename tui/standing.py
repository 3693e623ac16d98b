"""What stands on the board, as commands name it: its kind, its service, how it is now."""

from typing import Any, NamedTuple

from engine.frame import Frame
from engine.scenario import Scenario, is_offered
from engine.views import InstanceView, ResourceView, SnapshotView, VolumeView
from tui.actions import CommandType

KINDS = {
    "rds": "database", "s3": "bucket", "elb": "balancer", "autoscaling": "group",
    "cloudwatch": "alarm", "ami": "own_image", "elasticache": "session_store",
    "dynamodb": "dynamodb",
}  # fmt: skip
"""What a service makes, as `choose` names it."""

SERVICE_OF = {
    "snapshot": "ebs", "session_store": "elasticache", "addresses": "", "move": "",
    "sandbox": "", "registration": "elb",
}  # fmt: skip
"""The service of a module's commands, where it is not called as that."""

OFFER_OF = {"replicas": "rds:replica", "shards": "rds:shards"}
"""What must be on offer for the commands of a module that is a part of a service."""


def on_offer(command: CommandType, scenario: Scenario) -> bool:
    """Whether the level has anything of a command's service on offer."""
    service, patterns = service_of(command), scenario.allowed
    if service in OFFER_OF:
        return is_offered(scenario, OFFER_OF[service])
    return not service or patterns is None or any(p.partition(":")[0] == service for p in patterns)


def service_of(command: CommandType) -> str:
    """The service that a command belongs to, as levels name it; "" where it belongs to none."""
    service = command.__module__.rpartition(".")[2]
    return SERVICE_OF.get(service, service)


class Standing(NamedTuple):
    """Something that stands: its kind as `choose` names it, and how it is now."""

    kind: str
    view: InstanceView | VolumeView | SnapshotView | ResourceView

    def now(self, field: str) -> Any:
        """What a field of a command is now, or None."""
        if isinstance(self.view, ResourceView) and field in self.view.facts:
            return self.view.facts[field]
        return getattr(self.view, field, None)


def stands(frame: Frame, resource: str | None) -> Standing | None:
    """What goes by an id on the board."""
    for kind, views in (
        ("instance", frame.instances), ("volume", frame.volumes), ("snapshot", frame.snapshots),
    ):  # fmt: skip
        for view in views:
            if view.id == resource:
                return Standing(kind, view)
    managed = frame.resource(resource or "")
    return None if managed is None else Standing(kind_of(managed), managed)


def kind_of(view: ResourceView) -> str:
    """A managed resource's kind, as `choose` names it."""
    if view.type == "backup":
        return "backup"
    return KINDS.get(view.service, view.service)
