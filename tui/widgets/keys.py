"""The line of keys at the bottom: what can be done now, as much of it as fits."""

from collections.abc import Iterable

from rich.cells import cell_len
from rich.text import Text
from textual.widget import Widget

from tui.actions import Action
from tui.words import Words


def keys_text(actions: Iterable[Action], words: Words, width: int) -> Text:
    """The actions that fit into `width` cells, the most needed ones first to stay."""
    shown = [action for action in actions if action.rank is not None]
    while shown and sum(_cells(action, words) for action in shown) > width:
        shown.remove(max(reversed(shown), key=lambda action: action.rank or 0))
    text = Text(no_wrap=True, overflow="crop")
    for action in shown:
        text.append(f" {action.shown}", "bold")
        text.append(f" {words.say(f'actions.{action.name}')} ", "dim")
    return text


def _cells(action: Action, words: Words) -> int:
    return cell_len(action.shown) + cell_len(words.say(f"actions.{action.name}")) + 3


class KeysLine(Widget):
    """The keys of one screen."""

    DEFAULT_CSS = "KeysLine { height: 1; background: $panel; }"

    def __init__(self, actions: Iterable[Action], words: Words) -> None:
        super().__init__()
        self._actions = tuple(actions)
        self._words = words

    def render(self) -> Text:
        """As many keys as the width allows."""
        return keys_text(self._actions, self._words, self.size.width)
