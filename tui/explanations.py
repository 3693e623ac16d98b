"""An explanation in sentences: what is tight, each burst of failures, and remedies in steps.

The screen and `headroom explain` say the same sentences. Remedies come in
`HINT_STEPS` steps, from a gentle one to the plain answer.
"""

from collections import Counter

from engine.explain import (
    DATA_LOST,
    FULL,
    REMEDIES,
    Burst,
    Cause,
    Evidence,
    Explanation,
    Figure,
    Outlook,
    Tight,
)
from tui.concepts import concept_title
from tui.render.canvas import clean
from tui.render.figures import clock, count, headroom_percent, whole_percent
from tui.render.sentences import place_words, reason_words
from tui.words import Words

HINT_STEPS = 3
"""The plain answer is the last of so many steps."""

MOST_BURSTS = 12
"""Bursts that are listed; of more, those that hurt most."""

JUST_NOW_S = 10
"""What went wrong so lately is what is wrong now."""

WORTH_A_REMEDY = 0.02
"""A cause of a smaller share of what went wrong gets no remedy."""

MOST_CAUSES = 3
"""Causes that remedies are given against, the worst first."""

CONCEPT_OF: dict[Cause, str] = {
    Cause.NOTHING_STANDS: "C1",
    Cause.NO_ADDRESS: "E3",
    Cause.BOOTING: "E2",
    Cause.STOPPED: "I2",
    Cause.CRASHED: "V3",
    Cause.HOST_FAILED: "V3",
    Cause.TERMINATED: "E2",
    Cause.REPLACED: "L3",
    Cause.CREDITS_GONE: "E1",
    Cause.SLOWED: "C1",
    Cause.CPU_FULL: "I2",
    Cause.SHARED_CPU: "I3",
    Cause.VOLUME_FULL: "V4",
    Cause.FILES_CROWD: "S1",
    Cause.FILES_CPU: "S1",
    Cause.COPYING: "I3",
    Cause.DISK_SPACE: "V1",
    Cause.SLOW_WORK: "E1",
    Cause.NO_IPV6: "E2",
    Cause.DATA_GONE: "V3",
    Cause.BUCKET_RATE: "S1",
    Cause.CONNECTIONS_FULL: "R1",
    Cause.CONNECTIONS_CPU: "R1",
    Cause.CONNECTIONS_IO: "R1",
    Cause.DATABASE_CPU: "R1",
    Cause.DATABASE_CREDITS: "R1",
    Cause.DATABASE_IO: "R1",
    Cause.DATABASE_SPACE: "R1",
    Cause.DATABASE_CREATING: "R1",
    Cause.DATABASE_MODIFYING: "R2",
    Cause.DATABASE_FAILING_OVER: "R2",
    Cause.DATABASE_FAILED: "R2",
    Cause.DATABASE_DELETED: "R2",
    Cause.DATABASE_UNREACHABLE: "R2",
    Cause.MASTER_READS: "D1",
    Cause.MASTER_WRITES: "D2",
    Cause.MASTER_GONE: "D1",
    Cause.REPLICAS_UNREAD: "D1",
    Cause.REPLICA_BUSY: "D1",
    Cause.REPLICA_SMALL: "D1",
    Cause.REPLICA_WAS_AWAY: "D1",
    Cause.REPLICA_FOLLOWS: "D1",
    Cause.HOT_SHARD: "D2",
    Cause.SNAPSHOT_PAUSE: "D1",
    Cause.SHARD_LOST: "D2",
    Cause.TABLES_LOST: "R2",
    Cause.TABLE_CAPACITY: "D3",
    Cause.TABLE_HOT: "D3",
    Cause.TABLE_GROWTH: "D3",
    Cause.NO_TARGETS: "L1",
    Cause.TARGETS_DRAINING: "L2",
    Cause.BALANCER_CREATING: "L1",
    Cause.BLIND_WINDOW: "L2",
    Cause.FAILS_OPEN: "L2",
    Cause.SESSION_SPREAD: "L4",
    Cause.SESSION_GONE: "L4",
    Cause.SESSION_MOVED: "L4",
    Cause.SESSION_STORE_GONE: "L4",
    Cause.TLS_REQUIRED: "L5",
    Cause.NO_IPV6_BALANCER: "L5",
    Cause.NODES_OUTRUN: "L7",
    Cause.SCALES_LATE: "L3",
    Cause.GROUP_AT_MOST: "L3",
    Cause.GROUP_FIXED: "L3",
    Cause.ZONE_OUTAGE: "I4",
    Cause.ZONE_SQUEEZE: "I4",
    Cause.ONE_SERVER: "I4",
    Cause.PASSED_BY: "L1",
    Cause.STUCK: "L4",
    Cause.TLS_INSIDE: "L5",
    Cause.SERVERS_FULL: "I4",
}
"""The concept card that is about a cause."""

