"""What a cursor in the charts reads: the figures of one second, and what happened then."""

from rich.cells import cell_len
from textual.strip import Strip

from tui.render.canvas import Canvas
from tui.render.figures import clock, count, millis, usd, whole_percent
from tui.render.history import History, Told
from tui.render.sentences import news_words
from tui.render.signs import news_sign
from tui.theme import Ink, Look
from tui.words import Words

NEAR_S = 15
"""News so many seconds around the cursor is told with it."""


def draw_readout(
    width: int, height: int, second: int, span_s: int, request_class: str | None,
    history: History, look: Look, words: Words, *, live: bool,
) -> list[Strip]:  # fmt: skip
    """The figures of a second in one line, the news around it below."""
    canvas = Canvas(width, height, look)
    title = words.say("readout.now" if live else "readout.at", at=clock(second))
    canvas.frame(title, right=request_class or "")
    if height < 3:
        return canvas.strips()
    x = 2
    for name, figure, ink in _figures(second, request_class, history):
        said = words.say(f"readout.{name}")
        if x + cell_len(said) + 1 + cell_len(figure) > width - 2:
            break
        x = canvas.text(x, 1, said + " ", look.ink("dim"))
        x = canvas.text(x, 1, figure, look.ink(ink, bold=True)) + 3
    lines = _around(second, max(NEAR_S, span_s), history, height - 3, live)
    if not lines:
        canvas.text(2, 2, words.say("readout.no_news"), look.ink("faint"), width - 4)
    for y, told in enumerate(lines, 2):
        glyph, ink = news_sign(told.news)
        x = canvas.text(2, y, clock(told.second).rjust(5) + " ", look.ink("dim"))
        x = canvas.text(x, y, f"{glyph} ", look.ink(ink, bold=True))
        said = news_words(told.news, words)
        canvas.text(x, y, said, look.ink("text"), max(0, width - 2 - x))
    return canvas.strips()


def _figures(
    second: int, request_class: str | None, history: History
) -> list[tuple[str, str, Ink]]:
    """Name, figure, ink: what there is of that second, the most asked for first."""

    def of_class(name: str) -> float | None:
        series = name if request_class is None else f"{name}/{request_class}"
        return history.value(series, second)

    found: list[tuple[str, float | None, Ink]] = [
        ("demanded", of_class("demanded"), "strong"),
        ("good", of_class("good"), "ok"),
        ("late", of_class("late"), "warn"),
        ("failed", of_class("failed"), "down"),
    ]
    rows: list[tuple[str, str, Ink]] = [
        (name, count(value), ink if value else "dim") for name, value, ink in found
        if value is not None
    ]  # fmt: skip
    if request_class is not None:
        p95 = history.value(f"p95/{request_class}", second)
        rows += [("p95", millis(p95), "strong")] if p95 is not None else []
    tight = history.value("tightest", second)
    rows += [("tightest", whole_percent(tight), "strong")] if tight is not None else []
    in_flight = of_class("flight")
    rows += [("in_flight", count(in_flight), "strong")] if in_flight is not None else []
    spent = history.value("spent", second)
    return rows + ([("spent", usd(spent), "money")] if spent is not None else [])


def _around(second: int, span_s: int, history: History, most: int, live: bool) -> list[Told]:
    """The news nearest to a second, in order of time; live, the newest there is."""
    if live:
        return history.news(second, most)
    near = list(history.told_between(second - span_s, min(second + span_s, history.second)))
    nearest = sorted(near, key=lambda told: abs(told.second - second))[: max(0, most)]
    return sorted(nearest, key=lambda told: told.second)
