"""The command line that plays a run again: a level's, or a sandbox with its board."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from engine.complaint import Complaint, printable
from engine.recording import Recording
from engine.scenario import Scenario, Trace


class Again(NamedTuple):
    """A command in words that belong together, and whether what it names is what was played.

    `of_game` is whether the game has a level or a board of that name at all.
    """

    words: tuple[str, ...]
    same: bool
    of_game: bool = True


def recorded_scenario(recording: Recording) -> Scenario | None:
    """What a recording was played on, or None if another version knew other scenarios."""
    try:
        return msgspec.convert(recording.header.scenario, Scenario)
    except msgspec.ValidationError:
        return None


def play_again(slug: str, seed: int, scenario: Scenario | None) -> Again:
    """The command that opens on a screen what was played; what was done there it knows not."""
    if scenario is not None and scenario.sandbox is not None:
        board, same = _board(slug, scenario)
        return Again((f"headroom sandbox {board}", f"--seed {seed}", *_traffic(scenario)), same)
    name, options, same = _level(slug, seed, scenario)
    return Again((f"headroom play {name}", f"--seed {seed}", *options), same)


def run_again(recording: Recording, plan: str) -> Again:
    """The command that plays without a screen, with a plan's file."""
    slug, seed = recording.header.slug, recording.header.seed
    scenario = recorded_scenario(recording)
    if scenario is None or scenario.sandbox is None:
        name, options, same = _level(slug, seed, scenario)
        words = (f"headroom run {name}", f"--seed {seed}", f"--plan {plan}", *options)
        return Again(words, same, of_game=not name.endswith(".toml"))
    board, same = _board(slug, scenario)
    words = (f"headroom sandbox {board} --run", f"--duration {scenario.duration_s}")
    words += (f"--seed {seed}", *_traffic(scenario))
    words += (f"--budget {scenario.budget.month_usd:.12g}",)
    words += () if scenario.sandbox.bill else ("--no-bill",)
    return Again((*words, f"--plan {plan}"), same, of_game=not board.endswith(".toml"))


def lines_of(words: Sequence[str], width: int) -> list[str]:
    """A command over as many lines as it needs, which a shell reads as one."""
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1]) + len(word) + 3 <= width:
            lines[-1] += f" {word}"
        else:
            lines[-1] += " \\"
            lines.append(f"  {word}")
    return lines


def _level(slug: str, seed: int, scenario: Scenario | None) -> tuple[str, tuple[str, ...], bool]:
    """A level's name, the options for its traffic, and whether the two give the scenario.

    A level of the player's own can only be called a file.
    """
    from levels.campaign import campaign
    from levels.growth import SLUG, endless
    from levels.trace import on_other_traffic

    name, daily = printable(slug), slug.startswith("daily-")
    known = next((level.scenario for level in campaign() if level.slug == slug), None)
    if slug == SLUG or daily:
        name, known = SLUG, endless(seed).scenario
    if known is None:
        return f"{name}.toml", _traffic(scenario), False
    known = msgspec.structs.replace(known, slug=slug, seed=scenario.seed if scenario else seed)
    if known == scenario:
        return name, (), True
    same = scenario is not None and on_other_traffic(scenario, known)
    return name, _traffic(scenario), same


def _board(slug: str, scenario: Scenario) -> tuple[str, bool]:
    """A board by its name or its file's, and whether it is the game's own."""
    from levels.sandbox import BOARDS, sandbox

    name = printable(slug.removeprefix("sandbox-"))
    if name not in BOARDS:
        return f"{name}.toml", False
    try:
        known = sandbox(name).scenario
    except Complaint:
        return f"{name}.toml", False
    traffic = scenario.traffic if _traffic(scenario) else known.traffic
    parts = {"traffic": traffic, "seed": scenario.seed, "budget": scenario.budget}
    parts |= {"duration_s": scenario.duration_s, "sandbox": scenario.sandbox}
    same = msgspec.structs.replace(known, **parts) == scenario
    return name if same else f"{name}.toml", same


def _traffic(scenario: Scenario | None) -> tuple[str, ...]:
    """The options for a traffic file that the run began with."""
    parts = scenario.traffic if scenario else ()
    if not (len(parts) == 1 and isinstance(parts[0], Trace)):
        return ()
    part = parts[0]
    words = [f"--traffic {printable(part.file)}"]
    for option, value, usual in (
        ("--scale", part.scale, 1.0),
        ("--from-s", part.from_s, 0),
        ("--faster", part.faster, 1.0),
    ):
        words += [] if value == usual else [f"{option} {value:.12g}"]
    return tuple(words)
