"""The panels beside the board: why requests fail, headroom, the bill, the news."""

from rich.cells import cell_len
from textual.strip import Strip

from engine.frame import Frame
from tui.render.board.lines import widest_word
from tui.render.canvas import Canvas
from tui.render.facts import Facts
from tui.render.figures import clock, count, usd_micro, whole_percent
from tui.render.history import History
from tui.render.invoice import by_service, service_words
from tui.render.news import Line, folded, line_words
from tui.render.sentences import place_words, reason_words
from tui.render.signs import news_sign
from tui.theme import STATE_INK, Ink, Look, state_of_load
from tui.words import Words

MOST_NEWS = 200
"""Lines of news that are looked through for what to show."""

SPARKS = "▁▂▃▄▅▆▇"


def draw_reasons(
    width: int, height: int, frame: Frame, history: History, facts: Facts,
    look: Look, words: Words, hint: str = "",
) -> list[Strip]:  # fmt: skip
    """What failed or was late in the last minute: reason, place, count; the most first."""
    canvas = Canvas(width, height, look)
    canvas.frame(words.say("panels.reasons"), right=words.say("panels.last_minute"), hint=hint)
    blame = history.blame(frame.second)
    rows = sorted(blame.items(), key=lambda item: (-item[1], item[0]))[: max(0, height - 2)]
    if not rows:
        _say(canvas, f"✓ {words.say('panels.no_failures')}", "ok")
        return canvas.strips()
    deadline = facts.deadline_ms.get(facts.main_class) if len(facts.deadline_ms) == 1 else None
    right = width - 2
    widest = max(cell_len(place_words(at, words)) for (_, at), _ in rows)
    place_x = max(12, right - 6 - min(widest, max(6, width // 3)))
    for y, ((reason, at), number) in enumerate(rows, 1):
        figure = count(number)
        place = place_words(at, words)
        ink: Ink = "warn" if reason == "late" else "down"
        glyph = "◌" if reason == "late" else "✕"
        x = canvas.text(2, y, f"{glyph} ", look.ink(ink, bold=True))
        said = reason_words(reason, words, deadline)
        canvas.text(x, y, said, look.ink("text"), max(0, place_x - x - 1))
        canvas.text(place_x, y, place, look.ink("title"), max(0, right - place_x - 6))
        canvas.text(right - cell_len(figure), y, figure, look.ink("strong", bold=True))
    return canvas.strips()


def draw_headroom(
    width: int, height: int, frame: Frame, history: History, look: Look, words: Words,
    hint: str = "",
) -> list[Strip]:  # fmt: skip
    """Every station: its last minute as a small curve, its load as a bar, its word."""
    canvas = Canvas(width, height, look)
    canvas.frame(words.say("panels.headroom"), hint=hint)
    loads = [(s, history.load(s.id, frame.second) or 0.0) for s in frame.stations]
    if not loads:
        _say(canvas, words.say("panels.no_stations"), "dim")
        return canvas.strips()
    shown = max(0, height - 2)
    if len(loads) > shown:
        loads = sorted(loads, key=lambda pair: -pair[1])[:shown]
    tightest = max(load for _, load in loads) if loads else 0.0
    names = [place_words(station.id, words) for station, _ in loads]
    name_width = min(max(map(cell_len, names), default=0), max(6, width // 3))
    for y, ((station, load), name) in enumerate(zip(loads, names, strict=True), 1):
        state = state_of_load(load)
        x = canvas.text(1, y, "▸" if load == tightest else " ", look.ink("accent"))
        canvas.text(x, y, name, look.ink("text"), name_width)
        x += name_width + 1
        word = words.say(f"board.state_{state}")
        widest = widest_word(words)
        room = width - 2 - x - 6 - 1 - widest
        spark = min(12, max(0, room - 9))
        if spark >= 5:
            _spark(canvas, x, y, spark, history, f"load/{station.id}", frame.second)
            x += spark + 1
            room -= spark + 1
        if room >= 3:
            canvas.bar(x, y, min(20, room), load, look.load(load))
            x += min(20, room)
        x = canvas.text(x, y, whole_percent(load).rjust(6), look.ink("text"))
        style = look.ink(STATE_INK[state], bold=state != "ok")
        canvas.text(x + 1, y, word, style, max(0, width - 2 - x - 1))
    return canvas.strips()


def draw_bill(
    width: int, height: int, frame: Frame, look: Look, words: Words, hint: str = ""
) -> list[Strip]:
    """What was spent so far by service, what this board costs a month, where it will end."""
    canvas = Canvas(width, height, look)
    money = frame.money
    canvas.frame(words.say("panels.bill"), right=usd_micro(money.spent_micro_usd), hint=hint)
    if not money.lines and not money.rate_month_micro_usd:
        _say(canvas, words.say("panels.nothing_billed"), "dim")
        return canvas.strips()
    services = _named_services(by_service(money.lines, frame), height - 4, words)
    rate = words.say("panels.a_month", usd=usd_micro(money.rate_month_micro_usd))
    rows: list[tuple[str, str, Ink]] = [(words.say("panels.month_rate"), rate, "money")]
    rows += [(name, usd_micro(amount), "text") for name, amount in services]
    if money.uncounted_micro_usd:
        name = words.say("panels.transfer_uncounted")
        rows.append((name, usd_micro(money.uncounted_micro_usd), "dim"))
    rows = rows[: max(0, height - 3)]
    for y, (name, figure, ink) in enumerate(rows, 1):
        canvas.text(2, y, name, look.ink("dim"), max(0, width - 5 - cell_len(figure)))
        canvas.text(width - 2 - cell_len(figure), y, figure, look.ink(ink))
    if height >= 3:
        _forecast(canvas, height - 2, frame, words)
    return canvas.strips()


def _named_services(services: dict[str, int], room: int, words: Words) -> list[tuple[str, int]]:
    """Services by name, the dearest first; what finds no room goes into one line together."""
    named = [(service_words(name, words), amount) for name, amount in services.items()]
    if len(named) <= max(1, room):
        return named
    rest = named[room - 1 :]
    return [*named[: room - 1], (words.say("panels.others"), sum(amount for _, amount in rest))]


def _forecast_key(frame: Frame) -> str:
    return "panels.forecast" if frame.sandbox is None else "panels.forecast_month"


def _forecast(canvas: Canvas, y: int, frame: Frame, words: Words) -> None:
    """The bill at the end if nothing changes, as a bar of the budget."""
    look, money, width = canvas.look, frame.money, canvas.width
    if frame.sandbox is not None and not frame.sandbox.bill:
        canvas.text(2, y, words.say("panels.bill_off"), look.ink("warn", bold=True), width - 4)
        return
    share = money.forecast_micro_usd / max(1, money.budget_micro_usd)
    ink: Ink = "down" if share > 1 else "warn" if share > 0.9 else "money"
    x = canvas.text(2, y, words.say(_forecast_key(frame)) + " ", look.ink("dim"))
    said = words.say("panels.of_budget", usd=usd_micro(money.forecast_micro_usd),
                     budget=usd_micro(money.budget_micro_usd))  # fmt: skip
    figure = whole_percent(share).rjust(6)
    length = width - 2 - x - cell_len(said) - 1 - cell_len(figure)
    x = canvas.text(x, y, said + " ", look.ink(ink), max(0, width - 2 - x))
    if length >= 3:
        canvas.bar(x, y, length, share, look.ink(ink))
    canvas.text(width - 2 - cell_len(figure), y, figure, look.ink(ink, bold=share > 0.9))


def draw_news(
    width: int, height: int, second: int, history: History, look: Look, words: Words,
    hint: str = "",
) -> list[Strip]:  # fmt: skip
    """The newest news, newest first, floods folded: time, who, what."""
    canvas = Canvas(width, height, look)
    canvas.frame(words.say("panels.news"), hint=hint)
    lines = folded(history.news(second, MOST_NEWS), max(0, height - 2))
    if not lines:
        _say(canvas, words.say("panels.no_news"), "dim")
        return canvas.strips()
    for y, line in enumerate(lines, 1):
        _news_line(canvas, y, line, words)
    return canvas.strips()


def _news_line(canvas: Canvas, y: int, line: Line, words: Words) -> None:
    told = line.told
    look, right = canvas.look, canvas.width - 2
    x = canvas.text(2, y, clock(told.second).rjust(5), look.ink("dim")) + 1
    glyph, ink = news_sign(told.news)
    x = canvas.text(x, y, f"{glyph} ", look.ink(ink, bold=True))
    if told.news.by == "player":
        x = canvas.text(x, y, words.say("panels.you") + " ", look.ink("accent"))
    canvas.text(x, y, line_words(line, words), look.ink("text"), max(0, right - x))


def _spark(
    canvas: Canvas, x: int, y: int, width: int, history: History, name: str, second: int
) -> None:
    """The last minute of a share as a row of heights."""
    step = 60 / width
    newest = int((second + 1) / step)
    loads = history.curve(name, (newest - width) * step, step, width, second)
    for column, load in enumerate(loads):
        if load is not None:
            glyph = SPARKS[min(6, max(0, int(load * 7)))]
            canvas.put(x + column, y, glyph, canvas.look.load(load))


def _say(canvas: Canvas, text: str, ink: Ink) -> None:
    if canvas.height >= 3:
        canvas.text(2, 1, text, canvas.look.ink(ink), max(0, canvas.width - 4))
