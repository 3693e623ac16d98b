"""The third star: a run's own commands, given again under other traffic than they were made for."""

from engine.services.command import Command
from engine.simulation import Simulation
from levels.level import Level

SECOND_SEED_STEP = 7_919
"""From a run's seed to that of the hidden traffic."""


class SecondSeed:
    """The same commands at the same seconds; demand and work differ, delays do not."""

    def __init__(self, level: Level, seed: int, commands: list[tuple[int, Command]]) -> None:
        scenario = level.scenario
        hidden = seed + SECOND_SEED_STEP
        self._simulation = Simulation(scenario, seed, demand_seed=hidden, folder=level.folder)
        self._commands = list(reversed(commands))
        self._duration_s = scenario.duration_s

    @property
    def over(self) -> bool:
        """Whether its verdict has fallen."""
        return self._simulation.over

    @property
    def share_done(self) -> float:
        """How far it is, in 0..1."""
        return self._simulation.frame().second / self._duration_s

    @property
    def won(self) -> bool:
        """Whether the commands passed here too."""
        verdict = self._simulation.frame().verdict
        return verdict is not None and verdict.won

    @property
    def cause(self) -> str:
        """By what it ended."""
        verdict = self._simulation.frame().verdict
        return verdict.cause if verdict else ""

    def advance(self) -> None:
        """One second on, giving the commands that are due."""
        second = self._simulation.frame().second
        while self._commands and self._commands[-1][0] <= second:
            self._simulation.apply(self._commands.pop()[1])
        self._simulation.advance(1)
