"""The front door: `headroom` and its commands. Everything heavy is imported where it is used."""

import io
import math
import os
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from engine.complaint import Complaint, printable

if TYPE_CHECKING:
    from engine.recording import RecordingWriter
    from engine.simulation import Result, Simulation
    from levels.level import Level
    from levels.plan import Plan

WON, LOST, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
"""Exit statuses; a proof or a verification that fails is a loss too."""

DAILY = "daily"
"""What the endless level of today is called."""

cli = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

LevelArgument = Annotated[str, typer.Argument(help="A level's name, or a level.toml.")]
SeedOption = Annotated[int | None, typer.Option(min=0, max=2**63 - 1, help="Another seed.")]
TrafficOption = Annotated[
    Path | None,
    typer.Option(help="A CSV of second,rps or an access log, instead of the level's traffic."),
]
ScaleOption = Annotated[float, typer.Option(help="Multiplies the traffic file's rates.")]
FromOption = Annotated[int, typer.Option(min=0, help="Seconds of the traffic file to skip.")]
FasterOption = Annotated[float, typer.Option(help="Squeezes the traffic file's time.")]
RecordingArgument = Annotated[Path, typer.Argument(help="A *.headroom recording.")]
LanguageOption = Annotated[str | None, typer.Option("--lang", help="Language: en or ko.")]


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
        return _complain(str(complaint))
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except typer.TyperException as error:
        return _complain(f"{_message(error)} See headroom --help.")
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has left
        return WON


def _message(error: Exception) -> str:
    text = error.format_message() if hasattr(error, "format_message") else str(error)
    text = printable(text.strip())
    return text if text.endswith(".") else f"{text}."


def _complain(text: str) -> int:
    print(f"headroom: {text}", file=sys.stderr)
    return BAD_INPUT


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
        _open_app(lang)


@cli.command()
def play(
    level: LevelArgument,
    seed: SeedOption = None,
    speed: Annotated[float, typer.Option(help="Simulated seconds a second.")] = 10.0,
    traffic: TrafficOption = None,
    scale: ScaleOption = 1.0,
    from_s: FromOption = 0,
    faster: FasterOption = 1.0,
    lang: LanguageOption = None,
) -> None:
    """Play a level."""
    _check_positive(speed=speed)
    chosen = _with_traffic(_level(level, seed), traffic, scale, from_s, faster)
    _open_app(lang, level=chosen, seed=seed, speed=speed)


@cli.command(name="sandbox")
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
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Another seed.")] = 1,
    speed: Annotated[float, typer.Option(help="Simulated seconds a second.")] = 10.0,
    lang: LanguageOption = None,
) -> None:
    """Play freely on a board: nothing ends it, and traffic and trouble are yours."""
    _check_positive(speed=speed, scale=scale, faster=faster)
    _check_only_with_run(run, plan=plan, json=json, csv=csv, record=record)
    level = _sandbox(board, seed, budget, bill, _lasts_s(run, duration, traffic, from_s, faster))
    if traffic is not None:
        from levels.sandbox import with_trace

        level = with_trace(level, traffic, scale, from_s, faster)
    if run:
        _run(level, None, _read_plan(plan), json, csv, record)
    _open_app(lang, level=level, speed=speed)


def _sandbox(board: str, seed: int, budget: float | None, bill: bool, duration_s: int) -> "Level":
    from levels.sandbox import MONTH_USD, sandbox

    usd = MONTH_USD if budget is None else budget
    _check_positive(budget=usd)
    return sandbox(board, seed=seed, month_usd=usd, bill=bill, duration_s=duration_s)


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


@cli.command()
def replay(file: RecordingArgument, lang: LanguageOption = None) -> None:
    """Watch a recording."""
    from engine.recording import read_header

    read_header(file)
    _open_app(lang, recording=file)


@cli.command()
def runs() -> None:
    """List the saved runs: how they ended, how large they are, and the bests."""
    from tui.report import runs_lines
    from tui.shelf import load_bests, saved_runs

    _print(runs_lines(saved_runs(), load_bests()))


@cli.command(name="levels")
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

    _print(level_lines(campaign(), _language(lang)))


