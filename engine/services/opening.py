"""The opening board: what stands there is put up, each thing by its own service."""

from engine.board import Board
from engine.services import (
    ami,
    cloudwatch,
    dynamodb,
    ebs,
    ec2,
    elb,
    group,
    homes,
    rds,
    s3,
    session_store,
    snapshot,
)
from engine.world import World


def stand(world: World, board: Board) -> None:
    """Put up everything, what others lean on first; the addresses are given already."""
    ebs.name_at_start(world, board)
    for table in board.tables:
        dynamodb.stands_at_start(world, table)
    homes.stand_at_start(world, board)
    for database in board.databases:
        rds.stands_at_start(world, database)
    for bucket in board.buckets:
        s3.stands_at_start(world, bucket)
    for image in board.images:
        ami.stands_at_start(world, image)
    for given in board.instances:
        further = [v for v in board.volumes if v.instance == given.id]
        ec2.stands_at_start(world, given, further)
    ebs.stand_at_start(world, board)
    for taken in board.snapshots:
        snapshot.stands_at_start(world, taken)
    for balancer in board.balancers:
        elb.stands_at_start(world, balancer)
    for store in board.session_stores:
        session_store.stands_at_start(world, store)
    for fleet in board.groups:
        group.stands_at_start(world, fleet)
    cloudwatch.stands_at_start(world, board)
