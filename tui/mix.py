"""A mix of request classes, set share by share. Pure: shares to the commands that make them.

A class that is given a share leaves the rest to all others, which keep to each
other. So several shares can only be kept at once by setting some of them anew.
"""

from collections.abc import Mapping

ALMOST = 1e-4
"""Shares are shown to this."""

NEARLY_NOTHING = 1e-5
"""Frames round shares: less than so much of one is no difference."""


def mixed(
    now: Mapping[str, float], name: str, share: float, kept: Mapping[str, float]
) -> dict[str, float] | None:
    """The mix in which a class has a share and those that are kept have theirs.

    The rest goes to all others as they are to each other. None where that cannot be.
    """
    others = {one: own for one, own in now.items() if one != name and one not in kept}
    left = 1.0 - share - sum(kept.values())
    if abs(left) < NEARLY_NOTHING:
        left = 0.0
    among = sum(others.values())
    if left < 0 or (left > 0 and not among):
        return None
    rest = {one: own / among * left if among else 0.0 for one, own in others.items()}
    return {one: {**rest, **kept, name: share}[one] for one in now}


def steps_to(
    now: Mapping[str, float], wanted: Mapping[str, float], last: str
) -> list[tuple[str, float]] | None:
    """Which share to set to what, one after the other, `last` at the end, to get from mix to mix.

    One class that has a share before and after is the measure for the weights of
    all others; None where there is no such class.
    """
    measures = [one for one in now if one != last and now[one] > 0 and wanted[one] > 0]
    if not measures:
        return None
    measure = max(measures, key=lambda one: now[one])
    weights, scale = dict(now), now[measure] / wanted[measure]
    steps = []
    for one in sorted(now, key=lambda one: one == last):
        weight = wanted[one] * scale
        changed = abs(weight - weights[one]) > NEARLY_NOTHING * scale
        weights[one] = weight
        if one == last:
            steps.append((one, wanted[one]))
        elif one != measure and changed:
            steps.append((one, weight / sum(weights.values())))
    return steps
