"""A saved run as a row of a table: when, which level, how it came out, what it cost. Pure."""

from collections.abc import Mapping

from rich.text import Text

from tui.desk import Desk
from tui.pages import stars_text, usd_cents
from tui.render.canvas import clean, fit, pad
from tui.render.figures import clock
from tui.shelf import SavedRun
from tui.theme import ASCII, Ink

COLUMNS = {
    "mark": 3, "best": 2, "when": 18, "level": 0, "seed": 8, "result": 13, "spent": 10, "length": 8,
}  # fmt: skip
"""Cells of each column, of which the first begins with the arrow; the level gets what is left."""

SIGNS = ("mark", "best")

YEAR = len("YYYY-")
"""Cells that a date begins with; where there is little room they are left out."""

ROOMY, MOST_LEVEL = 90, 44
"""Cells of a table from which there is room for the year, and of the longest level."""

RIGHT = ("seed", "spent", "length")
"""Columns of figures."""

INKS: dict[str, Ink] = {"won": "ok", "lost": "down", "broken": "down"}


def widths_in(width: int) -> dict[str, int]:
    """The width of each column in a table that is so wide."""
    room = width - 2  # the scroll bar
    columns = COLUMNS if room >= ROOMY else {**COLUMNS, "when": COLUMNS["when"] - YEAR}
    left = min(MOST_LEVEL, max(8, room - sum(columns.values())))
    return {name: width or left for name, width in columns.items()}


def heads(desk: Desk, widths: Mapping[str, int]) -> list[Text]:
    """The names of the columns; signs need none."""
    return [
        Text("" if name in SIGNS else pad(desk.say(f"runs.{name}"), width - 1, right=name in RIGHT))
        for name, width in widths.items()
    ]


def cells(
    desk: Desk, run: SavedRun, widths: Mapping[str, int], *, marked: bool, best: bool
) -> list[Text]:
    """A row, a cell for each column."""
    when = clean(run.started_at[:16].replace("T", " "))
    title = run.path.name if run.trouble else run.title(desk.words.language)
    if widths["when"] < COLUMNS["when"]:
        when = when[YEAR:]
        title = run.board or title
    spent = "" if run.spent_micro_usd is None else usd_cents(run.spent_micro_usd)
    figures = {
        "seed": "" if run.trouble else str(run.seed),
        "spent": spent,
        "length": "" if run.second is None else clock(run.second),
    }
    row = {
        "mark": Text(" ✓" if marked else "", f"bold {desk.hue('accent')}"),
        "best": Text("◆" if best else "", f"bold {desk.hue('accent')}"),
        "when": Text(when, "dim"),
        "level": Text(fit(title, widths["level"] - 1), "bold"),
        "result": _result(desk, run),
        **{name: Text(pad(said, widths[name] - 1, right=True)) for name, said in figures.items()},
    }
    for cell in row.values():
        if desk.look.ascii:
            cell.plain = cell.plain.translate(ASCII)
    return [row[name] for name in widths]


def run_line(desk: Desk, run: SavedRun) -> Text:
    """The same of one level's runs as a line to choose."""
    row = dict(zip(COLUMNS, cells(desk, run, COLUMNS, marked=False, best=False), strict=True))
    text = Text(no_wrap=True)
    for name in ("when", "result", "spent", "length"):
        text.append_text(row[name])
        text.append(" " * max(0, COLUMNS[name] - row[name].cell_len))
    return text.append("   ").append(desk.say("menu.seed", seed=run.seed), "dim")


def _result(desk: Desk, run: SavedRun) -> Text:
    """How it came out, in words, with its stars or its score."""
    ending, how = run.ending, run.came_out
    if ending is not None and ending.score is not None:
        return Text(desk.say("runs.score", n=ending.score))
    ink = INKS.get(how)
    text = Text(desk.say(f"runs.{how}"), desk.hue(ink) if ink else "dim")
    if ending is not None and how == "won":
        text.append(" ").append_text(stars_text(desk, ending.stars))
    return text
