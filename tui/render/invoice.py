"""The invoice: every line of the bill, by service or by resource, and what of it is waste.

Amounts are shown in cents that add up: what is lost in rounding goes to the
lines that lost the most, so that the sum of what is shown is the sum shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from engine.frame import Frame, MeterLine
from tui.render.canvas import clean, fit, pad
from tui.render.figures import percent, whole_percent
from tui.render.history import History
from tui.render.sentences import place_words
from tui.render.waste import Waste, wastes
from tui.theme import Ink, Look
from tui.words import Words

CENT = 10_000
"""Micro-dollars in a cent."""

OF_UNIT = {
    "h": "compute",
    "vCPU-h": "compute",
    "GB-month": "storage",
    "IOPS-month": "storage",
    "MiB/s-month": "storage",
    "MB-month": "snapshot",
    "1,000 requests": "s3",
    "RCU-month": "dynamodb",
    "WCU-month": "dynamodb",
    "M units": "dynamodb",
    "GB": "transfer",
}
"""The service of a unit, where nothing else tells it."""

MB_IN_GB = 1_000
"""As the cloud counts what is stored."""

BAR = 12

FIGURE = 12
"""Cells of an amount."""

WIDEST = 100
"""Cells beyond which an amount is too far from what it is for."""


@dataclass(frozen=True)
class Group:
    """Lines that belong together: a service, or a resource."""

    name: str
    lines: tuple[MeterLine, ...]

    @property
    def amount_micro_usd(self) -> int:
        """Their sum."""
        return sum(line.amount_micro_usd for line in self.lines)


def service_of(line: MeterLine, lines: Iterable[MeterLine], frame: Frame | None = None) -> str:
    """The service that a line is for; resources that are gone are known by what they paid for."""
    managed = frame.resource(line.resource) if frame is not None else None
    if managed is not None:
        return managed.service
    if "IPv4" in line.meter:
        return "address"
    for other in lines:
        if other.resource == line.resource:
            if other.meter.startswith("db.") or other.meter == "backup":
                return "rds"
            if other.meter.startswith("cache."):
                return "elasticache"
            if other.unit in ("1,000 requests", "RCU-month", "WCU-month", "M units"):
                return OF_UNIT[other.unit]
    return OF_UNIT.get(line.unit, "other")


def service_words(service: str, words: Words) -> str:
    """A service's name."""
    key = f"panels.service_{service}"
    return words.say(key) if words.knows(key) else service.upper()


def by_service(lines: Sequence[MeterLine], frame: Frame | None = None) -> dict[str, int]:
    """Micro-dollars counted against the budget by service, the most first."""
    counted = [line for line in lines if line.counted]
    sums: dict[str, int] = {}
    for line in counted:
        service = service_of(line, counted, frame)
        sums[service] = sums.get(service, 0) + line.amount_micro_usd
    return dict(sorted(sums.items(), key=lambda item: -item[1]))


def groups(frame: Frame, *, by: str) -> list[Group]:
    """The counted lines by ``service`` or by ``resource``, the dearest group first."""
    lines = [line for line in frame.money.lines if line.counted]
    parts: dict[str, list[MeterLine]] = {}
    for line in lines:
        name = service_of(line, lines, frame) if by == "service" else line.resource
        parts.setdefault(name, []).append(line)
    made = [
        Group(name, tuple(sorted(part, key=lambda line: -line.amount_micro_usd)))
        for name, part in parts.items()
    ]
    return sorted(made, key=lambda group: -group.amount_micro_usd)


