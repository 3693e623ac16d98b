"""What the full pages say: all keys, one resource, the bill, the news. Pure: data to text."""

import re
from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine.catalog import CATALOG
from engine.frame import (
    Frame,
    InstanceView,
    MeterLine,
    Sample,
    SnapshotView,
    StationView,
    VolumeView,
)
from engine.outcomes import Refused
from engine.scenario import ROLES
from tui.actions import CommandType, actions_of, changers, makers, name_of
from tui.desk import Desk
from tui.forms import stands
from tui.render.canvas import clean, pad
from tui.render.figures import clock, percent
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
    details: dict[str, object] = {
        name: _detail(words, refused, name, str(value)) if isinstance(value, str) else value
        for name, value in refused.details.items()
    }
    return clean(words.say(f"refusals.{refused.reason}", **details).strip())


def _detail(words: Words, refused: Refused, name: str, value: str) -> str:
    """One detail of a refusal in the player's language."""
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
    elif name == "expected" and (ends := re.fullmatch(r"(\d+) to (\d+)", value)):
        least, most = (f"{int(end):,}" for end in ends.groups())
        return words.say("form.between", least=least, most=most)
    return words.say(key) if words.knows(key) else value


def help_page(words: Words, where: str, duration_s: int) -> Group:
    """Every key of a screen, the commands under n and c, and how true all this is."""
    parts: list[RenderableType] = [
        _hanging((action.shown, words.say(f"help.{action.name}")) for action in actions_of(where))
    ]
    if where == "play":
        parts += _commands(words, "help.commands_new", makers())
        parts += _commands(words, "help.commands_change", changers())
    factor = f"{CATALOG.month_hours * 60 / duration_s:.1f}"
    month = words.say("help.model_month", factor=factor, hours=CATALOG.month_hours)
    said = [words.say("help.model_page"), month]
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
    """Everything about one resource, and requests followed through it."""
    words = desk.words
    standing = stands(frame, resource)
    if standing is None:
        return Text(words.say("inspect.none"))
    text, view = Text(), standing.view
    match view:
        case InstanceView():
            text = _pairs(_instance_rows(words, frame, view))
        case VolumeView():
            text = _pairs(_named(words, _volume_rows(words, view)))
        case SnapshotView():
            return _pairs(_named(words, _snapshot_rows(words, view)))
    disks = view.volumes if isinstance(view, InstanceView) else ()
    for station in frame.stations:
        if station.resource == resource or station.resource in disks:
            _append_station(text, words, station)
    _append_samples(text, desk, frame)
    return text


def _instance_rows(words: Words, frame: Frame, instance: InstanceView) -> list[tuple[str, str]]:
    held = [role for role in ROLES if frame.addresses.get(role) == instance.id]
    size = f"{instance.vcpus} vCPU, {instance.memory_gib:g} GiB"
    rows = [
        ("type", f"{instance.type} ({instance.os.capitalize()}): {size}"),
        ("state", _state(words, f"states.{instance.state}", instance.until_s)),
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
    if instance.unlimited:
        prices = CATALOG.ec2
        windows = instance.os == "windows"
        usd = prices.surplus_windows_usd_hour if windows else prices.surplus_linux_usd_hour
        rows.append(("", words.say("inspect.unlimited", usd=usd)))
    disks = (frame.volume(name) for name in instance.volumes)
    for disk in disks:
        if disk is not None:
            kind, used, *_ = _volume_rows(words, disk)
            rows += [("disk", f"{disk.id}  {kind[1]}"), ("", used[1])]
    return _named(words, rows)


def _state(words: Words, key: str, until_s: float | None) -> str:
    state = words.say(key)
    return state if until_s is None else f"{state} {words.say('inspect.until', at=clock(until_s))}"


def _named(words: Words, rows: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Rows with their names in the player's language; one without a name goes on the one before."""
    return [(words.say(f"inspect.{name}") if name else "", clean(value)) for name, value in rows]


def _volume_rows(words: Words, volume: VolumeView) -> list[tuple[str, str]]:
    figures = {"type": volume.type, "gb": volume.gb, "iops": volume.iops, "mib_s": volume.mib_s}
    share = volume.used_gb / volume.gb if volume.gb else 0.0
    used = words.say("inspect.used_of", used=volume.used_gb, gb=volume.gb, percent=percent(share))
    if share >= 1:
        used += "  " + words.say("inspect.full")
    attached = volume.attached_to or words.say("board.unattached_long")
    if volume.root:
        attached += f" ({words.say('inspect.root')})"
    rows = [
        ("disk", words.say("inspect.kind", **figures)),
        ("used", used),
        ("zone", volume.zone),
        ("attached", attached),
        ("data_of", " ".join(volume.roles) or words.say("inspect.none_held")),
        ("fate", words.say("inspect.stays" if volume.keep else "inspect.goes")),
        ("rate", _month(words, volume.rate_month_micro_usd)),
    ]
    if volume.burst_left is not None:
        rows.append(("burst", percent(volume.burst_left)))
    if volume.unloaded_gb:
        left = {"gb": volume.unloaded_gb, "factor": CATALOG.ebs.lazy_factor}
        rows.append(("loading", words.say("inspect.loading_left", **left)))
    return rows


def _snapshot_rows(words: Words, snapshot: SnapshotView) -> list[tuple[str, str]]:
    of = words.say("inspect.snapshot_of", gb=snapshot.gb, volume=snapshot.volume)
    key = "snapshot_pending" if snapshot.state == "pending" else snapshot.state
    return [
        ("snapshot", of),
        ("state", _state(words, f"states.{key}", snapshot.until_s)),
        ("data_of", " ".join(snapshot.roles) or words.say("inspect.none_held")),
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
