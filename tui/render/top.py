"""Connected to a machine: what `top`, `iostat` and a database's list of sessions would show.

Everything comes from the frame and the history; what they do not know is left
out. As on Linux, the load counts tasks on the CPU, in its line, and waiting for
a disk. Stolen time is what a neighbour or missing credits take from a busy CPU.
"""

from dataclasses import dataclass

from rich.cells import cell_len
from textual.strip import Strip

from engine.frame import Frame
from engine.views import InstanceView, ResourceView, StationView, VolumeView
from tui.render.board.lines import Note
from tui.render.board.said import copy_note, lag_note
from tui.render.board.tables import copy_of
from tui.render.canvas import Canvas
from tui.render.facts import Facts
from tui.render.figures import clock, count, millis, percent, whole_percent
from tui.render.gauges import cache_gib, cached_share, full_speed_share, io_rate, number_fact
from tui.render.history import History
from tui.theme import Ink, Look
from tui.words import Words

LOAD_SPANS_S = (60, 300, 900)

ASKS = {
    "mysql": "mysql> SHOW PROCESSLIST;",
    "mariadb": "MariaDB> SHOW PROCESSLIST;",
    "postgres": "postgres=> SELECT * FROM pg_stat_activity;",
    "oracle": "SQL> SELECT * FROM v$session;",
    "sqlserver": "1> EXEC sp_who2",
}
"""How each engine is asked for its sessions."""

SLOWED = ("noisy_neighbour", "bad_deploy")
"""News of what slows a CPU; of these only the neighbour steals."""


def inside(frame: Frame, resource: str | None) -> str | None:
    """What one can connect to: an instance, a database, or the instance of a volume."""
    if resource is None:
        return None
    volume = frame.volume(resource)
    if volume is not None:
        return volume.attached_to
    managed = frame.resource(resource)
    if managed is not None and number_fact(managed, "connections") is None:
        return None
    return resource if managed is not None or frame.instance(resource) is not None else None


def load_average(
    history: History, stations: list[StationView], second: int, span_s: int
) -> float | None:
    """The mean number of tasks at these stations over the last seconds; None without data."""
    means = [history.mean(f"tasks/{station.id}", second, span_s) for station in stations]
    known = [mean for mean in means if mean is not None]
    return sum(known) if known else None


@dataclass(frozen=True)
class CpuShares:
    """How the CPU spent the second: the parts add up to 1; `cause` is why part was stolen."""

    busy: float
    steal: float
    idle: float
    speed: float
    cause: str | None


def cpu_shares(
    frame: Frame, history: History, instance: InstanceView, cpu: StationView
) -> CpuShares:
    """Of the time in which it had work, what was taken from it is steal.

    A bad deploy slows the work itself: the CPU is busy all the same.
    """
    speed = full_speed_share(instance, cpu)
    cause = None
    if instance.throttled:
        cause = "credits"
    elif speed < 0.995:
        cause = _slowed_by(history, instance.id, frame.second)
    taken = 0.0 if cause in (None, "bad_deploy") else 1 - speed
    used = min(1.0, cpu.utilization)
    return CpuShares(used * (1 - taken), used * taken, 1 - used, speed, cause)


def _slowed_by(history: History, id: str, second: int) -> str:
    """The newest news of what slows an instance; a neighbour where there is none."""
    for told in history.news(second, 200):
        if told.news.args.get("id") == id:
            if told.news.kind in SLOWED:
                return told.news.kind
            if told.news.kind == "slowed_over":
                break
    return SLOWED[0]


def draw_top(
    width: int, height: int, frame: Frame, history: History, facts: Facts, resource: str | None,
    look: Look, words: Words,
) -> list[Strip]:  # fmt: skip
    """The view inside a resource, in its frame."""
    canvas = Canvas(width, height, look)
    instance = frame.instance(resource) if resource is not None else None
    managed = frame.resource(resource) if resource is not None else None
    page = _Page(canvas, frame, history, facts, words)
    if instance is not None:
        zone = words.say("board.zone", zone=instance.zone)
        kind = f"{instance.type}  {instance.os.capitalize()}  {zone}"
        canvas.frame(words.say("connect.title", id=instance.id), right=kind)
        page.instance(instance)
    elif managed is not None:
        canvas.frame(words.say("connect.title", id=managed.id), right=managed.type)
        page.database(managed)
    else:
        canvas.frame(words.say("connect.title", id=resource or "–"))
        canvas.text(2, 2, words.say("connect.gone"), look.ink("down", bold=True), width - 4)
    return canvas.strips()


