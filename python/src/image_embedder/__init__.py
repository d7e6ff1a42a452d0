"""Images to feature vectors with a TFLite model, and their similarity.

    >>> from image_embedder import Embedder
    >>> embedder = Embedder()
    >>> embedder.similarity("left.jpg", "right.jpg")

`image_embedder.task` has the names of the TensorFlow Lite Task Library, `image_embedder.mediapipe`
those of MediaPipe, for programs that were written for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._annotating import annotate
from ._duplicates import (
    DuplicateGroup,
    DuplicatePair,
    DuplicatePicture,
    Duplicates,
    find_duplicates,
)
from ._embedder import Embedder, built_in_models
from ._errors import EmbedderError
from ._images import Region
from ._results import Embedded, Failed, Result, cosine_similarity
from ._search import Answer, Pair
from ._store import Row, Store
from ._version import __version__

if TYPE_CHECKING:
    from . import mediapipe, task

__all__ = [
    "Answer",
    "DuplicateGroup",
    "DuplicatePair",
    "DuplicatePicture",
    "Duplicates",
    "Embedded",
    "Embedder",
    "EmbedderError",
    "Failed",
    "Pair",
    "Region",
    "Result",
    "Row",
    "Store",
    "__version__",
    "annotate",
    "built_in_models",
    "cosine_similarity",
    "find_duplicates",
    "mediapipe",
    "task",
]


def __getattr__(name: str) -> Any:
    """Imports an interface of others when it is first used: `task` or `mediapipe`."""
    if name in ("mediapipe", "task"):
        import importlib

        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Lists what can be used."""
    return sorted({*globals(), *__all__})
