"""What a station's figures mean for the thing it stands for: I/Os a second, stolen CPU, cache."""

from engine.catalog import CATALOG
from engine.frame import Frame
from engine.views import InstanceView, ResourceView, StationView, VolumeView
from tui.render.facts import Facts


def io_rate(volume: VolumeView, station: StationView) -> float:
    """I/Os that a volume did in the second: what it was busy with, at the speed it had."""
    kind = CATALOG.volume_types.get(volume.type)
    if kind is None or not kind.latency_ms:
        return station.utilization * volume.iops
    return station.utilization * station.servers * station.speed * 1_000 / kind.latency_ms


def full_speed_share(instance: InstanceView, station: StationView) -> float:
    """The share of its family's full speed that an instance's CPU works at now."""
    kind = CATALOG.instance_types.get(instance.type)
    full = CATALOG.speed(instance.type) if kind is not None else 1.0
    return min(1.0, station.speed / full) if full else 1.0


def cached_share(frame: Frame, facts: Facts, instance: InstanceView) -> float | None:
    """The share of the tables that lies in an instance's memory, None if it has none of them."""
    if frame.addresses.get("db") != instance.id or not facts.tables_gb:
        return None
    return min(1.0, cache_gib(instance) / facts.tables_gb)


def cache_gib(instance: InstanceView) -> float:
    """The memory of an instance that caches pages of tables."""
    return CATALOG.ec2.cache_share * instance.memory_gib


def number_fact(resource: ResourceView, name: str) -> float | None:
    """A fact of a managed resource as a number, None if it has none of that name."""
    fact = resource.facts.get(name)
    return float(fact) if isinstance(fact, int | float) and not isinstance(fact, bool) else None
