"""Answers are held against a search of a few lines of NumPy."""

from __future__ import annotations

import json
import pickle
import threading
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from conftest import OPENVINO
from test_store import STORES, seal, write

from image_embedder import Answer, Embedder, Pair, Store, _search

Vectors = npt.NDArray[Any]


def cosine(u: Vectors, v: Vectors) -> float:
    """Products in float32, summed in float64 in order."""

    def dot(a: Vectors, b: Vectors) -> float:
        return float(np.cumsum((a * b).astype(np.float64))[-1])

    a, b = u.astype(np.float32), v.astype(np.float32)
    return float(dot(a, b) / np.sqrt(dot(a, a) * dot(b, b)))


def nearest(k: int, query: Vectors, vectors: Vectors) -> list[tuple[int, float]]:
    cosines = [(row, cosine(query, vector)) for row, vector in enumerate(vectors)]
    return sorted(cosines, key=lambda answer: (-answer[1], answer[0]))[:k]


def made(folder: Path, dtype: str, vectors: Vectors | None = None) -> tuple[Store, Vectors]:
    """A store in three parts, by default of vectors like those of a network."""
    if vectors is None:
        generator = np.random.default_rng(1)
        centers = generator.random((20, 40)) ** 3
        vectors = centers[generator.integers(20, size=300)] + 0.2 * generator.random((300, 40)) ** 3
        vectors = (vectors * (100 if dtype == "int8" else 1)).clip(-128, 127).astype(dtype)
    rows = np.array_split(np.arange(len(vectors)), min(3, len(vectors)))
    write(folder, tuple(len(part) for part in rows))
    record = json.loads((folder / "run.json").read_text())
    for number, (part, stored) in enumerate(zip(rows, record["parts"])):
        array = folder / f"img_emb/img_emb_{number:06}.npy"
        np.save(array, vectors[part])
        stored["arrays"] = [seal(array)]
    record |= {"storage": dtype, "heads": [{"name": None, "dimension": vectors.shape[1]}]}
    (folder / "run.json").write_text(json.dumps(record))
    return Store(folder), vectors


def embedded(folder: Path, images: list[Path], **options: Any) -> Store:
    """A store of images whose record says how they were embedded."""
    # The settings of a record leave out what is at its default; here nothing is scaled by default.
    embedder = Embedder(**{"l2_normalize": False, **options})
    vectors = np.stack([embedder.embed(image) for image in images])
    made(folder, vectors.dtype.name, vectors=vectors)
    normalization = {"mean": [127.0] * 3, "std": [128.0] * 3}
    settings = {"model_sha256": embedder.model_sha256, "normalization": normalization, **options}
    record = json.loads((folder / "run.json").read_text())
    record |= {"fingerprint": embedder.fingerprint, "settings": settings}
    (folder / "run.json").write_text(json.dumps(record | {"model": "efficientnet-lite0"}))
    return Store(folder)


@pytest.mark.parametrize("dtype", ["float32", "float16", "int8"])
def test_answers_are_those_of_a_few_lines_of_numpy(tmp_path: Path, dtype: str) -> None:
    store, vectors = made(tmp_path / "out", dtype)
    queries = vectors[::17]
    expected = [nearest(7, query, vectors) for query in queries]
    for query, answers in zip(queries, expected):
        found = store.search(query, 7)
        assert [(answer.row, answer.cosine) for answer in found] == answers
        assert [answer.path for answer in found] == [f"in/{row}.png" for row, _ in answers]
    assert [
        [(row, cosine) for row, cosine, _ in answers] for answers in store.search_each(queries, 7)
    ] == expected
    assert (tmp_path / "out/derived/search.int8").is_file()


