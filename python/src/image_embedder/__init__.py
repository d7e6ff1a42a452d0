"""Images to feature vectors with a TFLite model, and their similarity.

    >>> from image_embedder import Embedder
    >>> embedder = Embedder()
    >>> embedder.similarity("left.jpg", "right.jpg")

`image_embedder.task` has the names of the TensorFlow Lite Task Library, for programs that were
written for it.
"""

from ._embedder import Embedder, built_in_models
from ._errors import EmbedderError
from ._images import Region
from ._results import Result, cosine_similarity
from ._version import __version__

__all__ = [
    "Embedder",
    "EmbedderError",
    "Region",
    "Result",
    "__version__",
    "built_in_models",
    "cosine_similarity",
]
