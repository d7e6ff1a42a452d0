"""The names of the TensorFlow Lite Task Library's Python package, for programs that use it.

Change `tflite_support` to `image_embedder` in the imports; docs/python.md lists every difference.
"""

from . import core, processor, vision

__all__ = ["core", "processor", "vision"]
