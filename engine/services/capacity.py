"""What a balancer can take: its nodes follow the traffic, its capacity units are billed."""

from engine.services.targets import Balancer
from engine.world import World

GIGA = 1_000_000_000


def judge(world: World, balancer: Balancer) -> None:
    """What passed in a second that is over."""
    nodes = balancer.stage.nodes
    balancer.passed_s, balancer.turned_away_s = nodes.passed, nodes.turned_away
    _bill(world, balancer)
    _scale(world, balancer)


def _bill(world: World, balancer: Balancer) -> None:
    """Capacity units of a second: the largest of what is counted."""
    figures, stage = world.catalog.elb, balancer.stage
    connections_s = balancer.passed_s / figures.requests_per_connection
    gb_hour = stage.bytes * 3_600 / GIGA
    stage.bytes = 0.0
    balancer.lcu = max(connections_s / figures.lcu_connections_s, gb_hour / figures.lcu_gb_hour)
    balancer.capacity_units.add(round(balancer.lcu / 3_600 * GIGA))


def _scale(world: World, balancer: Balancer) -> None:
    """Its nodes follow the traffic of the last minute, never below what they began with."""
    figures, nodes = world.catalog.elb, balancer.stage.nodes
    balancer.peak_per_s = max(balancer.peak_per_s, balancer.passed_s + balancer.turned_away_s)
    if world.now - balancer.scaled_s < figures.nodes_scale_s:
        return
    wanted = max(float(figures.nodes_per_s), figures.nodes_spare * balancer.peak_per_s)
    if wanted >= 1.5 * nodes.per_s:
        world.tell("balancer_scaled", "board", id=balancer.id, rps=round(wanted))
    nodes.per_s, balancer.peak_per_s, balancer.scaled_s = wanted, 0.0, world.now
