"""Folders of embeddings, as the command line writes them, as one Parquet file or FAISS index.

    python -m image_embedder.export embeddings/ embeddings.parquet
    python -m image_embedder.export embeddings/ embeddings.faiss --index IVF4096,SQ8

Needs pyarrow: pip install image-embedder[parquet]; or FAISS: pip install image-embedder[faiss]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import _arguments
from ._errors import InvalidArgumentError
from ._store import Store

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

__all__ = ["to_faiss", "to_parquet"]

# The rows that an index is trained with, at most.
_TRAINING_ROWS = 200_000


def to_parquet(folder: str | os.PathLike[str], path: str | os.PathLike[str]) -> int:
    """Writes a folder of embeddings as a Parquet file, part by part.

    The columns are `path`, `width`, `height`, `details`, which is JSON with whatever else the
    metadata says of an image, and for each of the model's outputs `embedding`, `embedding_1` …:
    lists of a fixed number of float32, float16 or int8. The schema's metadata holds
    `image_embedder.fingerprint` and what it stands for, `image_embedder.settings`.

    Args:
        folder: What `image-embedder embed --output FOLDER` wrote.
        path: The Parquet file; it appears whole or not at all.

    Returns:
        The number of rows.

    Raises:
        ValueError: The folder holds no finished embeddings, or its parts do not go together.
        OSError: A file cannot be read or written.
        ImportError: pyarrow is not installed.
    """
    try:
        import pyarrow.parquet as pq
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "pyarrow":
            raise
        raise ImportError(
            "pyarrow, which writes Parquet files, is not installed; "
            "pip install 'image-embedder[parquet]' brings it",
            name="pyarrow",
        ) from None

    source = Path(os.fsdecode(_arguments.path_bytes(folder, "folder")))
    _arguments.path_bytes(path, "path")
    description = _description(source)
    target = Path(os.fsdecode(path))
    partial = target.with_name(f"{target.name}.partial")
    writer = None
    count = 0
    try:
        for table in _tables(source, description):
            if writer is None:
                writer = pq.ParquetWriter(partial, table.schema)
            if table.schema != writer.schema:
                raise InvalidArgumentError(
                    f"the parts of {source} differ in their columns; parts of one run are needed"
                )
            writer.write_table(table)
            count += table.num_rows
        if writer is None:
            raise InvalidArgumentError(f"{source} holds no finished embeddings")
        writer.close()
        partial.replace(target)
    finally:
        if writer is not None:
            writer.close()
        partial.unlink(missing_ok=True)
    return count


def to_faiss(
    folder: str | os.PathLike[str],
    path: str | os.PathLike[str],
    *,
    index: str = "Flat",
    head: int = 0,
) -> int:
    """Writes a folder of embeddings as a FAISS index of inner products, which are the cosines.

    Vectors are scaled to length 1; queries must be too. The ids are the numbers of the store's
    rows: `Store.rows` has their paths. Rows that are all zeros or hold NaN are stored as zeros.

    Args:
        folder: What `image-embedder embed --output FOLDER` wrote.
        path: The index's file; it appears whole or not at all.
        index: The kind of index, as `faiss.index_factory` takes it: "Flat" is exact, "SQ8" exact
            for vectors of a quarter of the size, "IVF4096,SQ8" looks at a part of the rows.
        head: The head whose vectors are written, from 0.

    Returns:
        The number of rows.

    Raises:
        ValueError: The folder holds no finished embeddings, or there is no such head or index.
        OSError: A file cannot be read or written.
        ImportError: FAISS is not installed.
    """
    try:
        import faiss
    except ModuleNotFoundError as error:
        if error.name != "faiss":
            raise
        raise ImportError(
            "FAISS is not installed; pip install 'image-embedder[faiss]' brings it", name="faiss"
        ) from None

    store = Store(os.fsdecode(_arguments.path_bytes(folder, "folder")))
    target = Path(os.fsdecode(_arguments.path_bytes(path, "path")))
    parts = store.parts_of(head)
    if not parts:
        raise InvalidArgumentError(f"{store.path} holds no finished embeddings")
    try:
        made = faiss.index_factory(store.heads[head], index, faiss.METRIC_INNER_PRODUCT)
    except RuntimeError as error:
        raise InvalidArgumentError(f"index is {index!r}, which FAISS does not know") from error
    if not made.is_trained:
        import numpy as np

        step = max(1, len(store) // _TRAINING_ROWS)
        made.train(np.concatenate([_unit_rows(part[::step]) for part in parts]))
    for part in parts:
        made.add(_unit_rows(part))
    partial = target.with_name(f"{target.name}.partial")
    try:
        faiss.write_index(made, os.fspath(partial))
        partial.replace(target)
    except RuntimeError as error:
        raise OSError(f"{target} cannot be written: {error}") from error
    finally:
        partial.unlink(missing_ok=True)
    return int(made.ntotal)


def _unit_rows(rows: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Scales rows to length 1; those without a direction become zeros."""
    import numpy as np

    floats = rows.astype(np.float32)
    with np.errstate(all="ignore"):
        units = floats / np.linalg.norm(floats.astype(np.float64), axis=1, keepdims=True)
    units[~np.isfinite(units).all(axis=1)] = 0
    result: npt.NDArray[np.float32] = units.astype(np.float32)
    return result


