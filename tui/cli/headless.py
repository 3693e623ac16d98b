"""The commands that play without a screen."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from tui.cli.options import (
    FasterOption,
    ForceOption,
    FromOption,
    LevelArgument,
    ScaleOption,
    SeedOption,
    TrafficOption,
    level_named,
    level_with_traffic,
    plan_named,
    report_broken_lines,
    report_refused,
    report_waiting,
)
from tui.cli.printing import LOST, WON, print_formatted, print_lines

if TYPE_CHECKING:
    from engine.recording import RecordingWriter
    from engine.simulation import Result, Simulation
    from levels.level import Level
    from levels.plan import Plan
    from tui.headless import Played


def run_level(
    level: LevelArgument,
    plan: Annotated[str | None, typer.Option(help="A plan's file, or one of the level's.")] = None,
    seed: SeedOption = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    csv: Annotated[Path | None, typer.Option(help="Write a row a second to this file.")] = None,
    record: Annotated[Path | None, typer.Option(help="Record to this new file.")] = None,
    traffic: TrafficOption = None,
    scale: ScaleOption = 1.0,
    from_s: FromOption = 0,
    faster: FasterOption = 1.0,
    force: ForceOption = False,
) -> None:
    """Run a level without a screen; a plan is its player."""
    from levels.plan import Plan

    own = level_named(level, seed)
    steps = Plan() if plan is None else plan_named(own, plan)
    chosen = level_with_traffic(own, traffic, scale, from_s, faster)
    run_out(chosen, seed, steps, json, csv, record, force=force)


def run_out(
    level: "Level",
    seed: int | None,
    plan: "Plan",
    json: bool,
    csv: Path | None,
    record: Path | None,
    *,
    force: bool,
) -> NoReturn:
    """Run a level and print what came of it; the exit status is the verdict."""
    from engine.simulation import Simulation

    simulation = Simulation(level.scenario, seed, folder=level.folder)
    report_broken_lines(level)
    started = time.perf_counter()
    result, played = _play_out(level, simulation, plan, csv, record, force=force)
    wall_s = time.perf_counter() - started
    report_refused(played.refused)
    report_waiting(played.waiting, simulation.frame().second)
    if json:
        _print_json(result, wall_s, free=level.scenario.sandbox is not None)
    else:
        from tui.report import run_lines

        print_lines(run_lines(level, simulation.frame(), result, wall_s))
    won = result.verdict is not None and result.verdict.won
    raise typer.Exit(WON if won else LOST)


def _play_out(
    level: "Level",
    simulation: "Simulation",
    plan: "Plan",
    csv: Path | None,
    record: Path | None,
    *,
    force: bool,
) -> "tuple[Result, Played]":
    """Play to the end, with a progress bar, a table and a recording as asked for."""
    from contextlib import ExitStack

    from tui.headless import csv_rows, final_result, play_out
    from tui.progress import progress

    with ExitStack() as stack:
        show = stack.enter_context(progress(level.slug, level.scenario.duration_s))
        looks = [lambda frame: show(frame.second)]
        if csv is not None:
            looks.append(stack.enter_context(csv_rows(csv, replace=force)))
        writer = _recorder(level, simulation, record)
        if writer is not None:
            stack.callback(writer.close)
        played = play_out(simulation, plan, looks, writer)
        result = final_result(simulation, played.commands, level.folder)
        if writer is not None:
            writer.finish(result)
    return result, played


def _recorder(
    level: "Level", simulation: "Simulation", record: Path | None
) -> "RecordingWriter | None":
    if record is None:
        return None
    from engine.recording import RecordingWriter, new_header
    from engine.simulation import VERSION

    now = datetime.now(UTC).isoformat(timespec="seconds")
    header = new_header(
        level.scenario, simulation.seed, VERSION, now, level.text, folder=level.folder
    )
    return RecordingWriter(record, header)


def _print_json(result: "Result", wall_s: float, *, free: bool) -> None:
    """The run as one object."""
    import msgspec

    from tui.export.document import told_result

    told = told_result(msgspec.to_builtins(result), free=free) or {}
    print_formatted({**told, "wall_s": round(wall_s, 3)})
