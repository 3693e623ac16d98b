"""Made-up boards and runs for the tests of the drawings; run as a script it prints them.

``python -m tests.pictures [ko]`` prints the board and the charts at the sizes
that they have at 120×40 and at 80×24.
"""

import sys
from math import pi, sin

from msgspec.structs import replace
from textual.strip import Strip

from engine.frame import Blame, Counts, Frame, Goals, Latency, MeterLine, Money, News
from engine.views import InstanceView, SnapshotView, StationView, VolumeView
from tests.fake_run import crowded_frame, split_frame
from tui.render.board.draw import draw_board, frame_board
from tui.render.board.scene import scene_of
from tui.render.chart import draw_chart
from tui.render.charts import CHARTS, make_chart
from tui.render.facts import Facts
from tui.render.history import History
from tui.theme import Look
from tui.words import Words

FACTS = Facts("scale-up", 1800, {"page": 400.0}, 500.0)

ALL_ROLES = ("web", "app", "db", "files")


def instance(
    id: str = "web-1",
    type: str = "m5.large",
    *,
    state: str = "running",
    roles: tuple[str, ...] = ALL_ROLES,
    zone: str = "a",
    volumes: tuple[str, ...] = (),
    credits: float | None = None,
    until_s: float | None = None,
    throttled: bool = False,
) -> InstanceView:
    """An instance; a t3 when it has credits."""
    return InstanceView(
        id=id, type=type, os="linux", zone=zone, state=state, roles=roles, vcpus=2,
        memory_gib=8.0, volumes=volumes, rate_month_micro_usd=70_080_000, until_s=until_s,
        credits=credits, credits_max=None if credits is None else 576.0, throttled=throttled,
    )  # fmt: skip


def volume(
    id: str = "vol-1", attached_to: str | None = "web-1", used_gb: float = 6.2
) -> VolumeView:
    """A gp3 volume of 20 GB."""
    return VolumeView(
        id=id, type="gp3", gb=20, iops=3000, zone="a", used_gb=used_gb,
        rate_month_micro_usd=1_600_000, attached_to=attached_to, root=True,
    )  # fmt: skip


def station(id: str, load: float, waiting: int = 0) -> StationView:
    """A station by its id, ``web-1/cpu`` or ``vol-1/io``."""
    resource, _, kind = id.partition("/")
    return StationView(
        id=id, resource=resource, kind=kind, servers=2, room=256, utilization=load,
        served=100, wait_ms=4.0, running={"page": 2}, waiting={"page": waiting},
    )  # fmt: skip


