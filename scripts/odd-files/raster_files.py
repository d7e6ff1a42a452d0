"""WebP, GIF and BMP files."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from PIL import Image

import exif
from odd_file import (
    EMBEDDED,
    HALF_PHOTOGRAPH,
    PHOTOGRAPH,
    REFUSED,
    WARNED,
    Also,
    OddFile,
    Photograph,
    over,
    replaced,
    saved,
    stored,
)

_TRUNCATED = (Also(("--allow-truncated",), WARNED),)

# --- WebP -------------------------------------------------------------------------------------------------------------


def webp_files(photograph: Photograph) -> Iterator[OddFile]:
    """Makes the WebP files.

    Args:
        photograph: What they show.

    Yields:
        The files.
    """

    def file(name: str, odd: str, data: bytes, expect: str = EMBEDDED, **more: Any) -> OddFile:
        if expect != REFUSED and not {"exact", "size"} & more.keys():
            more.setdefault("near", PHOTOGRAPH)
        return OddFile(f"webp-{name}.webp", "WebP", odd, data, expect, **more)

    rgb, rgba, half = photograph.rgb, photograph.rgba, photograph.half
    lossy = saved(rgb, "WEBP", quality=85)
    yield file("lossy", "lossy", lossy)
    lossless = saved(half.rgb, "WEBP", lossless=True, method=6)
    yield file("lossless", "lossless", lossless, exact=half.rgb)
    yield file("lossy-alpha", "lossy with opacity", saved(rgba, "WEBP", quality=85, exact=True))
    yield file(
        "lossless-alpha",
        "lossless with opacity",
        saved(half.rgba, "WEBP", lossless=True, exact=True, method=6),
        exact=half.rgb,
        also=(Also(("--alpha", "white"), EMBEDDED, over(half.rgba, 255)),),
    )
    frames = [Image.fromarray(255 - rgb)]
    animated = saved(rgb, "WEBP", save_all=True, append_images=frames, duration=100, quality=85)
    yield file("animated", "animated; the first frame counts", animated)
    sideways = stored(rgb, 6)
    block = exif.exif_block(6, exif.LITTLE)
    yield file("exif-6", "EXIF orientation 6", saved(sideways, "WEBP", quality=85, exif=block))
    block = b"Exif\0\0" + exif.exif_block(8, exif.BIG)
    data = _with_chunk(saved(stored(rgb, 8), "WEBP", quality=85, exif=exif.exif_block(1)), b"EXIF", block)
    yield file("exif-prefix", "EXIF orientation 8 behind JPEG's prefix, as some programs write it", data)
    yield file("truncated-50", "ends at 50 %", lossy[: len(lossy) // 2], REFUSED, also=_TRUNCATED)
    yield file("lossless-truncated-50", "lossless, ends at 50 %", lossless[: len(lossless) // 2], REFUSED)
    yield file("truncated-in-header", "ends inside the header", lossy[:22], REFUSED)
    middle = len(lossless) // 2
    yield file(
        "corrupt", "lossless, 200 bytes overwritten", replaced(lossless, middle, b"\xff" * 200), REFUSED, pillow=False
    )
    unseen = replaced(lossy, len(lossy) // 2, b"\x55" * 100)
    odd = "lossy, 100 bytes overwritten, which the format has no means to notice"
    yield file("corrupt-unseen", odd, unseen, size=(photograph.width, photograph.height))
    canvas = struct.pack("<I", 0x10) + b"\xff\xff\xff" * 2
    extended = b"VP8X" + struct.pack("<I", 10) + canvas
    body = b"WEBP" + extended + lossy[12:]
    yield file(
        "claims-16777216x16777216",
        "a canvas of 16777216 x 16777216 pixels",
        b"RIFF" + struct.pack("<I", len(body)) + body,
        REFUSED,
    )
    yield file("junk-after", "1,000 bytes after the end", lossy + b"\x2a" * 1000)


def _with_chunk(data: bytes, kind: bytes, content: bytes) -> bytes:
    """Replaces a WebP file's last chunk, which must be of the given kind."""
    begin = data.rindex(kind)
    padded = content + b"\0" * (len(content) & 1)
    body = data[8:begin] + kind + struct.pack("<I", len(content)) + padded
    return b"RIFF" + struct.pack("<I", len(body)) + body


# --- GIF --------------------------------------------------------------------------------------------------------------


