"""The server of `headroom serve`: the page, the sockets of its players, and their end."""

import asyncio
import os
import socket
from collections.abc import Callable
from pathlib import Path

import aiohttp_jinja2
import jinja2
import msgspec
from aiohttp import WSMsgType, web
from textual_serve.app_service import AppService
from textual_serve.server import Server

from tui.serve.address import Address
from tui.serve.guard import Guard
from tui.serve.messages import (
    LARGEST_MESSAGE,
    Blurred,
    Focused,
    Ping,
    Resized,
    Typed,
    read_message,
    read_size,
)
from tui.serve.places import Places
from tui.serve.player import LEAVE_S, End, Player
from tui.settings import load_settings
from tui.words import LANGUAGES, Words, pick_language

PAGE = Path(__file__).parent / "page"
"""The page's template, its style and its script."""

HEARTBEAT_S = 15.0
"""How often a page is asked whether it is still there."""

FONT_SIZES = range(8, 41)
"""Pixels that a page's ?fontsize= may ask for."""


class GameServer(Server):
    """Serves the game at an address to so many players, each in the language that they ask for."""

    def __init__(self, address: Address, places: Places, language: str | None = None) -> None:
        super().__init__(
            "headroom",
            host=address.host,
            port=address.port,
            title="Headroom",
            public_url=address.url,
            templates_path=PAGE,
        )
        self._guard = Guard(address)
        self._places = places
        self._asked_language = language
        self._open: set[web.WebSocketResponse] = set()

    async def _make_app(self) -> web.Application:
        app = web.Application(middlewares=[self._guard.check])
        aiohttp_jinja2.setup(app, loader=jinja2.FileSystemLoader(self.templates_path))
        app.on_response_prepare.append(self._guard.seal)
        app.on_shutdown.append(self.on_shutdown)
        app.add_routes(
            [
                web.get("/", self.handle_index, name="index"),
                web.get("/play/{language}", self.handle_websocket, name="websocket"),
                web.get("/download/{key}", self.handle_download, name="download"),
                web.static("/static", self.statics_path, name="static"),
                web.static("/page", PAGE, name="page"),
            ]
        )
        return app

    async def handle_index(self, request: web.Request) -> web.Response:
        """The page, in the language that its reader wants."""
        words = Words(self._language(request))
        size = request.query.get("fontsize", "")
        others = [(code, name) for code, name in LANGUAGES.items() if code != words.language]
        context = {
            "say": words.say,
            "language": words.language,
            "others": others,
            "players": self._places.most,
            "font_size": int(size) if size.isdecimal() and int(size) in FONT_SIZES else 16,
        }
        response = aiohttp_jinja2.render_template("page.html", request, context)
        response.headers["Cache-Control"] = "no-store"
        return response

    def _language(self, request: web.Request) -> str:
        """Asked for by the address, then by the command; then as in a terminal, or the browser."""
        asked = request.query.get("lang")
        browser = {"LANG": request.headers.get("Accept-Language", "")}
        ours = {key: os.environ[key] for key in ("HEADROOM_LANG",) if key in os.environ}
        wish = asked if asked in LANGUAGES else self._asked_language
        return pick_language(wish, ours | browser, load_settings().language)

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """A player: a place, a game, and the way out of both."""
        page = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=LARGEST_MESSAGE)
        language = request.match_info["language"]
        if language not in LANGUAGES:
            raise web.HTTPNotFound
        await page.prepare(request)
        self._open.add(page)
        try:
            if await self._places.take():
                await self._play(request, page, language)
            else:
                await page.close(code=End.FULL)
        finally:
            self._open.discard(page)
        return page

    async def _play(self, request: web.Request, page: web.WebSocketResponse, language: str) -> None:
        player = Player(page, self.download_manager, language)
        size = read_size(request.query.get("width", ""), request.query.get("height", ""))
        try:
            await player.start(*size.bounded)
            await self._process_messages(page, player)
        finally:
            with self._places.leaving():
                await player.stop()

    async def _process_messages(
        self, websocket: web.WebSocketResponse, app_service: AppService
    ) -> None:
        """Hand on what a page says until it closes; what is no message of ours closes it."""
        async for received in websocket:
            try:
                if received.type is not WSMsgType.TEXT:
                    raise msgspec.DecodeError("not text")
                message = read_message(received.data)
            except msgspec.DecodeError:
                await websocket.close(code=End.NONSENSE)
                return
            match message:
                case Typed():
                    await app_service.send_bytes(message.data)
                case Resized(size):
                    await app_service.set_terminal_size(*size.bounded)
                case Ping(sent):
                    await websocket.send_json(["pong", sent])
                case Focused():
                    await app_service.focus()
                case Blurred():
                    await app_service.blur()

    async def on_shutdown(self, app: web.Application) -> None:
        """Tell every page; their handlers then end the games."""
        await asyncio.gather(*(page.close(code=End.STOPPED) for page in list(self._open)))

    def serve_on(self, listener: socket.socket, say: Callable[[], None]) -> None:
        """Serve until Ctrl-C or a signal to end; `say` is called once pages can be opened."""
        web.run_app(
            self._make_app(),
            sock=listener,
            access_log=None,
            print=lambda *_: say(),
            shutdown_timeout=3 * LEAVE_S,
        )
