"""Every service and every command.

To add a service is one file, one catalog table, one line here.
"""

from collections.abc import Callable
from typing import Any, cast

from engine.outcomes import Refused
from engine.services import ec2
from engine.services.change import Change
from engine.services.command import Command
from engine.services.ec2 import (
    LaunchInstance,
    PointAddress,
    ResizeInstance,
    StartInstance,
    StopInstance,
    TerminateInstance,
)
from engine.toml import convert

PLANNERS: dict[type[Command], Callable[..., Refused | Change]] = dict(ec2.COMMANDS)
"""For every command what works it out: (world, command) to a refusal or a change."""

COMMANDS: tuple[type[Command], ...] = tuple(PLANNERS)
"""Every command; ``do`` names it in files."""

AnyCommand = (
    LaunchInstance
    | StartInstance
    | StopInstance
    | ResizeInstance
    | TerminateInstance
    | PointAddress
)
"""Any command, as files hold it."""


def read_command(values: dict[str, Any], where: str) -> Command:
    """A command from its plain values; `where` names them in complaints."""
    return convert(values, cast(type[Command], AnyCommand), where)
