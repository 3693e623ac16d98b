"""What the command line says, and the status it leaves with."""

import sys
from collections.abc import Iterable

WON, LOST, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
"""Exit statuses; a proof or a verification that fails is a loss too."""


def complain(text: str) -> int:
    """One line on standard error, and the status to leave with."""
    print(f"headroom: {text}", file=sys.stderr)
    return BAD_INPUT


def print_lines(lines: Iterable[str]) -> None:
    """Lines on standard output."""
    for line in lines:
        print(line)


def print_formatted(values: object) -> None:
    """One JSON value on standard output, for people and programs."""
    import msgspec

    print(msgspec.json.format(msgspec.json.encode(values), indent=2).decode())
