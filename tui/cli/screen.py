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
    speed: Annotated[float, typer.Option(help="Simulated seconds a second.")] = 10.0,
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


def replay(file: RecordingArgument, lang: LanguageOption = None) -> None:
    """Watch a recording."""
    from engine.recording import read_header

    read_header(file)
    open_app(lang, recording=file)


def open_app(
    lang: str | None,
    level: "Level | None" = None,
    recording: Path | None = None,
    seed: int | None = None,
    speed: float | None = None,
) -> None:
    """The app, from here to its exit status; a Complaint where there is no terminal."""
    language = None if lang is None else language_of(lang)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Complaint("headroom", "has no terminal to draw on", "a terminal, or headroom run")
    from tui.app import run_app

    status = run_app(level=level, recording=recording, seed=seed, speed=speed, language=language)
    raise typer.Exit(status)
