"""What an odd file is, and the photograph that all of them show."""

from __future__ import annotations

import dataclasses
import io
import pathlib
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

EMBEDDED = "embedded"
WARNED = "embedded with a warning"
REFUSED = "refused"

# Odd on purpose, and no multiple of a JPEG, HEVC or TIFF block: edges are where decoders differ.
WIDTH, HEIGHT = 79, 53

PHOTOGRAPH = "photograph.png"
GRAY_PHOTOGRAPH = "png-gray-8.png"
HALF_PHOTOGRAPH = "photograph-half.png"
HALF_GRAY_PHOTOGRAPH = "png-gray-alpha-8.png"
QUARTER_PHOTOGRAPH = "photograph-quarter.png"


@dataclasses.dataclass(frozen=True)
class Also:
    """What becomes of the same file under other options.

    Attributes:
        options: The command line's options.
        expect: `EMBEDDED`, `WARNED` or `REFUSED`.
        exact: The upright RGB pixels that are expected, uint8 of shape [height, width, 3]; None if nothing is said.
    """

    options: tuple[str, ...]
    expect: str
    exact: np.ndarray | None = None


@dataclasses.dataclass(frozen=True)
class OddFile:
    """One file of the set.

    Attributes:
        name: The file's name.
        format: What its content is, or "no image".
        odd: What is odd about it.
        data: Its bytes.
        expect: `EMBEDDED`, `WARNED` or `REFUSED`, with the default options.
        exact: The upright RGB pixels of a lossless file, uint8 of shape [height, width, 3].
        near: The file of the set that a lossy one must resemble, or one that decoders round differently.
        mean_difference: How far it may be from it, on average over all values; None to measure it with Pillow.
        largest_difference: How far any value may be from it; then the mean does not count.
        size: The upright width and height, where neither `exact` nor `near` say it.
        pillow: Whether Pillow can decode the file and gives `exact`.
        also: What becomes of it under other options.
    """

    name: str
    format: str
    odd: str
    data: bytes
    expect: str = EMBEDDED
    exact: np.ndarray | None = None
    near: str | None = None
    mean_difference: float | None = None
    largest_difference: int | None = None
    size: tuple[int, int] | None = None
    pillow: bool = True
    also: tuple[Also, ...] = ()


