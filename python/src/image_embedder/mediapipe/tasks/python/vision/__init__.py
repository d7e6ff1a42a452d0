"""The tasks that look at images, of which there is one here."""

from . import core, image_embedder
from .core.image_processing_options import ImageProcessingOptions
from .core.vision_task_running_mode import VisionTaskRunningMode as RunningMode
from .image_embedder import ImageEmbedder, ImageEmbedderOptions, ImageEmbedderResult

__all__ = [
    "ImageEmbedder",
    "ImageEmbedderOptions",
    "ImageEmbedderResult",
    "ImageProcessingOptions",
    "RunningMode",
    "core",
    "image_embedder",
]
