"""Everything the frame knows of one resource: what it is, what it costs, what goes through it."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from engine.catalog import CATALOG
from engine.frame import Frame
from engine.views import Fact, InstanceView, ResourceView, SnapshotView, StationView, VolumeView
from tui.render.canvas import clean, fit, pad, wrapped
from tui.render.figures import clock, count, millis, percent
from tui.render.history import History
from tui.render.invoice import cents, dollars, service_words
from tui.render.resource_charts import stations_of
from tui.render.sentences import news_words, place_words, role_words
from tui.render.signs import news_sign
from tui.render.waste import wastes
from tui.render.whereabouts import held_words, tables_rows
from tui.theme import Ink, Look
from tui.words import Words

View = InstanceView | VolumeView | SnapshotView | ResourceView

Row = tuple[str, str]

OWN_ROWS = ("credits", "credits_max")
"""Facts that are said together in a row of their own."""

PERCENTS = ("track_cpu", "step_cpu", "fewer_cpu", "point_cpu", "above", "measured", "hottest")
"""Facts that are percentages."""

MOST_NEWS = 5


@dataclass(frozen=True)
class Offer:
    """A command that can be given to a resource: its key, its name, and why not now, if not."""

    key: str
    name: str
    hindrance: str | None = None


def view_of_resource(frame: Frame, resource: str | None) -> View | None:
    """What goes by an id."""
    if resource is None:
        return None
    found = frame.instance(resource) or frame.volume(resource) or frame.resource(resource)
    snapshots = (snapshot for snapshot in frame.snapshots if snapshot.id == resource)
    return found or next(snapshots, None)


def inspector_text(
    frame: Frame, history: History, resource: str | None, offers: Sequence[Offer],
    look: Look, words: Words, width: int,
) -> Text:  # fmt: skip
    """The page about a resource."""
    view = view_of_resource(frame, resource)
    if view is None:
        return Text(words.say("inspect.none"))
    page = _Page(frame, history, look, words, width)
    page.rows([*_what(words, frame, history, view), *_cost(words, frame, view)])
    page.waste(view.id)
    page.offers(offers)
    page.traffic(view.id)
    page.stations(stations_of(frame, view.id))
    page.news(view.id)
    return page.text


def _what(words: Words, frame: Frame, history: History, view: View) -> list[Row]:
    match view:
        case InstanceView():
            rows = _instance_rows(words, frame, view)
        case VolumeView():
            rows = _volume_rows(words, frame, view)
        case SnapshotView():
            rows = _snapshot_rows(words, view)
        case ResourceView():
            rows = _managed_rows(words, frame, history, view)
            return [*rows, *_moves(words, frame, view.id)]
    return [*_named(words, rows), *_moves(words, frame, view.id)]


def _named(words: Words, rows: Sequence[Row]) -> list[Row]:
    """Rows with their names in the player's language; one without a name goes on the one before."""
    return [(words.say(f"inspect.{name}") if name else "", clean(value)) for name, value in rows]


def _instance_rows(words: Words, frame: Frame, instance: InstanceView) -> list[Row]:
    held = held_words(words, frame, instance.id)
    size = f"{instance.vcpus} vCPU, {instance.memory_gib:g} GiB"
    rows = [
        ("type", f"{instance.type} ({instance.os.capitalize()}): {size}"),
        ("state", _state(words, f"states.{instance.state}", instance.until_s)),
        ("zone", _zone(words, frame, instance.zone)),
        ("roles", " ".join(instance.roles)),
        ("addresses", held or words.say("inspect.none_held")),
    ]
    for door in (r for r in frame.resources if instance.id in r.targets):
        rows.append(("target", f"{door.id}: {_target_state(door, instance.id, words)}"))
    if instance.group:
        rows.append(("group", instance.group))
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
            kind, used, *_ = _volume_rows(words, frame, disk)
            rows += [("disk", f"{disk.id}  {kind[1]}"), ("", used[1])]
    return rows


def _zone(words: Words, frame: Frame, zone: str) -> str:
    """A zone, and that it is out if it is."""
    return f"{zone}  ✕ {words.say('inspect.zone_out')}" if zone in frame.zones_down else zone


def _volume_rows(words: Words, frame: Frame, volume: VolumeView) -> list[Row]:
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
        ("zone", _zone(words, frame, volume.zone)),
        ("attached", attached),
        ("data_of", " ".join(volume.roles) or words.say("inspect.none_held")),
        ("fate", words.say("inspect.stays" if volume.keep else "inspect.goes")),
    ]
    if volume.burst_left is not None:
        rows.append(("burst", percent(volume.burst_left)))
    if volume.unloaded_gb:
        left = {"gb": volume.unloaded_gb, "factor": CATALOG.ebs.lazy_factor}
        rows.append(("loading", words.say("inspect.loading_left", **left)))
    return rows


