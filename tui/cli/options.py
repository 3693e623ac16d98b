"""What the commands' options have in common: their types, and what they name."""

import math
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.complaint import Complaint, printable

if TYPE_CHECKING:
    from engine.recording import CommandLine
    from levels.level import Level
    from levels.plan import Plan

DAILY = "daily"
"""What the endless level of today is called."""

LevelArgument = Annotated[str, typer.Argument(help="A level's name, or a level.toml.")]
SeedOption = Annotated[int | None, typer.Option(min=0, max=2**63 - 1, help="Another seed.")]
TrafficOption = Annotated[
    Path | None,
    typer.Option(help="A CSV of second,rps or an access log, instead of the level's traffic."),
]
ScaleOption = Annotated[float, typer.Option(help="Multiplies the traffic file's rates.")]
FromOption = Annotated[int, typer.Option(min=0, help="Seconds of the traffic file to skip.")]
FasterOption = Annotated[float, typer.Option(help="Squeezes the traffic file's time.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace a CSV that is there.")]
SpeedOption = Annotated[
    float | None,
    typer.Option(help="Simulated seconds a second; as the settings say when absent."),
]
RecordingArgument = Annotated[Path, typer.Argument(help="A *.headroom recording.")]
LanguageOption = Annotated[str | None, typer.Option("--lang", help="Language: en or ko.")]


def level_named(name: str, seed: int | None = None) -> "Level":
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


def level_with_traffic(
    level: "Level", traffic: Path | None, scale: float, from_s: int, faster: float
) -> "Level":
    """The level, with its traffic replaced by a file if one is given."""
    check_traffic(traffic, scale, from_s, faster)
    if traffic is None:
        return level
    from levels.trace import with_traffic

    return with_traffic(level, traffic, scale, from_s, faster)


def report_broken_lines(level: "Level") -> None:
    """Say on standard error how many lines of access logs are passed over."""
    from levels.trace import broken_lines

    for path, broken, whole in broken_lines(level):
        said = f"{broken:,} of {broken + whole:,} lines are in no log format; passed over"
        print(f"headroom: {printable(str(path))}: {said}", file=sys.stderr)


def report_refused(refused: "list[CommandLine]") -> None:
    """Say on standard error which steps of a plan were refused, and why: the run went on."""
    from tui.given import told_words
    from tui.render.figures import clock
    from tui.words import Words

    words = Words("en")
    for line in refused:
        said = told_words(line, words)
        print(f"headroom: plan at {clock(line.second)}: {said}", file=sys.stderr)


def report_waiting(waiting: list[int], second: int) -> None:
    """Say on standard error which steps of a plan were never given: the run ended before."""
    from tui.render.figures import clock

    if waiting:
        which = ", ".join(f"steps[{step}]" for step in waiting)
        print(f"headroom: plan: {which}: never came; the run ended at {clock(second)}",
              file=sys.stderr)  # fmt: skip


def plan_named(level: "Level", name: str) -> "Plan":
    """A plan by its file, or by its name among a level's own."""
    from levels.plan import read_plan

    path = Path(name)
    beside = level.plan_path(name) if path.name == name else path
    return read_plan(beside if beside.is_file() and not path.exists() else path)


def plan_in(path: Path | None) -> "Plan":
    """The plan in a file; one without steps where no file is named."""
    from levels.plan import Plan, read_plan

    return Plan() if path is None else read_plan(path)


def check_traffic(traffic: Path | None, scale: float, from_s: int, faster: float) -> None:
    """Raise a Complaint for an option about a traffic file that cannot be, or without a file."""
    check_positive(scale=scale, faster=faster)
    for name, changed in (("scale", scale != 1), ("from-s", from_s != 0), ("faster", faster != 1)):
        if changed and traffic is None:
            raise Complaint(f"--{name}", "is about a traffic file", "--traffic FILE as well")


def check_positive(**options: float | None) -> None:
    """Raise a Complaint that names the first option whose number is not above 0."""
    for name, value in options.items():
        if value is not None and not (math.isfinite(value) and value > 0):
            raise Complaint(f"--{name}", f"{value:g} is no such number", "a number above 0")


def language_of(asked: str | None) -> str:
    """The language to speak; a Complaint for one that there is not."""
    from tui.settings import load_settings
    from tui.words import LANGUAGES, pick_language

    if asked is not None and asked not in LANGUAGES:
        raise Complaint("--lang", f"no language '{asked}'", f"one of {', '.join(LANGUAGES)}")
    return pick_language(asked, os.environ, load_settings().language)
