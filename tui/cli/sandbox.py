"""Free play on a board, on the screen or without one."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.complaint import Complaint
from tui.cli.headless import run_out
from tui.cli.options import (
    FasterOption,
    ForceOption,
    FromOption,
    LanguageOption,
    ScaleOption,
    SpeedOption,
    TrafficOption,
    check_positive,
    check_traffic,
    plan_in,
)
from tui.cli.screen import open_app

if TYPE_CHECKING:
    from levels.level import Level


def open_sandbox(
    board: Annotated[
        str, typer.Argument(help="A board's name, or a board.toml; nothing stands without one.")
    ] = "empty",
    traffic: TrafficOption = None,
    scale: ScaleOption = 1.0,
    from_s: FromOption = 0,
    faster: FasterOption = 1.0,
    budget: Annotated[
        float | None, typer.Option(help="Dollars a month; an hour is billed as a month.")
    ] = None,
    bill: Annotated[bool, typer.Option(help="Whether anything is charged.")] = True,
    run: Annotated[bool, typer.Option("--run", help="Without a screen.")] = False,
    duration: Annotated[
        int | None, typer.Option(min=60, max=86_400, help="Seconds that it lasts.")
    ] = None,
    plan: Annotated[Path | None, typer.Option(help="With --run: a plan's file.")] = None,
    json: Annotated[bool, typer.Option("--json", help="With --run: one JSON object.")] = False,
    csv: Annotated[Path | None, typer.Option(help="With --run: a row a second.")] = None,
    record: Annotated[Path | None, typer.Option(help="With --run: to this new file.")] = None,
    force: ForceOption = False,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Another seed.")] = 1,
    speed: SpeedOption = None,
    lang: LanguageOption = None,
) -> None:
    """Play freely on a board: nothing ends it, and traffic and trouble are yours."""
    check_positive(speed=speed)
    check_traffic(traffic, scale, from_s, faster)
    _check_only_with_run(run, plan=plan, json=json, csv=csv, record=record, force=force)
    level = _sandbox(board, seed, budget, bill, _lasts_s(run, duration, traffic, from_s, faster))
    if traffic is not None:
        from levels.sandbox import with_trace

        level = with_trace(level, traffic, scale, from_s, faster)
    if run:
        run_out(level, None, plan_in(plan), json, csv, record, force=force)
    open_app(lang, level=level, speed=speed)


def _sandbox(board: str, seed: int, budget: float | None, bill: bool, duration_s: int) -> "Level":
    from levels.sandbox import MONTH_USD, board_path, sandbox
    from tui.board_files import saved_boards

    usd = MONTH_USD if budget is None else budget
    check_positive(budget=usd)
    path = board_path(board, {path.stem: path for path in saved_boards()})
    return sandbox(str(path), seed=seed, month_usd=usd, bill=bill, duration_s=duration_s)


def _lasts_s(
    run: bool, duration: int | None, traffic: Path | None, from_s: int, faster: float
) -> int:
    """A sandbox on the screen lasts a day; without one an hour, or as long as its traffic."""
    from levels.sandbox import HEADLESS_S, LONGEST_S, trace_s

    if duration is not None:
        return duration
    if not run:
        return LONGEST_S
    return HEADLESS_S if traffic is None else trace_s(traffic, from_s, faster)


def _check_only_with_run(run: bool, **options: object) -> None:
    for name, value in options.items():
        if value and not run:
            raise Complaint(f"--{name}", "is for a sandbox without a screen", "--run as well")
