"""Whatever people call an image, as the library takes it."""

from __future__ import annotations

import io
import operator
import os
import sys
from ctypes import byref, c_uint8, pointer
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Union, cast

from . import _abi, _arguments
from ._errors import FailedError, InvalidArgumentError, WrongTypeError

if TYPE_CHECKING:
    import mmap

    import numpy as np
    import numpy.typing as npt
    import PIL.Image

    Array = npt.NDArray[np.uint8]

    class BinaryFile(Protocol):
        """An open file that gives bytes."""

        def read(self, size: int, /) -> bytes:
            """Reads at most a number of bytes, none of them at the end."""
            ...

    class ArrayLike(Protocol):
        """What NumPy makes an array of, such as a tensor."""

        def __array__(self) -> npt.NDArray[Any]:
            """Returns the array."""
            ...

    Image = Union[
        str,
        "os.PathLike[str]",
        "os.PathLike[bytes]",
        bytes,
        bytearray,
        memoryview,
        mmap.mmap,
        BinaryFile,
        npt.NDArray[Any],
        ArrayLike,
        PIL.Image.Image,
    ]

# The most bytes of an image file, unless the embedder's options say otherwise.
LARGEST_FILE = 1 << 30

# What is read of a file object at once.
_PIECE_BYTE_COUNT = 1 << 20


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
    except Exception:
        raise InvalidArgumentError(
            f"the region is {_arguments.shown(region)}; four whole numbers, x, y, width and "
            "height, are needed"
        ) from None
    for value in (x, y, width, height):
        _arguments.whole_number(value, 32, "a number of the region")
    return _abi.Region(x, y, width, height)


class Source:
    """An image as the library takes it, with what keeps its memory alive."""

    __slots__ = ("byte_count", "encoded", "filename", "frame", "keeps", "path")

    def __init__(
        self,
        *,
        path: bytes | None = None,
        filename: str | bytes | None = None,
        encoded: bytes | None = None,
        frame: Any = None,
        keeps: Any = None,
        byte_count: int = 0,
    ) -> None:
        """Holds one of a path with its name, a file in memory, and pixels whose owner is kept."""
        self.path = path
        self.filename = filename
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
        return _abi.make(
            "ie_embedder_embed_file", embedder.pointer, self.path, region, filename=self.filename
        )

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


def source(
    image: Image, *, outlives_call: bool = False, largest_file: int = LARGEST_FILE
) -> Source:
    """Finds out what an image is.

    Args:
        image: A path, an image file in memory, an open file, a Pillow image or an array of pixels.
        outlives_call: Whether the image is used after the caller has gone on. Memory that anybody
            may write to is then copied.
        largest_file: The most bytes that are read of an open file.

    Returns:
        The image for the library.

    Raises:
        InvalidArgumentError: It cannot be an image.
        WrongTypeError: It is no kind of image.
        FailedError: The open file cannot be read.
    """
    if isinstance(image, type):
        # A class has the attributes of its instances.
        raise WrongTypeError(
            f"the image is the class {image.__name__}; an image is needed, such as an instance "
            "of it"
        )
    if isinstance(image, (str, os.PathLike)):
        path = _arguments.path_bytes(image, "the path")
        return Source(path=path, filename=os.fspath(image))
    if isinstance(image, (bytes, bytearray, memoryview)):
        return _encoded(image)
    import numpy as np

    if isinstance(image, np.ndarray):
        return array_source(image, outlives_call=outlives_call)
    pillow = sys.modules.get("PIL.Image")
    if pillow is not None and isinstance(image, pillow.Image):
        return array_source(_pillow_pixels(cast("PIL.Image.Image", image)))
    mapping = sys.modules.get("mmap")
    if mapping is not None and isinstance(image, mapping.mmap):
        return _encoded(image)
    if callable(getattr(image, "read", None)):
        return _encoded(_file_content(cast("BinaryFile", image), largest_file))
    if any(hasattr(image, f"__array{kind}__") for kind in ("", "_interface", "_struct")):
        return array_source(_array(image), outlives_call=outlives_call)
    raise WrongTypeError(
        f"the image is of the type {type(image).__name__}; a path, the bytes of an image file, "
        "an open file, a Pillow image or a NumPy array is needed"
    )


def _encoded(content: Any) -> Source:
    """Describes an image file in memory, copied where it can change.

    Decoders trust that what they checked stays.

    Raises:
        InvalidArgumentError: The memory was given back.
    """
    try:
        encoded = bytes(content)
    except ValueError as error:
        raise InvalidArgumentError(f"the image's bytes cannot be read: {error}") from error
    return Source(encoded=encoded, byte_count=len(encoded))


