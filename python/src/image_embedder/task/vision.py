"""The Task Library's ImageEmbedder.

The pixels that reach the model, the numbers, the exceptions and their messages are the Task
Library's; docs/python.md lists what differs.
"""

from __future__ import annotations

import dataclasses
import enum
import os
from typing import TYPE_CHECKING, Any

from .. import _abi, _arguments, _images, _results
from .._embedder import Embedder
from .._errors import EmbedderError, InvalidArgumentError, UnopenedFileError, WrongTypeError
from . import core, processor

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["ColorSpaceType", "ImageEmbedder", "ImageEmbedderOptions", "TensorImage"]

# The most columns and rows that the scaler takes.
_LARGEST_SIDE = 32768


class NoImageError(WrongTypeError, AttributeError):
    """What is embedded is no `TensorImage`; the Task Library raises an AttributeError."""


@enum.unique
class ColorSpaceType(enum.Enum):
    """The channels of an image."""

    GRAYSCALE = "GRAYSCALE"
    RGB = "RGB"
    RGBA = "RGBA"


class TensorImage(_arguments.Begun):
    """Pixels, from a file or an array.

    The pixels of a file are taken as they are stored: EXIF is ignored.
    """

    _begun_with = ("_pixels",)

    def __init__(self, image_data: npt.NDArray[np.uint8], is_from_numpy_array: bool = True) -> None:
        """Wraps pixels; use one of the `create` methods.

        Args:
            image_data: uint8 of shape (height, width, channels).
            is_from_numpy_array: Whether somebody else may own the memory.
        """
        self._pixels = image_data

    @classmethod
    def create_from_file(cls, file_name: str) -> TensorImage:
        """Decodes an image file.

        Args:
            file_name: The path.

        Returns:
            The image, with the file's own number of channels.

        Raises:
            RuntimeError: The file cannot be decoded; also a FileNotFoundError where there is none.
        """
        path = _arguments.path_bytes(file_name, "file_name")
        try:
            return cls(_images.decoded("ie_image_decode_file", path), is_from_numpy_array=False)
        except EmbedderError as error:
            message = f"An error occurred while decoding image: {error}"
            if isinstance(error, FileNotFoundError):
                raise UnopenedFileError(message, os.fspath(file_name)) from None
            raise RuntimeError(message) from None

    @classmethod
    def create_from_buffer(cls, buffer: bytes) -> TensorImage:
        """Decodes an image file in memory.

        Args:
            buffer: The file's content.

        Returns:
            The image, with the file's own number of channels.

        Raises:
            RuntimeError: The content cannot be decoded.
        """
        try:
            content = bytes(memoryview(buffer))
        except (TypeError, ValueError):
            raise WrongTypeError(
                f"buffer is {_arguments.shown(buffer)}; the bytes of an image file are needed"
            ) from None
        try:
            pixels = _images.decoded("ie_image_decode", content, len(content))
        except EmbedderError as error:
            raise RuntimeError(f"An error occurred while decoding image: {error}") from None
        return cls(pixels, is_from_numpy_array=False)

    @classmethod
    def create_from_array(cls, array: npt.NDArray[np.uint8]) -> TensorImage:
        """Wraps an array, which is kept and not copied.

        Args:
            array: uint8 of shape (height, width, 3) for RGB, (height, width, 4) for RGBA,
                (height, width) or (height, width, 1) for grayscale; a 1 may stand before each.

        Returns:
            The image.

        Raises:
            ValueError: The array has another type or shape.
        """
        import numpy as np

        _arguments.instance(array, np.ndarray, "array")
        if array.dtype != np.uint8:
            raise ValueError("Expect numpy array with dtype=uint8.")
        pixels = array
        is_gray = pixels.ndim == 3 and pixels.shape[2] not in (1, 3, 4)
        if (is_gray or pixels.ndim == 4) and pixels.shape[0] == 1:
            pixels = pixels[0]
        if pixels.ndim == 2:
            pixels = pixels[:, :, np.newaxis]
        if pixels.ndim != 3:
            raise ValueError("Incompatible buffer dimension!")
        if pixels.shape[2] not in (1, 3, 4):
            raise ValueError(
                "Expected image with 1 (grayscale), 3 (RGB) or 4 (RGBA) channels, found "
                f"{pixels.shape[2]}"
            )
        return cls(pixels)

    @property
    def buffer(self) -> npt.NDArray[np.uint8]:
        """The pixels: uint8 of shape (height, width, channels), without a copy."""
        return self._pixels

    @property
    def height(self) -> int:
        """The number of rows."""
        return int(self._pixels.shape[0])

    @property
    def width(self) -> int:
        """The number of columns."""
        return int(self._pixels.shape[1])

    @property
    def color_space_type(self) -> ColorSpaceType:
        """The channels."""
        kinds = {1: ColorSpaceType.GRAYSCALE, 3: ColorSpaceType.RGB, 4: ColorSpaceType.RGBA}
        return kinds[self._pixels.shape[2]]


