"""MediaPipe's ImageEmbedder.

Its names, exceptions and containers are MediaPipe's, the pixels that reach the model those of the
Task Library; docs/mediapipe.md lists what differs.
"""

from __future__ import annotations

import dataclasses
import os
import threading
from typing import TYPE_CHECKING, Any, Callable, NamedTuple

from image_embedder import _abi, _arguments
from image_embedder._embedder import Embedder
from image_embedder._errors import (
    EmbedderError,
    InvalidArgumentError,
    UnopenedFileError,
    WrongTypeError,
    error_for,
)
from image_embedder.mediapipe._live_stream import LiveStream

from ..components.containers.embedding_result import Embedding, EmbeddingResult
from ..components.utils import cosine_similarity as _similarity
from ..core.base_options import BaseOptions
from .core import image_processing_options as _processing
from .core.image import Image
from .core.image_processing_options import ImageProcessingOptions
from .core.vision_task_running_mode import VisionTaskRunningMode

if TYPE_CHECKING:
    from types import TracebackType

    from image_embedder._images import Source

    ResultCallback = Callable[["ImageEmbedderResult", Image, int], Any]

__all__ = ["ImageEmbedder", "ImageEmbedderOptions", "ImageEmbedderResult"]

ImageEmbedderResult = EmbeddingResult


@dataclasses.dataclass
class ImageEmbedderOptions:
    """How an embedder works.

    Attributes:
        base_options: Where the model is.
        running_mode: How images come.
        l2_normalize: Scale each vector to length 1.
        quantize: Turn each component into a byte, after scaling: its value times 128.
        result_callback: What is called with each result of a live stream, its image and its
            timestamp, on a thread of the embedder's. With the other modes it must be None.
    """

    base_options: BaseOptions
    running_mode: VisionTaskRunningMode = VisionTaskRunningMode.IMAGE
    l2_normalize: bool | None = None
    quantize: bool | None = None
    result_callback: ResultCallback | None = None


class _Frame(NamedTuple):
    """An image, checked and described to the library."""

    image: Image
    source: Source
    region: tuple[int, int, int, int] | None
    timestamp_ms: int


