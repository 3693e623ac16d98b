"""How bad input is told: what is wrong, where, and what was expected, in one line."""


class Complaint(Exception):
    """A file, an argument or a folder that cannot be used; its text is one clear line."""

    def __init__(self, where: str, what: str, expected: str = "") -> None:
        self.where = where
        self.what = what
        self.expected = expected
        text = f"{where}: {what}" + (f"; expected {expected}" if expected else "")
        super().__init__(printable(text))

    def __reduce__(self) -> tuple[type["Complaint"], tuple[str, str, str]]:
        return Complaint, (self.where, self.what, self.expected)


def printable(text: str, limit: int = 400) -> str:
    """`text` on one line, with control characters made harmless and its length bounded."""
    safe = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text[: limit + 1])
    return safe if len(safe) <= limit else safe[: limit - 1] + "…"
