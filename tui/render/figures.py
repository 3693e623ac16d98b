"""Figures as people read them: money, clocks, milliseconds, rates, shares."""

from math import floor, log10


def clock(second: float) -> str:
    """``12:40``, or ``1:02:40`` from an hour on."""
    whole = max(0, int(second))
    hours, rest = divmod(whole, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def usd(amount: float) -> str:
    """Dollars: cents below ten, whole ones above; ``$0.42``, ``$521``, ``$12,400``."""
    sign, amount = ("-" if amount < 0 else ""), abs(amount)
    return f"{sign}${amount:.2f}" if amount < 9.995 else f"{sign}${amount:,.0f}"


def usd_micro(amount_micro_usd: int) -> str:
    """The same from micro-dollars."""
    return usd(amount_micro_usd / 1_000_000)


def millis(ms: float) -> str:
    """``8.4 ms``, ``88 ms``, ``1.9 s``, ``12 s``."""
    if ms < 9.95:
        return f"{ms:.1f} ms"
    if ms < 999.5:
        return f"{ms:.0f} ms"
    return f"{ms / 1000:.1f} s" if ms < 99_950 else f"{ms / 1000:.0f} s"


def count(number: float) -> str:
    """``7``, ``0.4``, ``1,204``, ``12.4k``, ``3.1M``: at most six characters up to a billion."""
    if number >= 999_950:
        return f"{number / 1e6:.1f}M"
    if number >= 9_999.5:
        return f"{number / 1e3:.1f}k"
    if number and number < 9.95:
        return f"{number:.1f}".removesuffix(".0")
    return f"{number:,.0f}"


def number(value: float) -> str:
    """As it was given: ``1,000,000,000``, ``150.5``."""
    whole = isinstance(value, int) or (abs(value) < 1e15 and value == int(value))
    return f"{value:,.0f}" if whole else f"{value:,.10g}"


def percent(share: float) -> str:
    """``71%``; a share that is neither none nor all is never shown as 0 or 100%."""
    value = share * 100
    if 0 < value < 0.95:
        return f"{max(value, 0.1):.1f}%"
    if 99.05 < value < 100:
        return f"{min(value, 99.9):.1f}%"
    return f"{value:.0f}%"


def whole_percent(share: float) -> str:
    """``71%`` without decimals, rounded down: 95% is never said of what is not yet full."""
    return f"{floor(share * 100 + 1e-4)}%"


def headroom_percent(load: float) -> str:
    """``29%``: what is missing to a hundred of a load that `whole_percent` shows."""
    return f"{100 - floor(load * 100 + 1e-4)}%"


def hundredths(share: float) -> float:
    """Percent to print with two decimals: 0.01 to 99.99 of what is neither none nor all."""
    value = share * 100
    return min(max(value, 0.01), 99.99) if 0 < value < 100 else value


def nice_limit(value: float) -> float:
    """The next of 1, 1.5, 2, 3, 5, 7, 10, 15 … from `value` up: an axis that rarely moves."""
    if value <= 0:
        return 1.0
    decade = 10.0 ** floor(log10(value))
    for step in (1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0):
        if value <= step * decade * (1 + 1e-9):
            return step * decade
    return 10 * decade
