"""What people and programs do to photographs, each as a function from a file to another file."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

SIDE = 500
"""The longer side of an original in pixels."""

Picture = Image.Image
Edit = Callable[[Picture, random.Random], Picture]


def original(photograph: Path, target: Path) -> None:
    """Writes a photograph as the JPEG file that everything else is made of."""
    image = ImageOps.exif_transpose(Image.open(photograph)).convert("RGB")
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    image.save(target, quality=92)


def _scaled(image: Picture, factor: float) -> Picture:
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    return image.resize(size, Image.Resampling.LANCZOS)


def _cropped(image: Picture, rng: random.Random, share: float) -> Picture:
    width, height = round(image.width * (1 - share)), round(image.height * (1 - share))
    x, y = rng.randint(0, image.width - width), rng.randint(0, image.height - height)
    return image.crop((x, y, x + width, y + height))


def _written_over(image: Picture, rng: random.Random) -> Picture:
    image = image.copy()
    size = round(image.height * rng.uniform(0.09, 0.15))
    font = ImageFont.load_default(size)
    text = rng.choice(["Happy birthday!", "SAMPLE 2024", "Greetings from\nthe seaside"])
    color = rng.choice(["white", "black", "yellow", "red"])
    place = (image.width * rng.uniform(0.02, 0.2), image.height * rng.uniform(0.05, 0.6))
    ImageDraw.Draw(image).multiline_text(
        place, text, fill=color, font=font, stroke_width=rng.choice([0, 3]), stroke_fill="gray"
    )
    return image


def _with_bars(image: Picture, rng: random.Random) -> Picture:
    across, down = rng.choice([(0, 0.15), (0.15, 0), (0.08, 0.08)])
    border = (round(image.width * across), round(image.height * down))
    return ImageOps.expand(image, border, fill=rng.choice(["black", "white"]))


EDITS: dict[str, Edit] = {
    "halved": lambda image, _: _scaled(image, 0.5),
    "quartered": lambda image, _: _scaled(image, 0.25),
    "cropped by 10 %": lambda image, rng: _cropped(image, rng, 0.1),
    "cropped by 30 %": lambda image, rng: _cropped(image, rng, 0.3),
    "mirrored": lambda image, _: ImageOps.mirror(image),
    "turned by 90": lambda image, _: image.transpose(Image.Transpose.ROTATE_90),
    "turned by 180": lambda image, _: image.transpose(Image.Transpose.ROTATE_180),
    "turned by 270": lambda image, _: image.transpose(Image.Transpose.ROTATE_270),
    "brighter": lambda image, _: ImageEnhance.Brightness(image).enhance(1.4),
    "darker": lambda image, _: ImageEnhance.Brightness(image).enhance(0.6),
    "gray": lambda image, _: ImageOps.grayscale(image),
    "text over": _written_over,
    "bars around": _with_bars,
}
"""Edits of pixels, each saved as a JPEG file of quality 85."""


def _metadata(source: Path, target: Path) -> None:
    # A comment behind the start of the file: other bytes, the same pixels.
    data = source.read_bytes()
    note = b"edited by nobody"
    segment = b"\xff\xfe" + (len(note) + 2).to_bytes(2) + note
    target.write_bytes(data[:2] + segment + data[2:])


def _saved(format: str, **options: object) -> Callable[[Path, Path], None]:
    def save(source: Path, target: Path) -> None:
        buffer = io.BytesIO()
        Image.open(source).save(buffer, format, **options)
        target.write_bytes(buffer.getvalue())

    return save


FILES: dict[str, tuple[str, Callable[[Path, Path], None]]] = {
    "the same bytes": (".jpg", lambda source, target: target.write_bytes(source.read_bytes())),
    "metadata only": (".jpg", _metadata),
    "JPEG of quality 75": (".jpg", _saved("JPEG", quality=75)),
    "JPEG of quality 30": (".jpg", _saved("JPEG", quality=30)),
    "PNG": (".png", _saved("PNG")),
    "TIFF": (".tif", _saved("TIFF", compression="tiff_lzw")),
    "WebP": (".webp", _saved("WEBP", quality=75)),
}
"""Changes of the file that leave the picture as it is, or nearly so, and what the files are called."""


def change(name: str, source: Path, target: Path, rng: random.Random) -> Path:
    """Makes one changed file.

    Args:
        name: The change.
        source: The original.
        target: The new file without its ending.
        rng: What decides where a crop, a text or a bar is.

    Returns:
        The new file.
    """
    if name in FILES:
        ending, make = FILES[name]
        target = target.with_name(target.name + ending)
        make(source, target)
    else:
        target = target.with_name(target.name + ".jpg")
        EDITS[name](Image.open(source).convert("RGB"), rng).save(target, quality=85)
    return target


NAMES = [*FILES, *EDITS]
"""All changes."""
