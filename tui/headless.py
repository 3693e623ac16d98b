"""A run without a screen: a plan plays a level, and whoever wants to look is handed the frames."""

import csv
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from engine.complaint import Complaint
from engine.frame import Frame, sum_counts
from engine.recording import RecordingWriter
from engine.replay import SecondRun
from engine.services.command import Command
from engine.simulation import Result, Simulation
from levels.plan import Plan, Player

Look = Callable[[Frame], None]


def play_out(
    simulation: Simulation, plan: Plan, looks: list[Look], writer: RecordingWriter | None = None
) -> list[tuple[int, Command]]:
    """Play `plan` until the verdict; every second's last frame goes to `looks`.

    Returns the commands given, with their seconds.
    """
    player = Player(plan)
    commands: list[tuple[int, Command]] = []
    while True:
        if writer is not None:
            writer.frame(simulation.frame())
        if simulation.over:
            break
        second, played = simulation.frame().second, player.play(simulation)
        commands += [(second, command) for command, _ in played]
        for look in looks:
            look(simulation.frame())
        if writer is not None and played:
            for command, outcome in played:
                writer.command(second, command, outcome)
            writer.frame(simulation.frame())
        simulation.advance()
    for look in looks:
        look(simulation.frame())
    return commands


def final_result(
    simulation: Simulation, commands: list[tuple[int, Command]], folder: Path
) -> Result:
    """The run in figures; a win with two stars is tried on the hidden seed for the third."""
    result = simulation.result()
    if result.stars < 2:
        return result
    second = SecondRun(simulation.scenario, simulation.seed, commands, folder)
    while not second.over:
        second.advance()
    won = second.verdict is not None and second.verdict.won
    return msgspec.structs.replace(result, stars=3) if won else result


COLUMNS = (
    "second", "expected_rps", "demanded", "good", "late", "failed", "in_flight", "p95_ms",
    "tightest", "utilization", "waiting", "spent_usd", "rate_month_usd", "error_budget_left",
)  # fmt: skip
"""Columns of `run --csv`, one row a second; counts are of that second."""


@contextmanager
def csv_rows(path: Path) -> Iterator[Look]:
    """A look that writes a row for each frame; the file appears whole at the end, or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(COLUMNS)
            yield lambda frame: rows.writerow(_row(frame))
        draft.replace(path)
    except OSError as error:
        raise Complaint(str(path), f"cannot be written ({error.strerror})", "a file") from None
    finally:
        if draft.parent.is_dir():
            draft.unlink(missing_ok=True)


def _row(frame: Frame) -> list[str | int | float]:
    counts = sum_counts(list(frame.counts.values()))
    tight = frame.tightest()
    return [
        frame.second,
        round(frame.expected_rps, 3),
        counts.demanded,
        counts.good,
        counts.late,
        counts.failed_total,
        counts.in_flight,
        round(frame.goals.p95_ms, 3),
        tight.id if tight else "",
        round(tight.utilization, 4) if tight else "",
        sum(station.waiting_total for station in frame.stations),
        round(frame.money.spent_usd, 6),
        round(frame.money.rate_month_usd, 2),
        round(frame.goals.error_budget_left, 6),
    ]


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error for long work, where that is a terminal; hands out its setter."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(escape(what), total=max(total, 1))
        yield lambda done: bar.update(task, completed=done)
