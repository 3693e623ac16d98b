"""What the full pages say: all keys, one resource, the bill, the news. Pure: data to text."""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine.catalog import CATALOG
from engine.frame import Frame, InstanceView, MeterLine, Sample, StationView, VolumeView
from engine.outcomes import Refused
from engine.scenario import ROLES
from tui.actions import CommandType, actions_of, changers, makers, name_of
from tui.desk import Desk
from tui.render.canvas import clean, pad
from tui.render.figures import clock
from tui.render.history import History
from tui.render.sentences import news_words, reason_words
from tui.words import Words

STRONG = "bold"
FAINT = "dim"

STARS = 3


def stars_text(desk: Desk, stars: int) -> Text:
    """``★★☆``"""
    text = Text("★" * stars, f"bold {desk.hue('accent')}")
    return text.append("☆" * (STARS - stars), "dim not bold")


def refusal_text(words: Words, refused: Refused) -> str:
    """Why a command was refused and what would make it work, as one sentence."""
    details: dict[str, object] = dict(refused.details)
    for name in ("state", "needs"):
        if name in details and words.knows(f"states.{details[name]}"):
            details[name] = words.say(f"states.{details[name]}")
    return clean(words.say(f"refusals.{refused.reason}", **details))


def help_page(words: Words, where: str, duration_s: int) -> Group:
    """Every key of a screen, the commands under n and c, and the model card."""
    parts: list[RenderableType] = [
        _hanging((action.shown, words.say(f"help.{action.name}")) for action in actions_of(where))
    ]
    if where == "play":
        parts += _commands(words, "help.commands_new", makers())
        parts += _commands(words, "help.commands_change", changers())
    factor = f"{CATALOG.month_hours * 60 / duration_s:.1f}"
    facts = {"region": CATALOG.region, "as_of": CATALOG.as_of, "hours": CATALOG.month_hours}
    said = [words.say(f"help.model_{number}", factor=factor, **facts) for number in (1, 2, 3, 4)]
    parts += [_heading(words.say("help.model")), _hanging(("·", sentence) for sentence in said)]
    return Group(*parts)


def _commands(words: Words, heading: str, commands: Iterable[CommandType]) -> list[RenderableType]:
    names = [name_of(command) for command in commands]
    rows = ((words.say(f"commands.{n}"), words.say(f"commands.{n}_help")) for n in names)
    return [_heading(words.say(heading)), _hanging(rows)]


