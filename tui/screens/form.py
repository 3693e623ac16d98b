"""The form of a command: every choice by arrows, its price and any refusal shown as they change."""

from collections.abc import Callable

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from engine.catalog import CATALOG
from engine.frame import Frame
from engine.outcomes import Quote, RefusalReason
from engine.services.command import Command
from tui.actions import name_of
from tui.clock_field import ClockField
from tui.desk import Desk
from tui.fields import ChoiceField, FormField, NumberField, SetField, SwitchField, TextField
from tui.forms import Form, type_figures
from tui.losses import loss_words
from tui.pages import missing_words, refusal_text, usd_cents
from tui.render.canvas import clean, fit, pad
from tui.render.figures import clock
from tui.words import Words

MOST_LISTED = 9
"""Choices listed at once under the fields, where there is room."""

LISTED = ("instance_type", "volume_type", "database_type", "cache_type", "engine")
"""Sources of fields whose choices are listed with their figures."""

OTHER_ROWS = 12
"""Rows of a form besides its fields and the list of choices."""

INNER = 70
"""Cells between the edges of a form in the smallest terminal."""

LABEL = 12
"""Cells of a field's name, unless one of the form is longer."""


class FormScreen(ModalScreen[Command | None]):
    """A command to fill in; gives it when it can be done, or None."""

    CSS_PATH = "modal.tcss"

    def __init__(
        self,
        desk: Desk,
        form: Form,
        frame: Frame,
        quote: Callable[[Command], Quote],
        month_s: int | None = None,
    ) -> None:
        """`month_s` is when the month's money must have lasted, if the run ends without it."""
        super().__init__()
        self._month_s = month_s
        self._desk = desk
        self._form = form
        self._frame = frame
        self._quote = quote

    def compose(self) -> ComposeResult:
        """What it does, the fields, the choices, the price."""
        name = name_of(self._form.command_type)
        with Vertical(classes="box") as box:
            box.border_title = command_title(self._desk.words, name, self._form.resource)
            yield Static(Text(self._desk.say(f"commands.{name}_help")), classes="lead")
            yield Static(id="fields")
            yield Static(id="listed")
            yield Static(id="losses")
            yield Static(id="price")

    def on_mount(self) -> None:
        """Show it as it stands."""
        self._show()

    def on_key(self, event: events.Key) -> None:
        """Arrows choose, enter gives the command, escape leaves; the rest goes to the field."""
        event.stop()
        field = self._form.field
        match event.key:
            case "escape":
                self.dismiss(None)
                return
            case "enter":
                self._give()
                return
            case "up" | "shift+tab":
                self._form.move(-1)
            case "down" | "tab":
                self._form.move(1)
            case "left" | "right" if field is not None:
                self._form.step(1 if event.key == "right" else -1)
            case "backspace" if field is not None:
                self._form.press("\b")
            case _ if field is not None and event.character and event.character.isprintable():
                self._form.press(event.character)
        self._show()

    def _give(self) -> None:
        if self._form.missing() is None and self._quote(self._form.command()).refused is None:
            self.dismiss(self._form.command())
        else:
            self.app.bell()

    def _show(self) -> None:
        words = self._desk.words
        self._fill("#fields", fields_text(self._form, words))
        room = self.app.size.height - OTHER_ROWS - len(self._form.fields)
        listed = max(1, min(MOST_LISTED, room))
        self._fill("#listed", choices_text(self._form, words, listed))
        self._fill("#losses", self._losses())
        self._fill("#price", self._price())
        self.query_one(Vertical).border_subtitle = words.say(_keys_of(self._form.field))

    def _fill(self, part: str, text: Text) -> None:
        widget = self.query_one(part, Static)
        widget.display = bool(text.plain)
        widget.update(text)

    def _losses(self) -> Text:
        """What goes with what is given back."""
        if self._form.missing() is not None:
            return Text()
        said = loss_words(self._form.command(), self._frame, self._desk.words)
        return Text("\n".join(f"! {line}" for line in said), f"bold {self._desk.hue('warn')}")

    def _price(self) -> Text:
        missing = self._form.missing()
        if missing is not None:
            return missing_text(missing, self._desk)
        quote = self._quote(self._form.command())
        return price_text(quote, self._frame, self._desk, self._month_s)


def command_title(words: Words, name: str, resource: str | None) -> str:
    """A command by its name, and what it is done to."""
    said = words.say(f"commands.{name}")
    return f"{said} · {clean(resource)}" if resource else said


