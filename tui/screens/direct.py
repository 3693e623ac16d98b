"""Traffic and money in the sandbox: sliders for the rate, each class's share and the budget."""

from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.binding import BindingType

from engine.frame import SandboxView
from tui.actions import bindings_of
from tui.render.canvas import clean, pad
from tui.screens.live import LiveScreen, TextView
from tui.screens.viewed import Directed
from tui.sliders import BILL, BUDGET, FILE, RATE, Given, Sliders, full_scale

LONGEST_BAR = 60

WHOLE_RPS = 10_000
"""A rate from which parts of a request are not shown."""


class DirectScreen(TextView):
    """The sliders; what they do is done at once, at the second where the run rests."""

    WHERE = "direct"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = bindings_of("direct")

    def __init__(self, run: Directed) -> None:
        super().__init__(run)
        self.sandbox = run
        self.sliders = Sliders()

    def on_mount(self) -> None:
        """The keys go to the sliders, not to the text."""
        LiveScreen.on_mount(self)

    def title_words(self) -> str:
        """What this is."""
        return self.desk.say("sandbox.title")

    def write(self, width: int) -> Text:
        """A line for each slider, what is typed, and what the keys do."""
        seen, say, ink = self.run.frame.sandbox, self.desk.say, self.desk.hue
        text = Text(no_wrap=True, overflow="crop")
        if seen is None:
            return text
        named = {name: self._named(name) for name in self.sliders.names(seen)}
        label = max(cell_len(name) for name in named.values()) + 2
        for name, said in named.items():
            here = name == self.sliders.name(seen)
            text.append("\n▸ " if here else "\n  ", "bold")
            text.append(pad(said, label), "bold" if here else "")
            if name == BILL:
                text.append(say("sandbox.bill_on" if seen.bill else "sandbox.bill_off"),
                            "" if seen.bill else f"bold {ink('warn')}")  # fmt: skip
                continue
            if name == FILE:
                followed = clean(self.sandbox.followed())
                text.append(followed or say("sandbox.file_none"), "bold" if followed else "dim")
                if self.sandbox.file_is_over():
                    text.append(f"  {say('sandbox.file_ended')}", f"bold {ink('warn')}")
                continue
            share, figure = _drawn(name, seen)
            room = max(4, min(LONGEST_BAR, width - label - 30))
            full = round(share * room)
            text.append("▰" * full, ink("flow")).append("▱" * (room - full), ink("faint"))
            text.append(f"  {pad(figure, 10, right=True)}", "bold")
            if self.sliders.stays(name, seen) and not (here and self.sliders.typed):
                text.append(f"  {say('sandbox.stays')}", "dim")
            if here and self.sliders.typed:
                text.append(f"  → {self.sliders.typed}▏", f"bold {ink('accent')}")
        text.append("\n\n")
        text.append(clean(say("sandbox.month")) + "\n", "dim")
        bound = self.sliders.bound
        if bound is None:
            return text.append(clean(self.sandbox.done or ""), "bold")
        said = say(bound.key, n=bound.figure)
        return text.append(said, f"bold {ink('warn')}")

    def _named(self, name: str) -> str:
        own = name in (RATE, FILE, BUDGET, BILL)
        return self.desk.say(f"sandbox.{name}") if own else clean(name)

    def on_key(self, event: events.Key) -> None:
        """Digits, a point and backspace go into the slider; escape first drops what was typed."""
        seen = self.run.frame.sandbox
        if seen is None:
            return
        character = "\b" if event.key == "backspace" else event.character or ""
        if event.key == "escape" and self.sliders.typed:
            self.sliders.typed = ""
        elif character == "\b" or (character.isascii() and character.strip("0123456789.") == ""):
            if not character:
                return
            self.sliders.press(character, seen)
        else:
            return
        event.stop()
        event.prevent_default()
        self.show_second()

    def action_slider(self, by: int) -> None:
        """To another slider."""
        if self.run.frame.sandbox is not None:
            self.sliders.move(by, self.run.frame.sandbox)
        self.show_second()

    def action_slide(self, by: int) -> None:
        """A step to the side."""
        if self.run.frame.sandbox is not None:
            self._give(self.sliders.step(by, self.run.frame.sandbox))

    def action_take(self) -> None:
        """What was typed, or a file."""
        seen = self.run.frame.sandbox
        if seen is not None and self.sliders.name(seen) == FILE:
            self.action_traffic_file()
        elif seen is not None:
            self._give(self.sliders.enter(seen))

    def action_undo(self) -> None:
        """Take back what was done last; backspace belongs to the number that is typed."""
        self.sandbox.action_undo()
        self.show_second()

    def action_own_curve(self) -> None:
        """The rate as the board's file has it, or the traffic file that was taken."""
        self._give([{"do": "set_rate"}])

    def action_traffic_file(self) -> None:
        """A file, from here as from the board."""
        self.sandbox.action_traffic_file()

    def on_screen_resume(self) -> None:
        """What was chosen above holds now."""
        self.show_second()

    def action_trouble(self) -> None:
        """Trouble, from here as from the board."""
        self.sandbox.action_trouble()

    def _give(self, commands: Given) -> None:
        for values in commands:
            self.sandbox.direct(values)
        self.show_second()


def _drawn(name: str, seen: SandboxView) -> tuple[float, str]:
    """How full a slider is, and its figure."""
    if name == RATE:
        figure = f"{seen.rps:,.5g}" if seen.rps < WHOLE_RPS else f"{seen.rps:,.0f}"
        return seen.rps / full_scale(seen.rps), f"{figure}/s"
    if name == BUDGET:
        return seen.month_usd / full_scale(seen.month_usd), f"${seen.month_usd:,.10g}"
    return seen.shares[name], f"{seen.shares[name] * 100:.4g}%"
