"""CPU credits of burstable machines: earned all the time, burnt above the baseline."""

from typing import Protocol

from engine.catalog import MachineType
from engine.flow.machine import Machine
from engine.ledger import UsageMeter
from engine.world import World

CREDIT = 60_000_000
"""A CPU credit, one vCPU-minute, in the vCPU-microseconds that balances are kept in."""

HOUR = 60 * CREDIT
"""A vCPU-hour in the vCPU-microseconds that balances are kept in."""


class Burstable(Protocol):
    """What has credits: `unlimited` goes on at full speed without them, for `surplus`."""

    id: str
    machine: Machine
    credits: int
    unlimited: bool
    throttled: bool
    told_low: bool
    told_no_credits: bool
    surplus: UsageMeter | None


def earn_and_burn(
    world: World, machine: Burstable, kind: MachineType, surplus_usd_hour: float
) -> bool:
    """Settle one second, with its news; returns whether it is throttled otherwise than before."""
    share = kind.baseline if machine.throttled else 1.0
    earned = round(kind.credits_per_hour * CREDIT / 3_600)
    used = round(machine.machine.cpu.second.busy_s * share * 1_000_000)
    balance = min(machine.credits + earned - used, round(kind.credits_max * CREDIT))
    if machine.unlimited and balance < 0:
        _bill_surplus(world, machine, -balance, surplus_usd_hour)
        balance = 0
    machine.credits = balance
    before, machine.throttled = machine.throttled, balance <= 0 and not machine.unlimited
    if not machine.unlimited:
        _tell(world, machine, kind)
    return machine.throttled != before


def _bill_surplus(world: World, machine: Burstable, beyond: int, usd_hour: float) -> None:
    """Charge what was used beyond the balance, as it is used."""
    if machine.surplus is None:
        machine.surplus = UsageMeter("vCPU-h", round(usd_hour * 1_000_000))
        world.ledger.add(machine.id, "surplus CPU credits", machine.surplus)
    machine.surplus.add(beyond * 1_000_000_000 // HOUR)


def _tell(world: World, machine: Burstable, kind: MachineType) -> None:
    """News when credits run low, are gone, and are back by at least one."""
    low = kind.vcpus * 2 * CREDIT
    if machine.credits <= 0 and not machine.told_no_credits:
        machine.told_no_credits = True
        world.tell("credits_gone", "board", id=machine.id)
    elif machine.told_no_credits and machine.credits >= CREDIT:
        machine.told_no_credits = False
        world.tell("credits_back", "board", id=machine.id)
    elif 0 < machine.credits <= low and not machine.told_low:
        world.tell("credits_low", "board", id=machine.id, credits=machine.credits // CREDIT)
    machine.told_low = machine.credits <= low
