"""The command that offers the game to browsers."""

import sys
from importlib.util import find_spec
from typing import Annotated

import typer

from engine.complaint import Complaint
from tui.cli.options import LanguageOption, language_of


def serve(
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="The port; 0 for any that is free.")
    ] = 8000,
    players: Annotated[int, typer.Option(min=1, max=64, help="How many may play at once.")] = 4,
    public_url: Annotated[
        str | None, typer.Option(help="What players open, where it is another address.")
    ] = None,
    lang: LanguageOption = None,
) -> None:
    """Offer the game to browsers on this machine; Ctrl-C ends it."""
    if find_spec("textual_serve") is None:
        raise Complaint("headroom serve", "needs textual-serve", "pip install textual-serve first")
    from tui.serve.address import Address, listen, read_public_url
    from tui.serve.places import Places
    from tui.serve.server import GameServer

    language = None if lang is None else language_of(lang)
    public = None if public_url is None else read_public_url(public_url)
    with listen(host, port) as listener:
        address = Address(host, listener.getsockname()[1], public)
        if not address.is_loopback:
            print(f"headroom: warning: {_warning(address.host, address.port)}", file=sys.stderr)
        said = f"Headroom for {players} players at {address.url} until Ctrl-C"
        GameServer(address, Places(players), language).serve_on(
            listener, lambda: print(said, flush=True)
        )


def _warning(host: str, port: int) -> str:
    return (
        f"whoever reaches {host} port {port} can play as you: see and delete your saved runs, "
        "change your settings, open files that you may read; nothing is encrypted"
    )
