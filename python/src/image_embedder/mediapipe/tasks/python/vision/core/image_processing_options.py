"""What is embedded of an image, and which way up."""

from __future__ import annotations

import dataclasses
import math

from image_embedder import _arguments, _images
from image_embedder._errors import InvalidArgumentError

from ...components.containers.rect import RectF
from .image import Image, bytes_of

__all__ = ["ImageProcessingOptions"]

# EXIF's number of the orientation that is turned upright by a turn clockwise.
_ORIENTATIONS = {0: 1, 90: 6, 180: 3, 270: 8}


@dataclasses.dataclass
class ImageProcessingOptions:
    """What is embedded of an image, and which way up: it is cropped, then turned.

    Attributes:
        region_of_interest: The part, 0 to 1 in each direction; None for all. It begins and ends at
            the nearest pixel.
        rotation_degrees: How far to turn clockwise: a multiple of 90, which may be negative.
    """

    region_of_interest: RectF | None = None
    rotation_degrees: int = 0


def pixel_region(
    options: ImageProcessingOptions | None, image: Image
) -> tuple[int, int, int, int] | None:
    """Finds the pixels that a region of interest stands for.

    Args:
        options: The options, or None.
        image: The image.

    Returns:
        x, y, width and height in the image as it is stored, or None for all.

    Raises:
        InvalidArgumentError: The region does not lie in the image, or is empty.
    """
    region = None if options is None else options.region_of_interest
    if region is None:
        return None
    _arguments.instance(region, RectF, "region_of_interest")
    left, top, right, bottom = (
        _arguments.number(getattr(region, side), f"{side} of region_of_interest")
        for side in ("left", "top", "right", "bottom")
    )
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise InvalidArgumentError(
            f"region_of_interest is {_arguments.shown(region)}; numbers from 0 to 1 with left < "
            "right and top < bottom are needed"
        )
    x, width = _pixels(left, right, image.width)
    y, height = _pixels(top, bottom, image.height)
    return x, y, width, height


def _pixels(begin: float, end: float, count: int) -> tuple[int, int]:
    """Returns the first pixel and the number of pixels, at least one, of a part of a side."""
    first = min(math.floor(begin * count + 0.5), count - 1)
    return first, max(math.floor(end * count + 0.5) - first, 1)


def _orientation(options: ImageProcessingOptions | None) -> int:
    """Returns the EXIF orientation that stands for a rotation.

    Raises:
        InvalidArgumentError: It is no multiple of 90 degrees.
    """
    if options is None:
        return 1
    degrees = _arguments.whole_number(options.rotation_degrees, 64, "rotation_degrees")
    if degrees % 90:
        raise InvalidArgumentError(
            f"rotation_degrees is {degrees}; a multiple of 90 degrees is needed"
        )
    return _ORIENTATIONS[degrees % 360]


def source(image: Image, options: ImageProcessingOptions | None) -> _images.Source:
    """Describes an image to the library, to be turned as the options say.

    Raises:
        InvalidArgumentError: The image has no pixels of 8 bits, or the rotation cannot be.
    """
    described = _images.array_source(bytes_of(image))
    described.frame.orientation = _orientation(options)
    return described
