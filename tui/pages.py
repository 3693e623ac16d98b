"""What the full pages say: all keys, one resource, the bill, the news. Pure: data to text."""

import re
from collections.abc import Iterable

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine.catalog import CATALOG
from engine.outcomes import Detail, Refused
from tui.actions import (
    GROUPS,
    SANDBOX,
    Action,
    CommandType,
    actions_of,
    changers,
    group_of,
    makers,
    name_of,
)
from tui.desk import Desk
from tui.render.canvas import clean
from tui.render.figures import clock, number
from tui.render.history import History
from tui.render.sentences import news_words
from tui.words import Words

STRONG = "bold"
FAINT = "dim"

STARS = 3

FIGURE = r"\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?"
"""A figure as the engine writes it."""


def stars_text(desk: Desk, stars: int) -> Text:
    """``★★☆``; a damaged recording may hold any number."""
    stars = min(STARS, max(0, stars))
    text = Text("★" * stars, f"bold {desk.hue('accent')}")
    return text.append("☆" * (STARS - stars), "dim not bold")


def refusal_text(words: Words, refused: Refused) -> str:
    """Why a command was refused and what would make it work, as one sentence."""
    details: dict[str, object] = {
        name: _detail(words, refused, name, value) for name, value in refused.details.items()
    }
    return clean(words.say(f"refusals.{refused.reason}", **details).strip())


def missing_words(source: str, words: Words) -> str:
    """Why there is nothing to choose for a field with this source."""
    kind, _, state = source.partition(":")
    key = f"form.missing_{state or kind}"
    return words.say(key if words.knows(key) else "form.missing_other")


def _detail(words: Words, refused: Refused, name: str, value: Detail) -> Detail:
    """One detail of a refusal in the player's language."""
    of_clock = refused.details.get("field") == "from_s"
    if not isinstance(value, str):
        if name != "value":
            return value
        return clock(int(value)) if of_clock else number(value)
    key = ""
    if name in ("state", "needs"):
        of_snapshot = value == "pending" and refused.details.get("needs") == "completed"
        key = "states.snapshot_pending" if of_snapshot else f"states.{value}"
    elif name == "what":
        key = f"form.limit_{value.replace(' ', '_')}"
    elif name == "field":
        key = f"fields.{value}"
    elif name == "remedy":
        return words.say("form.move_along", role=value) if value else ""
    elif name == "expected" and (ends := re.fullmatch(rf"({FIGURE}) to ({FIGURE})", value)):
        found = (float(end.replace(",", "")) for end in ends.groups())
        least, most = (clock(end) if of_clock else number(end) for end in found)
        return words.say("form.between", least=least, most=most)
    return words.say(key) if words.knows(key) else value


def help_page(words: Words, where: str, month_s: int) -> Group:
    """Every key of a screen by what it is for, the commands under n and c, how true it all is."""
    actions, parts = actions_of(where), list[RenderableType]()
    width = max(cell_len(action.shown) for action in actions)
    for group in GROUPS:
        own = [action for action in actions if group_of(action) == group]
        if own:
            rows = ((action.shown, words.say(f"help.{action.name}")) for action in own)
            parts += [_heading(words.say(f"help.group_{group}")), _hanging(rows, width)]
    if where in ("play", SANDBOX):
        parts += _commands(words, "help.commands_new", makers())
        parts += _commands(words, "help.commands_change", changers())
    factor = f"{CATALOG.month_hours * 60 / month_s:.1f}"
    month = words.say("help.model_month", factor=factor, hours=CATALOG.month_hours)
    said = [words.say("help.model_page"), month]
    parts += [_heading(words.say("help.model")), _hanging(("·", sentence) for sentence in said)]
    return Group(*parts)


def keys_page(words: Words, actions: Iterable[Action]) -> Table:
    """The keys of a screen alone."""
    return _hanging((action.shown, words.say(f"help.{action.name}")) for action in actions)


def _commands(words: Words, heading: str, commands: Iterable[CommandType]) -> list[RenderableType]:
    names = [name_of(command) for command in commands]
    rows = ((words.say(f"commands.{n}"), words.say(f"commands.{n}_help")) for n in names)
    return [_heading(words.say(heading)), _hanging(rows)]


def _hanging(rows: Iterable[tuple[str, str]], width: int | None = None) -> Table:
    """Two columns, of which the second wraps within itself; the first may have a width."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style=STRONG, min_width=width)
    table.add_column(overflow="fold")  # Rich cuts wide letters otherwise
    for name, text in rows:
        table.add_row(Text(name), Text(text))
    return table


def _heading(heading: str) -> Text:
    return Text(f"\n{heading}", f"{STRONG} underline")


def _append_heading(text: Text, heading: str) -> None:
    text.append_text(_heading(heading)).append("\n")


def usd_cents(micro_usd: int) -> str:
    """Dollars and cents, as on an invoice."""
    return f"${micro_usd / 1e6:,.2f}"


def news_page(words: Words, history: History, second: int) -> Text:
    """All the news up to a second, newest first."""
    told = list(history.told_between(0, second))
    if not told:
        return Text(words.say("log.empty"))
    text = Text()
    for line in reversed(told):
        text.append(f"{clock(line.second):>7}  ", FAINT)
        text.append(clean(news_words(line.news, words)) + "\n")
    return text