def frame_of(
    second: int,
    instances: tuple[InstanceView, ...] = (),
    volumes: tuple[VolumeView, ...] = (),
    stations: tuple[StationView, ...] = (),
    addresses: dict[str, str | None] | None = None,
    *,
    rps: float = 214.0,
    late: int = 0,
    failed: dict[str, int] | None = None,
    latency: Latency | None = None,
    news: tuple[News, ...] = (),
    blame: tuple[Blame, ...] = (),
    budget_left: float = 0.71,
) -> Frame:
    """A frame in which all addresses point to the first instance unless said otherwise."""
    if addresses is None:
        holder = instances[0].id if instances else None
        addresses = dict.fromkeys(ALL_ROLES, holder)
    bad = late + sum((failed or {}).values())
    counts = Counts(int(rps), max(0, int(rps) - bad), late, failed or {}, 12, int(rps))
    spent = 74_200_000 * second // FACTS.duration_s
    lines = (
        MeterLine("web-1", "m5.large Linux", "h", 100.0, 96_000, spent * 8 // 10),
        MeterLine("web-1", "public IPv4", "h", 100.0, 5_000, spent // 10),
        MeterLine("vol-1", "gp3 storage", "GB-month", 3.0, 80_000, spent // 10),
        MeterLine("internet", "transfer out", "GB", 800.0, 90_000, 7_200_000, counted=False),
    )
    return Frame(
        second=second,
        expected_rps=rps,
        counts={"page": counts},
        totals={"page": counts},
        latency={} if latency is None else {"page": latency},
        addresses=addresses,
        stations=stations,
        instances=instances,
        volumes=volumes,
        money=Money(
            120_000_000, 120_000_000 - spent, spent, 7_200_000, 74_200_000, 78_300_000, lines
        ),
        goals=Goals(21_400.0, budget_left, 310.0, 2),
        blame=blame,
        news=news,
    )


def ramp(until: int = 760) -> tuple[Frame, History]:
    """A growing crowd on one t3: calm, then tight, then full; one resize before."""
    history = History()
    frame = frame_of(0)
    for second in range(until + 1):
        frame = _ramp_second(second)
        history.add(frame)
    return frame, history


def _ramp_second(second: int) -> Frame:
    wave = 1 + 0.08 * sin(second / 9) + 0.05 * sin(second * 2.1) + 0.03 * sin(second * 0.7)
    rps = 0.0 if second < 60 else (40 + 0.25 * (second - 60)) * wave
    load = min(1.0, rps / 205)
    waiting = max(0, int((rps - 195) * 6)) if load > 0.97 else int(3 * load**6)
    p50 = 22 + 60 * load**8 + 2.0 * waiting
    latency = Latency(p50, p50 * 2.1, p50 * 3.4, int(rps)) if rps else None
    late = int(max(0.0, rps - 196) * 0.5)
    failed = {"waiting_room_full": int(max(0.0, rps - 206))} if rps > 206 else {}
    blame = [Blame("page", "late", "web-1/cpu", late)] if late else []
    blame += [Blame("page", r, "web-1/cpu", n) for r, n in failed.items()]
    told = {
        0: News("instance_launched", "player", {"id": "web-1", "type": "t3.small"}),
        34: News("instance_running", "board", {"id": "web-1"}),
        300: News("instance_stopping", "player", {"id": "old-1"}),
        420: News("bad_deploy", "incident", {"id": "web-1", "percent": 50, "seconds": 60}),
        480: News("slowed_over", "incident", {"id": "web-1"}),
        655: News("credits_low", "board", {"id": "web-1", "credits": 40}),
        690: News("first_late", "board", {"class": "page", "at": "web-1/cpu"}),
        712: News("station_full", "board", {"station": "web-1/cpu", "waiting": 31}),
    }
    news = (told[second],) if second in told else ()
    web = instance(type="t3.large", volumes=("vol-1",), credits=max(0.0, 576 - 0.7 * second))
    idle = instance("old-1", "t3.small", credits=576.0, volumes=("vol-2",))
    stations = (
        station("web-1/cpu", load, waiting),
        station("vol-1/io", load * 0.4),
        station("old-1/cpu", 0.0),
        station("vol-2/io", 0.0),
    )
    return frame_of(
        second, (web, idle), (volume(), volume("vol-2", "old-1", 0.0)), stations,
        rps=rps, late=late, failed=failed, latency=latency, news=news, blame=tuple(blame),
        budget_left=1 - max(0, second - 690) / 240,
    )  # fmt: skip


def kept(frame: Frame) -> tuple[Frame, History]:
    """A frame with a history of nothing but itself, a few seconds long."""
    history = History()
    history.add(frame)
    return frame, history


def split() -> tuple[Frame, History]:
    """Web, app and data on three machines in two zones; a fourth boots, a volume is left over."""
    machines = (
        instance("web-1", "c5.large", roles=("web",), volumes=("vol-1",)),
        instance("app-1", "c5.xlarge", roles=("web", "app"), zone="b", volumes=("vol-2",)),
        instance("data-1", "m5.large", roles=("db", "files"), volumes=("vol-3",)),
        instance("web-2", "c5.large", roles=("web",), state="pending", until_s=772.0),
    )
    stations = (
        station("web-1/cpu", 0.52),
        station("app-1/cpu", 0.81, 7),
        station("data-1/cpu", 0.33),
        station("vol-1/io", 0.01),
        station("vol-2/io", 0.02),
        station("vol-3/io", 0.98, 214),
    )
    volumes = (
        volume("vol-1", "web-1"),
        volume("vol-2", "app-1"),
        volume("vol-3", "data-1", 19.0),
        volume("vol-9", None),
    )
    addresses: dict[str, str | None] = {
        "web": "web-1", "app": "app-1", "db": "data-1", "files": "data-1",
    }  # fmt: skip
    return kept(
        frame_of(760, machines, volumes, stations, addresses, late=20, failed={"client_gave_up": 9})
    )


def down() -> tuple[Frame, History]:
    """The only machine is stopped and still holds every address."""
    web = instance(state="stopped", volumes=("vol-1",))
    return kept(
        frame_of(300, (web,), (volume(),), (), failed={"connection_refused": 214}, budget_left=0.18)
    )


def disks() -> tuple[Frame, History]:
    """A full root volume, an HDD without burst, one being restored, and two snapshots."""
    windows = replace(
        instance("web-1", volumes=("vol-1", "vol-2")), os="windows", roles=("web", "app", "files")
    )
    unlimited = replace(
        instance("db-1", "t3.large", roles=("db",), volumes=("vol-3",), credits=40.0),
        unlimited=True,
    )
    volumes = (
        volume("vol-1", "web-1", 20.0),
        replace(volume("vol-2", "web-1", 300.0), type="st1", gb=500, iops=122, keep=True,
                root=False, burst_left=0.0),
        replace(volume("vol-3", "db-1", 8.0), unloaded_gb=2.0),
    )  # fmt: skip
    names = ("web-1/cpu", "db-1/cpu", "vol-1/io", "vol-2/io", "vol-3/io")
    addresses: dict[str, str | None] = dict.fromkeys(ALL_ROLES, "web-1")
    addresses["db"] = "db-1"
    stations = tuple(station(name, 0.4) for name in names)
    frame = frame_of(300, (windows, unlimited), volumes, stations, addresses)
    snapshots = (
        SnapshotView("snap-1", "vol-1", 6.2, "pending", 334.0, ("files",)),
        SnapshotView("snap-2", "vol-1", 6.2, "completed", None, ("files",)),
    )
    return kept(replace(frame, snapshots=snapshots))


HOSTILE = "e\x1b[31m\x07\r\n한글\u202e👩‍💻\u0301￿"
"""A name that would do anything to a terminal that drew it as it is."""


def hostile() -> tuple[Frame, History]:
    """Everything by that name."""
    machine = instance(HOSTILE, volumes=(HOSTILE,))
    news = tuple(News("bad_deploy", "incident", {"id": HOSTILE}) for _ in range(3))
    blame = (Blame("page", "late", HOSTILE, 3),)
    stations = (station(f"{HOSTILE}/cpu", 0.99, 12), station(f"{HOSTILE}/io", 0.2))
    disk = volume(HOSTILE, HOSTILE)
    return kept(frame_of(5, (machine,), (disk,), stations, late=3, news=news, blame=blame))


def nothing() -> tuple[Frame, History]:
    """Nothing stands."""
    return kept(frame_of(0, rps=0.0, budget_left=1.0))


def fleet(size: int = 300) -> tuple[Frame, History]:
    """Many machines, of which one answers; in all states."""
    states = ("running",) * 17 + ("pending", "stopped", "stopping")
    machines = tuple(
        instance(f"web-{n}", state=states[n % 20], until_s=780.0, zone="abc"[n % 3])
        for n in range(size)
    )
    stations = tuple(
        station(f"web-{n}/cpu", 0.5 + 0.5 * sin(n * pi / 37), n % 7) for n in range(size)
    )
    return kept(frame_of(760, machines, (), stations))


def text_of(strips: list[Strip]) -> list[str]:
    """The rows as plain text."""
    return [strip.text for strip in strips]


def _print_pictures(language: str) -> None:
    words, look = Words(language), Look()
    for width, height in ((78, 26), (80, 11)):
        made_up = [kept(made) for made in (split_frame(), crowded_frame(30), crowded_frame(100))]
        boards = [ramp(), split(), down(), nothing(), fleet(), disks(), *made_up]
        for frame, history in boards:
            scene = scene_of(frame, history)
            picture = draw_board(width - 2, height - 2, scene, look, words, "vol-1")
            title = words.say("board.title")
            print("\n".join(text_of(frame_board(width, height, picture, 7, look, title, "z"))))
    frame, history = ramp()
    for kind in CHARTS:
        chart = make_chart(kind, frame, history, FACTS, words)
        for width, height, window_s in ((42, 9, None), (40, 7, 300)):
            strips = draw_chart(
                width, height, chart, look,
                until=frame.second, window_s=window_s, duration_s=FACTS.duration_s,
            )  # fmt: skip
            print("\n".join(text_of(strips)))


if __name__ == "__main__":
    _print_pictures(sys.argv[1] if len(sys.argv) > 1 else "en")
