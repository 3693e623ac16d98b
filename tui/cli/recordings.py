"""The commands that read recordings."""

from pathlib import Path
from typing import Annotated

import typer

from tui.cli.options import LanguageOption, RecordingArgument, language_of
from tui.cli.printing import LOST, print_lines


def runs() -> None:
    """List the saved runs: how they ended, how large they are, and the bests."""
    from tui.report import runs_lines
    from tui.shelf import load_bests, saved_runs

    print_lines(runs_lines(saved_runs(), load_bests()))


def verify(file: RecordingArgument) -> None:
    """Simulate a recording again and compare every frame."""
    from engine.recording import read_recording
    from engine.replay import Verified
    from engine.replay import verify as simulate_again
    from tui.report import differs_line, verified_line

    recording = read_recording(file)
    outcome = simulate_again(recording)
    if isinstance(outcome, Verified):
        print(verified_line(outcome, recording))
        return
    print(differs_line(outcome))
    raise typer.Exit(LOST)


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
    wish = Wish(Words(language_of(lang)), read_size(size), second, read_speed(speed))
    recording = read_recording(file)
    with waiting(to, recording.frames[-1].second, out) as show:
        deliver(make(recording, wish, show), out, file, force=force)


def explain_run(
    file: RecordingArgument,
    compare: Annotated[
        bool, typer.Option("--compare", help="Play the reference plan on the same traffic, too.")
    ] = False,
    level: Annotated[
        str | None, typer.Option(help="With --compare: the level of yours that was played.")
    ] = None,
    lang: LanguageOption = None,
) -> None:
    """Say what happened in a recorded run, why requests failed, and what would have helped."""
    from engine.recording import read_recording
    from tui.report import compared_lines, ending_line, story_lines
    from tui.rival import level_of
    from tui.words import Words

    recording, words = read_recording(file), Words(language_of(lang))
    own = None if level is None else level_of(recording, level)
    print(ending_line(recording, words))
    print_lines(story_lines(recording, words))
    if compare or own is not None:
        print_lines(compared_lines(recording, words, own))
