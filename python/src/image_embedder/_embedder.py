"""The embedder."""

from __future__ import annotations

import ctypes
import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, Literal, Union, cast, overload

from . import _abi, _arguments, _batch, _images, _program, _results
from ._errors import FailedError, InvalidArgumentError, MissingFileError, WrongTypeError
from ._results import VectorT

if TYPE_CHECKING:
    from types import TracebackType
    from typing import TypedDict, TypeVar

    from typing_extensions import Unpack

    from ._images import Image
    from ._results import FeatureVector, FloatVector, QuantizedVector, Result

    Model = Union[str, "os.PathLike[str]", bytes, None]
    Path = Union[str, "os.PathLike[str]"]
    GivenPathT = TypeVar("GivenPathT", bound="str | os.PathLike[Any]")

    class Options(TypedDict, total=False):
        """All options but `quantize`, on which the type of the vectors depends."""

        l2_normalize: bool
        threads: int
        mean: float | Sequence[float] | None
        std: float | Sequence[float] | None
        exif: bool
        rotation: int
        alpha: str
        decode: str
        preset: str
        allow_truncated: bool
        max_pixels: int | None
        max_file_bytes: int | None
        litert: Path | None
        worker: Path | bool | None
        worker_timeout: int | None
        signature: str | None
        pool: str | None
        layout: str | None
        accelerator: Literal["cpu", "openvino", "gpu"]
        accelerator_library: Path | None
        precision: Literal["float32", "bfloat16"]


