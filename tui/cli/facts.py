"""The commands that say how things are: what the cloud costs, and what runs here."""

from typing import Annotated

import typer

from tui.cli.printing import LOST, WON, print_lines


def show_catalog(
    type: Annotated[str | None, typer.Argument(help="A type, its beginning, ec2 or ebs.")] = None,
) -> None:
    """Show what can be bought: prices, limits, delays, and where each figure comes from."""
    from tui.price_list import price_lines

    print_lines(price_lines(type))


def examine() -> None:
    """Say which versions run here, what the terminal can do, and where runs are kept."""
    from tui.doctor import findings
    from tui.report import finding_lines

    found = findings()
    print_lines(finding_lines(found))
    raise typer.Exit(LOST if any(finding.problem for finding in found) else WON)
