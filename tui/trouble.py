"""Trouble at hand in the sandbox: every incident, whom it may befall, and how hard it may hit."""

from dataclasses import dataclass

from engine.frame import Frame
from engine.scenario import Happening
from tui.render.facts import Facts
from tui.render.figures import clock
from tui.words import Words

MINUTES_S = (60, 300, 900)


@dataclass(frozen=True)
class Strength:
    """How hard trouble hits, and for how long; None where the kind knows no such thing."""

    factor: float | None = None
    duration_s: int | None = None

    def words(self, kind: str, words: Words) -> str:
        """As a line of a list."""
        lasts = clock(self.duration_s or 0)
        if self.factor is None:
            return words.say("sandbox.lasting", lasts=lasts)
        factor = self.factor
        if kind in TIMES:
            return words.say("sandbox.times", times=f"{factor:g}", lasts=lasts)
        return words.say(f"sandbox.share_{kind}", percent=round(factor * 100), lasts=lasts)


TIMES = ("traffic_spike", "bot_attack")

AT_ONCE: tuple[Strength, ...] = (Strength(),)
LASTING = tuple(Strength(None, seconds) for seconds in MINUTES_S)
SLOWER = tuple(Strength(factor, seconds) for factor in (0.5, 0.2) for seconds in MINUTES_S[:2])
MORE = tuple(Strength(factor, seconds) for factor in (2.0, 5.0, 10.0) for seconds in MINUTES_S[:2])
HOT = tuple(Strength(factor, 300) for factor in (0.3, 0.6, 0.9))

KINDS: dict[Happening, tuple[Strength, ...]] = {
    "traffic_spike": MORE,
    "bot_attack": MORE,
    "instance_crash": AT_ONCE,
    "host_failure": AT_ONCE,
    "noisy_neighbour": SLOWER,
    "bad_deploy": SLOWER,
    "slow_disk": SLOWER,
    "volume_failure": AT_ONCE,
    "master_failure": AT_ONCE,
    "hot_key": HOT,
    "zone_outage": LASTING,
}
"""Every kind of trouble in the order of its keys, and how hard it may hit."""

KEYS = "1234567890-"
"""The key of each kind in that order."""


def targets(kind: Happening, frame: Frame, facts: Facts) -> list[str | None]:
    """Whom trouble of a kind may befall now; None is everybody."""
    match kind:
        case "traffic_spike":
            return [None]
        case "bot_attack":
            return list(facts.deadline_ms)
        case "hot_key":
            return list(facts.tables)
        case "volume_failure" | "slow_disk":
            return [v.id for v in frame.volumes]
        case "master_failure":
            managed = (r for r in frame.resources if r.service == "rds" and r.type != "backup")
            return [r.id for r in managed if "source" not in r.facts]
        case "zone_outage":
            zones = {i.zone for i in frame.instances} | {r.zone for r in frame.resources if r.zone}
            return [zone for zone in sorted(zones) if zone not in frame.zones_down]
    return [i.id for i in frame.instances if i.state == "running"]


def incident(kind: str, target: str | None, strength: Strength) -> dict[str, object]:
    """The command that lets it happen, as files hold it."""
    values: dict[str, object] = {"do": "start_incident", "kind": kind}
    given = {"target": target, "factor": strength.factor, "duration_s": strength.duration_s}
    return values | {name: value for name, value in given.items() if value is not None}
