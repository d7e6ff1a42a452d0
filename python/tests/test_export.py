from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from image_embedder.export import to_parquet

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


def write(folder: Path, *, parts: int = 3, heads: int = 1, dtype: Any = np.float32) -> Path:
    """Writes a folder as the command line does; the last part's array lacks its metadata."""
    (folder / "metadata").mkdir(parents=True)
    record = {"fingerprint": "f00d", "settings": {"l2_normalize": True}}
    (folder / "run.json").write_text(json.dumps(record))
    for head in range(heads):
        name = folder / (f"img_emb_head{head}" if head else "img_emb")
        name.mkdir()
        for part in range(parts):
            np.save(name / f"img_emb_{part}.npy", np.full((2, 4), 10 * part + head, dtype))
    for part in range(parts - 1):
        rows: list[dict[str, Any]] = [
            {"path": f"{part}-{row}.jpg", "width": 3, "height": 2} for row in range(2)
        ]
        if part == 1:
            rows[1]["warnings"] = ["short"]
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / "metadata" / f"metadata_{part}.jsonl").write_text(lines)
    return folder


def test_names_may_hold_what_some_take_for_the_end_of_a_line(tmp_path: Path) -> None:
    folder = write(tmp_path / "folder")
    metadata = folder / "metadata" / "metadata_0.jsonl"
    name = "a\u2028b\x85c.jpg"
    row = json.dumps({"path": name, "width": 3, "height": 2}, ensure_ascii=False)
    metadata.write_text(f"{row}\n{row}\n", "utf-8")
    assert to_parquet(folder, tmp_path / "x.parquet") == 4
    assert pq.read_table(tmp_path / "x.parquet")["path"].to_pylist()[:2] == [name, name]


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.int8])
def test_a_folder_becomes_a_table(dtype: Any, tmp_path: Path) -> None:
    folder = write(tmp_path / "folder", parts=12, heads=2, dtype=dtype)
    assert to_parquet(folder, tmp_path / "x.parquet") == 22
    table = pq.read_table(tmp_path / "x.parquet")
    element = pa.from_numpy_dtype(dtype)
    for name in ("embedding", "embedding_1"):
        kind = table.schema.field(name).type
        assert (kind.value_type, kind.list_size) == (element, 4)
    assert table.schema.metadata[b"image_embedder.fingerprint"] == b"f00d"
    assert json.loads(table.schema.metadata[b"image_embedder.settings"]) == {"l2_normalize": True}
    rows = table.to_pylist()
    assert [row["path"] for row in rows[:3]] == ["0-0.jpg", "0-1.jpg", "1-0.jpg"]
    assert rows[21]["path"] == "10-1.jpg"
    assert rows[21]["embedding_1"] == [101] * 4
    assert [row["details"] for row in rows[2:4]] == [None, '{"warnings": ["short"]}']
    assert not list(tmp_path.glob("*.partial"))


def test_what_is_not_one_runs_embeddings_is_an_error(tmp_path: Path) -> None:
    target = tmp_path / "x.parquet"
    with pytest.raises(ValueError, match=r"no run\.json"):
        to_parquet(tmp_path / "missing", target)
    with pytest.raises(ValueError, match="no finished embeddings"):
        to_parquet(write(tmp_path / "unfinished", parts=1), target)
    mixed = write(tmp_path / "mixed")
    (mixed / "run.2-of-2.json").write_text('{"fingerprint": "other", "settings": {}}')
    with pytest.raises(ValueError, match="2 fingerprints"):
        to_parquet(mixed, target)
    short = write(tmp_path / "short")
    np.save(short / "img_emb" / "img_emb_1.npy", np.zeros((1, 4), np.float32))
    with pytest.raises(ValueError, match="part 1"):
        to_parquet(short, target)
    uneven = write(tmp_path / "uneven")
    np.save(uneven / "img_emb" / "img_emb_1.npy", np.zeros((2, 5), np.float32))
    with pytest.raises(ValueError, match="differ"):
        to_parquet(uneven, target)
    assert not list(tmp_path.glob("x.parquet*"))


def test_the_command_counts_rows_and_names_errors(tmp_path: Path) -> None:
    folder = write(tmp_path / "folder")
    command = [sys.executable, "-m", "image_embedder.export"]
    done = subprocess.run(
        [*command, folder, tmp_path / "x.parquet"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "4 rows\n"
    failed = subprocess.run([*command, tmp_path, "x"], capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert failed.stderr.startswith("error: ")
