"""A user's program, written for MediaPipe: where in a film something is seen again."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from image_embedder import mediapipe as mp
from image_embedder.mediapipe.tasks.python import BaseOptions, vision
from image_embedder.mediapipe.tasks.python.components.containers import rect


def frames() -> Iterator[tuple[int, npt.NDArray[np.uint8]]]:
    """Gives the frames of a film in which a disk goes from the left to the right."""
    rows, columns = np.mgrid[:224, :448]
    for number in range(8):
        frame = np.full((224, 448, 3), 60, np.uint8)
        frame[(rows - 112) ** 2 + (columns - 56 * number - 28) ** 2 < 50**2] = (220, 40, 90)
        yield 40 * number, frame


def main(model: str) -> None:
    """Prints the similarity of the film's left half to what it showed at first."""
    options = vision.ImageEmbedderOptions(
        base_options=BaseOptions(model_asset_path=model),
        running_mode=vision.RunningMode.VIDEO,
        l2_normalize=True,
    )
    left = vision.ImageProcessingOptions(
        region_of_interest=rect.RectF(left=0, top=0, right=0.5, bottom=1)
    )
    embedder = vision.ImageEmbedder.create_from_options(options)
    first: npt.NDArray[np.float64] | None = None
    for time, frame in frames():
        image = mp.Image(image_format=mp.ImageFormat.SRGB, data=frame)
        result = embedder.embed_for_video(image, time, left)
        vector = result.embeddings[0].embedding
        if first is None:
            first = vector
        print(result.timestamp_ms, f"{vector @ first:.4f}")
    try:
        embedder.embed_for_video(mp.Image(mp.ImageFormat.SRGB, next(frames())[1]), 0)
    except ValueError:
        print("the film does not go back")
    embedder.close()


if __name__ == "__main__":
    main(sys.argv[1])
