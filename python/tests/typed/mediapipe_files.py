"""A user's program, written for MediaPipe: how like each other two files are."""

from __future__ import annotations

import os
import sys

from image_embedder import mediapipe as mp

BaseOptions = mp.tasks.BaseOptions
ImageEmbedder = mp.tasks.vision.ImageEmbedder
ImageEmbedderOptions = mp.tasks.vision.ImageEmbedderOptions
VisionRunningMode = mp.tasks.vision.RunningMode


class Comparer:
    """Holds a model."""

    def __init__(self, folder: str) -> None:
        """Loads the model of a folder."""
        with open(os.path.join(folder, "efficientnet-lite0.tflite"), "rb") as file:
            base = BaseOptions(model_asset_buffer=file.read(), delegate=BaseOptions.Delegate.CPU)
        options = ImageEmbedderOptions(
            base_options=base, quantize=True, running_mode=VisionRunningMode.IMAGE
        )
        self.embedder = ImageEmbedder.create_from_options(options)

    def embed(self, path: str) -> mp.tasks.components.containers.Embedding:
        """Embeds a file."""
        return self.embedder.embed(mp.Image.create_from_file(path)).embeddings[0]

    def compare(self, first: str, second: str) -> float:
        """Compares two files."""
        return ImageEmbedder.cosine_similarity(self.embed(first), self.embed(second))


if __name__ == "__main__":
    comparer = Comparer(sys.argv[1])
    embedding = comparer.embed(sys.argv[2])
    print(embedding.head_index, embedding.head_name, embedding.embedding.dtype)
    print(f"{comparer.compare(sys.argv[2], sys.argv[3]):.1f}")
    try:
        comparer.compare(sys.argv[2], "/no/such.jpg")
    except FileNotFoundError as error:
        print(error)
