"""CPU credits of burstable instances: earned all the time, burnt above the baseline."""

from engine.ledger import UsageMeter
from engine.services.instance import CREDIT, RUNNING, Instance, kind_of, pace
from engine.world import World

HOUR = 60 * CREDIT
"""A vCPU-hour in the vCPU-microseconds that balances are kept in."""


def judge_second(world: World) -> None:
    """At whole seconds: earn and burn; whoever has nothing left slows down, or pays."""
    for instance in world.all(Instance).values():
        if kind_of(world, instance).credits_per_hour and instance.state == RUNNING:
            _earn_and_burn(world, instance)
            _tell(world, instance)


def _earn_and_burn(world: World, instance: Instance) -> None:
    kind = kind_of(world, instance)
    share = kind.baseline if instance.throttled else 1.0
    earned = round(kind.credits_per_hour * CREDIT / 3_600)
    used = round(instance.machine.cpu.second.busy_s * share * 1_000_000)
    balance = min(instance.credits + earned - used, round(kind.credits_max * CREDIT))
    if instance.unlimited and balance < 0:
        _bill_surplus(world, instance, -balance)
        balance = 0
    instance.credits = balance
    throttled = balance <= 0 and not instance.unlimited
    if throttled != instance.throttled:
        instance.throttled = throttled
        pace(world, instance)


def _bill_surplus(world: World, instance: Instance, beyond: int) -> None:
    """Charge what was used beyond the balance, as it is used."""
    if instance.surplus is None:
        prices = world.catalog.ec2
        windows = instance.os == "windows"
        usd = prices.surplus_windows_usd_hour if windows else prices.surplus_linux_usd_hour
        instance.surplus = UsageMeter("vCPU-h", round(usd * 1_000_000))
        world.ledger.add(instance.id, "surplus CPU credits", instance.surplus)
    instance.surplus.add(beyond * 1_000_000_000 // HOUR)


def _tell(world: World, instance: Instance) -> None:
    """News when credits run low, are gone, and are back by at least one."""
    low = kind_of(world, instance).vcpus * 2 * CREDIT
    if instance.credits <= 0 and not instance.told_no_credits:
        instance.told_no_credits = True
        world.tell("credits_gone", "board", id=instance.id)
    elif instance.told_no_credits and instance.credits >= CREDIT:
        instance.told_no_credits = False
        world.tell("credits_back", "board", id=instance.id)
    elif 0 < instance.credits <= low and not instance.told_low:
        world.tell("credits_low", "board", id=instance.id, credits=instance.credits // CREDIT)
    instance.told_low = instance.credits <= low
