"""A headless Chromium, driven by its DevTools protocol; only what the tests of the page need."""

import asyncio
import base64
import json
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

NAMES = ("chromium", "chromium-browser", "google-chrome")

PATIENCE_S = 120.0
"""Only so that a broken page does not hang the tests; nothing is judged by it."""

KEYS = {
    "Enter": (13, "\r"),
    "Escape": (27, ""),
    "Tab": (9, ""),
    "ArrowDown": (40, ""),
    "ArrowUp": (38, ""),
    "F1": (112, ""),
    " ": (32, " "),
}
"""Keys that are no letters: their code, and what they type."""


def find_browser() -> str | None:
    """The path of a Chromium on this machine, if there is one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Tab:
    """One page: its network events, the bytes that its socket got, its keys and pictures."""

    def __init__(self, browser: "Browser", session: str) -> None:
        self._browser = browser
        self._session = session
        self.requests: list[str] = []
        self.drawn = b""
        self.problems: list[str] = []

    async def do(self, method: str, **parameters: Any) -> dict[str, Any]:
        return await self._browser.call(method, parameters, self._session)

    async def open(self, url: str) -> None:
        for domain in ("Network", "Page", "Runtime", "Log"):
            await self.do(f"{domain}.enable")
        await self.do("Page.navigate", url=url)

    async def size(self, width: int, height: int) -> None:
        shape = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        await self.do("Emulation.setDeviceMetricsOverride", **shape)

    async def value(self, expression: str) -> Any:
        answer = await self.do("Runtime.evaluate", expression=expression, awaitPromise=True)
        return answer["result"].get("value")

    async def front(self) -> None:
        """Turn to this tab, as keys go to no other."""
        await self.do("Page.bringToFront")

    async def press(self, key: str, *, ctrl: bool = False) -> None:
        """Press a key as a person would; what the page leaves alone the browser may take."""
        code, text = KEYS[key] if key in KEYS else (ord(key.upper()), key)
        shape = {"key": key, "windowsVirtualKeyCode": code, "modifiers": 2 if ctrl else 0}
        typed = {} if ctrl or not text else {"text": text}
        await self.do("Input.dispatchKeyEvent", type="keyDown", **shape, **typed)
        await self.do("Input.dispatchKeyEvent", type="keyUp", **shape)

    async def picture(self, path: Path) -> None:
        taken = await self.do("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(taken["data"]))

    async def close(self) -> None:
        await self.do("Page.close")

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds of what the page has told."""
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                await self._browser.heard()

    async def until_state(self, state: str) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while await self.value("document.body.dataset.state") != state:
                await asyncio.sleep(0.05)

    def hear(self, method: str, told: dict[str, Any]) -> None:
        match method:
            case "Network.requestWillBeSent":
                self.requests.append(told["request"]["url"])
            case "Network.webSocketCreated":
                self.requests.append(told["url"])
            case "Network.webSocketFrameReceived":
                frame = told["response"]
                if frame["opcode"] == 2:
                    self.drawn += base64.b64decode(frame["payloadData"])
            case "Runtime.exceptionThrown":
                self.problems.append(json.dumps(told["exceptionDetails"]))
            case "Log.entryAdded":
                if told["entry"]["level"] == "error":
                    self.problems.append(told["entry"]["text"])


class Browser:
    """The browser itself, at the end of its DevTools socket."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self._calls: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._tabs: dict[str, Tab] = {}
        self._news = asyncio.Event()
        self.reader = asyncio.create_task(self._read())

    async def tab(self) -> Tab:
        target = await self.call("Target.createTarget", {"url": "about:blank"})
        how = {"targetId": target["targetId"], "flatten": True}
        session = (await self.call("Target.attachToTarget", how))["sessionId"]
        self._tabs[session] = Tab(self, session)
        return self._tabs[session]

    async def call(
        self, method: str, parameters: dict[str, Any], session: str | None = None
    ) -> dict[str, Any]:
        number = len(self._calls) + 1
        answer = self._calls[number] = asyncio.get_running_loop().create_future()
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        await self._socket.send_json(message | ({"sessionId": session} if session else {}))
        async with asyncio.timeout(PATIENCE_S):
            result: dict[str, Any] = await answer
        return result

    async def heard(self) -> None:
        """Wait for the next thing that any tab tells."""
        self._news.clear()
        await self._news.wait()

    async def _read(self) -> None:
        async for received in self._socket:
            if received.type is not WSMsgType.TEXT:
                continue
            told = received.json()
            if "id" in told:
                problem = told.get("error")
                assert not problem, problem
                self._calls[told["id"]].set_result(told["result"])
            elif told.get("sessionId") in self._tabs:
                self._tabs[told["sessionId"]].hear(told["method"], told["params"])
            self._news.set()


@asynccontextmanager
async def open_browser(program: str, folder: Path) -> AsyncIterator[Browser]:
    """Start a browser of its own, with nothing of the user's, and end it."""
    options = ["--headless=new", "--remote-debugging-port=0", f"--user-data-dir={folder}"]
    options += ["--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--no-sandbox")
    process = await asyncio.create_subprocess_exec(
        program, *options, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    try:
        address = await _address(process)
        async with (
            ClientSession() as client,
            client.ws_connect(address, max_msg_size=0) as socket,
        ):
            browser = Browser(socket)
            try:
                yield browser
            finally:
                with suppress(TimeoutError):
                    async with asyncio.timeout(5):
                        await browser.call("Browser.close", {})
                browser.reader.cancel()
    finally:
        if process.returncode is None:
            with suppress(TimeoutError, ProcessLookupError):
                async with asyncio.timeout(10):
                    await process.wait()
            if process.returncode is None:
                process.kill()
        await process.communicate()


async def _address(process: asyncio.subprocess.Process) -> str:
    """Where its DevTools listen, as the browser says when it has started."""
    assert process.stderr is not None
    async with asyncio.timeout(PATIENCE_S):
        async for line in process.stderr:
            _, found, address = line.decode("utf-8", "replace").partition("DevTools listening on ")
            if found:
                return address.strip()
    raise AssertionError("the browser ended before it began")
