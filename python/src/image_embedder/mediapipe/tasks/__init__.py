"""MediaPipe Tasks, as far as images are embedded."""

from . import python
from .python import BaseOptions, components, core, vision

__all__ = ["BaseOptions", "components", "core", "python", "vision"]
