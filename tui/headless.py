"""A run without a screen: a plan plays a level, and whoever wants to look is handed the frames."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.frame import Frame
from engine.outcomes import Refused
from engine.recording import CommandLine, RecordingWriter
from engine.replay import SecondRun
from engine.services.command import Command
from engine.simulation import Result, Simulation
from levels.plan import Plan, Player
from tui.export.sheet import Sheet
from tui.export.whole_file import whole_file

Look = Callable[[Frame], None]


class Played(NamedTuple):
    """What came of a plan: the commands given, with their seconds; which of them were refused;
    and the steps, by their place, whose time never came."""

    commands: list[tuple[int, Command]]
    refused: list[CommandLine]
    waiting: list[int]


def play_out(
    simulation: Simulation, plan: Plan, looks: list[Look], writer: RecordingWriter | None = None
) -> Played:
    """Play `plan` until the verdict; every second's last frame goes to `looks`."""
    player = Player(plan)
    commands: list[tuple[int, Command]] = []
    refused: list[CommandLine] = []
    while True:
        if writer is not None:
            writer.frame(simulation.frame())
        if simulation.over:
            break
        second, played = simulation.frame().second, player.play(simulation)
        commands += [(second, command) for command, _ in played]
        refused += [
            CommandLine(second, msgspec.to_builtins(command), outcome)
            for command, outcome in played
            if isinstance(outcome, Refused)
        ]
        for look in looks:
            look(simulation.frame())
        if writer is not None and played:
            for command, outcome in played:
                writer.command(second, command, outcome)
            writer.frame(simulation.frame())
        simulation.advance()
    for look in looks:
        look(simulation.frame())
    return Played(commands, refused, player.waiting)


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


@contextmanager
def csv_rows(path: Path, *, replace: bool = False) -> Iterator[Look]:
    """A look that makes a row of each frame; the file appears whole at the end, or not at all.

    What is there, such as the log that the run reads, goes only if it may `replace` it.
    """
    sheet = Sheet()
    with whole_file(path, replace=replace) as file:
        yield sheet.add
        for line in sheet.lines():
            file.write(f"{line}\n")
