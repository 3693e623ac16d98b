"""What stands on the board as the drawings need it: machines with their state, load and place.

Read from one frame and the history as of its second.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from engine.frame import Frame, InstanceView, SnapshotView, StationView, VolumeView
from engine.scenario import ROLES
from tui.render.history import History, Pulse
from tui.theme import State, state_of_load


@dataclass(frozen=True)
class Disk:
    """A volume; `load` is None when nothing is attached to or running at it."""

    view: VolumeView
    load: float | None
    waiting: int

    @property
    def used(self) -> float:
        """Share of its gigabytes that data lies on."""
        return self.view.used_gb / self.view.gb if self.view.gb else 0.0


@dataclass(frozen=True)
class Machine:
    """An instance; `holds` are the roles whose address points here."""

    view: InstanceView
    state: State
    load: float
    waiting: int
    room: int
    wait_s: float
    holds: tuple[str, ...]
    disks: tuple[Disk, ...]

    @property
    def id(self) -> str:
        """The instance's id."""
        return self.view.id

    @property
    def kind(self) -> str:
        """Its type, and that it is Windows if it is."""
        return f"{self.view.type} Win" if self.view.os == "windows" else self.view.type

    @property
    def runs(self) -> bool:
        """Whether it can take requests."""
        return self.view.state == "running"


@dataclass(frozen=True)
class Tight:
    """The tightest station and since when it has had no headroom."""

    station: StationView
    load: float
    since: int | None


@dataclass(frozen=True)
class Scene:
    """Everything the board shows of one second.

    `front` are the machines that hold the addresses of web or app, `back` those
    that hold only db or files, `spare` those nothing points to, `loose` the
    volumes on their own, `snapshots` apart from all of them. `calls` are the
    hops a request makes: (caller, role, holder); the users are the caller "".
    """

    second: int
    pulse: Pulse
    front: tuple[Machine, ...]
    back: tuple[Machine, ...]
    spare: tuple[Machine, ...]
    loose: tuple[Disk, ...]
    snapshots: tuple[SnapshotView, ...]
    calls: tuple[tuple[str, tuple[str, ...], str], ...]
    tight: Tight | None
    unheld: tuple[str, ...]

    @property
    def machines(self) -> tuple[Machine, ...]:
        """All machines, in the order in which they are drawn."""
        return self.front + self.back + self.spare

    def order(self) -> tuple[str, ...]:
        """Everything that can be selected, in the order of the board."""
        ids: list[str] = []
        for machine in self.machines:
            ids.append(machine.id)
            ids.extend(disk.view.id for disk in machine.disks)
        ids += [disk.view.id for disk in self.loose]
        return (*ids, *(snapshot.id for snapshot in self.snapshots))


def scene_of(frame: Frame, history: History) -> Scene:
    """The scene of a frame; the history must have taken it in."""
    stations = {station.id: station for station in frame.stations}
    disks = {view.id: _disk(view, stations, history, frame.second) for view in frame.volumes}
    held: dict[str, list[str]] = {}
    for role in ROLES:
        holder = frame.addresses.get(role)
        if holder is not None:
            held.setdefault(holder, []).append(role)
    machines = [
        _machine(view, tuple(held.get(view.id, ())), stations, disks, history, frame.second)
        for view in frame.instances
    ]
    front = [m for m in machines if "web" in m.holds or "app" in m.holds]
    back = [m for m in machines if m.holds and m not in front]
    front.sort(key=lambda m: "web" not in m.holds)
    attached = {disk.view.id for m in machines for disk in m.disks}
    return Scene(
        second=frame.second,
        pulse=history.pulse(frame.second),
        front=tuple(front),
        back=tuple(back),
        spare=tuple(m for m in machines if not m.holds),
        loose=tuple(disk for id, disk in disks.items() if id not in attached),
        snapshots=frame.snapshots,
        calls=_calls(frame),
        tight=_tight(frame, history),
        unheld=tuple(role for role in ROLES if frame.addresses.get(role) is None),
    )


def _machine(
    view: InstanceView,
    holds: tuple[str, ...],
    stations: dict[str, StationView],
    disks: dict[str, Disk],
    history: History,
    second: int,
) -> Machine:
    cpu = stations.get(f"{view.id}/cpu")
    load = 0.0
    if cpu is not None and view.state == "running":
        load = history.load(cpu.id, second) or 0.0
    return Machine(
        view=view,
        state=_state(view, holds, load),
        load=load,
        waiting=cpu.waiting_total if cpu else 0,
        room=cpu.room if cpu else 0,
        wait_s=max(0.0, (view.until_s or second) - second),
        holds=holds,
        disks=tuple(disks[id] for id in view.volumes if id in disks),
    )


def _state(view: InstanceView, holds: tuple[str, ...], load: float) -> State:
    if view.state == "pending":
        return State.BOOTING
    if view.state == "stopping":
        return State.STOPPING
    if view.state != "running":
        return State.DOWN if holds else State.STOPPED
    return state_of_load(load) if holds else State.IDLE


def _disk(
    view: VolumeView, stations: dict[str, StationView], history: History, second: int
) -> Disk:
    io = stations.get(f"{view.id}/io")
    if io is None:
        return Disk(view, None, 0)
    return Disk(view, history.load(io.id, second), io.waiting_total)


def _calls(frame: Frame) -> tuple[tuple[str, tuple[str, ...], str], ...]:
    """The hops between machines, each once, with the roles it is made for.

    Users come in at web only: without it nothing is called.
    """
    if frame.addresses.get("web") is None:
        return ()
    into: dict[str, list[str]] = {}
    callers: dict[str, str] = {}
    caller = ""
    for role in ROLES:
        holder = frame.addresses.get(role)
        if holder is None:
            continue
        into.setdefault(holder, []).append(role)
        callers.setdefault(holder, caller)
        if role in ("web", "app"):
            caller = holder
    return tuple((callers[holder], tuple(roles), holder) for holder, roles in into.items())


def _tight(frame: Frame, history: History) -> Tight | None:
    """The station with the highest mean load of the last seconds; more waiting breaks ties."""

    def load_of(station: StationView) -> float:
        return history.load(station.id, frame.second) or 0.0

    stations: Iterable[StationView] = frame.stations
    found = max(stations, key=lambda s: (load_of(s), s.waiting_total), default=None)
    if found is None:
        return None
    return Tight(found, load_of(found), history.full_since(found.id, frame.second))
