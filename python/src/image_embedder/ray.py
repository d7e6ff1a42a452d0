"""For Ray Data: a class for `Dataset.map_batches`.

    import ray
    from image_embedder.ray import EmbedImages

    images = ray.data.read_binary_files("photos/", include_paths=True)
    # Where two cores are all there are, reading and writing want one of them: half a core each.
    embedded = images.map_batches(EmbedImages, concurrency=2, num_cpus=0.5, batch_size=64)
    embedded.write_parquet("vectors/")

Needs Ray, which this module itself does not import: pip install image-embedder[ray]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _arguments, _columns
from ._embedder import Embedder

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from ._embedder import Model

__all__ = ["EmbedImages"]


class EmbedImages(_arguments.Begun):
    """Embeds the images of a batch; an image that cannot be embedded is a row that says why.

    Each actor of Ray's holds one model. Its other columns a batch keeps, but for the images' bytes.
    """

    _begun_with = ("_workers", "_embedder")

    def __init__(self, model: Model = None, *, workers: int = 1, **options: Any) -> None:
        """Loads a model.

        Args:
            model: As for `Embedder`; a file must be where the actor is.
            workers: The images in work at once, for actors with more than one core.
            **options: The other options of `Embedder`.

        Raises:
            ValueError, FileNotFoundError, RuntimeError: As for `Embedder`.
        """
        self._workers = _arguments.whole_number(workers, 32, "workers")
        self._embedder: Embedder[Any] = Embedder(model, **options)

    def __call__(self, batch: dict[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
        """Embeds a batch.

        Args:
            batch: Columns of the same length; "bytes" holds image files, else "path" their paths.

        Returns:
            The other columns, and "embedding" of shape (rows, dimension), whose row is NaN (0 when
            quantized) for an image that failed; "status", which is "ok" or the canonical name of
            the failure; and "error", which says why, or is empty.

        Raises:
            ValueError: There is no column of images.
        """
        import numpy as np

        _arguments.instance(batch, dict, "the batch")
        name = _columns.image_column(batch)
        columns = _columns.embed_column(self._embedder, batch[name], self._workers)
        kept = {key: value for key, value in batch.items() if key == "path" or key != name}
        return {
            **kept,
            "embedding": self._matrix(columns.embedding),
            "status": np.array(columns.status, object),
            "error": np.array([error or "" for error in columns.error], object),
        }

    def _matrix(self, vectors: list[Any]) -> npt.NDArray[np.float32 | np.int8]:
        """Returns the vectors as rows, with a row for those that failed."""
        import numpy as np

        is_quantized = self._embedder.is_quantized
        shape = (len(vectors), self._embedder.dimension)
        matrix: npt.NDArray[Any] = (
            np.zeros(shape, np.int8) if is_quantized else np.full(shape, np.nan, np.float32)
        )
        for row, vector in enumerate(vectors):
            if vector is not None:
                matrix[row] = vector
        return matrix
