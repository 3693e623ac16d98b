"""What a drawing needs to know of a run besides its frames; it never changes during the run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.explain import Known
from engine.recording import LevelText
from engine.scenario import Scenario

FRAMES_ALONE = Known()
"""Nothing besides what frames show."""


@dataclass(frozen=True)
class Facts:
    """A run's fixed figures; deadlines are by request class, the commonest class first.

    `error_budget` is the share of requests that may go wrong, `tables_gb` the
    size of all tables together; None and 0 where that is not known. One that
    is `scored` is played for its score instead of stars. `billed_month_s` is
    what is billed as one month, where that is not the whole run: in a sandbox.
    `titles` are what the level is called in each language.
    """

    slug: str
    duration_s: int
    deadline_ms: dict[str, float]
    p95_bound_ms: float | None = None
    error_budget: float | None = None
    tables_gb: float = 0.0
    scored: bool = False
    billed_month_s: int | None = None
    tables: tuple[str, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    known: Known = FRAMES_ALONE

    def title(self, language: str) -> str:
        """What the level is called, where that is known; else its name in files."""
        return self.titles.get(language) or self.slug

    @property
    def month_s(self) -> int:
        """Seconds that are billed as one month."""
        return self.billed_month_s or self.duration_s

    @property
    def main_class(self) -> str:
        """The request class that is shown when nobody chose one."""
        return next(iter(self.deadline_ms), "")

    def next_class(self, request_class: str | None) -> str | None:
        """The class after one in the round: all together (None), then each by itself."""
        names: list[str | None] = [None, *self.deadline_ms]
        if len(names) == 2 or request_class not in names:
            return None
        return names[(names.index(request_class) + 1) % len(names)]


def titles_of(text: Mapping[str, LevelText]) -> dict[str, str]:
    """What a level is called in each language in which it has words."""
    return {language: words.title for language, words in text.items()}


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
        error_budget=scenario.objectives.error_budget,
        tables_gb=sum(table.gb for table in scenario.tables),
        scored=scenario.objectives.window_s is not None and scenario.sandbox is None,
        billed_month_s=None if scenario.sandbox is None else scenario.month_s,
        tables=tuple(table.name for table in scenario.tables),
        known=known_of(
            scenario.allowed,
            {r.name: r.data for r in scenario.requests},
            https=any(r.https for r in scenario.requests),
        ),
    )


SERVICES = ("ec2", "ebs", "s3", "rds", "elb", "dynamodb", "elasticache")

REPLICAS = "rds:replica"
"""A part of a service that explanations ask for: whether read replicas can be had."""


def known_of(
    allowed: Sequence[str] | None, data: Mapping[str, str], *, https: bool = False
) -> Known:
    """What an explanation is told besides the frames: what is on offer, and who moves files.

    `allowed` are the scenario's patterns; `data` the data step of each request class;
    `https` whether any comes by HTTPS.
    """
    offered = SERVICES if allowed is None else tuple(p.partition(":")[0] for p in allowed)
    if allowed is None or {"rds", REPLICAS} & set(allowed):
        offered = (*offered, REPLICAS)
    files = tuple(name for name, step in data.items() if step.startswith("file"))
    writers = tuple(name for name, step in data.items() if step == "write")
    return Known(tuple(dict.fromkeys(offered)), files, https, writers)
