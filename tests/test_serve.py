"""The server of the game in a browser: whom it answers, how many, and that nothing is left."""

import asyncio
import json
import os
import re
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, WSServerHandshakeError, web
from yarl import URL

from engine.complaint import Complaint
from tui.cli import BAD_INPUT, WON, run
from tui.doctor import findings
from tui.serve import player as player_module
from tui.serve.address import Address, listen, read_public_url
from tui.serve.messages import MOST_COLUMNS, MOST_ROWS, Resized, Typed, read_message, read_size
from tui.serve.places import Places
from tui.serve.player import End
from tui.serve.server import PAGE, GameServer
from tui.settings import Settings, save_settings
from tui.words import Words

PATIENCE_S = 60.0
"""Only so that a broken server does not hang the tests; nothing is judged by it."""

QUIET_GAME = r"""
import json, os, sys
def draw(text):
    send(b"D", text.encode())
def send(kind, data):
    sys.stdout.buffer.write(kind + len(data).to_bytes(4, "big") + data)
    sys.stdout.buffer.flush()
sys.stdout.buffer.write(b"__GANGLION__\n")
at, rows, lang = (os.environ[name] for name in ("COLUMNS", "ROWS", "HEADROOM_LANG"))
draw(json.dumps([os.getpid(), at, rows, lang]))
while kind := sys.stdin.buffer.read(1):
    data = sys.stdin.buffer.read(int.from_bytes(sys.stdin.buffer.read(4), "big"))
    if kind == b"D" and data == b"crash":
        os._exit(3)
    if data == b"leave" or (b"quit" in data and not os.environ.get("DEAF")):
        send(b"M", b'{"type": "exit"}')
        break
    draw(data.decode())
"""
"""Speaks as a game does to its server; echoes what it is told."""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HEADROOM_LANG", "LANG", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HEADROOM_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(player_module, "GAME", (sys.executable, "-c", QUIET_GAME))


@asynccontextmanager
async def serving(
    players: int = 2, language: str | None = None, public: str | None = None
) -> AsyncIterator[str]:
    """A server on a free port, and its address."""
    listener = listen("127.0.0.1", 0)
    url = None if public is None else read_public_url(public)
    address = Address("127.0.0.1", listener.getsockname()[1], url)
    app = await GameServer(address, Places(players), language)._make_app()
    runner = web.AppRunner(app, shutdown_timeout=PATIENCE_S)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    try:
        yield f"http://127.0.0.1:{address.port}"
    finally:
        await runner.cleanup()