def _snapshot_rows(words: Words, snapshot: SnapshotView) -> list[Row]:
    of = words.say("inspect.snapshot_of", gb=snapshot.gb, volume=snapshot.volume)
    key = "snapshot_pending" if snapshot.state == "pending" else snapshot.state
    return [
        ("snapshot", of),
        ("state", _state(words, f"states.{key}", snapshot.until_s)),
        ("data_of", " ".join(snapshot.roles) or words.say("inspect.none_held")),
    ]


def _managed_rows(words: Words, frame: Frame, history: History, view: ResourceView) -> list[Row]:
    """Any managed service: what all have in common, then its facts by their labels."""
    held = held_words(words, frame, view.id)
    service = service_words(view.service, words)
    rows = [
        ("type", f"{service}  {view.type}" if view.type else service),
        ("state", _state(words, f"states.{view.state}", view.until_s)),
    ]
    if view.zone:
        rows.append(("zone", _zone(words, frame, view.zone)))
    if view.roles:
        rows.append(("roles", " ".join(view.roles)))
        rows.append(("addresses", held or words.say("inspect.none_held")))
    if view.behind:
        behind = "lies_on" if view.service == "shards" else "behind"
        rows.append((behind, ", ".join(_target(view, id, words) for id in view.behind)))
    rows += tables_rows(words, frame, history, view)
    credits, most = view.facts.get("credits"), view.facts.get("credits_max")
    if isinstance(credits, int | float) and isinstance(most, int | float):
        rows.append(("credits", words.say("inspect.credits_of", credits=credits, most=most)))
    named = _named(words, rows)
    for name, fact in view.facts.items():
        if name not in OWN_ROWS:
            said = fact_words(name, fact, words)
            if name == "standby_zone":
                said = _zone(words, frame, said)
            copied = name == "source" and "lag_s" in view.facts
            named.append((fact_label("copy_of" if copied else name, words), said))
    return named


def _target(door: ResourceView, id: str, words: Words) -> str:
    """A target, and what its balancer thinks of it."""
    state = _target_state(door, id, words)
    return f"{id} ({state})" if state else id


def _target_state(door: ResourceView, id: str, words: Words) -> str:
    state = door.targets.get(id, "")
    key = f"states.{state}"
    return words.say(key) if words.knows(key) else clean(state)


def fact_label(name: str, words: Words) -> str:
    """What a fact is called; one of a later service by its own name."""
    key = f"facts.{name}"
    return words.say(key) if words.knows(key) else clean(name.replace("_", " "))


def fact_words(name: str, fact: Fact, words: Words) -> str:
    """A fact's value as people read it: by its unit, which its name ends with."""
    if isinstance(fact, bool):
        return words.say("form.yes" if fact else "form.no")
    if isinstance(fact, str):
        key = f"facts.{name}_{fact}"
        return words.say(key) if words.knows(key) else clean(fact)
    if name.endswith("gb"):
        return f"{fact:,.1f} GB" if isinstance(fact, float) else f"{fact:,} GB"
    if name.endswith("gib"):
        return f"{fact:g} GiB"
    if name == "lag_s":
        return words.say("facts.seconds", s=f"{fact:,.1f}")
    if name in PERCENTS:
        return percent(fact / 100)
    if name.endswith(("able_s", "scheduled_s")):
        return clock(fact)
    if name.endswith("_ms"):
        return millis(fact)
    return f"{fact:,}" if isinstance(fact, int) else count(fact)


def _state(words: Words, key: str, until_s: float | None) -> str:
    state = words.say(key) if words.knows(key) else clean(key.partition(".")[2].replace("_", " "))
    return state if until_s is None else f"{state} {words.say('inspect.until', at=clock(until_s))}"


def _cost(words: Words, frame: Frame, view: View) -> list[Row]:
    """What it costs a month, and what it has cost so far."""
    rate = getattr(view, "rate_month_micro_usd", 0)
    billed = [x.amount_micro_usd for x in frame.money.lines if x.resource == view.id and x.counted]
    rows = [("rate", words.say("units.month", usd=rate / 1e6))] if rate else []
    rows.append(("billed", dollars(cents([sum(billed)])[0])))
    return _named(words, rows)