def _print_schema(kind: str) -> None:
    from levels.schema import SCHEMAS

    if kind not in SCHEMAS:
        raise Complaint("--schema", f"no files of kind '{kind}'", " or ".join(SCHEMAS))
    _print_formatted(SCHEMAS[kind]())


def _check_level(path: Path) -> None:
    from levels.check import check_level

    level, complaints = check_level(path)
    for complaint in complaints:
        _complain(str(complaint))
    if complaints or level is None:
        raise typer.Exit(BAD_INPUT)
    print(f"{path}: a good level, {level.slug}, with {len(level.proofs)} proofs")


@cli.command(name="run")
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
) -> None:
    """Run a level without a screen; a plan is its player."""
    from levels.plan import Plan

    own = _level(level, seed)
    steps = Plan() if plan is None else _plan(own, plan)
    chosen = _with_traffic(own, traffic, scale, from_s, faster)
    _run(chosen, seed, steps, json, csv, record)


def _run(
    level: "Level",
    seed: int | None,
    plan: "Plan",
    json: bool,
    csv: Path | None,
    record: Path | None,
) -> NoReturn:
    """Run a level and print what came of it; the exit status is the verdict."""
    from engine.simulation import Simulation

    simulation = Simulation(level.scenario, seed, folder=level.folder)
    _report_broken_lines(level)
    started = time.perf_counter()
    result = _play_out(level, simulation, plan, csv, record)
    wall_s = time.perf_counter() - started
    if json:
        _print_json(result, wall_s)
    else:
        from tui.report import run_lines

        _print(run_lines(level, simulation.frame(), result, wall_s))
    won = result.verdict is not None and result.verdict.won
    raise typer.Exit(WON if won else LOST)


def _play_out(
    level: "Level", simulation: "Simulation", plan: "Plan", csv: Path | None, record: Path | None
) -> "Result":
    """Play to the end, with a progress bar, a table and a recording as asked for."""
    from contextlib import ExitStack

    from tui.headless import csv_rows, final_result, play_out
    from tui.progress import progress

    with ExitStack() as stack:
        show = stack.enter_context(progress(level.slug, level.scenario.duration_s))
        looks = [lambda frame: show(frame.second)]
        if csv is not None:
            looks.append(stack.enter_context(csv_rows(csv)))
        writer = _recorder(level, simulation, record)
        if writer is not None:
            stack.callback(writer.close)
        commands = play_out(simulation, plan, looks, writer)
        result = final_result(simulation, commands, level.folder)
        if writer is not None:
            writer.finish(result)
    return result


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


def _print_json(result: "Result", wall_s: float) -> None:
    import msgspec

    _print_formatted({**msgspec.to_builtins(result), "wall_s": round(wall_s, 3)})


def _print_formatted(values: object) -> None:
    import msgspec

    print(msgspec.json.format(msgspec.json.encode(values), indent=2).decode())


@cli.command()
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
    from tui.report import proof_lines, proof_summary

    chosen = [find_level(name) for name in levels] if levels else list(campaign())
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
        _print_formatted(rows)
    else:
        _print(proof_lines(rows))
        _print(proof_summary(rows))
    raise typer.Exit(LOST if any(row.problem for row in rows) else WON)


@cli.command()
def verify(file: RecordingArgument) -> None:
    """Simulate a recording again and compare every frame."""
    from engine.recording import read_recording
    from engine.replay import Verified
    from engine.replay import verify as simulate_again
    from tui.report import differs_line, verified_line

    outcome = simulate_again(read_recording(file))
    if isinstance(outcome, Verified):
        print(verified_line(outcome))
        return
    print(differs_line(outcome))
    raise typer.Exit(LOST)


