"""HEIC and AVIF files, made by pillow-heif (libheif, x265), Pillow and imagecodecs (libavif)."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import Any

import imagecodecs
import numpy as np
import pillow_heif
from PIL import Image

import exif
from heif_writer import Item, box, full_box, heif, item
from odd_file import (
    EMBEDDED,
    GRAY_PHOTOGRAPH,
    HALF_PHOTOGRAPH,
    PHOTOGRAPH,
    REFUSED,
    OddFile,
    Photograph,
    replaced,
    saved,
    stored,
)

# Without this x265 writes its version and settings into every file.
_ENCODER = {"x265:info": 0, "x265:pools": "none", "x265:frame-threads": 1}


def heif_files(photograph: Photograph) -> Iterator[OddFile]:
    """Makes the HEIC and AVIF files.

    Args:
        photograph: What they show.

    Yields:
        The files.
    """
    yield from _heic_files(photograph)
    yield from _avif_files(photograph)


def heic(picture: np.ndarray, mode: str = "RGB", **options: Any) -> bytes:
    """Encodes a HEIC.

    Args:
        picture: The pixels.
        mode: pillow-heif's name of their kind.
        **options: pillow-heif's options.

    Returns:
        The file.
    """
    file = io.BytesIO()
    size = (picture.shape[1], picture.shape[0])
    settings = {"quality": 75, "enc_params": _ENCODER, **options}
    pillow_heif.encode(mode, size, np.ascontiguousarray(picture).tobytes(), file, **settings)
    return file.getvalue()


def avif(picture: np.ndarray, **options: Any) -> bytes:
    """Encodes an AVIF with Pillow.

    Args:
        picture: The pixels.
        **options: Pillow's options.

    Returns:
        The file.
    """
    return saved(picture, "AVIF", **{"quality": 85, "max_threads": 1, **options})


def _swapped(data: bytes, old: bytes, new: bytes) -> bytes:
    """Overwrites bytes that must occur exactly once."""
    if data.count(old) != 1:
        raise ValueError(f"{old!r} occurs {data.count(old)} times")
    return replaced(data, data.index(old), new)


def _timeless(data: bytes) -> bytes:
    """Sets the times of an animation's boxes to 0, so that it is the same whenever it is made."""
    for kind in (b"mvhd", b"tkhd", b"mdhd"):
        begin = data.index(kind) + 4
        times = 2 * (8 if data[begin] == 1 else 4)
        data = replaced(data, begin + 4, b"\0" * times)
    return data


def _resized(data: bytes, width: int, height: int) -> bytes:
    """Changes the size that the first `ispe` box claims."""
    return replaced(data, data.index(b"ispe") + 8, struct.pack(">II", width, height))


