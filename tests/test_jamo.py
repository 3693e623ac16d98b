"""Keys of a keyboard whose input method writes Hangul do what the same keys do without it."""

import string
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from tests.test_app import SMALL, Terminal, home, made_up_level
from tui.jamo import FIRST, LAST, keys_below
from tui.screens.play import PlayScreen

__all__ = ["home"]


@given(st.characters(min_codepoint=ord(FIRST), max_codepoint=ord(LAST)))
def test_a_syllable_is_what_its_letters_are(syllable: str) -> None:
    # The standard's own decomposition; its letters have other code points, so go by their names.
    apart = "".join(
        keys_below(of_keyboard(part)) for part in unicodedata.normalize("NFD", syllable)
    )
    assert keys_below(syllable) == apart
    assert set(apart) <= set(string.ascii_letters)


def of_keyboard(part: str) -> str:
    """The letter on its own that a part of a syllable is."""
    name = unicodedata.name(part)
    for place in ("CHOSEONG", "JUNGSEONG", "JONGSEONG"):
        name = name.replace(place, "LETTER")
    return unicodedata.lookup(name)


def test_every_key_has_a_letter() -> None:
    letters = [chr(code) for code in range(0x3131, 0x3164)]
    single = {keys_below(letter) for letter in letters if len(keys_below(letter)) == 1}
    assert set(string.ascii_lowercase) <= single
    assert all(keys_below(letter) for letter in letters)


@given(st.characters(max_codepoint=0x10FF) | st.none() | st.text(min_size=2))
def test_nothing_else_is_taken_for_a_key(other: str | None) -> None:
    assert keys_below(other) == ""


async def test_a_run_is_played_with_hangul_on() -> None:
    terminal = Terminal(level=made_up_level())
    async with terminal.app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await pilot.press("enter", "ㅜ", "enter", "m", "enter")  # n: a new instance
        await pilot.pause()
        screen = terminal.app.screen
        assert isinstance(screen, PlayScreen)
        assert [type(c).__name__ for _, c in screen.live.commands] == ["LaunchInstance"]
        await pilot.press("스")  # tm: the task, whose page knows no m
        await pilot.pause()
        assert terminal.app.screen is not screen
