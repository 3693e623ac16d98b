"""Every sentence of the game in each language: `Words(language).say("section.key", …)`.

The sentences are data, one table a language, with the same keys and the same
placeholders in each. A placeholder may end in a pair of Korean particles,
``{id:이/가}``, of which the one that fits the sound before it is added; or in a noun
for one thing and for several, ``{n:line|lines}``, of which the one that fits is added.
"""

import string
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = {"en": "English", "ko": "한국어"}
"""The languages by their code, each with its own name."""

Table = Mapping[str, str]


class Words:
    """The game's sentences in one language, which may be switched while it runs."""

    def __init__(self, language: str = "en") -> None:
        self.language = language
        self._table = table(language)

    def switch(self, language: str) -> None:
        """Speak another language from now on; who holds this object says the new words."""
        self._table = table(language)
        self.language = language

    def say(self, key: str, /, **args: object) -> str:
        """The sentence of ``section.key`` filled in; KeyError if there is none."""
        return _FORMATTER.vformat(self._table[key], (), args)

    def knows(self, key: str) -> bool:
        """Whether there is such a sentence: recordings may hold names of a newer version."""
        return key in self._table


@cache
def table(language: str) -> Table:
    """All sentences of a language by ``section.key``."""
    text = files(__name__).joinpath(f"{language}.toml").read_text(encoding="utf-8")
    sections: dict[str, dict[str, str]] = tomllib.loads(text)
    return {
        f"{section}.{key}": sentence
        for section, sentences in sections.items()
        for key, sentence in sentences.items()
    }


def pick_language(asked: str | None, environ: Mapping[str, str], saved: str | None) -> str:
    """The language to speak: asked for, else HEADROOM_LANG, else saved, else the system's."""
    system = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG")
    for wish in (asked, environ.get("HEADROOM_LANG"), saved, system):
        code = (wish or "")[:2].lower()
        if code in LANGUAGES:
            return code
    return "en"


class _Endings(string.Formatter):
    """`str.format` with two more: particles, consonant first, and a noun for one and several."""

    def format_field(self, value: Any, format_spec: str) -> Any:
        """The value with the ending of the pair that its last sound or its number asks for."""
        if "|" in format_spec:
            one, several = format_spec.split("|")
            number = value if isinstance(value, str) else f"{value:,}"
            return f"{number} {one if number == '1' else several}"
        if "/" not in format_spec:
            return super().format_field(value, format_spec)
        after_consonant, after_vowel = format_spec.split("/")
        text = str(value)
        final = _final_sound(text)
        consonant = final != "" and not (final == "ㄹ" and after_vowel == "로")
        return text + (after_consonant if consonant else after_vowel)


_FORMATTER = _Endings()

_FINAL_OF_DIGIT = {"0": "ㅇ", "1": "ㄹ", "3": "ㅁ", "6": "ㄱ", "7": "ㄹ", "8": "ㄹ"}
_FINAL_OF_LETTER = {"l": "ㄹ", "m": "ㅁ", "n": "ㄴ", "r": "ㄹ"}


def _final_sound(text: str) -> str:
    """The consonant that a Korean reader ends `text` with, or "" after a vowel."""
    last = text[-1:].lower()
    if "가" <= last <= "힣":
        final = (ord(last) - ord("가")) % 28
        return "ㄹ" if final == 8 else "ㅇ" if final else ""
    return _FINAL_OF_DIGIT.get(last) or _FINAL_OF_LETTER.get(last, "")
