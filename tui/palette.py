"""The palette: everything there is, found by its name in any of the game's languages."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.fuzzy import Matcher

from tui.render.canvas import clean
from tui.words import LANGUAGES, Words

Said = Callable[[Words], str]
"""What is said in the language of some words."""

BY_NOTE = 1.0
"""Where every word that was typed stands in names and notes; in the names alone is better."""

ONLY_READ = 0.5
"""So much further down stands what is only read, among what is found in names."""

ALL_WORDS = {code: Words(code) for code in LANGUAGES}


def _nothing(words: Words) -> str:
    return ""


@dataclass(frozen=True)
class Entry:
    """Something to find: what kind of thing, its name, what is to be said of it, what it does.

    `detail` stands behind the name. One that is not `browsed` is shown only once
    something is typed. One that is only `read` comes after what else is called so.
    """

    kind: Said
    name: Said
    note: Said
    do: Callable[[], Any]
    detail: Said = _nothing
    browsed: bool = True
    read: bool = False

    def label(self, words: Words) -> str:
        """Its kind, its name, and what stands behind it."""
        return clean(f"{self.kind(words)}: {self.name(words)}{self.detail(words)}")

    def found_by(self, query: str, fuzzy: Matcher) -> float:
        """How well it fits what was typed, 0 where it does not."""
        typed = folded(query).split()
        labels = [self.label(words) for words in ALL_WORDS.values()]
        named = folded(" ".join(labels))
        if all(word in named for word in typed):
            begins = sum(f" {word}" in named for word in typed)
            return 2 * BY_NOTE + begins / max(1, len(typed)) - self.read * ONLY_READ
        noted = folded(" ".join(self.note(words) for words in ALL_WORDS.values()))
        if all(word in named + noted for word in typed):
            return BY_NOTE
        score = max(fuzzy.match(label) for label in labels)
        return BY_NOTE * score / (1 + score) if score > 0 else 0.0


def folded(text: str) -> str:
    """Text as it is compared: Hangul composed, Latin small."""
    return unicodedata.normalize("NFC", text).casefold()


class ActionProvider(Provider):
    """Searches whatever the app has to offer over the screen that is seen."""

    async def startup(self) -> None:
        """Ask once, when the palette is opened: nothing changes below it."""
        app: Any = self.app
        self._words: Words = app.desk.words
        self._entries: list[Entry] = app.entries(self.screen)

    async def discover(self) -> Hits:
        """Everything there is, before anything is typed; there is no need to type."""
        for entry in self._entries:
            if entry.browsed:
                shown = Content(entry.label(self._words))
                yield DiscoveryHit(shown, entry.do, help=self._note(entry))

    async def search(self, query: str) -> Hits:
        """What fits, in whichever language it was typed; or that nothing does, in the player's.

        Textual would say so in English.
        """
        matcher = self.matcher(query)
        none = True
        for entry in self._entries:
            score = entry.found_by(query, matcher)
            if score > 0:
                none = False
                yield Hit(score, self._shown(entry, query), entry.do, help=self._note(entry))
        if none:
            say = self._words.say
            yield Hit(BY_NOTE, say("palette.none"), self.app.bell, help=say("palette.none_help"))

    def _shown(self, entry: Entry, query: str) -> Content:
        """The label with what was typed marked in it; in other languages too where it is there."""
        typed = folded(query).split()
        text = entry.label(self._words)
        if not any(word in folded(text) for word in typed):
            others = (clean(entry.name(words)) for words in ALL_WORDS.values())
            text = " · ".join([text, *(o for o in others if any(w in folded(o) for w in typed))])
        shown = Content(text)
        for word in typed:
            at = folded(text).find(word)
            if at >= 0 and len(folded(text)) == len(text):
                shown = shown.stylize("underline", at, at + len(word))
        return shown

    def _note(self, entry: Entry) -> str:
        """Textual reads help as markup."""
        return clean(entry.note(self._words)).replace("[", r"\[")
