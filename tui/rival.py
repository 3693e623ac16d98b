"""The reference plan, played on a run's own traffic, so that the two can be compared."""

from typing import NamedTuple

import msgspec

from engine.complaint import Complaint
from engine.frame import Frame, News
from engine.recording import Recording
from engine.scenario import Scenario, Trace, read_scenario
from engine.simulation import Simulation
from levels.campaign import campaign, find_level
from levels.growth import SLUG as ENDLESS
from levels.level import Level
from levels.plan import Plan, Player, read_plan
from levels.trace import on_other_traffic
from tui.render.history import History

REFERENCE = "reference"


class Side(NamedTuple):
    """One side of a comparison: how it ended, with how many stars, and what was done when."""

    frame: Frame
    stars: int
    done: tuple[tuple[int, News], ...]


class Rival:
    """A run of a level's reference plan; goes on by a second each time it is asked to."""

    def __init__(self, level: Level, plan: Plan, seed: int) -> None:
        self._simulation = Simulation(level.scenario, seed, folder=level.folder)
        self._player = Player(plan)
        self._done: list[tuple[int, News]] = []
        self.history = History()

    @property
    def over(self) -> bool:
        """Whether its verdict has fallen and was seen."""
        return self._simulation.over and self.history.second >= self._simulation.frame().second

    @property
    def share_done(self) -> float:
        """How far it is, in 0..1."""
        return self._simulation.frame().second / self._simulation.scenario.duration_s

    @property
    def side(self) -> Side:
        """How it stands now."""
        frame = self._simulation.frame()
        return Side(frame, frame.verdict.stars if frame.verdict else 0, tuple(self._done))

    def advance(self) -> None:
        """Give what is due, see what came of it, and go on by a second."""
        if not self._simulation.over:
            self._player.play(self._simulation)
        frame = self._simulation.frame()
        self.history.add(frame)
        self._done += [(frame.second, news) for news in frame.news if news.by == "player"]
        self._simulation.advance()


def rival_of(level: Level, seed: int) -> Rival | None:
    """A run of the level's reference plan, or None where it has none."""
    for known in (level, *_twins(level)):
        path = known.plan_path(REFERENCE)
        if path.is_file():
            return Rival(known, read_plan(path), seed)
    return None


def level_of(recording: Recording, name: str) -> Level:
    """The level of that name or file; a Complaint if the recording is not of it."""
    level, recorded = find_level(name), recording.header.scenario
    scenario = read_scenario(recorded, f"scenario of {recording.header.slug}")
    if on_other_traffic(scenario, level.scenario):
        what = f"was played with other traffic, {traffic_name(scenario)}"
        raise Complaint(name, f"{what}: there is no plan to compare with")
    if level.scenario != msgspec.structs.replace(scenario, seed=level.scenario.seed):
        what = f"is not the level of this recording, {recording.header.slug}, as it was then"
        raise Complaint(name, what, "the level that was played, unchanged")
    return level


def why_no_rival(level: Level) -> str:
    """The sentence for a recorded level that there is no reference plan for."""
    scenario = level.scenario
    if scenario.sandbox is not None:
        return "compare.free"
    known = next((one for one in campaign() if one.slug == level.slug), None)
    if known is not None and on_other_traffic(scenario, known.scenario):
        return "compare.other_traffic"
    endless = level.slug == ENDLESS or level.slug.startswith("daily-")
    return "compare.endless" if endless else "compare.no_folder"


def traffic_name(scenario: Scenario) -> str:
    """The files that a scenario's traffic comes from."""
    return ", ".join(part.file for part in scenario.traffic if isinstance(part, Trace))


def _twins(level: Level) -> list[Level]:
    """The level of the campaign that a recording's level is, if its scenario is still the same."""
    return [one for one in campaign() if one.slug == level.slug and one.scenario == level.scenario]
