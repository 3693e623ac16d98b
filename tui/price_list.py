"""The catalog for people: prices, limits, delays, and where each figure comes from."""

from collections.abc import Iterable, Iterator

import msgspec

from engine.catalog import CATALOG, CacheType, InstanceType, RdsEngine, RdsType, VolumeType
from engine.complaint import Complaint
from engine.scenario import one_of
from tui.report import table

INSTANCE_COLUMNS = (
    "instance", "vCPU", "GiB", "speed", "$/h", "$/month", "Windows $/h", "credits/h", "baseline",
    "source",
)  # fmt: skip

VOLUME_COLUMNS = (
    "volume", "$/GB-month", "IOPS", "most IOPS", "$/IOPS-month", "ms", "GB", "source"
)  # fmt: skip

CLASS_COLUMNS = (
    "database", "vCPU", "GiB", "$/h", "$/month", "Multi-AZ $/month", "credits/h", "baseline",
    "connections", "source",
)  # fmt: skip

ENGINE_COLUMNS = ("engine", "name", "× MySQL", "bytes/connection", "replicas", "source")

CACHE_COLUMNS = ("session store", "GiB", "$/h", "$/month", "source")

SERVICES = ("ec2", "ebs", "s3", "rds", "dynamodb", "elasticache")


def price_lines(asked: str | None) -> Iterator[str]:
    """The rows whose type is, or begins with, `asked`; `ec2` and the like are a whole service."""
    instances = _chosen(CATALOG.instance_types, "ec2", asked)
    volumes = _chosen(CATALOG.volume_types, "ebs", asked)
    classes = _chosen(CATALOG.rds_types, "rds", asked)
    engines = _chosen(CATALOG.rds_engines, "rds", asked)
    caches = _chosen(CATALOG.cache_types, "elasticache", asked)
    if asked not in SERVICES and not (instances or volumes or classes or engines or caches):
        kinds = [*CATALOG.families, *CATALOG.volume_types, *CATALOG.rds_engines]
        kinds += CATALOG.cache_types
        services = ", ".join(SERVICES)
        raise Complaint(str(asked), "is not in the catalog", f"{services} or {one_of(kinds)}")
    yield f"Prices in {CATALOG.region} as of {CATALOG.as_of}; a month has {CATALOG.month_hours} h."
    if instances:
        yield ""
        yield from table([INSTANCE_COLUMNS, *(_instance(name) for name in instances)])
    if volumes:
        yield ""
        yield from table([VOLUME_COLUMNS, *(_volume(name) for name in volumes)])
    if classes:
        yield ""
        yield from table([CLASS_COLUMNS, *(_class(name) for name in classes)])
    if engines:
        yield ""
        yield from table([ENGINE_COLUMNS, *(_engine(name) for name in engines)])
    if caches:
        yield ""
        yield from table([CACHE_COLUMNS, *(_cache(name) for name in caches)])
    yield ""
    if asked is None or asked in SERVICES:
        yield from table(_figures([*SERVICES, "transfer"] if asked is None else [asked]))
        yield ""
    yield from _sources(instances, volumes, classes, engines, caches)


def _chosen(types: Iterable[str], service: str, asked: str | None) -> list[str]:
    """The types asked for: all, a whole service, one by its name, or a family."""
    if asked is None or asked == service:
        return list(types)
    listed = list(types)
    return [asked] if asked in listed else [n for n in listed if asked and n.startswith(asked)]


def _instance(name: str) -> tuple[str, ...]:
    kind: InstanceType = CATALOG.instance_types[name]
    bursts = kind.credits_per_hour > 0
    return (
        name,
        str(kind.vcpus),
        f"{kind.gib:g}",
        f"{CATALOG.speed(name):g}",
        f"{kind.linux_usd_hour:.4f}",
        f"{kind.linux_usd_hour * CATALOG.month_hours:.2f}",
        f"{kind.windows_usd_hour:.4f}",
        f"{kind.credits_per_hour:g}" if bursts else "",
        f"{kind.baseline:.0%}" if bursts else "",
        kind.source,
    )


def _volume(name: str) -> tuple[str, ...]:
    kind: VolumeType = CATALOG.volume_types[name]
    by_size = f"{kind.base_iops_per_tib:g}-{kind.burst_iops_per_tib:g}/TiB"
    return (
        name,
        f"{kind.usd_gb_month:.3f}",
        by_size if kind.burst_iops_per_tib else str(kind.default_iops),
        str(kind.max_iops),
        f"{kind.usd_iops_month:.3f}" if kind.usd_iops_month else "",
        f"{kind.latency_ms:g}",
        f"{kind.min_gb}-{kind.max_gb}",
        kind.source,
    )


def _class(name: str) -> tuple[str, ...]:
    kind: RdsType = CATALOG.rds_types[name]
    mysql, bursts = CATALOG.rds_engines["mysql"], kind.credits_per_hour > 0
    return (
        name,
        str(kind.vcpus),
        f"{kind.gib:g}",
        f"{kind.usd_hour:.3f}",
        f"{kind.usd_hour * CATALOG.month_hours:.2f}",
        f"{kind.usd_hour * CATALOG.month_hours * 2:.2f}",
        f"{kind.credits_per_hour:g}" if bursts else "",
        f"{kind.baseline:.0%}" if bursts else "",
        str(kind.connections(mysql, CATALOG.rds)),
        kind.source,
    )


def _engine(name: str) -> tuple[str, ...]:
    row: RdsEngine = CATALOG.rds_engines[name]
    a_connection = f"{row.bytes_per_connection:,}" if row.bytes_per_connection else ""
    factor, replicas = f"{row.factor:.2f}", str(row.max_replicas)
    return (name, row.title, factor, a_connection, replicas, row.source)


def _cache(name: str) -> tuple[str, ...]:
    kind: CacheType = CATALOG.cache_types[name]
    month = f"{kind.usd_hour * CATALOG.month_hours:.2f}"
    return (name, f"{kind.gib:g}", f"{kind.usd_hour:.3f}", month, kind.source)


def _figures(sections: list[str]) -> Iterator[tuple[str, str]]:
    """Delays, limits and the prices that belong to no type, as they stand in the data file."""
    for section in sections:
        yield from _figures_of(section, getattr(CATALOG, section))


def _figures_of(path: str, row: msgspec.Struct) -> Iterator[tuple[str, str]]:
    for field, value in msgspec.structs.asdict(row).items():
        if isinstance(value, msgspec.Struct):
            yield from _figures_of(f"{path}.{field}", value)
            continue
        if isinstance(value, str):
            continue
        shown = " to ".join(f"{v:g}" for v in (value if isinstance(value, tuple) else [value]))
        yield f"{path}.{field}", shown


def _sources(
    instances: list[str],
    volumes: list[str],
    classes: list[str],
    engines: list[str],
    caches: list[str],
) -> Iterator[str]:
    """What the short names of sources stand for."""
    rows = [CATALOG.instance_types[name].source for name in instances]
    rows += [CATALOG.families[name.partition(".")[0]].source for name in instances]
    rows += [CATALOG.volume_types[name].source for name in volumes]
    rows += [CATALOG.rds_types[name].source for name in classes]
    rows += [CATALOG.rds_engines[name].source for name in engines]
    rows += [CATALOG.cache_types[name].source for name in caches]
    named = " ".join(rows).replace(",", " ").split()
    yield from table((key, text) for key, text in CATALOG.sources.items() if key in named)
    yield "mem: widely known; calc: worked out from sourced figures; game: our own figure"
