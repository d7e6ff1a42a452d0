"""Many images on all cores."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from ctypes import byref, c_void_p
from typing import TYPE_CHECKING, Any

from . import _abi
from ._errors import FailedError
from ._images import Source, source
from ._results import Failed, read

if TYPE_CHECKING:
    from ._images import Image
    from ._results import Result

# Short enough that Ctrl-C seems to act at once; Python sees a signal only between two calls.
_TURN_SECONDS = 0.05

# Images that wait beside two for each worker: enough to ride out a slow one ...
_SPARE_COUNT = 32

# ... as long as they do not hold more memory than this.
_SPARE_BYTE_COUNT = 64 << 20


class _Waiting:
    """An image whose result has not come: its name, and its memory or why it has none."""

    __slots__ = ("error", "path", "source")

    def __init__(self, path: str | os.PathLike[Any] | None) -> None:
        self.path = path
        self.source: Source | None = None
        self.error: Exception | None = None


class _Batch:
    """A batch of the library's, and the images that are in it."""

    def __init__(self, embedder: _abi.Handle, workers: int | None, largest_file: int) -> None:
        """Begins a batch."""
        options = _abi.sized(_abi.BatchOptions)
        options.worker_count = workers or 0
        options.borrows_memory = True
        self._handle = _abi.make("ie_batch_create", embedder.pointer, options)
        self._worker_count = workers or _processor_count()
        self._largest_file = largest_file
        self._waiting: deque[_Waiting] = deque()
        self._byte_count = 0
        self._result_count = 0

    def add(self, image: Image, region: Any) -> None:
        """Adds an image, or what is none, which will have a result too."""
        waiting = _Waiting(image if isinstance(image, (str, os.PathLike)) else None)
        # First of all, so that its memory stays whatever signal comes.
        self._waiting.append(waiting)
        try:
            waiting.source = source(image, outlives_call=True, largest_file=self._largest_file)
            _abi.check("ie_batch_add", self._handle.pointer, waiting.source.item(region))
            self._byte_count += waiting.source.byte_count
        except Exception as error:
            waiting.source = None
            waiting.error = error

    def results(self, *, until_empty: bool) -> Iterator[Result[Any, Any]]:
        """Takes the results that are there, and waits for more where that is needed.

        Args:
            until_empty: Whether to wait for all; else only while more images would take memory.

        Yields:
            The results, in order.
        """
        while self._waiting:
            must_wait = until_empty or self._is_full
            result = self._take(_TURN_SECONDS if must_wait else 0)
            if result is not None:
                yield result
            elif not must_wait:
                return

    @property
    def _is_full(self) -> bool:
        spare = len(self._waiting) - 2 * self._worker_count
        return spare >= 0 and (spare >= _SPARE_COUNT or self._byte_count > _SPARE_BYTE_COUNT)

    def _take(self, timeout: float) -> Result[Any, Any] | None:
        """Waits for the first image's result; None when it did not come in time."""
        if self._handle.is_destroyed:
            raise FailedError("the batch was ended; begin another one")
        if self._handle.is_foreign:
            raise FailedError(
                "the batch belongs to the process that began it; begin another one in this process"
            )
        first = self._waiting[0]
        result: Result[Any, Any]
        if first.source is None:
            error = first.error or FailedError("the image was not taken into the batch")
            result = Failed(self._result_count, first.path, error)
        else:
            pointer = c_void_p()
            status = _abi.library().ie_batch_next(
                self._handle.pointer, timeout, byref(pointer), None
            )
            if status == _abi.DEADLINE_EXCEEDED:
                return None
            if not pointer.value:
                raise FailedError("the batch ended before its last image")
            handle = _abi.Handle(pointer.value, "ie_result_destroy")
            result = read(handle, self._result_count, first.path, first.source.filename)
            self._byte_count -= first.source.byte_count
        self._waiting.popleft()
        self._result_count += 1
        return result

    def close(self) -> None:
        """Gives up what is not finished; the images' memory is then no longer read."""
        del self._handle


def _processor_count() -> int:
    """Returns the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def results(
    embedder: _abi.Handle,
    images: Iterator[Image],
    region: Any,
    workers: int | None,
    largest_file: int,
) -> Iterator[Result[Any, Any]]:
    """Embeds images on threads of the library's.

    Args:
        embedder: What they are embedded with.
        images: The images, taken only as far as results are.
        region: The library's region of each, or None.
        workers: The images in work at once; None for one for each core.
        largest_file: The most bytes that are read of an open file.

    Yields:
        What became of each, in order.

    Raises:
        Exception: What the images' iterator raised, after the results of those that it gave.
    """
    batch = _Batch(embedder, workers, largest_file)
    failure: Exception | None = None
    try:
        while True:
            try:
                image = next(images)
            except StopIteration:
                break
            except Exception as error:
                # The images before it are in work; the caller hears of them first.
                failure = error
                break
            batch.add(image, region)
            # What is ready goes out before more is asked of a source that may be slow.
            yield from batch.results(until_empty=False)
        yield from batch.results(until_empty=True)
        if failure is not None:
            raise failure
    finally:
        batch.close()
