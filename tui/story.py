"""An explanation as a page: its sentences with colours, each burst on a line of time. Pure."""

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from engine.explain import Burst, Explanation
from tui.desk import Desk
from tui.explanations import (
    MOST_BURSTS,
    burst_head,
    burst_reasons,
    cause_words,
    causes,
    hints,
    shown_bursts,
    tight_line,
)
from tui.render.figures import clock

LINE = 20
"""Cells of the line of time beside a burst."""


def explanation_page(
    desk: Desk, explanation: Explanation, second: int, duration_s: int, hint_steps: int
) -> Group:
    """What is tight, the bursts, and as many hints as were asked for."""
    head = Text(tight_line(explanation, desk.words), "bold")
    return Group(
        Text(clock(second), "dim"),
        head,
        Text(),
        bursts_part(desk, explanation, duration_s),
        *_hints(desk, explanation, hint_steps),
    )


def bursts_part(desk: Desk, explanation: Explanation, duration_s: int) -> Group:
    """Every burst in order of time: when, how many, why, where, and what it is read from."""
    parts: list[RenderableType] = []
    if not explanation.bursts:
        parts.append(Text("✓ " + desk.say("explain.calm"), desk.hue("ok")))
    for burst in shown_bursts(explanation):
        parts.append(_line(desk, burst, duration_s))
        cause, *evidence = burst_reasons(burst, desk.words)
        parts.append(_indented(Text(cause)))
        parts += [_indented(Text(line, "dim")) for line in evidence]
    hidden = len(explanation.bursts) - MOST_BURSTS
    if hidden > 0:
        parts.append(Text(desk.say("explain.more", n=hidden), "dim"))
    return Group(*parts)


def _line(desk: Desk, burst: Burst, duration_s: int) -> Text:
    """The whole run as a row of cells, those filled that the burst lies in; then its head."""
    first = min(LINE - 1, burst.from_s * LINE // max(1, duration_s))
    last = min(LINE - 1, burst.to_s * LINE // max(1, duration_s))
    text = Text()
    text.append("·" * first, "dim")
    text.append("■" * (last - first + 1), desk.hue("full"))
    text.append("·" * (LINE - 1 - last), "dim")
    hue = desk.hue("warn" if burst.reason == "late" else "down")
    return text.append(f"  {burst_head(burst, desk.words)}", f"bold {hue}")


def _hints(desk: Desk, explanation: Explanation, steps: int) -> list[RenderableType]:
    found = causes(explanation)
    if not found:
        return []
    parts: list[RenderableType] = [Text(f"\n{desk.say('explain.hints')}", "bold underline")]
    if not steps:
        parts.append(Text(desk.say("explain.ask"), "dim"))
        return parts
    for cause in found:
        parts.append(Text(cause_words(cause, desk.words)))
        for number, hint in hints(cause, steps, desk.words):
            parts.append(_indented(Text(f"{number}. {hint}", desk.hue("accent"))))
    return parts


def _indented(text: Text) -> Padding:
    return Padding(text, (0, 0, 0, 2))
