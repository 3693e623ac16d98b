"""The sandbox: free play on a board from a file, for as long as the player likes.

A board file is the board, tables, requests, network and traffic of a scenario;
it has no duration, no budget and nothing that ends the run.
"""

import dataclasses
import math
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from engine.complaint import Complaint
from engine.recording import LevelText
from engine.scenario import Trace, one_of, read_scenario
from engine.simulation import trace_length_s
from engine.toml import parse_toml, read_text
from levels.level import LANGUAGES, Level, parse_text
from levels.trace import left_of

FOLDER = Path(__file__).with_name("boards")
"""Where the boards that come with the game lie, and the words of the sandbox."""

CHAPTER = "sandbox"

EMPTY = "empty"
"""The board on which nothing stands."""

BOARDS = (EMPTY, "one-box", "starter", "resilient", "sharded", "serverless-data")

PARTS = ("traffic", "requests", "tables", "files", "users", "network", "board")
"""What a board file may hold: parts of a scenario."""

LONGEST_S = 86_400
"""A sandbox goes on for a day, which is two years of bills."""

HEADLESS_S = 3_600
"""How long one without a screen lasts, unless a duration or a traffic file says otherwise."""

MONTH_USD = 2_000.0
ERROR_BUDGET, WINDOW_S = 0.05, 900


def is_sandbox(level: Level) -> bool:
    """Whether a level is free play."""
    return level.scenario.sandbox is not None


def sandbox(
    board: str = EMPTY,
    *,
    seed: int = 1,
    month_usd: float = MONTH_USD,
    bill: bool = True,
    duration_s: int = LONGEST_S,
) -> Level:
    """Free play on a board by its name, or on that of a file; a Complaint says what is wrong."""
    path = board_path(board)
    values = parse_toml(read_text(path, "board"), str(path))
    for key in values:
        if key not in PARTS:
            what = f"Object contains unknown field `{key}`"
            raise Complaint(str(path), what, f"parts of a board: {', '.join(PARTS)}")
    free: dict[str, Any] = {
        "slug": slug_of(path),
        "seed": seed,
        "duration_s": duration_s,
        "budget": {"month_usd": month_usd},
        "objectives": {"error_budget": ERROR_BUDGET, "window_s": WINDOW_S},
        "sandbox": {"bill": bill},
    }
    scenario = read_scenario(values | free, str(path), path.parent)
    return Level(
        slug=scenario.slug,
        chapter=CHAPTER,
        teaches=(),
        proofs=(),
        scenario=scenario,
        text=_texts(),
        folder=path.parent,
    )


def board_path(board: str, own: Mapping[str, Path] = MappingProxyType({})) -> Path:
    """The file of a board by its name, of the game's or of the player's own; or as it was named."""
    known = {**own, **{name: FOLDER / f"{name}.toml" for name in BOARDS}}
    if board in known:
        return known[board]
    path = Path(board)
    if path.suffix == ".toml" or len(path.parts) > 1:
        return path
    names = (*BOARDS, *(name for name in own if name not in BOARDS))
    raise Complaint(board, "there is no such board", f"{one_of(names, 20)}, or a board.toml")


def slug_of(path: Path) -> str:
    """What runs on a board are called."""
    named = f"{CHAPTER}-{path.stem}"
    return named if re.fullmatch(r"[a-z0-9-]{1,48}", named) else CHAPTER


def with_trace(level: Level, path: Path, scale: float, from_s: int, faster: float) -> Level:
    """The sandbox with the traffic of a file; it goes on, without traffic, when that ends."""
    left_of(path, scale, from_s, faster)
    trace = Trace(path.name, scale=scale, from_s=from_s, faster=faster)
    scenario = msgspec.structs.replace(level.scenario, traffic=(trace,))
    checked = read_scenario(msgspec.to_builtins(scenario), str(path), path.parent)
    return dataclasses.replace(level, scenario=checked, folder=path.parent)


def trace_s(path: Path, from_s: int, faster: float) -> int:
    """Seconds that a traffic file lasts, within what a sandbox may."""
    return max(60, min(LONGEST_S, math.ceil((trace_length_s(path) - from_s) / faster)))


@cache
def _texts() -> dict[str, LevelText]:
    paths = {language: FOLDER / f"text.{language}.md" for language in LANGUAGES}
    return {
        language: parse_text(read_text(path, "text"), str(path)) for language, path in paths.items()
    }
