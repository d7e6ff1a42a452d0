"""MediaPipe Tasks for Python, as far as images are embedded."""

from . import components, core, vision
from .core.base_options import BaseOptions

__all__ = ["BaseOptions", "components", "core", "vision"]
