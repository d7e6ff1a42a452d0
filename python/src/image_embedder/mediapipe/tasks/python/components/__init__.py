"""What tasks take and give."""

from . import containers, utils

__all__ = ["containers", "utils"]
