"""The embedder."""

from __future__ import annotations

import ctypes
import math
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Union, cast

from . import _abi, _batch, _images, _results
from ._errors import FailedError, InvalidArgumentError, MissingFileError

if TYPE_CHECKING:
    from types import TracebackType

    from ._images import Image
    from ._results import FeatureVector, Result

    Model = Union[str, "os.PathLike[str]", bytes, None]


class Embedder:
    """Turns images into feature vectors with a TFLite model.

    One embedder may be used from many threads, for as many images as there are. It can be pickled
    and survives a fork: the other process opens the model anew.

    Example:
        >>> with Embedder() as embedder:
        ...     vector = embedder.embed("photo.jpg")
    """

    def __init__(
        self,
        model: Model = None,
        *,
        l2_normalize: bool = True,
        quantize: bool = False,
        threads: int = 1,
        mean: float | Sequence[float] | None = None,
        std: float | Sequence[float] | None = None,
        exif: bool = True,
        rotation: int = 0,
        alpha: str = "drop",
        decode: str = "exact",
        preset: str = "task-library-v1",
        allow_truncated: bool = False,
        max_pixels: int | None = None,
        max_file_bytes: int | None = None,
        litert: str | os.PathLike[str] | None = None,
        worker: str | os.PathLike[str] | None = None,
        worker_timeout: int | None = None,
    ) -> None:
        """Loads a model and makes it ready.

        Args:
            model: The path of a TFLite file, its content, or a built-in name: "efficientnet-lite0",
                which is the default, or "efficientnet-lite0-int8".
            l2_normalize: Scale each vector to length 1.
            quantize: Turn each component into an int8, after scaling: its value times 128.
            threads: The threads of one inference. A batch has a worker on each core anyway.
            mean: What is subtracted from pixel values: one number, or one for each of red, green
                and blue. In place of the model's own.
            std: What they are divided by after that.
            exif: Turn pictures upright as their files say.
            rotation: 0, 90, 180 or 270 degrees clockwise, after EXIF, for image files.
            alpha: What becomes of transparency: "drop" ignores it, "white" and "black" put the
                picture on that colour.
            decode: "exact"; "fast" to decode large JPEG files no larger than needed; or
                "task-library" to decode JPEG files as the Task Library does, to the bit.
            preset: How pictures are resized: "task-library-v1" or "antialiased-v1".
            allow_truncated: Embed what there is of a file that is cut short, with a warning.
            max_pixels: Refuse larger image files; 512 times 2^20 by default.
            max_file_bytes: Refuse longer image files; 2^30 by default.
            litert: The file of the LiteRT library, in place of the one in this package.
            worker: The image-embedder executable, to run the model in a process of its own.
            worker_timeout: The seconds that this process has for loading and for each image.

        Raises:
            FileNotFoundError: There is no such model file.
            ValueError: The model cannot be used, or an option is out of range.
            RuntimeError: The model says nothing of its normalization, or it cannot be read or run.
        """
        self._options: dict[str, Any] = {
            "model": model,
            "l2_normalize": l2_normalize,
            "quantize": quantize,
            "threads": threads,
            "mean": mean,
            "std": std,
            "exif": exif,
            "rotation": rotation,
            "alpha": alpha,
            "decode": decode,
            "preset": preset,
            "allow_truncated": allow_truncated,
            "max_pixels": max_pixels,
            "max_file_bytes": max_file_bytes,
            "litert": litert,
            "worker": worker,
            "worker_timeout": worker_timeout,
        }
        self._handle: _abi.Handle | None = _open(self._options)

    def embed(
        self,
        image: Image,
        *,
        region: tuple[int, int, int, int] | None = None,
        head: int = 0,
    ) -> FeatureVector:
        """Embeds one image.

        Other Python threads run meanwhile.

        Args:
            image: uint8 pixels of shape (height, width), (height, width, 1), (height, width, 3) or
                (height, width, 4), of any strides; or a path, the bytes of an image file, or a
                Pillow image, whose pixels are taken as they are.
            region: x, y, width and height of the part to embed, in pixels of the upright picture.
                It must lie in the picture.
            head: The number of the model's output.

        Returns:
            float32 of shape (dimension,), or int8 when quantized.

        Raises:
            FileNotFoundError: There is no such file.
            ValueError: The image, the region or the head cannot be used, or this is closed.
            RuntimeError: The image cannot be read, or embedding it failed.
            TypeError: The image is no image at all.
        """
        embeddings = self.embed_source(_images.source(image), region)
        if not 0 <= head < len(embeddings):
            raise InvalidArgumentError(
                f"head is {head}; the model has {len(embeddings)}, counted from 0"
            )
        return embeddings[head]

    def embed_source(
        self, described: _images.Source, region: tuple[int, int, int, int] | None = None
    ) -> tuple[FeatureVector, ...]:
        """Embeds an image that the library can read, for the other modules of this package."""
        result = described.embed(self._open_handle(), _images.native_region(region))
        return _results.vectors(result)

    def embed_batch(
        self,
        images: Iterable[Image],
        *,
        region: tuple[int, int, int, int] | None = None,
        workers: int | None = None,
    ) -> Iterator[Result]:
        """Embeds many images on all cores.

        Images are taken from the iterable as results are, a few ahead, so that it may be endless.
        Files are read and decoded by the workers: paths are faster than arrays.

        Args:
            images: What `embed` takes. An array that can be written to is copied, so that it may
                be used again at once; one whose `flags.writeable` is False is not.
            region: The part of each image, as for `embed`.
            workers: The images in work at once; one for each core by default.

        Returns:
            An iterator over what became of each image, in order. An image that cannot be embedded
            is a result with an error. What the iterable raises comes after the results of the
            images that it gave.

        Raises:
            TypeError: The images are no iterable, or are one path or the bytes of one file.
            ValueError: The region or the number of workers cannot be, or this is closed.
        """
        if workers is not None and workers < 1:
            raise InvalidArgumentError(f"workers is {workers}; a number from 1 is needed")
        if isinstance(images, (str, bytes, bytearray)):
            raise TypeError(
                "the images are one path or the bytes of one file; an iterable of images is "
                "needed, such as a list, and embed takes a single one"
            )
        return _batch.results(
            self._open_handle(), iter(images), _images.native_region(region), workers
        )

    def similarity(self, a: Image | FeatureVector, b: Image | FeatureVector) -> float:
        """Compares two images, or two vectors.

        Args:
            a: float32 or int8 of shape (dimension,), or an image to embed.
            b: The same.

        Returns:
            The cosine of the angle between the vectors, -1 to 1: 1 is the same, 0 unrelated.

        Raises:
            ValueError: An image or a vector cannot be used.
            FileNotFoundError: There is no such file.
            RuntimeError: An image cannot be read.
        """
        return _results.cosine_similarity(self._vector(a), self._vector(b))

    def _vector(self, value: Image | FeatureVector) -> FeatureVector:
        if getattr(value, "ndim", None) == 1:
            return cast("FeatureVector", value)
        return self.embed(value)

    @property
    def head_count(self) -> int:
        """The number of the model's outputs."""
        return int(_abi.library().ie_embedder_head_count(self._open_handle().pointer))

    @property
    def dimension(self) -> int:
        """The number of components of the first output's vectors."""
        return self.head_dimension(0)

    def head_dimension(self, head: int) -> int:
        """Returns the number of components of an output's vectors, -1 where there is no output."""
        if not 0 <= head < self.head_count:
            return -1
        return int(_abi.library().ie_embedder_head_dimension(self._open_handle().pointer, head))

    @property
    def is_quantized(self) -> bool:
        """Whether vectors are int8."""
        return bool(self._options["quantize"])

    @property
    def model_name(self) -> str:
        """The built-in name, the path, or the number of bytes of the model."""
        return _abi.text(_abi.library().ie_embedder_model_name(self._open_handle().pointer))

    @property
    def model_sha256(self) -> str:
        """The SHA-256 of the model file, in 64 hexadecimal digits."""
        return _abi.text(_abi.library().ie_embedder_model_digest(self._open_handle().pointer))

    def close(self) -> None:
        """Gives the model's memory back, as soon as no other thread uses it any longer.

        An embedder that is no longer referred to is closed as well.
        """
        self._handle = None

    def __enter__(self) -> Embedder:
        """Returns the embedder, to be closed at the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Closes the embedder."""
        self.close()

    def __repr__(self) -> str:
        """Returns a line that names the model."""
        state = "closed" if self._handle is None else self.model_name
        return f"<image_embedder.Embedder {state}>"

    def __getstate__(self) -> dict[str, Any]:
        """Returns the options, with which another process opens the model itself."""
        self._open_handle()
        state = dict(self._options)
        for name in ("model", "litert", "worker"):
            value = state[name]
            # A runtime without a folder in its name is looked for by the system's loader.
            is_loaders = name == "litert" and os.sep not in str(value)
            is_path = isinstance(value, (str, os.PathLike)) and value not in built_in_models()
            if is_path and not is_loaders:
                state[name] = os.path.abspath(value)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Opens the model."""
        self._options = state
        self._handle = _open(state)

    def _open_handle(self) -> _abi.Handle:
        """Returns the library's embedder, opened anew in a forked process.

        Whoever uses it holds a reference meanwhile.
        """
        handle = self._handle
        if handle is None:
            raise InvalidArgumentError("the embedder is closed; an open one is needed")
        if handle.is_foreign:
            handle = self._handle = _open(self._options)
        return handle


def built_in_models() -> tuple[str, ...]:
    """Returns the names of the models in the library; the first is the default."""
    names: list[str] = []
    while (name := _abi.library().ie_built_in_model_name(len(names))) is not None:
        names.append(_abi.text(name))
    return tuple(names)


def _open(options: dict[str, Any]) -> _abi.Handle:
    """Makes the library's embedder.

    Args:
        options: The parameters of `Embedder`.

    Returns:
        The embedder.

    Raises:
        EmbedderError: The model or an option cannot be used.
    """
    native = _abi.sized(_abi.Options)
    model = options["model"]
    path = None
    if isinstance(model, (bytes, bytearray, memoryview)):
        content = bytes(model)
        if not content:
            raise InvalidArgumentError(
                "the model has 0 bytes; the content of a TFLite file is needed"
            )
        native.model_bytes = content
        native.model_byte_count = len(content)
    elif model is not None:
        path = _images.path_bytes(model, "the model")
        if not path:
            raise InvalidArgumentError("the model's path is empty; a path or a name is needed")
        native.model = path
    native.l2_normalize = bool(options["l2_normalize"])
    native.quantize = bool(options["quantize"])
    native.thread_count = _images.in_bits(options["threads"], 32, "threads")
    _set_normalization(native, options["mean"], options["std"])
    native.ignores_orientation = not options["exif"]
    native.rotation = _images.in_bits(options["rotation"], 32, "rotation")
    native.alpha = _choice(_abi.ALPHA, options["alpha"], "alpha")
    native.decoding = _choice(_abi.DECODING, options["decode"], "decode")
    native.preset = _images.path_bytes(options["preset"], "preset")
    native.allows_truncated = bool(options["allow_truncated"])
    for name in ("max_pixels", "max_file_bytes"):
        if options[name] is not None:
            setattr(native, name, _images.in_bits(options[name], 64, name))
    for name in ("litert", "worker"):
        if options[name] is not None:
            setattr(native, f"{name}_path", _images.path_bytes(options[name], name))
    if options["worker_timeout"] is not None:
        native.worker_timeout_seconds = _images.in_bits(
            options["worker_timeout"], 32, "worker_timeout"
        )
    try:
        return _abi.make("ie_embedder_create", native)
    except MissingFileError as error:
        # A model that lacks a normalization and a missing runtime have the same status.
        if (
            path is not None
            and not os.path.lexists(path)
            and _abi.text(path) not in built_in_models()
        ):
            raise
        failure = FailedError(str(error))
        failure.code = error.code
        raise failure from None


def _choice(numbers: dict[str, int], value: str, name: str) -> int:
    """Returns the number of a choice.

    Raises:
        InvalidArgumentError: There is no such choice.
    """
    if value not in numbers:
        needed = " or ".join(repr(known) for known in numbers)
        raise InvalidArgumentError(f"{name} is {value!r}; {needed} is needed")
    return numbers[value]


def _set_normalization(native: Any, mean: Any, std: Any) -> None:
    """Sets the normalization in place of the model's, if one is given.

    Raises:
        InvalidArgumentError: One of the two is missing, or they do not go together.
    """
    if mean is None and std is None:
        return
    if mean is None or std is None:
        raise InvalidArgumentError("mean and std go together; give both or none")
    means, stds = ([float(x) for x in (v if isinstance(v, Sequence) else [v])] for v in (mean, std))
    if len(means) != len(stds) or not all(map(math.isfinite, means + stds)):
        raise InvalidArgumentError(
            f"mean is {mean} and std is {std}; one or three finite numbers in each are needed"
        )
    floats = ctypes.c_float * len(means)
    native.normalization_mean = floats(*means)
    native.normalization_std = floats(*stds)
    native.normalization_count = len(means)