class _Page:
    """One drawing of the inside of something, row by row."""

    def __init__(
        self, canvas: Canvas, frame: Frame, history: History, facts: Facts, words: Words
    ) -> None:
        self.canvas = canvas
        self.frame = frame
        self.history = history
        self.facts = facts
        self.words = words
        self.ink = canvas.look.ink
        self.y = 1
        self.heads = [words.say(f"connect.{name}") for name in
                      ("load", "tasks", "cpu", "memory", "room", "credits")]  # fmt: skip
        self.name_width = max(map(cell_len, self.heads)) + 2

    @property
    def right(self) -> int:
        """The column after the last that may be drawn on."""
        return self.canvas.width - 2

    def row(self, name: str, *parts: tuple[str, Ink]) -> int:
        """A line: its name, then words in their inks; gives the column after them."""
        x = 2
        if self.y >= self.canvas.height - 1:
            return self.right
        if name:
            self.canvas.text(x, self.y, name, self.ink("dim"), self.name_width)
            x += self.name_width
        for text, ink in parts:
            style = self.ink(ink, bold=ink in ("strong", "full", "down"))
            x = self.canvas.text(x, self.y, text, style, max(0, self.right - x))
        self.y += 1
        return x

    def bar(self, name: str, share: float, said: str, *, by_load: bool = True) -> None:
        """A line with a bar of a share."""
        if self.y >= self.canvas.height - 1:
            return
        length = max(8, min(24, self.canvas.width // 4))
        x = 2 + self.name_width
        self.canvas.text(2, self.y, name, self.ink("dim"), self.name_width)
        style = self.canvas.look.load(share) if by_load else self.ink("flow")
        self.canvas.bar(x, self.y, length, share, style)
        room = max(0, self.right - x - length - 1)
        self.canvas.text(x + length + 1, self.y, said, self.ink("text"), room)
        self.y += 1

    def instance(self, instance: InstanceView) -> None:
        """All of an instance."""
        say = self.words.say
        cpu = self.frame.station(f"{instance.id}/cpu")
        if cpu is None or instance.state != "running":
            state = say(f"states.{instance.state}")
            until = "" if instance.until_s is None else clock(instance.until_s)
            self.row("", (say("connect.refused", id=instance.id, state=state), "down"))
            if until:
                self.row("", (say("inspect.until", at=until), "text"))
            return
        disks = [v for name in instance.volumes if (v := self.frame.volume(name)) is not None]
        devices = [(v, s) for v in disks if (s := self.frame.station(f"{v.id}/io")) is not None]
        stations = [cpu, *(station for _, station in devices)]
        self._load(stations, instance.vcpus)
        self._tasks(stations)
        self._cpu(instance, cpu)
        self._memory(instance)
        room = say("connect.room_of", n=count(cpu.waiting_total), room=count(cpu.room))
        self.bar(self.heads[4], cpu.waiting_total / max(1, cpu.room), room)
        if instance.credits is not None:
            self._credits(instance.credits, instance.credits_max or 0.0, instance.unlimited)
        self.y += 1
        self._task_table(stations, instance.id)
        self.y += 1
        self._devices(devices)

    def _load(self, stations: list[StationView], vcpus: int) -> None:
        second = self.frame.second
        parts: list[tuple[str, Ink]] = []
        for span_s in LOAD_SPANS_S:
            mean = load_average(self.history, stations, second, span_s)
            figure = "–" if mean is None else f"{mean:,.2f}"
            ink: Ink = "full" if (mean or 0.0) > vcpus else "strong"
            minutes = self.words.say("connect.minutes", n=span_s // 60)
            parts += [(figure, ink), (f" {minutes}   ", "dim")]
        self.row(self.heads[0], *parts, (self.words.say("connect.vcpus", n=vcpus), "text"))

    def _tasks(self, stations: list[StationView]) -> None:
        cpu, disks = stations[0], stations[1:]
        on_disk = sum(s.running_total + s.waiting_total for s in disks)
        figures = {"running": count(cpu.running_total), "waiting": count(cpu.waiting_total)}
        total = cpu.running_total + cpu.waiting_total + on_disk
        said = self.words.say("connect.tasks_of", disk=count(on_disk), **figures)
        self.row(self.heads[1], (count(total), "strong"), (f"   {said}", "text"))

    def _cpu(self, instance: InstanceView, cpu: StationView) -> None:
        shares = cpu_shares(self.frame, self.history, instance, cpu)
        words, canvas = self.words, self.canvas
        length = max(8, min(24, canvas.width // 4))
        if self.y < canvas.height - 1:
            x = 2 + self.name_width
            canvas.text(2, self.y, self.heads[2], self.ink("dim"), self.name_width)
            busy, stolen = round(shares.busy * length), round(shares.steal * length)
            stolen = min(stolen, length - busy)
            at = canvas.text(x, self.y, "■" * busy, canvas.look.load(cpu.utilization))
            at = canvas.text(at, self.y, "▤" * stolen, self.ink("down"))
            canvas.text(at, self.y, "·" * (length - busy - stolen), self.ink("faint"))
            parts: list[tuple[str, float, Ink]] = [
                ("busy", shares.busy, "strong"),
                ("steal", shares.steal, "down" if shares.steal > 0.005 else "dim"),
                ("idle", shares.idle, "text"),
            ]
            at = x + length + 1
            for name, share, ink in parts:
                said = f"{share * 100:5.1f} {words.say(f'connect.{name}')}   "
                style = self.ink(ink, bold=ink != "text")
                at = canvas.text(at, self.y, said, style, max(0, self.right - at))
            self.y += 1
        if shares.cause is not None:
            key = f"connect.slowed_{shares.cause}"
            self.row(" ", (words.say(key, percent=whole_percent(shares.speed)), "down"))

    def _memory(self, instance: InstanceView) -> None:
        words = self.words
        gib = f"{instance.memory_gib:g} GiB"
        cached = cached_share(self.frame, self.facts, instance)
        if cached is None:
            self.row(self.heads[3], (gib, "strong"))
            return
        tables = f"{self.facts.tables_gb:g} GB"
        figures = {"cache": f"{cache_gib(instance):.1f} GiB", "percent": percent(cached)}
        said = words.say("connect.cache", tables=tables, **figures)
        ink: Ink = "warn" if cached < 1 else "text"
        self.row(self.heads[3], (gib, "strong"), (f"   {said}", ink))

    def _credits(self, credits: float, most: float, unlimited: bool) -> None:
        said = self.words.say("inspect.credits_of", credits=credits, most=most)
        if unlimited:
            said += f"  {self.words.say('board.unlimited')}"
        self.bar(self.heads[5], credits / most if most else 0.0, said, by_load=False)

    def _task_table(self, stations: list[StationView], owner: str) -> None:
        """Tasks by class: running, in line, or at a disk, and how long the last ones waited."""
        rows: list[tuple[str, str, str, str, str, Ink]] = []
        for station in stations:
            disk = station.resource != owner or station.kind != "cpu"
            place = station.resource if station.resource != owner else self._part(station)
            waited = millis(station.wait_ms) if station.served else "–"
            for name, number in sorted(station.running.items(), key=lambda item: -item[1]):
                state = self.words.say("connect.on_disk" if disk else "connect.running")
                rows.append((count(number), name, state, place, "", "ok"))
            for name, number in sorted(station.waiting.items(), key=lambda item: -item[1]):
                state = self.words.say("connect.for_disk" if disk else "connect.in_line")
                rows.append((count(number), name, state, place, waited, "warn"))
        if not rows:
            self.row("", (self.words.say("connect.no_tasks"), "dim"))
            return
        names = ("h_tasks", "h_class", "h_state", "h_on", "h_waited")
        self._table(names, [row[:5] for row in rows], [row[5] for row in rows], right=(0, 4))

    def _part(self, station: StationView) -> str:
        return self.words.say("board.cpu" if station.kind == "cpu" else "board.io")

    def _devices(self, devices: list[tuple[VolumeView, StationView]]) -> None:
        """One row a volume, as in `iostat`."""
        rows = []
        for volume, station in devices:
            held = station.running_total + station.waiting_total
            busy_ms = 1_000 * station.utilization * station.servers
            wait = millis(station.wait_ms + busy_ms / station.served) if station.served else "–"
            space = f"{count(volume.used_gb)}/{volume.gb:,} GB"
            rate = f"{count(io_rate(volume, station))}/{volume.iops:,}"
            cells = (volume.id, volume.type, rate, count(held), wait,
                     whole_percent(station.utilization), space)  # fmt: skip
            rows.append((cells, station.utilization))
        if rows:
            names = ("h_device", "h_type", "h_iops", "h_queue", "h_await", "h_util", "h_space")
            inks: list[Ink] = [
                "full" if load >= 0.95 else "warn" if load >= 0.75 else "ok" for _, load in rows
            ]
            self._table(names, [cells for cells, _ in rows], inks, right=(2, 3, 4, 5, 6))

    def _table(
        self, names: tuple[str, ...], rows: list[tuple[str, ...]], inks: list[Ink],
        right: tuple[int, ...],
    ) -> None:  # fmt: skip
        """Rows under their heads, columns as wide as what is in them; numbers flush right."""
        heads = tuple(self.words.say(f"connect.{name}") for name in names)
        widths = [max(cell_len(row[at]) for row in [heads, *rows]) for at in range(len(heads))]
        colours: list[Ink] = ["dim", *inks]
        for cells, ink in zip([heads, *rows], colours, strict=True):
            if self.y >= self.canvas.height - 1:
                return
            x = 2
            for at, cell in enumerate(cells):
                shift = widths[at] - cell_len(cell) if at in right else 0
                head = cells is heads
                style = self.ink("dim" if head else ink if at == 0 else "text", bold=at == 0)
                self.canvas.text(x + shift, self.y, cell, style, max(0, self.right - x - shift))
                x += widths[at] + 3
            self.y += 1

    def database(self, view: ResourceView) -> None:
        """Sessions of a database, and what holds them up."""
        say, facts = self.words.say, view.facts
        engine = str(facts.get("engine", ""))
        self.row("", (ASKS.get(engine.partition("-")[0], engine), "accent"))
        stations = [s for s in self.frame.stations if s.resource == view.id]
        if view.state != "available":
            key = f"states.{view.state}"
            state = say(key) if self.words.knows(key) else view.state.replace("_", " ")
            self.row("", (say("connect.refused", id=view.id, state=state), "down"))
        used = number_fact(view, "connections") or 0.0
        most = number_fact(view, "connections_max") or 0.0
        self.y += 1
        said = say("connect.connections_of", n=count(used), most=count(most))
        self.bar(say("connect.connections"), used / most if most else 0.0, said)
        for station in stations:
            name = self._part(station)
            said = say("connect.station_of", percent=whole_percent(station.utilization),
                       n=count(station.waiting_total))  # fmt: skip
            self.bar(name, station.utilization, said)
        credits = number_fact(view, "credits")
        if credits is not None:
            self._credits(credits, number_fact(view, "credits_max") or 0.0, False)
        self._replication(view)
        self.y += 1
        if stations:
            self._task_table(stations, view.id)

    def _replication(self, view: ResourceView) -> None:
        """Who it follows and how far behind it is, or who follows it."""
        name = self.words.say("connect.replication")
        for each in [view, *self.frame.resources]:
            copy = copy_of(self.frame, self.history, each)
            if copy is None or view.id not in (each.id, copy.source):
                continue
            own = each.id == view.id
            of = copy_note(copy, self.words) if own else Note(each.id, "title")
            lag = lag_note(copy, self.words)
            left = self.words.say("board.unapplied", n=f"{copy.unapplied:,}")
            self.row(name, (of.text, of.ink), ("   ", "dim"), (lag.text, lag.ink),
                     (f"   {left}", "text"))  # fmt: skip
            if own:
                return
            name = " "
