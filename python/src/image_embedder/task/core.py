"""What all tasks of the Task Library share."""

from __future__ import annotations

import dataclasses

__all__ = ["BaseOptions"]


@dataclasses.dataclass
class BaseOptions:
    """Where the model is and how it runs.

    Attributes:
        file_name: The path of the model, or the name of a built-in one.
        file_content: The model's content; comes before `file_name` when it is not empty.
        num_threads: The threads of one inference; -1 leaves that to the runtime.
        use_coral: Whether to use a Coral Edge TPU, which is not supported here.
    """

    file_name: str | None = None
    file_content: bytes | None = None
    num_threads: int | None = -1
    use_coral: bool | None = None
