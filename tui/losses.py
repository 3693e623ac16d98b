"""What goes with a thing that is given back: the requests it answers, the data that lie on it."""

from engine.frame import Frame
from engine.services.command import Command
from tui.actions import name_of
from tui.render.canvas import clean
from tui.render.sentences import role_words
from tui.standing import stands
from tui.words import Words

ENDING = ("terminate_", "delete_")
"""How the commands begin that end something."""


def loss_words(command: Command, frame: Frame, words: Words) -> list[str]:
    """What a command takes along, a sentence each; none where it ends nothing of worth."""
    if not name_of(type(command)).startswith(ENDING):
        return []
    id = str(getattr(command, command.__struct_fields__[0]))
    roles = [role_words(role, words) for role, holder in frame.addresses.items() if holder == id]
    said = []
    if roles:
        said.append(words.say("form.loses_address", roles=clean(", ".join(roles))))
    if not getattr(command, "keep_backup", False):
        for name, gb in _data_on(id, frame):
            said.append(words.say("form.loses_data", id=clean(name), gb=gb))
    return said


def _data_on(id: str, frame: Frame) -> list[tuple[str, float]]:
    """The data of some role that go with a thing, and what they lie on."""
    going = [v for v in frame.volumes if v.id == id or (v.attached_to == id and not v.keep)]
    found = [(volume.id, volume.used_gb) for volume in going if volume.roles]
    standing = stands(frame, id)
    used = standing.now("used_gb") if standing and frame.resource(id) else None
    if isinstance(used, int | float):
        found.append((id, used))
    return [(name, gb) for name, gb in found if gb > 0]
