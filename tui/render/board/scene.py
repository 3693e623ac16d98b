"""What stands on the board as the drawings need it: things in their tiers, wires, what is tight.

Read from one frame and the history as of its second.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from engine.frame import WINDOW_S, Frame
from engine.scenario import ROLES
from engine.views import InstanceView, ResourceView, SnapshotView, StationView, VolumeView
from tui.render.board.flows import Flow, Move, flows_of, moves_of, roles_of, shards_of
from tui.render.board.tables import copy_of, is_unasked, served_copies, shard_of, together
from tui.render.board.things import Answering, Disk, Gauge, Kept, Machine, Managed
from tui.render.history import History, Pulse
from tui.theme import State, state_of_load

BESIDE_MACHINES = ("autoscaling", "elasticache")
"""Services that stand with the machines that they are for."""

APART = ("backup", "image", "alarm")
"""Types of resources that no request reaches, and that stand apart from those that answer."""

TARGET_STATES = {
    "initial": State.UNCHECKED,
    "unhealthy": State.UNHEALTHY,
    "draining": State.DRAINING,
}
"""What a balancer thinks of its targets, where that is worth a sign of its own."""


@dataclass(frozen=True)
class Tight:
    """The tightest station and since when it has had no headroom."""

    station: StationView
    load: float
    since: int | None


@dataclass(frozen=True)
class Scene:
    """Everything the board shows of one second.

    `tiers` are what answers, from the users to the data; `loose` the volumes on
    their own and `kept` the snapshots and backups, apart from all of them;
    `zones_down` the zones that are out. `copies` are the ways of what is written
    from masters to their replicas.
    """

    second: int
    pulse: Pulse
    tiers: tuple[tuple[Answering, ...], ...]
    loose: tuple[Disk, ...]
    kept: tuple[Kept, ...]
    flows: tuple[Flow, ...]
    copies: tuple[Flow, ...]
    moves: tuple[Move, ...]
    tight: Tight | None
    unheld: tuple[str, ...]
    zones_down: tuple[str, ...]

    @cached_property
    def answering(self) -> tuple[Answering, ...]:
        """Whatever requests can go to, in the order in which it is drawn."""
        return tuple(thing for tier in self.tiers for thing in tier)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Everything that can be selected, in the order of the board."""
        ids: list[str] = []
        for thing in self.answering:
            ids.append(thing.id)
            if isinstance(thing, Machine):
                ids.extend(disk.id for disk in thing.disks)
        ids += [disk.id for disk in self.loose]
        return tuple(dict.fromkeys((*ids, *(kept.id for kept in self.kept))))

    def into(self, ids: Iterable[str]) -> Flow:
        """All requests that come to some things from elsewhere, as one flow."""
        inside = set(ids)
        coming = [f for id in inside for f in self._arrivals.get(id, ()) if f.source not in inside]
        return merged("", "", coming)

    @cached_property
    def _arrivals(self) -> dict[str, list[Flow]]:
        arrivals: dict[str, list[Flow]] = {}
        for flow in self.flows:
            arrivals.setdefault(flow.target, []).append(flow)
        return arrivals


def merged(source: str, target: str, flows: list[Flow]) -> Flow:
    """Several flows as one: rates added, shares weighted by them."""
    if len(flows) == 1:
        return Flow(source, target, flows[0].rps, flows[0].failed, flows[0].late)
    rps = sum(flow.rps for flow in flows)
    weight = rps or float(len(flows)) or 1.0
    weights = [flow.rps if rps else 1.0 for flow in flows]
    failed = sum(w * flow.failed for w, flow in zip(weights, flows, strict=True)) / weight
    late = sum(w * flow.late for w, flow in zip(weights, flows, strict=True)) / weight
    return Flow(source, target, rps, failed, late)