@pytest.mark.parametrize("dtype", ["float32", "float16", "int8"])
def test_pairs_are_those_of_a_few_lines_of_numpy(tmp_path: Path, dtype: str) -> None:
    store, vectors = made(tmp_path / "out", dtype)
    expected = [
        Pair(first, second, cosine(vectors[first], vectors[second]))
        for first in range(len(vectors))
        for second in range(first + 1, len(vectors))
    ]
    assert [pair for pair in expected if pair.cosine >= 0.9] == list(store.pairs(0.9))
    # More than are taken at once.
    assert len(list(store.pairs(-1))) == 300 * 299 // 2
    rows = [3, 150, 7, 299, -1, 10**9]
    assert [pair for pair in expected if {pair.first, pair.second} <= set(rows)] == list(
        store.pairs(-1, rows=rows)
    )
    assert list(store.pairs(-1, rows=[])) == []
    assert list(store.pairs(2)) == []


def test_pairs_are_looked_for_as_they_are_asked_for(tmp_path: Path) -> None:
    store, _ = made(tmp_path / "out", "float32")
    pairs = store.pairs(-1)
    assert next(pairs)[:2] == (0, 1)
    for array in (tmp_path / "out/img_emb").iterdir():
        array.unlink()
    with pytest.raises(FileNotFoundError, match="img_emb"):
        list(pairs)
    assert list(pairs) == []


def test_a_search_for_pairs_says_what_it_needs(tmp_path: Path) -> None:
    store, _ = made(tmp_path / "out", "float32")
    with pytest.raises(ValueError, match="not a number"):
        store.pairs(float("nan"))
    with pytest.raises(ValueError, match="there is no head 1"):
        store.pairs(0.9, head=1)
    assert list(Store(write(tmp_path / "empty", ())).pairs(0.9)) == []


def test_answers_can_be_limited(tmp_path: Path) -> None:
    store, vectors = made(tmp_path / "out", "float32")
    query = vectors[5]
    expected = nearest(300, query, vectors)
    assert len(store.search(query, 10**9)) == 300
    assert len(store.search(query, 300, min_cosine=expected[20][1])) == 21
    chosen = store.search(query, rows=[-1, 3, 3, 200, 10**12])
    assert [answer.row for answer in chosen] == [row for row, _ in expected if row in (3, 200)]
    assert store.search(query, rows=[]) == []
    assert store.search_each([]) == []
    assert store.search(query.astype(np.float64), 1)[0].row == 5


def test_a_search_says_what_it_needs(tmp_path: Path) -> None:
    store, vectors = made(tmp_path / "out", "float32")
    with pytest.raises(ValueError, match="39 components and the store's rows have 40"):
        store.search(vectors[0][:39])
    with pytest.raises(ValueError, match="quantized"):
        store.search(vectors[0].astype(np.int8))
    with pytest.raises(ValueError, match="all zeros"):
        store.search(vectors[0] * 0)
    with pytest.raises(ValueError, match="k is 0"):
        store.search(vectors[0], 0)
    with pytest.raises(ValueError, match="there is no head 1"):
        store.search(vectors[0], head=1)
    with pytest.raises(ValueError, match="not a number"):
        store.search(vectors[0], min_cosine=float("nan"))
    with pytest.raises(ValueError, match="another model or other options"):
        store.search("photo.jpg", embedder=Embedder())


@pytest.mark.parametrize(
    "options",
    [{}, {"l2_normalize": True}, {"quantize": True, "l2_normalize": True}, {"rotation": 90}],
)
def test_images_are_embedded_as_the_store_was(tmp_path: Path, options: dict[str, Any]) -> None:
    images = [STORES / f"in/{number}.ppm" for number in range(4)]
    store = embedded(tmp_path / "out", images, **options)
    answers = store.search(images[1])
    assert len(answers) == 4
    assert answers[0] == Answer(1, pytest.approx(1, abs=1e-6), "in/1.png")
    embedder = Embedder(**{"l2_normalize": False, **options})
    assert store.search(images[1], embedder=embedder) == answers
    with pytest.raises(ValueError, match="another model or other options"):
        store.search(images[1], embedder=Embedder(rotation=180))