def _keys_of(field: FormField | None) -> str:
    match field:
        case None:
            return "form.keys_none"
        case SetField():
            return "form.keys_set"
        case NumberField():
            return "form.keys_number"
        case ClockField():
            return "form.keys_clock"
        case SwitchField():
            return "form.keys_switch"
        case TextField():
            return "form.keys_text"
    return "form.keys"


def fields_text(form: Form, words: Words) -> Text:
    """A line for each field; the one that keys go to is marked."""
    text = Text(no_wrap=True)
    names = [_field_words(field, words) for field in form.fields]
    width = max([LABEL, *(cell_len(name) + 1 for name in names)])
    for number, (field, name) in enumerate(zip(form.fields, names, strict=True)):
        here = number == form.at
        text.append("▸ " if here else "  ", "bold")
        text.append(pad(name, width), "bold" if here else "dim")
        _append_value(text, field, here, words, _none_words(form, field, words))
        text.append("\n")
    return text


def _field_words(field: FormField, words: Words) -> str:
    label = f"fields.{field.name}"
    return words.say(label) if words.knows(label) else field.name


def _none_words(form: Form, field: FormField, words: Words) -> str:
    """What it means to give nothing."""
    if words.knows(own := f"form.none_{field.name}"):
        return words.say(own)
    now = None if isinstance(field, TextField) else form.now(field.name)
    if isinstance(now, str | int | float) and not isinstance(now, bool):
        own = f"form.as_{form.subject}"
        shown = choice_words(field.name, now, words) if isinstance(now, str) else f"{now:,}"
        return words.say(own if words.knows(own) else "form.as_now", now=shown)
    if form.resource is not None and not isinstance(field, TextField):
        return words.say("form.unchanged")
    return words.say("form.none" if isinstance(field, ChoiceField) else "form.by_itself")


def choice_words(field: str, choice: str, words: Words) -> str:
    """A choice as the player reads it: words for the fixed ones, names as they are."""
    for section in ("choices", "facts"):
        if words.knows(key := f"{section}.{field}_{choice}"):
            return words.say(key)
    return clean(choice)


def _append_value(text: Text, field: FormField, here: bool, words: Words, none: str) -> None:
    look = "bold" if here else ""
    match field:
        case SetField():
            for number, choice in enumerate(field.choices):
                box = "[x]" if choice in field.chosen else "[ ]"
                marked = "reverse" if here and number == field.index else look
                text.append(f"{box} {choice_words(field.name, choice, words)}", marked)
                text.append("  ")
        case TextField():
            text.append(f"  {field.text or none}", look if field.text else "dim")
            text.append("▏" if here else "")
        case NumberField():
            shown = none if field.value is None else f"{field.value:,}"
            text.append(_arrows(shown, here, back=field.value != 0), look)
        case ClockField():
            text.append(_arrows(clock(field.value), here), look)
        case SwitchField():
            shown = words.say("form.yes" if field.value else "form.no")
            text.append(_arrows(shown, here, back=field.value, on=not field.value), look)
        case ChoiceField():
            shown = choice_words(field.name, field.shown, words) if field.shown else none
            last = len(field.choices) - 1
            text.append(_arrows(shown, here, back=field.index > 0, on=field.index < last), look)


def _arrows(shown: str, here: bool, *, back: bool = True, on: bool = True) -> str:
    """A value between arrows, where keys go to it and something is that way."""
    return f"{'◂' if here and back else ' '} {shown}{' ▸' if here and on else ''}"


