"""What CloudWatch counts in a second and no chart of the game shows: series by their names.

Groups bring the points that they have judged themselves; a balancer's figures
are counted from where its users' requests ended.
"""

from collections.abc import Iterator

from engine.frame import Frame
from engine.views import ResourceView

GROUP = ("desired", "in_service", "point_cpu", "point_requests_per_target")
BUCKET = ("reads_s", "writes_s", "slowed_s")
BALANCER = ("requests_s", "rejected_s", "healthy", "registered")

BY_BALANCER = ("connection_refused", "bad_gateway", "gateway_timeout")
"""Failures at a target that its balancer answers with a code of its own."""

BY_TARGET = ("waiting_room_full", "volume_full", "storage_missing")
"""Failures that a target answers with a 5xx itself."""

OCTAVE, LOWEST_MS = 32, 2.0**-6
"""Buckets of the log histogram in an octave, and the lower edge of the first one."""


def measures(frame: Frame) -> Iterator[tuple[str, float]]:
    """Every series and its value in this second."""
    for instance in frame.instances:
        yield f"detailed/{instance.id}", instance.detailed
    for resource in frame.resources:
        if resource.service == "autoscaling":
            yield f"detailed/{resource.id}", resource.facts.get("detailed") is True
            yield from _facts(resource, GROUP)
        elif resource.service == "rds":
            yield from _space(resource)
        elif resource.service == "s3":
            asked = [resource.facts.get(name) for name in BUCKET]
            yield f"asked/{resource.id}", sum(n for n in asked if isinstance(n, int | float))
        elif resource.service == "elb":
            yield from _facts(resource, BALANCER)
            yield from _balancer(frame, resource)


def _facts(resource: ResourceView, names: tuple[str, ...]) -> Iterator[tuple[str, float]]:
    for name in names:
        fact = resource.facts.get(name)
        if isinstance(fact, int | float):
            yield f"fact/{resource.id}/{name}", fact


def _space(view: ResourceView) -> Iterator[tuple[str, float]]:
    size, used = view.facts.get("gb"), view.facts.get("used_gb")
    if isinstance(size, int | float) and isinstance(used, int | float):
        yield f"free/{view.id}", max(0.0, size - used)


def _balancer(frame: Frame, view: ResourceView) -> Iterator[tuple[str, float]]:
    """Requests of each target, errors by who answers them, and how long answers took."""
    id, passed, healthy = view.id, view.facts.get("requests_s"), view.facts.get("healthy")
    if isinstance(passed, int | float) and isinstance(healthy, int | float) and healthy:
        yield f"each/{id}", passed / healthy
    own = target = 0
    for blame in frame.blame:
        if blame.reason != "late" and blame.at == id:
            own += blame.count
        elif blame.at in view.targets:
            own += blame.count if blame.reason in BY_BALANCER else 0
            target += blame.count if blame.reason in BY_TARGET else 0
    yield f"5xx/{id}", own
    yield f"5xx/{id}/target", target
    if frame.addresses.get("web") == id:
        answered, total_ms = _answers(frame)
        yield f"answered/{id}", answered
        yield f"answered/{id}/ms", total_ms


def _answers(frame: Frame) -> tuple[int, float]:
    """Answers to users in this second, and the sum of their times in milliseconds."""
    answered, total_ms = 0, 0.0
    for latency in frame.latency.values():
        pairs = zip(latency.buckets[::2], latency.buckets[1::2], strict=False)
        for bucket, count in pairs:
            answered += count
            total_ms += count * bucket_ms(bucket)
    return answered, total_ms


def bucket_ms(bucket: int) -> float:
    """The middle of a bucket of a frame's latencies, in milliseconds."""
    octave, part = divmod(max(0, min(bucket, OCTAVE * 26)), OCTAVE)
    return LOWEST_MS * 2.0**octave * (1 + (part + 0.5) / OCTAVE)
