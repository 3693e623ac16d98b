"""Where the server listens, and under which addresses it may be asked for."""

import ipaddress
import socket

from yarl import URL

from engine.complaint import Complaint

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
"""What a browser on this machine may call this machine."""


class Address:
    """A host and a port that are listened on, and a `public` URL that leads there, if any."""

    def __init__(self, host: str, port: int, public: URL | None = None) -> None:
        self.host = host
        self.port = port
        self.public = public

    @property
    def url(self) -> str:
        """What a player opens."""
        if self.public is not None:
            return str(self.public.origin())
        return f"http://{self._with_port('127.0.0.1' if self._everywhere else _named(self.host))}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        if self.host.lower() == "localhost":
            return True
        ip = _ip(self.host)
        return ip is not None and ip.is_loopback

    @property
    def _everywhere(self) -> bool:
        ip = _ip(self.host)
        return ip is not None and ip.is_unspecified

    def answers_to(self, host: str, arrived_at: str = "") -> bool:
        """Whether a Host header means us; `arrived_at` is the address that a request came in by.

        A name that somebody else pointed at this machine does not (DNS rebinding).
        """
        names = [*LOOPBACK_NAMES, _named(self.host)]
        if self._everywhere and arrived_at:
            names.append(_named(arrived_at))
        own = {self._with_port(name.lower()) for name in names}
        if self.public is not None:
            own.add(str(self.public.origin()).partition("://")[2].lower())
        return host.lower() in own

    def is_own_origin(self, origin: str, arrived_at: str = "") -> bool:
        """Whether an Origin header names a page of ours."""
        if self.public is not None and origin.lower() == str(self.public.origin()).lower():
            return True
        scheme, _, host = origin.partition("://")
        return scheme == "http" and self.answers_to(host, arrived_at)

    def _with_port(self, name: str) -> str:
        return name if self.port == 80 else f"{name}:{self.port}"


def read_public_url(text: str) -> URL:
    """The address that players use where it is another than the server's own."""
    try:
        url = URL(text)
        whole = url.scheme in ("http", "https") and url.host and url == url.origin()
    except ValueError:
        whole = False
    if not whole:
        raise Complaint("--public-url", "is no address of a server", "such as http://pi:8000")
    return url


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to a host and a port, 0 for any that is free; a Complaint if it cannot be."""
    where = f"{_named(host)}:{port}"
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, place = found[0]
        return socket.create_server(place[:2], family=family)
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise Complaint(
            where, f"cannot be listened on: {why}", "another --port or --host"
        ) from None


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _named(host: str) -> str:
    """A host as it stands in a URL."""
    ip = _ip(host)
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ip.ipv4_mapped or f"[{ip}]")
    return host
