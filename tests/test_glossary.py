"""The glossary has the same words in each language, and the figures of the catalog."""

import re

import pytest

from engine.catalog import CATALOG
from tui.app import HeadroomApp
from tui.desk import Desk
from tui.glossary import glossary
from tui.screens.glossary import GlossaryPage
from tui.settings import Settings
from tui.words import LANGUAGES, Words


def test_every_language_has_every_word() -> None:
    keys = {language: set(glossary(language)) for language in LANGUAGES}
    assert len(set(map(frozenset, keys.values()))) == 1
    for terms in map(glossary, LANGUAGES):
        assert len({term.word for term in terms.values()}) == len(terms) >= 40
        assert all(term.word.strip() and term.meaning.strip() for term in terms.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_its_figures_are_those_of_the_catalog(language: str) -> None:
    terms, units = glossary(language), CATALOG.dynamodb
    said = {int(n.replace(",", "")) for n in re.findall(r"[\d,]{4,}", terms["partition"].meaning)}
    assert said == {units.reads.partition_s, units.writes.partition_s}
    assert str(CATALOG.elb.interval_s) in terms["health_check"].meaning
    sizes = re.findall(r"(\d+) KB", terms["capacity_unit"].meaning)
    assert [float(n) for n in sizes] == [units.reads.item_kb, units.writes.item_kb]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_it_opens_from_the_menu(language: str) -> None:
    app = HeadroomApp(Desk(Words(language), Settings()))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("g")
        await pilot.pause()
        assert isinstance(app.screen, GlossaryPage)
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(app.screen, GlossaryPage)
