"""A user's program, written for the Task Library: which of the files is most like the first."""

from __future__ import annotations

import sys

import image_embedder as tflite_support
from image_embedder.task import core, processor, vision

_VISION = tflite_support.task.vision


def embed(
    embedder: vision.ImageEmbedder, path: str, box: processor.BoundingBox | None = None
) -> processor.FeatureVector:
    """Embeds a file."""
    result = embedder.embed(_VISION.TensorImage.create_from_file(path), box)
    return result.embeddings[0].feature_vector


def main(paths: list[str]) -> None:
    """Prints the most similar file."""
    options = vision.ImageEmbedderOptions(
        core.BaseOptions(file_name="efficientnet-lite0", num_threads=2),
        processor.EmbeddingOptions(l2_normalize=True),
    )
    embedder = _VISION.ImageEmbedder.create_from_options(options)
    first = embed(embedder, paths[0], processor.BoundingBox(0, 0, 100, 100))
    rest = {path: embedder.cosine_similarity(first, embed(embedder, path)) for path in paths[1:]}
    print(max(rest, key=lambda path: rest[path]), embedder.get_embedding_dimension(0))


if __name__ == "__main__":
    main(sys.argv[1:])
