"""A user's program: the frames of a camera that differ from the one before."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from typing_extensions import assert_type

from image_embedder import Embedder, EmbedderError, Region, Result, cosine_similarity


def frames() -> Iterator[npt.NDArray[np.uint8]]:
    """Gives one buffer again and again, as a camera does."""
    buffer = np.zeros((48, 64, 3), np.uint8)
    for number in range(12):
        buffer[:, : 16 * (number // 4 + 1)] = 40 * (number // 4 + 1)
        yield buffer


def describe(result: Result) -> str:
    """Says what became of a frame."""
    return f"frame {result.index}: {'well' if result.ok else result.error}"


def changes(embedder: Embedder[npt.NDArray[np.int8]]) -> list[int]:
    """Finds the frames whose vector is another than that of the one before."""
    found: list[int] = []
    last: npt.NDArray[np.int8] | None = None
    for result in embedder.embed_batch(frames(), region=Region(0, 0, 60, 40)):
        if not result.ok:
            raise EmbedderError(describe(result)) from result.error
        if last is not None and cosine_similarity(last, result.embedding) < 0.999:
            found.append(result.index)
        last = result.embedding
    return found


def vector(quantize: bool) -> npt.NDArray[np.float32 | np.int8]:
    """Embeds a frame either way."""
    return Embedder("efficientnet-lite0-int8", quantize=quantize).embed(next(frames()))


if __name__ == "__main__":
    quantized = Embedder(
        "efficientnet-lite0-int8", quantize=True, mean=[127, 127, 127], std=[128] * 3
    )
    assert_type(quantized.embed(next(frames())), npt.NDArray[np.int8])
    print("changed at", changes(quantized), vector(quantize=False).dtype)