@pytest.mark.parametrize("accelerator", ["openvino", "gpu", "abacus"])
def test_images_are_embedded_with_the_accelerator_of_the_store(
    tmp_path: Path, accelerator: str
) -> None:
    made(tmp_path / "out", "float32")
    record = json.loads((tmp_path / "out/run.json").read_text())
    settings = record["settings"] | {"accelerator": accelerator}
    (tmp_path / "out/run.json").write_text(json.dumps(record | {"settings": settings}))
    store = Store(tmp_path / "out")
    assert _search.options_of(store.settings, store.path)["accelerator"] == accelerator
    embedder = Embedder()
    with pytest.raises(ValueError, match=f"with the settings .*'accelerator': '{accelerator}'"):
        store.search(STORES / "in/1.ppm", embedder=embedder)
    if accelerator == "abacus":
        with pytest.raises(ValueError, match="accelerator is 'abacus'; 'cpu' or 'openvino' or"):
            store.search(STORES / "in/1.ppm")


def test_images_are_embedded_in_the_precision_of_the_store(tmp_path: Path) -> None:
    made(tmp_path / "out", "float32")
    record = json.loads((tmp_path / "out/run.json").read_text())
    settings = record["settings"] | {"accelerator": "openvino", "precision": "bfloat16"}
    (tmp_path / "out/run.json").write_text(json.dumps(record | {"settings": settings}))
    store = Store(tmp_path / "out")
    options = _search.options_of(store.settings, store.path)
    assert (options["accelerator"], options["precision"]) == ("openvino", "bfloat16")
    with pytest.raises(ValueError, match=r"with the settings .*'precision': 'bfloat16'"):
        store.search(STORES / "in/1.ppm", embedder=Embedder())


@pytest.mark.skipif(not OPENVINO.exists(), reason="OpenVINO is not installed")
def test_a_store_of_openvino_is_searched_by_openvino(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMAGE_EMBEDDER_OPENVINO", str(OPENVINO))
    images = [STORES / f"in/{number}.ppm" for number in range(4)]
    store = embedded(tmp_path / "out", images, accelerator="openvino")
    assert store.settings["accelerator"] == "openvino"
    assert store.search(images[1])[0] == Answer(1, pytest.approx(1, abs=1e-6), "in/1.png")
    with pytest.raises(ValueError, match="another model or other options"):
        store.search(images[1], embedder=Embedder(l2_normalize=False))


@pytest.mark.parametrize("setting", [{"region": [0, 0, 2, 2]}, {"raw": "rgb:8x6:1"}])
def test_parts_of_images_are_no_queries(tmp_path: Path, setting: dict[str, Any]) -> None:
    made(tmp_path / "out", "float32")
    record = json.loads((tmp_path / "out/run.json").read_text())
    (tmp_path / "out/run.json").write_text(json.dumps(record | {"settings": setting}))
    with pytest.raises(ValueError, match="give the query's vector"):
        Store(tmp_path / "out").search(STORES / "in/1.ppm")


def test_a_store_that_changed_is_told(tmp_path: Path) -> None:
    store, vectors = made(tmp_path / "out", "float32")
    record = tmp_path / "out/run.json"
    record.write_text(record.read_text() + "\n")
    with pytest.raises(RuntimeError, match="open it anew"):
        store.search(vectors[0])
    assert Store(tmp_path / "out").search(vectors[0], 1)[0].row == 0


def test_a_store_is_searched_by_threads_and_copies(tmp_path: Path) -> None:
    store, vectors = made(tmp_path / "out", "float32")
    expected = store.search(vectors[9])
    found: list[Any] = []
    threads = [
        threading.Thread(target=lambda: found.append(store.search(vectors[9]))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4
    assert pickle.loads(pickle.dumps(store)).search(vectors[9]) == expected


def test_an_empty_store_has_no_answers(tmp_path: Path) -> None:
    store = Store(write(tmp_path / "out", ()))
    assert store.search(np.ones(4, np.float32)) == []