class Embedder(Generic[VectorT]):
    """Turns images into feature vectors with a TFLite model.

    One embedder may be used from many threads, for as many images as there are. It can be pickled
    and survives a fork: the other process opens the model anew.

    Example:
        >>> with Embedder() as embedder:
        ...     vector = embedder.embed("photo.jpg")
    """

    # Where `__init__` never ran.
    _handle: _abi.Handle | None = None
    _options: Mapping[str, Any] = MappingProxyType({})

    @overload
    def __init__(
        self: Embedder[FloatVector],
        model: Model = None,
        *,
        quantize: Literal[False] = False,
        **options: Unpack[Options],
    ) -> None: ...

    @overload
    def __init__(
        self: Embedder[QuantizedVector],
        model: Model = None,
        *,
        quantize: Literal[True],
        **options: Unpack[Options],
    ) -> None: ...

    @overload
    def __init__(
        self: Embedder[FeatureVector],
        model: Model = None,
        *,
        quantize: bool,
        **options: Unpack[Options],
    ) -> None: ...

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
        worker: str | os.PathLike[str] | bool | None = None,
        worker_timeout: int | None = None,
        signature: str | None = None,
        pool: str | None = None,
        layout: str | None = None,
        accelerator: Literal["cpu", "openvino", "gpu"] = "cpu",
        accelerator_library: str | os.PathLike[str] | None = None,
        precision: Literal["float32", "bfloat16"] = "float32",
    ) -> None:
        """Loads a model and makes it ready.

        Args:
            model: The path of a TFLite file, its content, or a built-in name: "efficientnet-lite0",
                which is the default, or "efficientnet-lite0-int8". The file may be a bundle of
                MediaPipe; of several models in it one is chosen by "bundle.task#name.tflite".
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
            worker: The image-embedder executable, to run the model in a process of its own; True
                for the one in this package.
            worker_timeout: The seconds that this process has for loading and for each image.
            signature: The signature of the model to run; its first by default.
            pool: How a feature map or tokens become one vector: "mean", "max", "cls" for the first
                token, or "flatten".
            layout: Where such a map has its channels: "nhwc" or "nchw"; as the input by default.
            accelerator: What computes: "cpu", which gives the reference's numbers, "openvino" for
                OpenVINO on the processor, or "gpu" for a graphics card. One that is missing, or
                cannot run the model, is an error; vectors of different ones must not be compared.
            accelerator_library: The file of the accelerator's library, in place of one that is
                looked for; "cpu" has none.
            precision: The numbers that "openvino" computes in: "bfloat16" is faster on some
                processors and needs one that has it; vectors of both must not be compared.

        Raises:
            FileNotFoundError: There is no such model file.
            ValueError: The model cannot be used, or an option is out of range.
            RuntimeError: The model says nothing of its normalization, it cannot be read or run, or
                a library is missing.
        """
        # Every parameter by its name, before there are other variables.
        self._options = dict(locals())
        del self._options["self"]
        self._handle = _open(self._options)

    def embed(
        self,
        image: Image,
        *,
        region: tuple[int, int, int, int] | None = None,
        head: int = 0,
    ) -> VectorT:
        """Embeds one image.

        Other Python threads run meanwhile.

        Args:
            image: uint8 pixels of shape (height, width), (height, width, 1), (height, width, 3) or
                (height, width, 4), of any strides, in a NumPy array or what NumPy makes one of,
                such as a tensor; or a Pillow image, whose pixels are taken as they are; or an image
                file: a path, its bytes, also as a `memoryview` or `mmap`, or an open binary file,
                which is read from where it is to its end.
            region: x, y, width and height of the part to embed, in pixels of the upright picture.
                It must lie in the picture.
            head: The number of the model's output.

        Returns:
            float32 of shape (dimension,), or int8 when quantized.

        Raises:
            FileNotFoundError: There is no such file.
            ValueError: The image, the region or the head cannot be used, or this is closed.
            RuntimeError: The image cannot be read, or embedding it failed.
            TypeError: The image is no image at all, or the head no number.
        """
        head = _arguments.whole_number(head, 64, "head")
        handle = self._open_handle()
        described = _images.source(image, largest_file=self._largest_file)
        embeddings = self._embed(handle, described, region)
        if not 0 <= head < len(embeddings):
            raise InvalidArgumentError(
                f"head is {head}; the model has {len(embeddings)}, counted from 0"
            )
        return embeddings[head]

    def embed_source(
        self, described: _images.Source, region: tuple[int, int, int, int] | None = None
    ) -> tuple[VectorT, ...]:
        """Embeds an image that the library can read, for the other modules of this package."""
        return self._embed(self._open_handle(), described, region)

    def _embed(
        self,
        handle: _abi.Handle,
        described: _images.Source,
        region: tuple[int, int, int, int] | None,
    ) -> tuple[VectorT, ...]:
        result = described.embed(handle, _images.native_region(region))
        return cast("tuple[VectorT, ...]", _results.vectors(result))

    @property
    def _largest_file(self) -> int:
        limit = self._options["max_file_bytes"]
        return int(limit) if limit else _images.LARGEST_FILE

    @overload
    def embed_batch(
        self,
        images: Iterable[GivenPathT],
        *,
        region: tuple[int, int, int, int] | None = None,
        workers: int | None = None,
    ) -> Iterator[Result[GivenPathT, VectorT]]: ...

    @overload
    def embed_batch(
        self,
        images: Iterable[Image],
        *,
        region: tuple[int, int, int, int] | None = None,
        workers: int | None = None,
    ) -> Iterator[Result[str | os.PathLike[Any] | None, VectorT]]: ...

    def embed_batch(
        self,
        images: Iterable[Any],
        *,
        region: tuple[int, int, int, int] | None = None,
        workers: int | None = None,
    ) -> Iterator[Result[Any, VectorT]]:
        """Embeds many images on all cores.

        Images are taken from the iterable as results are, a few ahead, so that it may be endless.
        Files are read and decoded by the workers: paths are faster than arrays.

        Args:
            images: What `embed` takes. Arrays are copied, so that their memory may be used again at
                once, unless it belongs to a bytes object, which nobody can write to.
            region: The part of each image, as for `embed`.
            workers: The images in work at once; one for each core by default.

        Returns:
            An iterator over what became of each image, in order. An image that cannot be embedded
            is a result with an error. What the iterable raises comes after the results of the
            images that it gave.

        Raises:
            TypeError: The images are no iterable, or are a single image.
            ValueError: The region or the number of workers cannot be, or this is closed.
        """
        if workers is not None:
            workers = _arguments.whole_number(workers, 32, "workers")
            if workers < 1:
                raise InvalidArgumentError(f"workers is {workers}; a number from 1 is needed")
        handle = self._open_handle()
        return _batch.results(
            handle,
            _images_of(images),
            _images.native_region(region),
            workers,
            self._largest_file,
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
        return cast("FeatureVector", self.embed(value))

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
        head = _arguments.whole_number(head, 64, "head")
        if not 0 <= head < self.head_count:
            return -1
        return int(_abi.library().ie_embedder_head_dimension(self._open_handle().pointer, head))

    @property
    def head_names(self) -> tuple[str | None, ...]:
        """The names of the model's outputs by its metadata; None for one without."""
        handle = self._open_handle()
        library = _abi.library()
        names = [
            library.ie_embedder_head_name(handle.pointer, head) for head in range(self.head_count)
        ]
        return tuple(_abi.text(name) if name else None for name in names)

    @property
    def is_quantized(self) -> bool:
        """Whether vectors are int8."""
        if not self._options:
            self._open_handle()
        return bool(self._options["quantize"])

    @property
    def model_name(self) -> str:
        """The built-in name, the path, or the number of bytes of the model."""
        return _abi.text(_abi.library().ie_embedder_model_name(self._open_handle().pointer))

    @property
    def model_sha256(self) -> str:
        """The SHA-256 of the model file, in 64 hexadecimal digits."""
        return _abi.text(_abi.library().ie_embedder_model_digest(self._open_handle().pointer))

    @property
    def fingerprint(self) -> str:
        """What makes this embedder's vectors, in 64 hexadecimal digits.

        It covers the model, the normalization and every option that is not at its default, and is
        the same in every language; vectors of different fingerprints must not be compared.
        """
        return _abi.text(_abi.library().ie_embedder_fingerprint(self._open_handle().pointer))

    def close(self) -> None:
        """Gives the model's memory back, as soon as no other thread uses it any longer.

        An embedder that is no longer referred to is closed as well.
        """
        self._handle = None

    def __enter__(self) -> Embedder[VectorT]:
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
        handle = self._handle
        state = "closed" if handle is None or handle.is_destroyed else self.model_name
        return f"<image_embedder.Embedder {state}>"

    def __getstate__(self) -> dict[str, Any]:
        """Returns the options, with which another process opens the model itself."""
        self._open_handle()
        state = dict(self._options)
        for name in ("model", "litert", "worker", "accelerator_library"):
            value = state[name]
            # A library without a folder in its name is looked for by the system's loader.
            is_library = name in ("litert", "accelerator_library")
            is_loaders = is_library and os.sep not in str(value)
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
        if handle is None or handle.is_destroyed:
            raise InvalidArgumentError("the embedder is closed; an open one is needed")
        if handle.is_foreign:
            handle = self._handle = _open(self._options)
        return handle


def _images_of(images: Any) -> Iterator[Any]:
    """Returns an iterator over the images of a batch.

    Raises:
        WrongTypeError: They are no iterable, or are a single image, whose rows or lines would
            otherwise be taken for images.
    """
    one = None
    if isinstance(images, (str, bytes, bytearray, memoryview, os.PathLike)):
        one = "one path or the bytes of one file"
    elif hasattr(images, "read"):
        one = "one open file"
    shape = getattr(images, "shape", ())
    if isinstance(shape, tuple) and len(shape) == 3 and shape[2] in (1, 3, 4):
        one = f"one array of the shape {tuple(shape)}"
    if one is not None:
        raise WrongTypeError(
            f"the images are {one}; an iterable of images is needed, such as a list, and embed "
            "takes a single one"
        )
    try:
        return iter(cast("Iterable[Any]", images))
    except TypeError:
        raise WrongTypeError(
            f"the images are of the type {type(images).__name__}; an iterable of images is needed"
        ) from None


def built_in_models() -> tuple[str, ...]:
    """Returns the names of the models in the library; the first is the default."""
    names: list[str] = []
    while (name := _abi.library().ie_built_in_model_name(len(names))) is not None:
        names.append(_abi.text(name))
    return tuple(names)


def _open(options: Mapping[str, Any]) -> _abi.Handle:
    """Makes the library's embedder.

    Args:
        options: The parameters of `Embedder`.

    Returns:
        The embedder.

    Raises:
        EmbedderError: The model or an option cannot be used.
    """
    native = _abi.sized(_abi.Options)
    path, filename = set_model(native, options["model"])
    for name in ("l2_normalize", "quantize"):
        setattr(native, name, _arguments.flag(options[name], name))
    native.thread_count = _arguments.whole_number(options["threads"], 32, "threads")
    set_normalization(native, options["mean"], options["std"])
    native.ignores_orientation = not _arguments.flag(options["exif"], "exif")
    native.rotation = _arguments.whole_number(options["rotation"], 32, "rotation")
    native.alpha = _arguments.choice(_abi.ALPHA, options["alpha"], "alpha")
    native.decoding = _arguments.choice(_abi.DECODING, options["decode"], "decode")
    native.preset = _arguments.text(options["preset"], "preset")
    native.allows_truncated = _arguments.flag(options["allow_truncated"], "allow_truncated")
    for name in ("max_pixels", "max_file_bytes"):
        if options[name] is not None:
            setattr(native, name, _arguments.whole_number(options[name], 64, name))
    if options["litert"] is not None:
        native.litert_path = _arguments.path_bytes(options["litert"], "litert")
    worker = options["worker"]
    if worker is True:
        native.worker_path = _arguments.path_bytes(_program.path(), "worker")
    elif worker is not None and worker is not False:
        native.worker_path = _arguments.path_bytes(worker, "worker")
    if options["worker_timeout"] is not None:
        native.worker_timeout_seconds = _arguments.whole_number(
            options["worker_timeout"], 32, "worker_timeout"
        )
    if options["signature"] is not None:
        native.signature = _arguments.text(options["signature"], "signature")
    if options["pool"] is not None:
        native.pooling = _arguments.choice(_abi.POOLING, options["pool"], "pool")
    if options["layout"] is not None:
        native.map_layout = _arguments.choice(_abi.LAYOUT, options["layout"], "layout")
    native.precision = _arguments.choice(_abi.PRECISION, options["precision"], "precision")
    native.accelerator = _arguments.choice(_abi.ACCELERATOR, options["accelerator"], "accelerator")
    if options["accelerator_library"] is not None:
        native.accelerator_library = _arguments.path_bytes(
            options["accelerator_library"], "accelerator_library"
        )
    try:
        return _abi.make("ie_embedder_create", native, filename=filename)
    except MissingFileError as error:
        # A model that lacks a normalization and a missing runtime have the same status.
        if (
            path is not None
            and not _leads_to_a_file(path)
            and _abi.text(path) not in built_in_models()
        ):
            raise
        failure = FailedError(str(error))
        failure.code = error.code
        raise failure from None


def _leads_to_a_file(path: bytes) -> bool:
    """Whether a path is there, or is of a model in a bundle that is there."""
    ends = [place for place, byte in enumerate(path) if byte == ord("#")]
    return os.path.lexists(path) or any(os.path.isfile(path[:end]) for end in ends)


def set_model(native: Any, model: Any) -> tuple[bytes | None, Any]:
    """Names the model in the library's options.

    Args:
        native: The options.
        model: A path, a built-in name, the content of a TFLite file, or None for the default.

    Returns:
        The path's bytes and the path as it was given, both None where there is none.

    Raises:
        InvalidArgumentError: There cannot be such a model.
    """
    if model is None:
        return None, None
    if isinstance(model, (bytes, bytearray, memoryview)):
        content = bytes(model)
        if not content:
            raise InvalidArgumentError(
                "the model has 0 bytes; the content of a TFLite file is needed"
            )
        native.model_bytes = content
        native.model_byte_count = len(content)
        return None, None
    path = _arguments.path_bytes(model, "the model")
    if not path:
        raise InvalidArgumentError("the model's path is empty; a path or a name is needed")
    native.model = path
    return path, os.fspath(model)


def set_normalization(native: Any, mean: Any, std: Any) -> None:
    """Sets the normalization in place of the model's, if one is given.

    Raises:
        InvalidArgumentError: One of the two is missing, or they do not go together.
    """
    if mean is None and std is None:
        return
    if mean is None or std is None:
        raise InvalidArgumentError("mean and std go together; give both or none")
    means = _arguments.channel_values(mean, "mean")
    stds = _arguments.channel_values(std, "std")
    if (
        len(means) != len(stds)
        or len(means) not in (1, 3)
        or not all(map(math.isfinite, means + stds))
    ):
        raise InvalidArgumentError(
            f"mean is {_arguments.shown(mean)} and std is {_arguments.shown(std)}; one or three "
            "finite numbers in each are needed"
        )
    floats = ctypes.c_float * len(means)
    native.normalization_mean = floats(*means)
    native.normalization_std = floats(*stds)
    native.normalization_count = len(means)
