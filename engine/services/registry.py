"""Every service and every command.

To add a service is one file, one catalog table, one line here.
"""

from collections.abc import Callable
from typing import Any, Union

from engine.outcomes import Refused
from engine.services import addresses, ebs, ec2, snapshot
from engine.services.change import Change
from engine.services.command import Command
from engine.toml import convert

PLANNERS: dict[type[Command], Callable[..., Refused | Change]] = {
    **ec2.COMMANDS,
    **addresses.COMMANDS,
    **ebs.COMMANDS,
    **snapshot.COMMANDS,
}
"""For every command what works it out: (world, command) to a refusal or a change."""

COMMANDS: tuple[type[Command], ...] = tuple(PLANNERS)
"""Every command; ``do`` names it in files."""

AnyCommand: Any = Union[COMMANDS]  # noqa: UP007
"""Any command, as files hold it: a type to decode with."""


def read_command(values: dict[str, Any], where: str) -> Command:
    """A command from its plain values; `where` names them in complaints."""
    command: Command = convert(values, AnyCommand, where)
    return command
