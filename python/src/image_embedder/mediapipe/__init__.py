"""The names of MediaPipe that its image embedder needs, for programs that use it.

    from image_embedder import mediapipe as mp

Put `image_embedder.` in front of `mediapipe` in the imports; docs/mediapipe.md lists every
difference.
"""

from . import tasks
from .tasks.python.vision.core.image import Image, ImageFormat

__all__ = ["Image", "ImageFormat", "tasks"]