class ImageEmbedder(_arguments.Begun):
    """Turns images into feature vectors with a TFLite model.

    One embedder may be used from many threads. It is to be closed at the end, best by `with`.
    """

    _begun_with = (
        "_options",
        "_embedder",
        "_head_names",
        "_timestamp",
        "_lock",
        "_stream",
        "_is_closed",
    )

    def __init__(self, options: ImageEmbedderOptions, embedder: Embedder[Any]) -> None:
        """Wraps an embedder; use one of the `create` methods."""
        self._options = options
        self._embedder = embedder
        self._head_names = embedder.head_names
        self._timestamp: int | None = None
        self._lock = threading.Lock()
        self._stream: LiveStream[_Frame] | None = None
        self._is_closed = False

    @classmethod
    def create_from_model_path(cls, model_path: str | os.PathLike[str]) -> ImageEmbedder:
        """Loads a model for single images.

        Args:
            model_path: The path of a TFLite file, or the name of a built-in model.

        Returns:
            The embedder.

        Raises:
            FileNotFoundError: There is no such file.
            ValueError: The model cannot be used.
            RuntimeError: Everything else.
        """
        return cls.create_from_options(
            ImageEmbedderOptions(BaseOptions(model_asset_path=model_path))
        )

    @classmethod
    def create_from_options(cls, options: ImageEmbedderOptions) -> ImageEmbedder:
        """Loads a model as the options say.

        Args:
            options: How the embedder works.

        Returns:
            The embedder.

        Raises:
            FileNotFoundError: There is no such file.
            ValueError: No model is given, it cannot be used, or the callback and the running mode
                do not go together.
            RuntimeError: Everything else.
        """
        _arguments.instance(options, ImageEmbedderOptions, "options")
        options = dataclasses.replace(options)
        mode = _arguments.instance(options.running_mode, VisionTaskRunningMode, "running_mode")
        callback = options.result_callback
        if mode is VisionTaskRunningMode.LIVE_STREAM:
            if callback is None:
                raise InvalidArgumentError(
                    "running_mode is LIVE_STREAM; a result callback must be provided"
                )
            if not callable(callback):
                raise WrongTypeError(
                    f"result_callback is {_arguments.shown(callback)}; a function is needed"
                )
        elif callback is not None:
            raise InvalidArgumentError(
                f"running_mode is {mode.name}; a result callback should not be provided"
            )
        return cls(options, _opened(options))

    def embed(
        self, image: Image, image_processing_options: ImageProcessingOptions | None = None
    ) -> ImageEmbedderResult:
        """Embeds an image.

        Args:
            image: The image: SRGB, SRGBA, whose alpha is ignored, or GRAY8.
            image_processing_options: What is embedded of it, and which way up.

        Returns:
            A vector for each of the model's outputs.

        Raises:
            ValueError: An argument cannot be used, the mode is another, or this is closed.
            RuntimeError: The model failed.
        """
        self._check_mode(VisionTaskRunningMode.IMAGE)
        frame = _frame(image, 0, image_processing_options)
        return _result(self._embedder, self._head_names, frame)

    def embed_for_video(
        self,
        image: Image,
        timestamp_ms: int,
        image_processing_options: ImageProcessingOptions | None = None,
    ) -> ImageEmbedderResult:
        """Embeds a frame of a video.

        Args:
            image: The frame, as for `embed`.
            timestamp_ms: When it is, in milliseconds: later than the frame before.
            image_processing_options: What is embedded of it, and which way up.

        Returns:
            A vector for each of the model's outputs.

        Raises:
            ValueError: An argument cannot be used, the mode is another, or this is closed. The
                next frame may be a good one.
            RuntimeError: The model failed.
        """
        self._check_mode(VisionTaskRunningMode.VIDEO)
        frame = _frame(image, timestamp_ms, image_processing_options)
        with self._lock:
            self._advance(frame.timestamp_ms)
        return _result(self._embedder, self._head_names, frame)

    def embed_async(
        self,
        image: Image,
        timestamp_ms: int,
        image_processing_options: ImageProcessingOptions | None = None,
    ) -> None:
        """Takes a frame of a camera, and returns at once.

        While one frame is worked on, one waits; a newer one takes its place. The callback is called
        with the results in order; what it raises is logged.

        Args:
            image: The frame, as for `embed`.
            timestamp_ms: When it was taken, in milliseconds: later than the frame before.
            image_processing_options: What is embedded of it, and which way up.

        Raises:
            ValueError: An argument cannot be used, the mode is another, or this is closed. The
                next frame may be a good one.
        """
        self._check_mode(VisionTaskRunningMode.LIVE_STREAM)
        frame = _frame(image, timestamp_ms, image_processing_options)
        with self._lock:
            self._advance(frame.timestamp_ms)
            stream = self._stream
            if stream is None or stream.process != os.getpid():
                stream = self._stream = self._begun_stream()
            stream.put(frame)

    @property
    def dropped_count(self) -> int:
        """The frames of the live stream that were given up for newer ones."""
        return 0 if self._stream is None else self._stream.dropped_count

    def close(self) -> None:
        """Ends the embedder, after the frames that it has; further images are an error."""
        with self._lock:
            was_closed, self._is_closed = self._is_closed, True
            stream = self._stream
        if was_closed:
            return
        if stream is not None and stream.process == os.getpid():
            stream.finish(wait=True)
            if stream.is_current:
                # The callback closes; what the frame that waits needs goes with the thread.
                return
        self._embedder.close()

    @classmethod
    def cosine_similarity(cls, u: Embedding, v: Embedding) -> float:
        """Computes the cosine of the angle between two embeddings.

        Args:
            u: The first.
            v: The second.

        Returns:
            The cosine, -1 to 1 up to rounding.

        Raises:
            ValueError: The embeddings differ in kind or length, are empty or all zeros.
        """
        return _similarity.cosine_similarity(u, v)

    def __enter__(self) -> ImageEmbedder:
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

    def __del__(self) -> None:
        """Lets the thread of a live stream end."""
        stream = self.__dict__.get("_stream")
        if stream is not None and not self._is_closed:
            stream.finish(wait=False)

    def _check_mode(self, mode: VisionTaskRunningMode) -> None:
        """Checks that images come in a way.

        Raises:
            InvalidArgumentError: They come in another, or no longer.
        """
        if self._options.running_mode is not mode:
            method = _METHODS[self._options.running_mode]
            raise InvalidArgumentError(
                f"the embedder's running mode is {self._options.running_mode.name}, for which "
                f"there is {method}; {mode.name} is needed"
            )
        if self._is_closed:
            raise InvalidArgumentError("the embedder is closed; an open one is needed")

    def _advance(self, timestamp_ms: int) -> None:
        """Notes the time of a frame that is taken.

        Raises:
            InvalidArgumentError: It is no later than the last one's, or this was closed meanwhile.
        """
        self._check_mode(self._options.running_mode)
        if self._timestamp is not None and timestamp_ms <= self._timestamp:
            raise InvalidArgumentError(
                f"timestamp_ms is {timestamp_ms} after {self._timestamp}; timestamps must be "
                "monotonically increasing"
            )
        self._timestamp = timestamp_ms

    def _begun_stream(self) -> LiveStream[_Frame]:
        """Begins to take frames, in a way that does not keep this alive."""
        embedder, names = self._embedder, self._head_names
        callback = self._options.result_callback

        def work(frame: _Frame) -> None:
            result = _result(embedder, names, frame)
            if callback is not None:
                callback(result, frame.image, frame.timestamp_ms)

        return LiveStream(work)


