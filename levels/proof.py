"""Proofs: the runs that show that a level teaches what it says, with their margins.

The reference plan wins with money and error budget to spare; doing nothing,
the generic answer (every size from the start), the answer of the level before
and the level without its lesson lose, each for the reason it names.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import msgspec

from engine.catalog import CATALOG
from engine.frame import Frame
from engine.outcomes import Refused
from engine.scenario import BoardInstance, Scenario, is_offered
from engine.services.command import Command
from engine.simulation import Simulation
from levels.level import BUILT_IN_PLANS, Level, Proof
from levels.plan import Plan, Player, read_plan
from levels.previous import opening_before

MONEY_LEFT_AT_LEAST = 0.05
ERROR_BUDGET_LEFT_AT_LEAST = 0.30
LOST_BY_AT_LEAST = 0.02

NO_MACHINE = "no_machine_at_first"
"""Cause of a generic proof that has nothing to vary."""


class LeftOut(msgspec.Struct, frozen=True):
    """A step of a plan that did nothing: refused at a second, or never due.

    `step` is its place in the plan's file, from 0, as complaints about the file count.
    """

    step: int
    do: str
    second: int | None = None
    refused: Refused | None = None


class Row(msgspec.Struct, frozen=True):
    """One run of a proof. `variant` says what was changed on the board, if anything was.

    `stars` are one or two, for the third hangs on a hidden seed. `money_left` and
    `error_budget_left` are shares; `margin` is by how much the run was lost: the
    share of the level still to go, or of the bar it missed. `problem` is empty
    when the run came out as it must. `left_out` are the steps that did nothing;
    of a run that was lost, those that were not due before its end are not among them.
    """

    level: str
    plan: str
    variant: str
    seed: int
    expect: str
    won: bool
    stars: int
    cause: str
    reason: str
    at: str
    ended_s: int
    money_left: float
    error_budget_left: float
    margin: float
    problem: str
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class Case:
    """One run that a proof wants, which depends on no other.

    `scenario` is the level's own, or one with another opening board, which
    `variant` then names; None where a generic proof has nothing to vary.
    """

    level: Level
    proof: Proof
    seed: int
    plan: Plan
    scenario: Scenario | None
    variant: str = ""


def prove(level: Level, seeds: Sequence[int] | None = None) -> Iterator[Row]:
    """Every proof of a level, run by run; seeds are the level's own unless given."""
    return map(run_case, cases(level, seeds))


def cases(level: Level, seeds: Sequence[int] | None = None) -> Iterator[Case]:
    """The runs that prove a level, in the order of its table. Raises Complaint for a bad plan."""
    for seed in seeds or [level.scenario.seed]:
        for proof in level.proofs:
            plan = read_proof_plan(level, proof)
            case = Case(level, proof, seed, plan, level.scenario)
            yield from _varied(case) if proof.plan == "generic" else [case]


def _varied(case: Case) -> list[Case]:
    boards = generic_boards(case.level.scenario)
    varied = [replace(case, scenario=board, variant=variant) for variant, board in boards]
    return varied or [replace(case, scenario=None)]


def read_proof_plan(level: Level, proof: Proof) -> Plan:
    """The plan that a proof names; the built-in ones do nothing by themselves."""
    return Plan() if proof.plan in BUILT_IN_PLANS else read_plan(level.plan_path(proof.plan))


def generic_boards(scenario: Scenario) -> Iterator[tuple[str, Scenario]]:
    """Every offered size for every initial machine, one at a time and all together."""
    machines = scenario.board.instances
    chosen: list[tuple[str, tuple[BoardInstance, ...]]] = [(m.id, (m,)) for m in machines]
    if len(machines) > 1:
        chosen.append(("all", machines))
    sizes = [name for name in CATALOG.instance_types if is_offered(scenario, f"ec2:{name}")]
    for size in sizes:
        for name, which in chosen:
            board = tuple(_resized(m, size) if m in which else m for m in machines)
            changed = msgspec.structs.replace(scenario.board, instances=board)
            yield f"{name} {size}", msgspec.structs.replace(scenario, board=changed)


def _resized(machine: BoardInstance, size: str) -> BoardInstance:
    keeps_credits = CATALOG.instance_types[size].credits_per_hour > 0
    credits = machine.credits if keeps_credits else None
    return msgspec.structs.replace(machine, type=size, credits=credits)


