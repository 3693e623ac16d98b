"""AMI: an instance saved as an image, so that the next ones are ready once they have booted."""

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Annotated, Any

import simpy

from engine.board import BoardImage
from engine.ledger import MonthMeter, micros
from engine.outcomes import Detail, RefusalReason, Refused
from engine.scenario import is_offered
from engine.services import volume as volumes
from engine.services.change import Change
from engine.services.check import check_name
from engine.services.command import Command, choose
from engine.services.instance import RUNNING, STOPPED, Instance
from engine.services.service import Service
from engine.services.volume import Volume
from engine.views import ResourceView
from engine.world import World

PENDING, AVAILABLE = "pending", "available"


@dataclass(slots=True, eq=False)
class Image:
    """An image of one's own: what is installed in it, and how much is stored for it."""

    id: str
    source: str
    os: str
    roles: tuple[str, ...]
    gb: float
    until_s: float
    meter: MonthMeter
    state: str = PENDING


@dataclass(frozen=True, slots=True)
class Start:
    """What an instance starts from: the roles that are ready in it, and its software's price."""

    roles: tuple[str, ...] = ()
    software_micro_usd: int = 0
    image: str | None = None


BARE = Start()
"""A public image with nothing but the system."""


class CreateImage(Command, frozen=True, tag="create_image"):
    """Save what is installed on an instance; the instance works on meanwhile."""

    instance: Annotated[str, choose("instance")]
    name: str | None = None


class DeleteImage(Command, frozen=True, tag="delete_image"):
    """Give an image up; instances made from it stay."""

    image: Annotated[str, choose("own_image")]


Details = dict[str, Detail]


def stands_at_start(world: World, given: BoardImage) -> None:
    """An image of the opening board: it is available, and has long been billed."""
    world.traffic.place_of(given.id)  # so that nothing else is called that
    meter = _meter(world, given.id, round(given.gb * 1_000))
    image = Image(given.id, given.source or "", given.os, given.roles, given.gb, 0.0, meter)
    world.all(Image)[given.id] = image
    _come_up(world, image)


def _meter(world: World, name: str, mb: int) -> MonthMeter:
    meter = MonthMeter("MB-month", _mb_micro_usd(world), mb, booked=True)
    world.ledger.add(name, "image", meter)
    return meter


def _mb_micro_usd(world: World) -> int:
    return round(world.catalog.ebs.snapshot_usd_gb_month * 1_000)


def made_of(world: World, image: str | None) -> Start:
    """What an image brought to an instance that stands: nothing, where the image has gone."""
    own, sold = world.all(Image).get(image or ""), world.catalog.marketplace.get(image or "")
    if own is not None:
        return Start(own.roles, image=image)
    if sold is not None:
        return Start(sold.roles, round(sold.usd_hour * 1_000_000), image)
    return BARE


def start_from(world: World, image: str | None, os: str) -> Start | Refused:
    """What an image brings: one's own, one of the Marketplace, or none (a bare public one)."""
    if image is None:
        return BARE
    own = world.all(Image).get(image)
    sold = world.catalog.marketplace.get(image)
    if own is None and sold is None:
        return Refused(RefusalReason.UNKNOWN_RESOURCE, {"id": image})
    if own is not None:
        if own.state != AVAILABLE or own.os != os:
            needs = AVAILABLE if own.os == os else own.os
            state = own.state if own.os == os else os
            details: Details = {"id": own.id, "state": state, "needs": needs}
            return Refused(RefusalReason.WRONG_STATE, details)
    elif not is_offered(world.scenario, f"ami:{image}"):
        return Refused(RefusalReason.NOT_ON_OFFER, {"what": image})
    return made_of(world, image)


def plan_create(world: World, command: CreateImage) -> Refused | Change:
    """Check an image and say what it will cost."""
    instance = world.all(Instance).get(command.instance)
    if instance is None:
        return Refused(RefusalReason.UNKNOWN_RESOURCE, {"id": command.instance})
    if not is_offered(world.scenario, "ami:own"):
        return Refused(RefusalReason.NOT_ON_OFFER, {"what": "AMI"})
    if instance.state not in (RUNNING, STOPPED) or not instance.installed:
        details: Details = {"id": instance.id, "state": instance.state, "needs": RUNNING}
        return Refused(RefusalReason.WRONG_STATE, details)
    refused = check_name(world, command.name)
    if refused:
        return refused
    figures = world.catalog.ami
    root = next((v for v in instance.volumes if world.all(Volume)[v].root), None)
    gb = figures.system_gb
    if root is not None:
        gb += volumes.used_gb(world, world.all(Volume)[root])
    mb = round(gb * 1_000)

    def create() -> str:
        name = command.name or world.free_name("ami")
        world.traffic.place_of(name)  # so that nothing else is called that
        delay_s = figures.image_s + figures.image_s_gb * gb
        meter = _meter(world, name, mb)
        image = Image(
            name, instance.id, instance.os, instance.roles, gb, world.now + delay_s, meter
        )
        world.all(Image)[name] = image
        world.env.process(_complete(world, image, delay_s))
        world.tell("image_started", "player", id=name, instance=instance.id)
        return name

    return Change(create, _mb_micro_usd(world) * mb)


def _complete(world: World, image: Image, delay_s: float) -> Generator[simpy.Event, Any, None]:
    yield world.env.timeout(delay_s)
    if world.all(Image).get(image.id) is image:
        _come_up(world, image)
        world.tell("image_ready", "board", id=image.id)


def _come_up(world: World, image: Image) -> None:
    image.state = AVAILABLE
    image.meter.start(micros(world.now))


def plan_delete(world: World, command: DeleteImage) -> Refused | Change:
    """Check that an image may go and say what that saves."""
    image = world.all(Image).get(command.image)
    if image is None:
        return Refused(RefusalReason.UNKNOWN_RESOURCE, {"id": command.image})

    def delete() -> str:
        image.meter.stop(micros(world.now), world.ledger.duration_s)
        del world.all(Image)[image.id]
        world.tell("image_deleted", "player", id=image.id)
        return image.id

    return Change(delete, -world.ledger.rate_month_micro_usd(image.id))


def _views(world: World) -> Iterable[ResourceView]:
    return [_view(image) for image in world.all(Image).values()]


def _view(image: Image) -> ResourceView:
    return ResourceView(
        id=image.id,
        service="ami",
        type="image",
        rate_month_micro_usd=image.meter.month_micro_usd(),
        state=image.state,
        until_s=round(image.until_s, 3) if image.state == PENDING else None,
        facts={
            "source": image.source,
            "os": image.os,
            "installed": " ".join(image.roles),
            "gb": round(image.gb, 3),
        },
    )


SERVICE = Service(
    "ami",
    {CreateImage: plan_create, DeleteImage: plan_delete},
    views=_views,
)