@dataclasses.dataclass
class ImageEmbedderOptions:
    """How an embedder works.

    Attributes:
        base_options: Where the model is and how it runs.
        embedding_options: What becomes of the vectors.
    """

    base_options: core.BaseOptions
    embedding_options: processor.EmbeddingOptions = dataclasses.field(
        default_factory=processor.EmbeddingOptions
    )


class ImageEmbedder(_arguments.Begun):
    """Turns images into feature vectors with a TFLite model.

    One embedder may be used from many threads; other Python threads run while it embeds.
    """

    _begun_with = ("_embedder", "_options")

    def __init__(self, options: ImageEmbedderOptions, embedder: Embedder) -> None:
        """Wraps an embedder; use one of the `create` methods."""
        self._options = options
        self._embedder = embedder

    @classmethod
    def create_from_file(cls, file_path: str) -> ImageEmbedder:
        """Loads a model.

        Args:
            file_path: The path of a TFLite file, or the name of a built-in model.

        Returns:
            The embedder.

        Raises:
            ValueError: The model cannot be used.
            RuntimeError: Everything else; also a FileNotFoundError where there is no file.
        """
        path = _arguments.instance(file_path, str, "file_path")
        return cls.create_from_options(ImageEmbedderOptions(core.BaseOptions(file_name=path)))

    @classmethod
    def create_from_options(cls, options: ImageEmbedderOptions) -> ImageEmbedder:
        """Loads a model as the options say.

        Args:
            options: How the embedder works.

        Returns:
            The embedder.

        Raises:
            ValueError: No model is given, or it cannot be used.
            RuntimeError: Everything else; also a FileNotFoundError where there is no file.
            TypeError: An option has another type.
        """
        _arguments.instance(options, ImageEmbedderOptions, "options")
        return cls(options, _embedder(options.base_options, options.embedding_options))

    def embed(
        self, image: TensorImage, bounding_box: processor.BoundingBox | None = None
    ) -> processor.EmbeddingResult:
        """Embeds an image.

        Args:
            image: The image.
            bounding_box: The part to embed; it must lie in the image.

        Returns:
            A vector for each of the model's outputs.

        Raises:
            ValueError: The bounding box does not lie in the image.
            RuntimeError: The model failed.
        """
        if not isinstance(image, TensorImage):
            raise NoImageError(f"image is {_arguments.shown(image)}; a TensorImage is needed")
        pixels = image.buffer
        height, width = pixels.shape[:2]
        box = processor.BoundingBox(0, 0, width, height)
        if bounding_box is not None:
            box = _arguments.instance(bounding_box, processor.BoundingBox, "bounding_box")
        x, y, columns, rows = (
            0
            if value is None
            else _arguments.whole_number(value, 32, "a number of the bounding box")
            for value in (box.origin_x, box.origin_y, box.width, box.height)
        )
        if not (0 <= x < x + columns <= width and 0 <= y < y + rows <= height):
            raise ValueError("Invalid crop coordinates.")
        if max(columns, rows) > _LARGEST_SIDE:
            raise RuntimeError(
                f"Libyuv ARGBScale operation failed. The image has {columns} x {rows} pixels; at "
                f"most {_LARGEST_SIDE} in each direction are possible."
            )
        described = _images.array_source(pixels[y : y + rows, x : x + columns])
        vectors = self._embedder.embed_source(described)
        return processor.EmbeddingResult(
            [processor.Embedding(_feature_vector(v), index) for index, v in enumerate(vectors)]
        )

    def get_embedding_by_index(
        self, result: processor.EmbeddingResult, output_index: int
    ) -> processor.Embedding:
        """Returns the embedding of one of the model's outputs.

        Args:
            result: What `embed` returned.
            output_index: The number of the output, from 0.

        Returns:
            The embedding.

        Raises:
            ValueError: There is no such output.
        """
        _arguments.instance(result, processor.EmbeddingResult, "result")
        output_index = _arguments.whole_number(output_index, 64, "output_index")
        if output_index < 0 or output_index >= len(result.embeddings):
            raise ValueError("Output index is out of bound.")
        if output_index >= self.number_of_output_layers:
            raise ValueError("Either value_float or value_string must exist.")
        return result.embeddings[output_index]

    @staticmethod
    def cosine_similarity(u: processor.FeatureVector, v: processor.FeatureVector) -> float:
        """Computes the cosine of the angle between two feature vectors.

        Args:
            u: The first.
            v: The second.

        Returns:
            The cosine, -1 to 1 up to rounding.

        Raises:
            ValueError: The vectors differ in kind or length, are empty or all zeros.
        """
        return _results.cosine_similarity(_signed(u), _signed(v))

    def get_embedding_dimension(self, output_index: int) -> int:
        """Returns the number of components of an output's vectors, -1 where there is no output."""
        return self._embedder.head_dimension(
            _arguments.whole_number(output_index, 64, "output_index")
        )

    @property
    def number_of_output_layers(self) -> int:
        """The number of the model's outputs."""
        return self._embedder.head_count

    @property
    def options(self) -> ImageEmbedderOptions:
        """The options that the embedder was made with."""
        return self._options


