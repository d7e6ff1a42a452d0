"""Columns of images to columns of vectors, for the data frames of others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from ._errors import InvalidArgumentError

if TYPE_CHECKING:
    from ._embedder import Embedder
    from ._results import FeatureVector

# The columns that hold an image, the first that is there: bytes come before the path they are from.
_IMAGE_COLUMNS = ("bytes", "content", "path")


class Columns(NamedTuple):
    """What became of a column of images, row for row.

    Attributes:
        embedding: The vectors, None for an image that could not be embedded.
        status: "ok", or the canonical name of the failure, such as "NOT_FOUND".
        error: Why, or None.
    """

    embedding: list[FeatureVector | None]
    status: list[str]
    error: list[str | None]


def image_column(names: Iterable[str]) -> str:
    """Returns the column that holds the images.

    Args:
        names: All columns.

    Raises:
        InvalidArgumentError: There is none.
    """
    there = list(names)
    for name in _IMAGE_COLUMNS:
        if name in there:
            return name
    raise InvalidArgumentError(
        f"the columns are {there}; one of {', '.join(_IMAGE_COLUMNS)} is needed"
    )


def embed_column(embedder: Embedder, images: Iterable[Any], workers: int) -> Columns:
    """Embeds a column.

    Args:
        embedder: What it is embedded with.
        images: Paths, or the bytes of image files.
        workers: The images in work at once.

    Returns:
        A row for each image.
    """
    columns = Columns([], [], [])
    for result in embedder.embed_batch(images, workers=workers):
        columns.embedding.append(result.embedding)
        error = result.error
        columns.status.append("ok" if error is None else getattr(error, "code", "INVALID_ARGUMENT"))
        columns.error.append(None if error is None else str(error))
    return columns