CONNECTIONS = (Cause.CONNECTIONS_FULL, Cause.CONNECTIONS_CPU, Cause.CONNECTIONS_IO)

DATABASE_DOWN = (
    Cause.DATABASE_CREATING,
    Cause.DATABASE_MODIFYING,
    Cause.DATABASE_FAILING_OVER,
    Cause.DATABASE_FAILED,
    Cause.DATABASE_DELETED,
    Cause.DATABASE_UNREACHABLE,
)
"""Causes that say their figures in one sentence."""

UNKNOWN_YET: dict[Cause, tuple[str, ...]] = {
    Cause.BALANCER_CREATING: ("until",),
    Cause.BLIND_WINDOW: ("found",),
    Cause.SCALES_LATE: ("decided", "served"),
}
"""Figures that a run's frames may not show, in the order in which they come."""

INSTANTS = ("since", "until", "found", "decided", "served")
"""Figures that are seconds of the run."""

NOTHING_WORKED = (
    Cause.NOTHING_STANDS,
    Cause.NO_ADDRESS,
    Cause.BOOTING,
    Cause.STOPPED,
    Cause.CRASHED,
    Cause.HOST_FAILED,
    Cause.TERMINATED,
    Cause.REPLACED,
    Cause.DISK_SPACE,
    Cause.NO_IPV6,
    Cause.DATA_GONE,
    Cause.NO_TARGETS,
    Cause.TARGETS_DRAINING,
    Cause.BALANCER_CREATING,
    Cause.BLIND_WINDOW,
    Cause.FAILS_OPEN,
    Cause.SESSION_SPREAD,
    Cause.SESSION_GONE,
    Cause.SESSION_MOVED,
    Cause.SESSION_STORE_GONE,
    Cause.TLS_REQUIRED,
    Cause.NO_IPV6_BALANCER,
    Cause.ZONE_OUTAGE,
    Cause.MASTER_GONE,
    Cause.SHARD_LOST,
    Cause.TABLES_LOST,
)
"""Causes of which the load of a station tells nothing."""


def explanation_lines(
    explanation: Explanation,
    words: Words,
    hint_steps: int = HINT_STEPS,
    duration_s: int | None = None,
) -> list[str]:
    """Everything that is known, a sentence a line; what belongs to a line is indented."""
    lines = now_lines(explanation, words, duration_s)
    if not explanation.bursts:
        lines.append(words.say("explain.calm"))
    for burst, reasons in told_bursts(explanation, words):
        lines.append(burst_head(burst, words))
        lines += [f"  {line}" for line in reasons]
    hidden = len(explanation.bursts) - MOST_BURSTS
    if hidden > 0:
        lines.append(words.say("explain.more", n=hidden))
    return lines + remedy_lines(explanation, words, hint_steps)