def _file_content(file: BinaryFile, limit: int) -> bytes:
    """Reads an open file from where it is to its end, or a byte further than is allowed.

    Raises:
        WrongTypeError: It gives no bytes.
        InvalidArgumentError: It is closed, not open for reading, or at its end.
        FailedError: The system cannot read it.
    """
    pieces: list[bytes] = []
    count = 0
    while count <= limit:
        try:
            piece = file.read(min(max(_PIECE_BYTE_COUNT, count), limit + 1 - count))
        except io.UnsupportedOperation:
            raise InvalidArgumentError(
                "the file object is not open for reading; one opened with 'rb' is needed"
            ) from None
        except (OSError, ValueError, TypeError) as error:
            kind = FailedError if isinstance(error, OSError) else InvalidArgumentError
            raise kind(f"the file object cannot be read: {error}") from error
        if not isinstance(piece, (bytes, bytearray, memoryview)):
            what = "text" if isinstance(piece, str) else _arguments.shown(piece)
            raise WrongTypeError(
                f"the file object gives {what}; bytes are needed, as of a file opened with 'rb'"
            )
        if not piece:
            break
        pieces.append(bytes(piece))
        count += len(piece)
    if not count:
        raise InvalidArgumentError(
            "the file object has no bytes from where it is; seek(0) goes back to its start"
        )
    return b"".join(pieces)


def _array(value: Any) -> npt.NDArray[Any]:
    """Makes an array of what can be one, without a copy where that can be.

    Raises:
        InvalidArgumentError: It cannot, such as a tensor in another memory.
    """
    import numpy as np

    try:
        array: npt.NDArray[Any] = np.asarray(value)
    except Exception as error:
        raise InvalidArgumentError(
            f"the {type(value).__name__} cannot be read as a NumPy array: {error}; bytes in the "
            "processor's own memory are needed, of the type uint8"
        ) from error
    return array


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

    if type(array) is not np.ndarray:
        # Of a subclass only the pixels count, whatever its methods do.
        array = array.view(np.ndarray)
    if array.dtype != np.uint8:
        raise InvalidArgumentError(
            f"the array's elements are {array.dtype}; uint8 is needed, from 0 to 255"
        )
    channels = 1 if array.ndim == 2 else array.shape[2] if array.ndim == 3 else 0
    if channels not in (1, 3, 4) or array.size == 0:
        hint = ""
        if array.ndim == 3 and array.shape[0] in (1, 3, 4):
            hint = (
                "; transpose(1, 2, 0), or permute(1, 2, 0) of a tensor, puts channels that come "
                "first behind"
            )
        elif array.ndim == 4 and array.size:
            hint = "; embed_batch takes many images"
        raise InvalidArgumentError(
            f"the array has the shape {array.shape}; (height, width), or (height, width, channels) "
            f"with 1, 3 or 4 channels, and at least one pixel are needed{hint}"
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
    if not is_packed or (outlives_call and not _is_immutable(array)):
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


def _is_immutable(array: npt.NDArray[Any]) -> bool:
    """Whether nobody can write to an array's memory.

    That this view does not allow it says nothing of the others of the same memory. Only of bytes
    objects there are none that do.
    """
    import numpy as np

    owner: Any = array
    while True:
        if isinstance(owner, np.ndarray):
            owner = owner.base
        elif isinstance(owner, memoryview):
            owner = owner.obj
        else:
            return type(owner) is bytes


def decoded(function: str, *arguments: Any) -> Array:
    """Decodes an image file as the Task Library does: JPEG by its own decoder.

    Args:
        function: The library's function.
        *arguments: Its first parameters: where the image is.

    Returns:
        uint8 of shape (height, width, channels): the library's memory, which lives as long.

    Raises:
        EmbedderError: The file cannot be decoded.
    """
    import numpy as np

    options = _abi.sized(_abi.Options)
    options.decoding = _abi.DECODING["task-library"]
    image = _abi.make(function, *arguments, byref(options))
    frame = _abi.sized(_abi.Frame)
    _abi.library().ie_image_frame(image.pointer, frame)
    channels = {_abi.FORMAT_GRAY: 1, _abi.FORMAT_RGB: 3, _abi.FORMAT_RGBA: 4}[frame.format]
    plane = frame.planes[0]
    memory = (c_uint8 * plane.byte_count).from_address(plane.data)
    memory._owner = image
    pixels: Array = np.ndarray(
        (frame.height, frame.width, channels),
        np.uint8,
        buffer=memory,
        strides=(plane.row_stride or frame.width * channels, channels, 1),
    )
    return pixels


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
