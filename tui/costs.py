"""What a run cost: by service as bars, and what of it was paid in vain, second by second. Pure."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len
from rich.text import Text

from engine.frame import Frame
from tui.desk import Desk
from tui.render.canvas import clean, pad
from tui.render.figures import clock, percent
from tui.render.history import History
from tui.render.invoice import by_service, cents, dollars, groups, service_of, service_words
from tui.render.waste import wastes
from tui.theme import ASCII

MOST_RESOURCES = 8
"""Resources that are named; of more, the dearest."""

IN_VAIN = ("idle", "unattached")
"""Waste that nobody wanted; a kept disk or a backup costs money for a reason."""


class Spent(NamedTuple):
    """What one service cost, and how much of that in vain."""

    service: str
    micro_usd: int
    in_vain_micro_usd: int


class InVain(NamedTuple):
    """A resource that stood for nothing for some seconds, and what that cost."""

    resource: str
    why: str
    seconds: int
    micro_usd: int


def in_vain(frames: Sequence[Frame], duration_s: int) -> list[InVain]:
    """What was paid for nothing over a run billed as one month, the dearest first."""
    seconds: Counter[tuple[str, str]] = Counter()
    paid: Counter[tuple[str, str]] = Counter()
    nothing = History()
    for frame in frames:
        for waste in wastes(frame, nothing):
            if waste.why in IN_VAIN:
                seconds[waste.resource, waste.why] += 1
                paid[waste.resource, waste.why] += waste.rate_month_micro_usd
    found = [
        InVain(resource, why, seconds[resource, why], total // max(1, duration_s))
        for (resource, why), total in paid.most_common()
    ]
    return [waste for waste in found if waste.micro_usd >= 10_000]


def spent_by_service(frame: Frame, wasted: Sequence[InVain]) -> list[Spent]:
    """The bill by service, the dearest first."""
    counted = [line for line in frame.money.lines if line.counted]
    vain: Counter[str] = Counter()
    for waste in wasted:
        line = next((one for one in counted if one.resource == waste.resource), None)
        if line is not None:
            vain[service_of(line, counted, frame)] += waste.micro_usd
    return [
        Spent(service, amount, min(amount, vain[service]))
        for service, amount in by_service(frame.money.lines, frame).items()
        if amount > 0
    ]


def costs_text(desk: Desk, frame: Frame, wasted: Sequence[InVain], width: int) -> Text:
    """Bars by service, the part in vain of each in another filling, then what it was."""
    say, money = desk.say, frame.money
    text = Text(say("debrief.bill") + "\n", "bold")
    rows = spent_by_service(frame, wasted)
    if not rows:
        return text.append(say("bill.empty"), "dim not bold")
    names = [clean(service_words(row.service, desk.words)) for row in rows]
    shown = [dollars(amount) for amount in cents([row.micro_usd for row in rows])]
    room, figures = max(map(cell_len, names)), max(map(len, shown))
    length = max(8, min(48, width - room - figures - 14))
    most = max(row.micro_usd for row in rows)
    for row, name, figure in zip(rows, names, shown, strict=True):
        text.append(f"  {pad(name, room)}  ", "dim not bold")
        text.append(f"{figure:>{figures}}  ", "not bold")
        text.append_text(_bar(desk, row, most, length))
        share = row.micro_usd / max(1, money.spent_micro_usd)
        text.append(f" {percent(share):>5}\n", "dim not bold")
    total = {"spent": money.spent_usd, "budget": money.budget_micro_usd / 1e6}
    used = money.spent_micro_usd / max(1, money.budget_micro_usd) * 100
    text.append("\n  " + say("debrief.of_month", **total, percent=used) + "\n", "not bold")
    if money.uncounted_micro_usd:
        usd = money.uncounted_micro_usd / 1e6
        text.append("  " + say("debrief.uncounted", usd=usd) + "\n", "dim not bold")
    text.append("\n" + say("debrief.waste") + "\n", "bold")
    if not wasted:
        text.append("  ✓ " + say("debrief.no_waste") + "\n", f"not bold {desk.hue('ok')}")
    for waste in wasted:
        figures_of = {"id": waste.resource, "time": clock(waste.seconds)}
        said = say(f"debrief.waste_{waste.why}", **figures_of, usd=waste.micro_usd / 1e6)
        text.append("  ░ " + clean(said) + "\n", f"not bold {desk.hue('warn')}")
    return text.append_text(_by_resource(desk, frame))


def _by_resource(desk: Desk, frame: Frame) -> Text:
    """The dearest resources, and the rest together."""
    text = Text("\n" + desk.say("debrief.by_resource") + "\n", "bold")
    dearest = groups(frame, by="resource")
    rows = [(group.name, group.amount_micro_usd) for group in dearest[:MOST_RESOURCES]]
    rest = sum(group.amount_micro_usd for group in dearest[MOST_RESOURCES:])
    rows += [(desk.say("debrief.others"), rest)] if rest else []
    room = max(cell_len(clean(name)) for name, _ in rows)
    shown = [dollars(amount) for amount in cents([amount for _, amount in rows])]
    for (name, _), figure in zip(rows, shown, strict=True):
        text.append(f"  {pad(name, room)}  ", "dim not bold")
        text.append(f"{figure:>{max(map(len, shown))}}\n", "not bold")
    return text


def _bar(desk: Desk, row: Spent, most: int, length: int) -> Text:
    full = max(1, round(row.micro_usd / max(1, most) * length))
    vain = min(full, round(row.in_vain_micro_usd / max(1, row.micro_usd) * full))
    if row.in_vain_micro_usd and not vain:
        vain = 1
    parts = (("█" * (full - vain), "money"), ("░" * vain, "warn"), (" " * (length - full), "dim"))
    text = Text()
    for cells, ink in parts:
        drawn = cells.translate(ASCII) if desk.look.ascii else cells
        text.append(drawn, f"not bold {desk.hue(ink)}")  # type: ignore[arg-type]
    return text
