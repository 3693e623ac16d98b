"""One player: a page at one end, a game process at the other, and the end of both."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import IntEnum

from aiohttp import web
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

GAME = (sys.executable, "-P", "-m", "tui.serve.game")
"""How a game is started; -P keeps it from importing out of whatever folder we stand in."""

LEAVE_S = 5.0
"""How long a game that was asked to end may take before it is killed."""


class End(IntEnum):
    """Why a page is left by the server, as the code that its connection is closed with."""

    OVER = 1000
    STOPPED = 1001
    NONSENSE = 1008
    BROKE = 4001
    FULL = 4002


class Player(AppService):
    """A game process for the page behind `socket`."""

    def __init__(
        self, socket: web.WebSocketResponse, downloads: DownloadManager, language: str
    ) -> None:
        super().__init__(
            "",
            write_bytes=_while_open(socket.send_bytes),
            write_str=_while_open(socket.send_str),
            close=self._hang_up,
            download_manager=downloads,
        )
        self._socket = socket
        self._language = language

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        return {
            **super()._build_environment(width, height),
            "TEXTUAL_DRIVER": "tui.serve.driver:PageDriver",
            "HEADROOM_LANG": self._language,
        }

    async def _open_app_process(
        self, width: int = 80, height: int = 24
    ) -> asyncio.subprocess.Process:
        """Start the game without a shell, and out of reach of the terminal's Ctrl-C."""
        self._process = await asyncio.create_subprocess_exec(
            *GAME,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._build_environment(width, height),
            start_new_session=True,
        )
        self._stdin = self._process.stdin
        return self._process

    async def run(self) -> None:
        """Carry what the game draws to the page until one of them ends."""
        await super().run()
        await self._hang_up()

    async def _hang_up(self) -> None:
        """Close the page after its game has ended, and say which way it did."""
        status = await self._ended()
        await self._socket.close(code=End.OVER if status == 0 else End.BROKE)

    async def stop(self) -> None:
        """End the game: ask it first, then kill it. Nothing of it runs afterwards."""
        if self._process is None:
            return
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(LEAVE_S):
                    await super().stop()
        finally:
            await self._ended()

    async def _ended(self) -> int:
        """The exit status of the game, which is killed if it does not end by itself."""
        process = self._process
        assert process is not None
        try:
            async with asyncio.timeout(LEAVE_S):
                return await process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            return await process.wait()


def _while_open(send: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """`send`, to nobody once the page has gone: a game that ends must not wait for a reader."""

    async def send_or_drop(data: bytes | str) -> None:
        with suppress(ConnectionError):
            await send(data)

    return send_or_drop
