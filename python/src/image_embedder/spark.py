"""For Spark: a function for `DataFrame.mapInPandas`.

    from image_embedder.spark import SCHEMA, embed_images

    images = spark.read.format("binaryFile").load("photos/")
    images.mapInPandas(embed_images(), SCHEMA).write.parquet("vectors/")

Needs Spark with pandas, which this module itself does not import: pip install image-embedder[spark]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Callable

from . import _arguments, _columns
from ._embedder import Embedder

if TYPE_CHECKING:
    import pandas as pd

    from ._embedder import Model

__all__ = ["SCHEMA", "embed_images"]

SCHEMA = "path string, embedding array<float>, status string, error string"
"""The schema of what the function gives; with quantize, take array<tinyint> instead."""


def embed_images(
    model: Model = None, *, workers: int = 1, **options: Any
) -> Callable[[Iterable[pd.DataFrame]], Iterator[pd.DataFrame]]:
    """Makes the function, which loads the model once for each partition.

    Args:
        model: As for `Embedder`; a file must be where the partition is worked on.
        workers: The images in work at once, for executors that give a task more than one core.
        **options: The other options of `Embedder`.

    Returns:
        A function from frames with the column "bytes" or "content", image files, or "path" to
        frames of `SCHEMA`. The embedding is null for an image that failed, the status "ok" or the
        canonical name of the failure.
    """
    workers = _arguments.whole_number(workers, 32, "workers")

    def embed(frames: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        import pandas as pd

        with Embedder(model, **options) as embedder:
            for frame in frames:
                name = _columns.image_column(frame.columns)
                columns = _columns.embed_column(embedder, frame[name], workers)
                path = frame["path"] if "path" in frame else [None] * len(frame)
                yield pd.DataFrame({"path": path, **columns._asdict()})

    return embed
