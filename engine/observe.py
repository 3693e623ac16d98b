"""Takes a frame of the world: everything of one second that anyone may see."""

import msgspec

from engine.flow.station import StationSecond
from engine.flow.tally import TallySecond
from engine.frame import Counts, Frame, Goals, News, Verdict
from engine.services import instance, moving, sandbox, snapshot, volume
from engine.services.service import Place, Watched
from engine.views import Hop, StationView
from engine.world import World


class Observer:
    """Follows the stations second by second, and gives news of those that fill up."""

    FULL, EASED = 0.95, 0.80
    PATIENCE_S = 5

    def __init__(self, world: World) -> None:
        self._world = world
        self._seconds: dict[str, StationSecond] = {}
        self._hops: tuple[Hop, ...] = ()
        self._full_for_s: dict[str, int] = {}
        self.served: dict[str, StationSecond] = {}

    def places(self) -> list[Watched]:
        """Every place where requests spend time, in order of the board."""
        return [place for service in self._world.services for place in service.places(self._world)]

    def close_second(self) -> None:
        """Take what every station did in the second that ends."""
        self._seconds = {}
        self._hops = self._world.traffic.take_hops()
        for station in (watched.place for watched in self.places()):
            second = self._seconds[station.id] = station.take_second()
            total = self.served.setdefault(station.id, StationSecond())
            total.busy_s += second.busy_s
            total.capacity_s += second.capacity_s
            total.served += second.served
            total.wait_s += second.wait_s
            self._watch(station, second)

    def _watch(self, station: Place, second: StationSecond) -> None:
        used, waiting = second.busy_s / second.capacity_s, len(station.waiting_ids())
        full_for_s = self._full_for_s.get(station.id, 0)
        if used >= self.FULL and waiting:
            full_for_s = abs(full_for_s) + 1
            if full_for_s == self.PATIENCE_S:
                self._world.tell("station_full", "board", station=station.id, waiting=waiting)
        elif full_for_s >= self.PATIENCE_S and used > self.EASED:
            pass
        else:
            if full_for_s >= self.PATIENCE_S:
                self._world.tell("station_eased", "board", station=station.id)
            full_for_s = 0
        self._full_for_s[station.id] = full_for_s

    def frame(
        self,
        second: int,
        tally: TallySecond,
        goals: Goals,
        news: list[News],
        verdict: Verdict | None,
    ) -> Frame:
        """The frame of the second that has just ended."""
        world = self._world
        traffic = world.traffic
        in_flight = dict(zip(traffic.tally.names, traffic.in_flight().tolist(), strict=True))
        return Frame(
            second=second,
            expected_rps=round(traffic.demand.expected(second), 3),
            counts=_with_in_flight(tally.counts, in_flight),
            totals=_with_in_flight(traffic.tally.counts(traffic.tally.total), in_flight),
            latency=tally.latency,
            addresses=dict(world.addresses),
            stations=tuple(self._view(watched) for watched in self.places()),
            instances=tuple(instance.view(world, i) for i in world.all(instance.Instance).values()),
            volumes=tuple(volume.view(world, v) for v in world.all(volume.Volume).values()),
            snapshots=tuple(snapshot.view(s) for s in world.all(snapshot.Snapshot).values()),
            resources=tuple(view for service in world.services for view in service.views(world)),
            moves=tuple(moving.views(world)),
            hops=self._hops,
            money=world.ledger.money(float(second)),
            goals=goals,
            samples=tally.samples,
            blame=tally.blame,
            news=tuple(news),
            verdict=verdict,
            zones_down=tuple(sorted(world.zones_down)),
            sandbox=sandbox.view(world, second),
        )

    def _view(self, watched: Watched) -> StationView:
        station = watched.place
        done = self._seconds.get(station.id, StationSecond(capacity_s=1.0))
        by_class = self._world.traffic.by_class
        return StationView(
            id=station.id,
            resource=watched.resource,
            kind=watched.kind,
            servers=station.servers,
            room=station.room,
            speed=round(station.speed, 6),
            utilization=round(min(1.0, done.busy_s / done.capacity_s), 6),
            served=done.served,
            wait_ms=round(done.wait_s / done.served * 1_000, 3) if done.served else 0.0,
            running=by_class(station.running_ids()),
            waiting=by_class(station.waiting_ids()),
        )


def _with_in_flight(counts: dict[str, Counts], in_flight: dict[str, int]) -> dict[str, Counts]:
    return {
        name: msgspec.structs.replace(part, in_flight=in_flight[name])
        for name, part in counts.items()
    }