def _embedder(base: core.BaseOptions, embedding: processor.EmbeddingOptions) -> Embedder:
    """Makes the embedder that does the work.

    Raises:
        ValueError, RuntimeError, TypeError: As for `ImageEmbedder.create_from_options`.
    """
    _arguments.instance(base, core.BaseOptions, "base_options")
    _arguments.instance(embedding, processor.EmbeddingOptions, "embedding_options")
    _check_type(base.file_name, str, "file_name")
    _check_type(base.file_content, bytes, "file_content")
    _check_type(base.num_threads, int, "num_threads")
    _check_type(base.use_coral, int, "use_coral")
    _check_type(embedding.l2_normalize, int, "l2_normalize")
    _check_type(embedding.quantize, int, "quantize")
    model = base.file_content or base.file_name
    if not model:
        raise ValueError(
            "ExternalFile must specify at least one of 'file_content', 'file_name' or "
            "'file_descriptor_meta'."
        )
    if base.use_coral:
        raise RuntimeError("Plugin did not create EdgeTpuCoral delegate.")
    threads = -1 if base.num_threads is None else base.num_threads
    if threads < -1:
        raise RuntimeError("Failed setting number of CPU threads")
    try:
        return Embedder(
            model,
            l2_normalize=bool(embedding.l2_normalize),
            quantize=bool(embedding.quantize),
            threads=threads,
        )
    except FileNotFoundError:
        raise UnopenedFileError(
            f"Unable to open file at {base.file_name}", base.file_name
        ) from None
    except InvalidArgumentError as error:
        raise ValueError(_abi.without_own_options(str(error))) from None
    except EmbedderError as error:
        raise RuntimeError(_abi.without_own_options(str(error))) from None


def _check_type(value: Any, kind: type, name: str) -> None:
    if value is not None and not isinstance(value, kind):
        raise WrongTypeError(f"{name} is {_arguments.shown(value)}; a {kind.__name__} is needed")


def _feature_vector(vector: _results.FeatureVector) -> processor.FeatureVector:
    """Returns a vector in the Task Library's types."""
    import numpy as np

    is_quantized = vector.dtype == np.int8
    return processor.FeatureVector(
        vector.view(np.uint8) if is_quantized else vector.astype(np.float64)
    )


def _signed(vector: processor.FeatureVector) -> npt.NDArray[Any]:
    """Returns a vector whose bytes are signed.

    Raises:
        ValueError: The vector holds neither floats nor bytes.
    """
    import numpy as np

    _arguments.instance(vector, processor.FeatureVector, "the vector")
    try:
        value = np.asarray(vector.value)
    except Exception:
        raise WrongTypeError(
            f"the vector's value is {_arguments.shown(vector.value)}; an array is needed"
        ) from None
    if value.dtype == np.uint8:
        return value.view(np.int8)
    if value.dtype not in (np.dtype(float), np.dtype(np.float32), np.dtype(np.int8)):
        raise ValueError("Invalid dtype. Only float and np.uint8 are supported.")
    return value
