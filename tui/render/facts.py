"""What a drawing needs to know of a run besides its frames; it never changes during the run."""

from dataclasses import dataclass

from engine.scenario import Scenario


@dataclass(frozen=True)
class Facts:
    """A run's fixed figures; deadlines are by request class, the commonest class first."""

    slug: str
    duration_s: int
    deadline_ms: dict[str, float]
    p95_bound_ms: float | None = None

    @property
    def main_class(self) -> str:
        """The request class that is shown when nobody chose one."""
        return next(iter(self.deadline_ms), "")


def facts_of(scenario: Scenario) -> Facts:
    """The fixed figures of a scenario."""

    def weight(share: float | tuple[tuple[int, float], ...]) -> float:
        return share if isinstance(share, float | int) else max(w for _, w in share)

    classes = sorted(scenario.requests, key=lambda r: -weight(r.share))
    return Facts(
        slug=scenario.slug,
        duration_s=scenario.duration_s,
        deadline_ms={r.name: r.deadline_ms for r in classes},
        p95_bound_ms=scenario.objectives.p95_ms,
    )
