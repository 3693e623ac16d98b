"""The front door: `headroom` and its commands. Everything heavy is imported where it is used."""

import io
import sys
from collections.abc import Callable
from typing import Annotated, NoReturn

import typer

from engine.complaint import Complaint, printable
from tui.cli.authors import list_levels, prove
from tui.cli.facts import examine, show_catalog
from tui.cli.headless import run_level
from tui.cli.options import LanguageOption, language_of
from tui.cli.printing import BAD_INPUT, INTERRUPTED, LOST, WON, complain
from tui.cli.recordings import explain_run, export_run, runs, verify
from tui.cli.sandbox import open_sandbox
from tui.cli.screen import open_app, play, replay
from tui.cli.serve import serve

__all__ = ["BAD_INPUT", "COMMANDS", "INTERRUPTED", "LOST", "WON", "cli", "main", "run"]

COMMANDS: dict[str, Callable[..., None]] = {
    "play": play,
    "sandbox": open_sandbox,
    "replay": replay,
    "runs": runs,
    "levels": list_levels,
    "run": run_level,
    "prove": prove,
    "verify": verify,
    "export": export_run,
    "explain": explain_run,
    "catalog": show_catalog,
    "serve": serve,
    "doctor": examine,
}
"""Every command, in the order of the help text."""

cli = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _name, _command in COMMANDS.items():
    cli.command(name=_name)(_command)


def main() -> NoReturn:
    """Run the command line; exit 0 won, 1 lost, 2 bad input with one line on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without ★ gets a ?
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run the command line with these arguments and return its exit status."""
    try:
        return int(cli(arguments, prog_name="headroom", standalone_mode=False) or WON)
    except Complaint as complaint:
        return complain(str(complaint))
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except typer.TyperException as error:
        at = getattr(getattr(error, "ctx", None), "command_path", "headroom")
        return complain(f"{_message(error)} See {at} --help.")
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has left
        return WON


def _message(error: Exception) -> str:
    text = error.format_message() if hasattr(error, "format_message") else str(error)
    text = printable(text.strip())
    return text if text.endswith(".") else f"{text}."


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"headroom {version('headroom-game')}")
        except PackageNotFoundError:
            print("headroom, not installed: run from its source")
        raise typer.Exit


@cli.callback(invoke_without_command=True)
def menu(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Say which."),
    ] = False,
    lang: LanguageOption = None,
) -> None:
    """Keep a web service alive while its traffic grows and its money does not.

    Without a command: the menu.
    """
    if context.invoked_subcommand is None:
        open_app(lang)
    elif lang is not None:
        language_of(lang)
        context.default_map = {name: {"lang": lang} for name in COMMANDS}