def scene_of(frame: Frame, history: History) -> Scene:
    """The scene of a frame; the history must have taken it in."""
    pulse = history.pulse(frame.second)
    flows = flows_of(frame, history, pulse)
    reader, shards = _Reader(frame, history, flows), shards_of(frame)
    apart = (*APART, *shards)
    things: list[Answering] = [
        *(reader.machine(view) for view in frame.instances),
        *(reader.managed(v) for v in frame.resources if v.type not in apart and v.id not in apart),
    ]
    attached = {d.id for thing in things if isinstance(thing, Machine) for d in thing.disks}
    kept = [reader.kept(snapshot) for snapshot in frame.snapshots]
    kept += [reader.kept(view) for view in frame.resources if view.type in APART]
    return Scene(
        second=frame.second,
        pulse=pulse,
        tiers=_tiers(things, flows),
        loose=tuple(disk for id, disk in reader.disks.items() if id not in attached),
        kept=tuple(kept),
        flows=flows,
        copies=served_copies(things, frame, history),
        moves=reader.moves,
        tight=_tight(frame, history),
        unheld=_unheld(frame, history),
        zones_down=frame.zones_down,
    )


def _unheld(frame: Frame, history: History) -> tuple[str, ...]:
    """Roles that nobody has the address of, though something plays them or requests ask there."""
    wanted = {at for _, at in history.blame(frame.second, WINDOW_S)}
    for instance in frame.instances:
        wanted.update(instance.roles)
    for resource in frame.resources:
        wanted.update(resource.roles)
    lost = tuple(r for r in roles_of(frame) if r not in ROLES and frame.addresses[r] is None)
    return tuple(r for r in ROLES if r in wanted and frame.addresses.get(r) is None) + lost


def _tiers(things: list[Answering], flows: tuple[Flow, ...]) -> tuple[tuple[Answering, ...], ...]:
    """What hands requests on, then web and app machines, then databases and files.

    A machine that only could play data stands with the data, if there are any.
    """
    entry: list[Answering] = []
    front: list[Answering] = []
    back: list[Answering] = []
    spare: list[Answering] = []
    doors = {"", *(t.id for t in things if isinstance(t, Managed) and _is_door(t))}
    called = {flow.target for flow in flows if flow.source in doors}
    for thing in things:
        if isinstance(thing, Managed):
            tier = front if thing.view.service in BESIDE_MACHINES else back
            (entry if _is_door(thing) else tier).append(thing)
        elif {"web", "app"} & set(thing.holds) or thing.view.group or thing.id in called:
            front.append(thing)
        else:
            (back if thing.holds else spare).append(thing)
    for thing in spare:
        data_only = not {"web", "app"} & set(thing.view.roles)
        (back if back and data_only else front).append(thing)
    front.sort(key=lambda thing: ("web" not in thing.holds, not thing.holds))
    back.sort(key=lambda thing: isinstance(thing, Managed))
    back = together(back)
    return tuple(tuple(tier) for tier in (entry, front, back) if tier)


def _is_door(thing: Managed) -> bool:
    """Whether it hands requests on to others, or is to."""
    return thing.view.service == "elb"