def _heic_files(photograph: Photograph) -> Iterator[OddFile]:
    def file(name: str, odd: str, data: bytes, expect: str = EMBEDDED, **more: Any) -> OddFile:
        if expect != REFUSED and "size" not in more:
            more.setdefault("near", PHOTOGRAPH)
        return OddFile(f"heic-{name}.heic", "HEIC", odd, data, expect, **more)

    rgb = photograph.rgb
    plain = heic(rgb)
    yield file("420", "8 bit, 4:2:0, odd width and height", plain)
    yield file("444", "8 bit, 4:4:4", heic(rgb, chroma=444))
    yield file("10-bit", "10 bit", heic(photograph.sixteen_bits(rgb).astype("<u2"), "RGB;16"))
    yield file("gray", "grayscale", heic(photograph.gray, "L"), near=GRAY_PHOTOGRAPH)
    yield file("alpha", "with opacity", heic(photograph.rgba, "RGBA"))

    upright_exif, sideways_exif = exif.exif_block(1), exif.exif_block(6)
    half = photograph.half.rgb
    turned = heic(stored(half, 6), exif=sideways_exif)
    odd = "turned by the container (irot); EXIF says the same and must not turn it again"
    yield file("irot-exif", odd, turned, near=HALF_PHOTOGRAPH)
    odd = "turned by the container (irot), EXIF orientation 1"
    yield file("irot", odd, _swapped(turned, sideways_exif, upright_exif), near=HALF_PHOTOGRAPH)
    only_exif = _swapped(heic(half, exif=upright_exif), upright_exif, sideways_exif)
    odd = "EXIF orientation 6, which has no effect without the container's"
    yield file("exif-only", odd, only_exif, near=HALF_PHOTOGRAPH, mean_difference=4.0, pillow=False)
    mirrored = heic(stored(half, 5), exif=exif.exif_block(5))
    yield file("imir", "mirrored and turned by the container", mirrored, near=HALF_PHOTOGRAPH)
    grid = heic(stored(rgb, 6), tile_size=64, exif=sideways_exif)
    yield file("grid", "a grid of two tiles, turned, as telephones write photographs", grid)

    plain = heic(rgb, quality=40)
    yield file("truncated-50", "ends at 50 %", plain[: len(plain) // 2], REFUSED)
    yield file("truncated-95", "ends at 95 %", plain[: len(plain) * 95 // 100], REFUSED)
    yield file("truncated-in-header", "ends inside the header", plain[:100], REFUSED)
    yield file("no-data", "the pixels' box is missing", plain[: plain.index(b"mdat") - 4], REFUSED)
    # Odd sizes are cropped by a second box, which would count.
    even = heic(rgb[:48, :64], quality=40)
    yield file("claims-65535x65535", "claims 65535 x 65535 pixels", _resized(even, 65535, 65535), REFUSED)
    odd = "claims 20000 x 20000 pixels, but the coded picture says 64 x 48, which counts"
    yield file("claims-20000x20000", odd, _resized(even, 20000, 20000), size=(64, 48))
    single = heic(rgb, quality=40, tile_size=64)
    # Version, flags, rows and columns less one, width, height.
    shape = struct.pack(">BBBBHH", 0, 0, 0, 1, rgb.shape[1], rgb.shape[0])
    huge = _swapped(_resized(single, 65535, 65535), shape, struct.pack(">BBBBHH", 0, 0, 0, 1, 65535, 65535))
    yield file("grid-claims-65535x65535", "a grid that claims 65535 x 65535 pixels", huge, REFUSED)
    tiles = single.index(b"dimg") + 8
    yield file("grid-loop", "a grid whose tiles are the grid itself", replaced(single, tiles, b"\0\1\0\1"), REFUSED)
    missing = replaced(single, tiles, b"\0\2\0\x63")
    yield file("grid-missing-tile", "a grid, one of whose tiles does not exist", missing, REFUSED)
    pixels = plain.index(b"mdat") + 4
    yield file("corrupt", "the pixels' first 30 bytes overwritten", replaced(plain, pixels, b"\xff" * 30), REFUSED)
    unseen = replaced(plain, pixels + 200, b"\xff" * 200)
    odd = "200 bytes of the pixels overwritten, which the decoder conceals"
    yield file("corrupt-unseen", odd, unseen, size=(photograph.width, photograph.height))
    opaque = heic(photograph.rgba, "RGBA", quality=40)
    looped = replaced(opaque, opaque.index(b"auxl") + 4, b"\0\1")
    yield file("alpha-loop", "a picture that is its own opacity", looped, REFUSED)
    begin = plain.index(b"hvcC")
    yield file("no-hvcc", "no decoder configuration", replaced(plain, begin, b"free"), REFUSED)
    yield from _gain_maps(photograph)

    wide = half.astype(np.uint16) * 257
    for orientation in (2, 4, 5, 7):
        data = heic(stored(wide, orientation), "RGB;16", exif=exif.exif_block(orientation))
        odd = f"10 bit and mirrored by the container, as EXIF orientation {orientation} says"
        yield file(f"10-bit-mirror-{orientation}", odd, data, near=HALF_PHOTOGRAPH)
    # Coded as the range from 16 to 235, which is what the file says.
    limited = np.round(16 + photograph.gray * (219 / 255)).astype(np.uint8)
    data = heif(b"heic", (b"mif1", b"heic"), {1: _labelled(item(heic(limited, "L")), full_range=False)})
    yield file(
        "gray-limited", "grayscale of limited range", data, near=GRAY_PHOTOGRAPH, mean_difference=3.0, pillow=False
    )
    big = item(heic(np.full((3200, 3200, 3), 90, np.uint8)))
    odd = "claims 64 x 48 pixels, but the coded picture says 3200 x 3200"
    yield file("claims-less", odd, heif(b"heic", (b"mif1", b"heic"), {1: _claiming(big, 64, 48)}), size=(3200, 3200))


def _gain_maps(photograph: Photograph) -> Iterator[OddFile]:
    """Makes what telephones write since 2024: pictures that share their gain map with a tone mapped one."""

    def file(name: str, odd: str, data: bytes, **more: Any) -> OddFile:
        more.setdefault("near", PHOTOGRAPH)
        return OddFile(f"heic-{name}.heic", "HEIC", odd, data, **more)

    main, opacity = (item(heic(photograph.rgba, "RGBA"), number) for number in (1, 2))
    gray = item(heic(photograph.half.gray, "L"))
    kind = full_box(b"auxC", 0, b"urn:com:apple:photo:2020:aux:hdrgainmap\0")
    gain = Item(gray.kind, gray.data, (*gray.properties, kind))
    tone = Item(b"tmap", bytes(40), tuple(part for part in main.properties if part[4:8] in (b"ispe", b"colr")))
    metadata = Item(b"Exif", bytes(4) + exif.exif_block(1))
    brands = (b"mif1", b"heic", b"MiHB", b"tmap")
    items = {1: main, 2: gain, 3: tone, 4: metadata, 5: gray}
    references = [
        (b"auxl", 2, (1, 3)),
        (b"dimg", 3, (1, 2)),
        (b"cdsc", 4, (1, 3)),
    ]
    odd = "a gain map and EXIF that belong to the picture and to its tone mapped form"
    yield file("gain-map", odd, heif(b"heic", brands, items, references))
    data = heif(b"heic", brands, items, [*references, (b"thmb", 5, (1, 3))])
    odd = "the same with a thumbnail"
    yield file("gain-map-thumbnail", odd, data, pillow=False, mean_difference=4.0)
    odd = "a main picture that is tone mapped (tmap) from two others"
    yield file("tmap-main", odd, heif(b"heic", brands, items, references, primary=3), pillow=False, mean_difference=4.0)
    transparent = {1: main, 2: opacity, 3: tone, 4: gain}
    references = [(b"dimg", 3, (1, 4)), (b"auxl", 2, (3, 1)), (b"auxl", 4, (1, 3))]
    odd = "opacity and a gain map that belong to two pictures"
    yield file("alpha-two-targets", odd, heif(b"heic", brands, transparent, references))
    odd = "the same with references of 32 bit"
    yield file("alpha-two-targets-32", odd, heif(b"heic", brands, transparent, references, wide=True))
    cut = heif(b"heic", brands, items, [(b"auxl", 2, (1, 3))])
    place = cut.index(b"auxl") + 6
    lie = replaced(cut, place, struct.pack(">H", 3))
    yield OddFile("heic-references-lie.heic", "HEIC", "references that say they are longer", lie, REFUSED)


def _labelled(picture: Item, *, full_range: bool) -> Item:
    """Says of a coded picture which range of values it uses."""
    kind = box(b"colr", b"nclx", struct.pack(">HHHB", 1, 13, 6, 0x80 if full_range else 0))
    return Item(picture.kind, picture.data, (*(p for p in picture.properties if p[4:8] != b"colr"), kind))


def _claiming(picture: Item, width: int, height: int) -> Item:
    """Says of a coded picture that it has another size."""
    size = full_box(b"ispe", 0, struct.pack(">II", width, height))
    kept = (p for p in picture.properties if p[4:8] not in (b"ispe", b"clap"))
    return Item(picture.kind, picture.data, (size, *kept))


def _avif_files(photograph: Photograph) -> Iterator[OddFile]:
    def file(name: str, odd: str, data: bytes, expect: str = EMBEDDED, **more: Any) -> OddFile:
        if expect != REFUSED and not {"exact", "size"} & more.keys():
            more.setdefault("near", PHOTOGRAPH)
        return OddFile(f"avif-{name}.avif", "AVIF", odd, data, expect, **more)

    rgb = photograph.rgb
    plain = avif(rgb)
    yield file("420", "8 bit, 4:2:0, odd width and height", plain)
    lossless = bytes(imagecodecs.avif_encode(photograph.half.rgb, level=100, speed=6, numthreads=1))
    yield file("lossless", "lossless, 4:4:4, coded as RGB", lossless, exact=photograph.half.rgb)
    ten = photograph.sixteen_bits(rgb) >> 6
    yield file("10-bit", "10 bit", bytes(imagecodecs.avif_encode(ten, level=85, bitspersample=10, numthreads=1)))
    gray = bytes(imagecodecs.avif_encode(photograph.gray, level=85, numthreads=1))
    yield file("gray", "grayscale (4:0:0)", gray, near=GRAY_PHOTOGRAPH)
    yield file("alpha", "with opacity", avif(photograph.rgba))
    turned = avif(stored(rgb, 8), exif=exif.exif_block(8))
    yield file("irot", "turned by the container (irot)", turned)
    second = Image.fromarray(255 - rgb)
    animated = _timeless(avif(rgb, save_all=True, append_images=[second], duration=100))
    yield file("animated", "animated; the first frame counts", animated)
    yield file("truncated-50", "ends at 50 %", plain[: len(plain) // 2], REFUSED)
    yield file("truncated-95", "ends at 95 %", plain[: len(plain) * 95 // 100], REFUSED)
    pixels = plain.index(b"mdat") + 4
    yield file("corrupt", "the pixels' first 30 bytes overwritten", replaced(plain, pixels, b"\xff" * 30), REFUSED)
    late = replaced(plain, pixels + 40, b"\xff" * 200)
    yield file("corrupt-late", "200 later bytes of the pixels overwritten, which only libaom notices", late, REFUSED)
    length = struct.unpack_from(">I", animated)[0]
    brands = animated[8:length].replace(b"avif", b"iso8").replace(b"mif1", b"iso8")
    still = replaced(animated, 8, brands)
    yield file("avis", "an animation with a still picture and no brand of one", still)
    track = animated[: animated.index(b"meta") - 4] + animated[animated.index(b"moov") - 4 :]
    yield file("no-still", "an animation without a still picture", track, REFUSED)
    deep = item(bytes(imagecodecs.avif_encode(stored(ten, 2), level=85, bitspersample=10, numthreads=1)))
    mirrored = Item(deep.kind, deep.data, (*deep.properties, box(b"imir", b"\1")))
    data = heif(b"avif", (b"avif", b"mif1"), {1: mirrored})
    yield file("10-bit-mirror", "10 bit and mirrored by the container", data)
    data = avif(Image.fromarray(photograph.gray), subsampling="4:0:0", range="limited")
    yield file("gray-limited", "grayscale of limited range", data, near=GRAY_PHOTOGRAPH)
    large = np.asarray(Image.fromarray(rgb).resize((474, 318), Image.Resampling.BICUBIC))
    grainy = avif(large, quality=40, speed=8, advanced={"film-grain-test": "4"})
    yield file("film-grain", "film grain, which the decoder adds", grainy, size=(474, 318))
    big = item(avif(np.full((3200, 3200, 3), 90, np.uint8), speed=10))
    odd = "claims 64 x 48 pixels, but the coded picture says 3200 x 3200"
    yield file("claims-less", odd, heif(b"avif", (b"avif", b"mif1"), {1: _claiming(big, 64, 48)}), size=(3200, 3200))
