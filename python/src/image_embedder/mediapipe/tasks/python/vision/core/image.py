"""Images in memory."""

from __future__ import annotations

import enum
import operator
import os
from typing import TYPE_CHECKING, Any

from image_embedder import _abi, _arguments, _images
from image_embedder._errors import (
    EmbedderError,
    FailedError,
    InvalidArgumentError,
    UnopenedFileError,
    WrongTypeError,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["Image", "ImageFormat"]


class ImageFormat(enum.IntEnum):
    """The channels of an image and their type. SRGB, SRGBA and GRAY8 can be embedded."""

    UNKNOWN = 0
    SRGB = 1
    SRGBA = 2
    GRAY8 = 3
    GRAY16 = 4
    SRGB48 = 7
    SRGBA64 = 8
    VEC32F1 = 9
    VEC32F2 = 12
    VEC32F4 = 13


# The elements and the number of channels of each format.
_LAYOUTS = {
    ImageFormat.SRGB: ("uint8", 3),
    ImageFormat.SRGBA: ("uint8", 4),
    ImageFormat.GRAY8: ("uint8", 1),
    ImageFormat.GRAY16: ("uint16", 1),
    ImageFormat.SRGB48: ("uint16", 3),
    ImageFormat.SRGBA64: ("uint16", 4),
    ImageFormat.VEC32F1: ("float32", 1),
    ImageFormat.VEC32F2: ("float32", 2),
    ImageFormat.VEC32F4: ("float32", 4),
}


class Image(_arguments.Begun):
    """Pixels, from an array or a file. They are copied and never change."""

    _begun_with = ("_pixels", "_format")

    def __init__(self, image_format: ImageFormat, data: npt.NDArray[Any]) -> None:
        """Copies an array, of any strides.

        Args:
            image_format: What the array holds.
            data: Of shape (height, width, channels), or (height, width) for one channel; uint8 for
                SRGB, SRGBA and GRAY8, uint16 for GRAY16, SRGB48 and SRGBA64, float32 for the rest.

        Raises:
            ValueError: The array has another type or shape, or no pixel.
        """
        import numpy as np

        try:
            self._format = ImageFormat(image_format)
        except Exception:
            raise WrongTypeError(
                f"image_format is {_arguments.shown(image_format)}; an ImageFormat is needed"
            ) from None
        if self._format not in _LAYOUTS:
            raise InvalidArgumentError(
                f"image_format is {self._format.name}; the format of the array is needed"
            )
        elements, channels = _LAYOUTS[self._format]
        _arguments.instance(data, np.ndarray, "data")
        is_flat = data.ndim == 2 and channels == 1
        if data.dtype != elements or not (
            is_flat or (data.ndim == 3 and data.shape[2] == channels)
        ):
            raise InvalidArgumentError(
                f"data is an array of {data.dtype} of the shape {data.shape}; for "
                f"{self._format.name}, {elements} of the shape (height, width, {channels}) is "
                "needed"
            )
        if not data.size:
            raise InvalidArgumentError(
                f"data has the shape {data.shape}; at least one pixel is needed"
            )
        pixels = np.array(data, order="C", subok=False).reshape(*data.shape[:2], channels)
        pixels.flags.writeable = False
        self._pixels: npt.NDArray[Any] = pixels

    @classmethod
    def create_from_file(cls, file_name: str | os.PathLike[str]) -> Image:
        """Decodes an image file. EXIF is ignored.

        Args:
            file_name: The path.

        Returns:
            The image: GRAY8, SRGB or SRGBA, as the file has it.

        Raises:
            FileNotFoundError: There is no such file.
            RuntimeError: The file cannot be decoded; also where there is none.
        """
        path = _arguments.path_bytes(file_name, "file_name")
        try:
            pixels = _images.decoded("ie_image_decode_file", path)
        except FileNotFoundError:
            raise UnopenedFileError(
                f"Can't find file: {_abi.text(path)}", os.fspath(file_name)
            ) from None
        except EmbedderError as error:
            failure = FailedError(f"Failed to load image from file: {error}")
            failure.code = error.code
            raise failure from None
        pixels.flags.writeable = False
        image = cls.__new__(cls)
        image._pixels = pixels
        image._format = {1: ImageFormat.GRAY8, 3: ImageFormat.SRGB, 4: ImageFormat.SRGBA}[
            pixels.shape[2]
        ]
        return image

    def numpy_view(self) -> npt.NDArray[Any]:
        """Returns the pixels, of shape (height, width, channels), not to be written to."""
        view: npt.NDArray[Any] = self._pixels.view()
        return view

    def __getitem__(self, key: tuple[int, ...]) -> Any:
        """Returns a number of a pixel.

        Args:
            key: The row, the column, and the channel where there are several.

        Raises:
            IndexError: There is no such pixel.
            ValueError: The key has another number of indices.
        """
        shape = self._pixels.shape
        problem = WrongTypeError(
            f"the index is {_arguments.shown(key)}; a row, a column and a channel are needed"
        )
        if not isinstance(key, (tuple, list)) or not (
            len(key) == 3 or (len(key) == 2 and shape[2] == 1)
        ):
            raise problem
        try:
            indices = [operator.index(index) for index in key]
        except Exception:
            raise problem from None
        indices += [0] * (3 - len(indices))
        if not all(0 <= index < count for index, count in zip(indices, shape)):
            raise IndexError(
                f"the index is {_arguments.shown(key)}; the image has the shape {shape}"
            )
        return self._pixels[tuple(indices)].item()

    def uses_gpu(self) -> bool:
        """Returns whether the pixels are in a GPU's memory, which they never are."""
        return False

    def is_contiguous(self) -> bool:
        """Returns whether rows follow each other without a gap."""
        return bool(self._pixels.flags.c_contiguous)

    def is_empty(self) -> bool:
        """Returns whether there are no pixels, which there always are."""
        return False

    def is_aligned(self, alignment_boundary: int) -> bool:
        """Returns whether each row begins at a multiple of a number of bytes."""
        boundary = _arguments.whole_number(alignment_boundary, 64, "alignment_boundary")
        if boundary < 1:
            raise InvalidArgumentError(
                f"alignment_boundary is {boundary}; a number from 1 is needed"
            )
        return self._pixels.ctypes.data % boundary == 0 and self.step % boundary == 0

    @property
    def step(self) -> int:
        """The bytes from one row to the next."""
        return int(self._pixels.strides[0])

    @property
    def width(self) -> int:
        """The number of columns."""
        return int(self._pixels.shape[1])

    @property
    def height(self) -> int:
        """The number of rows."""
        return int(self._pixels.shape[0])

    @property
    def channels(self) -> int:
        """The number of channels."""
        return int(self._pixels.shape[2])

    @property
    def image_format(self) -> ImageFormat:
        """What the pixels are."""
        return self._format


def bytes_of(image: Image) -> npt.NDArray[np.uint8]:
    """Returns the pixels of an image that can be embedded.

    Raises:
        InvalidArgumentError: They are no bytes.
    """
    if _LAYOUTS[image.image_format][0] != "uint8":
        raise InvalidArgumentError(
            f"the image has the format {image.image_format.name}; SRGB, SRGBA or GRAY8 is needed"
        )
    return image.numpy_view()
