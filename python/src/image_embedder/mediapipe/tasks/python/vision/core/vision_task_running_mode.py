"""How images come."""

from __future__ import annotations

import enum

__all__ = ["VisionTaskRunningMode"]


class VisionTaskRunningMode(enum.Enum):
    """How images come.

    Attributes:
        IMAGE: One by one, to `embed`.
        VIDEO: As the frames of a video with their timestamps, to `embed_for_video`.
        LIVE_STREAM: As a camera takes them, to `embed_async`, which does not wait.
    """

    IMAGE = "IMAGE"
    VIDEO = "VIDEO"
    LIVE_STREAM = "LIVE_STREAM"
