"""A FAISS index of a folder gives the answers of the store's own search."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from test_search import made
from test_store import write

from image_embedder.export import to_faiss

faiss = pytest.importorskip("faiss")


@pytest.mark.parametrize("dtype", ["float32", "float16", "int8"])
def test_an_index_has_the_cosines_of_the_store(tmp_path: Path, dtype: str) -> None:
    store, vectors = made(tmp_path / "out", dtype)
    assert to_faiss(tmp_path / "out", tmp_path / "x.faiss") == 300
    index = faiss.read_index(str(tmp_path / "x.faiss"))
    query = vectors[5].astype(np.float32)
    cosines, rows = index.search((query / np.linalg.norm(query))[None], 5)
    answers = store.search(vectors[5], 5)
    assert rows[0].tolist() == [answer.row for answer in answers]
    assert cosines[0] == pytest.approx([answer.cosine for answer in answers], abs=1e-5)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["x.faiss"]


def test_an_index_may_be_of_any_kind(tmp_path: Path) -> None:
    made(tmp_path / "out", "float32")
    command = [
        sys.executable,
        "-m",
        "image_embedder.export",
        tmp_path / "out",
        tmp_path / "x.faiss",
    ]
    done = subprocess.run([*command, "--index", "IVF4,SQ8"], capture_output=True, text=True)
    assert done.stdout == "300 rows\n", done.stderr
    assert faiss.read_index(str(tmp_path / "x.faiss")).nlist == 4
    done = subprocess.run([*command, "--index", "Nonsense"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "'Nonsense', which FAISS does not know" in done.stderr


def test_what_cannot_be_is_told(tmp_path: Path) -> None:
    made(tmp_path / "out", "float32")
    with pytest.raises(ValueError, match="there is no head 1"):
        to_faiss(tmp_path / "out", tmp_path / "x.faiss", head=1)
    with pytest.raises(OSError, match="cannot be written"):
        to_faiss(tmp_path / "out", tmp_path / "no/x.faiss")
    with pytest.raises(ValueError, match="no finished embeddings"):
        to_faiss(write(tmp_path / "empty", ()), tmp_path / "x.faiss")
