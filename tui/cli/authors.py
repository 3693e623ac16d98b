"""The commands for those who write levels: what there is, what is wrong, what it proves."""

from pathlib import Path
from typing import Annotated

import typer

from engine.complaint import Complaint
from tui.cli.options import LanguageOption, language_of
from tui.cli.printing import BAD_INPUT, LOST, WON, complain, print_formatted, print_lines


def list_levels(
    check: Annotated[Path | None, typer.Option(help="A level.toml to check.")] = None,
    schema: Annotated[
        str | None, typer.Option(help="Print the JSON Schema of level or plan files, for editors.")
    ] = None,
    lang: LanguageOption = None,
) -> None:
    """List the levels, or check one level's files: every complaint, a line each."""
    if schema is not None:
        _print_schema(schema)
        return
    if check is not None:
        _check_level(check)
        return
    from levels.campaign import campaign
    from tui.report import level_lines

    print_lines(level_lines(campaign(), language_of(lang)))


def _print_schema(kind: str) -> None:
    from levels.schema import SCHEMAS

    if kind not in SCHEMAS:
        raise Complaint("--schema", f"no files of kind '{kind}'", " or ".join(SCHEMAS))
    print_formatted(SCHEMAS[kind]())


def _check_level(path: Path) -> None:
    from levels.check import check_level

    level, complaints = check_level(path)
    for complaint in complaints:
        complain(str(complaint))
    if complaints or level is None:
        raise typer.Exit(BAD_INPUT)
    without = "" if level.text else "; without words yet: there is no text.en.md or text.ko.md"
    print(f"{path}: a good level, {level.slug}, with {len(level.proofs)} proofs{without}")


def prove(
    levels: Annotated[list[str] | None, typer.Argument(help="Levels; all when absent.")] = None,
    seeds: Annotated[int, typer.Option(min=1, max=1_000, help="How many seeds to try.")] = 3,
    jobs: Annotated[
        int | None, typer.Option(min=1, max=256, help="Processes; one a processor when absent.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON array of rows.")] = False,
) -> None:
    """Show that each level teaches what it says: the proof table, with its margins.

    Exits 1 when a run came out otherwise than it must.
    """
    from levels.campaign import campaign, find_level
    from levels.proof import cases
    from levels.table import processors, prove_all
    from tui.progress import progress
    from tui.report import left_out_lines, proof_lines, proof_summary
    from tui.words import Words

    chosen = [find_level(name) for name in levels] if levels else list(campaign())
    for level in chosen:
        if not level.proofs:
            raise Complaint(str(level.folder / "level.toml"), "has no proofs", "[[proofs]] in it")
    all_cases = [
        case
        for level in chosen
        for case in cases(level, range(level.scenario.seed, level.scenario.seed + seeds))
    ]
    done = 0
    with progress("prove", len(all_cases)) as show:

        def count(_: object) -> None:
            nonlocal done
            done += 1
            show(done)

        rows = prove_all(all_cases, jobs or processors(), count)
    if json:
        print_formatted(rows)
    else:
        print_lines(proof_lines(rows))
        print_lines(left_out_lines(rows, Words("en")))
        print_lines(proof_summary(rows))
    raise typer.Exit(LOST if any(row.problem for row in rows) else WON)
