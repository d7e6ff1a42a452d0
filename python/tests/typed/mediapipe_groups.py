"""A user's program, written for MediaPipe: groups of pictures that are like each other."""

from __future__ import annotations

import sys

import numpy as np
import numpy.typing as npt

from image_embedder import mediapipe as mp
from image_embedder.mediapipe.tasks import python
from image_embedder.mediapipe.tasks.python import vision

SIZE = 224


def picture(path: str) -> npt.NDArray[np.uint8]:
    """Reads a picture, by as many pixels as the model takes."""
    image = mp.Image.create_from_file(path)
    pixels = image.numpy_view()
    rows = np.arange(SIZE) * pixels.shape[0] // SIZE
    columns = np.arange(SIZE) * pixels.shape[1] // SIZE
    chosen: npt.NDArray[np.uint8] = np.ascontiguousarray(pixels[rows][:, columns])
    return chosen


def signatures(
    pictures: dict[str, npt.NDArray[np.uint8]], model: str
) -> dict[str, npt.NDArray[np.int64]]:
    """Embeds pictures into bytes."""
    options = vision.ImageEmbedderOptions(
        base_options=python.BaseOptions(model_asset_path=model), l2_normalize=True, quantize=True
    )
    found: dict[str, npt.NDArray[np.int64]] = {}
    with vision.ImageEmbedder.create_from_options(options) as embedder:
        for name, pixels in pictures.items():
            image = mp.Image(image_format=mp.ImageFormat.SRGB, data=pixels)
            embedding = embedder.embed(image).embeddings[0].embedding
            found[name] = embedding.view(np.int8).astype(np.int64)
    return found


def groups(vectors: dict[str, npt.NDArray[np.int64]], limit: int) -> list[list[str]]:
    """Puts each picture to the first group whose first picture is near."""
    found: list[list[str]] = []
    for name, vector in vectors.items():
        for group in found:
            if np.abs(vectors[group[0]] - vector).sum() < limit:
                group.append(name)
                break
        else:
            found.append([name])
    return found


if __name__ == "__main__":
    found = signatures({path: picture(path) for path in sys.argv[2:]}, sys.argv[1])
    for group in groups(found, 1500):
        print(*(path.rpartition("/")[2] for path in group))
    print(sum(int(vector.sum()) for vector in found.values()))
