"""The answer of the level before: what its reference plan left standing, as an opening board."""

import msgspec

from engine.complaint import Complaint
from engine.frame import Frame
from engine.scenario import Board, Scenario, check_scenario
from engine.simulation import Simulation
from levels.level import Level, followed_folder, read_level
from levels.plan import Player, read_plan
from levels.standing import standing_board


def opening_before(level: Level) -> Scenario:
    """The level's scenario, opening with what the reference plan of the one before left.

    That plan is played to its end in its own level, on that level's own seed.
    What stands then is the board, as a sandbox would save it. Traffic, data, money
    and goals are those of `level`. Raises Complaint where the plan loses, or where
    what it leaves cannot open this level.
    """
    folder = followed_folder(level)
    assert folder is not None, "a level that was read follows a level that there is"
    before = read_level(folder)
    frame = _last_frame(before)
    if frame.verdict is None or not frame.verdict.won:
        raise Complaint(before.slug, "its reference plan loses", "a level that is proven")
    where = f"{before.slug} with its reference plan"
    scenario = msgspec.structs.replace(level.scenario, board=board_left(frame))
    check_scenario(scenario, f"{level.slug} after {where}", level.folder)
    return scenario


def _last_frame(level: Level) -> Frame:
    simulation = Simulation(level.scenario, folder=level.folder)
    player = Player(read_plan(level.plan_path("reference")))
    while not simulation.over:
        player.play(simulation)
        simulation.advance()
    return simulation.frame()


def board_left(frame: Frame) -> Board:
    """What stands in the frame, as an opening board."""
    return msgspec.convert(standing_board(frame), Board)
