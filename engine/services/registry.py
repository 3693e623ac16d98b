"""Every service and every command.

To add a service is one file, one catalog table, one line here.
"""

from typing import Any, Union

from engine.services import (
    addresses,
    ami,
    autoscaling,
    cloudwatch,
    dynamodb,
    ebs,
    ec2,
    elb,
    move,
    rds,
    registration,
    replicas,
    s3,
    sandbox,
    session_store,
    shards,
    snapshot,
)
from engine.services.command import Command
from engine.services.service import Planner, Service
from engine.toml import convert

SERVICES: tuple[Service, ...] = (
    ec2.SERVICE,
    addresses.SERVICE,
    ebs.SERVICE,
    snapshot.SERVICE,
    s3.SERVICE,
    rds.SERVICE,
    replicas.SERVICE,
    dynamodb.SERVICE,
    move.SERVICE,
    shards.SERVICE,
    elb.SERVICE,
    registration.SERVICE,
    session_store.SERVICE,
    ami.SERVICE,
    autoscaling.SERVICE,
    cloudwatch.SERVICE,
    sandbox.SERVICE,
)
"""Every service, in the order in which menus show them and seconds are judged.

A group goes by what its balancer has counted, so that comes first.
"""


def planners(services: tuple[Service, ...]) -> dict[type[Command], Planner]:
    """For every command of these services what works it out."""
    return {kind: plan for service in services for kind, plan in service.commands.items()}


COMMANDS: tuple[type[Command], ...] = tuple(planners(SERVICES))
"""Every command; ``do`` names it in files."""

AnyCommand: Any = Union[COMMANDS]  # noqa: UP007
"""Any command, as files hold it: a type to decode with."""


def read_command(values: dict[str, Any], where: str) -> Command:
    """A command from its plain values; `where` names them in complaints."""
    command: Command = convert(values, AnyCommand, where)
    return command
