"""S3: a file server without a size to choose; billed by what lies in it and what is asked of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated

from engine.flow.delay import Delay
from engine.flow.store import Rate, Store, StoreSecond
from engine.ledger import MonthMeter, UsageMeter, micros
from engine.outcomes import RefusalReason, Refused
from engine.scenario import BoardBucket, is_offered
from engine.services import addresses, homes
from engine.services.change import Change
from engine.services.check import check_name
from engine.services.command import Command, choose
from engine.services.copies import lose
from engine.services.service import Service, Watched
from engine.views import ResourceView
from engine.world import World

STANDARD = "standard"
"""The one storage class so far."""

THOUSAND_REQUESTS = 1_000_000
"""A request in billionths of a thousand requests, as usage is metered."""


@dataclass(slots=True, eq=False)
class Bucket:
    """A bucket. Its keys lie under `prefixes` that each have a rate of their own.

    `slow_since_s` is when it began to turn requests away, `second` what was
    asked of it in the last second.
    """

    id: str
    store: Store
    storage: MonthMeter
    gets: UsageMeter
    puts: UsageMeter
    prefixes: int = 1
    slow_since_s: int | None = None
    second: StoreSecond = field(default_factory=StoreSecond)


class CreateBucket(Command, frozen=True, tag="create_bucket"):
    """A new, empty bucket; it costs nothing until something lies in it."""

    name: str | None = None


class DeleteBucket(Command, frozen=True, tag="delete_bucket"):
    """Give a bucket up, and all that lies in it."""

    bucket: Annotated[str, choose("bucket")]


def stands_at_start(world: World, given: BoardBucket) -> None:
    """A bucket of the opening board."""
    _create(world, given.id)
    addresses.take_free(world, world.stages[given.id])
    addresses.refit(world)
    _weigh(world, world.all(Bucket)[given.id])


def plan_create(world: World, command: CreateBucket) -> Refused | Change:
    """Check a new bucket; an empty one is free."""
    if not is_offered(world.scenario, f"s3:{STANDARD}"):
        return Refused(RefusalReason.NOT_ON_OFFER, {"what": "S3"})
    limit = world.catalog.s3.max_buckets
    if len(world.all(Bucket)) >= limit:
        return Refused(RefusalReason.LIMIT_REACHED, {"what": "buckets", "limit": limit})
    refused = check_name(world, command.name)
    if refused:
        return refused

    def create() -> str:
        name = command.name or world.free_name("bucket")
        _create(world, name)
        world.tell("bucket_created", "player", id=name)
        addresses.take_free(world, world.stages[name])
        addresses.refit(world)
        return name

    return Change(create)


def _create(world: World, name: str) -> None:
    figures = world.catalog.s3
    delay = Delay(f"{name}/rate", world.traffic.place_of(name))
    low, high = figures.first_byte_ms
    reads, writes = (
        Rate(float(per_s), float(per_s)) for per_s in (figures.reads_s, figures.writes_s)
    )
    first_byte_s, bytes_s = (low / 1_000, high / 1_000), figures.mb_s * 1_000_000
    store = Store(name, delay, reads, writes, first_byte_s, bytes_s)
    storage = MonthMeter("MB-month", round(figures.storage_usd_gb_month * 1_000), 0)
    gets = UsageMeter("1,000 requests", round(figures.get_usd_1000 * 1_000_000))
    puts = UsageMeter("1,000 requests", round(figures.put_usd_1000 * 1_000_000))
    for label, meter in (("storage", storage), ("GET requests", gets), ("PUT requests", puts)):
        world.ledger.add(name, label, meter)
    storage.start(micros(world.now))
    world.all(Bucket)[name] = Bucket(name, store, storage, gets, puts)
    world.stages[name] = store


def plan_delete(world: World, command: DeleteBucket) -> Refused | Change:
    """Check that a bucket may go and say what that saves."""
    bucket = world.all(Bucket).get(command.bucket)
    if bucket is None:
        return Refused(RefusalReason.UNKNOWN_RESOURCE, {"id": command.bucket})

    def delete() -> str:
        bucket.storage.stop(micros(world.now), world.ledger.duration_s)
        del world.all(Bucket)[bucket.id]
        world.tell("bucket_deleted", "player", id=bucket.id)
        addresses.drop(world, bucket.id)
        world.retire(bucket.id)
        lose(world, bucket.id)
        addresses.refit(world)
        return bucket.id

    return Change(delete, -world.ledger.rate_month_micro_usd(bucket.id))


def _judge_second(world: World) -> None:
    """Bill what was asked, weigh what lies there, and split what is asked too often."""
    for bucket in world.all(Bucket).values():
        bucket.second = bucket.store.take_second()
        bucket.gets.add(bucket.second.reads * THOUSAND_REQUESTS)
        bucket.puts.add(bucket.second.writes * THOUSAND_REQUESTS)
        _weigh(world, bucket)
        _repartition(world, bucket)


def _weigh(world: World, bucket: Bucket) -> None:
    size_mb = round(_used_gb(world, bucket) * 1_000)
    if size_mb != bucket.storage.size:
        bucket.storage.resize(micros(world.now), size_mb)


def _repartition(world: World, bucket: Bucket) -> None:
    """Some time after it began to turn requests away, a bucket spreads its keys and is faster."""
    figures, now = world.catalog.s3, round(world.now)
    if bucket.slow_since_s is None:
        if bucket.second.slowed:
            bucket.slow_since_s = now
            world.tell("slow_down", "board", id=bucket.id)
    elif now - bucket.slow_since_s >= figures.repartition_s:
        bucket.slow_since_s = None
        bucket.prefixes *= 2
        bucket.store.reads.change(figures.reads_s * bucket.prefixes)
        bucket.store.writes.change(figures.writes_s * bucket.prefixes)
        bucket.store.delay.servers = bucket.prefixes
        world.tell("bucket_repartitioned", "board", id=bucket.id, prefixes=bucket.prefixes)


def _used_gb(world: World, bucket: Bucket) -> float:
    return homes.data_gb(world, ["files"]) if world.homes["files"] == bucket.id else 0.0


def _places(world: World) -> Iterable[Watched]:
    return [Watched(b.store.delay, b.id, "rate") for b in world.all(Bucket).values()]


def _views(world: World) -> Iterable[ResourceView]:
    return [_view(world, bucket) for bucket in world.all(Bucket).values()]


def _view(world: World, bucket: Bucket) -> ResourceView:
    store, second = bucket.store, bucket.second
    return ResourceView(
        id=bucket.id,
        service="s3",
        type=STANDARD,
        rate_month_micro_usd=bucket.storage.month_micro_usd(),
        roles=store.roles,
        facts={
            "used_gb": round(_used_gb(world, bucket), 3),
            "prefixes": bucket.prefixes,
            "reads_s": second.reads,
            "writes_s": second.writes,
            "slowed_s": second.slowed,
            "reads_max_s": round(store.reads.per_s),
            "writes_max_s": round(store.writes.per_s),
        },
    )


SERVICE = Service(
    "s3",
    {CreateBucket: plan_create, DeleteBucket: plan_delete},
    places=_places,
    views=_views,
    judge_second=_judge_second,
)
