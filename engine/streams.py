"""Named random streams from one seed: randomness has an address.

A stream is known by its name alone (``work/page/app``, ``ec2/3/boot``), so that
a new consumer never shifts an old one, and a player's choice never changes the
traffic that arrives.
"""

import hashlib

import numpy as np


class Streams:
    """All the generators of a run, each made from the seed and its own name."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._generators: dict[str, np.random.Generator] = {}

    def get(self, name: str) -> np.random.Generator:
        """The one generator of that name; it goes on where it was left."""
        if name not in self._generators:
            digest = hashlib.blake2b(name.encode(), digest_size=16).digest()
            key = tuple(int.from_bytes(digest[i : i + 4], "big") for i in range(0, 16, 4))
            sequence = np.random.SeedSequence(self.seed, spawn_key=key)
            self._generators[name] = np.random.Generator(np.random.PCG64(sequence))
        return self._generators[name]
