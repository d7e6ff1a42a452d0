"""What an embedder says of an image."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Embedding", "EmbeddingResult"]


@dataclasses.dataclass
class Embedding:
    """The feature vector of one output of the model.

    Attributes:
        embedding: float64 of shape (dimension,), which holds float32 values; or uint8, the bytes
            of signed numbers, when the embedder quantizes.
        head_index: The number of the output, from 0.
        head_name: The output's name by the model's metadata, or None.
    """

    embedding: npt.NDArray[Any]
    head_index: int | None = None
    head_name: str | None = None


@dataclasses.dataclass
class EmbeddingResult:
    """What the model says of one image.

    Attributes:
        embeddings: One embedding for each of the model's outputs.
        timestamp_ms: The frame's timestamp in milliseconds; 0 for an image of no video.
    """

    embeddings: list[Embedding]
    timestamp_ms: int | None = None
