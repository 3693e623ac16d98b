"""The glossary: the words of the game and of the field, and what they mean here."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Term(NamedTuple):
    """A word, and what it means."""

    word: str
    meaning: str


@cache
def glossary(language: str) -> dict[str, Term]:
    """Every term of a language by its key."""
    text = files(__name__).joinpath(f"{language}.toml").read_text(encoding="utf-8")
    return {key: Term(*said) for key, said in tomllib.loads(text)["terms"].items()}
