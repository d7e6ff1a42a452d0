"""The similarity of two embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from image_embedder import _arguments, _results
from image_embedder._errors import InvalidArgumentError, WrongTypeError

from ..containers.embedding_result import Embedding

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["cosine_similarity"]


def cosine_similarity(u: Embedding, v: Embedding) -> float:
    """Computes the cosine of the angle between two embeddings.

    Args:
        u: The first.
        v: The second.

    Returns:
        The cosine, -1 to 1 up to rounding.

    Raises:
        ValueError: The embeddings differ in kind or length, are empty or all zeros.
    """
    return _results.cosine_similarity(_signed(u), _signed(v))


def _signed(embedding: Embedding) -> npt.NDArray[Any]:
    """Returns an embedding's vector, whose bytes are signed.

    Raises:
        ValueError: It holds neither floats nor bytes.
    """
    import numpy as np

    _arguments.instance(embedding, Embedding, "the embedding")
    try:
        vector = np.asarray(embedding.embedding)
    except Exception:
        raise WrongTypeError(
            f"the embedding's vector is {_arguments.shown(embedding.embedding)}; an array is needed"
        ) from None
    if vector.dtype == np.uint8:
        return vector.view(np.int8)
    if vector.dtype not in (np.dtype(float), np.dtype(np.float32), np.dtype(np.int8)):
        raise InvalidArgumentError(
            f"the embedding's elements are {vector.dtype}; float64, float32 or uint8 is needed"
        )
    return vector
