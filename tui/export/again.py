"""The command line that plays a recorded run again: a level's, or a sandbox with its board."""

from importlib.resources import files

import msgspec

from engine.complaint import printable
from engine.recording import Recording
from engine.scenario import Scenario, Trace


def play_again(slug: str, seed: int, *, sandbox: bool) -> str:
    """The command that opens what was played, on a screen."""
    if sandbox:
        return f"headroom sandbox {_board(slug)} --seed {seed}"
    return f"headroom play {printable(slug)} --seed {seed}"


def run_again(recording: Recording, plan: str) -> str:
    """The command that gives the same digest without a screen, with a plan's file."""
    header = recording.header
    level = f"headroom run {printable(header.slug)} --seed {header.seed} --plan {plan}"
    try:
        scenario = msgspec.convert(header.scenario, Scenario)
    except msgspec.ValidationError:  # of another version: no sandbox of ours
        return level
    if scenario.sandbox is None:
        return level
    words = ["headroom", "sandbox", _board(header.slug), "--run"]
    words += ["--duration", str(scenario.duration_s), "--seed", str(header.seed)]
    words += [*_traffic(scenario), "--budget", f"{scenario.budget.month_usd:.12g}"]
    words += [] if scenario.sandbox.bill else ["--no-bill"]
    return " ".join([*words, "--plan", plan])


def _board(slug: str) -> str:
    """A board of the game by its name; a player's own can only be called a file."""
    name = printable(slug.removeprefix("sandbox-"))
    known = files("levels").joinpath("boards", f"{name}.toml").is_file()
    return name if known else f"{name}.toml"


def _traffic(scenario: Scenario) -> list[str]:
    """The options for a traffic file that the sandbox began with."""
    if not (len(scenario.traffic) == 1 and isinstance(scenario.traffic[0], Trace)):
        return []
    part = scenario.traffic[0]
    words = ["--traffic", part.file]
    for option, value, usual in (
        ("--scale", part.scale, 1.0),
        ("--from-s", part.from_s, 0),
        ("--faster", part.faster, 1.0),
    ):
        words += [] if value == usual else [option, f"{value:.12g}"]
    return words