def remedy_lines(explanation: Explanation, words: Words, hint_steps: int = HINT_STEPS) -> list[str]:
    """What would help against the worst causes, each from a nudge to the plain answer."""
    lines = []
    for cause in causes(explanation) if hint_steps else ():
        if is_full_soon(explanation, explanation.worst()):
            lines.append(words.say("explain.against_soon"))
        else:
            lines.append(words.say("explain.against", cause=cause_words(cause, words)))
        lines += [f"  {number}. {hint}" for number, hint in hints(cause, hint_steps, words)]
    return lines


def now_lines(explanation: Explanation, words: Words, duration_s: int | None = None) -> list[str]:
    """What is tightest, how much headroom it has, and what breaks first if all goes on like this.

    A limit beyond `duration_s` is none.
    """
    lines = [tight_line(explanation, words)]
    tight, outlook = explanation.tight, explanation.outlook
    burst = explanation.present(JUST_NOW_S)
    if burst is not None and not explanation.over:
        said = words.say("explain.now", what=burst_what(burst, words))
        return [said, *burst_reasons(burst, words)[:2], *lines]
    if tight is None or outlook is None:
        return lines
    used = tight.evidence.utilization
    if tight.cause is not None:
        lines += [cause_words(tight.cause, words)] if used >= FULL else []
        lines += _figures_line(tight.cause, tight.figures, 0, words)
    elif used > 0 and outlook.rps >= 1:
        free = headroom_percent(used)
        lines.append(words.say("explain.headroom", percent=free, rps=count(outlook.rps / used)))
    if used < FULL:
        lines.append(_outlook_line(outlook, explanation.second, words, duration_s))
    return lines


def _outlook_line(outlook: Outlook, second: int, words: Words, duration_s: int | None) -> str:
    figures = {"rps": count(outlook.rps), "rise": f"{round(outlook.rps_per_minute):+,d}"}
    first = outlook.first
    if first is None or (duration_s is not None and first.second >= duration_s):
        return words.say("explain.outlook_after", **figures)
    place = clean(place_words(first.at, words))
    what = words.say(f"explain.outlook_{first.kind}", at_place=place)
    at = clock(max(second, first.second))
    return words.say("explain.outlook", **figures, what=what, at=at, then=count(outlook.rps_then))


def tight_line(explanation: Explanation, words: Words) -> str:
    """The tightest station lately, with its evidence, or that all is at rest."""
    tight = explanation.tight
    if tight is None:
        return words.say("explain.idle")
    if tight.cause is None and not tight.evidence.waiting:
        calm = words.say("explain.tight_calm", **_station(tight.evidence, words))
        wrong = explanation.over or explanation.present(JUST_NOW_S) is not None
        return calm if wrong else f"{words.say('explain.at_rest')} {calm}"
    said = words.say("explain.tight", **_station(tight.evidence, words))
    share = whole_percent(tight.latency_share)
    return f"{said} {words.say('explain.share', share=share)}" if tight.latency_share else said


def shown_bursts(explanation: Explanation, most: int = MOST_BURSTS) -> list[Burst]:
    """The bursts to list, in order of time."""
    if len(explanation.bursts) <= most:
        return list(explanation.bursts)
    worst = sorted(explanation.bursts, key=lambda burst: -burst.count)[:most]
    return sorted(worst, key=lambda burst: (burst.from_s, burst.reason, burst.at))


def told_bursts(
    explanation: Explanation, words: Words, most: int = MOST_BURSTS
) -> list[tuple[Burst, list[str]]]:
    """The bursts to list with their reasons; what was just said is not said again."""
    told: list[tuple[Burst, list[str]]] = []
    before: list[str] = []
    for burst in shown_bursts(explanation, most):
        reasons = burst_reasons(burst, words)
        told.append((burst, [words.say("explain.same")] if reasons == before else reasons))
        before = reasons
    return told


def burst_head(burst: Burst, words: Words) -> str:
    """When, how many, why and where."""
    since, until = clock(burst.from_s), clock(burst.to_s)
    return words.say("explain.burst", since=since, until=until, **_what(burst, words))


