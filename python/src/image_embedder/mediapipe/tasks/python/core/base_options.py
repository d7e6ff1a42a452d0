"""Where a task's model is."""

from __future__ import annotations

import dataclasses
import enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os

__all__ = ["BaseOptions"]


@dataclasses.dataclass
class BaseOptions:
    """Where the model is and what runs it.

    Attributes:
        model_asset_path: The path of the model, or the name of a built-in one.
        model_asset_buffer: The model's content; comes before the path when it is not empty.
        delegate: What runs the model: `Delegate.GPU` for LiteRT's WebGPU accelerator, else the CPU.
    """

    class Delegate(enum.IntEnum):
        """What runs a model."""

        DEFAULT = 0
        CPU = 1
        GPU = 2

    model_asset_path: str | os.PathLike[str] | None = None
    model_asset_buffer: bytes | None = None
    delegate: Delegate | None = None
