"""Options and results of the Task Library's embedders."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

__all__ = ["BoundingBox", "Embedding", "EmbeddingOptions", "EmbeddingResult", "FeatureVector"]


@dataclasses.dataclass
class BoundingBox:
    """A rectangle in pixels of the stored image; it is not clamped.

    Attributes:
        origin_x: The first column.
        origin_y: The first row.
        width: The number of columns.
        height: The number of rows.
    """

    origin_x: int
    origin_y: int
    width: int
    height: int


@dataclasses.dataclass
class EmbeddingOptions:
    """What becomes of the vectors.

    Attributes:
        l2_normalize: Scale each to length 1.
        quantize: Turn each component into a byte, after scaling: its value times 128.
    """

    l2_normalize: bool | None = None
    quantize: bool | None = None


@dataclasses.dataclass(eq=False)
class FeatureVector:
    """A feature vector.

    Attributes:
        value: float64 of shape (dimension,), which holds float32 values; or uint8, the bytes of
            signed numbers, when the embedder quantizes. float32 and int8 are taken as well.
    """

    value: np.ndarray[Any, np.dtype[Any]]

    def __eq__(self, other: object) -> bool:
        """Returns whether both hold the same numbers of the same kind."""
        import numpy as np

        if not isinstance(other, FeatureVector):
            return False
        kinds = [np.asarray(vector.value).dtype.kind == "f" for vector in (self, other)]
        return kinds[0] == kinds[1] and np.array_equal(self.value, other.value)

    __hash__ = None  # type: ignore[assignment]


@dataclasses.dataclass
class Embedding:
    """The feature vector of one output of the model.

    Attributes:
        feature_vector: The vector.
        output_index: The number of the output, from 0.
    """

    feature_vector: FeatureVector
    output_index: int


@dataclasses.dataclass
class EmbeddingResult:
    """What the model says of one image.

    Attributes:
        embeddings: One embedding for each of the model's outputs.
    """

    embeddings: list[Embedding]