class _Reader:
    """Makes things of a frame's views."""

    def __init__(self, frame: Frame, history: History, flows: tuple[Flow, ...]) -> None:
        self._frame, self._history = frame, history
        self._rates: dict[str, float] = {}
        for flow in flows:
            self._rates[flow.target] = self._rates.get(flow.target, 0.0) + flow.rps
        self.second = frame.second
        self.moves = moves_of(frame)
        self._load = history.load
        self._stations: dict[str, list[StationView]] = {}
        for station in frame.stations:
            self._stations.setdefault(station.resource, []).append(station)
        self._held: dict[str, list[str]] = {}
        self._shards = shards_of(frame)
        for role in roles_of(frame):
            holder = frame.addresses.get(role)
            for each in self._shards.get(holder or "", (holder,)):
                if each is not None:
                    self._held.setdefault(each, []).append(role)
        self._doors = [r for r in frame.resources if r.targets]
        self.disks = {view.id: self._disk(view) for view in frame.volumes}

    def machine(self, view: InstanceView) -> Machine:
        """An instance with its volumes."""
        held, gauges = tuple(self._held.get(view.id, ())), self._gauges(view.id)
        door = next((door for door in self._doors if view.id in door.targets), None)
        target = door.targets[view.id] if door else ""
        given = self._held.get(door.id, ()) if door else ()
        holds = held + tuple(r for r in given if r in view.roles and r not in held)
        return Machine(
            state=self._machine_state(view, held, gauges, target),
            gauges=gauges if view.state in ("running", "draining") else (),
            moves=self._moves(view.id),
            wait_s=self._wait(view.until_s),
            view=view,
            holds=holds,
            disks=tuple(self.disks[id] for id in view.volumes if id in self.disks),
            target=target,
        )

    def managed(self, view: ResourceView) -> Managed:
        """A database, a bucket, or what later services make."""
        holds, gauges = tuple(self._held.get(view.id, ())), self._gauges(view.id)
        moves = self._moves(view.id)
        return Managed(
            state=self._managed_state(view, holds, gauges, moves),
            gauges=gauges,
            moves=moves,
            wait_s=self._wait(view.until_s),
            view=view,
            holds=holds,
            copy=copy_of(self._frame, self._history, view),
            shard=shard_of(self._frame, self._shards, self._rates, view.id),
        )

    def kept(self, view: SnapshotView | ResourceView) -> Kept:
        """A snapshot or a kept backup."""
        state = State.CREATING if view.state == "pending" else State.OK
        return Kept(state, (), (), self._wait(view.until_s), view)

    def _disk(self, view: VolumeView) -> Disk:
        gauges = self._gauges(view.id)
        state = state_of_load(max((g.load for g in gauges), default=0.0))
        if view.attached_to is None:
            state = State.IDLE
        return Disk(state, gauges, self._moves(view.id), None, view)

    def _gauges(self, resource: str) -> tuple[Gauge, ...]:
        return tuple(
            Gauge(s.id, self._load(s.id, self.second) or 0.0, s.waiting_total, s.room)
            for s in self._stations.get(resource, ())
        )

    def _moves(self, resource: str) -> tuple[Move, ...]:
        return tuple(move for move in self.moves if resource in (move.source, move.target))

    def _wait(self, until_s: float | None) -> float | None:
        return None if until_s is None else max(0.0, until_s - self.second)

    def _machine_state(
        self, view: InstanceView, holds: tuple[str, ...], gauges: tuple[Gauge, ...], target: str
    ) -> State:
        changing = {"pending": State.BOOTING, "stopping": State.STOPPING, **CHANGING}
        if view.state in changing:
            return changing[view.state]
        if view.state == "stopped":
            return State.DOWN if holds else State.STOPPED
        if view.state != "running":
            return State.OTHER
        if target in TARGET_STATES:
            return TARGET_STATES[target]
        if not holds and not view.group and view.id not in self._rates:
            return State.IDLE
        return state_of_load(max((gauge.load for gauge in gauges), default=0.0))

    def _managed_state(
        self,
        view: ResourceView,
        holds: tuple[str, ...],
        gauges: tuple[Gauge, ...],
        moves: tuple[Move, ...],
    ) -> State:
        if view.state in CHANGING:
            return CHANGING[view.state]
        if view.state == "unreachable":
            return State.DOWN
        if view.state != "available":
            return State.OTHER
        if view.service == "autoscaling":
            return _group_state(view)
        if any(move.target == view.id for move in moves) and not holds:
            return State.MIGRATING
        if not holds and view.id not in self._rates and view.service == "rds":
            return State.IDLE
        if is_unasked(self._frame, self._history, view):
            return State.IDLE
        return state_of_load(max((gauge.load for gauge in gauges), default=0.0))


def _group_state(view: ResourceView) -> State:
    """A group is whole, waits for new ones, or cannot have more."""
    sizes = [view.facts.get(name) for name in ("in_service", "desired", "most", "least")]
    serving, desired, most, least = (float(n) if isinstance(n, int) else 0.0 for n in sizes)
    if serving < desired:
        return State.BOOTING
    return State.WARN if desired == most > least else State.OK


CHANGING = {
    "creating": State.CREATING,
    "modifying": State.MODIFYING,
    "draining": State.DRAINING,
    "migrating": State.MIGRATING,
    "failing_over": State.FAILING_OVER,
    "failed": State.FAILED,
}
"""States of resources that are shown as what they are, whatever the load."""


def _tight(frame: Frame, history: History) -> Tight | None:
    """The station with the highest mean load of the last seconds; more waiting breaks ties."""
    loads = {s.id: history.load(s.id, frame.second) or 0.0 for s in frame.stations}
    found = max(frame.stations, key=lambda s: (loads[s.id], s.waiting_total), default=None)
    if found is None:
        return None
    return Tight(found, loads[found.id], history.full_since(found.id, frame.second))
