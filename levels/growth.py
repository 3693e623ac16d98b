"""Endless: growth and incidents from the seed, until money, error budget or data end.

The scenario is made once, from the seed, and is data like any other: it is
recorded, watched and verified in the same way.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import msgspec

from engine.scenario import Incident, Ramp
from levels.level import Level, read_level

CHAPTER = "endless"
SLUG = "endless"

FOLDER = Path(__file__).with_name("endless")

SEGMENT_S = 300
"""Traffic grows a little in every stretch so long."""

GROWTH = (1.12, 1.62)
"""How many times its rate it has at the end of a stretch, at least and at most."""

MOST_RPS = 10_000.0
"""Where growth ends; no budget of this game carries it."""

FIRST_TROUBLE_S = 480
PAUSE_S = (180, 400)
"""Between two incidents, at least and at most."""

SEVERE_FROM_S = 1_500
"""What takes a database or a zone comes when there was time to prepare for it."""

MILD = ("noisy_neighbour", "slow_disk", "bad_deploy", "instance_crash", "traffic_spike",
        "bot_attack")  # fmt: skip
SEVERE = ("host_failure", "master_failure", "zone_outage")


def endless(seed: int, slug: str = SLUG) -> Level:
    """The endless level as a seed makes it; `slug` tells a day's own from others."""
    base = read_level(FOLDER)
    draws = Random(seed)  # not on a clock: the same for everyone, for ever
    scenario = msgspec.structs.replace(
        base.scenario,
        slug=slug,
        seed=seed,
        traffic=(*base.scenario.traffic, *_growth(base, draws)),
        incidents=tuple(_trouble(base, draws)),
    )
    return replace(base, slug=slug, scenario=scenario)


def is_endless(level: Level) -> bool:
    """Whether a level is played for its score."""
    return level.chapter == CHAPTER


def with_seed(level: Level, seed: int) -> Level:
    """The level as it is with a seed: an endless one grows by it."""
    return endless(seed, level.slug) if is_endless(level) else level


def _growth(base: Level, draws: Random) -> Iterator[Ramp]:
    """What every stretch adds to the rate; a ramp stays where it ends."""
    (first,) = base.scenario.traffic
    assert isinstance(first, Ramp)
    rate, start_s = first.to_rps, SEGMENT_S
    while start_s < base.scenario.duration_s:
        grown = min(MOST_RPS, rate * draws.uniform(*GROWTH))
        added = round(grown - rate, 1)
        yield Ramp(from_rps=0.0, to_rps=added, start_s=start_s, end_s=start_s + SEGMENT_S)
        rate, start_s = rate + added, start_s + SEGMENT_S


def _trouble(base: Level, draws: Random) -> Iterator[Incident]:
    at_s = FIRST_TROUBLE_S
    while at_s < base.scenario.duration_s:
        severe = at_s >= SEVERE_FROM_S and draws.random() < 0.35
        yield _incident(draws.choice(SEVERE if severe else MILD), at_s, draws)
        at_s += draws.randint(*PAUSE_S)


def _incident(kind: str, at_s: int, draws: Random) -> Incident:
    role = draws.choice(("role:web", "role:app"))
    match kind:
        case "noisy_neighbour" | "bad_deploy":
            factor, duration_s = draws.choice((0.4, 0.6)), draws.randint(60, 150)
            return Incident(kind, at_s, role, duration_s, factor)
        case "slow_disk":
            return Incident(kind, at_s, "role:db", draws.randint(60, 150), draws.choice((0.3, 0.5)))
        case "traffic_spike":
            factor = round(draws.uniform(1.5, 2.5), 1)
            return Incident(kind, at_s, None, draws.randint(60, 120), factor)
        case "bot_attack":
            return Incident(kind, at_s, "page", draws.randint(60, 120), draws.choice((2.0, 3.0)))
        case "master_failure":
            return Incident(kind, at_s, "role:db")
        case "zone_outage":
            return Incident(kind, at_s, role, draws.randint(180, 400))
        case "instance_crash" | "host_failure":
            return Incident(kind, at_s, role)
    raise AssertionError(kind)