def _hanging(rows: Iterable[tuple[str, str]]) -> Table:
    """Two columns, of which the second wraps within itself."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style=STRONG)
    table.add_column()
    for name, text in rows:
        table.add_row(Text(name), Text(text))
    return table


def _heading(heading: str) -> Text:
    return Text(f"\n{heading}", f"{STRONG} underline")


def _append_heading(text: Text, heading: str) -> None:
    text.append_text(_heading(heading)).append("\n")


def resource_page(desk: Desk, frame: Frame, resource: str | None) -> Text:
    """Everything about one instance or volume, and requests followed through it."""
    words = desk.words
    if resource is None:
        return Text(words.say("inspect.none"))
    instance, volume = frame.instance(resource), frame.volume(resource)
    rows: list[tuple[str, str]] = []
    if instance is not None:
        rows = _instance_rows(words, frame, instance)
    elif volume is not None:
        rows = _volume_rows(words, volume)
    text = _pairs(rows)
    for station in frame.stations:
        if station.resource == resource or (instance and station.resource in instance.volumes):
            _append_station(text, words, station)
    _append_samples(text, desk, frame)
    return text


def _instance_rows(words: Words, frame: Frame, instance: InstanceView) -> list[tuple[str, str]]:
    held = [role for role in ROLES if frame.addresses.get(role) == instance.id]
    state = words.say(f"states.{instance.state}")
    if instance.until_s is not None:
        state += " " + words.say("inspect.until", at=clock(instance.until_s))
    size = f"{instance.vcpus} vCPU, {instance.memory_gib:g} GiB"
    rows = [
        ("type", f"{instance.type} ({instance.os}): {size}"),
        ("state", state),
        ("zone", instance.zone),
        ("roles", " ".join(instance.roles)),
        ("addresses", " ".join(held) or words.say("inspect.none_held")),
        ("rate", _month(words, instance.rate_month_micro_usd)),
    ]
    if instance.credits is not None:
        most = instance.credits_max or 0.0
        credits = words.say("inspect.credits_of", credits=instance.credits, most=most)
        if instance.throttled:
            credits += "  " + words.say("inspect.throttled")
        rows.append(("credits", credits))
    disks = (frame.volume(name) for name in instance.volumes)
    rows += [row for disk in disks if disk for row in _volume_rows(words, disk)[:1]]
    return [(words.say(f"inspect.{name}"), clean(value)) for name, value in rows]


def _volume_rows(words: Words, volume: VolumeView) -> list[tuple[str, str]]:
    used = words.say("inspect.disk_used", used=volume.used_gb, gb=volume.gb, iops=volume.iops)
    return [
        ("disk", f"{volume.id} {volume.type}: {used}"),
        ("rate", _month(words, volume.rate_month_micro_usd)),
    ]


def _month(words: Words, micro_usd: int) -> str:
    return words.say("units.month", usd=micro_usd / 1e6)


def _pairs(rows: Sequence[tuple[str, str]]) -> Text:
    text = Text()
    width = max((cell_len(name) for name, _ in rows), default=0)
    for name, value in rows:
        text.append(f"{pad(name, width)}  ", FAINT)
        text.append(f"{value}\n")
    return text


def _append_station(text: Text, words: Words, station: StationView) -> None:
    head = {"id": station.id, "servers": station.servers, "room": f"{station.room:,}"}
    _append_heading(text, clean(words.say("inspect.station", **head)))
    now = {
        "percent": station.utilization * 100,
        "running": station.running_total,
        "waiting": station.waiting_total,
        "served": station.served,
        "wait": station.wait_ms,
    }
    text.append(words.say("inspect.station_now", **now) + "\n")
    names = list(dict.fromkeys([*station.running, *station.waiting]))
    for name in names if len(names) > 1 else []:
        numbers = {"running": station.running.get(name, 0), "waiting": station.waiting.get(name, 0)}
        text.append("  " + clean(words.say("inspect.by_class", name=name, **numbers)) + "\n", FAINT)


def _append_samples(text: Text, desk: Desk, frame: Frame) -> None:
    words = desk.words
    _append_heading(text, words.say("inspect.followed"))
    found = False
    for name, samples in frame.samples.items():
        for kind, sample in (("slow", samples.slow), ("failed", samples.failed)):
            if sample is not None:
                found = True
                _append_sample(text, desk, f"inspect.{kind}", name, sample)
    if not found:
        text.append(words.say("inspect.no_sample") + "\n", FAINT)


def _append_sample(text: Text, desk: Desk, key: str, name: str, sample: Sample) -> None:
    words = desk.words
    outcome = reason_words(sample.outcome, words)
    text.append(clean(words.say(key, name=name, ms=sample.latency_ms, outcome=outcome)) + "\n")
    longest = max((step.wait_ms + step.work_ms for step in sample.steps), default=0.0)
    for step in sample.steps:
        key = "inspect.step" if step.finished else "inspect.step_unfinished"
        figures = {"wait": step.wait_ms, "work": step.work_ms}
        scale = 24 / longest if longest else 0.0
        text.append("  " + "░" * round(step.wait_ms * scale), desk.hue("warn"))
        text.append("█" * max(1, round(step.work_ms * scale)), desk.hue("flow"))
        text.append("  " + clean(words.say(key, station=step.station, **figures)) + "\n")


def bill_page(words: Words, frame: Frame) -> Text:
    """The bill so far: its lines, their sum, and what it will come to."""
    money = frame.money
    text = Text(words.say("bill.month_note") + "\n\n", FAINT)
    if not money.lines:
        text.append(words.say("bill.empty") + "\n\n")
    else:
        _append_meters(text, words, money.lines)
    sums = [
        ("total", money.spent_micro_usd),
        ("uncounted", money.uncounted_micro_usd),
        ("budget", money.budget_micro_usd),
        ("rate", money.rate_month_micro_usd),
        ("forecast", money.forecast_micro_usd),
    ]
    rows = [(words.say(f"bill.{name}"), f"{usd_cents(amount):>12}") for name, amount in sums]
    text.append(_pairs(rows))
    return text


def _append_meters(text: Text, words: Words, lines: Sequence[MeterLine]) -> None:
    heads = [words.say(f"bill.{name}") for name in ("resource", "meter", "quantity", "price")]
    rows = [(*heads, words.say("bill.amount"))]
    for line in lines:
        price = f"${line.unit_price_micro_usd / 1e6:,.4f}"
        quantity = f"{line.quantity:,.2f} {line.unit}"
        amount = usd_cents(line.amount_micro_usd) + ("" if line.counted else " *")
        rows.append((line.resource, line.meter, quantity, price, amount))
    widths = [max(cell_len(clean(row[column])) for row in rows) for column in range(5)]
    for number, row in enumerate(rows):
        cells = [pad(cell, widths[at], right=at > 1) for at, cell in enumerate(row)]
        text.append("  ".join(cells).rstrip() + "\n", STRONG if number == 0 else "")
    text.append("\n")


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