@cli.command(name="export")
def export_run(
    file: RecordingArgument,
    to: Annotated[str, typer.Option(help="cast, svg, csv, json, plan or card.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="A new file; standard output when absent.")
    ] = None,
    second: Annotated[int | None, typer.Option(min=0, help="svg: the second to draw.")] = None,
    size: Annotated[str, typer.Option(help="cast, svg: columns x rows.")] = "120x40",
    speed: Annotated[float, typer.Option(help="cast: simulated seconds a second.")] = 10.0,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    lang: LanguageOption = None,
) -> None:
    """Make a recording into something else: a film, a picture, a table, a plan, a card."""
    from engine.recording import read_recording
    from tui.export.kinds import Wish, maker_of, read_size, read_speed
    from tui.export.outlet import deliver, waiting
    from tui.words import Words

    make = maker_of(to)
    wish = Wish(Words(_language(lang)), read_size(size), second, read_speed(speed))
    recording = read_recording(file)
    with waiting(to, recording.frames[-1].second, out) as show:
        deliver(make(recording, wish, show), out, file, force=force)


@cli.command(name="explain")
def explain_run(
    file: RecordingArgument,
    compare: Annotated[
        bool, typer.Option("--compare", help="Play the reference plan on the same traffic, too.")
    ] = False,
    lang: LanguageOption = None,
) -> None:
    """Say what happened in a recorded run, why requests failed, and what would have helped."""
    from engine.recording import read_recording
    from tui.report import compared_lines, ending_line, story_lines
    from tui.words import Words

    recording, words = read_recording(file), Words(_language(lang))
    print(ending_line(recording, words))
    _print(story_lines(recording, words))
    if compare:
        _print(compared_lines(recording, words))


@cli.command(name="catalog")
def show_catalog(
    type: Annotated[str | None, typer.Argument(help="A type, its beginning, ec2 or ebs.")] = None,
) -> None:
    """Show what can be bought: prices, limits, delays, and where each figure comes from."""
    from tui.price_list import price_lines

    _print(price_lines(type))


@cli.command(name="doctor")
def examine() -> None:
    """Say which versions run here, what the terminal can do, and where runs are kept."""
    from tui.doctor import findings
    from tui.report import finding_lines

    found = findings()
    _print(finding_lines(found))
    raise typer.Exit(LOST if any(finding.problem for finding in found) else WON)


def _level(name: str, seed: int | None = None) -> "Level":
    """A level by its name or file; `endless` grows by the seed, `daily` by the day."""
    from levels.campaign import find_level
    from levels.growth import SLUG, endless, with_seed

    if name == DAILY:
        from datetime import datetime

        from tui.daily import daily

        return daily(datetime.now().date())
    if name == SLUG:
        return endless(1 if seed is None else seed)
    level = find_level(name)
    return level if seed is None else with_seed(level, seed)


def _with_traffic(
    level: "Level", traffic: Path | None, scale: float, from_s: int, faster: float
) -> "Level":
    """The level, with its traffic replaced by a file if one is given."""
    _check_positive(scale=scale, faster=faster)
    if traffic is None:
        return level
    from levels.trace import with_traffic

    return with_traffic(level, traffic, scale, from_s, faster)


def _report_broken_lines(level: "Level") -> None:
    """Say on standard error how many lines of access logs are passed over."""
    from levels.trace import broken_lines

    for path, broken, whole in broken_lines(level):
        said = f"{broken:,} of {broken + whole:,} lines are in no log format; passed over"
        print(f"headroom: {printable(str(path))}: {said}", file=sys.stderr)


def _plan(level: "Level", name: str) -> "Plan":
    from levels.plan import read_plan

    path = Path(name)
    beside = level.plan_path(name) if path.name == name else path
    return read_plan(beside if beside.is_file() and not path.exists() else path)


def _read_plan(path: Path | None) -> "Plan":
    from levels.plan import Plan, read_plan

    return Plan() if path is None else read_plan(path)


def _check_positive(**options: float) -> None:
    for name, value in options.items():
        if not (math.isfinite(value) and value > 0):
            raise Complaint(f"--{name}", f"{value:g} is no such number", "a number above 0")


def _language(asked: str | None) -> str:
    """The language to speak; a Complaint for one that there is not."""
    from tui.settings import load_settings
    from tui.words import LANGUAGES, pick_language

    if asked is not None and asked not in LANGUAGES:
        raise Complaint("--lang", f"no language '{asked}'", f"one of {', '.join(LANGUAGES)}")
    return pick_language(asked, os.environ, load_settings().language)


def _open_app(
    lang: str | None,
    level: "Level | None" = None,
    recording: Path | None = None,
    seed: int | None = None,
    speed: float | None = None,
) -> None:
    language = None if lang is None else _language(lang)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Complaint("headroom", "has no terminal to draw on", "a terminal, or headroom run")
    from tui.app import run_app

    status = run_app(level=level, recording=recording, seed=seed, speed=speed, language=language)
    raise typer.Exit(status)


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)
