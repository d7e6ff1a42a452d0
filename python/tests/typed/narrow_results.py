"""A user's program: what became of each image, by every question that tells the results apart."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from typing_extensions import assert_type

from image_embedder import Embedded, Embedder, Failed


def by_ok(images: Iterable[Path]) -> list[npt.NDArray[np.float32]]:
    """Keeps the vectors; no class needs to be known for that."""
    found: list[npt.NDArray[np.float32]] = []
    for result in Embedder().embed_batch(images):
        if result.ok:
            found.append(result.embedding)
            print(result.path.name, result.embedding.shape, result.width)
        else:
            print(result.path.name, result.error)
    return found


def by_comparison(images: Iterable[Path]) -> None:
    """Stops at the first that failed."""
    for result in Embedder().embed_batch(images):
        if result.ok is False:
            assert_type(result, Failed[Path])
            raise SystemExit(f"{result.path}: {result.error}") from result.error
        assert_type(result, Embedded[Path, npt.NDArray[np.float32]])


def by_class(images: Iterable[Path]) -> None:
    """Asks for the class, as `match` does."""
    for result in Embedder().embed_batch(images):
        if isinstance(result, Failed):
            raise result.error
        assert_type(result.embedding, npt.NDArray[np.float32])


def by_error(images: Iterable[Path]) -> None:
    """Asks for the error."""
    for result in Embedder().embed_batch(images):
        if result.error is not None:
            assert_type(result, Failed[Path])
            raise result.error
        assert_type(result.embedding, npt.NDArray[np.float32])


if __name__ == "__main__":
    paths = [Path(name) for name in sys.argv[1:]]
    for check in (by_comparison, by_class, by_error):
        check(paths)
    by_ok(paths)
