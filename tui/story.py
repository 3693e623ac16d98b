"""An explanation as a page: its sentences with colours, each burst on a line of time. Pure."""

import re

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from engine.explain import Burst, Cause, Explanation
from tui.desk import Desk
from tui.explanations import (
    MOST_BURSTS,
    burst_head,
    hints,
    now_lines,
    told_bursts,
)
from tui.hints import Hints
from tui.render.figures import clock
from tui.theme import ASCII
from tui.timeline import Moment

LINE = 20
"""Cells of the line of time beside a burst."""

_MARK = re.compile(r"(`|\*\*|\*)")


def explanation_page(desk: Desk, explanation: Explanation, second: int, duration_s: int) -> Group:
    """What is tight, what breaks first if all goes on like this, and the bursts so far."""
    head, *more = now_lines(explanation, desk.words, duration_s)
    return Group(
        Text(clock(second), "dim"),
        Text(head, "bold"),
        *(Text(line) for line in more),
        Text(),
        bursts_part(desk, explanation, duration_s),
    )


def bursts_part(desk: Desk, explanation: Explanation, duration_s: int) -> Group:
    """Every burst in order of time: when, how many, why, where, and what it is read from."""
    parts: list[RenderableType] = []
    if not explanation.bursts:
        parts.append(Text("✓ " + desk.say("explain.calm"), desk.hue("ok")))
    for burst, (cause, *evidence) in told_bursts(explanation, desk.words):
        parts.append(_line(desk, burst, duration_s))
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


def moment_line(desk: Desk, moment: Moment) -> Table:
    """A line of the timeline: when, its sign, who and what; what belongs to it below."""
    sign = moment.sign.translate(ASCII) if desk.look.ascii else moment.sign
    mine = moment.by == "player"
    who = desk.say(f"timeline.{moment.by}")
    text = Text(f"{who}: {moment.text}", "bold" if mine else "")
    for detail in moment.details:
        text.append(f"\n{detail}", "dim not bold")
    line = Table.grid(padding=(0, 1))
    line.add_column(width=11, justify="right", no_wrap=True)
    line.add_column(width=1)
    line.add_column(ratio=1, overflow="fold")  # Rich cuts wide letters otherwise
    line.add_row(Text(moment.when, "dim"), Text(sign, f"bold {desk.hue(moment.ink)}"), text)
    return line


def level_hints_part(desk: Desk, level_hints: tuple[str, ...], taken: int) -> Group:
    """The level's hints that were taken, each under its number, as Markdown's plain text."""
    parts: list[RenderableType] = []
    for number, hint in enumerate(level_hints[:taken], 1):
        said = desk.say("hints.number", number=number, total=len(level_hints))
        parts.append(Text(f"{said} · {desk.say(f'hints.remedy_{min(number, 3)}')}", "bold"))
        parts += [_indented(_marked(desk, hint)), Text()]
    return Group(*parts)


def remedies_part(desk: Desk, heading: str, said: str, cause: Cause, taken: Hints) -> Group:
    """What is wrong, as `said`, and what would help against it as plainly as was asked."""
    parts: list[RenderableType] = [Text(desk.say(heading), "bold")]
    parts.append(_indented(Text(said, desk.hue("warn"))))
    for number, hint in hints(cause, taken.plainness[cause], desk.words):
        line = Text(f"{number}. ", desk.hue("accent"))
        parts.append(_indented(line.append(hint, "not bold")))
    return Group(*parts)


def _marked(desk: Desk, markdown: str) -> Text:
    """A paragraph with `code`, **strong** and *stressed* words; nothing else is read out of it."""
    text = Text()
    styles = {"`": desk.hue("flow"), "**": "bold", "*": "italic"}
    open_mark = ""
    for part in _MARK.split(markdown):
        if part in styles and open_mark in ("", part):
            open_mark = "" if open_mark else part
        else:
            text.append(part, styles.get(open_mark, ""))
    return text


def _indented(renderable: RenderableType) -> Padding:
    return Padding(renderable, (0, 0, 0, 2))