@dataclasses.dataclass(frozen=True)
class Photograph:
    """The photograph, small, in the forms that the formats need.

    Attributes:
        rgb: Its pixels, uint8 of shape [height, width, 3].
    """

    rgb: np.ndarray

    @classmethod
    def read(cls, path: pathlib.Path) -> Photograph:
        """Reads a photograph and scales it.

        Args:
            path: The original.

        Returns:
            The small photograph.
        """
        with Image.open(path) as image:
            small = image.convert("RGB").resize((WIDTH, HEIGHT), Image.Resampling.BOX)
        # Without its finest grain the same picture takes less space in every format.
        return cls(np.asarray(small.filter(ImageFilter.GaussianBlur(0.6))).copy())

    @property
    def width(self) -> int:
        """Its columns."""
        return self.rgb.shape[1]

    @property
    def height(self) -> int:
        """Its rows."""
        return self.rgb.shape[0]

    @property
    def half(self) -> Photograph:
        """Every second pixel of every second row, for formats that take much space."""
        return Photograph(np.ascontiguousarray(self.rgb[::2, ::2]))

    @property
    def gray(self) -> np.ndarray:
        """Its luma, uint8 of shape [height, width]."""
        return np.asarray(Image.fromarray(self.rgb).convert("L")).copy()

    @property
    def bilevel(self) -> np.ndarray:
        """The luma's upper half as ones, uint8 of shape [height, width]."""
        gray = self.gray
        return (gray > np.median(gray)).astype(np.uint8)

    @property
    def alpha(self) -> np.ndarray:
        """An opacity that falls from left to right but never to 0, uint8 of shape [height, width]."""
        return np.broadcast_to(np.linspace(255, 40, self.width).astype(np.uint8), self.rgb.shape[:2]).copy()

    @property
    def rgba(self) -> np.ndarray:
        """The pixels with that opacity."""
        return np.dstack([self.rgb, self.alpha])

    @property
    def ink(self) -> np.ndarray:
        """Cyan, magenta, yellow and black, 255 for full ink, uint8 of shape [height, width, 4].

        A colour is `(255 - ink) * (255 - black) / 255`, and half of what black can carry is in the black.
        """
        rgb = self.rgb.astype(np.float64)
        black = np.round((255 - rgb.max(axis=2, keepdims=True)) / 2)
        ink = 255 - rgb * 255 / (255 - black)
        return np.round(np.concatenate([ink, black], axis=2)).clip(0, 255).astype(np.uint8)

    def sixteen_bits(self, samples: np.ndarray) -> np.ndarray:
        """Widens 8-bit samples; the low bytes tell a decoder that cuts from one that rounds.

        Args:
            samples: uint8.

        Returns:
            uint16 of the same shape; the high byte is the sample.
        """
        y, x = np.meshgrid(np.arange(samples.shape[0]), np.arange(samples.shape[1]), indexing="ij")
        low = ((x * 3 + y) & 255).astype(np.uint16)
        return samples.astype(np.uint16) << 8 | low.reshape(low.shape + (1,) * (samples.ndim - 2))

    def indexed(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Reduces the photograph to a palette.

        Args:
            count: The number of colours.

        Returns:
            Indices, uint8 of shape [height, width], and the palette, uint8 of shape [count, 3].
        """
        reduced = Image.fromarray(self.rgb).quantize(count, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        palette = np.frombuffer(reduced.im.getpalette("RGB", "RGB"), np.uint8).reshape(-1, 3)
        padded = np.zeros((count, 3), np.uint8)
        padded[: min(count, len(palette))] = palette[:count]
        return np.asarray(reduced).copy(), padded


def stored(upright: np.ndarray, orientation: int) -> np.ndarray:
    """Lays out a picture as a camera would that notes an EXIF orientation.

    Args:
        upright: The picture as it is to be seen.
        orientation: 1 to 8.

    Returns:
        The picture as it is stored.
    """
    turned = {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: lambda a: a.swapaxes(0, 1),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
        8: lambda a: np.rot90(a, -1),
    }[orientation](upright)
    return np.ascontiguousarray(turned)


def as_rgb(gray: np.ndarray) -> np.ndarray:
    """Repeats a gray picture in three channels.

    Args:
        gray: uint8 of shape [height, width].

    Returns:
        uint8 of shape [height, width, 3].
    """
    return np.repeat(gray[:, :, None], 3, axis=2)


def over(rgba: np.ndarray, background: int) -> np.ndarray:
    """Lays a transparent picture over white or black.

    Args:
        rgba: uint8 of shape [height, width, 4].
        background: 255 or 0.

    Returns:
        uint8 of shape [height, width, 3], rounded to the nearest.
    """
    color, alpha = rgba[:, :, :3].astype(int), rgba[:, :, 3:].astype(int)
    return ((color * alpha + background * (255 - alpha) + 127) // 255).astype(np.uint8)


def saved(picture: np.ndarray | Image.Image, kind: str, **options: Any) -> bytes:
    """Encodes a picture with Pillow.

    Args:
        picture: What to encode.
        kind: Pillow's name of the format.
        **options: Pillow's options for the format.

    Returns:
        The file's bytes.
    """
    file = io.BytesIO()
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    image.save(file, kind, **options)
    return file.getvalue()


def replaced(data: bytes, offset: int, patch: bytes) -> bytes:
    """Overwrites bytes.

    Args:
        data: The original.
        offset: Where.
        patch: With what.

    Returns:
        The changed bytes, as long as before.
    """
    if not 0 <= offset <= len(data) - len(patch):
        raise ValueError(f"cannot overwrite {len(patch)} bytes at {offset} of {len(data)}")
    return data[:offset] + patch + data[offset + len(patch) :]
