"""Whatever people call an image, as the library takes it."""

from __future__ import annotations

import operator
import os
import sys
from ctypes import byref, pointer
from typing import TYPE_CHECKING, Any, NamedTuple, Union

from . import _abi
from ._errors import InvalidArgumentError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import PIL.Image

    Array = npt.NDArray[np.uint8]
    Image = Union[
        str,
        "os.PathLike[str]",
        "os.PathLike[bytes]",
        bytes,
        bytearray,
        memoryview,
        npt.NDArray[Any],
        PIL.Image.Image,
    ]


class Region(NamedTuple):
    """A rectangle of whole pixels; an image that it does not lie in is an error.

    Attributes:
        x: The first column.
        y: The first row.
        width: The number of columns.
        height: The number of rows.
    """

    x: int
    y: int
    width: int
    height: int


def native_region(region: tuple[int, int, int, int] | None) -> Any:
    """Turns a region into the library's.

    Args:
        region: x, y, width and height, or None for the whole picture.

    Returns:
        A struct, or None.

    Raises:
        InvalidArgumentError: It is something else, or beyond 32 bits.
    """
    if region is None:
        return None
    try:
        x, y, width, height = (operator.index(value) for value in region)
    except (TypeError, ValueError):
        raise InvalidArgumentError(
            f"the region is {region!r}; four whole numbers, x, y, width and height, are needed"
        ) from None
    for value in (x, y, width, height):
        in_bits(value, 32, "a number of the region")
    return _abi.Region(x, y, width, height)


def in_bits(value: int, bits: int, name: str) -> int:
    """Checks that a number fits into what the library has for it.

    Args:
        value: A whole number.
        bits: The number of bits, one of them for the sign.
        name: What messages call it.

    Returns:
        The number.

    Raises:
        InvalidArgumentError: It does not fit.
        TypeError: It is no whole number.
    """
    number = operator.index(value)
    if not -(1 << (bits - 1)) <= number < 1 << (bits - 1):
        raise InvalidArgumentError(f"{name} is {number}; a number of {bits} bits is needed")
    return number


def path_bytes(path: str | bytes | os.PathLike[str] | os.PathLike[bytes], name: str) -> bytes:
    """Turns a path into the bytes that the system knows it by.

    Args:
        path: The path.
        name: What messages call it.

    Returns:
        The bytes, without a NUL.

    Raises:
        InvalidArgumentError: The path holds a NUL character.
    """
    encoded = os.fsencode(path)
    if b"\0" in encoded:
        raise InvalidArgumentError(f"{name} is {path!r}; a path without NUL characters is needed")
    return encoded


class Source:
    """An image as the library takes it, with what keeps its memory alive."""

    __slots__ = ("byte_count", "encoded", "frame", "keeps", "path")

    def __init__(
        self,
        *,
        path: bytes | None = None,
        encoded: bytes | None = None,
        frame: Any = None,
        keeps: Any = None,
        byte_count: int = 0,
    ) -> None:
        """Holds one of a path, a file in memory, and pixels whose owner is kept."""
        self.path = path
        self.encoded = encoded
        self.frame = frame
        self.keeps = keeps
        self.byte_count = byte_count

    def embed(self, embedder: _abi.Handle, region: Any) -> _abi.Handle:
        """Embeds the image.

        Args:
            embedder: What it is embedded with.
            region: The library's region, or None.

        Returns:
            The result.

        Raises:
            EmbedderError: The image cannot be embedded.
        """
        if self.frame is not None:
            return _abi.make("ie_embedder_embed_frame", embedder.pointer, byref(self.frame), region)
        if self.encoded is not None:
            return _abi.make(
                "ie_embedder_embed_encoded",
                embedder.pointer,
                self.encoded,
                len(self.encoded),
                region,
            )
        return _abi.make("ie_embedder_embed_file", embedder.pointer, self.path, region)

    def item(self, region: Any) -> Any:
        """Returns the item of a batch, whose memory lives as long as this."""
        item = _abi.sized(_abi.Item)
        item.path = self.path
        if self.encoded is not None:
            item.bytes = self.encoded
            item.byte_count = len(self.encoded)
        if self.frame is not None:
            item.frame = pointer(self.frame)
        if region is not None:
            item.region = pointer(region)
        return item


