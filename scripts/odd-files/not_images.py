"""Files that hold no image, or not the image that their names promise."""

from __future__ import annotations

import gzip
import io
import random
import struct
import zipfile
from collections.abc import Iterator

from jpeg_files import fine
from odd_file import EMBEDDED, HALF_PHOTOGRAPH, REFUSED, OddFile, Photograph
from png_files import indexed

NO_IMAGE = "no image"


def not_images(photograph: Photograph) -> Iterator[OddFile]:
    """Makes the files whose name and content do not agree.

    Args:
        photograph: What those show that are images after all.

    Yields:
        The files.
    """
    jpeg = fine(photograph.half.rgb)
    png, exact = indexed(photograph.half, 4, 16)
    yield OddFile("misnamed-jpeg.png", "JPEG", "a JPEG whose name ends in png", jpeg, EMBEDDED, near=HALF_PHOTOGRAPH)
    yield OddFile("misnamed-png.jpg", "PNG", "a PNG whose name ends in jpg", png, EMBEDDED, exact=exact)
    yield OddFile("png-without-ending", "PNG", "a name without an ending", png, EMBEDDED, exact=exact)
    yield OddFile("jpeg-named.txt", "JPEG", "a JPEG whose name ends in txt", jpeg, EMBEDDED, near=HALF_PHOTOGRAPH)

    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as content:
        content.writestr(zipfile.ZipInfo("photograph.png"), png)
    vector = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="79" height="53"><rect/></svg>\n'
    document = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    page = b"<!DOCTYPE html>\n<html><body><h1>404 Not Found</h1></body></html>\n"
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 12345\n"
    sound = b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt " + struct.pack("<IHHIIHHI", 16, 1, 1, 8000, 8000, 1, 8, 0)
    files = {
        "empty.jpg": ("an empty file", b""),
        "one-byte.jpg": ("one byte", b"\xff"),
        "two-bytes.jpg": ("a JPEG's first two bytes", b"\xff\xd8"),
        "text.jpg": ("text", b"This is not a photograph.\n"),
        "page.png": ("an HTML page, as a failed download leaves", page),
        "document.pdf": ("a PDF", document),
        "archive.zip": ("a ZIP archive with a PNG in it", archive.getvalue()),
        "archive.gz": ("a PNG, compressed by gzip", gzip.compress(png, mtime=0)),
        "drawing.svg": ("an SVG drawing", vector),
        "random.jpg": ("random bytes", random.Random(20).randbytes(2000)),
        "nuls.jpg": ("2,000 bytes of 0", bytes(2000)),
        "ones.jpg": ("2,000 bytes of 255", b"\xff" * 2000),
        "pointer.jpg": ("a Git LFS pointer", pointer),
        "sound.webp": ("a WAVE sound, which begins as a WebP does", sound),
        "film.heic": (
            "an MP4 film, which begins as a HEIC does",
            b"\0\0\0\x18ftypisom\0\0\2\0isommp41" + b"\0\0\0\x08mdat",
        ),
        "bm.bmp": ("text that begins as a BMP does", b"BMW, a car; BMX, a bicycle; and more of the same kind.\n"),
        "p6.ppm": ("text that begins as a PPM does", b"P6 is a grade of thread protection.\n"),
        "signature.png": ("a PNG's signature and nothing more", png[:8]),
        "signature.webp": ("a WebP's signature and nothing more", b"RIFF\x04\0\0\0WEBP"),
        "signature.gif": ("a GIF's signature and nothing more", b"GIF89a"),
        "signature.tif": ("a TIFF's signature and nothing more", b"II*\0"),
        "signature.psd": ("a PSD's signature and nothing more", b"8BPS\0\1"),
        "signature.hdr": ("an HDR's signature and nothing more", b"#?RADIANCE\n"),
        "signature.heic": ("a HEIC's first box and nothing more", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
    }
    for name, (odd, data) in files.items():
        yield OddFile(name, NO_IMAGE, odd, data, REFUSED)
