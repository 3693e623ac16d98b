"""The commands that open the game's screens."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.complaint import Complaint
from tui.cli.options import (
    FasterOption,
    FromOption,
    LanguageOption,
    LevelArgument,
    RecordingArgument,
    ScaleOption,
    SeedOption,
    SpeedOption,
    TrafficOption,
    check_positive,
    language_of,
    level_named,
    level_with_traffic,
)

if TYPE_CHECKING:
    from levels.level import Level


def play(
    level: LevelArgument,
    seed: SeedOption = None,
    speed: SpeedOption = None,
    traffic: TrafficOption = None,
    scale: ScaleOption = 1.0,
    from_s: FromOption = 0,
    faster: FasterOption = 1.0,
    lang: LanguageOption = None,
) -> None:
    """Play a level."""
    check_positive(speed=speed)
    chosen = level_with_traffic(level_named(level, seed), traffic, scale, from_s, faster)
    open_app(lang, level=chosen, seed=seed, speed=speed)


def replay(
    file: RecordingArgument,
    against: Annotated[
        Path | None, typer.Option(help="Another recording of the same level, to compare with.")
    ] = None,
    lang: LanguageOption = None,
) -> None:
    """Watch a recording, alone or beside another one of its level."""
    from engine.recording import read_header

    header = read_header(file)
    if against is not None:
        check_same_level(header.slug, read_header(against).slug, str(against))
    open_app(lang, recording=file, against=against)


def check_same_level(slug: str, other: str, where: str) -> None:
    """Only runs of one level can be compared; a Complaint says which two these are."""
    if other != slug:
        raise Complaint(where, f"is a run of '{other}'", f"a run of '{slug}'")


def open_app(
    lang: str | None,
    level: "Level | None" = None,
    recording: Path | None = None,
    seed: int | None = None,
    speed: float | None = None,
    against: Path | None = None,
) -> None:
    """The app, from here to its exit status; a Complaint where there is no terminal."""
    language = None if lang is None else language_of(lang)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        expected = "a terminal, or headroom run, or sandbox --run"
        raise Complaint("the output", "is no terminal to draw on", expected)
    from tui.app import run_app

    status = run_app(
        level=level,
        recording=recording,
        seed=seed,
        speed=speed,
        language=language,
        against=against,
    )
    raise typer.Exit(status)
