"""Zones: what happens when the power of one goes out, and when it comes back."""

from collections.abc import Generator
from typing import Any

import simpy

from engine.services import availability, ec2, session_store
from engine.services import database as databases
from engine.services.database import AVAILABLE, FAILED, UNREACHABLE, Database
from engine.services.instance import Instance
from engine.world import World


def outage(world: World, zone: str, duration_s: float) -> Generator[simpy.Event, Any, None]:
    """Everything in a zone dies at once; what still stands boots again when it is over."""
    world.zones_down.add(zone)
    world.tell("zone_outage", "incident", zone=zone, seconds=round(duration_s))
    hit = [i for i in world.all(Instance).values() if i.zone == zone and ec2.lose_power(world, i)]
    for database in list(world.all(Database).values()):
        _lose(world, database, zone)
    session_store.lose_power(world, zone)
    yield world.env.timeout(duration_s)
    world.zones_down.discard(zone)
    world.tell("zone_back", "incident", zone=zone)
    for instance in hit:
        if world.all(Instance).get(instance.id) is instance:
            ec2.boot_again(world, instance)
    for database in list(world.all(Database).values()):
        _regain(world, database, zone)
    session_store.regain_power(world, zone)


def _lose(world: World, database: Database, zone: str) -> None:
    """A master fails over if it can; a standby there is none until the power is back."""
    if database.standby_zone == zone:
        database.standby_s = float("inf")
        databases.fit_storage(world, database)
        world.rewire()
    if database.zone != zone or database.state == FAILED:
        return
    if database.state == AVAILABLE and database.multi_az and database.standby_s is None:
        availability.fail_over(world, database, "incident")
        return
    availability.stop_answering(world, database)
    database.state, database.until_s = UNREACHABLE, None
    database.era += 1
    world.tell("database_unreachable", "incident", id=database.id)


def _regain(world: World, database: Database, zone: str) -> None:
    if database.standby_zone == zone:
        availability.make_standby(world, database)
    if database.zone == zone and database.state == UNREACHABLE:
        availability.resume(world, database)
