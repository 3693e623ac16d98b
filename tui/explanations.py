"""An explanation in sentences: what is tight, each burst of failures, and hints against it.

The screen and `headroom explain` say the same sentences. Hints come in
`HINT_STEPS` steps, from a gentle one to the plain answer.
"""

from collections import Counter

from engine.explain import BUSY, REMEDIES, Burst, Cause, Evidence, Explanation
from tui.concepts import concept_title
from tui.render.canvas import clean
from tui.render.figures import clock, count, whole_percent
from tui.render.sentences import place_words, reason_words
from tui.words import Words

HINT_STEPS = 3
"""The plain answer is the last of so many steps."""

MOST_BURSTS = 12
"""Bursts that are listed; of more, those that hurt most."""

MOST_CAUSES = 3
"""Causes that hints are given against, the worst first."""

CONCEPT_OF: dict[Cause, str] = {
    Cause.NOTHING_STANDS: "C1",
    Cause.NO_ADDRESS: "E3",
    Cause.BOOTING: "E2",
    Cause.STOPPED: "I2",
    Cause.CRASHED: "V3",
    Cause.TERMINATED: "E2",
    Cause.CREDITS_GONE: "E1",
    Cause.SLOWED: "C1",
    Cause.CPU_FULL: "I2",
    Cause.VOLUME_FULL: "V4",
    Cause.DISK_SPACE: "V1",
    Cause.SLOW_WORK: "E1",
    Cause.NO_IPV6: "E2",
    Cause.DATA_GONE: "V3",
}
"""The concept card that is about a cause."""


def explanation_lines(
    explanation: Explanation, words: Words, hint_steps: int = HINT_STEPS
) -> list[str]:
    """Everything that is known, a sentence a line; what belongs to a line is indented."""
    lines = [tight_line(explanation, words)]
    if not explanation.bursts:
        lines.append(words.say("explain.calm"))
    for burst in shown_bursts(explanation):
        lines.append(burst_head(burst, words))
        lines += [f"  {line}" for line in burst_reasons(burst, words)]
    hidden = len(explanation.bursts) - MOST_BURSTS
    if hidden > 0:
        lines.append(words.say("explain.more", n=hidden))
    for cause in causes(explanation) if hint_steps else ():
        lines.append(words.say("explain.against", cause=cause_words(cause, words)))
        lines += [f"  {number}. {hint}" for number, hint in hints(cause, hint_steps, words)]
    return lines


def tight_line(explanation: Explanation, words: Words) -> str:
    """The tightest station lately, with its evidence, or that all is at rest."""
    tight = explanation.tight
    if tight is None or (tight.evidence.utilization < BUSY and not tight.evidence.waiting):
        at_rest = words.say("explain.at_rest")
        if tight is None:
            return at_rest
        return f"{at_rest} {_tight(tight.evidence, words)}"
    share = whole_percent(tight.latency_share)
    said = _tight(tight.evidence, words)
    return f"{said} {words.say('explain.share', share=share)}" if tight.latency_share else said


def _tight(evidence: Evidence, words: Words) -> str:
    return words.say("explain.tight", **_figures(evidence, words))


def shown_bursts(explanation: Explanation) -> list[Burst]:
    """The bursts to list, in order of time."""
    if len(explanation.bursts) <= MOST_BURSTS:
        return list(explanation.bursts)
    worst = sorted(explanation.bursts, key=lambda burst: -burst.count)[:MOST_BURSTS]
    return sorted(worst, key=lambda burst: (burst.from_s, burst.reason, burst.at))


def burst_head(burst: Burst, words: Words) -> str:
    """When, how many, why and where."""
    return words.say(
        "explain.burst",
        since=clock(burst.from_s),
        until=clock(burst.to_s),
        count=count(burst.count),
        reason=clean(reason_words(burst.reason, words)),
        at=clean(place_words(burst.at, words)) or words.say("explain.nowhere"),
    )


def burst_reasons(burst: Burst, words: Words) -> list[str]:
    """The cause, and what it is read from."""
    lines = [cause_words(burst.cause, words)]
    if burst.evidence is not None:
        lines.append(words.say("explain.evidence", **_figures(burst.evidence, words)))
    return lines


def causes(explanation: Explanation) -> list[Cause]:
    """What hints are given against, the worst first; before anything failed, what is tight."""
    hurt: Counter[Cause] = Counter()
    for burst in explanation.bursts:
        hurt[burst.cause] += burst.count
    tight = explanation.tight
    if not hurt and tight is not None and tight.evidence.utilization >= BUSY:
        on_disk = tight.evidence.station.endswith("/io")
        return [Cause.VOLUME_FULL if on_disk else Cause.CPU_FULL]
    return [cause for cause, _ in hurt.most_common(MOST_CAUSES)]


def cause_words(cause: Cause, words: Words) -> str:
    """A cause as a sentence."""
    return words.say(f"explain.cause_{cause}")


def hints(cause: Cause, steps: int, words: Words) -> list[tuple[int, str]]:
    """The hints of the first `steps` steps with their numbers; the plain answer is the last."""
    *gentle, plain = (words.say(f"explain.hint_{name}") for name in REMEDIES[cause])
    title = concept_title(CONCEPT_OF[cause], words.language)
    said = [*gentle, words.say("explain.read", title=title)][: HINT_STEPS - 1]
    return list(enumerate([*said, plain], 1))[:steps]


def _figures(evidence: Evidence, words: Words) -> dict[str, str]:
    return {
        "station": clean(place_words(evidence.station, words)),
        "percent": whole_percent(evidence.utilization),
        "waiting": count(evidence.waiting),
        "since": clock(evidence.since_s),
    }
