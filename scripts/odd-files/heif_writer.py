"""Takes HEIF files apart and puts them together from items, references and properties."""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Iterator, Sequence


@dataclasses.dataclass(frozen=True)
class Item:
    """An item of a HEIF file.

    Attributes:
        kind: Its four letters.
        data: What it holds.
        properties: Its properties' boxes, in order.
    """

    kind: bytes
    data: bytes
    properties: tuple[bytes, ...] = ()


def box(kind: bytes, *content: bytes) -> bytes:
    """Writes a box.

    Args:
        kind: Its four letters.
        *content: What it holds.

    Returns:
        The box.
    """
    whole = b"".join(content)
    return struct.pack(">I4s", 8 + len(whole), kind) + whole


def full_box(kind: bytes, version: int, *content: bytes, flags: int = 0) -> bytes:
    """Writes a box with a version and flags.

    Args:
        kind: Its four letters.
        version: Its version.
        *content: What it holds.
        flags: Its flags.

    Returns:
        The box.
    """
    return box(kind, struct.pack(">I", version << 24 | flags), *content)


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    """Lists boxes that lie behind each other.

    Args:
        data: The file.
        start: Where the first begins.
        end: Where the last ends; None for the file's end.

    Yields:
        Four letters, and where the content begins and ends.
    """
    end = len(data) if end is None else end
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        yield kind, start + 8, start + size
        start += size


def item(data: bytes, number: int = 1) -> Item:
    """Takes a coded picture out of a file whose items are numbered by 16 bits.

    Args:
        data: The file.
        number: The item's number.

    Returns:
        The item with its data and its properties.
    """
    meta = {kind: (start, end) for kind, start, end in boxes(data, *_content(data, b"meta", 4))}
    parts = {kind: (start, end) for kind, start, end in boxes(data, *meta[b"iprp"])}
    known = [data[start - 8 : end] for _, start, end in boxes(data, *parts[b"ipco"])]
    place, _ = parts[b"ipma"]
    count = struct.unpack_from(">I", data, place + 4)[0]
    place += 8
    chosen: tuple[bytes, ...] = ()
    for _ in range(count):
        owner, length = struct.unpack_from(">HB", data, place)
        indices = data[place + 3 : place + 3 + length]
        place += 3 + length
        if owner == number:
            chosen = tuple(known[(index & 0x7F) - 1] for index in indices)
    kinds = {
        struct.unpack_from(">H", data, start + 4)[0]: data[start + 8 : start + 12]
        for _, start, _ in boxes(data, meta[b"iinf"][0] + 6, meta[b"iinf"][1])
    }
    return Item(kinds[number], _item_data(data, meta[b"iloc"][0], number), chosen)


def _content(data: bytes, kind: bytes, skipped: int) -> tuple[int, int]:
    return next((start + skipped, end) for found, start, end in boxes(data) if found == kind)


def _item_data(data: bytes, place: int, number: int) -> bytes:
    """Follows a table of places whose offsets and lengths have 4 bytes and whose base has none or 4."""
    version, sizes, count = struct.unpack_from(">B3xHH", data, place)
    if sizes & 0xFF0F not in (0x4400,):
        raise ValueError(f"places of sizes {sizes:x}")
    base_size = sizes >> 4 & 15
    place += 8
    for _ in range(count):
        owner = struct.unpack_from(">H", data, place)[0]
        place += 2 + (2 if version else 0) + 2
        base = struct.unpack_from(">I", data, place)[0] if base_size else 0
        place += base_size
        extents = struct.unpack_from(">H", data, place)[0]
        place += 2
        pieces = []
        for _ in range(extents):
            offset, length = struct.unpack_from(">II", data, place)
            pieces.append(data[base + offset : base + offset + length])
            place += 8
        if owner == number:
            return b"".join(pieces)
    raise ValueError(f"no item {number}")


def heif(
    brand: bytes,
    compatible: Sequence[bytes],
    items: dict[int, Item],
    references: Sequence[tuple[bytes, int, Sequence[int]]] = (),
    *,
    primary: int = 1,
    wide: bool = False,
) -> bytes:
    """Writes a HEIF file.

    Args:
        brand: Its first brand.
        compatible: Its other brands.
        items: The items by number.
        references: Kind, from which item, to which.
        primary: The main picture's number.
        wide: Whether numbers in references have 32 bits.

    Returns:
        The file.
    """
    known = list(dict.fromkeys(part for each in items.values() for part in each.properties))
    associations = b"".join(
        struct.pack(">HB", number, len(each.properties))
        + bytes(
            0x80 | known.index(part) + 1 if part[4:8] in _ESSENTIAL else known.index(part) + 1
            for part in each.properties
        )
        for number, each in items.items()
        if each.properties
    )
    owners = sum(1 for each in items.values() if each.properties)
    entries = [
        full_box(b"infe", 2, struct.pack(">HH4s", number, 0, each.kind), b"\0") for number, each in items.items()
    ]
    number_format = ">I" if wide else ">H"
    links = [
        box(
            kind,
            struct.pack(number_format, source),
            struct.pack(">H", len(targets)),
            *(struct.pack(number_format, target) for target in targets),
        )
        for kind, source, targets in references
    ]
    start = box(b"ftyp", brand, bytes(4), *compatible)

    def description(offset: int) -> bytes:
        places = b""
        for number, each in items.items():
            places += struct.pack(">HHHII", number, 0, 1, offset, len(each.data))
            offset += len(each.data)
        return full_box(
            b"meta",
            0,
            full_box(b"hdlr", 0, bytes(4), b"pict", bytes(13)),
            full_box(b"pitm", 0, struct.pack(">H", primary)),
            full_box(b"iloc", 0, struct.pack(">HH", 0x4400, len(items)), places),
            full_box(b"iinf", 0, struct.pack(">H", len(entries)), *entries),
            box(
                b"iprp",
                box(b"ipco", *known),
                full_box(b"ipma", 0, struct.pack(">I", owners), associations),
            ),
            full_box(b"iref", 1 if wide else 0, *links) if links else b"",
        )

    offset = len(start) + len(description(0)) + 8
    return start + description(offset) + box(b"mdat", *(each.data for each in items.values()))


# Properties without which a picture must not be shown.
_ESSENTIAL = (b"hvcC", b"av1C", b"irot", b"imir", b"clap")