def source(image: Image, *, outlives_call: bool = False) -> Source:
    """Finds out what an image is.

    Args:
        image: A path, an image file in memory, a Pillow image or an array of pixels.
        outlives_call: Whether the image is used after the caller has gone on. Memory that the
            caller may write to is then copied.

    Returns:
        The image for the library.

    Raises:
        InvalidArgumentError: It cannot be an image.
        TypeError: It is no kind of image.
    """
    if isinstance(image, (str, os.PathLike)):
        return Source(path=path_bytes(image, "the path"))
    if isinstance(image, (bytes, bytearray, memoryview)):
        # A copy of what can change: decoders trust that what they checked stays.
        encoded = bytes(image)
        return Source(encoded=encoded, byte_count=len(encoded))
    import numpy as np

    if isinstance(image, np.ndarray):
        return array_source(image, outlives_call=outlives_call)
    pillow = sys.modules.get("PIL.Image")
    if pillow is not None and isinstance(image, pillow.Image):
        return array_source(_pillow_pixels(image))
    raise TypeError(
        f"the image is of the type {type(image).__name__}; a path, the bytes of an image file, "
        "a Pillow image or a NumPy array is needed"
    )


def array_source(array: npt.NDArray[Any], *, outlives_call: bool = False) -> Source:
    """Describes pixels to the library, and copies them only where it cannot read them in place.

    Args:
        array: uint8 of shape (height, width), (height, width, 1), (height, width, 3) or
            (height, width, 4), of any strides.
        outlives_call: As for `source`.

    Returns:
        The image for the library.

    Raises:
        InvalidArgumentError: The array has another type or shape.
    """
    import numpy as np

    if array.dtype != np.uint8:
        raise InvalidArgumentError(
            f"the array's elements are {array.dtype}; uint8 is needed, from 0 to 255"
        )
    channels = 1 if array.ndim == 2 else array.shape[2] if array.ndim == 3 else 0
    if channels not in (1, 3, 4) or array.size == 0:
        raise InvalidArgumentError(
            f"the array has the shape {array.shape}; (height, width), or (height, width, channels) "
            "with 1, 3 or 4 channels, and at least one pixel are needed"
        )
    height, width = array.shape[:2]
    if channels == 1:
        # As gray files are decoded, so that both give the same vector.
        channels = 3
        array = np.broadcast_to(array.reshape(height, width, 1), (height, width, channels))
    row = width * channels
    is_packed = (
        array.strides[2] == 1
        and (width == 1 or array.strides[1] == channels)
        and (height == 1 or array.strides[0] >= row)
    )
    if not is_packed or (outlives_call and array.flags.writeable):
        array = np.array(array, order="C", subok=False)
    stride = array.strides[0] if height > 1 else row
    frame = _abi.sized(_abi.Frame)
    frame.width = min(width, 1 << 30)
    frame.height = min(height, 1 << 30)
    frame.format = _abi.FORMAT_RGB if channels == 3 else _abi.FORMAT_RGBA
    frame.plane_count = 1
    plane = frame.planes[0]
    plane.data = array.ctypes.data
    plane.byte_count = (height - 1) * stride + row
    plane.row_stride = stride
    return Source(frame=frame, keeps=array, byte_count=plane.byte_count)


def _pillow_pixels(image: PIL.Image.Image) -> Array:
    """Returns the pixels of a Pillow image as they are, as a file's would be decoded.

    Raises:
        InvalidArgumentError: The mode has no range that is known, or the image cannot be read.
    """
    import numpy as np

    mode = image.mode
    if mode in ("F", "I"):
        raise InvalidArgumentError(
            f"the Pillow image has the mode {mode!r}, whose range is not known; convert it to "
            "'L' or 'RGB'"
        )
    try:
        if mode.startswith("I;16"):
            return (np.asarray(image) >> 8).astype(np.uint8)
        if mode not in ("L", "RGB", "RGBA"):
            has_alpha = mode in ("LA", "La", "PA", "RGBa") or "transparency" in image.info
            image = image.convert("RGBA" if has_alpha else "RGB")
        return np.asarray(image)
    except (OSError, SyntaxError, ValueError) as error:
        raise InvalidArgumentError(f"the Pillow image cannot be read: {error}") from error
