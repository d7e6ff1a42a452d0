"""A user's program: the vectors of a folder as one array, and what could not be embedded."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
from typing_extensions import assert_type

from image_embedder import Embedder, Failed


def index(folder: Path) -> tuple[list[Path], npt.NDArray[np.float32], dict[Path, str]]:
    """Embeds the files of a folder.

    Args:
        folder: The folder.

    Returns:
        The paths, their vectors, row for row, and why the others have none.
    """
    paths: list[Path] = []
    vectors: list[npt.NDArray[np.float32]] = []
    problems: dict[Path, str] = {}
    with Embedder() as embedder:
        assert_type(embedder, Embedder[npt.NDArray[np.float32]])
        for result in embedder.embed_batch(sorted(folder.iterdir()), workers=2):
            if result.error is not None:
                assert_type(result, Failed[Path])
                problems[result.path] = str(result.error)
                continue
            paths.append(result.path)
            vectors.append(result.embedding)
            assert result.width > 0
            assert result.embedding.dtype == np.float32
    return paths, np.stack(vectors), problems


if __name__ == "__main__":
    names, rows, failures = index(Path(sys.argv[1]))
    print(f"{len(names)} vectors of {rows.shape[1]} components, {len(failures)} failures")
