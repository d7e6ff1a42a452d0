"""Exact search among the vectors of a store."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _abi, _results
from ._errors import FailedError, InvalidArgumentError

if TYPE_CHECKING:
    import numpy.typing as npt

# Settings of a fingerprint that are options of an embedder under another name, or under their own.
_OPTIONS = {
    "exif": "exif",
    "rotation": "rotation",
    "signature": "signature",
    "pool": "pool",
    "map_layout": "layout",
    "alpha": "alpha",
    "decode": "decode",
    "preset": "preset",
    "allow_truncated": "allow_truncated",
    "accelerator": "accelerator",
    "precision": "precision",
}


class Answer(NamedTuple):
    """A row of a store and how near it is to a query.

    Attributes:
        row: The row's number.
        cosine: The cosine of the angle between the row and the query.
        path: The image's path as it was given, as `os.fsdecode` gives it.
    """

    row: int
    cosine: float
    path: str


class Pair(NamedTuple):
    """Two rows of a store and how near they are to each other.

    Attributes:
        first: The first row's number.
        second: The number of a later row.
        cosine: The cosine of the angle between the two.
    """

    first: int
    second: int
    cosine: float


# How long a search goes on before Python looks for signals, and how many pairs it takes at once.
_TURN_SECONDS = 0.1
_PAIRS_A_CALL = 4096


class Index:
    """A head of a store that is open for searching; any threads may search at once."""

    def __init__(self, folder: str | os.PathLike[str], head: int) -> None:
        """Opens the index of a head, after making or extending its file if need be."""
        self._store = _abi.make("ie_store_open", os.fsencode(folder), filename=folder)
        self.count: int = _abi.library().ie_store_count(self._store.pointer)
        options = _abi.sized(_abi.IndexOptions)
        options.head = head
        self._index = _abi.make("ie_index_open", self._store.pointer, ctypes.byref(options))

    @property
    def is_foreign(self) -> bool:
        """Whether this is a forked copy of another process's index."""
        return self._index.is_foreign

    def search(
        self,
        vectors: Sequence[npt.ArrayLike],
        k: int,
        min_cosine: float | None,
        rows: Iterable[int] | None,
    ) -> list[list[Answer]]:
        """Finds the rows that are nearest to each of some vectors."""
        natives = [_results.native(vector) for vector in vectors]
        queries = (_abi.Vector * len(natives))(*(native for native, _ in natives))
        # More places than rows are never filled.
        k = min(k, max(1, self.count))
        options = self._options(min_cosine, rows)
        answers = (_abi.Answer * (len(natives) * k))()
        counts = (ctypes.c_size_t * len(natives))()
        _abi.check(
            "ie_index_search",
            self._index.pointer,
            queries,
            len(natives),
            k,
            ctypes.byref(options),
            answers,
            counts,
        )
        return [
            [self._answer(answers[number * k + place]) for place in range(count)]
            for number, count in enumerate(counts)
        ]

    def pairs(self, min_cosine: float, rows: Iterable[int] | None) -> Iterator[Pair]:
        """Finds the pairs of rows whose cosine is large enough, as they are asked for."""
        options = self._options(min_cosine, rows)
        handle = _abi.make("ie_index_pairs", self._index.pointer, ctypes.byref(options))
        return _found(handle)

    def _options(self, min_cosine: float | None, rows: Iterable[int] | None) -> Any:
        options = _abi.sized(_abi.SearchOptions)
        if min_cosine is not None:
            options.has_min_cosine, options.min_cosine = True, min_cosine
        if rows is not None:
            chosen = sorted({row for row in rows if 0 <= row < self.count})
            numbers = (ctypes.c_size_t * max(1, len(chosen)))(*chosen)
            options.rows, options.row_count = numbers, len(chosen)
        return options

    def _answer(self, answer: Any) -> Answer:
        path = ctypes.c_void_p()
        _abi.check("ie_store_row", self._store.pointer, answer.row, ctypes.byref(path), None, None)
        try:
            name = os.fsdecode(ctypes.string_at(path.value or 0))
        finally:
            _abi.library().ie_string_free(path)
        return Answer(answer.row, answer.cosine, name)


def _found(handle: _abi.Handle) -> Iterator[Pair]:
    """Takes pairs out of a search for them."""
    places = (_abi.Pair * _PAIRS_A_CALL)()
    count = ctypes.c_size_t()
    arguments = (places, _PAIRS_A_CALL, ctypes.byref(count))
    while True:
        if handle.is_foreign:
            raise FailedError(
                "the search for pairs belongs to the process that began it; begin another one in "
                "this process"
            )
        try:
            _abi.check("ie_pairs_next", handle.pointer, _TURN_SECONDS, *arguments)
        except FailedError as error:
            if error.code != "DEADLINE_EXCEEDED":
                raise
            continue
        if count.value == 0:
            return
        for place in range(count.value):
            pair = places[place]
            yield Pair(pair.first, pair.second, pair.cosine)


def options_of(settings: dict[str, Any], folder: Any) -> dict[str, Any]:
    """Returns the options of the embedder that a fingerprint's settings describe.

    Raises:
        InvalidArgumentError: The images were embedded in part, or as raw pixels.
    """
    for name in ("region", "raw"):
        if name in settings:
            raise InvalidArgumentError(
                f"the vectors of {folder} are of "
                f"{'a region of each image' if name == 'region' else 'raw pixels'}; "
                "give the query's vector, embedded in the same way"
            )
    options = {name: settings[key] for key, name in _OPTIONS.items() if key in settings}
    options["l2_normalize"] = settings.get("l2_normalize", False)
    options["quantize"] = settings.get("quantize", False)
    normalization = settings.get("normalization")
    if normalization is not None:
        options["mean"], options["std"] = normalization["mean"], normalization["std"]
    return options