def _description(folder: Path) -> dict[bytes, bytes]:
    """Reads what made the vectors, which must be the same for all shards.

    Raises:
        InvalidArgumentError: There is no record, or the records name different things.
    """
    records = [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("run*.json"))]
    fingerprints = {record["fingerprint"] for record in records}
    if len(fingerprints) != 1:
        found = "no run.json" if not fingerprints else f"{len(fingerprints)} fingerprints"
        raise InvalidArgumentError(
            f"{folder} has {found}; embeddings of one model and one set of options are needed"
        )
    return {
        b"image_embedder.fingerprint": fingerprints.pop().encode(),
        b"image_embedder.settings": json.dumps(records[0]["settings"]).encode(),
    }


def _tables(folder: Path, description: dict[bytes, bytes]) -> Iterator[pa.Table]:
    """Reads the finished parts in order, each as a table.

    Raises:
        InvalidArgumentError: A part has vectors without metadata or the other way round.
    """
    import numpy as np
    import pyarrow as pa

    store = Store(folder)
    for part in store._parts:
        lines = part.metadata.read_text("utf-8").split("\n")[:-1]
        table = _metadata_table([json.loads(line) for line in lines])
        for index, path in enumerate(part.arrays):
            rows: Any = np.load(path, allow_pickle=False)
            if rows.ndim != 2 or len(rows) != len(lines):
                raise InvalidArgumentError(
                    f"part {int(part.number)} of {folder} has {len(lines)} lines of metadata and "
                    f"an array of shape {rows.shape}; a row for each line is needed"
                )
            column = pa.FixedSizeListArray.from_arrays(pa.array(rows.reshape(-1)), rows.shape[1])
            table = table.append_column("embedding" if index == 0 else f"embedding_{index}", column)
        yield table.replace_schema_metadata(description)


def _metadata_table(rows: list[dict[str, Any]]) -> pa.Table:
    """Makes columns of the metadata, which must be the same ones for every part."""
    import pyarrow as pa

    known = {"path": pa.string(), "width": pa.int32(), "height": pa.int32()}
    columns = {
        name: pa.array([row.get(name) for row in rows], kind) for name, kind in known.items()
    }
    rest = [{key: row[key] for key in row if key not in known} for row in rows]
    columns["details"] = pa.array([json.dumps(row) if row else None for row in rest], pa.string())
    return pa.table(columns)


def _main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m image_embedder.export",
        description="Writes a folder of embeddings as a Parquet file or a FAISS index.",
    )
    parser.add_argument("folder", help="what `image-embedder embed --output FOLDER` wrote")
    parser.add_argument("path", help="the Parquet file, or FILE.faiss for a FAISS index")
    parser.add_argument(
        "--index", default="Flat", help="the kind of FAISS index, such as IVF4096,SQ8"
    )
    parser.add_argument("--head", type=int, default=0, help="the head of a FAISS index, from 0")
    arguments = parser.parse_args()
    try:
        if arguments.path.endswith(".faiss"):
            count = to_faiss(
                arguments.folder, arguments.path, index=arguments.index, head=arguments.head
            )
        else:
            count = to_parquet(arguments.folder, arguments.path)
    except (ImportError, OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{count} rows")
    return 0


if __name__ == "__main__":
    sys.exit(_main())
