"""The keys below Hangul: what a Korean keyboard (두벌식) was pressed for while it wrote Hangul.

An input method that is on hands the game letters of Hangul in place of n or q. The
same keys lie below them, so the game takes them as those keys.
"""

_KEYS = {
    "ㅂ": "q", "ㅃ": "Q", "ㅈ": "w", "ㅉ": "W", "ㄷ": "e", "ㄸ": "E", "ㄱ": "r", "ㄲ": "R",
    "ㅅ": "t", "ㅆ": "T", "ㅛ": "y", "ㅕ": "u", "ㅑ": "i", "ㅐ": "o", "ㅒ": "O", "ㅔ": "p",
    "ㅖ": "P", "ㅁ": "a", "ㄴ": "s", "ㅇ": "d", "ㄹ": "f", "ㅎ": "g", "ㅗ": "h", "ㅓ": "j",
    "ㅏ": "k", "ㅣ": "l", "ㅋ": "z", "ㅌ": "x", "ㅊ": "c", "ㅍ": "v", "ㅠ": "b", "ㅜ": "n",
    "ㅡ": "m",
    "ㄳ": "rt", "ㄵ": "sw", "ㄶ": "sg", "ㄺ": "fr", "ㄻ": "fa", "ㄼ": "fq", "ㄽ": "ft",
    "ㄾ": "fx", "ㄿ": "fv", "ㅀ": "fg", "ㅄ": "qt",
    "ㅘ": "hk", "ㅙ": "ho", "ㅚ": "hl", "ㅝ": "nj", "ㅞ": "np", "ㅟ": "nl", "ㅢ": "ml",
}  # fmt: skip

# The parts of syllables in the order of their code points.
_LEADS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_TAILS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")

FIRST, LAST = "가", "힣"


def keys_below(character: str | None) -> str:
    """The keys that were pressed for a letter or a syllable of Hangul; "" for anything else."""
    if character is None or len(character) != 1:
        return ""
    if FIRST <= character <= LAST:
        rest, tail = divmod(ord(character) - ord(FIRST), len(_TAILS))
        lead, vowel = divmod(rest, len(_VOWELS))
        parts = (_LEADS[lead], _VOWELS[vowel], _TAILS[tail])
        return "".join(_KEYS[part] for part in parts if part)
    return _KEYS.get(character, "")