def gif_files(photograph: Photograph) -> Iterator[OddFile]:
    """Makes the GIF files.

    Args:
        photograph: What they show.

    Yields:
        The files.
    """

    def file(name: str, odd: str, data: bytes, expect: str = EMBEDDED, **more: Any) -> OddFile:
        return OddFile(f"gif-{name}.gif", "GIF", odd, data, expect, **more)

    indices, palette = photograph.half.indexed(64)
    exact = palette[indices]
    size = indices.shape[::-1]
    still = _gif(size, [_gif_frame(indices)], palette)
    yield file("still", "64 colours", still, exact=exact)
    rows = np.concatenate([np.arange(size[1])[start::step] for start, step in ((0, 8), (4, 8), (2, 4), (1, 2))])
    yield file("interlaced", "interlaced", _gif(size, [_gif_frame(indices[rows], flags=0x40)], palette), exact=exact)
    second = _gif_frame(np.zeros_like(indices))
    yield file(
        "animated", "animated; the first frame counts", _gif(size, [_gif_frame(indices), second], palette), exact=exact
    )
    color = int(np.bincount(indices.ravel()).argmax())
    control = b"\x21\xf9\x04" + struct.pack("<BHB", 1, 0, color) + b"\0"
    # The decoder leaves what is transparent black.
    shown = np.where((indices == color)[:, :, None], 0, exact).astype(np.uint8)
    data = _gif(size, [control + _gif_frame(indices)], palette)
    yield file("transparent", "one colour is transparent", data, exact=shown, pillow=False)
    placed = _gif(size, [_gif_frame(indices[:15, :20], left=7, top=5)], palette)
    inside = np.zeros_like(exact)
    inside[5:20, 7:27] = exact[:15, :20]
    yield file("offset", "the first frame covers a part of the screen", placed, exact=inside, pillow=False)
    local = _gif(size, [_gif_frame(indices, palette=palette)], None)
    yield file("local-palette", "a palette of the frame's own, none for the file", local, exact=exact)
    yield file("truncated-50", "ends at 50 %", still[: len(still) // 2], REFUSED, also=_TRUNCATED)
    yield file("missing-trailer", "the last byte is missing", still[:-1], WARNED, exact=exact, pillow=False)
    odd = "the last frame's data has no end of its own, nor has the file"
    yield file("missing-ends", odd, still[:-2], WARNED, exact=exact, pillow=False)
    cut = _gif(size, [_gif_frame(indices), second[:-9]], palette)[:-1]
    yield file("second-frame-cut", "animated, ends inside the second frame", cut, WARNED, exact=exact, pillow=False)
    yield from _lzw_files(file)
    yield from _canvas_files(file, indices, palette)
    yield file("truncated-in-header", "ends inside the header", still[:9], REFUSED)
    yield file(
        "corrupt", "a code that is not in the table", _gif(size, [_gif_frame(indices, bad_code=True)], palette), REFUSED
    )
    yield file("no-frame", "no picture", _gif(size, [], palette), REFUSED)
    huge = replaced(still, 6, struct.pack("<HH", 65535, 65535))
    yield file("claims-65535x65535", "a screen of 65535 x 65535 pixels", huge, REFUSED)


def _lzw_files(file: Callable[..., OddFile]) -> Iterator[OddFile]:
    """Makes GIF files whose data is compressed as few encoders do."""
    noise = np.random.default_rng(1).integers(0, 64, (76, 96)).astype(np.uint8)
    palette = np.random.default_rng(2).integers(0, 256, (64, 3)).astype(np.uint8)
    size = noise.shape[::-1]
    data = _gif(size, [_gif_frame(noise, deferred=True)], palette)
    yield file("deferred-clear", "a table of codes that is full and never cleared", data, exact=palette[noise])
    few = noise[:20, :20]
    data = _gif((20, 20), [_gif_frame(few, clears=False)], palette)
    yield file("no-clear-code", "data without a clear code at its start", data, exact=palette[few])
    cut = _gif(size, [_gif_frame(noise, deferred=True)], palette)[:-600]
    yield file("deferred-clear-cut", "a full table of codes, and the file ends", cut, REFUSED, also=_TRUNCATED)


def _canvas_files(file: Callable[..., OddFile], indices: np.ndarray, palette: np.ndarray) -> Iterator[OddFile]:
    """Makes GIF files whose first frame does not fit the screen."""
    exact, frame = palette[indices], _gif_frame(indices)
    height, width = indices.shape
    smaller = _gif((width - 9, height - 5), [frame], palette)
    yield file("frame-larger-than-screen", "a frame larger than the screen, which grows", smaller, exact=exact)
    yield file("screen-0x0", "a screen of 0 x 0 pixels", _gif((0, 0), [frame], palette), exact=exact)
    beyond = _gif((width, height), [_gif_frame(indices, left=3, top=2)], palette)
    grown = np.zeros((height + 2, width + 3, 3), np.uint8)
    grown[2:, 3:] = exact
    odd = "a frame that reaches beyond the screen, which grows and is transparent elsewhere"
    yield file("frame-beyond-screen", odd, beyond, exact=grown, pillow=False)
    with_background = replaced(beyond, 11, bytes([5]))
    yield file("background", "the same with a background colour, not shown", with_background, exact=grown, pillow=False)
    yield file("no-palette", "no palette at all", _gif((width, height), [frame], None), REFUSED)
    for name, size in {"0x0": (0, 0), "65535x65535": (65535, 65535), "20000x20000": (20000, 20000)}.items():
        place = len(smaller) - len(frame) - 1 + 5
        odd = f"a frame of {size[0]} x {size[1]} pixels" + (", which the limits allow" if size[0] == 20000 else "")
        yield file(f"frame-claims-{name}", odd, replaced(smaller, place, struct.pack("<HH", *size)), REFUSED)


def _gif(size: tuple[int, int], frames: list[bytes], palette: np.ndarray | None) -> bytes:
    """Writes a GIF around its frames."""
    flags, table = (0, b"") if palette is None else (0x80 | 0x70 | _log2(len(palette)) - 1, palette.tobytes())
    screen = struct.pack("<HHBBB", *size, flags, 0, 0)
    return b"GIF89a" + screen + table + b"".join(frames) + b"\x3b"


def _gif_frame(
    indices: np.ndarray,
    *,
    left: int = 0,
    top: int = 0,
    flags: int = 0,
    palette: np.ndarray | None = None,
    bad_code: bool = False,
    clears: bool = True,
    deferred: bool = False,
) -> bytes:
    """Writes one frame: its descriptor and its LZW codes."""
    height, width = indices.shape
    table = b""
    if palette is not None:
        flags, table = flags | 0x80 | _log2(len(palette)) - 1, palette.tobytes()
    start = 6
    packed = _lzw(indices.tobytes(), start, bad_code=bad_code, clears=clears, deferred=deferred)
    blocks = b"".join(bytes([len(packed[i : i + 255])]) + packed[i : i + 255] for i in range(0, len(packed), 255))
    return b"\x2c" + struct.pack("<HHHHB", left, top, width, height, flags) + table + bytes([start]) + blocks + b"\0"


def _lzw(data: bytes, start: int, *, bad_code: bool, clears: bool, deferred: bool) -> bytes:
    """Compresses indices as GIF does, with a clear code at the start or not, and with one for a full table or not."""
    clear = 1 << start
    codes: list[tuple[int, int]] = [(clear, start + 1)] if clears else []
    table = {bytes([symbol]): symbol for symbol in range(clear)}
    following, bits, known = clear + 2, start + 1, b""
    for number, symbol in enumerate(data):
        if bad_code and number >= len(data) // 2 and following < (1 << bits) - 1:
            codes.append(((1 << bits) - 1, bits))
            bad_code = False
        longer = known + bytes([symbol])
        if longer in table:
            known = longer
            continue
        codes.append((table[known], bits))
        if following < 4096:
            table[longer] = following
            following += 1
        if following > 1 << bits:
            bits += 1
        if following == 4095 and not deferred:
            codes.append((clear, bits))
            table = {bytes([symbol]): symbol for symbol in range(clear)}
            following, bits = clear + 2, start + 1
        known = bytes([symbol])
    codes += [(table[known], bits), (clear + 1, bits)]
    value = shift = 0
    for code, length in codes:
        value |= code << shift
        shift += length
    return value.to_bytes((shift + 7) // 8, "little")


def _log2(count: int) -> int:
    return count.bit_length() - 1


# --- BMP --------------------------------------------------------------------------------------------------------------

_RAW, _RLE8, _RLE4, _BITFIELDS = 0, 1, 2, 3


def bmp_files(photograph: Photograph) -> Iterator[OddFile]:
    """Makes the BMP files.

    Args:
        photograph: What they show.

    Yields:
        The files.
    """

    def file(name: str, odd: str, data: bytes, expect: str = EMBEDDED, **more: Any) -> OddFile:
        return OddFile(f"bmp-{name}.bmp", "BMP", odd, data, expect, **more)

    full, photograph = photograph, photograph.half
    rgb = photograph.rgb
    bgr = rgb[:, :, ::-1]
    size = (photograph.width, photograph.height)
    whole = _bmp(_rows(bgr), 24, size)
    yield file("24", "24 bit", whole, exact=rgb)
    yield file("top-down", "24 bit, from top to bottom", _bmp(_rows(bgr[::-1]), 24, (size[0], -size[1])), exact=rgb)
    opaque = np.dstack([bgr, np.zeros_like(bgr[:, :, :1])])
    yield file("32", "32 bit, the fourth byte is 0 everywhere", _bmp(_rows(opaque), 32, size), exact=rgb)
    with_alpha = np.dstack([bgr, photograph.alpha])
    masks = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    data = _bmp(_rows(with_alpha), 32, size, compression=_BITFIELDS, masks=masks, header_size=124)
    yield file("v5-alpha", "32 bit with opacity (header version 5)", data, exact=rgb)
    indices, palette = photograph.indexed(64)
    data = _bmp(_rows(indices[:, :, None]), 8, size, palette=palette)
    yield file("palette-8", "palette, 8 bit", data, exact=palette[indices])
    nibbles, few = full.indexed(16)
    padded = np.pad(nibbles, ((0, 0), (0, nibbles.shape[1] & 1)))
    packed = padded[:, ::2] << 4 | padded[:, 1::2]
    data = _bmp(_rows(packed[:, :, None]), 4, (full.width, full.height), palette=few)
    yield file("palette-4", "palette, 4 bit", data, exact=few[nibbles])
    bits = np.packbits(full.bilevel, axis=1)
    two = np.array([[20, 40, 60], [240, 230, 220]], np.uint8)
    data = _bmp(_rows(bits[:, :, None]), 1, (full.width, full.height), palette=two)
    yield file("palette-1", "palette, 1 bit", data, exact=two[full.bilevel])
    fives, sixes = (rgb >> 3).astype("<u2"), (rgb >> 2).astype("<u2")
    words = fives[:, :, 0] << 10 | fives[:, :, 1] << 5 | fives[:, :, 2]
    data = _bmp(_rows(_bytes(words)), 16, size)
    yield file("16", "16 bit (5, 5, 5)", data, near=HALF_PHOTOGRAPH)
    words = fives[:, :, 0] << 11 | sixes[:, :, 1] << 5 | fives[:, :, 2]
    masks = struct.pack("<III", 0xF800, 0x07E0, 0x001F)
    data = _bmp(_rows(_bytes(words)), 16, size, compression=_BITFIELDS, masks=masks)
    yield file("16-565", "16 bit (5, 6, 5)", data, near=HALF_PHOTOGRAPH)
    core = struct.pack("<IHHHH", 12, *size, 1, 24)
    data = struct.pack("<2sIHHI", b"BM", 26 + len(_rows(bgr)), 0, 0, 26) + core + _rows(bgr)
    yield file("os2", "OS/2's header", data, exact=rgb)
    runs = b"".join(_rle8(row.tobytes()) for row in indices[::-1]) + b"\0\1"
    data = _bmp(runs, 8, size, palette=palette, compression=_RLE8)
    yield file("rle8", "run lengths (RLE8)", data, exact=palette[indices])
    yield file("truncated-50", "ends at 50 %", whole[: len(whole) // 2], REFUSED, also=_TRUNCATED)
    yield file("truncated-in-header", "ends inside the header", whole[:30], REFUSED)
    for name, width, height in (
        ("claims-60000x60000", 60000, 60000),
        ("claims-2147483647", 2147483647, 2147483647),
        ("claims-minus", size[0], -2147483648),
        ("claims-20000x20000", 20000, 20000),
        ("zero-width", 0, size[1]),
    ):
        odd = f"claims {width} x {height} pixels" + (", which the limits allow" if width == 20000 else "")
        yield file(name, odd, _bmp(b"\x55" * 64, 24, (width, height)), REFUSED)
    data = replaced(whole, 10, struct.pack("<I", 0xFFFFFF00))
    yield file("data-beyond", "pixels that lie outside the file", data, REFUSED)
    data = replaced(whole, 10, struct.pack("<I", 40))
    yield file("data-in-header", "pixels that begin inside the header", data, REFUSED)
    yield from _bmp_headers(file, photograph)
    yield from _bmp_channels(file, photograph)
    yield from _bmp_runs(file, photograph)


def _bmp_headers(file: Callable[..., OddFile], photograph: Photograph) -> Iterator[OddFile]:
    """Makes BMP files with the headers that few programs write."""
    rgb, size = photograph.rgb, (photograph.width, photograph.height)
    rows = _rows(rgb[:, :, ::-1])
    indices, palette = photograph.indexed(64)
    places, exact = _rows(indices[:, :, None]), palette[indices]
    table = np.ascontiguousarray(palette[:, ::-1]).tobytes()
    core = struct.pack("<IHHHH", 12, *size, 1, 8)
    start = 14 + len(core) + len(table)
    data = struct.pack("<2sIHHI", b"BM", start + len(places), 0, 0, start) + core + table + places
    yield file("os2-palette", "OS/2's header, a palette of 64 colours", data, exact=exact)
    for header in (16, 64):
        odd = f"OS/2's second header, of {header} bytes, a palette"
        data = _bmp(places, 8, size, palette=palette, header_size=header)
        yield file(f"header-{header}", odd, data, exact=exact, pillow=header != 16)
    crumbs, four = photograph.indexed(4)
    padded = np.pad(crumbs, ((0, 0), (0, -crumbs.shape[1] % 4)))
    packed = padded[:, ::4] << 6 | padded[:, 1::4] << 4 | padded[:, 2::4] << 2 | padded[:, 3::4]
    data = _bmp(_rows(packed[:, :, None]), 2, size, palette=four)
    yield file("palette-2", "palette, 2 bit", data, exact=four[crumbs], pillow=False)
    yield file("24-palette", "24 bit with a palette all the same", _bmp(rows, 24, size, palette=palette), exact=rgb)
    data = _bmp(places, 8, size, palette=palette, gap=b"\x55" * 37)
    yield file("gap", "bytes between the palette and the pixels", data, exact=exact)
    few = np.zeros((1, 3), np.uint8)
    data = _bmp(places, 8, size, palette=few)
    yield file("palette-too-small", "pixels whose colour is not in the palette", data, REFUSED)
    yield file("no-palette", "8 bit without a palette", _bmp(places, 8, size), REFUSED)
    for name, kind in {"JPEG": 4, "PNG": 5}.items():
        inside = saved(rgb, name, **({"quality": 95, "subsampling": 0} if name == "JPEG" else {}))
        data = _bmp(inside, 0, size, compression=kind)
        more: dict[str, Any] = {"near": HALF_PHOTOGRAPH, "mean_difference": 3.4} if name == "JPEG" else {"exact": rgb}
        yield file(f"{name.lower()}-inside", f"a whole {name} file for the pixels", data, pillow=False, **more)
        data = data[: 54 + len(inside) // 2]
        yield file(f"{name.lower()}-inside-cut", f"half of a {name} file for the pixels", data, REFUSED)
    data = _bmp(rows, 1, size, palette=few, compression=3, header_size=64)
    yield file("huffman", "fax compression (OS/2), which is not read", data, REFUSED)


def _bmp_channels(file: Callable[..., OddFile], photograph: Photograph) -> Iterator[OddFile]:
    """Makes BMP files whose channels are any bits of a number."""
    rgb, size = photograph.rgb, (photograph.width, photograph.height)
    red, green, blue = (rgb[:, :, channel].astype("<u4") for channel in range(3))
    alpha = photograph.alpha.astype("<u4")
    numbers = blue << 24 | red << 16 | green << 8
    masks = struct.pack("<III", 0xFF0000, 0xFF00, 0xFF000000)
    for header in (40, 52):
        data = _bmp(_rows(_bytes(numbers)), 32, size, compression=_BITFIELDS, masks=masks, header_size=header)
        odd = f"32 bit, the channels in an unusual order, a header of {header} bytes"
        yield file(f"masks-{header}", odd, data, exact=rgb, pillow=False)
    masks = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    numbers = alpha << 24 | red << 16 | green << 8 | blue
    data = _bmp(_rows(_bytes(numbers)), 32, size, compression=_BITFIELDS, masks=masks, header_size=56)
    yield file("header-56", "32 bit with opacity, a header of 56 bytes with the masks", data, exact=rgb)
    data = _bmp(_rows(_bytes(numbers)), 32, size, compression=6, masks=masks)
    yield file("alpha-masks", "32 bit with four masks behind the header", data, exact=rgb, pillow=False)
    # What belongs to no channel is set.
    numbers = red << 22 | 3 << 20 | green << 12 | blue << 2 | 3
    masks = struct.pack("<III", 0x3FC00000, 0x000FF000, 0x000003FC)
    data = _bmp(_rows(_bytes(numbers)), 32, size, compression=_BITFIELDS, masks=masks)
    yield file("masks-apart", "32 bit, the channels apart", data, exact=rgb, pillow=False)
    numbers = red << 24 | (red & 7) << 21 | green << 13 | (green & 7) << 10 | blue << 2 | blue >> 6
    masks = struct.pack("<III", 0xFFE00000, 0x001FFC00, 0x000003FF)
    data = _bmp(_rows(_bytes(numbers)), 32, size, compression=_BITFIELDS, masks=masks)
    yield file("masks-11-11-10", "32 bit, channels of 11, 11 and 10 bits", data, exact=rgb, pillow=False)
    for name, odd, wrong in (
        ("masks-holes", "a mask with a hole", (0xFF0000, 0xF0F0, 0xFF)),
        ("masks-empty", "a mask of no bits", (0xFF0000, 0xFF00, 0)),
        ("masks-equal", "three times the same mask", (0xFF, 0xFF, 0xFF)),
    ):
        data = _bmp(_rows(_bytes(numbers)), 32, size, compression=_BITFIELDS, masks=struct.pack("<III", *wrong))
        yield file(name, odd, data, REFUSED)
    level = rgb / 255.0
    light = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
    linear = np.dstack([light[:, :, ::-1], np.ones_like(light[:, :, :1])]) * (1 << 13)
    fixed = np.round(linear).astype("<i2")
    content = np.ascontiguousarray(fixed[::-1]).tobytes()
    odd = "64 bit, linear light"
    yield file("64", odd, _bmp(content, 64, size), near=HALF_PHOTOGRAPH, largest_difference=1, pillow=False)


def _bmp_runs(file: Callable[..., OddFile], photograph: Photograph) -> Iterator[OddFile]:
    """Makes BMP files of runs, well formed or not."""
    indices, palette = photograph.indexed(64)
    height, width = indices.shape
    exact = palette[indices]

    def runs(content: bytes, depth: int = 8, table: np.ndarray | None = palette, **more: Any) -> bytes:
        kind = {4: _RLE4, 8: _RLE8, 24: 4}[depth]
        return _bmp(content, depth, (width, height), palette=table, compression=kind, **more)

    rows = [_rle8(row.tobytes()) for row in indices[::-1]]
    end = b"\0\1"
    each = b"".join(b"\0" + bytes([width]) + row.tobytes() + b"\0" * (width & 1) + b"\0\0" for row in indices[::-1])
    yield file("rle8-absolute", "RLE8, pixels one by one", runs(each + end), exact=exact)
    nibbles, few = photograph.indexed(16)
    content = b"".join(_rle4(row.tobytes()) for row in nibbles[::-1]) + end
    yield file("rle4", "run lengths (RLE4)", runs(content, 4, few), exact=few[nibbles])
    content = b"".join(_rle24(row) for row in exact[::-1]) + end
    data = runs(content, 24, None, header_size=64)
    yield file("rle24", "run lengths of 24 bits (OS/2)", data, exact=exact, pillow=False)
    # Seven rows and five columns are skipped, then a row ends early and the picture in its middle.
    shown = np.zeros_like(exact)
    shown[: height - 7, 5:] = exact[: height - 7, 5:]
    parts = [b"\0\2\5\7" + _rle8(indices[height - 8, 5:].tobytes())]
    parts += [b"\0\2\5\0" + _rle8(row[5:].tobytes()) for row in indices[: height - 8][::-1]]
    shown[0, 20:] = 0
    parts[-1] = b"\0\2\5\0" + _rle8(indices[0, 5:20].tobytes())
    odd = "RLE8 that leaves pixels out, which are transparent"
    yield file("rle8-delta", odd, runs(b"".join(parts) + end), exact=shown, pillow=False)
    yield file("rle8-missing-end", "RLE8 without its end", runs(b"".join(rows)), WARNED, exact=exact, pillow=False)
    odd = "RLE8 that ends early"
    yield file("rle8-cut", odd, runs(b"".join(rows))[:-30], REFUSED, also=_TRUNCATED)
    longer = [_rle8(row.tobytes() + row[-1:].tobytes() * 2) for row in indices[::-1]]
    odd = "RLE8 whose rows have two pixels too many"
    yield file("rle8-too-long", odd, runs(b"".join(longer) + end), WARNED, exact=exact, pillow=False)
    odd = "RLE8 with a row that is too long and another missing"
    yield file("rle8-overrun", odd, runs(b"".join(longer[1:]) + end), REFUSED)
    yield file("rle8-empty", "RLE8 without a pixel", runs(end), REFUSED)
    bomb = replaced(runs(end), 18, struct.pack("<ii", 20000, 20000))
    yield file("rle8-claims-20000x20000", "RLE8 without a pixel that claims 20000 x 20000", bomb, REFUSED)
    data = runs(b"".join(_rle8(bytes([63]) * width) for _ in range(height)) + end, table=palette[:20])
    yield file("rle8-palette", "RLE8 whose pixels are not in the palette", data, REFUSED)
    top_down = replaced(runs(b"".join(rows[::-1]) + end), 22, struct.pack("<i", -height))
    yield file("rle8-top-down", "RLE8 from top to bottom", top_down, exact=exact)


def _bytes(words: np.ndarray) -> np.ndarray:
    """Takes 16-bit or 32-bit pixels apart."""
    return np.ascontiguousarray(words).view(np.uint8).reshape(*words.shape, words.itemsize)


def _rows(samples: np.ndarray) -> bytes:
    """Lays out rows from bottom to top, each filled up to four bytes."""
    rows = samples.reshape(samples.shape[0], -1)[::-1]
    return np.pad(rows, ((0, 0), (0, -rows.shape[1] % 4))).tobytes()


def _bmp(
    content: bytes,
    depth: int,
    size: tuple[int, int],
    *,
    palette: np.ndarray | None = None,
    compression: int = _RAW,
    masks: bytes = b"",
    header_size: int = 40,
    gap: bytes = b"",
) -> bytes:
    """Writes a BMP around its rows."""
    table = b""
    if palette is not None:
        table = np.dstack([palette[None, :, ::-1], np.zeros((1, len(palette), 1), np.uint8)]).tobytes()
    count = 0 if palette is None else len(palette)
    info = struct.pack("<IiiHHIIiiII", header_size, *size, 1, depth, compression, 0, 2835, 2835, count, 0)
    if header_size != 40:
        # The masks belong to the later headers; then "sRGB" and nothing.
        info += masks + (b"BGRs" if header_size > 64 else b"")
        info = info[:header_size].ljust(header_size, b"\0")
        masks = b""
    start = 14 + len(info) + len(masks) + len(table) + len(gap)
    return struct.pack("<2sIHHI", b"BM", start + len(content), 0, 0, start) + info + masks + table + gap + content


def _rle8(row: bytes) -> bytes:
    """Packs a row as runs of equal pixels."""
    runs = [(index, len(list(group))) for index, group in itertools.groupby(row)]
    return b"".join(bytes([count, index]) for index, count in runs) + b"\0\0"


def _rle4(row: bytes) -> bytes:
    """Packs a row as runs of two pixels in turn, and as pixels one by one where there are three and more."""
    head, tail = row[: len(row) // 2], row[len(row) // 2 :]
    packed = b"".join(
        bytes([len(pair), pair[0] << 4 | pair[-1]]) for pair in (head[i : i + 2] for i in range(0, len(head), 2))
    )
    nibbles = bytes(tail[i] << 4 | (tail[i + 1] if i + 1 < len(tail) else 0) for i in range(0, len(tail), 2))
    return packed + b"\0" + bytes([len(tail)]) + nibbles + b"\0" * (len(nibbles) & 1) + b"\0\0"


def _rle24(row: np.ndarray) -> bytes:
    """Packs a row of RGB as runs of equal pixels, and its last five one by one."""
    bgr = [pixel[::-1].tobytes() for pixel in row]
    runs = [(color, len(list(group))) for color, group in itertools.groupby(bgr[:-5])]
    each = b"".join(bgr[-5:])
    return (
        b"".join(bytes([count]) + color for color, count in runs) + b"\0\5" + each + b"\0" * (len(each) & 1) + b"\0\0"
    )
