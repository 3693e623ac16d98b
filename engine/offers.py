"""What levels can have on offer: services and their types, and the patterns that name them."""

from collections.abc import Iterator

from engine.catalog import CATALOG


def matches(pattern: str, offered: str) -> bool:
    """Whether an `allowed` pattern (``ebs``, ``ec2:m5.*``) covers ``service:type``."""
    service, _, kind = pattern.partition(":")
    offered_service, _, offered_kind = offered.partition(":")
    if service != offered_service:
        return False
    return (
        not kind
        or kind == offered_kind
        or (kind.endswith("*") and offered_kind.startswith(kind[:-1]))
    )


def offers() -> Iterator[str]:
    """Everything that can be on offer, as ``service:type``."""
    yield from (f"ec2:{name}" for name in CATALOG.instance_types)
    yield from (f"ebs:{name}" for name in CATALOG.volume_types)
    yield from (f"rds:{name}" for name in CATALOG.rds_types)
    yield from ("rds:replica", "rds:shards")
    yield "s3:standard"
    yield "dynamodb:table"
    yield "elb:application"
    yield "ami:own"
    yield from (f"ami:{name}" for name in CATALOG.marketplace)
    yield "autoscaling:group"
    yield "cloudwatch:alarm"
    yield from (f"elasticache:{name}" for name in CATALOG.cache_types)
    yield from (f"{name}:" for name in ("cloudfront", "sqs"))