def _moves(words: Words, frame: Frame, id: str) -> list[Row]:
    """Data on their way to it or from it."""
    rows = []
    for move in frame.moves:
        if id in (move.source, move.target):
            share = move.copied_gb / move.gb if move.gb else 1.0
            said = words.say(
                "inspect.moving", role=role_words(move.role, words), source=move.source,
                target=move.target, percent=percent(min(1.0, share)), at=clock(move.until_s),
            )  # fmt: skip
            rows.append((words.say("inspect.move"), clean(said)))
    return rows


class _Page:
    """The text as it grows."""

    def __init__(
        self, frame: Frame, history: History, look: Look, words: Words, width: int
    ) -> None:
        self.frame = frame
        self.history = history
        self.look = look
        self.words = words
        self.width = max(20, width)
        self.text = Text()

    def rows(self, rows: Sequence[Row]) -> None:
        """Names in one column, values in the next; a long value goes on below itself."""
        width = max((cell_len(name) for name, _ in rows), default=0)
        for name, value in rows:
            self.put(f"{pad(name, width)}  ", "dim")
            for at, line in enumerate(wrapped(value, self.width - width - 2)):
                self.put(" " * (width + 2) if at else "", "dim")
                self.put(f"{line}\n", "text")

    def put(self, said: str, ink: Ink, *, bold: bool = False) -> None:
        """Words in an ink."""
        self.text.append(said, self.look.ink(ink, bold=bold))

    def head(self, key: str) -> None:
        """A heading after an empty line."""
        self.put(f"\n{self.words.say(key)}\n", "title", bold=True)

    def waste(self, id: str) -> None:
        """That it is paid for in vain, if it is."""
        for waste in wastes(self.frame, self.history):
            if waste.resource == id:
                why = self.words.say(f"bill.waste_{waste.why}", **waste.figures)
                self.put(f"◇ {self.words.say('bill.waste')}: {why}\n", "warn", bold=True)

    def traffic(self, id: str) -> None:
        """Requests that came here and went on from here in this second."""
        hops = [hop for hop in self.frame.hops if id in (hop.source, hop.target)]
        if not hops:
            return
        self.head("inspect.traffic")
        for hop in sorted(hops, key=lambda hop: (hop.source == id, -hop.count)):
            inward = hop.target == id
            other = hop.source if inward else hop.target
            name = other or self.words.say("board.users")
            key = "inspect.hop_in" if inward else "inspect.hop_out"
            self.put("▶ " if inward else "→ ", "flow", bold=True)
            self.put(clean(self.words.say(key, n=count(hop.count), other=name)) + "\n", "text")

    def stations(self, stations: Sequence[StationView]) -> None:
        """Where requests spend time here."""
        for station in stations:
            figures = {
                "percent": station.utilization * 100,
                "running": station.running_total,
                "waiting": station.waiting_total,
                "served": station.served,
                "wait": station.wait_ms,
            }
            self.put(f"\n{place_words(station.id, self.words)}", "title", bold=True)
            room = {"servers": station.servers, "room": f"{station.room:,}"}
            said = self.words.say("inspect.station_room", **room)
            self.put(f"   {said}\n" if station.room else "\n", "dim")
            self.put(self.words.say("inspect.station_now", **figures) + "\n", "text")
            names = list(dict.fromkeys([*station.running, *station.waiting]))
            for name in names if len(names) > 1 else []:
                running, waiting = station.running.get(name, 0), station.waiting.get(name, 0)
                numbers = {"running": running, "waiting": waiting}
                said = self.words.say("inspect.by_class", name=name, **numbers)
                self.put(f"  {clean(said)}\n", "dim")

    def offers(self, offers: Sequence[Offer]) -> None:
        """Commands that can be given to it."""
        if not offers:
            return
        self.head("inspect.commands")
        for offer in offers:
            self.put(f" {offer.key} ", "accent", bold=True)
            self.put(f" {offer.name}", "dim" if offer.hindrance else "text")
            if offer.hindrance:
                room = self.width - 7 - cell_len(offer.name)
                self.put("  " + fit(offer.hindrance, max(0, room)), "dim")
            self.put("\n", "text")

    def news(self, id: str) -> None:
        """The newest lines of news about it."""
        lines = []
        for told in self.history.news(self.frame.second, 400):
            if any(id == str(v).partition("/")[0] for v in told.news.args.values()):
                lines.append(told)
            if len(lines) == MOST_NEWS:
                break
        if lines:
            self.head("inspect.news")
        for told in lines:
            glyph, ink = news_sign(told.news)
            self.put(f"{clock(told.second):>7} ", "dim")
            self.put(f"{glyph} ", ink, bold=True)
            self.put(fit(news_words(told.news, self.words), self.width - 11) + "\n", "text")
