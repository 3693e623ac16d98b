"""Hints in three grades: where to look, what kind of thing, the plain answer; one at a time."""

from typing import ClassVar

from rich.console import Group, RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from engine.explain import Cause, Explanation
from tui.concepts import deck
from tui.desk import Desk
from tui.explanations import (
    CONCEPT_OF,
    HINT_STEPS,
    cause_words,
    is_full_soon,
    present_cause,
    tight_line,
)
from tui.hints import Hints
from tui.screens.concept import ConceptScreen
from tui.story import level_hints_part, remedies_part


class HintScreen(ModalScreen[None]):
    """The hints taken so far; opening it takes the first, and its key one more each time.

    `over` is whether the run has ended: then the remedies are against what hurt most.
    """

    CSS_PATH = "modal.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,q,enter,space", "dismiss", ""),
        ("h", "more", ""),
        ("k", "concept", ""),
    ]

    def __init__(
        self,
        desk: Desk,
        hints: Hints,
        level_hints: tuple[str, ...],
        explanation: Explanation,
        *,
        over: bool = False,
        teaches: tuple[str, ...] = (),
    ) -> None:
        super().__init__()
        self._desk = desk
        self._hints = hints
        self._level_hints = level_hints
        self._explanation = explanation
        worst = explanation.worst()
        self._over = over
        self._teaches = teaches
        self._cause = worst.cause if over and worst else present_cause(explanation)

    def compose(self) -> ComposeResult:
        """The text in a frame that scrolls."""
        with VerticalScroll(classes="sheet card") as sheet:
            sheet.border_title = self._desk.say("hints.title")
            yield Static()

    def on_mount(self) -> None:
        """The arrows go to the text; who has taken none yet gets the first."""
        self.query_one(VerticalScroll).focus()
        if not self._steps():
            self._hints.take(len(self._level_hints), self._cause)
        self._show()

    def action_more(self) -> None:
        """The next hint, a plainer one."""
        if not self._hints.take(len(self._level_hints), self._cause):
            self.app.bell()
        self._show()
        self.query_one(VerticalScroll).scroll_end(animate=False)

    def action_concept(self) -> None:
        """The card about what is wrong, then the level's, then the others."""
        about = [CONCEPT_OF[self._cause]] if self._cause else []
        self.app.push_screen(ConceptScreen(self._desk, deck(about, self._teaches)))

    def _steps(self) -> int:
        """How plain the plainest answer that is shown is."""
        against = self._hints.plainness[self._cause] if self._cause else 0
        return max(self._hints.taken if self._level_hints else 0, against)

    def _given(self) -> int:
        """How many grades have been given: of the level's hints, then against what is wrong."""
        if self._hints.taken < len(self._level_hints):
            return min(HINT_STEPS, self._hints.taken)
        return HINT_STEPS if self._cause is None else self._hints.plainness[self._cause]

    def _said(self, cause: Cause) -> tuple[str, str]:
        """What remedies are given against, and the heading over it."""
        found, words = self._explanation, self._desk.words
        if self._over and found.worst():
            return "hints.worst", cause_words(cause, words)
        if is_full_soon(found, found.present()):
            return "hints.soon", tight_line(found, words)
        return "hints.now", cause_words(cause, words)

    def _show(self) -> None:
        desk, hints = self._desk, self._hints
        self.query_one(VerticalScroll).border_subtitle = desk.say(f"hints.keys_{self._given()}")
        parts: list[RenderableType] = [level_hints_part(desk, self._level_hints, hints.taken)]
        if not self._level_hints:
            parts.append(Text(desk.say("hints.none") + "\n", "dim"))
        if self._cause is None:
            parts.append(Text(desk.say("hints.calm"), "dim"))
        else:
            parts.append(remedies_part(desk, *self._said(self._cause), self._cause, hints))
        self.query_one(Static).update(Group(*parts))