def choices_text(form: Form, words: Words, listed: int) -> Text:
    """The choices around the chosen one with their figures, where there are figures."""
    text, field = Text(no_wrap=True), form.field
    if not isinstance(field, ChoiceField) or field.source not in LISTED:
        return text
    rows = [(name, *_cells(field.source, name, form, words)) for name in field.choices]
    widths = [max(cell_len(row[column]) for row in rows) for column in range(4)]
    as_it_is = _none_words(form, field, words)
    first = max(0, min(field.index - listed // 2, len(rows) - listed))
    for number in range(first, min(first + listed, len(rows))):
        chosen = number == field.index
        *cells, note = rows[number]
        text.append("▸ " if chosen else "  ")
        if not rows[number][0]:
            text.append(fit(as_it_is, INNER - 2) + "\n", "bold" if chosen else "dim")
            continue
        for at, cell in enumerate(cells):
            text.append(pad(cell, widths[at], right=at > 0) + "  ", "bold" if chosen else "dim")
        text.append(fit(note, INNER - 2 - sum(widths) - 2 * len(widths)), "" if chosen else "dim")
        text.append("\n")
    return text


def _cells(source: str, name: str, form: Form, words: Words) -> tuple[str, str, str, str]:
    if not name:
        return ("", "", "", "")
    match source:
        case "instance_type":
            return _instance_cells(name, form.os, words)
        case "engine":
            return _engine_cells(name, form, words)
        case "database_type":
            return _class_cells(name, form, words)
        case "cache_type":
            return _cache_cells(name, words)
        case _:
            return _volume_cells(name, words)


def _engine_cells(name: str, form: Form, words: Words) -> tuple[str, str, str, str]:
    row, chosen = CATALOG.rds_engines[name], form.value("type")
    if chosen not in CATALOG.rds_types:
        return (row.title, "", "", "")
    kind = CATALOG.rds_types[chosen]
    connections = kind.connections(row, CATALOG.rds)
    return (
        row.title,
        words.say("form.month", usd=kind.hour_micro_usd(row) * CATALOG.month_hours / 1e6),
        words.say("form.connections", n=connections),
        words.say("form.engine_price", factor=row.factor),
    )


def _class_cells(name: str, form: Form, words: Words) -> tuple[str, str, str, str]:
    kind, engine = CATALOG.rds_types[name], CATALOG.rds_engines[form.engine]
    connections = kind.connections(engine, CATALOG.rds)
    return (
        words.say("form.type", vcpus=kind.vcpus),
        words.say("form.gib", gib=kind.gib),
        words.say("form.month", usd=kind.hour_micro_usd(engine) * CATALOG.month_hours / 1e6),
        words.say("form.connections", n=connections),
    )


def _cache_cells(name: str, words: Words) -> tuple[str, str, str, str]:
    row = CATALOG.cache_types[name]
    month_usd = row.hour_micro_usd * CATALOG.month_hours / 1e6
    return (words.say("form.gib", gib=row.gib), words.say("form.month", usd=month_usd), "", "")


def _volume_cells(name: str, words: Words) -> tuple[str, str, str, str]:
    row = CATALOG.volume_types[name]
    return (
        words.say("form.gb_month", usd=row.usd_gb_month),
        words.say("form.most_iops", iops=row.max_iops),
        f"{row.latency_ms:g} ms",
        words.say("form.ssd" if row.bootable else "form.hdd"),
    )


def _instance_cells(name: str, os: str, words: Words) -> tuple[str, str, str, str]:
    figures = type_figures(name, os)
    note = ""
    if figures.credits_per_hour:
        note = words.say("form.credits", credits=figures.credits_per_hour)
    elif figures.speed != 1.0:
        note = words.say("form.speed", percent=(figures.speed - 1.0) * 100)
    return (
        words.say("form.type", vcpus=figures.vcpus),
        words.say("form.gib", gib=figures.gib),
        words.say("form.month", usd=figures.month_usd),
        note,
    )


def price_text(quote: Quote, frame: Frame, desk: Desk, month_s: int | None = None) -> Text:
    """The board's rate before and after, the money left, whether that lasts, and any refusal."""
    words = desk.words
    before, after = quote.rate_before_micro_usd, quote.rate_after_micro_usd
    text = Text()
    if after == before:
        text.append(words.say("form.rate_same", before=before / 1e6) + "\n")
    else:
        change = ("+" if after > before else "-") + usd_cents(abs(after - before))
        figures = {"before": before / 1e6, "after": after / 1e6, "change": change}
        text.append(words.say("form.rate", **figures) + "\n", "bold")
    money = frame.money
    left = {"left": money.cash_micro_usd / 1e6, "budget": money.budget_micro_usd / 1e6}
    text.append(words.say("form.left", **left) + "\n", "dim")
    if month_s is not None and after > before:
        gone_s = frame.second + money.cash_micro_usd * month_s // after
        if gone_s < month_s:
            said = "▲ " + words.say("form.runs_out", at=clock(gone_s)) + "\n"
            text.append(said, f"bold {desk.hue('warn')}")
    if quote.refused is None:
        text.append("✓ " + words.say("form.accepted"), desk.hue("ok"))
    elif quote.refused.reason is RefusalReason.NO_CHANGE:
        text.append("· " + words.say("form.no_change_yet"), "dim")
    else:
        why = refusal_text(words, quote.refused)
        text.append("✕ " + words.say("form.refused", why=why), f"bold {desk.hue('down')}")
    return text


def missing_text(source: str, desk: Desk) -> Text:
    """Why there is nothing to choose."""
    why = missing_words(source, desk.words)
    return Text("✕ " + desk.say("form.refused", why=why), f"bold {desk.hue('down')}")
