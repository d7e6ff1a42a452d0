"""Folders of embeddings, as the command line writes them, to be read; rows can be removed."""

from __future__ import annotations

import base64
import ctypes
import json
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from . import _abi, _arguments, _duplicates, _search
from ._errors import FailedError, InvalidArgumentError, MissingFileError

if TYPE_CHECKING:
    import numpy.typing as npt

    from ._embedder import Embedder
    from ._images import Image
    from ._results import FeatureVector

_VERSION = 2
_TYPES = {"float32": "<f4", "float16": "<f2", "int8": "|i1"}


class Row(NamedTuple):
    """What a store says of one row beside its vectors.

    Attributes:
        path: The image's path as it was given, as `os.fsdecode` gives it.
        width: The width of the upright picture, in pixels.
        height: Its height.
        warnings: What was odd about the image, one sentence each.
    """

    path: str
    width: int
    height: int
    warnings: tuple[str, ...]


class _Part(NamedTuple):
    number: str
    row_count: int
    folder: str
    arrays: tuple[Path, ...]
    metadata: Path


class Store(_arguments.Begun):
    """A folder that `image-embedder embed --output FOLDER` wrote.

    Rows are numbered from 0 in the order of the parts; what counted when the
    store was opened is seen.

        >>> store = Store("embeddings/")
        >>> store.rows[0].path, store[0]
        >>> store[store.find("photos/cat.jpg")[0]]

    Attributes:
        path: The folder.
        fingerprint: What made the vectors, in 64 hexadecimal digits.
        settings: What the fingerprint stands for.
        heads: The number of components of each head.
    """

    _begun_with = (
        "path",
        "fingerprint",
        "settings",
        "heads",
        "_parts",
        "_starts",
        "_rows",
        "_index",
    )

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Opens a folder; its records and the sizes of its files are looked at.

        Args:
            path: The folder.

        Raises:
            FileNotFoundError: The folder, or its record, is not there.
            ValueError: The records cannot be read or do not go together, or a file does not fit its
                record.
        """
        self.path = Path(path)
        self._open()

    def _open(self) -> None:
        """Reads the records; rows and paths are read when they are asked for."""
        contents = self._record_contents()
        records = [_read_record(path, content) for path, content in contents.items()]
        if not records:
            raise MissingFileError(
                f"{self.path} has no run.json; a folder that image-embedder wrote is needed"
            )
        fingerprints = {record["fingerprint"] for record in records}
        if len(fingerprints) != 1:
            raise InvalidArgumentError(
                f"{self.path} has {len(fingerprints)} fingerprints; embeddings of one model and "
                "one set of options are needed"
            )
        self.fingerprint: str = fingerprints.pop()
        self.settings: dict[str, Any] = records[0]["settings"]
        found = [part for record in records for part in self._parts_of(record)]
        self._parts = sorted(found, key=lambda part: int(part.number))
        self._starts = [0]
        for part in self._parts:
            self._starts.append(self._starts[-1] + part.row_count)
        self.heads: tuple[int, ...] = tuple(
            array.shape[1] for array in (self._array(0, head) for head in range(self._head_count))
        )
        self._contents = contents
        self._model: str | None = records[0].get("model")
        self._indexes: dict[int, _search.Index] = {}
        self._own_embedder: Embedder[Any] | None = None
        self._rows: list[Row] | None = None
        self._index: dict[str, list[int]] | None = None

    def _record_contents(self) -> dict[Path, bytes]:
        return {
            path: path.read_bytes()
            for path in sorted(self.path.glob("run*.json"))
            if re.fullmatch(r"run(\.\d+-of-\d+)?\.json", path.name)
        }

    @property
    def _head_count(self) -> int:
        return len(self._parts[0].arrays) if self._parts else 0

    def _parts_of(self, record: dict[str, Any]) -> Iterator[_Part]:
        heads = [self.path / "img_emb"]
        while (head := self.path / f"img_emb_head{len(heads)}").is_dir():
            heads.append(head)
        if "store_version" in record:
            heads = heads[: len(record["heads"])]
            for part in record["parts"]:
                number = f"{part['number']:06}"
                yield self._checked(number, part["rows"], _path(part, "folder"), heads, part)
            return
        # 0.1.0 named no parts: what has metadata is finished.
        shard = record.get("shard")
        for name in (self.path / "metadata").glob("metadata_*.jsonl"):
            digits = re.fullmatch(r"metadata_(\d+)", name.stem)
            if digits is None:
                continue
            if shard and int(digits[1]) % shard["count"] != shard["number"] - 1:
                continue
            rows = name.read_bytes().count(b"\n")
            yield self._checked(digits[1], rows, os.getcwd(), heads, None)

    def _checked(
        self, number: str, count: int, folder: str, heads: list[Path], part: dict[str, Any] | None
    ) -> _Part:
        arrays = tuple(head / f"img_emb_{number}.npy" for head in heads)
        metadata = self.path / "metadata" / f"metadata_{number}.jsonl"
        if part is not None:
            for path, seal in zip((*arrays, metadata), (*part["arrays"], part["metadata"])):
                size = path.stat().st_size if path.is_file() else None
                if size != seal["bytes"]:
                    raise InvalidArgumentError(
                        f"{path} has {size} bytes and its record says {seal['bytes']}; "
                        "image-embedder embed --resume makes the part again"
                    )
        return _Part(number, count, folder, arrays, metadata)

    def _array(self, part: int, head: int) -> npt.NDArray[Any]:
        import numpy as np

        array: npt.NDArray[Any] = np.load(
            self._parts[part].arrays[head], mmap_mode="r", allow_pickle=False
        )
        if array.ndim != 2 or array.dtype.str not in _TYPES.values():
            raise InvalidArgumentError(
                f"{self._parts[part].arrays[head]} holds {array.dtype} of shape "
                f"{array.shape}; rows of float32, float16 or int8 are needed"
            )
        if len(array) != self._parts[part].row_count:
            raise InvalidArgumentError(
                f"part {int(self._parts[part].number)} of {self.path} has "
                f"{self._parts[part].row_count} lines of metadata and an array of shape "
                f"{array.shape}; a row for each line is needed"
            )
        return array

    @property
    def parts(self) -> list[npt.NDArray[Any]]:
        """The first head's arrays, one a part, mapped from their files and not to be written to.

        A file that somebody cuts while its array is used ends the process, as with every mapped
        file; `store[…]` copies instead.
        """
        return self.parts_of(0)

    def parts_of(self, head: int) -> list[npt.NDArray[Any]]:
        """The arrays of a head, as `parts` has those of the first.

        Args:
            head: The head, from 0.

        Raises:
            ValueError: There is no such head.
        """
        self._check_head(head)
        return [self._array(part, head) for part in range(len(self._parts))]

    def vectors(self, head: int = 0) -> npt.NDArray[Any]:
        """All vectors of a head, copied into one array `[rows, components]`."""
        import numpy as np

        self._check_head(head)
        parts = [np.array(array) for array in self.parts_of(head)]
        return np.concatenate(parts) if parts else np.zeros((0, 0), np.float32)

    def _check_head(self, head: int) -> None:
        if self._parts and not 0 <= head < self._head_count:
            raise InvalidArgumentError(
                f"there is no head {head}; the store has {self._head_count}, counted from 0"
            )

    def __len__(self) -> int:
        """The number of rows."""
        return self._starts[-1]

    @overload
    def __getitem__(self, row: int) -> npt.NDArray[Any]: ...
    @overload
    def __getitem__(self, row: slice) -> npt.NDArray[Any]: ...

    def __getitem__(self, row: int | slice) -> npt.NDArray[Any]:
        """The first head's vector of a row, or those of some rows, copied."""
        import numpy as np

        if isinstance(row, slice):
            numbers = range(len(self))[row]
            if not numbers:
                return self.vectors()[:0] if self._parts else self.vectors()
            return np.stack([self[number] for number in numbers])
        number = row + len(self) if row < 0 else row
        if not 0 <= number < len(self):
            raise IndexError(f"there is no row {row}; the store has {len(self)} rows")
        part = next(index for index in range(len(self._parts)) if self._starts[index + 1] > number)
        return self._read(part, number - self._starts[part])

    def _read(self, part: int, row: int) -> npt.NDArray[Any]:
        """Reads one row without mapping its file."""
        import numpy as np

        path = self._parts[part].arrays[0]
        with path.open("rb") as file:
            np.lib.format.read_magic(file)
            shape, _, dtype = np.lib.format.read_array_header_1_0(file)
            size = shape[1] * dtype.itemsize
            file.seek(row * size, os.SEEK_CUR)
            data = file.read(size)
        if len(data) != size:
            raise FailedError(f"{path} ends before row {row}; it was cut while it was read")
        return np.frombuffer(data, dtype).copy()

    def __array__(
        self, dtype: npt.DTypeLike | None = None, copy: bool | None = None
    ) -> npt.NDArray[Any]:
        """The first head's vectors, for `numpy.asarray`: always a copy."""
        if copy is False:
            raise ValueError(
                "a store's vectors lie in several files and cannot be had without a copy"
            )
        vectors = self.vectors()
        return vectors if dtype is None else vectors.astype(dtype)

    @property
    def rows(self) -> list[Row]:
        """What is stored of each row beside its vectors; read at the first use."""
        if self._rows is None:
            self._rows = [_row(line) for part in self._parts for line in _lines(part)]
        return self._rows

    def find(self, path: str | os.PathLike[str]) -> list[int]:
        """The rows of an image, however its path is spelled; empty where it is not stored.

        Args:
            path: The image's path; a relative one belongs to the working directory.
        """
        if self._index is None:
            self._index = {}
            for index, part in enumerate(self._parts):
                for offset, line in enumerate(_lines(part)):
                    known = os.path.abspath(os.path.join(part.folder, _row(line).path))
                    self._index.setdefault(known, []).append(self._starts[index] + offset)
        return list(self._index.get(os.path.abspath(os.fspath(path)), []))

    def search(
        self,
        query: Image | FeatureVector,
        k: int = 10,
        *,
        embedder: Embedder[Any] | None = None,
        head: int = 0,
        min_cosine: float | None = None,
        rows: Iterable[int] | None = None,
    ) -> list[_search.Answer]:
        """Finds the rows that are nearest to an image or a vector.

        Answers are exact: the cosines of the stored vectors, to the last bit. The first search
        writes a file into the folder, `derived/search.int8`, which takes as long as reading all
        vectors, and later ones extend it for new parts. It may be used from many threads at once.

            >>> for row, cosine, path in Store("embeddings/").search("query.jpg"):
            ...     print(f"{cosine:.3f} {path}")

        Args:
            query: float32 or int8 of shape (dimension,), or an image to embed.
            k: The most answers.
            embedder: What embeds an image; by default what the store's record describes. One whose
                vectors must not be compared with the store's is refused.
            head: The head whose vectors are compared, from 0.
            min_cosine: The least cosine of an answer.
            rows: The rows that may be answers; all by default.

        Returns:
            The rows with the largest cosines, best first, equal ones in the order of the rows.
            Rows that are all zeros or hold NaN are never among them.

        Raises:
            FileNotFoundError: There is no such image.
            ValueError: The query, or another argument, cannot be used with this store.
            RuntimeError: The store was damaged, or changed, since it was opened.
        """
        return self.search_each(
            [query], k, embedder=embedder, head=head, min_cosine=min_cosine, rows=rows
        )[0]

    def search_each(
        self,
        queries: Iterable[Image | FeatureVector],
        k: int = 10,
        *,
        embedder: Embedder[Any] | None = None,
        head: int = 0,
        min_cosine: float | None = None,
        rows: Iterable[int] | None = None,
    ) -> list[list[_search.Answer]]:
        """Finds the rows that are nearest to each of images or vectors, faster than one by one.

        Args:
            queries: float32 or int8 of shape (queries, dimension), or a list of images and vectors.
            k: The most answers of a query.
            embedder: As for `search`.
            head: As for `search`.
            min_cosine: As for `search`.
            rows: As for `search`.

        Returns:
            The answers of each query, as `search` gives them.
        """
        k = _arguments.whole_number(k, 64, "k")
        if k < 1:
            raise InvalidArgumentError(f"k is {k}; 1 or more is needed")
        self._check_head(head)
        vectors = [self._vector(query, head, embedder) for query in queries]
        if not self._parts:
            return [[] for _ in vectors]
        return self._searched(head).search(vectors, k, min_cosine, rows)

    def pairs(
        self, min_cosine: float, *, head: int = 0, rows: Iterable[int] | None = None
    ) -> Iterator[_search.Pair]:
        """Finds every pair of rows that are near each other.

        Pairs come in the order of the first row and then of the second, exact as those of `search`,
        and are looked for as they are asked for: memory does not grow with their number. All rows
        are compared with all others, so that twice as many take four times as long.

            >>> for first, second, cosine in Store("embeddings/").pairs(0.95):
            ...     print(f"{cosine:.3f} {first} {second}")

        Args:
            min_cosine: The least cosine of a pair.
            head: The head whose vectors are compared, from 0.
            rows: The rows of which both of a pair are; all by default.

        Returns:
            An iterator over pairs, for one thread at a time. Rows that are all zeros or hold NaN
            are in none of them.

        Raises:
            ValueError: There is no such head, or the cosine is not a number.
            RuntimeError: The store was damaged, or changed, since it was opened.
        """
        self._check_head(head)
        if not self._parts:
            return iter(())
        return self._searched(head).pairs(min_cosine, rows)

    def duplicates(
        self,
        *,
        tiers: Iterable[_duplicates.Tier] | None = None,
        prefer: _duplicates.Path | Iterable[_duplicates.Path] = (),
        not_duplicates: _duplicates.Path | Iterable[_duplicates.Path] = (),
        head: int = 0,
        similar_cosine: float = 0.9,
        threads: int | None = None,
        progress: _duplicates.Progress | None = None,
    ) -> _duplicates.Duplicates:
        """Finds pictures that are there more than once, and those that are much alike.

        It gives what `image-embedder duplicates` does. The vectors say what may be a copy, and the
        pictures prove it, which is why their files are read: once, since a small picture of each is
        kept in the folder, in `derived/thumbnails.luma`, and what they prove in
        `derived/duplicates.proofs`. Nothing is ever removed or changed. Ctrl-C works meanwhile, and
        other threads run.

            >>> for group in Store("embeddings/").duplicates(tiers=["bytes", "pixels"]).groups:
            ...     print(group.keep.path, [picture.path for picture in group.members])

        Args:
            tiers: What is looked for: "bytes" (the files are the same), "pixels" (the upright
                pixels are), "copies" (one was made from the other, which the pixels prove; comes
                with "unsure"), "similar" (the vectors are near each other; no duplicates). All by
                default.
            prefer: Folders whose pictures are best kept, the most preferred first.
            not_duplicates: Files of JSON Lines that name pairs which somebody has looked at and
                which are left out: objects with "a" and "b", or with "members".
            head: The head whose vectors are compared, from 0.
            similar_cosine: The cosine from which pictures without proof are similar, up to 1.
            threads: The threads at work; one for each core by default.
            progress: Called now and then with the stage, what is done of it, and how much there is.

        Returns:
            What was found, the same on every run. Pictures that are gone, have changed since they
            were embedded or cannot be decoded are among `failed`.

        Raises:
            FileNotFoundError: A file of `not_duplicates`, or the folder, is not there.
            ValueError: An argument cannot be.
            RuntimeError: The store was damaged, or changed, since it was opened.
        """
        head = _arguments.whole_number(head, 64, "head")
        if head < 0:
            raise InvalidArgumentError(f"head is {head}; a number from 0 is needed")
        self._check_head(head)
        store = _abi.make("ie_store_open", os.fsencode(self.path), filename=self.path)
        # Rows are those of what was opened.
        self._check_unchanged()
        return _duplicates.find_in_store(
            store,
            head,
            tiers=tiers,
            prefer=prefer,
            not_duplicates=not_duplicates,
            similar_cosine=similar_cosine,
            threads=threads,
            progress=progress,
        )

    def _check_unchanged(self) -> None:
        if self._record_contents() != self._contents:
            raise FailedError(f"{self.path} has changed since it was opened; open it anew")

    def _vector(
        self, query: Image | FeatureVector, head: int, embedder: Embedder[Any] | None
    ) -> Any:
        if getattr(query, "ndim", None) == 1:
            return query
        embedder = embedder or self._described_embedder()
        if embedder.fingerprint != self.fingerprint:
            raise InvalidArgumentError(
                f"the embedder's vectors are not those of {self.path}: another model or other "
                f"options made them; an embedder with the settings {self.settings} is needed"
            )
        return embedder.embed(query, head=head)

    def _described_embedder(self) -> Embedder[Any]:
        """The embedder that the store's record describes."""
        from ._embedder import Embedder

        if self._own_embedder is None:
            options = _search.options_of(self.settings, self.path)
            self._own_embedder = Embedder(self._model, **options)
        return self._own_embedder

    def _searched(self, head: int) -> _search.Index:
        index = self._indexes.get(head)
        if index is None or index.is_foreign:
            index = _search.Index(self.path, head)
            # Answers are rows of what was opened.
            self._check_unchanged()
            self._indexes[head] = index
        return index

    def __getstate__(self) -> dict[str, Any]:
        """Leaves out what belongs to this process."""
        return self.__dict__ | {"_indexes": {}, "_own_embedder": None}

    def remove(self, paths: Iterable[str | os.PathLike[str]]) -> int:
        """Removes the rows of images, which no run may be writing meanwhile, and opens the rest.

        Parts that lose rows are written anew one at a time: whatever ends the process, or the
        machine, every other row is there exactly once. Image files are left alone; a run whose
        inputs they still are embeds them again. Rows get other numbers, and arrays of `parts` that
        were taken before are those of the former files.

        Args:
            paths: The images' paths, however they are spelled; relative ones belong to the working
                directory. Those that have no row do not matter.

        Returns:
            The number of rows that were removed.

        Raises:
            FileNotFoundError: The folder is no longer there.
            RuntimeError: The folder is of 0.1.0, is damaged, is being written or cannot be written.
        """
        if isinstance(paths, (str, bytes, os.PathLike)):
            raise InvalidArgumentError(
                f"paths is one path, {paths!r}; a list of paths is needed, such as [path]"
            )
        images = [os.fsencode(path) for path in paths]
        removed = ctypes.c_size_t()
        _abi.check(
            "ie_store_remove_rows",
            os.fsencode(self.path),
            (ctypes.c_char_p * len(images))(*images),
            len(images),
            ctypes.byref(removed),
            filename=self.path,
        )
        self._open()
        return removed.value

    def __repr__(self) -> str:
        return f"Store({str(self.path)!r}: {len(self)} rows in {len(self._parts)} parts)"


