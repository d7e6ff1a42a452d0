"""Makes broken models of sound ones, in three ways."""

from __future__ import annotations

import random
import struct
from typing import Callable, Dict

from layout import Layout, Place

INTEGERS = [0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 31, 64, 127, 128, 255, 256, 1000, 32767, 65535, 65536, 1 << 20, 1 << 24]
INTEGERS += [1 << 30, (1 << 31) - 1, 1 << 31, (1 << 32) - 1, 1 << 40, (1 << 63) - 1]
FLOATS = [0.0, -0.0, -1.0, 1e-45, 1e-30, 1.0, 127.0, 1e30, 3.4e38, float("inf"), float("-inf"), float("nan")]


class Base:
    """A sound model to break.

    Attributes:
        name: Its name, for reports.
        content: The file.
        layout: Its places.
        structure: The positions of its structural bytes.
    """

    def __init__(self, name: str, content: bytes) -> None:
        """Walks a model.

        Args:
            name: Its name.
            content: The file.
        """
        self.name = name
        self.content = content
        self.layout = Layout(content)
        self.structure = self.layout.structural_bytes()


def flip_bytes(base: Base, numbers: random.Random) -> bytes:
    """Changes one to eight structural bytes."""
    model = bytearray(base.content)
    for _ in range(numbers.randint(1, 8)):
        position = numbers.choice(base.structure)
        model[position] = numbers.choice([model[position] ^ (1 << numbers.randrange(8)), numbers.randrange(256)])
    return bytes(model)


def truncate(base: Base, numbers: random.Random) -> bytes:
    """Cuts a model short, half the time near its end."""
    size = len(base.content)
    near = numbers.random() < 0.5
    return base.content[: numbers.randrange(max(0, size - 600) if near else 0, size)]


def change_fields(base: Base, numbers: random.Random) -> bytes:
    """Changes one to four fields; what results is a valid FlatBuffer."""
    model = bytearray(base.content)
    for _ in range(numbers.randint(1, 4)):
        place = numbers.choice(base.layout.places)
        _change(model, place, base.layout, numbers)
    return bytes(model)


def _change(model: bytearray, place: Place, layout: Layout, numbers: random.Random) -> None:
    if place.what == "scalar":
        _store(model, place, _value(model, place, numbers))
    elif place.what == "count":
        # Only fewer entries are sure to stay inside the file.
        count = struct.unpack_from("<I", model, place.position)[0]
        fewer = numbers.choice([0, count - 1, numbers.randint(0, max(count, 0))])
        struct.pack_into("<I", model, place.position, max(0, min(fewer, count)))
    elif place.what == "entry":
        struct.pack_into("<H", model, place.position, 0)
    else:
        later = [target for target in layout.targets[place.kind] if target > place.position]
        if later:
            struct.pack_into("<I", model, place.position, numbers.choice(later) - place.position)


def _value(model: bytearray, place: Place, numbers: random.Random) -> float:
    if place.kind == "f":
        return numbers.choice(FLOATS)
    now = struct.unpack_from("<" + place.kind, model, place.position)[0]
    near = now + numbers.choice([-2, -1, 1, 2])
    return numbers.choice([near, -now, numbers.choice(INTEGERS), -numbers.choice(INTEGERS), numbers.randrange(256)])


def _store(model: bytearray, place: Place, value: float) -> None:
    if place.kind == "f":
        struct.pack_into("<f", model, place.position, value)
        return
    size = struct.calcsize(place.kind)
    model[place.position : place.position + size] = (int(value) & ((1 << (8 * size)) - 1)).to_bytes(size, "little")


KINDS: Dict[str, Callable[[Base, random.Random], bytes]] = {
    "byte flips": flip_bytes,
    "truncations": truncate,
    "hostile values": change_fields,
}
