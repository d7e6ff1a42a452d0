"""PNG files, written chunk by chunk."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, cast

import numpy as np

import exif
from odd_file import (
    EMBEDDED,
    HALF_PHOTOGRAPH,
    PHOTOGRAPH,
    QUARTER_PHOTOGRAPH,
    REFUSED,
    WARNED,
    Also,
    OddFile,
    Photograph,
    as_rgb,
    over,
    stored,
)

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GRAY, RGB, INDEXED, GRAY_ALPHA, RGBA = 0, 2, 3, 4, 6
_CHANNELS = {GRAY: 1, RGB: 3, INDEXED: 1, GRAY_ALPHA: 2, RGBA: 4}
# Where each of Adam7's seven passes begins, and its steps: x, y, x step, y step.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_TRUNCATED = (Also(("--allow-truncated",), WARNED),)


def png_files(photograph: Photograph) -> Iterator[OddFile]:
    """Makes the PNG files.

    Args:
        photograph: What they show.

    Yields:
        The files; the photograph itself is the first.
    """
    odd = "nothing: the photograph that the others are held against"
    yield OddFile(PHOTOGRAPH, "PNG", odd, png(photograph.rgb, RGB), exact=photograph.rgb)
    half = photograph.half.rgb
    yield OddFile(HALF_PHOTOGRAPH, "PNG", "nothing: every second pixel of it, likewise", png(half, RGB), exact=half)
    quarter = photograph.half.half.rgb
    odd = "nothing: every fourth pixel of it, likewise"
    yield OddFile(QUARTER_PHOTOGRAPH, "PNG", odd, png(quarter, RGB), exact=quarter)
    yield from _depths(photograph)
    yield from _transparency(photograph.half)
    yield from _layouts(photograph.half)
    yield from _damages(photograph)
    yield from _bombs(photograph)
    yield from _shapes(photograph)


# --- The writer -------------------------------------------------------------------------------------------------------


def chunk(kind: bytes, content: bytes = b"", *, checksum_error: int = 0) -> bytes:
    """Writes a chunk.

    Args:
        kind: Its four letters.
        content: Its content.
        checksum_error: What the checksum is falsified with.

    Returns:
        The chunk.
    """
    checksum = zlib.crc32(kind + content) ^ checksum_error
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def header(width: int, height: int, color_type: int, depth: int = 8, interlace: int = 0) -> bytes:
    """Writes the signature and the IHDR chunk.

    Args:
        width: The width that the file claims.
        height: The height that it claims.
        color_type: PNG's colour type.
        depth: Bits a sample.
        interlace: 1 for Adam7.

    Returns:
        The beginning of a file.
    """
    return SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, interlace))


def scanlines(samples: np.ndarray, depth: int = 8, *, adaptive: bool = True) -> bytes:
    """Packs and filters rows.

    Args:
        samples: Integers of shape [height, width] or [height, width, channels].
        depth: Bits a sample.
        adaptive: Whether each row gets the filter that leaves the smallest bytes; else none is filtered.

    Returns:
        The rows, each after its filter's number.
    """
    rows = samples.reshape(samples.shape[0], -1)
    channels = samples.shape[2] if samples.ndim == 3 else 1
    if depth == 16:
        packed = rows.astype(">u2").view(np.uint8)
    elif depth == 8:
        packed = rows.astype(np.uint8)
    else:
        bits = rows[:, :, None] >> np.arange(depth - 1, -1, -1) & 1
        packed = np.packbits(bits.reshape(len(rows), -1).astype(np.uint8), axis=1)
    step = max(1, channels * depth // 8)
    above = np.zeros(packed.shape[1], np.uint8)
    result = bytearray()
    for row in packed:
        choices = _filtered(row, above, step) if adaptive else [row]
        costs = [int(np.abs(choice.view(np.int8).astype(int)).sum()) for choice in choices]
        best = costs.index(min(costs))
        result += bytes([best]) + choices[best].tobytes()
        above = row
    return bytes(result)


def _filtered(row: np.ndarray, above: np.ndarray, step: int) -> list[np.ndarray]:
    """Returns a row under each of PNG's five filters."""
    left = np.concatenate([np.zeros(step, np.uint8), row])[: len(row)].astype(int)
    corner = np.concatenate([np.zeros(step, np.uint8), above])[: len(row)].astype(int)
    up = above.astype(int)
    estimate = left + up - corner
    by_left, by_up, by_corner = abs(estimate - left), abs(estimate - up), abs(estimate - corner)
    nearest = np.where((by_left <= by_up) & (by_left <= by_corner), left, np.where(by_up <= by_corner, up, corner))
    guesses = [np.zeros_like(up), left, up, (left + up) // 2, nearest]
    return [(row.astype(int) - guess).astype(np.uint8) for guess in guesses]


def interlaced(samples: np.ndarray, depth: int = 8) -> bytes:
    """Packs the seven passes of an Adam7 image.

    Args:
        samples: Integers of shape [height, width] or [height, width, channels].
        depth: Bits a sample.

    Returns:
        The rows of all passes.
    """
    passes = (samples[y::y_step, x::x_step] for x, y, x_step, y_step in _PASSES)
    return b"".join(scanlines(part, depth) for part in passes if part.size)


def png(
    samples: np.ndarray,
    color_type: int,
    depth: int = 8,
    *,
    before: Iterable[bytes] = (),
    after: Iterable[bytes] = (),
    interlace: bool = False,
) -> bytes:
    """Writes a whole image.

    Args:
        samples: Integers of shape [height, width] or [height, width, channels].
        color_type: PNG's colour type.
        depth: Bits a sample.
        before: Chunks between the header and the data.
        after: Chunks between the data and the end.
        interlace: Whether it is laid out by Adam7.

    Returns:
        The file.
    """
    height, width = samples.shape[:2]
    adaptive = color_type != INDEXED and depth >= 8
    rows = interlaced(samples, depth) if interlace else scanlines(samples, depth, adaptive=adaptive)
    data = chunk(b"IDAT", zlib.compress(rows, 9))
    beginning = header(width, height, color_type, depth, int(interlace))
    return b"".join([beginning, *before, data, *after, chunk(b"IEND")])


def indexed(photograph: Photograph, depth: int, count: int, **more: Any) -> tuple[bytes, np.ndarray]:
    """Writes the photograph with a palette.

    Args:
        photograph: What it shows.
        depth: Bits an index.
        count: The number of colours.
        **more: Arguments for `png`; `before` follows the palette.

    Returns:
        The file and the pixels that it holds.
    """
    indices, palette = photograph.indexed(count)
    before = [chunk(b"PLTE", palette.tobytes()), *more.pop("before", ())]
    return png(indices, INDEXED, depth, before=before, **more), palette[indices]


# --- The files --------------------------------------------------------------------------------------------------------


def _file(name: str, odd: str, data: bytes, expect: str = EMBEDDED, **more: Any) -> OddFile:
    return OddFile(f"png-{name}.png", "PNG", odd, data, expect, **more)


def _depths(photograph: Photograph) -> Iterator[OddFile]:
    gray = photograph.gray
    for depth in (1, 2, 4, 8):
        levels = gray >> (8 - depth)
        exact = as_rgb((levels.astype(int) * 255 // ((1 << depth) - 1)).astype(np.uint8))
        yield _file(f"gray-{depth}", f"grayscale of {depth} bit", png(levels, GRAY, depth), exact=exact)
    wide = "; the high byte counts"
    half = photograph.half
    data = png(half.sixteen_bits(half.gray), GRAY, 16)
    yield _file("gray-16", "grayscale of 16 bit" + wide, data, exact=as_rgb(half.gray), pillow=False)
    data = png(half.sixteen_bits(half.rgb), RGB, 16)
    yield _file("rgb-16", "RGB of 16 bit" + wide, data, exact=half.rgb)
    for depth, count in ((1, 2), (2, 4), (4, 16), (8, 200)):
        data, exact = indexed(photograph, depth, count)
        yield _file(f"palette-{depth}", f"a palette of {count} colours, {depth} bit", data, exact=exact)


def _transparency(photograph: Photograph) -> Iterator[OddFile]:
    rgb, gray, rgba = photograph.rgb, photograph.gray, photograph.rgba
    also = [Also(("--alpha", name), EMBEDDED, over(rgba, level)) for name, level in (("white", 255), ("black", 0))]
    yield _file("rgba-8", "RGB with opacity", png(rgba, RGBA), exact=rgb, also=tuple(also))
    hidden = rgba.copy()
    hidden[:, photograph.width // 2 :, 3] = 0
    yield _file(
        "rgba-hidden",
        "the right half is fully transparent, with the picture underneath",
        png(hidden, RGBA),
        exact=rgb,
        also=(Also(("--alpha", "white"), EMBEDDED, over(hidden, 255)),),
    )
    wide = photograph.sixteen_bits(rgba)
    yield _file("rgba-16", "RGB of 16 bit with opacity", png(wide, RGBA, 16), exact=rgb)
    data = png(np.dstack([gray, photograph.alpha]), GRAY_ALPHA)
    yield _file("gray-alpha-8", "grayscale with opacity", data, exact=as_rgb(gray))
    data = png(photograph.sixteen_bits(np.dstack([gray, photograph.alpha])), GRAY_ALPHA, 16)
    yield _file("gray-alpha-16", "grayscale of 16 bit with opacity", data, exact=as_rgb(gray), pillow=False)
    opacity = bytes(range(255, 55, -1))
    data, exact = indexed(photograph, 8, 200, before=[chunk(b"tRNS", opacity)])
    yield _file("palette-trns", "a palette with an opacity for each colour", data, exact=exact)
    level = int(np.bincount(gray.ravel()).argmax())
    data = png(gray, GRAY, before=[chunk(b"tRNS", struct.pack(">H", level))])
    yield _file("gray-trns", "grayscale, one level of which is transparent", data, exact=as_rgb(gray))
    color = struct.pack(">HHH", *map(int, rgb[photograph.height // 2, photograph.width // 2]))
    data = png(rgb, RGB, before=[chunk(b"tRNS", color)])
    yield _file("rgb-trns", "RGB, one colour of which is transparent", data, exact=rgb)


def _layouts(photograph: Photograph) -> Iterator[OddFile]:
    rgb = photograph.rgb
    yield _file("interlaced", "interlaced (Adam7), RGB", png(rgb, RGB, interlace=True), exact=rgb)
    indices, palette = photograph.indexed(16)
    data = png(indices, INDEXED, 4, before=[chunk(b"PLTE", palette.tobytes())], interlace=True)
    yield _file("interlaced-palette", "interlaced (Adam7), palette of 4 bit", data, exact=palette[indices])
    for orientation, order in ((6, exif.BIG), (3, exif.LITTLE)):
        words = "little-endian" if order == exif.LITTLE else "big-endian"
        place = "before" if orientation == 6 else "after"
        block = chunk(b"eXIf", exif.exif_block(orientation, order))
        data = png(stored(rgb, orientation), RGB, **cast(dict[str, Any], {place: [block]}))
        odd = f"eXIf chunk {place} the data: orientation {orientation}, {words}"
        yield _file(f"exif-{orientation}", odd, data, exact=rgb)
    small, exact = indexed(photograph, 4, 16)
    start, data, end = _split(small)
    pieces = [data[place : place + 100] for place in range(0, len(data), 100)]
    chunks = b"".join(chunk(b"IDAT", piece) for piece in [b"", *pieces, b""])
    yield _file("many-idat", "the data in chunks of 100 bytes, two of them empty", start + chunks + end, exact=exact)
    second = zlib.compress(bytes(photograph.height * (photograph.width // 2 + 2)))
    frames = [
        chunk(b"acTL", struct.pack(">II", 2, 0)),
        chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, photograph.width, photograph.height, 0, 0, 1, 10, 0, 0)),
    ]
    black = [
        chunk(b"fcTL", struct.pack(">IIIIIHHBB", 1, photograph.width, photograph.height, 0, 0, 1, 10, 0, 0)),
        chunk(b"fdAT", struct.pack(">I", 2) + second),
    ]
    data, exact = indexed(photograph, 4, 16, before=frames, after=black)
    yield _file("animated", "animated (APNG); the first frame counts", data, exact=exact)
    extra = [chunk(b"gAMA", struct.pack(">I", 220000)), chunk(b"ruSt", b"unknown")]
    data, exact = indexed(photograph, 4, 16, before=extra)
    yield _file("ancillary", "a gamma of 2.2 and an unknown ancillary chunk, both without effect", data, exact=exact)
    yield _file("junk-after-iend", "1,000 bytes after the end", small + b"\x2a" * 1000, exact=exact)


def _split(data: bytes) -> tuple[bytes, bytes, bytes]:
    """Cuts a file with one IDAT chunk into what precedes it, its content and what follows."""
    begin = data.index(b"IDAT") - 4
    length = struct.unpack_from(">I", data, begin)[0]
    return data[:begin], data[begin + 8 : begin + 8 + length], data[begin + 12 + length :]


def _damages(photograph: Photograph) -> Iterator[OddFile]:
    photograph = photograph.half
    whole = png(photograph.rgb, RGB)
    begin, data, end = _split(whole)
    yield _file(
        "idat-crc", "a wrong checksum of the data", begin + chunk(b"IDAT", data, checksum_error=1) + end, REFUSED
    )
    small, exact = indexed(photograph, 4, 16)
    begin, data, end = _split(small)
    text = chunk(b"tEXt", b"Comment\0a text", checksum_error=1)
    yield _file(
        "text-crc",
        "a wrong checksum of a text chunk",
        small[: len(begin)] + text + small[len(begin) :],
        exact=exact,
        pillow=False,
    )
    middle = len(data) // 2
    noise = bytes(255 - byte for byte in data[middle : middle + 20])
    changed = data[:middle] + noise + data[middle + 20 :]
    damaged = {
        "idat-corrupt": ("20 bytes of the data overwritten, checksum right", begin + chunk(b"IDAT", changed) + end),
        "idat-adler": ("a wrong checksum (Adler-32) within the data", begin + chunk(b"IDAT", data[:-1] + b"\0") + end),
        "idat-short": ("half of the rows, all chunks complete", begin + chunk(b"IDAT", _half(data)) + end),
        "no-idat": ("no data", begin + end),
        "no-palette": (
            "no palette",
            header(photograph.width, photograph.height, INDEXED, 4) + chunk(b"IDAT", data) + end,
        ),
        "zero-width": ("a width of 0", header(0, photograph.height, GRAY) + chunk(b"IDAT", zlib.compress(b"")) + end),
        "bad-depth": (
            "3 bits a sample",
            header(photograph.width, photograph.height, GRAY, 3) + chunk(b"IDAT", data) + end,
        ),
        "critical-chunk": ("an unknown critical chunk", begin + chunk(b"ABCD") + chunk(b"IDAT", data) + end),
        "chunk-length": ("a chunk that claims 4 GB", begin + b"\xff\xff\xff\xfftEXt" + chunk(b"IDAT", data) + end),
        "signature": ("line endings converted by a text transfer", small.replace(b"\r\n", b"\n")),
    }
    for name, (odd, content) in damaged.items():
        yield _file(name, odd, content, REFUSED)
    indices, palette = photograph.indexed(16)
    short = chunk(b"PLTE", palette[:8].tobytes())
    content = header(photograph.width, photograph.height, INDEXED, 4) + short + chunk(b"IDAT", data) + end
    exact = np.where((indices < 8)[:, :, None], palette[indices], 0).astype(np.uint8)
    odd = "indices beyond the palette's 8 colours, which are black"
    yield _file("palette-range", odd, content, exact=exact, pillow=False)
    deflate = zlib.compressobj(9, wbits=-15)
    iphone = deflate.compress(scanlines(photograph.rgb[:, :, ::-1])) + deflate.flush()
    content = (
        SIGNATURE
        + chunk(b"CgBI", b"\x50\0\x20\x02")
        + header(photograph.width, photograph.height, RGB)[len(SIGNATURE) :]
    )
    yield _file("iphone", "Apple's private variant (CgBI)", content + chunk(b"IDAT", iphone) + end, REFUSED)
    yield _file("truncated-50", "ends at 50 %", whole[: len(whole) // 2], REFUSED, also=_TRUNCATED)
    yield _file("truncated-in-header", "ends inside the header", whole[:20], REFUSED)
    yield _file("missing-iend", "the end chunk is missing", small[:-12], REFUSED, also=_TRUNCATED)


def _half(data: bytes) -> bytes:
    rows = zlib.decompress(data)
    return zlib.compress(rows[: len(rows) // 2], 9)


def _bombs(photograph: Photograph) -> Iterator[OddFile]:
    photograph = photograph.half
    zeros = chunk(b"IDAT", zlib.compress(bytes(1 << 20), 9)) + chunk(b"IEND")
    for width, height, color_type in (
        (65535, 65535, RGBA),
        (32769, 1, GRAY),
        (32768, 32768, RGB),
        (20000, 20000, GRAY),
    ):
        content = zeros if color_type != GRAY or height > 1 else chunk(b"IDAT", zlib.compress(bytes(width + 1), 9))
        odd = f"claims {width} x {height} pixels"
        if height == 20000:
            odd += ", which the limits allow, and has the first 52 rows"
        if height == 1:
            odd = "one pixel wider than is accepted"
            content += chunk(b"IEND")
        yield _file(f"claims-{width}x{height}", odd, header(width, height, color_type) + content, REFUSED)
    megabytes = {"ztxt": 100, "iccp": 6, "itxt": 1}
    for kind, size in megabytes.items():
        body = zlib.compress(bytes(size << 20), 9)
        bomb = {
            "ztxt": chunk(b"zTXt", b"Comment\0\0" + body),
            "iccp": chunk(b"iCCP", b"profile\0\0" + body),
            "itxt": chunk(b"iTXt", b"Comment\0\1\0\0\0" + body),
        }[kind]
        data, exact = indexed(
            photograph, 4, 16, before=[bomb] if kind == "iccp" else (), after=[bomb] if kind == "itxt" else ()
        )
        if kind == "ztxt":
            begin = data.index(b"PLTE") - 4
            data = data[:begin] + bomb + data[begin:]
        what = "profile" if kind == "iccp" else "text"
        odd = f"a {what} ({kind}) that inflates to {size} MB"
        yield _file(f"{kind}-bomb", odd, data, exact=exact, pillow=False)
    texts = [chunk(b"tEXt", b"k%d\0" % number) for number in range(300)]
    data, exact = indexed(photograph, 4, 16, before=texts)
    yield _file("many-texts", "300 text chunks", data, exact=exact)


def _shapes(photograph: Photograph) -> Iterator[OddFile]:
    rgb = photograph.rgb
    tall = np.resize(rgb[:, photograph.width // 2], (2000, 3))
    wide = np.resize(rgb[photograph.height // 2], (20000, 3))
    shapes = {
        "1x1": (rgb[:1, :1], WARNED),
        "8x8": (rgb[:8, :8], EMBEDDED),
        "1x2000": (tall[:, None], WARNED),
        "3x2000": (np.repeat(tall[:, None], 3, axis=1), WARNED),
        "20000x2": (np.repeat(wide[None], 2, axis=0), WARNED),
        "32768x1": (np.resize(wide, (1, 32768, 3)), WARNED),
    }
    for name, (pixels, expect) in shapes.items():
        width, height = name.split("x")
        yield _file(name, f"{width} x {height} pixels", png(pixels, RGB), expect, exact=pixels)
