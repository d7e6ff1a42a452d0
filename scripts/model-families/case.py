"""What a case is: a model to convert, and the sizes of the images to embed with it."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Callable

Size = tuple[int, int]

# The image sizes (height, width) of a model of open height and width: the second is a small one.
OPEN_SIZES: tuple[Size, ...] = ((20, 24), (9, 10), (36, 28))
FIXED_SIZE: Size = (16, 20)


class NotConvertible(Exception):  # noqa: N818
    """A model cannot be made, and the reason is no fault of this folder: a case that is skipped."""


@dataclasses.dataclass(frozen=True)
class Case:
    """A model to convert.

    Attributes:
        name: What it is, in words joined by hyphens, with its variant after dots.
        convert: Makes the model and returns its file.
        sizes: Heights and widths of the images: one where the model's are fixed.
        refusable: Why the runtime that the product is built on cannot run the model, where that is so. Then a refusal
            by `info` and `embed` alike is as good as the right vector.
    """

    name: str
    convert: Callable[[], bytes]
    sizes: tuple[Size, ...] = (FIXED_SIZE,)
    refusable: str | None = None


def seed(name: str) -> int:
    """Returns the seed of a case's random weights, the same in every run."""
    return zlib.crc32(name.encode())
