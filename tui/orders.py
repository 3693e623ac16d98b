"""The commands that a player may give now: to what, what that changes in the bill, or why not."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.frame import Frame
from engine.outcomes import RefusalReason, Refused
from engine.scenario import Scenario
from tui.actions import (
    CommandType,
    changers,
    commands_on,
    gives_back,
    makers,
    name_of,
    standing_field,
)
from tui.fields import ChoiceField, SwitchField
from tui.forms import Form
from tui.pages import missing_words, refusal_text
from tui.session import LiveSession
from tui.standing import Standing, on_offer, service_of
from tui.words import Words

BY_STATE = (RefusalReason.WRONG_STATE, RefusalReason.RUN_IS_OVER)
"""Refusals that no choice in a form can mend."""


@dataclass(frozen=True)
class Order:
    """A command as it could be given now, to `resource` where it is about one.

    `missing` names what there is nothing of to choose, `refused` says why it cannot be
    given whatever is chosen in its form; else it is possible, and `change_micro_usd`
    is what it adds to the bill of a month as its form opens, if that is known.
    """

    command: CommandType
    resource: str | None
    missing: str | None = None
    refused: Refused | None = None
    change_micro_usd: int | None = None

    @property
    def name(self) -> str:
        """The command's name in files and in the words table."""
        return name_of(self.command)

    @property
    def possible(self) -> bool:
        """Whether there is a way to give it."""
        return self.missing is None and self.refused is None

    def why_not(self, words: Words) -> str | None:
        """Why it cannot be given, as a sentence, or None."""
        if self.missing is not None:
            return words.say("form.refused", why=missing_words(self.missing, words))
        return None if self.refused is None else refusal_text(words, self.refused)

    def price(self, words: Words) -> str:
        """What it adds to the bill of a month, or takes away; empty where it does neither."""
        change = self.change_micro_usd or 0
        if not change:
            return ""
        return words.say(
            "form.month_change", sign="+" if change > 0 else "-", usd=abs(change) / 1e6
        )


def first_to_stand_on(orders: Sequence[Order]) -> int:
    """The order on which the arrow stands at first: never one that gives something back.

    Two hasty presses of enter would lose it. Where nothing else can be done now the
    arrow stands on the first order, and its note says why that has to wait.
    """
    safe = (n for n, order in enumerate(orders) if order.possible and not gives_back(order.command))
    return next(safe, 0)


def new_orders(live: LiveSession) -> list[Order]:
    """What makes something that the level has on offer."""
    scenario = live.simulation.scenario
    return [order(command, None, live) for command in makers() if on_offer(command, scenario)]


def change_orders(live: LiveSession, standing: Standing) -> list[Order]:
    """What can be done with something."""
    known = (c for c in commands_on(standing.kind) if _is_here(c, live.frame, _level(live)))
    return [order(command, standing.view.id, live) for command in known]


def other_orders(live: LiveSession, selected: Standing | None) -> list[Order]:
    """Whatever needs something that stands: the selected thing, where it can be that."""
    orders = []
    for command in changers():
        if _is_here(command, live.frame, _level(live)):
            fits = selected is not None and standing_field(command, selected.kind)
            orders.append(order(command, selected.view.id if selected and fits else None, live))
    return orders


def form_of(command: CommandType, resource: str | None, live: LiveSession) -> Form:
    """The form of a command, to be done to a resource if one is given, as it opens."""
    form = Form(command, live.frame, _level(live), resource)
    form.begin_at(lambda given: live.quote(given).refused)
    return form


def order(command: CommandType, resource: str | None, live: LiveSession) -> Order:
    """A command as it stands now."""
    form = form_of(command, resource, live)
    missing = form.missing()
    if missing is not None:
        return Order(command, resource, missing=missing)
    quote = live.quote(form.command())
    if quote.refused is None:
        change = quote.rate_after_micro_usd - quote.rate_before_micro_usd
        return Order(command, resource, change_micro_usd=change)
    if quote.refused.reason in BY_STATE or not _may_mend(form, live):
        return Order(command, resource, refused=quote.refused)
    return Order(command, resource)


def _level(live: LiveSession) -> Scenario:
    return live.simulation.scenario


def _is_here(command: CommandType, frame: Frame, scenario: Scenario) -> bool:
    """Whether its service is on offer, or stands already."""
    there = {resource.service for resource in frame.resources}
    return on_offer(command, scenario) or service_of(command) in there


def _may_mend(form: Form, live: LiveSession) -> bool:
    """Whether another choice than the first may be accepted; numbers and names always may."""
    listed = [f for f in form.fields if isinstance(f, ChoiceField | SwitchField)]
    if len(listed) < len(form.fields):
        return True
    for field in listed:
        others = field.choices if isinstance(field, ChoiceField) else (False, True)
        for other in others:
            given = form.command_with(field.name, None if other == "" else other)
            if live.quote(given).refused is None:
                return True
    return False