def cents(amounts: Sequence[int]) -> list[int]:
    """Micro-dollars as cents that add up to the cents of their sum (largest remainders)."""
    total = (sum(amounts) + CENT // 2) // CENT
    shown = [amount // CENT for amount in amounts]
    by_loss = sorted(range(len(amounts)), key=lambda at: -(amounts[at] % CENT))
    for at in by_loss[: total - sum(shown)]:
        shown[at] += 1
    return shown


def dollars(cents: int) -> str:
    """``$1,234.56``"""
    return f"${cents / 100:,.2f}"


def meter_words(meter: str, words: Words) -> str:
    """What a line is for: types stay as they are, the rest in the player's language."""
    key = f"meters.{_key(meter)}"
    if words.knows(key):
        return words.say(key)
    head, _, tail = meter.partition(" ")
    key = f"meters.{_key(tail)}"
    return f"{head} {words.say(key)}" if tail and words.knows(key) else meter


def unit_words(unit: str, words: Words) -> str:
    """A unit of the bill."""
    key = f"meters.unit_{_key(unit)}"
    return words.say(key) if words.knows(key) else unit


def _key(name: str) -> str:
    return "".join(c.lower() if c.isalnum() and c.isascii() else "_" for c in name).strip("_")


class InvoicePage:
    """One writing of the invoice in a width."""

    def __init__(
        self, frame: Frame, history: History, look: Look, words: Words, width: int, by: str
    ) -> None:
        self.frame = frame
        self.look = look
        self.words = words
        self.width = min(max(40, width), WIDEST)
        self.by = by
        self.waste = wastes(frame, history)
        self.text = Text(no_wrap=True)

    def write(self) -> Text:
        """The page."""
        money = self.frame.money
        in_sandbox = self.frame.sandbox is not None
        note = "bill.hour_is_month" if in_sandbox else "bill.month_note"
        self._line(self.words.say(note), "dim")
        self.text.append("\n")
        parts = groups(self.frame, by=self.by)
        if parts:
            self._groups(parts)
        else:
            self._line(self.words.say("bill.empty"), "text")
        self._row(self.words.say("bill.total"), dollars(cents([money.spent_micro_usd])[0]),
                  "strong", bold=True)  # fmt: skip
        self._uncounted()
        self.text.append("\n")
        self._outlook()
        self._waste()
        return self.text

    def _groups(self, parts: list[Group]) -> None:
        lines = [line for group in parts for line in group.lines]
        shown = iter(cents([line.amount_micro_usd for line in lines]))
        most = max(1, parts[0].amount_micro_usd)
        for group in parts:
            amounts = [next(shown) for _ in group.lines]
            self._head(group, sum(amounts), most)
            for line, amount in zip(group.lines, amounts, strict=True):
                self._meter(line, dollars(amount), "text")
        self._rule()

    def _head(self, group: Group, amount: int, most: int) -> None:
        """A group: its name, its share as a bar, its sum; waste is said beside it."""
        ink = self.look.ink
        name = self._called(group.name)
        if self.by == "service":
            name = service_words(group.name, self.words)
        figure = pad(dollars(amount), FIGURE, right=True)
        self.text.append(clean(name), ink("title", bold=True))
        used = cell_len(clean(name))
        wasted = self._wasted(group.name) if self.by == "resource" else None
        if wasted is not None:
            said = f"  ◇ {self.words.say('bill.waste')}"
            self.text.append(said, ink("warn", bold=True))
            used += cell_len(said)
        length = round(BAR * group.amount_micro_usd / most)
        room = self.width - used - len(figure)
        if room > BAR:
            self.text.append(" " * (room - BAR))
            self.text.append("■" * length, ink("money"))
            self.text.append("·" * (BAR - length), ink("faint"))
        else:
            self.text.append(" " * max(1, room))
        self.text.append(figure + "\n", ink("strong", bold=True))

    def _called(self, id: str) -> str:
        """A resource by its name; a replica with that of its master."""
        view, name = self.frame.resource(id), place_words(id, self.words)
        if view is None or "lag_s" not in view.facts:
            return name
        return f"{name} ({self.words.say('board.copy_of', id=view.facts['source'])})"

    def _wasted(self, resource: str) -> Waste | None:
        return next((waste for waste in self.waste if waste.resource == resource), None)

    def _meter(self, line: MeterLine, amount: str, ink: Ink) -> None:
        """``web-1  m5.large Linux     312.40 h × $0.0960 =   $29.99``"""
        words, style = self.words, self.look.ink
        name = meter_words(line.meter, words)
        if self.by == "service":
            name = f"{self._called(line.resource)}  {name}"
        quantity, unit, usd = line.quantity, line.unit, line.unit_price_micro_usd / 1e6
        if unit == "MB-month" and quantity >= MB_IN_GB:
            quantity, unit, usd = quantity / MB_IN_GB, "GB-month", usd * MB_IN_GB
        price = f"${usd:,.4f}" if usd >= 0.001 else f"${usd:,.6f}"
        sum_of = f"{quantity:,.2f} {unit_words(unit, words)} × {price} ="
        figure = pad(amount, FIGURE, right=True)
        room = self.width - 3 - cell_len(sum_of) - len(figure)
        self.text.append("  " + pad(fit(name, room), room) + " ", style("dim"))
        self.text.append(sum_of, style("dim"))
        self.text.append(figure + "\n", style(ink))

    def _uncounted(self) -> None:
        """What stands on the invoice but not against the budget."""
        listed = [line for line in self.frame.money.lines if not line.counted]
        if not listed:
            return
        self._line(self.words.say("bill.listed_only"), "dim")
        shown = cents([line.amount_micro_usd for line in listed])
        for line, amount in zip(listed, shown, strict=True):
            self._meter(line, dollars(amount), "dim")

    def _outlook(self) -> None:
        """What it will come to, against the budget."""
        money, say = self.frame.money, self.words.say
        if self.frame.sandbox is not None and not self.frame.sandbox.bill:
            self._line(say("bill.off"), "warn")
        over = money.forecast_micro_usd > money.budget_micro_usd
        share = money.forecast_micro_usd / max(1, money.budget_micro_usd)
        rate, forecast, budget = (
            dollars(cents([amount])[0])
            for amount in (
                money.rate_month_micro_usd, money.forecast_micro_usd, money.budget_micro_usd,
            )
        )  # fmt: skip
        self._row(say("bill.rate"), rate, "text")
        ink: Ink = "down" if over else "money"
        outlook = "bill.forecast" if self.frame.sandbox is None else "bill.forecast_month"
        said = f"{say(outlook)} ({whole_percent(share)})" + (" ▲" if over else "")
        self._row(said, forecast, ink, bold=True)
        self._row(say("bill.budget"), budget, "text")

    def _waste(self) -> None:
        """What is paid for in vain, the dearest first, and all of it together."""
        say, ink = self.words.say, self.look.ink
        self.text.append("\n")
        if not self.waste:
            if self.frame.money.rate_month_micro_usd:
                self._line(f"✓ {say('bill.no_waste')}", "ok")
            return
        self.text.append(f"◇ {say('bill.waste_title')}\n", ink("warn", bold=True))
        shown = cents([waste.rate_month_micro_usd for waste in self.waste])
        for waste, amount in zip(self.waste, shown, strict=True):
            figure = say("bill.a_month", usd=dollars(amount))
            why = say(f"bill.waste_{waste.why}", **waste.figures)
            self._row(f"  {waste.resource}  {why}", figure, "text")
        total = say("bill.a_month", usd=dollars(sum(shown)))
        rate = max(1, self.frame.money.rate_month_micro_usd)
        share = sum(waste.rate_month_micro_usd for waste in self.waste) / rate
        said = say("bill.waste_total", percent=percent(min(1.0, share)))
        self._row(said, total, "warn", bold=True)

    def _row(self, name: str, figure: str, ink: Ink, *, bold: bool = False) -> None:
        room = self.width - cell_len(figure) - 1
        self.text.append(pad(name, room) + " ", self.look.ink("text" if bold else "dim"))
        self.text.append(figure + "\n", self.look.ink(ink, bold=bold))

    def _rule(self) -> None:
        self.text.append("─" * self.width + "\n", self.look.ink("line"))

    def _line(self, said: str, ink: Ink) -> None:
        self.text.append(fit(said, self.width) + "\n", self.look.ink(ink))
