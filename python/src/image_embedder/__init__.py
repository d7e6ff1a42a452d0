"""Images to feature vectors with a TFLite model, and their similarity.

    >>> from image_embedder import Embedder
    >>> embedder = Embedder()
    >>> embedder.similarity("left.jpg", "right.jpg")

`image_embedder.task` has the names of the TensorFlow Lite Task Library, for programs that were
written for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._embedder import Embedder, built_in_models
from ._errors import EmbedderError
from ._images import Region
from ._results import Embedded, Failed, Result, cosine_similarity
from ._store import Row, Store
from ._version import __version__

if TYPE_CHECKING:
    from . import task

__all__ = [
    "Embedded",
    "Embedder",
    "EmbedderError",
    "Failed",
    "Region",
    "Result",
    "Row",
    "Store",
    "__version__",
    "built_in_models",
    "cosine_similarity",
    "task",
]


def __getattr__(name: str) -> Any:
    """Imports `task` when it is first used, for `import image_embedder as tflite_support`."""
    if name == "task":
        import importlib

        return importlib.import_module(".task", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Lists what can be used."""
    return sorted({*globals(), *__all__})
