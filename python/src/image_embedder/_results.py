"""What the library says of an image, as Python objects."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, Generic, Literal, Union

from . import _abi, _arguments
from ._errors import InvalidArgumentError

if TYPE_CHECKING:
    import os

    import numpy as np
    import numpy.typing as npt
    from typing_extensions import TypeVar

    FloatVector = npt.NDArray[np.float32]
    QuantizedVector = npt.NDArray[np.int8]
    FeatureVector = npt.NDArray[Union[np.float32, np.int8]]
    # None, where type checkers that cannot tell need not insist on asking.
    MaybeNone = Any
    PathT = TypeVar("PathT", default=Union[str, "os.PathLike[Any]", None], covariant=True)
    VectorT = TypeVar("VectorT", bound=npt.NDArray[Any], default=FeatureVector, covariant=True)
else:
    from typing import TypeVar

    PathT = TypeVar("PathT")
    VectorT = TypeVar("VectorT")


class Outcome(_arguments.Begun, Generic[PathT, VectorT]):
    """What became of one image of a batch: it was `Embedded`, or it `Failed`.

    Attributes:
        index: The number of the image in the batch, from 0.
        path: The path, as it was given; None for an image in memory.
        ok: Whether the image was embedded. mypy knows by it which of the two this is, and pyright
            by `error is None` and `ok is True`.
        embedding: float32 or int8 of shape (dimension,), of the model's first output; None for an
            image that could not be embedded.
        embeddings: The same of all outputs.
        width: The columns of the upright picture; 0 for an image that could not be embedded.
        height: Its rows.
        warnings: What was odd about the image although it was embedded.
        error: Why the image could not be embedded, or None.
    """

    __slots__ = ("embeddings", "height", "index", "path", "warnings", "width")
    _begun_with = (*__slots__, "error")

    def __init__(
        self,
        index: int,
        path: PathT,
        *,
        embeddings: tuple[VectorT, ...] = (),
        width: int = 0,
        height: int = 0,
        warnings: tuple[str, ...] = (),
    ) -> None:
        """Holds what became of an image."""
        self.index = index
        self.path: PathT = path
        self.embeddings: tuple[VectorT, ...] = embeddings
        self.width = width
        self.height = height
        self.warnings = warnings

    def _described(self, outcome: str) -> str:
        name = f"{self.index}" if self.path is None else f"{self.index}, {self.path!r}"
        return f"{type(self).__name__}({name}, {outcome})"


class Embedded(Outcome[PathT, VectorT]):
    """An image that was embedded."""

    __slots__ = ()

    ok: Literal[True] = True
    error: None = None

    @property
    def embedding(self) -> VectorT:
        """The vector of the model's first output."""
        return self.embeddings[0]

    def __repr__(self) -> str:
        """Returns a line that says which image was embedded."""
        return self._described(f"{len(self.embedding)} components")


class Failed(Outcome[PathT, "FeatureVector"]):
    """An image that could not be embedded."""

    __slots__ = ("error",)

    ok: Literal[False] = False
    embedding: MaybeNone = None

    def __init__(self, index: int, path: PathT, error: Exception) -> None:
        """Holds why an image could not be embedded."""
        super().__init__(index, path)
        self.error: Exception = error

    def __repr__(self) -> str:
        """Returns a line that says which image failed, and why."""
        return self._described(f"error={self.error!r}")


if TYPE_CHECKING:
    Result = Union[Embedded[PathT, VectorT], Failed[PathT]]
else:
    Result = Outcome


def read(handle: _abi.Handle, index: int, path: Any, filename: Any) -> Result[Any, Any]:
    """Copies a result of the library's.

    Args:
        handle: The result.
        index: The number of the image.
        path: The image's path as it was given, or None.
        filename: The same as the system's functions take it.

    Returns:
        What became of the image.
    """
    library = _abi.library()
    status = library.ie_result_status(handle.pointer)
    if status != _abi.OK:
        message = _abi.text(library.ie_result_message(handle.pointer))
        return Failed(index, path, _abi.status_error(status, message, filename))
    warnings: list[str] = []
    while (warning := library.ie_result_warning(handle.pointer, len(warnings))) is not None:
        warnings.append(_abi.text(warning))
    return Embedded(
        index,
        path,
        embeddings=vectors(handle),
        width=library.ie_result_width(handle.pointer),
        height=library.ie_result_height(handle.pointer),
        warnings=tuple(warnings),
    )


def vectors(handle: _abi.Handle) -> tuple[FeatureVector, ...]:
    """Copies the vectors of an image that was embedded.

    Args:
        handle: The library's result.

    Returns:
        For each of the model's outputs an array of float32 or int8, of shape (dimension,).
    """
    import numpy as np

    library = _abi.library()
    found: list[FeatureVector] = []
    vector = _abi.Vector()
    for head in range(library.ie_result_count(handle.pointer)):
        library.ie_result_vector(handle.pointer, head, vector)
        copy: FeatureVector = np.empty(vector.count, np.float32 if vector.floats else np.int8)
        ctypes.memmove(copy.ctypes.data, vector.floats or vector.quantized, copy.nbytes)
        found.append(copy)
    return tuple(found)


def cosine_similarity(u: npt.ArrayLike, v: npt.ArrayLike) -> float:
    """Computes the cosine of the angle between two feature vectors.

    Products of floats are rounded to float32 and summed in float64, as in the Task Library.

    Args:
        u: float32, float64 or int8 of shape (dimension,).
        v: The same.

    Returns:
        The cosine, -1 to 1 up to rounding.

    Raises:
        ValueError: The vectors differ in kind or length, are empty or all zeros, or are no vectors.
    """
    first, keeps_first = native(u)
    second, keeps_second = native(v)
    similarity = ctypes.c_double()
    _abi.check("ie_cosine_similarity", first, second, similarity)
    del keeps_first, keeps_second
    return similarity.value


def native(value: npt.ArrayLike) -> tuple[Any, Any]:
    """Makes what the library takes of a feature vector.

    Args:
        value: float32, float64 or int8 of shape (dimension,).

    Returns:
        The library's vector, and what holds its memory.

    Raises:
        InvalidArgumentError: It is no vector.
    """
    import numpy as np

    try:
        array = np.asarray(value)
    except Exception as error:
        raise InvalidArgumentError(
            f"the vector is {_arguments.shown(value)}; what NumPy can make an array of is "
            f"needed: {error}"
        ) from error
    is_quantized = array.dtype == np.int8
    if array.ndim != 1 or not (is_quantized or np.issubdtype(array.dtype, np.floating)):
        raise InvalidArgumentError(
            f"the vector is {array.dtype} of shape {array.shape}; float32, float64 or int8 of "
            "one dimension is needed"
        )
    kind = np.int8 if is_quantized else np.float32
    with np.errstate(over="ignore"):
        array = np.ascontiguousarray(array, kind)
    vector = _abi.Vector(count=array.size)
    if array.size:
        setattr(vector, "quantized" if is_quantized else "floats", array.ctypes.data)
    return vector, array
