"""The line of keys at the bottom: what can be done now, as much of it as fits."""

from collections.abc import Iterable, Mapping

from rich.cells import cell_len
from rich.text import Text
from textual.widget import Widget

from tui.actions import Action
from tui.words import Words

NO_OTHER_NAMES: Mapping[str, str] = {}


def keys_text(
    actions: Iterable[Action], words: Words, width: int, names: Mapping[str, str] = NO_OTHER_NAMES
) -> Text:
    """The actions that fit into `width` cells, the most needed ones first to stay.

    `names` are those that an action goes by for now, where that is not its own.
    """
    shown = [
        (action, words.say(f"actions.{names.get(action.name, action.name)}"))
        for action in actions
        if action.rank is not None
    ]
    while shown and sum(_cells(*pair) for pair in shown) > width:
        shown.remove(max(reversed(shown), key=lambda pair: pair[0].rank or 0))
    text = Text(no_wrap=True, overflow="crop")
    for action, name in shown:
        text.append(f" {action.shown}", "bold")
        text.append(f" {name} ", "dim")
    return text


def _cells(action: Action, name: str) -> int:
    return cell_len(action.shown) + cell_len(name) + 3


class KeysLine(Widget):
    """The keys of one screen."""

    DEFAULT_CSS = "KeysLine { height: 1; background: $panel; }"

    def __init__(self, actions: Iterable[Action], words: Words) -> None:
        super().__init__()
        self._actions = tuple(actions)
        self._words = words
        self._names = NO_OTHER_NAMES

    def rename(self, names: Mapping[str, str]) -> None:
        """Call some actions by other names from now on."""
        if names != self._names:
            self._names = names
            self.refresh()

    def render(self) -> Text:
        """As many keys as the width allows."""
        return keys_text(self._actions, self._words, self.size.width, self._names)
