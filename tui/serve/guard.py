"""Whom the server answers: pages of its own, under its own names.

A browser lets any page that its user visits send requests to this machine. Host
and Origin are what a page cannot forge, so they decide.
"""

from aiohttp import web
from aiohttp.typedefs import Handler

from tui.serve.address import Address

CONTENT_SECURITY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # the terminal writes its styles itself
        "font-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self' {socket}",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""What a page of ours may load: nothing from anywhere else."""


class Guard:
    """Stands before every handler of the server at an address."""

    def __init__(self, address: Address) -> None:
        self.address = address

    @web.middleware
    async def check(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer a request of our own pages; refuse any other with one plain line."""
        if not self._is_ours(request):
            said = f"403: Headroom answers pages of its own only, at {self.address.url}\n"
            return web.Response(status=403, text=said)
        return await handler(request)

    async def seal(self, request: web.Request, response: web.StreamResponse) -> None:
        """Tell the browser what a page of ours may not do."""
        scheme = "wss" if self.address.url.startswith("https") else "ws"
        policy = CONTENT_SECURITY.format(socket=f"{scheme}://{request.host}")
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"

    def _is_ours(self, request: web.Request) -> bool:
        place = request.get_extra_info("sockname") or ("",)
        if not self.address.answers_to(request.headers.get("Host", ""), place[0]):
            return False
        origin = request.headers.get("Origin")
        if origin is None:  # a browser that opens a socket always names the page that does
            return request.headers.get("Upgrade") is None
        return self.address.is_own_origin(origin, place[0])
