"""A run and the reference plan's side by side, as a page. Pure: two sides to text."""

from rich.console import Group
from rich.table import Table
from rich.text import Text

from tui.compare import done_table, figures_table, main_difference
from tui.desk import Desk
from tui.rival import Side
from tui.theme import ASCII

BAR = 30
"""Cells of the bar that says how far the reference plan is."""


def progress_page(desk: Desk, share_done: float) -> Text:
    """How far the reference plan has been played."""
    full = min(BAR, round(share_done * BAR))
    bar = "▰" * full + "▱" * (BAR - full)
    text = Text(desk.say("compare.playing") + "\n\n")
    text.append(bar.translate(ASCII) if desk.look.ascii else bar, desk.hue("flow"))
    return text.append(f" {share_done * 100:.0f}%")


def compared_page(desk: Desk, mine: Side, theirs: Side) -> Group:
    """The main difference, the figures of both, and what was done when."""
    difference = main_difference(mine, theirs, desk.words)
    return Group(
        Text(difference, f"bold {desk.hue('accent')}"),
        Text(),
        _figures(desk, mine, theirs),
        Text(),
        Text(desk.say("compare.done"), "bold"),
        _done(desk, mine, theirs),
    )


def _figures(desk: Desk, mine: Side, theirs: Side) -> Table:
    table = Table.grid(padding=(0, 3))
    table.add_column(style="dim")
    table.add_column(justify="right", style="bold")
    table.add_column(justify="right")
    heads = (desk.say(f"compare.{name}") for name in ("you", "reference"))
    table.add_row("", *(Text(head, "bold") for head in heads))
    for row in figures_table(mine, theirs, desk.words):
        table.add_row(*map(Text, row))
    return table


def _done(desk: Desk, mine: Side, theirs: Side) -> Table:
    """What was done when, side by side."""
    table = Table.grid(padding=(0, 1), expand=True)
    for _ in range(2):
        table.add_column(justify="right", no_wrap=True, style="dim")
        table.add_column(ratio=1, overflow="fold")  # Rich cuts wide letters otherwise
    mine_head, their_head = (Text(desk.say(f"compare.{n}"), "dim") for n in ("you", "reference"))
    table.add_row("", mine_head, "", their_head)
    for row in done_table(mine, theirs, desk.words):
        table.add_row(*map(Text, row))
    return table
