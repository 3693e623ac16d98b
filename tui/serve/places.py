"""How many may play at once. Whoever leaves keeps the place until the game has ended."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Places:
    """Places for players; one event loop, no locks."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._taken = 0
        self._leaving = 0
        self._left = asyncio.Event()

    async def take(self) -> bool:
        """Take a place; False if all are taken, and nobody is just leaving.

        So a page that is loaded again finds the place that it had.
        """
        while self._taken >= self.most and self._leaving:
            await self._left.wait()
        if self._taken >= self.most:
            return False
        self._taken += 1
        return True

    @contextmanager
    def leaving(self) -> Iterator[None]:
        """Give a place back at the end of the block."""
        self._leaving += 1
        try:
            yield
        finally:
            self._leaving -= 1
            self._taken -= 1
            self._left.set()
            self._left = asyncio.Event()
