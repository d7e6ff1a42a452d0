"""Frames of a camera, one at a time."""

from __future__ import annotations

import logging
import os
import queue
import threading
from typing import Callable, Generic, TypeVar

FrameT = TypeVar("FrameT")

_log = logging.getLogger(__name__)


class LiveStream(Generic[FrameT]):
    """Works on frames on a thread of its own; of those that wait, only the newest is kept.

    The thread begins with the first frame. It refers to nothing but this and the work.

    Attributes:
        dropped_count: The frames that were given up for newer ones.
        process: The process whose thread it is.
    """

    def __init__(self, work: Callable[[FrameT], None]) -> None:
        """Holds what is done with a frame; what it raises is logged."""
        self.dropped_count = 0
        self.process = os.getpid()
        self._work = work
        self._lock = threading.Lock()
        self._waiting: list[FrameT] = []
        # A turn for each frame, and None at the end. Finalizers may put into such a queue.
        self._turns: queue.SimpleQueue[bool | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def put(self, frame: FrameT) -> None:
        """Takes a frame, in place of one that waits."""
        with self._lock:
            if self._waiting:
                self._waiting[0] = frame
                self.dropped_count += 1
                return
            self._waiting.append(frame)
            self._turns.put(True)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="image_embedder live stream", daemon=True
                )
                self._thread.start()

    @property
    def is_current(self) -> bool:
        """Whether this is asked by the stream's own thread, as a callback does."""
        return self._thread is threading.current_thread()

    def finish(self, *, wait: bool) -> None:
        """Ends the thread after the frames that it has.

        Args:
            wait: Whether to return only then. A callback, which is called by that very thread,
                never waits.
        """
        self._turns.put(None)
        if wait and self._thread is not None and not self.is_current:
            self._thread.join()

    def _run(self) -> None:
        while self._turns.get():
            with self._lock:
                frame = self._waiting.pop()
            try:
                self._work(frame)
            except BaseException:
                # There is nobody to raise it to, and the next frame may be better.
                _log.exception("a frame of a live stream was lost")
            del frame