class Page:
    """What a browser's page is to the server."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket

    async def hears(self) -> Any:
        async with asyncio.timeout(PATIENCE_S):
            received = await self.socket.receive()
        if received.type is WSMsgType.BINARY:
            return json.loads(received.data)
        return received.json() if received.type is WSMsgType.TEXT else received

    async def says(self, *message: object) -> None:
        await self.socket.send_str(json.dumps(message))

    async def end(self) -> int | None:
        """The code that it was closed with."""
        async with asyncio.timeout(PATIENCE_S):
            async for _ in self.socket:
                pass
        return self.socket.close_code


@asynccontextmanager
async def page(url: str, path: str = "/play/en", origin: str | None = None) -> AsyncIterator[Page]:
    async with (
        ClientSession() as client,
        client.ws_connect(url + path, origin=origin or url, max_msg_size=0) as socket,
    ):
        yield Page(socket)


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


OWN = Address("127.0.0.1", 8000)
ELSEWHERE = Address("0.0.0.0", 8000, URL("https://game.example"))


@pytest.mark.parametrize(
    ("address", "host", "arrived_at", "answers"),
    [
        (OWN, "127.0.0.1:8000", "127.0.0.1", True),
        (OWN, "localhost:8000", "127.0.0.1", True),
        (OWN, "LOCALHOST:8000", "127.0.0.1", True),
        (OWN, "[::1]:8000", "127.0.0.1", True),
        (OWN, "localhost", "127.0.0.1", False),
        (OWN, "localhost:8001", "127.0.0.1", False),
        (OWN, "localhost.:8000", "127.0.0.1", False),
        (OWN, "evil.example:8000", "127.0.0.1", False),
        (OWN, "127.0.0.1.evil.example:8000", "127.0.0.1", False),
        (OWN, "127.0.0.1:8000@evil.example", "127.0.0.1", False),
        (OWN, "", "127.0.0.1", False),
        (Address("127.0.0.1", 80), "localhost", "127.0.0.1", True),
        (Address("pi.example", 8000), "pi.example:8000", "10.0.0.7", True),
        (Address("pi.example", 8000), "10.0.0.7:8000", "10.0.0.7", False),
        (ELSEWHERE, "10.0.0.7:8000", "10.0.0.7", True),
        (ELSEWHERE, "10.0.0.8:8000", "10.0.0.7", False),
        (ELSEWHERE, "game.example", "10.0.0.7", True),
        (ELSEWHERE, "evil.example", "10.0.0.7", False),
        (Address("::", 8000), "10.0.0.7:8000", "::ffff:10.0.0.7", True),
        (Address("::", 8000), "[fe80::7]:8000", "fe80::7", True),
    ],
)
def test_a_server_answers_to_its_own_names_only(
    address: Address, host: str, arrived_at: str, answers: bool
) -> None:
    assert address.answers_to(host, arrived_at) is answers


@pytest.mark.parametrize(
    ("address", "origin", "own"),
    [
        (OWN, "http://127.0.0.1:8000", True),
        (OWN, "http://localhost:8000", True),
        (OWN, "https://localhost:8000", False),
        (OWN, "http://localhost:3000", False),
        (OWN, "http://evil.example", False),
        (OWN, "null", False),
        (OWN, "", False),
        (ELSEWHERE, "https://game.example", True),
        (ELSEWHERE, "https://game.example.evil.example", False),
    ],
)
def test_an_origin_is_a_page_of_our_own_or_foreign(
    address: Address, origin: str, own: bool
) -> None:
    assert address.is_own_origin(origin, "10.0.0.7") is own


@pytest.mark.parametrize(
    ("host", "public", "url", "loopback"),
    [
        ("127.0.0.1", None, "http://127.0.0.1:8000", True),
        ("127.0.0.2", None, "http://127.0.0.2:8000", True),
        ("localhost", None, "http://localhost:8000", True),
        ("::1", None, "http://[::1]:8000", True),
        ("0.0.0.0", None, "http://127.0.0.1:8000", False),
        ("::", None, "http://127.0.0.1:8000", False),
        ("10.0.0.7", None, "http://10.0.0.7:8000", False),
        ("pi.example", None, "http://pi.example:8000", False),
        ("127.0.0.1", "http://localhost:9000", "http://localhost:9000", True),
    ],
)
def test_an_address_says_what_to_open_and_who_can_reach_it(
    host: str, public: str | None, url: str, loopback: bool
) -> None:
    address = Address(host, 8000, None if public is None else read_public_url(public))
    assert (address.url, address.is_loopback) == (url, loopback)


@pytest.mark.parametrize("text", ["", "pi", "pi:8000", "ftp://pi", "http://", "http://pi/game"])
def test_what_is_no_public_address_is_refused(text: str) -> None:
    with pytest.raises(Complaint, match="--public-url"):
        read_public_url(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "{}", "[]", '["stdin"]', '["stdin", 1]', '["quit"]', '["deliver_chunk_request", "x"]',
        '["resize", {"width": "80", "height": 24}]', '["resize", {"width": -1, "height": 24}]',
        '["resize", {"width": 1e9, "height": 24}]', '["ping", "' + "x" * 65 + '"]', '["blur"',
    ],
)  # fmt: skip
def test_what_no_page_of_ours_says_is_no_message(text: str) -> None:
    with pytest.raises(msgspec.DecodeError):
        read_message(text)


def test_messages_are_bounded() -> None:
    large = read_message('["resize", {"width": 100000, "height": 0}]')
    assert isinstance(large, Resized)
    assert large.size.bounded == (MOST_COLUMNS, 1)
    assert Typed("a\ud800").data == b"a?"
    assert read_size("100000", "1000").bounded == (MOST_COLUMNS, MOST_ROWS)
    assert read_size("", "x").bounded == (80, 24)


async def test_the_page_names_no_other_host() -> None:
    async with serving() as url, ClientSession() as client, client.get(url) as answer:
        sent = await answer.text()
        policy = answer.headers["Content-Security-Policy"]
    assert answer.status == 200
    files = [path.read_text(encoding="utf-8") for path in sorted(PAGE.iterdir())]
    for text in (sent, *files):
        assert set(re.findall(r"(?:https?:)?//[\w.-]+\.\w+[^\"')\s]*", text)) <= {
            "http://www.w3.org/2000/svg"
        }
    named = {word for word in re.split("[ ;]+", policy) if ":" in word}
    assert named == {"data:", url.replace("http", "ws")}
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


async def test_everything_that_the_page_names_is_there() -> None:
    async with serving() as url, ClientSession() as client:
        async with client.get(url) as answer:
            named = re.findall(r"(?:href|src)=\"(/[^\"]*)\"", await answer.text())
        styles = re.findall(r"url\(\"(/[^\"]*)\"\)", (PAGE / "page.css").read_text("utf-8"))
        assert len(named) == 6
        for path in [*named, *styles]:
            async with client.get(url + path) as answer:
                assert answer.status == 200, path


@pytest.mark.parametrize("path", ["/", "/static/js/textual.js", "/page/page.js", "/download/x"])
async def test_foreign_hosts_and_origins_are_refused_everywhere(path: str) -> None:
    async with serving() as url, ClientSession() as client:
        foreign = [{"Host": "evil.example"}, {"Origin": "http://evil.example"}]
        for headers in [*foreign, {"Origin": "null"}, {"Host": "localhost:1"}]:
            async with client.get(url + path, headers=headers) as answer:
                assert answer.status == 403
                assert url in await answer.text()
        port = URL(url).port
        async with client.get(url + path, headers={"Host": f"localhost:{port}"}) as answer:
            assert answer.status == (404 if "download" in path else 200)


@pytest.mark.parametrize("path", ["/static/", "/page/", "/play/fr", "/page/../server.py", "/etc"])
async def test_nothing_else_is_served(path: str) -> None:
    async with serving() as url, ClientSession() as client:
        answer = await client.get(URL(url + path, encoded=True))
        assert answer.status in (403, 404)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:1"])
async def test_a_foreign_page_opens_no_socket(origin: str) -> None:
    async with serving() as url:
        with pytest.raises(WSServerHandshakeError, match="403"):
            async with page(url, origin=origin):
                pass


@pytest.mark.usefixtures("quiet")
async def test_a_socket_without_an_origin_is_refused() -> None:
    async with serving() as url, ClientSession() as client:
        with pytest.raises(WSServerHandshakeError, match="403"):
            await client.ws_connect(f"{url}/play/en")


@pytest.mark.usefixtures("quiet")
async def test_a_public_address_is_one_of_our_own() -> None:
    async with serving(public="https://game.example:9000") as url:
        async with ClientSession() as client:
            there = {"Host": "game.example:9000"}
            async with client.get(url, headers=there) as answer:
                assert "wss://game.example:9000" in answer.headers["Content-Security-Policy"]
        async with page(url, origin="https://game.example:9000") as one:
            assert await one.hears()


@pytest.mark.usefixtures("quiet")
async def test_a_player_gets_a_game_of_the_right_size_in_the_right_language() -> None:
    async with serving() as url, page(url, "/play/ko?width=120&height=40") as one:
        pid, columns, rows, language = await one.hears()
        assert (columns, rows, language) == ("120", "40", "ko")
        await one.says("stdin", '"한글"')
        assert await one.hears() == "한글"
        await one.says("resize", {"width": 99_999, "height": 30})
        resized = {"type": "resize", "width": MOST_COLUMNS, "height": 30}
        assert await one.hears() == resized
        await one.says("focus")
        assert await one.hears() == {"type": "focus"}
        await one.says("blur")
        assert await one.hears() == {"type": "blur"}
        await one.says("ping", "7")
        assert await one.hears() == ["pong", "7"]
        await one.says("stdin", "leave")
        assert await one.end() == End.OVER
    assert not runs(pid)


@pytest.mark.usefixtures("quiet")
async def test_the_next_player_is_refused_until_a_tab_is_closed() -> None:
    async with serving(players=2) as url, page(url) as one, page(url) as two:
        (first, *_), (second, *_) = await one.hears(), await two.hears()
        async with page(url) as late:
            assert await late.end() == End.FULL
        await two.socket.close()
        async with page(url) as late:
            third, *_ = await late.hears()
            assert not runs(second)
            assert runs(first)
    assert not runs(first)
    assert not runs(third)


async def test_a_place_is_waited_for_only_while_somebody_leaves() -> None:
    places = Places(1)
    assert await places.take()
    assert not await places.take()
    with places.leaving():
        next_one = asyncio.create_task(places.take())
        await asyncio.sleep(0)
        assert not next_one.done()
    assert await next_one
    assert not await places.take()


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("said", ["nonsense", '["quit"]', '["resize", {"width": "x"}]'])
async def test_nonsense_ends_a_connection_and_its_game(said: str) -> None:
    async with serving(players=1) as url:
        async with page(url) as one:
            pid, *_ = await one.hears()
            await one.socket.send_str(said)
            assert await one.end() == End.NONSENSE
        async with page(url) as two:
            await two.hears()
            assert not runs(pid)
            await two.socket.send_bytes(b"[]")
            assert await two.end() == End.NONSENSE


@pytest.mark.usefixtures("quiet")
async def test_a_message_that_is_too_large_ends_a_connection() -> None:
    async with serving() as url, page(url) as one:
        await one.hears()
        await one.says("stdin", "x" * 70_000)
        assert await one.end() == 1009


@pytest.mark.usefixtures("quiet")
async def test_a_game_that_breaks_off_says_so_to_its_page() -> None:
    async with serving() as url, page(url) as one:
        await one.hears()
        await one.says("stdin", "crash")
        assert await one.end() == End.BROKE


@pytest.mark.usefixtures("quiet")
async def test_a_game_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(player_module, "LEAVE_S", 0.1)
    monkeypatch.setenv("DEAF", "1")
    async with serving(players=1) as url:
        async with page(url) as one:
            pid, *_ = await one.hears()
        async with page(url) as two:
            await two.hears()
            assert not runs(pid)


@pytest.mark.usefixtures("quiet")
async def test_a_server_that_stops_tells_its_pages_and_leaves_no_game() -> None:
    async with page_of_stopped_server() as (one, pid):
        assert await one.end() == End.STOPPED
    assert not runs(pid)


@asynccontextmanager
async def page_of_stopped_server() -> AsyncIterator[tuple[Page, int]]:
    async with ClientSession() as client:
        async with serving() as url:
            socket = await client.ws_connect(f"{url}/play/en", origin=url)
            one = Page(socket)
            pid, *_ = await one.hears()
            end = asyncio.create_task(one.end())  # a browser answers a close by itself
        await end
        yield one, pid


async def test_a_game_ends_by_itself_when_its_server_was_killed() -> None:
    environment = {
        **os.environ,
        "TEXTUAL_DRIVER": "tui.serve.driver:PageDriver",
        "HEADROOM_LANG": "en",
        "PYTHONPATH": str(Path(__file__).parent.parent),
    }
    game = await asyncio.create_subprocess_exec(
        *player_module.GAME, stdin=-1, stdout=-1, stderr=-1, env=environment
    )
    assert game.stdin is not None
    assert game.stdout is not None
    async with asyncio.timeout(PATIENCE_S):
        assert await game.stdout.readline() == b"__GANGLION__\n"
        game.stdin.close()
        _, said = await game.communicate()
    assert (game.returncode, said) == (0, b"")


@pytest.mark.parametrize(
    ("query", "asked", "saved", "browser", "language"),
    [
        ("?lang=ko", "en", "en", "en", "ko"),
        ("?lang=xx", "ko", "en", "en", "ko"),
        ("", None, "ko", "en", "ko"),
        ("", None, None, "ko-KR,ko;q=0.9", "ko"),
        ("", None, None, "fr", "en"),
    ],
)
async def test_the_page_speaks_the_language_of_its_reader(
    query: str, asked: str | None, saved: str | None, browser: str, language: str
) -> None:
    if saved:
        save_settings(Settings(language=saved))
    async with serving(language=asked) as url, ClientSession() as client:
        headers = {"Accept-Language": browser}
        async with client.get(f"{url}/{query}", headers=headers) as answer:
            text = await answer.text()
    assert f'<html lang="{language}">' in text
    assert f'data-path="/play/{language}"' in text
    assert Words(language).say("serve.connecting") in text


@pytest.mark.parametrize(
    ("query", "size"), [("", 16), ("?fontsize=24", 24), ("?fontsize=999", 16), ("?fontsize=²", 16)]
)
async def test_letters_have_the_size_that_is_asked_for(query: str, size: int) -> None:
    async with serving() as url, ClientSession() as client, client.get(url + "/" + query) as answer:
        assert f'data-font-size="{size}"' in await answer.text()


Captured = pytest.CaptureFixture[str]


@pytest.fixture
def unserved(monkeypatch: pytest.MonkeyPatch) -> None:
    """`headroom serve` up to where pages could be opened."""
    monkeypatch.setattr(GameServer, "serve_on", lambda self, listener, say: say())


@pytest.mark.usefixtures("unserved")
def test_the_address_is_one_line(capsys: Captured) -> None:
    assert run(["serve", "--port", "0"]) == WON
    told = capsys.readouterr()
    assert re.fullmatch(r"[^\n]+ http://127\.0\.0\.1:\d+ [^\n]+\n", told.out)
    assert told.err == ""


@pytest.mark.usefixtures("unserved")
def test_a_port_that_others_reach_is_warned_of(capsys: Captured) -> None:
    assert run(["serve", "--host", "0.0.0.0", "--port", "0"]) == WON
    told = capsys.readouterr()
    assert "warning" in told.err
    assert "can play as you" in told.err
    assert told.err.count("\n") == 1


@pytest.mark.usefixtures("unserved")
def test_a_server_that_cannot_be_says_why_in_one_line(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run(["serve", "--port", str(port)]) == BAD_INPUT
    assert run(["serve", "--host", "no.such.host.invalid"]) == BAD_INPUT
    assert run(["serve", "--players", "0"]) == BAD_INPUT
    assert run(["serve", "--lang", "fr"]) == BAD_INPUT
    assert run(["serve", "--public-url", "x"]) == BAD_INPUT
    monkeypatch.setitem(sys.modules, "textual_serve", None)
    assert run(["serve"]) == BAD_INPUT
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 6
    assert "textual-serve" in lines[-1]


def test_the_doctor_knows_whether_it_can_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    def browser() -> tuple[str, str]:
        return next((f.found, f.problem) for f in findings() if f.what == "browser")

    found, problem = browser()
    assert "headroom serve" in found
    assert not problem
    monkeypatch.setitem(sys.modules, "textual_serve", None)
    assert "textual-serve" in browser()[1]