def burst_what(burst: Burst, words: Words) -> str:
    """How many, why and where."""
    return words.say("explain.burst_what", **_what(burst, words))


def _what(burst: Burst, words: Words) -> dict[str, str]:
    return {
        "count": count(burst.count),
        "reason": clean(reason_words(burst.reason, words)),
        "at": clean(place_words(burst.at, words)) or words.say("explain.nowhere"),
    }


def burst_reasons(burst: Burst, words: Words) -> list[str]:
    """The cause, and what it is read from."""
    lines = [cause_words(burst.cause, words)]
    lines += _figures_line(burst.cause, burst.figures, burst.count, words)
    if burst.evidence is not None and burst.cause not in (*NOTHING_WORKED, *DATABASE_DOWN):
        key = "evidence" if burst.evidence.waiting else "evidence_alone"
        lines.append(words.say(f"explain.{key}", **_station(burst.evidence, words)))
    return lines


def _figures_line(cause: Cause, figures: dict[str, Figure], number: int, words: Words) -> list[str]:
    """What a cause is read from besides a station, if there is such a thing."""
    name = "database_down" if cause in DATABASE_DOWN else cause.value
    key = f"explain.figures_{'connections' if cause in CONNECTIONS else name}"
    unknown = [figure for figure in UNKNOWN_YET.get(cause, ()) if figure not in figures]
    key = f"{key}_without_{unknown[0]}" if unknown else key
    if not figures or not words.knows(key):
        return []
    said = {name: _figure(name, value) for name, value in figures.items()}
    return [clean(words.say(key, **said, count=count(number)))]


def _figure(name: str, value: Figure) -> Figure:
    return clock(value) if name in INSTANTS and not isinstance(value, str) else value


def causes(explanation: Explanation) -> list[Cause]:
    """What remedies are given against, the worst first; before anything failed, what is tight.

    Lost data are the worst of all; what hurt hardly anybody is left out.
    """
    hurt: Counter[Cause] = Counter()
    for burst in explanation.bursts:
        hurt[burst.cause] += burst.count
    if not hurt:
        return _coming(explanation.tight)
    least = WORTH_A_REMEDY * hurt.total()
    lost = [burst.cause for burst in explanation.bursts if burst.reason == DATA_LOST]
    worst = [cause for cause, count in hurt.most_common(MOST_CAUSES) if count >= least]
    return list(dict.fromkeys([*lost, *worst]))


def present_cause(explanation: Explanation) -> Cause | None:
    """What is wrong now, or about to be."""
    burst = explanation.present()
    if burst is not None:
        return burst.cause
    return next(iter(_coming(explanation.tight)), None)


def is_full_soon(explanation: Explanation, burst: Burst | None) -> bool:
    """Whether nothing is wrong, and the tightest station is not full: what helps, helps before."""
    tight = explanation.tight
    return burst is None and tight is not None and tight.evidence.utilization < FULL


def _coming(tight: Tight | None) -> list[Cause]:
    return [tight.cause] if tight is not None and tight.cause is not None else []


def cause_words(cause: Cause, words: Words) -> str:
    """A cause as a sentence."""
    return words.say(f"explain.cause_{cause}")


def hints(cause: Cause, steps: int, words: Words) -> list[tuple[int, str]]:
    """The remedies of the first `steps` steps with their numbers; the plain answer is the last."""
    *gentle, plain = (words.say(f"explain.hint_{name}") for name in REMEDIES[cause])
    title = concept_title(CONCEPT_OF[cause], words.language)
    said = [*gentle, words.say("explain.read", title=title)][: HINT_STEPS - 1]
    return list(enumerate([*said, plain], 1))[:steps]


def _station(evidence: Evidence, words: Words) -> dict[str, str]:
    return {
        "station": clean(place_words(evidence.station, words)),
        "percent": whole_percent(evidence.utilization),
        "waiting": count(evidence.waiting),
        "since": clock(evidence.since_s),
    }
