"""Recordings for the tests of watching: the made-up level, played by a list of moves."""

from collections.abc import Iterable
from pathlib import Path

from engine.recording import Recording, RecordingWriter, new_header, read_recording
from engine.services.command import Command
from engine.services.ec2 import LaunchInstance, ResizeInstance, StopInstance
from engine.simulation import VERSION, Simulation
from tests.test_app import made_up_level

Move = tuple[int, Command]

MOVES: tuple[Move, ...] = (
    (0, LaunchInstance(type="m5.large", volume_gb=35)),
    (0, LaunchInstance(type="t3.small", name="spare")),
    (60, ResizeInstance(instance="web-1", type="m5.xlarge")),
    (150, StopInstance(instance="spare")),
)
"""Two machines at once, a resize that is refused because it runs, and one thing done late."""

NOTHING: tuple[Move, ...] = ()


def recorded(
    path: Path,
    moves: Iterable[Move] = MOVES,
    *,
    seed: int = 7,
    until: int | None = None,
    started: str = "2026-01-02T03:04:05",
) -> Recording:
    """A run of the made-up level, written to `path` and read again; `until` cuts it off."""
    level = made_up_level()
    simulation = Simulation(level.scenario, seed)
    header = new_header(level.scenario, seed, VERSION, started, level.text)
    writer, waiting = RecordingWriter(path, header), list(moves)
    writer.frame(simulation.frame())
    while not simulation.over and (until is None or simulation.frame().second < until):
        while waiting and waiting[0][0] <= simulation.frame().second:
            second, command = waiting.pop(0)
            writer.command(second, command, simulation.apply(command))
            writer.frame(simulation.frame())
        writer.frame(simulation.advance(1))
    if simulation.over:
        writer.finish(simulation.result())
    writer.close()
    return read_recording(path)
