#!/usr/bin/env python3
"""Embeds one file with one of the peers, and says what came of it.

    probe.py tflite-support|mediapipe MODEL FILE PHOTOGRAPH...

Runs in the peer's own Python, in a process of its own, because some files end it. The last line on the standard output
is a JSON object: the outcome, the cosine to the nearest of the photographs, and whether the embedder still gives for
them what it gave before.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

import numpy as np

Embed = Callable[[str], np.ndarray]


def tflite_support(model: str) -> Embed:
    """Makes an embedder of tflite-support.

    Args:
        model: The model file.

    Returns:
        What turns a file into a vector.
    """
    from tflite_support.task import vision

    embedder = vision.ImageEmbedder.create_from_file(model)

    def embed(path: str) -> np.ndarray:
        result = embedder.embed(vision.TensorImage.create_from_file(path))
        return np.asarray(result.embeddings[0].feature_vector.value, np.float64)

    return embed


def mediapipe(model: str) -> Embed:
    """Makes an embedder of MediaPipe.

    Args:
        model: The model file.

    Returns:
        What turns a file into a vector.
    """
    import mediapipe as mp
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.ImageEmbedderOptions(base_options=BaseOptions(model_asset_path=model))
    embedder = vision.ImageEmbedder.create_from_options(options)

    def embed(path: str) -> np.ndarray:
        result = embedder.embed(mp.Image.create_from_file(path))
        return np.asarray(result.embeddings[0].embedding, np.float64)

    return embed


def cosine(u: np.ndarray, v: np.ndarray) -> float | None:
    """Compares two vectors.

    Args:
        u: One.
        v: The other.

    Returns:
        The cosine of the angle between them; None where there is none.
    """
    length = float(np.linalg.norm(u) * np.linalg.norm(v))
    return float(u @ v) / length if length > 0 else None


def probe(embed: Embed, path: str, photographs: list[str]) -> dict[str, object]:
    """Embeds a file between two rounds of sound ones.

    Args:
        embed: What turns a file into a vector.
        path: The file.
        photographs: The sound ones.

    Returns:
        What came of it.
    """
    before = [embed(photograph) for photograph in photographs]
    result: dict[str, object]
    try:
        vector = embed(path)
    except Exception as error:
        result = {"outcome": "refused", "message": f"{error}" or type(error).__name__}
    else:
        cosines = [value for known in before if (value := cosine(vector, known)) is not None]
        result = {"outcome": "embedded", "cosine": max(cosines, default=None)}
    try:
        after = [embed(photograph) for photograph in photographs]
    except Exception as error:
        result["afterwards"] = f"{error}"
    else:
        if not all(np.array_equal(*pair) for pair in zip(before, after, strict=True)):
            result["afterwards"] = "other vectors"
    return result


def main() -> None:
    """Probes the file that the command line names."""
    library, model, path, *photographs = sys.argv[1:]
    embed = {"tflite-support": tflite_support, "mediapipe": mediapipe}[library](model)
    print(json.dumps(probe(embed, path, photographs)), flush=True)


if __name__ == "__main__":
    main()