def _read_record(path: Path, content: bytes) -> dict[str, Any]:
    try:
        record = json.loads(content.decode("utf-8"))
        version = record.get("store_version", 1)
        record["fingerprint"], record["settings"]
    except (ValueError, KeyError, AttributeError) as error:
        raise InvalidArgumentError(f"{path} is no record that can be read") from error
    if not isinstance(version, int) or version > _VERSION:
        raise InvalidArgumentError(
            f"{path} is of version {version} of the store, and versions up to {_VERSION} are "
            "known; a newer image-embedder is needed"
        )
    if "store_version" in record and not isinstance(record.get("parts"), list):
        raise InvalidArgumentError(f"{path} is no record that can be read")
    return dict(record)


def _lines(part: _Part) -> list[bytes]:
    lines = part.metadata.read_bytes().split(b"\n")[:-1]
    if len(lines) != part.row_count:
        raise InvalidArgumentError(
            f"{part.metadata} has {len(lines)} lines and its record says {part.row_count}"
        )
    return lines


def _path(values: dict[str, Any], name: str) -> str:
    encoded = values.get(f"{name}_bytes")
    return os.fsdecode(base64.b64decode(encoded)) if encoded else str(values[name])


def _row(line: bytes) -> Row:
    values = json.loads(line)
    return Row(
        _path(values, "path"), values["width"], values["height"], tuple(values.get("warnings", ()))
    )