def run_case(case: Case) -> Row:
    """Play a case to its end; what came of it, and what is wrong with that."""
    level, proof, scenario = case.level, case.proof, case.scenario
    if scenario is None:
        return _no_run(level, proof, case.seed)
    if proof.plan == "previous":
        scenario = opening_before(level)
    simulation = Simulation(scenario, case.seed, folder=level.folder)
    player = Player(case.plan)
    left_out: list[LeftOut] = []
    while not simulation.over:
        second = simulation.frame().second
        for command, outcome in player.play(simulation):
            if isinstance(outcome, Refused):
                step = next(i for i, s in enumerate(case.plan.steps) if s.command is command)
                left_out.append(LeftOut(step, _name(command), second, outcome))
        simulation.advance()
    row = _row(level, proof, case.seed, case.variant, simulation.frame())
    if row.won or proof.expect == "win":
        steps = case.plan.steps
        left_out += [LeftOut(i, _name(steps[i].command)) for i in player.waiting]
    row = msgspec.structs.replace(row, left_out=tuple(left_out))
    return msgspec.structs.replace(row, problem=_problem(proof, row))


def _name(command: Command) -> str:
    """What a plan calls it."""
    return str(type(command).__struct_config__.tag)


def _no_run(level: Level, proof: Proof, seed: int) -> Row:
    """A generic proof without a machine to vary says so."""
    return Row(
        level=level.slug,
        plan=proof.plan,
        variant="",
        seed=seed,
        expect=proof.expect,
        won=False,
        stars=0,
        cause=NO_MACHINE,
        reason="",
        at="",
        ended_s=0,
        money_left=1.0,
        error_budget_left=1.0,
        margin=1.0,
        problem="",
    )


def _row(level: Level, proof: Proof, seed: int, variant: str, frame: Frame) -> Row:
    verdict = frame.verdict
    assert verdict is not None, "a run that is over has a verdict"
    because = verdict.because
    return Row(
        level=level.slug,
        plan=proof.plan,
        variant=variant,
        seed=seed,
        expect=proof.expect,
        won=verdict.won,
        stars=verdict.stars,
        cause=verdict.cause,
        reason=because.reason if because else "",
        at=because.at if because else "",
        ended_s=frame.second,
        money_left=frame.money.cash_micro_usd / frame.money.budget_micro_usd,
        error_budget_left=frame.goals.error_budget_left,
        margin=0.0 if verdict.won else _lost_by(level.scenario, frame, verdict.cause),
        problem="",
    )


def _lost_by(scenario: Scenario, frame: Frame, cause: str) -> float:
    """How far from winning: by time for what ends a run early, else by the bar it missed."""
    goals = scenario.objectives
    if cause == "p95_over" and goals.p95_ms:
        return frame.goals.p95_ms / goals.p95_ms - 1
    if cause == "spend_over" and goals.spend_month_usd:
        return frame.money.spent_usd / goals.spend_month_usd - 1
    if cause == "data_lost":
        return 1.0
    return 1 - frame.second / scenario.duration_s


def _problem(proof: Proof, row: Row) -> str:
    """What is wrong with the proof, in a few words, or nothing."""
    if row.won != (proof.expect == "win"):
        return f"must {proof.expect}"
    if proof.expect == "win":
        return _problem_of_win(row)
    because = proof.because
    if because is not None and not {row.cause, row.reason} & {*because.reasons}:
        return f"must lose because of {' or '.join(because.reasons)}"
    if because is not None and because.at is not None and because.at != row.at:
        return f"must lose at {because.at}"
    return "" if row.margin >= LOST_BY_AT_LEAST else f"lost by less than {LOST_BY_AT_LEAST:.0%}"


def _problem_of_win(row: Row) -> str:
    if row.left_out:
        return "a step was refused or never came"
    if row.money_left < MONEY_LEFT_AT_LEAST:
        return f"less than {MONEY_LEFT_AT_LEAST:.0%} of the money left"
    if row.error_budget_left < ERROR_BUDGET_LEFT_AT_LEAST:
        return f"less than {ERROR_BUDGET_LEFT_AT_LEAST:.0%} of the error budget left"
    return ""
