"""ElastiCache as a session store: sessions outside of the machines, which then are all alike.

It holds all sessions in its memory (the smallest class holds tens of thousands),
and loses them with it; a second store in another zone has a copy of them. A
request that needs its session comes in later by the look-up and the way there
and back.
"""

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Annotated, Any

import simpy

from engine.board import BoardSessionStore
from engine.ledger import HourMeter, micros
from engine.outcomes import Detail, RefusalReason, Refused
from engine.scenario import Zone
from engine.services.change import Change
from engine.services.check import check_name, check_zone
from engine.services.command import Command, choose
from engine.services.offer import find_type
from engine.services.service import Service
from engine.views import ResourceView
from engine.world import World

CREATING, AVAILABLE, UNREACHABLE = "creating", "available", "unreachable"


@dataclass(slots=True, eq=False)
class SessionStore:
    """One machine of ElastiCache; `until_s` is when it will be available."""

    id: str
    type: str
    zone: str
    hours: HourMeter
    state: str = AVAILABLE
    until_s: float | None = None
    lookups: int = 0


class CreateSessionStore(Command, frozen=True, tag="create_session_store"):
    """A store outside of all machines; once it is available, it has every session."""

    type: Annotated[str, choose("cache_type")] = "cache.t3.micro"
    zone: Zone = "a"
    name: str | None = None


class DeleteSessionStore(Command, frozen=True, tag="delete_session_store"):
    """Give a store up, with the sessions in it."""

    store: Annotated[str, choose("session_store")]


Details = dict[str, Detail]


def stands_at_start(world: World, given: BoardSessionStore) -> None:
    """A store of the opening board."""
    store = _create(world, given.id, given.type, given.zone)
    store.hours.start(0)
    _settle(world)


def plan_create(world: World, command: CreateSessionStore) -> Refused | Change:
    """Check a new store and say what it costs."""
    row = find_type(world, "elasticache", world.catalog.cache_types, command.type)
    if isinstance(row, Refused):
        return row
    figures = world.catalog.elasticache
    if len(world.all(SessionStore)) >= figures.max_stores:
        details: Details = {"what": "session_stores", "limit": figures.max_stores}
        return Refused(RefusalReason.LIMIT_REACHED, details)
    refused = check_zone(world, command.zone) or check_name(world, command.name)
    if refused:
        return refused

    def create() -> str:
        name = command.name or world.free_name("sessions")
        store = _create(world, name, command.type, command.zone)
        stream = world.streams.get(f"elasticache/{world.count('session-store')}/create")
        delay_s = stream.uniform(*figures.create_s)
        store.state, store.until_s = CREATING, world.now + delay_s
        store.hours.booked = True
        world.tell("session_store_creating", "player", id=name, type=command.type)
        world.env.process(_come_up(world, store, delay_s))
        return name

    return Change(create, row.hour_micro_usd * world.catalog.month_hours)


def _create(world: World, name: str, type_: str, zone: str) -> SessionStore:
    world.traffic.place_of(name)  # so that nothing else is called that
    hours = HourMeter(world.catalog.cache_types[type_].hour_micro_usd, 0)
    world.ledger.add(name, f"{type_} Redis", hours)
    store = world.all(SessionStore)[name] = SessionStore(name, type_, zone, hours)
    return store


def _come_up(
    world: World, store: SessionStore, delay_s: float
) -> Generator[simpy.Event, Any, None]:
    yield world.env.timeout(delay_s)
    if world.all(SessionStore).get(store.id) is store and store.state == CREATING:
        store.state, store.until_s = AVAILABLE, None
        store.hours.start(micros(world.now))
        world.tell("session_store_available", "board", id=store.id)
        _settle(world)


def plan_delete(world: World, command: DeleteSessionStore) -> Refused | Change:
    """Check that a store may go and say what that saves."""
    store = world.all(SessionStore).get(command.store)
    if store is None:
        return Refused(RefusalReason.UNKNOWN_RESOURCE, {"id": command.store})

    def delete() -> str:
        store.hours.stop(micros(world.now), world.ledger.duration_s)
        del world.all(SessionStore)[store.id]
        world.tell("session_store_deleted", "player", id=store.id)
        _settle(world)
        return store.id

    return Change(delete, -store.hours.month_micro_usd())


def lose_power(world: World, zone: str) -> None:
    """The stores of a zone lose what they held, and do not answer."""
    for store in world.all(SessionStore).values():
        if store.zone == zone:
            store.state, store.until_s = UNREACHABLE, None
            world.tell("session_store_unreachable", "incident", id=store.id)
    _settle(world)


def regain_power(world: World, zone: str) -> None:
    """The stores of a zone answer again; they are empty."""
    for store in world.all(SessionStore).values():
        if store.zone == zone and store.state == UNREACHABLE:
            store.state = AVAILABLE
            store.hours.booked = False
            if store.hours.since_us is None:
                store.hours.start(micros(world.now))
            world.tell("session_store_available", "incident", id=store.id)
    _settle(world)


def _settle(world: World) -> None:
    """Sessions are outside as long as a store answers; with the last one they are gone."""
    sessions = world.traffic.sessions
    answers = any(s.state == AVAILABLE for s in world.all(SessionStore).values())
    if answers and not sessions.outside:
        sessions.keep_outside(world.catalog.elasticache.lookup_ms / 1_000)
    elif sessions.outside and not answers:
        sessions.lose_store()


def _judge_second(world: World) -> None:
    """The oldest store that answers is the one that is asked."""
    asked, world.traffic.sessions.lookups = world.traffic.sessions.lookups, 0
    for store in world.all(SessionStore).values():
        store.lookups = asked if store.state == AVAILABLE else 0
        asked -= store.lookups


def _views(world: World) -> Iterable[ResourceView]:
    return [_view(world, store) for store in world.all(SessionStore).values()]


def _view(world: World, store: SessionStore) -> ResourceView:
    return ResourceView(
        id=store.id,
        service="elasticache",
        type=store.type,
        rate_month_micro_usd=store.hours.month_micro_usd(),
        zone=store.zone,
        state=store.state,
        until_s=None if store.until_s is None else round(store.until_s, 3),
        facts={
            "memory_gib": world.catalog.cache_types[store.type].gib,
            "sessions": world.traffic.sessions.seen() if store.state == AVAILABLE else 0,
            "lookups_s": store.lookups,
        },
    )


SERVICE = Service(
    "elasticache",
    {CreateSessionStore: plan_create, DeleteSessionStore: plan_delete},
    views=_views,
    judge_second=_judge_second,
)
