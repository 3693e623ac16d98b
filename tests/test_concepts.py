"""Concept cards: in both languages, with no figure but those of the catalog."""

import re

import pytest

from engine.explain import REMEDIES, Cause
from tui.concepts import ABOUT, CONCEPTS, MODEL, PLACEHOLDER, concept, deck, look_up, source
from tui.explanations import CONCEPT_OF
from tui.words import LANGUAGES

CARDS = (*CONCEPTS, MODEL)

DOLLARS = re.compile(r"\$\s*\d|\d\s*(?:\$|USD|dollar|달러)")


def figures(text: str) -> list[str]:
    return ["".join(found.groups(default="")) for found in PLACEHOLDER.finditer(text)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CARDS)
def test_every_figure_of_a_card_comes_from_the_catalog(name: str, language: str) -> None:
    text = source(name, language)
    assert "{" not in PLACEHOLDER.sub("", text)
    assert not DOLLARS.search(PLACEHOLDER.sub("", text))
    card = concept(name, language)
    assert "{" not in card.text
    assert card.title
    assert name == MODEL or card.title.startswith(f"{name} · ")


@pytest.mark.parametrize("name", CARDS)
def test_a_card_says_the_same_figures_in_every_language(name: str) -> None:
    said = [sorted(figures(source(name, language))) for language in LANGUAGES]
    assert all(one == said[0] for one in said)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CONCEPTS)
def test_a_card_can_be_read_in_a_minute(name: str, language: str) -> None:
    words = concept(name, language).text
    assert 300 < len(words) < 1_500


@pytest.mark.parametrize(
    "path",
    ["", "nothing", "ec2.nothing", "ec2", "ec2.boot_linux_s[2]", "__class__", "ec2.__class__",
     "instance_types[m5.huge].vcpus", "ec2.boot_linux_s.count"],
)  # fmt: skip
def test_nothing_but_a_figure_can_be_named(path: str) -> None:
    with pytest.raises(LookupError):
        look_up(path)


def test_a_deck_holds_every_card_once_those_wanted_first() -> None:
    cards = deck(("V2", "D9"), ("E1", "V2"))
    assert cards[:2] == ("V2", "E1")
    assert sorted(cards) == sorted(CONCEPTS)


def test_whatever_can_be_wrong_or_selected_has_a_card() -> None:
    assert set(CONCEPT_OF) == set(Cause) == set(REMEDIES)
    assert {*CONCEPT_OF.values(), *(name for about in ABOUT.values() for name in about)} <= set(
        CONCEPTS
    )
