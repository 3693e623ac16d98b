"""The palette's entries for a run: every action and every command, found by name."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui.actions import actions_of, name_of


class ActionProvider(Provider):
    """Searches the table of actions; on the play screen the commands too."""

    async def discover(self) -> Hits:
        """Everything there is, before anything is typed."""
        for name, note, do in self._entries():
            yield DiscoveryHit(name, do, help=note)

    async def search(self, query: str) -> Hits:
        """What matches."""
        matcher = self.matcher(query)
        for name, note, do in self._entries():
            score = matcher.match(f"{name} {note}")
            if score > 0:
                yield Hit(score, name, do, help=note)

    def _entries(self) -> Iterator[tuple[str, str, Callable[[], Any]]]:
        screen: Any = self.screen
        say = screen.desk.say
        for command in getattr(screen, "palette_commands", tuple)():
            name = name_of(command)
            note = say(f"commands.{name}_help")
            yield say(f"commands.{name}"), note, partial(screen.open_form, command)
        for action in actions_of(screen.WHERE):
            if not action.handler.startswith("app."):  # those are in the app's own part
                note = say(f"help.{action.name}")
                yield say(f"actions.{action.name}"), note, partial(self._run, action.handler)

    async def _run(self, handler: str) -> None:
        await self.screen.run_action(handler)