_METHODS = {
    VisionTaskRunningMode.IMAGE: "embed",
    VisionTaskRunningMode.VIDEO: "embed_for_video",
    VisionTaskRunningMode.LIVE_STREAM: "embed_async",
}


def _frame(image: Image, timestamp_ms: int, options: ImageProcessingOptions | None) -> _Frame:
    """Checks the arguments of a frame.

    Raises:
        InvalidArgumentError: One cannot be used.
    """
    _arguments.instance(image, Image, "image")
    if options is not None:
        _arguments.instance(options, ImageProcessingOptions, "image_processing_options")
    timestamp = _arguments.whole_number(timestamp_ms, 64, "timestamp_ms")
    region = _processing.pixel_region(options, image)
    return _Frame(image, _processing.source(image, options), region, timestamp)


def _result(
    embedder: Embedder[Any], names: tuple[str | None, ...], frame: _Frame
) -> ImageEmbedderResult:
    """Embeds a frame.

    Raises:
        EmbedderError: The model failed, or the embedder is closed.
    """
    import numpy as np

    embeddings = []
    for head, vector in enumerate(embedder.embed_source(frame.source, frame.region)):
        is_quantized = vector.dtype == np.int8
        embedding = vector.view(np.uint8) if is_quantized else vector.astype(np.float64)
        embeddings.append(Embedding(embedding, head, names[head]))
    return ImageEmbedderResult(embeddings, frame.timestamp_ms)


def _opened(options: ImageEmbedderOptions) -> Embedder[Any]:
    """Makes the embedder that does the work.

    Raises:
        FileNotFoundError, ValueError, RuntimeError: As for `ImageEmbedder.create_from_options`.
    """
    base = _arguments.instance(options.base_options, BaseOptions, "base_options")
    path, content = base.model_asset_path, base.model_asset_buffer
    if content is not None and not isinstance(content, (bytes, bytearray, memoryview)):
        raise WrongTypeError(
            f"model_asset_buffer is {_arguments.shown(content)}; the bytes of a TFLite file are "
            "needed"
        )
    if path is not None:
        _arguments.path_bytes(path, "model_asset_path")
    if not content and not path:
        raise InvalidArgumentError(
            "model_asset_path and model_asset_buffer are empty; a model must come by one of them"
        )
    delegate = base.delegate
    if delegate is not None:
        _arguments.instance(delegate, BaseOptions.Delegate, "delegate")
    try:
        embedder: Embedder[Any] = Embedder(
            bytes(content) if content else path,
            l2_normalize=_flag(options.l2_normalize, "l2_normalize"),
            quantize=_flag(options.quantize, "quantize"),
            accelerator="gpu" if delegate == BaseOptions.Delegate.GPU else "cpu",
        )
    except FileNotFoundError:
        name = _arguments.path_bytes(path, "model_asset_path")
        raise UnopenedFileError(f"Unable to open file at {_abi.text(name)}", path) from None
    except EmbedderError as error:
        sentence = _abi.without_own_options(str(error))
        if error.code == "NOT_FOUND" and sentence == str(error):
            # A library is missing, which says nothing of the model.
            raise
        # A model that lacks a normalization has the status of a missing one.
        code = "INVALID_ARGUMENT" if error.code == "NOT_FOUND" else error.code
        raise error_for(code, sentence) from None
    return embedder


def _flag(value: Any, name: str) -> bool:
    """Checks that an option is true or false; None is false."""
    return value is not None and _arguments.flag(value, name)
