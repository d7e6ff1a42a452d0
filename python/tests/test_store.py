"""Folders of 0.1.0 are fixtures; those of today are laid out here as the record describes them."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from image_embedder import Embedder, Store

SETTINGS = "{}"
FINGERPRINT = hashlib.sha256(SETTINGS.encode()).hexdigest()
STORES = Path(__file__).parents[2] / "Tests/TestSupport/Fixtures/Stores/0.1.0"


def seal(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    return {"file": path.name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def write(folder: Path, counts: tuple[int, ...] = (3, 2)) -> Path:
    for name in ("img_emb", "metadata"):
        (folder / name).mkdir(parents=True)
    parts = []
    row = 0
    for number, count in enumerate(counts):
        array = folder / f"img_emb/img_emb_{number:06}.npy"
        np.save(array, np.arange(row * 4, (row + count) * 4, dtype=np.float32).reshape(count, 4))
        metadata = folder / f"metadata/metadata_{number:06}.jsonl"
        metadata.write_text(
            "".join(
                json.dumps({"path": f"in/{row + i}.png", "width": 8, "height": 6}) + "\n"
                for i in range(count)
            )
        )
        parts.append(
            {"number": number, "rows": count, "folder": "/photos", "arrays": [seal(array)]}
            | {"metadata": seal(metadata)}
        )
        row += count
    record = {"store_version": 2, "fingerprint": FINGERPRINT, "storage": "float32"}
    record |= {"settings": json.loads(SETTINGS)}
    record |= {"heads": [{"name": None, "dimension": 4}], "parts": parts}
    (folder / "run.json").write_text(json.dumps(record))
    return folder


def test_a_store_gives_rows_slices_parts_and_all(tmp_path: Path) -> None:
    store = Store(write(tmp_path / "out"))
    expected = np.arange(20, dtype=np.float32).reshape(5, 4)
    assert len(store) == 5
    assert store.heads == (4,)
    assert store.fingerprint == FINGERPRINT
    assert np.array_equal(np.asarray(store), expected)
    assert np.asarray(store, dtype=np.float64).dtype == np.float64
    assert np.array_equal(store[4], expected[4])
    assert np.array_equal(store[-1], expected[4])
    assert np.array_equal(store[1:4], expected[1:4])
    assert np.array_equal(store[::2], expected[::2])
    assert store[3:3].shape == (0, 4)
    assert [len(part) for part in store.parts] == [3, 2]
    assert all(isinstance(part, np.memmap) for part in store.parts)
    assert [row.path for row in store.rows] == [f"in/{i}.png" for i in range(5)]
    with pytest.raises(IndexError):
        store[5]
    with pytest.raises(ValueError, match="head 1"):
        store.parts_of(1)


def test_a_row_is_found_by_its_path_however_it_is_spelled(tmp_path: Path) -> None:
    store = Store(write(tmp_path / "out"))
    assert store.find("/photos/in/4.png") == [4]
    assert store.find("/photos/x/..//in/./4.png") == [4]
    assert store.find(os.path.relpath("/photos/in/4.png")) == [4]
    assert store.find("in/4.png") == []


def test_rows_are_removed_by_their_paths(tmp_path: Path) -> None:
    folder = write(tmp_path / "out", (3, 2, 1))
    store = Store(folder)
    expected = np.arange(24, dtype=np.float32).reshape(6, 4)
    former = store.parts[0]
    # One that has no row does not matter; what a part loses entirely takes the part along.
    assert store.remove(["/photos/in/1.png", "/photos/./in/5.png", tmp_path / "no.png"]) == 2
    assert [row.path for row in store.rows] == ["in/3.png", "in/4.png", "in/0.png", "in/2.png"]
    assert np.array_equal(np.asarray(store), expected[[3, 4, 0, 2]])
    assert store.find("/photos/in/1.png") == []
    assert np.array_equal(former, expected[:3])
    assert store.remove([]) == 0
    assert store.remove(f"/photos/in/{i}.png" for i in range(6)) == 4
    assert len(Store(folder)) == 0
    assert store.fingerprint == FINGERPRINT
    assert not [path for path in folder.rglob("*_*.*") if path.is_file()]


def test_rows_are_removed_only_of_a_sound_folder_that_may_be_written(tmp_path: Path) -> None:
    folder = write(tmp_path / "out")
    with pytest.raises(ValueError, match="one path"):
        Store(folder).remove("/photos/in/1.png")
    store = Store(folder)
    array = folder / "img_emb/img_emb_000001.npy"
    data = array.read_bytes()
    array.write_bytes(data[:-1] + b"x")
    with pytest.raises(RuntimeError, match="img_emb_000001"):
        store.remove(["/photos/in/0.png"])
    array.write_bytes(data)
    (folder / ".lock").mkdir()
    with pytest.raises(RuntimeError, match="lock"):
        store.remove(["/photos/in/0.png"])
    (folder / ".lock").rmdir()
    assert len(Store(folder)) == 5
    first = Store(STORES / "plain")
    with pytest.raises(RuntimeError, match=r"0\.1\.0"):
        first.remove(["in/1.ppm"])


def test_a_part_that_is_cut_is_an_error(tmp_path: Path) -> None:
    folder = write(tmp_path / "out")
    store = Store(folder)
    os.truncate(folder / "img_emb/img_emb_000001.npy", 130)
    with pytest.raises(RuntimeError, match="cut"):
        store[4]
    with pytest.raises(ValueError, match="130 bytes"):
        Store(folder)


@pytest.mark.parametrize(
    "record", ["", "{}", "[]", '{"store_version":3,"fingerprint":"f","settings":{}}']
)
def test_a_record_that_cannot_be_read_is_an_error(record: str, tmp_path: Path) -> None:
    folder = write(tmp_path / "out")
    (folder / "run.json").write_text(record)
    with pytest.raises(ValueError, match=r"run\.json"):
        Store(folder)
    (folder / "run.json").unlink()
    with pytest.raises(FileNotFoundError, match=r"run\.json"):
        Store(folder)


@pytest.mark.parametrize("name", ["plain", "sharded", "heads", "float16", "quantized"])
def test_folders_of_the_first_version_are_read(name: str) -> None:
    store = Store(STORES / name)
    assert len(store) == 12
    assert store.heads == ((144, 24, 12) if name == "heads" else (144,))
    vectors = np.asarray(store)
    for row, vector in zip(store.rows, vectors):
        picture = np.frombuffer((STORES / row.path).read_bytes()[-144:], np.uint8)
        if name in ("plain", "sharded", "float16"):
            assert np.array_equal(vector, picture)


def test_an_embedder_names_what_makes_its_vectors() -> None:
    plain = Embedder(l2_normalize=False).fingerprint
    assert len(plain) == 64
    assert Embedder(l2_normalize=False, threads=1).fingerprint == plain
    assert Embedder().fingerprint != plain
